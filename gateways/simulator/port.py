"""One dialect on one port: a send's way from the socket to the ledger and back.

A send costs one draw. What the draw says to a provider that does not take is answered without
the ledger; everything else is read, written down, and only then answered, well or badly.
"""

import asyncio
import random
import socket
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from aiohttp import web

from gateways.simulator import listening, receipts, segments, wire
from gateways.simulator.behaviour import FAILURES, TAKING, Behaviour, Draws, FaultKind
from gateways.simulator.dialect import Answer, Call, Dialect, Refused
from gateways.simulator.ledger import Ledger
from gateways.simulator.numbers import MAGIC, Magic
from gateways.simulator.quota import Quota
from gateways.simulator.receipts import Postman
from gateways.simulator.rows import Order, Row
from gateways.simulator.settings import Address
from notifier.domain.clock import Clock

_BACKLOG = 2_048
_KEEP_ALIVE_S = 75.0
_LAST_CALLS_S = 0.2  # for calls under way at the stop; a fault may hold one for a minute
_NOTHING = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, b"")  # for faults that answer nothing


def receipt_note(gateway: str) -> str:
    """Under which name the ledger keeps where an account's receipts go."""
    return f"receipts:{gateway}"


class Port:
    """A dialect that listens. Make it inside the event loop."""

    def __init__(
        self,
        dialect: Dialect,
        address: Address,
        *,
        ledger: Ledger,
        behaviour: Behaviour,
        clock: Clock,
        chance: random.Random,
        receipt_url: str = "",
    ) -> None:
        self.dialect = dialect
        self._receipt_url = receipt_url
        self._draws = Draws(behaviour)
        self._ledger = ledger
        self._clock = clock
        self._chance = chance
        self.postman = Postman(
            dialect.name, lambda row, step: self.dialect.receipt(row, step.status, step.at)
        )
        # Bound and never listening: it keeps the port ours while the listener is closed.
        self._holder = _bound(address)
        self.address: Address = self._holder.getsockname()[:2]
        self._listener: asyncio.Server | None = None
        self._opening = asyncio.Lock()
        self._busy: set[web.RequestHandler] = set()
        # Cancelled with its connection: a client that hangs up ends the wait made for it.
        self._server = web.Server(
            self._serve,
            handler_cancellation=True,
            access_log=None,
            keepalive_timeout=_KEEP_ALIVE_S,
        )

    @property
    def behaviour(self) -> Behaviour:
        return self._draws.behaviour

    @property
    def quota(self) -> Quota:
        return self._draws.quota

    def change_account(self, changed: Mapping[str, str]) -> None:
        """Play on with these options of the account: what comes from now on knows no others."""
        stage = self.dialect.stage
        account = {**stage.account, **changed}
        self.dialect = type(self.dialect)(replace(stage, account=account))

    async def start(self) -> None:
        """Listen, if the behaviour lets it, and post receipts, those of a former life too."""
        self.postman.start()
        await self.behave(self.behaviour)

    async def behave(self, behaviour: Behaviour) -> None:
        """Replace the behaviour and its draws; the port is open or closed on return."""
        self._draws = Draws(behaviour)
        async with self._opening:
            if behaviour.refuses:
                await self._close()
            elif self._listener is None:
                self._listener = await asyncio.get_running_loop().create_server(
                    self._server, sock=_bound(self.address), backlog=_BACKLOG
                )

    async def stop(self) -> None:
        """Close the port and every connection."""
        async with self._opening:
            await self._close()
        self._holder.close()
        await self._server.shutdown(_LAST_CALLS_S)
        await self.postman.stop()

    async def _close(self) -> None:
        if self._listener is not None:
            await listening.end(self._listener)
            self._listener = None
            # Kept connections would be a way around a closed port; calls under way may end.
            for connection in self._server.connections:
                if connection in self._busy:
                    connection.close()
                else:
                    connection.force_close()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self._busy.add(request.protocol)
        try:
            return await self._answer(request)
        finally:
            self._busy.discard(request.protocol)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        call = Call(request.method, path, query, request.headers, await request.read())
        if not self.dialect.hands_over(call):
            return wire.good(self.dialect.ask(call))
        kind = self._draws.draw()
        latency_s = self.behaviour.latency_ms / 1_000
        answer, written = _NOTHING, None
        if kind is None or kind in TAKING:
            kind, answer = self._handed_over(call, kind)
            written = self._ledger.group
        elif kind in FAILURES:
            answer, kind = self.dialect.failure(kind), None
        if latency_s:
            await asyncio.sleep(latency_s)
        if written is not None:
            await written.wait()
        return wire.good(answer) if kind is None else await wire.spoilt(request, answer, kind)

    def _handed_over(self, call: Call, kind: FaultKind | None) -> tuple[FaultKind | None, Answer]:
        """Take the message or refuse it: the fault that is left, and the answer."""
        try:
            order = self.dialect.read(call)
        except Refused as refused:
            return None, refused.answer
        magic = MAGIC.get(order.to)
        if magic is Magic.HTTP_500:
            return None, self.dialect.failure(FaultKind.HTTP_500)
        if magic is Magic.TIMEOUT_ONCE and not self._ledger.page(
            to=order.to, reference="", after=0, limit=1
        ):
            kind = FaultKind.TIMEOUT_AFTER
        if first := self._same_before(order):
            return kind, self.dialect.taken(first, duplicate=True)
        row = self._take(order)
        return kind, self.dialect.taken(row, duplicate=False)

    def _same_before(self, order: Order) -> Row | None:
        """The message that this reference already stands for, while the provider remembers."""
        if not self.dialect.remembers_s:
            return None
        row = self._ledger.referenced(self.dialect.name, order.reference)
        since = self._clock.now().timestamp() - self.dialect.remembers_s
        return row if row is not None and row.received_at >= since else None

    def _take(self, order: Order) -> Row:
        if self.dialect.reports_to_account:
            note = self._ledger.note(receipt_note(self.dialect.name))
            order = replace(order, callback_url=note or self._receipt_url)
        at = self._clock.now().timestamp()
        how = self.behaviour.receipts
        row = self._ledger.take(
            self.dialect.name,
            order,
            segments=segments.count(order.text),
            at=at,
            fate=receipts.fate(order.to, at, how, self.dialect.undelivered, self._chance),
            within_s=self.behaviour.latency_ms / 1_000,
        )
        self.postman.follow(row, how)
        return row


def _bound(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setblocking(False)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
