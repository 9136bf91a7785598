"""Everyone sorts a few cards: who is dealt what, what is proposed to hosts, and what nobody is told (SPEC G15 to G17)."""

from collections import Counter
from collections.abc import Sequence

import msgspec
import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import HandRecord, ProposalRecord, SortingRecord
from server.model.kernel import Actor
from server.workshop.people.people import Enter
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table, alias

STEP, NEXT, ALONE = "step:grouping-----", "step:grouping-two-", "step:writing------"
MEETINGS, CLIENTS = "zone:meetings-----", "zone:clients------"
SORTING = "sorting:grouping-----"


def idea(n: int) -> str:
    return f"idea:{n:012d}"


def others(n: int) -> list[str]:
    return [f"member:m{n:05d}------" for n in range(n)]


def table(ideas: int = 12, people: int = 6, **step: object) -> Table:
    """A workshop in a step that deals the cards of Paul, with two zones."""
    there = Table()
    for member in others(people):
        there.commit((Enter(member, member[7:13], "participant"), Actor(member, "participant")))
    there.do(CLAIRE, c.AddStep(ALONE, "ideate", "Écrire", **step))  # type: ignore[arg-type]
    there.do(CLAIRE, c.GoToStep(ALONE))
    for n in range(ideas):
        there.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
    there.do(CLAIRE, c.RevealStep(ALONE))
    there.do(CLAIRE, c.AddZone(MEETINGS, "Réunions"))
    there.do(CLAIRE, c.AddZone(CLIENTS, "Clients"))
    for id in (STEP, NEXT):
        there.do(CLAIRE, c.AddStep(id, "group", "Ranger", deals=True))
    there.do(CLAIRE, c.GoToStep(STEP))
    return there


def hand(there: Table, member: str, step: str = STEP) -> HandRecord | None:
    for record in there.own(member):
        if isinstance(record, HandRecord) and record.step == step:
            return record
    return None


def cards(there: Table, member: str) -> Sequence[str]:
    found = hand(there, member)
    return found.cards if found else ()


def deal(there: Table, *members: str) -> None:
    for member in members:
        there.do(member, c.DealHand(STEP))


def put(there: Table, member: str, on: str, to: str | None) -> None:
    there.do(member, c.PutHand(STEP, on, to))


def proposals(there: Table) -> dict[str, tuple[str, int, int]]:
    found = there.records("host").values()
    return {r.on: (r.to, r.hands, r.of) for r in found if isinstance(r, ProposalRecord)}


def agreed(there: Table, on: str, to: str, members: Sequence[str]) -> None:
    for member in members:
        put(there, member, on, to)


def progress(there: Table) -> tuple[int, int]:
    record = there.records("public")[SORTING]
    assert isinstance(record, SortingRecord)
    return record.placed, record.people


def test_G15_five_cards_that_lie_in_no_zone_and_are_not_ones_own() -> None:
    there = table()
    there.do(CLAIRE, c.MoveIdea(idea(0), MEETINGS))
    there.do(CLAIRE, c.HidePost(idea(1)))
    there.do(CLAIRE, c.MergeIdea(idea(2), idea(3)))
    deal(there, NADIA, PAUL)
    assert len(cards(there, NADIA)) == 5
    assert not set(cards(there, NADIA)) & {idea(0), idea(1), idea(2)}
    assert cards(there, PAUL) == (), "all are his"
    assert there.do(NADIA, c.DealHand(STEP)) == [], "she has cards still"


def test_G15_each_card_goes_to_three_before_the_next_one_is_begun() -> None:
    there, people = table(30, 18), others(18)
    deal(there, *people)
    dealt = Counter(card for member in people for card in cards(there, member))
    assert len(dealt) == 30
    assert set(dealt.values()) == {3}
    there = table(10, 12)
    deal(there, *others(12))
    dealt = Counter(card for member in others(12) for card in cards(there, member))
    assert set(dealt.values()) == {6}, "then all get as many"


def test_G15_what_is_left_to_others_is_dealt_to_others() -> None:
    there = table(5, 5)
    deal(there, *others(3))
    put(there, others(3)[0], idea(0), None)
    deal(there, others(4)[3])
    assert cards(there, others(4)[3])[0] == idea(0)


def test_G15_where_nobody_has_a_name_ones_own_is_dealt_like_another() -> None:
    """Who was not dealt it would have written it."""
    there = table(5, anonymous=True)
    deal(there, PAUL, NADIA)
    assert cards(there, PAUL) == cards(there, NADIA) == tuple(map(idea, range(5)))


def test_G15_five_more_once_these_are_done_or_gone_and_a_hundred_at_most() -> None:
    there = table(130)
    deal(there, NADIA)
    for card in cards(there, NADIA)[:3]:
        put(there, NADIA, card, MEETINGS)
    deal(there, NADIA)
    assert len(cards(there, NADIA)) == 5
    put(there, NADIA, cards(there, NADIA)[3], None)
    there.do(CLAIRE, c.RemoveIdea(cards(there, NADIA)[4]))
    deal(there, NADIA)
    assert len(cards(there, NADIA)) == 10
    while len(cards(there, NADIA)) < 100:
        for card in cards(there, NADIA)[-5:]:
            put(there, NADIA, card, None)
        deal(there, NADIA)
    for card in cards(there, NADIA)[-5:]:
        put(there, NADIA, card, None)
    assert there.refused(NADIA, c.DealHand(STEP)) is Code.TOO_MANY


