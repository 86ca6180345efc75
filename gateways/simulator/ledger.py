"""The ledger: every message that a provider would have taken, in one SQLite file.

Rows are inserted at once and committed in groups; a row's `group` is awaited before its answer
goes out, so a killed simulator comes back with every row it ever answered for. The operating
system is trusted (`synchronous=OFF`): this survives `kill -9`, not a power cut.

Emptying the ledger hides rows and forgets nothing: a provider that deduplicates by reference
for ever, or is asked for a message, must still know it.
"""

import asyncio
import math
import sqlite3
import time
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path

from gateways.simulator.rows import Fate, Order, Reply, Row, Status

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
  seq INTEGER PRIMARY KEY, gateway TEXT NOT NULL, phone TEXT NOT NULL, sender TEXT NOT NULL,
  body TEXT NOT NULL, reference TEXT NOT NULL, callback_url TEXT NOT NULL, service TEXT NOT NULL,
  segments INTEGER NOT NULL, received_at REAL NOT NULL,
  sent_at REAL NOT NULL, final_at REAL NOT NULL, final TEXT NOT NULL, code TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS message_phone ON message (phone, seq);
CREATE INDEX IF NOT EXISTS message_reference ON message (reference, seq) WHERE reference != '';
CREATE TABLE IF NOT EXISTS reply (
  seq INTEGER PRIMARY KEY, gateway TEXT NOT NULL, phone TEXT NOT NULL, recipient TEXT NOT NULL,
  body TEXT NOT NULL, written_at REAL NOT NULL,
  segments INTEGER NOT NULL, http_status INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS reply_phone ON reply (phone, seq);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
"""
_COLUMNS = (
    "seq, gateway, phone, sender, body, reference, callback_url, service,"
    " segments, received_at, sent_at, final_at, final, code"
)
_GROUP_S = 0.02  # the longest between commits
_SEQ_BITS = 20  # bits below the millisecond: a million rows in each
_FATE_MS = 60_000  # a fate is settled within this, so that older rows need no look
_EMPTIED = "emptied_up_to"

_Stored = tuple[
    int, str, str, str, str, str, str, str, int, float, float, float, str, str
]  # as in _COLUMNS


@dataclass(frozen=True, slots=True)
class Search:
    """What a provider is asked for. Times in Unix seconds, `since` ≤ sent < `until`."""

    to: str = field(default="", repr=False)  # E.164; "" for any
    sender: str = ""
    since: float = 0.0
    until: float = math.inf
    before: int = (1 << 63) - 1  # sequence numbers, both exclusive
    after: int = 0


class Ledger:
    """One folder's ledger. For one event loop; not thread-safe."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            folder / "ledger.sqlite3", isolation_level=None, cached_statements=256
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)
        self._seq = max(self._last("message"), self._last("reply"))
        self._emptied = int(self.note(_EMPTIED) or 0)
        self._group: asyncio.Event | None = None
        self._ends_at = math.inf  # when the open group is to be committed, by the loop's time

    def take(
        self,
        gateway: str,
        order: Order,
        *,
        segments: int,
        at: float,
        fate: Fate,
        within_s: float = 0,
    ) -> Row:
        """Write one message down. Wait for `group` before anyone is told of it.

        `within_s` is when the answer is due: until then the row may wait for others.
        """
        row = Row(self.next_seq(), gateway, order, segments, at, fate)
        self._begin(within_s)
        self._db.execute(
            f"INSERT INTO message ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608 — our own column names
            (
                row.seq,
                gateway,
                order.to,
                order.sender,
                order.text,
                order.reference,
                order.callback_url,
                order.service,
                segments,
                at,
                fate.sent_at,
                fate.final_at,
                fate.final.value if fate.final else "",
                fate.code,
            ),
        )
        return row

    def next_seq(self) -> int:
        """A number above all before it, across restarts too."""
        # From the clock, so that a simulator started on an empty folder never repeats an id.
        self._seq = max(self._seq + 1, time.time_ns() // 1_000_000 << _SEQ_BITS)
        return self._seq

    def add_reply(self, reply: Reply) -> None:
        """Keep what a citizen wrote, for the page."""
        self._begin()
        self._db.execute("INSERT INTO reply VALUES (?,?,?,?,?,?,?,?)", astuple(reply))

    @property
    def group(self) -> asyncio.Event | None:
        """Set once everything written so far survives a kill; None if it does already."""
        return self._group

    def commit(self) -> None:
        """End the open group now."""
        if self._group is not None:
            group, self._group = self._group, None
            self._db.execute("COMMIT")
            group.set()

    def page(self, *, to: str, reference: str, after: int, limit: int) -> list[Row]:
        """Rows of the ledger after a sequence number, oldest first; "" asks for all."""
        self.commit()  # nothing is shown that a kill could take back
        wanted = ["seq > :after"]
        wanted += ["phone = :to"] if to else []
        wanted += ["reference = :reference", "reference != ''"] if reference else []
        return self._select(
            " AND ".join(wanted),
            "seq",
            to=to,
            reference=reference,
            after=max(after, self._emptied),
            limit=limit,
        )

    def newest(self, limit: int, phone: str = "") -> list[Row]:
        """The ledger's newest rows, of one phone if one is named, newest first."""
        self.commit()
        wanted = "seq > :after" + (" AND phone = :phone" if phone else "")
        return self._select(wanted, "seq DESC", phone=phone, after=self._emptied, limit=limit)

    def shown(self, seq: int) -> Row | None:
        """One message, if the ledger was not emptied since."""
        self.commit()
        return self._first("seq = :seq AND seq > :after", "seq", seq=seq, after=self._emptied)

    def empty(self) -> None:
        """Empty the ledger: no row until now is shown again."""
        self._emptied = self._seq
        self.put_note(_EMPTIED, str(self._seq))

    def known(self, gateway: str, seq: int) -> Row | None:
        """The provider's memory of one message, emptied or not."""
        self.commit()
        return self._first("seq = :seq AND gateway = :gateway", "seq", seq=seq, gateway=gateway)

    def referenced(self, gateway: str, reference: str) -> Row | None:
        """The first message the provider took under this reference, emptied or not.

        It may not be committed yet: every send asks, and must not end its group.
        """
        return self._first(
            "reference = :reference AND reference != '' AND gateway = :gateway",
            "seq",
            reference=reference,
            gateway=gateway,
        )

    def search(self, gateway: str, wanted: Search, limit: int) -> list[Row]:
        """The provider's memory, emptied or not, newest first."""
        self.commit()
        clauses = [
            "gateway = :gateway",
            "seq < :before",
            "seq > :after",
            "sent_at >= :since",
            "sent_at < :until",
        ]
        clauses += ["phone = :to"] if wanted.to else []
        clauses += ["sender = :sender"] if wanted.sender else []
        # From a lower bound upwards the nearest rows are the oldest ones.
        order = "seq" if wanted.after else "seq DESC"
        rows = self._select(
            " AND ".join(clauses), order, gateway=gateway, limit=limit, **asdict(wanted)
        )
        return sorted(rows, key=lambda row: -row.seq)

    def last_to(self, phone: str, gateway: str = "") -> Row | None:
        """The last message that reached this phone, through this gateway if one is named."""
        return self._first(
            "phone = :phone AND (:gateway = '' OR gateway = :gateway)",
            "seq DESC",
            phone=phone,
            gateway=gateway,
        )

    def replies(self, phone: str, limit: int) -> list[Reply]:
        """What this citizen wrote since the ledger was emptied, newest first."""
        found = self._db.execute(
            "SELECT * FROM reply WHERE phone = ? AND seq > ? ORDER BY seq DESC LIMIT ?",
            (phone, self._emptied, limit),
        )
        return [Reply(*columns) for columns in found]

    def unfinished(self, grace_s: float) -> list[Row]:
        """Messages whose receipts were still due when the last row came, less a grace."""
        newest = self._first("1", "seq DESC")
        if newest is None:
            return []
        return self._select(
            "seq > :after AND final_at > :due",
            "seq",
            after=newest.seq - (_FATE_MS << _SEQ_BITS),
            due=newest.received_at - grace_s,
            limit=-1,
        )

    def note(self, name: str) -> str | None:
        """A small thing kept beside the ledger, such as a behaviour."""
        found = self._db.execute("SELECT content FROM note WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def put_note(self, name: str, content: str | None) -> None:
        """Keep a small thing, at once; None forgets it."""
        self.commit()
        if content is None:
            self._db.execute("DELETE FROM note WHERE name = ?", (name,))
        else:
            self._db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, content))

    def close(self) -> None:
        """Commit what is open and let go of the file."""
        self.commit()
        self._db.close()

    def _select(self, where: str, order: str, **values: object) -> list[Row]:
        sql = f"SELECT {_COLUMNS} FROM message WHERE {where} ORDER BY {order} LIMIT :limit"  # noqa: S608 — our own clauses; values are bound
        return [_row(columns) for columns in self._db.execute(sql, values)]

    def _first(self, where: str, order: str, **values: object) -> Row | None:
        return next(iter(self._select(where, order, limit=1, **values)), None)

    def _last(self, table: str) -> int:
        found = self._db.execute(f"SELECT max(seq) FROM {table}").fetchone()  # noqa: S608 — our own names
        return int(found[0] or 0)

    def _begin(self, within_s: float = 0) -> None:
        """Write into the open group, and end it within this time or at the end of this turn."""
        loop = asyncio.get_running_loop()
        if self._group is None:
            self._group = asyncio.Event()
            self._ends_at = math.inf
            self._db.execute("BEGIN")
        ends_at = loop.time() + min(within_s, _GROUP_S)
        if ends_at < self._ends_at:
            self._ends_at = ends_at
            if within_s:
                loop.call_at(ends_at, self.commit)
            else:
                loop.call_soon(self.commit)


def _row(columns: _Stored) -> Row:
    (seq, gateway, phone, sender, body, reference, callback_url, service, *_) = columns
    segments, received_at, sent_at, final_at, final, code = columns[8:]
    return Row(
        seq,
        gateway,
        Order(phone, sender, body, reference, callback_url, service),
        segments,
        received_at,
        Fate(sent_at, final_at, Status(final) if final else None, code),
    )
