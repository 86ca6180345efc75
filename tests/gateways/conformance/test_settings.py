"""What every adapter owes of its settings."""

import pytest

from config.gateways import COMMON_OPTIONS, GatewaySettings
from gateways import registry
from gateways.adapter import GatewayConfigError
from tests.gateways.conformance.held import ACCOUNTS, DIALECTS, secrets_of, tools


def test_a_made_up_account_is_made_of_declared_options(name: str) -> None:
    declared = {option.name: option for option in registry.adapter(name).options}
    common = {option.name for option in COMMON_OPTIONS}
    given = {**ACCOUNTS[name], **DIALECTS[name].addresses("http://x")}
    assert set(given) <= set(declared) | common
    assert {o.name for o in declared.values() if o.required} <= set(given)
    assert not common & set(declared)


def test_an_unknown_adapter_is_named() -> None:
    with pytest.raises(GatewayConfigError, match="carrier-pigeon"):
        registry.load([GatewaySettings("carrier-pigeon")], tools())


def test_an_option_that_is_missing_or_unknown_is_named(name: str) -> None:
    account = ACCOUNTS[name]
    required = [o.name for o in registry.adapter(name).options if o.required]
    for option in required:
        less = {key: value for key, value in account.items() if key != option}
        with pytest.raises(GatewayConfigError, match=f"BAOTIN_{name}_{option}".upper()):
            registry.load([GatewaySettings(name, "http://x", less)], tools())
    more = {**account, "carrier": "pigeon-of-mine"}
    with pytest.raises(GatewayConfigError, match=f"BAOTIN_{name}_carrier".upper()) as raised:
        registry.load([GatewaySettings(name, "http://x", more)], tools())
    for secret in (*secrets_of(name), "pigeon-of-mine"):
        assert secret not in str(raised.value)
