"""What every adapter owes of an answer that makes no sense."""

import socket

import pytest

from gateways.base import Deferred, Fault, OutcomeUnknown, Rejected
from tests.gateways.conformance.held import GARBAGE, Given, Serve, Sms, gateway_at, ref


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 404])
def test_a_body_of_another_shape_is_never_a_success_or_a_refusal(
    name: str, status: int, serve: Serve, sms: Sms
) -> None:
    bodies = iter(GARBAGE)

    def script(connection: socket.socket, request: bytes) -> bool:
        body = b"" if status == 204 else next(bodies)
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall((head if status != 204 else "HTTP/1.1 204 X\r\n\r\n").encode() + body)
        return True

    gateway = gateway_at(name, serve(script), tokens=Given())
    for _ in GARBAGE:
        with pytest.raises((OutcomeUnknown, Rejected)) as raised:
            gateway.send(sms())
        if isinstance(raised.value, Rejected):  # an address that is not there is the account's
            assert (status, raised.value.fault) == (404, Fault.ACCOUNT)
    bodies = iter(GARBAGE)
    for _ in GARBAGE:
        with pytest.raises(Deferred):
            gateway.look_up(ref(sms(), provider_id="1"))
