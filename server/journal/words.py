"""The words of a text as both databases index them: without accents, stemmed as French and as English, in pieces where no space ends a word.

Done here and not by the databases, so that SQLite and PostgreSQL find the same rows in the same order, and because
PostgreSQL's `unaccent` may not be installed. A text is indexed under each of its words as written (marked `EXACT`) and under
their stems in both languages: nobody knows the language of a word, and « la deadline de l'équipe » holds both. Chinese, Japanese,
Korean, Thai and their neighbours are indexed under each sign and each two that stand together, which finds whatever stands in the
text without a dictionary. What is indexed is ASCII letters and digits, so that neither database's own idea of a word matters.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

import snowballstemmer  # type: ignore[import-untyped]  # its authors publish no types

from protocol.text import unaccented

# What begins a word that is not a stem: as it was written, of another script, one or two signs, a symbol, the name of a stream.
EXACT = "x0"
FOREIGN = "u0"
PIECE = "g0"
SYMBOL = "y0"
SCOPE = "s0"

# Left out of a query that has other words: « les réunions » is a search for « réunions », which has those first that hold « les », too.
_STOP_WORDS = frozenset(
    """
    a à au aux avec ce ces cette dans de des du elle en est et eux il ils je jusqu la le les leur leurs lui ma mais me
    mes moi mon ne nos notre nous on ou où par pas pour qu que qui sa sans se ses si son sont sur ta te tes toi ton tu
    un une vos votre vous y
    an and are as at be but by for from if in is it of or the this to was with
    """.split()  # noqa: SIM905 - to be read as text
)
_ELIDED: Final = re.compile("(?<![^\\W_])[cdjlmnst](?=['\u2019\u02bc])|(?<=[^\\W_]['\u2019\u02bc])[dmst](?![^\\W_])")
"""What stands for a stop word: « l' », « d' », « 's ». Such a letter by itself is a word: a zone, a size."""
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Myanmar, Khmer, Chinese, Japanese; and Korean, whose particles no space parts from the word."""


def _marks() -> Iterator[str]:
    """Marks that stand inside a word, as ranges of a class. Not what only says how a sign is drawn: it would be a letter of the word."""
    invisible = (0x034F, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10))
    marked = [n for n in range(0x20000) if unicodedata.category(chr(n)) in ("Mn", "Mc") and n not in invisible]
    for _, run in groupby(enumerate(marked), lambda at: at[1] - at[0]):
        numbers = [n for _, n in run]
        yield f"{chr(numbers[0])}-{chr(numbers[-1])}"


_MARKS: Final = f"{''.join(_marks())}\u200c\u200d"
"""What stands inside a word and is no letter: accents, the points of Hebrew and Arabic, the vowels of the scripts of India, joiners."""
_LETTER: Final = f"(?![{_UNSPACED}])(?:[^\\W_]|[{_MARKS}])"
_TOKEN: Final = re.compile(
    f"(?P<compound>[a-z0-9]{{1,3}}[+#]{{1,2}}|[a-z0-9]{{1,3}}(?:&[a-z0-9]{{1,3}})+(?![^\\W_]))|(?P<pieces>[{_UNSPACED}]+)|(?P<word>(?![{_MARKS}])(?:{_LETTER})+)|(?P<symbol>[^\\x00-\\x7f\\w\\s])"
)
"""« C++ », « F# » and « R&D » are words; of the other signs those that are no punctuation."""
_WORDS_ALONE: Final = re.compile(
    "[\x00-\"$%'-*,-\x7f\xa0\xaa\xab\xb5\xba\xbb\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u1e00-\u1eff\u2010-\u201f\u202f]*"
)
"""Texts of these signs hold words that spaces and punctuation part, and nothing else: most texts do, and need not be asked at each sign what it is not."""
_WORD: Final = re.compile("[^\\W_]+")
_JOINED: Final = re.compile("(?<=[^\\W_])['\u2019\u02bc\\-\u2010\u2011\u05be\u05f3\u05f4](?=[^\\W_])")
_GROUPED: Final = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)")
"""A number in groups of three digits. The spaces that part them, which no line may break at, are plain ones once they are folded."""
_AND: Final = re.compile("(?<=[^\\W_]) *& *(?=[^\\W_])")
_SPELT: Final = str.maketrans(
    "\u0671\u0649\u06cc\u06a9\u0629\u06c1\u06c3", "\u0627\u064a\u064a\u0643\u0647\u0647\u0647", "\u0640"
)
"""Letters of Arabic that people write one for the other, and its stretching, which is none. Those with a hamza come apart by themselves."""
_LONGEST_WORD = 64
_LONGEST_QUERY = 16
_SHORTEST_BEGINNING = 3
"""Letters from which on a word is also found by its beginning."""
_SHORTEST_STEM = 3
"""What is left of a word that is shorter says nothing of it any more: « Léa » and « les » both come to « le »."""


