"""The messages of the wire, one struct each, told apart by `t` (SPEC.md, W).

Times are milliseconds since 1970-01-01 UTC; seqs count commits of a room and stay below 2**53.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from protocol.records import Record

Token = Annotated[str, Meta(max_length=4096)]
RequestId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
StreamId = Annotated[str, Meta(max_length=80)]
Name = Annotated[str, Meta(max_length=64)]
Seq = Annotated[int, Meta(ge=0, lt=2**53)]


class Since(Struct, frozen=True):
    """How far a client's records reach: the cursor of its last `patch`, `mine` or `state`."""

    epoch: Annotated[str, Meta(max_length=64)]
    seq: Seq


# Client to server.


class Hello(Struct, frozen=True, tag_field="t", tag="hello"):
    token: Token
    client: Annotated[str, Meta(max_length=120)] = ""


class Join(Struct, frozen=True, tag_field="t", tag="join"):
    stream: StreamId
    since: Since | None = None
    as_: Literal["screen"] | None = field(default=None, name="as")


class Leave(Struct, frozen=True, tag_field="t", tag="leave"):
    stream: StreamId


class Do(Struct, frozen=True, tag_field="t", tag="do"):
    """A command. `id` is the client's and stays the same over retries; `again`: it may have been sent before (SPEC D6)."""

    id: RequestId
    stream: StreamId
    cmd: Name
    args: dict[str, Any] = {}
    again: bool | UnsetType = UNSET


class Signal(Struct, frozen=True, tag_field="t", tag="signal"):
    stream: StreamId
    kind: Name
    data: dict[str, Any] = {}


class Ask(Struct, frozen=True, tag_field="t", tag="ask"):
    id: RequestId
    stream: StreamId
    query: Name
    args: dict[str, Any] = {}


class Refresh(Struct, frozen=True, tag_field="t", tag="refresh"):
    token: Token


class Watch(Struct, frozen=True, tag_field="t", tag="watch"):
    """From now on I want to hear of these streams, and of what concerns me, without following them."""

    id: RequestId
    streams: Annotated[list[StreamId], Meta(max_length=100)]


class Seen(Struct, frozen=True, tag_field="t", tag="seen"):
    """I have read all up to number `n` of what stands one after the other in this stream; `back`: and no more, though I had."""

    stream: StreamId
    n: Seq
    back: bool = False


class Ping(Struct, frozen=True, tag_field="t", tag="beat"):
    """Is anybody there? Answered by a `beat`."""


ClientMessage = Hello | Join | Leave | Do | Signal | Ask | Refresh | Watch | Seen | Ping
CLIENT_TYPES: dict[str, type[ClientMessage]] = {
    "hello": Hello,
    "join": Join,
    "leave": Leave,
    "do": Do,
    "signal": Signal,
    "ask": Ask,
    "refresh": Refresh,
    "watch": Watch,
    "seen": Seen,
    "beat": Ping,
}


# Server to client.


class Me(Struct, frozen=True):
    """Whom the token names; what they are called and may do is said by each stream."""

    id: str


class Welcome(Struct, frozen=True, tag_field="t", tag="welcome"):
    session: str
    me: Me
    now: int
    beat: int
    """Milliseconds between two `beat`s at most."""
    limits: dict[str, int]


class State(Struct, frozen=True, tag_field="t", tag="state", omit_defaults=True):
    """A snapshot (`reset`) or a catch-up of the shared records, perhaps in chunks (`more` on all but the last)."""

    stream: str
    epoch: str
    seq: int
    put: Sequence[Record] = ()
    del_: Sequence[str] = field(default=(), name="del")
    reset: bool = False
    more: bool = False


class Mine(Struct, frozen=True, tag_field="t", tag="mine", omit_defaults=True):
    stream: str
    seq: int
    put: Sequence[Record] = ()
    del_: Sequence[str] = field(default=(), name="del")
    reset: bool = False


class Patch(Struct, frozen=True, tag_field="t", tag="patch", omit_defaults=True):
    stream: str
    seq: int
    from_: int = field(name="from")
    put: Sequence[Record] = ()
    del_: Sequence[str] = field(default=(), name="del")


class Done(Struct, frozen=True, tag_field="t", tag="done"):
    id: str
    seq: int


class Refused(Struct, frozen=True, tag_field="t", tag="refused"):
    """`id` is empty where the refused message had none."""

    id: str
    code: str
    text: str
    retry: bool


class Person(Struct, frozen=True):
    """Someone present. `id` is a member's."""

    id: str


class People(Struct, frozen=True, tag_field="t", tag="people", omit_defaults=True):
    stream: str
    count: int
    put: Sequence[Person] = ()
    del_: Sequence[str] = field(default=(), name="del")
    reset: bool = False


class Relayed(Struct, frozen=True, omit_defaults=True):
    """One signal as others receive it; `by` is a member's id or absent."""

    kind: str
    data: dict[str, Any]
    by: str | None = None


class Signals(Struct, frozen=True, tag_field="t", tag="signals"):
    stream: str
    list: Sequence[Relayed]


Item = Annotated[Any, Meta(title="Record")]
"""A record, as it is stored, or another open map with an id."""


class Answer(Struct, frozen=True, tag_field="t", tag="answer", omit_defaults=True):
    id: str
    items: Sequence[Item]
    more: bool = False


class Watching(Struct, frozen=True, tag_field="t", tag="watching"):
    """The answer to a `watch`: those of its streams that I may hear of."""

    id: str
    streams: Sequence[str]


class News(Struct, frozen=True, tag_field="t", tag="news", omit_defaults=True):
    """There is something new, and something that concerns me, in these streams; and up to where I have read those, on whatever device."""

    streams: Sequence[str] = ()
    concerns: Sequence[str] = ()
    seen: dict[str, int] = {}


class Beat(Struct, frozen=True, tag_field="t", tag="beat"):
    now: int
    at: dict[str, int]


class Window(Struct, frozen=True):
    """Reconnect after a random time between these, in milliseconds."""

    min: int
    max: int


class Bye(Struct, frozen=True, tag_field="t", tag="bye"):
    code: str
    text: str
    reconnect: Window | None


ServerMessage = (
    Welcome | State | Mine | Patch | Done | Refused | People | Signals | Answer | Watching | News | Beat | Bye
)
