"""What a gateway can take is known before the call: limits, and words its provider registered."""

import threading
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from config.seed import load_seed
from gateways.adapter import Tools, post_json
from gateways.base import Alphabet, OutboundSms, Templates
from gateways.http import HttpCaller, HttpRequest
from gateways.simulator_gateway import SimulatorGateway
from gateways.tokens import OwnTokens
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.registrations import Network, ParameterKind, ParameterSpec, RegistrationStatus
from notifier.domain.versions import TemplateKey
from notifier.services import drafting, messages, publishing, registrations
from notifier.services.gateways import Account
from notifier.services.questions import Question
from notifier.services.registration_views import GivenRegistration
from notifier.services.template_views import VersionMovedOn
from notifier.services.views import BadFields, Correction
from notifier.up import playing
from workers.worker import build_context

APPROVED, SUBMITTED, REJECTED = (
    RegistrationStatus.APPROVED,
    RegistrationStatus.SUBMITTED,
    RegistrationStatus.REJECTED,
)
KEY = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)


class OfficePost(SimulatorGateway):
    """A provider that takes what its test says; the phone shows what it was given."""

    def build(self, sms: OutboundSms) -> HttpRequest:
        told = sms.text
        if sms.template is not None:
            values = "|".join(f"{one.name}={one.value}" for one in sms.template.parameters)
            told = f"{sms.template.provider_id}: {values}"
        body = {"reference": sms.reference, "to": sms.to, "from": sms.sender, "text": told}
        return post_json(f"{self._base_url}/messages", {**body, "callback_url": ""}, self._bearer)


def through(world: Any, **able: Any) -> Any:
    """The world with its first gateway's capabilities changed."""
    name = world.wiring.accounts.route[0]
    account = world.wiring.accounts["simulator"]
    clock = world.clock
    kind = type(
        "Changed",
        (OfficePost,),
        {"capabilities": replace(SimulatorGateway.capabilities, **able)},
    )
    settings = replace(account.settings, name=name)
    changed = Account(settings, kind(settings, Tools(HttpCaller(4), clock, OwnTokens(clock))))
    accounts = replace(
        world.wiring.accounts,
        by_name=MappingProxyType({**world.wiring.accounts.by_name, name: changed}),
    )
    world.wiring = replace(world.wiring, accounts=accounts)
    world.context = build_context(world.wiring, threading.Event())
    return world


def given(**changes: Any) -> GivenRegistration:
    plain = GivenRegistration(KEY.event_type, KEY.channel, KEY.language, status=APPROVED)
    return replace(plain, **{"provider_id": "77", **changes})


def register(world: Any, *several: GivenRegistration) -> list[Any]:
    return registrations.record("simulator", several, by=None, wiring=world.wiring)


def publish(world: Any, hire: Any, words: str) -> str:
    """New words of the office's own; their version's id."""
    editor = hire(world.wiring, "editor", "lai-thieu").staff
    approver = hire(world.wiring, "approver", "lai-thieu").staff
    number = drafting.save(editor, KEY, words, "why", after=0, wiring=world.wiring).number
    drafting.submit(editor, KEY, number, confirm=set(Question), wiring=world.wiring)
    publishing.approve(approver, KEY, number, wiring=world.wiring)
    return publishing.publish(approver, KEY, number, wiring=world.wiring).id


LIMITS = [
    ({"max_segments": 0}, "too_long"),
    ({"alphabets": frozenset({Alphabet.UCS2})}, "characters"),
    ({"refused_characters": frozenset("Q")}, "characters"),  # Quay 3
    ({"templates": Templates.BY_ID}, "not_registered"),
]


@pytest.mark.parametrize(("able", "reason"), LIMITS, ids=lambda one: str(one)[:20])
def test_what_the_only_gateway_cannot_take_is_held_without_an_attempt(
    world: Any, new_event: Any, able: dict[str, Any], reason: str
) -> None:
    through(world, **able)
    message = world.post(new_event())[0].messages[0]
    world.send()
    shown = world.message(message.id)
    assert (shown.state, shown.reason, shown.attempts) == ("held", reason, ())
    assert world.ledger() == []


@pytest.mark.parametrize(("able", "_reason"), LIMITS, ids=lambda one: str(one)[:20])
def test_the_next_gateway_of_the_route_takes_it(
    make_world: Callable[..., Any], new_event: Any, able: dict[str, Any], _reason: str
) -> None:
    world = through(make_world(gateways=("simulator", "twilio")), **able)
    message = world.post(new_event())[0].messages[0]
    world.send()
    assert [a.gateway for a in world.message(message.id).attempts] == ["twilio"]


