"""Whatever is sent, the answer is one that the contract names, and never a 5xx."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

# One app and its database serve every example: nothing here depends on what was kept before.
FUZZ = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=70)
    | st.sampled_from([
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-02-29T00:00:00Z",
        "2026-11-23T09:00:00+07:00", "2026-W48-1T09:00:00Z", "2026-11-23T24:00:00Z", "lai-thieu",
        "result_ready", "counter", "+84912345678", "-0", "1e308", "\u202e", "\ufeff", "ＨＳ",
    ]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip

PLACES = [
    ("id",), ("type",), ("occurred_at",), ("case",), ("case", "code"), ("case", "office"),
    ("case", "channel"), ("case", "due_at"), ("case", "procedure"), ("recipient",),
    ("recipient", "phone"), ("recipient", "name"), ("recipient", "language"), ("data",),
    ("data", "noi_nhan"), ("data", "ly_do"), ("data", "ngay_hen_moi"), ("data", "le_phi"),
    ("data", "ma_buu_gui"), ("other",),
]  # fmt: skip

TYPES = ["result_ready", "extended", "fee_due", "received", "result_posted", "supplement_required"]


def statuses(client: FlaskClient, path: str, method: str) -> set[int]:
    """The statuses that the contract names for an operation."""
    contract: dict[str, Any] = client.get("/openapi.json").get_json()
    return {int(status) for status in contract["paths"][path][method]["responses"]}


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """PostgreSQL, which is the stricter of the two about what it takes."""
    return "postgresql"


@FUZZ
@given(
    changes=st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=3),
    type_=st.sampled_from(TYPES),
    batched=st.booleans(),
)
def test_an_event_with_anything_in_any_place_is_answered_by_the_contract(
    client: FlaskClient,
    post: Callable[..., Any],
    event: dict[str, Any],
    changes: list[tuple[tuple[str, ...], Any]],
    type_: str,
    batched: bool,
) -> None:
    sent = json.loads(json.dumps({**event, "type": type_, "id": f"e{hash(str(changes))}"}))
    for place, value in changes:
        at = sent
        for name in place[:-1]:
            at = at[name] if isinstance(at, dict) and isinstance(at.get(name), dict) else {}
        at[place[-1]] = value
    answer = post({"events": [sent, event]} if batched else sent)
    assert answer.status_code in statuses(client, "/v1/events", "post")
    assert answer.status_code < 500
    told = answer.get_json(force=True)
    if answer.status_code == 202:
        assert len(told["events"]) == 1 + batched
    else:
        assert told["status"] == answer.status_code


@FUZZ
@given(
    body=st.binary(max_size=100) | ANYTHING.map(json.dumps).map(str.encode),
    kind=st.sampled_from(["application/json", "application/json; charset=x", "text/json", ""]),
)
def test_any_body_at_all_is_answered_by_the_contract(
    client: FlaskClient, post: Callable[..., Any], body: bytes, kind: str
) -> None:
    answer = post(body, **{"Content-Type": kind})
    assert answer.status_code in statuses(client, "/v1/events", "post")
    assert answer.status_code < 500


@FUZZ
@given(query=st.dictionaries(
    st.sampled_from(["case", "state", "since", "until", "limit", "cursor", "office", "x"]),
    st.text(max_size=30) | st.sampled_from([
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "٣", "1_0", "\0", "+1", "1e3",
        "msg_00000000000000000000000000",
    ]),
    max_size=3,
))  # fmt: skip
@example(query={"case": "\0"})
def test_any_query_is_answered_by_the_contract(
    client: FlaskClient, headers: dict[str, str], query: dict[str, str]
) -> None:
    answer = client.get("/v1/messages", query_string=query, headers=headers)
    assert answer.status_code in statuses(client, "/v1/messages", "get")
    assert answer.status_code < 500


@FUZZ
@given(
    message=st.text(max_size=40),
    verb=st.sampled_from(["", "/resend", "/cancel", "/correct"]),
    body=ANYTHING,
)
@example(message="\0", verb="", body=None)
@example(message="#", verb="", body=None)
def test_any_message_id_is_answered_with_a_problem(
    client: FlaskClient, headers: dict[str, str], message: str, verb: str, body: Any
) -> None:
    path = f"/v1/messages/{quote(message.replace('/', ''))}{verb}"
    answer = client.open(path, method="POST" if verb else "GET", json=body, headers=headers)
    assert 400 <= answer.status_code < 500 or not message.strip("/.\r\n\t")


@FUZZ
@given(
    gateway=st.sampled_from(["simulator", "twilio", "x", "\0"]),
    kind=st.sampled_from(["receipts", "inbound"]),
    body=st.binary(max_size=100),
    headers=st.dictionaries(
        st.sampled_from(["X-Twilio-Signature", "X-Simulator-Signature", "Content-Type"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    ),
)
def test_any_call_of_a_provider_is_refused(
    client: FlaskClient, gateway: str, kind: str, body: bytes, headers: dict[str, str]
) -> None:
    path = f"/v1/gateways/{gateway}/{kind}/webhook-secret"
    answer = client.post(path, data=body, headers=headers)
    assert answer.status_code in {400, 401, 404}
