"""The projector: what everyone may see, kept for paging and search; never more, and however it came there (SPEC Q3, C9, S8)."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import msgspec
import pytest

from protocol import commands as c
from server.journal.port import Appended, Commit, Entry, Head, JournalError, Lag, Sealed, Snapshot
from server.journal.sqlite.journal import SqliteJournal
from server.live import consumer as consumer_module
from server.live import layers as layers_module
from server.live import projector as projector_module
from server.live.backlog import Backlog
from server.live.consumer import Held
from server.live.layers import Layers, dump
from server.live.projector import Projector
from server.model.events import FORMAT
from server.model.kernel import Event
from server.models import model_of
from server.workshop.board.ideas import IdeaAdded, IdeaEdited
from server.workshop.board.moderation import PostHidden
from server.workshop.model import WORKSHOP
from server.workshop.talk import sealing
from server.workshop.talk.messages import MessageSent
from tests.services.process import HUNG
from tests.workshop.table import AT, CLAIRE, NADIA, PAUL, SYSTEM, Table

ROOM = "room:aaaaaaaaaaaa"


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    journal = SqliteJournal(tmp_path / "palabre.db")
    await journal.open()
    yield journal
    await journal.close()


async def append(
    journal: SqliteJournal, events: list[Event], *, sealed: tuple[Sealed, ...] = (), stream: str = ROOM
) -> None:
    head = (await journal.heads([stream])).get(stream, Head(0, "first"))
    seq = head.seq + 1
    entry = Entry(
        stream,
        head.incarnation,
        Commit(seq, FORMAT, AT + seq, WORKSHOP.events.encode(events)),
        (random.randbytes(16),),
        sealed,
    )
    assert await journal.append(entry) == Appended(seq)


def _reseal(sealed: Sealed) -> Sealed:
    return sealed._replace(entity=sealed.entity.replace(b"SECRET", b"xxxxxx"))


async def write(journal: SqliteJournal, table: Table, written: int) -> int:
    """Bring the journal to where the table is; what is sealed goes along, as `batch` does it."""
    for events in table.commits[written:]:
        ids = [id for event in events for id in event.seals]
        await append(
            journal,
            list(events),
            sealed=tuple(Sealed(id, FORMAT, WORKSHOP.pack_entity(table.sealed[id])) for id in ids),
        )
    return len(table.commits)


async def kept(journal: SqliteJournal, stream: str = ROOM) -> dict[str, Any]:
    """All rows: id → record."""
    rows = [row for kind in ("idea", "remark", "message") for row in await journal.page(stream, kind, None, 10_000)]
    assert len({row.id for row in rows}) == len(rows)
    return {row.id: msgspec.msgpack.decode(row.record) for row in rows}


async def project(journal: SqliteJournal, held: Any = lambda stream: None) -> None:
    await sweep(journal, held)
    assert await journal.behind("") == []


async def sweep(journal: SqliteJournal, held: Callable[[str], Held | None] = lambda stream: None) -> bool:
    return await Projector(journal, held, Backlog(), model_of, lambda: AT).sweep(0)


def message(n: int) -> str:
    return f"message:{n:012d}"


class Expected:
    """What should be kept: public posts, and of sealed ones what everyone saw last, until someone removes them."""

    def __init__(self) -> None:
        self.sealed: dict[str, Any] = {}

    def follow(self, table: Table, before: dict[str, Any]) -> None:
        """One commit more; `before` are the public records that it found."""
        for event in table.commits[-1]:
            for id in event.seals:
                if id in before:
                    self.sealed[id] = before[id]
            if getattr(event, "late", False):
                self.sealed.pop(event.id, None)  # type: ignore[attr-defined]

    def rows(self, table: Table) -> dict[str, Any]:
        now = {r.id: r for r in table.records("public").values() if WORKSHOP.index(r)}
        return {
            id: {k: v for k, v in msgspec.to_builtins(r).items() if k != "v"}
            for id, r in {**self.sealed, **now}.items()
        }


@pytest.mark.parametrize("seed", range(4))
async def test_Q3_however_it_comes_there_the_projection_holds_what_everyone_may_see(
    journal: SqliteJournal, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "KEPT", 6)
    monkeypatch.setattr(sealing, "SLACK", 3)
    monkeypatch.setattr(layers_module, "TOMBSTONES", 12)
    chance, table, expected, written = random.Random(seed), Table(), Expected(), 0
    posts = [f"idea:{n:012d}" for n in range(8)]
    for turn in range(250):
        post, who = chance.choice(posts), chance.choice([CLAIRE, PAUL, NADIA])
        fresh_one = message(turn)
        command: c.Command = chance.choice(
            [
                c.AddIdea(chance.choice(posts[:8]) if chance.random() < 0.5 else f"idea:{turn:012d}x", f"idée {turn}"),
                c.SendMessage(fresh_one, f"message {turn}"), c.SendMessage(fresh_one, f"message {turn}"),
                c.RemoveMessage(post) if post.startswith("message") else c.RemoveIdea(post),
                c.HidePost(post), c.ShowPost(post), c.AddReaction(post, "love"),
                c.EditMessage(post, f"corrigé {turn}") if post.startswith("message") else c.EditIdea(post, f"corrigée {turn}"),
            ]
        )  # fmt: skip
        posts.append(fresh_one)
        if getattr(command, "id", "").startswith("idea:") and len(getattr(command, "id", "")) > 17:
            command = c.UndoIdea()
        for due in (None, WORKSHOP.due(table.layers.state)):
            before = dict(table.records("public"))
            table.commit((due.command, SYSTEM) if due else (command, table.actor(who)))
            expected.follow(table, before)
        if chance.random() < 0.2:
            written = await write(journal, table, written)
            incarnation = (await journal.heads([ROOM]))[ROOM].incarnation
            if chance.random() < 0.3:
                await journal.save_snapshot(ROOM, incarnation, WORKSHOP.version, Snapshot(written, dump(table.layers)))
            opened = Held(table.layers, incarnation) if chance.random() < 0.5 else None
            await project(journal, lambda stream: opened)  # noqa: B023
            rows = await kept(journal)
            assert {id: {k: v for k, v in r.items() if k != "v"} for id, r in rows.items()} == expected.rows(table)
    await write(journal, table, written)
    await journal.unproject(ROOM)
    await project(journal)
    rows = await kept(journal)
    assert {id: {k: v for k, v in r.items() if k != "v"} for id, r in rows.items()} == expected.rows(table)


async def test_S8_what_was_hidden_is_found_no_more(journal: SqliteJournal) -> None:
    table = Table()
    table.do(PAUL, c.SendMessage(message(1), "un SECRET"))
    written = await write(journal, table, 0)
    await project(journal)
    assert len(await journal.search(ROOM, "secret", 0, 10)) == 1
    table.do(CLAIRE, c.HidePost(message(1)))
    await write(journal, table, written)
    await project(journal)
    assert await journal.search(ROOM, "secret", 0, 10) == []
    assert await kept(journal) == {}


async def test_S8_while_it_is_made_anew_nobody_finds_what_was_hidden_and_everybody_what_was_not(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History went by once more, a part at a time: what was hidden or corrected long ago was found for a moment, and all else was not."""
    monkeypatch.setattr(layers_module, "TOMBSTONES", 1)
    monkeypatch.setattr(layers_module, "SEALED", 2)
    monkeypatch.setattr(projector_module, "READ", 3)
    monkeypatch.setattr(projector_module, "AT_ONCE", 2)
    monkeypatch.setattr(sealing, "KEPT", 6)
    monkeypatch.setattr(sealing, "SLACK", 3)
    table = Table()
    for n in range(20):
        table.do(PAUL, c.SendMessage(message(n), f"SECRET {n}" if n in (1, 8, 15) else f"ouvert {n}"))
        while due := WORKSHOP.due(table.layers.state):
            table.commit((due.command, SYSTEM))
    table.do(PAUL, c.RemoveMessage(message(1)))  # sealed by now
    table.do(PAUL, c.RemoveMessage(message(8)))
    table.do(CLAIRE, c.HidePost(message(15)))
    await write(journal, table, 0)
    await project(journal)
    before, written = await kept(journal), journal.project

    async def watched(*args: Any) -> bool:
        moved = await written(*args)
        assert await journal.search(ROOM, "secret", 0, 10) == []
        assert (await kept(journal)).keys() == before.keys()
        return moved

    monkeypatch.setattr(journal, "project", watched)
    await journal.unproject(ROOM)
    await project(journal)
    assert await kept(journal) == before


