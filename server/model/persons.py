"""Where persons stand in events, entities and records, as the types of their fields say it; and what is left when one is erased (SPEC O).

One declaration, in the fields themselves: whoever is erased goes from everything that it names, and what it does not name is refused by
`check_declared` before anything of it is written.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Set
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from protocol.persons import EACH_HAS_ONE, PERSON, IdMark, ImageOf, Mark, NameOf, RecordMark, TextOf, WordsMark
from protocol.records import RECORDS
from server.model.kernel import tail

S = TypeVar("S", bound=Struct)

Change = Callable[[Mark, str, Struct], str]
"""What becomes of a string of a struct; "": nothing is left of it."""

_OF_PERSONS: Final = (PERSON, *EACH_HAS_ONE)

_Mapped = Callable[[Any, Struct, Change], Any]
"""A value of a struct with its strings changed; the value itself where none is."""


class Erasure(NamedTuple):
    """One person who leaves one stream.

    Attributes:
        fresh: the id under which what they did stands from now on: nobody's.
        removes: the texts under their name go; else they stay, unsigned.
        theirs: ids of what they wrote under their name (`written`), in all of the stream.
    """

    person: str
    fresh: str
    removes: bool
    theirs: frozenset[str]

    def of(self, thing: S) -> S:
        """An event, an entity or a record as it is to stand; itself where it has nothing of this person."""
        return _mapped(thing, self._change)

    def _change(self, mark: Mark, value: str, holder: Struct) -> str:
        match mark:
            case IdMark():
                return self._renamed(value)
            case NameOf(whose=whose) if getattr(holder, whose) in things_of(self.person):
                return ""
            case TextOf() | ImageOf() if self.takes(mark, holder):
                return ""
            case _:
                return value

    def takes(self, mark: TextOf | ImageOf, holder: Struct) -> bool:
        """Whether what is marked so goes."""
        return self.removes and self._is_theirs(getattr(holder, mark.whose), getattr(holder, "id", None))

    def _renamed(self, id: str) -> str:
        for kind in _OF_PERSONS:
            if id == kind + tail(self.person):
                return kind + tail(self.fresh)
        return id

    def _is_theirs(self, whose: str | None, itself: str | None) -> bool:
        """What names nobody may be theirs still: a step that is anonymous by now hides the author of what was written before."""
        return whose == self.person or whose in self.theirs or itself in self.theirs


def things_of(person: str) -> tuple[str, ...]:
    """A person's id, and those of the things of which each person has one."""
    return tuple(kind + tail(person) for kind in _OF_PERSONS)


def named(thing: Struct) -> Set[str]:
    """Ids of the persons whom an event, an entity or a record names."""
    found = set[str]()

    def look(mark: Mark, value: str, holder: Struct) -> str:
        if isinstance(mark, IdMark) and value.startswith(PERSON):
            found.add(value)
        return value

    _mapped(thing, look)
    return found


def appearing(events: Iterable[Struct], known: Container[str]) -> tuple[str, ...]:
    """Ids of the persons whom these name, or a thing that each has one of, and who are not among those that are known."""
    found = set[str]()
    for event in events:
        ids, has_more = _ids(type(event))
        for field in ids:
            id = getattr(event, field)
            if id is not None and id.startswith(_OF_PERSONS) and id not in known:
                found.add(PERSON + tail(id))
        if has_more:
            found |= {PERSON + tail(id) for id in things(event) if id.startswith(_OF_PERSONS)}
    return tuple(sorted(id for id in found if id not in known)) if found else ()


def things(thing: Struct) -> Set[str]:
    """All ids in an event, an entity or a record."""
    found = set[str]()

    def look(mark: Mark, value: str, holder: Struct) -> str:
        if isinstance(mark, IdMark):
            found.add(value)
        return value

    _mapped(thing, look)
    return found


def images(thing: Struct, erasure: Erasure) -> Set[str]:
    """Ids of the images that go with the texts of whoever is erased."""
    found = set[str]()

    def look(mark: Mark, value: str, holder: Struct) -> str:
        if isinstance(mark, ImageOf) and value and erasure.takes(mark, holder):
            found.add(value)
        return value

    _mapped(thing, look)
    return found


def written(thing: Struct, person: str) -> Set[str]:
    """Ids of what somebody wrote under their name, as far as an event, an entity or a record tells; theirs for what has none of its own."""
    found = set[str]()

    def look(mark: Mark, value: str, holder: Struct) -> str:
        if isinstance(mark, TextOf) and getattr(holder, mark.whose) == person:
            found.add(getattr(holder, "id", person))
        return value

    _mapped(thing, look)
    return found


def check_declared(kinds: Iterable[type[Struct]]) -> None:
    """
    Raises:
        TypeError: a string of one of them does not say what it says of people; names it.
    """
    for kind in kinds:
        for field, hint in _hints(kind).items():
            _shape(hint, f"{kind.__name__}.{field}", strict=True)
        for mark in _marks(kind):
            if isinstance(mark, (NameOf, TextOf, ImageOf)) and mark.whose not in kind.__struct_fields__:
                raise TypeError(
                    f"expected {kind.__name__} to have a field {mark.whose}, of which {mark} says whose it is"
                )


