"""What was once taken is taken for good: a limit that is lowered later refuses commands, and never the room's own past."""

import importlib
import json
import pkgutil
from collections.abc import Iterable, Sequence

import msgpack
import msgspec
import pytest

import server.model
import server.workshop
from server.journal.port import Appended, Commit, Entry, Outcome
from server.live import layers
from server.live.layers import Layer, Layers
from server.model.events import FORMAT
from server.workshop.model import WORKSHOP
from tests.inprocess import ROOM
from tests.model.test_events import GOLDEN
from tests.simulation.journal import Disk
from tests.simulation.story import run
from tests.workshop.test_imports import FULL, imported

RECKONED_WITH = {
    "AGREED", "ALIKE", "CHUNK", "DEEPEST", "FEW", "FORMAT", "GRACE", "KEPT", "LATEST", "PACKED", "PAGE", "ROUNDS", "SCALE", "SEALED", "SHOWN_WORDS", "SLACK", "SLICE",
    "STALE", "TOLD_WORDS", "TOMBSTONES",
}  # fmt: skip
"""Numbers of the rules that bound nothing which anybody may say or make; every other is a limit."""


@pytest.fixture
def no_limits(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every limit is 0: the names."""
    names: set[str] = set()
    of_streams = pkgutil.iter_modules(server.model.__path__, "server.model.")
    of_workshops = pkgutil.walk_packages(server.workshop.__path__, "server.workshop.")
    for module in (layers.__name__, *(found.name for found in (*of_streams, *of_workshops))):
        for name, value in vars(importlib.import_module(module)).items():
            if name.strip("_").isupper() and type(value) is int and value > 0 and name not in RECKONED_WITH:
                monkeypatch.setattr(f"{module}.{name}", 0)
                names.add(name)
    return names


def shown(commits: Iterable[Commit]) -> dict[str, bytes]:
    """What these commits make everyone see."""
    layers = Layers(WORKSHOP)
    for commit in commits:
        layers.take(WORKSHOP.events.decode(commit.format, commit.events), commit.seq, commit.at)
    everyone = dict[str, Layer](**layers.shared, **layers.mine)
    return {who: msgspec.json.encode(list(layer.records.values())) for who, layer in everyone.items()}


def golden() -> Iterable[Sequence[Commit]]:
    """Of every format that there was."""
    for path in GOLDEN:
        kept = json.loads(path.read_text(encoding="utf-8"))
        yield [
            Commit(seq, kept["format"], commit["at"], msgpack.packb(commit["events"]))
            for seq, commit in enumerate(kept["commits"], 1)
        ]


def told(monkeypatch: pytest.MonkeyPatch) -> Iterable[Sequence[Commit]]:
    """Of the rooms of some stories, as the database has them."""
    histories: dict[str, list[Commit]] = {}
    take = Disk.append

    def noting(disk: Disk, entry: Entry, release: int) -> Outcome:
        outcome = take(disk, entry, release)
        if isinstance(outcome, Appended) and entry.stream == ROOM:
            histories.setdefault(entry.stream, []).append(entry.commit)
        return outcome

    with monkeypatch.context() as patch:
        patch.setattr(Disk, "append", noting)
        for seed in range(1, 5):
            run(seed, 300)
            yield from histories.values()
            histories.clear()


def test_no_history_is_refused_by_limits_of_later(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    table = imported(FULL)
    histories = [
        [Commit(seq, FORMAT, seq, WORKSHOP.events.encode(events)) for seq, events in enumerate(table.commits, 1)],
        *golden(),
        *told(monkeypatch),
    ]
    assert len(histories) > len(GOLDEN) + 4
    before = [shown(history) for history in histories]
    limits: set[str] = request.getfixturevalue("no_limits")
    assert {"IDEA_CHARS", "IDEAS", "MEMBERS", "NAME_CHARS", "DECISIONS"} <= limits
    for was, history in zip(before, histories, strict=True):
        assert shown(history) == was
