"""Who is in a circle, and as what (COMMUNITIES.md, CI)."""

from itertools import count

import pytest

from protocol import circles as p
from protocol.choices import Access
from protocol.circles import AskingRecord, Named, SeatRecord
from protocol.commands import Command
from protocol.errors import Code, Refusal
from server.circle.model import CIRCLE
from server.circle.people import ASKINGS, MOST_ANIMATORS, AskedIn, SeatChanged, SeatLeft, SeatTaken
from server.circle.state import asking_id, roll
from server.live.batch import SYSTEM
from server.model.kernel import Listing, Notice, Stake
from tests.circle.table import CLAIRE, COMMUNITY, ELSA, KARIM, NADIA, PAUL, STRANGER, STREAM, Table, post

ALL: tuple[Access, ...] = ("common", "open", "request", "confidential")


def members(table: Table) -> dict[str, str]:
    return dict(CIRCLE.memberships(table.state))


@pytest.mark.parametrize("access", ALL)
def test_CI1_whoever_founds_it_animates_it(access: Access) -> None:
    table = Table(access)
    assert table.circle.animators == (Named(CLAIRE, "Claire"),)
    assert (table.circle.community, table.circle.access) == (COMMUNITY, access)
    assert members(table)[CLAIRE] == "animator"
    assert CIRCLE.name_of(table.state, CLAIRE) == "Claire"
    assert CIRCLE.listing(table.state) == Listing(COMMUNITY, access, "Accueil des nouveaux", "", closed=False)
    assert CIRCLE.parent(table.state) == COMMUNITY


def test_CI2_everyone_of_the_community_is_in_what_is_common_and_nothing_of_them_is_kept() -> None:
    table = Table("common")
    assert CIRCLE.actor_for(table.state, KARIM) == (KARIM, "member", *table.actor(KARIM)[2:])
    assert table.come(KARIM) == []
    assert table.circle.people == 0
    assert members(table) == {CLAIRE: "animator"}
    assert table.refused(KARIM, p.LeaveCircle()) is Code.INVALID
    assert table.refused(CLAIRE, p.AddMember(KARIM)) is Code.INVALID
    assert table.refused(CLAIRE, p.RemoveMember(KARIM)) is Code.INVALID


def test_CI2_what_is_common_is_animated_by_those_who_are_named() -> None:
    table = Table("common")
    assert table.refused(CLAIRE, p.SetMemberRole(STRANGER, "animator")) is Code.NOT_FOUND
    table.do(CLAIRE, p.SetMemberRole(KARIM, "animator"))
    assert [each.id for each in table.circle.animators] == [CLAIRE, KARIM]
    assert table.do(CLAIRE, p.LeaveCircle()) == [SeatLeft(CLAIRE)]
    assert CLAIRE not in table.state
    assert table.actor(CLAIRE).role == "member"
    assert table.do(KARIM, p.SetMemberRole(ELSA, "member")) == []
    assert table.refused(KARIM, p.SetMemberRole(KARIM, "member")) is Code.HANDOVER


def test_CI3_into_what_is_open_people_come_by_themselves() -> None:
    table = Table("open")
    table.come(KARIM)
    assert members(table)[KARIM] == "member"
    assert table.sees(KARIM)["seat:karim-------"] == SeatRecord(
        id="seat:karim-------", v=table.layers.seq, role="member"
    )
    assert table.circle.people == 4
    assert table.come(KARIM) == []
    with pytest.raises(Refusal, match="not_found"):
        table.come(STRANGER)


def test_CI4_into_what_is_on_request_people_are_let_in() -> None:
    table = Table("request")
    table.come(KARIM, "  Je m'occupe des stages ")
    table.come(ELSA)
    assert table.come(KARIM, "encore") == []
    asking = table.sees(CLAIRE)[asking_id(KARIM)]
    assert isinstance(asking, AskingRecord)
    assert (asking.name, asking.text) == ("Karim", "Je m'occupe des stages")
    assert asking_id(KARIM) not in table.sees(PAUL)
    assert KARIM not in members(table)
    assert table.refused(PAUL, p.GrantAsking(asking_id(KARIM))) is Code.FORBIDDEN
    table.do(CLAIRE, p.GrantAsking(asking_id(KARIM)))
    table.do(CLAIRE, p.RefuseAsking(asking_id(ELSA)))
    assert members(table)[KARIM] == "member"
    assert ELSA not in members(table)
    assert not [id for id in table.sees(CLAIRE) if id.startswith("asking:")]
    for gone in (KARIM, ELSA):
        assert table.refused(CLAIRE, p.GrantAsking(asking_id(gone))) is Code.NOT_FOUND
    assert table.come(ELSA) != []


