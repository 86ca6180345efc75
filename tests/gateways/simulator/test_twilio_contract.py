"""What Twilio publishes of its Messages API, by hand as tables; every live answer is held to it.

Sources, read 2026-11: github.com/twilio/twilio-oai at d50069b, spec/json/twilio_api_v2010.json
(paths `/2010-04-01/Accounts/{AccountSid}/Messages.json`, `…/Messages/{Sid}.json` and
`…/Balance.json`, schemas `api.v2010.account.message`, `ListMessageResponse` and
`api.v2010.account.balance`); twilio.com/docs/usage/twilios-response
(errors); twilio.com/docs/messaging/guides/track-outbound-message-status (status callbacks);
twilio.com/docs/messaging/guides/webhook-request (inbound).
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from werkzeug import Request, Response

from gateways.simulator.embedded import running
from gateways.simulator.settings import Accounts, Bound, SimulatorConfig
from notifier.domain.clock import ManualClock


@dataclass(frozen=True)
class Field:
    """A type, for a text the pattern all of it matches, and whether null is an answer."""

    kind: type
    pattern: str = ".*"
    nullable: bool = False

    def holds(self, value: object) -> bool:
        if value is None:
            return self.nullable
        # A bool is an int to Python and not to JSON.
        if not isinstance(value, self.kind) or isinstance(value, bool):
            return False
        return not isinstance(value, str) or bool(re.fullmatch(self.pattern, value, re.DOTALL))


Contract = Mapping[str, Field]


def _text(pattern: str = ".*", *, nullable: bool = False) -> Field:
    return Field(str, pattern, nullable)


_AC, _SM, _MG = (rf"{prefix}[0-9a-fA-F]{{32}}" for prefix in ("AC", "(SM|MM)", "MG"))
_DATE = (  # format date-time-rfc-2822, in GMT
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} \d\d:\d\d:\d\d \+0000"
)
_MESSAGES = rf"/2010-04-01/Accounts/{_AC}/Messages"
_LIST_URI = rf"{_MESSAGES}\.json\?.*PageSize=\d+&Page=\d+(&PageToken=P[AB]{_SM})?"
_PHONE = r"\+[1-9]\d{6,14}"
_SENDER = rf"{_PHONE}|\d{{3,8}}|[A-Za-z0-9 &+\-_.]{{1,11}}"
_WHOLE = r"\d+"  # num_segments and num_media are texts
_STATUS = (
    "queued|sending|sent|failed|delivered|undelivered|receiving|received|accepted|scheduled|read"
    "|partially_delivered|canceled"
)

MESSAGE: Contract = {
    "account_sid": _text(_AC),
    "api_version": _text("2010-04-01"),
    "body": _text(nullable=True),
    "date_created": _text(_DATE),
    "date_sent": _text(_DATE, nullable=True),
    "date_updated": _text(_DATE),
    "direction": _text("inbound|outbound-api|outbound-call|outbound-reply"),
    "error_code": Field(int, nullable=True),
    "error_message": _text(nullable=True),
    "from": _text(_SENDER, nullable=True),
    "messaging_service_sid": _text(_MG, nullable=True),
    "num_media": _text(_WHOLE),
    "num_segments": _text(_WHOLE),
    "price": _text(r"-?\d+\.\d+", nullable=True),
    "price_unit": _text("[A-Z]{3}", nullable=True),
    "sid": _text(_SM),
    "status": _text(_STATUS),
    "subresource_uris": Field(dict),
    "to": _text(_PHONE),
    "uri": _text(rf"{_MESSAGES}/{_SM}\.json"),
}
PAGE: Contract = {
    "end": Field(int),
    "first_page_uri": _text(_LIST_URI),
    "messages": Field(list),
    "next_page_uri": _text(_LIST_URI, nullable=True),
    "page": Field(int),
    "page_size": Field(int),
    "previous_page_uri": _text(_LIST_URI, nullable=True),
    "start": Field(int),
    "uri": _text(_LIST_URI),
}
ERROR: Contract = {
    "code": Field(int),
    "message": _text(".+"),
    "more_info": _text(r"https://www\.twilio\.com/docs/errors/\d{5}"),
    "status": Field(int),
}
BALANCE: Contract = {
    "account_sid": _text(_AC),
    "balance": _text(r"-?\d+(\.\d+)?"),
    "currency": _text("[A-Z]{3}"),
}
SENT_CALLBACK: Contract = {
    "AccountSid": _text(_AC),
    "ApiVersion": _text("2010-04-01"),
    "From": _text(_SENDER),
    "MessageSid": _text(_SM),
    "MessageStatus": _text(_STATUS),
    "SmsSid": _text(_SM),
    "SmsStatus": _text(_STATUS),
    "To": _text(_PHONE),
}
DELIVERED_CALLBACK: Contract = {**SENT_CALLBACK, "RawDlrDoneDate": _text(r"\d{10}")}
UNDELIVERED_CALLBACK: Contract = {**DELIVERED_CALLBACK, "ErrorCode": _text(r"\d{5}")}
INBOUND: Contract = {
    "AccountSid": _text(_AC),
    "ApiVersion": _text("2010-04-01"),
    "Body": _text(),
    "From": _text(_PHONE),
    "MessageSid": _text(_SM),
    "NumMedia": _text(_WHOLE),
    "NumSegments": _text(_WHOLE),
    "SmsMessageSid": _text(_SM),
    "SmsSid": _text(_SM),
    "SmsStatus": _text("received"),
    "To": _text(_SENDER),
}


def _assert_holds(contract: Contract, answer: Mapping[str, object]) -> None:
    assert set(answer) == set(contract)
    broken = {
        name: answer[name] for name, field in contract.items() if not field.holds(answer[name])
    }
    assert broken == {}


_ORDINARY, _UNDELIVERED, _FILTERED = "+84912345678", "+84900000002", "+84900000003"
_SERVICE = "MG" + "a" * 32
_TEXT = "UBND Lái Thiêu: hồ sơ 0001 đã có kết quả"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))


@pytest.fixture
def bound(config: SimulatorConfig, clock: ManualClock) -> Iterator[Bound]:
    """A simulator whose messages grow old when they are told to."""
    with running(config, clock) as bound:
        yield bound


@dataclass(frozen=True)
class Account:
    """The account over plain HTTP, so that nothing is smoothed over."""

    url: str
    auth: tuple[str, str]

    def create(self, **form: str) -> requests.Response:
        return requests.post(f"{self.url}/Messages.json", data=form, auth=self.auth, timeout=5)

    def read(self, uri: str) -> dict[str, Any]:
        """What a `uri` of an answer leads to."""
        origin = self.url.partition("/2010")[0]
        answer = requests.get(origin + uri, auth=self.auth, timeout=5)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
        body: dict[str, Any] = answer.json()
        return body

    def list(self, query: str = "") -> dict[str, Any]:
        path = self.url.partition("/2010")[2]
        return self.read(f"/2010{path}/Messages.json{query}")


@pytest.fixture
def account(twilio_url: str, accounts: Accounts) -> Account:
    return Account(
        twilio_url, (accounts["twilio"]["account_sid"], accounts["twilio"]["auth_token"])
    )


def _send(account: Account, to: str = _ORDINARY, **form: str) -> dict[str, Any]:
    answer = account.create(To=to, Body=_TEXT, **(form or {"From": "UBND"}))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    created: dict[str, Any] = answer.json()
    _assert_holds(MESSAGE, created)
    return created


def test_a_created_message_is_queued_and_nothing_else_is_known_of_it(
    account: Account, clock: ManualClock
) -> None:
    created = _send(account)
    now = format_datetime(clock.now())
    assert created["account_sid"] == account.auth[0]
    assert (created["status"], created["direction"]) == ("queued", "outbound-api")
    assert (created["body"], created["from"], created["to"]) == (_TEXT, "UBND", _ORDINARY)
    assert (created["date_created"], created["date_updated"]) == (now, now)
    assert (created["num_segments"], created["num_media"]) == ("1", "0")
    unknown = ("date_sent", "error_code", "error_message", "price", "messaging_service_sid")
    assert [created[name] for name in unknown] == [None] * len(unknown)
    assert set(created["subresource_uris"]) == {"media"}
    assert created["uri"].endswith(f"/{created['sid']}.json")


def test_a_messaging_service_assigns_its_sender_when_it_sends(
    account: Account, clock: ManualClock
) -> None:
    created = _send(account, MessagingServiceSid=_SERVICE)
    assert (created["status"], created["messaging_service_sid"]) == ("accepted", _SERVICE)
    assert (created["from"], created["num_segments"]) == (None, "0")
    clock.advance(timedelta(seconds=2))
    sent = account.read(created["uri"])
    _assert_holds(MESSAGE, sent)
    assert re.fullmatch(_PHONE, sent["from"])
    assert sent["num_segments"] == "1"


@pytest.mark.parametrize(
    ("to", "after_s", "status", "error_code"),
    [
        (_ORDINARY, 0, "queued", None),
        (_ORDINARY, 0.35, "sent", None),
        (_ORDINARY, 2, "delivered", None),
        (_UNDELIVERED, 2, "undelivered", 30003),
        (_FILTERED, 2, "undelivered", 30007),
    ],
)
def test_a_fetched_and_a_listed_message_say_the_same_as_it_grows_old(
    account: Account,
    clock: ManualClock,
    to: str,
    after_s: float,
    status: str,
    error_code: int | None,
) -> None:
    created = _send(account, to)
    clock.advance(timedelta(seconds=after_s))
    fetched = account.read(created["uri"])
    _assert_holds(MESSAGE, fetched)
    assert [fetched] == account.list()["messages"]
    assert (fetched["status"], fetched["error_code"]) == (status, error_code)
    assert (fetched["error_message"] is None) is (error_code is None)
    assert (fetched["date_sent"] is None) is (status == "queued")
    stable = ("sid", "body", "from", "to", "date_created", "uri", "num_segments")
    assert [fetched[name] for name in stable] == [created[name] for name in stable]
    updated = parsedate_to_datetime(fetched["date_updated"])
    assert parsedate_to_datetime(fetched["date_created"]) <= updated <= clock.now()


def test_every_page_holds_and_every_address_on_it_leads_back(account: Account) -> None:
    sids = [_send(account)["sid"] for _ in range(5)][::-1]
    _send(account, "+84987654321")
    page = account.list("?To=%2B84912345678&PageSize=2")
    first, previous = page["uri"], None
    seen: list[str] = []
    while True:
        _assert_holds(PAGE, page)
        for message in page["messages"]:
            _assert_holds(MESSAGE, message)
        assert page == account.read(page["uri"])
        assert page["first_page_uri"] == first
        assert page["page_size"] == 2
        assert page["start"] == page["page"] * 2 == len(seen)
        seen += [message["sid"] for message in page["messages"]]
        assert page["end"] == len(seen) - 1
        if previous:
            back = account.read(page["previous_page_uri"])
            assert back["messages"] == previous["messages"]
        if page["next_page_uri"] is None:
            break
        previous, page = page, account.read(page["next_page_uri"])
    assert seen == sids


def test_an_empty_page_is_the_published_example(account: Account) -> None:
    query = "To=%2B123456789&From=%2B987654321&DateSent%3E=2008-01-02&PageSize=25&Page=0"
    page = account.list(f"?{query}")
    _assert_holds(PAGE, page)
    here = f"/2010-04-01/Accounts/{account.auth[0]}/Messages.json?{query}"
    assert page == {
        "end": 0,
        "first_page_uri": here,
        "messages": [],
        "next_page_uri": None,
        "page": 0,
        "page_size": 25,
        "previous_page_uri": None,
        "start": 0,
        "uri": here,
    }


@pytest.mark.parametrize(
    "query",
    ["?PageToken=x", "?PageToken=PASM" + "f" * 32, "?Page=x", "?PageSize=x", "?To=%ED%A0%80"],
)
def test_a_list_request_that_makes_no_sense_is_still_a_page(account: Account, query: str) -> None:
    _assert_holds(PAGE, account.list(query))


@pytest.mark.parametrize(
    ("query", "size"),
    [("", 50), ("?PageSize=1", 1), ("?PageSize=1000", 1000), ("?PageSize=1001", 1000)],
)
def test_a_page_is_fifty_unless_asked_for_and_a_thousand_at_most(
    account: Account, query: str, size: int
) -> None:
    assert account.list(query)["page_size"] == size


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("DateSent=2026-11-23", True),
        ("DateSent=2026-11-22", False),
        ("DateSent=2026-11-23T00%3A00%3A00Z", True),  # how a client writes a day
        ("DateSent%3E=2026-11-23", True),
        ("DateSent%3E=2026-11-24", False),
        ("DateSent%3C=2026-11-23", True),
        ("DateSent%3C=2026-11-22", False),
        ("DateSent%3E=2026-11-22&DateSent%3C=2026-11-24", True),
        # The formats of the description's examples.
        ("DateSent%3E=11%2F22%2F2026+18%3A59%3A59+MST", True),
        ("DateSent%3E=11%2F22%2F2026+19%3A59%3A59+MST", False),
        ("DateSent%3E=2026-11-23+01%3A59%3A59.000", True),
        ("DateSent%3E=2026-11-23+02%3A59%3A59.000", False),
        ("DateSent%3E=Mon%2C+23+Nov+2026+01%3A59%3A59+-0000", True),
        ("DateSent%3E=Mon%2C+23+Nov+2026+02%3A59%3A59+-0000", False),
        ("DateSent%3E=9999-12-31T23%3A59%3A59Z", False),
        # What cannot be read filters nothing.
        ("DateSent%3E=99%2F99%2F2026+00%3A00%3A00+MST", True),
        ("DateSent%3E=9999-12-31", True),
    ],
)
def test_a_list_goes_by_the_day_of_sending(
    account: Account, clock: ManualClock, query: str, found: bool
) -> None:
    _send(account)
    # Still queued: it has no date_sent, and is in no list by one.
    unread = "99" in query
    assert len(account.list(f"?{query}")["messages"]) == int(found and unread)
    clock.advance(timedelta(seconds=2))
    assert len(account.list(f"?{query}")["messages"]) == int(found)


_GOOD = {"To": _ORDINARY, "From": "UBND", "Body": _TEXT}


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({**_GOOD, "To": ""}, 400, 21604),
        ({**_GOOD, "To": "+8491"}, 400, 21211),
        ({**_GOOD, "To": "+842743822222"}, 400, 21614),
        ({**_GOOD, "From": ""}, 400, 21603),
        ({**_GOOD, "From": "Ủy ban"}, 400, 21212),
        ({**_GOOD, "Body": ""}, 400, 21619),
        ({**_GOOD, "Body": "x" * 1_601}, 400, 21617),
        ({**_GOOD, "StatusCallback": "ftp://example.org/x"}, 400, 21609),
        ({**_GOOD, "StatusCallback": "http://under_score.example.org/x"}, 400, 21609),
        ({**_GOOD, "StatusCallback": "http://[/x"}, 400, 21609),
        ({**_GOOD, "MediaUrl": "https://example.org/x.png"}, 400, 20001),
        ({**_GOOD, "ScheduleType": "fixed", "SendAt": "2026-11-24T00:00:00Z"}, 400, 20001),
        ({**_GOOD, "To": "+84900000005"}, 500, 20500),
        ({**_GOOD, "To": "+84900000007"}, 403, 20005),
    ],
)
def test_every_refusal_is_the_published_error(
    account: Account, form: dict[str, str], status: int, code: int
) -> None:
    answer = account.create(**form)
    _assert_holds(ERROR, answer.json())
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.json()["code"] == code
    assert answer.json()["more_info"].endswith(f"/{code}")
    assert account.list()["messages"] == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [("http_400", 20001), ("http_429", 20429), ("http_500", 20500), ("http_503", 20503)],
)
def test_every_fault_that_answers_is_the_published_error(
    account: Account, control: str, kind: str, code: int
) -> None:
    requests.put(f"{control}/sim/behaviour/twilio", json={"faults": [{"kind": kind}]}, timeout=5)
    answer = account.create(**_GOOD)
    _assert_holds(ERROR, answer.json())
    assert answer.json()["code"] == code
    assert answer.headers.get("Retry-After") == ("1" if kind == "http_429" else None)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/Messages/SM" + "0" * 32 + ".json", 404, 20404),
        ("GET", "/Messages/{sid}", 404, 20404),  # without .json Twilio answers XML
        ("GET", "/Messages/{sid}/Media.json", 404, 20404),
        ("GET", "/Messages", 404, 20404),
        ("POST", "/Messages/{sid}.json", 405, 20004),
        ("DELETE", "/Messages/{sid}.json", 405, 20004),
    ],
)
def test_what_is_not_there_or_not_played_is_the_published_error(
    account: Account, method: str, path: str, status: int, code: int
) -> None:
    url = account.url + path.format(sid=_send(account)["sid"])
    answer = requests.request(method, url, auth=account.auth, timeout=5)
    _assert_holds(ERROR, answer.json())
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_wrong_credentials_are_challenged(account: Account) -> None:
    answer = requests.get(f"{account.url}/Messages.json", auth=("AC", "x"), timeout=5)
    _assert_holds(ERROR, answer.json())
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


Posts = list[dict[str, str]]


@pytest.fixture
def posted(httpserver: HTTPServer) -> Callable[[int], Posts]:
    """Waits for this many webhooks at `/hook` and answers their forms."""
    seen: Posts = []

    def take(request: Request) -> Response:
        assert request.method == "POST"
        assert request.mimetype == "application/x-www-form-urlencoded"
        seen.append(request.form.to_dict())
        return Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(take)

    def wait(count: int) -> Posts:
        until = time.monotonic() + 30
        while len(seen) < count:
            assert time.monotonic() < until, seen
            time.sleep(0.02)
        return seen

    return wait


@pytest.mark.parametrize("sender", [{"From": "+15005550006"}, {"MessagingServiceSid": _SERVICE}])
@pytest.mark.parametrize("to", [_ORDINARY, _UNDELIVERED])
def test_status_callbacks_tell_every_change_and_not_the_first_status(
    config: SimulatorConfig,
    accounts: Accounts,
    httpserver: HTTPServer,
    posted: Callable[[int], Posts],
    to: str,
    sender: dict[str, str],
) -> None:
    with running(config) as bound:
        url = f"http://127.0.0.1:{bound.dialects['twilio'][1]}/2010-04-01/Accounts"
        here = Account(
            f"{url}/{accounts['twilio']['account_sid']}",
            (accounts["twilio"]["account_sid"], accounts["twilio"]["auth_token"]),
        )
        created = _send(here, to, StatusCallback=httpserver.url_for("/hook"), **sender)
        sent, final = posted(2)
    service = {"MessagingServiceSid": _text(_MG)} if "MessagingServiceSid" in sender else {}
    _assert_holds({**SENT_CALLBACK, **service}, sent)
    delivered = to == _ORDINARY
    contract = DELIVERED_CALLBACK if delivered else UNDELIVERED_CALLBACK
    _assert_holds({**contract, **service}, final)
    for form in (sent, final):
        assert form["MessageSid"] == form["SmsSid"] == created["sid"]
        assert form["MessageStatus"] == form["SmsStatus"]
        assert form["From"] == "+15005550006"
    assert sent["MessageStatus"] == "sent"
    assert final["MessageStatus"] == ("delivered" if delivered else "undelivered")
    done = datetime.strptime(final["RawDlrDoneDate"], "%y%m%d%H%M").replace(tzinfo=UTC)
    assert abs(done - datetime.now(UTC)) < timedelta(minutes=2)


def test_a_citizens_sms_comes_as_the_published_webhook(
    account: Account,
    control: str,
    httpserver: HTTPServer,
    posted: Callable[[int], Posts],
) -> None:
    _send(account, MessagingServiceSid=_SERVICE)
    url = httpserver.url_for("/hook")
    requests.put(f"{control}/sim/inbound/twilio", json={"url": url}, timeout=5)
    answer = requests.post(
        f"{control}/sim/reply", json={"from": _ORDINARY, "text": "HS 0001"}, timeout=5
    )
    assert answer.status_code == 202
    form = posted(1)[0]
    _assert_holds(INBOUND, form)
    # The sender that the service picked is the number to answer.
    assert (form["From"], form["To"], form["Body"]) == (_ORDINARY, "+15005550006", "HS 0001")


def test_a_client_that_is_not_ours_reads_every_field(client: Client, clock: ManualClock) -> None:
    created = client.messages.create(
        to=_UNDELIVERED, messaging_service_sid=_SERVICE, body=_TEXT, validity_period=60
    )
    assert (created.status, created.from_, created.date_sent) == ("accepted", None, None)
    assert created.date_created == clock.now()
    clock.advance(timedelta(seconds=2))
    fetched = created.fetch()
    assert (fetched.status, fetched.error_code) == ("undelivered", 30003)
    assert (fetched.body, fetched.to, fetched.from_) == (_TEXT, _UNDELIVERED, "+15005550006")
    assert created.date_created <= fetched.date_sent <= fetched.date_updated <= clock.now()
    assert (fetched.num_segments, fetched.num_media, fetched.price) == ("1", "0", None)
    assert (fetched.price_unit, fetched.api_version) == ("USD", "2010-04-01")


def test_a_client_that_is_not_ours_turns_the_pages(client: Client, clock: ManualClock) -> None:
    sids = [client.messages.create(to=_ORDINARY, from_="UBND", body=str(n)).sid for n in range(5)]
    newest_first = sids[::-1]
    assert [m.sid for m in client.messages.stream(page_size=2)] == newest_first
    assert [m.sid for m in client.messages.list(limit=3, page_size=2)] == newest_first[:3]
    first = client.messages.page(page_size=2)
    second = first.next_page()
    assert [m.sid for m in second] == newest_first[2:4]
    assert [m.sid for m in second.previous_page()] == newest_first[:2]
    clock.advance(timedelta(seconds=2))
    hour = timedelta(hours=1)
    for wanted, found in (
        ({"date_sent_after": clock.now() - hour}, 5),
        ({"date_sent_after": clock.now() + hour}, 0),
        ({"date_sent_before": clock.now() + hour}, 5),
        ({"date_sent_before": clock.now() - hour}, 0),
        ({"date_sent": clock.now().date()}, 5),
        ({"from_": "UBND"}, 5),
        ({"from_": "OTHER"}, 0),
        ({"to": "+84987654321"}, 0),
    ):
        assert len(client.messages.list(**wanted)) == found, wanted


def test_a_client_that_is_not_ours_understands_a_refusal(client: Client) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to="+8491", from_="UBND", body=_TEXT)
    assert (refused.value.status, refused.value.code, refused.value.method) == (400, 21211, "POST")
    assert "valid phone number" in refused.value.msg


def test_the_balance_is_told_as_its_schema_says(account: Account, client: Client) -> None:
    answer = requests.get(f"{account.url}/Balance.json", auth=account.auth, timeout=5)
    _assert_holds(BALANCE, answer.json())
    told = client.api.account.balance.fetch()
    assert (told.balance, told.currency) == ("20.50", "USD")
    refused = requests.get(f"{account.url}/Balance.json", auth=("x", "y"), timeout=5)
    _assert_holds(ERROR, refused.json())
