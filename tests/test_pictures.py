"""The pictures that the README shows are there, and light enough to load."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_SHOWN = re.findall(r"!\[.+?\]\((\S+?)\)", (_ROOT / "README.md").read_text(encoding="utf-8"))


def test_the_readme_shows_the_phones_and_the_main_pages() -> None:
    assert {f"docs/pictures/{one}.png" for one in ("phones", "editor", "attention")} <= set(_SHOWN)


@pytest.mark.parametrize("path", _SHOWN)
def test_a_picture_is_there_and_light(path: str) -> None:
    picture = (_ROOT / path).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000
