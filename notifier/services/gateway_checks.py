"""Trying a gateway: whether its provider takes our credentials, what is left, and one test SMS."""

from dataclasses import dataclass
from decimal import Decimal

import structlog
from sqlalchemy.orm import Session

from gateways.base import (
    Accepted,
    ChecksCredentials,
    Deferred,
    OutboundSms,
    OutcomeUnknown,
    Parameter,
    RegisteredTemplate,
    Rejected,
    TellsBalance,
    Templates,
)
from notifier.domain import phones, previews
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.people import Permission
from notifier.domain.registrations import RegistrationStatus
from notifier.domain.states import Outcome
from notifier.domain.templates import MissingValue, fill, in_form, parse, write_values
from notifier.domain.text import analyse, clean
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.calling import hand_over
from notifier.services.catalogue import Known
from notifier.services.gateways import Account
from notifier.services.views import BadFields, FieldProblem, NotFound
from notifier.services.wiring import Wiring
from notifier.store import balances, registrations

log = structlog.get_logger(__name__)

TEST_TEXT = "Bao Tin: tin nhan thu, xin bo qua."
LONGEST_TEST = 1000


@dataclass(frozen=True, slots=True)
class CheckView:
    """What a provider said without being sent anything.

    `works`: whether it takes our credentials; empty where it could not be asked, or cannot be.
    """

    gateway: str
    works: bool | None
    said: str  # ok, the provider's code, only_by_sending or not_told
    balance: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class TestView:
    """What became of a test SMS; `reference` is what the provider may show for it."""

    __test__ = False  # no test of pytest's

    gateway: str
    to: str  # masked
    reference: str
    outcome: Outcome
    code: str | None
    provider_id: str | None
    segments: int


def check(name: str, *, by: Actor | None, wiring: Wiring) -> CheckView:
    """Ask the provider, without sending: whether it knows us, and what is left.

    `by` is nobody for a command. Raises `ScopeMissing`, or `NotFound` for a gateway not in use.
    """
    return _asked(name, by, wiring, only_balance=False)


def balance(name: str, *, by: Actor | None, wiring: Wiring) -> CheckView:
    """What is left on the account; `not_told` where the provider never says. Raises as `check`."""
    return _asked(name, by, wiring, only_balance=True)


def _asked(name: str, by: Actor | None, wiring: Wiring, *, only_balance: bool) -> CheckView:
    if by is not None:
        actors.require_everywhere(by, Permission.GATEWAYS_WRITE)
    gateway = _account(name, wiring).gateway
    if only_balance and not isinstance(gateway, TellsBalance):
        return CheckView(name, None, "not_told")
    known = False
    try:
        if isinstance(gateway, ChecksCredentials) and not only_balance:
            gateway.check_credentials()
            known = True
        if isinstance(gateway, TellsBalance):
            told = gateway.balance()
            with wiring.sessions.begin() as session:
                balances.keep(session, name, told, at=wiring.sessions.now(session))
            return CheckView(name, True, "ok", told.amount, told.currency)
    except (Rejected, Deferred) as problem:
        if not known:
            works = False if isinstance(problem, Rejected) else None
            return CheckView(name, works, problem.code)
    # It takes our credentials, and tells no balance, not now or not to this account.
    return CheckView(name, True, "ok") if known else CheckView(name, None, "only_by_sending")


def send_test(
    name: str, to: str, text: str, office: str = "", *, by: Actor | None, wiring: Wiring
) -> TestView:
    """Hand one SMS over, past all messages; the log knows who asked for it, before the call.

    It becomes no message, its outcome is told once, and its receipts find nothing. The sender is
    the office's; the first one's where none is named. Where the provider takes templates alone,
    its first approved one goes with sample values. `by` is nobody for a command.

    Raises `ScopeMissing`, `NotFound` or `BadFields`.
    """
    if by is not None:
        actors.require_everywhere(by, Permission.GATEWAYS_WRITE)
    account = _account(name, wiring)
    sms = _sms(account, to, text, office, wiring)
    with wiring.sessions.begin() as session:
        audit.record(
            session,
            ids=wiring.ids,
            at=wiring.sessions.now(session),
            actor=by.id if by else audit.COMMAND,
            action="gateway.tested",
            object_id=name,
            after={"phone": sms.to, "reference": sms.reference},
        )
    result = hand_over(account, sms)
    view = TestView(
        gateway=name,
        to=phones.mask(sms.to),
        reference=sms.reference,
        outcome=_outcome(result),
        code=None if isinstance(result, Accepted) else result.code,
        provider_id=result.provider_id if isinstance(result, Accepted) else None,
        segments=analyse(sms.text).segments,
    )
    log.info(
        "gateway_tested", gateway=name, attempt=view.reference, outcome=view.outcome, code=view.code
    )
    return view


def _account(name: str, wiring: Wiring) -> Account:
    account = wiring.accounts.get(name)
    if account is None:
        raise NotFound(f"no gateway {name} in use")
    return account


def _sms(account: Account, to: str, text: str, office: str, wiring: Wiring) -> OutboundSms:
    phone = phones.parse(to)
    if not phone.usable or phone.e164 is None:
        said = "This is not a Vietnamese mobile number."
        raise BadFields(FieldProblem("to", "phone", said))
    able, template = account.gateway.capabilities, None
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        if office and office not in known.office_ids:
            raise BadFields(FieldProblem("office", "unknown_office", "There is no such office."))
        says = office or min(known.office_ids, default="")
        if able.templates is Templates.BY_ID:
            text, template = _registered(session, account.name, says, known)
        sender = known.office(says).sender if says else ""
    words = clean(text)
    if able.refused_characters & set(words):
        said = "The provider refuses a character of it."
        raise BadFields(FieldProblem("text", "refused", said))
    if analyse(words).segments > able.max_segments:
        raise BadFields(FieldProblem("text", "too_long", "It is longer than the provider takes."))
    reference = wiring.ids.attempt()
    url = wiring.accounts.callback_url(account.name, reference)
    return OutboundSms(reference, phone.e164, sender, words, url, template)


def _registered(
    session: Session, name: str, says: str, known: Known
) -> tuple[str, RegisteredTemplate]:
    """The first approved template with sample values, and what a citizen would read."""
    for row in registrations.of_gateway(session, name, RegistrationStatus.APPROVED):
        if not row.registration.provider_id or row.registration.office not in {says, ""}:
            continue
        language, form = Language(row.language), known.form(says)
        try:
            values = write_values(
                parse(row.text),
                office=known.constants(says),
                event=previews.sample_event(
                    EventType(row.event_type), Channel(row.channel), language
                ),
                language=language,
                labels=known.labels(language),
            ).written
        except MissingValue:
            continue
        parameters = tuple(
            Parameter(one.name, in_form(values[one.placeholder], language, form))
            for one in row.registration.parameters
        )
        text = in_form(fill(parse(row.text), values), language, form)
        return text, RegisteredTemplate(row.registration.provider_id, parameters)
    said = "The provider takes approved templates alone, and none is written down."
    raise BadFields(FieldProblem("text", "no_template", said))


def _outcome(result: Accepted | Rejected | Deferred | OutcomeUnknown) -> Outcome:
    match result:
        case Accepted():
            return Outcome.ACCEPTED
        case Rejected():
            return Outcome.REJECTED
        case Deferred():
            return Outcome.DEFERRED
        case OutcomeUnknown():
            return Outcome.UNKNOWN
