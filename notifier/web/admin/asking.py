"""What is said, and wants a yes, before a version is handed to whoever approves."""

from dataclasses import dataclass

from notifier.domain.versions import Status, TemplateKey
from notifier.services import templates
from notifier.services.actors import Staff
from notifier.services.template_views import PlaceholderEffect, VersionView
from notifier.services.wiring import Wiring
from notifier.web.admin.previews import look

_MANY_SEGMENTS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A version, and what submitting it would do beside handing it on."""

    number: int
    effects: tuple[PlaceholderEffect, ...] = ()
    replaces: VersionView | None = None  # what waits for approval, and would no more
    segments: int = 0  # of its longest message, where those are many
    dong: int = 0


def before(staff: Staff, key: TemplateKey, number: int, *, wiring: Wiring) -> Asked | None:
    """What to ask, if anything, beside its placeholders. Raises `NotFound`, `ScopeMissing`."""
    template = templates.show(staff, key, wiring=wiring)
    draft = templates.show_version(staff, key, number, wiring=wiring)
    if draft.status != Status.DRAFT:
        return None  # the service says what has become of it
    waits = next((one for one in template.versions if one.status == Status.SUBMITTED), None)
    phones = look(staff, key, draft.text, wiring=wiring).phones
    sent = next((phone.longest for phone in phones if phone.sent), None)
    many = sent is not None and sent.segments >= _MANY_SEGMENTS
    if waits is None and not many:
        return None
    return Asked(
        number,
        replaces=waits,
        segments=sent.segments if sent and many else 0,
        dong=sent.cost if sent and many else 0,
    )
