"""What the server has shown so far: the shared records of my audience, my own over them, and how far they reach (SPEC.md, S).

Pure: messages in, records out. Joining: `mine` and `state` come (S1), perhaps in chunks (S3). Nothing is applied before the
last chunk is there, so nobody sees half a room, and a connection that breaks in between leaves the old records with
their old cursor. Following: a `patch` whose `from` the cursor has reached is applied; any other shows that something was
missed (S5).
"""

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, Final, NamedTuple

from protocol.messages import Since

Message = dict[str, Any]
"""A message of the server as it is decoded: open maps, since a client ignores what it does not know (W2)."""

Record = dict[str, Any]


class Applied(NamedTuple):
    """What a message changed.

    Attributes:
        touched: ids whose record may differ; None when all may.
        join: something was missed: join again, with `since`.
    """

    touched: frozenset[str] | None
    join: bool = False


_TEXTS: Final = (
    "text",
    "title",
    "name",
    "prompt",
    "question",
    "first",
    "due",
    "quote",
    "reason",
    "rank",
    "kind",
    "role",
)
_NUMBERS: Final = ("n", "at", "since", "ends", "left")
"""What is taken for a text or a number without looking, wherever a record has it (SPEC R)."""

_TYPES: Final[Mapping[str, tuple[type, ...]]] = dict.fromkeys(_TEXTS, (str, NoneType)) | dict.fromkeys(
    _NUMBERS, (int, NoneType)
)

UNCHANGED: Final = Applied(frozenset())


class Replica:
    """
    Args:
        stream: its id.

    Attributes:
        shared: by id, what everyone of my audience sees. Read only.
        mine: by id, what only I see; shadows `shared` (S7). Read only.
        cursor: the seq that the records reach.
        settled: up to here my own records are known to have come too. A patch alone raises the cursor, but the `mine` that
            belongs to it follows in a frame of its own (S7), and what I did must not vanish in between.
        unreadable: records that could not be read; they were skipped.
    """

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.shared: dict[str, Record] = {}
        self.mine: dict[str, Record] = {}
        self.cursor = 0
        self.settled = 0
        self.unreadable = 0
        self._epoch: str | None = None
        self._shared_at = 0
        self._joining = False
        self._chunks: list[Message] = []
        self._held: list[Message] = []
        """What came before the last chunk of a state that it belongs behind."""

    def get(self, id: str) -> Record | None:
        return self.mine.get(id) or self.shared.get(id)

    def __iter__(self) -> Iterator[Record]:
        """All records, mine instead of shared ones."""
        return iter((self.shared | self.mine).values())

    @property
    def since(self) -> Since | None:
        """What to join with; nothing before the first whole state."""
        return None if self._epoch is None else Since(self._epoch, self.cursor)

    @property
    def waiting(self) -> bool:
        """Whether a join is unanswered, or a state not yet whole."""
        return self._joining or bool(self._chunks)

    def joining(self) -> None:
        """A join was sent."""
        self.disconnected()
        self._joining = True

    def disconnected(self) -> None:
        """The connection is gone, and with it the rest of what was under way."""
        self._joining = False
        self._chunks = []
        self._held = []

    def receive(self, message: Message) -> Applied:
        """Take a `state`, `mine`, `patch` or `beat`."""
        match message["t"]:
            case "state":
                return self._state(message)
            case "beat":
                return self._beat(message)
            case "mine" | "patch" as kind:
                if message.get("reset"):
                    # A new answer begins: the server has given up one that it was still sending (S3).
                    self._chunks, self._held = [], []
                if self.waiting:
                    self._held.append(message)
                    return UNCHANGED
                return self._own(message) if kind == "mine" else self._patch(message)
        raise ValueError(f"expected state, mine, patch or beat; got {message['t']!r}")

    def _state(self, message: Message) -> Applied:
        if self._epoch is None and not message.get("reset") and not self._chunks:
            # What is left of an earlier join, when the stream was left and is opened anew: there is nothing yet that it could add to.
            return UNCHANGED
        self._chunks.append(message)
        if message.get("more"):
            return UNCHANGED
        chunks, held = self._chunks, self._held
        self.disconnected()

        reset = any(chunk.get("reset") for chunk in chunks)
        if reset:
            self.shared = {}
        touched: set[str] = set()
        for chunk in chunks:
            touched |= self._apply(self.shared, chunk)
        self._epoch, self._shared_at = message["epoch"], message["seq"]
        self.cursor = self._shared_at if reset else max(self.cursor, self._shared_at)
        self.settled = self.cursor

        join = False
        for later in held:
            applied = self.receive(later)
            touched |= applied.touched or frozenset()
            join |= applied.join
        return Applied(None if reset else frozenset(touched), join)

    def _own(self, message: Message) -> Applied:
        touched: set[str] = set()
        if message.get("reset"):
            touched |= self.mine.keys()
            self.mine = {}
        touched |= self._apply(self.mine, message)
        if not message.get("reset"):
            # One with `reset` goes with a `state`, and the shared records may not have come as far (S12).
            self.cursor = max(self.cursor, message["seq"])
            self.settled = max(self.settled, message["seq"])
        return Applied(frozenset(touched))

    def _patch(self, message: Message) -> Applied:
        if message["from"] > self.cursor:
            return Applied(frozenset(), join=self._epoch is not None)
        if message["seq"] <= self._shared_at:
            # It brings nothing new; and an old put must not resurrect what a later patch deleted (S6).
            return UNCHANGED
        touched = self._apply(self.shared, message)
        self._shared_at = message["seq"]
        self.cursor = max(self.cursor, message["seq"])
        self.settled = max(self.settled, message["from"])
        return Applied(frozenset(touched))

    def _beat(self, message: Message) -> Applied:
        """`at` tells how far my audience is (W6), so that a lost frame is noticed in a quiet room too."""
        if self.waiting:
            return UNCHANGED
        self.settled = self.cursor
        missed = message["at"].get(self.stream, 0) > self.cursor
        return Applied(frozenset(), join=missed and self._epoch is not None)

    def _apply(self, records: dict[str, Record], message: Message) -> set[str]:
        touched: set[str] = set()
        for id in message.get("del", ()):
            if records.pop(id, None) is not None:
                touched.add(id)
        for record in message.get("put", ()):
            if not _is_readable(record):
                self.unreadable += 1
                continue
            id = record["id"]
            known = records.get(id)
            if known is None or known.get("v", 0) <= record.get("v", 0):
                records[id] = record
                touched.add(id)
        return touched


def _is_readable(record: Any) -> bool:
    """A record that a newer server or a fault made unreadable costs itself only, not the room."""
    return (
        isinstance(record, dict)
        and isinstance(record.get("id"), str)
        and ":" in record["id"]
        and isinstance(record.get("v", 0), int)
        and all(isinstance(value, _TYPES[name]) for name, value in record.items() if name in _TYPES)
    )
