"""The few shapes of Markdown that the pages are made of."""

from collections.abc import Iterable, Sequence

BAR = "\\|"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped."""
    return "\n".join(_row(line) for line in [head, ["---"] * len(head), *rows])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"


def code(text: str) -> str:
    """The text as code; nothing for an empty one."""
    return f"`{text}`" if text else ""


def join(*blocks: str) -> str:
    """Blocks with a line between."""
    return "\n\n".join(block for block in blocks if block)
