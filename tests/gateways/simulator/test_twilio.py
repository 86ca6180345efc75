import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from gateways.simulator.settings import Accounts

# The message resource's fields, from the components of Twilio's published OpenAPI
# (github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json, read 2026-11).
_TEXT, _RFC2822 = r".*", r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000"
_ACCOUNT = r"AC[0-9a-fA-F]{32}"
_SHAPE: dict[str, str | type | None] = {
    "account_sid": _ACCOUNT,
    "api_version": _TEXT,
    "body": _TEXT,
    "date_created": _RFC2822,
    "date_sent": _RFC2822,
    "date_updated": _RFC2822,
    "direction": "inbound|outbound-api|outbound-call|outbound-reply",
    "error_code": int,
    "error_message": _TEXT,
    "from": _TEXT,
    "messaging_service_sid": r"MG[0-9a-fA-F]{32}",
    "num_media": r"\d+",
    "num_segments": r"\d+",
    "price": _TEXT,
    "price_unit": _TEXT,
    "sid": r"(SM|MM)[0-9a-fA-F]{32}",
    "status": "queued|sending|sent|failed|delivered|undelivered|receiving|received|accepted"
    "|scheduled|read|partially_delivered|canceled",
    "subresource_uris": dict,
    "to": _TEXT,
    "uri": rf"/2010-04-01/Accounts/{_ACCOUNT}/Messages/SM[0-9a-f]{{32}}\.json",
}
_PAGE = {
    "end", "first_page_uri", "messages", "next_page_uri", "page", "page_size",
    "previous_page_uri", "start", "uri",
}  # fmt: skip


def _assert_shaped(message: dict[str, Any]) -> None:
    assert set(message) == set(_SHAPE)
    for name, shape in _SHAPE.items():
        value = message[name]
        if value is None:
            continue
        if isinstance(shape, str):
            assert isinstance(value, str), name
            assert re.fullmatch(shape, value, re.DOTALL), (name, value)
        else:
            assert isinstance(value, shape or object), name


class _Here(TwilioHttpClient):  # type: ignore[misc]  # the package ships no types
    """Twilio's own client, with Twilio's host replaced by the simulator's."""

    def __init__(self, port: int) -> None:
        super().__init__(timeout=5)
        self._port = port

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)._replace(scheme="http", netloc=f"127.0.0.1:{self._port}")
        return super().request(method, parts.geturl(), *args, **kwargs)


@pytest.fixture
def client(twilio_url: str, accounts: Accounts) -> Client:
    port = urlsplit(twilio_url).port
    assert port is not None
    return Client(accounts.twilio_sid, accounts.twilio_token, http_client=_Here(port))


def _post(twilio_url: str, accounts: Accounts, **form: str) -> requests.Response:
    return requests.post(
        f"{twilio_url}/Messages.json",
        data=form,
        auth=(accounts.twilio_sid, accounts.twilio_token),
        timeout=5,
    )


_GOOD = {"To": "+84912345678", "From": "UBND", "Body": "Hồ sơ đã có kết quả"}


def test_twilios_own_client_sends_fetches_and_lists(client: Client, control: str) -> None:
    sent = client.messages.create(
        to="+84912345678",
        from_="+84901234567",
        body="Hồ sơ đã có kết quả",
        status_callback="http://127.0.0.1:9/x?attempt=att_9",
    )
    assert sent.status == "queued"
    assert sent.sid is not None
    fetched = client.messages(sent.sid).fetch()
    assert (fetched.body, fetched.to) == ("Hồ sơ đã có kết quả", "+84912345678")
    listed = client.messages.list(
        to="+84912345678", date_sent_after=datetime.now(UTC) - timedelta(minutes=5)
    )
    assert [message.sid for message in listed] == [sent.sid]
    row = requests.get(f"{control}/sim/messages", timeout=5).json()["messages"][0]
    assert (row["gateway"], row["reference"]) == ("twilio", "att_9")
    assert (row["to"], row["from"]) == ("+84912345678", "+84901234567")


def test_an_api_key_stands_in_for_the_token(twilio_url: str, accounts: Accounts) -> None:
    port = urlsplit(twilio_url).port
    assert port is not None
    client = Client(
        accounts.twilio_api_key,
        accounts.twilio_api_secret,
        accounts.twilio_sid,
        http_client=_Here(port),
    )
    assert client.messages.create(to="+84912345678", from_="UBND", body="x").sid


def test_every_reply_has_the_published_shape(
    twilio_url: str, accounts: Accounts, control: str
) -> None:
    auth = (accounts.twilio_sid, accounts.twilio_token)
    service = "MG" + "a" * 32
    answers = [
        _post(twilio_url, accounts, **_GOOD),
        _post(
            twilio_url, accounts, To="+84912345678", MessagingServiceSid=service, Body="\n" * 300
        ),
    ]
    for answer in answers:
        assert answer.status_code == 201
        _assert_shaped(answer.json())
        created = parsedate_to_datetime(answer.json()["date_created"])
        assert abs(created - datetime.now(UTC)) < timedelta(seconds=5)
    assert (answers[0].json()["status"], answers[1].json()["status"]) == ("queued", "accepted")
    page = requests.get(f"{twilio_url}/Messages.json", auth=auth, timeout=5).json()
    assert set(page) == _PAGE
    for message in page["messages"]:
        _assert_shaped(message)
    single = requests.get(
        f"{twilio_url}/Messages/{page['messages'][0]['sid']}.json", auth=auth, timeout=5
    )
    _assert_shaped(single.json())


