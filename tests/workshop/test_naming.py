"""What an actor cannot see does not exist for him, whichever command names it (SPEC I3)."""

from typing import Any

import msgspec
import pytest

from protocol import commands as c
from protocol.errors import Refusal
from server.workshop.naming import FIELDS, MAKES
from server.workshop.outcome.decisions import commitment_id
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table, alias

BLIND, ASIDE, VOTE = (f"step:{n:012d}" for n in (1, 2, 3))
OPEN, UNSEEN, HIDDEN, REMOVED = (f"idea:{n:012d}" for n in (1, 2, 3, 4))
MESSAGE, UNREAD = (f"message:{n:012d}" for n in (1, 2))
ZONE, DECISION, ACTION, PULSE, REMARK = (
    f"{kind}:{1:012d}" for kind in ("zone", "decision", "action", "pulse", "remark")
)
TAKEN, UNREVEALED = (f"remark:{n:012d}" for n in (2, 3))
GONE = "member:gone--------"
NEVER = "{}:of-nobody-at-all"

GOOD: dict[str, Any] = {
    "step": VOTE, "zone": ZONE, "into": OPEN, "before": None, "reply": MESSAGE, "source": OPEN, "decision": DECISION, "owner": NADIA,
    "text": "mot", "title": "mot", "reason": "mot", "name": "Nadia", "question": "?", "kind": "like", "form": "scale", "value": 3,
    "role": "participant", "size": 2, "count": 1, "view": "ideas", "on": OPEN, "round": 1,
}  # fmt: skip
"""What else a command says, so that nothing but the id decides."""


def table() -> Table:
    table = Table()
    for n, step in enumerate((BLIND, ASIDE)):
        table.do(CLAIRE, c.AddStep(step, "ideate", "Muet", blind="nobody", anonymous=bool(n)))
        table.do(CLAIRE, c.GoToStep(step))
    table.do(CLAIRE, c.GoToStep(None))
    for id in (OPEN, HIDDEN, REMOVED):
        table.do(CLAIRE, c.AddIdea(id, "idée"))
    remarks: tuple[tuple[str, str, str | None], ...] = (
        (REMARK, OPEN, None),
        (TAKEN, HIDDEN, None),
        (UNREVEALED, OPEN, BLIND),
    )
    for remark, on, within in remarks:
        table.do(PAUL, c.AddRemark(remark, on, "objection", "mais", within))
    table.do(PAUL, c.AddIdea(UNSEEN, "idée", step=BLIND, late=True))
    table.do(CLAIRE, c.HidePost(HIDDEN))
    table.do(CLAIRE, c.RemoveIdea(REMOVED))
    for id in (MESSAGE, UNREAD):
        table.do(CLAIRE, c.SendMessage(id, "mot"))
    table.do(CLAIRE, c.HidePost(UNREAD))
    table.do(CLAIRE, c.AddZone(ZONE, "Zone"))
    table.do(CLAIRE, c.AddStep(VOTE, "vote", "Choisir"))
    table.do(CLAIRE, c.GoToStep(VOTE))
    table.do(PAUL, c.PutDots(VOTE, OPEN, 1))
    table.do(CLAIRE, c.CloseVote(VOTE))
    table.do(PAUL, c.SayReady(VOTE))
    table.do(CLAIRE, c.AddDecision(DECISION, "Décidé"))
    table.do(CLAIRE, c.AddAction(ACTION, "À faire"))
    table.do(CLAIRE, c.AskPulse(PULSE, "?", "scale"))
    table.do(PAUL, c.AnswerPulse(PULSE, 3))
    for member in (CLAIRE, PAUL):
        table.do(member, c.WriteCommitment("Je le ferai"))
    table.do(PAUL, c.MoveIdea(OPEN, ZONE))
    return table


def is_seen(table: Table, id: str, member: str) -> bool:
    """By the records that this member's client holds, those of his aliases among them."""
    return id in table.sees(member)


CASES = [
    (cmd, field, member) for cmd, kind in c.COMMANDS.items() for field in FIELDS[kind] for member in (CLAIRE, NADIA)
]


def _command(kind: type[c.Command], field: str, id: str) -> c.Command | None:
    fields = {f.name for f in msgspec.structs.fields(kind)}
    said = {name: value for name, value in GOOD.items() if name in fields}
    if "id" in fields:
        known = {
            "AddIdea": "idea:new---------9",
            "SendMessage": "message:new---------9",
            "AddAction": "action:new---------9",
            "AddRemark": "remark:new---------9",
        }
        made = {
            "AddDecision": "decision:new---------9",
            "AskPulse": "pulse:new---------9",
            "AddStep": "step:new---------9",
        }
        said["id"] = {**known, **made}.get(kind.__name__, OPEN)
    if kind is c.AddStep:
        said["kind"] = "vote"
    if kind is c.AddRemark:
        said["kind"] = "offer"
    said[field] = [id] if field in ("among", "about") else id
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError:
        return None


