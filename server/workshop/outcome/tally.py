"""Counts that one more answer changes at the same cost, however many different ones there are.

A dict that is never changed in place is copied with each answer, and the most frequent words of it are found by looking at all. Here
what is sorted lies in pages of some dozens; a change makes one page anew, and the row of pages.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, Protocol, TypeVar

from msgspec import Struct


class Chosen(Struct, frozen=True, gc=False, array_like=True, order=True):
    """What was chosen where one may write an answer of one's own (SPEC U10).

    Attributes:
        options: as a number says it where one may not.
        other: what was written; "" where nothing was.
    """

    options: int
    other: str = ""


Value = int | str | Chosen
"""All answers to one question are of one kind, so that they have an order."""


class Entry(Protocol):
    """What is sorted. It is no tuple, through which each look for garbage would go."""

    @property
    def key(self) -> Any: ...


E = TypeVar("E", bound=Entry)

PAGE: Final = 64
"""Entries from which a page is cut in two."""


def _first(page: tuple[Entry, ...]) -> Any:
    return page[0].key


def _key(entry: Entry) -> Any:
    return entry.key


def _place(pages: tuple[tuple[E, ...], ...], key: Any) -> tuple[int, int, E | None]:
    """The page where a key is or would be, where in it, and what is there."""
    if not pages:
        return 0, 0, None
    at = max(0, bisect_right(pages, key, key=_first) - 1)
    n = bisect_left(pages[at], key, key=_key)
    return at, n, pages[at][n] if n < len(pages[at]) and pages[at][n].key == key else None


def held(pages: tuple[tuple[E, ...], ...], key: Any) -> E | None:
    return _place(pages, key)[2]


def put(pages: tuple[tuple[E, ...], ...], key: Any, entry: E | None) -> tuple[tuple[E, ...], ...]:
    """With this entry for the key; None: without any. No page is empty."""
    at, n, there = _place(pages, key)
    page = pages[at] if pages else ()
    page = (*page[:n], *(() if entry is None else (entry,)), *page[n + (there is not None) :])
    cut = (page[: PAGE // 2], page[PAGE // 2 :]) if len(page) >= PAGE else (page,) if page else ()
    return (*pages[:at], *cut, *pages[at + 1 :])


class Count(Struct, frozen=True, gc=False, array_like=True):
    """How often an answer was given; never 0."""

    key: Value
    n: int


class Tally(Struct, frozen=True, gc=False, array_like=True):
    """How often each answer was given.

    Attributes:
        total: how many answers there are.
    """

    total: int = 0
    pages: tuple[tuple[Count, ...], ...] = ()

    def of(self, value: Value) -> int:
        there = held(self.pages, value)
        return there.n if there else 0

    def plus(self, value: Value, n: int = 1) -> "Tally":
        many = self.of(value) + n
        return Tally(self.total + n, put(self.pages, value, Count(value, many) if many else None))

    def changed(self, more: "Tally", sign: int = 1) -> "Tally":
        """With all of another one, or `sign` -1: without."""
        tally = self
        for value, n in more:
            tally = tally.plus(value, sign * n)
        return tally

    def __iter__(self) -> Iterator[tuple[Value, int]]:
        return ((count.key, count.n) for count in chain.from_iterable(self.pages))


class Spelling(Struct, frozen=True, gc=False, array_like=True):
    """`since`: which of all spellings it was that came."""

    word: str
    n: int
    since: int


class Spelt(Struct, frozen=True, gc=False, array_like=True):
    """Words that are the same, by what is the same of them."""

    key: str
    spellings: tuple[Spelling, ...]


class Ranked(Struct, frozen=True, gc=False, array_like=True):
    """A word as it is shown. Its place: how many gave it, less than 0, so that most is first; then which came first; then the alphabet."""

    key: tuple[int, int, str]
    word: str


class Cloud(Struct, frozen=True, gc=False, array_like=True):
    """Words as people are shown them: most first, one that differs in case or white space only is the same.

    Attributes:
        different: how many there are.
        said: how many spellings came so far, so that each is told apart by when it came.
    """

    different: int = 0
    said: int = 0
    spelt: tuple[tuple[Spelt, ...], ...] = ()
    ranked: tuple[tuple[Ranked, ...], ...] = ()

    def plus(self, word: str, n: int, *, by_alphabet: bool) -> "Cloud":
        """With a word that so many more people gave, or fewer.

        Args:
            by_alphabet: of those as frequent; else what came first is first.
        """
        same = alike(word)
        there = held(self.spelt, same)
        before = there.spellings if there else ()
        known = next((each for each in before if each.word == word), Spelling(word, 0, self.said + 1))
        others = tuple(each for each in before if each is not known)
        after = (*others, Spelling(word, known.n + n, known.since)) if known.n + n else others
        ranked = self.ranked
        for spellings in (before, after):
            if spellings:
                first = 0 if by_alphabet else min(each.since for each in spellings)
                place = (-sum(each.n for each in spellings), first, same)
                shown = Ranked(place, min(each.word for each in spellings))
                ranked = put(ranked, place, shown if spellings is after else None)
        return Cloud(
            self.different + bool(after) - bool(before),
            max(self.said, known.since),
            put(self.spelt, same, Spelt(same, after) if after else None),
            ranked,
        )

    def holds(self, same: str) -> bool:
        """Whether words of which this is alike are among them."""
        return held(self.spelt, same) is not None

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Words and how many gave them."""
        return ((each.word, -each.key[0]) for each in chain.from_iterable(self.ranked))


def alike(words: str) -> str:
    """Words that differ in case or white space only are the same."""
    return " ".join(words.split()).casefold().strip(" .!")
