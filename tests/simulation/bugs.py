"""What the server says was a bug of its own, and what no caller was there to catch."""

import asyncio
import logging
from typing import Any


class Bugs(logging.Handler):
    """Notes them, for the next look.

    Attributes:
        found: errors, or what was said where there is none, the first one first.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[BaseException | str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.found.append(record.exc_info[1])

    def unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.found.append(context.get("exception") or context["message"])

    def check(self) -> None:
        if self.found:
            first = self.found[0]
            raise first if isinstance(first, BaseException) else AssertionError(first)
