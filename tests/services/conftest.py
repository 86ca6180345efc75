"""A process' services over a clock that stands still, and the world around them."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3
from sqlalchemy import text

from config.gateways import variable
from config.settings import Settings
from gateways import registry
from gateways.simulator import embedded
from gateways.simulator import registry as dialects
from gateways.simulator.settings import Bound, SimulatorConfig
from notifier.domain.clock import ManualClock
from notifier.services import keys, messages
from notifier.services.composing import read_body
from notifier.services.intake import Submitted
from notifier.services.seed import DEMO_SOURCE, seed_with
from notifier.services.views import Caller, EventResult, MessageView
from notifier.services.wiring import Wiring, wire
from notifier.up import playing
from tests.databases import Engines
from workers.context import WorkContext
from workers.worker import build_context


@dataclass
class World:
    """Everything a test of services drives."""

    wiring: Wiring
    clock: ManualClock
    caller: Caller
    context: WorkContext
    control: str

    def post(self, *events: dict[str, Any]) -> list[EventResult]:
        bodies = [json.dumps(event, sort_keys=True) for event in events]
        return self.wiring.intake.accept(
            self.caller, [Submitted(read_body(body), body) for body in bodies]
        )

    def send(self) -> None:
        """One send job."""
        self.context.sender.run(slice_s=30, stopping=lambda: False)

    def send_in_vain(self, message_id: str) -> None:
        """Send jobs to providers that never answer, until a call of this message is cut short.

        They are another process', whose calls have little time. Where the machine stalls, one may
        end before it began: then nothing was sent, and it is made again.
        """
        settings = self.wiring.settings
        short = dict.fromkeys((variable(one, "deadline_s") for one in settings.gateways), "0.3")
        options = {**settings.adapter_options, **short}
        changed = replace(settings, adapter_options=options)
        hasty = wire(changed, clock=self.clock, database=self.wiring.sessions.engine)
        sender = build_context(
            replace(self.wiring, accounts=hasty.accounts), threading.Event()
        ).sender
        for _ in range(10):
            sender.run(slice_s=30, stopping=lambda: False)
            if self.message(message_id).state == "unknown":
                break
            self.pass_waits(timedelta(seconds=5))
        sender.pool.close()
        hasty.close()

    def pass_waits(self, by: timedelta) -> None:
        """Let so much time pass, for Redis too: its clock is the machine's."""
        self.clock.advance(by)
        for key in self.wiring.redis.keys("baotin:pace:waits:*"):
            self.wiring.redis.delete(key)

    def sweep(self) -> None:
        self.context.sweeper.sweep()

    def message(self, message_id: str) -> MessageView:
        return messages.show(self.caller, message_id, wiring=self.wiring)

    def behave(self, gateway: str = "simulator", **behaviour: Any) -> None:
        reply = urllib3.request(
            "PUT", f"{self.control}/sim/behaviour/{gateway}", json={"receipts": "none", **behaviour}
        )
        assert reply.status < 300, reply.data

    def ledger(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = urllib3.request("GET", f"{self.control}/sim/messages").json()[
            "messages"
        ]
        return rows

    def execute(self, statement: str, **values: Any) -> None:
        with self.wiring.sessions.begin() as session:
            session.execute(text(statement), values)


def event(
    id: str = "e1", type: str = "result_ready", *, case_code: str, **changes: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": id,
        "type": type,
        "occurred_at": "2026-11-24T09:00:00+07:00",
        "case": {
            "code": changes.pop("code", case_code),
            "office": "lai-thieu",
            "channel": changes.pop("channel", "counter"),
            "due_at": "2026-11-25T17:00:00+07:00",
        },
        "recipient": {
            "phone": changes.pop("phone", "0912345678"),
            "language": changes.pop("language", "vi"),
        },
        "data": changes.pop("data", {"noi_nhan": "Quầy 3"}),
    }
    return {**made, **changes}


@pytest.fixture
def new_event() -> Callable[..., dict[str, Any]]:
    """Makes events: `new_event("id", "type", code=…, phone=…)`; one case for one test.

    The simulator remembers every test's messages, and Twilio is asked by words.
    """
    return partial(event, case_code=f"H29-{time.monotonic_ns()}")


@pytest.fixture
def make_world(
    settings: Settings, simulator: Bound, engines: Engines
) -> Iterator[Callable[..., World]]:
    """Builds a world, with changed settings or wiring where a test needs them."""
    made: list[World] = []
    host, port = simulator.control
    control = f"http://{host}:{port}"

    def make(options: dict[str, str] | None = None, **wiring_changes: Any) -> World:
        gateways = wiring_changes.pop("gateways", ("simulator",))
        # Twilio is asked by time, and the simulator's clock is the machine's.
        clock = ManualClock(wiring_changes.pop("now", datetime.now(UTC)))
        changed = replace(
            settings,
            gateways=gateways,
            adapter_options={**settings.adapter_options, **(options or {})},
        )
        restraint = wiring_changes.pop("restraint", None)
        database = engines.of(changed)
        wiring = wire(changed, clock=clock, restraint=restraint, database=database)
        wiring = replace(wiring, **wiring_changes)
        wiring.redis.flushall()
        token = keys.create(DEMO_SOURCE, keys.SCOPES, wiring=wiring).token
        world = World(
            wiring,
            clock,
            keys.authenticate(token, wiring=wiring),
            build_context(wiring, threading.Event()),
            control,
        )
        urllib3.request("DELETE", f"{control}/sim/messages")
        for gateway in simulator.dialects:
            world.behave(gateway)
        made.append(world)
        return world

    yield make
    for world in made:
        world.context.sender.pool.close()
        world.wiring.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


def _digits(count: int) -> str:
    return ("5eed" * count)[:count]


@pytest.fixture
def own_simulator(tmp_path: Path) -> Iterator[Bound]:
    """A simulator of the test's own: a refresh token works once."""
    listen = ("127.0.0.1", 0)
    config = SimulatorConfig(
        folder=tmp_path / "simulator",
        listen=listen,
        dialects=dict.fromkeys(registry.names(), listen),
        accounts={name: one.account(_digits) for name, one in dialects.load().items()},
        templates=dict.fromkeys(registry.names(), playing.registered_words()),
    )
    with embedded.running(config) as bound:
        yield bound


@pytest.fixture
def every(make_world: Callable[..., Any], own_simulator: Bound) -> Any:
    """All gateways at once, the demo's templates registered where one takes nothing else."""
    options = playing.made_up_accounts(_digits)
    for name, (host, port) in own_simulator.dialects.items():
        options |= playing.pointing(name, f"http://{host}:{port}")
    world = make_world(options, gateways=registry.names())
    host, port = own_simulator.control
    world.control = f"http://{host}:{port}"
    seed_with(world.wiring)
    return world
