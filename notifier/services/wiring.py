"""One process's collaborators, put together once from its settings."""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from redis import Redis
from sqlalchemy import Engine

from config import fitness
from config.gateways import GatewaySettings, gateway_settings
from config.settings import Settings, SettingsError
from gateways.adapter import GatewayConfigError, Tools
from gateways.http import HttpCaller
from gateways.names import Names
from gateways.registry import adapter, complete, load
from gateways.tokens import OwnTokens, Tokens
from notifier import allowances, pacing, queue
from notifier.allowances import Allowances
from notifier.domain.clock import Clock, SystemClock
from notifier.domain.ids import IdSource
from notifier.domain.restraint import UNRESTRAINED, Restraint
from notifier.domain.retention import Keeping
from notifier.pacing import Pacing
from notifier.queue import Queue, RqRings
from notifier.services.catalogue import Catalogue
from notifier.services.gateways import Account, Accounts
from notifier.services.intake import Intake
from notifier.services.passwords import Passwords
from notifier.services.receipts import Receipts
from notifier.services.tokens import SharedTokens
from notifier.store import engine
from notifier.store.engine import Sessions
from notifier.store.sealing import KeyedHashes, Sealer


@dataclass(frozen=True, slots=True)
class Wiring:
    """What services are given. Built once in a process, after any fork."""

    settings: Settings
    clock: Clock
    ids: IdSource
    sessions: Sessions
    redis: Redis
    queue: Queue
    sealer: Sealer
    hashes: KeyedHashes
    catalogue: Catalogue
    accounts: Accounts
    pacing: Pacing  # a worker's turns have one of their own
    intake: Intake
    receipts: Receipts
    passwords: Passwords
    names: Names
    restraint: Restraint
    keeping: Keeping
    random_bytes: Callable[[int], bytes] = field(repr=False)
    spread: Callable[[], float] = field(repr=False)

    def webhook_secrets(self, gateway: str) -> list[str]:
        """What may be the secret part of a gateway's addresses; none for one not in use."""
        return self.accounts.secrets_of(gateway) if self.accounts.get(gateway) else []

    def close(self) -> None:
        self.sessions.engine.dispose()
        self.redis.close()


def wire(
    settings: Settings,
    *,
    clock: Clock | None = None,
    rings: Queue | None = None,
    restraint: Restraint | None = None,
    database: Engine | None = None,
) -> Wiring:
    """Put a process together. Raises `SettingsError` naming what is missing or unfit.

    `restraint` is what the settings say, unless a test or drill keeps rules of its own; `database`
    is an engine for their database, where one is there already.
    """
    refuse_unfit(settings)
    clock = clock or SystemClock()
    ids = IdSource(clock)
    sessions = Sessions(database or connect(settings), clock)
    redis = queue.connect(settings.redis_url)
    rings = rings or _rings(settings, clock)
    sealer, hashes = Sealer(settings.encryption_keys), KeyedHashes(settings.hash_key)
    tokens = SharedTokens(sessions=sessions, sealer=sealer, clock=clock)
    restraint = restraint or _restraint(settings)
    catalogue = Catalogue(restraint)
    accounts = _accounts(settings, clock, tokens)
    keeping = Keeping(
        personal=timedelta(days=settings.keep_personal_days),
        rows=timedelta(days=settings.keep_rows_days),
    )
    return Wiring(
        settings=settings,
        clock=clock,
        ids=ids,
        sessions=sessions,
        redis=redis,
        queue=rings,
        sealer=sealer,
        hashes=hashes,
        catalogue=catalogue,
        accounts=accounts,
        pacing=paced(settings, clock, ids.new("prc")),
        intake=Intake(
            sessions=sessions,
            queue=rings,
            catalogue=catalogue,
            ids=ids,
            sealer=sealer,
            hashes=hashes,
            keeping=keeping,
            allowances=None if settings.is_demo else _allowances(settings, clock),
            per_minute=settings.intake_per_minute,
        ),
        receipts=Receipts(sessions=sessions, ids=ids, keeping=keeping, accounts=accounts),
        passwords=Passwords(),
        names=Names(),
        restraint=restraint,
        keeping=keeping,
        random_bytes=os.urandom,
        spread=random.SystemRandom().random,
    )


def connect(settings: Settings) -> Engine:
    """An engine for the configured database."""
    return engine.connect(engine.database_url(settings), pool_size=settings.api_threads)


def check(settings: Settings) -> None:
    """Raise `SettingsError` for what would keep a process from being put together."""
    refuse_unfit(settings)
    clock = SystemClock()
    _accounts(settings, clock, OwnTokens(clock))


def refuse_unfit(settings: Settings) -> None:
    """Raise `SettingsError` for a gateway that is none, and for what is unfit for production.

    In that order: what else is said of a misspelt gateway would lead astray.
    """
    try:
        for name in settings.gateways:
            adapter(settings.adapter_of(name))
    except GatewayConfigError as problem:
        raise SettingsError(str(problem)) from None
    fitness.refuse(settings)


def _restraint(settings: Settings) -> Restraint:
    if settings.is_demo:
        return UNRESTRAINED
    reaches = settings.reaches_citizens
    return Restraint(
        quiet_hours=reaches,
        phone_cap=settings.phone_cap or None,
        source_cap=settings.source_daily_cap,
        only_live=reaches,
    )


def _rings(settings: Settings, clock: Clock) -> RqRings:
    redis = queue.connect(settings.redis_url, timeout_s=queue.RING_TIMEOUT_S)
    return RqRings(redis, clock.monotonic)


def _allowances(settings: Settings, clock: Clock) -> Allowances:
    redis = queue.connect(settings.redis_url, timeout_s=allowances.TIMEOUT_S)
    return Allowances(redis, clock.monotonic)


def paced(settings: Settings, clock: Clock, process: str) -> Pacing:
    """The pace of all gateways, as a process of this name keeps it."""
    return Pacing(
        queue.connect(settings.redis_url, timeout_s=pacing.TIMEOUT_S),
        worker=process,
        monotonic=clock.monotonic,
        sleep=time.sleep,
    )


def gateways_of(settings: Settings) -> list[GatewaySettings]:
    """The gateways in use with every option. Raises `SettingsError`.

    What the gateways file describes and the route leaves out must be right as well.
    """
    described = settings.described.gateways if settings.described else {}
    names = dict.fromkeys([*settings.gateways, *described])
    try:
        whole = [
            complete(one, adapter(one.made_by, one.place))
            for one in gateway_settings(tuple(names), settings.adapter_options, settings.described)
        ]
    except ValueError as problem:
        raise SettingsError(str(problem)) from None
    return [one for one in whole if one.name in settings.gateways]


def _accounts(settings: Settings, clock: Clock, tokens: Tokens) -> Accounts:
    configured = gateways_of(settings)
    try:
        loaded = load(configured, Tools(HttpCaller(settings.pool_size), clock, tokens))
    except ValueError as problem:
        raise SettingsError(str(problem)) from None
    by_name = {one.name: Account(one, loaded[one.name]) for one in configured}
    return Accounts(
        by_name=MappingProxyType(by_name),
        route=tuple(by_name),
        public_url=settings.provider_facing_url,
        webhook_secret=settings.webhook_secret,
        segment_cost=settings.segment_cost,
        old_webhook_secret=settings.old_webhook_secret,
    )
