"""What is wrong in a description is told with its file, its key and what that takes."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.gateways import GatewaySettings
from gateways import registry
from gateways.adapter import GatewayConfigError, Tools
from gateways.base import Alphabet, Proof, Reports, Templates
from gateways.http import HttpCaller
from gateways.tokens import OwnTokens
from notifier.domain.clock import SystemClock
from tests.gateways.described.describing import KEY, SMALL, Make

FORM = 'body = "form"\nfields = { to = ["{phone}"] }'
JSON = 'body = "json"\nfields = { to = "{phone_84}", text = "{text}", key = "{secret}" }'
RECEIPTS = '[receipts]\nprovider_id = "id"\nstatus = "s"\nstatuses = { "1" = "sent" }\n'
SIGNED = 'signature = { algorithm = "hmac-sha256", key = "{secret}", header = "X-Sign" }\n'
BALANCE = '[balance]\nurl = "{base_url}/b"\namount = "a"\n'


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[send", "provider.toml: "),
        ("x = 1\n" + SMALL, "provider.toml: x is nothing that this table takes"),
        ("", "send.url is missing"),
        (changed("{base_url}/send", "ftp://x"), "send.url starts with {base_url}, https://"),
        (changed("{base_url}/send", "{base_url}/{sned}"), "send.url names {sned}; there are"),
        (changed("[send]", '[send]\nmethod = "PATCH"'), "send.method takes GET, POST, PUT"),
        (changed("[send]", "[send]\nmethod = 5"), "send.method takes text"),
        (changed("[send]", "[send]\nretries = 5"), "send.retries is nothing that this table takes"),
        (changed('"json"', '"yaml"'), "send.body takes none, json, form, words"),
        (changed('"json"', '"none"'), "send.fields goes with body = json or form"),
        (changed(JSON, 'body = "json"'), "send.fields goes with body = json or form"),
        (changed(JSON, FORM), "send.fields takes no lists and no tables here"),
        (changed(JSON, 'body = "words"'), "send.words goes with body"),
        (changed("{text}", "{txet}"), "send.fields names {txet}; there are"),
        (changed("[send]", "[send]\nheaders = { X = 5 }"), "send.headers takes texts alone"),
        (changed("[send]", "[send]\nheaders = 5"), "send.headers takes a table"),
        (changed("[send]", '[send]\nheaders = { X = "{text}" }'), "send.headers names {text}"),
        (changed('"{text}"', "2026-11-25"), "send.fields takes texts, numbers, true, false"),
        (changed('"{text}"', "[1, nan]"), "send.fields takes texts, numbers, true, false"),
        (changed("[send]", '[send]\nbasic = { pass = "x" }'), "send.basic.pass is nothing"),
        (changed("[send]", "[send]\nby_alphabet = { c = 1 }"), "send.by_alphabet.c takes { plain"),
        (
            changed("[send]", "[send]\nby_alphabet = { text = { plain = 1, accented = 2 } }"),
            "send.by_alphabet.text is no name for a value of one's own",
        ),
        (changed("success = { when = { ok = true } }", ""), "answer.success.when is missing"),
        (changed("{ when = { ok = true } }", "{ http = [200] }"), "answer.success.when is missing"),
        (
            changed("{ ok = true }", "{ ok = {} }"),
            "answer.success.when.ok takes a value, or a list",
        ),
        (changed("[answer]", '[answer]\nformat = "csv"'), "answer.format takes json, text, xml"),
        (changed("[answer]", '[answer]\nformat = "text"'), "answer.pattern goes with format"),
        (
            changed("[answer]", '[answer]\nformat = "text"\npattern = "("'),
            "answer.pattern is no regular expression",
        ),
        (
            changed("[answer]", '[answer]\nformat = "text"\npattern = "OK"'),
            "answer.pattern needs a named group",
        ),
        (SMALL + '[answer.codes]\n"1" = "account"\n', "answer.code is missing"),
        (SMALL + '[answer.codes]\n"1" = "bad"\n', "answer.codes.1 takes accepted, number"),
        (SMALL + '[[answer.rules]]\nmeans = "account"\n', "answer.rules[0].when is missing"),
        (SMALL + "[[answer.rules]]\nhttp = [403]\n", "answer.rules[0].means is missing"),
        (
            SMALL + '[[answer.rules]]\nhttp = [200]\nmeans = "accepted"\n',
            "answer.rules[0].means takes no accepted",
        ),
        (
            SMALL + '[[answer.rules]]\nhttp = [403]\nmeans = "account"\nwait_s = 5\n',
            "answer.rules[0].wait_s and only_this go with",
        ),
        (
            SMALL + '[[answer.rules]]\nhttp = ["403"]\nmeans = "account"\n',
            "answer.rules[0].http takes a list of HTTP statuses",
        ),
        (changed("[answer]", "[answer]\nrules = 5"), "answer.rules takes a list of tables"),
        (SMALL + "[receipts]\n", "receipts.statuses is missing"),
        (SMALL + '[receipts]\nstatuses = { "1" = "gone" }\n', "receipts.statuses.1 takes sent"),
        (SMALL + '[receipts]\nstatuses = { "1" = "sent" }\n', "receipts.status is missing"),
        (
            SMALL + '[receipts]\nstatus = "s"\nstatuses = { "1" = "sent" }\n',
            "receipts.provider_id or reference is needed",
        ),
        (
            SMALL + RECEIPTS + 'signature = { algorithm = "rot13" }\n',
            "receipts.signature.algorithm takes hmac-sha256",
        ),
        (
            SMALL + RECEIPTS + 'signature = { algorithm = "sha256", header = "X" }\n',
            "receipts.signature.over names no {secret}",
        ),
        (
            SMALL + RECEIPTS + 'signature = { algorithm = "hmac-sha1", header = "X" }\n',
            "receipts.signature.key names no {secret}",
        ),
        (
            SMALL + RECEIPTS + 'signature = { algorithm = "sha1", over = "{secret}{body}" }\n',
            "receipts.signature.header or field is needed",
        ),
        (SMALL + '[inbound]\nsender = "s"\n', "inbound.text is missing"),
        (SMALL + BALANCE + 'currency = "đ"\n', "balance.currency takes three letters"),
        (SMALL + BALANCE.replace("/b", "/{text}"), "balance.url names {text}"),
        (SMALL + "[able]\nmax_segments = 1.5\n", "able.max_segments takes a whole number"),
        (SMALL + "[able]\nmax_segments = 0\n", "able.max_segments takes a number above 0"),
        (SMALL + "[able]\nmax_segments = true\n", "able.max_segments takes a number above 0"),
        (SMALL + '[able]\nalphabets = ["latin1"]\n', "able.alphabets takes gsm7, ucs2"),
        (SMALL + '[able]\ndeduplicates = "yes"\n', "able.deduplicates takes true or false"),
        (SMALL + '[able]\ntemplates = "by_id"\n', "able.templates goes with {template_id}"),
        (changed("{text}", "{template_id}"), "able.templates goes with {template_id}"),
    ],
)
def test_what_is_wrong_is_named(make: Make, text: str, told: str) -> None:
    with pytest.raises(GatewayConfigError) as raised:
        make(text)
    assert "provider.toml:" in str(raised.value)
    assert told in str(raised.value)
    assert KEY not in str(raised.value)


def test_a_file_that_is_not_there_is_named(make: Make) -> None:
    with pytest.raises(
        GatewayConfigError, match=r"BAOTIN_HTTP_FILE: /nowhere/x\.toml cannot be read"
    ):
        make(SMALL, file="/nowhere/x.toml")


@pytest.mark.parametrize(("name", "text"), [("user", "{user}"), ("secret_2", "{secret_2}")])
def test_what_the_description_needs_of_the_account_is_asked_for(
    make: Make, name: str, text: str
) -> None:
    with pytest.raises(GatewayConfigError, match=f"BAOTIN_HTTP_{name.upper()} is not set"):
        make(changed("{secret}", text))
    make(changed("{secret}", text), **{name: "there"})


def test_several_providers_have_names_of_their_own(tmp_path: Path, http_caller: HttpCaller) -> None:
    made = []
    for name in ("north", "south"):
        path = tmp_path / f"{name}.toml"
        path.write_text(changed("{text}", f"{name}: {{text}}"), encoding="utf-8")
        options = {"file": str(path), "secret": KEY}
        made.append(GatewaySettings(name, "http://x", options, adapter="http"))
    clock = SystemClock()
    gateways = registry.load(made, Tools(http_caller, clock, OwnTokens(clock)))
    assert [*gateways] == ["north", "south"] == [one.name for one in gateways.values()]
    wrong = replace(made[0], options={"file": "/nowhere"}, place="gateways.toml: [gateways.north]")
    with pytest.raises(GatewayConfigError, match=r"gateways\.toml: \[gateways\.north\] secret"):
        registry.load([wrong], Tools(http_caller, clock, OwnTokens(clock)))


def test_what_a_provider_can_do_is_what_its_description_says(make: Make) -> None:
    plain = make(SMALL).gateway.capabilities
    assert (plain.reports, plain.inbound_proof) == (Reports.NONE, None)
    assert plain.alphabets == {Alphabet.GSM7}
    assert (plain.takes_sender, plain.deduplicates, plain.can_look_up) == (False, False, False)
    inbound = '[inbound]\nsender = "s"\ntext = "t"\n'
    able = '[able]\nalphabets = ["gsm7", "ucs2"]\ndeduplicates = true\nmax_segments = 4\n'
    rich = make(changed("{text}", "{sender} {text}") + RECEIPTS + SIGNED + inbound + able)
    told = rich.gateway.capabilities
    assert (told.reports, told.receipt_proof, told.inbound_proof) == (
        Reports.PUSH,
        Proof.SIGNATURE,
        Proof.ADDRESS,
    )
    assert (told.takes_sender, told.deduplicates, told.max_segments) == (True, True, 4)
    by_id = make(changed("{text}", "{template_id}") + '[able]\ntemplates = "by_id"\n')
    assert by_id.gateway.capabilities.templates is Templates.BY_ID
