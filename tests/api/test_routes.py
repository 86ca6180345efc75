"""`/v1/routes` and `/v1/alerts`."""

from flask.testing import FlaskClient

from notifier.domain.alerts import AlertKind
from notifier.services import keys
from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import Wiring
from notifier.store import alerts

SIMULATOR = {"gateways": {"simulator": 1}, "languages": [], "encodings": [], "operators": []}


def test_a_route_is_given_shown_and_taken_away(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    given = client.put(
        "/v1/routes/lai-thieu", headers=headers, json={"steps": [SIMULATOR], "on_unknown": "wait"}
    )
    assert given.get_json() == {
        "office": "lai-thieu",
        "said_by": "lai-thieu",
        "steps": [SIMULATOR],
        "cheapest_first": False,
        "on_unknown": "wait",
    }
    assert client.get("/v1/routes/lai-thieu", headers=headers).get_json() == given.get_json()
    question = {"office": "lai-thieu", "encoding": "ucs2"}
    way = client.post("/v1/routes/preview", headers=headers, json=question).get_json()
    choice = {"gateway": "simulator", "taken": True, "why": "the first that can"}
    nobody = dict.fromkeys(("operator", "told_by", "told_at"))
    assert way == {"office": "lai-thieu", "said_by": "lai-thieu", "choices": [choice], **nobody}
    gone = client.delete("/v1/routes/lai-thieu", headers=headers).get_json()
    assert gone["said_by"] == "default"


def test_a_gateway_not_in_use_is_422_and_an_unknown_office_404(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    wrong = {"steps": [{"gateways": {"pigeon": 1}}]}
    told = client.put("/v1/routes/lai-thieu", headers=headers, json=wrong)
    assert told.status_code == 422
    assert told.get_json()["errors"][0]["path"] == "steps.0.gateways.pigeon"
    right = {"steps": [SIMULATOR]}
    yes = {**right, "cheapest_first": "yes"}
    told = client.put("/v1/routes/lai-thieu", headers=headers, json=yes)
    assert told.get_json()["errors"][0]["path"] == "cheapest_first"
    assert client.put("/v1/routes/nowhere", headers=headers, json=right).status_code == 404
    assert client.get("/v1/routes/nowhere", headers=headers).status_code == 404


def test_routes_need_the_scopes_of_gateways(client: FlaskClient, wiring: Wiring) -> None:
    token = keys.create(DEMO_SOURCE, ["gateways:read"], wiring=wiring).token
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/v1/routes/lai-thieu", headers=headers).status_code == 200
    put = client.put("/v1/routes/lai-thieu", headers=headers, json={"steps": [SIMULATOR]})
    assert put.status_code == 403
    assert client.get("/v1/alerts", headers=headers).status_code == 403


def test_open_alerts_are_listed_and_closed_ones_are_not(
    client: FlaskClient, headers: dict[str, str], wiring: Wiring
) -> None:
    assert client.get("/v1/alerts", headers=headers).get_json() == {"alerts": []}
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        for subject in ("a", "b"):
            alerts.raise_alert(
                session,
                f"alt_{subject}",
                kind=AlertKind.BUDGET,
                subject=subject,
                detail="why",
                now=now,
            )
        alerts.close_alert(session, kind=AlertKind.BUDGET, subject="a", now=now)
    (told,) = client.get("/v1/alerts", headers=headers).get_json()["alerts"]
    assert (told["kind"], told["subject"], told["detail"]) == ("budget", "b", "why")


def test_a_budget_is_given_and_shown(client: FlaskClient, headers: dict[str, str]) -> None:
    limits = {"daily_segments": 10, "monthly_dong": 100_000}
    nothing = {"day_segments": 0, "month_segments": 0, "day_dong": 0, "month_dong": 0}
    given = client.put("/v1/budgets/lai-thieu", headers=headers, json=limits)
    nothing = {"day_segments": 0, "month_segments": 0, "day_dong": 0, "month_dong": 0}
    assert given.get_json() == {
        "office": "lai-thieu",
        "budget": {"monthly_segments": None, "daily_dong": None, **limits},
        "spent": nothing,
        "own": nothing,
        "left": limits,
        "above": {},
    }
    assert client.get("/v1/budgets/lai-thieu", headers=headers).get_json() == given.get_json()
    wrong = client.put("/v1/budgets/lai-thieu", headers=headers, json={"daily_dong": -1})
    assert wrong.status_code == 422


def test_a_limit_is_given_shown_and_taken_away(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    (before,) = client.get("/v1/limits", headers=headers).get_json()["limits"]
    limit = {"per_second": 12.5, "rate_unit": "segments"}
    given = client.put("/v1/limits/simulator", headers=headers, json=limit).get_json()
    assert given == {"gateway": "simulator", **limit, "said_by": "person"}
    assert client.get("/v1/limits/simulator", headers=headers).get_json() == given
    assert client.delete("/v1/limits/simulator", headers=headers).get_json() == before
    for wrong in ({"per_second": -1}, {"per_second": "9"}, {}, {**limit, "rate_unit": "words"}):
        answer = client.put("/v1/limits/simulator", headers=headers, json=wrong)
        assert (answer.status_code, wrong) == (422, wrong)
    assert client.get("/v1/limits/nowhere", headers=headers).status_code == 404
