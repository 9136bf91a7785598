"""My commands are drawn over the records until the server's word is here (SPEC D3)."""

from collections.abc import Sequence
from typing import Any

import pytest

from client_demo.python.sdk.outbox import Command
from client_demo.python.sdk.replica import Record, Replica
from client_demo.python.sdk.view import View

ROOM = "room:aaaaaaaaaaaa"
ME = "member:mmmmmmmmmmmm"


def idea(id: str, rank: str, **more: Any) -> Record:
    return {"id": f"idea:{id}", "v": 1, "text": id, "rank": rank, **more}


SHARED: list[Record] = [
    {"id": ROOM, "v": 1, "title": "Printemps"},
    {"id": ME, "v": 1, "name": "Nadia", "role": "participant"},
    {"id": "zone:a", "v": 1, "title": "A", "letter": "A", "rank": "a0"},
    {"id": "zone:b", "v": 1, "title": "B", "letter": "B", "rank": "a1"},
    idea("one", "a0", zone="zone:a"),
    idea("two", "a1", zone="zone:a", reactions={"like": 2}),
    {"id": "message:m", "v": 1, "text": "m", "n": 1},
    {"id": "remark:r", "v": 1, "on": "idea:two", "kind": "offer", "text": "r", "author": ME, "at": 1},
]


def view(*commands: tuple[str, dict[str, Any]], mine: Sequence[Record] = (), done: int | None = None) -> View:
    replica = Replica(ROOM)
    replica.receive({"t": "mine", "stream": ROOM, "seq": 0, "reset": True, "put": list(mine)})
    replica.receive({"t": "state", "stream": ROOM, "epoch": "e", "seq": 1, "reset": True, "put": SHARED})
    given = [Command(f"c{n}", cmd, args, 99, n, lambda _: None, seq=done) for n, (cmd, args) in enumerate(commands)]
    shown = View(replica, given)
    shown.me = ME
    return shown


def test_without_commands_records_are_shown_in_their_order() -> None:
    shown = view()
    assert [record["text"] for record in shown.all("idea")] == ["one", "two"]
    assert shown.get("idea:one") == SHARED[4]
    assert shown.get("idea:none") is None


def test_new_things_are_at_the_end() -> None:
    shown = view(
        ("idea.add", {"id": "idea:new", "text": " e\u0301lan ", "zone": "zone:a"}),
        ("message.send", {"id": "message:new", "text": "n", "reply": "message:m"}),
        ("zone.add", {"id": "zone:c", "title": "C"}),
        ("zone.add", {"id": "zone:d", "title": "D", "letter": "F"}),
    )
    last = shown.all("idea")[-1]
    assert (last["text"], last["zone"], last["author"], last["at"]) == ("élan", "zone:a", ME, 99)
    assert shown.all("message")[-1]["reply"] == "message:m"
    assert [(zone["title"], zone["letter"]) for zone in shown.all("zone")[2:]] == [("C", "C"), ("D", "F")]


def test_what_the_server_already_shows_is_not_drawn_over() -> None:
    assert view(("idea.add", {"id": "idea:one", "text": "other"})).get("idea:one") == SHARED[4]


@pytest.mark.parametrize(
    ("cmd", "args", "id", "fields"),
    [
        ("idea.edit", {"id": "idea:one", "text": "1"}, "idea:one", {"text": "1", "edited": True}),
        ("idea.edit", {"id": "idea:one", "text": "one "}, "idea:one", {}),
        ("idea.remove", {"id": "idea:one"}, "idea:one", {"removed": True}),
        ("idea.restore", {"id": "idea:one"}, "idea:one", {"removed": False, "taken": False}),
        ("message.edit", {"id": "message:m", "text": "2"}, "message:m", {"text": "2", "edited": True}),
        ("remark.edit", {"id": "remark:r", "text": "2"}, "remark:r", {"text": "2", "edited": True}),
        ("zone.edit", {"id": "zone:a", "title": "Z"}, "zone:a", {"title": "Z"}),
        ("post.hide", {"on": "idea:one"}, "idea:one", {"hidden": True}),
        ("post.show", {"on": "idea:one"}, "idea:one", {"hidden": False}),
        ("room.set", {"prompt": " ? ", "door": False}, ROOM, {"prompt": "?", "door": False}),
        ("member.rename", {"name": "Nora"}, ME, {"name": "Nora"}),
        ("member.role", {"id": ME, "role": "host"}, ME, {"role": "host"}),
        ("idea.future", {"id": "idea:one", "x": 1}, "idea:one", {}),
    ],
)
def test_a_change_is_drawn(cmd: str, args: dict[str, Any], id: str, fields: dict[str, Any]) -> None:
    before = next(record for record in SHARED if record["id"] == id)
    assert view((cmd, args)).get(id) == {**before, **fields}


