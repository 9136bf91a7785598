"""A room made from the file of another is the same to everyone who looks (SPEC N); what no command could have said is refused by name."""

import copy
import json
from collections.abc import Iterable, Sequence
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import RECORDS, IdeaRecord, PulseRecord, Record, StepRecord
from server.live.layers import Layers, dump, load
from server.model.kernel import HOST, Actor
from server.model.restoring import LATEST
from server.workshop.board.standing import standing
from server.workshop.imports import AT_ONCE, ORDER, WEIGHT
from server.workshop.model import AUDIENCES, WORKSHOP
from server.workshop.people.people import Enter
from server.workshop.people.settings import Create
from tests.properties import bounded
from tests.workshop.table import CLAIRE, NADIA, PAUL, SYSTEM, Table
from tests.workshop.test_room import commands

OTHER = "room:bbbbbbbbbbbb"
IDEA, ZONE, STEP = "idea:000000000001", "zone:000000000001", "step:000000000001"


class Bare(Table):
    """A room in which nobody is yet but the host who brings a file."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = Layers(WORKSHOP)
        self.commits, self.sealed = [], {}
        self.commit((Create(OTHER, "À remplir", "XYZ789", "en"), SYSTEM))
        self.commit((Enter(CLAIRE, "claire", "host"), Actor(CLAIRE, "participant")))


def exported(table: Table, member: str = CLAIRE) -> list[dict[str, Any]]:
    """What this member's file holds, through JSON and back."""
    records: list[dict[str, Any]] = json.loads(msgspec.json.encode(list(table.sees(member).values())))
    return records


def imported(file: Sequence[object]) -> Table:
    table = Bare()
    for command in WORKSHOP.imports(file):
        assert not table.commit((command, table.actor(CLAIRE)))
    return table


