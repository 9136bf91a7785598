"""Which command keys are used in a SQLite file: an index that is filled in the manner of a log-structured merge.

A key is a hash, so in an index each lies on a page of its own, and a commit of 32 commands changed 40 pages, most of what it cost.
Here keys are written down in the order in which they come (`fresh_keys`) and remembered in memory. Once there are `GENERATION` of
them they are filed into the index (`command_keys`), a few with each commit, neighbours together, while the next generation
gathers. What is filed is forgotten and deleted at once, when all of its generation is. (32 keys a commit: 0.42 × of the time.)
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from server.journal.port import Answer, Entry
from server.journal.sqlite.rows import as_json, with_blobs

KEY_BYTES: Final = 16
GENERATION: Final = 8_192
"""Keys that are remembered before they are filed: some megabytes."""

FILED: Final = 64
"""Keys filed in one transaction: for as many as that are owed, so that commits of one command do not file one each."""

_WRITE = """
insert into fresh_keys (stream, seq, refusals, keys)
select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
       substr(?2, json_extract(value, '$[3]') + 1, json_extract(value, '$[4]'))
from json_each(?1)
where not exists (
    select 1 from json_each(?3) as fresh
    cross join command_keys on stream = fresh.value and command_keys.key = substr(?2, fresh.key * 16 + 1, 16)
)
"""

_FILE = """
insert into command_keys (stream, key, seq, refusal)
select json_extract(value, '$[0]'), substr(?2, json_each.key * 16 + 1, 16), json_extract(value, '$[1]'), json_extract(value, '$[2]')
from json_each(?1)
where true on conflict do nothing
"""

_FILED = """
select key, coalesce(refusal, seq) from command_keys
where stream = ?1 and key in (select substr(?2, value * 16 + 1, 16) from json_each(?3))
"""

_ALL_FRESH = "select number, stream, seq, keys, refusals from fresh_keys order by number"


class _Use(NamedTuple):
    """The commit that used a key, and with which code its command was refused, if it was."""

    seq: int
    refusal: str | None


class _Generation:
    """
    Attributes:
        size: how many keys.
        number: of its newest row in the file.
    """

    def __init__(self) -> None:
        self.size = 0
        self.number = 0
        self._uses: dict[str, dict[bytes, _Use]] = {}

    def add(self, entry: Entry) -> None:
        self.use(entry.stream, entry.commit.seq, entry.answers)

    def use(self, stream: str, seq: int, answers: Iterable[tuple[bytes, str | None]]) -> None:
        there, done = self._uses.setdefault(stream, {}), _Use(seq, None)
        before = len(there)
        there.update((key, done if refusal is None else _Use(seq, refusal)) for key, refusal in answers)
        self.size += len(there) - before

    def find(self, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        there = self._uses.get(stream)
        return {key: there[key].refusal or there[key].seq for key in keys if key in there} if there else {}

    def last_first(self) -> list[tuple[str, bytes, _Use]]:
        """All, in the reverse of the index's order."""
        return [
            (stream, key, there[key])
            for stream, there in sorted(self._uses.items(), reverse=True)
            for key in sorted(there, reverse=True)
        ]


class Keys:
    """The writer calls `write`, `written` and `doubt`, in its thread; anybody `used`."""

    def __init__(self) -> None:
        self._generations: tuple[_Generation, ...] | None = None
        """The one that gathers, then the one that is being filed, if there is one; None: only the file knows."""
        self._to_file: list[tuple[str, bytes, _Use]] = []
        """What of it is not in the index yet, last first."""
        self._filing = 0
        """How many of these the transaction under way files."""
        self._owed = 0
        """How many are to be filed for what was gathered since: twice as many, so that a generation is filed before the next is whole."""

    def used(self, connection: sqlite3.Connection, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        """What became of these keys, where a commit used them."""
        keys = [key for key in keys if len(key) == KEY_BYTES]
        # Memory before the index: what is filed meanwhile is in both.
        found: dict[bytes, Answer] = {}
        for generation in self._generations or (_fresh(connection),):
            found |= generation.find(stream, keys)
        return found | dict(connection.execute(_FILED, (stream, b"".join(keys), as_json(list(range(len(keys)))))))

    def write(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> bool:
        """Inside a transaction: use the entries' keys; False when one was used before. Then call `written`, or roll back."""
        self._filing = 0
        if self._generations is None:
            self._generations, self._to_file = (_fresh(connection),), []
        if any(g.find(e.stream, [key for key, _ in e.answers]) for g in self._generations for e in entries):
            return False
        rows = [(e.stream, e.commit.seq, as_json([refusal for _, refusal in e.answers])) for e in entries]
        placed, keys = with_blobs(rows, [b"".join(key for key, _ in e.answers) for e in entries])
        cursor = connection.execute(_WRITE, (placed, keys, as_json([e.stream for e in entries for _ in e.answers])))
        if cursor.rowcount != len(entries):
            return False
        self._generations[0].number = cursor.lastrowid or 0
        if self._to_file and self._owed >= FILED:
            self._file(connection)
        return True

    def written(self, entries: Sequence[Entry]) -> None:
        """The transaction of `write` is committed."""
        assert self._generations is not None
        gathering = self._generations[0]
        for entry in entries:
            gathering.add(entry)
            self._owed += 2 * len(entry.answers)
        if self._filing:
            del self._to_file[-self._filing :]
            self._owed -= self._filing
        if self._to_file:
            return
        if gathering.size < GENERATION:
            self._generations = (gathering,)
        else:
            self._generations, self._to_file, self._owed = (_Generation(), gathering), gathering.last_first(), 0

    def doubt(self) -> None:
        """What became of a transaction is not known for certain: look into the file again."""
        self._generations = None

    def _file(self, connection: sqlite3.Connection) -> None:
        assert self._generations is not None
        part = self._to_file[-self._owed :]
        owners = as_json([(stream, *use) for stream, _, use in part])
        connection.execute(_FILE, (owners, b"".join(key for _, key, _ in part)))
        if len(part) == len(self._to_file):
            connection.execute("delete from fresh_keys where number <= ?", (self._generations[-1].number,))
        self._filing = len(part)


def _fresh(connection: sqlite3.Connection) -> _Generation:
    """What the file has of keys that are not filed, or not all of whose generation are."""
    fresh = _Generation()
    for fresh.number, stream, seq, keys, refusals in connection.execute(_ALL_FRESH):
        parts = [keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES)]
        fresh.use(stream, seq, zip(parts, msgspec.json.decode(refusals), strict=True))
    return fresh
