"""What every journal does (`server/journal/port.py`): appending and reading."""

import asyncio
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

import server.journal
from server.journal.port import (
    Appended,
    Commit,
    Conflict,
    Duplicate,
    Entry,
    Head,
    JournalError,
    Listed,
    ListingRow,
    Membership,
    Outcome,
    Rejected,
    Sealed,
    Snapshot,
    Standing,
    Unknown,
)
from tests.contracts.journals import AT, AnyJournal, Place, entry, key


def same(sealed: Sealed) -> Sealed:
    return sealed


async def append(journal: AnyJournal, stream: str, *seqs: int) -> None:
    for seq in seqs:
        assert await journal.append(entry(stream, seq)) == Appended(seq)


async def test_commits_are_read_back_as_they_were_written(journal: AnyJournal) -> None:
    first, second = Commit(1, 1, AT, b"\x00\xff"), Commit(2, 7, AT + 1, b"")
    assert await journal.append(entry("room:a", 1)._replace(commit=first)) == Appended(1)
    assert await journal.append(entry("room:a", 2)._replace(commit=second)) == Appended(2)
    assert await journal.read("room:a", 0) == [first, second]
    assert await journal.read("room:a", 1) == [second]
    assert await journal.read("room:a", 0, limit=1) == [first]
    assert await journal.read("room:a", 2) == await journal.read("room:b", 0) == []


@pytest.mark.parametrize("at", [0, 1, AT + 2_000, AT - 2_000, 2**53 - 1])
async def test_times_are_the_callers(journal: AnyJournal, at: int) -> None:
    """The database's clock may be wrong; it is never asked."""
    await journal.append(entry("room:a", 1, at=at))
    assert [commit.at for commit in await journal.read("room:a", 0)] == [at]


def test_no_statement_asks_the_databases_clock() -> None:
    statements = [file for file in Path(server.journal.__file__).parent.rglob("*") if file.suffix in (".py", ".sql")]
    assert len(statements) > 10
    for file in statements:
        assert not re.search(r"\bnow\(|current_(time|date)|(clock|statement)_timestamp|datetime\(", file.read_text()), (
            file
        )


async def test_a_stale_after_is_a_conflict_and_writes_nothing(journal: AnyJournal) -> None:
    await append(journal, "room:a", 1, 2)
    for seq in (1, 2, 4, 100):
        assert await journal.append(entry("room:a", seq)) == Conflict()
    assert await journal.append(entry("room:b", 2)) == Conflict()
    assert (await journal.heads(["room:a", "room:b"])).keys() == {"room:a"}
    assert len(await journal.read("room:a", 0)) == 2


@pytest.mark.parametrize("seq", [1, 2])
async def test_of_rivals_exactly_one_wins(place: Place, seq: int) -> None:
    one, other = await place.open(), await place.another()
    await append(one, "room:a", *range(1, seq))
    rivals = [entry("room:a", seq, events=str(n).encode()) for n in range(8)]
    outcomes = await asyncio.gather(*((one, other)[n % 2].append(rival) for n, rival in enumerate(rivals)))
    winners = [rival for rival, outcome in zip(rivals, outcomes, strict=True) if outcome == Appended(seq)]
    assert len(winners) == 1
    assert outcomes.count(Conflict()) == 7
    assert await one.read("room:a", seq - 1) == [winners[0].commit]
    assert await other.lookup("room:a", [rival.keys[0] for rival in rivals]) == {winners[0].keys[0]: seq}


DEADLOCK = "40P01"
"""The code by which PostgreSQL says that there was one."""


