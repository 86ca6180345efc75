"""Which processes need a restart, by what they read and what the gateways file says now."""

import json
from base64 import b64encode
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

import pytest

from config import gateways_file
from config.gateways_file import Fingerprints
from config.settings import Settings
from notifier.pulses import About, Living, Role
from notifier.services import restarts

KEY = b"k" * 32
BEFORE = """
route = ["esms", "vnpt"]
[gateways.esms]
brandname = "A"
[gateways.vnpt]
password = { env = "P" }
"""


@pytest.mark.parametrize(
    ("now", "gateways", "route"),
    [
        (BEFORE, (), False),
        (f"# a comment\n{BEFORE}", (), False),
        (BEFORE.replace('"A"', '"B"'), ("esms",), False),
        (BEFORE.replace('brandname = "A"', ""), ("esms",), False),
        (BEFORE.replace('env = "P"', 'file = "P"'), ("vnpt",), False),
        (BEFORE.replace('["esms", "vnpt"]', '["vnpt", "esms"]'), (), True),
        (f"{BEFORE}[gateways.fpt]\nx = 1970-01-01", ("fpt",), False),
        ("[gateways.vnpt]\npassword = { env = 'P' }", ("esms",), True),
        ("nonsense", ("esms", "vnpt"), True),
        ("gateways = 5", ("esms", "vnpt"), True),
        (None, ("esms", "vnpt"), True),
    ],
)
def test_a_process_is_held_to_the_file_as_it_is_now(
    tmp_path: Path, now: str | None, gateways: tuple[str, ...], route: bool
) -> None:
    file = tmp_path / "gateways.toml"
    file.write_text(BEFORE)
    read = gateways_file.read(file, {"P": "secret"}, KEY).fingerprints
    file.unlink()
    if now is not None:
        file.write_text(now)
    settings = replace(Settings.from_env({}), gateways_file=str(file), hash_key=KEY)
    found = restarts.among([living(read)], settings)
    expected = [restarts.Outdated(Role.SEND, "node-1", 7, gateways, route)]
    assert found == (expected if gateways or route else [])


def living(read: Fingerprints) -> Living:
    return Living(Role.SEND, "one", About("node-1", 7, "1", (), gateways=read))


def test_without_a_file_only_who_read_one_is_outdated() -> None:
    settings = Settings.from_env({})
    unheard = Living(Role.SEND, "two", None)
    assert restarts.among([living(Fingerprints()), unheard], settings) == []
    (one,) = restarts.among([living(Fingerprints("r", {"esms": "x"}))], settings)
    assert str(one) == "send (process 7 on node-1) has other settings of esms, the route"


@pytest.mark.parametrize(
    ("now", "outdated"), [("4711\n", False), ("4712\n", True), ("", True), (None, True)]
)
def test_a_secret_that_changed_in_its_own_file_asks_for_a_restart(
    tmp_path: Path, now: str | None, outdated: bool
) -> None:
    file, secret = tmp_path / "gateways.toml", tmp_path / "password"
    file.write_text("[gateways.vnpt]\npassword = { file = 'password' }")
    secret.write_text("4711")
    read = gateways_file.read(file, {}, KEY).fingerprints
    secret.unlink()
    if now is not None:
        secret.write_text(now)
    settings = replace(Settings.from_env({}), gateways_file=str(file), hash_key=KEY)
    found = restarts.among([living(read)], settings)
    expected = [restarts.Outdated(Role.SEND, "node-1", 7, ("vnpt",), False)]
    assert found == (expected if outdated else [])
    assert "4711" not in str(asdict(read))


def test_fingerprints_say_nothing_of_variables(tmp_path: Path) -> None:
    file = tmp_path / "gateways.toml"
    file.write_text(BEFORE)
    one, other = (gateways_file.read(file, {"P": value}, KEY).fingerprints for value in ("a", "b"))
    assert asdict(one) == asdict(other)


def test_who_has_not_the_hash_key_cannot_try_a_secret_that_stands_in_the_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "gateways.toml"
    file.write_text('[gateways.jasmin]\npassword = "4711"')
    env = {"BAOTIN_GATEWAYS_FILE": str(file)}
    one, other = (
        About.this_process(
            Settings.from_env({**env, "BAOTIN_HASH_KEY": b64encode(key).decode()})
        ).gateways
        for key in (KEY, bytes(32))
    )
    assert one.gateways["jasmin"] != other.gateways["jasmin"]
    assert one.route != other.route
    guessed = sha256(json.dumps({"password": "4711"}).encode()).hexdigest()
    assert not guessed.startswith(one.gateways["jasmin"])