def test_a_command_on_what_is_not_there_draws_nothing() -> None:
    shown = view(("idea.edit", {"id": "idea:gone", "text": "x"}), ("reaction.add", {"on": "idea:gone", "kind": "like"}))
    assert shown.get("idea:gone") is None
    assert len(shown.all("idea")) == 2


@pytest.mark.parametrize("anonymous", [False, True])
def test_K4_a_remark_stands_on_its_idea_at_once_under_the_promises_of_its_step(*, anonymous: bool) -> None:
    said = {"id": "remark:new", "on": "idea:one", "kind": "objection", "text": " Qui ? ", "step": "step:s"}
    step = {"id": "step:s", "v": 1, "kind": "discuss", "title": "s", "rank": "a0", "anonymous": anonymous}
    drawn = view(("remark.add", said), mine=[step]).get("remark:new")
    whose = {"anonymous": True, "own": True} if anonymous else {"author": ME, "at": 99}
    assert drawn == {"v": 0, **said, "text": "Qui ?", **whose}


@pytest.mark.parametrize("cmd", ["message.remove", "zone.remove", "remark.remove"])
def test_a_removed_thing_is_gone(cmd: str) -> None:
    id = {"message.remove": "message:m", "zone.remove": "zone:a", "remark.remove": "remark:r"}[cmd]
    assert view((cmd, {"id": id})).get(id) is None


def test_ideas_of_a_removed_zone_are_in_none() -> None:
    shown = view(
        ("idea.add", {"id": "idea:new", "text": "x", "zone": "zone:a"}),
        ("zone.remove", {"id": "zone:a"}),
        ("idea.move", {"id": "idea:two", "zone": "zone:b"}),
    )
    zones = {record["id"]: record["zone"] for record in shown.all("idea")}
    assert zones == {"idea:one": None, "idea:two": "zone:b", "idea:new": None}


def test_moves_are_drawn_between_their_neighbours() -> None:
    assert [r["text"] for r in view(("idea.move", {"id": "idea:two", "before": "idea:one"})).all("idea")] == [
        "two",
        "one",
    ]
    moved = view(("idea.move", {"id": "idea:one"})).get("idea:one")
    assert moved is not None
    assert (moved["zone"], moved["rank"] > "z") == ("zone:a", True)
    nowhere = view(("idea.move", {"id": "idea:one", "zone": None})).get("idea:one")
    assert nowhere is not None
    assert nowhere["zone"] is None
    assert view(("idea.move", {"id": "idea:one", "before": "idea:one"})).get("idea:one") == SHARED[4]


def counts(shown: View) -> dict[str, int]:
    record = shown.get("idea:two")
    assert record is not None
    found: dict[str, int] = record["reactions"]
    return found


def test_reactions_count_me_once() -> None:
    add, remove = (
        ("reaction.add", {"on": "idea:two", "kind": "like"}),
        ("reaction.remove", {"on": "idea:two", "kind": "like"}),
    )
    assert counts(view(add)) == {"like": 3}
    assert counts(view(add, add)) == {"like": 3}
    assert counts(view(add, remove)) == {"like": 2}
    assert counts(view(*[add, remove] * 500)) == {"like": 2}
    assert counts(view(remove)) == {"like": 2}
    mine = {"id": "reaction:two", "v": 1, "on": "idea:two", "kinds": ["like"]}
    assert counts(view(add, mine=[mine])) == {"like": 2}
    assert counts(view(remove, mine=[mine])) == {"like": 1}
    assert view(remove, mine=[mine]).get("reaction:two") is None
    assert [record["kinds"] for record in view(add).all("reaction")] == [["like"]]


def test_a_reaction_that_is_counted_already_is_not_counted_again() -> None:
    """Race: the patch with the new count is here, and the `mine` behind it is not."""
    assert counts(view(("reaction.add", {"on": "idea:two", "kind": "like"}), done=1)) == {"like": 2}
    assert counts(view(("reaction.add", {"on": "idea:two", "kind": "like"}), done=2)) == {"like": 3}
