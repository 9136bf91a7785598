"""How far consumers are, what waits, what is due, and whom what concerns, on every journal (`server/journal/port.py`)."""

import asyncio

from server.journal.port import Beside, Lag, Noticed, NoticeRow, StakeRow, Waiting
from tests.contracts.journals import AnyJournal, Place, entry

POLICY = "policy:carry"


async def grown(journal: AnyJournal, stream: str, commits: int) -> str:
    """A stream of so many commits; its incarnation."""
    for seq in range(1, commits + 1):
        await journal.append(entry(stream, seq))
    return (await journal.heads([stream]))[stream].incarnation


async def standing(journal: AnyJournal, consumer: str = POLICY, kind: str = "") -> dict[str, int]:
    return {lag.stream: lag.projected for lag in await journal.behind("", consumer, kind)}


async def test_each_consumer_has_a_position_of_its_own_in_each_stream(journal: AnyJournal) -> None:
    await grown(journal, "room:a", 3)
    await grown(journal, "room:b", 1)
    await grown(journal, "rooms:c", 1)
    await grown(journal, "notes:a", 1)
    assert await journal.advance(POLICY, "room:a", 0, 2)
    assert await journal.advance("policy:other", "room:b", 0, 1)
    head = (await journal.heads(["room:a"]))["room:a"]
    assert await journal.lags(["room:a", "room:none"], POLICY) == [Lag("room:a", 2, head)]
    assert await standing(journal) == {"room:a": 2, "room:b": 0, "rooms:c": 0, "notes:a": 0}
    assert await standing(journal, "policy:other") == {"room:a": 0, "rooms:c": 0, "notes:a": 0}
    assert await standing(journal, kind="room:") == {"room:a": 2, "room:b": 0}
    assert [lag.stream for lag in await journal.behind("room:a", POLICY, "room:")] == ["room:b"]


async def test_of_two_who_move_a_position_one_does(place: Place) -> None:
    journal, other = await place.open(), await place.another()
    await grown(journal, "room:a", 3)
    moved = await asyncio.gather(*(each.advance(POLICY, "room:a", 0, 2, {"t": 1}) for each in (journal, other)))
    assert sorted(moved) == [False, True]
    assert not await other.advance(POLICY, "room:a", 0, 3, {"u": 0})
    assert await journal.waiting(POLICY, 10) == [Waiting("room:a", "t", 1)]
    assert await journal.advance(POLICY, "room:a", 2, 3)
    assert await standing(journal) == {}


async def test_a_consumer_begins_at_the_head_of_what_there_is_and_once(journal: AnyJournal) -> None:
    await grown(journal, "room:a", 3)
    await grown(journal, "notes:a", 1)
    assert await journal.advance(POLICY, "room:a", 0, 1)
    await journal.begin(POLICY, "room:")
    assert await standing(journal) == {"room:a": 1, "notes:a": 0}, "what stood somewhere stays there"
    await grown(journal, "room:b", 2)
    await journal.begin(POLICY, "room:")
    assert await standing(journal, kind="room:") == {"room:a": 1, "room:b": 0}, "a new stream is new to it"
    await journal.begin("policy:late", "room:")
    assert await standing(journal, "policy:late", "room:") == {}


async def test_who_waits_keeps_his_place_until_he_has_all_that_there_is(journal: AnyJournal) -> None:
    await grown(journal, "room:a", 5)
    await grown(journal, "room:b", 1)
    assert await journal.advance(POLICY, "room:a", 0, 2, {"t": 0, "u": 1})
    assert await journal.advance(POLICY, "room:a", 2, 3, {"t": 2})
    assert await journal.advance(POLICY, "room:b", 0, 1, {"t": 0})
    assert sorted(await journal.waiting(POLICY, 10)) == [("room:a", "t", 0), ("room:a", "u", 1), ("room:b", "t", 0)]
    assert len(await journal.waiting(POLICY, 2)) == 2
    assert await journal.waiting("policy:other", 10) == []
    assert await journal.waiting(POLICY, 10, "room:b") == [Waiting("room:b", "t", 0)]
    # More has been committed and gone through meanwhile: what he was passed over for comes in turn.
    await journal.arrived(POLICY, "room:a", "t", 2)
    assert ("room:a", "t", 2) in await journal.waiting(POLICY, 10)
    await journal.arrived(POLICY, "room:a", "t", 1)
    assert ("room:a", "t", 2) in await journal.waiting(POLICY, 10), "never back"
    await journal.arrived(POLICY, "room:a", "t", 3)
    await journal.arrived(POLICY, "room:a", "nobody", 3)
    assert sorted(await journal.waiting(POLICY, 10)) == [("room:a", "u", 1), ("room:b", "t", 0)]


