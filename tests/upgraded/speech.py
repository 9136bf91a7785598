"""How people speak to a server of either release: HTTP and the WebSocket, in the words of that release."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, Self

from websockets import Subprotocol
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from protocol.version import JSON
from tests.services import ServerProcess
from tests.services.process import HUNG

Record = dict[str, Any]
Records = dict[str, Record]


class Words(NamedTuple):
    """What a release calls what this one calls otherwise.

    Attributes:
        fields: of frames.
        commands: names of commands, and under each name those of its arguments.
    """

    fields: Mapping[str, str]
    commands: Mapping[str, tuple[str, Mapping[str, str]]]


OURS: Final = Words({}, {})
EARLIER: Final = Words(
    {"stream": "room"},
    {
        "member.weight": ("member.table", {"weight": "size"}),
        "breakout.draw": ("circle.draw", {}),
        "breakout.take": ("circle.take", {"breakout": "circle"}),
        "breakout.end": ("circle.end", {}),
    },
)


class Release(NamedTuple):
    """A server that runs, and what it calls things."""

    server: ServerProcess
    words: Words

    def call(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, bytes]:
        """The status and the body of an answer, whichever it is."""
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        raw = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.server.url + path, raw, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=HUNG) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def told(self, method: str, path: str, body: object = None, token: str = "") -> dict[str, Any]:
        """A JSON answer; of a refusal only its code."""
        status, raw = self.call(method, path, body, token)
        answer: dict[str, Any] = json.loads(raw)
        return answer if status < 300 else {"refused": answer["code"]}

    def line(self, token: str, room: str, since: "Cursor | None" = None) -> "Line":
        return Line(self, token, room, since)


class Cursor(NamedTuple):
    """How far somebody has followed (SPEC S4)."""

    epoch: str
    seq: int


class RefusedError(Exception):
    """Attributes: code: of the refusal, or of the `bye`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class Line:
    """A connection that has joined one room.

    Args:
        since: what it followed before; None: nothing.

    Attributes:
        cursor: of the state that it was given.
        shared: records of that state; `mine`: of its member alone.

    Raises:
        RefusedError: it was not let in.
    """

    def __init__(self, release: Release, token: str, room: str, since: Cursor | None = None) -> None:
        self._words = release.words
        self._room = room
        self._socket = connect(
            release.server.ws_url, subprotocols=[Subprotocol(JSON)], max_queue=None, max_size=None, open_timeout=HUNG
        )
        self.cursor = Cursor("", 0)
        self.shared: Records = {}
        self.mine: Records = {}
        try:
            self._send(t="hello", token=token, client="tests.upgraded")
            self._send(t="join", stream=room, **({"since": since._asdict()} if since else {}))
            self._join()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def do(self, id: str, cmd: str, /, again: bool = False, **args: Any) -> dict[str, Any]:
        """One command and its answer: {seq}, or {refused}."""
        return self.do_all([(id, cmd, args)], again=again)[0]

    def do_all(
        self, asked: Iterable[tuple[str, str, Mapping[str, Any]]], *, again: bool = False
    ) -> list[dict[str, Any]]:
        """Many commands at once, each (id, cmd, args)."""
        ids = []
        for id, cmd, args in asked:
            name, named = self._words.commands.get(cmd, (cmd, {}))
            said = {named.get(key, key): value for key, value in args.items()}
            self._send(t="do", id=id, stream=self._room, cmd=name, args=said, **({"again": True} if again else {}))
            ids.append(id)
        answers: dict[str, dict[str, Any]] = {}
        while len(answers) < len(ids):
            message = self._receive()
            if message["t"] == "done":
                answers[message["id"]] = {"seq": message["seq"]}
            elif message["t"] == "refused":
                answers[message["id"]] = {"refused": message["code"]}
        return [answers[id] for id in ids]

    def ask(self, query: str, **args: Any) -> tuple[list[Record], bool]:
        """Items, and whether there are more.

        Raises:
            RefusedError
        """
        self._send(t="ask", id=query, stream=self._room, query=query, args=args)
        while True:
            message = self._receive()
            if message["t"] == "answer":
                return message["items"], message.get("more", False)
            if message["t"] == "refused":
                raise RefusedError(message["code"], message["text"])

    def _join(self) -> None:
        while True:
            message = self._receive()
            match message["t"]:
                case "mine":
                    self.mine |= {record["id"]: record for record in message.get("put", ())}
                case "state":
                    self.shared |= {record["id"]: record for record in message.get("put", ())}
                    self.cursor = Cursor(message["epoch"], message["seq"])
                    if not message.get("more"):
                        return
                case "refused":
                    raise RefusedError(message["code"], message["text"])

    def _send(self, **message: Any) -> None:
        self._socket.send(json.dumps({self._words.fields.get(key, key): value for key, value in message.items()}))

    def _receive(self) -> dict[str, Any]:
        try:
            message: dict[str, Any] = json.loads(self._socket.recv(HUNG))
        except ConnectionClosed as error:
            raise RefusedError("closed", str(error)) from None
        if message["t"] == "bye":
            raise RefusedError(message["code"], message["text"])
        return message
