"""Where hours pass in seconds: real parts in one process, under a clock that is moved on.

A Valkey, a SQLite file and the phone simulator, whose ledger keeps the machine's time.
"""

import json
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import urllib3

from config.gateways import variable
from config.settings import Address, Environment, Key, Settings
from gateways.simulator import embedded, registry
from gateways.simulator.settings import SimulatorConfig
from notifier.services import keys, messages
from notifier.services.composing import read_body
from notifier.services.intake import Submitted
from notifier.services.seed import DEMO_SOURCE, seed_with
from notifier.services.views import Caller, MessageView
from notifier.services.wiring import Wiring, wire
from notifier.store.migrate import upgrade_engine
from notifier.up import playing
from tests.conftest import ValkeyServer
from tests.faults import world
from workers.context import WorkContext
from workers.worker import build_context

_ANY = ("127.0.0.1", 0)


class MovedClock:
    """The machine's clock, further on by what it was moved."""

    def __init__(self) -> None:
        self.moved = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def monotonic(self) -> float:
        return time.monotonic() + self.moved.total_seconds()


@dataclass(frozen=True)
class Place:
    """A running installation with one worker."""

    wiring: Wiring
    clock: MovedClock
    caller: Caller
    worker: WorkContext
    control: str

    def post(self, event: Mapping[str, Any]) -> str:
        """As the API takes it; the id of its message."""
        body = json.dumps(event)
        (told,) = self.wiring.intake.accept(self.caller, [Submitted(read_body(body), body)])
        assert told.outcome == "accepted", told
        return told.messages[0].id

    def behave(self, gateway: str, behaviour: Mapping[str, Any]) -> None:
        address = f"{self.control}/sim/behaviour/{gateway}"
        reply = urllib3.request("PUT", address, json={"receipts": "none", **behaviour})
        assert reply.status == 200, reply.data

    def send(self) -> None:
        """A send job, as long as something is due."""
        self.worker.sender.run(slice_s=30, stopping=lambda: False)

    def pass_time(self, by: timedelta) -> None:
        """Move the clock on, for Redis too, whose clock is the machine's; then sweep and send."""
        self.clock.moved += by
        for key in self.wiring.redis.keys("baotin:pace:*"):
            self.wiring.redis.delete(key)
        self.worker.sweeper.sweep()
        self.send()

    def message(self, message_id: str) -> MessageView:
        return messages.show(self.caller, message_id, wiring=self.wiring)

    def ledger(self) -> list[world.Row]:
        return world.ledger(self.control)


@contextmanager
def running(gateways: Sequence[str], options: Mapping[str, str]) -> Iterator[Place]:
    """An installation with these gateways, in their order, and options by variable."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baotin-drill-")))
        valkey = ValkeyServer(folder)
        valkey.start()
        stack.callback(valkey.stop)
        dialects = registry.load()
        bound = stack.enter_context(
            embedded.running(
                SimulatorConfig(
                    folder=folder / "simulator",
                    listen=_ANY,
                    dialects=dict.fromkeys(dialects, _ANY),
                    accounts={name: one.account(_digits) for name, one in dialects.items()},
                    templates=dict.fromkeys(dialects, playing.registered_words()),
                )
            )
        )
        pointed = playing.made_up_accounts(_digits)
        for name, (host, port) in bound.dialects.items():
            pointed |= playing.pointing(name, f"http://{host}:{port}")
            pointed[variable(name, "settle_s")] = "5"
        clock = MovedClock()
        settings = replace(
            Settings.from_env({}),
            environment=Environment.DEMO,
            data_folder=folder,
            redis_url=valkey.url,
            listen=Address("127.0.0.1", 9),
            gateways=tuple(gateways),
            encryption_keys=(Key("k1", sha256(b"drill").digest()),),
            hash_key=sha256(b"hashes").digest(),
            webhook_secret="webhook-secret",
            adapter_options={**pointed, **options},
        )
        wiring = wire(settings, clock=clock)
        stack.callback(wiring.close)
        upgrade_engine(wiring.sessions.engine)
        seed_with(wiring)
        token = keys.create(DEMO_SOURCE, keys.SCOPES, wiring=wiring).token
        worker = build_context(wiring, threading.Event())
        stack.callback(worker.sender.pool.close)
        host, port = bound.control
        caller = keys.authenticate(token, wiring=wiring)
        place = Place(wiring, clock, caller, worker, f"http://{host}:{port}")
        for gateway in gateways:
            place.behave(gateway, {})
        yield place


def _digits(count: int) -> str:
    return sha256(b"drill").hexdigest()[:count]
