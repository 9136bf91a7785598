"""How long each HTTP read, join and query, in a room as full as rooms may be, keeps everybody else waiting: the longest turn of the loop.

The real application behind its wire, on SQLite, in this process; times are of the processor, so that other work of the machine counts for little.
"""

import asyncio
import gc
import json
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import msgpack
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from protocol.commands import QUERIES
from protocol.version import JSON, MSGPACK, Codec
from server.app import create
from server.config import read_settings
from server.journal.port import Appended, Commit, Entry
from server.model.events import FORMAT
from server.model.kernel import Event
from server.workshop.board.ideas import IdeaAdded
from server.workshop.model import WORKSHOP
from server.workshop.people.people import MEMBERS, MemberEntered
from server.workshop.state.board import IDEAS
from tests.bench.figures.sweep import GOAL, SHOWN, Turns
from tests.bench.table import Row, Scale
from tests.bench.whole import Size, of
from tests.web.conftest import SECRET, client_of, running
from tests.web.test_routes import ROUTES

ASKED: Final[dict[str, dict[str, Any]]] = {
    "history": {"limit": 100},
    "search": {"text": "réunion lundi", "limit": 100},
    "duplicates": {"limit": 100},
}

if missing := QUERIES.keys() - ASKED.keys():
    raise SystemExit(f"expected something to ask of each query; nothing of {', '.join(missing)}")


async def _longest(size: Size, folder: Path) -> dict[str, float]:
    app = create(read_settings({"PALABRE_DATA": str(folder), "PALABRE_SECRET": SECRET, "PALABRE_RATE": "1000"}))
    took: dict[str, float] = {}
    async with running(app), client_of(app, "127.0.0.1") as client:
        made = (await client.post("/api/rooms", json={"title": "Plénière", "name": "Claire"})).json()
        asked = {"code": made["code"], "name": "Paul"}
        participants = [(await client.post("/api/join", json=asked)).json()["token"] for _ in range(len(ROUTES) + 4)]
        await _fill(app, made["room"], size)
        gc.collect()
        with Turns() as turns:
            for name, read in _reads(str(client.base_url).rstrip("/"), made, participants).items():
                await asyncio.sleep(0.1)
                await turns.longest()
                await asyncio.to_thread(asyncio.run, read())
                took[name] = await turns.longest()
    return took


async def _fill(app: Any, room: str, size: Size) -> None:
    """As somebody else's commits, and until all of it can be searched."""
    channel = await app._hub.channel(room)
    head = channel.room.layers.seq
    events: list[Event] = [MemberEntered(of("member", n), "participant", f"P {n}", 1) for n in range(size.members)]
    ideas: list[Event] = [
        IdeaAdded(
            of("idea", n), 1, f"b{n:05}x", f"Moins de réunions {n} le lundi, et plus courtes", of("member", n % 500)
        )
        for n in range(size.ideas)
    ]
    for part in (events, *(ideas[n : n + 200] for n in range(0, len(ideas), 200))):
        head += 1
        commit = Commit(head, FORMAT, 1, WORKSHOP.events.encode(part))
        entry = Entry(room, channel.room.incarnation, commit, (head.to_bytes(16, "big"),))
        assert isinstance(await app._journal.append(entry), Appended)
        await channel.room.refresh()
    while await app._journal.behind(""):  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0.5)


def _reads(
    address: str, made: dict[str, Any], participants: list[str]
) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
    """By what is read: who reads it, three times, each a participant of its own, for each has a rate (H13)."""
    reads: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
    paths = {
        f"GET {route}": request.removeprefix("GET ") for route, request in ROUTES.items() if request.startswith("GET ")
    }
    paths |= {f"report.{form}": f"/api/rooms/room:aaaaaaaaaaaa/report.{form}" for form in ("html", "md", "csv", "xlsx")}
    for name, path in paths.items():
        path = path.replace("room:aaaaaaaaaaaa", made["room"]).replace("BCDFGH", made["code"])
        reads[name] = partial(_got, address + path, participants.pop())
    for codec in (JSON, MSGPACK):
        reads[f"a join, {codec}"] = partial(_asked, address, made, codec, None)
    for query in ASKED:
        reads[f"ask {query}"] = partial(_asked, address, made, JSON, query)
    return reads


async def _got(address: str, token: str) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
        for _ in range(3):
            answer = await client.get(address)
            if answer.status_code == 429 or answer.status_code >= 500:
                raise RuntimeError(f"expected an answer to {address}; got {answer.status_code} {answer.text[:200]}")


async def _asked(address: str, made: dict[str, Any], codec: Codec, query: str | None) -> None:
    """A join, and what is asked behind it."""
    room, ask = (
        made["room"],
        {"t": "ask", "id": "1", "stream": made["room"], "query": query, "args": ASKED.get(query or "")},
    )
    messages = [{"t": "hello", "token": made["token"]}, {"t": "join", "stream": room}, *([ask] * 3 if query else ())]
    pack: Callable[[Any], Any] = json.dumps if codec == JSON else msgpack.packb
    unpack: Callable[[Any], Any] = json.loads if codec == JSON else msgpack.unpackb
    url = address.replace("http", "ws", 1) + "/ws"
    async with connect(url, subprotocols=[Subprotocol(codec)], compression=None, max_size=None) as socket:
        for message in messages:
            await socket.send(pack(message))
        answers = 0
        async for frame in socket:
            told = unpack(frame)
            answers += told.get("id") == "1"
            if answers == 3 or (query is None and told["t"] == "state" and not told.get("more")):
                return


def rows(scale: Scale) -> Iterator[Row]:
    size = Size(scale.of(MEMBERS, 2_000) - 10, scale.of(IDEAS, 2_000) - 10)
    with tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(_longest(size, Path(folder)))
    longest = sorted(took.items(), key=lambda item: -item[1])
    over = sum(each > GOAL for each in took.values())
    told = ", ".join(f"{name} {1000 * each:.0f}" for name, each in longest[:SHOWN])
    yield Row(
        f"each of {len(took)} reads of a room of {size.ideas:,} ideas and {size.members:,} members (HTTP, joins, queries):"
        " the loop's longest turn (ms of CPU)",
        "none over 50 ms",
        f"{'**missed** by ' + str(over) if over else 'met'}: {told}",
    )
