"""The application, loaded in the process that runs it: of several workers' parent it would be a burden."""

import gc
from typing import TYPE_CHECKING

from server.config import Settings

if TYPE_CHECKING:
    from server.app import Application


def load(settings: Settings) -> "Application":
    """The application that these settings describe, not yet started. Raises JournalError for an unusable DATABASE_URL."""
    gc.disable()  # what is loaded stays: looking through it for garbage again and again finds none
    from server.app import create

    gc.freeze()
    gc.enable()
    return create(settings)
