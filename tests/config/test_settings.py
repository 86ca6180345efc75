"""Settings: each variable's text, read or refused by one line that names it."""

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.gateways import OnUnknown, gateway_settings
from config.settings import Address, Environment, Key, Settings, SettingsError

KEY = base64.b64encode(b"k" * 32).decode()


def test_without_any_variable_it_is_production_with_its_defaults() -> None:
    settings = Settings.from_env({})
    assert (settings.environment, settings.is_demo) == (Environment.PRODUCTION, False)
    assert settings.data_folder == Path("./data")
    assert (str(settings.listen), str(settings.simulator_listen)) == (
        "127.0.0.1:8080",
        "127.0.0.1:8081",
    )
    assert settings.gateways == ("simulator",)
    assert settings.embedded_database


def test_an_empty_variable_is_an_unset_one() -> None:
    assert Settings.from_env({"BAOTIN_LISTEN": "", "BAOTIN_ENV": ""}) == Settings.from_env({})


READ: list[tuple[str, str, str, Any]] = [
    ("BAOTIN_ENV", "demo", "environment", Environment.DEMO),
    ("BAOTIN_LISTEN", "0.0.0.0:80", "listen", Address("0.0.0.0", 80)),  # noqa: S104 - only read
    ("BAOTIN_LISTEN", "[::1]:8080", "listen", Address("::1", 8080)),
    ("BAOTIN_LISTEN", "localhost:0", "listen", Address("localhost", 0)),
    ("BAOTIN_PUBLIC_URL", "https://a.vn/bt/", "public_url", "https://a.vn/bt"),
    ("BAOTIN_GATEWAY", "twilio , simulator,", "gateways", ("twilio", "simulator")),
    ("BAOTIN_ENCRYPTION_KEYS", f"b:{KEY},a:{KEY}", "encryption_keys",
     (Key("b", b"k" * 32), Key("a", b"k" * 32))),
    ("BAOTIN_HASH_KEY", KEY, "hash_key", b"k" * 32),
    ("BAOTIN_POOL_SIZE", "2000", "pool_size", 2000),
    ("REDIS_URL", "unix:///run/v.sock", "redis_url", "unix:///run/v.sock"),
    ("DATABASE_URL", "postgres://u:p@h/d", "database_url", "postgres://u:p@h/d"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "attribute", "value"), READ)
def test_a_text_is_read(name: str, text: str, attribute: str, value: Any) -> None:
    assert getattr(Settings.from_env({name: text}), attribute) == value