def answer(table: Table, member: str, command: c.Command, id: str) -> str:
    """All that is told, but for the id."""
    try:
        events = table.decide(command, table.actor(member))
    except Refusal as refusal:
        return f"{refusal.code.value}: {refusal.text}".replace(id, "it")
    return f"done: {events}".replace(id, "it")


def test_every_field_that_holds_an_id_is_known() -> None:
    assert {kind.__name__: fields for kind, fields in FIELDS.items() if fields} == {
        "AddIdea": ("zone", "step", "image"), "EditIdea": ("id", "image"), "MoveIdea": ("id", "zone", "before"), "RemoveIdea": ("id",),
        "RestoreIdea": ("id",), "UndoIdea": ("on",), "MergeIdea": ("id", "into"), "UnmergeIdea": ("id",), "EditZone": ("id",),
        "RemoveZone": ("id",), "SendMessage": ("reply",), "EditMessage": ("id",), "RemoveMessage": ("id",), "AddReaction": ("on",),
        "SetRoom": ("logo", "logo_dark"),
        "RemoveReaction": ("on",), "HidePost": ("on",), "ShowPost": ("on",), "RefusePost": ("on",), "MuteAuthor": ("on",),
        "UnmuteAuthor": ("on",), "RenameMember": ("id",), "RemoveMember": ("id",), "SetRole": ("id",), "SetWeight": ("id",), "DrawBreakouts": ("among", "about"),
        "TakeBreakout": ("id",), "SetTopics": ("about",), "SetSpeaker": ("id",), "MarkBest": ("id",),
        "AddStep": ("before",), "EditStep": ("id",), "MoveStep": ("id", "before"), "RemoveStep": ("id",), "GoToStep": ("id",),
        "RevealStep": ("id",), "SayReady": ("id",), "DealHand": ("step",), "PutHand": ("step", "on", "to"), "RefuseProposal": ("on", "to"), "PutDots": ("step", "on"), "CloseVote": ("step",), "CountVote": ("step",),
        "ReopenVote": ("step",), "RevealVote": ("step",), "AddDecision": ("source",), "EditDecision": ("id",), "RemoveDecision": ("id",),
        "AddRemark": ("on", "step"), "EditRemark": ("id",), "RemoveRemark": ("id",),
        "AddAction": ("decision", "owner"), "EditAction": ("id", "owner"), "RemoveAction": ("id",), "AnswerPulse": ("id",),
        "ClosePulse": ("id",), "HideWord": ("id",), "AnswerQuestion": ("id",), "SetStage": ("on",), "EndScreen": ("id",),
    }  # fmt: skip
    assert {kind for kind in c.COMMANDS.values() if kind.__name__.startswith(("Add", "Send", "Ask"))} - MAKES == {
        c.AddReaction,
        c.AddTime,
    }


@pytest.mark.parametrize(("cmd", "field", "member"), CASES)
def test_I3_what_is_not_seen_is_as_what_never_was(cmd: str, field: str, member: str) -> None:
    there, kind = table(), c.COMMANDS[cmd]
    for id in (*sorted(there.layers.state), "room:of-nobody-at-all"):
        never = NEVER.format(id.partition(":")[0])
        unseen, none = _command(kind, field, id), _command(kind, field, never)
        if unseen is not None and not is_seen(there, id, member):
            assert none is not None
            told = answer(there, member, unseen, id)
            assert told == answer(there, member, none, never)
            assert told.startswith(("not_found", "forbidden"))


def test_I3_a_commitment_that_is_kept_to_oneself_is_not_put_on_the_stage() -> None:
    there = table()
    for member in (PAUL, CLAIRE):
        assert there.refused(CLAIRE, c.SetStage("ideas", commitment_id(member))).value == "not_found"
    there.do(PAUL, c.WriteCommitment("Je le ferai", shared=True))
    there.do(CLAIRE, c.SetStage("ideas", commitment_id(PAUL)))


def test_I3_what_all_are_to_look_at_is_what_all_see() -> None:
    there = table()
    assert HIDDEN in there.records("host")
    assert there.refused(CLAIRE, c.SetStage("ideas", HIDDEN)).value == "not_found"


def test_I3_an_alias_tells_nothing_of_its_person() -> None:
    there = table()
    for id in (f"ballot:{alias(VOTE, PAUL)[6:]}", f"ready:{alias(VOTE, PAUL)[6:]}", f"answer:{alias(PULSE, PAUL)[6:]}"):
        assert id in there.layers.state
        assert there.refused(CLAIRE, c.SetStage("ideas", id)).value == "not_found"
