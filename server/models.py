"""The kinds of streams that there are."""

from collections.abc import Mapping
from typing import Final

from protocol.errors import Code, Refusal
from server.circle.model import CIRCLE
from server.community.model import COMMUNITY
from server.model.model import Model
from server.workshop.model import WORKSHOP

MODELS: Final[Mapping[str, Model]] = {model.name: model for model in (WORKSHOP, COMMUNITY, CIRCLE)}
"""By what stands before the colon of a stream's id."""


def model_of(stream: str) -> Model:
    """
    Raises:
        Refusal: `unknown_room`, for an id of no kind.
    """
    model = MODELS.get(stream.partition(":")[0])
    if model is None:
        raise Refusal(Code.UNKNOWN_ROOM)
    return model
