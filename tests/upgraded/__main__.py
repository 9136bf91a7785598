"""Prove that a database of an earlier release is the same to everyone after an upgrade: `python -m tests.upgraded FOLDER`.

FOLDER is a checkout of the earlier release, as `git worktree add` makes one; it runs on this release's packages. On SQLite and on
PostgreSQL it makes a workshop, and a room from its file, and everybody looks at all there is. Then this release upgrades the database
(`migrate`; on a copy `migrate --rewrite` and `reindex` too), starts, and everybody looks again. A line is printed for each thing that is
compared; the status is 1 where one is neither the same nor as the table in `otherwise` says.
"""

import argparse
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.services import Postgres, ServerProcess
from tests.services.process import HUNG, ServiceError, temporary_folder, wait_until
from tests.upgraded import sight
from tests.upgraded.otherwise import BROUGHT_HERE, expected
from tests.upgraded.sight import Seen
from tests.upgraded.speech import EARLIER, OURS, Cursor, Record, Release
from tests.upgraded.story import HOST, SECOND_HOST, Workshop, bring, person_of, tell, thing

WAYS: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    "migrate": [["migrate"]],
    "migrate --rewrite, reindex": [["migrate", "--rewrite"], ["reindex"]],
}
"""How a database is upgraded: by which commands."""

INDEXED: Final = 20.0
"""Seconds in which an index of so little is surely made anew."""

BOUND: Final = 600
"""Seconds after which all of it is given up."""

TOLD: Final = 20
"""Differences of one thing that are printed."""


class Before(NamedTuple):
    """A room of the earlier release.

    Attributes:
        name: of the room, in what is printed.
        brought: whether it was made from a file.
        seen: what everybody saw in it.
        cursors: how far everybody had followed it.
        file: what its host exported.
    """

    name: str
    workshop: Workshop
    brought: bool
    seen: Seen
    cursors: Mapping[str, Cursor]
    file: bytes

    def expected(self, looked_at: str) -> Any:
        who, _, what = looked_at.partition(": ")
        host = self.seen[f"{HOST}: the file"]["records"]
        return expected(who, what, self.seen[looked_at], host, brought=self.brought)


class Comparison:
    """Prints each thing that is compared.

    Attributes:
        different: how many things are not as expected.
    """

    def __init__(self) -> None:
        self.different = 0

    def compare(self, what: str, expected: Any, found: Any, before: Any) -> None:
        """`before`: what was seen, to say whether it is the same or as the table says."""
        wrong = list(differences(expected, found))
        self.different += bool(wrong)
        same = "the same" if before == found else "as the table says"
        print(f"{what}: {'DIFFERENT' if wrong else same}", flush=True)
        for line in wrong[:TOLD]:
            print(f"    {line}")
        if len(wrong) > TOLD:
            print(f"    and {len(wrong) - TOLD} more")


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Each in a line."""
    match expected, found:
        case dict(), dict():
            for key in [*expected, *(key for key in found if key not in expected)]:
                inner = f"{path} {key}".strip()
                if key not in found:
                    yield f"{inner}: expected {expected[key]!r:.300}; it is missing"
                elif key not in expected:
                    yield f"{inner}: expected nothing; got {found[key]!r:.300}"
                else:
                    yield from differences(expected[key], found[key], inner)
        case list(), list() if len(expected) == len(found):
            for n, (one, other) in enumerate(zip(expected, found, strict=True)):
                yield from differences(one, other, f"{path} [{n}]".strip())
        case list(), list():
            yield f"{path}: expected {len(expected)} items; got {len(found)}".removeprefix(": ")
            for n, (one, other) in enumerate(zip(expected, found, strict=False)):
                if one != other:
                    yield from differences(one, other, f"{path} [{n}]".strip())
                    return
        case _ if expected != found:
            yield f"{path}: expected {expected!r:.300}; got {found!r:.300}".removeprefix(": ")


@contextmanager
def running(url: str, folder: Path | None) -> Iterator[Release]:
    """A server of the earlier release (`folder`) on a new database, or of this one (None) on one that was upgraded."""
    server = ServerProcess(url, env={} if folder is None else {"PYTHONPATH": str(folder)})
    server.env["PALABRE_RATE"] = "100000"
    if folder is not None:
        server.migrate()
    with server:
        yield Release(server, OURS if folder is None else EARLIER)
        status = server.stop()
        if status != 0:
            raise ServiceError(f"expected the server to end in order; got {status}\n{server.log[-2000:]}")


def before(url: str, folder: Path) -> list[Before]:
    """The rooms that the earlier release makes in a new database."""
    with running(url, folder) as release:
        told = tell(release)
        _, file = release.call("GET", f"/api/rooms/{told.room}/export.json", token=told.host.token)
        rooms = [("the workshop", told, False), ("its file", bring(release, file), True)]
        return [
            Before(
                name,
                workshop,
                brought,
                sight.seen(release, workshop) | sight.asked(release, workshop),
                sight.cursors(release, workshop),
                file,
            )
            for name, workshop, brought in rooms
        ]


def upgrade(url: str, commands: Sequence[Sequence[str]]) -> None:
    """By this release's own commands."""
    env = ServerProcess(url).env
    for arguments in commands:
        command = [sys.executable, "-m", "server", *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=HUNG)
        if done.returncode != 0:
            raise ServiceError(f"palabre {' '.join(arguments)}: {done.stdout}{done.stderr}")


