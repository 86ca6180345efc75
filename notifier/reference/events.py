"""What a case system may post: types, channels, values, and what each outcome means."""

from collections.abc import Mapping
from types import MappingProxyType

from config.seed import SeedSituation, load_seed
from notifier.api.schemas import LONGEST_VALUE, MOST_EVENTS, MOST_VALUES
from notifier.domain.events import VALIDITY, Channel, EventType, Language, Priority, priority_of
from notifier.domain.mootness import is_moot
from notifier.domain.placeholders import PLACEHOLDERS, REQUIRED_BY_TYPE, Placeholder
from notifier.domain.unsendable import REFUSED_CHARACTERS
from notifier.reference.markdown import code, join, table
from notifier.services.views import EventOutcome

_INTRODUCTION = f"""\
`POST /v1/events` takes one event, or `{{"events": […]}}` with up to {MOST_EVENTS:,}. The shape is
in the contract at `/openapi.json`; what the words mean is here. A type and a channel make a
situation; a template is written for a situation."""

_SITUATIONS = """\
## Types

The name of a text means that the situation sends it; – is silence by intent. Texts in brackets are
off until an office wants them; in the demo they are on. *Moot after*: what happens later in the
same case and makes this message pointless while it is unsent; *news* is any later event that
itself sends. *Needs*: what an event of this type must carry in `data`, else it is refused with
422."""

_PRIORITIES = """\
## Priorities

`priority` says which messages go first: `urgent`, `normal` or `bulk`. An event that names none has
its type's: {bulk} are bulk, all others normal. What is urgent goes before everything else of any
office; within a priority the offices take turns, so that one office's backlog delays no other's
messages. Messages of one case keep their order whatever their priority."""

_VALUES = f"""\
## Values

`data` is flat: at most {MOST_VALUES} texts, numbers and booleans, texts of at most
{LONGEST_VALUE:,} characters. Names that no template uses are kept and not used. Dates are RFC 3339
dates, money is whole đồng as a number. A value that is missing, unreadable or longer than its
maximum takes its default, never a cut; so does one with a link, with a character that a plain SMS
cannot carry, or with one that operators refuse: `{" ".join(sorted(REFUSED_CHARACTERS))}`. Where
there is no default, the message is held until a person corrects it. A case code is sent whole,
whatever its length, unless it is a link."""

_OUTCOMES: Mapping[EventOutcome, str] = MappingProxyType(
    {
        EventOutcome.ACCEPTED: "Kept, and its message is queued.",
        EventOutcome.DUPLICATE: "It came before: the same messages, in the state they are in now.",
        EventOutcome.SUPERSEDED: "Kept without a message: a later event makes it moot.",
        EventOutcome.SILENT: "Kept without a message: its situation sends nothing, by intent.",
        EventOutcome.HELD: "Kept; its message needs a person, and `reason` says why.",
        EventOutcome.INVALID: "Not kept, in a batch only: `errors` says why.",
    }
)

# Where a value comes from; what is not here is in `data`.
_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "ma_ho_so": "`case.code`",
        "ngay_hen": "`case.due_at`",
        "trang_thai": "the type's label",
        "so_phan_anh": "the petition",
        "han_tra_loi": "the petition",
    }
)


def page() -> str:
    """Types, values and outcomes."""
    types = table(
        ("type", "in Vietnamese", *Channel, "valid for", "moot after", "needs"),
        [_type_row(one) for one in load_seed().situations],
    )
    values = table(
        ("name", "from", "takes", "longest, vi / en", "default, vi / en"),
        [_value_row(one) for one in PLACEHOLDERS.values()],
    )
    outcomes = table(("outcome", "meaning"), [[code(one), _OUTCOMES[one]] for one in EventOutcome])
    bulk = [code(one) for one in EventType if priority_of(one) is Priority.BULK]
    priorities = _PRIORITIES.format(bulk=" and ".join(bulk))
    return join(
        _INTRODUCTION, _SITUATIONS, types, priorities, _VALUES, values, "## Outcomes", outcomes
    )


def _type_row(situation: SeedSituation) -> list[str]:
    event_type = EventType(situation.type)
    cells = [situation.cells[channel] for channel in Channel]
    shown = [(f"[{cell}]" if situation.optional else cell) if cell else "–" for cell in cells]
    hours = VALIDITY[event_type].total_seconds() / 3600
    needs = ", ".join(f"`{name}`" for name in REQUIRED_BY_TYPE.get(event_type, ()))
    return [
        code(situation.type),
        situation.label_vi,
        *shown,
        f"{hours:g} h",
        _moot_after(event_type),
        needs,
    ]


def _moot_after(earlier: EventType) -> str:
    silent = [later for later in EventType if is_moot(earlier, later, later_sends=False)]
    if any(is_moot(earlier, later, later_sends=True) for later in EventType if later not in silent):
        return "news"
    return ", ".join(code(later) for later in silent)


def _value_row(one: Placeholder) -> list[str]:
    elsewhere = "the office" if one.constant else _SOURCES.get(one.name)
    source = elsewhere or "`data`"
    longest = " / ".join(str(one.maximum[language]) for language in Language)
    default = " / ".join(one.default[language] for language in Language) if one.default else ""
    return [code(one.name), source, one.kind.value, longest, default]
