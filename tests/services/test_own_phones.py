"""A person of staff gives a phone, shows that it is theirs, and tries words on it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from notifier.domain.budgets import Budget, Spent
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.restraint import UNRESTRAINED
from notifier.domain.states import Outcome
from notifier.domain.versions import TemplateKey
from notifier.services import budgets, own_phones, people, staff_texts, trying
from notifier.services.actors import Staff
from notifier.services.own_phones import CODE_LASTS, MOST_WRONG_CODES, OwnPhoneView
from notifier.services.staff_texts import TooManyTexts
from notifier.services.views import BadFields, ScopeMissing
from notifier.store.own_phones import Purpose

PHONE = "0987 654 321"
MASK = "+84987***321"
KEY = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)
WORDS = "{don_vi}: hồ sơ {ma_ho_so} đã có kết quả."
BEFORE_LIVE = replace(UNRESTRAINED, only_live=True)


@pytest.fixture
def editor(world: Any, hire: Callable[..., Any]) -> Staff:
    staff: Staff = hire(world.wiring, "editor", "lai-thieu").staff
    return staff


def give(world: Any, staff: Staff, phone: str = PHONE) -> str:
    """The code that came."""
    own_phones.give(staff, phone, Language.VI, wiring=world.wiring)
    found = re.search(r"\b\d{6}\b", world.ledger()[-1]["text"])
    assert found
    return found[0]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(BadFields) as refused:
        call()
    return refused.value.problems[0].code


def test_the_code_that_came_shows_whose_phone_it_is(world: Any, editor: Staff) -> None:
    assert own_phones.show(editor, wiring=world.wiring) is None
    code = give(world, editor)
    sms = world.ledger()[-1]
    assert sms["to"] == "+84987654321"
    assert sms["text"].startswith("UBND P.Lai Thieu: ma xac nhan")
    assert sms["segments"] == 1
    waiting = OwnPhoneView(MASK, verified=False, waits_for_code=True)
    assert own_phones.show(editor, wiring=world.wiring) == waiting
    assert own_phones.verify(editor, f" {code} ", wiring=world.wiring).verified
    again = refusal(lambda: own_phones.verify(editor, code, wiring=world.wiring))
    assert again == "code_gone"
    own_phones.take_back(editor, wiring=world.wiring)
    assert own_phones.show(editor, wiring=world.wiring) is None


def test_a_code_is_heard_for_ten_minutes_and_five_times_wrong(world: Any, editor: Staff) -> None:
    code = give(world, editor)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(MOST_WRONG_CODES):
        said = refusal(lambda: own_phones.verify(editor, wrong, wiring=world.wiring))
        assert said == "wrong_code"
    assert refusal(lambda: own_phones.verify(editor, code, wiring=world.wiring)) == "code_gone"
    code = give(world, editor)
    world.clock.advance(CODE_LASTS)
    assert refusal(lambda: own_phones.verify(editor, code, wiring=world.wiring)) == "code_gone"


def test_codes_are_few_an_hour_for_a_person_and_for_a_phone(
    world: Any, editor: Staff, hire: Callable[..., Any]
) -> None:
    most = staff_texts.PER_HOUR[Purpose.CODE]
    for last in range(most):
        give(world, editor, f"098765432{last}")
    before = own_phones.show(editor, wiring=world.wiring)
    with pytest.raises(TooManyTexts) as refused:
        own_phones.give(editor, "0987654329", Language.VI, wiring=world.wiring)
    assert 3500 < refused.value.retry_after_s <= 3600
    assert own_phones.show(editor, wiring=world.wiring) == before
    for _ in range(most - 1):
        own_phones.give(
            hire(world.wiring, "viewer").staff, "0987654320", Language.VI, wiring=world.wiring
        )
    with pytest.raises(TooManyTexts):
        own_phones.give(
            hire(world.wiring, "viewer").staff, "0987654320", Language.VI, wiring=world.wiring
        )
    world.clock.advance(timedelta(hours=1))
    give(world, editor, "0987654329")


def at_once(calls: list[Callable[[], object]]) -> tuple[int, int]:
    """How many of these were taken, and how many bounded."""

    def taken(call: Callable[[], object]) -> bool:
        together.wait()
        try:
            call()
        except TooManyTexts:
            return False
        return True

    together = Barrier(len(calls))
    with ThreadPoolExecutor(len(calls)) as pool:
        heard = list(pool.map(taken, calls))
    return heard.count(True), heard.count(False)


def test_codes_are_as_few_where_many_ask_at_once(world: Any, hire: Callable[..., Any]) -> None:
    """Several accounts with one phone; then one account with several."""
    most = staff_texts.PER_HOUR[Purpose.CODE]
    many = [hire(world.wiring, "viewer").staff for _ in range(most + 4)]
    give = partial(own_phones.give, language=Language.VI, wiring=world.wiring)
    assert at_once([partial(give, one, PHONE) for one in many]) == (most, 4)
    assert len(world.ledger()) == most
    one = hire(world.wiring, "viewer").staff
    phones = [f"098765430{last}" for last in range(most + 4)]
    assert at_once([partial(give, one, phone) for phone in phones]) == (most, 4)
    assert len(world.ledger()) == 2 * most


def test_trials_are_as_few_where_they_come_at_once(world: Any, editor: Staff) -> None:
    own_phones.verify(editor, give(world, editor), wiring=world.wiring)
    attempt = partial(trying.try_text, editor, KEY, WORDS, wiring=world.wiring)
    most = staff_texts.PER_HOUR[Purpose.TRIAL]
    for _ in range(most - 2):
        attempt()
    assert at_once([attempt] * 6) == (2, 4)


def test_a_trial_and_a_new_number_at_once_do_not_lock_crosswise(world: Any, editor: Staff) -> None:
    own_phones.verify(editor, give(world, editor), wiring=world.wiring)
    attempt = partial(trying.try_text, editor, KEY, WORDS, wiring=world.wiring)
    again = partial(own_phones.give, editor, PHONE, Language.VI, wiring=world.wiring)

    def tried() -> None:
        with suppress(BadFields):  # the new number came first, and is not verified
            attempt()

    assert at_once([tried, again, tried, again]) == (4, 0)


def test_the_phone_of_an_account_that_is_disabled_is_forgotten(world: Any, editor: Staff) -> None:
    give(world, editor)
    people.set_disabled(editor.id, True, by=None, wiring=world.wiring)
    assert own_phones.show(editor, wiring=world.wiring) is None


def test_a_number_that_is_no_mobile_gets_no_code(world: Any, editor: Staff) -> None:
    said = refusal(lambda: own_phones.give(editor, "02743755555", Language.VI, wiring=world.wiring))
    assert said == "phone"
    assert world.ledger() == []


def test_neither_number_nor_code_lies_in_clear(world: Any, editor: Staff) -> None:
    code = give(world, editor)
    with world.wiring.sessions.read() as session:
        for table in ("own_phones", "staff_texts", "audit"):
            kept = repr(session.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608
            assert "654321" not in kept
            assert code not in kept
        mask = session.scalar(text("SELECT phone_mask FROM own_phones"))
    assert mask == MASK


def test_words_are_tried_on_ones_own_phone_and_are_no_message(
    make_world: Callable[..., Any], hire: Callable[..., Any]
) -> None:
    """Before the office is live too: it has no test number here."""
    world = make_world(restraint=BEFORE_LIVE)
    editor = hire(world.wiring, "editor", "lai-thieu").staff
    said = refusal(lambda: trying.try_text(editor, KEY, WORDS, wiring=world.wiring))
    assert said == "no_own_phone"
    own_phones.verify(editor, give(world, editor), wiring=world.wiring)
    tried = trying.try_text(editor, KEY, WORDS, wiring=world.wiring)
    assert (tried.phone, tried.told.outcome, tried.segments) == (MASK, Outcome.ACCEPTED, 1)
    sms = world.ledger()[-1]
    assert sms["to"] == "+84987654321"
    assert sms["text"] == (
        "TIN THU. UBND P.Lai Thieu: ho so 000.00.16.H29-261123-0001 da co ket qua."
    )
    with world.wiring.sessions.read() as session:
        assert session.scalar(text("SELECT count(*) FROM messages")) == 0
        noted = session.execute(
            text("SELECT actor, object, after FROM audit WHERE action = 'template.tried'")
        ).all()
    assert [row[:2] for row in noted] == [(editor.id, str(KEY))]
    assert MASK in str(noted[0][2])


def test_trials_are_bounded_by_the_hour(world: Any, editor: Staff) -> None:
    own_phones.verify(editor, give(world, editor), wiring=world.wiring)
    for _ in range(staff_texts.PER_HOUR[Purpose.TRIAL]):
        trying.try_text(editor, KEY, WORDS, wiring=world.wiring)
    with pytest.raises(TooManyTexts):
        trying.try_text(editor, KEY, WORDS, wiring=world.wiring)


def test_words_that_must_not_be_sent_are_not_tried_either(world: Any, editor: Staff) -> None:
    own_phones.verify(editor, give(world, editor), wiring=world.wiring)
    for words in ("{xx}", "{don_vi}: hồ sơ", "", "{don_vi} {ma_ho_so} 😀"):
        refusal(partial(trying.try_text, editor, KEY, words, wiring=world.wiring))
    assert len(world.ledger()) == 1


def test_a_machine_and_a_viewer_try_nothing(world: Any, hire: Callable[..., Any]) -> None:
    viewer = hire(world.wiring, "viewer", "lai-thieu").staff
    for actor in (world.caller, viewer):
        with pytest.raises(ScopeMissing):
            trying.try_text(actor, KEY, WORDS, wiring=world.wiring)


def test_the_next_gateway_has_a_try_where_the_first_surely_did_not_send(
    make_world: Callable[..., Any], hire: Callable[..., Any]
) -> None:
    world = make_world(gateways=("esms", "twilio"))
    editor = hire(world.wiring, "editor", "lai-thieu").staff
    own_phones.verify(editor, give(world, editor), wiring=world.wiring)
    world.behave("esms", faults=[{"kind": "http_500", "share": 1}])
    tried = trying.try_text(editor, KEY, WORDS, wiring=world.wiring)
    assert (tried.told.outcome, tried.told.gateway) == (Outcome.UNKNOWN, "esms")
    world.behave("esms", faults=[{"kind": "http_429", "share": 1}])
    tried = trying.try_text(editor, KEY, WORDS, wiring=world.wiring)
    assert (tried.told.outcome, tried.told.gateway) == (Outcome.ACCEPTED, "twilio")


def test_a_provider_that_asked_to_be_let_be_gets_no_text_of_staff_either(
    make_world: Callable[..., Any], hire: Callable[..., Any]
) -> None:
    world = make_world(gateways=("esms", "twilio"))
    editor = hire(world.wiring, "editor", "lai-thieu").staff
    workers_pacing = world.context.sender.traffic.pacing
    workers_pacing.ask_to_wait("esms", 300)
    given = own_phones.give(editor, PHONE, Language.VI, wiring=world.wiring)
    assert (given.told.outcome, given.told.gateway) == (Outcome.ACCEPTED, "twilio")
    workers_pacing.ask_to_wait("twilio", 300)
    given = own_phones.give(editor, PHONE, Language.VI, wiring=world.wiring)
    assert (given.told.outcome, given.told.gateway) == (Outcome.DEFERRED, None)
    assert given.told.code == staff_texts.NO_GATEWAY


def test_what_a_provider_asks_for_at_a_text_of_staff_is_told_to_all(
    make_world: Callable[..., Any], hire: Callable[..., Any]
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_PER_SECOND": "0"})
    editor = hire(world.wiring, "editor", "lai-thieu").staff
    world.behave("simulator", faults=[{"kind": "http_429", "share": 1}])
    given = own_phones.give(editor, PHONE, Language.VI, wiring=world.wiring)
    assert given.told.outcome is Outcome.DEFERRED
    # The wait is over in a second; that there was one is known for longer.
    assert world.wiring.redis.keys("baotin:pace:proof:simulator")


def test_a_text_of_staff_takes_a_slot_of_the_accounts_rate(
    make_world: Callable[..., Any], hire: Callable[..., Any]
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_PER_SECOND": "0.1"})
    editor = hire(world.wiring, "editor", "lai-thieu").staff
    given = own_phones.give(editor, PHONE, Language.VI, wiring=world.wiring)
    assert given.told.outcome is Outcome.ACCEPTED
    workers_traffic = world.context.sender.traffic
    workers_traffic.look()
    assert workers_traffic.pacing.reserve("simulator", [1]) == []
    given = own_phones.give(editor, PHONE, Language.VI, wiring=world.wiring)
    assert (given.told.outcome, given.told.code) == (Outcome.DEFERRED, staff_texts.NO_GATEWAY)


def test_what_goes_to_staff_is_spent_and_a_used_up_budget_keeps_back_all_but_codes(
    world: Any, editor: Staff
) -> None:
    def spent(office: str) -> Spent:
        return budgets.show(office, wiring=world.wiring).spent

    own_phones.verify(editor, give(world, editor), wiring=world.wiring)
    assert spent("lai-thieu") == Spent(1, 1, 500, 500)
    tried = trying.try_text(editor, KEY, WORDS, wiring=world.wiring)
    assert (tried.told.outcome, tried.segments) == (Outcome.ACCEPTED, 1)
    assert spent("lai-thieu") == spent("thuan-an") == Spent(2, 2, 1000, 1000)
    budgets.give("thuan-an", Budget(daily_dong=1400), by=None, wiring=world.wiring)
    tried = trying.try_text(editor, KEY, WORDS, wiring=world.wiring)
    assert (tried.told.outcome, tried.told.code) == (Outcome.DEFERRED, staff_texts.OVER_BUDGET)
    assert len(world.ledger()) == 2
    give(world, editor)
    assert spent("lai-thieu") == Spent(3, 3, 1500, 1500)
    world.behave("simulator", faults=[{"kind": "http_429", "share": 1}])
    given = own_phones.give(editor, PHONE, Language.VI, wiring=world.wiring)
    world.behave("simulator")
    assert given.told.outcome is Outcome.DEFERRED
    assert spent("lai-thieu") == Spent(3, 3, 1500, 1500)