async def test_one_worker_looks_after_what_is_due(place: Place) -> None:
    journal, other = await place.open(), await place.another()
    for stream, due in (("room:a", 300), ("room:b", 100), ("room:c", 200), ("room:d", None)):
        incarnation = await grown(journal, stream, 1)
        assert await journal.project(stream, incarnation, 0, 1, [], [], Beside(due=due))
    assert await journal.wake(99, 1_000, 10) == []
    assert await journal.wake(100, 1_000, 10) == ["room:b"]
    assert await journal.wake(100, 1_000, 10) == []
    taken = await asyncio.gather(*(each.wake(300, 1_000, 1) for each in (journal, other)))
    assert sorted(stream for streams in taken for stream in streams) in (["room:a", "room:c"], ["room:c"])
    await journal.wake(300, 1_000, 10)
    assert sorted(await journal.wake(1_000, 2_000, 10)) == ["room:a", "room:b", "room:c"], (
        "what was not done comes again"
    )
    # What is projected since says when it is due next, or that it is not.
    await journal.append(entry("room:a", 2))
    incarnation = (await journal.heads(["room:a"]))["room:a"].incarnation
    assert await journal.project("room:a", incarnation, 1, 2, [], [])
    assert sorted(await journal.wake(3_000, 4_000, 10)) == ["room:b", "room:c"]


async def test_what_concerns_somebody_is_told_once(journal: AnyJournal) -> None:
    incarnation = await grown(journal, "room:a", 4)
    mine = [
        NoticeRow("member:p", 1, "idea:1", "mentioned", ""),
        NoticeRow("member:p", 1, "idea:1", "answered", ""),
        NoticeRow("alias:p", 2, "idea:2", "reacted", "step:1"),
        NoticeRow("idea:1", 3, "idea:1", "decided", ""),
        NoticeRow("member:q", 3, "idea:3", "mentioned", ""),
    ]
    stakes = [
        StakeRow("member:p", "idea:1", "author"),
        StakeRow("member:q", "idea:2", "author"),
        StakeRow("member:q", "idea:1", "a"),
    ]
    assert await journal.project(
        "room:a", incarnation, 0, 3, [], [], Beside(mine, [*stakes, stakes[2]._replace(role=None)])
    )
    told = [Noticed(3, "idea:1", "decided"), Noticed(2, "idea:2", "reacted"), Noticed(1, "idea:1", "answered")]
    assert await journal.notices("room:a", ["member:p", "alias:p"], 10) == told
    assert await journal.notices("room:a", ["member:p", "alias:p"], 2) == told[:2]
    assert await journal.notices("room:a", ["member:p"], 10) == [told[0], told[2]]
    assert await journal.notices("room:b", ["member:p"], 10) == []
    assert await journal.notices("room:a", ["member:q"], 10) == [Noticed(3, "idea:3", "mentioned")]
    # Who lets go of a thing hears of it no more; what is taken down twice is told once.
    assert await journal.project("room:a", incarnation, 3, 4, [], [], Beside(mine[:1], [stakes[0]._replace(role=None)]))
    assert await journal.notices("room:a", ["member:p"], 10) == [told[2]]
    await journal.unproject("room:a")
    assert await journal.notices("room:a", ["member:p"], 10) == [told[2]]
    assert await journal.project("room:a", incarnation, 0, 3, [], [], Beside(mine, stakes))
    assert await journal.notices("room:a", ["member:p"], 10) == [told[0], told[2]]


async def test_a_rebuild_moves_no_policy(journal: AnyJournal) -> None:
    incarnation = await grown(journal, "room:a", 2)
    assert await journal.project("room:a", incarnation, 0, 2, [], [])
    assert await journal.advance(POLICY, "room:a", 0, 2, {"t": 1})
    await journal.unproject("room:a")
    assert await standing(journal, "index") == {"room:a": 0}
    assert await standing(journal) == {}
    assert await journal.waiting(POLICY, 10) == [Waiting("room:a", "t", 1)]


async def test_nothing_is_left_beside_a_history_that_was_rewritten(journal: AnyJournal) -> None:
    incarnation = await grown(journal, "room:a", 2)
    beside = Beside([NoticeRow("member:p", 1, "idea:1", "mentioned", "")], [StakeRow("member:p", "idea:1", "a")])
    assert await journal.project("room:a", incarnation, 0, 2, [], [], beside)
    now = await journal.redact("room:a", lambda commit: commit, lambda sealed: sealed)
    assert await journal.notices("room:a", ["member:p"], 10) == []
    assert await journal.project("room:a", now, 0, 2, [], [], Beside([NoticeRow("idea:1", 1, "idea:1", "k", "")]))
    assert await journal.notices("room:a", ["member:p"], 10) == []


async def test_of_a_consumer_that_is_no_more_nothing_is_kept(journal: AnyJournal) -> None:
    await grown(journal, "room:a", 2)
    for consumer in (POLICY, "policy:other"):
        await journal.begin(consumer, "notes:")
        assert await journal.advance(consumer, "room:a", 0, 2, {"t": 1})
    await journal.forget(POLICY)
    assert await standing(journal) == {"room:a": 0}
    assert await journal.waiting(POLICY, 10) == []
    assert await standing(journal, "policy:other") == {}
    assert await journal.waiting("policy:other", 10) == [Waiting("room:a", "t", 1)]
    await journal.begin(POLICY, "room:")
    assert await standing(journal) == {}
