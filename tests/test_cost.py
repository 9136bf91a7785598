"""What the speed rests on, counted and not timed: writes, encodings and calls do not depend on the machine or on its other work."""

import gc
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from protocol import codec
from protocol.commands import AddIdea, Command, EditIdea, MergeIdea, MoveIdea, UndoIdea
from protocol.messages import Patch, State
from protocol.records import PulseRecord
from protocol.version import MSGPACK
from server.live import fanout as fanout_module
from server.live.batch import Submission, decide
from server.live.fanout import Fanout
from server.live.follower import Follower
from server.live.layers import TOMBSTONES, Layers
from server.live.peer import Encoding
from server.live.projector import AT_ONCE, parts
from server.model import rank
from server.model.kernel import Event
from server.wire.encoding import BINARY, TEXT
from server.wire.limits import Limits
from server.wire.parser import Parser
from server.workshop.board.ideas import IdeaAdded, IdeaEdited
from server.workshop.board.merges import IdeaMerged, IdeaUnmerged
from server.workshop.board.moves import IdeaMoved
from server.workshop.model import AUDIENCES, WORKSHOP
from server.workshop.outcome.pulses import PulseAnswered, PulseAsked
from server.workshop.people.people import MemberEntered
from server.workshop.people.settings import RoomCreated
from server.workshop.talk.messages import MessageSent
from server.workshop.talk.sealing import MessagesSealed
from tests.bench.whole import Size, whole
from tests.workshop.table import alias

ROOM, HOST, PARTICIPANT = "room:aaaaaaaaaaaa", "member:aaaaaaaaaaaa", "member:bbbbbbbbbbbb"


class Counting:
    """A peer that reads at once, and counts."""

    address = "127.0.0.1"

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.writes = 0

    def write(self, frames: bytes) -> int:
        self.writes += 1
        return 0

    def close(self, code: int, reason: str) -> None: ...


def room_with(ideas: int) -> Layers:
    layers = Layers(WORKSHOP)
    events: list[Event] = [RoomCreated(ROOM, "t", "c", "fr")]
    events += [MemberEntered(HOST, "host", "Claire"), MemberEntered(PARTICIPANT, "participant", "Paul")]
    events += [IdeaAdded(idea(n), 1, f"b{n:05}x", f"idée {n}", PARTICIPANT) for n in range(ideas)]
    layers.take(events, 1, 1)
    return layers


def idea(n: int) -> str:
    return f"idea:{n:012d}"


def opened(layers: Layers) -> Fanout:
    return Fanout(ROOM, layers, "incarnation", lambda follower: b"", alias)


