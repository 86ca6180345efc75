"""`baotin phone`: how a phone number is read."""

from typing import Any

import click

from notifier.commands.text import answer_each


@click.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--lines", is_flag=True, help="With -: each input line is one JSON string.")
def command(number: str, as_json: bool, lines: bool) -> None:
    """NUMBER in E.164, and whether an SMS can go there; - reads standard input.

    Example: baotin phone --json '0912-345-678 (Nam)'
    """
    answer_each(number, as_json, lines, _answer)


def _answer(number: str) -> dict[str, Any]:
    from notifier.domain.phones import parse

    phone = parse(number)
    return {
        "e164": phone.e164,
        "type": phone.type.value,
        "usable": phone.usable,
        "reason": phone.reason.value if phone.reason else None,
        "converted_from": phone.converted_from,
    }