async def test_a_redaction_leaves_the_sealed_past_readable(journal: SqliteJournal) -> None:
    table = Table()
    for n in range(sealing.KEPT + sealing.SLACK):
        table.do(PAUL, c.SendMessage(message(n), f"message SECRET {n}" if n == 5 else f"message {n}"))
    table.do(NADIA, c.AddReaction(message(3), "love"))
    due = WORKSHOP.due(table.layers.state)
    assert due is not None
    table.commit((due.command, SYSTEM))
    await write(journal, table, 0)
    await project(journal)
    before = await kept(journal)
    await journal.redact(
        ROOM, lambda c: msgspec.structs.replace(c, events=c.events.replace(b"SECRET", b"xxxxxx")), _reseal
    )
    assert await kept(journal) == {}
    await project(journal)
    after = await kept(journal)
    assert after.keys() == before.keys()
    assert after[message(5)]["text"] == "message xxxxxx 5"
    assert after[message(3)] == before[message(3)] and after[message(3)]["reactions"] == {"love": 1}
    assert await journal.search(ROOM, "secret", 0, 10) == []


async def test_C9_what_was_sealed_and_then_removed_does_not_come_back(journal: SqliteJournal) -> None:
    """Both since the projector last looked."""
    table = Table()
    for start in range(0, sealing.KEPT + sealing.SLACK, 100):
        table.commit(*((c.SendMessage(message(n), f"m {n}"), table.actor(PAUL)) for n in range(start, start + 100)))
    due = WORKSHOP.due(table.layers.state)
    assert due is not None
    table.commit((due.command, SYSTEM))
    table.do(PAUL, c.RemoveMessage(message(7)))
    await write(journal, table, 0)
    await project(journal)
    assert message(7) not in await kept(journal)
    await journal.unproject(ROOM)
    await project(journal)
    assert message(7) not in await kept(journal)
    assert len(await kept(journal)) == sealing.KEPT + sealing.SLACK - 1


