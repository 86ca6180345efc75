from pathlib import Path

from notifier.services import keys
from notifier.services.seed import DEMO_KEY_FILE, DEMO_SOURCE, seed_with
from notifier.services.wiring import Wiring


def test_a_demo_key_is_kept_until_a_release_brings_another_scope(
    wiring: Wiring, tmp_path: Path
) -> None:
    path = tmp_path / DEMO_KEY_FILE
    kept = path.read_text()
    assert seed_with(wiring).api_key == kept
    older = keys.create(DEMO_SOURCE, ["events:write"], wiring=wiring).token
    path.write_text(older)
    fresh = seed_with(wiring).api_key
    assert fresh not in {None, older}
    assert path.read_text() == fresh
    assert fresh is not None
    assert keys.authenticate(fresh, wiring=wiring).scopes == keys.SCOPES
