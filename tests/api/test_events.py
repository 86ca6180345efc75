"""`POST /v1/events`: every row of its status table."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from config.settings import Settings
from notifier.app import create_app
from notifier.services import keys, sources
from notifier.services.wiring import Wiring, wire


def changed(event: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(event))
    at = copy
    *parents, last = path.split(".")
    for name in parents:
        at = at[name]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return copy


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.data
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = answer.get_json(force=True)
    assert (document["status"], document["code"]) == (status, code)
    return document


def test_an_event_is_answered_as_the_contract_says(post: Any, event: dict[str, Any]) -> None:
    answer = post(event)
    assert answer.status_code == 202
    told = answer.get_json()["events"][0]
    message_id = told["messages"][0].pop("id")
    assert message_id.startswith("msg_")
    assert told == {
        "id": "3f1c",
        "outcome": "accepted",
        "messages": [{"state": "queued", "to": "+84912***678", "segments": 1, "encoding": "gsm7"}],
    }


@pytest.mark.parametrize(
    ("type", "said", "kept"),
    [
        ("refused", ..., 1),
        ("returned", ..., 2),
        ("refused", "urgent", 0),
        ("returned", "bulk", 2),
    ],
)
def test_an_events_priority_is_its_types_unless_it_says_so(
    post: Any, event: dict[str, Any], wiring: Wiring, type: str, said: Any, kept: int
) -> None:
    wanted = changed(event, "type", type)
    post(wanted if said is ... else {**wanted, "priority": said})
    with wiring.sessions.read() as session:
        assert session.scalars(text("SELECT priority FROM messages")).all() == [kept]


def test_a_batch_answers_each_event_in_order(post: Any, event: dict[str, Any]) -> None:
    batch = [
        event,
        changed(changed(event, "id", "b"), "case.foo", 1),
        changed(changed(event, "id", "c"), "case.office", "nowhere"),
        changed(event, "recipient.phone", "0987654321"),
        event,
        7,
        changed(changed(event, "id", "d"), "type", "received"),
    ]
    answer = post({"events": batch})
    assert answer.status_code == 202
    told = answer.get_json()["events"]
    assert [one["outcome"] for one in told] == [
        "accepted", "invalid", "invalid", "invalid", "duplicate", "invalid", "silent",
    ]  # fmt: skip
    assert told[1]["errors"][0]["path"] == "case.foo"
    assert told[2]["errors"][0]["code"] == "unknown_office"
    assert told[3]["errors"][0]["code"] == "event_conflict"
    assert told[4]["messages"] == told[0]["messages"]


BROKEN = [
    (b"", "bad_json"),
    (b"{", "bad_json"),
    (b'{"id": 1} x', "bad_json"),
    (b"[" * 100_000, "too_deep"),
    (b'{"a":' * 100_000, "too_deep"),
    (b"[" * 33 + b"]" * 33, "too_deep"),
    (b'{"data": {"a": NaN}}', "not_a_number"),
    (b'{"a": -Infinity}', "not_a_number"),
    (b'{"a": 1e999}', "number_out_of_range"),
    (b'{"a": ' + b"9" * 5000 + b"}", "number_out_of_range"),
    (b'{"a": 1, "a": 2}', "duplicate_key"),
    (b'{"a": {"b": 1, "b": 1}}', "duplicate_key"),
    (b'{"a": "\\ud800"}', "lone_surrogate"),
    (b'{"\\udc00": 1}', "lone_surrogate"),
    (b'{"a": "\\u0000"}', "control_character"),
    (b'{"a": "x\\ny"}', "control_character"),
    (b'{"a": "\xc2\x85"}', "control_character"),
    (b'{"a": "\x00"}', "bad_json"),
    (b'{"a": "\xff"}', "bad_utf8"),
    (b'{"a": "\xed\xa0\x80"}', "bad_utf8"),
    (b"\xef\xbb\xbf{}", "byte_order_mark"),
]


@pytest.mark.parametrize(("body", "code"), BROKEN, ids=[code for _, code in BROKEN])
def test_a_broken_body_is_400_and_writes_nothing(
    post: Any, rows: Callable[[], int], body: bytes, code: str
) -> None:
    refused(post(body), 400, code)
    assert rows() == 0


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer " + "x" * 300])
def test_without_a_valid_key_it_is_401(
    post: Any, event: dict[str, Any], rows: Callable[[], int], key: str
) -> None:
    answer = post(event, Authorization=key)
    refused(answer, 401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert rows() == 0


def test_a_key_without_the_scope_is_403(
    post: Any, event: dict[str, Any], wiring: Wiring, rows: Callable[[], int]
) -> None:
    key = keys.create("demo", ["messages:read"], wiring=wiring).token
    refused(post(event, Authorization=f"Bearer {key}"), 403, "scope_missing")
    assert rows() == 0


def test_the_same_id_with_another_body_is_409(
    post: Any, event: dict[str, Any], rows: Callable[[], int]
) -> None:
    post(event)
    before = rows()
    refused(post(changed(event, "data.noi_nhan", "Quầy 4")), 409, "event_conflict")
    assert rows() == before


def test_the_order_of_keys_is_no_other_body(post: Any, event: dict[str, Any]) -> None:
    post(event)
    again = dict(reversed(event.items()))
    assert post(again).get_json()["events"][0]["outcome"] == "duplicate"


def test_more_than_five_megabytes_is_413(post: Any, rows: Callable[[], int]) -> None:
    refused(post(b'{"a": "' + b"x" * 20_000_000 + b'"}'), 413, "too_large")
    assert rows() == 0


def test_more_than_a_thousand_events_is_413(post: Any, event: dict[str, Any]) -> None:
    refused(post({"events": [1] * 1001}), 413, "too_many_events")


@pytest.mark.parametrize(
    "header",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "identity"},
    ],
)
def test_what_is_not_plain_json_is_415(
    post: Any, event: dict[str, Any], header: dict[str, str]
) -> None:
    refused(post(event, **header), 415, "unsupported_media_type")


def test_a_charset_is_welcome(post: Any, event: dict[str, Any]) -> None:
    assert post(event, **{"Content-Type": "application/json; charset=utf-8"}).status_code == 202


SHAPES = [
    ("id", ..., "id", "required"),
    ("id", "", "id", "invalid"),
    ("id", "x" * 129, "id", "invalid"),
    ("id", 5, "id", "invalid"),
    ("type", "explode", "type", "invalid"),
    ("type", 5, "type", "invalid"),
    ("occurred_at", "2026-11-23T09:00:00", "occurred_at", "invalid"),
    ("occurred_at", "yesterday", "occurred_at", "invalid"),
    ("occurred_at", 1700000000, "occurred_at", "invalid"),
    ("occurred_at", "0001-01-01T00:00:00+14:00", "occurred_at", "invalid"),
    ("occurred_at", "2026-W48-1T09:00:00+07:00", "occurred_at", "invalid"),
    ("occurred_at", "20261123T090000+0700", "occurred_at", "invalid"),
    ("occurred_at", "2026-11-23T09:00+07:00", "occurred_at", "invalid"),
    ("occurred_at", "2026-02-30T09:00:00Z", "occurred_at", "invalid"),
    ("case.due_at", "9999-12-31T23:00:00-10:00", "case.due_at", "invalid"),
    ("case", ..., "case", "required"),
    ("case", [], "case", "invalid"),
    ("case.code", "x" * 65, "case.code", "invalid"),
    ("case.code", "", "case.code", "invalid"),
    ("case.foo", 1, "case.foo", "unknown_field"),
    ("case.channel", "fax", "case.channel", "invalid"),
    ("case.office", "nowhere", "case.office", "unknown_office"),
    ("case.due_at", "2026-11-25", "case.due_at", "invalid"),
    ("recipient.phone", ..., "recipient.phone", "required"),
    ("recipient.phone", 912345678, "recipient.phone", "invalid"),
    ("recipient.language", "fr", "recipient.language", "invalid"),
    ("data", {"a": [1]}, "data.a", "invalid"),
    ("data", {"a": None}, "data.a", "invalid"),
    ("data", "x", "data", "invalid"),
    ("extra", 1, "extra", "unknown_field"),
    ("type", "extended", "data.ly_do", "required"),
]


@pytest.mark.parametrize(("path", "value", "where", "code"), SHAPES)
def test_a_wrong_shape_is_422_and_names_the_field(
    post: Any,
    event: dict[str, Any],
    rows: Callable[[], int],
    path: str,
    value: Any,
    where: str,
    code: str,
) -> None:
    document = refused(post(changed(event, path, value)), 422, "invalid")
    assert (where, code) in [(one["path"], one["code"]) for one in document["errors"]]
    assert rows() == 0


@pytest.mark.parametrize("value", [[], 5, "x", None, {"events": []}, {"events": 5}])
def test_what_is_no_event_at_all_is_422(post: Any, rows: Callable[[], int], value: Any) -> None:
    refused(post(value), 422, "invalid")
    assert rows() == 0


def test_an_event_far_ahead_is_422_and_one_a_little_ahead_is_taken(
    post: Any, event: dict[str, Any]
) -> None:
    def ahead(minutes: int) -> Any:
        at = datetime.now(UTC) + timedelta(minutes=minutes)
        return post(changed(event, "occurred_at", at.isoformat()))

    document = refused(ahead(62), 422, "invalid")
    assert document["errors"][0]["code"] == "too_far_ahead"
    assert ahead(58).status_code == 202


def test_a_database_that_is_away_is_503_with_a_wait(
    client: Any, headers: dict[str, str], event: dict[str, Any], settings: Settings, tmp_path: Path
) -> None:
    del client  # the database of this app is another: one that is not there
    away = {
        "sqlite": f"sqlite:///{tmp_path / 'missing' / 'baotin.sqlite3'}",
        "postgresql": "postgresql://nobody@127.0.0.1:1/none",
    }[settings.database_url.partition(":")[0]]
    (tmp_path / "missing").mkdir()
    wiring = wire(replace(settings, database_url=away))
    (tmp_path / "missing" / "baotin.sqlite3").unlink(missing_ok=True)
    answer = (
        create_app(settings, wiring).test_client().post("/v1/events", json=event, headers=headers)
    )
    refused(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    wiring.close()


def test_no_answer_repeats_what_is_personal(post: Any, event: dict[str, Any]) -> None:
    secret = changed(event, "recipient.name", "Nguyễn Văn Đạt")
    for body in (secret, changed(secret, "recipient.language", "0912345678")):
        told = post(body).get_data(as_text=True)
        assert "912345678" not in told
        assert "Đạt" not in told


def test_a_source_over_its_limit_is_429_until_it_may_go_on(
    production_settings: Settings, wiring: Wiring, event: dict[str, Any]
) -> None:
    limited = wire(replace(production_settings, intake_per_minute=2))
    client = create_app(limited.settings, limited).test_client()
    key = keys.create("demo", ["events:write"], wiring=limited).token

    def post(*ids: str) -> Any:
        batch = {"events": [changed(event, "id", id) for id in ids]}
        return client.post("/v1/events", json=batch, headers={"Authorization": f"Bearer {key}"})

    assert post("a", "b", "c").status_code == 202
    answer = post("d")
    refused(answer, 429, "over_limit")
    assert 55 <= int(answer.headers["Retry-After"]) <= 60
    sources.change("demo", intake_per_minute=0, wiring=wiring)
    assert post("d").status_code == 202
    limited.close()


def test_the_demo_has_no_limit(post: Any, event: dict[str, Any], wiring: Wiring) -> None:
    sources.change("demo", intake_per_minute=1, wiring=wiring)
    assert [post(event).status_code for _ in range(4)] == [202] * 4
