"""The provider of docs/gateways/http.md's first example: SpeedSMS, under the name of `http`.

So a description is held to a dialect that knows nothing of it.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gateways.simulator.dialect import Stage
from gateways.simulator.speedsms import SpeedSmsDialect

_EXAMPLE = Path(__file__).parents[1] / "described" / "examples" / "speedsms.toml"


class DescribedDialect(SpeedSmsDialect):
    """SpeedSMS's words, for an account of the adapter `http`."""

    name = "http"

    def __init__(self, stage: Stage) -> None:
        super().__init__(replace(stage, account={"token": stage.account["secret"]}))

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {"file": str(_EXAMPLE), "secret": digits(32)}
