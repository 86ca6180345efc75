"""The pages' catalogue: both languages, every word that is asked for, and none that is not."""

import ast
import re
import string
from dataclasses import asdict
from importlib import resources
from pathlib import Path

import pytest

from config.seed import load_seed
from gateways.base import Report
from notifier.domain.alerts import AlertKind
from notifier.domain.budgets import Budget
from notifier.domain.events import ALERT, Channel, EventType, Language
from notifier.domain.offices import FIELD_OF
from notifier.domain.people import Role
from notifier.domain.placeholders import PLACEHOLDERS, Kind
from notifier.domain.states import Outcome, Reason, State
from notifier.domain.versions import Status, Step
from notifier.web import admin
from notifier.web.admin import telling
from notifier.web.admin.words import WORDS

FOLDER = Path(str(resources.files(admin)))
DOCS = Path(__file__).parents[3] / "docs"
SOURCES = [
    *(path for path in FOLDER.glob("*.py")),
    *(path for path in FOLDER.joinpath("templates").rglob("*.html")),
]
# A word that is put together: `say('type.' ~ …)`.
PREFIXES = re.compile(r"""['"]([\w-]+\.(?:[\w-]+\.)*)['"]\s*[~+]""")
NAMED = re.compile(r"""['"]([a-z0-9_]+(?:\.[a-z_0-9]+)*)['"]""")

WANTED = {
    *(f"type.{one}" for one in (*EventType, ALERT)),
    *(f"channel.{one}" for one in Channel),
    *(f"words.{one}" for one in Language),
    *(f"status.{one}" for one in Status),
    *(f"step.{one}" for one in Step),
    *(f"placeholder.{one}" for one in PLACEHOLDERS),
    *(f"kind.{one}" for one in Kind),
    *(f"state.{one}" for one in State),
    *(f"reason.{one}" for one in Reason),
    *(f"alert.{one}" for one in AlertKind),
    *(f"alert_do.{one}" for one in AlertKind),
    *(f"outcome.{one}" for one in Outcome),
    *(f"report.{one}" for one in Report),
    *(f"role.{one}" for one in Role),
    *(f"may.{one}" for one in Role),
    *(f"standing.{one}" for one in ("own", "inherited", "silent", "missing")),
}


def read() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)


def fields(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_every_word_is_there_in_both_languages_with_the_same_values() -> None:
    for name, (vietnamese, english) in WORDS.items():
        assert vietnamese.strip(), name
        assert english.strip(), name
        assert fields(vietnamese) == fields(english), name


def test_every_word_that_a_page_asks_for_is_there() -> None:
    asked = set(re.findall(r"""say\(\s*['"]([\w.-]+)['"]\s*[,)]""", read()))
    assert asked - set(WORDS) == set()
    assert WANTED - set(WORDS) == set()


def test_no_word_is_there_that_no_page_says() -> None:
    source = read()
    codes = {
        *re.findall(r"""named\(['"](\w+)['"]""", source),
        *telling.KINDS.values(),
        "registered",
    }
    prefixes = (*PREFIXES.findall(source), *(f"{kind}." for kind in codes))
    named = set(NAMED.findall(source))
    suffixed = {f"{name}.lead" for name in named}
    unused = {
        name for name in WORDS if name not in named | suffixed and not name.startswith(prefixes)
    }
    assert unused == set()


def test_situations_are_called_as_in_the_shipped_set() -> None:
    shipped = load_seed()
    for at, language in enumerate(Language):
        labels = shipped.labels(language)
        assert {one: WORDS[f"type.{one}"][at] for one in labels} == dict(labels)


@pytest.mark.parametrize(("page", "at"), [("huong-dan.md", 0), ("user-guide.md", 1)])
def test_the_user_guide_names_what_stands_on_the_pages(page: str, at: int) -> None:
    guide = (DOCS / page).read_text(encoding="utf-8")
    labels = {" ".join(one.split()) for one in re.findall(r"\*\*(.+?)\*\*", guide, re.DOTALL)}
    said = {re.sub(r"\{\w+\}", "…", words[at]).casefold() for words in WORDS.values()}
    assert len(labels) > 10
    assert {one for one in labels if one.casefold() not in said} == set()


def test_everything_that_the_audit_log_notes_has_a_word() -> None:
    services = FOLDER.parents[1] / "services"
    source = "\n".join(path.read_text(encoding="utf-8") for path in services.glob("*.py"))
    kinds = {name.split(".")[1] for name in WORDS if name.startswith("action.")}
    noted = set(re.findall(rf'"((?:{"|".join(kinds)})\.[a-z_]+)"', source))
    assert len(noted) > 40
    assert {one for one in noted if f"action.{one}" not in WORDS} == set()
    fields = {*FIELD_OF.values(), *asdict(Budget())} - {"id", "name", "phone"}
    assert {one for one in fields if f"field.{one}" not in WORDS} == set()


def test_no_word_takes_the_place_of_another_files() -> None:
    said: list[str] = []
    for part in FOLDER.joinpath("words").glob("[a-z]*.py"):
        tree = ast.parse(part.read_text(encoding="utf-8"))
        for made in (one for one in ast.walk(tree) if isinstance(one, ast.Dict)):
            said += [str(key.value) for key in made.keys if isinstance(key, ast.Constant)]
    assert sorted({one for one in said if said.count(one) > 1}) == []
