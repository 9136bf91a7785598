"""What a room is made with: its id, its first host, its code. One entry makes one room, however often it is tried (SPEC H9)."""

import secrets
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

from msgspec import Meta

from server.accounts.tokens import Tokens, new_id
from server.web.codes import code_of

EntryKey = Annotated[str, Meta(pattern=r"^(|[A-Za-z0-9_-]{22,64})\Z")]
"""Names one entry, however often it is asked for (H9); empty: this is the only time."""

OnceKey = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22,64}\Z")]
"""Of an entry that can be done once, and would be lost for good with its answer, were it not named (N4)."""

# Of 482 million codes a million may be taken, and five tries still fail only once in 3 × 10^13.
CODES: Final = 5


class Founding(NamedTuple):
    """
    Attributes:
        codes: to be claimed in this order, until one is free.
    """

    room: str
    member: str
    codes: Sequence[str]


def founding(tokens: Tokens, key: str, asked: bytes) -> Founding:
    """By chance; where there is a key, what it gives each time for the same request, on each worker.

    Args:
        asked: what the room is to be, so that one key never brings two contents into one room.
    """
    if not key:
        return Founding(new_id("room"), new_id("member"), [code_of(secrets.token_bytes(16)) for _ in range(CODES)])
    room = tokens.founded(key, asked)
    codes = [code_of(tokens.drawn("code", room, key, str(n))) for n in range(CODES)]
    return Founding(room, tokens.entrant(room, key), codes)
