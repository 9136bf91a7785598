"""What a room looks like to me: the replica's records with my unacknowledged commands drawn over them, one after the other."""

from collections.abc import Iterable
from typing import Any

from client_demo.python.sdk.ids import kind_of
from client_demo.python.sdk.outbox import Command
from client_demo.python.sdk.paint import freed, paint, touches
from client_demo.python.sdk.replica import Record, Replica


class View:
    """
    Args:
        commands: the unacknowledged ones, in the order given; looked at again after each `stir`.

    Attributes:
        me: my member id, once it is known.
    """

    def __init__(self, replica: Replica, commands: Iterable[Command]) -> None:
        self.me: str | None = None
        self._replica = replica
        self._commands = commands
        self._drawn: dict[str, Record | None] | None = None

    def stir(self) -> None:
        """Records or commands have changed."""
        self._drawn = None

    def get(self, id: str) -> Record | None:
        """The record as it is shown now."""
        drawn = self.drawn
        return drawn[id] if id in drawn else self._replica.get(id)

    def all(self, kind: str) -> list[Record]:
        """All records of a kind, as they are shown now and in their order (R2)."""
        shown: dict[str, Record | None] = {**self._replica.shared, **self._replica.mine, **self.drawn}
        return ordered(record for record in shown.values() if record is not None and kind_of(record["id"]) == kind)

    @property
    def drawn(self) -> dict[str, Record | None]:
        """What looks different for my commands, by id; None is not shown."""
        if self._drawn is None:
            scene = _Scene(self._replica, self.me)
            for command in self._commands:
                scene.draw(command)
            self._drawn = scene.drawn
        return self._drawn


class _Scene:
    """The records under a command, while one after the other is drawn."""

    def __init__(self, replica: Replica, me: str | None) -> None:
        self.room = replica.stream
        self.me = me
        self.drawn: dict[str, Record | None] = {}
        self._replica = replica

    def get(self, id: str) -> Record | None:
        return self.drawn[id] if id in self.drawn else self._replica.get(id)

    def draw(self, command: Command) -> None:
        # All of them before any is put down: two that belong together are drawn over the same picture.
        self.drawn |= {id: paint(command, id, self.get(id), self) for id in touches(command, self)}
        gone = freed(command)
        if gone is not None:
            taken, field = gone
            for id in [*(record["id"] for record in self._replica), *self.drawn]:
                record = self.get(id)
                if record is not None and record.get(field) == taken:
                    self.drawn[id] = {**record, field: None}

    def zones(self) -> int:
        ids = self._replica.shared.keys() | self.drawn.keys()
        return sum(kind_of(id) == "zone" and self.get(id) is not None for id in ids)

    def reactions_on(self, on: str) -> str:
        """The server names the record of my reactions; one that is only drawn yet has a name of our own."""
        for record in self._replica.mine.values():
            if record.get("on") == on and kind_of(record["id"]) == "reaction":
                id: str = record["id"]
                return id
        return f"reaction:{on.replace(':', '-')}"


def ordered(records: Iterable[Record]) -> list[Record]:
    """Records of one kind, in their order (R2): ideas and zones by rank, messages by number, all else by id."""
    return sorted(records, key=_place)


def _place(record: Record) -> tuple[Any, ...]:
    return record.get("rank", ""), record.get("n", 0), record["id"]
