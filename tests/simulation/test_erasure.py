"""Who is erased is in no byte, and nothing else is another than it was: stories, golden journals and rooms from files (SPEC O)."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, get_type_hints

import msgspec
import pytest
from msgspec.structs import replace

from protocol import commands as c
from protocol.persons import EACH_HAS_ONE
from server.circle.model import CIRCLE
from server.circle.people import AskedIn, SeatTaken
from server.circle.settings import CircleFounded
from server.community.arrivals import PersonArrived, PersonAsked
from server.community.model import COMMUNITY
from server.community.people import ProfileSet
from server.journal.port import Appended, Entry, Outcome
from server.live.layers import Layers
from server.model.events import FORMAT
from server.model.kernel import Entity, Event, tail
from server.model.model import Model
from server.model.persons import Erasure, appearing, named, written
from server.workshop.board.ideas import Idea
from server.workshop.board.images import BringImage
from server.workshop.model import WORKSHOP
from server.workshop.outcome.decisions import Commitment
from server.workshop.people.people import MemberEntered, MemberRemoved, MemberRenamed, is_removed
from server.workshop.people.settings import RoomCreated
from server.workshop.state.ballots import Result
from server.workshop.state.decided import Decision
from server.workshop.state.images import DAY, MARGIN, Album, Image
from server.workshop.state.remarks import Remark
from server.workshop.talk.messages import Message
from tests.circle import everything as in_a_circle
from tests.community.story import everything
from tests.inprocess import ROOM
from tests.model.test_events import GOLDEN
from tests.model.test_persons import persons, strings
from tests.notes import NOTES
from tests.simulation.journal import Disk
from tests.simulation.story import run
from tests.workshop.table import CLAIRE, PAUL, Table
from tests.workshop.test_imports import FULL, imported

FRESH: Final = "member:fresh-fresh-fresh-fresh"
SEEDS: Final = range(1, 7)


class History(NamedTuple):
    """What happened in a stream, and the entities that left its state."""

    name: str
    model: Model
    events: Sequence[Event]
    sealed: Sequence[Entity]


@pytest.fixture(scope="module")
def histories() -> Sequence[History]:
    return [*_golden(), _seldom(), _of_a_community(), _of_a_circle(), *_told()]


def _golden() -> Iterator[History]:
    for path in GOLDEN:
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        raws = [bytes.fromhex(commit["hex"]) for commit in kept["commits"]]
        events = [event for raw in raws for event in WORKSHOP.events.decode(kept["format"], raw)]
        yield History(path.stem, WORKSHOP, events, [])
    yield History("from a file", WORKSHOP, [event for commit in imported(FULL).commits for event in commit], [])


def _seldom() -> History:
    """What none of the others says."""
    table, step = Table(), "step:000000000001"
    table.do(CLAIRE, c.AddAction("action:000000000001", "Ranger"))
    table.do(CLAIRE, c.EditAction("action:000000000001", text="Trier", owner=PAUL, first="Demain"))
    table.do(CLAIRE, c.SetRoom(line="Maison Lavandier", accent="#7a1f5b"))
    table.do(CLAIRE, BringImage("image:000000000001", 600, 150, logo=True))
    table.do(CLAIRE, c.SetRoom(logo="image:000000000001"))
    table.do(CLAIRE, c.SetWordlist(["grève"]))
    table.do(CLAIRE, c.AddStep(step, "pulse", "Humeur"))
    table.do(CLAIRE, c.EditStep(step, form="scale", high="Haut", prompt="Pourquoi ?"))
    table.do(CLAIRE, c.EditStep(step, form="choice", options=["A", "B"]))
    events = [event for commit in table.commits for event in commit]
    made = [
        replace(e, origin="room:bbbbbbbbbbbb", community="community:bbbbbbbbbbbb") if isinstance(e, RoomCreated) else e
        for e in events
    ]
    return History("what is seldom said", WORKSHOP, made, [])


def _of_a_community() -> History:
    return History("a community", COMMUNITY, [event for commit in everything().commits for event in commit], [])


def _of_a_circle() -> History:
    table = in_a_circle.everything()
    events = [
        replace(event, purpose="Le premier jour") if isinstance(event, CircleFounded) else event
        for commit in table.commits
        for event in commit
    ]
    return History("a circle", CIRCLE, events, [*table.sealed.values()])


def _told() -> Iterator[History]:
    entries: list[Entry] = []
    take = Disk.append

    def noting(disk: Disk, entry: Entry, release: int) -> Outcome:
        outcome = take(disk, entry, release)
        if isinstance(outcome, Appended):
            entries.append(entry)
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Disk, "append", noting)
        for seed in SEEDS:
            run(seed, 300)
            for stream in sorted({entry.stream for entry in entries}):
                model: Model = WORKSHOP if stream == ROOM else NOTES
                here = [entry for entry in entries if entry.stream == stream]
                events = [e for entry in here for e in model.events.decode(FORMAT, entry.commit.events)]
                sealed = [model.unpack_entity(FORMAT, s.entity) for entry in here for s in entry.sealed]
                yield History(f"{stream} of {seed}", model, events, sealed)
            entries.clear()


def folded(model: Model, events: Sequence[Event]) -> dict[str, Entity]:
    """By id, all that there is; everything that anybody sees is looked at on the way."""
    layers = Layers(model)
    for seq, event in enumerate(events, 1):
        layers.take([event], seq, seq)
    return dict(layers.state)


def bytes_of(history: History) -> bytes:
    return history.model.events.encode(history.events) + b"".join(map(history.model.pack_entity, history.sealed))


_NAMING: Final = (MemberEntered, MemberRenamed, PersonArrived, PersonAsked, ProfileSet, SeatTaken, AskedIn)


def marked(history: History) -> History:
    """With a name for each person that stands nowhere else."""
    named = [
        replace(event, name=f"<{event.id} is called so>") if isinstance(event, _NAMING) and event.name else event
        for event in history.events
    ]
    return history._replace(events=named)


def everybody(history: History) -> list[str]:
    return sorted({person for event in history.events for person in named(event)})


def erased(history: History, person: str, *, removes: bool) -> History:
    theirs = frozenset().union(*(written(event, person) for event in history.events))
    erasure = Erasure(person, FRESH, removes, theirs)
    return history._replace(events=[*map(erasure.of, history.events)], sealed=[*map(erasure.of, history.sealed)])


def renamed(value: Any, person: str) -> Any:
    """Built-in values with the fresh id in the place of the old one, and of what is named after it in a state."""
    kinds = ("member:", "commitment:", "undo:", "ends:member-")
    match value:
        case str():
            return next((f"{kind}{tail(FRESH)}" for kind in kinds if value == f"{kind}{tail(person)}"), value)
        case dict():
            return {renamed(key, person): renamed(inner, person) for key, inner in value.items()}
        case list() | tuple():
            return [renamed(inner, person) for inner in value]
        case _:
            return value


def without(entity: Entity, person: str, theirs: frozenset[str]) -> Entity | None:
    """A thing as it is without the texts of theirs, by rules of its own; None: it is none any more."""
    match entity:
        case Commitment() if entity.author == person:
            return None
        case Idea() if entity.author == person:
            return replace(entity, text="", image="", alt="")
        case Message() | Remark() if entity.author == person:
            return replace(entity, text="")
        case Decision() if entity.source in theirs:
            return replace(entity, quote="")
        case Result():
            totals = tuple(t if t.id not in theirs else replace(t, text="") for t in entity.totals)
            return replace(entity, totals=totals)
    return entity


def loosened(state: Mapping[str, Entity], theirs: frozenset[str]) -> dict[str, Entity]:
    """Images that were on what somebody wrote, as if they had been put on nothing: they go within a day."""
    images = [replace(each, on=None) for each in state.values() if isinstance(each, Image) and each.on in theirs]
    album = next((each for each in state.values() if isinstance(each, Album)), None)
    if album is None:
        return {}
    loose = album.loose | {image.id: image.at + DAY + MARGIN for image in images}
    return {album.id: replace(album, loose=loose), **{image.id: image for image in images}}


def test_O1_who_is_named_is_found_and_nobody_else(histories: Sequence[History]) -> None:
    for history in histories:
        for thing in (*history.events, *history.sealed):
            assert named(thing) == persons(thing), (history.name, thing)
    assert sum(len(history.sealed) for history in histories) > 50


def test_O1_nobody_appears_who_was_not_listed_when_they_first_did(histories: Sequence[History]) -> None:
    """Whoever stands in the state was named, so that it suffices to look for those who do not."""
    for history in histories:
        layers, listed = Layers(history.model), list[str]()
        for seq, event in enumerate(history.events, 1):
            new = appearing([event], layers.state)
            listed += new
            layers.take([event], seq, seq)
        raw = history.model.events.encode(history.events).decode("latin-1")
        ids = re.findall(r"(?<![a-z])(?:member|commitment):([A-Za-z0-9_-]{12,64})", raw)
        assert all(any(tail(person) in id for person in listed) for id in ids), history.name
        assert set(listed) == set(everybody(history)), history.name
        if history.model is WORKSHOP and history.name.startswith(ROOM):
            assert len(listed) == len(set(listed)), history.name


def test_O1_every_string_of_every_event_is_looked_at(histories: Sequence[History]) -> None:
    """That one is declared as no person's is true of what was seen in it."""
    seen = {
        (type(event), field)
        for history in histories
        for event in history.events
        for field in event.__struct_fields__
        if any(strings(msgspec.to_builtins(getattr(event, field))))
    }
    unseen = [
        f"{kind.__name__}.{field}"
        for model in (WORKSHOP, NOTES, COMMUNITY, CIRCLE)
        for kind in model.folds
        for field, hint in get_type_hints(kind).items()
        # `via` is every event's own, and names a stream.
        if "str" in str(hint) and field != "via" and field in kind.__struct_fields__ and (kind, field) not in seen
    ]
    assert unseen == []


