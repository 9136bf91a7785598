"""People: what they say of themselves, who leads, and who is out (COMMUNITIES CO)."""

import pytest

from protocol import communities as c
from protocol.commands import Command
from protocol.errors import Code
from server.community import arrivals, state
from server.community.model import COMMUNITY
from server.community.state import record_id
from tests.community.table import CLAIRE, COMMUNITY_ID, NADIA, PAUL, ZOE, Table

PAULS, NADIAS, CLAIRES = map(record_id, (PAUL, NADIA, CLAIRE))


def test_CO2_who_makes_a_community_leads_it_and_each_has_their_own_record_alone() -> None:
    table = Table()
    assert [table.role(member) for member in (CLAIRE, PAUL, ZOE)] == ["leader", "member", None]
    assert table.person(CLAIRE).roles == ("animator", "administrator")
    assert table.sees(PAUL).keys() == {COMMUNITY_ID, PAULS}
    assert table.sees(CLAIRE).keys() == {COMMUNITY_ID, CLAIRES}
    assert table.records("everyone").keys() == {COMMUNITY_ID}
    assert table.records("index").keys() == {PAULS, NADIAS, CLAIRES}


def test_CO1_the_community_tells_its_name_its_languages_and_how_many_there_are() -> None:
    table = Table()
    table.do(CLAIRE, c.SetCommunity(title="  Cercle des managers ", langs=["en", "fr", "en"]))
    record = table.records("everyone")[COMMUNITY_ID]
    assert isinstance(record, c.CommunityRecord)
    assert (record.title, record.langs, record.people) == ("Cercle des managers", ("en", "fr"), 3)
    assert table.do(CLAIRE, c.SetCommunity(title="Cercle des managers")) == []
    assert table.refused(CLAIRE, c.SetCommunity(title="  ")) is Code.TEXT_EMPTY
    assert table.refused(CLAIRE, c.SetCommunity(title="x" * 121)) is Code.TEXT_TOO_LONG
    assert table.refused(PAUL, c.SetCommunity(title="x")) is Code.FORBIDDEN


def test_CO3_an_administrator_sets_both_roles() -> None:
    table = Table()
    table.do(CLAIRE, c.SetPersonRole(PAULS, administrator=True))
    assert table.role(PAUL) == "administrator"
    table.do(PAUL, c.SetPersonRole(NADIAS, animator=True))
    assert table.role(NADIA) == "animator"
    table.do(PAUL, c.SetPersonRole(PAULS, animator=True))
    assert table.role(PAUL) == "leader"
    table.do(PAUL, c.SetPersonRole(CLAIRES, animator=False, administrator=False))
    assert table.role(CLAIRE) == "member"
    assert table.do(PAUL, c.SetPersonRole(CLAIRES, animator=False)) == []


def test_CO3_who_animates_alone_makes_others_animators_and_hands_over() -> None:
    table = Table()
    table.do(CLAIRE, c.SetPersonRole(PAULS, animator=True))
    assert table.refused(PAUL, c.SetPersonRole(NADIAS, administrator=True)) is Code.FORBIDDEN
    assert table.refused(PAUL, c.SetPersonRole(CLAIRES, animator=False)) is Code.FORBIDDEN
    assert table.refused(PAUL, c.SetPersonRole(PAULS, animator=False, administrator=True)) is Code.FORBIDDEN
    assert table.refused(NADIA, c.SetPersonRole(NADIAS, animator=True)) is Code.FORBIDDEN
    table.do(PAUL, c.SetPersonRole(NADIAS, animator=True))
    table.do(PAUL, c.SetPersonRole(PAULS, animator=False))
    assert (table.role(PAUL), table.role(NADIA)) == ("member", "animator")


@pytest.mark.parametrize(
    "command",
    [
        c.LeaveCommunity(),
        c.SuspendPerson(CLAIRES),
        c.RemovePerson(CLAIRES),
        c.SetPersonRole(CLAIRES, animator=False),
        c.SetPersonRole(CLAIRES, administrator=False),
    ],
)
def test_CO4_the_last_to_lead_hands_over_first(command: Command) -> None:
    table = Table()
    assert table.refused(CLAIRE, command) is Code.HANDOVER
    table.do(CLAIRE, c.SetPersonRole(PAULS, animator=True))
    if not isinstance(command, c.SetPersonRole):
        assert table.refused(CLAIRE, command) is Code.HANDOVER
    table.do(CLAIRE, c.SetPersonRole(PAULS, administrator=True))
    table.do(CLAIRE, command)
    assert table.role(PAUL) == "leader"


def test_CO4_who_is_suspended_leads_nothing_and_counts_as_nobody_who_could() -> None:
    table = Table()
    table.do(CLAIRE, c.SetPersonRole(PAULS, animator=True, administrator=True))
    table.do(CLAIRE, c.SuspendPerson(PAULS))
    assert table.refused(CLAIRE, c.LeaveCommunity()) is Code.HANDOVER
    table.do(CLAIRE, c.ReadmitPerson(PAULS))
    assert table.role(PAUL) == "member"
    assert table.refused(CLAIRE, c.LeaveCommunity()) is Code.HANDOVER


