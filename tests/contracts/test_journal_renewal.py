"""What every journal does when commits of older formats are written anew (`Journal.renew`)."""

import pytest
from msgspec.structs import replace

from server.journal.port import NOTHING_RENEWED, Appended, Commit, Duplicate, Renewal, Row, Sealed, Snapshot
from server.journal.redaction import SLICE
from tests.contracts.journals import AT, AnyJournal, Place, entry, key

FORMAT = 5


def lifted(commit: Commit) -> Commit:
    return replace(commit, format=FORMAT, events=commit.events.upper())


def lifted_sealed(sealed: Sealed) -> Sealed:
    return Sealed(sealed.id, FORMAT, sealed.entity.upper())


async def write(journal: AnyJournal, stream: str, *formats: int) -> None:
    """One commit of each format, each sealing an entity of that format."""
    for seq, format in enumerate(formats, 1):
        plain = entry(stream, seq)
        commit = Commit(seq, format, AT + seq, b"events of %d" % format)
        sealed = (Sealed(f"message:{seq:04}", format, b"entity of %d" % format),)
        assert await journal.append(plain._replace(commit=commit, sealed=sealed)) == Appended(seq)


async def renew(journal: AnyJournal, stream: str = "room:a", since: Renewal = NOTHING_RENEWED) -> int:
    """To its end; how many slices that took."""
    slices, done = 0, since
    while not done.done:
        done = await journal.renew(stream, FORMAT, lifted, lifted_sealed, done)
        slices += 1
    return slices


async def test_a_renewal_changes_the_form_and_nothing_else(journal: AnyJournal) -> None:
    used = key()
    await write(journal, "room:a", 1, FORMAT, 4)
    assert await journal.append(entry("room:a", 4, used)) == Appended(4)
    await write(journal, "room:b", 1)
    head = (await journal.heads(["room:a"]))["room:a"]
    row = Row("idea:1", "idea", 1, "budget", b"record")
    assert await journal.project("room:a", head.incarnation, 0, 4, [row], [])
    await journal.save_snapshot("room:a", head.incarnation, "v1", Snapshot(4, b"state"))

    await renew(journal)

    assert await journal.read("room:a", 0) == [
        Commit(1, FORMAT, AT + 1, b"EVENTS OF 1"),
        Commit(2, FORMAT, AT + 2, b"events of 5"),
        Commit(3, FORMAT, AT + 3, b"EVENTS OF 4"),
        Commit(4, FORMAT, AT, b"EVENTS"),
    ]
    assert list((await journal.sealed("room:a", ["message:0001", "message:0002", "message:0003"])).values()) == [
        Sealed("message:0001", FORMAT, b"ENTITY OF 1"),
        Sealed("message:0002", FORMAT, b"entity of 5"),
        Sealed("message:0003", FORMAT, b"ENTITY OF 4"),
    ]
    assert await journal.heads(["room:a"]) == {"room:a": head}
    assert await journal.page("room:a", "idea", None, 9) == await journal.search("room:a", "budget", 0, 9) == [row]
    assert await journal.behind("") == await journal.behind("room:a")
    assert await journal.load_snapshot("room:a", "v1") == Snapshot(4, b"state")
    assert await journal.append(entry("room:a", 5, used)) == Duplicate({used: 4})
    assert await journal.append(entry("room:a", 5)) == Appended(5)
    assert [commit.events for commit in await journal.read("room:b", 0)] == [b"events of 1"]


async def test_what_is_of_the_format_is_not_shown_to_whoever_renews(journal: AnyJournal) -> None:
    await write(journal, "room:a", FORMAT, 7, FORMAT, 0)
    seen, resealed = list[int](), list[str]()

    def change(commit: Commit) -> Commit:
        seen.append(commit.seq)
        return commit

    def reseal(sealed: Sealed) -> Sealed:
        resealed.append(sealed.id)
        return sealed

    done = NOTHING_RENEWED
    while not done.done:
        done = await journal.renew("room:a", FORMAT, change, reseal, done)
    assert (seen, resealed) == ([2, 4], ["message:0002", "message:0004"])
    assert [commit.format for commit in await journal.read("room:a", 0)] == [FORMAT, 7, FORMAT, 0]


async def test_a_renewal_goes_slice_by_slice_and_goes_on_after_its_end(place: Place) -> None:
    journal = await place.open()
    await write(journal, "room:a", *(1 for _ in range(2 * SLICE + 10)))
    first = await journal.renew("room:a", FORMAT, lifted, lifted_sealed)
    assert (first.seq, first.done) == (SLICE, False)
    formats = [commit.format for commit in await journal.read("room:a", 0)]
    assert formats == [FORMAT] * SLICE + [1] * (SLICE + 10)

    journal = await place.restart()
    # Three of commits and three of what they sealed, and one that finds no more.
    assert await renew(journal) == 7
    assert {commit.events for commit in await journal.read("room:a", 0)} == {b"EVENTS OF 1"}
    names = [f"message:{seq:04}" for seq in range(1, 2 * SLICE + 11)]
    assert {sealed.entity for sealed in (await journal.sealed("room:a", names)).values()} == {b"ENTITY OF 1"}


async def test_a_renewal_that_fails_writes_nothing_of_its_slice(journal: AnyJournal) -> None:
    await write(journal, "room:a", 1, 2, 3)
    before = await journal.read("room:a", 0)
    with pytest.raises(ZeroDivisionError):
        await journal.renew("room:a", FORMAT, lambda c: replace(c, format=FORMAT // (3 - c.seq)), lifted_sealed)
    with pytest.raises(ValueError, match="keeps each seq"):
        await journal.renew("room:a", FORMAT, lambda commit: replace(commit, seq=commit.seq + 1), lifted_sealed)
    with pytest.raises(ValueError, match="keeps each time"):
        await journal.renew("room:a", FORMAT, lambda commit: replace(commit, at=commit.at + 1), lifted_sealed)
    assert await journal.read("room:a", 0) == before
    done = await journal.renew("room:a", FORMAT, lambda commit: commit, lifted_sealed)
    with pytest.raises(ValueError, match="keeps each id"):
        await journal.renew("room:a", FORMAT, lifted, lambda sealed: sealed._replace(id="message:0009"), done)
    assert set(await journal.sealed("room:a", ["message:0001", "message:0009"])) == {"message:0001"}
    with pytest.raises(KeyError, match="room:none"):
        await journal.renew("room:none", FORMAT, lifted, lifted_sealed)
