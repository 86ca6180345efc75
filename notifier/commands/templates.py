"""`baotin templates`."""

from typing import TYPE_CHECKING, BinaryIO

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of

if TYPE_CHECKING:
    from notifier.services.template_files import CheckedText


@click.group()
def command() -> None:
    """The words of messages.

    Example: baotin templates check words.json
    """


@command.command()
@click.argument("file", type=click.File("rb"))
@click.option("--link", "hosts", multiple=True, metavar="HOST", help="A host that is allowed.")
@click.option("--json", "as_json", is_flag=True)
def check(file: BinaryIO, hosts: tuple[str, ...], as_json: bool) -> None:
    """Check the texts in FILE as they are checked when they are saved; - reads standard input.

    FILE is JSON: one object or a list, each with a name and the words in vi, en or both. A text
    about an office and no case says "about": "office". Each is measured with the longest values
    that its placeholders take. With a problem anywhere the exit code is 1. A link is one, unless
    its host is given with --link as the office's list has it.

    Example: baotin templates check words.json
    """
    from notifier.domain.unsendable import read_host
    from notifier.services.template_files import UnreadableTexts, check_file

    try:
        links = frozenset(map(read_host, hosts))
    except ValueError as problem:
        raise Failed(f"--link: {problem}") from None
    try:
        checked = check_file(file.read(), links)
    except UnreadableTexts as problem:
        raise Failed(f"{file.name}: {problem}") from None
    if as_json:
        print(json_of(checked))
    else:
        for text in checked.texts:
            _print(text)
    if not checked.ok:
        bad = sum(bool(text.problems) for text in checked.texts)
        raise Failed(f"{bad} of {len(checked.texts)} texts have problems")


def _print(text: "CheckedText") -> None:
    named = f"{text.name} {text.language}"
    if not text.problems:
        accented = f", {text.accented_segments} accented" if text.accented_segments else ""
        print(f"{named}: ok, {text.units} characters, {text.segments} SMS{accented}")
    for problem in text.problems:
        print(f"{named}: {problem.code}: {problem.message}")
