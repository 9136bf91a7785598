"""What asyncpg's connections have in common: one that was dialled, and one that a pool has lent."""

from typing import Final, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from server.journal.postgres.errors import DATABASE_ERRORS

GOODBYE_SECONDS: Final = 1.0

Connection: TypeAlias = "asyncpg.Connection | PoolConnectionProxy"


def is_gone(connection: Connection) -> bool:
    """Whether the server, or the network, has ended the connection."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # Its pool noticed, and has taken it back.


def drop(connection: Connection) -> None:
    """End the connection without a word; no error when it is gone already."""
    try:
        connection.terminate()
    except asyncpg.InterfaceError:
        pass  # Its pool noticed, and has taken it back.


async def hang_up(connection: Connection) -> None:
    """End the connection in order, or, where nobody answers in time, without a word."""
    try:
        await connection.close(timeout=GOODBYE_SECONDS)
    except DATABASE_ERRORS:
        drop(connection)