async def test_opposite_orders_do_not_deadlock(place: Place) -> None:
    """Two workers append to the same rooms, one from the first to the last, the other from the last to the first."""
    one, other = await place.open(), await place.another()
    rooms = [f"room:{n:02}" for n in range(40)]
    for seq in range(1, 11):
        outcomes: list[Outcome] = await asyncio.gather(
            *(one.append(entry(room, seq)) for room in rooms),
            *(other.append(entry(room, seq)) for room in reversed(rooms)),
        )
        # A machine that stands still for longer than a statement may last breaks a connection; that is no deadlock.
        unknown = [outcome.reason for outcome in outcomes if isinstance(outcome, Unknown)]
        assert not [reason for reason in unknown if DEADLOCK in reason]
        assert {outcome for outcome in outcomes if not isinstance(outcome, Unknown)} <= {Appended(seq), Conflict()}
        heads = await one.heads(rooms)
        for room, *both in zip(rooms, outcomes[:40], reversed(outcomes[40:]), strict=True):
            assert both.count(Appended(seq)) < 2
            if room not in heads or heads[room].seq < seq:  # Each may find the other's lock on the row.
                await append(one, room, seq)
    assert {head.seq for head in (await one.heads(rooms)).values()} == {10}


async def test_what_waits_for_a_commit_goes_together_into_the_next(journal: AnyJournal) -> None:
    """Group commit: the number of transactions does not grow with the number of rooms."""
    await append(journal, "room:first", 1)
    before = journal.transactions
    outcomes = await asyncio.gather(*(journal.append(entry(f"room:{n}", 1)) for n in range(200)))
    assert outcomes == [Appended(1)] * 200
    assert journal.transactions - before <= 10


async def test_entries_of_one_stream_that_wait_together_keep_their_order(journal: AnyJournal) -> None:
    outcomes = await asyncio.gather(*(journal.append(entry("room:a", seq)) for seq in range(1, 6)))
    assert outcomes == [Appended(seq) for seq in range(1, 6)]


POISONS = [
    entry("room:\0", 1),
    entry("room:\ud800", 1),
    entry("room:poison", 1)._replace(sealed=(Sealed("idea:\ud800", 4, b""),)),
    entry("room:poison", 1)._replace(sealed=(Sealed("idea:\0", 4, b""),)),
    entry("room:poison", 1, at=-1),
    entry("room:poison", 1, at=2**63),
    entry("room:poison", 1)._replace(commit=Commit(1, 2**40, AT, b"")),
    entry("room:poison", 1)._replace(keys=()),
    entry("room:poison", 1, b"short"),
    entry("room:poison", 1, b"1234567890abcdef", b"1234567890abcdef"),
    entry("room:poison", 0),
    entry("room:poison", 2**63),
]


@pytest.mark.parametrize("poison", POISONS, ids=range(len(POISONS)))
async def test_poison_costs_only_the_entry_that_holds_it(journal: AnyJournal, poison: object) -> None:
    assert isinstance(poison, type(POISONS[0]))
    good = [entry(f"room:{n}", 1) for n in range(20)]
    outcomes = await asyncio.gather(*(journal.append(each) for each in [*good[:10], poison, *good[10:]]))
    assert isinstance(outcomes.pop(10), Rejected)
    assert outcomes == [Appended(1)] * 20
    assert len(await journal.heads([each.stream for each in good])) == 20
    assert [stream async for stream in journal.streams()] == sorted(each.stream for each in good)


async def test_a_rejection_does_not_quote_what_was_rejected(journal: AnyJournal) -> None:
    outcome = await journal.append(entry("room:a", 1, events=b"a hidden idea", at=-1))
    assert isinstance(outcome, Rejected)
    assert b"a hidden idea".hex() not in outcome.reason
    assert "hidden" not in outcome.reason


async def test_a_key_is_used_once_for_ever(place: Place) -> None:
    journal = await place.open()
    used, other = key(), key()
    await journal.append(entry("room:a", 1, used))
    await append(journal, "room:a", 2)
    assert await journal.append(entry("room:a", 3, key(), used)) == Duplicate({used: 1})
    journal = await place.restart()
    assert await journal.append(entry("room:a", 3, used, other)) == Duplicate({used: 1})
    assert await journal.append(entry("room:a", 3, other)) == Appended(3)
    assert await journal.append(entry("room:a", 4, used, other, key())) == Duplicate({used: 1, other: 3})
    assert await journal.append(entry("room:b", 1, used)) == Appended(1), "a key belongs to its stream"
    assert await journal.lookup("room:a", [used, other, key()]) == {used: 1, other: 3}
    assert await journal.lookup("room:b", [other]) == {}


