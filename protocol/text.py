"""Texts of people: what of a typed text is kept (SPEC L3), and how it stands in the middle of ours (SPEC L7).

Clients write the same functions; protocol/vectors/texts.json says what each makes of what.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point, and the marks of annotations and of objects, which no font draws."""

_DOUBTFUL: Final = re.compile(f"[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u2028\u2029{_INVISIBLE}\ufdd0-\ufdef\ufffe\uffff]")
_LINES: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_FLAG: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
"""A flag of a part of a country: a black flag and letters that only a font sees."""

BLANK: Final = " \t\n\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\U00013441\U00013442\U00016fe4\U0001d159"
"""White space, and signs that a font draws as white space."""

_BLANKS: Final = re.compile(f"[{BLANK}]+")
_ENDS: Final = re.compile(f"\\A[{BLANK}]+|[{BLANK}]+\\Z")

_JOINING: Final = re.compile("[\u0600-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
"""Scripts whose letters look otherwise where a joiner or a non-joiner stands behind them: Arabic to Sinhala, Myanmar, Khmer, Mongolian."""
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Scripts that end a word by a space without width: Thai, Lao, Myanmar, Khmer."""
_JAMO: Final = re.compile("[\u1100-\u115e\u1161-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""What is drawn there from right to left: letters and their stretching (U+0640), points, figures, and what is no character yet, of which a
font draws a box. U+061C draws nothing, and U+FDD0 to FDEF never will: a text of them alone would be one of marks alone."""
_TURNS: Final = re.compile(f"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|{_RIGHT_TO_LEFT.pattern}")

_NAMED: Final = re.compile("LATIN SMALL (?:LETTER|LIGATURE) ([A-Z]+(?: I)?)(?: WITH .*)?")
_CALLED: Final = {"THORN": "th", "ETH": "d", "ENG": "n", "DOTLESS I": "i", "SHARP": "ss"}
"""Letters whose name is not what one types for them."""
_LONGEST_LETTER = 2

_CLOSES: Final = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"} | dict.fromkeys(
    "\u2066\u2067\u2068", "\u2069"
)
_POP: Final = "\u202c"
_POP_ISOLATE: Final = "\u2069"
_ISOLATE: Final = "\u2068"


def kept(typed: str) -> str:
    """`typed` in NFC, without blanks around it and without signs that show nothing and carry no meaning; "" if nothing shows (L3)."""
    if typed.isascii() and typed.isprintable():
        return typed.strip()
    text = unicodedata.normalize("NFC", typed)
    if _DOUBTFUL.search(text):
        text = unicodedata.normalize("NFC", _without_invisible(_LINES.sub("\n", text)))
    return _ENDS.sub("", text)


def one_line(typed: str) -> str:
    """A name as it is kept: `kept`, and each blank in it one space."""
    return _BLANKS.sub(" ", kept(typed))


def _without_invisible(text: str) -> str:
    turns = _RIGHT_TO_LEFT.search(text) is not None
    flags = {n for flag in _FLAG.finditer(text) for n in range(*flag.span())}
    shown: list[str] = []
    for n, sign in enumerate(text):
        before, after = _BLANKS.sub("", shown[-1]) if shown else "", text[n + 1 : n + 2]
        if n in flags or not _DOUBTFUL.match(sign) or _carries_meaning(before, sign, after, turns):
            shown.append(sign)
    return closed("".join(shown)) if turns else "".join(shown)


def _carries_meaning(before: str, sign: str, after: str, turns: bool) -> bool:
    """Whether an invisible sign changes how its neighbours look or read.

    Args:
        turns: the text has letters that are written from right to left.
    """
    category = unicodedata.category(before) if before else ""
    match sign:
        case "\u200d" if category in ("So", "Sk") or before == "\ufe0f":
            return unicodedata.category(after or " ") in ("So", "Sm") and not (
                _DOUBTFUL.match(after) or _BLANKS.match(after)
            )
        case "\u200c" | "\u200d":
            return bool(_JOINING.match(before))
        case "\u200b":
            return bool(_UNSPACED.match(before) and _UNSPACED.match(after))
        case "\u180b" | "\u180c" | "\u180d" | "\u180e" | "\u180f":
            return "\u1820" <= before <= "\u18aa"
        case "\u115f" | "\u1160":
            return bool(_JAMO.match(before) or _JAMO.match(after))
        case "\ufe0e" | "\ufe0f":
            return category[:1] in ("S", "P", "N")
        case _ if "\ufe00" <= sign <= "\ufe0d" or "\U000e0100" <= sign <= "\U000e01ef":
            return category == "Lo" or category[:1] == "S"
        case "\u202d" | "\u202e":
            return False  # it shows letters in another order than they are read in
        case (
            "\u061c" | "\u200e" | "\u200f" | "\u202a" | "\u202b" | "\u202c" | "\u2066" | "\u2067" | "\u2068" | "\u2069"
        ):
            return turns
        case _:
            return False


def closed(text: str) -> str:
    """`text`, in which each mark of direction that is opened is closed, and none is closed that was not opened."""
    if not _TURNS.search(text):
        return text
    opened: list[str] = []
    told: list[str] = []
    for sign in text:
        if sign in _CLOSES:
            opened.append(_CLOSES[sign])
        elif sign == _POP:
            if not opened or opened[-1] != _POP:
                continue
            opened.pop()
        elif sign == _POP_ISOLATE:
            if _POP_ISOLATE not in opened:
                continue
            while opened.pop() != _POP_ISOLATE:
                told.append(_POP)
        told.append(sign)
    return "".join((*told, *reversed(opened)))


def isolated(text: str) -> str:
    """A text of people as it stands in a line of ours: nothing of it turns what is around it (L7). Where nothing could, it is as it was."""
    return f"{_ISOLATE}{closed(text)}{_POP_ISOLATE}" if _TURNS.search(text) else text


def undirected(text: str) -> str:
    """Without marks of direction and signs of control: for the name of a file, of which a system shows what it will."""
    return re.sub(f"[{_INVISIBLE}\\x00-\\x1f\\x7f-\\x9f\u2028\u2029]", "", text)


def unaccented(text: str) -> str:
    """Without accents and joiners; Latin letters that do not decompose as one types them without: « lodz » for « łódź »."""
    if text.isascii():
        return text
    signs = unicodedata.normalize("NFKD", text)
    letters = "".join(sign for sign in signs if not unicodedata.combining(sign) and sign not in "\u200c\u200d")
    return letters if letters.isascii() else "".join(map(_latin, letters))


def in_order(name: str) -> tuple[str, str, str]:
    """What names are ordered by in French and in English: letters, then accents, then capitals."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return unaccented(folded), folded, name


@lru_cache(maxsize=2_000)
def _latin(letter: str) -> str:
    """A Latin letter that does not decompose, as its name in Unicode calls it: ł is an l with a stroke, æ is ae. Others as they are."""
    named = _NAMED.fullmatch(unicodedata.name(letter, ""))
    if named is None:
        return letter
    return _CALLED.get(named[1]) or (named[1].lower() if len(named[1]) <= _LONGEST_LETTER else letter)