class Query(NamedTuple):
    """What a row must hold: one of each group, a word or (`begins`) a word that begins so. Rows that hold all of `exact` come first."""

    stems: list[tuple[str, ...]]
    begins: list[str | None]
    exact: list[str]


def scope(stream: str) -> str:
    """The stream's name as one word, by which a search stays inside its stream."""
    return SCOPE + stream.encode().hex()


def index_words(text: str) -> list[str]:
    """Everything that a row with this text is found by, each word once."""
    text = _folded(text)
    found: dict[str, None] = {}
    # A number is found whole and by its groups: what looks like one may be several.
    whole = _whole_numbers(text)
    for kind, token in (*_tokens(text), *(_tokens(whole) if whole != text else ())):
        match kind:
            case "word":
                found.update(dict.fromkeys(_entries(token)))
            case "pieces":
                found.update(
                    dict.fromkeys(
                        PIECE + _hex(token[n : n + size]) for size in (1, 2) for n in range(len(token) + 1 - size)
                    )
                )
            case "compound":
                parts = (entry for part in re.split("[+#&]+", token) if part for entry in _entries(part))
                found.update(dict.fromkeys((*parts, SYMBOL + _hex(token))))
            case _:
                found[SYMBOL + _hex(token)] = None
    if _JOINED.search(text):
        # « don't » and « week-end » are looked for as « dont » and « weekend », too.
        joined = _tokens(_JOINED.sub("", whole))
        found.update(dict.fromkeys(entry for kind, token in joined if kind == "word" for entry in _entries(token)))
    return list(found)


def query(text: str) -> Query | None:
    """What a search for this text asks; None when it holds no word. Quotes and operators are punctuation like any other."""
    text = _whole_numbers(_folded(text))
    tokens = list(dict.fromkeys(_tokens(text)))
    spoken = dict.fromkeys(_tokens(_ELIDED.sub(" ", text)))
    wanted = [token for token in spoken if token not in _STOP_TOKENS] or tokens
    groups = [group for token in wanted for group in _groups(*token)][:_LONGEST_QUERY]
    if not groups:
        return None
    exact = [exact for token in tokens for _, _, exact in _groups(*token)][:_LONGEST_QUERY]
    return Query([stems for stems, _, _ in groups], [begins for _, begins, _ in groups], exact)


def _groups(kind: str, token: str) -> Iterator[tuple[tuple[str, ...], str | None, str]]:
    """For what must be there: the words any of which will do, the beginning that will do, and the word as it was typed."""
    if kind == "word":
        exact = EXACT + _plain(token)
        yield _stems(token), exact if len(token) >= _SHORTEST_BEGINNING else None, exact
        return
    size = min(2, len(token)) if kind == "pieces" else len(token)
    mark = PIECE if kind == "pieces" else SYMBOL
    for n in range(len(token) + 1 - size):
        piece = mark + _hex(token[n : n + size])
        yield (piece,), None, piece


def _folded(text: str) -> str:
    # Composed first: a letter and a combining accent would be two words to the pattern.
    return _AND.sub("&", unicodedata.normalize("NFKC", text).casefold())


def _whole_numbers(text: str) -> str:
    return _GROUPED.sub(lambda number: number[0].replace(" ", ""), text)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    if _WORDS_ALONE.fullmatch(text):
        yield from (("word", word[:_LONGEST_WORD]) for word in _WORD.findall(text))
        return
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "", match[0]
        if kind == "symbol" and unicodedata.category(token) not in ("So", "Sm", "Sc"):
            continue
        yield kind, token if kind == "pieces" else token[:_LONGEST_WORD]


def _hex(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").hex()


def _plain(word: str) -> str:
    """In ASCII: without accents where it is Latin, its bytes in hexadecimal where it is not."""
    if word.isascii():
        return word
    letters = unaccented(word).translate(_SPELT) or word
    return letters if letters.isascii() else FOREIGN + _hex(letters)


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
    stems = dict.fromkeys(_plain(stemmer.stemWord(s)) for s in spellings for stemmer in (french, english))
    plain = _plain(word)
    return tuple(stem for stem in stems if stem == plain or _is_form(stem, plain)) or (plain,)


def _is_form(stem: str, plain: str) -> bool:
    """Whether a stem says of which word it is: of « TVs » also « tv » does; but nobody who looks for « Luis » means « lui »."""
    return stem not in _PLAIN_STOP_WORDS and (len(stem) >= _SHORTEST_STEM or plain == f"{stem}s")


_STOP_TOKENS: Final = frozenset(("word", word) for word in _STOP_WORDS)
_PLAIN_STOP_WORDS: Final = frozenset(map(_plain, _STOP_WORDS))


def _strip(word: str) -> str:
    plain = _plain(word)
    return word if plain.startswith(FOREIGN) else plain