async def test_a_commit_that_seals_thousands_can_be_projected(journal: SqliteJournal) -> None:
    table = Table()
    for start in range(0, 3_200, 400):
        table.commit(*((c.SendMessage(message(n), f"m {n}"), table.actor(PAUL)) for n in range(start, start + 400)))
    names = []
    while (due := WORKSHOP.due(table.layers.state)) is not None:
        names.append(due.id)
        table.commit((due.command, SYSTEM))
    assert len(names) == len(set(names)) == 3
    await write(journal, table, 0)
    await project(journal)
    assert len(await kept(journal)) == 3_200
    await journal.unproject(ROOM)
    await project(journal)
    assert len(await kept(journal)) == 3_200


async def test_two_projectors_do_no_harm_to_each_other(journal: SqliteJournal) -> None:
    table, written = Table(), 0
    for n in range(30):
        table.do(PAUL, c.SendMessage(message(n), f"m {n}"))
        if n % 3 == 0:
            table.do(PAUL, c.RemoveMessage(message(n)))
        written = await write(journal, table, written)
        await asyncio.gather(*(sweep(journal) for _ in range(2)))
    await project(journal)
    assert set(await kept(journal)) == {message(n) for n in range(30) if n % 3}


async def test_layers_of_an_older_incarnation_are_not_written(journal: SqliteJournal) -> None:
    """What was read before a redaction must not come back after it."""
    table = Table()
    table.do(PAUL, c.SendMessage(message(1), "un SECRET"))
    await write(journal, table, 0)
    stale = Held(table.layers, (await journal.heads([ROOM]))[ROOM].incarnation)
    await journal.redact(
        ROOM, lambda c: msgspec.structs.replace(c, events=c.events.replace(b"SECRET", b"xxxxxx")), _reseal
    )
    await sweep(journal, lambda stream: stale)
    assert "SECRET" not in repr(await kept(journal))
    await project(journal)
    assert [record["text"] for record in (await kept(journal)).values()] == ["un xxxxxx"]


async def test_a_damaged_or_newer_stream_keeps_no_other_waiting(journal: SqliteJournal) -> None:
    """PITFALLS 22."""
    for stream, raw, format in (("room:a", b"\xc1", FORMAT), ("room:b", b"\x90", FORMAT + 1)):
        entry = Entry(stream, "first", Commit(1, format, AT, raw), (random.randbytes(16),))
        assert await journal.append(entry) == Appended(1)
    await append(journal, [MessageSent(message(1), AT, "x", PAUL)], stream="room:c")
    assert await sweep(journal)
    assert set(await kept(journal, "room:c")) == {message(1)}


