"""Who may do what: the table of SPEC C is the table of the server."""

import re
from pathlib import Path

import pytest

import protocol
from protocol.commands import COMMANDS
from protocol.errors import Code, Refusal
from server.model.kernel import Actor
from server.workshop.model import WORKSHOP
from server.workshop.rights import RIGHTS

SPEC = (Path(protocol.__file__).parent / "SPEC.md").read_text(encoding="utf-8")


def rows() -> dict[str, str]:
    """Command → who, from the table of SPEC.md."""
    found = {}
    for line in SPEC.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6:
            for name in cells[1].split(", "):
                if name in COMMANDS:
                    found[name] = cells[3]
    return found


def test_C_every_command_has_its_row() -> None:
    assert rows().keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_C_the_table_says_who(name: str) -> None:
    roles = {"host": {"host"}, "participant": {"participant"}}.get(rows()[name], {"host", "participant"})
    assert RIGHTS[COMMANDS[name]] == roles
    assert re.fullmatch(r"all|host|participant|author|author, host", rows()[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_C_a_screen_may_do_nothing(name: str) -> None:
    tail = "000000000001"
    some: dict[str, object] = {
        "reason": "x",
        "id": f"{name.split('.', maxsplit=1)[0]}:{tail}",
        "on": f"idea:{tail}",
        "kind": "love",
        "role": "host",
        "into": f"idea:{tail}",
        "step": f"step:{tail}",
        "count": 1,
        "weight": 6,
        "round": 1,
        "places": {},
        "to": f"zone:{tail}",
    }
    fields: dict[str, object] = {
        field: some.get(field, "x")
        for field in COMMANDS[name].__struct_fields__
        if field in {*some, "text", "title", "name"}
    }
    if name.startswith("step.") and "kind" in fields:
        fields["kind"] = "ideate"
    if name in ("breakout.take", "breakout.speaker"):
        fields["id"] = f"member:{tail}"
    if name == "breakout.best":
        fields["id"] = f"idea:{tail}"
    if name == "remark.add":
        fields["kind"] = "offer"
    if name == "step.ready":
        fields["on"] = True
    if name == "pulse.ask":
        fields |= {"question": "x", "form": "scale"}
    if name == "pulse.answer":
        fields["value"] = 1
    if name == "question.answer":
        fields["id"] = f"idea:{tail}"
    if name == "pulse.hide":
        fields["word"] = "x"
    if name == "wordlist.set":
        fields["words"] = ["x"]
    if name == "stage.set":
        fields["view"] = "black"
    command = WORKSHOP.typed(name, fields)
    with pytest.raises(Refusal) as refused:
        WORKSHOP.check_right(command, Actor("screen:aaaaaaaaaaaa", "screen"))
    assert refused.value.code is Code.FORBIDDEN
