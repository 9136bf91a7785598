"""The wire over real sockets, on both event loops. Times are shrunk (`QUICK`); a test waits for what happens, never for time."""

import asyncio
import contextlib
import gc
import logging
import socket
import struct

import pytest
from websockets.frames import Close, CloseCode, Frame, Opcode

from protocol.version import FRAME_BYTES, JSON
from server.wire.encoding import BINARY, TEXT
from server.wire.http import BoundedHttp
from server.wire.websocket import WebSocket
from tests.wire.harness import QUICK, Client, Receiver, Server, connected, serve

CALM = QUICK._replace(ping=60, stall=60, close=60, head=60, body=60)
"""No time ends anything but the test."""


def echo(receiver: Receiver, payload: bytes) -> None:
    receiver.write(receiver.peer.encoding.frame(payload))


async def answers(client: Client, server: Server) -> None:
    """The connection works."""
    server.receivers.on_received = echo
    client.send(Opcode.BINARY, b"still here?")
    while (frame := await client.frame()).data != b"still here?":
        assert frame.opcode is not Opcode.CLOSE


# Messages


async def test_a_message_is_received_and_answered_and_the_close_code_arrives() -> None:
    async with serve() as server, connected(server) as client:
        server.receivers.on_received = lambda receiver, payload: receiver.write(BINARY.frame(payload[::-1]))
        client.send(Opcode.BINARY, b"palabre")
        assert (await client.frame()).data == b"erbalap"
        server.receivers.all[0].peer.close(4000, "au revoir")
        close = await client.close_frame()
        assert (close.code, close.reason) == (4000, "au revoir")
        client.send(Opcode.CLOSE, Close(4000, "").serialize())
        assert await client.ended() == b""
        await server.receivers.told("closed")
        assert server.receivers.all[0].told == [("received", b"palabre", True), ("closed",)]
        await server.gone()


async def test_json_travels_in_text_frames() -> None:
    async with serve() as server, connected(server, JSON) as client:
        server.receivers.on_received = echo
        client.send(Opcode.TEXT, '{"é": 1}'.encode())
        frame = await client.frame()
        assert (frame.opcode, frame.data) == (Opcode.TEXT, '{"é": 1}'.encode())
        assert server.receivers.all[0].peer.encoding is TEXT


async def test_a_frame_of_the_other_kind_is_told_apart() -> None:
    async with serve() as server, connected(server) as client:
        client.send(Opcode.TEXT, b"{}")
        await server.receivers.told("received", b"{}", False)
    async with serve() as server, connected(server, JSON) as client:
        client.send(Opcode.BINARY, b"\x80")
        await server.receivers.told("received", b"\x80", False)


async def test_many_messages_in_one_segment_arrive_in_order() -> None:
    async with serve() as server, connected(server) as client:
        expected = [b"%d" % number * 10 for number in range(3000)]
        client.writer.write(b"".join(Frame(Opcode.BINARY, payload).serialize(mask=True) for payload in expected))
        await server.receivers.told("received", expected[-1], True)
        assert [what[1] for what in server.receivers.all[0].told] == expected


async def test_the_largest_message_passes_in_fragments_and_whole() -> None:
    payload = b"." * FRAME_BYTES
    async with serve() as server, connected(server) as client:
        client.send(Opcode.BINARY, payload)
        await server.receivers.told("received", payload, True)
        server.receivers.all[0].told.clear()
        client.send(Opcode.BINARY, payload[:1000], fin=False)
        client.send(Opcode.PING, b"in between")
        client.send(Opcode.CONT, payload[1000:])
        await server.receivers.told("received", payload, True)
        assert (await client.frame()).data == b"in between"


async def test_a_session_may_close_from_within_a_message_and_hears_no_more() -> None:
    async with serve() as server, connected(server) as client:
        server.receivers.on_received = lambda receiver, payload: receiver.peer.close(4003, "enough")
        client.writer.write(Frame(Opcode.BINARY, b"one").serialize(mask=True) * 1000)
        assert (await client.close_frame()).code == 4003
        assert server.receivers.all[0].told == [("received", b"one", True)]


