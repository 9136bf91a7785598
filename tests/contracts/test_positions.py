"""What every store of positions does (`server/positions/port.py`), and what a journal counts behind them."""

import asyncio
import random

import pytest

from server.journal.port import NOTHING_BESIDE, Beside, Membership, Noticed, NoticeRow, Part, Row, StakeRow, Unread
from server.positions.connect import positions_of
from server.positions.port import Position
from tests.contracts.journals import AT, AnyJournal, Place, entry

ANNA, BEN = "member:anna--------", "member:ben---------"


async def written(journal: AnyJournal, stream: str, *rows: Row, beside: Beside = NOTHING_BESIDE) -> None:
    """A stream in which these rows were projected with its next commit."""
    head = (await journal.heads([stream])).get(stream)
    seq = head.seq + 1 if head else 1
    await journal.append(entry(stream, seq))
    assert await journal.project(stream, f"first of {stream}", seq - 1, seq, rows, [], beside)


def post(n: int, author: str = BEN, kind: str = "post") -> Row:
    return Row(f"post:{n:012d}", kind, n, f"texte {n}", f"record {n}".encode(), n if kind == "post" else 0, author)


async def test_a_position_stays_where_it_was_put(place: Place) -> None:
    one, other = positions_of(await place.open()), positions_of(await place.another())
    await one.keep([Position(ANNA, "den:a", 3), Position(ANNA, "den:b", 1), Position(BEN, "den:a", 9)])
    assert await other.of(ANNA, ["den:a", "den:b", "den:c"]) == {"den:a": 3, "den:b": 1}
    await other.keep([Position(ANNA, "den:a", 7), Position(ANNA, "den:b", 0)])
    assert await one.of(ANNA, ["den:a", "den:b"]) == {"den:a": 7, "den:b": 1}, (
        "what was read is read, whichever device says so last"
    )
    await other.keep([Position(ANNA, "den:a", 2, back=True)])
    assert await one.of(ANNA, ["den:a"]) == {"den:a": 2}, "unread from here"
    assert await one.of(BEN, ["den:a"]) == {"den:a": 9}


async def test_O1_positions_go_with_whoever_is_erased_and_with_strangers(journal: AnyJournal) -> None:
    positions = positions_of(journal)
    membership = (Membership(ANNA, "x", AT), Membership(BEN, "x", AT))
    for stream in ("den:a", "den:b"):
        await journal.append(entry(stream, 1)._replace(memberships=membership, appearing=(ANNA, BEN)))
    stranger = "member:nobody------"
    await positions.keep(
        [Position(person, stream, 5) for person in (ANNA, BEN, stranger) for stream in ("den:a", "den:b")]
    )
    part = Part((await journal.heads(["den:a"]))["den:a"], [1], leaving=[ANNA])
    await journal.redact("den:a", lambda commit: commit, lambda sealed: sealed, lambda row: row, part)
    assert await positions.of(ANNA, ["den:a", "den:b"]) == {"den:b": 5}
    assert await positions.of(BEN, ["den:a", "den:b"]) == {"den:a": 5, "den:b": 5}
    assert await positions.forget_strangers() == 2
    assert await positions.of(stranger, ["den:a", "den:b"]) == {}
    assert await positions.of(ANNA, ["den:b"]) == {"den:b": 5}


async def test_many_that_are_kept_at_once_in_opposite_orders(place: Place) -> None:
    one, other = positions_of(await place.open()), positions_of(await place.another())
    many = [Position(f"member:{n}", "den:a", n) for n in range(300)]
    for _ in range(5):
        await asyncio.gather(one.keep(many), other.keep(many[::-1]))
    assert await one.of("member:299", ["den:a"]) == {"den:a": 299}


async def test_what_is_unread_is_counted_without_ones_own_and_no_further_than_asked(journal: AnyJournal) -> None:
    await written(journal, "den:a", *(post(n, BEN if n % 2 else ANNA) for n in range(1, 21)), post(50, BEN, "idea"))
    await written(journal, "den:b", post(1, ANNA))
    await written(journal, "den:c", post(1, ""))
    everywhere = {"den:a": 0, "den:b": 0, "den:c": 0, "den:never": 0}
    assert await journal.unread(ANNA, everywhere, 99) == {"den:a": Unread(10, 1), "den:c": Unread(1, 1)}
    assert await journal.unread(BEN, everywhere | {"den:a": 5}, 4) == {
        "den:a": Unread(4, 6), "den:b": Unread(1, 1), "den:c": Unread(1, 1),
    }  # fmt: skip
    assert await journal.unread(ANNA, {"den:a": 19, "den:c": 1}, 99) == {}
    assert await journal.unread(ANNA, {"den:a": 2**40}, 99) == {}, "ahead of its stream"
    await journal.reproject("den:a", lambda row: row._replace(author=""), [post(2).id])
    assert (await journal.unread(ANNA, {"den:a": 0}, 99))["den:a"] == Unread(11, 1), "it is nobody's now"


@pytest.mark.parametrize("seed", range(5))
async def test_unread_is_what_counting_all_of_them_gives(journal: AnyJournal, seed: int) -> None:
    chance = random.Random(seed)
    rows = [post(n, chance.choice((ANNA, BEN, ""))) for n in range(1, 60)]
    await written(journal, "den:a", *rows)
    for _ in range(20):
        at, most, person = chance.randrange(62), chance.randrange(1, 40), chance.choice((ANNA, BEN))
        behind = [row.n for row in rows if row.n > at and row.author != person]
        expected = {"den:a": Unread(min(most, len(behind)), behind[0])} if behind else {}
        assert await journal.unread(person, {"den:a": at}, most) == expected


async def test_what_concerns_somebody_is_found_in_many_streams_at_once(journal: AnyJournal) -> None:
    def note(owner: str, seq: int, about: str, kind: str = "mentioned") -> NoticeRow:
        return NoticeRow(owner, seq, about, kind, "")

    await written(journal, "den:a", post(1), beside=Beside([note(ANNA, 1, "post:1"), note(BEN, 1, "post:1")]))
    await written(journal, "den:a", post(2), beside=Beside([note(ANNA, 2, "post:2"), note(ANNA, 2, "post:2", "asked")]))
    await written(journal, "den:b", beside=Beside([note("post:9", 1, "post:10", "answered")], [StakeRow(ANNA, "post:9", "x")]))  # fmt: skip
    streams = ["den:b", "den:a", "den:never"]
    assert await journal.noticed(streams, [ANNA], 5) == [
        ("den:a", Noticed(2, "post:2", "asked")),
        ("den:a", Noticed(2, "post:2", "mentioned")),
        ("den:a", Noticed(1, "post:1", "mentioned")),
        ("den:b", Noticed(1, "post:10", "answered")),
    ]
    assert [stream for stream, _ in await journal.noticed(streams, [ANNA], 1)] == ["den:a", "den:a", "den:b"]
    assert await journal.noticed(["den:b"], [BEN], 5) == []
    found = await journal.rows([("den:a", post(2).id), ("den:b", post(2).id), ("den:a", "post:never")])
    assert found == {("den:a", post(2).id): post(2)}
