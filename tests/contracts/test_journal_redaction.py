"""What every journal does when a part of a stream is rewritten (`server/journal/port.py`), and what stays as it was."""

import asyncio

import pytest
from msgspec.structs import replace

from server.journal.port import Appended, Commit, Conflict, Duplicate, Head, HeadMoved, Membership, Part, Row, Sealed
from server.journal.redaction import SLICE
from tests.contracts.journals import AnyJournal, Place, entry, key


def idea(n: int, text: str) -> Row:
    return Row(f"idea:{n:04d}", "idea", n, text, f"record {n}".encode())


async def stream_of(journal: AnyJournal, commits: int) -> Head:
    """`room:a`, in which somebody is a member, something was sealed by each commit, and each has a row; `room:b` beside it."""
    for seq in range(1, commits + 1):
        member = (Membership("member:anna", "host", 1), Membership("member:ben", "host", 1)) if seq == 1 else ()
        one = entry("room:a", seq, events=b"Anna %d" % seq)._replace(appearing=tuple(m.person for m in member))
        sealed = (Sealed(f"message:{seq}", 4, b"Anna"),)
        assert await journal.append(one._replace(sealed=sealed, memberships=member)) == Appended(seq)
    await journal.append(
        entry("room:b", 1, events=b"Anna")._replace(
            memberships=(Membership("member:anna", "host", 1),), appearing=("member:anna",)
        )
    )
    head = (await journal.heads(["room:a"]))["room:a"]
    rows = [idea(n, f"Anna propose {n}") for n in range(commits)]
    assert await journal.project("room:a", head.incarnation, 0, commits, rows, [])
    return head


def blanked(commit: Commit) -> Commit:
    return replace(commit, events=b"-")


def resealed(sealed: Sealed) -> Sealed:
    return sealed._replace(entity=b"-")


def renamed(row: Row) -> Row:
    return row._replace(text=row.text.replace("Anna", "Quelqu’un"), record=b"-")


async def found(journal: AnyJournal, text: str) -> list[int]:
    return sorted(row.n for row in await journal.search("room:a", text, 0, 1000))


async def test_O5_only_a_part_is_read_and_written(place: Place) -> None:
    journal, other = await place.open(), await place.another()
    head = await stream_of(journal, 5)
    part = Part(head, [2, 4], ["message:1"], ["idea:0003", "idea:0000", "idea:0009"], ["member:anna", "member:nobody"])
    looked_at = list[object]()

    def noted(commit: Commit) -> Commit:
        looked_at.append(commit.seq)
        return blanked(commit)

    def noted_row(row: Row) -> Row | None:
        looked_at.append(row.id)
        return None if row.n == 0 else renamed(row)

    incarnation = await journal.redact("room:a", noted, resealed, noted_row, part)
    assert looked_at[:2] == [2, 4]
    assert sorted(map(str, looked_at[2:])) == ["idea:0000", "idea:0003"]
    assert await other.heads(["room:a"]) == {"room:a": Head(5, incarnation)}
    assert incarnation != head.incarnation
    assert [c.events for c in await other.read("room:a", 0)] == [b"Anna 1", b"-", b"Anna 3", b"-", b"Anna 5"]
    assert {id: s.entity for id, s in (await other.sealed("room:a", ["message:1", "message:2"])).items()} == {
        "message:1": b"-",
        "message:2": b"Anna",
    }
    assert (await other.standing("member:anna", "room:a")).role is None
    assert (await other.standing("member:ben", "room:a")).role == "host"
    assert (await other.standing("member:anna", "room:b")).role == "host"
    named = {who: [s async for s in other.streams_naming(f"member:{who}")] for who in ("anna", "ben", "nobody")}
    assert named == {"anna": ["room:b"], "ben": ["room:a"], "nobody": []}
    assert await found(other, "Anna") == [1, 2, 4]
    assert await found(other, "Quelqu’un") == [3]
    assert await found(other, "propose") == [1, 2, 3, 4]
    assert [row.record for row in await other.page("room:a", "idea", None, 2)] == [b"record 4", b"-"]
    assert await other.behind("") == [lag for lag in await other.behind("") if lag.stream == "room:b"]
    await journal.purge()
    assert await found(other, "propose") == [1, 2, 3, 4]


