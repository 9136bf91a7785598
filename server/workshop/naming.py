"""What a command holds, by the types of its fields: the ids of things (SPEC I3), and texts (SPEC M2)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import inspect

from protocol import commands as c

MAKES: Final[frozenset[type[c.Command]]] = frozenset(
    {c.AddIdea, c.AddZone, c.SendMessage, c.AddStep, c.AddDecision, c.AddRemark, c.AddAction, c.AskPulse}
)
"""Their `id` is a new thing's."""

_COMPARES: Final = frozenset({(c.GoToStep, "leaving"), (c.RemoveMember, "ids")})
"""Fields that name what was, to be compared with what is: it may be gone."""


def _is_id(kind: inspect.Type) -> bool:
    match kind:
        case inspect.StrType(pattern=str() as pattern):
            return ":[A-Za-z0-9_-]" in pattern
        case inspect.UnionType(types=types):
            return any(map(_is_id, types))
        case inspect.ListType(item_type=item):
            return _is_id(item)
        case _:
            return False


def _is_text(kind: inspect.Type) -> bool:
    match kind:
        case inspect.StrType(pattern=None):
            return True
        case inspect.UnionType(types=types):
            return any(map(_is_text, types))
        case _:
            return False


def _fields(command: type[c.Command], of: Callable[[inspect.Type], bool]) -> tuple[str, ...]:
    shape = inspect.type_info(command)
    assert isinstance(shape, inspect.StructType)
    return tuple(field.name for field in shape.fields if of(field.type))


def _named(command: type[c.Command]) -> tuple[str, ...]:
    ids = _fields(command, _is_id)
    return tuple(id for id in ids if (command, id) not in _COMPARES and not (id == "id" and command in MAKES))


FIELDS: Final[Mapping[type[c.Command], Sequence[str]]] = {command: _named(command) for command in c.COMMANDS.values()}
"""By command, the fields that hold ids of things which are there already."""

_TEXTS: Final = {command: _fields(command, _is_text) for command in c.COMMANDS.values()}


def named(command: c.Command) -> Iterator[str]:
    """The ids of what must be there; the server's own commands name nothing."""
    for field in FIELDS.get(type(command), ()):
        match getattr(command, field):
            case str() as id if id:
                yield id
            case list() as ids:
                yield from ids


def brings_text(command: c.Command) -> bool:
    """Whether others would read what its actor typed: not what he keeps to himself, nor a text taken back."""
    if isinstance(command, c.WriteCommitment) and not command.shared:
        return False
    values = (getattr(command, field) for field in _TEXTS.get(type(command), ()))
    return any(isinstance(value, str) and value for value in values)
