"""A provider's registered templates: by the id it gave them, their words with `{name}` in them."""

import re
from collections.abc import Mapping

from gateways.simulator.ledger import Ledger

_NAME = re.compile(r"\{(\w+)\}")


class Templates:
    """One gateway's. Those told at the start, and those put since, which outlive a restart."""

    def __init__(self, gateway: str, told: Mapping[str, str], ledger: Ledger) -> None:
        self._gateway = gateway
        self._told = told
        self._ledger = ledger

    def put(self, template_id: str, text: str) -> None:
        """Register, or replace."""
        self._ledger.put_note(self._note(template_id), text)

    def text(self, template_id: str) -> str | None:
        """Its words; none if nobody registered it."""
        return self._ledger.note(self._note(template_id)) or self._told.get(template_id)

    def filled(self, template_id: str, values: Mapping[str, str]) -> str | None:
        """What the citizen reads; none for an unknown template or other parameters than its own."""
        text = self.text(template_id)
        if text is None or set(_NAME.findall(text)) != set(values):
            return None
        return _NAME.sub(lambda found: values[found[1]], text)

    def names(self, template_id: str) -> list[str]:
        """Its parameters, each once, in the order of the words."""
        return list(dict.fromkeys(_NAME.findall(self.text(template_id) or "")))

    def _note(self, template_id: str) -> str:
        return f"template:{self._gateway}:{template_id}"
