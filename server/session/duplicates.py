"""Ideas that may say the same: hints for whoever groups them, and never more than that (SPEC Q4).

Two texts are compared by the stems of their words, in any order. Where one says « trois » and the other « cinq », or one « pas » and the
other nothing of the kind, they do not say the same, however alike they look.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Final, NamedTuple

import snowballstemmer  # type: ignore[import-untyped]  # its authors publish no types
from rapidfuzz import fuzz

ALIKE: Final = 62
"""Of 100, from which on two texts are a pair: what the pairs of the demonstration seminar have, and its other ideas have not."""

MOST: Final = 101
"""Pairs that are told of: as many as may be asked for, and one that tells that there are more."""

STEMMED: Final = 30_000
"""Different words that are stemmed in one search: more than people use in 10,000 ideas, and what whoever makes words up may cost."""

COMPARED: Final = 300_000
"""Pairs that are looked at, at most: first those that share a stem that few others have, as it tells most. All pairs of 10,000 ideas would
be fifty million."""

_WORD: Final = re.compile(r"[^\W_]+")
_SMALL: Final = frozenset(
    """
    a à au aux avec c ce ces cette d dans de des du elle en est et eux il ils j je jusqu l la le les leur leurs lui m ma mais me mes moi
    mon n ne nos notre nous on ou où par pas pour plus qu que qui s sa sans se ses si son sont sur t ta te tes toi ton tu un une vos votre
    vous y aucun aucune ni jamais tout toute tous toutes faire fait faut être avoir
    an and are as at be but by for from if in is it no not of or our the their this to was we with without
    """.split()  # noqa: SIM905 - to be read as text
)
_NUMBERS: Final = {
    word: str(n)
    for n, words in enumerate(
        (
            "un une one", "deux two", "trois three", "quatre four", "cinq five", "six", "sept seven", "huit eight", "neuf nine", "dix ten",
            "onze eleven", "douze twelve",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
_AGAINST: Final = frozenset(
    """
    ne n pas jamais aucun aucune sans ni arrêter arrêtons arrêtez cesser cessons supprimer supprimons remplacer remplaçons refuser
    refusons interdire éviter évitons couper bannir abandonner stopper stop finir
    no not never without t don doesn replace remove avoid refuse cut ban drop
    """.split()  # noqa: SIM905 - to be read as text
)
"""Words that turn a sentence round, or say that something is to end."""


class Pair(NamedTuple):
    """Two ids, and how alike their texts are (0 to 100)."""

    id: str
    other: str
    score: int


class _Said(NamedTuple):
    stems: str
    digits: frozenset[str]
    numbers: frozenset[str]
    is_against: bool


def pairs(texts: Iterable[tuple[str, str]]) -> list[Pair]:
    """The likeliest pairs among (id, text), likeliest first."""
    stems = _Stems()
    said = {id: _said(text, stems.of) for id, text in texts}
    shared: dict[tuple[str, str], None] = {}
    left = COMPARED
    for ids in sorted(_by_stem(said).values(), key=len):
        left -= len(ids) * (len(ids) - 1) // 2
        if left < 0:
            break
        shared.update(dict.fromkeys(combinations(ids, 2)))
    found = [Pair(a, b, score) for a, b in shared if (score := _alike(said[a], said[b])) >= ALIKE]
    return sorted(found, key=lambda pair: (-pair.score, pair.id, pair.other))[:MOST]


def _by_stem(said: dict[str, _Said]) -> dict[str, list[str]]:
    having: dict[str, list[str]] = defaultdict(list)
    for id, each in said.items():
        for stem in dict.fromkeys(each.stems.split()):
            having[stem].append(id)
    return having


def _alike(a: _Said, b: _Said) -> int:
    if a.is_against is not b.is_against or _differ(a, b):
        return 0
    return round(fuzz.token_set_ratio(a.stems, b.stems))


def _differ(a: _Said, b: _Said) -> bool:
    """Whether they name other quantities; one may name fewer. What one writes in digits, the other cannot leave out altogether."""
    if bool(a.digits) is not bool(b.digits):
        return bool(a.digits | b.digits)
    return not (a.numbers <= b.numbers or b.numbers <= a.numbers)


def _said(text: str, stem: Callable[[str], str]) -> _Said:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    digits = frozenset(_joined(words))
    numbers = digits | {_NUMBERS[word] for word in words if word in _NUMBERS}
    stems = " ".join(stem(word) for word in words if word not in _SMALL)
    return _Said(stems, digits, numbers, any(word in _AGAINST for word in words))


def _joined(words: Sequence[str]) -> list[str]:
    """Numbers in digits; « 2 000 » is one."""
    found: list[str] = []
    before = ""
    for word in words:
        if word.isdecimal() and before.isdecimal() and len(word) == 3:
            found[-1] += word
        elif word.isdecimal():
            found.append(word)
        before = word
    return found


class _Stems:
    """Words without endings and accents; behind the first `STEMMED` different ones, without accents alone. It lasts as long as one search."""

    def __init__(self) -> None:
        # It keeps state while it works, so that each search, from whatever thread, has its own; making one costs more than a word.
        self._stemmer = snowballstemmer.stemmer("french")
        self._known: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, word: str) -> str:
        stem = self._known.get(word)
        if stem is None:
            stem = _plain(self._stemmer.stemWord(word) if len(self._known) < STEMMED else word)
            if len(self._known) < STEMMED:
                self._known[word] = stem
        return stem


def _plain(word: str) -> str:
    return (
        word
        if word.isascii()
        else "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    )
