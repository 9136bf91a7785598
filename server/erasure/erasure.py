"""One person taken out of everything: what lets them in ends first, then stream by stream, then the rows that let them in.

May be killed at any moment: each stream is rewritten whole or not at all, and the same again does the rest.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from protocol.errors import Refusal
from server.accounts.logins import AHEAD, LOOK
from server.accounts.port import Accounts
from server.accounts.tokens import new_id
from server.erasure.stream import Erased, erase_from
from server.journal.port import Journal
from server.live.rewriting import Unreadable, UnreadableError
from server.live.room import Drop, kept_nowhere
from server.model.model import ModelOf

log = logging.getLogger("palabre.erasure")

SEEN: Final = 4 * LOOK
"""Seconds after which every worker that is well has looked for what has ended."""


class Progress(NamedTuple):
    """How many streams have been looked through, of those that may name this person, and in how many of them this person was."""

    looked: int
    erased: int


class Receipt(NamedTuple):
    """What was done.

    Attributes:
        logins: how many logins and links were theirs.
        unreadable: where they may still be.
    """

    erased: tuple[Erased, ...]
    logins: int
    unreadable: tuple[Unreadable, ...]


class Ports(NamedTuple):
    """What an erasure needs of the world.

    Attributes:
        now: milliseconds since 1970.
        model_of: the model of a stream.
        drop: has nothing be left of images (`server.live.room.Drop`).
    """

    journal: Journal
    accounts: Accounts
    now: Callable[[], int]
    model_of: ModelOf
    drop: Drop = kept_nowhere


async def erase(
    ports: Ports, person: str, *, stream: str | None, removes: bool, tell: Callable[[Progress], None]
) -> Receipt:
    """Take a person out of a stream, or of all.

    Args:
        stream: None: all of them.
        removes: the texts under their name go; else they stay, unsigned.
        tell: called after each stream.

    Raises:
        JournalError: the database cannot be used (any more).
    """
    journal, accounts = ports.journal, ports.accounts
    scopes = [scope for scope in await accounts.scopes_of(person) if stream in (None, scope)]
    if stream is not None and stream not in scopes:
        scopes.append(stream)
    await accounts.end_person(person, scopes, ports.now() + AHEAD)
    ended = asyncio.get_running_loop().time()
    erased, unreadable, looked = list[Erased](), list[Unreadable](), 0
    streams = journal.streams_naming(person) if stream is None else _one(stream)
    async for name in streams:
        try:
            done = await erase_from(
                journal, ports.model_of(name), name, person, partial(new_id, "member"), removes=removes
            )
        except (UnreadableError, Refusal) as error:
            unreadable.append(Unreadable(name, str(error)))
        else:
            erased += [done] if done is not None else []
            if done is not None and done.images:
                await _drop(ports, name, done.images)
        looked += 1
        tell(Progress(looked, len(erased)))
    await asyncio.sleep(max(0.0, ended + SEEN - asyncio.get_running_loop().time()))
    logins = await accounts.forget_person(person, scopes)
    await journal.purge()
    return Receipt(tuple(erased), logins, tuple(unreadable))


async def _drop(ports: Ports, stream: str, images: Sequence[str]) -> None:
    """No idea names them any more: what cannot be dropped now is once the stream says that they are due."""
    try:
        await ports.drop(stream, images)
    except OSError as error:
        log.warning("%s: %d images go later: %s", stream, len(images), error)


async def _one(stream: str) -> AsyncIterator[str]:
    yield stream