def test_pages_follow_each_other_newest_first_and_back(
    client: Client, twilio_url: str, accounts: Accounts
) -> None:
    sids = [client.messages.create(to=_GOOD["To"], from_="UBND", body=str(n)).sid for n in range(7)]
    client.messages.create(to="+84987654321", from_="UBND", body="another phone")
    assert [m.sid for m in client.messages.list(to=_GOOD["To"], page_size=3)] == sids[::-1]

    auth = (accounts.twilio_sid, accounts.twilio_token)
    origin = twilio_url.split("/2010", maxsplit=1)[0]

    def read(uri: str) -> dict[str, Any]:
        page: dict[str, Any] = requests.get(origin + uri, auth=auth, timeout=5).json()
        page["messages"] = [message["sid"] for message in page["messages"]]
        return page

    first = read(
        f"/2010-04-01/Accounts/{accounts.twilio_sid}/Messages.json?To=%2B84912345678&PageSize=3"
    )
    second = read(first["next_page_uri"])
    third = read(second["next_page_uri"])
    assert first["previous_page_uri"] is None
    assert third["next_page_uri"] is None
    assert (second["page"], second["start"], second["end"]) == (1, 3, 5)
    assert third["messages"] == [sids[0]]
    assert read(third["previous_page_uri"])["messages"] == second["messages"]
    back_at_first = read(second["previous_page_uri"])
    assert read(back_at_first["next_page_uri"])["messages"] == second["messages"]
    assert read(second["previous_page_uri"])["messages"] == first["messages"]
    assert read(second["first_page_uri"])["messages"] == first["messages"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"DateSent>": "{today}"}, 1),
        ({"DateSent>": "{tomorrow}"}, 0),
        ({"DateSent<": "{today}"}, 1),
        ({"DateSent<": "{yesterday}"}, 0),
        ({"DateSent": "{today}"}, 1),
        ({"DateSent": "{yesterday}"}, 0),
        ({"From": "UBND"}, 1),
        ({"From": "OTHER"}, 0),
        ({"To": "0912345678"}, 1),
    ],
)
def test_a_list_goes_by_its_filters(
    twilio_url: str, accounts: Accounts, query: dict[str, str], found: int
) -> None:
    _post(twilio_url, accounts, **_GOOD)
    today = datetime.now(UTC).date()
    days = {
        "today": today.isoformat(),
        "tomorrow": (today + timedelta(days=1)).isoformat(),
        "yesterday": (today - timedelta(days=1)).isoformat(),
    }
    page = requests.get(
        f"{twilio_url}/Messages.json",
        params={name: value.format(**days) for name, value in query.items()},
        auth=(accounts.twilio_sid, accounts.twilio_token),
        timeout=5,
    ).json()
    assert len(page["messages"]) == found


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"To": ""}, (400, 21604)),
        ({"To": "+8491234"}, (400, 21211)),
        ({"To": "02743822222"}, (400, 21614)),
        ({"From": ""}, (400, 21603)),
        ({"From": "A sender far too long"}, (400, 21212)),
        ({"Body": ""}, (400, 21602)),
        ({"Body": "x" * 1_601}, (400, 21617)),
        ({"To": "+15005550001"}, (400, 21211)),
        ({"To": "+15005550002"}, (400, 21612)),
        ({"To": "+15005550003"}, (400, 21408)),
        ({"To": "+15005550004"}, (400, 21610)),
        ({"To": "+15005550009"}, (400, 21614)),
        ({"From": "+15005550001"}, (400, 21212)),
        ({"From": "+15005550007"}, (400, 21606)),
        ({"From": "+15005550008"}, (400, 21611)),
        ({"To": "+84900000001"}, (400, 21211)),
        ({"To": "+84900000005"}, (500, 20500)),
        ({"To": "+84900000007"}, (403, 20005)),
        ({"To": "+84900000008"}, (400, 21612)),
    ],
)
def test_what_twilio_refuses_it_refuses_in_twilios_shape(
    twilio_url: str,
    accounts: Accounts,
    control: str,
    changes: dict[str, str],
    expected: tuple[int, int],
) -> None:
    answer = _post(twilio_url, accounts, **{**_GOOD, **changes})
    error = answer.json()
    assert (answer.status_code, error["code"]) == expected
    assert error["status"] == answer.status_code
    assert set(error) == {"code", "message", "more_info", "status"}
    assert error["more_info"].endswith(f"/{expected[1]}")
    assert requests.get(f"{control}/sim/messages", timeout=5).json() == {"messages": []}


def test_the_valid_magic_sender_and_the_longest_body_are_taken(
    twilio_url: str, accounts: Accounts
) -> None:
    form = {**_GOOD, "From": "+15005550006", "Body": "x" * 1_600}
    assert _post(twilio_url, accounts, **form).status_code == 201


def test_wrong_credentials_or_another_account_are_20003(
    twilio_url: str, accounts: Accounts
) -> None:
    other = twilio_url.replace("AC0", "AC1")
    for url, auth in (
        (twilio_url, ("AC", "x")),
        (twilio_url, None),
        (other, (accounts.twilio_sid, accounts.twilio_token)),
    ):
        for answer in (
            requests.post(f"{url}/Messages.json", data=_GOOD, auth=auth, timeout=5),
            requests.get(f"{url}/Messages.json", auth=auth, timeout=5),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_a_message_that_is_not_there_is_20404(client: Client) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
