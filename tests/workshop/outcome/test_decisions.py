"""What comes of a workshop: decisions, actions, commitments (SPEC K)."""

import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import ActionRecord, CommitmentRecord, DecisionRecord
from server.workshop.model import AUDIENCES
from server.workshop.outcome.decisions import commitment_id
from server.workshop.state.decided import ACTIONS, DECISIONS
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

IDEA, ZONE = "idea:000000000001", "zone:000000000001"
DECISION, ACTION = "decision:000000000001", "action:000000000001"


def decided(source: str | None = IDEA) -> Table:
    """A decision that came from an idea of Paul's."""
    table = Table()
    table.do(CLAIRE, c.AddZone(ZONE, "Réunions"))
    table.do(PAUL, c.AddIdea(IDEA, "Réunions de 25 minutes", ZONE))
    table.do(CLAIRE, c.AddDecision(DECISION, "Toutes nos réunions : 25 minutes", source))
    return table


def decision(table: Table) -> DecisionRecord:
    record = table.records("public")[DECISION]
    assert isinstance(record, DecisionRecord)
    return record


def action(table: Table) -> ActionRecord:
    record = table.records("public")[ACTION]
    assert isinstance(record, ActionRecord)
    return record


@pytest.mark.parametrize(("source", "quote"), [(IDEA, "Réunions de 25 minutes"), (ZONE, "Réunions"), (None, "")])
def test_K1_a_decision_keeps_what_it_rests_on(source: str | None, quote: str) -> None:
    table = decided(source)
    table.do(PAUL, c.EditIdea(IDEA, "tout autre chose"))
    table.do(CLAIRE, c.EditZone(ZONE, "Autre nom"))
    table.do(PAUL, c.MoveIdea(IDEA, None))
    table.do(CLAIRE, c.RemoveZone(ZONE))
    assert (decision(table).source, decision(table).quote) == (source, quote)
    table.do(CLAIRE, c.EditDecision(DECISION, "25 minutes au plus"))
    assert (decision(table).text, decision(table).quote) == ("25 minutes au plus", quote)
    table.do(CLAIRE, c.RemoveDecision(DECISION))
    assert DECISION not in table.records("public")


@pytest.mark.parametrize(
    ("away", "back"), [(c.HidePost(IDEA), c.ShowPost(IDEA)), (c.RemoveIdea(IDEA), c.RestoreIdea(IDEA))]
)
def test_K1_what_is_taken_from_peoples_eyes_is_quoted_to_nobody(away: c.Command, back: c.Command) -> None:
    table = decided()
    table.do(CLAIRE, away)
    for audience in AUDIENCES:
        shown = table.records(audience)[DECISION]
        assert isinstance(shown, DecisionRecord)
        assert shown.quote == ""
    assert table.refused(CLAIRE, c.AddDecision("decision:000000000002", "x", IDEA)) is Code.NOT_FOUND
    table.do(CLAIRE, back)
    assert decision(table).quote == "Réunions de 25 minutes"


def test_K2_an_action_has_an_owner_who_says_that_it_is_done() -> None:
    table = decided()
    table.do(CLAIRE, c.AddAction(ACTION, "Régler les agendas", DECISION, PAUL, "2026-12-01", "Écrire à l’informatique"))
    assert (action(table).decision, action(table).owner, action(table).due) == (DECISION, PAUL, "2026-12-01")
    table.do(PAUL, c.EditAction(ACTION, due="", done=True))
    assert (action(table).due, action(table).done) == ("", True)
    assert table.do(PAUL, c.EditAction(ACTION, done=True)) == []
    for command in (c.EditAction(ACTION, done=False), c.RemoveAction(ACTION)):
        assert table.refused(NADIA, command) is Code.FORBIDDEN
    table.do(CLAIRE, c.EditAction(ACTION, owner=None))
    assert action(table).owner is None
    assert table.refused(PAUL, c.EditAction(ACTION, done=False)) is Code.FORBIDDEN
    table.do(CLAIRE, c.RemoveAction(ACTION))
    assert ACTION not in table.records("public")


@pytest.mark.parametrize("due", ["2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01", "2026-04-31"])
def test_K2_a_day_that_there_is_not(due: str) -> None:
    table = decided()
    assert table.refused(CLAIRE, c.AddAction(ACTION, "x", due=due)) is Code.INVALID
    table.do(CLAIRE, c.AddAction(ACTION, "x", due="2028-02-29"))
    assert table.refused(CLAIRE, c.EditAction(ACTION, due=due)) is Code.INVALID


def test_K2_what_an_action_names_must_be_there() -> None:
    table = decided()
    assert table.refused(CLAIRE, c.AddAction(ACTION, "x", "decision:zzzzzzzzzzzz")) is Code.NOT_FOUND
    assert table.refused(CLAIRE, c.AddAction(ACTION, "x", owner="member:zzzzzzzzzzzz")) is Code.NOT_FOUND
    table.do(CLAIRE, c.RemoveMember(NADIA))
    assert table.refused(CLAIRE, c.AddAction(ACTION, "x", owner=NADIA)) is Code.NOT_FOUND


def test_L6_there_are_only_so_many() -> None:
    table = decided()
    for n in range(2, DECISIONS + 1):
        table.do(CLAIRE, c.AddDecision(f"decision:{n:012d}", "x"))
    assert table.refused(CLAIRE, c.AddDecision("decision:zzzzzzzzzzzz", "x")) is Code.TOO_MANY
    table.commit(*((c.AddAction(f"action:{n:012d}", "x"), table.actor(CLAIRE)) for n in range(ACTIONS)))
    assert table.refused(CLAIRE, c.AddAction("action:zzzzzzzzzzzz", "x")) is Code.TOO_MANY


def test_K3_a_commitment_is_mine_until_i_share_it() -> None:
    table, id = Table(), commitment_id(PAUL)
    table.do(PAUL, c.WriteCommitment("Déléguer"))
    for audience in AUDIENCES:
        assert id not in table.records(audience)
    (own,) = table.own(PAUL)
    assert isinstance(own, CommitmentRecord)
    assert own.text == "Déléguer"
    assert id not in table.sees(CLAIRE)
    table.do(PAUL, c.WriteCommitment("Déléguer davantage", shared=True))
    shared = table.records("public")[id]
    assert isinstance(shared, CommitmentRecord)
    assert (shared.text, shared.author) == ("Déléguer davantage", PAUL)
    assert not table.own(PAUL)
    assert table.do(PAUL, c.WriteCommitment("Déléguer davantage", shared=True)) == []
    table.do(PAUL, c.WriteCommitment(" "))
    assert id not in table.records("public")
    assert table.do(PAUL, c.WriteCommitment("")) == []
