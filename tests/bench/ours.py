"""Our server as the figures need it: on its core, without a rate limit, and rooms in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from server.accounts.tokens import Tokens, new_id
from tests.before import token_of_before
from tests.bench import machine
from tests.bench.crowd import post
from tests.bench.listeners import Crowd, joining, palabre
from tests.services import ServerProcess

ENV = {"PALABRE_RATE": "100000", "PALABRE_MAX_CONNECTIONS": "20000"}


@contextmanager
def started(database_url: str | None = None, redis_url: str | None = None, **env: str) -> Iterator[ServerProcess]:
    with ServerProcess(database_url, redis_url, env=ENV | env) as server:
        machine.pin(server.family())
        yield server


def new_room(server: ServerProcess) -> tuple[str, str]:
    """A room, and its host's token."""
    made = post(server, "/api/rooms", {"title": "Plénière", "name": "Claire"})
    return made["room"], made["token"]


def opening_of(server: ServerProcess, room: str, member: str) -> bytes:
    """The opening of a member of whom the room knows already."""
    tokens = Tokens(server.env["PALABRE_SECRET"].encode())
    return joining(token_of_before(tokens, member=member, name="Claire", room=room, role="guest"), room)


def participants(server: ServerProcess, room: str, count: int) -> list[bytes]:
    """Openings of so many new participants; tokens are signed as the server signs them, joins by HTTP are not what is measured."""
    tokens = Tokens(server.env["PALABRE_SECRET"].encode())
    return [
        joining(token_of_before(tokens, member=new_id("member"), name=f"P {i}", room=room, role="guest"), room)
        for i in range(count)
    ]


def crowd_in(server: ServerProcess, room: str, count: int) -> Crowd:
    """So many participants of a room, all joined."""
    crowd = Crowd(server.port, palabre(room))
    crowd.gather(participants(server, room, count))
    return crowd
