"""What happens in one stream leads to commands in another: once, in order, whatever dies or is away (DESIGN, Policies)."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.errors import Code, Refusal
from server.journal.port import Appended, Commit, Entry, JournalError, Waiting
from server.live import trail as trail_module
from server.live.consumer import EVERY, SWEEP
from server.live.courier import Courier
from server.live.hub import Hub
from server.model.kernel import Event
from server.model.policies import asking, policy_name
from server.workshop.model import WORKSHOP
from tests.contracts.journals import key
from tests.inprocess import HOST, Client, World, fresh, world
from tests.live.test_models import here
from tests.notes import CARRY, NOTES, PARENT, STREAM, UNWANTED, Both, NoteReturned, NoteTold, NoteWritten, begin, either
from tests.virtual import timed

ELSEWHERE = "notes:cccccccccccc"
LONG = 3 * SWEEP
POLICY = "policy:carry"

both: Callable[..., Any] = partial(world, model_of=either, models=(WORKSHOP, NOTES), admits=lambda hub: Both(hub).admit)


async def tell(keeper: Client, *notes: int, text: str = "x") -> None:
    for n in notes:
        await keeper.done(f"w{n}", "note.write", id=fresh("note", n), text=f"{text} {n}", secret=True)
        await keeper.done(f"t{n}", "note.tell", id=fresh("note", n))


async def events(w: World, stream: str) -> list[Event]:
    commits: list[Commit] = await w.journal.read(stream, 0)
    return [event for commit in commits for event in NOTES.events.decode(commit.format, commit.events)]


async def carried(w: World, stream: str = PARENT) -> list[int]:
    return [int(event.id[-12:]) for event in await events(w, stream) if isinstance(event, NoteWritten)]


@timed
async def test_what_was_told_is_carried_and_says_from_where(tmp_path: Path) -> None:
    async with both(tmp_path, workers=2) as w:
        await begin(w.hub)
        keeper, there = await w.enter(here(HOST)), await w.enter(here(HOST), at=1)
        await tell(keeper, 1)
        await asyncio.sleep(EVERY)
        assert await carried(w) == [1]
        assert {event.via for event in await events(w, PARENT) if isinstance(event, NoteWritten | NoteTold)} == {STREAM}
        await tell(there, 2)
        await asyncio.sleep(LONG)
        assert await carried(w) == [1, 2]
        assert await carried(w, STREAM) == [1, 2], "nothing comes back: policies do not react to what policies made"
        assert await w.journal.waiting(POLICY, 10) == await w.journal.behind("", POLICY, "notes:") == []


@timed
async def test_what_the_target_refuses_is_told_at_the_source_once(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper = await w.enter(here(HOST))
        await tell(keeper, 1, text=UNWANTED)
        await tell(keeper, 2)
        await asyncio.sleep(LONG)
        assert await carried(w) == [2]
        returned = [event for event in await events(w, STREAM) if isinstance(event, NoteReturned)]
        assert returned == [NoteReturned(fresh("note", 1), "invalid", via=STREAM)]
        name = policy_name("carry", STREAM, 4, PARENT, fresh("note", 1))
        key = w.hub.key(PARENT, asking(STREAM).id, name)
        assert await w.journal.lookup(PARENT, [key]) == {key: "invalid"}, (
            "as what the fourth commit led to was answered, for ever"
        )


@timed
async def test_a_stream_takes_nothing_from_one_that_it_does_not_list(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper = await w.enter(replace(HOST, room=PARENT))
        await tell(keeper, 1)  # which goes to STREAM, that is nobody's parent
        await asyncio.sleep(LONG)
        assert await carried(w, STREAM) == []
        returned = [event for event in await events(w, PARENT) if isinstance(event, NoteReturned)]
        assert [(event.id, event.code) for event in returned] == [(fresh("note", 1), "forbidden")]


@timed
async def test_a_target_that_never_was_is_told_of_too(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        await _forget(w, PARENT)
        keeper = await w.enter(here(HOST))
        await tell(keeper, 1)
        await asyncio.sleep(LONG)
        returned = [event for event in await events(w, STREAM) if isinstance(event, NoteReturned)]
        assert [(event.id, event.code) for event in returned] == [(fresh("note", 1), "unknown_room")]


async def _forget(w: World, stream: str) -> None:
    """As if it had never been made."""
    await w.journal.alter("delete from streams where stream = ?", stream)


@timed
async def test_a_target_that_is_away_waits_alone_and_gets_all_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub, ELSEWHERE)
        keeper, channel, away = (
            await w.enter(here(HOST)),
            Hub.channel,
            [Refusal(Code.UPGRADE), JournalError("planted", retry=True)],
        )

        async def sometimes(hub: Hub, stream: str) -> Any:
            if stream == PARENT and away:
                raise away[0]
            return await channel(hub, stream)

        monkeypatch.setattr(Hub, "channel", sometimes)
        await tell(keeper, 1, 2)
        await asyncio.sleep(EVERY)
        assert (await carried(w), await carried(w, ELSEWHERE)) == ([], [1, 2])
        away.pop(0)
        await tell(keeper, 3)
        await asyncio.sleep(EVERY)
        assert (await carried(w), await carried(w, ELSEWHERE)) == ([], [1, 2, 3])
        (waits,) = await w.journal.waiting(POLICY, 10)
        assert (waits.stream, waits.target) == (STREAM, PARENT)
        assert await w.journal.lags([STREAM], POLICY) == [], "nothing else waits for it"
        away.clear()
        await tell(keeper, 4)
        await asyncio.sleep(EVERY)
        assert await carried(w) == [], "who waits already gets it in turn"
        await asyncio.sleep(LONG)
        assert (await carried(w), await carried(w, ELSEWHERE)) == ([1, 2, 3, 4], [1, 2, 3, 4])
        assert await w.journal.waiting(POLICY, 10) == []


@timed
async def test_who_is_reached_while_another_passes_him_over_misses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One worker goes again to who waits, while another takes the next commits, and leaves out who waits."""
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper, channel, advance, away = await w.enter(here(HOST)), Hub.channel, w.journal.advance, [True]

        async def sometimes(hub: Hub, stream: str) -> Any:
            if stream == PARENT and away:
                raise JournalError("planted", retry=True)
            return await channel(hub, stream)

        async def reached_meanwhile(consumer: str, stream: str, after: int, *args: Any) -> bool:
            if after:
                await w.journal.arrived(consumer, stream, PARENT, after)
            moved: bool = await advance(consumer, stream, after, *args)
            return moved

        monkeypatch.setattr(Hub, "channel", sometimes)
        await tell(keeper, 1)
        await asyncio.sleep(EVERY)
        monkeypatch.setattr(w.journal, "advance", reached_meanwhile)
        await tell(keeper, 2)
        await asyncio.sleep(EVERY)
        away.clear()
        await asyncio.sleep(LONG)
        assert 2 in await carried(w)