async def test_I2_a_refusal_is_kept_like_what_was_done(journal: AnyJournal) -> None:
    done, refused, alone = key(), key(), key()
    kept = Entry("room:a", "first of room:a", Commit(1, 1, AT, b"events"), (done,), refused=((refused, "not_found"),))
    assert await journal.append(kept) == Appended(1)
    assert await journal.lookup("room:a", [done, refused]) == {done: 1, refused: "not_found"}
    assert await journal.append(entry("room:a", 2, refused)) == Duplicate({refused: "not_found"})
    nothing_done = Entry("room:a", "first of room:a", Commit(2, 1, AT, b""), (), refused=((alone, "id_taken"),))
    assert await journal.append(nothing_done) == Appended(2)
    assert await journal.append(nothing_done._replace(commit=Commit(3, 1, AT, b""))) == Duplicate({alone: "id_taken"})
    async with journal.exclusive("room:a") as held:
        assert await held.lookup([refused, done]) == {refused: "not_found", done: 1}
        assert await held.append(entry("room:a", 3, refused)) == Duplicate({refused: "not_found"})
    assert isinstance(await journal.append(Entry("room:a", "first of room:a", Commit(3, 1, AT, b""), ())), Rejected)


async def test_a_duplicate_in_a_group_costs_only_its_entry(journal: AnyJournal) -> None:
    used = key()
    await journal.append(entry("room:a", 1, used))
    group = entry("room:b", 1), entry("room:a", 2, used), entry("room:c", 2)
    outcomes = await asyncio.gather(*map(journal.append, group))
    assert outcomes == [Appended(1), Duplicate({used: 1}), Conflict()]


async def test_a_retry_of_what_has_landed_is_a_conflict_first(journal: AnyJournal) -> None:
    landed = entry("room:a", 1)
    assert await journal.append(landed) == Appended(1)
    assert await journal.append(landed) == Conflict()
    again = landed._replace(commit=replace(landed.commit, seq=2))
    assert await journal.append(again) == Duplicate({landed.keys[0]: 1})


async def test_heads_and_many_streams_at_once(journal: AnyJournal) -> None:
    await append(journal, "room:a", 1, 2, 3)
    await append(journal, "room:b", 1)
    heads = await journal.heads(["room:a", "room:b", "room:none"])
    assert {stream: head.seq for stream, head in heads.items()} == {"room:a": 3, "room:b": 1}
    assert heads["room:a"].incarnation != heads["room:b"].incarnation
    commits = await journal.read_many({"room:a": 1, "room:b": 1, "room:none": 0})
    assert {stream: [commit.seq for commit in each] for stream, each in commits.items()} == {
        "room:a": [2, 3],
        "room:b": [],
        "room:none": [],
    }
    assert await journal.heads([]) == {}
    assert await journal.read_many({}) == {}


async def test_what_a_commit_seals_is_found_by_its_id(journal: AnyJournal) -> None:
    await journal.append(entry("room:a", 1)._replace(sealed=(Sealed("idea:1", 4, b"old"), Sealed("idea:2", 4, b""))))
    await journal.append(entry("room:a", 2)._replace(sealed=(Sealed("idea:1", 4, b"new"),)))
    assert await journal.append(entry("room:a", 9)._replace(sealed=(Sealed("idea:3", 4, b""),))) == Conflict()
    assert await journal.sealed("room:a", ["idea:1", "idea:2", "idea:3"]) == {
        "idea:1": Sealed("idea:1", 4, b"new"),
        "idea:2": Sealed("idea:2", 4, b""),
    }
    assert await journal.sealed("room:b", ["idea:1"]) == {}


