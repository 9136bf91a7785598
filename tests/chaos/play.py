"""One scenario from the first join to the last comparison, and what it measured."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.scenarios import Scenario
from tests.load import Swarm, tally, verify, verify_journal

BEFORE = 100
"""So many commands are done before anything dies."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of one scenario; times in seconds.

    Attributes:
        acknowledged: ideas and messages answered `done`; `lost` and `doubled` are those of the journal.
        still: longest that any phone saw nothing new while everyone wrote.
        late: longest from giving an idea to its being shown on another phone.
        returns: from losing the connection to following the room again, shortest first.
    """

    words: str
    acknowledged: int
    lost: int
    doubled: int
    still: float
    late: float
    returns: list[float]


def worst(runs: Sequence[Figures]) -> Figures:
    """Of several runs of one scenario: what is promised must hold in each."""
    return Figures(
        words=runs[0].words,
        acknowledged=min(run.acknowledged for run in runs),
        lost=max(run.lost for run in runs),
        doubled=max(run.doubled for run in runs),
        still=max(run.still for run in runs),
        late=max(run.late for run in runs),
        returns=max((run.returns for run in runs), key=lambda returns: returns[-1:]),
    )


async def play(scenario: Scenario, clients: int, rate: float, seconds: float) -> Figures:
    """
    Raises:
        AssertionError: something promised was not kept; the message says what.
    """
    with scenario.site() as site, scenario.reading():
        async with Swarm(site.addresses, clients, rate=rate) as swarm:
            writing = asyncio.get_running_loop().create_task(swarm.write())
            try:
                await swarm.until(lambda: swarm.done >= BEFORE)
                swarm.watch()
                await scenario.act(site, swarm, seconds)
                still = swarm.stillness()
            finally:
                writing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await writing
            await swarm.answered()
            await verify(swarm)
            returns = sorted(time for client in swarm.clients for time in client.returns)
        for server in site.servers:
            await asyncio.to_thread(server.stop, 40)
        counted = await tally(swarm, site.database_url)
        await verify_journal(swarm, site.database_url)
    return Figures(
        words=scenario.words.format(seconds=seconds),
        acknowledged=counted.acknowledged,
        lost=counted.lost,
        doubled=counted.doubled,
        still=still,
        late=swarm.echoes(swarm.given)[-1],
        returns=returns,
    )
