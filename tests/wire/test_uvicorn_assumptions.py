"""What the wire assumes of uvicorn and of the event loops. When one of these fails after an upgrade, the wire is wrong."""

import asyncio
import os
import signal
import socket
import ssl
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any, ClassVar

import pytest
from websockets.frames import Close, Opcode

from server.wire.encoding import BINARY
from server.wire.http import BoundedHttp
from server.wire.websocket import WebSocket
from tests.services.process import Process
from tests.wire.harness import QUICK, Client, connected, raw, serve, upgrade_request

CALM = QUICK._replace(ping=60, stall=60, close=60, head=60)


class Watched(WebSocket):
    """Notes how uvicorn treats it."""

    __slots__ = ()
    calls: ClassVar[list[tuple[Any, ...]]] = []

    def __init__(self, **arguments: Any) -> None:
        self.calls[:] = [("made", set(arguments))]
        super().__init__(**arguments)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.calls.append(("connection_made", transport.get_protocol() is self))
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.calls.append(("data_received", data, self._transport.get_protocol() is self))
        super().data_received(data)

    def shutdown(self) -> None:
        self.calls.append(("shutdown",))
        super().shutdown()


async def test_the_class_is_made_then_connected_then_given_the_whole_head_then_set() -> None:
    async with serve(CALM, ws=Watched) as server, raw(server) as client:
        head = upgrade_request(server.port, "/ws?x=1")
        for byte in head:
            client.writer.write(bytes([byte]))
            await client.writer.drain()
        await client.reader.readuntil(b"\r\n\r\n")
        client.send(Opcode.BINARY, b"x")
        await server.receivers.told("received", b"x", True)
        made, connection_made, handshake, data = Watched.calls
        assert made == ("made", {"config", "server_state", "app_state"})
        assert connection_made == ("connection_made", False)
        assert handshake == ("data_received", head, False)
        assert data[2] is True


async def test_registered_connections_are_told_to_shut_down_and_waited_for() -> None:
    async with serve(CALM, ws=Watched) as server, connected(server) as client:
        stopping = server.stop()
        assert (await client.close_frame()).code == 1012
        assert Watched.calls[-1] == ("shutdown",)
        assert not stopping.done()
        client.send(Opcode.CLOSE, Close(1012, "").serialize())
        assert await client.ended() == b""
        await client.close()
        await stopping


async def test_the_lifespan_state_is_one_object_for_all_connections() -> None:
    async with serve(CALM) as server, connected(server), connected(server):
        assert server.uvicorn.lifespan.state["receivers"] is server.receivers
        assert server.uvicorn.lifespan.state["wire"] is server.shared
        assert len(server.shared.sweeper) == 2


async def test_uvicorn_keeps_no_reference_to_the_http_protocol_of_an_upgraded_connection() -> None:
    made: list[weakref.ref[BoundedHttp]] = []

    class Http(BoundedHttp):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            made.append(weakref.ref(self))

    async with serve(CALM, http=Http) as server, connected(server):
        assert len(made) == 1
        assert made[0]() is None


async def test_both_classes_may_be_given_as_import_strings() -> None:
    async with (
        serve(CALM, http="server.wire.http:BoundedHttp", ws="server.wire.websocket:WebSocket") as server,
        connected(server),
    ):
        assert len(server.receivers.all) == 1


# The event loops


async def test_a_write_is_with_the_kernel_before_it_returns() -> None:
    """So a fan-out needs no turn of the loop and no descriptor: uvloop before 0.23 waited for the end of the turn."""
    async with serve(CALM) as server:
        loop = asyncio.get_running_loop()
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.setblocking(False)
            await loop.sock_sendall(client, upgrade_request(server.port))
            await loop.sock_recv(client, 4096)
            frame = BINARY.frame(b"now")
            assert server.receivers.all[0].peer.write(frame) == 0
            client.settimeout(1)
            assert client.recv(100) == frame  # blocks the loop, which therefore had no part in it


async def test_the_closing_of_a_dead_socket_comes_later_and_raises_nothing() -> None:
    async with serve(CALM) as server:
        async with connected(server):
            receiver = server.receivers.all[0]
            transport = next(iter(server.connections))._transport
            descriptor = transport.get_extra_info("socket").fileno()
            with socket.socket(fileno=os.dup(descriptor)) as same:
                same.shutdown(socket.SHUT_RDWR)
            receiver.write(BINARY.frame(b"x"))
            receiver.write(BINARY.frame(b"x"))
            assert receiver.told == []
            await server.receivers.told("closed")
        await server.gone()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    path = folder / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *(
                "-days",
                "1",
                "-subj",
                "/CN=localhost",
                "-keyout",
                folder / "key.pem",
                "-out",
                folder / "certificate.pem",
            ),
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return path


async def test_flow_control_and_close_work_over_tls_too(certificate: Path) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    async with serve(CALM._replace(close=0.2), ssl_certfile=str(certificate)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        client = Client(reader, writer)
        writer.write(upgrade_request(server.port))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        receiver = server.receivers.all[0]
        frame = BINARY.frame(b"." * 60_000)
        written = len(frame)
        while not receiver.peer.write(frame):
            written += len(frame)
        await reader.readexactly(written)
        await server.receivers.told("drained")
        assert receiver.told == [("drained",)]
        receiver.peer.close(4000, "bye")
        assert (await client.close_frame()).code == 4000
        client.send(Opcode.CLOSE, Close(4000, "").serialize())
        await server.gone()
        await client.close()


# The process


class UvicornProcess(Process):
    """uvicorn's own main loop and signals, with our classes."""

    name = "uvicorn"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.wire.serve", str(self.port)]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture
def uvicorn_process() -> Any:
    with UvicornProcess() as process:
        yield process


async def test_sigterm_drains(uvicorn_process: UvicornProcess) -> None:
    popen = uvicorn_process.popen
    assert popen is not None
    async with connected(uvicorn_process) as client:
        popen.send_signal(signal.SIGTERM)
        assert (await client.frame()).data == b"bye"
        assert (await client.close_frame()).code == 1012
        client.send(Opcode.CLOSE, Close(1012, "").serialize())
        assert await client.ended() == b""
    await asyncio.to_thread(popen.wait, 10)
    assert "Application shutdown complete" in uvicorn_process.log
