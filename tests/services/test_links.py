"""Where an office's words may lead: said by it and those above, kept to from draft to message."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.versions import TemplateKey
from notifier.services import drafting, links, publishing
from notifier.services.questions import Question
from notifier.services.views import BadFields, ScopeMissing

KEY = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)
HOST = "dichvucong.gov.vn"
WORDS = "{don_vi}: ho so {ma_ho_so} da xong, xem https://dichvucong.gov.vn/{ma_ho_so}"


def codes(call: Callable[[], object]) -> list[str]:
    with pytest.raises(BadFields) as refused:
        call()
    return [one.code for one in refused.value.problems]


@pytest.fixture
def staff(world: Any, hire: Callable[..., Any]) -> Callable[..., Any]:
    return lambda role, office="lai-thieu": hire(world.wiring, role, office).staff


def test_words_with_a_link_are_kept_once_the_office_or_one_above_allows_the_host(
    world: Any, staff: Callable[..., Any], new_event: Callable[..., dict[str, Any]]
) -> None:
    wiring, editor, approver = world.wiring, staff("editor"), staff("approver")
    save = partial(drafting.save, editor, KEY, WORDS, "why", after=0, wiring=wiring)
    assert codes(save) == ["link"]
    above = staff("administrator", "thuan-an")
    links.allow(above, "thuan-an", "https://DichVuCong.gov.vn/", wiring=wiring)
    save()
    drafting.submit(editor, KEY, 1, confirm=set(Question), wiring=wiring)
    publishing.approve(approver, KEY, 1, wiring=wiring)
    publishing.publish(approver, KEY, 1, wiring=wiring)
    (host,) = links.show(editor, "lai-thieu", wiring=wiring).hosts
    assert (host.host, host.office, host.used) == (HOST, "thuan-an", 1)
    waiting = world.post(new_event("a"))[0].messages[0]
    other = world.post(new_event("c", "refused", code="c"))[0].messages[0]
    links.take_back(above, "thuan-an", HOST, wiring=wiring)
    became = world.message(waiting.id)
    assert (became.state, became.reason) == ("held", "template_unfit")
    assert world.message(other.id).state == "queued"
    held = world.post(new_event("b"))[0]
    assert (held.outcome, held.reason) == ("held", "template_unfit")


def test_words_whose_host_went_meanwhile_are_not_published(
    world: Any, staff: Callable[..., Any]
) -> None:
    wiring, editor, approver = world.wiring, staff("editor"), staff("approver")
    administrator = staff("administrator")
    links.allow(administrator, "lai-thieu", HOST, wiring=wiring)
    drafting.save(editor, KEY, WORDS, "why", after=0, wiring=wiring)
    drafting.submit(editor, KEY, 1, confirm=set(Question), wiring=wiring)
    publishing.approve(approver, KEY, 1, wiring=wiring)
    links.take_back(administrator, "lai-thieu", HOST, wiring=wiring)
    assert codes(lambda: publishing.publish(approver, KEY, 1, wiring=wiring)) == ["link"]
    links.allow(administrator, "lai-thieu", HOST, wiring=wiring)
    publishing.publish(approver, KEY, 1, wiring=wiring)


def test_a_link_in_a_value_passes_where_the_words_could_have_it(
    world: Any, staff: Callable[..., Any], new_event: Callable[..., dict[str, Any]]
) -> None:
    def text(id: str) -> str:
        message = world.post(new_event(id, data={"noi_nhan": "a.gov.vn"}))[0].messages[0]
        return str(world.message(message.id).text)

    assert "Bo phan Mot cua" in text("a")
    links.allow(staff("administrator"), "lai-thieu", "a.gov.vn", wiring=world.wiring)
    assert "den a.gov.vn nhan" in text("b")


def test_twice_is_harmless_and_only_an_administrator_of_the_office_says_so(
    world: Any, staff: Callable[..., Any]
) -> None:
    administrator = staff("administrator")
    once = links.allow(administrator, "lai-thieu", HOST, wiring=world.wiring)
    assert links.allow(administrator, "lai-thieu", HOST, wiring=world.wiring) == once
    assert links.take_back(administrator, "lai-thieu", HOST, wiring=world.wiring).hosts == ()
    assert links.take_back(administrator, "lai-thieu", HOST, wiring=world.wiring).hosts == ()
    for call in (links.allow, links.take_back):
        for host in ("x", f"{HOST}\0"):
            refused = codes(partial(call, administrator, "lai-thieu", host, wiring=world.wiring))
            assert refused == ["no_host"]
    with pytest.raises(ScopeMissing):
        links.allow(staff("editor"), "lai-thieu", HOST, wiring=world.wiring)
