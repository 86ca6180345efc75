import pytest
import requests
from twilio.rest import Client

from gateways.simulator.settings import Accounts


def _post(twilio_url: str, accounts: Accounts, **form: str) -> requests.Response:
    return requests.post(
        f"{twilio_url}/Messages.json",
        data=form,
        auth=(accounts["twilio"]["account_sid"], accounts["twilio"]["auth_token"]),
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
    listed = client.messages.list(to="+84912345678")
    assert [message.sid for message in listed] == [sent.sid]
    row = requests.get(f"{control}/sim/messages", timeout=5).json()["messages"][0]
    assert (row["gateway"], row["reference"]) == ("twilio", "att_9")
    assert (row["to"], row["from"]) == ("+84912345678", "+84901234567")


def test_an_api_key_stands_in_for_the_token(client_by_key: Client) -> None:
    assert client_by_key.messages.create(to="+84912345678", from_="UBND", body="x").sid


@pytest.mark.parametrize(
    ("query", "found"),
    [({"From": "UBND"}, 1), ({"From": "OTHER"}, 0), ({"To": "0912345678"}, 1), ({"To": "1"}, 0)],
)
def test_a_list_goes_by_phone_and_sender(
    twilio_url: str, accounts: Accounts, query: dict[str, str], found: int
) -> None:
    _post(twilio_url, accounts, **_GOOD)
    page = requests.get(
        f"{twilio_url}/Messages.json",
        params=query,
        auth=(accounts["twilio"]["account_sid"], accounts["twilio"]["auth_token"]),
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
        ({"Body": ""}, (400, 21619)),
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
        (other, (accounts["twilio"]["account_sid"], accounts["twilio"]["auth_token"])),
    ):
        for answer in (
            requests.post(f"{url}/Messages.json", data=_GOOD, auth=auth, timeout=5),
            requests.get(f"{url}/Messages.json", auth=auth, timeout=5),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, 20003)
