"""People whose names look alike are told apart: « Léa (K7Q) » and « Léa (2MX) » (SPEC L8), as on every client.

Clients have the same rule (`client_demo/web/src/ui/state/alike.ts`); `protocol/vectors/names.json` says what both make of what.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from protocol.records import MemberRecord
from protocol.text import isolated, kept

_LOOKS: Final = {
    "a": "аαɑ", "b": "вβ", "c": "сϲ", "d": "ԁ", "e": "еε", "g": "ɡ", "h": "һнη", "i": "іιı1l|ǀӏ", "j": "ј", "k": "кκ", "m": "мμ", "n": "п",
    "o": "оοօσ0", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "t": "тτ", "u": "υ", "v": "ѵν", "w": "ԝ", "x": "хχ×", "y": "уγү", "z": "ζ",
}  # fmt: skip
"""By Latin letter, the signs that look like it, or whose capitals do."""

_LATIN: Final = str.maketrans({sign: letter for letter, signs in _LOOKS.items() for sign in signs})


def look(name: str) -> str:
    """What two names that look alike have in common."""
    folded = unicodedata.normalize("NFKC", kept(name)).lower()
    seen = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf" and sign not in "\ufe0e\ufe0f")
    return re.sub(r"\s+", " ", seen).strip().translate(_LATIN)


def told_apart(members: Sequence[MemberRecord]) -> Mapping[str, str]:
    """By id, what all are called; those whose name looks like another's with three letters of their ids, but for a lone host."""
    alike: dict[str, list[MemberRecord]] = {}
    for member in members:
        alike.setdefault(look(member.name), []).append(member)
    called = {member.id: member.name for member in members}
    for group in alike.values():
        hosts = sum(member.role == "host" for member in group)
        for member in group:
            if len(group) > 1 and (member.role != "host" or hosts > 1):
                called[member.id] = f"{isolated(member.name)}\u00a0({_mark(member.id)})"
    return called


def _mark(id: str) -> str:
    """Three letters that each device reads the same."""
    return re.sub(r"[^A-Za-z0-9]", "", id)[-3:].upper()
