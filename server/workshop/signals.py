"""What is said and not kept: `relay` is to signals what `render` is to entities (SPEC P2, P3)."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from protocol.errors import Code, Refusal
from protocol.messages import Relayed
from protocol.records import Id
from server.model.kernel import PUBLIC, Actor, State, not_found
from server.model.model import Relay
from server.workshop.board.zones import Zone
from server.workshop.state import posts
from server.workshop.state.posts import Post, muted
from server.workshop.state.remarks import Remark
from server.workshop.state.steps import Step, current

Share = Annotated[float, Meta(ge=0, le=1)]


class Cursor(Struct, frozen=True):
    x: Share
    y: Share


class Typing(Struct, frozen=True):
    on: Id | None = None


class Hand(Struct, frozen=True):
    up: bool


class Burst(Struct, frozen=True):
    kind: Literal["like", "love", "star", "bulb", "question"]


KINDS: Final[dict[str, type[Struct]]] = {"cursor": Cursor, "typing": Typing, "hand": Hand, "burst": Burst}


_TELLING: Final = frozenset({"cursor", "typing"})
"""What would tell who writes, and where."""


def _is_discreet(state: State) -> bool:
    step = current(state)
    return step is not None and (step.anonymous or step.reader != "open")


def _is_there(state: State, on: str) -> bool:
    """Whether everyone sees a thing of this id: no id is a word of one's own."""
    thing = state.get(on)
    if isinstance(thing, Remark):
        return False
    return posts.sees(thing, PUBLIC) if isinstance(thing, Post) else isinstance(thing, Step | Zone)


def relay(state: State, actor: Actor, kind: str, fields: dict[str, Any]) -> Relay:
    """
    Raises:
        Refusal: `invalid`; `not_found`, for what not everyone sees.
    """
    shape = KINDS.get(kind)
    if shape is None:
        raise Refusal(Code.INVALID, f"expected a signal of kind {', '.join(KINDS)}; got {kind[:40]!r}")
    try:
        sound = msgspec.to_builtins(msgspec.convert(fields, shape))
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None
    if (on := sound.get("on")) is not None and not _is_there(state, on):
        raise not_found(on)
    # Who is muted in a step without names is heard under his own, as everyone: else it would show who he is.
    is_muted = actor.role != "host" and actor.id in muted(state)
    if is_muted or (kind in _TELLING and _is_discreet(state)):
        return Relay(None, None)
    return Relay(Relayed(kind, sound, actor.id), Relayed(kind, sound) if kind == "burst" else None)
