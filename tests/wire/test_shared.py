from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from server.wire.limits import Limits
from server.wire.shared import Shared
from tests.wire.harness import Receivers, nothing_here


def config(**options: Any) -> uvicorn.Config:
    config = uvicorn.Config(nothing_here, log_config=None, **options)
    config.load()
    return config


async def test_all_connections_of_a_server_share_one() -> None:
    state: dict[str, Any] = {"receivers": Receivers(), "limits": Limits(ping=7)}
    shared = Shared.of(config(), ServerState(), state)
    assert Shared.of(config(), ServerState(), state) is shared
    assert shared.limits.ping == 7


async def test_without_receivers_it_says_what_is_missing() -> None:
    with pytest.raises(RuntimeError, match="expected `receivers` in the ASGI lifespan state"):
        Shared.of(config(), ServerState(), {})


@pytest.mark.parametrize(
    ("options", "client", "forwarded_for", "address"),
    [
        ({}, "127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ({}, "198.51.100.1", ["203.0.113.7"], "198.51.100.1"),
        ({}, "127.0.0.1", [], "127.0.0.1"),
        ({}, "127.0.0.1", ["10.0.0.1", "203.0.113.7"], "203.0.113.7"),
        ({"forwarded_allow_ips": "10.0.0.0/8"}, "10.1.2.3", ["203.0.113.7, 10.0.0.1"], "203.0.113.7"),
        ({"forwarded_allow_ips": "10.0.0.0/8"}, "127.0.0.1", ["203.0.113.7"], "127.0.0.1"),
        ({"forwarded_allow_ips": "*"}, "198.51.100.1", ["203.0.113.7:4711"], "203.0.113.7"),
        ({"proxy_headers": False}, "127.0.0.1", ["203.0.113.7"], "127.0.0.1"),
    ],
)
async def test_only_trusted_proxies_are_believed(
    options: dict[str, Any], client: str, forwarded_for: list[str], address: str
) -> None:
    shared = Shared.of(config(**options), ServerState(), {"receivers": Receivers()})
    assert shared.forwarded(client, forwarded_for) == address
