"""Command keys in a SQLite file: whatever was used is found, wherever it lies just now."""

import sqlite3
from pathlib import Path
from random import Random

import pytest

from server.journal.port import Answer, Appended, Commit, Duplicate, Entry
from server.journal.sqlite import keys as sqlite_keys
from server.journal.sqlite.append import append_group
from server.journal.sqlite.file import connect_writer
from server.journal.sqlite.keys import Keys

STREAMS = ["room:aaaaaaaaaaaa", "room:bbbbbbbbbbbb", "room:cccccccccccc"]


class File:
    """A file, and what must be known of it."""

    def __init__(self, path: Path, chance: Random) -> None:
        self.connection, _ = connect_writer(path)
        self.keys = Keys()
        self.known: dict[str, dict[bytes, Answer]] = {stream: {} for stream in STREAMS}
        self.heads = dict.fromkeys(STREAMS, 0)
        self.chance = chance

    def entry(self, stream: str, count: int) -> Entry:
        keys = [self.chance.randbytes(16) for _ in range(count)]
        refused = [(key, "forbidden") for key in keys if self.chance.random() < 0.2]
        names = {key for key, _ in refused}
        commit = Commit(self.heads[stream] + 1, 3, 0, b"")
        return Entry(stream, "first", commit, tuple(key for key in keys if key not in names), (), tuple(refused))

    def append(self, *entries: Entry) -> None:
        assert append_group(self.connection, self.keys, entries) == [Appended(e.commit.seq) for e in entries]
        for entry in entries:
            self.heads[entry.stream] = entry.commit.seq
            self.known[entry.stream] |= {key: refusal or entry.commit.seq for key, refusal in entry.answers}

    def check(self) -> None:
        for stream, known in self.known.items():
            assert self.keys.used(self.connection, stream, [*known, bytes(16)]) == known

    def rows(self, table: str) -> int:
        count: int = self.connection.execute(f"select count(*) from {table}").fetchone()[0]
        return count


@pytest.mark.parametrize("seed", range(6))
def test_I2_every_key_ever_used_is_found_with_its_first_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(sqlite_keys, "GENERATION", 60)
    monkeypatch.setattr(sqlite_keys, "FILED", 12)
    chance = Random(seed)
    file = File(tmp_path / "palabre.db", chance)
    for _ in range(150):
        group = chance.sample(STREAMS, chance.randint(1, 3))
        file.append(*(file.entry(stream, chance.choice((1, 1, 2, 30))) for stream in group))
        file.check()
        if chance.random() < 0.05:
            file.keys = Keys()  # as if the process had been killed
        if chance.random() < 0.05:
            file.keys.doubt()
        stream = chance.choice(STREAMS)
        used = chance.choice(list(file.known[stream]) or [b""])
        if used:
            again = file.entry(stream, 3)
            again = again._replace(keys=(*again.keys, used))
            assert append_group(file.connection, file.keys, [again]) == [Duplicate({used: file.known[stream][used]})]
            file.check()
    for _ in range(200):
        file.append(file.entry(STREAMS[0], 20))
    file.check()
    assert file.rows("fresh_keys") < 20, "what is filed is deleted"
    assert file.rows("command_keys") > 1_600


def test_the_same_key_in_two_streams_is_two_keys(tmp_path: Path) -> None:
    file = File(tmp_path / "palabre.db", Random(1))
    first = file.entry(STREAMS[0], 5)
    file.append(first)
    file.append(first._replace(stream=STREAMS[1]))
    file.check()


def test_a_transaction_that_fails_uses_and_files_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_keys, "GENERATION", 20)
    monkeypatch.setattr(sqlite_keys, "FILED", 1)
    file = File(tmp_path / "palabre.db", Random(1))
    for _ in range(4):
        file.append(file.entry(STREAMS[0], 8))
    file.connection.execute("create trigger t before insert on command_keys begin select raise(rollback, 'full'); end")
    with pytest.raises(AssertionError):
        file.append(file.entry(STREAMS[0], 8))
    file.check()
    file.connection.execute("drop trigger t")
    for _ in range(5):
        file.append(file.entry(STREAMS[0], 8))
        file.check()
    assert file.rows("command_keys")
    with pytest.raises(sqlite3.IntegrityError):
        file.connection.execute("insert into command_keys select * from command_keys limit 1")
