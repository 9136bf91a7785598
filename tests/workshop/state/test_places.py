"""Places of a zone in their order, and what they tell (SPEC C1, R2, G3, S8)."""

import random
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from protocol import commands as c
from protocol.records import IdeaRecord
from server.model.kernel import EMPTY
from server.workshop.board.ideas import Idea
from server.workshop.state import places
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

A, B, C = (f"zone:00000000000{n}" for n in range(3))
STEP, OPEN, NEXT = (f"step:00000000000{n}" for n in range(3))


def idea(n: int) -> str:
    return f"idea:{n:012d}"


@pytest.mark.parametrize("at_once", [1, 500])
def test_a_row_is_the_sorted_list_of_what_was_put_and_not_moved_away(at_once: int) -> None:
    chance, state, held = random.Random(at_once), EMPTY, dict[str, Idea]()
    for _ in range(1_000 // at_once if at_once > 1 else 1_500):
        changed = {
            id: Idea(id, "x", None, 1, zone=chance.choice((None, A)), rank=f"a{chance.randrange(10)}", hidden=chance.random() < 0.2)
            for id in (idea(chance.randrange(700)) for _ in range(at_once))
        }  # fmt: skip
        held |= changed
        state = places.put(state, *changed.values())
        zone, which = chance.choice((None, A)), chance.choice(("open", "held"))
        expected = sorted((each.rank, each.id) for each in held.values() if (each.zone, each.row) == (zone, which))
        assert list(places.places(state, zone, which)) == expected  # type: ignore[arg-type]
        there = (f"a{chance.randrange(10)}", idea(chance.randrange(700)))
        assert places.before(state, zone, there, which) == max((p for p in expected if p < there), default=None)  # type: ignore[arg-type]
        assert places.behind(state, zone, there, which) == min((p for p in expected if p > there), default=None)  # type: ignore[arg-type]
        assert places.last(state, zone, which) == max(expected, default=None)  # type: ignore[arg-type]
    row = state[places.row_id(None)]
    assert isinstance(row, places.Row)
    assert max(map(len, row.open)) <= 2 * places.CHUNK


def test_a_zone_that_is_empty_again_has_no_row() -> None:
    table = Table()
    table.do(CLAIRE, c.AddZone(A, "A"))
    table.do(PAUL, c.AddIdea(idea(1), "x", A))
    assert places.row_id(A) in table.layers.state
    table.do(CLAIRE, c.RemoveZone(A))
    assert places.row_id(A) not in table.layers.state
    assert [id for _, id in places.places(table.layers.state, None)] == [idea(1)]


# What not everyone reads leaves no trace in ranks.


def blind(*, anonymous: bool = True, by: str = "nobody", moderated: bool = False) -> Table:
    """Two zones; Paul and Nadia have an idea that everyone reads, and everybody writes unread now."""
    table = Table()
    for zone in (A, B):
        table.do(CLAIRE, c.AddZone(zone, zone))
    table.do(CLAIRE, c.AddStep(OPEN, "ideate", "Avant"))
    table.do(CLAIRE, c.AddStep(STEP, "ideate", "Idées", anonymous=anonymous, blind=by, moderated=moderated))  # type: ignore[arg-type]
    table.do(CLAIRE, c.AddStep(NEXT, "group", "Rapprocher"))
    table.do(CLAIRE, c.GoToStep(OPEN))
    for n, member in ((0, PAUL), (1, NADIA)):
        table.do(member, c.AddIdea(idea(n), "lue de tous"))
    table.do(CLAIRE, c.GoToStep(STEP))
    return table


def rank_of(table: Table, member: str, n: int) -> str:
    record = table.sees(member)[idea(n)]
    assert isinstance(record, IdeaRecord)
    return record.rank


def probed(table: Table, probe: int) -> list[str]:
    """Paul's idea, moved through the zones: the ranks that he reads."""
    ranks = []
    for zone in (A, B, None):
        table.do(PAUL, c.MoveIdea(idea(probe), zone))
        ranks.append(rank_of(table, PAUL, probe))
    return ranks


@pytest.mark.parametrize("probe", [0, 2], ids=["open", "blind"])
@pytest.mark.parametrize("by", ["nobody", "hosts"])
@pytest.mark.parametrize("anonymous", [True, False])
def test_R4_G3_a_rank_tells_not_that_somebody_wrote(probe: int, by: str, anonymous: bool) -> None:
    """Seen: a0, a0, a0 before and a1, a2, a1 after: somebody had written in B."""

    def story(others: Callable[[Table], object]) -> list[str]:
        table = blind(anonymous=anonymous, by=by)
        table.do(PAUL, c.AddIdea(idea(2), "la mienne"))
        others(table)
        return probed(table, probe)

    def nothing(table: Table) -> None: ...

    def many(table: Table) -> None:
        for n, zone in enumerate((B, B, None, A), 10):
            table.do(NADIA, c.AddIdea(idea(n), "secrète", zone))
        table.do(NADIA, c.MoveIdea(idea(12), B, before=idea(10)))
        table.do(NADIA, c.RemoveIdea(idea(10)))
        table.do(NADIA, c.UndoIdea())

    assert story(many) == story(nothing)


def test_R4_S8_nor_that_something_is_in_review() -> None:
    def story(hidden: int) -> list[str]:
        table = blind(anonymous=False, by="open", moderated=True)
        for n in range(hidden):
            table.do(NADIA, c.AddIdea(idea(20 + n), "en relecture", B))
        table.do(CLAIRE, c.AddIdea(idea(2), "d'un hôte", B))
        table.do(PAUL, c.AddIdea(idea(3), "de Paul, en relecture", B))
        table.do(CLAIRE, c.ShowPost(idea(3)))
        return [rank_of(table, NADIA, 2), rank_of(table, NADIA, 3), *probed(table, 0)]

    assert story(5) == story(0)


@pytest.mark.parametrize("seed", range(6))
def test_R4_G3_whatever_others_do_unread_my_records_are_the_same(seed: int) -> None:
    """The same acts of Paul's, with and without Nadia's blind ones: what Paul sees differs in counts alone."""

    def story(*, nadia_writes: bool) -> dict[str, object]:
        mine, theirs, table = random.Random(seed), random.Random(seed), blind()
        own = [idea(0)]
        for n in range(60):
            zone = mine.choice((A, B, None))
            if n % 3 == 0:
                own.append(idea(100 + n))
                table.do(PAUL, c.AddIdea(own[-1], "à moi", zone))
            else:
                moved, right = mine.choice(own), mine.choice([None, *own, idea(1)])
                table.commit((c.MoveIdea(moved, zone, right), table.actor(PAUL)))
            if nadia_writes:
                table.commit((c.AddIdea(idea(500 + n), "secrète", theirs.choice((A, B, None))), table.actor(NADIA)))
                table.commit(
                    (c.MoveIdea(idea(500 + theirs.randrange(n + 1)), theirs.choice((A, B, None))), table.actor(NADIA))
                )
        return {id: replace(record, v=0) for id, record in table.sees(PAUL).items() if isinstance(record, IdeaRecord)}

    assert story(nadia_writes=True) == story(nadia_writes=False)


def test_G4_the_order_after_the_reveal_is_that_of_random_ids_without_a_gap() -> None:
    table = blind()
    for n, member in ((9, PAUL), (5, NADIA), (7, PAUL), (3, PAUL), (6, NADIA)):
        table.do(member, c.AddIdea(idea(n), "secrète", B))
    table.do(NADIA, c.RemoveIdea(idea(6)))
    table.do(CLAIRE, c.RevealStep(STEP))
    ranks = [
        (record.rank, id)
        for id, record in table.records("public").items()
        if isinstance(record, IdeaRecord) and record.zone == B
    ]
    assert sorted(ranks) == [("a0", idea(3)), ("a1", idea(5)), ("a2", idea(7)), ("a3", idea(9))]
    table.do(NADIA, c.RestoreIdea(idea(6)))
    assert [id for _, id in places.places(table.layers.state, B)] == [idea(n) for n in (3, 5, 6, 7, 9)]


def test_R2_my_unread_ideas_stand_in_the_order_in_which_i_wrote_them() -> None:
    table = blind()
    for n in (9, 5, 7, 3):
        table.do(PAUL, c.AddIdea(idea(n), "à moi"))
    ranks = {n: rank_of(table, PAUL, n) for n in (9, 5, 7, 3)}
    assert sorted(ranks, key=lambda n: ranks[n]) == [9, 5, 7, 3]


def test_R4_a_host_orders_what_is_in_review_as_finely_as_all_else() -> None:
    table = blind(anonymous=False, by="hosts")
    for n in range(10, 16):
        table.do((PAUL, NADIA)[n % 2], c.AddIdea(idea(n), "à relire", A))
    order = [record.id for record in sorted(
        (r for r in table.sees(CLAIRE).values() if isinstance(r, IdeaRecord) and r.zone == A), key=lambda r: (r.rank, r.id)
    )]  # fmt: skip
    chance = random.Random(1)
    for _ in range(200):
        moved, right = chance.sample(order, 2)
        before = chance.choice((right, right, None))
        table.do(CLAIRE, c.MoveIdea(moved, before=before))
        order.remove(moved)
        order.insert(len(order) if before is None else order.index(before), moved)
        seen = [r for r in table.sees(CLAIRE).values() if isinstance(r, IdeaRecord) and r.zone == A]
        assert [r.id for r in sorted(seen, key=lambda r: (r.rank, r.id))] == order


def test_R2_ranks_stay_short_also_unread() -> None:
    table = blind()
    for n in (2, 3, 4):
        table.do(PAUL, c.AddIdea(idea(n), "à moi"))
    for n in range(600):
        table.do(PAUL, c.MoveIdea(idea(3 + n % 2), before=idea(4 - n % 2)))
        assert max(len(rank_of(table, PAUL, k)) for k in (2, 3, 4)) <= 64
