"""How adapters behave towards their dialects."""

from config.gateways import gateway_settings
from gateways.simulator import registry
from notifier.up import playing


def test_what_the_simulator_plays_goes_at_the_demos_own_pace() -> None:
    for name in registry.names():
        (told,) = gateway_settings((name,), playing.played(name))
        assert (told.settle_s, told.per_second) == (5.0, 0.0)
