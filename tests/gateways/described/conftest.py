from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateways.cases import Played
from tests.gateways.described.describing import Make, maker


@pytest.fixture
def make(play: Callable[..., Played], tmp_path: Path) -> Make:
    return maker(play, tmp_path)
