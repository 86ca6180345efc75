"""The mobile number of a person of staff: given, shown to be theirs by a code, taken back.

Words on trial go there and nowhere else.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest

import structlog
from sqlalchemy.orm import Session

from notifier.domain import phones
from notifier.domain.events import Language
from notifier.domain.text import toneless
from notifier.services import audit, staff_texts
from notifier.services.actors import Staff
from notifier.services.catalogue import Known
from notifier.services.staff_texts import StaffSms, Told
from notifier.services.views import BadFields, FieldProblem, NotFound
from notifier.services.wiring import Wiring
from notifier.store import own_phones as rows
from notifier.store.own_phones import PhoneRow, Purpose

log = structlog.get_logger(__name__)

CODE_LASTS = timedelta(minutes=10)
MOST_WRONG_CODES = 5
_DIGITS = 6
_CODE_TEXT = {
    Language.VI: "{office}: mã xác nhận số điện thoại là {code}, trong 10 phút."
    " Xin không đưa mã này cho ai.",
    Language.EN: "{office}: the code for your phone is {code}, for 10 minutes. Give it to nobody.",
}


@dataclass(frozen=True, slots=True)
class OwnPhoneView:
    """One's own phone, masked; `waits_for_code`: a code that was sent can still be given."""

    phone: str
    verified: bool
    waits_for_code: bool


@dataclass(frozen=True, slots=True)
class CodeSent:
    """The phone that the code went to, and what became of the SMS."""

    phone: OwnPhoneView
    told: Told


def show(staff: Staff, *, wiring: Wiring) -> OwnPhoneView | None:
    """The person's phone, if they gave one."""
    with wiring.sessions.read() as session:
        row = rows.of_user(session, staff.id)
        return _view(session, row, wiring) if row else None


def give(staff: Staff, phone: str, language: Language, *, wiring: Wiring) -> CodeSent:
    """Take this number in the place of the one before, and send a code to it.

    Raises `BadFields` where it is no Vietnamese mobile number, `TooManyTexts`, or `NotFound` where
    there is no office yet to send from.
    """
    read = phones.parse(phone)
    if read.e164 is None or not read.usable:
        raise BadFields(FieldProblem("phone", "phone", "This is not a Vietnamese mobile number."))
    number = read.e164
    made = int.from_bytes(wiring.random_bytes(8)) % 10**_DIGITS
    code, reference = f"{made:0{_DIGITS}}", wiring.ids.attempt()
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        office = _office(staff, known)
        phone_hash = wiring.hashes.phone(number)
        staff_texts.bound(  # before a row is locked
            session, reference, Purpose.CODE,
            user_id=staff.id, phone_hash=phone_hash, wiring=wiring,
        )  # fmt: skip
        before = rows.of_user(session, staff.id, for_update=True)
        row = PhoneRow(
            user_id=staff.id,
            phone_cipher=_seal(wiring, staff.id, number),
            phone_hash=phone_hash,
            phone_mask=phones.mask(number),
            code_hash=_hash(wiring, staff.id, code),
            code_expires_at=now + CODE_LASTS,
            wrong_codes=0,
            given_at=now,
            verified_at=None,
        )
        rows.put(session, row)
        _note(session, "own_phone.given", staff, before, row, wiring)
        text = _CODE_TEXT[language].format(office=known.constants(office).name, code=code)
        view = _view(session, row, wiring)
    sms = StaffSms(reference, office, number, toneless(text), language, Purpose.CODE)
    return CodeSent(view, staff_texts.send(sms, wiring=wiring))


def verify(staff: Staff, code: str, *, wiring: Wiring) -> OwnPhoneView:
    """The code shows that the phone is the person's. Raises `BadFields`; few are heard."""
    given = "".join(code.split())
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        row = rows.of_user(session, staff.id, for_update=True)
        if row is None or row.code_hash is None or not _waits(row, now):
            raise _wrong("code_gone", "No code waits to be given; have a new one sent.")
        right = compare_digest(row.code_hash, _hash(wiring, staff.id, given))
        if right:
            verified = replace(row, code_hash=None, code_expires_at=None, verified_at=now)
            rows.put(session, verified)
            _note(session, "own_phone.verified", staff, None, verified, wiring)
            return _view(session, verified, wiring)
        wrong = row.wrong_codes + 1
        is_over = wrong >= MOST_WRONG_CODES
        rows.change(
            session, staff.id, wrong_codes=wrong, code_hash=None if is_over else row.code_hash
        )
    # Counted whatever comes next: the transaction is over.
    raise _wrong("wrong_code", "The code does not match.")


def take_back(staff: Staff, *, wiring: Wiring) -> None:
    """Forget the phone. Twice is harmless."""
    with wiring.sessions.begin() as session:
        row = rows.of_user(session, staff.id, for_update=True)
        if row is not None:
            rows.remove(session, staff.id)
            _note(session, "own_phone.taken_back", staff, row, None, wiring)


def verified(session: Session, staff: Staff, *, wiring: Wiring) -> tuple[str, PhoneRow]:
    """The number and its row, locked. Raises `BadFields` where none is verified."""
    row = rows.of_user(session, staff.id, for_update=True)
    if row is None or row.verified_at is None:
        said = "Give your own mobile number first, and verify it."
        raise BadFields(FieldProblem("", "no_own_phone", said))
    return wiring.sealer.open(
        row.phone_cipher, table="own_phones", column="phone", row=staff.id
    ), row


def _office(staff: Staff, known: Known) -> str:
    """Whose way the code goes: an office of the person's, else the first there is."""
    own = [one.office for one in staff.grants if one.office and one.office in known.office_ids]
    found = min(own or known.office_ids, default=None)
    if found is None:
        raise NotFound("there is no office yet")
    return found


def _view(session: Session, row: PhoneRow, wiring: Wiring) -> OwnPhoneView:
    waits = _waits(row, wiring.sessions.now(session))
    return OwnPhoneView(row.phone_mask, row.verified_at is not None, waits)


def _waits(row: PhoneRow, now: datetime) -> bool:
    expires_at = row.code_expires_at
    return row.code_hash is not None and expires_at is not None and expires_at > now


def _hash(wiring: Wiring, user_id: str, code: str) -> bytes:
    return wiring.hashes.code(f"{user_id}:{code}")


def _seal(wiring: Wiring, user_id: str, number: str) -> bytes:
    return wiring.sealer.seal(number, table="own_phones", column="phone", row=user_id)


def _wrong(code: str, said: str) -> BadFields:
    return BadFields(FieldProblem("code", code, said))


def _note(
    session: Session,
    action: str,
    staff: Staff,
    before: PhoneRow | None,
    after: PhoneRow | None,
    wiring: Wiring,
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=staff.id,
        action=action,
        object_id=staff.id,
        office=audit.office_of(staff.grants, wiring.catalogue.current(session)),
        before={"phone": before.phone_mask} if before else None,
        after={"phone": after.phone_mask} if after else None,
    )
