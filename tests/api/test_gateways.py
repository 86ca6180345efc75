from typing import Any

import pytest
from flask.testing import FlaskClient

from notifier.services import keys
from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import Wiring

IN_USE = {"name": "simulator", "paused": False, "reason": None, "paused_at": None}


def test_a_gateway_is_paused_and_resumed(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.get("/v1/gateways", headers=headers).get_json() == {"gateways": [IN_USE]}
    paused = client.post("/v1/gateways/simulator/pause", headers=headers).get_json()
    assert (paused["paused"], paused["reason"]) == (True, "by_person")
    listed = client.get("/v1/gateways", headers=headers).get_json()["gateways"]
    assert listed == [paused]
    resumed = client.post("/v1/gateways/simulator/resume", headers=headers)
    assert (resumed.status_code, resumed.get_json()) == (200, IN_USE)


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_gateway_not_in_use_is_404(
    client: FlaskClient, headers: dict[str, str], verb: str
) -> None:
    assert client.post(f"/v1/gateways/nobody/{verb}", headers=headers).status_code == 404


def test_gateways_need_scopes_of_their_own(
    client: FlaskClient, wiring: Wiring, headers: dict[str, str]
) -> None:
    def status(method: str, path: str, *scopes: str) -> int:
        token = keys.create(DEMO_SOURCE, scopes, wiring=wiring).token
        made: Any = client.open(path, method=method, headers={"Authorization": f"Bearer {token}"})
        return int(made.status_code)

    others = keys.SCOPES - {"gateways:read", "gateways:write"}
    assert status("GET", "/v1/gateways", *others) == 403
    assert status("GET", "/v1/gateways", "gateways:read") == 200
    for verb in ("pause", "resume"):
        assert status("POST", f"/v1/gateways/simulator/{verb}", "gateways:read") == 403
        assert status("POST", f"/v1/gateways/simulator/{verb}", "gateways:write") == 200
