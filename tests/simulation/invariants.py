"""What must hold whenever all has come to rest: everyone was shown what they may see, has it, and was told of each command what became of it."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Final

from client_demo.python.sdk.errors import Refused
from protocol.errors import Code
from server.journal.port import Commit
from server.live.batch import member_alias
from server.model.kernel import Audience
from server.model.model import Model
from server.model.persons import named
from server.workshop.model import WORKSHOP
from server.workshop.people.people import Member
from tests.inprocess import ROOM, SECRET
from tests.simulation.album import Album
from tests.simulation.bugs import Bugs
from tests.simulation.journal import Stream
from tests.simulation.oracle import History, Record
from tests.simulation.people import Person
from tests.simulation.sight import own
from tests.simulation.surfaces import MARKER, check_asked, check_exports, check_metrics
from tests.simulation.world import Site

PATIENCE: Final = 120
"""Virtual seconds in which everything must have been answered once nothing fails any more."""

UNASKED: Final = 10
"""People whom one phone answers for without a host's word, where hosts set nothing."""

TURNED_AWAY: Final = {Code.MUTED, Code.STEP_OVER, Code.NOT_OPEN, Code.NOT_FOUND}
"""With what an addition may be refused for good: its author may write no more, or where it was to lie is not there (any more)."""


def check_appearances(name: str, model: Model, stream: Stream) -> None:
    """Whoever is named in a stream is found by name, whatever became of them there, and nobody else is (SPEC O1)."""
    raws = [model.events.decode(commit.format, commit.events) for commit in stream.commits]
    persons = {each for events in raws for event in events for each in named(event)}
    assert stream.appearances == persons, f"whom {name} names: {stream.appearances ^ persons}"


