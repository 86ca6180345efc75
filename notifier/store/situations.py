"""Which situations send, office by office."""

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from notifier.domain.events import Channel, EventType
from notifier.store.tables import Situation


def own(session: Session, office: str, event_type: EventType, channel: Channel) -> bool | None:
    """What the office itself says; none where it leaves it to those above."""
    return session.scalar(select(Situation.sends).where(*_is(office, event_type, channel)))


def set_own(
    session: Session,
    office: str,
    event_type: EventType,
    channel: Channel,
    sends: bool | None,
    new_id: str,
) -> None:
    """Write what the office says, or that it says nothing."""
    session.execute(
        delete(Situation)
        .where(*_is(office, event_type, channel))
        .execution_options(synchronize_session=False)
    )
    if sends is not None:
        session.add(
            Situation(
                id=new_id,
                office_id=office,
                event_type=event_type,
                channel=channel,
                sends=sends,
                purge_after=None,
            )
        )
    session.flush()


def _is(office: str, event_type: EventType, channel: Channel) -> tuple[ColumnElement[bool], ...]:
    return (
        Situation.office_id == office,
        Situation.event_type == event_type,
        Situation.channel == channel,
    )