@pytest.mark.parametrize("removes", [False, True], ids=["unsigned", "removed"])
def test_O2_who_is_erased_is_in_no_byte(histories: Sequence[History], removes: bool) -> None:
    for history in map(marked, histories):
        for person in everybody(history):
            assert person.encode() in bytes_of(history)
            left = bytes_of(erased(history, person, removes=removes))
            assert person.encode() not in left, (history.name, person)
            assert not any(f"{kind}{tail(person)}".encode() in left for kind in EACH_HAS_ONE)
            assert f"<{person} is called so>".encode() not in left


@pytest.mark.parametrize("removes", [False, True], ids=["unsigned", "removed"])
def test_O2_all_else_is_as_if_they_had_been_sent_out(histories: Sequence[History], removes: bool) -> None:
    for history in histories:
        if history.model is not WORKSHOP:
            continue
        for person in everybody(history):
            theirs = frozenset().union(*(written(event, person) for event in history.events))
            was = folded(WORKSHOP, [*history.events, MemberRemoved(person)])
            if removes:
                kept = {id: without(entity, person, theirs) for id, entity in was.items()}
                was = {id: entity for id, entity in kept.items() if entity is not None}
                was |= loosened(was, theirs)
            now = folded(WORKSHOP, erased(history, person, removes=removes).events)
            assert renamed(msgspec.to_builtins(now), FRESH) == renamed(msgspec.to_builtins(was), person), (
                history.name,
                person,
            )


def test_O3_only_texts_under_their_name_are_removed(histories: Sequence[History]) -> None:
    gone = 0
    for history in histories:
        person = random.Random(history.name).choice(everybody(history))
        theirs = frozenset().union(*(written(event, person) for event in history.events))
        after = erased(history, person, removes=True)
        for before, now in zip((*history.events, *history.sealed), (*after.events, *after.sealed), strict=True):
            text = getattr(before, "text", "")
            by = getattr(before, "by", getattr(before, "author", None))
            own = by == person or (by is None and getattr(before, "id", "") in theirs)
            assert getattr(now, "text", "") == ("" if own else text), (history.name, before)
            gone += own and bool(text)
    assert gone > 20


def test_O4_nobody_comes_in_as_who_was_erased(histories: Sequence[History]) -> None:
    for history in histories:
        if history.model is WORKSHOP:
            for person in everybody(history):
                layers = Layers(WORKSHOP)
                layers.take(erased(history, person, removes=False).events, 1, 1)
                assert person not in layers.state
                assert WORKSHOP.actor_for(layers.state, FRESH) is None
                assert FRESH not in layers.public.records
                assert FRESH not in WORKSHOP.memberships(layers.state)
                assert is_removed(layers.state, FRESH) is (FRESH in layers.state)