class Invariants:
    """
    Args:
        chance: by which pages that come to compare choose their workers.
        bugs: where bugs of the server are noted.
        people: all who are there now.
        gone: those who were removed.
        redacted: texts that were blanked for ever.
        told_apart: in what everyone has another name.
        seated: who said for how many people a phone answers: by whom, whose, how many.
        album: the images that were brought.
    """

    def __init__(
        self,
        chance: random.Random,
        site: Site,
        bugs: Bugs,
        people: Sequence[Person],
        gone: Sequence[Person],
        redacted: Set[str],
        told_apart: Callable[[], Sequence[str]],
        seated: Callable[[], Sequence[tuple[str, str, int]]],
        album: Album,
    ) -> None:
        self._chance, self._site, self._bugs = chance, site, bugs
        self._people, self._gone = people, gone
        self._redacted, self._told_apart, self._seated = redacted, told_apart, seated
        self._album = album
        self._histories: dict[str, History] = {}
        self._authors: dict[str, str | None] = {}
        """Of posts, by id, as the journal has them."""

    async def check(self) -> None:
        """At rest: nothing is under way, and nobody waits."""
        self._bugs.check()
        stream = self._site.disk.streams[ROOM]
        history = self._tell_histories(stream)
        for person in (*self._people, *self._gone):
            self._check_answers(person)
        for person in self._gone:
            who = history.state[person.who.member]
            assert isinstance(who, Member), who
            assert who.removed, f"SPEC M3: {person.who.name} was told that he had been removed"
        self._check_tables(history)
        there = (member for member in history.state.values() if isinstance(member, Member))
        roles = {member.id: member.role for member in there if not member.removed and not member.away}
        assert stream.roles == roles, f"the table of memberships: {_difference(stream.roles, roles)}"
        check_appearances(ROOM, WORKSHOP, stream)
        if self._gone:
            await self._try_again(self._gone[-1])
        self._album.check_kept(history.state)
        await self._check_records(history)
        self._check_shown()
        self._bugs.check()

    def _check_tables(self, history: History) -> None:
        """A participant's phone answers for more than the room's tables hold by the word of a host alone (SPEC V5)."""
        hosts = frozenset[str]().union(*(hosts for told in self._histories.values() for hosts in told.hosts))
        confirmed = {(who, size) for by, who, size in self._seated() if by in hosts}
        for member in history.state.values():
            if isinstance(member, Member) and member.weight > UNASKED and member.id not in hosts:
                by_word = (member.id, member.weight) in confirmed
                assert by_word, f"SPEC V5: {member.id} counts as {member.weight}, and no host has said so"

    async def _try_again(self, gone: Person) -> None:
        """Who was removed comes no more (SPEC M3)."""
        again = Person(gone.who, self._site, self._chance, screen=gone.screen)
        again.connect()
        until = asyncio.get_running_loop().time() + PATIENCE
        while not (again.removed or again.is_live):
            await asyncio.sleep(0.2)
            assert asyncio.get_running_loop().time() < until, "who was removed is told nothing"
        assert again.removed, f"SPEC M3: {gone.who.name} was removed, and is here"
        again.disconnect()

    def _check_shown(self) -> None:
        """Each frame is looked at once, however many got it."""
        looked: set[tuple[str, bytes]] = set()
        for person in (*self._people, *self._gone):
            names: frozenset[str] | None = None
            for epoch, payload, message in person.shown:
                if message["t"] in ("state", "patch"):
                    history = self._histories[epoch.split(".")[0]]
                    audience: Audience = "host" if epoch.endswith("host") else "public"
                    at = message["seq"]
                    is_host = person.who.member in history.hosts[at]
                    assert audience == "public" or is_host, f"SPEC S10: {person.who.name} at {at}"
                    if (epoch, payload) not in looked:
                        looked.add((epoch, payload))
                        history.check(audience, message, self._redacted)
                elif message["t"] == "mine":
                    names = names or self._names(person)
                    self._check_mine(person, names, message)
                elif message["t"] == "signals" and person.screen:
                    told = [each for each in message["list"] if each["kind"] != "burst"]
                    assert not told, f"SPEC P3: the screen was told {told}"
                else:
                    assert not MARKER.search(payload), f"SPEC C6: {person.who.name} was told of texts in {message}"
            person.shown.clear()

    def _names(self, person: Person) -> frozenset[str]:
        # Also of steps that are gone by now: who had finished in one, and then had not, was told so.
        member = person.who.member
        return frozenset((member, *(member_alias(SECRET, ROOM, id, member) for id in self._told_apart())))

    def _check_mine(self, person: Person, names: frozenset[str], message: dict[str, Any]) -> None:
        """What is told as his own is."""
        tails = {name.partition(":")[2] for name in names}
        for put in message.get("put", ()):
            kind, _, tail = put["id"].partition(":")
            match kind:
                case "idea" | "message" | "remark":
                    is_his = self._authors[put["id"]] in names
                case "reaction":
                    is_his = set(put) <= {"id", "v", "on", "kinds"}
                case _:
                    is_his = tail in tails
            assert is_his, f"SPEC S7: {person.who.name} was told as his own {put}"

    def _tell_histories(self, stream: Stream) -> History:
        """Look at what was committed since; the history as it stands."""
        commits: list[Commit] = []
        for incarnation, past in reversed(stream.past.items()):
            # A worker that has not heard of a rewriting folds what follows behind what it knew.
            commits = [*past, *commits[len(past) :]]
            history = self._histories.setdefault(incarnation, History())
            history.follow(commits)
            self._authors |= history.authors
        return self._histories[stream.incarnation]

    def _check_answers(self, person: Person) -> None:
        stream, hub = self._site.disk.streams[ROOM], self._site.workers[0].hub
        for id, answer in person.answers.items():
            seq = stream.keys.get(hub.key(ROOM, person.who.member, id))
            if isinstance(answer, Refused):
                # By whatever copy, also one read late from a connection that its client has given up.
                assert seq in (None, answer.code), f"SPEC D2, D6: {id} was refused {answer.code}, and then {seq}"
            elif answer is not None or not person.removed:
                assert answer == seq, f"SPEC I2, D2: {id} was done at {answer}, and is in commit {seq}"
        seqs: list[int] = []
        for id in person.ordered:
            match person.answers[id]:
                case Refused(code=code):
                    turned_away = code in TURNED_AWAY or (code == Code.REMOVED and person.removed)
                    assert turned_away, f"SPEC I2: the addition {id} was refused {code}"
                case int() as seq:
                    seqs.append(seq)
        # What was refused `muted`, and whose answer was lost, is done when it comes again after that.
        was_muted = self._names(person) & self._histories[stream.incarnation].muted
        assert was_muted or seqs == sorted(seqs), f"SPEC D4, D5: {person.device} wrote in another order: {seqs}"

    async def _check_records(self, history: History) -> None:
        """SPEC R3, S8: each holds what a new page is shown, and that is what the journal says."""
        anew = [Person(person.who, self._site, self._chance, screen=person.screen) for person in self._people]
        for person in anew:
            person.connect()
        until = asyncio.get_running_loop().time() + PATIENCE
        while not all(person.is_live for person in anew):
            await asyncio.sleep(0.2)
            self._bugs.check()
            assert asyncio.get_running_loop().time() < until, "a new page is never shown the room"
        for person, other in zip(self._people, anew, strict=True):
            mine, theirs = person.conversation.replica, other.conversation.replica
            assert mine.shared == theirs.shared, f"SPEC R3: {person.device}: {_difference(mine.shared, theirs.shared)}"
            assert mine.mine == theirs.mine, f"SPEC R3: mine of {person.device}: {_difference(mine.mine, theirs.mine)}"
            is_host = person.who.member in history.hosts[-1] and not person.screen
            now = history.now["host" if is_host else "public"]
            assert theirs.shared == now, f"SPEC R3, S8: {person.device}: {_difference(theirs.shared, now)}"
            bare = {id: {k: v for k, v in record.items() if k != "v"} for id, record in theirs.mine.items()}
            his = {} if person.screen else own(history.state, self._names(person))
            assert bare == his, f"SPEC S1, S7: mine of {person.device}: {_difference(bare, his)}"
            other.disconnect()

    def _seen(self, person: Person, history: History) -> Mapping[str, Record]:
        """All that somebody sees now, by id."""
        if person.screen:
            return history.now["public"]
        sight = history.now["host" if person.who.member in history.hosts[-1] else "public"]
        return {**sight, **own(history.state, self._names(person))}

    async def check_surfaces(self) -> None:
        """What is written down, asked for and logged holds nothing that its reader may not see."""
        history = self._histories[self._site.disk.streams[ROOM].incarnation]
        hub = self._site.workers[0].hub
        with self._site.workers[0].running():
            await check_exports(hub, ROOM, None, history.now["public"].values())
            for person in self._people:
                if not person.screen:
                    sight = history.now["host" if person.who.member in history.hosts[-1] else "public"]
                    mine = own(history.state, self._names(person))
                    await check_exports(hub, ROOM, person.who.member, [*sight.values(), *mine.values()])
            await self._album.check_shown(self._site.workers[0], [(p, self._seen(p, history)) for p in self._people])
            check_metrics(hub)
            await check_asked(hub, ROOM, [*history.now["public"].values(), *history.sealed.values()])


def _difference(mine: Any, theirs: Any) -> Any:
    return {id: (mine.get(id), theirs.get(id)) for id in mine.keys() | theirs.keys() if mine.get(id) != theirs.get(id)}