def compare(way: str, url: str, rooms: Sequence[Before], comparison: Comparison) -> None:
    """Everybody looks again; then they do something."""
    with running(url, None) as release:
        for room in rooms:
            found = sight.seen(release, room.workshop) | _indexed(release, room)
            for looked_at in room.seen:
                what = f"{way}, {room.name}: {looked_at}"
                comparison.compare(what, room.expected(looked_at), found[looked_at], room.seen[looked_at])
        fresh = [_joined(release, room) for room in rooms]
        release.server.restart()
        for room, joined in zip(rooms, fresh, strict=True):
            again, since = _joined(release, room), _joined(release, room, room.cursors)
            for name in room.workshop.people:
                what = f"{way}, {room.name}: {name}: a join"
                comparison.compare(f"{what} after a restart", joined[name], again[name], joined[name])
                comparison.compare(f"{what} with the cursor of then", joined[name], since[name], joined[name])
            for what, first, answer in _acts(release, room.workshop):
                comparison.compare(f"{way}, {room.name}: {what}", first, answer, first)
        for what, wanted, found in _brought_here(release, rooms[0]):
            comparison.compare(f"{way}, its file brought to this release: {what}", wanted, found, wanted)


def _indexed(release: Release, room: Before) -> Seen:
    """What the index answers once it is made; what it answers at last, where that is not as it was."""
    found: Seen = {}

    def is_made() -> bool:
        found.update(sight.asked(release, room.workshop))
        return not any(True for looked_at in found for _ in differences(room.expected(looked_at), found[looked_at]))

    try:
        wait_until(is_made, "the index is made", INDEXED)
    except ServiceError:
        pass  # `compare` says what is missing
    return found


def _joined(release: Release, room: Before, cursors: Mapping[str, Cursor] | None = None) -> dict[str, Any]:
    return {
        name: sight.whole(release, person.token, room.workshop.room, None if cursors is None else cursors[name])
        for name, person in room.workshop.people.items()
    }


