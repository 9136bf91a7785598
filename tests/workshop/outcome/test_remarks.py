"""What came out when an idea was tested, written on the idea: objections, conditions, offers of help (SPEC K4, K5)."""

import pytest

from protocol import commands as c
from protocol.choices import Blind, RemarkKind
from protocol.errors import Code
from protocol.records import RemarkRecord
from server.model.kernel import EMPTY
from server.workshop.model import AUDIENCES, WORKSHOP
from server.workshop.state.remarks import ON_ONE, REMARKS, remark_count, remarks_on
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

IDEA, OTHER, ZONE = "idea:000000000001", "idea:000000000002", "zone:000000000001"
WRITE, TEST, NEXT = (f"step:{n:012d}" for n in (1, 2, 3))
REMARK = "remark:000000000001"


def chosen(*, blind: Blind = "open", anonymous: bool = False, moderated: bool = False, remark: bool = True) -> Table:
    """Two ideas of Paul's, and people are in the step in which they are tested; Nadia has objected to the first."""
    table = Table()
    table.do(CLAIRE, c.AddZone(ZONE, "Réunions"))
    for id in (IDEA, OTHER):
        table.do(PAUL, c.AddIdea(id, "Réunions de 25 minutes", ZONE))
    table.do(CLAIRE, c.AddStep(WRITE, "ideate", "Idées"))
    table.do(
        CLAIRE,
        c.AddStep(TEST, "discuss", "Éprouver", blind=blind, anonymous=anonymous, moderated=moderated),
    )
    table.do(CLAIRE, c.AddStep(NEXT, "decide", "Décider"))
    for step in (WRITE, TEST):
        table.do(CLAIRE, c.GoToStep(step))
    if remark:
        table.do(NADIA, c.AddRemark(REMARK, IDEA, "objection", "Et l’équipe de nuit ?"))
    return table


def remark(table: Table, member: str = PAUL, id: str = REMARK) -> RemarkRecord:
    record = table.sees(member)[id]
    assert isinstance(record, RemarkRecord)
    return record


def seen_by(table: Table, id: str = REMARK) -> set[str]:
    return {member for member in (CLAIRE, PAUL, NADIA) if id in table.sees(member)}


@pytest.mark.parametrize("on", [IDEA, ZONE])
@pytest.mark.parametrize("kind", ["objection", "condition", "offer"])
def test_K4_a_remark_stands_on_a_thing_under_its_authors_name(on: str, kind: RemarkKind) -> None:
    table = chosen(remark=False)
    table.do(NADIA, c.AddRemark(REMARK, on, kind, " Et l’équipe de nuit ? "))
    seen = remark(table)
    assert (seen.on, seen.kind, seen.text, seen.author) == (on, kind, "Et l’équipe de nuit ?", NADIA)
    assert (seen.step, seen.at is not None, seen.edited) == (TEST, True, False)
    assert seen_by(table) == {CLAIRE, PAUL, NADIA}
    assert not [record for record in table.own(NADIA) if record.id == REMARK]


def test_K4_its_author_edits_it_and_hosts_only_remove_it() -> None:
    table = chosen()
    table.do(NADIA, c.EditRemark(REMARK, "Et l’équipe du soir ?"))
    assert (remark(table).text, remark(table).edited) == ("Et l’équipe du soir ?", True)
    assert table.do(NADIA, c.EditRemark(REMARK, "Et l’équipe du soir ?")) == []
    for member in (PAUL, CLAIRE):
        assert table.refused(member, c.EditRemark(REMARK, "x")) is Code.FORBIDDEN
    assert table.refused(PAUL, c.RemoveRemark(REMARK)) is Code.FORBIDDEN
    table.do(CLAIRE, c.RemoveRemark(REMARK))
    assert not seen_by(table)
    for command in (c.EditRemark(REMARK, "x"), c.RemoveRemark(REMARK)):
        assert table.refused(NADIA, command) is Code.NOT_FOUND
    assert remarks_on(table.layers.state, IDEA) == ()
    assert remark_count(table.layers.state) == remark_count(EMPTY) == 0


def test_C7_a_pause_stops_remarks_and_taking_ones_own_back_is_possible() -> None:
    table = chosen()
    table.do(CLAIRE, c.SetRoom(writing=False))
    for command in (c.AddRemark("remark:000000000002", IDEA, "offer", "x"), c.EditRemark(REMARK, "x")):
        assert table.refused(NADIA, command) is Code.PAUSED
    table.do(CLAIRE, c.AddRemark("remark:000000000002", IDEA, "offer", "Je les préviens"))
    table.do(NADIA, c.RemoveRemark(REMARK))
    assert not seen_by(table)


