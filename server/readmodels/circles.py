"""What may be asked of a circle, and of a community about its circles (COMMUNITIES.md, CI12, TH10, TH15)."""

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from protocol import circles as p
from protocol.commands import Search
from server.circle.model import CIRCLE, replies_to
from server.circle.state import Seat
from server.journal.port import Listed
from server.model.kernel import COMMON, HIDDEN, State
from server.session.queries import Answering, Asking, Kind, paged


async def posts(asking: Asking, query: p.Posts) -> tuple[Sequence[Any], bool]:
    rows = await asking.hub.journal.page(asking.stream, "post", query.before, query.limit + 1)
    return paged(rows, query.limit)


async def replies(asking: Asking, query: p.Replies) -> tuple[Sequence[Any], bool]:
    rows = await asking.hub.journal.page(asking.stream, replies_to(query.post), query.before, query.limit + 1)
    return paged(rows, query.limit)


async def search(asking: Asking, query: Search) -> tuple[Sequence[Any], bool]:
    rows = await asking.hub.journal.search(asking.stream, query.text, query.offset, query.limit + 1)
    return paged(rows, query.limit)


async def people(asking: Asking, query: p.CirclePeople) -> tuple[Sequence[Any], bool]:
    """By name. Of what is common those who animate it: all others are asked of the community."""
    state = (await asking.hub.channel(asking.stream)).room.layers.state
    # The state stays as it is, and a large circle takes a while.
    seats = await asyncio.to_thread(_by_name, state)
    page = seats[query.offset : query.offset + query.limit]
    found = [{"id": seat.id, "name": seat.name or "", "role": seat.role} for seat in page]
    return found, len(seats) > query.offset + query.limit


def _by_name(state: State) -> Sequence[Seat]:
    seats = [each for id in CIRCLE.memberships(state) if isinstance(each := state[id], Seat)]
    return sorted(seats, key=lambda seat: (plain(seat.name or ""), seat.id))


def plain(name: str) -> str:
    """A name as it stands in an alphabet: without regard to accents and case."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign))


async def circles_of(asking: Asking) -> list[Listed]:
    """The circles that somebody is in, what is common among them, by title."""
    listed = await asking.hub.journal.listed(asking.stream, asking.person, HIDDEN)
    return [each for each in listed if each.role is not None or each.listing.access == COMMON]


async def circles(asking: Asking, _: p.Circles) -> tuple[Sequence[Any], bool]:
    """First those that I am in, then those that I may join, or ask to; each by title. Of what is hidden nothing tells that it is there."""
    listed = await asking.hub.journal.listed(asking.stream, asking.person, HIDDEN)
    found = [shown(each) for each in listed]
    return sorted(found, key=lambda each: "role" not in each), False


def shown(listed: Listed) -> dict[str, Any]:
    """A circle as somebody finds it."""
    its = listed.listing
    role = listed.role or ("member" if its.access == COMMON else None)
    return {
        "id": listed.stream,
        "title": its.title,
        "purpose": its.purpose,
        "access": its.access,
        "people": 0 if its.access == COMMON else listed.people,
        **({"role": role} if role else {}),
    }


_ANSWERS: Final[Mapping[str, Answering]] = {"posts": posts, "replies": replies, "people": people, "search": search}

CIRCLE_KINDS: Final[Mapping[str, Kind]] = {
    name: Kind(shape, _ANSWERS[name]) for name, shape in p.CIRCLE_QUERIES.items()
}
"""What may be asked of a circle."""

OF_COMMUNITY: Final[Mapping[str, Kind]] = {"circles": Kind(p.Circles, circles)}
"""What may be asked of a community about its circles."""