def seen(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    """Without what is another room's by nature: its id, its code, the numbers of its commits."""
    found = {}
    for record in records:
        fields = msgspec.to_builtins(record)
        del fields["v"]
        fields.pop("away", None)
        if record.id.startswith("room:"):
            del fields["id"], fields["code"]
        found["room" if record.id.startswith("room:") else record.id] = fields
    return found


def without_secrets(table: Table, record: Record) -> Record:
    """As it comes back: counts of what the host's file does not hold begin anew."""
    held = table.sees(CLAIRE)
    replace = msgspec.structs.replace
    match record:
        case StepRecord(closed=None) as step:
            step = replace(step, voted=0)
            if step.blind != "open" and not step.revealed:
                mine = [
                    each
                    for each in held.values()
                    if isinstance(each, IdeaRecord) and each.step == step.id and not each.removed
                ]
                nobodys = step.blind == "nobody" and step.anonymous
                step = replace(step, written=0 if nobodys else len(mine))
            return step
        case StepRecord() as step if step.blind != "open" and not step.revealed:
            mine = [
                each
                for each in held.values()
                if isinstance(each, IdeaRecord) and each.step == step.id and not each.removed
            ]
            return replace(step, written=0 if step.blind == "nobody" and step.anonymous else len(mine))
        case PulseRecord(closed=False, anonymous=True) as pulse:
            return replace(pulse, answers=sum(pulse.counts) + sum(pulse.words.values()))
        case IdeaRecord() as idea:
            return replace(
                idea,
                muted=idea.muted and idea.author is not None,
                into=idea.into if idea.into in held else None,
            )
    return record


@given(st.lists(st.tuples(st.sampled_from([CLAIRE, CLAIRE, PAUL, NADIA]), commands()), max_size=60))
@bounded(150)
def test_N1_a_room_that_is_exported_and_imported_looks_the_same(acts: Sequence[tuple[str, c.Command]]) -> None:
    table = Table()
    for member, command in acts:
        if not isinstance(command, c.SetRole):
            table.commit((command, table.actor(member)))
    again = imported(exported(table))
    for audience in AUDIENCES:
        before = seen(without_secrets(table, record) for record in table.records(audience).values())
        after = seen(again.records(audience).values())
        assert after == before
    # And once more it is the same file.
    assert {json.dumps(r, sort_keys=True) for r in _bare(exported(again))} == {
        json.dumps(r, sort_keys=True) for r in _bare(exported(imported(exported(again))))
    }
    copied = load(WORKSHOP, dump(again.layers))
    assert {a: list(copied.shared[a].records.values()) for a in AUDIENCES} == {
        a: list(again.records(a).values()) for a in AUDIENCES
    }


def _bare(file: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the numbers of commits."""
    return [{key: value for key, value in record.items() if key != "v"} for record in file]


FIELDS = sorted({field for shape in RECORDS.values() for field in shape.__struct_fields__})
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [-1, 2**60, 0.5, "", "x" * 3000, "\0", "\ud800", "=1+1", "idea:<script>", "a0", [], {}, ["x"], {"x": -1}]
    ),
)


@given(st.data())
@bounded(300)
def test_N2_whatever_a_file_holds_it_is_refused_by_name_or_makes_a_room_that_works(data: st.DataObject) -> None:
    file = copy.deepcopy(FULL)
    for _ in range(data.draw(st.integers(1, 3))):
        record = data.draw(st.sampled_from(file))
        field = data.draw(st.sampled_from(FIELDS))
        if data.draw(st.booleans()) and field in record:
            del record[field]
        else:
            record[field] = data.draw(JUNK)
    try:
        table = imported(file)
    except Refusal as refusal:
        assert refusal.code in {Code.INVALID, Code.TEXT_EMPTY, Code.TEXT_TOO_LONG, Code.TEXT_FORBIDDEN, Code.TOO_MANY}
        assert refusal.text
        return
    for command in (
        c.AddIdea("idea:0000000000n1", "x"),
        c.MoveIdea(IDEA, before="idea:000000000002"),
        c.GoToStep(STEP),
        c.ClosePulse("pulse:000000000001"),
    ):
        table.commit((command, table.actor(CLAIRE)))
    for audience in AUDIENCES:
        msgspec.json.encode(list(table.records(audience).values()))


def full() -> list[dict[str, Any]]:
    """A file with every kind of record that is put back."""
    table, two, vote = Table(), "idea:000000000002", "step:000000000002"
    table.do(CLAIRE, c.SetWordlist(["grève"]))
    table.do(CLAIRE, c.AddZone(ZONE, "Garder", "A"))
    table.do(CLAIRE, c.AddStep(STEP, "ideate", "Nos idées", minutes=5))
    table.do(CLAIRE, c.AddStep(vote, "vote", "Choisir", budget=3, cap=2))
    table.do(CLAIRE, c.GoToStep(STEP))
    table.do(PAUL, c.AddIdea(IDEA, "Moins de réunions", ZONE))
    table.do(NADIA, c.AddIdea(two, "Moins de réunions !", ZONE))
    table.do(NADIA, c.AddReaction(IDEA, "love"))
    table.do(CLAIRE, c.MergeIdea(two, IDEA))
    table.do(NADIA, c.SayReady(STEP))
    table.do(PAUL, c.SendMessage("message:000000000001", "Bonjour"))
    table.do(CLAIRE, c.GoToStep(vote))
    table.do(PAUL, c.PutDots(vote, IDEA, 2))
    table.do(CLAIRE, c.CloseVote(vote))
    table.do(CLAIRE, c.RevealVote(vote))
    table.do(CLAIRE, c.AddDecision("decision:000000000001", "Essayer", IDEA))
    table.do(NADIA, c.AddRemark("remark:000000000001", IDEA, "objection", "Qui prévient ?"))
    table.do(CLAIRE, c.AddAction("action:000000000001", "Écrire", "decision:000000000001", PAUL, "2026-12-01"))
    table.do(PAUL, c.WriteCommitment("Finir à l'heure", True))
    table.do(CLAIRE, c.AskPulse("pulse:000000000002", "Que garder ?", "choice", ["A", "B"], False, several=True))
    for member, places in ((PAUL, [0, 1]), (NADIA, [1])):
        table.do(member, c.AnswerPulse("pulse:000000000002", places))
    table.do(CLAIRE, c.AskPulse("pulse:000000000003", "Et encore ?", "choice", ["A", "B"], False, other=True))
    table.do(
        CLAIRE, c.AskPulse("pulse:000000000004", "Et encore ?", "choice", ["A", "B"], False, several=True, other=True)
    )
    table.do(PAUL, c.AnswerPulse("pulse:000000000003", 2, "Le café"))
    table.do(NADIA, c.AnswerPulse("pulse:000000000003", 2, "Zut"))
    table.do(CLAIRE, c.HideWord("pulse:000000000003", "Zut"))
    table.do(PAUL, c.AnswerPulse("pulse:000000000004", [0, 2], "Le café"))
    table.do(NADIA, c.AnswerPulse("pulse:000000000004", [0, 1]))
    table.do(CLAIRE, c.AskPulse("pulse:000000000001", "Ça va ?", "words", [], False))
    table.do(PAUL, c.AnswerPulse("pulse:000000000001", "Bien"))
    table.do(CLAIRE, c.SetStage("ideas", IDEA))
    table.do(CLAIRE, c.DrawBreakouts(2, texts=["Nos réunions"]))
    table.do(PAUL, c.SetSpeaker())
    return exported(table)


FULL = full()


def test_N1_every_kind_that_everyone_sees_is_put_back() -> None:
    kinds = {record["id"].split(":")[0] for record in FULL}
    assert set(ORDER) <= kinds
    assert set(ORDER) == set(WORKSHOP.restores)
    assert set(RECORDS) == set(WORKSHOP.renders)
    table = imported(FULL)
    assert {r["id"] for r in exported(table)} - {OTHER} == {r["id"] for r in FULL if r["id"].split(":")[0] in ORDER} - {
        "room:aaaaaaaaaaaa"
    }


def test_N1_what_was_put_back_goes_on() -> None:
    """Ideas can be taken apart, dots of later votes counted, answers added."""
    table = imported(FULL)
    table.do(CLAIRE, c.UnmergeIdea("idea:000000000002"))
    apart = table.records("public")["idea:000000000002"]
    assert isinstance(apart, IdeaRecord)
    assert apart.into is None
    table.do(CLAIRE, c.AnswerPulse("pulse:000000000001", "Bien"))
    pulse = table.records("public")["pulse:000000000001"]
    assert isinstance(pulse, PulseRecord)
    assert pulse.words == {"Bien": 2}
    assert table.refused(CLAIRE, c.AddIdea("idea:000000000009", "Trop tard", step=STEP)) is Code.STEP_OVER


def test_N1_U8_a_question_that_was_closed_is_looked_at_still() -> None:
    """Seen: nothing had ever been put on the stage, whose record then says no view, and the file was refused."""
    table = Table()
    table.do(CLAIRE, c.AskPulse("pulse:000000000001", "Ça va ?", "scale"))
    table.do(CLAIRE, c.ClosePulse("pulse:000000000001"))
    again = imported(exported(table))
    assert seen(again.records("public").values()) == seen(table.records("public").values())


def test_N1_a_participants_file_holds_what_a_participant_sees_and_what_was_merged_can_be_taken_apart() -> None:
    table = Table()
    for id in (IDEA, "idea:000000000002"):
        table.do(PAUL, c.AddIdea(id, "Moins de réunions"))
    table.do(CLAIRE, c.MergeIdea("idea:000000000002", IDEA))
    table.do(NADIA, c.AddIdea("idea:000000000003", "SECRET"))
    table.do(CLAIRE, c.HidePost("idea:000000000003"))
    file = exported(table, PAUL)
    again = imported([record for record in file if record["id"] != CLAIRE])
    assert "SECRET" not in str(again.rendered(HOST))
    again.do(CLAIRE, c.UnmergeIdea("idea:000000000002"))
    assert {"idea:000000000002", IDEA} <= again.records("public").keys()


def test_N1_what_stands_alone_since_the_other_is_gone_goes_on_so_elsewhere() -> None:
    """The host's file holds what was removed, which may come back; the participant's does not."""
    table, two = Table(), "idea:000000000002"
    table.do(PAUL, c.AddIdea(IDEA, "Moins de réunions"))
    table.do(NADIA, c.AddIdea(two, "Moins de réunions !"))
    table.do(CLAIRE, c.MergeIdea(two, IDEA))
    table.do(PAUL, c.RemoveIdea(IDEA))
    for member, into in ((CLAIRE, IDEA), (NADIA, None)):
        again = imported([record for record in exported(table, member) if record["id"] != CLAIRE])
        alone = again.records("public")[two]
        assert isinstance(alone, IdeaRecord)
        assert alone.into == into
        assert standing(again.layers.state, two) == two
        assert IDEA not in again.records("public")
    again = imported(exported(table))
    again.do(CLAIRE, c.RestoreIdea(IDEA))
    assert standing(again.layers.state, two) == IDEA


OLD_FILE = [
    {"id": "room:aaaaaaaaaaaa", "v": 1, "title": "Séminaire", "code": "ABC234"},
    {"id": IDEA, "v": 9, "text": "Moins de réunions", "rank": "a0", "author": PAUL, "at": 5, "merged": [
        {"id": "idea:000000000002", "text": "Moins de réunions !", "author": NADIA},
        {"id": "idea:000000000003", "text": "Réunions : la moitié", "author": None},
    ]},
    {"id": "idea:000000000003", "v": 7, "text": "Réunions : la moitié", "rank": "a1", "into": IDEA, "hidden": True},
]  # fmt: skip
"""As rooms were exported before what is merged was a record of its own: a host's file held his own and those in review beside."""


def test_N1_a_file_of_before_opens_with_what_was_merged_in_it() -> None:
    table = imported(OLD_FILE)
    seen = table.records("host")
    part, in_review = seen["idea:000000000002"], seen["idea:000000000003"]
    assert isinstance(part, IdeaRecord)
    assert (part.text, part.author, part.at, part.into) == ("Moins de réunions !", NADIA, 5, IDEA)
    assert isinstance(in_review, IdeaRecord)
    assert (in_review.rank, in_review.hidden) == ("a1", True), "its own record says more than the other's"
    assert standing(table.layers.state, "idea:000000000002") == IDEA
    table.do(CLAIRE, c.UnmergeIdea("idea:000000000002"))
    assert standing(table.layers.state, "idea:000000000002") == "idea:000000000002"


def test_N1_what_is_anonymous_stays_so() -> None:
    table = Table()
    table.do(CLAIRE, c.AddStep(STEP, "ideate", "Nos idées", anonymous=True, blind="nobody"))
    table.do(CLAIRE, c.GoToStep(STEP))
    table.do(CLAIRE, c.AddIdea(IDEA, "Sans nom"))
    table.do(PAUL, c.AddIdea("idea:000000000002", "Sans nom non plus"))
    assert not [r for r in imported(exported(table)).sees(CLAIRE).values() if isinstance(r, IdeaRecord)], (
        "not revealed, not in the file"
    )
    table.do(CLAIRE, c.RevealStep(STEP))
    again = imported(exported(table))
    for id in (IDEA, "idea:000000000002"):
        idea = again.sees(CLAIRE)[id]
        assert isinstance(idea, IdeaRecord)
        assert (idea.anonymous, idea.author, idea.at, idea.own) == (True, None, None, False)


def test_N2_the_ten_thousandth_idea_is_put_back_and_the_next_is_too_many() -> None:
    def ideas(count: int) -> list[dict[str, Any]]:
        return [{"id": f"idea:{n:012d}", "v": 1, "text": "x", "rank": "a0"} for n in range(count)]

    assert len(WORKSHOP.imports(ideas(10_000))) == 10_000 // AT_ONCE
    heavy = WORKSHOP.imports([{**idea, "text": "é" * 280} for idea in ideas(1000)])
    assert len(heavy) > 1000 // AT_ONCE, "what a hundred of them weigh is more than a command may"
    assert max(len(each.packed) for each in heavy) <= WEIGHT + 5, "with the head of the list"
    with pytest.raises(Refusal, match="expected at most 10000") as refused:
        WORKSHOP.imports(ideas(10_001))
    assert refused.value.code is Code.TOO_MANY


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"id": IDEA, "text": "x", "rank": "a0", "into": "idea:000000000009"}, None),
        ({"id": IDEA, "text": "x", "rank": "a0", "into": IDEA}, Code.INVALID),
        ({"id": IDEA, "text": "x", "rank": "a0", "step": STEP}, Code.INVALID),
        ({"id": IDEA, "text": "x", "rank": "a0", "zone": ZONE}, Code.NOT_FOUND),
        ({"id": IDEA, "text": "x", "rank": "~9"}, Code.INVALID),
        ({"id": IDEA, "text": "x" * 281, "rank": "a0"}, Code.TEXT_TOO_LONG),
        ({"id": IDEA, "text": " ", "rank": "a0"}, Code.TEXT_EMPTY),
        ({"id": IDEA, "text": "", "rank": "a0"}, None),
        ({"id": IDEA, "text": "x\0", "rank": "a0"}, Code.TEXT_FORBIDDEN),
        ({"id": IDEA, "text": "x", "rank": "a0", "reactions": {"bomb": 1}}, Code.INVALID),
        ({"id": "idea:<img>", "text": "x", "rank": "a0"}, Code.INVALID),
        ({"id": "spell:000000000001"}, Code.INVALID),
        ({"text": "x"}, Code.INVALID),
        ("x", Code.INVALID),
        ({"id": STEP, "kind": "explode", "title": "x", "rank": "a0"}, Code.INVALID),
        ({"id": STEP, "kind": "vote", "title": "x", "rank": "a0", "budget": 1000}, Code.INVALID),
        ({"id": "result:000000000001", "step": STEP, "at": 1}, Code.INVALID),
        ({"id": "commitment:000000000001", "text": "x", "author": PAUL, "at": 1}, Code.INVALID),
        ({"id": "action:000000000001", "text": "x", "at": 1, "due": "2026-02-30"}, Code.INVALID),
        ({"id": "remark:000000000001", "text": "x", "at": 1, "kind": "offer", "on": IDEA}, Code.INVALID),
        ({"id": "remark:000000000001", "text": "x", "at": 1, "kind": "offer", "on": PAUL}, Code.INVALID),
        ({"id": "breakout:000002-000003", "round": 2, "breakout": 3, "topic": "x", "about": IDEA}, None),
        ({"id": "breakout:000002-000003", "round": 2, "breakout": 4, "topic": "x"}, Code.INVALID),
        ({"id": "breakout:000000-000003", "round": 0, "breakout": 3, "topic": "x"}, Code.INVALID),
        ({"id": "breakout:000002-000003", "round": 2, "breakout": 3, "about": PAUL}, Code.INVALID),
        ({"id": "breakout:000002-000003", "round": 2, "breakout": 3, "speaker": IDEA}, Code.INVALID),
        ({"id": "breakout:000002-000003", "round": 2, "breakout": 3, "topic": "x" * 281}, Code.TEXT_TOO_LONG),
        ({"id": "pulse:000000000001", "question": "x", "form": "scale", "at": 1, "several": True}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "scale", "at": 1, "other": True}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "choice", "options": ["a", "b"], "at": 1, "other": True, "counts": [1, 1], "answers": 2}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "choice", "options": ["a", "b"], "at": 1, "other": True, "counts": [1, 0, 1], "answers": 2, "words": {"c": 2}}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "choice", "options": ["a", "b"], "at": 1, "other": True, "counts": [1, 0, 1], "answers": 2, "words": {"c": 1}, "hidden": {"d": 1}}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "choice", "options": ["a", "b"], "at": 1, "other": True, "counts": [1, 0, 1], "answers": 2, "different": 2}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "choice", "options": ["a", "b"], "at": 1, "other": True, "counts": [1, 0, 1], "answers": 2, "words": {"x" * 81: 1}}, Code.TEXT_TOO_LONG),
        ({"id": "pulse:000000000001", "question": "x", "form": "choice", "options": ["a", "b"], "at": 1, "several": True, "counts": [3, 1], "answers": 2}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "choice", "options": ["a", "b"], "at": 1, "several": True, "counts": [1, 0], "answers": 2}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "scale", "at": 1, "counts": [10**9, 0, 0, 0, 0], "answers": 10**9}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "weather", "at": 1, "counts": [1, 1], "answers": 2}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "weather", "at": 1, "low": "mal"}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "hail", "at": 1}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "words", "at": 1, "words": {"a": 10**9}, "answers": 20_000}, Code.INVALID),
        ({"id": "pulse:000000000001", "question": "x", "form": "words", "at": 1, "words": {"a": -5, "b": 6}, "answers": 1}, Code.INVALID),
        ({"id": "member:000000000001", "name": "x", "role": "king"}, Code.INVALID),
        ({"id": IDEA, "text": "x", "rank": "a0", "merged": [{"id": "zone:000000000001", "text": "x"}]}, Code.INVALID),
        ({"id": IDEA, "text": "x", "rank": "a0", "merged": [{"id": "idea:000000000002", "text": "x"}] * 2}, Code.INVALID),
        ({"id": IDEA, "text": "x", "rank": "a0", "merged": [{"id": "idea:000000000002", "text": " "}]}, Code.TEXT_EMPTY),
        ({"id": "agenda:of-another-room"}, Code.INVALID),
        ({"id": "stage:of-another-room"}, Code.INVALID),
        ({"id": "breakouts:of-another-room", "size": 4, "count": 2, "since": 1}, Code.INVALID),
    ],
)  # fmt: skip
def test_N2_what_no_command_could_have_said_is_refused(record: object, code: Code | None) -> None:
    if code is None:
        imported([record])
        return
    with pytest.raises(Refusal) as refused:
        WORKSHOP.imports([record])
    assert refused.value.code is code


