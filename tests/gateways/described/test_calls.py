"""Calls as a description writes them: nothing in a message can step out of its place."""

from typing import Any

import pytest

from gateways.base import Fault, Parameter, RegisteredTemplate, Rejected
from tests.gateways.cases import SENDER, http, sms
from tests.gateways.described.describing import KEY, NAME, Make

ANSWER = '[answer]\nsuccess = { when = { ok = true } }\n[able]\nalphabets = ["gsm7", "ucs2"]\n'
TAKEN = http(200, {"ok": True})
SLY = 'Hồ sơ "1" & <2> {secret} \\ 3%'


def sent(make: Make, send: str, able: str = "", **changes: Any) -> Any:
    played = make(f"[send]\n{send}\n{ANSWER}{able}", TAKEN)
    played.gateway.send(sms(NAME, **changes))
    (seen,) = played.seen
    return seen


def test_json_keeps_the_types_of_what_stands_alone(make: Make) -> None:
    fields = (
        '{ to = ["{phone}"], n = 3, yes = true, t = "{text}", p = { all = "{parameters}", '
        'list = "{parameter_values}" }, u = "{unicode}", k = "k-{secret}", r = "{reference}" }'
    )
    template = RegisteredTemplate("5", (Parameter("a", "1"), Parameter("b", "2")))
    send = (
        f'url = "{{base_url}}/x"\nbody = "json"\nfields = {fields}\n'
        "by_alphabet = { unicode = { plain = 0, accented = 8 } }"
    )
    seen = sent(make, send, text=SLY, template=template)
    assert seen.headers["content-type"] == "application/json"
    assert seen.json == {
        "to": ["+84912345678"],
        "n": 3,
        "yes": True,
        "t": SLY,
        "p": {"all": {"a": "1", "b": "2"}, "list": ["1", "2"]},
        "u": 8,
        "k": f"k-{KEY}",
        "r": "att_7",
    }


def test_a_form_and_a_query_are_percent_encoded(make: Make) -> None:
    send = (
        'method = "GET"\nurl = "{base_url}/send/{phone_0}"\n'
        'query = { from = "{sender}", text = "{text}", dlr = "{callback_path}" }'
    )
    seen = sent(make, send, text=SLY)
    assert (seen.method, seen.path, seen.body) == ("GET", "/send/0912345678", b"")
    assert seen.query == {
        "from": SENDER,
        "text": SLY,
        "dlr": "https://bt.test/v1/gateways/http/receipts/s3cret-path/att_7",
    }
    send = 'url = "{base_url}/x"\nbody = "form"\nfields = { n = 5, text = "{text}" }'
    seen = sent(make, send, text=SLY)
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen.form == {"n": "5", "text": SLY}


@pytest.mark.parametrize(
    ("escape", "written"),
    [
        ("xml", "Hồ sơ &quot;1&quot; &amp; &lt;2&gt; {secret} \\ 3%"),
        ("json", 'Hồ sơ \\"1\\" & <2> {secret} \\\\ 3%'),
        ("url", "H%E1%BB%93%20s%C6%A1%20%221%22%20%26%20%3C2%3E%20%7Bsecret%7D%20%5C%203%25"),
        ("none", SLY),
    ],
)
def test_words_are_escaped_as_their_place_wants_it(make: Make, escape: str, written: str) -> None:
    send = (
        'url = "{base_url}/soap"\nbody = "words"\nheaders = { "Content-Type" = "text/xml", '
        f'SOAPAction = \'""\' }}\nescape = "{escape}"\n'
        'words = "<to>{phone_84}</to><text>{text}</text>"'
    )
    seen = sent(make, send, text=SLY)
    assert seen.body.decode() == f"<to>84912345678</to><text>{written}</text>"
    assert (seen.headers["content-type"], seen.headers["soapaction"]) == ("text/xml", '""')


def test_what_a_message_brings_stays_one_part_of_an_address(make: Make) -> None:
    seen = sent(make, 'url = "{base_url}/to/{sender}/x"', sender="../admin?a=1&b")
    assert (seen.path, seen.query) == ("/to/..%2Fadmin%3Fa%3D1%26b/x", {})


@pytest.mark.parametrize(
    ("able", "text", "code"),
    [
        ("", "Hồ sơ", "accents"),
        ('refused_characters = "%&"', "100%", "characters"),
        ('templates = "by_id"', "Ho so", "template_missing"),
    ],
)
def test_what_a_provider_cannot_take_is_not_sent(
    make: Make, able: str, text: str, code: str
) -> None:
    fields = "{template_id}" if "by_id" in able else "{text}"
    plain = '[answer]\nsuccess = { when = { ok = true } }\n[able]\nalphabets = ["gsm7"]\n'
    send = f'[send]\nurl = "{{base_url}}/x"\nbody = "json"\nfields = {{ t = "{fields}" }}\n'
    played = make(f"{send}{plain}{able}\n", TAKEN)
    with pytest.raises(Rejected) as raised:
        played.gateway.send(sms(NAME, text=text))
    assert (raised.value.fault, raised.value.code) == (Fault.CONTENT, code)
    assert played.seen == []
