"""A room made from the records of another: what `render` shows is put back, by what stands beside it and undoes it (SPEC N).

What a file may say is bounded by what commands may say: the same ids, lengths, kinds and numbers. What it cannot hold, because one person
alone had it (dots, answers, reactions by name), is not made up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Final

import msgspec
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import TABLE, Code, Refusal
from protocol.persons import RecordMark
from protocol.records import RECORDS, Id, IdeaRecord, Record, RemarkRecord, StepRecord
from protocol.version import DEPTH
from server.model.kernel import EMPTY, Capability, Context, Event, Restore, State, Touch
from server.workshop.board.standing import DEEPEST
from server.workshop.people.settings import settings
from server.workshop.state.posts import MUTED

ORDER: Final = (
    "room", "wordlist", "member", "breakouts", "breakout", "step", "agenda", "zone", "idea", "remark", "message", "result", "decision", "action",
    "commitment", "pulse", "stage",
)  # fmt: skip
"""Kinds of records that are put back, each behind those that it may name. The others are one person's own, and stay behind."""

MOST: Final = 50_000
"""Records of a file: all that a room holds of what has a limit (SPEC L6) are fewer."""

AT_ONCE: Final = 100
WEIGHT: Final = 32 * 1024
"""Records put back by one command, and bytes that it may weigh unless it is one record: the worker's other work has its turn between two."""


class Import(c.Command, frozen=True):
    """The server's own command: put these records into a room that has just been made. See `planned`.

    Attributes:
        packed: a list of records in msgpack, as `RoomImported` holds them.
    """

    packed: bytes


class RoomImported(Event, frozen=True, gc=False, tag="room.imported"):
    """Records of the wire's version 1 as they were found to be right, by the rules of the day, and as they are put back for good."""

    records: tuple[Annotated[dict[str, Any], RecordMark()], ...] = ()


def planned(file: Sequence[Any], restores: Mapping[str, Restore]) -> Sequence[Import]:
    """Commands that put back what a file holds; all of it has been tried on an empty room by then.

    Args:
        file: records as `GET /api/rooms/{room}/export.json` gives them.

    Raises:
        Refusal: `invalid`, `too_many`, `too_deep`, `not_found`, `text_empty`, `text_too_long` or `text_forbidden`: what is wrong
            with which record.
    """
    if len(file) > MOST:
        raise Refusal(Code.TOO_MANY, f"expected at most {MOST} records; got {len(file)}")
    unfolded = list(islice(_unfolded([each for each in file if _kept(each)]), MOST + 1))
    if len(unfolded) > MOST:
        raise Refusal(Code.TOO_MANY, f"expected at most {MOST} records, those that stand in others among them")
    told = _once(_told(_once(map(_typed, unfolded))))
    ordered = sorted(told.values(), key=lambda record: _place(record, told))
    return list(map(_packed, _batches(_checked(EMPTY, ordered, restores))))


def _batches(records: Iterable[Record]) -> Iterator[Sequence[bytes]]:
    """Records, encoded, by number and weight."""
    batch, weight = list[bytes](), 0
    for record in records:
        raw = msgspec.msgpack.encode(record)
        if batch and (len(batch) == AT_ONCE or weight + len(raw) > WEIGHT):
            yield batch
            batch, weight = [], 0
        batch.append(raw)
        weight += len(raw)
    if batch:
        yield batch


def _packed(batch: Sequence[bytes]) -> Import:
    return Import(msgspec.msgpack.encode([msgspec.Raw(raw) for raw in batch]))


def _once(records: Iterable[Record]) -> dict[str, Record]:
    """By id, in their order.

    Raises:
        Refusal: `invalid`, when there are two of one id.
    """
    found: dict[str, Record] = {}
    for record in records:
        if found.setdefault(record.id, record) is not record:
            raise Refusal(Code.INVALID, f"expected each id once; got {record.id} again")
    return found


def _kind(id: str) -> str:
    return id.partition(":")[0]


def _kept(raw: object) -> bool:
    """Whether it is of a kind that is put back.

    Raises:
        Refusal: `invalid`, when it is no record at all.
    """
    id = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(id, str) or _kind(id) not in RECORDS:
        raise Refusal(Code.INVALID, f"expected a record, with an id of its kind; got {raw!a:.80}")
    return _kind(id) in ORDER


def _typed(raw: dict[str, Any]) -> Record:
    id = raw["id"]
    if not all(map(_is_sound, _texts(raw, DEPTH))):
        raise Refusal(Code.TEXT_FORBIDDEN, f"{id!a:.80}: {TABLE[Code.TEXT_FORBIDDEN].text}")
    try:
        record = msgspec.convert(raw, RECORDS[_kind(id)])
        msgspec.convert(record.id, Id)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, f"{id:.80}: {error}") from None
    return record


