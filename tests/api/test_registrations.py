from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from notifier.services.wiring import Wiring

PATH = "/v1/gateways/simulator/templates"
READY = {"event_type": "result_ready", "channel": "counter"}


def test_a_template_is_recorded_submitted_and_approved(
    client: FlaskClient, headers: dict[str, str], wiring: Wiring
) -> None:
    given = {**READY, "parameters": [], "network": "viettel"}
    recorded = client.post(PATH, headers=headers, json={"templates": [given]})
    (one,) = recorded.get_json()["templates"]
    assert (one["status"], one["network"], one["number"]) == ("draft", "viettel", 1)
    for verb, body, status in (
        ("submit", {}, "submitted"),
        ("approve", {"provider_id": "4711", "remark": "by mail"}, "approved"),
    ):
        shown = client.post(f"{PATH}/{one['id']}/{verb}", headers=headers, json=body)
        assert (shown.status_code, shown.get_json()["status"]) == (200, status)
    again = client.post(f"{PATH}/{one['id']}/submit", headers=headers, json={})
    assert (again.status_code, again.get_json()["code"]) == (409, "version_moved_on")
    listed = client.get(f"{PATH}?status=approved", headers=headers).get_json()["templates"]
    assert [(row["provider_id"], row["remark"]) for row in listed] == [("4711", "by mail")]
    assert client.get(f"{PATH}?status=draft", headers=headers).get_json() == {"templates": []}
    with wiring.sessions.read() as session:
        told = session.execute(text("SELECT action FROM audit ORDER BY id")).scalars()
        assert list(told)[-3:] == [f"registration.{s}" for s in ("draft", "submitted", "approved")]


def test_recording_again_writes_over_what_stood_there(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    for provider_id in ("1", "2"):
        body = {"templates": [{**READY, "provider_id": provider_id}]}
        client.post(PATH, headers=headers, json=body)
    listed = client.get(PATH, headers=headers).get_json()["templates"]
    assert [one["provider_id"] for one in listed] == ["2"]


BAD: list[tuple[Any, str, str]] = [
    ({"templates": []}, "templates", "invalid"),
    ({"templates": [{**READY, "status": "sold"}]}, "templates.0.status", "invalid"),
    ({"templates": [{**READY, "office": "nowhere"}]}, "templates.0.office", "unknown_office"),
    ({"templates": [READY, {**READY, "number": 9}]}, "templates.1", "no_template"),
]


@pytest.mark.parametrize(("body", "path", "code"), BAD)
def test_what_cannot_be_is_422_with_its_path(
    client: FlaskClient, headers: dict[str, str], body: Any, path: str, code: str
) -> None:
    refused = client.post(PATH, headers=headers, json=body)
    (error,) = refused.get_json()["errors"]
    assert (refused.status_code, error["path"], error["code"]) == (422, path, code)


def test_a_gateway_or_an_office_that_is_not_there_is_404(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    nobody = "/v1/gateways/pigeon/templates"
    assert client.get(nobody, headers=headers).status_code == 404
    assert client.post(f"{PATH}/draft", headers=headers, json={"office": "x"}).status_code == 404
    drafted = client.post(f"{PATH}/draft", headers=headers, json={"office": "lai-thieu"})
    assert len(drafted.get_json()["templates"]) > 40