@pytest.mark.parametrize(
    ("away", "back"),
    [
        (c.HidePost(IDEA), c.ShowPost(IDEA)),
        (c.RefusePost(IDEA, "Trop tôt"), c.ShowPost(IDEA)),
        (c.RemoveIdea(IDEA), c.RestoreIdea(IDEA)),
        (c.RemoveIdea(IDEA), c.UndoIdea()),
    ],
    ids=["hidden", "refused", "removed", "undone"],
)
def test_K5_what_an_idea_is_its_remarks_are(away: c.Command, back: c.Command) -> None:
    table = chosen()
    before = remark(table)
    table.do(CLAIRE, away)
    assert not seen_by(table)
    for member in (CLAIRE, PAUL, NADIA):
        for command in (
            c.AddRemark("remark:000000000002", IDEA, "offer", "x"), c.EditRemark(REMARK, "x"), c.RemoveRemark(REMARK),
        ):  # fmt: skip
            assert table.refused(member, command) is Code.NOT_FOUND
    for hosts in (c.HidePost(REMARK), c.MuteAuthor(REMARK), c.SetStage("ideas", REMARK)):
        assert table.refused(CLAIRE, hosts) is Code.NOT_FOUND
    table.do(CLAIRE, back)
    again = remark(table)
    assert (again.text, again.author, again.at) == (before.text, before.author, before.at)


def test_K5_an_idea_that_is_made_blind_takes_its_remarks_along() -> None:
    table, idea = chosen(), "idea:000000000003"
    table.do(PAUL, c.AddIdea(idea, "Le lundi", step=WRITE))
    table.do(PAUL, c.AddRemark("remark:000000000002", idea, "condition", "Si la salle est libre"))
    table.do(CLAIRE, c.EditStep(WRITE, blind="nobody"))
    assert not seen_by(table, "remark:000000000002")
    assert seen_by(table)
    table.do(CLAIRE, c.RevealStep(WRITE))
    assert seen_by(table, "remark:000000000002") == {CLAIRE, PAUL, NADIA}


def test_K5_what_is_not_read_by_everyone_is_not_tested() -> None:
    """Neither by its author, nor by hosts who read it: that there is a remark would tell that there is the idea."""
    table, idea = chosen(remark=False), "idea:000000000003"
    table.do(CLAIRE, c.AddStep("step:000000000009", "ideate", "Muet", blind="hosts"))
    table.do(CLAIRE, c.GoToStep("step:000000000009"))
    table.do(PAUL, c.AddIdea(idea, "Encore muette"))
    for member in (CLAIRE, PAUL, NADIA):
        assert table.refused(member, c.AddRemark(REMARK, idea, "objection", "x")) is Code.NOT_FOUND
    table.do(CLAIRE, c.RevealStep("step:000000000009"))
    table.do(NADIA, c.AddRemark(REMARK, idea, "objection", "x", TEST))


def test_K5_a_merged_idea_keeps_its_remarks_and_a_merge_looks_at_none_of_them() -> None:
    table = chosen()
    events = table.do(CLAIRE, c.MergeIdea(IDEA, OTHER))
    touched = [touch.id for touch in WORKSHOP.touches(table.layers.state, table.layers.state, events[0])]
    assert REMARK not in touched
    assert remark(table).on == IDEA
    table.do(PAUL, c.AddRemark("remark:000000000002", IDEA, "offer", "Je m’en charge"))
    table.do(CLAIRE, c.UnmergeIdea(IDEA))
    assert remark(table).on == IDEA


def test_K5_the_remarks_on_a_zone_go_with_it() -> None:
    table = chosen()
    table.do(PAUL, c.AddRemark("remark:000000000002", ZONE, "condition", "Si la salle est libre"))
    table.do(CLAIRE, c.RemoveZone(ZONE))
    assert not seen_by(table, "remark:000000000002")
    assert seen_by(table)
    assert remark_count(table.layers.state) == 1


def test_K4_what_is_said_of_people_is_not_tested() -> None:
    table = chosen(remark=False)
    table.do(CLAIRE, c.AddStep("step:000000000009", "meet", "Qui est là ?"))
    table.do(CLAIRE, c.GoToStep("step:000000000009"))
    table.do(PAUL, c.AddIdea("idea:000000000009", "J’aime la montagne"))
    assert table.refused(NADIA, c.AddRemark(REMARK, "idea:000000000009", "objection", "x")) is Code.INVALID


def test_K4_G4_a_remark_of_an_anonymous_step_has_no_author() -> None:
    table = chosen(anonymous=True)
    for member in (CLAIRE, PAUL):
        seen = remark(table, member)
        assert (seen.author, seen.at, seen.anonymous, seen.own) == (None, None, True, False)
    assert (remark(table, NADIA).own, remark(table, NADIA).author) == (True, None)
    assert NADIA not in str(table.commits[-1])
    table.do(NADIA, c.EditRemark(REMARK, "Et l’équipe du soir ?"))
    assert table.refused(PAUL, c.EditRemark(REMARK, "x")) is Code.FORBIDDEN
    table.do(NADIA, c.RemoveRemark(REMARK))