def _texts(value: object, depth: int) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict() | list() if not depth:
            raise Refusal(Code.TOO_DEEP)
        case dict():
            for key, inner in value.items():
                yield from _texts(key, depth - 1)
                yield from _texts(inner, depth - 1)
        case list():
            for inner in value:
                yield from _texts(inner, depth - 1)


def _is_sound(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text))


class _Part(msgspec.Struct):
    """What files held in `merged` of an idea, before what was merged into another was a record of its own."""

    id: c.IdeaId
    text: str
    author: str | None = None


def _unfolded(file: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """With a record for each part that an older file has only in the idea into which it was merged.

    Raises:
        Refusal: `invalid`.
    """
    known = {record["id"] for record in file}
    for record in file:
        yield record
        if _kind(record["id"]) == "idea" and record.get("merged"):
            try:
                parts = msgspec.convert(record["merged"], list[_Part])
            except msgspec.ValidationError as error:
                raise Refusal(Code.INVALID, f"{record['id']:.80}: merged: {error}") from None
            same: dict[str, Any] = {
                name: record[name] for name in ("rank", "zone", "at", "step", "anonymous") if name in record
            }
            for part in parts:
                if part.id not in known:
                    yield {**same, "id": part.id, "text": part.text, "author": part.author, "into": record["id"]}


def _told(known: Mapping[str, Record]) -> Iterator[Record]:
    """What everybody, or every host, could see."""
    for record in known.values():
        if isinstance(record, IdeaRecord | RemarkRecord) and record.own:
            step = known.get(record.step or "")
            if not isinstance(step, StepRecord) or (step.blind == "nobody" and not step.revealed):
                continue  # without a name it would be nobody's, and nobody would read it
            record = replace(record, own=False)
        if isinstance(record, IdeaRecord) and record.into not in known:
            record = replace(record, into=None)
        yield record


def _place(record: Record, known: Mapping[str, Record]) -> tuple[int, int, int, str]:
    """Behind what it may name: kinds in their order, ideas behind what they were merged into, the rest as time had it.

    Raises:
        Refusal: `invalid`, when ideas are merged deeper than in any room, or in a circle.
    """
    deep, above = 0, record
    while isinstance(above, IdeaRecord) and above.into is not None and above.into in known:
        deep, above = deep + 1, known[above.into]
        if deep > DEEPEST:
            raise Refusal(
                Code.INVALID, f"{record.id}: expected ideas merged {DEEPEST} deep at most, and never in a circle"
            )
    return ORDER.index(_kind(record.id)), deep, getattr(record, "at", None) or 0, record.id


def _checked(state: State, records: Iterable[Record], restores: Mapping[str, Restore]) -> Iterator[Record]:
    """The records as they are kept, each by the state in which those before it are put back already.

    Raises:
        Refusal: which record is wrong, and in what.
    """
    for record in records:
        restore = restores[_kind(record.id)]
        try:
            kept = restore.check(state, record)
        except Refusal as refusal:
            raise Refusal(refusal.code, f"{record.id}: {refusal.text}") from None
        yield kept
        state = restore.put_back(state, kept)


def _read(raw: Mapping[str, Any]) -> Record:
    return msgspec.convert(raw, RECORDS[_kind(raw["id"])])


def importing(restores: Callable[[], Mapping[str, Restore]]) -> Capability:
    """The capability that joins what all others say of putting back.

    Args:
        restores: by kind of record; asked for late, for it is gathered from all capabilities, this one among them.
    """

    def _import(state: State, command: Import, context: Context) -> Sequence[Event]:
        records = map(_read, msgspec.msgpack.decode(command.packed))
        return [RoomImported(tuple(map(msgspec.to_builtins, _checked(state, records, restores()))))]

    def _imported(state: State, event: RoomImported) -> State:
        for raw in event.records:
            record = _read(raw)
            state = restores()[_kind(record.id)].put_back(state, record)
        return state

    def _touch(before: State, after: State, event: RoomImported) -> Sequence[Touch]:
        return [touch for raw in event.records for touch in _touched(after, raw)]

    return Capability(decide={Import: _import}, events={RoomImported: (_imported, _touch)})


def _touched(after: State, raw: Mapping[str, Any]) -> Iterator[Touch]:
    """A record, with its author as an owner of a view of his own; and the step that counts it."""
    id, author = raw["id"], raw.get("author")
    yield Touch(settings(after).room if _kind(id) == "room" else id, (author,) if author else ())
    if raw.get("step"):
        yield Touch(raw["step"])
    if raw.get("muted"):
        yield Touch(MUTED)
