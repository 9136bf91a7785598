"""Somebody is taken out of a circle: out of what is live, what was sealed, and what came back since (SPEC O)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol import circles as p
from protocol.circles import CIRCLE_RECORDS, PostRecord
from server.accounts.connect import accounts_of
from server.circle import sealing, thread
from server.circle.model import CIRCLE
from server.circle.people import SeatTaken
from server.circle.state import Post
from server.erasure import erasure
from server.erasure.erasure import Ports, erase
from server.erasure.stream import Erased
from server.journal.port import Appended, Commit, Entry, Membership, Row, Sealed
from server.live.layers import Layers
from server.model.events import FORMAT
from server.model.kernel import Entity, Event, State, Viewer, tail
from server.model.persons import appearing
from server.models import model_of
from tests.circle.table import CLAIRE, NADIA, PAUL, STREAM, Table, post
from tests.circle.test_walks import Walk
from tests.contracts.journals import AnyJournal, Place, key


@pytest.fixture(params=["sqlite", "postgres"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyJournal]:
    place = Place(tmp_path / "palabre.db" if request.param == "sqlite" else request.getfixturevalue("database"))
    yield await place.open()
    await place.close()


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "SEEN", 0)
    for module, name, value in ((sealing, "KEPT", 3), (sealing, "SLACK", 2), (thread, "REPLIES", 4)):
        monkeypatch.setattr(module, name, value)


class Kept:
    """A circle as a journal has it.

    Attributes:
        sealed: entities as they left the state last.
    """

    def __init__(self) -> None:
        self.layers = Layers(CIRCLE)
        self.sealed: dict[str, Entity] = {}

    def take(self, seq: int, events: list[Event]) -> list[Sealed]:
        """What this commit seals."""
        leaving = {id: self.layers.state[id] for event in events for id in event.seals if id in self.layers.state}
        self.sealed |= leaving
        self.layers.take(events, seq, seq)
        return [Sealed(id, FORMAT, CIRCLE.pack_entity(entity)) for id, entity in leaving.items()]

    def rows(self) -> list[Row]:
        """What pages hold."""
        state = State({**self.sealed, **self.layers.state})
        records = [record for id in state if (record := CIRCLE.render(state, id, Viewer(CIRCLE.kept)))]
        found = [(record, about) for record in records if (about := CIRCLE.index(record))]
        return [
            Row(r.id, about.kind, about.n, about.text, msgspec.msgpack.encode(r), about.place, about.author)
            for r, about in found
        ]


async def write(journal: AnyJournal, table: Table) -> Kept:
    kept = Kept()
    for seq, events in enumerate(table.commits, 1):
        named = appearing(events, kept.layers.state)
        commit, sealed = Commit(seq, FORMAT, seq, CIRCLE.events.encode(events)), kept.take(seq, list(events))
        roles = CIRCLE.memberships(kept.layers.state)
        members = tuple(Membership(id, roles.get(id), 1) for id in sorted({id for e in events for id in e.enrols}))
        entry = Entry(STREAM, "first", commit, (key(),), tuple(sealed), (), members, named)
        assert await journal.append(entry) == Appended(seq)
    assert await journal.project(STREAM, "first", 0, len(table.commits), kept.rows(), [])
    return kept


async def read(journal: AnyJournal) -> Kept:
    """As it is kept now; what is sealed as the table has it."""
    kept = Kept()
    for commit in await journal.read(STREAM, 0):
        kept.take(commit.seq, CIRCLE.events.decode(commit.format, commit.events))
    lying = await journal.sealed(STREAM, list(kept.sealed))
    assert kept.sealed == {id: CIRCLE.unpack_entity(each.format, each.entity) for id, each in lying.items()}
    return kept


async def everything(journal: AnyJournal, kept: Kept) -> bytes:
    parts = [commit.events for commit in await journal.read(STREAM, 0)]
    parts += [each.entity for each in (await journal.sealed(STREAM, list(kept.sealed))).values()]
    return b"".join([*parts, *(row.record for row in await rows(journal))])


async def rows(journal: AnyJournal) -> list[Row]:
    found = await journal.page(STREAM, "post", None, 1000)
    for row in list(found):
        found += await journal.page(STREAM, f"reply:{tail(row.id)}", None, 1000)
    return found


def bare(rows: list[Row]) -> list[tuple[Any, ...]]:
    """Without the numbers of commits."""
    return sorted((*row[:4], row.place, row.author, {**msgspec.msgpack.decode(row.record), "v": 0}) for row in rows)


async def taken_out(journal: AnyJournal, person: str, *, removes: bool) -> Erased:
    ports = Ports(journal, accounts_of(journal), lambda: 10, model_of)
    receipt = await erase(ports, person, stream=None, removes=removes, tell=lambda progress: None)
    assert not receipt.unreadable
    (done,) = receipt.erased
    assert isinstance(done, Erased)
    return done


def walked(seed: int) -> Table:
    """A circle in which Paul has written, in what is live and in what is sealed."""
    walk = Walk(seed)
    for _ in range(250):
        walk.step()
    theirs = [
        each.author for each in (*walk.table.sealed.values(), *walk.table.state.values()) if isinstance(each, Post)
    ]
    assert PAUL in theirs, "expected another seed"
    return walk.table


@pytest.mark.parametrize("removes", [False, True], ids=["unsigned", "removed"])
@pytest.mark.parametrize("seed", [4, 12, 14])
async def test_O2_who_is_erased_is_nowhere_and_pages_are_as_made_anew(
    journal: AnyJournal, seed: int, removes: bool
) -> None:
    table = walked(seed)
    before = await write(journal, table)
    assert bare(await rows(journal)) == bare(before.rows())
    done = await taken_out(journal, PAUL, removes=removes)
    assert done.commits > 0
    after = await read(journal)
    whole = await everything(journal, after)
    assert PAUL.encode() not in whole
    assert tail(PAUL).encode() not in whole
    assert b"Paul" not in whole
    assert NADIA.encode() in whole
    assert bare(await rows(journal)) == bare(after.rows())
    theirs = {
        id
        for kept in (before.layers.state, before.sealed)
        for id, each in kept.items()
        if isinstance(each, Post) and each.author == PAUL
    }
    for kept, was in ((after.layers.state, before.layers.state), (after.sealed, before.sealed)):
        posts = {id: each for id, each in kept.items() if isinstance(each, Post)}
        assert posts.keys() == {id for id, each in was.items() if isinstance(each, Post)}
        for id, each in posts.items():
            old = was[id]
            assert isinstance(old, Post)
            assert each.text == ("" if removes and id in theirs else old.text)
            assert (each.n, each.count, each.kept, len(each.thanked), each.replies) == (
                old.n, old.count, old.kept, len(old.thanked), old.replies,
            )  # fmt: skip
    assert (await journal.standing(PAUL, STREAM)).role is None


async def test_O3_what_came_back_from_the_past_goes_with_its_author(journal: AnyJournal) -> None:
    """The event that brings it back holds it, as does what lies in the past still."""
    table = Table()
    table.do(PAUL, p.AddPost(post(1), "MARQUE"))
    table.do(NADIA, p.AddPost(post(2), "Bien vu, Paul H.", post(1), mentions=(PAUL,)))
    for n in range(11, 17):
        table.do(CLAIRE, p.AddPost(post(n), f"fil {n}"))
        table.seal()
    table.do(CLAIRE, p.ThankPost(post(2)))
    await write(journal, table)
    await taken_out(journal, PAUL, removes=True)
    kept = await read(journal)
    whole = await everything(journal, kept)
    assert b"MARQUE" not in whole
    assert b"Bien vu, Paul H." in whole, "what others wrote is theirs"
    (first,) = [row for row in await rows(journal) if row.id == post(1)]
    (reply,) = [row for row in await rows(journal) if row.id == post(2)]
    record, named = (msgspec.msgpack.decode(row.record, type=CIRCLE_RECORDS["post"]) for row in (first, reply))
    assert isinstance(record, PostRecord) and isinstance(named, PostRecord)
    assert (record.text, record.name, record.replies) == ("", "", 1)
    assert [each.name for each in named.mentions] == [""]
    assert named.mentions[0].id == record.author != PAUL


async def test_O2_a_circle_whose_only_animator_they_were_has_none(journal: AnyJournal) -> None:
    table = Table()
    await write(journal, table)
    await taken_out(journal, CLAIRE, removes=False)
    kept = await read(journal)
    first, *_ = await journal.read(STREAM, 0)
    (fresh,) = (event.id for event in CIRCLE.events.decode(first.format, first.events) if isinstance(event, SeatTaken))
    assert fresh != CLAIRE
    assert CIRCLE.actor_for(kept.layers.state, fresh) is None
    assert CIRCLE.is_out(kept.layers.state, fresh)
    assert CIRCLE.memberships(kept.layers.state) == {PAUL: "member", NADIA: "member"}
