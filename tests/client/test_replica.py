"""The replica does what the scripts in protocol/vectors/sync.json say (SPEC S1 to S12); TypeScript runs them too."""

from typing import Any

import msgspec
import pytest

from client_demo.python.sdk.replica import Replica
from tests.client.vectors import vectors

SCRIPTS = vectors("sync")["scripts"]


@pytest.mark.parametrize("script", SCRIPTS, ids=[script["name"] for script in SCRIPTS])
def test_script(script: dict[str, Any]) -> None:
    steps = script["steps"]
    replica = Replica(next(step["receive"]["stream"] for step in steps if "stream" in step.get("receive", {})))
    for step in steps:
        join = False
        if "send" in step:
            replica.joining()
        if "disconnect" in step:
            replica.disconnected()
        if "receive" in step:
            join = replica.receive(step["receive"]).join
        then = step.get("then", {})
        if "records" in then:
            assert {record["id"]: record.get("v", 0) for record in replica} == then["records"]
        if "cursor" in then:
            assert replica.cursor == then["cursor"]
        if "since" in then:
            assert msgspec.to_builtins(replica.since) == then["since"]
        if "join" in then:
            assert join == then["join"]


def test_what_is_touched_is_told() -> None:
    replica = Replica("room:aaaaaaaaaaaa")
    whole = {
        "t": "state",
        "stream": replica.stream,
        "epoch": "e",
        "seq": 1,
        "reset": True,
        "put": [{"id": "idea:a", "v": 1}],
    }
    assert replica.receive(whole).touched is None
    patch = {
        "t": "patch",
        "stream": replica.stream,
        "from": 1,
        "seq": 2,
        "put": [{"id": "idea:b", "v": 2}],
        "del": ["idea:a"],
    }
    assert replica.receive(patch).touched == frozenset({"idea:a", "idea:b"})
    assert replica.receive(patch).touched == frozenset()


def test_an_unreadable_record_costs_itself_only() -> None:
    replica = Replica("room:aaaaaaaaaaaa")
    put: list[Any] = [
        {"id": 7},
        "what",
        {"id": "idea:b", "v": 2, "author": None},
        {"v": 1},
        {"id": "idea:c", "v": "two"},
    ]
    put += [
        {"id": "idea:d", "v": 2, "text": 5},
        {"id": "action:e", "due": ["2026"]},
        {"id": "message:f", "n": "1", "at": 1},
    ]
    replica.receive({"t": "state", "stream": replica.stream, "epoch": "e", "seq": 2, "reset": True, "put": put})
    assert [record["id"] for record in replica] == ["idea:b"]
    assert replica.unreadable == 7