def _brought_here(release: Release, room: Before) -> Iterator[tuple[str, Any, Any]]:
    """The file of then makes the same room here, and the links of then show who somebody was (SPEC N1, N4)."""
    entry = release.told("POST", "/api/import", room.file)
    host = person_of(entry)
    records = room.seen[f"{HOST}: the file"]["records"]
    wanted = expected(HOST, BROUGHT_HERE, {"records": records}, records, brought=True)["records"]
    wanted[entry["room"]] = wanted.pop(room.workshop.room) | {"id": entry["room"], "code": entry["code"]}
    found = sight.whole(release, host.token, entry["room"])
    yield "what the host sees", wanted, found["shared"]["records"] | found["mine"]["records"]
    person = room.workshop.people["Bao"]
    body = {"code": entry["code"], "link": person.link, "key": "k" * 22}
    claimed = release.told("POST", "/api/claim", body)
    yield "Bao is Bao again by the link of then", {"id": person.id, "name": "Bao", "role": "participant"}, claimed["me"]


def _acts(release: Release, workshop: Workshop) -> Iterator[tuple[str, Record, Record]]:
    """What people do, which answer is expected, and which comes."""
    for asked in workshop.asked:
        with release.line(workshop.people[asked.name].token, workshop.room) as line:
            answer = line.do(asked.id, asked.cmd, again=asked.again, **asked.args)
            yield f"{asked.name}: {asked.cmd} again, by the id of then", dict(asked.answer), answer
    if not workshop.out:
        return
    acts: list[tuple[str, str, str, Record, str]] = [
        ("Bao", "edits what he wrote without a name", "idea.edit", {"id": thing("idea", "kept-1"), "text": "Encore repensé"}, ""),
        ("Chloé", "restores what she had removed, without a name", "idea.restore", {"id": thing("idea", "kept-2")}, ""),
        ("Chloé", "edits what another wrote without a name", "idea.edit", {"id": thing("idea", "shown-1"), "text": "Non"}, "forbidden"),
        ("Chloé", "edits what another wrote, unseen", "idea.edit", {"id": thing("idea", "kept-1"), "text": "Non"}, "not_found"),
        ("Bao", "removes his sealed message", "message.remove", {"id": thing("message", "48")}, ""),
        ("Chloé", "does what a host does", "post.show", {"on": thing("message", "650")}, "forbidden"),
        (SECOND_HOST, "does what a host does", "post.show", {"on": thing("message", "650")}, ""),
        ("Emma", "says something, muted", "message.send", {"id": thing("message", "muted"), "text": "Et moi ?"}, "muted"),
    ]  # fmt: skip
    for n, (name, what, cmd, args, refused) in enumerate(acts):
        with release.line(workshop.people[name].token, workshop.room) as line:
            answer = line.do(f"afterwards-{n}", cmd, **args)
            yield f"{name}: {what}", {"refused": refused} if refused else {"seq": answer.get("seq")}, answer


@contextmanager
def on_sqlite() -> Iterator[tuple[str, Callable[[str], str]]]:
    """The URL of a new database, and what copies one."""
    folder = temporary_folder()

    def copied(url: str) -> str:
        there = temporary_folder()
        shutil.copytree(folder, there, dirs_exist_ok=True)
        return f"sqlite:///{there}/palabre.sqlite"

    yield f"sqlite:///{folder}/palabre.sqlite", copied


@contextmanager
def on_postgres() -> Iterator[tuple[str, Callable[[str], str]]]:
    with Postgres() as postgres:

        def copied(url: str) -> str:
            name = f"{url.rpartition('/')[2]}_copy"
            postgres.query(f"create database {name} template {url.rpartition('/')[2]}")
            return postgres.url(name)

        yield postgres.create_database(), copied


def _give_up(*_: object) -> None:
    raise TimeoutError(f"expected an end within {BOUND} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(BOUND)
    comparison = Comparison()
    for name, place in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
        with place() as (url, copied):
            rooms = before(url, folder)
            urls = dict(zip(WAYS, (url, copied(url)), strict=True))
            for way, commands in WAYS.items():
                upgrade(urls[way], commands)
                compare(f"{name}, {way}", urls[way], rooms, comparison)
    print(f"{comparison.different} different" if comparison.different else "All as before.")
    return 1 if comparison.different else 0


if __name__ == "__main__":
    sys.exit(main())
