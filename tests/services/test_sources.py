"""Sources: made once, changed only by saying so."""

import pytest

from notifier.services import sources
from notifier.services.sources import Made, SourceDiffers
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring


def create(wiring: Wiring, *offices: str, name: str = "One-stop", limit: int | None = None) -> Made:
    return sources.create(
        "motcua", name=name, offices=offices, intake_per_minute=limit, wiring=wiring
    )


def may_post(wiring: Wiring, office: str) -> bool:
    with wiring.sessions.read() as session:
        return wiring.catalogue.current(session).may_post("motcua", office)


def test_a_source_is_made_once_and_twice_is_harmless(wiring: Wiring) -> None:
    first = create(wiring, "lai-thieu", limit=600)
    assert first.created
    assert may_post(wiring, "lai-thieu")
    assert not may_post(wiring, "thuan-an")
    again = create(wiring, "lai-thieu", limit=600)
    assert (again.created, again.source) == (False, first.source)


@pytest.mark.parametrize(
    ("offices", "name", "limit"),
    [
        (("thuan-an",), "One-stop", None),
        (("lai-thieu",), "Other", None),
        (("lai-thieu",), "One-stop", 5),
    ],
)
def test_a_source_that_is_there_otherwise_is_left_alone(
    wiring: Wiring, offices: tuple[str, ...], name: str, limit: int | None
) -> None:
    before = create(wiring, "lai-thieu").source
    with pytest.raises(SourceDiffers):
        create(wiring, *offices, name=name, limit=limit)
    assert before in sources.list_sources(wiring=wiring)


def test_a_change_touches_what_is_given_and_twice_nothing(wiring: Wiring) -> None:
    create(wiring, "lai-thieu", limit=600)
    done = sources.change("motcua", also=["thuan-an"], without=["lai-thieu"], wiring=wiring)
    assert done.changed == ("offices",)
    assert done.source.offices == ("thuan-an",)
    assert done.source.intake_per_minute == 600
    assert may_post(wiring, "thuan-an")
    assert not may_post(wiring, "lai-thieu")
    again = sources.change("motcua", also=["thuan-an"], without=["lai-thieu"], wiring=wiring)
    assert again.changed == ()
    named = sources.change("motcua", name="Một cửa", intake_per_minute=0, wiring=wiring)
    assert named.changed == ("name", "intake_per_minute")
    assert named.source.intake_per_minute == 0
    back = sources.change("motcua", default_limit=True, wiring=wiring)
    assert back.source.intake_per_minute is None


def test_what_is_not_there_is_named(wiring: Wiring) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        create(wiring, "lai-thieu", "nowhere")
    with pytest.raises(NotFound, match="motcua"):
        sources.change("motcua", name="X", wiring=wiring)
    create(wiring, "lai-thieu")
    with pytest.raises(NotFound, match="nowhere"):
        sources.change("motcua", also=["nowhere"], wiring=wiring)
    with pytest.raises(ValueError, match="letters, digits"):
        sources.create(
            "mot cua", name="X", offices=["lai-thieu"], intake_per_minute=None, wiring=wiring
        )


def test_the_source_of_our_own_events_is_nobodys(wiring: Wiring) -> None:
    with pytest.raises(ValueError, match="duty phones"):
        sources.create(
            "bao-tin", name="X", offices=["lai-thieu"], intake_per_minute=None, wiring=wiring
        )
    assert "bao-tin" not in {one.id for one in sources.list_sources(wiring=wiring)}
    with pytest.raises(ValueError, match="duty phones"):
        sources.change("bao-tin", also=["lai-thieu"], wiring=wiring)
