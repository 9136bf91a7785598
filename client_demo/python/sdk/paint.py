"""How my own command will probably look once it is done: drawn over the records until the server's word is here (D3).

It is a drawing, not a decision: what the server refuses disappears again, and its author is told why.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from client_demo.python.sdk.outbox import Command
from client_demo.python.sdk.replica import Record
from protocol.text import kept

LETTERS: Final = "ABCDEF"

UNNUMBERED: Final = 2**52
"""Behind every message that has a number."""


class Scene(Protocol):
    """The records under a command: earlier commands included, itself not."""

    room: str
    me: str | None

    def get(self, id: str) -> Record | None: ...
    def zones(self) -> int:
        """How many there are."""
        ...

    def reactions_on(self, on: str) -> str:
        """The id of my reactions on a thing, whether I have any or not."""
        ...


def touches(command: Command, scene: Scene) -> Sequence[str]:
    """Ids that a command draws on. The ideas of a zone that it removes are not listed: see `removed_zone`."""
    args = command.args
    match command.cmd:
        case (
            "idea.undo" | "step.go" | "step.ready" | "timer.start" | "timer.pause" | "timer.add" | "stage.set"
            | "member.remove" | "screen.end" | "post.mute" | "post.unmute" | "post.refuse"
        ):  # fmt: skip
            # What they change is the server's to say, and it says so within a moment.
            return ()
        case "reaction.add" | "reaction.remove":
            return args["on"], scene.reactions_on(args["on"])
        case "post.hide" | "post.show":
            return (args["on"],)
        case "room.set":
            return (scene.room,)
        case "member.rename" if args.get("id"):
            return (args["id"],)
        case "member.rename":
            return () if scene.me is None else (scene.me,)
        case _:
            return (args["id"],) if "id" in args else ()


def removed_zone(command: Command) -> str | None:
    """The zone that a command takes away; its ideas stay, in no zone (C4)."""
    return command.args["id"] if command.cmd == "zone.remove" else None


def paint(command: Command, id: str, record: Record | None, scene: Scene) -> Record | None:
    """The record `id` with a command drawn over it."""
    match command.cmd:
        case "idea.add" | "zone.add" | "message.send" | "remark.add":
            # What is already there is the server's, and truer.
            return record or _created(command, id, scene)
        case "reaction.add" | "reaction.remove":
            return _reacted(command, id, record, scene)
        case _:
            return None if record is None else _changed(command, record, scene)


def _created(command: Command, id: str, scene: Scene) -> Record:
    args, written = command.args, {"author": scene.me, "at": command.at}
    match command.cmd:
        case "idea.add":
            step = args.get("step")
            place = {"zone": args.get("zone"), "step": step, "rank": end_rank(command.order)}
            if step is not None and (scene.get(step) or {}).get("anonymous"):
                return {"id": id, "v": 0, "text": clean(args["text"]), **place, "anonymous": True, "own": True}
            return {"id": id, "v": 0, "text": clean(args["text"]), **place, **written}
        case "remark.add":
            step = args.get("step")
            said = {"id": id, "v": 0, "on": args["on"], "kind": args["kind"], "text": clean(args["text"]), "step": step}
            anonymous = step is not None and (scene.get(step) or {}).get("anonymous")
            return {**said, **({"anonymous": True, "own": True} if anonymous else written)}
        case "message.send":
            place = {"n": UNNUMBERED + command.order, "reply": args.get("reply")}
            return {"id": id, "v": 0, "text": clean(args["text"]), **place, **written}
        case _:
            letter = args.get("letter") or LETTERS[scene.zones() % len(LETTERS)]
            return {
                "id": id,
                "v": 0,
                "title": clean(args["title"]),
                "letter": letter,
                "rank": end_rank(command.order),
            }


def _changed(command: Command, record: Record, scene: Scene) -> Record | None:
    args = command.args
    match command.cmd:
        case "idea.edit" | "message.edit" | "remark.edit":
            text = clean(args["text"])
            return record if text == record.get("text") else {**record, "text": text, "edited": True}
        case "idea.move":
            return _moved(command, record, scene)
        case "idea.remove":
            return {**record, "removed": True}
        case "idea.restore":
            return {**record, "removed": False}
        case "message.remove" | "zone.remove" | "remark.remove":
            return None
        case "zone.edit":
            return {**record, "title": clean(args["title"])}
        case "post.hide":
            return {**record, "hidden": True}
        case "post.show":
            return {**record, "hidden": False}
        case "room.set":
            return {**record, **{key: clean(value) for key, value in args.items()}}
        case "member.rename":
            return {**record, "name": clean(args["name"])}
        case "member.role":
            return {**record, "role": args["role"]}
        case _:
            return record


def _moved(command: Command, record: Record, scene: Scene) -> Record:
    before = command.args.get("before")
    if before == record["id"]:
        return record
    right = None if before is None else scene.get(before)
    rank = end_rank(command.order) if right is None else rank_before(right["rank"], command.order)
    return {**record, "zone": command.args.get("zone", record.get("zone")), "rank": rank}


def _reacted(command: Command, id: str, record: Record | None, scene: Scene) -> Record | None:
    on, kind, adding = command.args["on"], command.args["kind"], command.cmd == "reaction.add"
    mine = (scene.get(scene.reactions_on(on)) if id == on else record) or {}
    kinds = mine.get("kinds", [])
    if adding == (kind in kinds):
        return record
    if id != on:
        left = [*kinds, kind] if adding else [other for other in kinds if other != kind]
        return {"id": id, "v": (record or {}).get("v", 0), "on": on, "kinds": left} if left else None
    # Between the patch and the `mine` of my own reaction the count already holds it, though my record does not yet.
    if record is None or (command.seq is not None and record.get("v", 0) >= command.seq):
        return record
    counts = record.get("reactions", {})
    return {**record, "reactions": {**counts, kind: max(0, counts.get(kind, 0) + (1 if adding else -1))}}


def end_rank(order: int) -> str:
    """Behind everything, and behind what was put there earlier: the server's ranks are letters and digits, before `~`."""
    return f"~{order:016d}"


def rank_before(right: str, order: int) -> str:
    """Before `right`, behind what was before it, and behind what was put there earlier."""
    return f"{right[:-1]}{chr(ord(right[-1]) - 1)}~~{order:016d}"


def clean(value: Any) -> Any:
    """A text as the server will keep it (L3), so that nothing moves when the record comes."""
    return kept(value) if isinstance(value, str) else value