def _mapped(thing: S, change: Change) -> S:
    changed: dict[str, Any] = {}
    for field, mapped in _fields(type(thing)).items():
        before = getattr(thing, field)
        if before is not None:
            after = mapped(before, thing, change)
            if after is not before:
                changed[field] = after
    return msgspec.structs.replace(thing, **changed) if changed else thing


@cache
def _fields(kind: type[Struct]) -> Mapping[str, _Mapped]:
    """Those of its fields in which something may stand of a person."""
    shapes = {field: _shape(hint, f"{kind.__name__}.{field}") for field, hint in _hints(kind).items()}
    return {field: shape for field, shape in shapes.items() if shape is not None}


@cache
def _ids(kind: type[Struct]) -> tuple[tuple[str, ...], bool]:
    """Those of its fields that are an id, or none; and whether ids may stand deeper in others. Every event of every commit is asked for them."""
    ids, has_more = list[str](), False
    for field in _fields(kind):
        hint = _hints(kind)[field]
        alone = [
            each
            for each in (get_args(hint) if get_origin(hint) in (Union, UnionType) else [hint])
            if each is not NoneType
        ]
        marks = [mark for each in alone for mark in getattr(each, "__metadata__", ()) if isinstance(mark, Mark)]
        if len(marks) == len(alone) and all(isinstance(mark, IdMark) for mark in marks):
            ids.append(field)
        elif len(marks) != len(alone) or not all(isinstance(mark, (NameOf, TextOf, ImageOf)) for mark in marks):
            has_more = True
    return tuple(ids), has_more


def _hints(kind: type[Struct]) -> Mapping[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {field: hints[field] for field in kind.__struct_fields__}


def _marks(kind: type[Struct]) -> Iterable[Mark]:
    def found(hint: Any) -> Iterable[Mark]:
        yield from (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Mark))
        for inner in get_args(hint):
            yield from found(inner)

    return [mark for hint in _hints(kind).values() for mark in found(hint)]


_PLAIN: Final = (int, bool, float, bytes, NoneType)


def _shape(hint: Any, where: str, *, strict: bool = False) -> _Mapped | None:
    """How values of a type are changed; None where nothing in them is a person's.

    Args:
        strict: each string must say what it is.

    Raises:
        TypeError: it does not, or the type is of no kind known here.
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        marks = [each for each in hint.__metadata__ if isinstance(each, Mark)]
        return _marked(marks[0]) if marks else _shape(args[0], where, strict=strict)
    if origin is Literal or hint in _PLAIN:
        return None
    if origin in (Union, UnionType):
        return _either(args, where, strict)
    if origin in (tuple, list):
        return _items(origin, args, where, strict)
    if origin is dict:
        return _pairs(_shape(args[0], where, strict=strict), _shape(args[1], where, strict=strict))
    if isinstance(hint, type) and issubclass(hint, Struct):
        if strict:
            check_declared([hint])
        return (lambda value, _, change: _mapped(value, change)) if _fields(hint) else None
    if strict or hint is not str:
        raise TypeError(f"expected {where} to say in its type what it says of people (protocol/persons.py); got {hint}")
    return None


def _marked(mark: Mark) -> _Mapped | None:
    match mark:
        case WordsMark():
            return None
        case RecordMark():
            return lambda value, _, change: _record(value, change)
        case _:

            def changed(value: Any, holder: Struct, change: Change) -> Any:
                after = change(mark, value, holder) if isinstance(value, str) else value
                return value if after == value else after

            return changed


def _record(raw: Mapping[str, Any], change: Change) -> Mapping[str, Any]:
    record = msgspec.convert(raw, RECORDS[raw["id"].partition(":")[0]])
    after = _mapped(record, change)
    return raw if after is record else msgspec.to_builtins(after)


def _either(args: tuple[Any, ...], where: str, strict: bool) -> _Mapped | None:
    """One of several types, of which one at most has something of a person. Where it may be absent, nothing is left as None."""
    shapes = [shape for each in args if (shape := _shape(each, where, strict=strict)) is not None]
    if not shapes:
        return None
    (mapped,) = shapes
    is_optional = NoneType in args

    def changed(value: Any, holder: Struct, change: Change) -> Any:
        after = value if value is None else mapped(value, holder, change)
        return None if is_optional and after == "" != value else after

    return changed


def _items(origin: type[Any], args: tuple[Any, ...], where: str, strict: bool) -> _Mapped | None:
    each = [None if arg is Ellipsis else _shape(arg, where, strict=strict) for arg in args]
    if not any(each):
        return None
    is_long = origin is list or args[-1] is Ellipsis

    def changed(value: Any, holder: Struct, change: Change) -> Any:
        shapes = [each[0]] * len(value) if is_long else each
        after = [
            item if shape is None else shape(item, holder, change) for item, shape in zip(value, shapes, strict=True)
        ]
        return value if all(map(_is, after, value)) else origin(after)

    return changed


def _pairs(key: _Mapped | None, item: _Mapped | None) -> _Mapped | None:
    if key is None and item is None:
        return None

    def changed(value: Mapping[Any, Any], holder: Struct, change: Change) -> Any:
        after = {
            (k if key is None else key(k, holder, change)): (v if item is None else item(v, holder, change))
            for k, v in value.items()
        }
        return value if all(map(_is, after, value)) and all(map(_is, after.values(), value.values())) else after

    return changed


def _is(one: object, other: object) -> bool:
    return one is other
