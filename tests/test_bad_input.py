"""Whatever a client sends: a named answer for him, and nothing for anybody else (SPEC E2, W2 to W5, L1 to L4, I1 to I3).

Handshakes, headers and HTTP bodies are tested where they are read: tests/wire and tests/web.
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.commands import COMMANDS
from protocol.errors import TABLE, Code
from protocol.version import FRAME_BYTES
from server.session.session import CLOSE_CODES
from server.wire.encoding import BINARY, TEXT
from tests.inprocess import AS_SCREEN, HOST, OTHER, PARTICIPANT, ROOM, Client, World, fresh, world
from tests.properties import bounded
from tests.virtual import VirtualLoop, run, settle, timed

State = Literal["connected", "greeted", "joined", "host", "screen"]


class Case(NamedTuple):
    """
    Attributes:
        when: how far the attacker's connection has come.
        sends: one message, as a value or as bytes of msgpack; what is text is a frame of JSON.
        code: of the answer.
        closes: the WebSocket code that the connection then closes with; None: it stays open.
        id: of the refusal.
    """

    when: State
    sends: Any
    code: Code
    closes: int | None = None
    id: str = ""


def do(cmd: str, id: str = "attack", /, **args: Any) -> dict[str, Any]:
    return {"t": "do", "id": id, "stream": ROOM, "cmd": cmd, "args": args}


def add(text: Any = "x", n: int = 100, **more: Any) -> dict[str, Any]:
    return do("idea.add", **{"id": fresh("idea", n), "text": text, **more})


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


CASES: dict[str, Case] = {
    # No message at all (W3, L1, L2).
    "no msgpack": Case("joined", b"\xc1", Code.MALFORMED, 1007),
    "nothing": Case("joined", b"", Code.MALFORMED, 1007),
    "cut short": Case("joined", b"\x85\xa1t\xa2do", Code.MALFORMED, 1007),
    "two messages in one frame": Case("joined", b"\x80\x80", Code.MALFORMED, 1007),
    "a list": Case("joined", [1, 2], Code.MALFORMED, 1007),
    "a number": Case("joined", 7, Code.MALFORMED, 1007),
    "an array longer than its frame": Case("joined", b"\x81\xa1t\xdd\xff\xff\xff\xff", Code.MALFORMED, 1007),
    "a text that is no UTF-8": Case("joined", b"\x81\xa1t\xa2\xff\xfe", Code.MALFORMED, 1007),
    "an extension type": Case("joined", b"\x81\xa1t\xc7\x03\x05abc", Code.MALFORMED, 1007),
    "a key that is a number": Case("joined", b"\x81\x01\x02", Code.MALFORMED, 1007),
    "a key that is a map": Case("joined", b"\x81\x80\x02", Code.MALFORMED, 1007),
    "a key of bytes": Case("joined", b"\x81\xc4\x01t\x02", Code.MALFORMED, 1007),
    "no JSON": Case("joined", "{", Code.MALFORMED, 1007),
    "a number without end": Case("joined", '{"t": ' + "9" * 5000 + "}", Code.MALFORMED, 1007),
    "too large": Case("joined", add("x" * FRAME_BYTES), Code.TOO_LARGE, 1009),
    "too deep": Case("joined", {"t": "do", "x": nested(8)}, Code.TOO_DEEP),
    "far too deep": Case("joined", b"\x81\xa1x" + b"\x91" * 60_000 + b"\x90", Code.TOO_DEEP),
    "far too deep, in JSON": Case("joined", '{"x":' + "[" * 30_000 + "]" * 30_000 + "}", Code.TOO_DEEP),
    # A message, but which? (W2)
    "no type": Case("joined", {"x": 1}, Code.UNKNOWN_TYPE),
    "an unknown type": Case("joined", {"t": "vote", "id": "attack"}, Code.UNKNOWN_TYPE, id="attack"),
    "a server's type": Case("joined", {"t": "state", "id": "attack"}, Code.UNKNOWN_TYPE, id="attack"),
    "a type that is a list": Case("joined", {"t": ["do"]}, Code.UNKNOWN_TYPE),
    "a field missing": Case("joined", {"t": "do", "id": "attack"}, Code.INVALID, id="attack"),
    "a field of the wrong type": Case("joined", {"t": "join", "stream": 7}, Code.INVALID),
    "args that are a list": Case("joined", do("idea.add") | {"args": []}, Code.INVALID, id="attack"),
    "bytes where text is expected": Case("joined", add(b"bytes"), Code.INVALID, id="attack"),
    "a seq that is negative": Case("joined", {"t": "join", "stream": ROOM, "since": {"epoch": "x", "seq": -1}}, Code.INVALID, id=ROOM),
    "a seq too wide": Case("joined", {"t": "join", "stream": ROOM, "since": {"epoch": "x", "seq": 2**53}}, Code.INVALID, id=ROOM),
    "a seq far too wide": Case(
        "joined",
        '{"t": "join", "stream": "x", "since": {"epoch": "x", "seq": 99999999999999999999999}}',
        Code.MALFORMED,
        1007,
    ),
    "a command's id with a space": Case("joined", do("idea.add", "a b"), Code.INVALID, id="a b"),
    "a command's id too long": Case("joined", do("idea.add", "a" * 65), Code.INVALID),
    "as something else": Case("joined", {"t": "join", "stream": ROOM, "as": "host"}, Code.INVALID, id=ROOM),
    # Who is it? (W4, W5)
    "a command before hello": Case("connected", add(), Code.HELLO_REQUIRED, id="attack"),
    "a join before hello": Case("connected", {"t": "join", "stream": ROOM}, Code.HELLO_REQUIRED, id=ROOM),
    "a token that nobody signed": Case("connected", {"t": "hello", "token": "x.y.z"}, Code.UNAUTHORIZED, 1008),
    "a token too long": Case("connected", {"t": "hello", "token": "x" * 4097}, Code.INVALID),
    "a hello without token": Case("connected", {"t": "hello"}, Code.INVALID),
    "a second hello": Case("joined", {"t": "hello", "token": PARTICIPANT.token}, Code.INVALID),
    "another member's refresh": Case("joined", {"t": "refresh", "token": OTHER.token}, Code.FORBIDDEN),
    "a forged refresh": Case("joined", {"t": "refresh", "token": "x"}, Code.UNAUTHORIZED, 1008),
    "a watch of too many": Case(
        "joined", {"t": "watch", "id": "attack", "streams": ["x"] * 101}, Code.INVALID, id="attack"
    ),
    "a watch without an id": Case("joined", {"t": "watch", "streams": []}, Code.INVALID),
    # Where? (S11)
    "a room not joined": Case("greeted", add(), Code.NOT_JOINED, id="attack"),
    "a signal for a room not joined": Case("greeted", {"t": "signal", "stream": ROOM, "kind": "hand"}, Code.NOT_JOINED),
    "a foreign room": Case("greeted", {"t": "join", "stream": "room:zzzzzzzzzzzz"}, Code.UNKNOWN_ROOM, id="room:zzzzzzzzzzzz"),
    "a question to a room not joined": Case(
        "greeted", {"t": "ask", "id": "attack", "stream": ROOM, "query": "history"}, Code.NOT_JOINED, id="attack"
    ),
    # What? (C, L3, L4, I1 to I3)
    "an unknown command": Case("joined", do("idea.explode"), Code.UNKNOWN_COMMAND, id="attack"),
    "the server's own command": Case("joined", do("room.create"), Code.UNKNOWN_COMMAND, id="attack"),
    "an unknown query": Case(
        "joined", {"t": "ask", "id": "attack", "stream": ROOM, "query": "secrets"}, Code.UNKNOWN_QUERY, id="attack"
    ),
    "a query's wrong limit": Case(
        "joined", {"t": "ask", "id": "attack", "stream": ROOM, "query": "history", "args": {"limit": 0}}, Code.INVALID, id="attack"
    ),
    "an empty search": Case(
        "joined", {"t": "ask", "id": "attack", "stream": ROOM, "query": "search", "args": {"text": ""}}, Code.INVALID, id="attack"
    ),
    "a command for hosts": Case("joined", do("zone.add", id=fresh("zone", 1), title="x"), Code.FORBIDDEN, id="attack"),
    "a host's screen": Case("screen", add(), Code.FORBIDDEN, id="attack"),
    "another's idea": Case("joined", do("idea.edit", id=fresh("idea", 1), text="x"), Code.FORBIDDEN, id="attack"),
    "a hidden idea": Case("joined", do("idea.edit", id=fresh("idea", 2), text="x"), Code.NOT_FOUND, id="attack"),
    "an idea that never was": Case("joined", do("idea.edit", id=fresh("idea", 3), text="x"), Code.NOT_FOUND, id="attack"),
    "an empty text": Case("joined", add(" \u2003\n"), Code.TEXT_EMPTY, id="attack"),
    "a text over its limit": Case("joined", add("é" * 281), Code.TEXT_TOO_LONG, id="attack"),
    "U+0000": Case("joined", add("a\0b"), Code.TEXT_FORBIDDEN, id="attack"),
    "U+0000 in a key": Case("joined", add() | {"\0": 1}, Code.TEXT_FORBIDDEN, id="attack"),
    "a lone surrogate": Case("joined", json.dumps(add("\ud83c")), Code.TEXT_FORBIDDEN, id="attack"),
    "a lone surrogate in a search": Case(
        "joined", json.dumps({"t": "ask", "id": "attack", "stream": ROOM, "query": "search", "args": {"text": "\udfff"}}),
        Code.TEXT_FORBIDDEN, id="attack",
    ),
    "an id in use": Case("joined", add(n=1), Code.ID_TAKEN, id="attack"),
    "an id in use, hidden": Case("joined", add(n=2), Code.ID_TAKEN, id="attack"),
    "an id of another kind": Case("joined", add(id=fresh("message", 9)), Code.INVALID, id="attack"),
    "an id too short": Case("joined", add(id="idea:short"), Code.INVALID, id="attack"),
    "an id with a line's end": Case("joined", add(id=fresh("idea", 9) + "\n"), Code.INVALID, id="attack"),
    "a command's id with a line's end": Case("joined", do("idea.undo", "attack\n"), Code.INVALID),
    "a zone that is not there": Case("joined", add(zone=fresh("zone", 9)), Code.NOT_FOUND, id="attack"),
    "a null where none may be": Case("host", do("room.set", title=None), Code.INVALID, id="attack"),
    "a reaction of another kind": Case("joined", do("reaction.add", on=fresh("idea", 1), kind="boom"), Code.INVALID, id="attack"),
    "a reaction on the room": Case("joined", do("reaction.add", on=ROOM, kind="love"), Code.NOT_FOUND, id="attack"),
    "the last host's own role": Case("host", do("member.role", id=HOST.member, role="participant"), Code.FORBIDDEN, id="attack"),
    "a cursor off the board": Case(
        "joined", {"t": "signal", "stream": ROOM, "kind": "cursor", "data": {"x": 9, "y": 0}}, Code.INVALID
    ),
    "a cursor that is no number": Case(
        "joined",
        '{"t": "signal", "stream": "' + ROOM + '", "kind": "cursor", "data": {"x": NaN, "y": 0}}',
        Code.MALFORMED,
        1007,
    ),
    "infinity in a field that nobody knows": Case(
        "joined", '{"t": "signal", "stream": "' + ROOM + '", "kind": "hand", "data": {}, "x": 1e400}', Code.MALFORMED, 1007
    ),
    "no number, in msgpack": Case(
        "joined",
        {"t": "signal", "stream": ROOM, "kind": "cursor", "data": {"x": float("nan"), "y": 0}},
        Code.MALFORMED,
        1007,
    ),
    "nothing to undo": Case("joined", do("idea.undo"), Code.NOTHING_TO_UNDO, id="attack"),
}  # fmt: skip


async def stage(w: World, case: Case) -> tuple[Client, Client]:
    """A bystander with a board before him, and the attacker, as far as his connection has come."""
    host = await w.enter(HOST)
    await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
    await host.done("b", "idea.add", id=fresh("idea", 2), text="cachée")
    await host.done("c", "post.hide", on=fresh("idea", 2))
    host.wire.cut()
    bystander = await w.enter(OTHER)
    who = HOST if case.when in ("host", "screen") else PARTICIPANT
    attacker = w.connect(who, TEXT if isinstance(case.sends, str) else BINARY)
    if case.when != "connected":
        attacker.hello()
    if case.when in ("joined", "host"):
        await attacker.ready()
    if case.when == "screen":
        await attacker.ready(**AS_SCREEN)
    await asyncio.sleep(5)
    attacker.forget()
    return bystander, attacker


def frame(sends: Any) -> bytes:
    if isinstance(sends, bytes):
        return sends
    return sends.encode() if isinstance(sends, str) else msgpack.packb(sends)


async def watched(folder: Path, case: Case, *, attack: bool) -> list[dict[str, Any]]:
    """What a bystander is sent, with the attack or without it."""
    async with world(folder) as w:
        bystander, attacker = await stage(w, case)
        bystander.forget()
        if attack:
            attacker.send_raw(frame(case.sends))
            await settle()
            _check(attacker, case)
            held = w.hub.held(ROOM)
            assert held is not None
            assert await w.journal.heads([ROOM]) == {ROOM: (held.layers.seq, held.incarnation)}
        await asyncio.sleep(2)
        if attack and case.closes is None:
            _still_works(attacker, case)
        elif not attack:
            attacker.wire.cut() if case.closes else _still_works(attacker, case)
        await asyncio.sleep(30)
        return list(bystander.wire.got)


def _check(attacker: Client, case: Case) -> None:
    (answer,) = [m for m in attacker.wire.got if m["t"] in ("refused", "bye")]
    assert answer["code"] == case.code
    assert answer["text"]
    assert [m["t"] for m in attacker.wire.got] == [answer["t"]]
    if case.closes is None:
        assert answer == {
            "t": "refused", "id": case.id, "code": case.code, "text": answer["text"], "retry": TABLE[case.code].retry,
        }  # fmt: skip
    assert (answer["t"] == "bye") == (case.closes is not None)
    assert attacker.wire.closed_with == case.closes


def _still_works(attacker: Client, case: Case) -> None:
    if case.when == "connected":
        attacker.hello()
        assert attacker.got("welcome")
    elif case.when == "greeted":
        attacker.join()


@pytest.mark.parametrize("name", CASES)
def test_E2_bad_input_is_answered_by_name_and_nobody_else_notices(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "palabre")
    case = CASES[name]
    (tmp_path / "without").mkdir()
    (tmp_path / "with").mkdir()
    quiet = run(watched(tmp_path / "without", case, attack=False))
    assert caplog.messages == []
    noisy = run(watched(tmp_path / "with", case, attack=True))
    assert caplog.messages == [f"127.0.0.1: {case.code.value}, {TABLE[case.code].text}"]
    if case.closes is not None:  # that someone went away is seen, a moment later than where he was cut off
        quiet, noisy = ([m for m in got if m["t"] != "people"] for got in (quiet, noisy))
    assert _without_chance(noisy) == _without_chance(quiet)


def _without_chance(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The epoch holds the incarnation, which the database draws."""
    return [{k: v for k, v in message.items() if k not in ("epoch", "now")} for message in messages]


