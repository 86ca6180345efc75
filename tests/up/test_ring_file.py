"""The ring in an environment file: each step once, and twice changes nothing."""

from pathlib import Path

import pytest

from config import readers
from notifier.up import env_file, ring_file, secrets


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "baotin.env"
    env_file.put(path, {"BAOTIN_ENV": "production", **secrets.fresh()})
    return path


def ring(file: Path) -> list[str]:
    return [key.name for key in readers.keys(env_file.read(file)["BAOTIN_ENCRYPTION_KEYS"])]


def test_a_rotation_step_by_step(file: Path) -> None:
    before = env_file.read(file)
    for step, names in (
        (ring_file.add, ["k1", "k2"]),
        (ring_file.use, ["k2", "k1"]),
    ):
        assert step(file, "k2") is True
        assert ring(file) == names
        assert step(file, "k2") is False
        assert ring(file) == names
    held = readers.keys(env_file.read(file)["BAOTIN_ENCRYPTION_KEYS"])
    assert held[1:] == readers.keys(before["BAOTIN_ENCRYPTION_KEYS"])
    assert held[0].secret != held[1].secret
    assert ring_file.drop(file, "k1") is True
    assert ring_file.drop(file, "k1") is False
    assert ring(file) == ["k2"]
    kept = env_file.read(file)
    assert {**kept, "BAOTIN_ENCRYPTION_KEYS": ""} == {**before, "BAOTIN_ENCRYPTION_KEYS": ""}


def test_what_would_harm_is_refused_and_changes_nothing(file: Path) -> None:
    text = file.read_text()
    with pytest.raises(ValueError, match="has no key k9"):
        ring_file.use(file, "k9")
    with pytest.raises(ValueError, match="seals with k1"):
        ring_file.drop(file, "k1")
    with pytest.raises(ValueError, match="takes name:key pairs"):
        ring_file.add(file, "k 2")
    assert file.read_text() == text
