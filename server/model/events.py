"""Events as bytes, in numbered formats. Old ones are lifted on reading; a newer one stops us (DESIGN, Upgrades)."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgpack
import msgspec

from protocol.text import kept
from server.model.kernel import Event
from server.model.restoring import LATEST

FORMAT: Final = 4
"""What this release writes. A release reads a format one release before any writes it."""

Raw = dict[str, Any]

_TEXTS: Final = ("text", "name", "title", "question")
_TIMES: Final = ("at", "since", "closed", "ends", "left")


class NewerFormat(Exception):
    """A commit of a release newer than this one: stop deciding and rendering its stream.

    Attributes:
        format: the number met.
    """

    def __init__(self, format: int) -> None:
        super().__init__(
            f"expected format {FORMAT} or older; got {format}: a newer release writes this room, upgrade this one"
        )
        self.format = format


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


_LIFTS: Final[dict[int, Callable[[Raw], Raw]]] = {1: _from_1, 2: _from_2, 3: _from_3}


class EventCodec:
    """Bytes of one closed set of event types.

    Args:
        types: every event there is.
    """

    def __init__(self, types: Sequence[type[Event]]) -> None:
        union: Any = types[0]
        for kind in types[1:]:
            union |= kind
        self._type = list[union]
        self._decoder = msgspec.msgpack.Decoder(self._type)
        self._encoder = msgspec.msgpack.Encoder()

    def encode(self, events: Sequence[Event]) -> bytes:
        return self._encoder.encode(events)

    def decode(self, format: int, raw: bytes) -> list[Event]:
        """
        Raises:
            NewerFormat: written by a newer release.
        """
        if format == FORMAT:
            return self._decoder.decode(raw)
        if format > FORMAT:
            raise NewerFormat(format)
        events: list[Raw] = msgpack.unpackb(raw)
        for lift in range(format, FORMAT):
            events = [_LIFTS[lift](event) for event in events]
        lifted: list[Event] = msgspec.convert(events, self._type)
        return lifted
