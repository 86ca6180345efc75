"""What became of a message is asked for where a description says how."""

import pytest

from gateways.adapter import GatewayConfigError
from gateways.base import Deferred, Found, Proof, Receipt, Report, Reports
from tests.gateways.cases import LookUpCase, hold_look_up, http, ref
from tests.gateways.described.describing import KEY, NAME, SMALL, Make

POLLING = """
[polling]
method = "GET"
url = "{base_url}/status/{provider_id}"
query = { key = "{secret}" }
when = { ok = true }
status = "data.status"
statuses = { "0" = "sent", "1-9" = "delivered", FAILED = "undelivered" }
"""
RECEIPTS = """
[receipts]
provider_id = "id"
status = "s"
statuses = { "1" = "delivered" }
"""
SIGNED = 'signature = { algorithm = "hmac-sha256", key = "{secret}", header = "X-Sign" }\n'
ASKED = ref(provider_id="m/1")


def told(status: object) -> bytes:
    return http(200, {"ok": True, "data": {"status": status}})


def found(report: Report, status: str) -> Found:
    return Found("m/1", Receipt(NAME, report, "m/1", None, status))


CASES = [
    LookUpCase("under way", told(0), found(Report.SENT, "0"), ASKED),
    LookUpCase("delivered", told(5), found(Report.DELIVERED, "5"), ASKED),
    LookUpCase("not delivered", told("FAILED"), found(Report.UNDELIVERED, "FAILED"), ASKED),
    LookUpCase("a status of no table", told("LOST"), None, ASKED),
    LookUpCase("no status", http(200, {"ok": True}), None, ASKED),
    LookUpCase("no good answer", http(200, {"ok": False, "data": {"status": 1}}), None, ASKED),
    LookUpCase("another HTTP status", http(404, {"ok": True, "data": {"status": 1}}), None, ASKED),
    LookUpCase("no JSON", http(200, b"<html>"), None, ASKED),
    LookUpCase("500", http(500, b""), None, ASKED),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_says_what_became_of_it(case: LookUpCase, make: Make) -> None:
    seen = hold_look_up(case, make(SMALL + POLLING, case.reply))
    assert (seen.method, seen.path, seen.query) == ("GET", "/status/m%2F1", {"key": KEY})


def test_nothing_is_asked_without_an_id_or_a_description(make: Make) -> None:
    for text, question in ((SMALL + POLLING, ref()), (SMALL, ASKED)):
        with pytest.raises(Deferred):
            make(text).gateway.look_up(question)


@pytest.mark.parametrize(
    ("text", "reports", "proof", "polls"),
    [
        (POLLING, Reports.POLL, Proof.ADDRESS, True),
        (RECEIPTS + POLLING, Reports.PUSH, Proof.POLL, True),
        (RECEIPTS + SIGNED + POLLING, Reports.PUSH, Proof.SIGNATURE, False),
        (RECEIPTS, Reports.PUSH, Proof.ADDRESS, False),
    ],
)
def test_what_is_unsigned_is_asked_about_before_it_is_believed(
    make: Make, text: str, reports: Reports, proof: Proof, polls: bool
) -> None:
    able = make(SMALL + text).gateway.capabilities
    assert (able.reports, able.receipt_proof, able.polls) == (reports, proof, polls)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SMALL + POLLING.replace("{provider_id}", "x"), "polling.url or what it carries needs"),
        (SMALL + POLLING.replace("{provider_id}", "{phone}"), "polling.url names {phone}"),
        (SMALL.replace('id = "id"', "") + POLLING, "polling needs answer.id"),
        (SMALL + POLLING.replace('status = "data.status"', ""), "polling.status is missing"),
        (SMALL + POLLING.replace('"sent"', '"gone"'), "polling.statuses.0 takes sent"),
        (SMALL + POLLING + "x = 1", "polling.x is nothing that this table takes"),
    ],
)
def test_what_is_wrong_is_named(make: Make, text: str, said: str) -> None:
    with pytest.raises(GatewayConfigError) as raised:
        make(text)
    assert said in str(raised.value)
