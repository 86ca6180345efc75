"""What every adapter owes of what its provider calls us with, or tells when it is asked."""

import logging
import queue
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from gateways.base import (
    Absent,
    Accepted,
    BadSignature,
    BadWebhook,
    Deferred,
    Found,
    Gateway,
    OutboundSms,
    OutcomeUnknown,
    Proof,
    Receipt,
    Report,
    Reports,
    WebhookRequest,
)
from gateways.simulator.numbers import Magic
from notifier.domain.clock import ManualClock
from tests.gateways.conformance.held import (
    DIALECTS,
    GARBAGE,
    NUMBER_OF,
    PHONE,
    SENDER,
    Mailbox,
    Sms,
    behave,
    gateway_at,
    private,
    ref,
)

TIMES = 3  # the simulator tells each receipt so often, for "duplicate"


def forgeries(posted: WebhookRequest) -> list[WebhookRequest]:
    return [
        replace(posted, body=posted.body + b" "),
        replace(posted, body=b""),
        replace(posted, headers={}),
    ]


def pushed(gateway: Gateway, mailbox: Mailbox, of: OutboundSms, accepted: Accepted) -> Receipt:
    """The last receipt that the provider pushes; each one is of that message."""
    while True:
        posted = mailbox.next()
        for receipt in gateway.parse_receipts(posted):
            assert receipt.gateway == gateway.name
            assert receipt.reference in {None, of.reference}
            assert receipt.provider_id in {None, accepted.provider_id}
            assert receipt.reference or receipt.provider_id
            if gateway.capabilities.receipt_proof is Proof.SIGNATURE:
                for forged in forgeries(posted):
                    with pytest.raises(BadSignature):
                        gateway.parse_receipts(forged)
            if receipt.report is not Report.SENT:
                return receipt


def polled(gateway: Gateway, of: OutboundSms, accepted: Accepted) -> Receipt:
    """The last receipt that the provider tells when it is asked for the message."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            answer = gateway.look_up(ref(of, provider_id=accepted.provider_id))
        except Deferred:  # it is too early to ask, at some
            answer = Absent()
        told = answer.receipt if isinstance(answer, Found) else None
        if told is not None and told.report is not Report.SENT:
            return told
        time.sleep(0.1)
    raise AssertionError("nothing final in time")


@pytest.mark.parametrize("report", [Report.DELIVERED, Report.UNDELIVERED])
def test_receipts_are_ours_and_tell_the_end(
    report: Report, gateway: Gateway, mailbox: Mailbox, sms: Sms
) -> None:
    able = gateway.capabilities
    assert Magic.UNDELIVERED in DIALECTS[gateway.name].undelivered
    to = PHONE if report is Report.DELIVERED else NUMBER_OF[Magic.UNDELIVERED]
    one = sms(to=to, callback_url=f"{mailbox.url}/receipts/s?attempt={sms().reference}")
    accepted = gateway.send(one)
    if report is Report.UNDELIVERED and not DIALECTS[gateway.name].tells_failures:
        with pytest.raises(queue.Empty):
            mailbox.posts.get(timeout=1)
        return
    if able.reports is Reports.PUSH:
        assert pushed(gateway, mailbox, one, accepted).report is report
    if able.polls or able.can_look_up:
        assert polled(gateway, one, accepted).report is report


def test_a_receipt_is_the_same_without_an_answer_twice_and_late(
    gateway: Gateway, control: str, mailbox: Mailbox, sms: Sms, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="urllib3")  # see test_sends.py
    name, tomorrow = gateway.name, datetime.now(UTC) + timedelta(days=1)
    behave(control, name, receipts="none")
    gateway.send(sms("before"))  # what is asked before the first send, a token, is there then
    behave(control, name, receipts="duplicate", faults=[{"kind": "truncate"}])
    one = sms(callback_url=f"{mailbox.url}/receipts/s?attempt={sms().reference}")
    with pytest.raises(OutcomeUnknown):
        gateway.send(one)
    if gateway.capabilities.reports is not Reports.PUSH:
        with pytest.raises(queue.Empty):
            mailbox.posts.get(timeout=1)
        return
    later = gateway_at(name, "http://127.0.0.1:9", clock=ManualClock(tomorrow))
    told: list[Receipt] = []
    while sum(receipt.report is Report.DELIVERED for receipt in told) < TIMES:
        posted = mailbox.next()
        receipts = gateway.parse_receipts(posted)
        assert receipts == gateway.parse_receipts(posted) == later.parse_receipts(posted)
        told += receipts
    assert len({(receipt.provider_id, receipt.reference) for receipt in told}) == 1
    assert {receipt.report for receipt in told} <= {Report.SENT, Report.DELIVERED}
    for receipt in told:  # where the address is the message's own, it says whose it is
        ours = receipt.reference == one.reference
        assert ours or (DIALECTS[name].reports_to_account and receipt.provider_id)
    for secret in private(name, one):
        assert secret not in caplog.text
        assert secret not in repr(told)


def test_a_webhook_call_that_makes_no_sense_is_told_so_without_its_words(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    odd = f'{{"phone": "{PHONE}", "to": "{PHONE}", "status": "{PHONE}"}}'.encode()
    for parse in (gateway.parse_receipts, gateway.parse_inbound):
        for body in (*GARBAGE, odd, f"from={PHONE}&status={PHONE}&text={PHONE}".encode()):
            query = [("a", "b"), ("status", PHONE), ("from", PHONE)]
            call = WebhookRequest("POST", "http://x/receipts/s", {}, query, body)
            with pytest.raises((BadSignature, BadWebhook)) as raised:
                parse(call)
            assert PHONE[1:] not in str(raised.value)
    assert PHONE[1:] not in caplog.text


def test_a_citizens_answer_arrives_as_written(
    gateway: Gateway, control: str, mailbox: Mailbox, sms: Sms
) -> None:
    proof = gateway.capabilities.inbound_proof
    if proof is None:
        with pytest.raises(BadWebhook):
            gateway.parse_inbound(WebhookRequest("POST", "http://x/inbound/s", {}, [], b""))
        return
    behave(control, gateway.name, receipts="none")
    gateway.send(sms(callback_url=f"{mailbox.url}/receipts/s?attempt={sms().reference}"))
    answer = {"from": PHONE, "to": SENDER, "text": "TC 1 & cảm ơn", "gateway": gateway.name}
    requests.post(f"{control}/reply", json=answer, timeout=5)
    posted = mailbox.next()
    inbound = gateway.parse_inbound(posted)
    assert (inbound.gateway, inbound.text) == (gateway.name, answer["text"])
    assert inbound.to in {SENDER, ""}  # some do not say where it was written to
    assert inbound.sender.lstrip("+") in {PHONE[1:], f"0{PHONE[3:]}"}
    assert inbound.provider_id
    if proof is Proof.SIGNATURE:
        forged_query = [(key, value.replace("TC", "TD")) for key, value in posted.query]
        forged = replace(posted, body=posted.body.replace(b"TC", b"TD"), query=forged_query)
        with pytest.raises(BadSignature):
            gateway.parse_inbound(forged)