async def test_a_fault_of_ours_costs_one_connection_only(caplog: pytest.LogCaptureFixture) -> None:
    def fail(receiver: Receiver, payload: bytes) -> None:
        raise LookupError("a bug")

    async with serve() as server, connected(server) as client, connected(server) as other:
        server.receivers.on_received = fail
        client.send(Opcode.BINARY, b"x")
        assert (await client.close_frame()).code == CloseCode.INTERNAL_ERROR
        assert "a bug" in caplog.text
        await answers(other, server)


# What peers must not do


async def test_a_message_too_large_is_told_before_the_close_and_answered() -> None:
    async with serve() as server, connected(server) as client:
        said = Receiver.oversized

        def oversized(receiver: Receiver, size: int) -> None:
            said(receiver, size)
            receiver.write(BINARY.frame(b"refused: too large"))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Receiver, "oversized", oversized)
            client.send(Opcode.BINARY, b"." * (FRAME_BYTES + 1))
            assert (await client.frame()).data == b"refused: too large"
            assert (await client.close_frame()).code == CloseCode.MESSAGE_TOO_BIG
        assert server.receivers.all[0].told == [("oversized", FRAME_BYTES + 1), ("closed",)]


@pytest.mark.parametrize(
    ("flood", "code"),
    [
        pytest.param(Frame(Opcode.PING, b"x").serialize(mask=True) * 10_000, 1008, id="pings"),
        pytest.param(Frame(Opcode.PONG, b"x").serialize(mask=True) * 10_000, 1008, id="pongs"),
        pytest.param(
            Frame(Opcode.BINARY, b"", fin=False).serialize(mask=True)
            + Frame(Opcode.CONT, b"", fin=False).serialize(mask=True) * 10_000,
            1008,
            id="empty continuations",
        ),
        pytest.param(b"\xff" * 100_000, 1002, id="nonsense"),
        pytest.param(b"GET /ws HTTP/1.1\r\n\r\n" * 5_000, 1002, id="http"),
    ],
)
async def test_a_flood_ends_in_a_close_code_that_arrives(flood: bytes, code: int) -> None:
    """Also because only half of the socket is closed: unread bytes would turn a close into a reset (uvicorn#3047)."""
    async with serve() as server, connected(server) as client, connected(server) as other:
        client.writer.write(flood)
        assert (await client.close_frame()).code == code
        assert server.receivers.all[0].told == [("closed",)]
        await answers(other, server)


async def test_a_client_that_pings_politely_stays() -> None:
    limits = QUICK._replace(control_frames=5)
    async with serve(limits) as server, connected(server) as client:
        for number in range(5):
            client.send(Opcode.PING, b"%d" % number)
            assert (await client.frame()).data == b"%d" % number
        await answers(client, server)


async def test_a_flood_of_messages_leaves_others_their_turn() -> None:
    async with serve(CALM) as server, connected(server) as client, connected(server) as other:
        flooder, neighbour = server.receivers.all
        client.writer.write(Frame(Opcode.BINARY, b"x").serialize(mask=True) * 20_000)
        other.send(Opcode.BINARY, b"excuse me")
        await server.receivers.told("received", b"excuse me", True)
        assert neighbour.told == [("received", b"excuse me", True)]
        assert len(flooder.told) < 10_000
        await server.receivers.until(lambda: len(flooder.told) == 20_000)


async def test_who_talks_on_after_our_close_frame_is_dropped() -> None:
    async with serve(CALM) as server, connected(server) as client:
        server.receivers.all[0].peer.close(4000, "")
        client.writer.write(Frame(Opcode.BINARY, b"." * 1000).serialize(mask=True) * 1000)
        await server.gone()
        assert server.receivers.all[0].told == [("closed",)]


# Peers that are gone, or as good as


