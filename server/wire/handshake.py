"""From an upgrade request to `101 Switching Protocols`, or to a refusal that says what was expected."""

import http
import json
from collections.abc import Callable
from typing import Final, NamedTuple

from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from protocol.errors import TABLE, Code
from protocol.version import SUBPROTOCOLS
from server.wire.encoding import ENCODINGS, WebSocketEncoding
from server.wire.parser import logger as library_logger

PATH: Final = "/ws"

_subprotocols: Final = [Subprotocol(name) for name in SUBPROTOCOLS]


class Handshake(NamedTuple):
    """The answer to an upgrade request; `encoding` is None where it is a refusal, and `refusal` says why."""

    answer: bytes
    encoding: WebSocketEncoding | None
    address: str
    refusal: str = ""


def handshake(
    request_bytes: bytes,
    client: str,
    forwarded: Callable[[str, list[str]], str],
    by_tls: Callable[[str, list[str]], bool],
    origin_allowed: Callable[[str | None, str, bool], bool],
    admits: Callable[[str], bool],
) -> Handshake:
    """Answer one upgrade request (RFC 6455, 4.2).

    Args:
        request_bytes: the whole head of the request.
        client: the address that the socket names.
        forwarded: the client's address, given the socket's and the values of `X-Forwarded-For`.
        by_tls: whether the request came by TLS, given the socket's address and the values of `X-Forwarded-Proto`.
        origin_allowed: whether a page of this Origin may connect to this Host, by TLS or not.
        admits: whether one more connection of this address fits.
    """
    protocol = ServerProtocol(subprotocols=_subprotocols, logger=library_logger)
    protocol.receive_data(request_bytes)
    events = protocol.events_received()
    if not events:  # the library has refused it already, or half a head came
        answer = b"".join(protocol.data_to_send()) or b"HTTP/1.1 400 Bad Request\r\n\r\n"
        return Handshake(answer, None, client, "400: expected the head of a handshake")
    request = events[0]
    assert isinstance(request, Request)
    address = forwarded(client, request.headers.get_all("X-Forwarded-For"))
    tls = by_tls(client, request.headers.get_all("X-Forwarded-Proto"))
    response = _respond(protocol, request, address, lambda origin, host: origin_allowed(origin, host, tls), admits)
    protocol.send_response(response)
    answer = b"".join(protocol.data_to_send())
    if response.status_code != http.HTTPStatus.SWITCHING_PROTOCOLS:
        return Handshake(answer, None, address, f"{response.status_code}: {(response.body or b'').decode()}")
    return Handshake(
        answer, next(encoding for codec, encoding in ENCODINGS.items() if codec == protocol.subprotocol), address
    )


def _respond(
    protocol: ServerProtocol,
    request: Request,
    address: str,
    origin_allowed: Callable[[str | None, str], bool],
    admits: Callable[[str], bool],
) -> Response:
    if request.path.partition("?")[0] != PATH:
        return _refuse(protocol, 404, Code.NOT_FOUND, f"expected a WebSocket at {PATH}")
    hosts = request.headers.get_all("Host")
    if len(hosts) != 1:
        return _refuse(protocol, 400, Code.INVALID, f"expected one Host header; got {len(hosts)}")
    response = protocol.accept(request)
    if response.status_code != http.HTTPStatus.SWITCHING_PROTOCOLS:
        return _explain(response, Code.INVALID, (response.body or b"").decode().strip())
    if not origin_allowed(protocol.origin, hosts[0]):
        return _refuse(protocol, 403, Code.ORIGIN, TABLE[Code.ORIGIN].text)
    if not admits(address):
        return _refuse(protocol, 503, Code.FULL, TABLE[Code.FULL].text)
    return response


def _refuse(protocol: ServerProtocol, status: int, code: Code, text: str) -> Response:
    return _explain(protocol.reject(status, ""), code, text)


def _explain(response: Response, code: Code, text: str) -> Response:
    """Errors are `{code, text, retry}` everywhere."""
    response.body = json.dumps({"code": code.value, "text": text, "retry": TABLE[code].retry}).encode()
    for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(response.body)))):
        del response.headers[name]
        response.headers[name] = value
    return response