def test_registered_words_go_by_their_id_with_the_events_values_in_order(
    world: Any, new_event: Any
) -> None:
    through(world, templates=Templates.BY_ID)
    parameters = (
        ParameterSpec("ma_ho_so", "1", ParameterKind.DOTTED, 28),
        ParameterSpec("noi_nhan", "2", ParameterKind.PLAIN, 18),
    )
    register(world, given(office="lai-thieu", parameters=parameters))
    message = world.post(new_event(code="H29.1"))[0].messages[0]
    world.send()
    assert [row["text"] for row in world.ledger()] == ["77: 1=H29.1|2=Quay 3"]
    assert world.message(message.id).template is not None


SPECS = [
    (ParameterSpec("ma_ho_so", "1", ParameterKind.DOTTED, 4), "too_long"),
    (ParameterSpec("ma_ho_so", "1", ParameterKind.PLAIN, 28), "characters"),
]


@pytest.mark.parametrize(("spec", "reason"), SPECS)
def test_a_value_that_its_parameter_does_not_take_is_known_before_the_call(
    world: Any, new_event: Any, spec: ParameterSpec, reason: str
) -> None:
    through(world, templates=Templates.BY_ID)
    others = (ParameterSpec("noi_nhan", "2"),)
    register(world, given(office="lai-thieu", parameters=(spec, *others)))
    message = world.post(new_event(code="H29.1"))[0].messages[0]
    world.send()
    assert (world.message(message.id).reason, world.ledger()) == (reason, [])


@pytest.mark.parametrize("wants", [Templates.BY_ID, Templates.CHECKED])
def test_the_last_approved_version_is_sent_until_the_new_one_is_approved(
    world: Any, new_event: Any, hire: Any, wants: Templates
) -> None:
    through(world, templates=wants)
    register(world, given())
    publish(world, hire, "{don_vi}: ho so {ma_ho_so} da xong")
    new = given(template_office="lai-thieu", provider_id="78", status=SUBMITTED)
    (waiting,) = register(world, new)
    first = world.post(new_event("a", code="H29-1"))[0].messages[0]
    world.send()
    shown = world.message(first.id)
    assert "da co ket qua" in str(shown.text)
    registrations.step(waiting.id, APPROVED, by=None, wiring=world.wiring)
    second = world.post(new_event("b", code="H29-2"))[0].messages[0]
    world.send()
    assert world.message(second.id).text == "UBND P.Lai Thieu: ho so H29-2 da xong"
    told = [row["text"] for row in world.ledger()]
    if wants is Templates.BY_ID:
        assert [text.partition(":")[0] for text in told] == ["77", "78"]
    else:
        assert told == [shown.text, world.message(second.id).text]


def test_a_provider_that_checks_words_gets_those_it_was_never_asked_about(
    world: Any, new_event: Any
) -> None:
    through(world, templates=Templates.CHECKED)
    message = world.post(new_event())[0].messages[0]
    world.send()
    assert world.message(message.id).state == "sent"


def test_every_network_must_have_approved(world: Any, new_event: Any) -> None:
    through(world, templates=Templates.BY_ID)
    register(
        world,
        given(network=Network.VIETTEL),
        given(network=Network.VINAPHONE, status=SUBMITTED),
    )
    message = world.post(new_event())[0].messages[0]
    world.send()
    assert world.message(message.id).reason == "not_registered"


def test_what_waited_for_an_approval_goes_when_it_comes(world: Any, new_event: Any) -> None:
    through(world, templates=Templates.BY_ID)
    (waiting,) = register(world, given(status=SUBMITTED))
    message = world.post(new_event())[0].messages[0]
    world.send()
    assert world.message(message.id).state == "held"
    registrations.step(waiting.id, APPROVED, by=None, wiring=world.wiring)
    world.send()
    assert world.message(message.id).state == "sent"


def test_what_a_person_filled_in_is_what_the_provider_gets(world: Any, new_event: Any) -> None:
    through(world, templates=Templates.BY_ID)
    register(world, given(event_type=EventType.EXTENDED, office="lai-thieu"))
    late = {"ly_do": "x" * 30, "ngay_hen_moi": "2026-12-01"}
    message = world.post(new_event(type="extended", code="H29-1", data=late))[0].messages[0]
    shown = world.message(message.id)
    assert (shown.state, shown.reason) == ("held", "missing_value")
    mended = Correction(values=(("ly_do", "thieu giay"),))
    messages.correct(world.caller, message.id, mended, wiring=world.wiring)
    world.send()
    assert "thieu giay" in world.ledger()[0]["text"]
    again = messages.resend(world.caller, message.id, wiring=world.wiring)
    world.send()
    assert world.message(again.id).state == "sent"
    assert "thieu giay" in world.ledger()[1]["text"]