async def test_the_projector_goes_on_when_the_journal_comes_back(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await append(journal, [IdeaAdded("idea:000000000001", AT, "a0", "x", PAUL)])
    lags, calls = journal.lags, 0

    async def away(streams: Sequence[str], consumer: str) -> Any:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise JournalError("planted", retry=True)
        return await lags(streams)

    monkeypatch.setattr(journal, "lags", away)
    monkeypatch.setattr(consumer_module, "EVERY", 0.001)
    monkeypatch.setattr(consumer_module, "SETTLE", HUNG)  # what is hinted at does not wait for a sweep
    written, project_rows = asyncio.Event(), journal.project

    async def project_and_tell(*args: Any) -> bool:
        done = await project_rows(*args)
        written.set()
        return done

    monkeypatch.setattr(journal, "project", project_and_tell)
    backlog = Backlog()
    running = asyncio.ensure_future(Projector(journal, lambda stream: None, backlog, model_of, lambda: AT).run())
    backlog.add(ROOM)
    async with asyncio.timeout(HUNG):
        await written.wait()
    running.cancel()
    assert calls >= 3
    assert len(await kept(journal)) == 1


async def test_Q3_what_cannot_be_read_starves_nobody(journal: SqliteJournal) -> None:
    """A hundred of them filled each look, so that the others were found no more."""
    for n in range(120):
        entry = Entry(f"room:{n:03d}", "first", Commit(1, FORMAT, AT, b"\xc1"), (random.randbytes(16),))
        assert await journal.append(entry) == Appended(1)
    await append(journal, [IdeaAdded("idea:000000000001", AT, "a0", "x", PAUL)], stream="room:z")
    assert await sweep(journal)
    assert set(await kept(journal, "room:z")) == {"idea:000000000001"}


async def test_Q3_a_sweep_leaves_alone_what_somebody_projects(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would load a whole room that is open elsewhere."""
    for stream in (ROOM, "room:left"):
        await append(journal, [IdeaAdded("idea:000000000001", AT, "a0", "x", PAUL)], stream=stream)
    lags = journal.lags

    async def while_another_projects(streams: Sequence[str], consumer: str) -> list[Lag]:
        incarnation = (await journal.heads([ROOM]))[ROOM].incarnation
        assert await journal.project(ROOM, incarnation, 0, 1, [], [])
        await append(journal, [IdeaAdded("idea:000000000002", AT, "a1", "y", PAUL)])
        return await lags(streams)

    monkeypatch.setattr(journal, "lags", while_another_projects)
    assert await sweep(journal)
    assert len(await kept(journal, "room:left")) == 1
    assert await kept(journal) == {}


async def test_layers_that_move_on_meanwhile_are_not_mixed(journal: SqliteJournal) -> None:
    """The room goes on while the projector writes: what it read belongs to one seq."""
    layers = Layers(WORKSHOP)
    for n in range(1, 6):
        events: list[Event] = [MessageSent(message(n), AT, "x", PAUL)]
        await append(journal, events)
        layers.take(events, n, AT)
    held = Held(layers, (await journal.heads([ROOM]))[ROOM].incarnation)
    step = asyncio.ensure_future(sweep(journal, lambda stream: held))
    later: list[Event] = [PostHidden(message(1)), IdeaAdded("idea:000000000001", AT, "a0", "x", PAUL)]
    await append(journal, later)
    layers.take(later, 6, AT)
    await step
    await project(journal, lambda stream: held)
    assert set(await kept(journal)) == {*(message(n) for n in range(2, 6)), "idea:000000000001"}
    layers.take([IdeaEdited("idea:000000000001", "y")], 7, AT)  # known here, not yet in the journal's head


async def test_a_projector_that_falls_behind_rests_less_until_it_has_caught_up(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a long flood of messages it fell ever further behind, until all was projected again from the first commit."""
    monkeypatch.setattr(sealing, "KEPT", 2)
    monkeypatch.setattr(sealing, "SLACK", 1)
    monkeypatch.setattr(projector_module, "PRESSED", 4)
    table = Table()
    for n in range(8):
        table.do(PAUL, c.SendMessage(message(n), f"message {n}"))
        while due := WORKSHOP.due(table.layers.state):
            table.commit((due.command, SYSTEM))
    await write(journal, table, 0)
    incarnation = (await journal.heads([ROOM]))[ROOM].incarnation
    projector = Projector(journal, lambda stream: Held(table.layers, incarnation), Backlog(), model_of, lambda: AT)
    assert await projector.step([ROOM])
    assert projector.pressed
    projector.pressed = False
    await append(journal, [IdeaAdded("idea:000000000001", AT, "a0", "une idée", PAUL)])
    table.layers.take([IdeaAdded("idea:000000000001", AT, "a0", "une idée", PAUL)], table.layers.seq + 1, AT)
    assert await projector.step([ROOM])
    assert not projector.pressed
    assert consumer_module.rest(0.5, pressed=True) < consumer_module.rest(0.5, pressed=False)


def test_Q3_a_database_that_was_away_does_not_keep_the_projector_away() -> None:
    """Found by a simulated story: a look that hung for a minute was followed by four minutes without another."""
    assert consumer_module.rest(60.0, pressed=False) <= 3.0


async def test_Q3_one_event_may_take_more_from_peoples_eyes_than_a_layer_remembers(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by a simulated story: a step was made blind, the projection was made again, and the projector died of it."""
    monkeypatch.setattr(layers_module, "TOMBSTONES", 5)
    table, step = Table(), "step:000000000001"
    table.do(CLAIRE, c.AddStep(step, "ideate", "Nos idées"))
    table.do(CLAIRE, c.GoToStep(step))
    for n in range(8):
        table.do(PAUL, c.AddIdea(f"idea:{n:012d}", f"idée {n}"))
    table.do(CLAIRE, c.EditStep(step, blind="hosts"))
    table.do(CLAIRE, c.GoToStep(None))
    table.do(PAUL, c.AddIdea("idea:000000000009", "lue de tous"))
    await write(journal, table, 0)
    await project(journal)
    assert set(await kept(journal)) == {"idea:000000000009"}


async def test_E2_a_room_that_cannot_be_projected_keeps_no_other_from_it(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One unreadable entry made every look fail at the same place, so that the rooms behind it were never found again."""
    bring = Projector.bring

    async def fails(self: Projector, stream: str, projected: int) -> None:
        if stream != ROOM:
            raise ValueError("planted")
        await bring(self, stream, projected)

    monkeypatch.setattr(Projector, "bring", fails)
    for stream in ("room:a", ROOM, "room:z"):
        await append(journal, [IdeaAdded("idea:000000000001", AT, "a0", "x", PAUL)], stream=stream)
    projector = Projector(journal, lambda stream: None, Backlog(), model_of, lambda: AT)
    assert [await projector.sweep(0) for _ in range(3)] == [True, False, False]
    assert not await projector.step(["room:a"]), "it is left alone for a while, whoever appends to it"
    assert set(await kept(journal)) == {"idea:000000000001"}
    assert [record.message for record in caplog.records] == [
        "room:a: index cannot go on; other streams do",
        "room:z: index cannot go on; other streams do",
    ], "said once for each"


@pytest.mark.parametrize("text", ["un\0deux", "un\ud800deux"])
async def test_E2_a_text_that_no_database_holds_is_left_out_and_reported(
    journal: SqliteJournal, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    layers = Layers(WORKSHOP)
    events: list[Event] = [
        IdeaAdded("idea:000000000001", AT, "a0", "lisible", PAUL),
        IdeaAdded("idea:000000000002", AT, "a1", text, PAUL),
    ]
    layers.take(events, 1, AT)
    await append(journal, [events[0]])
    held = Held(layers, (await journal.heads([ROOM]))[ROOM].incarnation)
    await project(journal, lambda stream: held)
    assert set(await kept(journal)) == {"idea:000000000001"}
    assert [record.message for record in caplog.records] == ["left out idea:000000000002, whose text no database holds"]


async def test_Q3_one_whose_rows_cannot_be_written_for_now_keeps_no_other_from_it(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time-out of one stream is told as what may pass, and ended every look at the same place."""
    written = journal.project

    async def fails(stream: str, *args: Any) -> bool:
        if stream == ROOM:
            raise JournalError("planted: a statement timed out", retry=True)
        return await written(stream, *args)

    monkeypatch.setattr(journal, "project", fails)
    for stream in (ROOM, "room:z"):
        await append(journal, [IdeaAdded("idea:000000000001", AT, "a0", "x", PAUL)], stream=stream)
    backlog = Backlog()
    projector = Projector(journal, lambda stream: None, backlog, model_of, lambda: AT)
    assert await projector.step([ROOM, "room:z"])
    assert set(await kept(journal, "room:z")) == {"idea:000000000001"}
    assert backlog.drain() == [ROOM], "and is tried again"
    for n in range(5):
        await append(journal, [IdeaAdded("idea:000000000001", AT, "a0", "x", PAUL)], stream=f"room:{n}")
    monkeypatch.setattr(journal, "project", AsyncMock(side_effect=JournalError("planted", retry=True)))
    with pytest.raises(JournalError):
        await projector.step([ROOM, *(f"room:{n}" for n in range(5))])
    assert len(backlog.drain()) == 6, "where it is the database that is away, all are"