def test_CI4_whoever_left_the_community_meanwhile_is_not_let_in() -> None:
    table = Table("request")
    table.come(KARIM)
    del table.names[KARIM]
    assert table.refused(CLAIRE, p.GrantAsking(asking_id(KARIM))) is Code.NOT_FOUND
    table.do(CLAIRE, p.RefuseAsking(asking_id(KARIM)))


def test_CI4_so_many_wait_at_most() -> None:
    table = Table("request")
    events = [AskedIn(f"member:{n:012d}", 1, "x") for n in range(ASKINGS)]
    table.layers.take(events, table.layers.seq + 1, table.at)
    with pytest.raises(Refusal, match="too_many"):
        table.come(KARIM)
    table.do(CLAIRE, p.RefuseAsking("asking:000000000000"))
    table.come(KARIM)


def test_CI5_into_what_is_confidential_people_are_taken_by_an_animator_alone() -> None:
    table = Table("confidential")
    with pytest.raises(Refusal, match="unknown_room"):
        table.come(KARIM)
    assert table.refused(PAUL, p.AddMember(KARIM)) is Code.FORBIDDEN
    assert table.refused(CLAIRE, p.AddMember(STRANGER)) is Code.NOT_FOUND
    table.do(CLAIRE, p.AddMember(KARIM))
    assert members(table)[KARIM] == "member"
    assert table.do(CLAIRE, p.AddMember(KARIM)) == []


@pytest.mark.parametrize("access", ["open", "request", "confidential"])
def test_CI6_who_is_out_is_nobody_here(access: Access) -> None:
    table = Table(access)
    table.do(PAUL, p.LeaveCircle())
    table.do(CLAIRE, p.RemoveMember(NADIA))
    for gone in (PAUL, NADIA):
        assert CIRCLE.actor_for(table.state, gone) is None
        assert CIRCLE.is_out(table.state, gone)
        assert not table.layers.own(gone)
    assert members(table) == {CLAIRE: "animator"}
    assert table.circle.people == 1
    assert table.refused(CLAIRE, p.RemoveMember(PAUL)) is Code.NOT_FOUND
    assert table.refused(CLAIRE, p.SetMemberRole(NADIA, "animator")) is Code.NOT_FOUND
    table.do(CLAIRE, p.AddMember(NADIA))
    assert not CIRCLE.is_out(table.state, NADIA)


def test_CI6_who_was_sent_out_of_what_is_open_comes_back_by_an_animator_alone() -> None:
    table = Table("open")
    table.do(CLAIRE, p.RemoveMember(NADIA))
    table.do(PAUL, p.LeaveCircle())
    with pytest.raises(Refusal, match="removed"):
        table.come(NADIA)
    table.come(PAUL)
    table.do(CLAIRE, p.AddMember(NADIA))
    assert members(table).keys() == {CLAIRE, PAUL, NADIA}


def test_CI7_never_without_an_animator_unless_it_is_archived() -> None:
    table = Table()
    for command in (p.LeaveCircle(), p.RemoveMember(CLAIRE), p.SetMemberRole(CLAIRE, "member")):
        assert table.refused(CLAIRE, command) is Code.HANDOVER
    table.do(CLAIRE, p.SetMemberRole(PAUL, "animator"))
    assert table.records("animators").keys() >= {STREAM}
    assert CIRCLE.audience_of(table.actor(PAUL)) == "animators"
    table.do(CLAIRE, p.LeaveCircle())
    assert [each.id for each in table.circle.animators] == [PAUL]
    table.do(PAUL, p.ArchiveCircle())
    table.do(PAUL, p.LeaveCircle())
    assert table.circle.animators == ()


def test_CI7_so_many_animate_it_at_most() -> None:
    table = Table()
    for n in range(MOST_ANIMATORS - 1):
        person = f"member:{n:012d}"
        table.names[person] = f"{n}"
        table.do(CLAIRE, p.AddMember(person))
        table.do(CLAIRE, p.SetMemberRole(person, "animator"))
    assert table.refused(CLAIRE, p.SetMemberRole(PAUL, "animator")) is Code.TOO_MANY


def test_CI8_in_an_archived_circle_nothing_is_written() -> None:
    table = Table("open")
    table.do(PAUL, p.AddPost(post(1), "Bonjour"))
    table.do(CLAIRE, p.ArchiveCircle())
    assert table.circle.archived
    theirs: list[Command] = [p.AddPost(post(2), "x"), p.EditPost(post(1), "x"), p.ThankPost(post(1))]
    hers: list[Command] = [p.SetCircle(title="x"), p.AddMember(KARIM), p.PinPost(post(1))]
    for person, command in (*((PAUL, each) for each in theirs), *((CLAIRE, each) for each in hers)):
        assert table.refused(person, command) is Code.ARCHIVED
    with pytest.raises(Refusal, match="archived"):
        table.come(KARIM)
    table.do(PAUL, p.RemovePost(post(1)))
    table.do(PAUL, p.LeaveCircle())
    table.do(CLAIRE, p.ArchiveCircle(on=False))
    table.do(CLAIRE, p.SetCircle(title="De nouveau"))
    assert CIRCLE.listing(table.state) == Listing(COMMUNITY, "open", "De nouveau", "", closed=False)


