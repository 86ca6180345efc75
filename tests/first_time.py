"""How long two officials take who never saw the pages: one changes words, another approves.

    python -m tests.first_time [--estimate] [--width 390] [--language en]

A person's pace in a real Chromium over a real `baotin up`: keys are typed one by one, and before
each step it waits for as long as reading, deciding and pointing take by the keystroke-level model
(Card, Moran and Newell 1980). Prints the seconds of each step and the sum, pages' answers
included. docs/first-time.md says how to read them. Needs a Chromium.
"""

import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import click
from playwright.sync_api import Locator, Page, ViewportSize

from notifier.domain.events import Language
from notifier.web.admin.doors import HOME, LANGUAGE
from notifier.web.admin.words import WORDS
from tests.browsing import NoChromium, chromium
from tests.up.driving import Up, running

_KEY_S = 0.28  # an average typist, a key
_POINT_S = 1.1  # the hand, to what is clicked
_PRESS_S = 0.2  # down and up
_HOME_S = 0.4  # the hand, between keys and mouse
_DECIDE_S = 1.35  # before each step
_SCROLL_S = 1.0  # a turn of the wheel, a stroke of the thumb
_PHONE = 390
_HEIGHTS = {1280: 800, _PHONE: 844}
_DOCS = Path(__file__).parents[1] / "docs"
_GUIDES = {Language.VI: "huong-dan.md", Language.EN: "user-guide.md"}
_PARTS = {
    Language.VI: ("Người soạn", "Người duyệt"),
    Language.EN: ("Whoever writes", "Whoever approves"),
}
_OLD, _NEW = "Kính", "Xin"
_REASON = "Gọn hơn"

# The words of the page as one reads down, from where one looked last to what one looks for. Unread:
# what is hidden or was scrolled past, menus that it is not in, other groups but for their heading.
_TO_READ = """([from, to]) => {
  const main = document.querySelector("main");
  const nodes = document.createTreeWalker(main, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  let words = [];
  for (let at = nodes.nextNode(); at; at = nodes.nextNode()) {
    if (to && (to.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING)
        && !to.contains(at)) break;
    const behind = from && (from === at || from.contains(at)
        || from.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_PRECEDING);
    if (behind) continue;
    const element = at.nodeType === Node.TEXT_NODE ? at.parentElement : at;
    if (!element.checkVisibility({visibilityProperty: true})
        || element.closest(".heard, option, textarea") && at.nodeName !== "TEXTAREA"
        || element.getBoundingClientRect().bottom < 0) continue;
    const group = element.closest("dl > div");
    const menu = element.closest("nav");
    if (menu && to && !menu.contains(to)) continue;
    if (group && to && !group.contains(to) && !element.closest("dt")) continue;
    const text = at.nodeType === Node.TEXT_NODE ? at.data
        : at.nodeName === "TEXTAREA" ? at.value : "";
    words.push(...text.split(/\\s+/).filter((one) => /[\\p{L}\\p{N}]/u.test(one)));
  }
  return words.length;
}"""


def _keys(text: str) -> int:
    """What is pressed for this text: Vietnamese letters take the further keys of Telex."""
    marks = sum(unicodedata.combining(one) > 0 for one in unicodedata.normalize("NFD", text))
    return len(text) + marks + sum(one in "đĐ" for one in text)


@dataclass
class Step:
    what: str
    words: int = 0
    clicks: int = 0
    keys: int = 0
    scrolls: int = 0
    person_s: float = 0.0  # reading, deciding, pointing, typing
    page_s: float = 0.0  # measured: until the next page stands there


@dataclass
class Sum:
    """Of somebody's steps, or of two people's."""

    whole_s: float = 0.0
    guide_s: float = 0.0
    login_s: float = 0.0

    def add(self, other: "Sum") -> None:
        self.whole_s += other.whole_s
        self.guide_s += other.guide_s
        self.login_s += other.login_s


