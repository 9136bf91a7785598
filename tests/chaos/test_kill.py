"""Everyone writes, and what serves them dies: nothing acknowledged is lost, nothing happens twice, all see the same (D2, I2, R3).

`make chaos` plays the same at full length and with more people, and writes what it measured into README.
"""

import pytest

from tests.chaos.play import play
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.storm import storm
from tests.services import ServerProcess

CLIENTS, PLENARY = 60, 200
RATE = 60

IN_A_PLENARY = {"all-die", "sqlite-dies"}
"""Everything is killed while a plenary writes."""

RECONNECT = IN_A_PLENARY | {"workers-die", "machine-dies", "deploy"}
"""Where connections are lost; nothing else is a client's business."""


@pytest.mark.parametrize("name", SCENARIOS)
async def test_nothing_is_lost_or_doubled(name: str) -> None:
    scenario = SCENARIOS[name]
    figures = await play(scenario, PLENARY if name in IN_A_PLENARY else CLIENTS, RATE, scenario.short)
    assert figures.acknowledged > 0
    assert (figures.lost, figures.doubled) == (0, 0)
    assert bool(figures.returns) == (name in RECONNECT)


async def test_a_storm_of_reconnects_leaves_nothing_behind() -> None:
    """W8; field reports 6 and 7: descriptors and memory are those of before, however many have come and gone."""
    with ServerProcess() as server:
        blown = await storm(server, rate=1000, seconds=8)
    assert blown.reconnects == 8000
    assert blown.left <= 0
    assert blown.grown < 8 * 2**20
