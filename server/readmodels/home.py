"""What there is for somebody in a community: what is new where they are, what concerns them, what holds their words (COMMUNITIES.md, HO).

Nothing of it is kept for them: it follows from where they are, how far they have read, and the index. So it costs the same however long
they were away, and cannot be wrong for longer than its parts (FIELD F7).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from protocol.communities import COMMUNITY_QUERIES, Home, SearchAll
from server.circle.state import everyone_of
from server.journal.port import Bookmark, Listed, Noticed, Row
from server.model.kernel import COMMON
from server.readmodels.circles import OF_COMMUNITY, circles_of
from server.readmodels.people import Directory
from server.session.queries import Answering, Asking, Kind
from server.session.reading import Reading

UNREAD: Final = 100
"""Up to how many are counted in a circle: screens say « 99+ »."""

EXACT, FORMS = "e", "f"
"""How a mark begins of what holds the words as they were typed, and of what holds forms of them."""

WAYS: Final = ("mentioned", "answered")
"""In which a post concerns somebody, the nearest first; all others are behind."""

NOTICES: Final = 7
"""Things that concern somebody, on one page."""


class AtHome:
    """Answers to `home` and `search`."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def home(self, asking: Asking, _: Home) -> tuple[Sequence[Any], bool]:
        circles = {each.stream: each for each in await circles_of(asking)}
        journal = asking.hub.journal
        positions = await self._reading.of(asking.person, list(circles))
        unread = await journal.unread(asking.person, positions, UNREAD)
        everyone = [everyone_of(each.stream) for each in circles.values() if each.listing.access == COMMON]
        noticed = await journal.noticed(list(circles), [asking.person, *everyone], NOTICES)
        rows = await journal.rows(list({(stream, notice.about): None for stream, notice in noticed}))
        found = [_circle(each) for each in circles.values()]
        for each in found:
            behind = unread.get(each["id"])
            if behind is not None:
                each |= {"unread": behind.many, "first": behind.first}
        return [*found, *_notices(asking.person, circles, positions, noticed, rows)], False

    async def search(self, asking: Asking, query: SearchAll) -> tuple[Sequence[Any], bool]:
        """Rights are those of now: what somebody is not in any more is not looked through (FIELD F6)."""
        circles = {each.stream: each.listing.title for each in await circles_of(asking)}
        before = Bookmark(query.before[0] == EXACT, int(query.before[1:])) if query.before is not None else None
        streams = [asking.stream, *circles]
        found = await asking.hub.journal.search_many(streams, query.text, before, query.limit + 1)
        items = [
            {
                "id": each.row.id,
                "kind": each.row.kind.partition(":")[0],
                "stream": each.stream,
                "title": circles.get(each.stream, ""),
                "record": msgspec.msgpack.decode(each.row.record),
                "mark": f"{EXACT if each.bookmark.exact else FORMS}{each.bookmark.number}",
            }
            for each in found[: query.limit]
        ]
        return items, len(found) > query.limit


def _circle(listed: Listed) -> dict[str, Any]:
    return {
        "id": listed.stream,
        "kind": "circle",
        "title": listed.listing.title,
        "access": listed.listing.access,
        "role": listed.role or "member",
    }


def _notices(
    person: str,
    circles: Mapping[str, Listed],
    positions: Mapping[str, int],
    noticed: Sequence[tuple[str, Noticed]],
    rows: Mapping[tuple[str, str], Row],
) -> list[dict[str, Any]]:
    """Newest first. What is not to be read any more, by whoever it concerns as by all others, has no row."""
    about = dict[tuple[str, str], dict[str, Any]]()
    for stream, notice in sorted(noticed, key=lambda each: _weight(each[1].kind)):
        row = rows.get((stream, notice.about))
        if row is not None and row.author != person and (stream, row.id) not in about:
            about[stream, row.id] = {
                "id": row.id,
                "kind": "notice",
                "stream": stream,
                "title": circles[stream].listing.title,
                "why": notice.kind,
                "fresh": row.place > positions[stream],
                "post": msgspec.msgpack.decode(row.record),
            }
    newest = sorted(about.values(), key=lambda each: (each["post"].get("at", 0), each["post"]["n"]), reverse=True)
    return newest[:NOTICES]


def _weight(why: str) -> int:
    """Of several ways in which a post concerns somebody the one that names them is told."""
    return WAYS.index(why) if why in WAYS else len(WAYS)


def community_queries(reading: Reading) -> Mapping[str, Kind]:
    """What may be asked of a community: about its people, its circles, and what there is for oneself."""
    directory, at_home = Directory(), AtHome(reading)
    answers: Mapping[str, Answering] = {
        "people": directory.people,
        "person": directory.person,
        "home": at_home.home,
        "search": at_home.search,
    }
    return {**{name: Kind(shape, answers[name]) for name, shape in COMMUNITY_QUERIES.items()}, **OF_COMMUNITY}
