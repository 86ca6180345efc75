"""What production refuses, each in one line that names the setting."""

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from config import fitness
from config.gateways import gateway_settings
from config.settings import Environment, Settings, SettingsError
from notifier.up import secrets


def key(seed: str) -> str:
    return base64.b64encode(hashlib.sha256(seed.encode()).digest()).decode()


FIT = {
    "BAOTIN_ENV": "production",
    "BAOTIN_PUBLIC_URL": "https://sms.example.vn",
    "BAOTIN_GATEWAY": "twilio",
    "BAOTIN_ENCRYPTION_KEYS": f"k2:{key('2')},k1:{key('1')}",
    "BAOTIN_HASH_KEY": key("h"),
    "BAOTIN_WEBHOOK_SECRET": "q8Zt3vXy0LmNpR5sUw7A",
    "BAOTIN_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}

REFUSED = [
    ({"BAOTIN_GATEWAY": "simulator"}, "BAOTIN_GATEWAY"),
    ({"BAOTIN_GATEWAY": "twilio,simulator"}, "BAOTIN_GATEWAY"),
    ({"BAOTIN_GATEWAY": ""}, "BAOTIN_GATEWAY"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://127.0.0.1:8081"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "https://localhost"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://sim.LOCALHOST.:80/x"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://127.1"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://2130706433"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://0x7f.1"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://0.0.0.0:1"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://[::1]:1"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://[::]"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://[::ffff:127.0.0.1]"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_TWILIO_BASE_URL": "http://user@127.0.0.1"}, "BAOTIN_TWILIO_BASE_URL"),
    ({"BAOTIN_PUBLIC_URL": ""}, "BAOTIN_PUBLIC_URL"),
    ({"BAOTIN_PUBLIC_URL": "http://sms.example.vn"}, "BAOTIN_PUBLIC_URL"),
    ({"BAOTIN_PUBLIC_URL": "https://"}, "BAOTIN_PUBLIC_URL"),
    ({"BAOTIN_ENCRYPTION_KEYS": ""}, "BAOTIN_ENCRYPTION_KEYS"),
    ({"BAOTIN_HASH_KEY": ""}, "BAOTIN_HASH_KEY"),
    ({"BAOTIN_WEBHOOK_SECRET": ""}, "BAOTIN_WEBHOOK_SECRET"),
    ({"REDIS_URL": ""}, "REDIS_URL"),
    ({"BAOTIN_HASH_KEY": base64.b64encode(b"h" * 32).decode()}, "BAOTIN_HASH_KEY"),
    (
        {"BAOTIN_ENCRYPTION_KEYS": f"k2:{key('2')},k1:{base64.b64encode(bytes(32)).decode()}"},
        "BAOTIN_ENCRYPTION_KEYS (k1)",
    ),
    ({"BAOTIN_HASH_KEY": key("1")}, "BAOTIN_HASH_KEY"),
    ({"BAOTIN_WEBHOOK_SECRET": "hunter2"}, "BAOTIN_WEBHOOK_SECRET"),
    ({"BAOTIN_WEBHOOK_SECRET": "a" * 40}, "BAOTIN_WEBHOOK_SECRET"),
    ({"BAOTIN_WEBHOOK_SECRET": "q8Zt3vXy0LmNp/R5sUw7A"}, "BAOTIN_WEBHOOK_SECRET"),
    ({"BAOTIN_TWILIO_WEBHOOK_SECRET": "changeme"}, "BAOTIN_TWILIO_WEBHOOK_SECRET"),
    ({"BAOTIN_WEBHOOK_SECRET_OLD": "changeme"}, "BAOTIN_WEBHOOK_SECRET_OLD"),
    ({"BAOTIN_TWILIO_WEBHOOK_SECRET_OLD": "changeme"}, "BAOTIN_TWILIO_WEBHOOK_SECRET_OLD"),
    ({"BAOTIN_PROBE": "tests.faults:probe"}, "BAOTIN_PROBE"),
    ({"BAOTIN_REHEARSAL": "yes"}, "BAOTIN_REHEARSAL"),
    (
        {"BAOTIN_REHEARSAL": "yes", "BAOTIN_TWILIO_BASE_URL": "https://api.twilio.com"},
        "BAOTIN_REHEARSAL",
    ),
]


def told(changes: dict[str, str]) -> list[str]:
    return list(fitness.problems(Settings.from_env({**FIT, **changes})))


def test_fit_settings_are_not_refused() -> None:
    assert told({}) == []
    assert told({"BAOTIN_TWILIO_BASE_URL": "https://api.example.vn"}) == []
    assert Settings.from_env(FIT).reaches_citizens


@pytest.mark.parametrize(("changes", "name"), REFUSED)
def test_production_refuses_it_in_one_line_that_names_the_setting(
    changes: dict[str, str], name: str
) -> None:
    problems = told(changes)
    assert len(problems) == 1, problems
    assert problems[0].startswith(f"{name} ")
    assert "\n" not in problems[0]
    for variable, value in changes.items():
        assert not variable.endswith(("SECRET", "KEY")) or not value or value not in problems[0]
    with pytest.raises(SettingsError, match=name.partition(" ")[0]):
        fitness.refuse(Settings.from_env({**FIT, **changes}))


@pytest.mark.parametrize(
    "name", ["BAOTIN_ENCRYPTION_KEYS", "BAOTIN_HASH_KEY", "BAOTIN_WEBHOOK_SECRET"]
)
def test_production_refuses_each_secret_of_the_demo(tmp_path: Path, name: str) -> None:
    demo = secrets.of_demo(tmp_path)
    problems = told({name: demo[name]})
    assert [problem.partition(" ")[0] for problem in problems] == [name]


def test_fresh_secrets_are_fit() -> None:
    for _ in range(50):
        assert told(secrets.fresh()) == []


def test_a_rehearsal_calls_this_machine_only_and_keeps_no_quiet_hours() -> None:
    at_home = {"BAOTIN_REHEARSAL": "yes", "BAOTIN_TWILIO_BASE_URL": "http://127.0.0.1:8082"}
    assert told(at_home) == []
    assert not Settings.from_env({**FIT, **at_home}).reaches_citizens


def test_a_provider_that_runs_on_this_machine_is_none_of_a_simulator() -> None:
    own = {
        "BAOTIN_GATEWAY": "kannel",
        "BAOTIN_KANNEL_BASE_URL": "http://127.0.0.1:13013",
        "BAOTIN_KANNEL_ON_THIS_MACHINE": "yes",
    }
    assert told(own) == []
    (refused,) = told({**own, "BAOTIN_KANNEL_ON_THIS_MACHINE": "no"})
    assert "set BAOTIN_KANNEL_ON_THIS_MACHINE to yes" in refused
    (rehearsal,) = told({**own, "BAOTIN_REHEARSAL": "yes"})  # it would send
    assert rehearsal.startswith("BAOTIN_REHEARSAL ")
    with pytest.raises(ValueError, match="BAOTIN_KANNEL_ON_THIS_MACHINE takes yes or no"):
        wrong = Settings.from_env({**FIT, **own, "BAOTIN_KANNEL_ON_THIS_MACHINE": "maybe"})
        gateway_settings(wrong.gateways, wrong.adapter_options)


def test_the_demo_is_left_alone() -> None:
    demo = replace(Settings.from_env(FIT), environment=Environment.DEMO, public_url="")
    assert list(fitness.problems(replace(demo, gateways=("simulator",), probe="a:b"))) == []
    assert [p.partition(" ")[0] for p in fitness.problems(replace(demo, rehearsal=True))] == [
        "BAOTIN_REHEARSAL"
    ]
