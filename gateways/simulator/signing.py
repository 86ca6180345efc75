"""How providers sign their webhooks, written from their documents.

Twilio: twilio.com/docs/usage/security, "Validating Signatures from Twilio", read 2026-11: the
full URL, then for each POST parameter in the order of its name the name and the value, nothing
between; HMAC-SHA1 with the account's auth token; base64.
The simulator's own dialect: HMAC-SHA256 with the token over the raw body, in hex.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def twilio(token: str, url: str, parameters: Mapping[str, str]) -> str:
    """The value of `X-Twilio-Signature`."""
    signed = url + "".join(f"{name}{parameters[name]}" for name in sorted(parameters))
    digest = hmac.digest(token.encode(), signed.encode(), hashlib.sha1)
    return base64.b64encode(digest).decode()


def simulator(token: str, body: bytes) -> str:
    """The value of `X-Simulator-Signature`."""
    return f"sha256={hmac.digest(token.encode(), body, 'sha256').hex()}"
