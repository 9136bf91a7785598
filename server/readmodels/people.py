"""The people of a community, as those who are in it find them (COMMUNITIES.md, CO8)."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

from msgspec import to_builtins

from protocol.communities import OnePerson, People
from protocol.errors import Code, Refusal
from server.community.model import COMMUNITY
from server.community.state import Person, person_in
from server.live.layers import Layers
from server.model.kernel import COMMON, State, Viewer, tail
from server.readmodels.circles import circles_of, plain
from server.session.queries import Asking, paged

KEPT: Final = 16
"""Communities whose people are kept in order for whoever asks next."""


class Alphabet:
    """People by name, sorted once for each state of a community."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[State, list[str]]] = OrderedDict()

    def of(self, stream: str, layers: Layers) -> list[str]:
        """Ids of all who are in it."""
        state, ids = self._kept.get(stream, (None, []))
        if state is not layers.state:
            people = (person for id in layers.state if (person := person_in(layers.state, id)) is not None)
            ids = [person.id for person in sorted(people, key=by_name)]
            self._kept[stream] = (layers.state, ids)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(stream)
        return ids


def by_name(person: Person) -> tuple[str, str]:
    return plain(person.name), person.id


def record_of(state: State, person: str) -> dict[str, Any]:
    """What others learn of somebody.

    Raises:
        Refusal: `not_found`.
    """
    record = COMMUNITY.render(state, f"person:{tail(person)}", Viewer(COMMUNITY.kept))
    if record is None:
        raise Refusal(Code.NOT_FOUND, "expected somebody of this community")
    shown: dict[str, Any] = to_builtins(record)
    return shown


class Directory:
    """Answers to `people` and `person`."""

    def __init__(self) -> None:
        self._alphabet = Alphabet()

    async def people(self, asking: Asking, query: People) -> tuple[Sequence[Any], bool]:
        if query.text.strip():
            rows = await asking.hub.journal.search(asking.stream, query.text, query.offset, query.limit + 1)
            return paged(rows, query.limit)
        layers = (await asking.hub.channel(asking.stream)).room.layers
        ids = self._alphabet.of(asking.stream, layers)
        page = ids[query.offset : query.offset + query.limit]
        return [record_of(layers.state, id) for id in page], len(ids) > query.offset + query.limit

    async def person(self, asking: Asking, query: OnePerson) -> tuple[Sequence[Any], bool]:
        """With the circles that both are in; of others nothing tells that there are any (FIELD F2)."""
        record = record_of((await asking.hub.channel(asking.stream)).room.layers.state, query.id)
        mine = [each for each in await circles_of(asking) if each.listing.access != COMMON]
        theirs = await asking.hub.journal.members([(query.id, each.stream) for each in mine], COMMON)
        shared = [each for each in mine if (query.id, each.stream) in theirs]
        return [{**record, "circles": [{"id": each.stream, "title": each.listing.title} for each in shared]}], False
