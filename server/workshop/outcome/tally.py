"""Counts that one more answer changes at the same cost, however many different ones there are.

A dict that is never changed in place is copied with each answer, and the most frequent words of it are found by looking at all. Here
what is sorted lies in pages of some dozens; a change makes one page anew, and the row of pages.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, TypeVar

from msgspec import Struct

K = TypeVar("K", bound=Any)
V = TypeVar("V")

Value = int | str
Pages = tuple[tuple[tuple[K, V], ...], ...]
"""Keys, each with its value, in order; no page is empty."""

PAGE: Final = 64
"""Entries from which a page is cut in two."""


def _first(page: tuple[tuple[K, V], ...]) -> K:
    return page[0][0]


def _key(entry: tuple[K, V]) -> K:
    return entry[0]


def _place(pages: Pages[K, V], key: K) -> tuple[int, int]:
    """The page where a key is or would be, and where in it."""
    at = max(0, bisect_right(pages, key, key=_first) - 1)
    return at, bisect_left(pages[at], key, key=_key) if pages else 0


def held(pages: Pages[K, V], key: K) -> V | None:
    if not pages:
        return None
    at, n = _place(pages, key)
    return pages[at][n][1] if n < len(pages[at]) and pages[at][n][0] == key else None


def put(pages: Pages[K, V], key: K, value: V | None) -> Pages[K, V]:
    """With this value for the key; None: without the key."""
    at, n = _place(pages, key)
    page = pages[at] if pages else ()
    rest = page[n + 1 :] if n < len(page) and page[n][0] == key else page[n:]
    page = (*page[:n], *(() if value is None else ((key, value),)), *rest)
    cut = (page[: PAGE // 2], page[PAGE // 2 :]) if len(page) >= PAGE else (page,) if page else ()
    return (*pages[:at], *cut, *pages[at + 1 :])


class Tally(Struct, frozen=True, gc=False, array_like=True):
    """How often each answer was given.

    Attributes:
        total: how many answers there are.
        pages: by answer, how often; never 0.
    """

    total: int = 0
    pages: tuple[tuple[tuple[Value, int], ...], ...] = ()

    def of(self, value: Value) -> int:
        return held(self.pages, value) or 0

    def plus(self, value: Value, n: int = 1) -> "Tally":
        return Tally(self.total + n, put(self.pages, value, self.of(value) + n or None))

    def changed(self, more: "Tally", sign: int = 1) -> "Tally":
        """With all of another one, or `sign` -1: without."""
        tally = self
        for value, n in more:
            tally = tally.plus(value, sign * n)
        return tally

    def __iter__(self) -> Iterator[tuple[Value, int]]:
        return chain.from_iterable(self.pages)


class Cloud(Struct, frozen=True, gc=False, array_like=True):
    """Words as people are shown them: most first, one that differs in case or white space only is the same.

    Attributes:
        different: how many there are.
        said: how many spellings came so far, so that each is told apart by when it came.
        spellings: by what is the same, each spelling with how often it was given, and which it was.
        ranked: by how many gave it (less than 0, so that most is first), and among as many by its place; as it is spelt.
    """

    different: int = 0
    said: int = 0
    spellings: tuple[tuple[tuple[str, tuple[tuple[str, int, int], ...]], ...], ...] = ()
    ranked: tuple[tuple[tuple[tuple[int, int, str], str], ...], ...] = ()

    def plus(self, word: str, n: int, *, by_alphabet: bool) -> "Cloud":
        """With a word that so many more people gave, or fewer.

        Args:
            by_alphabet: of those as frequent; else what came first is first.
        """
        same = alike(word)
        before = held(self.spellings, same) or ()
        known = next((each for each in before if each[0] == word), None)
        _, many, since = known or (word, 0, self.said + 1)
        others = tuple(each for each in before if each[0] != word)
        after = (*others, (word, many + n, since)) if many + n else others
        ranked = self.ranked
        for spelt, value in ((before, None), (after, min((each[0] for each in after), default=None))):
            if spelt:
                first = 0 if by_alphabet else min(each[2] for each in spelt)
                ranked = put(ranked, (-sum(each[1] for each in spelt), first, same), value)
        return Cloud(
            self.different + bool(after) - bool(before),
            max(self.said, since),
            put(self.spellings, same, after or None),
            ranked,
        )

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Words and how many gave them."""
        return ((word, -key[0]) for key, word in chain.from_iterable(self.ranked))


def alike(words: str) -> str:
    """Words that differ in case or white space only are the same."""
    return " ".join(words.split()).casefold().strip(" .!")