async def test_a_snapshot_counts_for_its_version_and_incarnation_only(journal: AnyJournal) -> None:
    await append(journal, "room:a", 1, 2)
    incarnation = (await journal.heads(["room:a"]))["room:a"].incarnation
    await journal.save_snapshot("room:a", incarnation, "v1", Snapshot(2, b"two"))
    await journal.save_snapshot("room:a", incarnation, "v1", Snapshot(1, b"late"))
    await journal.save_snapshot("room:a", "another", "v1", Snapshot(3, b"foreign"))
    await journal.save_snapshot("room:none", "another", "v1", Snapshot(3, b"foreign"))
    assert await journal.load_snapshot("room:a", "v1") == Snapshot(2, b"two")
    assert await journal.load_snapshot("room:a", "v2") is None
    assert await journal.load_snapshot("room:none", "v1") is None
    await journal.redact("room:a", lambda commit: commit, same)
    await journal.save_snapshot("room:a", incarnation, "v1", Snapshot(2, b"two"))
    assert await journal.load_snapshot("room:a", "v1") is None


async def test_redaction_rewrites_history_under_a_new_incarnation(journal: AnyJournal) -> None:
    used = key()
    secret = entry("room:a", 1, used, events=b"secret")._replace(sealed=(Sealed("idea:1", 4, b"secret"),))
    await journal.append(secret)
    await journal.append(entry("room:a", 2, events=b"harmless"))
    before = await journal.heads(["room:a"])
    await append(journal, "room:b", 1)
    bystander = await journal.heads(["room:b"])

    def change(commit: Commit) -> Commit:
        return replace(commit, events=b"-") if commit.events == b"secret" else commit

    incarnation = await journal.redact("room:a", change, lambda sealed: sealed._replace(format=5, entity=b"-"))
    assert incarnation != before["room:a"].incarnation
    assert await journal.heads(["room:a", "room:b"]) == {"room:a": Head(2, incarnation)} | bystander
    assert [commit.events for commit in await journal.read("room:a", 0)] == [b"-", b"harmless"]
    assert await journal.sealed("room:a", ["idea:1"]) == {"idea:1": Sealed("idea:1", 5, b"-")}
    assert await journal.append(entry("room:a", 3, used)._replace(incarnation=incarnation)) == Duplicate({used: 1})
    assert await journal.append(entry("room:a", 3)._replace(incarnation=incarnation)) == Appended(3)


async def test_S4_what_was_decided_before_a_redaction_is_a_conflict_after(journal: AnyJournal) -> None:
    await append(journal, "room:a", 1)
    before = entry("room:a", 2)
    incarnation = await journal.redact("room:a", lambda commit: commit, same)
    assert await journal.append(before) == Conflict()
    async with journal.exclusive("room:a") as held:
        assert await held.append(before) == Conflict()
    assert await journal.read("room:a", 1) == []
    assert await journal.append(before._replace(incarnation=incarnation)) == Appended(2)


async def test_a_first_commit_gives_its_stream_the_incarnation(journal: AnyJournal) -> None:
    assert await journal.append(entry("room:a", 1)._replace(incarnation="one")) == Appended(1)
    async with journal.exclusive("room:b") as held:
        assert await held.append(entry("room:b", 1)._replace(incarnation="other")) == Appended(1)
    assert await journal.heads(["room:a", "room:b"]) == {"room:a": Head(1, "one"), "room:b": Head(1, "other")}


