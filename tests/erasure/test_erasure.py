"""Somebody is taken out of everything, while others work, and whenever it is killed (SPEC O)."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol import commands as c
from protocol.communities import SetProfile
from protocol.records import ActionRecord, Record
from server.accounts.connect import accounts_of
from server.accounts.port import ACCOUNT, Accounts, Link, Login
from server.community.model import COMMUNITY
from server.community.state import record_id
from server.erasure import erasure
from server.erasure.erasure import Ports, Progress, Receipt, erase
from server.erasure.stream import Erased
from server.journal.port import Appended, Commit, Entry, Journal, JournalError, Membership, Row, Sealed
from server.live.layers import Layers
from server.live.rewriting import Unreadable, list_named
from server.model.events import FORMAT
from server.model.model import Found
from server.model.persons import appearing
from server.models import model_of
from server.workshop.board.ideas import IdeaAdded
from server.workshop.formats import LIFTS
from server.workshop.model import CAPABILITIES, WORKSHOP, Workshop
from server.workshop.people.people import MemberEntered, MemberRemoved
from server.workshop.talk.messages import MessageSent
from server.workshop.talk.sealing import KEPT, SLACK
from tests.community import table as community
from tests.contracts.journals import AnyJournal, Place, entry, key
from tests.inprocess import HOST, OTHER, PARTICIPANT, ROOM, fresh, world
from tests.model.test_events import GOLDEN
from tests.simulation.test_erasure import renamed
from tests.virtual import timed
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table


@pytest.fixture(params=["sqlite", "postgres"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyJournal]:
    place = Place(tmp_path / "palabre.db" if request.param == "sqlite" else request.getfixturevalue("migrated"))
    yield await place.open()
    await place.close()


@pytest.fixture(autouse=True)
def all_have_seen_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "SEEN", 0)


async def write_golden(journal: AnyJournal) -> list[str]:
    """A stream of each format that there was, projected, with its members, and with what lets two of them in."""
    names = list[str]()
    for path in GOLDEN:
        golden: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        stream, layers = f"room:of-{path.stem}", Layers(WORKSHOP)
        for seq, commit in enumerate(golden["commits"], 1):
            raw = bytes.fromhex(commit["hex"])
            events = WORKSHOP.events.decode(golden["format"], raw)
            sealed = tuple(
                Sealed(id, golden["format"], WORKSHOP.pack_entity(layers.state[id]))
                for event in events
                for id in event.seals
                if id in layers.state
            )
            layers.take(events, seq, commit["at"])
            members = [Membership(id, role, 1) for id, role in WORKSHOP.memberships(layers.state).items()]
            here = Entry(
                stream, "first", Commit(seq, golden["format"], commit["at"], raw), (key(),), sealed, (), tuple(members)
            )
            assert await journal.append(here) == Appended(seq)
        assert await journal.project(stream, "first", 0, layers.seq, list(rows_of(layers)), [])
        names.append(stream)
    logins = [Login(f"{person}-{scope}", person, scope, 1) for person in (PAUL, NADIA) for scope in (*names, ACCOUNT)]
    links = [
        Link(f"{person}-{scope}".encode(), person, scope, "ABC234", False, 1)
        for person in (PAUL, NADIA)
        for scope in names
    ]
    await accounts_of(journal).keep(logins, links)
    return names


def rows_of(layers: Layers) -> Iterator[Row]:
    for record in layers.public.records.values():
        about = WORKSHOP.index(record)
        if about is not None:
            yield Row(record.id, about.kind, about.n, about.text, msgspec.msgpack.encode(record))


async def folded(journal: Journal, stream: str) -> Layers:
    layers = Layers(WORKSHOP)
    for commit in await journal.read(stream, 0):
        layers.take(WORKSHOP.events.decode(commit.format, commit.events), commit.seq, commit.at)
    return layers


def ports(journal: Any, accounts: Accounts) -> Ports:
    return Ports(journal, accounts, lambda: 10, model_of)


async def write_community(journal: AnyJournal) -> Layers:
    """A community, projected, in which Paul says much of himself and asks for nothing to be kept."""
    village = community.Table()
    village.do(
        community.PAUL,
        SetProfile("Paul Martin", "Chef", "Lyon", ["Excel"], ["Mentor"], ["Vélo"], ["fr"]),
    )
    for seq, events in enumerate(village.commits, 1):
        commit = Commit(seq, FORMAT, village.now, COMMUNITY.events.encode(events))
        named = tuple(sorted({person for event in events for person in event.enrols}))
        assert await journal.append(
            Entry(community.COMMUNITY_ID, "first", commit, (key(),), appearing=named)
        ) == Appended(seq)
    found = [(record, COMMUNITY.index(record)) for record in village.layers.kept.records.values()]
    rows = [Row(r.id, f.kind, f.n, f.text, msgspec.msgpack.encode(r)) for r, f in found if f is not None]
    assert await journal.project(community.COMMUNITY_ID, "first", 0, village.layers.seq, rows, [])
    return village.layers


@pytest.mark.parametrize("removes", [False, True], ids=["unsigned", "removed"])
async def test_O2_CO7_what_people_say_of_themselves_goes_with_their_name(journal: AnyJournal, removes: bool) -> None:
    await write_community(journal)
    stream = community.COMMUNITY_ID
    assert len(await journal.search(stream, "Excel", 0, 10)) == 1
    receipt = await erase_paul(journal, stream=stream, removes=removes)
    assert [erased.stream for erased in receipt.erased] == [stream]
    state = Layers(COMMUNITY)
    for commit in await journal.read(stream, 0):
        state.take(COMMUNITY.events.decode(commit.format, commit.events), commit.seq, commit.at)
        for text in ("Paul", "Chef", "Lyon", "Excel", "Mentor", "Vélo", "paul---"):
            assert text.encode() not in commit.events
    assert set(COMMUNITY.memberships(state.state)) == {community.CLAIRE, community.NADIA}
    people = await journal.page(stream, "person", None, 10)
    assert {row.id for row in people} == {record_id(community.CLAIRE), record_id(community.NADIA)}
    assert await journal.search(stream, "Excel", 0, 10) == []


async def erase_paul(journal: Any, *, stream: str | None = None, removes: bool = False) -> Receipt:
    return await erase(
        ports(journal, accounts_of(journal)), PAUL, stream=stream, removes=removes, tell=lambda progress: None
    )


async def holds(journal: Journal, stream: str, text: str) -> bool:
    """Whether anything that is kept of a stream has this."""
    ids = [id for commit in await journal.read(stream, 0) for event in WORKSHOP.events.decode(commit.format, commit.events) for id in event.seals]  # fmt: skip
    kept = [commit.events for commit in await journal.read(stream, 0)]
    kept += [sealed.entity for sealed in (await journal.sealed(stream, ids)).values()]
    kept += [
        row.record for kind in ("idea", "remark", "message") for row in await journal.page(stream, kind, None, 1000)
    ]
    return text.encode() in b"".join(kept)


async def found(journal: Journal, stream: str) -> list[tuple[str, str, Any]]:
    return bare([row for kind in ("idea", "remark", "message") for row in await journal.page(stream, kind, None, 1000)])


def anew(layers: Layers) -> list[tuple[str, str, Any]]:
    """What is found of a stream that is projected anew."""
    return bare(rows_of(layers))


def bare(rows: Iterable[Row]) -> list[tuple[str, str, Any]]:
    """Without the numbers of commits."""
    return sorted((row.id, row.text, {**msgspec.msgpack.decode(row.record), "v": 0}) for row in rows)


@pytest.mark.parametrize("removes", [False, True], ids=["unsigned", "removed"])
async def test_O2_who_is_erased_is_nowhere_and_what_was_projected_is_as_made_anew(
    journal: AnyJournal, removes: bool
) -> None:
    streams = await write_golden(journal)
    was = {stream: (await folded(journal, stream)).state for stream in streams}
    told = list[Progress]()
    accounts = accounts_of(journal)
    receipt = await erase(ports(journal, accounts), PAUL, stream=None, removes=removes, tell=told.append)
    assert [each.stream for each in receipt.erased] == streams
    assert told == [Progress(n, n) for n in range(1, len(streams) + 1)]
    assert receipt.logins == 2 * len(streams) + 1
    assert min(min(each.commits, each.texts) for each in receipt.erased) > 0
    assert sum(each.sealed for each in receipt.erased) > 0
    for stream in streams:
        assert not await holds(journal, stream, PAUL)
        assert await holds(journal, stream, NADIA)
        layers = await folded(journal, stream)
        assert await found(journal, stream) == anew(layers)
        assert (await journal.standing(PAUL, stream)).role is None
        assert {id: role for id in (PAUL, NADIA) if (role := (await journal.standing(id, stream)).role)} == {
            id: role for id, role in WORKSHOP.memberships(was[stream]).items() if id == NADIA
        }
        if not removes:
            new = next(id for id in layers.state if id.startswith("member:") and id not in was[stream])
            before = WORKSHOP.evolve(was[stream], MemberRemoved(PAUL))
            kept = renamed(msgspec.to_builtins(dict(before)), PAUL)
            assert renamed(msgspec.to_builtins(dict(layers.state)), new) == kept
    assert await accounts.scopes_of(PAUL) == []
    assert len(await accounts.scopes_of(NADIA)) == len(streams) + 1
    assert (await erase_paul(journal, removes=removes)) == Receipt((), 0, ())


class Indexing(Workshop):
    """A workshop in which one looks for actions, too."""

    def index(self, record: Record) -> Found | None:
        return Found("action", record.v, record.text) if isinstance(record, ActionRecord) else super().index(record)


INDEXING = Indexing(
    "room",
    CAPABILITIES,
    commands=WORKSHOP.commands,
    rights=WORKSHOP.rights,
    audiences=WORKSHOP.audiences,
    versions=WORKSHOP.versions,
    lifts=LIFTS,
)


async def test_O3_what_names_nobody_is_theirs_all_the_same(journal: AnyJournal) -> None:
    """A text that somebody else edited, one of a step that was made anonymous since, a thing of others that names them."""
    step, hers, his, action = "step:000000000001", "idea:000000000001", "idea:000000000002", "action:000000000001"
    table = Table()
    table.do(CLAIRE, c.AddStep(step, "ideate", "Idées"))
    table.do(CLAIRE, c.GoToStep(step))
    table.do(NADIA, c.AddIdea(hers, "À Nadia"))
    table.do(PAUL, c.AddIdea(his, "Ce que Paul écrivit"))
    table.do(CLAIRE, c.EditIdea(his, "Ce que Paul écrivit, repris"))
    table.do(CLAIRE, c.AddAction(action, "Aller voir", owner=PAUL))
    table.do(CLAIRE, c.EditStep(step, anonymous=True))
    for seq, events in enumerate(table.commits, 1):
        commit = Commit(seq, FORMAT, seq, WORKSHOP.events.encode(events))
        assert await journal.append(Entry(ROOM, "first", commit, (key(),))) == Appended(seq)
    rows = [Row(r.id, at.kind, at.n, at.text, msgspec.msgpack.encode(r)) for r in table.records("public").values() if (at := INDEXING.index(r))]  # fmt: skip
    assert await journal.project(ROOM, "first", 0, table.layers.seq, rows, [])
    asked = ports(journal, accounts_of(journal))._replace(model_of=lambda stream: INDEXING)
    receipt = await erase(asked, PAUL, stream=ROOM, removes=True, tell=lambda progress: None)
    assert [each.texts for each in receipt.erased] == [1]
    assert not await holds(journal, ROOM, "Ce que Paul")
    assert {row.text for row in await journal.page(ROOM, "idea", None, 9)} == {"", "À Nadia"}
    (kept,) = await journal.page(ROOM, "action", None, 9)
    assert kept.text == "Aller voir"
    assert PAUL.encode() not in kept.record
    assert [row.id for row in await journal.search(ROOM, "voir", 0, 9)] == [action]


async def test_O2_it_is_another_id_in_each_stream(journal: AnyJournal) -> None:
    streams = await write_golden(journal)
    was = {id for stream in streams for id in (await folded(journal, stream)).state}
    await erase_paul(journal)
    now = [id for stream in streams for id in (await folded(journal, stream)).state if id.startswith("member:")]
    new = [id for id in now if id not in was]
    assert len(new) == len(set(new)) == len(streams)


async def test_O5_one_stream_alone(journal: AnyJournal) -> None:
    streams = await write_golden(journal)
    others = [await journal.read(stream, 0) for stream in streams[1:]]
    receipt = await erase_paul(journal, stream=streams[0])
    assert ([each.stream for each in receipt.erased], receipt.logins) == (streams[:1], 2)
    assert [await journal.read(stream, 0) for stream in streams[1:]] == others
    assert await accounts_of(journal).scopes_of(PAUL) == sorted([ACCOUNT, *streams[1:]])
    assert await erase_paul(journal, stream="room:that-is-not") == Receipt((), 0, ())


class Looked:
    """A journal of which it is noted whose commits are read."""

    def __init__(self, journal: AnyJournal) -> None:
        self._journal, self.streams = journal, list[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    async def read(self, stream: str, *arguments: Any) -> list[Commit]:
        self.streams.append(stream)
        return await self._journal.read(stream, *arguments)


async def test_O1_only_streams_that_may_name_them_are_looked_through(journal: AnyJournal) -> None:
    """Those that they left, and that name them without their being there; and all that are not listed."""
    events = {
        "room:joined": (MemberEntered(PAUL, "host", "Paul"),),
        "room:left": (MemberEntered(PAUL, "host", "Paul"), MemberRemoved(PAUL)),
        "room:others": (MemberEntered(NADIA, "host", "Nadia"),),
        "room:said": (MessageSent("message:1", 1, "dit", PAUL),),
        "room:unknown": (MemberEntered(NADIA, "host", "Nadia"),),
    }
    for stream, commits in events.items():
        layers = Layers(WORKSHOP)
        for seq, event in enumerate(commits, 1):
            commit = Commit(seq, FORMAT, seq, WORKSHOP.events.encode([event]))
            appears = None if stream == "room:unknown" else appearing([event], layers.state)
            assert await journal.append(Entry(stream, "first", commit, (key(),), appearing=appears)) == Appended(seq)
            layers.take([event], seq, seq)
    looked, told = Looked(journal), list[Progress]()
    asked = ports(looked, accounts_of(journal))
    receipt = await erase(asked, PAUL, stream=None, removes=False, tell=told.append)
    assert looked.streams == ["room:joined", "room:left", "room:said", "room:unknown"]
    assert [each.stream for each in receipt.erased] == looked.streams[:3]
    assert told[-1] == Progress(4, 3)
    looked.streams.clear()
    await erase(asked, PAUL, stream=None, removes=False, tell=told.append)
    assert looked.streams == ["room:unknown"]
    await list_named(journal, WORKSHOP, "room:unknown")
    await erase(asked, NADIA, stream=None, removes=False, tell=told.append)
    assert looked.streams == ["room:unknown", "room:others", "room:unknown"]


async def test_O1_what_is_rewritten_while_it_is_listed_is_looked_through_again(journal: AnyJournal) -> None:
    stream, *_ = await write_golden(journal)
    listing, times = journal.list_appearances, list[int]()

    async def late(stream: str, incarnation: str, persons: Sequence[str]) -> bool:
        if not times:
            await erase_paul(journal, stream=stream)
        times.append(len(persons))
        return await listing(stream, incarnation, persons)

    busy = Looked(journal)
    busy.list_appearances = late  # type: ignore[attr-defined]
    await list_named(busy, WORKSHOP, stream)  # type: ignore[arg-type]
    assert len(times) == 2
    assert stream not in [each async for each in journal.streams_naming(PAUL)]
    assert stream in [each async for each in journal.streams_naming(NADIA)]


class Killed(BaseException):
    pass


class Mortal:
    """What a journal or a store is to somebody who dies before or after their n-th call of either."""

    def __init__(self, inner: Any, calls: list[str], at: int, *, after: bool) -> None:
        self._inner, self._calls, self._at, self._after = inner, calls, at, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._inner, name)
        if name == "streams_naming":
            return method

        async def call(*arguments: object) -> Any:
            self._calls.append(name)
            if len(self._calls) == self._at and not self._after:
                raise Killed
            answer = await method(*arguments)
            if len(self._calls) == self._at and self._after:
                raise Killed
            return answer

        return call


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_O5_killed_at_whatever_call_it_leaves_nothing_half_and_the_same_again_does_the_rest(
    tmp_path: Path, after: bool
) -> None:
    written = Place(tmp_path / "written" / "palabre.db")
    streams = await write_golden(await written.open())
    await written.close()
    at, calls = 0, list[str]()
    while at <= len(calls):
        at, calls = at + 1, []
        path = shutil.copytree(tmp_path / "written", tmp_path / f"{at}") / "palabre.db"
        place = Place(path)
        journal = await place.open()
        accounts = accounts_of(journal)
        mortal = ports(
            Mortal(journal, calls, at, after=after),
            Mortal(accounts, calls, at, after=after),
        )
        try:
            await erase(mortal, PAUL, stream=None, removes=True, tell=lambda progress: None)
        except Killed:
            for stream in streams:
                commits = [PAUL.encode() in commit.events for commit in await journal.read(stream, 0)]
                is_in = any(commits)
                assert ((await journal.standing(PAUL, stream)).role is not None) is (
                    is_in and PAUL in WORKSHOP.memberships((await folded(journal, stream)).state)
                )
                assert await holds(journal, stream, PAUL) is is_in
        await erase_paul(journal, removes=True)
        for stream in streams:
            assert not await holds(journal, stream, PAUL)
            assert await found(journal, stream) == anew(await folded(journal, stream))
        assert await accounts.scopes_of(PAUL) == []
        await place.close()
        for file in path.parent.iterdir():
            assert PAUL.encode() not in file.read_bytes(), (at, calls, file)
    assert {"redact", "reproject", "purge", "end_person", "forget_person", "sealed", "read"} <= set(calls)


class Busy:
    """A journal into whose stream somebody writes before each of the first redactions."""

    def __init__(self, journal: AnyJournal, times: int) -> None:
        self._journal, self._times = journal, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    async def redact(self, stream: str, *arguments: Any) -> str:
        if self._times:
            self._times -= 1
            head = (await self._journal.heads([stream]))[stream]
            idea = IdeaAdded(f"idea:busy-{self._times:08d}", 1, "a0", "encore", PAUL)
            here = Commit(head.seq + 1, FORMAT, 2**50, WORKSHOP.events.encode([idea]))
            assert await self._journal.append(Entry(stream, head.incarnation, here, (key(),))) == Appended(here.seq)
        return await self._journal.redact(stream, *arguments)


async def test_O5_what_is_written_meanwhile_is_rewritten_too(journal: AnyJournal) -> None:
    stream, *_ = await write_golden(journal)
    before = len(await journal.read(stream, 0))
    busy = ports(Busy(journal, 3), accounts_of(journal))
    receipt = await erase(busy, PAUL, stream=stream, removes=True, tell=lambda progress: None)
    assert len(await journal.read(stream, 0)) == before + 3
    assert not await holds(journal, stream, PAUL)
    assert not await holds(journal, stream, "encore")
    assert len(receipt.erased) == 1
    with pytest.raises(JournalError, match="faster than it can be rewritten") as error:
        await erase(
            ports(Busy(journal, 99), accounts_of(journal)),
            NADIA,
            stream=stream,
            removes=True,
            tell=lambda progress: None,
        )
    assert error.value.retry


async def test_O5_a_stream_that_cannot_be_read_is_left_and_named(journal: AnyJournal) -> None:
    streams = await write_golden(journal)
    for stream, format, raw in (
        ("room:of-a-newer-release", FORMAT + 1, b"\x91\x80"),
        ("room:torn", FORMAT, b"\x91"),
        ("dream:of-no-kind", FORMAT, b"\x90"),
    ):
        await journal.append(entry(stream, 1)._replace(commit=Commit(1, format, 1, raw)))
    receipt = await erase_paul(journal)
    assert len(receipt.erased) == len(streams)
    assert [each.stream for each in receipt.unreadable] == ["dream:of-no-kind", "room:of-a-newer-release", "room:torn"]
    assert "NewerFormat" in receipt.unreadable[1].reason
    assert isinstance(receipt.unreadable[0], Unreadable)


class Nobody:
    """Accounts of people who have none."""

    async def scopes_of(self, person: str) -> list[str]:
        return []

    async def end_person(self, person: str, scopes: Sequence[str], at: int) -> None:
        pass

    async def forget_person(self, person: str, scopes: Sequence[str]) -> int:
        return 0


@timed
async def test_O5_people_go_on_while_somebody_is_erased(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        claire, paul, nadia = await w.enter(HOST), await w.enter(PARTICIPANT), await w.enter(OTHER, at=1)
        await paul.done("p1", "idea.add", id=fresh("idea", 1), text="une idée de budget")
        await nadia.done("n1", "idea.add", id=fresh("idea", 2), text="une autre de budget")
        await claire.done("c1", "action.add", id=fresh("action", 1), text="faire", owner=PARTICIPANT.member)
        await w.plant(*(MessageSent(fresh("message", n), 0, "dit", PARTICIPANT.member) for n in range(KEPT + SLACK)))
        await asyncio.sleep(11)
        for client in (claire, nadia, paul):
            client.forget()
        epoch = nadia.epoch
        ask = Ports(w.journal, Nobody(), w.hub.now, model_of)  # type: ignore[arg-type]  # the rest is not asked for
        receipt = await erase(ask, PARTICIPANT.member, stream=ROOM, removes=False, tell=lambda progress: None)
        (done,) = receipt.erased
        assert isinstance(done, Erased)
        assert (done.sealed, done.texts) == (SLACK, 1 + KEPT + SLACK)
        # Decided on what is not so any more, by a worker that has not heard of it.
        assert (await nadia.done("n2", "idea.add", id=fresh("idea", 3), text="la suite"))["t"] == "done"
        refused = await claire.done("c2", "action.edit", id=fresh("action", 1), owner=PARTICIPANT.member)
        assert (refused["t"], refused["code"]) == ("refused", "not_found")
        await nadia.until(lambda: nadia.epoch != epoch, seconds=11)
        await paul.until(lambda: paul.got("bye"), seconds=11)
        assert paul.got("bye")[0]["code"] == "removed"
        author = nadia.records[fresh("idea", 1)]["author"]
        assert author != PARTICIPANT.member
        assert author not in nadia.records
        assert nadia.records[fresh("idea", 1)]["text"] == "une idée de budget"
        assert nadia.records[fresh("action", 1)]["owner"] == author
        states = [message for client in (claire, nadia) for message in client.got("state")]
        assert states
        assert PARTICIPANT.member not in repr(states)
        assert "Paul" not in repr(states)
        assert len(await w.journal.search(ROOM, "budget", 0, 9)) == 2
        again = w.connect(PARTICIPANT)
        again.hello()
        again.join()
        await again.until(lambda: again.got("refused", "state"), seconds=5)
        assert [message.get("code") for message in again.got("refused", "state")] == ["removed"]
        assert PARTICIPANT.member not in (await w.hub.channel(ROOM)).room.layers.state
