"""The smallest description, and gateways made of one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gateways.described
from tests.gateways.cases import Played

NAME = "http"
EXAMPLES = Path(gateways.described.__file__).parent / "examples"
SMALL = """
[send]
url = "{base_url}/send"
body = "json"
fields = { to = "{phone_84}", text = "{text}", key = "{secret}" }

[answer]
id = "id"
success = { when = { ok = true } }
"""
KEY = "a-secret-of-tests"

Make = Callable[..., Played]


def maker(play: Callable[..., Played], folder: Path) -> Make:
    """`make(text, *replies, **options)`: a gateway of that description."""

    def make(text: str, *replies: bytes, **options: Any) -> Played:
        path = folder / "provider.toml"
        path.write_text(text, encoding="utf-8")
        return play(NAME, {"file": str(path), "secret": KEY, **options}, *replies)

    return make