def test_a_step_goes_only_where_it_may(world: Any) -> None:
    (one,) = register(world, given(status=REJECTED))
    registrations.step(one.id, SUBMITTED, by=None, wiring=world.wiring)
    with pytest.raises(VersionMovedOn):
        registrations.step(one.id, SUBMITTED, by=None, wiring=world.wiring)
    shown = registrations.step(
        one.id, APPROVED, provider_id="9", remark="ok", by=None, wiring=world.wiring
    )
    assert (shown.status, shown.provider_id, shown.remark) == (APPROVED, "9", "ok")
    with world.wiring.sessions.read() as session:
        found = registrations.states_of(session, [_version(world)])
    assert [one.status for several in found.values() for one in several] == [APPROVED]


def _version(world: Any) -> str:
    with world.wiring.sessions.read() as session:
        known = world.wiring.catalogue.current(session)
        found = known.words_by("lai-thieu", KEY.event_type, KEY.channel, KEY.language)
    return str(found[0].version_id)


BAD = [
    ({"office": "nowhere"}, "unknown_office"),
    ({"number": 99}, "no_template"),
    ({"parameters": (ParameterSpec("le_phi", "1"),)}, "invalid"),
    ({"parameters": (ParameterSpec("ma_ho_so", "1"),)}, "invalid"),
]


@pytest.mark.parametrize(("changes", "code"), BAD)
def test_what_is_not_there_is_refused_and_nothing_is_kept(
    world: Any, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(BadFields) as raised:
        register(world, given(), given(**changes))
    assert [one.code for one in raised.value.problems] == [code]
    assert registrations.list_registrations("simulator", wiring=world.wiring) == []


def test_drafts_are_what_an_office_must_register(world: Any) -> None:
    drafts = registrations.draft("simulator", "lai-thieu", by=None, wiring=world.wiring)
    ready = [d for d in drafts if (d.event_type, d.channel) == ("result_ready", "counter")]
    vietnamese = next(one for one in ready if one.language == "vi")
    assert vietnamese.words == (
        "UBND P.Lai Thieu kinh bao Ong/Ba: ho so {ma_ho_so} da co ket qua. "
        "Kinh moi mang giay hen den {noi_nhan} nhan. LH 0274 3755555."
    )
    assert [(p.name, p.maximum) for p in vietnamese.parameters] == [
        ("ma_ho_so", 28),
        ("noi_nhan", 18),
    ]
    assert registrations.draft("simulator", "lai-thieu", by=None, wiring=world.wiring) == []


def test_a_demos_provider_knows_every_shipped_text_by_an_id_of_its_own() -> None:
    texts = {words for text in load_seed().texts for words in (text.vi, text.en)}
    assert len(playing.registered_words()) == len(texts)


@pytest.mark.parametrize("code", [-108, -114, -118, -119])
def test_whom_zalo_does_not_reach_is_told_by_sms(
    make_world: Callable[..., Any], new_event: Any, httpserver: HTTPServer, code: int
) -> None:
    pair = {"access_token": "t", "refresh_token": "r", "expires_in": "90000"}
    httpserver.expect_request("/v4/oa/access_token").respond_with_json(pair)
    httpserver.expect_request("/message/template").respond_with_json({"error": code})
    url = httpserver.url_for("").rstrip("/")
    account = {"APP_ID": "1", "SECRET_KEY": "s", "REFRESH_TOKEN": "r", "OAUTH_URL": url}
    options = {f"BAOTIN_ZALO_{name}": value for name, value in account.items()}
    world = make_world({**options, "BAOTIN_ZALO_BASE_URL": url}, gateways=("zalo", "simulator"))
    registrations.record("zalo", [given()], by=None, wiring=world.wiring)
    message = world.post(new_event())[0].messages[0]
    world.send()
    shown = world.message(message.id)
    assert [(one.gateway, one.outcome) for one in shown.attempts] == [
        ("zalo", "rejected"),
        ("simulator", "accepted"),
    ]
    assert (shown.state, len(world.ledger())) == ("sent", 1)