def test_G16_what_three_agree_on_is_proposed_to_hosts() -> None:
    there, people = table(5), others(5)
    deal(there, *people)
    agreed(there, idea(0), MEETINGS, people[:2])
    assert proposals(there) == {}
    put(there, people[2], idea(0), CLIENTS)
    assert proposals(there) == {}, "three who disagree propose nothing"
    put(there, people[3], idea(0), MEETINGS)
    assert proposals(there) == {idea(0): (MEETINGS, 3, 4)}
    put(there, people[3], idea(0), CLIENTS)
    put(there, people[4], idea(0), None)
    assert proposals(there) == {}, "second thoughts count"
    assert progress(there) == (1, 4)


def test_G16_two_say_of_one_what_a_third_says_of_the_other() -> None:
    there, people = table(5), others(4)
    deal(there, *people)
    agreed(there, idea(1), idea(2), people[:2])
    put(there, people[2], idea(2), idea(1))
    assert proposals(there) == {idea(1): (idea(2), 3, 3), idea(2): (idea(1), 3, 3)}
    put(there, people[0], idea(2), idea(1))
    assert proposals(there)[idea(2)] == (idea(1), 3, 3), "nobody counts twice"


def test_G16_who_put_what_is_told_to_nobody() -> None:
    there, people = table(5), others(3)
    deal(there, *people)
    agreed(there, idea(0), MEETINGS, people)
    for reader in (CLAIRE, PAUL, people[1]):
        seen = msgspec.json.encode([record for id, record in there.sees(reader).items() if id.partition(":")[0] in ("hand", "sorting", "proposal")])  # fmt: skip
        assert people[0].encode() not in seen
        assert alias(STEP, people[0]).encode() not in seen
    assert not any(id.startswith(("proposal", "hand")) for id in there.records("public"))
    assert not any(people[0] in msgspec.json.encode(e).decode() for commit in there.commits[-3:] for e in commit), (
        "nor is the journal"
    )


def test_G16_a_place_that_is_gone_is_proposed_no_more() -> None:
    there, people = table(5), others(3)
    deal(there, *people)
    agreed(there, idea(0), MEETINGS, people)
    agreed(there, idea(1), idea(2), people)
    assert set(proposals(there)) == {idea(0), idea(1)}
    there.do(CLAIRE, c.HidePost(idea(2)))
    there.do(CLAIRE, c.RemoveZone(MEETINGS))
    assert proposals(there) == {}
    there.do(CLAIRE, c.ShowPost(idea(2)))
    assert proposals(there) == {idea(1): (idea(2), 3, 3)}
    there.do(CLAIRE, c.MergeIdea(idea(2), idea(3)))
    assert proposals(there) == {idea(1): (idea(3), 3, 3)}, "it says the same as what that stands in"
    there.do(CLAIRE, c.MoveIdea(idea(1), CLIENTS))
    assert proposals(there) == {}, "it has its place"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (c.HidePost(idea(0)), Code.NOT_FOUND),
        (c.RemoveIdea(idea(0)), Code.NOT_FOUND),
        (c.MergeIdea(idea(0), idea(1)), Code.SUPERSEDED),
        (c.MoveIdea(idea(0), CLIENTS), Code.SUPERSEDED),
        (c.RemoveZone(MEETINGS), Code.NOT_FOUND),
        (c.EditStep(STEP, deals=False), Code.INVALID),
    ],
    ids=lambda value: type(value).__name__,
)
def test_G15_a_hand_that_comes_too_late_says_why(change: c.Command, code: Code) -> None:
    there = table(5)
    deal(there, NADIA)
    there.do(CLAIRE, change)
    assert there.refused(NADIA, c.PutHand(STEP, idea(0), MEETINGS)) is code


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.PutHand(STEP, idea(7), MEETINGS), Code.INVALID),
        (c.PutHand(STEP, idea(0), idea(0)), Code.INVALID),
        (c.PutHand(STEP, idea(0), "zone:never--------"), Code.NOT_FOUND),
        (c.PutHand(STEP, "idea:never--------", None), Code.NOT_FOUND),
        (c.PutHand("step:never--------", idea(0), None), Code.NOT_FOUND),
        (c.PutHand(ALONE, idea(0), MEETINGS), Code.INVALID),
        (c.DealHand(ALONE), Code.INVALID),
        (c.DealHand(NEXT), Code.NOT_OPEN),
        (c.AcceptProposals({}), Code.FORBIDDEN),
        (c.RefuseProposal(idea(0), MEETINGS), Code.FORBIDDEN),
        (c.UndoProposals(), Code.FORBIDDEN),
    ],
    ids=str,
)
def test_G15_what_cannot_be_said_with_a_hand(command: c.Command, code: Code) -> None:
    there = table(8)
    deal(there, NADIA)
    assert there.refused(NADIA, command) is code
    if code is not Code.FORBIDDEN:
        assert there.refused(CLAIRE, command) in (Code.FORBIDDEN, Code.NOT_FOUND)


