"""The problems that the API answers with."""

from notifier.api.problems import FIELD_CODES, MEDIA_TYPE, PROBLEMS, RETRY_AFTER_S
from notifier.reference.markdown import code, join, table

_INTRODUCTION = f"""\
Every refusal is an RFC 9457 document, `{MEDIA_TYPE}`: `type`, `title`, `status`,
`code`, and where they help `detail` and `errors`, a list of `path`, `code` and `message`. Programs
go by `code`. No document repeats a phone, a name or a value. With a 503 nothing was kept: post the
same again after `Retry-After` ({RETRY_AFTER_S} seconds)."""


def page() -> str:
    """Codes of documents, then codes of fields."""
    documents = [
        [code(name), str(status.value), title] for name, (status, title) in PROBLEMS.items()
    ]
    in_fields = [[code(name), meaning] for name, meaning in FIELD_CODES.items()]
    return join(
        _INTRODUCTION,
        table(("code", "status", "meaning"), documents),
        "## In `errors`",
        table(("code", "meaning"), in_fields),
    )
