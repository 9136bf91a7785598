"""Whatever several writers do at the same time, a stream is one row of commits in which every command is once."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.journal.port import Appended, Conflict, Duplicate, Entry
from tests.contracts.journals import AT, AnyJournal, Place, entry


class Batch(NamedTuple):
    """Commands that a writer wants in a stream, and whether it holds the stream for them."""

    stream: int
    commands: frozenset[int]
    alone: bool


batches = st.builds(
    Batch,
    stream=st.integers(0, 2),
    commands=st.frozensets(st.integers(0, 12), min_size=1, max_size=4),
    alone=st.booleans(),
)
scripts = st.lists(st.lists(batches, max_size=6), min_size=2, max_size=5)


class Writer:
    """Does with each batch what a room does: append; catch up after a conflict; leave out what is a duplicate."""

    def __init__(self, journal: AnyJournal, name: str) -> None:
        self.journal = journal
        self.name = name
        self.written: list[Entry] = []

    async def write(self, script: list[Batch], prefix: str) -> None:
        for n, batch in enumerate(script):
            stream = f"{prefix}:{batch.stream}"
            keys = {f"{command:016}".encode() for command in batch.commands}
            events = f"{self.name} {n}".encode()
            while keys:
                if batch.alone:
                    async with self.journal.exclusive(stream) as held:
                        wanted = entry(stream, held.head.seq + 1, *sorted(keys), events=events)
                        outcome = await held.append(wanted)
                    assert outcome != Conflict(), "nobody comes between"
                else:
                    head = (await self.journal.heads([stream])).get(stream)
                    wanted = entry(stream, head.seq + 1 if head else 1, *sorted(keys), events=events)
                    outcome = await self.journal.append(wanted)
                match outcome:
                    case Appended(seq):
                        assert seq == wanted.commit.seq
                        self.written.append(wanted)
                        break
                    case Duplicate(seqs):
                        assert seqs
                        keys -= seqs.keys()
                    case _:
                        assert outcome == Conflict()


@pytest.mark.parametrize("adapter", ["sqlite", "postgres"])
def test_every_command_is_once_in_a_stream_without_gaps(
    adapter: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = Place(request.getfixturevalue("migrated") if adapter == "postgres" else tmp_path / "palabre.db")
    with asyncio.Runner() as runner:
        journals = runner.run(place.open()), runner.run(place.another())
        example = 0

        @settings(max_examples=30, deadline=None)
        @given(scripts)
        def check(scripts: list[list[Batch]]) -> None:
            nonlocal example
            example += 1
            runner.run(run(scripts, f"room:{example}", journals))

        check()
        runner.run(place.close())


async def run(scripts: list[list[Batch]], prefix: str, journals: tuple[AnyJournal, AnyJournal]) -> None:
    writers = [Writer(journals[n % 2], f"writer {n}") for n in range(len(scripts))]
    await asyncio.gather(*(writer.write(script, prefix) for writer, script in zip(writers, scripts, strict=True)))
    for n in range(3):
        stream = f"{prefix}:{n}"
        written = sorted(
            (each for w in writers for each in w.written if each.stream == stream), key=lambda e: e.commit.seq
        )
        assert await journals[0].read(stream, 0) == [each.commit for each in written]
        assert [each.commit.seq for each in written] == list(range(1, len(written) + 1))
        keys = {key: each.commit.seq for each in written for key in each.keys}
        assert len(keys) == sum(len(each.keys) for each in written), "a command twice"
        assert await journals[1].lookup(stream, list(keys)) == keys
        wanted = {command for script in scripts for batch in script if batch.stream == n for command in batch.commands}
        assert keys.keys() == {f"{command:016}".encode() for command in wanted}
        assert all(each.commit.at == AT for each in written)