def test_N3_answers_that_a_file_says_stay_counts() -> None:
    """A file of 9 KB that says a million answers makes a room of about its own weight."""
    pulses = [
        {"id": f"pulse:{n:012d}", "question": "?", "form": "scale", "at": 1, "closed": True, "counts": [20_000, 0, 0, 0, 0], "answers": 20_000}
        for n in range(50)
    ]  # fmt: skip
    table = imported(pulses)
    kept = dump(table.layers)
    assert len(table.layers.state) < 2 * len(pulses)
    assert len(kept) < 2 * len(json.dumps(pulses))
    shown = table.records("public")["pulse:000000000001"]
    assert isinstance(shown, PulseRecord)
    assert (shown.counts, shown.answers) == ([20_000, 0, 0, 0, 0], 20_000)


def test_N1_answers_go_on_where_a_file_left_them() -> None:
    words = {
        "id": "pulse:000000000001",
        "question": "?",
        "form": "words",
        "at": 1,
        "anonymous": False,
        "words": {"Bien": 2},
        "answers": 2,
    }
    table = imported([words])
    for word in ("Bien", "Mieux", "Bien"):
        table.do(CLAIRE, c.AnswerPulse("pulse:000000000001", word))
    shown = table.records("public")["pulse:000000000001"]
    assert isinstance(shown, PulseRecord)
    assert (shown.words, shown.answers) == ({"Bien": 3}, 3)


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
def test_N1_words_that_a_file_only_counts_stay_counted(*, closed: bool, anonymous: bool) -> None:
    """Seen: minutes of a room made from a file said nothing of the words beyond those that its record told."""
    said = {
        "id": "pulse:000000000001",
        "question": "?",
        "form": "words",
        "at": 1,
        "anonymous": anonymous,
        "closed": closed,
        "words": {f"mot {n:03d}": 12 - n for n in range(10)},
        "answers": 75 + 40,
        "different": 10 + 30,
    }
    table = imported([said])
    shown = table.records("public")["pulse:000000000001"]
    assert isinstance(shown, PulseRecord)
    assert (shown.answers, shown.different, shown.words) == (115, 40, said["words"])
    again = imported(exported(table)).records("public")["pulse:000000000001"]
    assert msgspec.structs.replace(again, v=0) == msgspec.structs.replace(shown, v=0)


