"""How often words were used."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.store.tables import Message, Template, TemplateVersion


def by_situation(session: Session, office: str, *, since_id: str) -> dict[tuple[str, str], int]:
    """By event type and channel: the office's messages with words since that id."""
    used = (
        select(Message.template_version_id.label("version_id"), func.count().label("messages"))
        .where(
            Message.office_id == office,
            Message.id >= since_id,
            Message.template_version_id.is_not(None),
        )
        .group_by(Message.template_version_id)
        .subquery()
    )
    rows = session.execute(
        select(Template.event_type, Template.channel, func.sum(used.c.messages))
        .join(TemplateVersion, TemplateVersion.id == used.c.version_id)
        .join(Template, Template.id == TemplateVersion.template_id)
        .group_by(Template.event_type, Template.channel)
    )
    return {(event_type, channel): int(count) for event_type, channel, count in rows}
