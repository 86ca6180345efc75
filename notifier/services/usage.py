"""How often a situation's words were used lately."""

from collections.abc import Mapping
from datetime import timedelta

from notifier.domain.ids import earliest
from notifier.domain.people import Permission
from notifier.services import actors
from notifier.services.actors import Actor
from notifier.services.wiring import Wiring
from notifier.store import usage as rows

LATELY = timedelta(days=30)


def lately(actor: Actor, office: str, *, wiring: Wiring) -> Mapping[tuple[str, str], int]:
    """By event type and channel: the office's messages of the last 30 days with words.

    Raises `NotFound`, `ScopeMissing`.
    """
    read = Permission.TEMPLATES_READ
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_at(actor, read, office, known, sees=read)
        since = wiring.sessions.now(session) - LATELY
        return rows.by_situation(session, office, since_id=earliest("msg", since))
