"""Writes the pages into a folder, `docs/reference` unless another is named."""

import sys
from pathlib import Path

from notifier.reference.pages import build


def main(arguments: list[str]) -> None:
    """Write every page anew; a page that the code no longer has is removed."""
    folder = Path(arguments[0] if arguments else "docs/reference")
    folder.mkdir(parents=True, exist_ok=True)
    pages = build()
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
