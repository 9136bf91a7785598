"""The recipes of the sweep: one for every command, each of which does what it is there for; and what they tell without a clock."""

import asyncio
from collections.abc import Sequence

import pytest

from protocol import commands as c
from protocol.errors import Refusal
from server.live.batch import Submission, decide
from server.model.kernel import PUBLIC
from server.workshop.model import WORKSHOP
from server.workshop.rights import RIGHTS
from tests.bench.figures.sweep import given
from tests.bench.whole import HOST, RECIPES, REFUSED, ROOM, Given, Size, alias, of, whole
from tests.test_cost import calls

SMALL = Size(60, 60)


def test_every_command_has_a_recipe_and_does_what_it_is_there_for() -> None:
    assert RECIPES.keys() == RIGHTS.keys()
    layers = whole(SMALL)

    async def done(kind: type[c.Command], commands: Sequence[Given]) -> None:
        told = await given(layers.copy(), commands)
        assert any(isinstance(command, kind) for command, _ in commands)
        refused = [outcome for outcome in told if isinstance(outcome, Refusal)]
        assert not refused or kind in REFUSED, (kind, refused)

    async def all_of_them() -> None:
        for kind, recipe in RECIPES.items():
            await done(kind, recipe(SMALL))

    asyncio.run(all_of_them())


def test_what_is_everyones_is_rendered_for_everyone() -> None:
    state = whole(SMALL).state
    mine = [entity for entity in state.values() if entity.is_everyones]
    assert mine
    assert all(WORKSHOP.render(state, entity.id, PUBLIC) for entity in mine)


def _cost(size: Size, commands: Sequence[Given]) -> int:
    """Calls that a batch takes, decided and folded."""
    layers = whole(size).copy()
    batch = [
        Submission(str(n), member, str(n).encode(), command, lambda outcome: None)
        for n, (command, member) in enumerate(commands)
    ]

    def cycle() -> None:
        decided = decide(ROOM, "", layers, batch, 1, alias)
        assert not decided.refused
        layers.fold(decided.events, decided.after, layers.seq + 1, 1)

    return calls(cycle)


@pytest.mark.parametrize(
    "many",
    [
        pytest.param(
            [(c.AnswerPulse(of("pulse", 0), "mot 3"), of("member", n)) for n in range(20, 50)], id="answers in words"
        ),
        pytest.param([(c.MergeIdea(of("idea", n), of("idea", 25)), HOST) for n in range(1, 21)], id="merges in a vote"),
    ],
)
def test_of_many_at_once_each_costs_the_same_however_many_answered_or_voted(many: Sequence[Given]) -> None:
    """Seen: each answer made the cloud of all words anew, each merge looked through all ballots."""
    few, thousand = (_cost(size, many) - _cost(size, many[:1]) for size in (Size(60, 60), Size(1_000, 1_000)))
    assert thousand <= 2 * few
