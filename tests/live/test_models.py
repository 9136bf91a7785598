"""The engine carries streams of another kind as it carries workshops: a second model, beside the first, on the same sockets."""

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from protocol.commands import Command
from protocol.errors import Refusal
from protocol.records import Record
from server.model.kernel import Context, Event, State, Viewer
from tests.inprocess import HOST, OTHER, PARTICIPANT, ROOM, Client, Someone, codes, fresh, world
from tests.notes import NOTES, PARENT, STREAM, Both, Notes, WriteNote, begin, either
from tests.virtual import settle, timed

both: Callable[..., Any] = partial(world, model_of=either, admits=lambda hub: Both(hub).admit)


def here(who: Someone) -> Someone:
    return replace(who, room=STREAM, others=(ROOM,))


def notes(client: Client) -> dict[str, str]:
    client.read()
    return {id: record["text"] for id, record in client.records.items() if id.startswith("note:")}


@timed
async def test_S8_audiences_are_those_of_the_model(tmp_path: Path) -> None:
    """Two of them beside everyone, on two workers."""
    async with both(tmp_path, workers=2) as w:
        await begin(w.hub)
        keeper, reader, screen = (
            await w.enter(here(HOST)), await w.enter(here(OTHER), at=1), await w.enter(here(PARTICIPANT), at=1, **{"as": "screen"}),
        )  # fmt: skip
        paul = await w.enter(here(PARTICIPANT))
        await paul.done("a", "note.write", id=fresh("note", 1), text="pour tous")
        await paul.done("b", "note.write", id=fresh("note", 2), text="en secret", secret=True)
        await reader.until(lambda: fresh("note", 1) in reader.records)
        await keeper.until(lambda: fresh("note", 2) in keeper.records)
        await settle()
        assert set(notes(keeper)) == set(notes(paul)) == {fresh("note", 1), fresh("note", 2)}
        assert set(notes(reader)) == set(notes(screen)) == {fresh("note", 1)}
        assert {client.epoch.rpartition(".")[2] for client in (keeper, paul, reader, screen)} == {"keepers", "readers", "everyone"}  # fmt: skip
        assert (await paul.done("c", "note.tell", id=fresh("note", 2)))["code"] == "forbidden"
        assert (await keeper.done("d", "note.tell", id=fresh("note", 2)))["t"] == "done"
        await reader.until(lambda: fresh("note", 2) in reader.records)
        await screen.until(lambda: fresh("note", 2) in screen.records)


