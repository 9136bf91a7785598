"""What each of a workshop's people is shown, by whatever way there is."""

import re
from collections.abc import Mapping
from typing import Any, Final

from tests.upgraded.speech import Cursor, Line, RefusedError, Release
from tests.upgraded.story import HOST, Person, Workshop

SEARCHED: Final = (
    "vélo", "velos", "énergie", "bus", "léger", "danger", "toits", "tilleul", "insulte", "ôtée", "réunion de quartier", "silence",
    "repensé", "mercerie",
)  # fmt: skip
AT_ONCE: Final = 100
"""Items of one answer to `ask`: all that there may be."""

_WRITTEN: Final = re.compile("^Compte rendu · .* · ")
"""When a compte rendu was written."""

Seen = dict[str, Any]
"""By what was looked at, what was seen there."""


def seen(release: Release, workshop: Workshop) -> Seen:
    """All of it but what is asked of the index. The screen is the last to come, since a release may tell hosts of it."""
    found: Seen = {}
    for name, person in workshop.people.items():
        found |= _of_member(release, workshop.room, name, person)
    for name, person in workshop.out.items():
        found[f"{name}, sent out: what the link opens"] = release.told("POST", "/api/link", {"link": person.link})
        found[f"{name}, sent out: the file"] = _file(release, workshop.room, person.token)
        found[f"{name}, sent out: the room"] = _let_in(release, person.token, workshop.room)
    found |= _reports(release, workshop)
    found["whoever has the code: the door"] = release.told("POST", "/api/code", {"code": workshop.code})
    found["the screen: the file"] = _file(release, workshop.room, workshop.screen)
    found["the screen: what it shows"] = whole(release, workshop.screen, workshop.room)["shared"]
    return found


def asked(release: Release, workshop: Workshop) -> Seen:
    """What the index answers, which lags; all the more while it is made."""
    found: Seen = {}
    for name, person in workshop.people.items():
        with release.line(person.token, workshop.room) as line:
            found[f"{name}: the history"] = _history(line)
            if name in (HOST, _last(workshop)[0]):
                for text in SEARCHED:
                    items, _ = line.ask("search", text=text, limit=AT_ONCE)
                    found[f"{name}: search for {text!r}"] = list(map(_plain, items))
    return found


def cursors(release: Release, workshop: Workshop) -> Mapping[str, Cursor]:
    """How far each of them has followed."""
    found = {}
    for name, person in workshop.people.items():
        with release.line(person.token, workshop.room) as line:
            found[name] = line.cursor
    return found


def whole(release: Release, token: str, room: str, since: Cursor | None = None) -> Mapping[str, Any]:
    """What a join brings."""
    with release.line(token, room, since) as line:
        shared, mine = (list(records.values()) for records in (line.shared, line.mine))
        return {"seq": line.cursor.seq, "shared": {"records": _by_id(shared)}, "mine": {"records": _by_id(mine)}}


def _let_in(release: Release, token: str, room: str) -> Mapping[str, Any]:
    """What a join brings, or by which code it is refused."""
    try:
        return whole(release, token, room)
    except RefusedError as refused:
        return {"refused": refused.code}


def _of_member(release: Release, room: str, name: str, person: Person) -> Seen:
    entry = release.told("POST", "/api/link", {"link": person.link})
    fresh = release.told("POST", "/api/refresh", token=person.token)
    joined = whole(release, person.token, room)
    return {
        f"{name}: what the link opens": {key: entry.get(key) for key in ("room", "code", "me", "refused")},
        f"{name}: the file": _file(release, room, person.token),
        f"{name}: the file, by the link": _file(release, room, entry.get("token", "")),
        f"{name}: the file, by a fresh token": _file(release, room, fresh.get("token", "")),
        f"{name}: the state of a join": joined["shared"],
        f"{name}: mine": joined["mine"],
        f"{name}: the seq of a join": joined["seq"],
    }


def _last(workshop: Workshop) -> tuple[str, Person]:
    return list(workshop.people.items())[-1]


def _reports(release: Release, workshop: Workshop) -> Seen:
    name, person = _last(workshop)
    found: Seen = {}
    for form in ("md", "csv"):
        path = f"/api/rooms/{workshop.room}/report.{form}?lang=fr&tz=Europe/Paris"
        status, raw = release.call("GET", path, token=person.token)
        lines = [_WRITTEN.sub("Compte rendu · ", line) for line in raw.decode().splitlines()]
        found[f"{name}: the compte rendu, {form}"] = [str(status), *lines]
    return found


def _file(release: Release, room: str, token: str) -> Mapping[str, Any]:
    """The file without the moment at which it was made; its records by their ids."""
    file = release.told("GET", f"/api/rooms/{room}/export.json", token=token)
    if "refused" in file:
        return file
    return {key: value for key, value in file.items() if key not in ("at", "records")} | {
        "records": _by_id(file["records"])
    }


def _by_id(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["id"]: _plain(record) for record in records}


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Without what may be absent (SPEC R1)."""
    plain = {key: value for key, value in record.items() if value not in (None, False, 0, "", {}, [])}
    if plain.get("lang") == "fr":
        del plain["lang"]
    return plain


def _history(line: Line) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    before: dict[str, int] = {}
    while True:
        items, more = line.ask("history", limit=AT_ONCE, **before)
        pages.append(list(map(_plain, items)))
        if not more:
            return pages
        before = {"before": items[-1]["n"]}