@dataclass
class Person:
    """Somebody at a browser, who does as the guide says at the pace of the model."""

    page: Page
    language: Language
    width: int
    words_a_minute: int
    waits: Callable[[float], None]
    steps: list[Step] = field(default_factory=list)
    looked: Locator | None = None  # where they looked last

    def say(self, name: str) -> str:
        return WORDS[name][list(Language).index(self.language)]

    def read_guide(self, part: int) -> None:
        """Their part of the first page, its title and its example."""
        text = (_DOCS / _GUIDES[self.language]).read_text(encoding="utf-8")
        sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
        words = len(sections[_PARTS[self.language][part]].split()) + len(
            text.split("## ")[0].split()
        )
        self._done(Step("guide", words=words))

    def open(self, address: str) -> None:
        """By a link or a bookmark."""
        step = Step("open", clicks=1)
        self._done(step, lambda: self.page.goto(address))

    def log_in(self, email: str, password: str) -> None:
        for name, value in (("login.email", email), ("login.password", password)):
            field = self.page.get_by_label(self.say(name), exact=True)
            self.type(name, field, value)
        self.click(
            "login", self.page.get_by_role("button", name=self.say("login.submit")), loads=True
        )

    def click(self, what: str, at: Locator, *, loads: bool = False) -> None:
        step = self._look(what, at)
        step.clicks = 1
        url = self.page.url

        def act() -> None:
            at.click()
            if loads:
                self.page.wait_for_url(lambda now: now != url, wait_until="load")

        self._done(step, act)
        self.looked = None if loads else at

    def type(self, what: str, at: Locator, text: str) -> None:
        step = self._look(what, at)
        step.clicks = 0 if at.evaluate("field => field === document.activeElement") else 1
        step.keys = _keys(text)
        self._done(step, lambda: self._type(at, text, focus=step.clicks > 0))
        self.looked = at

    def replace(self, what: str, at: Locator, old: str, new: str) -> None:
        """A double click marks the word, and typing takes its place."""
        step = self._look(what, at)
        step.clicks, step.keys = 2, _keys(new)
        where = at.input_value().index(old)

        def act() -> None:
            at.click()
            at.evaluate(
                "(field, [from, to]) => field.setSelectionRange(from, to)",
                [where, where + len(old)],
            )
            self._type(at, new, focus=False)

        self._done(step, act)
        self.looked = at

    def read(self, what: str, at: Locator) -> None:
        """What draws the eye: a notice at the top."""
        at.wait_for()
        self._done(Step(what, words=len(at.inner_text().split())))

    def _type(self, at: Locator, text: str, *, focus: bool) -> None:
        if focus:
            at.click()
        for one in text:
            self.page.keyboard.insert_text(one)
            self.waits(_KEY_S * _keys(one))

    def _look(self, what: str, at: Locator) -> Step:
        """Read up to it, and bring it into sight."""
        at.wait_for()
        seen = self.looked.element_handle() if self.looked else None
        step = Step(what, words=self.page.evaluate(_TO_READ, [seen, at.element_handle()]))
        height = _HEIGHTS[self.width]
        below = at.evaluate("it => it.getBoundingClientRect().bottom") - height
        while below > 0:
            step.scrolls += 1
            self.page.mouse.wheel(0, height * 0.8)
            below -= height * 0.8
        return step

    def _done(self, step: Step, act: Callable[[], object] | None = None) -> None:
        before_s = step.words * 60 / self.words_a_minute + step.scrolls * _SCROLL_S
        if step.clicks or step.keys:
            before_s += _DECIDE_S
        if step.clicks:
            before_s += _POINT_S + step.clicks * _PRESS_S
        if step.clicks and step.keys and self.width > _PHONE:
            before_s += 2 * _HOME_S
        self.waits(before_s)
        keys_s = step.keys * _KEY_S
        started = time.monotonic()
        if act is not None:
            act()
        took = time.monotonic() - started
        step.person_s = before_s + keys_s
        step.page_s = max(0.0, took - (keys_s if self.waits is time.sleep else 0.0))
        self.steps.append(step)


