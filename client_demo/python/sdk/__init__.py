"""Palabre's client for asyncio, on `protocol/` and `websockets`.

connect       a live room: records, commands, signals, people
Client        one connection with several such streams, and news of others
create_room, join_room, enter_screen, come_back    how one gets a token
templates     agendas to begin with
new_id        ids for what one makes; new_key: the name of an entry
Refused, Unreachable    what goes wrong
"""

from client_demo.python.sdk.client import Client, connect
from client_demo.python.sdk.conversation import Change
from client_demo.python.sdk.errors import Refused, Unreachable
from client_demo.python.sdk.http import (
    Entry,
    come_back,
    create_room,
    enter_screen,
    export,
    join_room,
    new_key,
    templates,
)
from client_demo.python.sdk.ids import new_id
from client_demo.python.sdk.replica import Record
from client_demo.python.sdk.room import Room
from client_demo.python.sdk.watch import Heard

__all__ = [
    "Change",
    "Client",
    "Entry",
    "Heard",
    "Record",
    "Refused",
    "Room",
    "Unreachable",
    "come_back",
    "connect",
    "create_room",
    "enter_screen",
    "export",
    "join_room",
    "new_id",
    "new_key",
    "templates",
]
