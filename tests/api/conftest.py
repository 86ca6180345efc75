"""The API over real wiring, and a key for it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from notifier.services.wiring import Wiring


@pytest.fixture
def client(app_over: Callable[[Wiring], Flask], wiring: Wiring) -> FlaskClient:
    return app_over(wiring).test_client()


@pytest.fixture
def headers(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}


@pytest.fixture
def post(client: FlaskClient, headers: dict[str, str]) -> Callable[..., Any]:
    """Posts a value, or bytes as they are, to /v1/events."""

    def do(body: Any, **changed: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post("/v1/events", data=raw, headers={**headers, **changed})

    return do


@pytest.fixture
def rows(wiring: Wiring) -> Callable[[], int]:
    """How many rows intake has written."""

    def count() -> int:
        with wiring.sessions.read() as session:
            return sum(
                session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
                for table in ("cases", "events", "messages")
            )

    return count


@pytest.fixture
def event() -> dict[str, Any]:
    return {
        "id": "3f1c",
        "type": "result_ready",
        "occurred_at": "2026-11-23T09:00:00+07:00",
        "case": {"code": "H29-1", "office": "lai-thieu", "channel": "counter"},
        "recipient": {"phone": "0912345678"},
        "data": {"noi_nhan": "Quầy 3"},
    }