@timed
async def test_a_fault_is_logged_once_however_often_it_is_repeated_and_without_what_was_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "palabre")
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        for n in range(3):
            paul.do(f"long{n}", "idea.add", id=fresh("idea", n), text="secret " * 50)
            paul.do(f"gone{n}", "idea.remove", id=fresh("idea", n))
        await settle()
        assert len(paul.got("refused")) == 6
    assert [message.split()[1] for message in caplog.messages] == ["text_too_long,", "not_found,"]
    assert "secret" not in caplog.text


def test_every_close_code_of_a_bye_is_one_that_the_specification_names() -> None:
    assert {Code.MALFORMED: 1007, Code.TOO_LARGE: 1009}.items() <= CLOSE_CODES.items()
    assert {case.closes for case in CASES.values()} == {None, 1007, 1008, 1009}


# The fuzzer: random frames in random states of a conversation.


class Arena:
    """One world on virtual time for all examples of a fuzzer, and a bystander in it."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.entered = world(folder, rate=1_000_000)
        self.world = self.runner.run(self._open())
        self.turn = 0

    async def _open(self) -> World:
        w = await self.entered.__aenter__()
        self.bystander = await w.enter(OTHER)
        host = await w.enter(HOST)
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await host.done("b", "message.send", id=fresh("message", 1), text="un message")
        return w

    def close(self) -> None:
        self.runner.run(self.entered.__aexit__(None, None, None))
        self.runner.close()

    def attack(self, frames: list[tuple[bytes, bool]], *, text: bool, when: State) -> None:
        self.runner.run(self._attack(frames, text, when))

    async def _attack(self, frames: list[tuple[bytes, bool]], text: bool, when: State) -> None:
        self.turn += 1
        w, who = self.world, HOST if when in ("host", "screen") else PARTICIPANT
        attacker = w.connect(who, TEXT if text else BINARY)
        if when != "connected":
            attacker.hello()
        if when in ("joined", "host", "screen"):
            attacker.join(**(AS_SCREEN if when == "screen" else {}))
            if self.turn % 2:
                await settle()
        for payload, codec_matches in frames:
            if attacker.wire.session is None:
                break
            attacker.send_raw(payload, codec_matches=codec_matches)
            if self.turn % 3 == 0:
                await settle(3)
        await asyncio.sleep(0.1)
        for message in attacker.got("refused", "bye"):
            assert message["code"] in list(Code)
            assert message["code"] not in (Code.INTERNAL, Code.UNAVAILABLE)
            if message["t"] == "refused":
                assert message["retry"] == TABLE[Code(message["code"])].retry
        assert bool(attacker.got("bye")) == (attacker.wire.closed_with is not None)
        attacker.wire.cut()
        await self._unharmed()

    async def _unharmed(self) -> None:
        by = self.bystander
        assert by.wire.closed_with is None
        assert by.gaps == 0
        answer = await by.done(f"t{self.turn}", "member.rename", name=f"Nadia {self.turn}")
        if answer["t"] == "refused":
            raise AssertionError(answer)
        by.forget()
        if self.turn % 20 == 0:
            again = await self.world.enter(OTHER)
            assert (by.shared, by.mine) == (again.shared, again.mine)
            again.wire.cut()


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    arena = Arena(tmp_path_factory.mktemp("arena"))
    yield arena
    arena.close()


when = st.sampled_from(["connected", "greeted", "joined", "joined", "joined", "host", "screen"])
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["\0", "\ud800", "x" * 300, "x" * 2100, "é", "", ROOM, PARTICIPANT.token, HOST.token, "host", "screen"]
    ),
    st.sampled_from([fresh("idea", 1), fresh("message", 1), fresh("zone", 1), OTHER.member, fresh("idea", 77)]),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.integers(-1, 2),
    texts,
    st.binary(max_size=4),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)
names = st.sampled_from(
    ["id", "room", "cmd", "args", "t", "text", "zone", "before", "on", "kind", "since", "as", "seq", "x"]
)
MESSAGES: list[dict[str, Any]] = [
    {"t": "hello", "token": PARTICIPANT.token},
    {"t": "refresh", "token": PARTICIPANT.token},
    {"t": "join", "stream": ROOM},
    {"t": "join", "stream": ROOM, "since": {"epoch": "x", "seq": 3}},
    {"t": "leave", "stream": ROOM},
    {"t": "watch", "id": "w", "streams": [ROOM, "room:none"]},
    {"t": "signal", "stream": ROOM, "kind": "cursor", "data": {"x": 0.5, "y": 0.5}},
    {"t": "ask", "id": "q", "stream": ROOM, "query": "history", "args": {"limit": 2}},
    {"t": "ask", "id": "q", "stream": ROOM, "query": "search", "args": {"text": "idée"}},
    *(
        do(name, id=fresh(name.partition(".")[0], 5), on=fresh("idea", 1), text="x", title="x", name="x", kind="love", role="participant")
        for name in COMMANDS
        if name != "room.set"  # which would close the door and pause, for all examples after
    ),
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A valid message, of which something is missing, other, or too much."""
    message: dict[str, Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(draw(st.sampled_from(MESSAGES))))
    if "id" in message and draw(st.booleans()):
        message["id"] = draw(st.text("abcdefgh", min_size=1, max_size=8))
    for _ in range(draw(st.integers(0, 3))):
        inner = message.get("args") or message.get("data") or message.get("since")
        where = inner if isinstance(inner, dict) and draw(st.booleans()) else message
        match draw(st.sampled_from(["drop", "change", "add"])):
            case "drop" if where:
                del where[draw(st.sampled_from(sorted(where, key=repr)))]
            case "change" if where:
                where[draw(st.sampled_from(sorted(where, key=repr)))] = draw(values)
            case _:
                where[draw(names)] = draw(values)
    return message