def lies(there: Table) -> dict[str, tuple[str | None, str, str | None]]:
    return {
        idea(n): (r.zone, r.rank, r.into)  # type: ignore[attr-defined]
        for n in range(5)
        if (r := there.records("public").get(idea(n))) is not None
    }


def test_G17_all_are_accepted_at_once_and_taken_back_at_once() -> None:
    there, people = table(5), others(3)
    deal(there, *people)
    before = lies(there)
    agreed(there, idea(0), MEETINGS, people)
    agreed(there, idea(1), MEETINGS, people)
    agreed(there, idea(2), idea(3), people)
    said = {on: to for on, (to, _, _) in proposals(there).items()}
    there.do(CLAIRE, c.AcceptProposals(said))
    assert [lies(there)[idea(n)][0] for n in (0, 1, 4)] == [MEETINGS, MEETINGS, None]
    assert lies(there)[idea(2)][2] == idea(3)
    assert proposals(there) == {}
    assert progress(there)[0] == 0
    there.do(PAUL, c.AddIdea(idea(9), "venue entre-temps"))
    there.do(CLAIRE, c.UndoProposals())
    assert lies(there) == before
    assert {on: to for on, (to, _, _) in proposals(there).items()} == said
    assert there.refused(CLAIRE, c.UndoProposals()) is Code.NOTHING_TO_UNDO


def test_G17_what_came_to_be_otherwise_is_passed_over() -> None:
    there, people = table(5), others(3)
    deal(there, *people)
    agreed(there, idea(0), MEETINGS, people)
    agreed(there, idea(1), CLIENTS, people)
    assert (
        there.do(CLAIRE, c.AcceptProposals({idea(0): CLIENTS, idea(4): MEETINGS, "idea:never--------": MEETINGS})) == []
    )
    there.do(CLAIRE, c.AcceptProposals({idea(0): MEETINGS, idea(1): CLIENTS}))
    there.do(NADIA, c.MoveIdea(idea(0), CLIENTS))
    there.do(CLAIRE, c.UndoProposals())
    assert [lies(there)[idea(n)][0] for n in (0, 1)] == [CLIENTS, None], "what somebody moved since stays"
    there.do(CLAIRE, c.AcceptProposals({idea(1): CLIENTS}))
    there.do(NADIA, c.MoveIdea(idea(1), MEETINGS))
    assert there.refused(CLAIRE, c.UndoProposals()) is Code.SUPERSEDED


def test_G17_a_place_of_before_that_another_has_is_given_beside_it() -> None:
    there, people = table(1), others(3)
    deal(there, *people)
    agreed(there, idea(0), MEETINGS, people)
    there.do(CLAIRE, c.AcceptProposals({idea(0): MEETINGS}))
    there.do(PAUL, c.AddIdea(idea(1), "à la même place"))
    there.do(CLAIRE, c.UndoProposals())
    assert lies(there)[idea(0)][1] < lies(there)[idea(1)][1]


def test_G17_what_is_refused_is_proposed_no_more_until_that_is_taken_back() -> None:
    there, people = table(5), others(6)
    deal(there, *people)
    agreed(there, idea(0), MEETINGS, people[:3])
    there.do(CLAIRE, c.RefuseProposal(idea(0), MEETINGS))
    assert proposals(there) == {}
    assert there.do(CLAIRE, c.RefuseProposal(idea(0), MEETINGS)) == []
    there.do(CLAIRE, c.UndoProposals())
    assert proposals(there) == {idea(0): (MEETINGS, 3, 3)}


def test_G15_another_step_that_deals_asks_anew() -> None:
    there, people = table(5), others(3)
    deal(there, *people)
    agreed(there, idea(0), MEETINGS, people)
    there.do(CLAIRE, c.GoToStep(NEXT))
    assert proposals(there) == {idea(0): (MEETINGS, 3, 3)}, "what was proposed may be accepted later"
    there.do(NADIA, c.DealHand(NEXT))
    assert proposals(there) == {}
    assert there.refused(CLAIRE, c.RemoveStep(STEP)) is Code.IN_USE


def test_G15_a_card_that_two_steps_deal_in_turn_counts_once() -> None:
    """Found by a simulated story: it was counted once for each time that it had been dealt."""
    there = table(ideas=1)
    for step in (STEP, NEXT, STEP):
        there.do(CLAIRE, c.GoToStep(step))
        member = {STEP: others(2)[there.records("public").keys() >= {"sorting:grouping-two-"}], NEXT: others(3)[2]}[
            step
        ]
        there.do(member, c.DealHand(step))
        there.do(member, c.PutHand(step, idea(0), MEETINGS))
    record = there.records("public")[SORTING]
    assert isinstance(record, SortingRecord) and record.placed == 1