def test_N1_U7_the_weather_of_a_file_is_the_one_that_was_shown() -> None:
    said = {"id": "pulse:000000000001", "question": "?", "form": "weather", "at": 1, "anonymous": True}
    table = imported([said | {"counts": [4, 0, 5, 0, 1], "answers": 10}])
    table.do(CLAIRE, c.AnswerPulse("pulse:000000000001", 2))
    shown = table.records("public")["pulse:000000000001"]
    assert isinstance(shown, PulseRecord)
    assert (shown.answers, shown.counts) == (10, [4, 0, 5, 0, 1])


def test_N1_U6_a_new_word_is_one_more_than_a_file_counted() -> None:
    words = {f"mot {n:03d}": 1 for n in range(100)}
    said = {"id": "pulse:000000000001", "question": "?", "form": "words", "at": 1}
    table = imported([said | {"words": words, "answers": 130, "different": 130}])
    table.do(CLAIRE, c.AnswerPulse("pulse:000000000001", "neuf"))
    shown = table.records("public")["pulse:000000000001"]
    assert isinstance(shown, PulseRecord)
    assert (shown.answers, shown.different, len(shown.words)) == (131, 131, 100)


@pytest.mark.parametrize(
    "numbers",
    [
        {"words": {"a": 1, "b": 1}, "answers": 2, "different": 3},
        {"words": {"a": 1, "b": 1}, "answers": 3, "different": 1},
        {"form": "scale", "different": 1},
    ],
    ids=["more words than answers", "fewer than it tells", "words of a scale"],
)
def test_N3_words_that_are_only_counted_were_answered(numbers: dict[str, Any]) -> None:
    said = {"id": "pulse:000000000001", "question": "?", "form": "words", "at": 1, "closed": True}
    with pytest.raises(Refusal) as refused:
        WORKSHOP.imports([said | numbers])
    assert refused.value.code is Code.INVALID


