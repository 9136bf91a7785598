"""The engine carries streams of another kind as it carries workshops: a second model, beside the first, on the same sockets."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from protocol.commands import Command
from protocol.errors import Refusal
from protocol.records import Record
from server.accounts.port import ACCOUNT
from server.model.kernel import COMMON, HIDDEN, Actor, Context, Event, Listing, State, Viewer
from server.model.model import Model
from tests.inprocess import HOST, OTHER, PARTICIPANT, ROOM, Client, Someone, World, codes, fresh, world
from tests.notes import NOTES, PARENT, STREAM, Both, Come, Marry, Notes, WriteNote, begin, either
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
    """Of streams that stand under another: whoever writes is called there what they are called above."""

    access = "open"

    def parent(self, state: State) -> str:
        return PARENT

    def listing(self, state: State) -> Listing:
        return Listing(PARENT, self.access, self.name)

    def introduces(self, state: State, command: Command, actor: str) -> Sequence[str]:
        return (actor,) if isinstance(command, WriteNote) else ()

    def actor_for(self, state: State, member: str) -> Actor | None:
        return super().actor_for(state, member) or (Actor(member, "reader") if self.access == COMMON else None)

    def membership(self, state: State, person: str) -> str | None:
        actor = super().actor_for(state, person)
        return actor.role if actor else None

    def decide(self, state: State, command: Command, context: Context) -> Sequence[Event]:
        if isinstance(command, WriteNote):
            command = replace(command, text=f"{context.people.get(context.actor.id)}: {command.text}")
        return super().decide(state, command, context)


class CommonBelow(Below):
    access = COMMON


class HiddenBelow(Below):
    access = HIDDEN


class Above(Notes):
    """Whose members may leave."""

    def name_of(self, state: State, person: str) -> str:
        return person.rpartition(":")[2][:1].upper() if self.membership(state, person) else ""

    def actor_for(self, state: State, member: str) -> Actor | None:
        actor = super().actor_for(state, member)
        return None if actor is None or actor.role == "gone" else actor

    def is_out(self, state: State, id: str) -> bool:
        return id in state and self.actor_for(state, id) is None


def like_notes(kind: type[Notes], name: str) -> Notes:
    return kind(
        name,
        NOTES.capabilities,
        commands=NOTES.commands,
        rights=NOTES.rights,
        audiences=NOTES.audiences,
        versions=NOTES.versions,
        lifts={},
    )


KINDS: Final = {
    "notes": like_notes(Above, "notes"),
    "den": like_notes(Below, "den"),
    "hall": like_notes(CommonBelow, "hall"),
    "vault": like_notes(HiddenBelow, "vault"),
}
BELOW: Final = tuple(f"{kind}:aaaaaaaaaaaa" for kind in ("den", "hall", "vault"))
DEN, HALL, VAULT = BELOW


def account(who: Someone, room: str) -> Someone:
    return replace(who, room=ACCOUNT, others=(room, *BELOW), role=None)


@asynccontextmanager
async def under(folder: Path) -> AsyncIterator[World]:
    """Two workers, a stream that Paul and Nadia are in, and three below it, of two of which Paul is a member."""

    def of(stream: str) -> Model:
        return KINDS.get(stream.partition(":")[0]) or either(stream)

    async with both(folder, workers=2, model_of=of) as w:
        paul, nadia = (Actor(who.member, "reader") for who in (PARTICIPANT, OTHER))
        for stream, members in ((PARENT, (paul, nadia)), (DEN, (paul,)), (HALL, ()), (VAULT, (paul,))):
            async with w.hub.founding(stream) as channel:
                await w.hub.submit(channel, paul.id, "kin", Marry(), paul)
                for member in members:
                    await w.hub.submit(channel, member.id, f"come-{member.id}", Come(member.id, member.role), member)
        yield w


async def joined(w: World, who: Someone, *streams: str, at: int = 0) -> dict[str, Client]:
    """On one connection, what joining each of these in turn came to."""
    first = w.connect(account(who, PARENT), at=at)
    first.hello()
    clients = dict[str, Client]()
    for stream in streams:
        clients[stream] = Client(replace(first.who, room=stream), first.wire)
        clients[stream].join()
        await settle()
        clients[stream].read()
    return clients


@timed
async def test_S16_what_stands_under_a_stream_is_entered_by_who_is_in_both(tmp_path: Path) -> None:
    async with under(tmp_path) as w:
        paul, nadia = await joined(w, PARTICIPANT, PARENT, *BELOW), await joined(w, OTHER, PARENT, *BELOW, at=1)
        assert {stream for stream, client in paul.items() if client.epoch} == {PARENT, *BELOW}
        assert {stream for stream, client in nadia.items() if client.epoch} == {PARENT, HALL}, "what is common, is"
        assert set(codes(nadia[PARENT])) == {(DEN, "unknown_room"), (VAULT, "unknown_room")}
        never = await joined(w, OTHER, PARENT, "vault:neverneverneve")
        assert codes(never[PARENT]) == [("vault:neverneverneve", "unknown_room")], "as for one that is not there"


@timed
async def test_S16_who_does_not_follow_what_is_above_follows_nothing_under_it(tmp_path: Path) -> None:
    async with under(tmp_path) as w:
        paul = await joined(w, PARTICIPANT, DEN, PARENT, DEN)
        assert codes(paul[PARENT]) == [(DEN, "not_joined")]
        assert paul[DEN].epoch
        paul[PARENT].send(t="leave", stream=PARENT)
        await settle()
        assert (await paul[DEN].done("a", "note.write", id=fresh("note", 1), text="x"))["code"] == "not_joined"


@timed
async def test_S16_who_is_out_above_is_out_below_at_once(tmp_path: Path) -> None:
    """On another worker than the one where they are sent out, and in what they follow as in what they would."""
    async with under(tmp_path) as w:
        paul = await joined(w, PARTICIPANT, PARENT, *BELOW, at=1)
        channel = await w.hub.channel(PARENT)
        before = len(paul[DEN].wire.got)
        await w.hub.submit(
            channel, OTHER.member, "out", Come(PARTICIPANT.member, "gone"), Actor(OTHER.member, "reader")
        )
        await asyncio.sleep(1)
        paul[DEN].read()
        assert paul[PARENT].wire.got[-1]["code"] == "removed" and len(paul[DEN].wire.got) > before
        assert paul[PARENT].wire.closed_with is not None, "there is nothing else that they follow"
        again = await joined(w, PARTICIPANT, PARENT, *BELOW)
        assert {code for _, code in codes(again[PARENT])} == {"unknown_room"}
        nadia = await joined(w, OTHER, PARENT, HALL)
        assert (await nadia[HALL].done("a", "note.write", id=fresh("note", 1), text="x"))["t"] == "done"


@timed
async def test_names_are_asked_of_the_stream_above(tmp_path: Path) -> None:
    async with under(tmp_path) as w:
        paul = await joined(w, PARTICIPANT, PARENT, DEN)
        nadia = await joined(w, OTHER, PARENT, HALL)
        await paul[DEN].done("a", "note.write", id=fresh("note", 1), text="bonjour")
        await nadia[HALL].done("a", "note.write", id=fresh("note", 2), text="bonsoir")
        await settle()
        assert notes(paul[DEN]) == {fresh("note", 1): "G: bonjour"}
        assert notes(nadia[HALL]) == {fresh("note", 2): "O: bonsoir"}


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
