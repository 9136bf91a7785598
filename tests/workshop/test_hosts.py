"""What hosts do about posts, about their authors, and about people (SPEC M1 to M4)."""

from typing import Any

import msgspec
import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import IdeaRecord, MemberRecord
from server.workshop.model import WORKSHOP
from server.workshop.naming import brings_text
from server.workshop.people.people import Enter
from server.workshop.rights import RIGHTS
from tests.workshop.agenda.test_agenda import ONE, TWO, idea, workshop, written
from tests.workshop.table import CLAIRE, NADIA, PAUL, SYSTEM, Table


def seen(table: Table, member: str, n: int = 1) -> IdeaRecord:
    record = written(table.sees(member), n)
    assert record is not None
    return record


def test_M1_only_its_author_and_hosts_learn_why_a_post_was_refused() -> None:
    table = workshop(moderated=True)
    table.do(PAUL, c.AddIdea(idea(1), "hors sujet"))
    table.do(CLAIRE, c.RefusePost(idea(1), "Parlons d'abord des réunions"))
    assert seen(table, PAUL).reason == seen(table, CLAIRE).reason == "Parlons d'abord des réunions"
    assert idea(1) not in table.sees(NADIA)
    table.do(PAUL, c.EditIdea(idea(1), "les réunions"))
    assert (seen(table, PAUL).reason, seen(table, PAUL).hidden) == ("", True)
    table.do(CLAIRE, c.RefusePost(idea(1), "encore"))
    table.do(CLAIRE, c.ShowPost(idea(1)))
    assert seen(table, NADIA).reason == ""


def test_M2_a_named_author_is_muted_in_the_whole_room() -> None:
    table = workshop()
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    assert table.refused(PAUL, c.SendMessage("message:000000000001", "x")) is Code.MUTED
    table.do(CLAIRE, c.GoToStep(TWO))
    assert table.refused(PAUL, c.AddIdea(idea(2), "x")) is Code.MUTED
    table.do(NADIA, c.AddIdea(idea(2), "x"))
    table.do(CLAIRE, c.UnmuteAuthor(idea(1)))
    table.do(PAUL, c.AddIdea(idea(3), "x"))


def test_M2_an_author_without_a_name_is_muted_without_being_known() -> None:
    table = workshop(anonymous=True)
    for n in (1, 2):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    assert table.refused(PAUL, c.AddIdea(idea(3), "x")) is Code.MUTED
    assert (seen(table, CLAIRE, 1).muted, seen(table, CLAIRE, 2).muted) == (True, False)
    assert not seen(table, NADIA, 1).muted
    assert PAUL not in repr(table.commits[-1])
    table.do(CLAIRE, c.GoToStep(TWO))
    table.do(PAUL, c.AddIdea(idea(3), "dans une autre étape"))


def test_M2_a_mute_tells_of_no_other_post_who_wrote_it() -> None:
    table = workshop(anonymous=True)
    for n, author in enumerate((PAUL, PAUL, NADIA, NADIA)):
        table.do(author, c.AddIdea(idea(n), f"idée {n}"))
    for n in range(4):
        assert [seen(table, CLAIRE, m).muted for m in range(4)] == [m < n for m in range(4)]
        table.do(CLAIRE, c.MuteAuthor(idea(n)))
    table.do(CLAIRE, c.UnmuteAuthor(idea(0)))
    assert [seen(table, CLAIRE, n).muted for n in range(4)] == [False, True, True, True]
    assert table.refused(PAUL, c.AddIdea(idea(9), "x")) is Code.MUTED
    table.do(CLAIRE, c.UnmuteAuthor(idea(1)))
    table.do(PAUL, c.AddIdea(idea(9), "x"))


def test_M2_who_has_a_name_writes_again_by_whichever_post() -> None:
    table = workshop()
    for n in range(3):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
    table.do(CLAIRE, c.MuteAuthor(idea(0)))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    table.do(CLAIRE, c.UnmuteAuthor(idea(2)))
    assert not any(seen(table, CLAIRE, n).muted for n in range(3))
    table.do(PAUL, c.AddIdea(idea(9), "x"))


def test_M2_who_is_muted_in_a_step_does_not_write_into_it_from_another() -> None:
    table = workshop(anonymous=True)
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    table.do(CLAIRE, c.GoToStep(TWO))
    assert table.refused(PAUL, c.AddIdea(idea(2), "x", step=ONE, late=True)) is Code.MUTED
    assert table.refused(PAUL, c.EditIdea(idea(1), "x")) is Code.MUTED


