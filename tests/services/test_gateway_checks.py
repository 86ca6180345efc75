"""Trying every gateway against its provider's dialect: check, balance and a test SMS."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from gateways import registry
from gateways.base import TellsBalance
from notifier.domain.states import Outcome
from notifier.services import gateway_checks

NAMES = registry.names()


@pytest.fixture
def database_kind() -> str:
    """One is enough: it is the providers that are asked here."""
    return "sqlite"


def test_every_gateway_takes_a_test_sms_and_its_provider_has_it(every: Any) -> None:
    for name in NAMES:
        told = gateway_checks.send_test(
            name, "0912345678", gateway_checks.TEST_TEXT, by=None, wiring=every.wiring
        )
        assert (name, told.outcome, told.code) == (name, Outcome.ACCEPTED, None)
    assert {row["gateway"] for row in every.ledger()} == set(NAMES)
    assert {row["to"] for row in every.ledger()} == {"+84912345678"}


def test_whoever_can_be_asked_takes_our_credentials_and_tells_the_balance(every: Any) -> None:
    for name in NAMES:
        checked = gateway_checks.check(name, by=None, wiring=every.wiring)
        assert (name, checked.works) in {(name, True), (name, None)}
        left = gateway_checks.balance(name, by=None, wiring=every.wiring)
        tells = isinstance(every.wiring.accounts[name].gateway, TellsBalance)
        assert (left.balance is not None) == tells, name
        if tells:
            assert (checked.works, checked.balance, left.said) == (True, left.balance, "ok")


def test_wrong_credentials_are_told_by_their_code(make_world: Callable[..., Any]) -> None:
    world = make_world({"BAOTIN_ESMS_SECRET_KEY": "wrong"}, gateways=("esms",))
    checked = gateway_checks.check("esms", by=None, wiring=world.wiring)
    assert (checked.works, checked.said != "ok") == (False, True)
    told = gateway_checks.send_test("esms", "0912345678", "thu", by=None, wiring=world.wiring)
    assert told.outcome is Outcome.REJECTED


def test_an_account_without_a_limit_takes_our_credentials_and_tells_no_balance(
    make_world: Callable[..., Any], httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/balance").respond_with_json({"balance": "ND", "sms_count": "ND"})
    account = {"BAOTIN_JASMIN_USERNAME": "u", "BAOTIN_JASMIN_PASSWORD": "p"}
    account["BAOTIN_JASMIN_BASE_URL"] = httpserver.url_for("").rstrip("/")
    wiring = make_world(account, gateways=("jasmin",)).wiring
    checked = gateway_checks.check("jasmin", by=None, wiring=wiring)
    assert (checked.works, checked.said, checked.balance) == (True, "ok", None)
    left = gateway_checks.balance("jasmin", by=None, wiring=wiring)
    assert (left.works, left.said) == (None, "not_told")
