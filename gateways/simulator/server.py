"""The simulator as a process: opens its folder and its ports, serves, stops cleanly."""

import asyncio
import json
import random
import signal
from collections.abc import Callable

from aiohttp import web

from gateways.simulator import control, listening, registry
from gateways.simulator.behaviour import Behaviour, parse
from gateways.simulator.dialect import Stage
from gateways.simulator.ledger import Ledger
from gateways.simulator.port import Port
from gateways.simulator.settings import Bound, SimulatorConfig
from gateways.simulator.templates import Templates
from notifier.domain.clock import Clock, SystemClock

_GRACE_S = 3.0  # receipts this long before a kill may not have gone out: once more


def run(config: SimulatorConfig, on_ready: Callable[[Bound], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. `on_ready` learns the ports once all of them listen.

    Raises `OSError` when a port is taken and `ValueError` for a gateway it has no dialect for.
    """
    asyncio.run(_until_signalled(config, on_ready))


async def serve(
    config: SimulatorConfig,
    stop: asyncio.Event,
    on_ready: Callable[[Bound], None] | None = None,
    clock: Clock | None = None,
) -> None:
    """Serve until `stop` is set. Raises as `run`."""
    known = registry.load()
    unknown = set(config.dialects) - set(known)
    if unknown:
        raise ValueError(f"no dialect for {', '.join(sorted(unknown))}")
    clock = clock or SystemClock()
    ledger = Ledger(config.folder)
    ports: dict[str, Port] = {}
    try:
        for name, address in config.dialects.items():
            templates = Templates(name, config.templates.get(name, {}), ledger)
            ports[name] = Port(
                known[name](Stage(config.accounts[name], ledger, clock, templates)),
                address,
                receipt_url=config.receipt_urls.get(name, ""),
                ledger=ledger,
                behaviour=_remembered(ledger, name),
                clock=clock,
                # Receipts' timing, not a secret; the faults' draws are seeded apart from it.
                chance=random.Random(),  # noqa: S311
            )
            await ports[name].start()
        _resume(ledger, ports)
        runner = web.AppRunner(
            control.application(ledger, ports, config.inbound_urls, clock),
            access_log=None,
            shutdown_timeout=1,
        )
        await runner.setup()
        try:
            assert runner.server is not None  # noqa: S101 — `setup` made it
            async with listening.at(config.listen, runner.server) as address:
                if on_ready is not None:
                    bound = {name: port.address for name, port in ports.items()}
                    on_ready(Bound(address, bound))
                await stop.wait()
        finally:
            await runner.cleanup()
        # A killed simulator comes back as it was told to be; a stopped one starts friendly.
        control.forget_behaviours(ledger, ports)
    finally:
        for port_ in ports.values():
            await port_.stop()
        ledger.close()


async def _until_signalled(
    config: SimulatorConfig, on_ready: Callable[[Bound], None] | None
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(config, stop, on_ready)


def _remembered(ledger: Ledger, gateway: str) -> Behaviour:
    note = ledger.note(control.behaviour_note(gateway))
    return Behaviour() if note is None else parse(json.loads(note))


def _resume(ledger: Ledger, ports: dict[str, Port]) -> None:
    """Post the receipts that a kill left unposted; a few come twice, as receipts may."""
    for row in ledger.unfinished(_GRACE_S):
        if row.gateway in ports:
            port = ports[row.gateway]
            port.postman.follow(row, port.behaviour.receipts)
