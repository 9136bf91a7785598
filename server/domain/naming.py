"""Which things a command names: they must exist in its actor's eyes before anything else is asked (SPEC I3)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import inspect

from protocol import commands as c

MAKES: Final[frozenset[type[c.Command]]] = frozenset(
    {c.AddIdea, c.AddZone, c.SendMessage, c.AddStep, c.AddDecision, c.AddAction, c.AskPulse}
)
"""Their `id` is a new thing's."""

_COMPARES: Final = frozenset({(c.GoToStep, "leaving")})
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


def _fields(command: type[c.Command]) -> tuple[str, ...]:
    shape = inspect.type_info(command)
    assert isinstance(shape, inspect.StructType)
    named = (field.name for field in shape.fields if _is_id(field.type))
    return tuple(n for n in named if (command, n) not in _COMPARES and not (n == "id" and command in MAKES))


FIELDS: Final[Mapping[type[c.Command], Sequence[str]]] = {command: _fields(command) for command in c.COMMANDS.values()}
"""By command, the fields that hold ids of things which are there already."""


def named(command: c.Command) -> Iterator[str]:
    """The ids of what must be there; the server's own commands name nothing."""
    for field in FIELDS.get(type(command), ()):
        match getattr(command, field):
            case str() as id:
                yield id
            case list() as ids:
                yield from ids