async def test_O5_what_came_since_a_stream_was_looked_through_stops_it(journal: AnyJournal) -> None:
    head = await stream_of(journal, 2)
    part = Part(head, [1, 2], ["message:1"], ["idea:0000"], ["member:anna"])
    used = key()
    assert await journal.append(entry("room:a", 3, used)) == Appended(3)
    with pytest.raises(HeadMoved, match="room:a is at 3, and not at 2"):
        await journal.redact("room:a", blanked, resealed, renamed, part)
    assert await journal.heads(["room:a"]) == {"room:a": head._replace(seq=3)}
    assert [commit.events for commit in await journal.read("room:a", 0)] == [b"Anna 1", b"Anna 2", b"events"]
    assert (await found(journal, "Anna"), (await journal.standing("member:anna", "room:a")).role) == ([0, 1], "host")
    now = await journal.redact("room:a", blanked, resealed, renamed, part._replace(head=head._replace(seq=3)))
    with pytest.raises(HeadMoved):
        await journal.redact("room:a", blanked, resealed, renamed, part._replace(head=head._replace(seq=3)))
    with pytest.raises(KeyError, match="room:none"):
        await journal.redact("room:none", blanked, resealed, renamed, part)
    assert await journal.append(entry("room:a", 4)) == Conflict()
    assert await journal.append(entry("room:a", 4, used)._replace(incarnation=now)) == Duplicate({used: 3})


async def test_O5_rows_are_rewritten_where_they_are(journal: AnyJournal) -> None:
    head = await stream_of(journal, 1)
    rows = [idea(n, f"Anna propose {n}") for n in range(2 * SLICE + 50)]
    assert await journal.append(entry("room:a", 2)) == Appended(2)
    assert await journal.project("room:a", head.incarnation, 1, 2, rows, [])
    now = await journal.redact("room:a", lambda commit: commit, lambda sealed: sealed, renamed)
    assert await found(journal, "Anna") == []
    assert await found(journal, "Quelqu’un") == await found(journal, "propose") == list(range(2 * SLICE + 50))
    assert [lag.stream for lag in await journal.behind("")] == ["room:b"]
    with pytest.raises(ValueError, match="keeps each id and kind"):
        await journal.redact("room:a", blanked, resealed, lambda row: row._replace(id="idea:x"))
    assert [commit.events for commit in await journal.read("room:a", 0)] == [b"Anna 1", b"events"]
    assert await journal.heads(["room:a"]) == {"room:a": Head(2, now)}


async def test_O5_a_long_part_is_all_of_it(journal: AnyJournal) -> None:
    head = await stream_of(journal, SLICE + 20)
    seqs = range(1, SLICE + 11)
    part = Part(head, seqs, [f"message:{seq}" for seq in seqs], [f"idea:{n:04d}" for n in range(SLICE + 10)])
    await journal.redact("room:a", blanked, resealed, renamed, part)
    assert [commit.seq for commit in await journal.read("room:a", 0) if commit.events != b"-"] == [
        *range(SLICE + 11, SLICE + 21)
    ]
    kept = await journal.sealed("room:a", [f"message:{seq}" for seq in range(1, SLICE + 21)])
    assert sum(sealed.entity != b"-" for sealed in kept.values()) == 10
    assert len(await found(journal, "Anna")) == 10


async def test_O5_appends_and_searches_go_on_while_indexes_are_purged(journal: AnyJournal) -> None:
    head = await stream_of(journal, 1)
    rows = [idea(n, f"Anna mot{n} parle de {n} choses") for n in range(2_000)]
    assert await journal.append(entry("room:a", 2)) == Appended(2)
    assert await journal.project("room:a", head.incarnation, 1, 2, rows, [])
    part = Part(head._replace(seq=2), [1], [], [row.id for row in rows])
    await journal.redact("room:a", blanked, resealed, renamed, part)
    purging, seq = asyncio.ensure_future(journal.purge()), 1
    while not purging.done() or seq == 1:
        assert len(await found(journal, "choses")) == 1000
        seq += 1
        assert await journal.append(entry("room:b", seq)) == Appended(seq)
    await purging
    assert await found(journal, "Anna") == []


async def test_O5_rows_alone_are_rewritten_by_slices(journal: AnyJournal) -> None:
    head = await stream_of(journal, 1)
    rows = [idea(n, f"Anna propose {n}") for n in range(2 * SLICE + 50)]
    assert await journal.append(entry("room:a", 2)) == Appended(2)
    assert await journal.project("room:a", head.incarnation, 1, 2, rows, [])
    ids = [row.id for row in rows[: 2 * SLICE + 10]]
    await journal.reproject("room:a", renamed, [*ids, "idea:none"])
    await journal.reproject("room:none", renamed, ids)
    assert await found(journal, "Anna") == list(range(2 * SLICE + 10, 2 * SLICE + 50))
    assert await found(journal, "propose") == list(range(2 * SLICE + 50))
    assert await journal.heads(["room:a"]) == {"room:a": head._replace(seq=2)}
    assert [lag.stream for lag in await journal.behind("")] == ["room:b"]
    await journal.reproject("room:a", lambda row: None if row.n == 3 else row, ids)
    assert 3 not in await found(journal, "propose")