NUMBERS: list[tuple[str, dict[str, Any]]] = [
    ("idea", {"at": LATEST + 1}),
    ("idea", {"breakout": 10**9}),
    ("idea", {"reactions": {"like": 10**9}}),
    ("message", {"n": 2**53}),
    ("message", {"at": LATEST + 1}),
    ("member", {"weight": 21}),
    ("member", {"breakout": 10**9}),
    ("step", {"ready": 10**9}),
    ("step", {"voted": 10**9, "closed": 1}),
    ("step", {"ends": LATEST + 1}),
    ("step", {"left": LATEST + 1}),
    ("step", {"closed": LATEST + 1}),
    ("agenda", {"since": LATEST + 1}),
    ("breakouts", {"size": 7}),
    ("breakouts", {"count": 1001}),
    ("breakouts", {"since": LATEST + 1}),
    ("breakouts", {"round": 10**6}),
    ("breakout", {"round": 10**6}),
    ("breakout", {"breakout": 1_001}),
    ("idea", {"round": 10**6}),
    ("result", {"voters": 10**9}),
    ("result", {"weight": 10**9}),
    ("result", {"totals": [{"id": IDEA, "text": "x", "dots": 10**10, "voters": 1}]}),
    ("result", {"totals": [{"id": IDEA, "text": "x", "dots": 1, "voters": 10**9}]}),
    ("result", {"totals": [{"id": IDEA, "text": "x", "dots": 1, "voters": 1}] * 10_001}),
    ("decision", {"at": LATEST + 1}),
    ("action", {"at": LATEST + 1}),
    ("remark", {"at": LATEST + 1}),
    ("commitment", {"at": LATEST + 1}),
    ("pulse", {"at": LATEST + 1}),
    ("pulse", {"answers": 20_001}),
    ("pulse", {"words": {"Bien": 20_001}}),
    ("pulse", {"different": 20_001}),
]


