"""Policies: what happens in one stream leads to commands in another (DESIGN, Policies). Pure: what else must be known, the command's own
`decide` asks in the stream where it is done."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from protocol.commands import Command
from protocol.errors import Refusal
from server.model.kernel import Actor, Event, State


class Reaction(NamedTuple):
    """A command for another stream.

    Attributes:
        target: that stream.
        subject: what tells it from the others that the same policy asks of the same target at the same seq, an id say; never an ordinal.
        command: it says itself on whose behalf, where that is to be recorded.
    """

    target: str
    subject: str
    command: Command


def _untold(reaction: Reaction, refusal: Refusal) -> Command | None:
    return None


class Policy(NamedTuple):
    """
    Attributes:
        name: for ever: it stands in the names of its commands.
        react: what an event of a source leads to, given the state before its commit and after it. Never asked of what a policy brought about.
        refused: what tells the source, in its own words, that the target has refused for good; None for nothing.
    """

    name: str
    react: Callable[[State, State, Event], Sequence[Reaction]]
    refused: Callable[[Reaction, Refusal], Command | None] = _untold


ROLE = "stream"
"""What a policy is in the stream that it asks; its rights are those commands that name this role."""


def asking(source: str) -> Actor:
    """Who asks for what happened in a stream; no token names an id of this kind."""
    return Actor("server:policy", ROLE, source=source)


def policy_name(policy: str, source: str, seq: int, target: str, subject: str) -> str:
    """The id of a policy's command: the same however often, and by whichever worker, the source is gone through."""
    return f"policy:{policy}:{source}:{seq}:{target}:{subject}"


def told_name(name: str) -> str:
    """The id of the command that tells a source of a refusal of the command of this id."""
    return f"told:{name}"