async def test_a_peer_that_answers_no_ping_is_dropped_and_one_that_does_stays() -> None:
    async with serve() as server, connected(server) as dead, connected(server) as alive:
        gone = asyncio.create_task(dead.ended())
        pings = 0
        while not gone.done():
            frame = await alive.frame()
            assert frame.opcode is Opcode.PING
            alive.send(Opcode.PONG, bytes(frame.data))
            pings += 1
            if pings > 3:
                await gone
        assert set(await gone) == set(b"\x89\x00")
        await server.receivers.told("closed", receiver=0)
        await answers(alive, server)


async def test_a_peer_that_leaves_without_a_word() -> None:
    async with serve() as server:
        async with connected(server):
            pass
        await server.receivers.told("closed")
        receiver = server.receivers.all[0]
        assert receiver.peer.write(BINARY.frame(b"to nobody")) == 0
        receiver.peer.close(1000, "")
        await server.gone()
        assert receiver.told == [("closed",)]


async def test_a_peer_that_resets_is_noticed_by_a_write_that_raises_nothing() -> None:
    async with serve(CALM) as server, connected(server) as client:
        receiver = server.receivers.all[0]
        connection = client.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.writer.transport.abort()
        await asyncio.sleep(0)  # the client's socket is closed in the next turn
        for _ in range(20):
            receiver.write(BINARY.frame(b"x" * 1000))
        await server.receivers.told("closed")
        await server.gone()


async def test_a_peer_that_never_reads_is_dropped_at_its_bound_and_disturbs_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "palabre.wire")
    frame = BINARY.frame(b"." * 65_536)
    async with serve(CALM) as server, connected(server), connected(server) as other:
        receiver = server.receivers.all[0]
        most = 0
        while ("closed",) not in receiver.told:
            most = max(most, receiver.peer.write(frame))
            await asyncio.sleep(0)
        assert CALM.backlog_bytes < most <= CALM.backlog_bytes + len(frame)
        assert receiver.told == [("closed",)]
        (record,) = [record for record in caplog.records if "dropped" in record.message]
        assert f"{most} bytes queued: slow" in record.message
        await answers(other, server)


async def test_a_backlog_that_never_moves_is_dropped() -> None:
    async with serve(CALM._replace(stall=0.1)) as server, connected(server):
        receiver = server.receivers.all[0]
        while not receiver.peer.write(BINARY.frame(b"." * 65_536)):
            pass
        await server.receivers.told("closed")
        await server.gone()


async def test_drained_is_told_once_when_all_is_with_the_kernel() -> None:
    async with serve(CALM) as server, connected(server) as client:
        receiver = server.receivers.all[0]
        written = 0
        for _ in range(2):
            receiver.writing = True  # the wire calls nobody back from within a write
            while True:
                written += 65_536 + 10
                if receiver.peer.write(BINARY.frame(b"." * 65_536)):
                    break
            for _ in range(3):
                receiver.peer.write(b"")
            receiver.writing = False
            while written:
                written -= len(await client.reader.read(written))
            await server.receivers.told("drained")
            assert receiver.told == [("drained",)]
            receiver.told.clear()
        assert receiver.peer.write(BINARY.frame(b"x")) == 0


# Ends


async def test_a_closing_handshake_that_never_ends_is_aborted() -> None:
    async with serve() as server, connected(server) as client:
        server.receivers.all[0].peer.close(1000, "")
        assert (await client.close_frame()).code == 1000
        client.send(Opcode.BINARY, b"not a close frame")
        await server.gone()
        assert server.receivers.all[0].told == [("closed",)]


async def test_a_client_that_closes_but_never_hangs_up_is_aborted() -> None:
    async with serve() as server, connected(server) as client:
        client.send(Opcode.CLOSE, Close(1000, "").serialize())
        assert (await client.close_frame()).code == 1000
        await server.receivers.told("closed")
        await server.gone()


async def test_a_close_behind_a_backlog_that_nobody_reads_is_aborted() -> None:
    async with serve(CALM._replace(close=0.1)) as server, connected(server):
        receiver = server.receivers.all[0]
        while not receiver.peer.write(BINARY.frame(b"." * 65_536)):
            pass
        receiver.peer.close(1000, "")
        await server.gone()
        assert receiver.told == [("closed",)]


