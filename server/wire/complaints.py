"""What the log says of peers that misbehave: a line for each address, however often it does."""

import asyncio
import ipaddress
import logging
from typing import Final

_ADDRESSES: Final = 1024


class Complaints:
    """The first complaint about an address is logged; those of the next while are counted and told together.

    Args:
        logger: where lines go.
        silence: how long an address is not named again, in seconds.
    """

    def __init__(self, logger: logging.Logger, silence: float) -> None:
        self._logger = logger
        self._silence = silence
        self._more: dict[str, int] = {}
        """How often each address, or all beyond so many, was complained of after its line."""

    def of(self, address: str, text: str, *values: object) -> None:
        """Log `text % values`, which names the address by itself, unless this address was logged a moment ago."""
        network = _network(address)
        if network not in self._more and len(self._more) >= _ADDRESSES:
            network = "many addresses"
        if network in self._more:
            self._more[network] += 1
            return
        self._more[network] = 0
        self._logger.info(text, *values)
        asyncio.get_running_loop().call_later(self._silence, self._speak_again, network)

    def _speak_again(self, network: str) -> None:
        more = self._more.pop(network)
        if more:
            self._logger.info("%d more of the kind from %s", more, network)


def _network(address: str) -> str:
    """An IPv6 host has 2^64 addresses."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address
