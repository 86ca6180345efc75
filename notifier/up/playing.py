"""The simulator's settings, from the same variables that point the adapters at it."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from config.gateways import options_of, variable
from config.seed import demo_template_id, load_seed
from config.settings import Settings, SettingsError
from gateways.simulator import registry
from gateways.simulator.settings import Bound, SimulatorConfig
from notifier.domain.text import toneless


def config(settings: Settings, env: Mapping[str, str]) -> SimulatorConfig:
    """Every dialect, listening where its adapter's BAOTIN_<ADAPTER>_BASE_URL points."""
    if not settings.is_demo:
        raise SettingsError("BAOTIN_ENV is production, where the simulator is refused")
    options = {name: options_of(name, env) for name in registry.names()}

    def urls(kind: str) -> dict[str, str]:
        return {
            name: f"{settings.provider_facing_url}/v1/gateways/{name}/{kind}"
            f"/{given.get('webhook_secret') or settings.webhook_secret}"
            for name, given in options.items()
        }

    return SimulatorConfig(
        folder=settings.data_folder / "simulator",
        listen=(settings.simulator_listen.host, settings.simulator_listen.port),
        dialects={name: _listens(given.get("base_url")) for name, given in options.items()},
        accounts={
            name: {**dialect.account(_zeros), **options[name]}
            for name, dialect in registry.load().items()
        },
        inbound_urls=urls("inbound"),
        receipt_urls=urls("receipts"),
        templates=dict.fromkeys(options, registered_words()),
    )


def registered_words() -> dict[str, str]:
    """By id: the shipped words as a demo's providers have registered them, in their plain form."""
    return {
        demo_template_id(words): toneless(words)
        for text in load_seed().texts
        for words in (text.vi, text.en)
    }


def made_up_accounts(digits: Callable[[int], str]) -> dict[str, str]:
    """By variable: an account for every adapter that has a dialect; `digits(n)` makes n of hex."""
    return {
        variable(name, option): value
        for name, dialect in registry.load().items()
        for option, value in dialect.account(digits).items()
    }


def pointing(name: str, url: str) -> dict[str, str]:
    """By variable: what points an adapter at its dialect, listening there."""
    addresses = registry.load()[name].addresses(url)
    return {variable(name, option): value for option, value in addresses.items()}


def played(name: str) -> dict[str, str]:
    """By variable: how an adapter behaves towards its dialect, unless somebody says otherwise.

    What the dialect took is there at once, and it keeps to no provider's limit of messages a
    second, so the adapter need not: a demo goes at its own pace through every gateway.
    """
    return {variable(name, "settle_s"): "5", variable(name, "per_second"): "0"}


def _zeros(count: int) -> str:
    """For a simulator started by hand, whose accounts nobody made up."""
    return "0" * count


def announce(settings: Settings) -> Callable[[Bound], None]:
    """What a simulator that was started by hand prints once it listens."""

    def told(bound: Bound) -> None:
        lines = [f"phone simulator: http://{settings.simulator_listen}"]
        lines += [f"{name}: http://{host}:{port}" for name, (host, port) in bound.dialects.items()]
        print("\n".join(lines), flush=True)  # noqa: T201 - this is the command's output

    return told


def _listens(url: str | None) -> tuple[str, int]:
    """The address in a base URL; a free port without one."""
    parts = urlsplit(url or "http://127.0.0.1:0")
    return parts.hostname or "127.0.0.1", parts.port or 0
