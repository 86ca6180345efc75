"""The gateways file: read whole, or refused by one line that names file, table and key."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from config import fitness
from config.gateways import gateway_settings, variable
from config.settings import Settings, SettingsError
from gateways import example, registry
from notifier.services import wiring as wirings

GOOD = """
route = ["reserve", "esms"]

[gateways.esms]
api_key = { env = "KEY" }
secret_key = { file = "secret" }
brandname = "UBND"
deadline_s = 5
sandbox = true

[gateways.reserve]
adapter = "twilio"
account_sid = "AC1"
auth_token = { env = "TOKEN" }
"""
ENV = {"KEY": "k-one", "TOKEN": "t-two"}
Write = Callable[[str], dict[str, str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a gateways file: the variables that name it."""
    (tmp_path / "secret").write_text("s-three\n")
    (tmp_path / "empty").write_text(" \n")

    def do(words: str) -> dict[str, str]:
        (tmp_path / "gateways.toml").write_text(words)
        return {"BAOTIN_GATEWAYS_FILE": str(tmp_path / "gateways.toml"), **ENV}

    return do


def test_accounts_have_names_of_their_own_and_secrets_come_from_elsewhere(write: Write) -> None:
    settings = Settings.from_env(write(GOOD))
    assert settings.gateways == ("reserve", "esms")
    reserve, esms = gateway_settings(
        settings.gateways, settings.adapter_options, settings.described
    )
    assert (reserve.name, reserve.made_by) == ("reserve", "twilio")
    assert reserve.options == {"account_sid": "AC1", "auth_token": "t-two"}
    assert (esms.made_by, esms.call_deadline_s) == ("esms", 5)
    assert esms.options == {
        "api_key": "k-one", "secret_key": "s-three", "brandname": "UBND", "sandbox": "yes",
    }  # fmt: skip
    for secret in ("k-one", "t-two", "s-three"):
        assert secret not in repr(settings) + repr(esms) + repr(settings.described)


def test_variables_go_before_the_file_and_name_the_route(write: Write) -> None:
    env = {**write(GOOD), "BAOTIN_ESMS_BRANDNAME": "OTHER", "BAOTIN_GATEWAY": "esms"}
    settings = Settings.from_env(env)
    (esms,) = gateway_settings(settings.gateways, settings.adapter_options, settings.described)
    assert esms.options["brandname"] == "OTHER"


BAD: list[tuple[str, str]] = [
    ("route = [", "is not TOML"),
    ("gateways = 3", "describes no gateway"),
    ("route = []\n[gateways.esms]", "route takes names"),
    ('route = ["x"]\n[gateways.esms]', "route names x, and there is no [gateways.x]"),
    ('route = ["a", "a"]\n[gateways.a]', "names a gateway twice"),
    ("speed = 3\n[gateways.esms]", "there is no speed"),
    ("[gateways]\nesms = 3", "gateways.esms is no table"),
    ("[gateways.E_S]", "[gateways.E_S] is no name"),
    ("[gateways.esms]\nbrandname = [1]", "[gateways.esms] brandname takes a text"),
    ('[gateways.esms]\napi_key = { env = "NONE" }', "[gateways.esms] api_key refers to the"),
    ('[gateways.esms]\napi_key = { file = "gone" }', "cannot be read"),
    ('[gateways.esms]\napi_key = { file = "empty" }', "which is empty"),
    ('[gateways.esms]\napi_key = { vault = "x" }', "[gateways.esms] api_key takes { env"),
]


@pytest.mark.parametrize(("words", "said"), BAD)
def test_what_cannot_be_read_is_one_line_with_the_files_name(
    write: Write, words: str, said: str
) -> None:
    env = write(words)
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(env)
    told = str(raised.value)
    assert told.startswith(env["BAOTIN_GATEWAYS_FILE"])
    assert (said in told, "\n" in told) == (True, False)


UNFIT: list[tuple[str, str, str]] = [
    ('secret_key = { file = "secret" }', 'secret_key = "in-clear"', "secret_key is a secret"),
    ('brandname = "UBND"', 'brandnane = "UBND"', "brandnane is no option of esms"),
    ('api_key = { env = "KEY" }', "", "api_key is not set"),
    ("deadline_s = 5", "deadline_s = 50", "deadline_s takes seconds"),
    ("deadline_s = 5", 'on_unknown = "hope"', "on_unknown takes wait"),
    ("deadline_s = 5", 'webhook_secret = "in-clear"', "webhook_secret is a secret"),
    ("deadline_s = 5", 'adapter = "pigeon"', "adapter names pigeon, which is no adapter"),
]


@pytest.mark.parametrize(("words", "instead", "said"), UNFIT)
@pytest.mark.parametrize("route", ["esms", "reserve"])
def test_what_no_adapter_takes_is_refused_with_its_place_used_or_not(
    write: Write, words: str, instead: str, said: str, route: str
) -> None:
    env = {**write(GOOD.replace(words, instead)), "BAOTIN_GATEWAY": route}
    settings = Settings.from_env(env)
    with pytest.raises(SettingsError) as raised:
        wirings.gateways_of(settings)
    told = str(raised.value)
    assert f"gateways.toml: [gateways.esms] {said}" in told
    assert "in-clear" not in told


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"BAOTIN_ENV": "demo"}, "BAOTIN_GATEWAYS_FILE is for production"),
        ({"BAOTIN_REHEARSAL": "yes"}, "[gateways.reserve] base_url at a simulator"),
    ],
)
def test_what_is_unfit_is_told_by_its_place(
    write: Write, env: Mapping[str, str], said: str
) -> None:
    told = list(fitness.problems(Settings.from_env({**write(GOOD), **env})))
    assert any(said in one for one in told)


def test_the_simulator_is_refused_under_any_name(write: Write) -> None:
    words = GOOD.replace('adapter = "twilio"', 'adapter = "simulator"')
    told = list(fitness.problems(Settings.from_env(write(words))))
    assert any("[gateways.reserve] adapter names the simulator" in one for one in told)


def test_the_example_is_a_file_that_is_taken(write: Write) -> None:
    words = example.write([name for name in registry.names() if name != "simulator"])
    described = tomllib.loads(words)["gateways"]
    secrets = {
        value["env"]: "a-secret"
        for table in described.values()
        for value in table.values()
        if isinstance(value, dict)
    }
    settings = Settings.from_env({**write(words), **secrets})
    for one in gateway_settings(settings.gateways, settings.adapter_options, settings.described):
        adapter = registry.adapter(one.made_by)
        registry.complete(one, adapter)
        for option in adapter.options:
            assert f"{option.name} = " in words, variable(one.name, option.name)