def test_CO5_who_is_suspended_is_nobody_until_let_in_again() -> None:
    table = Table()
    since = table.person(PAUL).at
    table.do(CLAIRE, c.SuspendPerson(PAULS))
    assert table.role(PAUL) is None and COMMUNITY.is_out(table.layers.state, PAUL)
    assert table.refused(PAUL, c.SetProfile(name="Paul")) is Code.SUSPENDED
    assert table.stays_out(PAUL, room="room:aaaaaaaaaaaa") is Code.SUSPENDED
    assert PAULS not in table.records("index") and not table.layers.own(PAUL)
    suspended = table.sees(CLAIRE)[f"suspended:{PAUL[7:]}"]
    assert isinstance(suspended, c.SuspendedRecord) and suspended.name == "Paul"
    assert table.sees(NADIA).keys() == {COMMUNITY_ID, NADIAS}
    assert table.do(CLAIRE, c.SuspendPerson(PAULS)) == []
    table.do(CLAIRE, c.ReadmitPerson(PAULS))
    assert table.role(PAUL) == "member" and table.person(PAUL).at == since
    assert not any(id.startswith("suspended:") for id in table.sees(CLAIRE))
    assert table.do(CLAIRE, c.ReadmitPerson(PAULS)) == []


def test_CO5_who_was_removed_does_not_come_again_and_who_left_does() -> None:
    table = Table()
    table.do(CLAIRE, c.RemovePerson(PAULS))
    table.do(NADIA, c.LeaveCommunity())
    record = table.records("everyone")[COMMUNITY_ID]
    assert isinstance(record, c.CommunityRecord) and record.people == 1
    assert "Paul" not in repr(table.layers.state) and "Nadia" not in repr(table.layers.state)
    for command in (c.SuspendPerson, c.ReadmitPerson, c.RemovePerson):
        assert table.refused(CLAIRE, command(PAULS)) is table.refused(CLAIRE, command(NADIAS)) is Code.NOT_FOUND
    assert table.refused(CLAIRE, c.SetPersonRole(PAULS, animator=True)) is Code.NOT_FOUND
    assert table.refused(PAUL, c.LeaveCommunity()) is Code.REMOVED
    assert table.stays_out(PAUL, room="room:aaaaaaaaaaaa") is Code.REMOVED
    table.come(NADIA, room="room:aaaaaaaaaaaa")
    assert table.role(NADIA) == "member"


def test_CO5_who_is_suspended_may_be_removed() -> None:
    table = Table()
    table.do(CLAIRE, c.SuspendPerson(PAULS))
    table.do(CLAIRE, c.RemovePerson(PAULS))
    assert not any(id.startswith("suspended:") for id in table.sees(CLAIRE))
    assert table.refused(CLAIRE, c.ReadmitPerson(PAULS)) is Code.NOT_FOUND


def test_CO6_a_community_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "PEOPLE", 3)
    table = Table()
    assert table.stays_out(ZOE, room="room:aaaaaaaaaaaa") is Code.TOO_MANY
    table.do(PAUL, c.LeaveCommunity())
    table.come(ZOE, room="room:aaaaaaaaaaaa")
    assert state.PEOPLE == 20_000


def test_CO7_a_profile_says_what_is_given_and_what_is_not_stays() -> None:
    table = Table()
    table.do(
        PAUL,
        c.SetProfile(
            name="Paul  Martin",
            job=" Chef d’équipe ",
            site="Lyon",
            offers=["Excel", "excel", " Conduire une réunion "],
            seeks=["Un mentor"],
            interests=["Télétravail"],
            langs=["en", "en"],
        ),
    )
    table.do(PAUL, c.SetProfile(site="", seeks=[]))
    said = table.person(PAUL)
    assert (said.name, said.job, said.site) == ("Paul Martin", "Chef d’équipe", "")
    assert (said.offers, said.seeks, said.langs) == (("Excel", "Conduire une réunion"), (), ("en",))
    assert table.do(PAUL, c.SetProfile(job="Chef d’équipe")) == []
    assert table.person(NADIA).job == ""


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.SetProfile(name=""), Code.TEXT_EMPTY),
        (c.SetProfile(name="x" * 41), Code.TEXT_TOO_LONG),
        (c.SetProfile(job="x" * 81), Code.TEXT_TOO_LONG),
        (c.SetProfile(offers=["x" * 81]), Code.TEXT_TOO_LONG),
        (c.SetProfile(interests=["\u200b"]), Code.TEXT_EMPTY),
    ],
)
def test_CO7_what_is_too_long_or_shows_nothing_is_refused(command: Command, code: Code) -> None:
    assert Table().refused(PAUL, command) is code


def test_CO8_people_are_found_by_all_that_they_say_and_by_nothing_else() -> None:
    table = Table()
    table.do(PAUL, c.SetProfile(job="Chef", site="Lyon", offers=["Excel"], seeks=["Mentor"], interests=["Vélo"]))
    found = COMMUNITY.index(table.records("index")[PAULS])
    assert found is not None and (found.kind, found.text) == ("person", "Paul Chef Lyon Excel Mentor Vélo")
    assert COMMUNITY.index(table.records("everyone")[COMMUNITY_ID]) is None
    assert set(c.PersonRecord.__struct_fields__) == {
        "id", "v", "name", "roles", "job", "site", "offers", "seeks", "interests", "langs", "at",
    }  # fmt: skip