def as_msgpack(message: Any) -> bytes:
    return msgpack.packb(message, unicode_errors="surrogatepass")  # type: ignore[no-any-return]


def as_json(message: Any) -> bytes:
    return json.dumps(message, default=lambda value: value.decode("latin-1")).encode()


@bounded(150)
@given(when, st.booleans(), st.lists(st.tuples(st.binary(max_size=80), st.just(True)), min_size=1, max_size=5))
def test_E2_random_bytes_raise_nothing(arena: Arena, when: State, text: bool, frames: list[tuple[bytes, bool]]) -> None:
    arena.attack(frames, text=text, when=when)


@bounded(150)
@given(when, st.booleans(), st.lists(st.tuples(values, st.booleans()), min_size=1, max_size=4))
def test_E2_random_values_raise_nothing(arena: Arena, when: State, text: bool, frames: list[tuple[Any, bool]]) -> None:
    encode = as_json if text else as_msgpack
    arena.attack([(encode(value), matches) for value, matches in frames], text=text, when=when)


@bounded(250)
@given(when, st.booleans(), st.lists(mutated(), min_size=1, max_size=10))
def test_E2_nearly_valid_conversations_raise_nothing(
    arena: Arena, when: State, text: bool, messages: list[dict[str, Any]]
) -> None:
    encode = as_json if text else as_msgpack
    arena.attack([(encode(message), True) for message in messages], text=text, when=when)
