"""SMS from citizens, as they came."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from notifier.store.tables import Inbound
from notifier.store.upserts import insert_new


def keep(session: Session, row: Mapping[str, Any]) -> bool:
    """Keep it, unless the provider called twice; whether it is new."""
    kept = session.connection().execute(
        insert_new(session, Inbound).returning(Inbound.id), [dict(row)]
    )
    return kept.first() is not None
