"""Variables that look like a setting and are none: whoever misspelt one is told nowhere else."""

from collections.abc import Collection, Iterator
from dataclasses import fields
from difflib import get_close_matches

from config.gateways import COMMON_OPTIONS, variable
from config.settings import Settings
from gateways import registry
from notifier.services.doctor.findings import Finding, warn

_ALIKE = 0.9  # 0 to 1, difflib's measure: a letter or two beside it


def misspelt(given: Collection[str], settings: Settings) -> Iterator[Finding]:
    """A warning for each of `given` that is no setting and nearly one.

    Others are left alone: the gateways file may take a secret from any variable.
    """
    known = _known(settings)
    for name in sorted(set(given) - known):
        if name.startswith("BAOTIN_") and (meant := get_close_matches(name, known, 1, _ALIKE)):
            do = f"do you mean {meant[0]}? docs/reference/settings.md has all"
            yield warn("settings", f"{name} is no setting, and nothing reads it", do)


def _known(settings: Settings) -> set[str]:
    own = {spec.metadata["env"] for spec in fields(Settings) if "env" in spec.metadata}
    adapters = [(name, registry.adapter(name)) for name in registry.names()]
    adapters += [
        (name, registry.adapter(settings.adapter_of(name)))
        for name in settings.gateways
        if settings.adapter_of(name) in registry.names()
    ]
    return own | {
        variable(name, option.name)
        for name, adapter in adapters
        for option in (*adapter.options, *COMMON_OPTIONS)
    }
