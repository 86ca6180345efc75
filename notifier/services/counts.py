"""How many messages there were, day by day, whatever retention removed since."""

from datetime import date
from typing import TYPE_CHECKING

from notifier.services.views import NotFound
from notifier.store import daily_counts
from notifier.store.daily_counts import DayCount

if TYPE_CHECKING:
    from notifier.services.wiring import Wiring


def by_day(
    since: date, until: date, *, office_id: str | None = None, wiring: "Wiring"
) -> list[DayCount]:
    """The counts from `since` to `until`, of one office or of all. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        if office_id is not None and office_id not in wiring.catalogue.current(session).office_ids:
            raise NotFound(f"there is no office {office_id}")
        offices = None if office_id is None else [office_id]
        return daily_counts.by_day(session, since=since, until=until, offices=offices)
