"""The control API: the ledger, behaviours and citizens' replies over JSON, and the page.

Errors are `{"error": {"code", "path", "message"}}`: 404 for an unknown gateway or phone, 422
for a body or parameter that cannot be read, 502 when the receiver of a reply did not take it.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from gateways.simulator import page, segments
from gateways.simulator.behaviour import BadBehaviour, parse
from gateways.simulator.bodies import read_json
from gateways.simulator.ledger import Ledger
from gateways.simulator.numbers import dialled, e164
from gateways.simulator.phones import on_the_air, phones, thread
from gateways.simulator.port import Port, receipt_note
from gateways.simulator.posting import Courier, Unreachable, callable_url
from gateways.simulator.rows import Reply, Row, seq_of_id
from notifier.domain.clock import Clock

_PAGE = 1_000
_USUAL_API = "http://127.0.0.1:8080"
_LONGEST_TEXT = 1_600
_OK = range(200, 300)
_BODY = "body"
_REPLY, _REPLY_MAY = frozenset({"from", "text"}), frozenset({"to", "gateway"})


class _Problem(Exception):
    def __init__(self, status: int, code: str, message: str, path: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.error = {"code": code, "path": path, "message": message}


def behaviour_note(gateway: str) -> str:
    """Under which name the ledger keeps a gateway's behaviour."""
    return f"behaviour:{gateway}"


def forget_behaviours(ledger: Ledger, ports: Mapping[str, Port]) -> None:
    """The next start begins with the defaults."""
    for gateway in ports:
        ledger.put_note(behaviour_note(gateway), None)


def application(
    ledger: Ledger, ports: Mapping[str, Port], inbound_urls: Mapping[str, str], clock: Clock
) -> web.Application:
    """The control port's application."""
    api = _Control(ledger, ports, inbound_urls, clock)
    app = web.Application(middlewares=[_guarded])
    app.add_routes(
        [
            web.get("/healthz", api.health),
            web.get("/sim/messages", api.messages),
            web.delete("/sim/messages", api.empty),
            web.get("/sim/messages/{id}", api.message),
            web.get("/sim/behaviour", api.behaviours),
            web.get("/sim/behaviour/{gateway}", api.behaviour),
            web.put("/sim/behaviour/{gateway}", api.behave),
            web.get("/sim/quota/{gateway}", api.quota),
            web.put("/sim/inbound/{gateway}", api.set_inbound),
            web.get("/sim/receipts/{gateway}", api.receipts),
            web.put("/sim/receipts/{gateway}", api.set_receipts),
            web.put("/sim/templates/{gateway}", api.register),
            web.put("/sim/account/{gateway}", api.set_account),
            web.post("/sim/reply", api.reply),
            web.get("/sim/phones", api.phones),
            web.get("/sim/phones/{phone}", api.thread),
            *page.routes(_api_url(inbound_urls)),
        ]
    )
    return app


def _api_url(inbound_urls: Mapping[str, str]) -> str:
    """The API beside this simulator, as far as it knows, for the page's example."""
    for url in inbound_urls.values():
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"
    return _USUAL_API