def test_CI9_what_it_is_is_set_by_its_animators() -> None:
    table = Table()
    assert table.refused(PAUL, p.SetCircle(title="x")) is Code.FORBIDDEN
    table.do(CLAIRE, p.SetCircle(title=" Accueil ", purpose="Le premier jour", respondent=PAUL))
    now = table.circle
    assert (now.title, now.purpose, now.respondent) == ("Accueil", "Le premier jour", Named(PAUL, "Paul"))
    assert table.do(CLAIRE, p.SetCircle(title="Accueil", respondent=PAUL)) == []
    assert table.refused(CLAIRE, p.SetCircle(title=" ")) is Code.TEXT_EMPTY
    for nobody in (KARIM, STRANGER):
        assert table.refused(CLAIRE, p.SetCircle(respondent=nobody)) is Code.NOT_FOUND
    table.do(PAUL, p.LeaveCircle())
    assert table.circle.respondent is None
    table.do(CLAIRE, p.SetCircle(respondent=NADIA))
    table.do(CLAIRE, p.SetCircle(respondent=None))
    assert table.circle.respondent is None


def test_CI10_once_people_have_written_it_grows_more_secret_alone() -> None:
    table = Table("confidential")
    table.do(CLAIRE, p.SetCircle(access="open"))
    table.do(PAUL, p.AddPost(post(1), "Bonjour"))
    table.do(PAUL, p.RemovePost(post(1)))
    table.do(CLAIRE, p.SetCircle(access="request"))
    assert table.refused(CLAIRE, p.SetCircle(access="open")) is Code.RATCHET
    table.do(CLAIRE, p.SetCircle(access="confidential"))
    assert table.refused(CLAIRE, p.SetCircle(access="request")) is Code.RATCHET
    assert table.refused(CLAIRE, p.SetCircle(access="common")) is Code.INVALID
    assert Table("common").refused(CLAIRE, p.SetCircle(access="open")) is Code.INVALID


def told(table: Table) -> list[Notice | Stake]:
    """Whom the last commit concerns."""
    return list(table.layers.trail.between(table.layers.seq - 1, table.layers.seq)[-1].concerns)


def test_CI11_who_is_taken_in_is_told_and_animators_of_who_asks() -> None:
    table = Table("request")
    everyone = "people:aaaaaaaaaaaa"
    table.do(CLAIRE, p.AddMember(KARIM))
    assert told(table) == [Notice(KARIM, "added", STREAM), Stake(KARIM, STREAM, None), Stake(KARIM, everyone, "member")]
    table.come(ELSA)
    assert told(table) == [Notice(STREAM, "asked", asking_id(ELSA))]
    table.do(CLAIRE, p.GrantAsking(asking_id(ELSA)))
    assert told(table)[0] == Notice(ELSA, "granted", STREAM)
    table.do(CLAIRE, p.SetMemberRole(ELSA, "animator"))
    assert told(table)[:2] == [Notice(ELSA, "named", STREAM), Stake(ELSA, STREAM, "animator")]
    table.do(ELSA, p.LeaveCircle())
    assert told(table) == [Stake(ELSA, STREAM, None), Stake(ELSA, everyone, None)]


def test_CI11_whoever_founds_it_or_comes_by_themselves_is_told_nothing() -> None:
    table = Table("open")
    table.come(KARIM)
    assert not [each for each in told(table) if isinstance(each, Notice)]


def test_O4_under_the_id_of_who_was_erased_nobody_comes() -> None:
    table, numbers = Table("open"), count()
    fresh = [f"member:fresh-{next(numbers):06d}" for _ in range(2)]
    table.names |= dict.fromkeys(fresh, "Quelqu'un")
    table.layers.take([SeatTaken(fresh[0], "animator"), SeatTaken(fresh[1], "member")], table.layers.seq + 1, table.at)
    table.layers.take([SeatChanged(fresh[1], "animator"), SeatLeft(fresh[0])], table.layers.seq + 1, table.at)
    for id in fresh:
        assert CIRCLE.actor_for(table.state, id) is None
        with pytest.raises(Refusal, match="removed"):
            table.come(id)
    assert (roll(table.state).people, table.circle.animators) == (3, (Named(CLAIRE, "Claire"),))
    assert table.commit((p.ArchiveCircle(), SYSTEM))[0].code is Code.FORBIDDEN
