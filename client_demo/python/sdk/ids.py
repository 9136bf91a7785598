"""Ids that a client makes (SPEC.md, I1 and I2): random, so that a retry is harmless and nothing is told by them."""

import uuid


def new_id(kind: str) -> str:
    """A fresh id of a thing: `idea:…`, `zone:…`, `message:…`."""
    return f"{kind}:{uuid.uuid4()}"


def command_id() -> str:
    return uuid.uuid4().hex


def kind_of(id: str) -> str:
    return id.partition(":")[0]


def tail_of(id: str) -> str:
    return id.partition(":")[2]
