"""Templates over HTTP: from a draft to the words of the next event, by people and machines."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from notifier.services.questions import Question
from notifier.services.wiring import Wiring

AT = "/v1/templates/lai-thieu/result_ready/counter/vi"
WORDS = "{don_vi}: hồ sơ {ma_ho_so} đã có kết quả, mời đến {noi_nhan}."


@pytest.fixture
def editor(wiring: Wiring, hire: Callable[..., Any]) -> dict[str, str]:
    headers: dict[str, str] = hire(wiring, "editor").headers
    return headers


@pytest.fixture
def approver(wiring: Wiring, hire: Callable[..., Any]) -> dict[str, str]:
    headers: dict[str, str] = hire(wiring, "approver").headers
    return headers


def draft(after: int = 0, words: str = WORDS) -> dict[str, Any]:
    return {"text": words, "reason": "shorter", "after": after}


def test_words_go_from_a_draft_to_what_is_sent(
    client: FlaskClient, editor: dict[str, str], approver: dict[str, str]
) -> None:
    written = client.post(f"{AT}/versions", json=draft(), headers=editor)
    assert (written.status_code, written.get_json()["status"]) == (201, "draft")
    asked = client.post(f"{AT}/versions/1/submit", json={}, headers=editor)
    assert asked.status_code == 200
    assert client.post(f"{AT}/versions/1/approve", headers=approver).status_code == 200
    done = client.post(f"{AT}/versions/1/publish", headers=approver).get_json()
    assert [step["step"] for step in done["steps"]] == [
        "written", "submitted", "approved", "published",
    ]  # fmt: skip
    shown = client.get(AT, headers=editor).get_json()
    assert (shown["words"]["text"], shown["own"], shown["newest"]) == (WORDS, True, 1)
    listed = client.get("/v1/templates?office=lai-thieu", headers=editor).get_json()
    assert [
        one["channel"]
        for one in listed["situations"]
        if (one["event_type"], one["standing"]) == ("result_ready", "own")
    ] == ["counter"]
    told = client.get(f"{AT}/diff?old=0&new=1", headers=editor).get_json()["pieces"]
    assert {piece["change"] for piece in told} == {"same", "added", "removed"}


def test_what_waits_is_listed_for_whom_it_waits(
    client: FlaskClient, editor: dict[str, str], approver: dict[str, str]
) -> None:
    def waits(who: dict[str, str]) -> dict[str, list[int]]:
        told = client.get("/v1/templates/waiting", headers=who).get_json()
        assert {one["office"] for of in told.values() for one in of} <= {"lai-thieu"}
        return {kind: [one["number"] for one in of] for kind, of in told.items() if of}

    client.post(f"{AT}/versions", json=draft(), headers=editor)
    assert (waits(editor), waits(approver)) == ({}, {})
    client.post(f"{AT}/versions/1/submit", json={}, headers=editor)
    assert (waits(editor), waits(approver)) == ({}, {"to_approve": [1]})
    client.post(f"{AT}/versions/1/approve", headers=approver)
    assert (waits(editor), waits(approver)) == ({}, {"to_publish": [1]})
    client.post(f"{AT}/versions/1/send-back", json={"remark": "shorter"}, headers=approver)
    assert (waits(editor), waits(approver)) == ({"sent_back": [1]}, {})


def test_a_template_tells_what_it_would_inherit_how_often_it_is_used_and_where_it_is_registered(
    client: FlaskClient, editor: dict[str, str], post: Any, event: dict[str, Any], wiring: Wiring
) -> None:
    post(event)
    client.post(f"{AT}/versions", json=draft(), headers=editor)
    with wiring.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO registrations (id, version_id, gateway, network, office, status,"
                " provider_id, parameters, status_at) SELECT 'reg_1', id, 'esms', 'viettel', '',"
                " 'rejected', '', '[]', created_at FROM template_versions WHERE author IS NOT NULL"
            )
        )
    shown = client.get(AT, headers=editor).get_json()
    assert shown["inherited"] == shown["words"]
    assert shown["registered"] == []
    assert shown["versions"][0]["registered"] == [
        {"gateway": "esms", "network": "viettel", "office": "", "status": "rejected"}
    ]
    listed = client.get("/v1/templates?office=lai-thieu", headers=editor).get_json()["situations"]
    used = {(one["event_type"], one["channel"]): one["used"] for one in listed if one["used"]}
    assert used == {("result_ready", "counter"): 1}


def test_an_edit_of_what_another_changed_is_409(
    client: FlaskClient, editor: dict[str, str]
) -> None:
    client.post(f"{AT}/versions", json=draft(), headers=editor)
    refused = client.post(f"{AT}/versions", json=draft(words=WORDS + " 2"), headers=editor)
    told = refused.get_json(force=True)
    assert (refused.status_code, told["code"]) == (409, "stale_draft")
    assert told["detail"] == "The newest version is 1."
    kept = client.get(f"{AT}/versions/1", headers=editor).get_json()
    assert kept["text"] == WORDS
    assert client.post(f"{AT}/versions", json=draft(1), headers=editor).status_code == 201


def test_a_change_of_placeholders_is_409_until_it_is_confirmed(
    client: FlaskClient, editor: dict[str, str], post: Any, event: dict[str, Any]
) -> None:
    post(event)
    client.post(f"{AT}/versions", json=draft(words="{don_vi} {ma_ho_so} {le_phi}"), headers=editor)
    refused = client.post(f"{AT}/versions/1/submit", json={}, headers=editor)
    told = refused.get_json(force=True)
    assert (refused.status_code, told["code"]) == (409, "confirmation_needed")
    assert [(error["path"], error["code"]) for error in told["errors"]] == [
        ("text.le_phi", "placeholder_added"), ("text.noi_nhan", "placeholder_removed"),
    ]  # fmt: skip
    assert "demo sent it in 0 of its last 1 such events" in told["errors"][0]["message"]
    half = {"confirm": ["placeholder_added"]}
    assert client.post(f"{AT}/versions/1/submit", json=half, headers=editor).status_code == 409
    whole = {"confirm": [error["code"] for error in told["errors"]]}
    assert client.post(f"{AT}/versions/1/submit", json=whole, headers=editor).status_code == 200


def test_what_the_pages_ask_before_a_submission_is_asked_here_too(
    client: FlaskClient, editor: dict[str, str]
) -> None:
    client.post(f"{AT}/versions", json=draft(), headers=editor)
    client.post(f"{AT}/versions/1/submit", json={}, headers=editor)
    long = f"{WORDS} {'Xin mang theo giấy hẹn. ' * 12}"
    client.post(f"{AT}/versions", json=draft(1, long), headers=editor)
    refused = client.post(f"{AT}/versions/2/submit", json={}, headers=editor)
    told = refused.get_json(force=True)
    assert (refused.status_code, told["code"]) == (409, "confirmation_needed")
    assert [(error["code"], error["message"]) for error in told["errors"]] == [
        ("replaces_waiting", "Version 1 waits for approval, and would no more."),
        ("many_segments", "At its longest a message takes 3 SMS, 1500 đồng."),
    ]
    shown = client.get(AT, headers=editor).get_json()["versions"]
    assert [one["status"] for one in shown] == ["draft", "submitted"]
    unknown = {"confirm": ["everything"]}
    assert client.post(f"{AT}/versions/2/submit", json=unknown, headers=editor).status_code == 422
    yes = {"confirm": [error["code"] for error in told["errors"]]}
    assert client.post(f"{AT}/versions/2/submit", json=yes, headers=editor).status_code == 200
    shown = client.get(AT, headers=editor).get_json()["versions"]
    assert [one["status"] for one in shown] == ["submitted", "retired"]


def test_the_way_back_to_other_placeholders_is_409_until_it_is_confirmed(
    client: FlaskClient, editor: dict[str, str], approver: dict[str, str]
) -> None:
    every = [question.value for question in Question]
    for number, words in ((1, f"{WORDS} {{le_phi}}"), (2, WORDS)):
        client.post(f"{AT}/versions", json=draft(number - 1, words), headers=editor)
        for verb, who, body in (
            ("submit", editor, {"confirm": every}), ("approve", approver, None),
            ("publish", approver, None),
        ):  # fmt: skip
            client.post(f"{AT}/versions/{number}/{verb}", json=body, headers=who)
    back: dict[str, Any] = {"number": 1, "reason": "the fee"}
    told = client.post(f"{AT}/roll-back", json=back, headers=approver).get_json(force=True)
    assert [(one["path"], one["code"]) for one in told["errors"]] == [
        ("text.le_phi", "placeholder_added")
    ]
    assert client.get(AT, headers=editor).get_json()["newest"] == 2
    back["confirm"] = ["placeholder_added"]
    assert client.post(f"{AT}/roll-back", json=back, headers=approver).status_code == 201
    again: dict[str, Any] = {"reason": "shorter"}
    told = client.post(f"{AT}/inherit", json=again, headers=approver).get_json(force=True)
    assert [(one["path"], one["code"]) for one in told["errors"]] == [
        ("text.le_phi", "placeholder_removed")
    ]
    again["confirm"] = ["placeholder_removed"]
    assert client.post(f"{AT}/inherit", json=again, headers=approver).status_code == 200


def test_nobody_approves_their_own_words(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any]
) -> None:
    both = hire(wiring, "administrator").headers
    client.post(f"{AT}/versions", json=draft(), headers=both)
    client.post(f"{AT}/versions/1/submit", json={}, headers=both)
    refused = client.post(f"{AT}/versions/1/approve", headers=both)
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (403, "own_work")


def test_a_machine_drafts_and_submits_and_never_decides(
    client: FlaskClient, headers: dict[str, str], approver: dict[str, str]
) -> None:
    written = client.post(f"{AT}/versions", json=draft(), headers=headers).get_json()
    assert written["author"].startswith("key_")
    assert client.post(f"{AT}/versions/1/submit", json={}, headers=headers).status_code == 200
    for verb in ("approve", "publish"):
        refused = client.post(f"{AT}/versions/1/{verb}", headers=headers)
        assert refused.get_json(force=True)["code"] == "scope_missing"
    assert client.post(f"{AT}/versions/1/approve", headers=approver).status_code == 200


def test_the_way_back(
    client: FlaskClient, editor: dict[str, str], approver: dict[str, str]
) -> None:
    for number, words in ((1, WORDS), (2, WORDS + " Xin cảm ơn.")):
        client.post(f"{AT}/versions", json=draft(number - 1, words), headers=editor)
        for verb, who in (("submit", editor), ("approve", approver), ("publish", approver)):
            body: dict[str, Any] | None = {} if verb == "submit" else None
            client.post(f"{AT}/versions/{number}/{verb}", json=body, headers=who)
    back = {"number": 1, "reason": "clearer"}
    made = client.post(f"{AT}/roll-back", json=back, headers=approver)
    assert (made.status_code, made.get_json()["back_to"], made.get_json()["text"]) == (
        201, 1, WORDS,
    )  # fmt: skip
    again = client.post(f"{AT}/inherit", json={"reason": "why"}, headers=approver).get_json()
    assert (again["own"], again["words"]["said_by"]) == (False, "shipped")
    assert [one["status"] for one in again["versions"]] == ["retired"] * 3


def test_a_draft_is_sent_back_with_a_remark(
    client: FlaskClient, editor: dict[str, str], approver: dict[str, str]
) -> None:
    client.post(f"{AT}/versions", json=draft(), headers=editor)
    client.post(f"{AT}/versions/1/submit", json={}, headers=editor)
    remark = {"remark": "name the desk"}
    back = client.post(f"{AT}/versions/1/send-back", json=remark, headers=approver).get_json()
    assert (back["status"], back["steps"][-1]["remark"]) == ("draft", "name the desk")


def test_a_situation_is_switched(client: FlaskClient, approver: dict[str, str]) -> None:
    at = "/v1/templates/lai-thieu/result_ready/counter/switch"
    for sends, holds in (
        (False, {"sends": False, "said_by": "lai-thieu"}),
        (None, {"sends": True, "said_by": "shipped"}),
    ):
        assert client.put(at, json={"sends": sends}, headers=approver).status_code == 422
        told = client.put(at, json={"sends": sends, "reason": "leave"}, headers=approver)
        assert told.get_json() == holds


def test_a_situation_is_not_left_without_words_unasked(
    client: FlaskClient, editor: dict[str, str], approver: dict[str, str]
) -> None:
    at = "/v1/templates/lai-thieu/in_progress/online/switch"
    body: dict[str, Any] = {"sends": True, "reason": "why"}
    refused = client.put(at, json=body, headers=approver)
    told = refused.get_json(force=True)
    assert (refused.status_code, [one["code"] for one in told["errors"]]) == (409, ["no_words"])
    shown = client.get("/v1/templates?office=lai-thieu", headers=approver).get_json()
    standing = {(c["event_type"], c["channel"]): c["standing"] for c in shown["situations"]}
    assert standing["in_progress", "online"] == "silent"
    body["confirm"] = ["no_words"]
    assert client.put(at, json=body, headers=approver).get_json()["sends"] is True
    body["confirm"] = []  # it sends already
    assert client.put(at, json=body, headers=approver).status_code == 200
    words = at.replace("switch", "vi")
    client.post(f"{words}/versions", json=draft(), headers=editor)
    client.post(f"{words}/versions/1/submit", json={}, headers=editor)
    for verb in ("approve", "publish"):
        assert client.post(f"{words}/versions/1/{verb}", headers=approver).status_code == 200
    back: dict[str, Any] = {"reason": "why"}
    assert client.post(f"{words}/inherit", json=back, headers=approver).status_code == 409
    back["confirm"] = ["no_words"]
    shown = client.post(f"{words}/inherit", json=back, headers=approver).get_json()
    assert shown["words"] is None


def test_a_text_is_previewed_and_not_kept(client: FlaskClient, editor: dict[str, str]) -> None:
    told = client.post(f"{AT}/preview", json={"text": f"{WORDS} Xin chờ."}, headers=editor)
    shown = told.get_json()
    assert [(form["form"], form["sent"]) for form in shown["forms"]] == [
        ("accented", False), ("toneless", True),
    ]  # fmt: skip
    assert shown["forms"][1]["sample"]["cost"] == 500
    longest = [form["longest"] for form in shown["forms"]]
    assert [(one["segments"], one["over"]) for one in longest] == [
        (2, longest[0]["units"] - 70), (1, 0),
    ]  # fmt: skip
    assert [(one["word"], one["instead"]) for one in shown["ambiguous"]] == [("chờ", "chưa")]
    assert {"position": 11, "character": "ồ", "instead": "o"} in shown["forcing"]
    assert shown["problems"] == []
    assert client.get(AT, headers=editor).get_json()["newest"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/templates", None, 422),
        ("GET", "/v1/templates?office=nowhere", None, 404),
        ("GET", "/v1/templates/lai-thieu/gone/counter/vi", None, 404),
        ("GET", "/v1/templates/lai-thieu/result_ready/pigeon/vi", None, 404),
        ("GET", "/v1/templates/lai-thieu/result_ready/counter/fr", None, 404),
        ("GET", f"{AT}/versions/1", None, 404),
        ("GET", f"{AT}/diff?old=1", None, 422),
        ("POST", f"{AT}/versions", {"text": "x", "reason": "y"}, 422),
        ("POST", f"{AT}/versions", {"text": "x", "reason": "y", "after": "0"}, 422),
        ("POST", f"{AT}/versions", {"text": "{x", "reason": "y", "after": 0}, 422),
        ("POST", f"{AT}/versions", {"text": "x", "reason": " ", "after": 0}, 422),
        ("POST", f"{AT}/versions/1/submit", {}, 404),
    ],
)
def test_what_is_not_right_is_a_problem(
    client: FlaskClient, editor: dict[str, str], method: str, path: str, body: Any, status: int
) -> None:
    told = client.open(path, method=method, json=body, headers=editor)
    assert (told.status_code, told.content_type) == (status, "application/problem+json")
