from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from gateways.simulator import signing

_URL = "http://127.0.0.1:8080/v1/gateways/twilio/receipts/s3cret?attempt=att_1&x=%C3%A1"
_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.dictionaries(_TEXT.filter(bool), _TEXT, max_size=12))
def test_twilios_own_validator_believes_our_signature(parameters: dict[str, str]) -> None:
    signature = signing.twilio("a-token", _URL, parameters)
    assert RequestValidator("a-token").validate(_URL, parameters, signature)
    assert not RequestValidator("b-token").validate(_URL, parameters, signature)


def test_the_simulators_signature_is_the_published_vector() -> None:
    # RFC 4231, test case 2.
    assert signing.simulator("Jefe", b"what do ya want for nothing?") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