@pytest.mark.parametrize(("kind", "numbers"), NUMBERS, ids=[f"{kind}-{next(iter(n))}" for kind, n in NUMBERS])
def test_N3_no_number_is_larger_than_a_room_could_make_it(kind: str, numbers: dict[str, Any]) -> None:
    file = copy.deepcopy(FULL)
    next(record for record in file if record["id"].startswith(f"{kind}:")).update(numbers)
    with pytest.raises(Refusal) as refused:
        WORKSHOP.imports(file)
    assert refused.value.code is Code.INVALID


def test_N2_a_circle_of_mergers_is_refused() -> None:
    ids = [f"idea:{n:012d}" for n in range(200)]
    ring = [{"id": id, "text": "x", "rank": "a0", "into": ids[n - 1]} for n, id in enumerate(ids)]
    with pytest.raises(Refusal, match="50 deep at most, and never in a circle"):
        WORKSHOP.imports(ring)


def test_N2_more_records_than_any_room_has_are_not_looked_at() -> None:
    with pytest.raises(Refusal, match="expected at most 50000 records"):
        WORKSHOP.imports([None] * 50_001)


def test_N2_each_id_comes_once() -> None:
    with pytest.raises(Refusal, match="expected each id once"):
        WORKSHOP.imports([FULL[-1], FULL[-1]])


def test_N2_a_script_is_text() -> None:
    table = imported([{"id": IDEA, "text": "<script>alert(1)</script>", "rank": "a0", "evil": {"deep": [1]}}])
    idea = table.records("public")[IDEA]
    assert isinstance(idea, IdeaRecord)
    assert idea.text == "<script>alert(1)</script>"
    assert "evil" not in str(table.commits)