async def test_a_redaction_that_fails_changes_nothing(journal: AnyJournal) -> None:
    await append(journal, "room:a", 1, 2)
    before = await journal.heads(["room:a"])
    with pytest.raises(ZeroDivisionError):
        await journal.redact("room:a", lambda commit: replace(commit, at=commit.at // (2 - commit.seq)), same)
    with pytest.raises(ValueError, match="keeps each seq"):
        await journal.redact("room:a", lambda commit: replace(commit, seq=commit.seq + 1), same)
    await journal.append(entry("room:a", 3)._replace(sealed=(Sealed("idea:1", 4, b"kept"),)))
    with pytest.raises(ValueError, match="keeps each id"):
        await journal.redact("room:a", lambda commit: replace(commit, events=b"-"), lambda s: s._replace(id="idea:2"))
    assert await journal.sealed("room:a", ["idea:1", "idea:2"]) == {"idea:1": Sealed("idea:1", 4, b"kept")}
    with pytest.raises(KeyError, match="room:none"):
        await journal.redact("room:none", lambda commit: commit, same)
    assert await journal.heads(["room:a"]) == {"room:a": before["room:a"]._replace(seq=3)}
    assert [commit.events for commit in await journal.read("room:a", 0)] == [b"events"] * 3
    await append(journal, "room:a", 4)


async def test_who_is_a_member_is_written_with_the_commit_that_makes_it_so(place: Place) -> None:
    one, other = await place.open(), await place.another()

    async def enrol(stream: str, seq: int, *memberships: Membership) -> Outcome:
        return await one.append(entry(stream, seq)._replace(memberships=memberships))

    assert (await other.standing("member:a", "room:a")).role is None
    await enrol("room:a", 1, Membership("member:a", "host", AT), Membership("member:b", "participant", AT))
    await asyncio.gather(
        enrol("room:b", 1, Membership("member:a", "participant", AT)), enrol("room:c", 1), append(one, "room:d", 1)
    )
    assert [(await other.standing("member:a", f"room:{name}")).role for name in "abcd"] == [
        "host",
        "participant",
        None,
        None,
    ]
    await enrol("room:a", 2, Membership("member:a", "participant", AT), Membership("member:b", None, AT))
    assert [(await other.standing(f"member:{name}", "room:a")).role for name in "ab"] == ["participant", None]
    await enrol("room:a", 3, Membership("member:never", None, AT))
    assert await enrol("room:a", 3, Membership("member:a", None, AT)) == Conflict()
    assert (await other.standing("member:a", "room:a")).role == "participant", (
        "nothing is written of what is not appended"
    )
    for unfit in ("room:\0", "room:\ud800"):
        assert (await other.standing("member:a", unfit)).role is None


async def test_who_stands_under_what_is_written_with_the_commit_that_makes_it_so(place: Place) -> None:
    """And told in one question; nothing tells that there is what is hidden (FIELD F1)."""
    one, other = await place.open(), await place.another()
    above, below, hidden, alone = "club:a", "den:b", "den:c", "room:d"

    async def say(stream: str, seq: int, *members: Membership, listing: ListingRow | None = None) -> Outcome:
        return await one.append(entry(stream, seq)._replace(memberships=members, listing=listing))

    def under(title: str, access: str, *, closed: bool = False) -> ListingRow:
        return ListingRow(above, access, title, "pour quoi", closed)

    anna, ben = "member:anna", "member:ben"
    await say(above, 1, Membership(anna, "keeper", AT, "Anna"), Membership(ben, "reader", AT, "Bén"))
    await asyncio.gather(
        say(below, 1, Membership(anna, "keeper", AT), listing=under("Étage", "open")),
        say(hidden, 1, Membership(anna, "keeper", AT), listing=under("Caché", "secret")),
        say(alone, 1, Membership(ben, "host", AT)),
    )
    assert await other.standing(anna, below) == Standing("keeper", above, "open", "keeper")
    assert await other.standing(ben, hidden) == Standing(None, above, "secret", "reader")
    assert await other.standing("member:no", hidden) == Standing(None, above, "secret", None)
    assert await other.standing(ben, alone) == Standing("host")
    assert await other.standing(ben, "den:never") == await other.standing(ben, "den:\0") == Standing(None)
    assert await other.names(above, [anna, ben, "member:no"]) == {anna: "Anna", ben: "Bén"}
    assert await other.names(below, [anna]) == {anna: ""}
    assert await other.listed(above, ben, "secret") == [Listed(below, under("Étage", "open"), None, 1)]
    assert [each.stream for each in await other.listed(above, anna, "secret")] == [hidden, below]
    assert await other.listed(below, anna, "secret") == []

    every = [(person, stream) for person in (anna, ben, "member:no") for stream in (above, below, hidden, alone)]
    mine = {(anna, above), (anna, below), (anna, hidden), (ben, above), (ben, alone)}
    assert await other.members(every) == await other.members(every, "never") == mine
    assert await other.members(every, "open") == mine | {(ben, below)}, "of which everyone above is one"

    await say(above, 2, Membership(ben, "reader", AT, "Benoît"))
    assert await other.names(above, [ben]) == {ben: "Benoît"}
    await say(above, 3, Membership(ben, None, AT))
    assert await other.names(above, [ben]) == {}
    assert await other.standing(ben, below) == Standing(None, above, "open", None)
    assert await other.members([(ben, below)], "open") == set()
    await say(below, 2, listing=under("Étage", "open", closed=True))
    await say(hidden, 2, Membership("member:zoé", "reader", AT, "Zoé"))
    assert [each.stream for each in await other.listed(above, anna, "secret")] == [hidden]
    assert await say(below, 2, listing=under("Autre", "open")) == Conflict()
    assert (await other.standing(anna, below)).access == "open"
    assert isinstance(await say("den:x", 1, listing=under("\0", "open")), Rejected)


async def naming(journal: AnyJournal, person: str) -> list[str]:
    return [stream async for stream in journal.streams_naming(person)]


async def test_O1_who_is_named_is_written_with_the_commit_that_names_them(place: Place) -> None:
    one, other = await place.open(), await place.another()

    async def say(stream: str, seq: int, *appearing: str, members: tuple[Membership, ...] = ()) -> Outcome:
        return await one.append(entry(stream, seq)._replace(appearing=appearing, memberships=members))

    assert await naming(other, "member:a") == []
    await say("room:a", 1, "member:a", "member:b", members=(Membership("member:a", "host", AT),))
    await asyncio.gather(say("room:b", 1), say("room:c", 1, "member:b"), say("room:d", 1, "member:a"))
    assert await naming(other, "member:a") == ["room:a", "room:d"]
    assert await naming(other, "member:b") == ["room:a", "room:c"]
    assert await naming(other, "member:c") == []
    await say("room:a", 2, members=(Membership("member:a", None, AT),))
    assert await say("room:b", 1, "member:a") == Conflict()
    await asyncio.gather(say("room:b", 2, "member:b"), append(one, "room:c", 2), say("room:d", 2, "member:a"))
    assert await naming(other, "member:a") == ["room:a", "room:d"], "whoever leaves is named still"
    assert await naming(other, "member:b") == ["room:a", "room:b", "room:c"]
    async with one.exclusive("room:e") as held:
        await held.append(entry("room:e", 1)._replace(appearing=("member:c",)))
    assert await naming(other, "member:c") == ["room:e"]


async def test_O1_whom_a_stream_names_is_known_once_it_is_listed(place: Place) -> None:
    one, other = await place.open(), await place.another()
    await append(one, "room:a", 1)
    await one.append(entry("room:b", 1)._replace(memberships=(Membership("member:b", "host", AT),)))
    assert await naming(other, "member:a") == ["room:a", "room:b"], "it is not known"
    heads = await one.heads(["room:a", "room:b"])
    await one.append(entry("room:a", 2)._replace(appearing=("member:a",)))
    for stream, head in heads.items():
        assert not await one.list_appearances(stream, "another", ["member:z"])
        assert await one.list_appearances(stream, head.incarnation, ["member:c", "member:d"])
        assert await one.list_appearances(stream, head.incarnation, ["member:c"])
    assert not await one.list_appearances("room:none", "", ["member:z"])
    found = {name: await naming(other, f"member:{name}") for name in "abcz"}
    both = ["room:a", "room:b"]
    # Releases of before, which write no rows of these, write those of members.
    assert found == {"a": ["room:a"], "b": ["room:b"], "c": both, "z": []}
    await one.redact("room:a", lambda commit: commit, lambda sealed: sealed)
    assert await naming(other, "member:z") == ["room:a"], "whatever a redaction wrote, it may name them"


async def test_O1_streams_that_name_somebody_come_page_by_page(journal: AnyJournal) -> None:
    names = [f"room:{n:04}" for n in range(1_100)]
    appearing = [("member:a",) if n % 2 else None for n in range(1_100)]
    await asyncio.gather(
        *(journal.append(entry(name, 1)._replace(appearing=who)) for name, who in zip(names, appearing, strict=True))
    )
    assert await naming(journal, "member:a") == names
    assert await naming(journal, "member:b") == names[::2]


async def test_a_person_that_no_database_holds_costs_the_entry_alone(journal: AnyJournal) -> None:
    unfit = entry("room:a", 1)._replace(appearing=("member:\0",))
    outcomes = await asyncio.gather(journal.append(unfit), journal.append(entry("room:b", 1)))
    assert [type(outcome) for outcome in outcomes] == [Rejected, Appended]


async def test_a_membership_that_no_database_holds_costs_its_entry_alone(journal: AnyJournal) -> None:
    unfit = entry("room:a", 1)._replace(memberships=(Membership("member:\0", "host", AT),))
    outcomes = await asyncio.gather(journal.append(unfit), journal.append(entry("room:b", 1)))
    assert [type(outcome) for outcome in outcomes] == [Rejected, Appended]


async def test_all_memberships_of_a_stream_are_written_anew_at_its_head_alone(journal: AnyJournal) -> None:
    await append(journal, "room:a", 1)
    await journal.append(entry("room:b", 1)._replace(memberships=(Membership("member:a", "host", AT),)))
    head = (await journal.heads(["room:a"]))["room:a"]
    assert await journal.enrol("room:a", head, [Membership("member:a", "host", AT), Membership("member:b", "x", AT)])
    assert (await journal.standing("member:b", "room:a")).role == "x"
    assert await journal.enrol("room:a", head, [Membership("member:a", "participant", AT)])
    assert [(await journal.standing(f"member:{name}", "room:a")).role for name in "ab"] == ["participant", None]
    await append(journal, "room:a", 2)
    assert not await journal.enrol("room:a", head, [])
    assert not await journal.enrol("room:a", head._replace(seq=2, incarnation="another"), [])
    assert (await journal.standing("member:a", "room:a")).role == "participant"
    assert (await journal.standing("member:a", "room:b")).role == "host"


async def test_codes_are_given_once(place: Place) -> None:
    one, other = await place.open(), await place.another()
    assert sorted(await asyncio.gather(one.claim_code("ABC234", "room:a"), other.claim_code("ABC234", "room:b"))) == [
        False,
        True,
    ]
    room = await other.room_of("ABC234")
    assert room is not None
    assert await one.claim_code("ABC234", room), "the answer to a claim may have been lost"
    for code in ("", "ABC235", "\0", "\ud800", "' or 1=1 --"):
        assert await one.room_of(code) is None


async def test_a_fact_is_what_was_said_first(place: Place) -> None:
    one, other = await place.open(), await place.another()
    said = set(await asyncio.gather(one.fact("made with", "this"), other.fact("made with", "that")))
    (first,) = said
    assert first in ("this", "that")
    assert await other.fact("made with", "something else") == first
    assert await one.fact("made by", "us") == "us"
    again = await place.restart()
    assert await again.fact("made with", "that" if first == "this" else "this") == first


async def test_all_streams_by_name(journal: AnyJournal) -> None:
    names = [f"room:{n:04}" for n in range(1100)]
    await asyncio.gather(*(journal.append(entry(name, 1)) for name in reversed(names)))
    assert [stream async for stream in journal.streams()] == names


async def test_a_closed_journal_says_so(place: Place) -> None:
    journal = await place.open()
    await journal.close()
    outcome = await journal.append(entry("room:a", 1))
    assert isinstance(outcome, Unknown)
    assert "open it first" in outcome.reason
    with pytest.raises(JournalError, match="open it first"):
        await journal.heads(["room:a"])
    await journal.close()
