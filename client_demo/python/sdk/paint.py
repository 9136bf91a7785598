"""How my own command will probably look once it is done: drawn over the records until the server's word is here (D3), by the table that
every client draws by (D7, `protocol/painting.json`).

It is a drawing, not a decision: what the server refuses disappears again, and its author is told why.
"""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, Protocol

from client_demo.python.sdk.ids import tail_of
from client_demo.python.sdk.outbox import Command
from client_demo.python.sdk.replica import Record
from protocol.text import kept

Row = Mapping[str, Any]

TABLE: Final[Mapping[str, Row | None]] = json.loads((files("protocol") / "painting.json").read_text("utf-8"))

LETTERS: Final = "ABCDEF"

UNNUMBERED: Final = 2**52
"""Behind every message that has a number."""

_NOTHING: Final = object()


class Scene(Protocol):
    """The records under a command: earlier commands included, itself not."""

    room: str
    me: str | None

    def get(self, id: str) -> Record | None: ...
    def zones(self) -> int:
        """How many there are."""
        ...

    def reactions_on(self, on: str) -> str:
        """The id of my reactions on a thing, whether I have any or not."""
        ...


def touches(command: Command, scene: Scene) -> Sequence[str]:
    """Ids that a command draws on. What it frees is not listed: see `freed`."""
    row = TABLE.get(command.cmd)
    if row is None:
        return ()
    found = [id for place in row["on"] if (id := _id_of(place, command, scene)) is not None]
    other = _id_of(row["else"], command, scene) if not found and "else" in row else None
    return found if other is None else [other]


def _id_of(place: str, command: Command, scene: Scene) -> str | None:
    match place:
        case "@room":
            return scene.room
        case "@me":
            return scene.me
        case "@agenda" | "@stage":
            return f"{place[1:]}:of-this-room"
        case "@commitment":
            return None if scene.me is None else f"commitment:{tail_of(scene.me)}"
        case "@reaction":
            return scene.reactions_on(command.args["on"])
        case _:
            return command.args.get(place)


def freed(command: Command) -> tuple[str, str] | None:
    """The id of what a command takes away, and the field that names it in records that stay."""
    row = TABLE.get(command.cmd)
    return (command.args["id"], row["frees"]) if row and "frees" in row else None


def paint(command: Command, id: str, record: Record | None, scene: Scene) -> Record | None:
    """The record `id` with a command drawn over it."""
    row = TABLE.get(command.cmd)
    if row is None:
        return record
    if "make" in row:
        # What is already there is the server's, and truer.
        return record or {**_fields(row["make"], command, scene), **_signed(row, command, scene), "id": id, "v": 0}
    if "put" in row:
        drawn = _fields(row["put"], command, scene)
        return {"v": 0, **(record or {}), **drawn, "id": id} if drawn.get(row.get("needs", ""), True) else None
    if "react" in row:
        return _reacted(row["react"], command, id, record, scene)
    if record is None or "drop" in row:
        return None
    if "edit" in row:
        drawn = _fields({row["edit"]: f"${row['edit']}"} | row.get("set", {}), command, scene)
        changes = any(record.get(name, _NOTHING) != value for name, value in drawn.items())
        return {**record, **drawn, "edited": True} if changes else record
    # Before itself it stays where it is.
    return record if command.args.get("before") == id else {**record, **_fields(row["set"], command, scene)}


def _fields(row: Mapping[str, Any], command: Command, scene: Scene) -> Record:
    cells = {name: value for name, value in row.items() if name != "*"}
    if "*" in row:
        cells = {name: f"${name}" for name in command.args if name not in ("id", *row["*"])} | cells
    drawn = {name: _value(value, command, scene) for name, value in cells.items()}
    return {name: value for name, value in drawn.items() if value is not _NOTHING}


def _value(value: Any, command: Command, scene: Scene) -> Any:
    """What a cell of the table says."""
    match value:
        case [*each]:
            found = (_value(one, command, scene) for one in each)
            return next((one for one in found if one is not _NOTHING), _NOTHING)
        case "@at":
            return command.at
        case "@me":
            return scene.me
        case "@last":
            return UNNUMBERED + command.order
        case "@letter":
            return LETTERS[scene.zones() % len(LETTERS)]
        case "@end":
            return end_rank(command.order)
        case "@before":
            right = scene.get(command.args["before"]) if command.args.get("before") else None
            return end_rank(command.order) if right is None else rank_before(right["rank"], command.order)
        case "@quote":
            source = (scene.get(command.args["source"]) if command.args.get("source") else None) or {}
            return source.get("text", source.get("title", ""))
        case str() if value.startswith("$"):
            given = command.args.get(value[1:], _NOTHING)
            # As the server will keep it (L3), so that nothing moves when the record comes.
            return kept(given) if isinstance(given, str) else given
        case _:
            return value


def _signed(row: Row, command: Command, scene: Scene) -> Record:
    """Whose it is, as those see it who are it: by its step, or under my name."""
    if "by" not in row:
        return {}
    step = command.args.get("step") if row["by"] == "step" else None
    anonymous = step is not None and (scene.get(step) or {}).get("anonymous")
    return {"anonymous": True, "own": True} if anonymous else {"author": scene.me, "at": command.at}


def _reacted(adding: bool, command: Command, id: str, record: Record | None, scene: Scene) -> Record | None:
    on, kind = command.args["on"], command.args["kind"]
    mine = (scene.get(scene.reactions_on(on)) if id == on else record) or {}
    kinds = mine.get("kinds", [])
    if adding == (kind in kinds):
        return record
    if id != on:
        left = [*kinds, kind] if adding else [other for other in kinds if other != kind]
        return {"id": id, "v": (record or {}).get("v", 0), "on": on, "kinds": left} if left else None
    # Between the patch and the `mine` of my own reaction the count already holds it, though my record does not yet.
    if record is None or (command.seq is not None and record.get("v", 0) >= command.seq):
        return record
    counts = record.get("reactions", {})
    return {**record, "reactions": {**counts, kind: max(0, counts.get(kind, 0) + (1 if adding else -1))}}


def end_rank(order: int) -> str:
    """Behind everything, and behind what was put there earlier: the server's ranks are letters and digits, before `~`."""
    return f"~{order:016d}"


def rank_before(right: str, order: int) -> str:
    """Before `right`, behind what was before it, and behind what was put there earlier."""
    return f"{right[:-1]}{chr(ord(right[-1]) - 1)}~~{order:016d}"
