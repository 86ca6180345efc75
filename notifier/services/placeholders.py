"""What a change of placeholders does: which sources fill them, and how they did lately."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

from notifier.domain.placeholders import PLACEHOLDERS
from notifier.domain.versions import PlaceholderChange, TemplateKey
from notifier.services import composing
from notifier.services.catalogue import Known
from notifier.services.template_views import AffectedSource, PlaceholderEffect
from notifier.store import events
from notifier.store.sealing import Sealer

_LOOKED_AT = 20  # latest events of each source
_AMONG = 500  # latest messages of the offices: so that a rare situation costs no more

# What the office itself or the event's case says; the rest is in the event's `data`.
_OF_THE_CASE: Mapping[str, str] = {"ma_ho_so": "code", "ngay_hen": "due_at"}
_OURS = frozenset({"trang_thai"})


def effects(
    session: Session, key: TemplateKey, change: PlaceholderChange, *, known: Known, sealer: Sealer
) -> tuple[PlaceholderEffect, ...]:
    """One for each placeholder that came or went; a constant of the office concerns nobody."""
    offices = known.inheriting(key)
    sources = known.sources_of(offices)
    bodies = _latest_bodies(session, key, offices, sources, sealer) if change.added else {}
    return (
        *(
            PlaceholderEffect(
                name,
                added=True,
                default=key.language in PLACEHOLDERS[name].default,
                sources=tuple(
                    AffectedSource(source, len(seen), sum(_fills(body, name) for body in seen))
                    for source, seen in sorted(bodies.items())
                ),
            )
            for name in change.added
            if not PLACEHOLDERS[name].constant
        ),
        *(
            PlaceholderEffect(name, added=False, default=False, sources=())
            for name in change.removed
            if not PLACEHOLDERS[name].constant
        ),
    )


def _latest_bodies(
    session: Session,
    key: TemplateKey,
    offices: Collection[str],
    sources: Collection[str],
    sealer: Sealer,
) -> dict[str, list[dict[str, Any]]]:
    """By source: what its latest events of this situation said."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list, {source: [] for source in sources})
    latest = events.latest_bodies(session, offices, key.event_type, key.channel, among=_AMONG)
    for source_id, event_id, cipher in latest:
        if len(found[source_id]) < _LOOKED_AT:
            found[source_id].append(json.loads(composing.open_body(sealer, event_id, cipher)))
    return found


def _fills(body: Mapping[str, Any], name: str) -> bool:
    if name in _OURS:
        return True
    if name in _OF_THE_CASE:
        return bool(body["case"].get(_OF_THE_CASE[name]))
    return body.get("data", {}).get(name) not in {None, ""}
