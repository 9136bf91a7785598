"""The words of a text as both databases index them: without accents, stemmed as French and as English.

Done here and not by the databases, so that SQLite and PostgreSQL find the same rows in the same order, and because
PostgreSQL's `unaccent` may not be installed. A text is indexed under each of its words as written (marked `EXACT`) and under
their stems in both languages: nobody knows the language of a word, and « la deadline de l'équipe » holds both. Every word is
ASCII letters and digits, so that neither database's own idea of a word matters.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer  # type: ignore[import-untyped]  # its authors publish no types

# What begins a word that is not a stem: as it was written, of another script, the name of a stream.
EXACT = "x0"
FOREIGN = "u0"
SCOPE = "s0"

# Left out of a query that has other words: « les réunions » is a search for « réunions ».
_STOP_WORDS = frozenset(
    """
    a à au aux avec c ce ces cette d dans de des du elle en est et eux il ils j je jusqu l la le les leur leurs lui m ma
    mais me mes moi mon n ne nos notre nous on ou où par pas pour qu que qui s sa sans se ses si son sont sur t ta te tes
    toi ton tu un une vos votre vous y
    an and are as at be but by for from if in is it of or the this to was with
    """.split()  # noqa: SIM905 - to be read as text
)
_WORD = re.compile(r"[^\W_]+")
_LONGEST_WORD = 64
_LONGEST_QUERY = 16


class Query(NamedTuple):
    """What a row must hold: one of the stems of each word. Rows that hold all of `exact` come first."""

    stems: list[tuple[str, ...]]
    exact: list[str]


def scope(stream: str) -> str:
    """The stream's name as one word, by which a search stays inside its stream."""
    return SCOPE + stream.encode().hex()


def index_words(text: str) -> list[str]:
    """Everything that a row with this text is found by, each word once."""
    found: dict[str, None] = {}
    for word in _words(text):
        found.update(dict.fromkeys(_entries(word)))
    return list(found)


def query(text: str) -> Query | None:
    """What a search for this text asks; None when it holds no word. Quotes and operators are punctuation like any other."""
    words = list(dict.fromkeys(_words(text)))
    words = ([word for word in words if word not in _STOP_WORDS] or words)[:_LONGEST_QUERY]
    if not words:
        return None
    return Query([_stems(word) for word in words], [EXACT + _plain(word) for word in words])


def _words(text: str) -> Iterator[str]:
    # Composed first: a letter and a combining accent would be two words to the pattern.
    return (word[:_LONGEST_WORD] for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _plain(word: str) -> str:
    """In ASCII: without accents where it is Latin, its bytes in hexadecimal where it is not."""
    decomposed = unicodedata.normalize("NFKD", word.replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return letters if letters.isascii() else FOREIGN + letters.encode().hex()


@lru_cache(
    maxsize=20_000
)  # people use the same words again: 8 µs a message of eleven words, and 0.8 ms when all are new
def _entries(word: str) -> tuple[str, ...]:
    return (EXACT + _plain(word), *_stems(word))


@lru_cache(maxsize=20_000)
def _stems(word: str) -> tuple[str, ...]:
    # Snowball's French needs the accents (« décidées » → « décid ») and people search without them: both spellings are
    # stemmed. A stemmer keeps state while it works, so each call, from whatever thread, has its own.
    french, english = snowballstemmer.stemmer("french"), snowballstemmer.stemmer("english")
    spellings = dict.fromkeys((word, _strip(word)))
    return tuple(dict.fromkeys(_plain(stemmer.stemWord(s)) for s in spellings for stemmer in (french, english)))


def _strip(word: str) -> str:
    plain = _plain(word)
    return word if plain.startswith(FOREIGN) else plain