def test_K4_G6_a_step_that_is_made_anonymous_takes_names_from_its_remarks() -> None:
    table = chosen()
    table.do(CLAIRE, c.EditStep(TEST, anonymous=True))
    assert (remark(table).author, remark(table).at) == (None, None)
    assert remark(table, NADIA).own


@pytest.mark.parametrize(("blind", "readers"), [("hosts", {CLAIRE, NADIA}), ("nobody", {NADIA})])
def test_K4_G3_a_remark_of_a_blind_step_is_read_once_that_is_revealed(blind: Blind, readers: set[str]) -> None:
    table = chosen(blind=blind)
    assert seen_by(table) == readers
    for member in {CLAIRE, PAUL} - readers:
        for command in (c.EditRemark(REMARK, "x"), c.RemoveRemark(REMARK)):
            assert table.refused(member, command) is Code.NOT_FOUND
    assert REMARK not in table.records("public")
    table.do(CLAIRE, c.RevealStep(TEST))
    assert seen_by(table) == {CLAIRE, PAUL, NADIA}


def test_K4_G7_C6_a_remark_in_review_is_its_authors_and_hosts_until_one_shows_it() -> None:
    table = chosen(moderated=True)
    assert seen_by(table) == {CLAIRE, NADIA}
    table.do(CLAIRE, c.RefusePost(REMARK, "Plus court"))
    assert (remark(table, NADIA).hidden, remark(table, NADIA).reason) == (True, "Plus court")
    table.do(NADIA, c.EditRemark(REMARK, "La nuit ?"))
    assert remark(table, NADIA).reason == ""
    table.do(CLAIRE, c.ShowPost(REMARK))
    assert seen_by(table) == {CLAIRE, PAUL, NADIA}
    table.do(CLAIRE, c.HidePost(REMARK))
    assert seen_by(table) == {CLAIRE, NADIA}


def test_M2_whose_remark_a_host_mutes_writes_no_more() -> None:
    table = chosen()
    table.do(CLAIRE, c.MuteAuthor(REMARK))
    assert (remark(table, CLAIRE).muted, remark(table, PAUL).muted) == (True, False)
    for command in (c.AddRemark("remark:000000000002", IDEA, "offer", "x"), c.EditRemark(REMARK, "x")):
        assert table.refused(NADIA, command) is Code.MUTED
    table.do(CLAIRE, c.UnmuteAuthor(REMARK))
    table.do(NADIA, c.EditRemark(REMARK, "x"))


def test_K4_what_was_begun_in_a_step_stands_under_its_promises_however_late() -> None:
    table = chosen(anonymous=True, remark=False)
    table.do(CLAIRE, c.GoToStep(NEXT))
    table.do(NADIA, c.AddRemark(REMARK, IDEA, "objection", "Écrite avant", TEST))
    assert (remark(table).author, remark(table).step) == (None, TEST)
    never = "step:000000000009"
    table.do(CLAIRE, c.AddStep(never, "discuss", "Plus tard"))
    assert table.refused(NADIA, c.AddRemark("remark:000000000002", IDEA, "offer", "x", never)) is Code.NOT_OPEN


def test_G1_a_step_in_which_somebody_remarked_stays() -> None:
    table = chosen()
    table.do(CLAIRE, c.GoToStep(NEXT))
    assert table.refused(CLAIRE, c.RemoveStep(TEST)) is Code.IN_USE
    table.do(NADIA, c.RemoveRemark(REMARK))
    table.do(CLAIRE, c.RemoveStep(TEST))


def test_K4_nobody_reacts_to_a_remark() -> None:
    table = chosen()
    for command in (c.AddReaction(REMARK, "love"), c.RemoveReaction(REMARK, "love")):
        assert table.refused(PAUL, command) is Code.INVALID


def test_L6_there_are_only_so_many() -> None:
    table = chosen()

    def full(thing: str, first: int, count: int) -> None:
        added = (c.AddRemark(f"remark:{first + n:012d}", thing, "offer", "x") for n in range(count))
        assert not table.commit(*((command, table.actor(PAUL)) for command in added))

    full(IDEA, 1_000, ON_ONE - 1)
    assert table.refused(PAUL, c.AddRemark("remark:zzzzzzzzzzzz", IDEA, "offer", "x")) is Code.TOO_MANY
    for n in range(REMARKS // ON_ONE - 1):
        thing = f"idea:{n + 100:012d}"
        table.do(PAUL, c.AddIdea(thing, "x"))
        full(thing, (n + 2) * 1_000, ON_ONE)
    assert table.refused(PAUL, c.AddRemark("remark:zzzzzzzzzzzz", OTHER, "offer", "x")) is Code.TOO_MANY
    table.do(CLAIRE, c.RemoveRemark(REMARK))
    table.do(PAUL, c.AddRemark("remark:zzzzzzzzzzzz", OTHER, "offer", "x"))


def test_K5_no_audience_has_more_than_the_rules_show() -> None:
    table = chosen()
    table.do(CLAIRE, c.HidePost(IDEA))
    for audience in AUDIENCES:
        assert REMARK not in table.records(audience)
