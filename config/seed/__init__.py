"""The shipped words: templates, situations, answers and the demo's offices, as data."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class SeedText:
    """Words in both languages; the toneless form is derived from `vi`.

    `about` is `case`, or `office` where no case code belongs into the words.
    """

    name: str
    vi: str
    en: str
    about: str = "case"


@dataclass(frozen=True, slots=True)
class SeedSituation:
    """An event type's cells: by channel the text's name, or none where silence is decided.

    `optional`: off until an office wants it; all on in the demo.
    """

    type: str
    label_vi: str
    label_en: str
    cells: dict[str, str | None]
    optional: bool


@dataclass(frozen=True, slots=True)
class SeedOffice:
    id: str
    parent: str | None
    name: str
    phone: str
    reply_number: str
    sender: str
    vietnamese_form: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class Seed:
    """Everything that ships."""

    texts: tuple[SeedText, ...]
    answers: tuple[SeedText, ...]
    situations: tuple[SeedSituation, ...]
    offices: tuple[SeedOffice, ...]

    def text(self, name: str) -> SeedText:
        return next(text for text in self.texts if text.name == name)

    def labels(self, language: str) -> dict[str, str]:
        """What `{trang_thai}` says, by event type."""
        return {
            one.type: one.label_vi if language == "vi" else one.label_en for one in self.situations
        }


def demo_template_id(words: str) -> str:
    """The id under which a demo's providers have registered these words."""
    return str(10**8 + int(hashlib.sha256(words.encode()).hexdigest()[:7], 16))


def load_seed() -> Seed:
    """Read the shipped files."""
    return Seed(
        texts=tuple(SeedText(**row) for row in _rows("templates")),
        answers=tuple(SeedText(**row) for row in _rows("answers")),
        situations=tuple(
            SeedSituation(
                type=row["type"],
                label_vi=row["label"]["vi"],
                label_en=row["label"]["en"],
                cells=row["cells"],
                optional=row.get("optional", False),
            )
            for row in _rows("situations")
        ),
        offices=tuple(
            SeedOffice(**{**row, "valid_from": date.fromisoformat(row["valid_from"])})
            for row in _rows("offices")
        ),
    )


def _rows(name: str) -> list[dict[str, Any]]:
    text = resources.files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows
