"""`baotin text`: how a text goes out."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from notifier.commands.failing import Failed


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--lines", is_flag=True, help="With -: each input line is one JSON string.")
def command(text: str, as_json: bool, lines: bool) -> None:
    """Encoding, units and segments of TEXT, as it is and toneless; - reads standard input.

    Example: baotin text --json 'Hồ sơ đã có kết quả'
    """
    from notifier.domain.text import analyse_forms

    answer_each(text, as_json, lines, lambda one: analyse_forms(one).as_json())


def answer_each(
    given: str, as_json: bool, lines: bool, answer: Callable[[str], dict[str, Any]]
) -> None:
    """Answer the argument, standard input, or each line of it."""
    if lines:
        if given != "-":
            raise click.UsageError("--lines reads standard input: give - with it")
        for number, line in enumerate(_input(), 1):
            print(json.dumps(_answered(_line(line, number), answer), ensure_ascii=False))
        return
    told = _answered("".join(_input()) if given == "-" else given, answer)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        print(f"{name}: {_shown(value)}")


def _input() -> Iterator[str]:
    """Standard input by lines, in UTF-8 whatever the terminal's own encoding."""
    for line in sys.stdin.buffer:
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise Failed("standard input is not UTF-8") from None


def _answered(text: str, answer: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return answer(text)
    except ValueError as problem:
        raise Failed(str(problem)) from None


def _line(line: str, number: int) -> str:
    try:
        text = json.loads(line)
    except (ValueError, RecursionError):
        text = None
    if not isinstance(text, str):
        raise Failed(f"line {number} is not a JSON string")
    return text


def _shown(value: object) -> str:
    """A value as a person reads it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
