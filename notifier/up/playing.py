"""The simulator's settings, from the same variables that point the adapters at it."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from config.settings import Settings, SettingsError
from gateways.simulator.settings import SIMULATOR, TWILIO, Accounts, Bound, SimulatorConfig

DIALECTS = (SIMULATOR, TWILIO)


def config(settings: Settings, env: Mapping[str, str]) -> SimulatorConfig:
    """Each dialect listens where its adapter's BAOTIN_<ADAPTER>_BASE_URL points."""
    if not settings.is_demo:
        raise SettingsError("BAOTIN_ENV is production, where the simulator is refused")
    accounts = Accounts(
        twilio_sid=env.get("BAOTIN_TWILIO_ACCOUNT_SID", "AC" + "0" * 32),
        twilio_token=env.get("BAOTIN_TWILIO_AUTH_TOKEN", "demo"),
        simulator_token=env.get("BAOTIN_SIMULATOR_TOKEN", "demo"),
    )
    return SimulatorConfig(
        folder=settings.data_folder / "simulator",
        listen=(settings.simulator_listen.host, settings.simulator_listen.port),
        dialects={name: _listens(env.get(f"BAOTIN_{name.upper()}_BASE_URL")) for name in DIALECTS},
        accounts=accounts,
        inbound_urls={
            name: f"{settings.provider_facing_url}/v1/gateways/{name}/inbound"
            f"/{settings.webhook_secret}"
            for name in DIALECTS
        },
    )


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
