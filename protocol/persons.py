"""What strings say of people, told in their types: so whoever is erased is found wherever they stand, and nobody else is (SPEC O).

PersonId  ThingId  ids
NameOf    TextOf   what a person is called, and what they wrote; with the field that says who
ImageOf            the id of a picture that they put there: it goes with their texts, and its bytes with it
Words     all else
"""

from typing import Annotated, Final, NamedTuple


class IdMark(NamedTuple):
    """The id of a person (or an alias, which is nobody's to know), or of a thing.

    Attributes:
        of: `person` or `thing`.
    """

    of: str


class NameOf(NamedTuple):
    """What somebody is called, or says of themselves: it goes with their name.

    Attributes:
        whose: the field beside it with their id, or with that of a thing of which each has one.
        what: so that no mark equals one of another kind: `typing` keeps one of two unions that are equal.
    """

    whose: str
    what: str = "name"


class TextOf(NamedTuple):
    """What somebody wrote under their name.

    Attributes:
        whose: the field beside it with their id, or with that of a thing which they wrote.
    """

    whose: str
    what: str = "text"


class ImageOf(NamedTuple):
    """The id of a picture that goes with what somebody wrote under their name; `whose`: as of a text."""

    whose: str
    what: str = "image"


class WordsMark(NamedTuple):
    """No id, and under nobody's name: a title, a place, a code, what a host decided for all."""


class RecordMark(NamedTuple):
    """A record as a dict; its `id` tells of which kind."""


Mark = IdMark | NameOf | TextOf | ImageOf | WordsMark | RecordMark

PersonId = Annotated[str, IdMark("person")]
ThingId = Annotated[str, IdMark("thing")]
Words = Annotated[str, WordsMark()]

PERSON: Final = "member:"
"""What the id of every person begins with."""

EACH_HAS_ONE: Final = ("commitment:", "person:", "request:", "suspended:", "asking:", "seat:")
"""What the ids of things begin with of which each person has one: they end as that person's does."""