@timed
async def test_I2_commands_are_those_of_the_stream_they_go_to(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        paul = await w.enter(here(PARTICIPANT))
        there = Client(replace(PARTICIPANT, others=(STREAM,)), paul.wire)
        there.join()
        await there.until(lambda: there.epoch)
        assert (await paul.done("a", "idea.add", id=fresh("idea", 1), text="x"))["code"] == "unknown_command"
        assert (await there.done("b", "note.write", id=fresh("note", 1), text="x"))["code"] == "unknown_command"
        assert (await paul.done("c", "note.write", id=fresh("note", 1), text="x"))["t"] == "done"
        assert (await there.done("c", "idea.add", id=fresh("idea", 1), text="x"))["t"] == "done", "its own id, in each"
        paul.send(t="signal", stream=STREAM, kind="hand", data={"up": True})
        paul.send(t="ask", id="q", stream=STREAM, query="duplicates", args={})
        await settle()
        paul.read()
        assert ("q", "forbidden") in codes(paul)


@timed
async def test_W_a_stream_of_no_kind_is_not_there(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        paul = await w.enter(replace(PARTICIPANT, others=("cave:aaaaaaaaaaaa",)))
        paul.send(t="join", stream="cave:aaaaaaaaaaaa")
        await settle()
        paul.read()
        assert codes(paul) == [("cave:aaaaaaaaaaaa", "unknown_room")]
        with pytest.raises(Refusal, match="unknown_room"):
            await w.hub.channel("cave:aaaaaaaaaaaa")


@timed
async def test_it_is_opened_from_its_snapshot_and_found_by_its_words(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        paul = await w.enter(here(PARTICIPANT))
        await paul.done("a", "note.write", id=fresh("note", 1), text="pour tous")
        await paul.done("b", "note.write", id=fresh("note", 2), text="en secret", secret=True)

        async def found(text: str) -> list[str]:
            return [row.id for row in await w.journal.search(STREAM, text, 0, 10)]

        await asyncio.sleep(3)
        assert await found("pour") == [fresh("note", 1)]
        assert await found("secret") == []
        kept = await w.hub.channel(STREAM)
        await kept.room.save()
        assert await w.journal.load_snapshot(STREAM, NOTES.version) is not None
    async with both(tmp_path, make=False) as w:
        again = await w.enter(here(PARTICIPANT))
        assert notes(again) == notes(paul)


class Indexed(Notes):
    """What is found is another question than what screens show: the keepers' secrets lie in the index, and on no screen but theirs."""

    def render(self, state: State, id: str, viewer: Viewer) -> Record | None:
        return super().render(state, id, Viewer("keepers") if viewer == Viewer(self.kept) else viewer)


INDEXED: Final = Indexed(
    NOTES.name,
    NOTES.capabilities,
    commands=NOTES.commands,
    rights=NOTES.rights,
    audiences=(*NOTES.audiences, "index"),
    kept="index",
    versions=NOTES.versions,
    lifts={},
)


@timed
async def test_S8_what_is_kept_for_search_may_be_more_than_screens_show(tmp_path: Path) -> None:
    async with both(tmp_path, model_of=lambda stream: INDEXED if stream == STREAM else either(stream)) as w:
        await begin(w.hub)
        paul, nadia = await w.enter(here(PARTICIPANT)), await w.enter(here(OTHER))
        await paul.done("a", "note.write", id=fresh("note", 1), text="pour tous")
        await paul.done("b", "note.write", id=fresh("note", 2), text="en secret", secret=True)
        await asyncio.sleep(3)
        assert [row.id for row in await w.journal.search(STREAM, "secret", 0, 10)] == [fresh("note", 2)]
        assert [row.id for row in await w.journal.search(STREAM, "tous", 0, 10)] == [fresh("note", 1)]
        assert set(notes(nadia)) == {fresh("note", 1)}
        assert (await nadia.done("c", "note.tell", id=fresh("note", 2)))["code"] == "forbidden"


class Below(Notes):
    """Of a stream that stands under another: whoever writes is called there what they are called above."""

    def name_of(self, state: State, person: str) -> str:
        return person.rpartition(":")[2][:1].upper()

    def parent(self, state: State) -> str:
        return PARENT

    def introduces(self, state: State, command: Command, actor: str) -> Sequence[str]:
        return (actor,) if isinstance(command, WriteNote) else ()

    def decide(self, state: State, command: Command, context: Context) -> Sequence[Event]:
        if isinstance(command, WriteNote):
            command = replace(command, text=f"{context.people.get(context.actor.id)}: {command.text}")
        return super().decide(state, command, context)


def below(name: str) -> Below:
    return Below(
        name,
        NOTES.capabilities,
        commands=NOTES.commands,
        rights=NOTES.rights,
        audiences=NOTES.audiences,
        versions=NOTES.versions,
        lifts={},
    )


@timed
async def test_names_are_asked_of_the_stream_above(tmp_path: Path) -> None:
    model = below("notes")
    async with both(tmp_path, model_of=lambda stream: model if stream.startswith("notes:") else either(stream)) as w:
        await begin(w.hub)
        above = await w.enter(replace(PARTICIPANT, room=PARENT))
        paul, nadia = await w.enter(here(PARTICIPANT)), await w.enter(here(OTHER))
        await paul.done("a", "note.write", id=fresh("note", 1), text="bonjour")
        await nadia.done("a", "note.write", id=fresh("note", 2), text="bonsoir")
        await nadia.until(lambda: len(notes(nadia)) == 2)
        assert notes(nadia) == {fresh("note", 1): "G: bonjour", fresh("note", 2): "None: bonsoir"}, "Nadia is not above"
        assert above.epoch


@timed
@pytest.mark.parametrize("seed", range(6))
async def test_S13_nothing_of_a_stream_of_one_kind_reaches_who_follows_another(tmp_path: Path, seed: int) -> None:
    """A keeper of notes is a participant of the workshop, on one socket, with lag, role by role."""
    chance = random.Random(seed)
    async with both(tmp_path) as w:
        await begin(w.hub)
        host, author = await w.enter(HOST), await w.enter(here(HOST))
        await host.done("s", "step.add", id="step:000000000001", kind="ideate", title="x", blind="hosts")
        await host.done("g", "step.go", id="step:000000000001")
        mine = w.connect(replace(PARTICIPANT, others=(STREAM,)))
        mine.hello()
        mine.join()
        await mine.until(lambda: mine.epoch)
        theirs = Client(here(PARTICIPANT), mine.wire)
        theirs.join()
        await theirs.until(lambda: theirs.epoch)
        for n in range(30):
            match chance.choice(("blind", "secret", "slow", "read", "back")):
                case "blind":
                    await host.done(f"i{n}", "idea.add", id=fresh("idea", n), text="SECRET" + "é" * 200)
                case "secret":
                    await author.done(f"n{n}", "note.write", id=fresh("note", n), text="SECRET", secret=True)
                case "slow":
                    mine.wire.slow = True
                case "read":
                    mine.wire.slow = False
                    mine.wire.read_again()
                case "back" if not mine.wire.slow:
                    mine.send(t="leave", stream=ROOM)
                    mine.join()
            await settle()
            assert "SECRET" not in repr(mine.wire.got)
        mine.wire.slow = False
        mine.wire.read_again()
        await settle()
        mine.read()
        assert "SECRET" not in repr(mine.wire.got)