@timed
async def test_who_dies_between_the_deed_and_its_note_does_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper, advance, dies = await w.enter(here(HOST)), w.journal.advance, [True, True]

        async def never(*args: Any) -> bool:
            if dies:
                raise JournalError("planted", retry=dies.pop())
            moved: bool = await advance(*args)
            return moved

        monkeypatch.setattr(w.journal, "advance", never)
        await tell(keeper, 1, 2)
        await tell(keeper, 3, text=UNWANTED)
        await asyncio.sleep(LONG)
        assert not dies
        assert await carried(w) == [1, 2]
        assert sum(isinstance(event, NoteReturned) for event in await events(w, STREAM)) == 1


@timed
async def test_what_is_known_no_more_is_gone_through_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail_module, "KEPT", 1)
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper = await w.enter(here(HOST))
        await tell(keeper, 4, 5, 6, 7)
        await asyncio.sleep(LONG)
        assert await carried(w) == [4, 5, 6, 7]
    async with both(tmp_path, make=False) as w:
        # A worker that opens the room from its snapshot knows nothing of before.
        await w.journal.alter("update checkpoints set seq = 0 where consumer = ?", POLICY)
        await w.hub.channel(STREAM)
        await asyncio.sleep(LONG)
        assert await carried(w) == [4, 5, 6, 7]
        assert await w.journal.behind("", POLICY, "notes:") == []


@timed
async def test_a_policy_begins_with_what_happens_from_now_on(tmp_path: Path) -> None:
    async with both(tmp_path, models=(WORKSHOP,)) as w:
        await begin(w.hub)
        await tell(await w.enter(here(HOST)), 1)
        await asyncio.sleep(EVERY)
    async with both(tmp_path, make=False) as w:
        await asyncio.sleep(LONG)
        await tell(await w.enter(here(HOST)), 2)
        await asyncio.sleep(LONG)
        assert await carried(w) == [2]
        assert Waiting(STREAM, PARENT, 0) not in await w.journal.waiting(POLICY, 10)


@timed
async def test_a_source_that_cannot_be_read_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper = await w.enter(here(HOST))
        await tell(keeper, 1)
        await asyncio.sleep(LONG)
        for n in range(10):
            entry = Entry(f"notes:bad{n}", "i", Commit(1, 1, 1, b"\xc1"), (key(),))
            assert await w.journal.append(entry) == Appended(1)
            assert await w.journal.advance(POLICY, f"notes:bad{n}", 0, 1, {PARENT: 0})
        courier = Courier(CARRY, NOTES, w.hub)
        head = (await w.journal.heads([STREAM]))[STREAM].seq
        assert await w.journal.advance("policy:x", STREAM, 0, head, {PARENT: 0})
        await w.journal.alter("update waiting set consumer = ? where consumer = 'policy:x'", POLICY)
        await courier.go_again()
        assert {each.stream for each in await w.journal.waiting(POLICY, 99)} == {f"notes:bad{n}" for n in range(10)}
