"""The commands of the wire: their names and the shape of their `args` (SPEC.md, C).

A text's length is not part of its type: too long a text is refused by name (`text_too_long`), not as a wrong type.
"""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.records import Id

ReactionKind = Literal["like", "love", "star", "bulb", "question"]
Lang = Literal["fr", "en"]
Letter = Literal["A", "B", "C", "D", "E", "F"]
Role = Literal["host", "guest"]
IdeaId = Annotated[str, Meta(pattern=r"^idea:[A-Za-z0-9_-]{12,64}\Z")]
MessageId = Annotated[str, Meta(pattern=r"^message:[A-Za-z0-9_-]{12,64}\Z")]
ZoneId = Annotated[str, Meta(pattern=r"^zone:[A-Za-z0-9_-]{12,64}\Z")]
MemberId = Annotated[str, Meta(pattern=r"^member:[A-Za-z0-9_-]{12,64}\Z")]


class Command(Struct, frozen=True):
    """What a client asks for."""


class AddIdea(Command, frozen=True):
    id: IdeaId
    text: str
    zone: ZoneId | None = None


class EditIdea(Command, frozen=True):
    id: IdeaId
    text: str


class MoveIdea(Command, frozen=True):
    """To another zone (null: none), before another idea of it, or to its end. Without `zone`: within its own."""

    id: IdeaId
    zone: ZoneId | UnsetType | None = UNSET
    before: IdeaId | None = None


class RemoveIdea(Command, frozen=True):
    id: IdeaId


class RestoreIdea(Command, frozen=True):
    id: IdeaId


class UndoIdea(Command, frozen=True):
    """Undo my own last move or removal, unless someone has changed that idea since."""


class AddZone(Command, frozen=True):
    id: ZoneId
    title: str
    letter: Letter | None = None


class EditZone(Command, frozen=True):
    id: ZoneId
    title: str


class RemoveZone(Command, frozen=True):
    """Its ideas stay, in no zone."""

    id: ZoneId


class SendMessage(Command, frozen=True):
    id: MessageId
    text: str
    reply: MessageId | None = None


class EditMessage(Command, frozen=True):
    id: MessageId
    text: str


class RemoveMessage(Command, frozen=True):
    id: MessageId


class AddReaction(Command, frozen=True):
    on: Id
    kind: ReactionKind


class RemoveReaction(Command, frozen=True):
    on: Id
    kind: ReactionKind


class HidePost(Command, frozen=True):
    on: Id


class ShowPost(Command, frozen=True):
    on: Id


class SetRoom(Command, frozen=True):
    title: str | UnsetType = UNSET
    prompt: str | UnsetType = UNSET
    lang: Lang | UnsetType = UNSET
    writing: bool | UnsetType = UNSET
    door: bool | UnsetType = UNSET


class RenameMe(Command, frozen=True):
    name: str


class SetRole(Command, frozen=True):
    id: MemberId
    role: Role


COMMANDS: Final[dict[str, type[Command]]] = {
    "idea.add": AddIdea,
    "idea.edit": EditIdea,
    "idea.move": MoveIdea,
    "idea.remove": RemoveIdea,
    "idea.restore": RestoreIdea,
    "idea.undo": UndoIdea,
    "zone.add": AddZone,
    "zone.edit": EditZone,
    "zone.remove": RemoveZone,
    "message.send": SendMessage,
    "message.edit": EditMessage,
    "message.remove": RemoveMessage,
    "reaction.add": AddReaction,
    "reaction.remove": RemoveReaction,
    "post.hide": HidePost,
    "post.show": ShowPost,
    "room.set": SetRoom,
    "member.rename": RenameMe,
    "member.role": SetRole,
}


class History(Struct, frozen=True):
    """Messages older than number `before` (null: the newest), newest first."""

    before: Annotated[int, Meta(ge=0, lt=2**53)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Search(Struct, frozen=True):
    """Ideas and messages of the room that hold the words, best first."""

    text: Annotated[str, Meta(min_length=1, max_length=200)]
    offset: Annotated[int, Meta(ge=0, le=10_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


Query = History | Search
QUERIES: Final[dict[str, type[History] | type[Search]]] = {"history": History, "search": Search}
