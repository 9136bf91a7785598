"""Everyone writes, and what serves them dies: nothing acknowledged is lost, nothing happens twice, all see the same (D2, I2, R3).

`make chaos` plays the same at full length and with more people, and writes what it measured into README.
"""

import pytest

from tests.chaos.play import play
from tests.chaos.scenarios import SCENARIOS

CLIENTS = 100
RATE = 100

RECONNECT = {"workers-die", "all-die", "sqlite-dies", "deploy"}
"""Where connections are lost; nothing else is a client's business."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SCENARIOS)
async def test_nothing_is_lost_or_doubled(name: str) -> None:
    scenario = SCENARIOS[name]
    figures = await play(scenario, CLIENTS, RATE, scenario.short)
    assert figures.acknowledged > 0
    assert (figures.lost, figures.doubled) == (0, 0)
    assert bool(figures.returns) == (name in RECONNECT)