async def test_the_last_frame_and_the_close_code_arrive_behind_a_backlog() -> None:
    async with serve(CALM) as server, connected(server) as client:
        receiver = server.receivers.all[0]
        written = 0
        while not receiver.peer.write(BINARY.frame(b"." * 65_536)):
            written += 65_546
        written += 65_546
        receiver.peer.write(BINARY.frame(b"the last"))
        receiver.peer.close(1012, "restart")
        await client.reader.readexactly(written)
        assert (await client.frame()).data == b"the last"
        assert (await client.close_frame()).code == 1012


async def test_a_reason_too_long_for_a_close_frame_is_cut_between_two_characters() -> None:
    async with serve() as server, connected(server) as client:
        server.receivers.all[0].peer.close(4000, "é" * 100)
        assert (await client.close_frame()).reason == "é" * 61


# Shutdown


async def test_a_stopping_server_says_farewell_to_each_session_and_waits() -> None:
    async with serve() as server, connected(server) as one, connected(server) as two:

        def bye(receiver: Receiver, after: float) -> None:
            assert 0 <= after <= QUICK.drain
            receiver.write(BINARY.frame(b"bye"))
            receiver.peer.close(1012, "restart")

        server.receivers.on_drain = bye
        stopping = server.stop()
        for client in (one, two):
            assert (await client.frame()).data == b"bye"
            assert (await client.close_frame()).code == 1012
            client.send(Opcode.CLOSE, Close(1012, "").serialize())
            assert await client.ended() == b""
        await stopping
        assert server.connections == set()


async def test_a_session_that_says_nothing_is_closed_by_the_wire() -> None:
    async with serve() as server, connected(server) as client:
        server.receivers.on_drain = lambda receiver, after: None
        stopping = server.stop()
        assert (await client.close_frame()).code == 1012
        await stopping


async def test_a_peer_that_ignores_the_farewell_does_not_hold_the_server() -> None:
    async with serve() as server, connected(server):
        await server.stop()
        assert server.receivers.all[0].told[-1] == ("closed",)
        assert server.connections == set()


# What a connection costs


async def come_and_go(server: Server, count: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            client = await stack.enter_async_context(connected(server))
            client.send(Opcode.BINARY, b"hello")
            await server.receivers.told("received", b"hello", True)
        assert alive(WebSocket) == count
        assert alive(BoundedHttp) == 0
    await server.gone()
    server.receivers.all.clear()


def alive(kind: type) -> int:
    return sum(isinstance(it, kind) for it in gc.get_objects())


async def test_nothing_is_left_of_connections_that_came_and_went() -> None:
    """Without a garbage collection: handshake objects in a cycle would pile up between two of them."""
    gc.collect()
    gc.disable()
    try:
        async with serve(CALM) as server:
            for _ in range(3):
                await come_and_go(server, 20)
            assert alive(WebSocket) == 0
    finally:
        gc.enable()


async def test_connections_share_as_many_parsers_as_are_busy_at_once() -> None:
    async with serve(CALM) as server:
        for _ in range(50):
            async with connected(server) as client, connected(server) as other:
                for number, speaker in enumerate((client, other)):
                    speaker.send(Opcode.BINARY, b"%d" % number)
                    await server.receivers.told("received", b"%d" % number, True, receiver=number - 2)
            await server.gone()
        assert len(server.shared.parsers) == 1
        assert len(server.shared.sweeper) == 0


async def test_what_one_connection_left_unfinished_never_reaches_another() -> None:
    async with serve(CALM) as server, connected(server) as client, connected(server) as other:
        half = Frame(Opcode.BINARY, b"of the first").serialize(mask=True)
        client.writer.write(half[:9])
        await answers(other, server)
        client.writer.write(half[9:])
        assert (await client.frame()).data == b"of the first"