def follow(fanout: Fanout, member: str, encoding: Encoding = BINARY) -> tuple[Follower, Counting]:
    peer = Counting(encoding)
    follower = Follower(peer, member, screen=False, ended=lambda *_: None)
    fanout.join(follower, None)
    peer.writes = 0
    return follower, peer


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often what was encoded: patches, and states that begin a snapshot."""
    count: Counter[str] = Counter()
    encode = codec.encode

    def counting(message: Any, encoding: Any) -> bytes:
        count["patch"] += isinstance(message, Patch)
        count["snapshot"] += isinstance(message, State) and message.reset
        count["records"] += isinstance(message, list)
        return encode(message, encoding)

    monkeypatch.setattr(fanout_module, "encode", counting)
    return count


def test_a_flush_is_one_encoding_for_each_audience_and_form_and_one_write_for_each_socket(
    encoded: Counter[str],
) -> None:
    layers = room_with(10)
    fanout = opened(layers)
    seats = [
        follow(fanout, member, encoding)
        for member in (HOST, PARTICIPANT)
        for encoding in (BINARY, TEXT)
        for _ in range(20)
    ]
    for n in range(10, 42):
        layers.take([IdeaAdded(idea(n), 1, f"b{n:05}x", "une autre", PARTICIPANT)], layers.seq + 1, 1)
    fanout.authors.update((follower, None) for follower, _ in seats[:3])
    encoded.clear()
    fanout.flush({})
    assert encoded["patch"] == 4
    assert {peer.writes for _, peer in seats} == {1}


def test_a_thousand_joins_are_one_encoding_of_the_snapshot(encoded: Counter[str]) -> None:
    fanout = opened(room_with(2_000))
    for _ in range(1_000):
        follow(fanout, PARTICIPANT)
    assert encoded["snapshot"] == 1


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, of Python and of C."""
    count = 0

    def called(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("kind", ["add", "edit", "merge", "move", "undo"])
def test_a_command_costs_the_same_among_ten_ideas_and_among_thousands(kind: str) -> None:
    costs = []
    for ideas in (10, 5_000):
        layers = room_with(ideas)
        layers.take([IdeaMerged(idea(n), idea(4)) for n in range(5, ideas - 1)], 2, 1)
        layers.take([IdeaMoved(idea(2), "zz", None, HOST), IdeaMoved(idea(3), "b00002x", None, PARTICIPANT)], 3, 1)
        fanout = opened(layers)
        follow(fanout, PARTICIPANT)
        command: Command = {
            "add": AddIdea(idea(99_999), "nouvelle"),
            "edit": EditIdea(idea(ideas - 2), "corrigée"),
            "merge": MergeIdea(idea(ideas - 1), idea(4)),
            "move": MoveIdea(idea(ideas - 1), before=idea(ideas // 2)),
            "undo": UndoIdea(),
        }[kind]
        submission = Submission("c1", HOST, bytes(16), command, lambda outcome: None)

        def cycle(layers: Layers = layers, fanout: Fanout = fanout, submission: Submission = submission) -> None:
            decided = decide(ROOM, "first", layers, [submission], 2, alias)
            layers.fold(decided.events, decided.after, layers.seq + 1, 2)
            fanout.flush({})

        costs.append(calls(cycle))
    assert costs[1] <= 1.3 * costs[0], costs


@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
@pytest.mark.parametrize("again", [True, False], ids=["thought over", "new"])
def test_U6_an_answer_costs_the_same_among_a_hundred_words_and_among_thousands(*, again: bool, anonymous: bool) -> None:
    """Seen: with 20,000 words each answer sorted all of them."""
    costs = []
    for words in (200, 10_000):
        layers = room_with(0)
        pulse = "pulse:000000000001"
        layers.take([PulseAsked(pulse, 1, "words", "?", anonymous=anonymous)], 2, 1)
        layers.take([PulseAnswered(pulse, f"alias:{n:022d}", f"mot {n:05d}") for n in range(words)], 3, 1)
        who = (f"alias:{(n if again else words + n):022d}" for n in range(5))
        events = [PulseAnswered(pulse, by, f"autre {n}") for n, by in enumerate(who)]
        costs.append(calls(lambda layers=layers, events=events: layers.take(events, 4, 1)))  # type: ignore[misc]
        told = layers.shared["public"].records[pulse]
        assert isinstance(told, PulseRecord)
        assert told.answers == words + (0 if again else 5)
    assert costs[1] <= 1.3 * costs[0], costs


def test_what_one_merge_and_one_edit_of_a_part_send_does_not_grow_with_the_group() -> None:
    """Seen: each patch carried the whole group, 19.9 MB to a phone while 300 were joined one by one."""
    sent: dict[str, list[int]] = {"merge": [], "edit": [], "unmerge": []}
    for size in (10, 990):
        layers = room_with(size + 2)
        layers.take([IdeaMerged(idea(n), idea(size)) for n in range(size)], 2, 1)
        for kind, event in (
            ("merge", IdeaMerged(idea(size + 1), idea(size))),
            ("edit", IdeaEdited(idea(size + 1), "corrigée")),
            ("unmerge", IdeaUnmerged(idea(size + 1))),
        ):
            layers.take([event], layers.seq + 1, 1)
            changes = [layers.shared[audience].since(layers.seq - 1) for audience in AUDIENCES]
            sent[kind].append(sum(len(codec.encode(each.put, MSGPACK)) for each in changes if each))
            assert [len(each.put) + len(each.gone) for each in changes if each] == [1, 1]
    for few, many in sent.values():
        assert many <= few + 8, sent


@pytest.mark.parametrize("command", [AddIdea(idea(9), "une idée"), EditIdea(idea(1), "repris")])
def test_what_a_member_does_costs_no_row_beside_its_commit(command: Command) -> None:
    """Whom a stream names is noted once."""
    layers = room_with(3)
    submission = Submission("c", PARTICIPANT, b"k" * 16, command, lambda outcome: None)
    entry = decide(ROOM, "incarnation", layers, [submission], 2, alias).entry
    assert entry is not None
    assert (entry.memberships, entry.appearing) == ((), ())


def test_whole_messages_never_take_the_long_way_through_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = Parser(Limits())
    monkeypatch.setattr(Parser, "receive_data", lambda *_: pytest.fail("expected the fast path"))
    payloads = [b"x" * size for size in (0, 1, 125, 126, 4_000)]
    raw = b"".join(Frame(Opcode.BINARY, payload).serialize(mask=True) for payload in payloads)
    end, messages = parser.whole(raw, 0, len(raw))
    assert end == len(raw)
    assert [(m.payload, m.opcode) for m in messages] == [(payload, Opcode.BINARY) for payload in payloads]


def test_a_flood_of_messages_is_projected_in_parts_and_not_from_the_first_commit_again() -> None:
    layers = room_with(0)
    sent = TOMBSTONES + 1_500
    for n in range(sent):
        layers.take([MessageSent(f"message:{n:012d}", 1, "un mot", PARTICIPANT)], layers.seq + 1, 1)
        if n % 100 == 99 and n >= 599:
            ids = tuple(f"message:{old:012d}" for old in range(n - 599, n - 499))
            layers.take([MessagesSealed(ids)], layers.seq + 1, 1)
    assert layers.shared["public"].floor > 1, "clients that slept start afresh"
    cut = parts(layers, 1)
    assert not any(part.gone for part in cut)
    assert sum(len(part.put) + len(part.sealed) for part in cut) == sent
    assert max(len(part.put) + len(part.sealed) for part in cut) <= AT_ONCE
    layers.have_projected(cut[-1].upto)
    assert not layers.sealed


def test_a_whole_room_is_encoded_twice_for_a_form_to_be_cut_and_to_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen: all of it once for each halving, one more for the patch that it was too much for; a reveal held the loop with it."""
    records = 0
    encode = codec.encode

    def counting(message: Any, encoding: Any) -> bytes:
        nonlocal records
        records += len(message) if isinstance(message, list) else len(getattr(message, "put", ()))
        return encode(message, encoding)

    monkeypatch.setattr(fanout_module, "encode", counting)
    layers = room_with(10_000)
    fanout = opened(layers)
    follow(fanout, PARTICIPANT)
    assert records <= 2.3 * 10_003
    records = 0
    layers.take([IdeaEdited(idea(n), "corrigée") for n in range(10_000)], 2, 1)
    fanout.flush({})
    assert records <= 2.3 * 10_000


def test_a_look_for_garbage_finds_of_a_whole_room_its_map_alone() -> None:
    """Every member has records that nobody else sees: what holds them is more than all the rest, and forms no circles."""
    gc.collect()
    before = Counter(type(each).__name__ for each in gc.get_objects())
    layers = whole(Size(members=400, ideas=300))
    gc.collect()
    found = Counter(type(each).__name__ for each in gc.get_objects())
    found.subtract(before)
    assert len(layers.mine) > 1_000
    assert sum(n for kind, n in found.items() if not kind.startswith("map_")) < 200, found.most_common(5)


def test_no_look_for_garbage_goes_through_records_or_what_was_loaded() -> None:
    """A server holds hundreds of thousands of them, and such a look is one turn of the loop."""
    assert not any(gc.is_tracked(record) for record in room_with(100).shared["public"].records.values())
    program = (
        "import gc; from server import config; from server.cli import loading;"
        "loading.load(config.read_settings({'PALABRE_SECRET': 'x' * 40, 'DATABASE_URL': 'sqlite:///nowhere.db'}));"
        "print(gc.get_freeze_count())"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(told.stdout) > 10_000


def test_ranks_at_the_end_are_dealt_as_one_by_one() -> None:
    place, one_by_one = "bzz", list[str]()
    for _ in range(5_000):
        place = rank.after(place)
        one_by_one.append(place)
    assert rank.deal("bzz", None, 5_000) == one_by_one
    assert calls(lambda: rank.deal("bzz", None, 5_000)) < 5 * 5_000
