"""`baotin text`: how a text goes out."""

import json
import sys
from collections.abc import Callable
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

    answer_each(text, as_json or lines, lines, lambda one: analyse_forms(one).as_json())


def answer_each(
    given: str, as_json: bool, lines: bool, answer: Callable[[str], dict[str, Any]]
) -> None:
    """Answer the argument, standard input, or each line of it."""
    if lines:
        for number, line in enumerate(sys.stdin, 1):
            print(json.dumps(_answered(_line(line, number), answer), ensure_ascii=False))
        return
    told = _answered(sys.stdin.read() if given == "-" else given, answer)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        shown = (
            value if not isinstance(value, dict | list) else json.dumps(value, ensure_ascii=False)
        )
        print(f"{name}: {shown}")


def _answered(text: str, answer: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return answer(text)
    except ValueError as problem:
        raise Failed(str(problem)) from None


def _line(line: str, number: int) -> str:
    try:
        text = json.loads(line)
    except ValueError:
        text = None
    if not isinstance(text, str):
        raise Failed(f"line {number} is not a JSON string")
    return text