def _command(kind: type[c.Command]) -> c.Command:
    """As Paul might give it; of the things there are."""
    of_kind = {"RenameMember": PAUL, "EditAction": "action:000000000001", "AnswerPulse": "pulse:000000000001"}
    of_kind |= {
        "EditZone": "zone:000000000001",
        "EditMessage": "message:000000000001",
        "RemoveMessage": "message:000000000001",
        "SayReady": ONE,
        "EditRemark": "remark:000000000001",
        "RemoveRemark": "remark:000000000001",
    }
    new = {
        "AddIdea": idea(8),
        "AddZone": "zone:000000000008",
        "SendMessage": "message:000000000008",
        "AddRemark": "remark:000000000008",
    }
    said: dict[str, Any] = {
        "id": (of_kind | new).get(kind.__name__, idea(1)), "text": "insulte", "title": "insulte", "name": "insulte", "shared": True, "value": "insulte",
        "first": "insulte", "on": idea(1), "kind": "like", "into": idea(1), "weight": 2, "step": None, "count": 1,
    }  # fmt: skip
    fields = {field.name for field in msgspec.structs.fields(kind)}
    said = {name: value for name, value in said.items() if name in fields}
    if kind in (c.SetWeight, c.TakeBreakout, c.SetSpeaker):
        del said["id"]
    if kind is c.SayReady:
        said["on"] = True
    if kind is c.AddRemark:
        said["kind"] = "offer"
    if kind in (c.PutDots, c.DealHand, c.PutHand):
        said["step"] = ONE
    return msgspec.convert(said, kind)


TEXTS = [cmd for cmd, kind in c.COMMANDS.items() if "participant" in RIGHTS[kind] and brings_text(_command(kind))]


def test_M2_these_bring_a_text() -> None:
    assert TEXTS == [
        "idea.add", "idea.edit", "zone.add", "zone.edit", "message.send", "message.edit", "member.rename", "remark.add",
        "remark.edit", "action.edit", "commitment.write", "pulse.answer",
    ]  # fmt: skip


@pytest.mark.parametrize("cmd", TEXTS)
def test_M2_no_text_of_who_is_muted_reaches_others(cmd: str) -> None:
    table = workshop()
    table.do(CLAIRE, c.AddStep("step:000000000009", "group", "Grouper"))
    table.do(CLAIRE, c.GoToStep("step:000000000009"))
    table.do(CLAIRE, c.AddZone("zone:000000000001", "Zone"))
    table.do(CLAIRE, c.AddAction("action:000000000001", "Écrire", owner=PAUL))
    table.do(CLAIRE, c.AskPulse("pulse:000000000001", "?", "words", anonymous=False))
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(PAUL, c.SendMessage("message:000000000001", "mot"))
    table.do(PAUL, c.AddRemark("remark:000000000001", idea(1), "objection", "mot"))
    command = _command(c.COMMANDS[cmd])
    assert table.decide(command, table.actor(PAUL))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    assert table.refused(PAUL, command) is Code.MUTED


def test_M2_what_stays_ones_own_is_written_and_what_has_no_text_is_done() -> None:
    table = workshop()
    table.do(CLAIRE, c.AddAction("action:000000000001", "Écrire", owner=PAUL))
    table.do(CLAIRE, c.AskPulse("pulse:000000000001", "?", "scale"))
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(PAUL, c.WriteCommitment("je le ferai", shared=True))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    for command in (
        c.WriteCommitment("je le ferai seul"), c.WriteCommitment(""), c.EditAction("action:000000000001", done=True),
        c.AnswerPulse("pulse:000000000001", 3), c.SetWeight(4), c.SayReady(ONE),
    ):  # fmt: skip
        table.do(PAUL, command)


def test_M2_hosts_are_never_muted() -> None:
    table = workshop(anonymous=True)
    table.do(CLAIRE, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    table.do(CLAIRE, c.AddIdea(idea(2), "une autre"))


def test_M3_who_was_removed_is_nobody_and_what_he_wrote_stays() -> None:
    table = workshop()
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.RemoveMember(PAUL))
    assert PAUL not in table.records("public")
    assert WORKSHOP.actor_for(table.layers.state, PAUL) is None
    assert written(table.records("public")) is not None
    refusals = table.commit((Enter(PAUL, "Paul", "participant"), SYSTEM))
    assert [refusal.code for refusal in refusals] == [Code.REMOVED]
    assert table.refused(CLAIRE, c.RemoveMember(CLAIRE)) is Code.FORBIDDEN
    assert table.refused(CLAIRE, c.SetRole(PAUL, "host")) is Code.NOT_FOUND


@pytest.mark.parametrize("who", [PAUL, NADIA])
def test_M4_a_host_renames_anybody(who: str) -> None:
    table = Table()
    table.do(CLAIRE, c.RenameMember("Camille", who))
    record = table.records("public")[who]
    assert isinstance(record, MemberRecord) and record.name == "Camille"
    assert table.refused(PAUL, c.RenameMember("Moi", NADIA)) is Code.FORBIDDEN