@web.middleware
async def _guarded(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Errors as JSON; no orders from other sites' pages; nothing framed, sniffed or cached."""
    try:
        _same_origin(request)
        response = await handler(request)
    except _Problem as problem:
        response = web.json_response({"error": problem.error}, status=problem.status)
    except web.HTTPException as error:
        code = error.reason.lower().replace(" ", "_")
        response = web.json_response(
            {"error": {"code": code, "path": "", "message": error.reason}}, status=error.status
        )
    response.headers.update(page.HEADERS)
    return response


def _same_origin(request: web.Request) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise _Problem(HTTPStatus.FORBIDDEN, "other_origin", "Another site's page asks.")


class _Control:
    def __init__(
        self,
        ledger: Ledger,
        ports: Mapping[str, Port],
        inbound_urls: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._ports = ports
        self._inbound_urls = inbound_urls
        self._clock = clock

    async def health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def messages(self, request: web.Request) -> web.Response:
        unknown = set(request.query) - {"to", "reference", "after"}
        if unknown:
            raise _unreadable(sorted(unknown)[0], "unknown parameter")
        after = request.query.get("after", "")
        seq = seq_of_id(after) if after else 0
        if seq is None:
            raise _unreadable("after", "no id of the ledger")
        rows = self._ledger.page(
            # An unescaped plus arrives as a space, and 84… is read as +84… anyway.
            to=e164(request.query.get("to", "")),
            reference=request.query.get("reference", ""),
            after=seq,
            limit=_PAGE,
        )
        return web.json_response({"messages": [row.as_json() for row in rows]})

    async def message(self, request: web.Request) -> web.Response:
        seq = seq_of_id(request.match_info["id"])
        row = None if seq is None else self._ledger.shown(seq)
        if row is None:
            raise _Problem(HTTPStatus.NOT_FOUND, "unknown_message", "No such message.", "id")
        return web.json_response({**row.as_json(), **on_the_air(row.order.text)})

    async def empty(self, _request: web.Request) -> web.Response:
        self._ledger.empty()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def behaviours(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {name: port.behaviour.as_json() for name, port in self._ports.items()}
        )

    async def behaviour(self, request: web.Request) -> web.Response:
        return web.json_response(self._port(request).behaviour.as_json())

    async def quota(self, request: web.Request) -> web.Response:
        return web.json_response(self._port(request).quota.as_json())

    async def behave(self, request: web.Request) -> web.Response:
        port = self._port(request)
        try:
            behaviour = parse(await _json(request))
        except BadBehaviour as bad:
            raise _unreadable(bad.path or _BODY, str(bad)) from bad
        await port.behave(behaviour)
        note = json.dumps(behaviour.as_json())
        self._ledger.put_note(behaviour_note(port.dialect.name), note)
        return web.json_response(behaviour.as_json())

    async def set_inbound(self, request: web.Request) -> web.Response:
        return await self._set_url(request, lambda gateway: f"inbound:{gateway}")

    async def receipts(self, request: web.Request) -> web.Response:
        return web.json_response(self._port(request).postman.record.as_json())

    async def set_receipts(self, request: web.Request) -> web.Response:
        return await self._set_url(request, receipt_note)

    async def _set_url(self, request: web.Request, note: Callable[[str], str]) -> web.Response:
        gateway = self._port(request).dialect.name
        url = _fields(await _json(request), frozenset({"url"}))["url"]
        if not callable_url(url):
            raise _unreadable("url", "an http address")
        self._ledger.put_note(note(gateway), url)
        return web.json_response({"gateway": gateway, "url": url})

    async def register(self, request: web.Request) -> web.Response:
        dialect = self._port(request).dialect
        fields = _fields(await _json(request), frozenset({"id", "text"}))
        if not fields["id"]:
            raise _unreadable("id", "at least one character")
        dialect.stage.templates.put(fields["id"], fields["text"])
        return web.json_response({"gateway": dialect.name, **fields})

    async def set_account(self, request: web.Request) -> web.Response:
        port = self._port(request)
        given = await _json(request)
        known = port.dialect.stage.account
        may = frozenset(known) | {f"{name}_old" for name in known}
        port.change_account(_fields(given, frozenset(), may))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def reply(self, request: web.Request) -> web.Response:
        fields = _fields(await _json(request), _REPLY, _REPLY_MAY)
        phone = e164(fields["from"])
        if not dialled(phone):
            raise _unreadable("from", "no phone number")
        if not 0 < len(fields["text"]) <= _LONGEST_TEXT:
            raise _unreadable("text", f"1 to {_LONGEST_TEXT} characters")
        named = fields.get("gateway", "")
        if named and named not in self._ports:
            raise _Problem(HTTPStatus.NOT_FOUND, "unknown_gateway", "No such gateway.", "gateway")
        last = self._ledger.last_to(phone, named)
        gateway = named or (last.gateway if last else "")
        if gateway not in self._ports:
            raise _Problem(HTTPStatus.NOT_FOUND, "unknown_phone", "No message reached it.", "from")
        to = e164(fields.get("to", "") or (last.order.sender if last else ""))
        if not to:
            raise _unreadable("to", "nobody wrote to this phone: say to whom it answers")
        written = Reply(
            seq=self._ledger.next_seq(),
            gateway=gateway,
            phone=phone,
            to=to,
            text=fields["text"],
            written_at=self._clock.now().timestamp(),
            segments=segments.count(fields["text"]),
            http_status=0,
        )
        return await self._deliver(written, self._inbound_url(gateway, last))

    async def phones(self, _request: web.Request) -> web.Response:
        return web.json_response(phones(self._ledger))

    async def thread(self, request: web.Request) -> web.Response:
        phone = e164(request.match_info["phone"])
        now = self._clock.now().timestamp()
        return web.json_response({"phone": phone, **thread(self._ledger, phone, now)})

    def _port(self, request: web.Request) -> Port:
        port = self._ports.get(request.match_info["gateway"])
        if port is None:
            raise _Problem(HTTPStatus.NOT_FOUND, "unknown_gateway", "No such gateway.", "gateway")
        return port

    def _inbound_url(self, gateway: str, last: Row | None) -> str:
        url = self._ledger.note(f"inbound:{gateway}") or self._inbound_urls.get(gateway, "")
        if not url and last is not None and "/receipts/" in last.order.callback_url:
            address = last.order.callback_url.partition("?")[0]
            url = address.replace("/receipts/", "/inbound/")
        if not url:
            raise _Problem(
                HTTPStatus.NOT_FOUND,
                "no_inbound_url",
                f"Nobody said where replies go: PUT /sim/inbound/{gateway}.",
            )
        return url

    async def _deliver(self, written: Reply, url: str) -> web.Response:
        courier = Courier()
        try:
            status = await courier.post(self._ports[written.gateway].dialect.inbound(written, url))
        except Unreachable as unreachable:
            status = 0
            refusal = "unreachable", f"The receiver cannot be reached: {unreachable}."
        else:
            refusal = "not_delivered", f"The receiver answered {status}."
        finally:
            courier.close()
        delivered = status in _OK
        self._ledger.add_reply(written.answered(status))
        self._ledger.commit()
        if not delivered:
            raise _Problem(HTTPStatus.BAD_GATEWAY, *refusal)
        return web.json_response(
            {"id": written.id, "gateway": written.gateway, "delivered": True, "status": status},
            status=HTTPStatus.ACCEPTED,
        )


async def _json(request: web.Request) -> object:
    try:
        return read_json(await request.read())
    except ValueError as error:
        raise _unreadable(_BODY, "no JSON") from error


def _fields(
    body: object, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> dict[str, str]:
    if not isinstance(body, dict):
        raise _unreadable(_BODY, "an object")
    for name in body:
        if name not in required | optional:
            raise _unreadable(str(name), "unknown field")
    for name in sorted(required | (optional & set(body))):
        if not isinstance(body.get(name), str):
            raise _unreadable(name, "a text")
    return body


def _unreadable(path: str, message: str) -> _Problem:
    return _Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable", message, path)
