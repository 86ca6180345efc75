"""Where callbacks may go, how they are signed, and when they come again."""

from datetime import timedelta

import pytest

from notifier.domain import callbacks
from notifier.domain.callbacks import BadAddress, Reach

PUBLIC = Reach(frozenset({"motcua.intranet"}))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("203.162.4.190", True),
        ("2405:4800::1", True),
        ("127.0.0.1", False),
        ("10.0.0.5", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nobody binds it
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.5", False),
        ("64:ff9b::a00:5", False),
        ("2002:a00:5::1", False),
        ("fec0::1", False),
        ("::127.0.0.1", False),
        ("::a00:5", False),
        ("::ffff:0:a00:5", False),
        ("::ffff:203.162.4.190", True),
        ("ff0e::1", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
        ("2001:0:a00:5::1", False),
        ("3fff::1", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address: str, public: bool) -> None:
    assert callbacks.is_public(address) is public
    assert PUBLIC.may_connect("motcua.example.vn", address) is public
    assert PUBLIC.may_connect("Motcua.Intranet", address)


@pytest.mark.parametrize(
    "url",
    [
        "http://motcua.example.vn/",
        "ftp://motcua.example.vn/",
        "motcua.example.vn",
        "https://",
        "https://user:word@motcua.example.vn/",
        "https://motcua.example.vn/#part",
        "https://motcua.example.vn:99999/",
        "https://mộtcửa.vn/",
        "https://motcua.example.vn/ x",
        "https://motcua.example.vn/" + "x" * 500,
    ],
)
def test_an_address_that_is_none_or_not_https_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        PUBLIC.read(url)


def test_a_host_that_the_operator_named_needs_no_https() -> None:
    assert PUBLIC.read("http://motcua.intranet:8000/x?y=1").port == 8000
    assert PUBLIC.read("https://motcua.example.vn/x").hostname == "motcua.example.vn"
    assert Reach(frozenset(), anywhere=True).read("http://127.0.0.1:9/").port == 9


def test_the_signature_is_that_of_the_specification_s_own_example() -> None:
    # github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Signature scheme".
    secret = callbacks.secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = callbacks.sign(
        secret,
        delivery="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at_s=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert callbacks.secret_of(callbacks.shown(secret)) == secret


def test_waits_double_from_ten_seconds_to_an_hour() -> None:
    waits = [callbacks.wait(tries) for tries in range(1, 30)]
    assert waits[:3] == [timedelta(seconds=n) for n in (10, 20, 40)]
    assert max(waits) == timedelta(minutes=15) == waits[-1]
