"""What every adapter owes of a send.

An adapter joins by its two entry points; what it can do and what its dialect plays say which
side of a rule it is held to.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import requests

from gateways import registry
from gateways.base import (
    Absent,
    Accepted,
    Deferred,
    Fault,
    Found,
    Gateway,
    OutcomeUnknown,
    Rejected,
    SendError,
    TellsBalance,
)
from gateways.simulator.behaviour import TAKING, FaultKind
from gateways.simulator.numbers import Magic
from gateways.simulator.settings import Bound
from tests.gateways.cases import begun
from tests.gateways.conformance.held import (
    DIALECTS,
    NEVER_S,
    NUMBER_OF,
    PHONE,
    SENDER,
    THREADS,
    Sms,
    behave,
    gateway_of,
    ledger,
    ref,
    secrets_of,
    soon_found,
)
from tests.waiting import eventually


def test_what_is_accepted_is_with_the_provider_under_that_id(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    accepted = gateway.send(sms())
    (row,) = ledger(control)
    assert (row["gateway"], row["to"], row["text"]) == (gateway.name, PHONE, sms().text)
    assert (row["from"] == SENDER) is gateway.capabilities.takes_sender
    assert accepted.provider_id or not gateway.capabilities.can_look_up
    for question in (ref(sms()), ref(sms(), provider_id=accepted.provider_id)):
        if gateway.capabilities.can_look_up:
            assert soon_found(gateway, question).provider_id == accepted.provider_id
        elif not gateway.capabilities.polls or question.provider_id is None:
            with pytest.raises(Deferred):
                gateway.look_up(question)


def test_the_same_reference_is_one_sms_where_the_provider_deduplicates(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    first, second = gateway.send(sms()), gateway.send(sms())
    if gateway.capabilities.deduplicates:
        assert second.provider_id in {None, first.provider_id}
    else:
        assert first != second or first.provider_id is None  # its receipts carry our reference
    assert len(ledger(control)) == (1 if gateway.capabilities.deduplicates else 2)


def test_a_look_up_passes_over_what_belongs_to_another_attempt(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    same = sms("1").text
    first, second = gateway.send(sms("1")), gateway.send(sms("2", text=same))
    taken = frozenset(filter(None, [first.provider_id]))
    if not gateway.capabilities.can_look_up:
        with pytest.raises(Deferred):
            gateway.look_up(ref(sms("2", text=same), taken=taken))
        return
    answer = gateway.look_up(ref(sms("2", text=same), taken=taken))
    assert isinstance(answer, Found)
    assert answer.provider_id == second.provider_id
    assert gateway.look_up(ref(sms("3"))) == Absent()


OUTCOMES: dict[FaultKind, type[SendError]] = {
    FaultKind.TIMEOUT_AFTER: OutcomeUnknown,
    FaultKind.DRIP: OutcomeUnknown,
    FaultKind.TRUNCATE: OutcomeUnknown,
    FaultKind.GARBAGE: OutcomeUnknown,
    FaultKind.HUGE: OutcomeUnknown,
    FaultKind.HTTP_400: OutcomeUnknown,
    FaultKind.HTTP_429: Deferred,
    FaultKind.HTTP_500: OutcomeUnknown,
    FaultKind.HTTP_503: OutcomeUnknown,
    FaultKind.RESET: OutcomeUnknown,
    FaultKind.TIMEOUT_BEFORE: OutcomeUnknown,
    FaultKind.REFUSE: Deferred,
}
NEVER_ANSWERED = {FaultKind.TIMEOUT_AFTER, FaultKind.DRIP, FaultKind.TIMEOUT_BEFORE}


@pytest.mark.parametrize("fault", FaultKind)
def test_a_fault_has_its_outcome_and_who_can_tell_tells_the_truth(
    fault: FaultKind,
    name: str,
    bound: Bound,
    control: str,
    caplog: pytest.LogCaptureFixture,
    sms: Sms,
) -> None:
    caplog.set_level(logging.DEBUG)
    # It logs request paths at DEBUG, and a look-up's holds a phone; config/logs.py quiets it so.
    caplog.set_level(logging.WARNING, logger="urllib3")
    gateway, hasty = gateway_of(name, bound), gateway_of(name, bound, deadline_s=NEVER_S)
    if fault is not FaultKind.REFUSE:
        # What is asked before the first send (a token) is asked in good weather.
        gateway.send(sms("before"))
        requests.delete(f"{control}/messages", timeout=5)
    behave(control, name, faults=[{"kind": fault.value}])
    with pytest.raises(OUTCOMES[fault]) as raised:
        if fault in NEVER_ANSWERED:
            begun(lambda: hasty.send(sms()))
        else:
            gateway.send(sms())
    if fault is FaultKind.HTTP_429:
        assert isinstance(raised.value, Deferred)
        assert raised.value.retry_after_s is not None
        assert 0 < raised.value.retry_after_s <= 1
    if fault in TAKING:
        eventually(lambda: ledger(control), what="the provider takes it")
    if fault is FaultKind.REFUSE or not gateway.capabilities.can_look_up:
        with pytest.raises(Deferred):
            gateway.look_up(ref(sms()))
    else:
        answer = gateway.look_up(ref(sms()))
        assert isinstance(answer, Found if fault in TAKING else Absent)
    if gateway.capabilities.deduplicates:
        behave(control, name)
        gateway_of(name, bound).send(sms())
        assert len(ledger(control)) == 1
    else:
        assert len(ledger(control)) == (1 if fault in TAKING else 0)
    for secret in (*secrets_of(name), PHONE[1:], PHONE[3:], sms().text):
        assert secret not in caplog.text
        assert secret not in str(raised.value)


FAULTS: dict[Magic, set[Fault]] = {
    Magic.INVALID: {Fault.NUMBER, Fault.CHANNEL},  # what is no SMS judges for itself alone
    Magic.CONTENT: {Fault.CONTENT},
    Magic.NO_BALANCE: {Fault.ACCOUNT},
    Magic.UNREACHABLE: {Fault.NUMBER, Fault.CHANNEL},
}


def test_a_refusal_says_whose_fault_it_is(name: str, bound: Bound, control: str, sms: Sms) -> None:
    gateway, refuses = gateway_of(name, bound), DIALECTS[name].refuses
    assert {Magic.INVALID, Magic.NO_BALANCE, Magic.UNHEARD} <= refuses
    for magic in refuses - {Magic.UNHEARD}:
        with pytest.raises(Rejected) as raised:
            gateway.send(sms(magic, to=NUMBER_OF[magic]))
        assert raised.value.fault in FAULTS[magic]
    assert ledger(control) == []


def test_a_code_that_no_table_has_tells_nothing(gateway: Gateway, control: str, sms: Sms) -> None:
    with pytest.raises(OutcomeUnknown):
        gateway.send(sms(to=NUMBER_OF[Magic.UNHEARD]))
    assert ledger(control) == []


def test_wrong_credentials_are_the_accounts_fault(
    name: str, bound: Bound, control: str, sms: Sms
) -> None:
    secret = [o.name for o in registry.adapter(name).options if o.secret and o.required]
    assert secret
    for option in secret:
        wrong = gateway_of(name, bound, more={option: "wrong"})
        with pytest.raises(Rejected) as raised:
            wrong.send(sms())
        assert raised.value.fault is Fault.ACCOUNT
        with pytest.raises(Deferred):
            wrong.look_up(ref(sms(), provider_id="1"))
        if isinstance(wrong, TellsBalance):
            with pytest.raises(Rejected):
                wrong.balance()
    assert ledger(control) == []


def test_a_balance_is_an_amount(gateway: Gateway) -> None:
    if isinstance(gateway, TellsBalance):
        told = gateway.balance()
        assert (told.amount >= Decimal(0), len(told.currency)) == (True, 3)


def test_many_threads_share_one_gateway(gateway: Gateway, control: str, sms: Sms) -> None:
    together = threading.Barrier(THREADS)

    def work(number: int) -> list[Accepted]:
        together.wait()
        return [gateway.send(sms(f"{number}_{turn}")) for turn in range(3)]

    with ThreadPoolExecutor(THREADS) as pool:
        accepted = [one for several in pool.map(work, range(THREADS)) for one in several]
    assert len(accepted) == len(ledger(control)) == 3 * THREADS
    assert {one.provider_id for one in accepted} == {None} or (
        len({one.provider_id for one in accepted}) == 3 * THREADS
    )


def test_no_repr_shows_a_secret_a_phone_or_words(gateway: Gateway, sms: Sms) -> None:
    shown = repr(gateway) + repr(sms()) + repr(ref(sms()))
    for secret in (*secrets_of(gateway.name), PHONE[1:], sms().text):
        assert secret not in shown