def _write(person: Person, up: Up) -> None:
    person.read_guide(0)
    person.open(up.told["admin"])
    person.log_in(**up.told["staff"]["editor"])
    page, say = person.page, person.say
    link = page.get_by_role("link", name=say("type.result_ready"), exact=True)
    person.click("situation", link, loads=True)
    person.replace("words", page.get_by_label(say("editor.text"), exact=True), _OLD, _NEW)
    person.type("reason", page.get_by_label(say("editor.reason"), exact=True), _REASON)
    person.click("submit", page.get_by_role("button", name=say("editor.save_submit")), loads=True)
    person.read("done", page.get_by_role("status").first)


def _approve(person: Person, up: Up) -> None:
    person.read_guide(1)
    person.open(up.told["admin"])
    person.log_in(**up.told["staff"]["approver"])
    button = person.page.get_by_role("button", name=person.say("do.approve_publish"))
    person.click("approve", button, loads=True)
    person.read("done", person.page.get_by_role("status").first)


@click.command()
@click.option("--language", "languages", multiple=True, type=click.Choice([*map(str, Language)]))
@click.option("--width", "widths", multiple=True, type=click.Choice([*map(str, _HEIGHTS)]))
@click.option("--words-a-minute", default=225, show_default=True, help="How fast one reads.")
@click.option("--estimate", is_flag=True, help="Add up, and wait for nothing.")
def main(
    languages: Sequence[str], widths: Sequence[str], words_a_minute: int, estimate: bool
) -> None:
    """How long two officials take who never saw the pages; two minutes and a half for each way."""
    waits = _not_at_all if estimate else time.sleep
    try:
        for language, width in product(languages or list(Language), widths or map(str, _HEIGHTS)):
            click.echo(f"{language}, {width} px wide")
            both = _run(Language(language), int(width), words_a_minute, waits)
            click.echo(
                f"  both: {both.whole_s:.0f} s, of it the guide {both.guide_s:.0f} s"
                f" and logging in {both.login_s:.0f} s\n"
            )
    except NoChromium as problem:
        sys.exit(str(problem))


def _run(
    language: Language, width: int, words_a_minute: int, waits: Callable[[float], None]
) -> Sum:
    """On an installation of its own, where nobody changed anything yet."""
    both = Sum()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "data", {}) as up,
        chromium() as browser,
    ):
        up.wait_ready()
        for who, does in (("writer", _write), ("approver", _approve)):
            page = browser.new_page(
                locale="vi-VN", viewport=ViewportSize(width=width, height=_HEIGHTS[width])
            )
            page.context.add_cookies(
                [{"name": LANGUAGE, "value": language, "domain": "127.0.0.1", "path": HOME}]
            )
            person = Person(page, language, width, words_a_minute, waits)
            started = time.monotonic()
            does(person, up)
            both.add(_print(who, person.steps, time.monotonic() - started))
    return both


def _not_at_all(_: float) -> None:
    """The pace of an estimate."""


def _print(who: str, steps: Sequence[Step], clock_s: float) -> Sum:
    click.echo(f"  {who:<16}words clicks keys scrolls  person    page")
    for one in steps:
        click.echo(
            f"    {one.what:<14}{one.words:>5}{one.clicks:>7}{one.keys:>5}{one.scrolls:>8}"
            f"{one.person_s:>6.1f} s{one.page_s:>6.2f} s"
        )
    took = {one.what: one.person_s + one.page_s for one in steps}
    found = Sum(
        sum(took.values()),
        took["guide"],
        sum(took[name] for name in ("open", "login.email", "login.password", "login")),
    )
    click.echo(f"    {found.whole_s:.0f} s; by the clock {clock_s:.0f} s")
    return found


if __name__ == "__main__":
    main()
