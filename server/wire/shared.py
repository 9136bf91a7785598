"""What all connections of one server share, found in uvicorn's copy of the ASGI lifespan state."""

import asyncio
import logging
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.server import ServerState

from server.live.peer import Receivers
from server.session.complaints import Complaints
from server.wire.admission import Crowd, Uploads
from server.wire.limits import Limits
from server.wire.parser import Parsers
from server.wire.sweeper import Sweeper

_KEY: Final = "wire"


class Shared:
    """Made with the first connection of a server.

    Args:
        config: uvicorn's; `proxy_headers` and `forwarded_allow_ips` tell whose `X-Forwarded-For` is believed.
        server: uvicorn's state, with its set of all connections.
        state: the lifespan state; has `receivers` and perhaps `limits`.
    """

    def __init__(self, config: Config, server: ServerState, state: dict[str, Any]) -> None:
        if "receivers" not in state:
            raise RuntimeError(
                "expected `receivers` in the ASGI lifespan state; run uvicorn with lifespan='on' and set it there"
            )
        self.receivers: Receivers = state["receivers"]
        self.limits: Limits = state.get("limits", Limits())
        self.parsers = Parsers(self.limits)
        self.sweeper = Sweeper(self.limits, asyncio.get_running_loop())
        self.crowd = Crowd(server.connections, self.limits.sockets)
        self.uploads = Uploads()
        self.complaints = Complaints(logging.getLogger("palabre.wire"), self.limits.silence)
        # uvicorn's middleware wraps the app only, and sockets never reach the app: reuse its list of the trusted.
        self._trusted = ProxyHeadersMiddleware(config.loaded_app, config.forwarded_allow_ips).trusted_hosts
        self._behind_proxies = config.proxy_headers

    @classmethod
    def of(cls, config: Config, server: ServerState, state: dict[str, Any]) -> "Shared":
        shared = state.get(_KEY)
        if shared is None:
            shared = state[_KEY] = cls(config, server, state)
        assert isinstance(shared, cls)
        return shared

    def by_tls(self, client: str, forwarded_proto: list[str]) -> bool:
        """Whether a trusted proxy says that a request came to it, or to one before it, by TLS."""
        said = {proto.strip().lower() for value in forwarded_proto for proto in value.split(",")}
        return self._behind_proxies and client in self._trusted and not said.isdisjoint({"https", "wss"})

    def forwarded(self, client: str, forwarded_for: list[str]) -> str:
        """The client's address: the first in the chain of proxies that is not trusted."""
        if self._behind_proxies and forwarded_for and client in self._trusted:
            address, _port = self._trusted.get_trusted_client_address(", ".join(forwarded_for))
            return address or client
        return client
