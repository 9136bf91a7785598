"""Events as bytes, in numbered formats. Old ones are lifted on reading; a newer one stops us (DESIGN, Upgrades)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgpack
import msgspec

from server.model.kernel import Event

FORMAT: Final = 7
"""What this release writes. A release reads a format one release before any writes it."""

Raw = dict[str, Any]


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


class EventCodec:
    """Bytes of one closed set of event types.

    Args:
        types: every event there is.
        lifts: by format, what makes an event of it one of the next.
    """

    def __init__(self, types: Sequence[type[Event]], lifts: Mapping[int, Callable[[Raw], Raw]]) -> None:
        self._lifts = lifts
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
            msgspec.MsgspecError: damaged, in whatever format.
        """
        if format == FORMAT:
            return self._decoder.decode(raw)
        if format > FORMAT:
            raise NewerFormat(format)
        try:
            events: list[Raw] = msgpack.unpackb(raw)
            for lift in range(format, FORMAT):
                events = [self._lifts[lift](event) for event in events]
            lifted: list[Event] = msgspec.convert(events, self._type)
        except msgspec.MsgspecError:
            raise
        except Exception as error:  # whatever its bytes bring about, in what unpacks or lifts them
            raise msgspec.DecodeError(f"of format {format}: {type(error).__name__}: {error}") from error
        return lifted
