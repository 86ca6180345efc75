"""Answers in each format: rules in order, then codes, then what a success is, else unknown."""

import pytest

from gateways.base import Accepted, Deferred, Fault, OutcomeUnknown, Rejected
from notifier.domain.operators import Operator
from tests.gateways.cases import DEEP, SendCase, hold, http
from tests.gateways.described.describing import KEY, Make

SEND = '[send]\nurl = "{base_url}/x"\nbody = "json"\nfields = { t = "{text}" }\n'
ABLE = '[able]\nalphabets = ["gsm7", "ucs2"]\n'
JSON = """
[answer]
code = "results.0.status.code"
id = "results.0.id"
operator = "results.0.network"
success = { http = [200, 202], when = { "results.0.status.group" = ["OK", "PENDING"] } }

[[answer.rules]]
http = [401]
means = "account"

[[answer.rules]]
when = { "results.0.status.busy" = true }
means = "deferred"
wait_s = 7

[[answer.rules]]
present = ["results.0.status.lately"]
means = "deferred"
wait_s = 60
only_this = true

[[answer.rules]]
when = { "results.0.status.code" = 99 }
means = "unknown"

[answer.codes]
124 = "accepted"
51 = "number"
99 = "content"
LIMIT = "deferred"
"""


def one(**status: object) -> dict[str, list[dict[str, object]]]:
    return {"results": [{"id": "m1", "status": status}]}


JSON_CASES = [
    SendCase("taken", http(200, one(group="OK")), Accepted("m1")),
    SendCase(
        "the operator",
        http(200, {"results": [{**one(group="OK")["results"][0], "network": "45204"}]}),
        Accepted("m1", Operator.VIETTEL),
    ),
    SendCase("another word, another status", http(202, one(group="PENDING")), Accepted("m1")),
    SendCase("a status of neither", http(201, one(group="OK")), OutcomeUnknown("http_201")),
    SendCase("taken before", http(200, {"results": [{"status": {"code": 124}}]}), Accepted(None)),
    SendCase("taken before, elsewhere", http(400, one(code=124)), OutcomeUnknown("124")),
    SendCase("by status alone", http(401, b"no"), Rejected(Fault.ACCOUNT, "http_401")),
    SendCase("a rule before a code", http(200, one(busy=True, code=51)), Deferred("51", 7.0)),
    SendCase("this alone", http(200, one(lately="x")), Deferred("http_200", 60.0, only_this=True)),
    SendCase("what is there is empty", http(200, one(lately=[], group="OK")), Accepted("m1")),
    SendCase("a code", http(400, one(code="51")), Rejected(Fault.NUMBER, "51")),
    SendCase("a rule against a code", http(200, one(code=99)), OutcomeUnknown("99")),
    SendCase("not now", http(200, one(code="LIMIT")), Deferred("LIMIT", None)),
    SendCase("a code of no table", http(200, one(code=52)), OutcomeUnknown("52")),
    SendCase("words for a code", http(200, one(code="0912345678")), OutcomeUnknown("http_200")),
    SendCase(
        "no id", http(200, {"results": [{"status": {"group": "OK"}}]}), OutcomeUnknown("no_id")
    ),
    SendCase("no results", http(200, {"results": []}), OutcomeUnknown("http_200")),
    SendCase("results that are none", http(200, {"results": "OK"}), OutcomeUnknown("http_200")),
    SendCase("no JSON", http(200, b"OK"), OutcomeUnknown("not_json")),
    SendCase("too deep", http(200, DEEP), OutcomeUnknown("not_json")),
    SendCase("429", http(429, b"", "Retry-After: 3"), Deferred("http_429", 3.0)),
    SendCase("5xx, whatever it says", http(500, one(code=51)), OutcomeUnknown("http_500")),
]
TEXT = r"""
[answer]
format = "text"
pattern = '^(?P<result>OK|ERR) ?(?P<code>-?\d+)?:(?P<id>\S*)'
code = "code"
id = "id"
success = { when = { result = "OK" } }
codes = { "-3" = "account" }
"""
TEXT_CASES = [
    SendCase("taken", http(200, b"OK:m1\r\n"), Accepted("m1")),
    SendCase("a code", http(200, b"ERR -3:no"), Rejected(Fault.ACCOUNT, "-3")),
    SendCase("a code of no table", http(200, b"ERR -4:no"), OutcomeUnknown("-4")),
    SendCase("no id", http(200, b"OK:"), OutcomeUnknown("no_id")),
    SendCase("other words", http(200, b"<html>OK:m1"), OutcomeUnknown("not_text")),
    SendCase("no UTF-8", http(200, b"\xff\xfe"), OutcomeUnknown("not_text")),
]
XML = """
[answer]
format = "xml"
code = "Envelope.Body.sendResponse.return.code"
id = "Envelope.Body.sendResponse.return.id"
success = { when = { "Envelope.Body.sendResponse.return.code" = 0 } }
codes = { "7" = "content" }
"""


def xml(inner: str) -> bytes:
    head = '<?xml version="1.0"?><S:Envelope xmlns:S="urn:s"><S:Body>'
    told = f'{head}<n:sendResponse xmlns:n="urn:n"><return>{inner}</return></n:sendResponse>'
    return http(200, f"{told}</S:Body></S:Envelope>".encode())


XML_CASES = [
    SendCase("taken", xml("<code> 0 </code><id>m1</id>"), Accepted("m1")),
    SendCase("a code", xml("<code>7</code>"), Rejected(Fault.CONTENT, "7")),
    SendCase("two of one name", xml("<code>8</code><code>0</code>"), OutcomeUnknown("8")),
    SendCase("no code", xml("<x/>"), OutcomeUnknown("http_200")),
    SendCase("an entity", http(200, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
             OutcomeUnknown("not_xml")),
    SendCase("no XML", http(200, b"{}"), OutcomeUnknown("not_xml")),
    SendCase("nesting", http(200, b"<a>" * 5_000 + b"</a>" * 5_000), OutcomeUnknown("http_200")),
]  # fmt: skip
ALL = [
    *((JSON, case) for case in JSON_CASES),
    *((TEXT, case) for case in TEXT_CASES),
    *((XML, case) for case in XML_CASES),
]


@pytest.mark.parametrize(("answer", "case"), ALL, ids=lambda value: getattr(value, "name", ""))
def test_an_answer_has_one_outcome(
    answer: str, case: SendCase, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    hold(case, make(SEND + answer + ABLE, case.reply), caplog, secrets=[KEY])
