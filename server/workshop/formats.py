"""What older releases called things: events and records of then, lifted to how they are written now (DESIGN, Upgrades)."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from protocol.text import kept
from server.model.restoring import LATEST

Raw = dict[str, Any]

_TEXTS: Final = ("text", "name", "title", "question")
_TIMES: Final = ("at", "since", "closed", "ends", "left")


def _from_1(event: Raw) -> Raw:
    """Format 1 named whoever acted `member` in every event; format 2 says `by`."""
    if "member" in event:
        event["by"] = event.pop("member")
    return event


def _from_2(event: Raw) -> Raw:
    """Format 3 knows steps; what format 2 wrote was in none."""
    return event


def _from_3(event: Raw) -> Raw:
    """Until format 3 a day could be written in the digits of any script, an imported record say any time, and a text show nothing;
    format 4 takes none of it."""
    if event["e"] == "room.imported":
        return event | {"records": [_plain(record) for record in event["records"]]}
    return _plain(event)


def _plain(told: Raw) -> Raw:
    changed: Raw = {}
    if isinstance(told.get("due"), str):
        changed["due"] = "".join(str(unicodedata.decimal(sign, sign)) for sign in told["due"])
    for name in _TEXTS:
        if isinstance(text := told.get(name), str) and text and not kept(text):
            changed[name] = "…"
    changed |= {name: LATEST for name in _TIMES if isinstance(told.get(name), int) and told[name] > LATEST}
    return told | changed


_TAGS_OF_4: Final = {
    "circles.drawn": "breakouts.drawn",
    "circle.taken": "breakout.taken",
    "circles.ended": "breakouts.ended",
    "member.table": "member.weight",
}
_FIELDS_OF_4: Final = {"circle": "breakout", "circles": "breakouts", "tables": "unconfirmed"}


def _from_4(event: Raw) -> Raw:
    """Until format 4 small tables were circles, a weight a table's size, and a participant a guest."""
    if event["e"] == "room.imported":
        return event | {"records": [record_of_1(record) for record in event["records"]]}
    named = {"size": "weight"} if event["e"] == "member.table" else _FIELDS_OF_4
    return _renamed(event, named) | {"e": _TAGS_OF_4.get(event["e"], event["e"])}


def record_of_1(record: Raw) -> Raw:
    """A record of the wire as files of version 1 hold it; what is no such record is left as it is."""
    kind = str(record.get("id", "")).partition(":")[0]
    match kind:
        case "circles":
            return record | {"id": record["id"].replace("circles:", "breakouts:", 1)}
        case "member":
            return _renamed(record, _FIELDS_OF_4 | {"table": "weight"})
        case "room" | "idea":
            return _renamed(record, _FIELDS_OF_4)
    return record


def _renamed(told: Raw, names: Mapping[str, str]) -> Raw:
    now = {names.get(name, name): value for name, value in told.items()}
    return now | {"role": "participant"} if now.get("role") == "guest" else now


def _from_5(event: Raw) -> Raw:
    """Format 6 knows remarks; format 5 wrote none."""
    return event


def _from_6(event: Raw) -> Raw:
    """Format 7 knows what small tables talk about, in rounds with a number, cards that everyone sorts, and hosts' list of words; format 6 told of
    none."""
    return event


LIFTS: Final[dict[int, Callable[[Raw], Raw]]] = {1: _from_1, 2: _from_2, 3: _from_3, 4: _from_4, 5: _from_5, 6: _from_6}
"""By format, what makes an event of it one of the next."""
