"""The gateways in use: whether their providers take our credentials, which are paused, and
whether they can reach us.
"""

from collections.abc import Iterator
from http import HTTPStatus

import urllib3

from gateways.base import ChecksCredentials, Deferred, Rejected, TellsBalance
from notifier.services import pauses
from notifier.services.doctor.findings import Finding, fail, ok, warn
from notifier.services.gateways import Account
from notifier.services.wiring import Wiring
from notifier.store.engine import StoreUnavailable

_PATIENCE_S = 5.0


def findings(wiring: Wiring, database: bool) -> Iterator[Finding]:
    """Asks each provider once, without sending. `database`: whether it can be asked."""
    for name in wiring.accounts.route:
        yield _credentials(wiring.accounts[name])
    if wiring.settings.public_url:
        yield _public_address(wiring)
    if not database:
        return
    try:
        for view in pauses.list_gateways(wiring=wiring):
            if view.paused:
                said = f"paused ({view.reason}); its messages go elsewhere or wait"
                do = f"mend the account, then: baotin gateways resume {view.name}"
                yield fail(f"gateway {view.name}", said, do)
    except StoreUnavailable:
        return


def _credentials(account: Account) -> Finding:
    part, gateway = f"gateway {account.name}", account.gateway
    try:
        if isinstance(gateway, ChecksCredentials):
            gateway.check_credentials()
            return ok(part, "takes our credentials")
        if isinstance(gateway, TellsBalance):
            balance = gateway.balance()
            return ok(part, f"takes our credentials; balance {balance.amount} {balance.currency}")
    except Rejected as problem:
        said = f"refuses our credentials ({problem.code})"
        return fail(part, said, f"see the BAOTIN_{account.name.upper()}_… settings")
    except Deferred as problem:
        said = f"could not be asked ({problem.code})"
        return warn(part, said, "try again; see the way out to the provider's address")
    return ok(part, "configured; this provider can only be tried by sending")


def _public_address(wiring: Wiring) -> Finding:
    """Whether a call to the public address comes out here: asked for something that needs a key."""
    part, url = "public address", wiring.settings.public_url
    try:
        reply = urllib3.request(
            "GET", f"{url}/v1/messages", retries=False, redirect=False, timeout=_PATIENCE_S
        )
    except urllib3.exceptions.HTTPError as problem:
        said = f"{url} cannot be reached from here: {type(problem).__name__}"
        return warn(part, said, "see its name, certificate and proxy; providers must reach it")
    kind = reply.headers.get("Content-Type", "")
    if reply.status != HTTPStatus.UNAUTHORIZED or kind != "application/problem+json":
        said = f"{url}/v1/ does not lead to Báo Tin (status {reply.status})"
        return warn(part, said, "let the proxy pass /v1/ on: deploy/nginx/baotin.conf")
    return ok(part, f"{url} leads here")
