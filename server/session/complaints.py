"""What the log says of peers that misbehave: a line for each address and kind, however often it happens."""

import asyncio
import ipaddress
import logging
from typing import Final

_KNOWN: Final = 1024


class Complaints:
    """The first complaint of a kind about an address is logged; those of the next while are counted and told together.

    Args:
        logger: where lines go.
        silence: how long an address is not named again for the same, in seconds.
    """

    def __init__(self, logger: logging.Logger, silence: float) -> None:
        self._logger = logger
        self._silence = silence
        self._more: dict[tuple[str, str], int] = {}
        """How often each address, or all beyond so many, was complained of after its line."""

    def of(self, address: str, text: str, *values: object) -> None:
        """Log `text % values`, which names the address by itself, unless it was logged a moment ago. The text is the kind."""
        known = _network(address), text
        if known not in self._more and len(self._more) >= _KNOWN:
            known = "many addresses", text
        if known in self._more:
            self._more[known] += 1
            return
        self._more[known] = 0
        self._logger.info(text, *values)
        asyncio.get_running_loop().call_later(self._silence, self._speak_again, known)

    def _speak_again(self, known: tuple[str, str]) -> None:
        more = self._more.pop(known)
        if more:
            self._logger.info("%d more of the kind from %s", more, known[0])


def _network(address: str) -> str:
    """An IPv6 host has 2^64 addresses."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address
