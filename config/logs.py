"""Structured logs: one JSON object a line, on standard error."""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog

# They print addresses with phones in them, or jobs, at INFO and DEBUG.
_TALKATIVE = ("urllib3", "twilio", "gateways.twilio", "rq", "sqlalchemy", "alembic", "aiohttp")


class _Lines:
    """A full disk or a closed pipe costs lines, never the work that said them."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._out.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._out.flush()


def trace(problem: BaseException) -> list[str]:
    """Where it broke, innermost last, without its words and values: those may be personal."""
    places, at = [], problem.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{at.tb_lineno} {code.co_name}")
        at = at.tb_next
    return places


def set_up(level: str, *, stream: TextIO | None = None) -> None:
    """Log from `level` on. Called once, at the start of a process."""
    out = cast(TextIO, _Lines(stream or sys.stderr))
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(ensure_ascii=False),
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=threshold, force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
