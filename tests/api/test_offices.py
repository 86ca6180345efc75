"""Whether an office is live, over HTTP, and all that it holds for a reason."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from notifier.services.wiring import Wiring

LIVE, NUMBERS = "/v1/offices/lai-thieu/live", "/v1/offices/lai-thieu/test-numbers"


def test_an_administrator_tries_on_a_phone_then_goes_live(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any]
) -> None:
    mine = hire(wiring, "administrator").headers

    def ask(method: str, path: str, body: Any = None) -> Any:
        reply = client.open(path, method=method, headers=mine, json=body)
        assert reply.status_code == 200, reply.get_data()
        return reply.get_json()

    assert ask("PUT", LIVE, {"live": False})["live"] is False
    told = ask("POST", NUMBERS, {"phone": "0912 345 678"})
    (number,) = told["test_numbers"]
    assert (number["phone"], number["office"]) == ("+84912***678", "lai-thieu")
    told = ask("DELETE", f"{NUMBERS}/{number['id']}")
    assert (told["test_numbers"], told["held"], told["held_to"]) == ([], 0, False)
    assert ask("PUT", LIVE, {"live": None})["said_by"] == "thuan-an"
    assert ask("GET", LIVE)["live"] is True


def test_what_is_not_right_is_told_by_field(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any], headers: dict[str, str]
) -> None:
    mine = hire(wiring, "administrator").headers
    for method, path, body, field in (
        ("PUT", LIVE, {}, "live"),
        ("PUT", LIVE, {"live": "yes"}, "live"),
        ("POST", NUMBERS, {"phone": "0274 3755555"}, "phone"),
        ("POST", NUMBERS, {"number": "0912345678"}, "phone"),
        ("POST", "/v1/messages/release", {"office": "lai-thieu", "reason": "phone"}, "reason"),
        ("POST", "/v1/messages/cancel", {"office": "lai-thieu", "reason": "sent"}, "reason"),
        ("POST", "/v1/messages/release", {"reason": "phone_cap"}, "office"),
    ):
        reply = client.open(path, method=method, headers=mine, json=body)
        assert reply.status_code == 422, (path, body)
        assert field in [one["path"] for one in reply.get_json()["errors"]], (path, body)
    # No key may say it: only people do.
    assert client.put(LIVE, headers=headers, json={"live": True}).status_code == 403


def test_a_held_message_that_would_be_held_again_says_why(
    client: FlaskClient, headers: dict[str, str], post: Any, event: dict[str, Any]
) -> None:
    event["recipient"]["phone"] = "0274 3755555"
    message = post(event).get_json()["events"][0]["messages"][0]
    reply = client.post(f"/v1/messages/{message['id']}/release", headers=headers)
    told = reply.get_json()
    assert (reply.status_code, told["code"]) == (409, "still_held")
    assert told["detail"] == "It would be held again: phone."
    asked = {"office": "thuan-an", "reason": "phone", "dry_run": True}
    counted = client.post("/v1/messages/cancel", headers=headers, json=asked).get_json()
    assert counted == {**asked, "found": 1, "moved": 0}
    done = client.post("/v1/messages/cancel", headers=headers, json={**asked, "dry_run": False})
    assert done.get_json()["moved"] == 1