REFUSED = [
    ("BAOTIN_ENV", "Demo"),
    ("BAOTIN_REHEARSAL", "true"),
    ("BAOTIN_LISTEN", "8080"),
    ("BAOTIN_LISTEN", ":8080"),
    ("BAOTIN_LISTEN", "localhost"),
    ("BAOTIN_LISTEN", "localhost:65536"),
    ("BAOTIN_LISTEN", "localhost:-1"),
    ("BAOTIN_LISTEN", "localhost:８０"),
    ("BAOTIN_SIMULATOR_LISTEN", "x"),
    ("BAOTIN_PUBLIC_URL", "a.vn"),
    ("BAOTIN_PUBLIC_URL", "ftp://a.vn"),
    ("BAOTIN_PUBLIC_URL", "http://a.vn:x"),
    ("DATABASE_URL", "mysql://h/d"),
    ("DATABASE_URL", "postgresql://h:99999/d"),
    ("REDIS_URL", "localhost:6379"),
    ("BAOTIN_GATEWAY", " , "),
    ("BAOTIN_ENCRYPTION_KEYS", KEY),
    ("BAOTIN_ENCRYPTION_KEYS", f"a:{KEY},a:{KEY}"),
    ("BAOTIN_ENCRYPTION_KEYS", "a:c2hvcnQ="),
    ("BAOTIN_ENCRYPTION_KEYS", f"a b:{KEY}"),
    ("BAOTIN_HASH_KEY", "***"),
    ("BAOTIN_HASH_KEY", "c2hvcnQ="),
    ("BAOTIN_TRUSTED_PROXIES", "11"),
    ("BAOTIN_TRUSTED_PROXIES", "-1"),
    ("BAOTIN_API_THREADS", "0"),
    ("BAOTIN_API_PROCESSES", "many"),
    ("BAOTIN_POOL_SIZE", "2001"),
    ("BAOTIN_POOL_SIZE", "١٠"),
    ("BAOTIN_LOG_LEVEL", "loud"),
]


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_text_that_cannot_be_used_is_refused_in_one_line_that_names_the_variable(
    name: str, text: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({name: text})
    said = str(refused.value)
    assert said.startswith(f"{name} ")
    assert "\n" not in said
    if "KEY" in name:  # a secret may stand in it
        assert text not in said


@given(
    st.sampled_from([name for name, _ in REFUSED]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
)
def test_no_text_at_all_breaks_the_reading(name: str, text: str) -> None:
    try:
        Settings.from_env({name: text})
    except SettingsError as refused:
        assert str(refused).startswith(name)


def test_settings_show_no_secret() -> None:
    env = {
        "BAOTIN_ENCRYPTION_KEYS": f"a:{KEY}",
        "BAOTIN_HASH_KEY": KEY,
        "BAOTIN_WEBHOOK_SECRET": "hush-webhook",
        "BAOTIN_TWILIO_AUTH_TOKEN": "hush-token",
        "REDIS_URL": "redis://:hush-redis@h/0",
        "DATABASE_URL": "postgresql://u:hush-database@h/d",
    }
    shown = repr(Settings.from_env(env))
    for secret in ("hush", KEY, "kkkk"):
        assert secret not in shown


def test_a_servers_address_is_one_that_a_client_here_can_reach() -> None:
    def reached(listen: str) -> str:
        return Settings.from_env({"BAOTIN_LISTEN": listen}).provider_facing_url

    assert reached("0.0.0.0:80") == "http://127.0.0.1:80"
    assert reached("[::]:80") == "http://127.0.0.1:80"
    assert reached("[::1]:80") == "http://[::1]:80"
    public = {"BAOTIN_PUBLIC_URL": "https://a.vn"}
    assert Settings.from_env(public).provider_facing_url == "https://a.vn"


def test_a_gateways_own_options_are_found_by_its_name() -> None:
    env = {
        "BAOTIN_TWILIO_BASE_URL": "http://127.0.0.1:9/",
        "BAOTIN_TWILIO_DEADLINE_S": "2.5",
        "BAOTIN_TWILIO_ON_UNKNOWN": "other_gateway",
        "BAOTIN_TWILIO_AUTH_TOKEN": "hush",
        "BAOTIN_SIMULATOR_TOKEN": "other",
        "BAOTIN_TWILIO_FROM_NUMBER": "",
    }
    options = Settings.from_env(env).adapter_options
    twilio, simulator = gateway_settings(("twilio", "simulator"), options)
    assert (twilio.base_url, twilio.call_deadline_s) == ("http://127.0.0.1:9", 2.5)
    assert twilio.on_unknown is OnUnknown.OTHER_GATEWAY
    assert twilio.options == {"auth_token": "hush"}
    assert simulator.options == {"token": "other"}
    assert (simulator.call_deadline_s, simulator.settle_s) == (8.0, 60.0)
    assert "hush" not in repr(twilio)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DEADLINE_S", "8.1"), ("DEADLINE_S", "0"), ("DEADLINE_S", "nan"), ("DEADLINE_S", "soon"),
        ("SETTLE_S", "-1"), ("SETTLE_S", "inf"), ("ON_UNKNOWN", "resend"),
    ],
)  # fmt: skip
def test_a_gateways_option_that_cannot_be_used_is_refused_by_its_variable(
    name: str, text: str
) -> None:
    with pytest.raises(ValueError, match=f"BAOTIN_TWILIO_{name} takes"):
        gateway_settings(("twilio",), {f"BAOTIN_TWILIO_{name}": text})
