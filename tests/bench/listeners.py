"""One loop client for all servers: raw sockets, copies counted by a marker in the bytes, so that the client is not the limit.

A `Dialect` says how one server is spoken to: the handshake's path, what a listener says to be let in, which bytes tell that he
is, how the n-th message is said, and which bytes answer it.
"""

import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tests.bench.crowd import frame
from tests.wire.harness import upgrade_request

MARKER = b"~palabre~"
TEXT = (MARKER + b"." * (100 - len(MARKER))).decode()
"""What is said, to every server: 100 bytes."""

STALLED = 20.0
"""Seconds without a byte, after which a run has failed."""

_PING, _PONG = b"\x89\x00", bytes((0x8A, 0x80)) + bytes(4)
_READ = 262_144


class Dialect(NamedTuple):
    """
    Attributes:
        opening: what is sent behind the handshake; b"" for nothing.
        ready: what is in the bytes that come once a listener hears all (b"": the handshake itself).
        say: the frame of the n-th message of a run.
        answer: what the speaker hears once for each of his messages.
    """

    path: str
    protocol: str | None
    ready: bytes
    say: Callable[[int], bytes]
    answer: bytes = MARKER


class Heard(NamedTuple):
    """
    Attributes:
        copies: how many were counted over all listeners.
        messages: how many were said.
        waits: seconds from each message to its end (see `converse`), in order.
    """

    copies: int
    messages: int
    took: float
    waits: list[float]


class Ear:
    __slots__ = ("began", "head", "opening", "ready", "socket", "tail")

    def __init__(self, listener: socket.socket, opening: bytes) -> None:
        self.socket = listener
        self.opening = opening
        self.head: bytes | None = b""
        """What came of the handshake's answer; None behind it."""
        self.ready = False
        self.tail = b""
        self.began = time.perf_counter()


