"""`palabre reindex`: what is searched, and whom what concerns, is made anew by the real command, in a real database."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from server.journal.port import Appended, Commit, Entry, JournalError, Noticed
from server.live.projector import Projector
from server.live.reindexing import REINDEX, Progress, reindex
from server.model.events import FORMAT
from server.models import model_of
from server.workshop.model import WORKSHOP
from server.workshop.talk.messages import MessageSent
from tests.cli.places import Place, golden, write
from tests.contracts.journals import key
from tests.services import ServerProcess
from tests.services.process import HUNG

P, Q = "member:pppppppppppp", "member:qqqqqqqqqqqq"


def command(place: Place, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", "reindex"],
        env=place.environ | changes,
        capture_output=True,
        text=True,
        timeout=HUNG,
    )


async def fill(place: Place, streams: int) -> list[str]:
    """Rooms of one conversation each, as releases wrote them that had no index yet."""
    names = [f"room:{n:012d}" for n in range(streams)]
    events = [
        MessageSent("message:1", 1, "une question", P),
        MessageSent("message:2", 1, "une réponse", Q, "message:1"),
    ]
    async with place.journal() as journal:
        for name in names:
            await write(journal, name, [(FORMAT, 1, WORKSHOP.events.encode([event])) for event in events])
    return names


async def test_all_is_found_and_told_by_it(place: Place) -> None:
    names = await fill(place, 3)
    async with place.journal() as journal:
        await write(journal, "room:of-format-3", golden(3))
    done = command(place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "The index is made anew."
    assert "4 of 4 workshops" in done.stdout
    async with place.journal() as journal:
        assert await journal.behind("") == []
        assert [name async for name in journal.streams_naming(P)] == names
        for name in names:
            assert [row.id for row in await journal.search(name, "réponse", 0, 9)] == ["message:2"]
            assert await journal.notices(name, [P], 9) == [Noticed(2, "message:2", "answered")]
    french = command(place, LC_ALL="fr_FR.UTF-8")
    assert french.stdout.splitlines()[-1] == "L’index est refait."


async def test_killed_in_the_middle_it_does_the_rest(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    names = await fill(place, 5)
    rebuild, rebuilt = Projector.rebuild, list[str]()

    async def dies(self: Projector, stream: str) -> None:
        if len(rebuilt) == 3:
            raise JournalError("planted", retry=True)
        rebuilt.append(stream)
        await rebuild(self, stream)

    monkeypatch.setattr(Projector, "rebuild", dies)
    told = list[Progress]()
    async with place.journal() as journal:
        with pytest.raises(JournalError):
            await reindex(journal, model_of, lambda: 1, told.append)
        rebuilt.append("died")
        await journal.advance("policy:x", names[0], 0, 1)
        assert await reindex(journal, model_of, lambda: 1, told.append) == []
        assert rebuilt == [*names[:3], "died", *names[3:]]
        assert [lag.projected for lag in await journal.lags(names[:1], "policy:x")] == [1], "no policy is moved"
        assert len(await journal.lags(names, REINDEX)) == 5, "and the next time all is done again"
    assert told[-1] == Progress(5, 5)


async def test_what_cannot_be_read_is_named_and_keeps_no_other(place: Place) -> None:
    names = await fill(place, 2)
    async with place.journal() as journal:
        damaged = [(f"room:00000000000b{format}", format, b"\xc1") for format in range(1, FORMAT + 1)]
        for stream, format, raw in (*damaged, ("cave:0", FORMAT, WORKSHOP.events.encode([]))):
            entry = Entry(stream, "first", Commit(1, format, 1, raw), (key(),))
            assert await journal.append(entry) == Appended(1)
    done = command(place)
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stderr.splitlines()[1:]] == [
        "cave:0",
        *(stream for stream, _, _ in damaged),
    ]
    async with place.journal() as journal:
        assert [len(await journal.search(name, "réponse", 0, 9)) for name in names] == [1, 1]


def test_it_goes_beside_workers_where_there_may_be_several(
    place: Place,
    start_server: Callable[..., ServerProcess],
    request: pytest.FixtureRequest,
) -> None:
    file = place.url.startswith("sqlite")
    server = start_server(place.url, None if file else request.getfixturevalue("redis_server").url)
    done = command(place)
    assert done.returncode == (1 if file else 0), done.stderr
    assert done.stderr.startswith("palabre: Palabre already runs here, on the file ") if file else not done.stderr
    assert server.stop() == 0
    assert command(place).returncode == 0