class Crowd:
    """Connections to one port; the first one that was gathered speaks."""

    def __init__(self, port: int, dialect: Dialect) -> None:
        self.port, self.dialect = port, dialect
        self.ears: dict[int, Ear] = {}
        self._poll = select.epoll()

    def __len__(self) -> int:
        return len(self.ears)

    @property
    def speaker(self) -> Ear:
        return next(iter(self.ears.values()))

    def gather(self, openings: Sequence[bytes], at_once: int = 200) -> list[float]:
        """Connect one listener for each opening, so many at a time; what each waited, in seconds, until he was ready."""
        waiting = deque(openings)
        waits: list[float] = []
        under_way = 0
        while waiting or under_way:
            while waiting and under_way < at_once:
                self._connect(waiting.popleft())
                under_way += 1
            for ear, data in self._read():
                if not ear.ready and self._welcome(ear, data):
                    ear.ready = True
                    under_way -= 1
                    waits.append(time.perf_counter() - ear.began)
        return waits

    def scatter(self) -> None:
        """All hang up, without a word."""
        for ear in self.ears.values():
            self._poll.unregister(ear.socket)
            ear.socket.close()
        self.ears.clear()

    def converse(
        self, seconds: float, in_flight: int, *, most: int = 10**9, first: int = 0, until_answered: bool = False
    ) -> Heard:
        """Keep so many messages in flight; return when all that was said has been heard by all.

        Args:
            most: messages at most.
            first: the number of the first one.
            until_answered: a message is in flight until the speaker has its answer, not until everyone has his copy.
        """
        ears, answer = len(self.ears), self.dialect.answer
        speaker = self.speaker
        copies = answered = said = ended = 0
        began: deque[float] = deque()
        waits: list[float] = []
        start = time.perf_counter()
        while True:
            now = time.perf_counter()
            while began and len(waits) < ended:
                waits.append(now - began.popleft())
            speaking = now < start + seconds and said < most
            if speaking and (count := min(most, ended + in_flight) - said) > 0:
                self._send(speaker, b"".join(map(self.dialect.say, range(first + said, first + said + count))))
                said += count
                began.extend([now] * count)
            elif not speaking and copies == said * ears and (answered == said or answer == MARKER):
                return Heard(copies, said, now - start, waits)
            for ear, data in self._read():
                copies += self._count(ear, data)
                if ear is speaker:
                    answered += data.count(answer)
            ended = answered if until_answered else copies // ears

    def acknowledged(self, seconds: float, in_flight: int, *, first: int = 0, most: int = 10**9) -> Heard:
        """Keep so many messages in flight until the speaker has their answers, whoever hears them; copies are not counted."""
        speaker = self.speaker
        answered = said = 0
        began: deque[float] = deque()
        waits: list[float] = []
        tail = b""
        start = time.perf_counter()
        while True:
            now = time.perf_counter()
            while len(waits) < answered:
                waits.append(now - began.popleft())
            if now < start + seconds and said < most:
                count = min(most, answered + in_flight) - said
                self._send(speaker, b"".join(map(self.dialect.say, range(first + said, first + said + count))))
                said += count
                began.extend([now] * count)
            elif answered == said:
                return Heard(0, said, now - start, waits)
            for ear, data in self._read():
                if ear is speaker:
                    data = tail + data
                    if b"\xa1t\xa7refused" in data:
                        raise ValueError(f"expected every command to be done; got {data[:200]!r}")
                    answered += data.count(self.dialect.answer)
                    tail = data[1 - len(self.dialect.answer) :]

    def ask(self, commands: Sequence[bytes]) -> list[float]:
        """Have the speaker's commands done, at most 200 in flight; the seconds that each took."""
        dialect, left = self.dialect, len(commands)
        self.dialect = dialect._replace(say=lambda number: commands[number])
        heard = self.acknowledged(STALLED, 200, most=left)
        self.dialect = dialect
        return heard.waits

    def at_pace(self, seconds: float, times: Sequence[float], *, first: int = 0) -> int:
        """Say one message at each of these times (seconds from now), and hear it all; how many copies came."""
        start = time.perf_counter()
        copies = said = 0
        while time.perf_counter() < start + seconds or copies < said * len(self.ears):
            while said < len(times) and time.perf_counter() >= start + times[said]:
                self._send(self.speaker, self.dialect.say(first + said))
                said += 1
            next_at = start + times[said] if said < len(times) else start + seconds
            for ear, data in self._read(max(0.001, next_at - time.perf_counter())):
                copies += self._count(ear, data)
        return copies

    def say(self, raw: bytes) -> None:
        self._send(self.speaker, raw)

    def hear(
        self, timeout: float, only: Callable[[Ear], bool] | None = None, most: int = _READ
    ) -> list[tuple[Ear, bytes]]:
        """What has come, at most so many bytes of each; nobody need have said anything. `only`: of others nothing is read."""
        return self._read(timeout, only, most)

    def _connect(self, opening: bytes) -> None:
        listener = socket.create_connection(("127.0.0.1", self.port))
        listener.setblocking(False)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ears[listener.fileno()] = Ear(listener, opening)
        listener.send(upgrade_request(self.port, self.dialect.path, self.dialect.protocol))
        self._poll.register(listener, select.EPOLLIN)

    def _welcome(self, ear: Ear, data: bytes) -> bool:
        """Take in what comes before a listener is ready; whether now he is."""
        if ear.head is None:
            data = ear.tail + data
            ear.tail = data[-len(self.dialect.ready) :]
            if self.dialect.ready in data:
                ear.tail = b""
                return True
            return False
        ear.head += data
        head, end, rest = ear.head.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head.decode(errors="replace"))
        ear.head = None
        if ear.opening:
            ear.socket.send(ear.opening)
            ear.opening = b""
        return not self.dialect.ready or bool(rest and self._welcome(ear, rest))

    def _read(
        self, timeout: float | None = None, only: Callable[[Ear], bool] | None = None, most: int = _READ
    ) -> list[tuple[Ear, bytes]]:
        found = []
        ready = self._poll.poll(STALLED if timeout is None else timeout)
        if not ready and timeout is None:
            raise TimeoutError(f"expected a byte within {STALLED:g} s")
        for descriptor, _ in ready:
            ear = self.ears[descriptor]
            if only is not None and not only(ear):
                continue
            data = ear.socket.recv(most)
            if not data:
                raise ConnectionError("the server hung up")
            if _PING in data:  # wherever it stands; where other bytes look like one, a pong too many harms nobody
                ear.socket.send(_PONG)
            found.append((ear, data))
        return found

    def _count(self, ear: Ear, data: bytes) -> int:
        """Copies whose last byte has come: a marker may lie across two reads."""
        if ear.tail:
            data = ear.tail + data
        ear.tail = b""
        for length in range(min(len(MARKER) - 1, len(data)), 0, -1):
            if data.endswith(MARKER[:length]):
                ear.tail = data[-length:]
                break
        return data.count(MARKER)

    @staticmethod
    def _send(ear: Ear, raw: bytes) -> None:
        sent = 0
        while sent < len(raw):
            try:
                sent += ear.socket.send(raw[sent:])
            except BlockingIOError:
                select.select([], [ear.socket], [], 1)


def joining(token: str, room: str, since: dict[str, object] | None = None) -> bytes:
    """The opening of a connection that joins a room of ours, or comes back to it."""
    join: dict[str, object] = {"t": "join", "stream": room}
    return frame({"t": "hello", "token": token}) + frame(join if since is None else join | {"since": since})


def palabre(room: str, say: Callable[[int], bytes] | None = None) -> Dialect:
    """How our own server is spoken to; without `say` messages are ideas. After a join the last to come is who is present."""

    def idea(number: int) -> bytes:
        return command(room, f"c{number}", "idea.add", id=f"idea:{number:012d}", text=TEXT)

    return Dialect("/ws", "palabre.v1.msgpack", b"\xa1t\xa6people", say or idea, b"\xa1t\xa4done")


def command(room: str, id: str, cmd: str, /, **args: object) -> bytes:
    return frame({"t": "do", "id": id, "stream": room, "cmd": cmd, "args": args})


def text_frame(text: str) -> bytes:
    """A masked text frame, under 126 bytes or under 64 KB."""
    payload = text.encode()
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
    return head + bytes(4) + payload


def binary_frame(payload: bytes) -> bytes:
    return b"\x82" + text_frame(payload.decode())[1:]


PLAIN = Dialect("/ws", "palabre.v1.msgpack", b"", lambda _: binary_frame(TEXT.encode()))
"""Servers that send on whatever they are sent."""

SOCKET_IO = Dialect(
    "/socket.io/?EIO=4&transport=websocket", None, b'40{"sid"', lambda _: text_frame(f'42["say","{TEXT}"]')
)
