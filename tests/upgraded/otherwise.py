"""The one table of what this release tells otherwise than an earlier one, and why. All else must be the same.

Each row makes of what was seen before what is to be seen now. The workshop is that of `story`, so rows may name what is in it.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from server.report.words import FRENCH
from tests.upgraded.speech import Record, Records
from tests.upgraded.story import HOST, NEWCOMER, SECOND_HOST, thing


class _Whatever:
    """Is equal to all there is."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


WHATEVER: Final = _Whatever()

BROUGHT_HERE: Final = "the file, brought to this release"
"""What a host sees of a room that this release makes from a file of then."""


class Look(NamedTuple):
    """One thing that was seen before, to be changed in place.

    Attributes:
        who: looked.
        what: they looked at.
        found: what was seen: a map, perhaps with `records` by id; or a list of records, pages of them, or lines.
        host: all records that a host saw of that room.
        brought: whether the room was made from a file.
    """

    who: str
    what: str
    found: Any
    host: Records
    brought: bool

    @property
    def records(self) -> Records:
        """Those of a file, a state or `mine`; none of anything else."""
        return self.found.get("records", {}) if isinstance(self.found, dict) else {}

    @property
    def all_records(self) -> Iterator[Record]:
        """Those of answers too."""
        yield from self.records.values()
        if isinstance(self.found, list):
            for item in self.found:
                yield from (each for each in (item if isinstance(item, list) else [item]) if isinstance(each, dict))

    @property
    def shared(self) -> bool:
        """Whether it holds what an audience shares."""
        return bool(self.records) and self.what != "mine"

    @property
    def by_host(self) -> bool:
        return self.who == HOST or (self.who == SECOND_HOST and not self.brought)


class Row(NamedTuple):
    """
    Attributes:
        what: is told otherwise.
        why: the rule of SPEC.md, or the reason.
        change: makes of what was seen what is to be seen.
    """

    what: str
    why: str
    change: Callable[[Look], None]


# Names


def _rename(look: Look) -> None:
    for id, record in list(look.records.items()):
        if id.startswith("circles:"):
            record["id"] = id.replace("circles:", "breakouts:")
            look.records[record["id"]] = look.records.pop(id)
    for record in look.all_records:
        kind = record["id"].partition(":")[0]
        if kind in ("member", "idea") and "circle" in record:
            record["breakout"] = record.pop("circle")
        if kind == "member" and "table" in record:
            record["weight"] = record.pop("table")
        if kind == "member" and record["role"] == "guest":
            record["role"] = "participant"
    if look.what == "what the link opens" and "me" in look.found:
        look.found["me"]["role"] = look.found["me"]["role"].replace("guest", "participant")


def _round(look: Look) -> None:
    """The one that people of the story sit at; a file of then knows none."""
    for record in look.all_records:
        if record["id"].startswith("breakouts:") and not look.brought:
            record["round"] = 1


def _version(look: Look) -> None:
    if isinstance(look.found, dict) and "palabre" in look.found:
        look.found["palabre"] = 2


# Ideas


def _of_everyone(record: Record) -> Record:
    return {key: value for key, value in record.items() if key != "own"}


def _unmerge(look: Look) -> None:
    for record in look.all_records:
        record.pop("merged", None)
    for id, record in look.host.items():
        if "into" in record and look.shared:
            look.records.setdefault(id, _of_everyone(record))
        elif "into" in record and not record.get("anonymous"):
            look.records.pop(id, None)


def _find_merged(look: Look) -> None:
    for text, label in (("léger", "train"), ("danger", "marche")):
        if look.what == f"search for {text!r}":
            look.found[:] = [_of_everyone(look.host[thing("idea", label)])]


def _taken(look: Look) -> None:
    record = look.records.get(thing("idea", "taken"), {})
    # A file of then does not say so.
    if record.get("removed") and look.what != BROUGHT_HERE:
        record["taken"] = True


def _unwritten(look: Look) -> None:
    if thing("step", "kept") in look.records:
        look.records[thing("step", "kept")]["written"] -= 1


# Votes and questions


def _uncounted(look: Look) -> None:
    if not look.brought:
        look.records.pop(thing("result", "counted"), None)


def _counted(look: Look) -> None:
    for label in ("vote", "counted"):
        if look.brought and look.by_host and thing("step", label) in look.records:
            look.records[thing("step", label)]["counted"] = True


def _by_fives(look: Look) -> None:
    if look.shared and not look.brought:
        look.records[thing("pulse", "choice")] |= {"answers": 5, "counts": [2, 2, 1]}
        look.records[thing("pulse", "scale")]["answers"] = 5
        del look.records[thing("pulse", "few")]["answers"]


def _different(look: Look) -> None:
    if look.shared:
        look.records[thing("pulse", "named")]["different"] = 2


def _since_when(look: Look) -> None:
    """`v` says when what is told changed last; of what is told otherwise that is another commit."""
    told = {
        *(thing("pulse", label) for label in ("choice", "scale", "few")),
        *(record["into"] for record in look.host.values() if "into" in record),
        thing("result", "vote"),
        thing("step", "kept"),
    }
    for record in look.all_records:
        if record["id"] in told and not look.brought:
            record["v"] = WHATEVER


def _unheld(look: Look) -> None:
    if look.what != BROUGHT_HERE:
        return
    for id in [id for id in look.records if id.startswith(("undo:", "answer:"))]:
        del look.records[id]
    del look.records[thing("step", "blind")]["written"]
    del look.records[thing("step", "voting")]["voted"]
    del look.records[thing("pulse", "few")]["answers"]
    look.records[thing("pulse", "scale")]["answers"] = 5
    for record in look.records.values():
        record["v"] = WHATEVER


# People


def _away(look: Look) -> None:
    if look.what == "the door" and look.brought:
        look.found["away"] = True
    elif look.what == "the door":
        look.found["away"] = False
    for record in look.records.values():
        if look.brought and record["id"].startswith("member:") and record["name"] not in (HOST, NEWCOMER):
            record["away"] = True


def _muted(look: Look) -> None:
    if look.shared and look.by_host:
        id = "muted:of-this-room"
        look.records[id] = {"id": id, "v": WHATEVER, "count": 1}


def _screens_file(look: Look) -> None:
    if look.who == "the screen" and look.what == "the file":
        look.found.clear()
        look.found["refused"] = "forbidden"


def _removed_link(look: Look) -> None:
    if look.who.endswith("sent out") and look.what == "what the link opens":
        look.found["refused"] = "removed"


# The compte rendu


def _few(look: Look) -> None:
    if look.what == "the compte rendu, md":
        at = look.found.index("### Et sans nom ?")
        look.found[at + 2 : at + 5] = [FRENCH.too_few]
    if look.what == "the compte rendu, csv":
        answers = "0" if look.brought else "2"
        said = '"Réponse";"{}";"Et sans nom ?";"";"";"";"";"";"{}"'.format
        then = look.found.index(said("Trop peu de réponses pour les montrer.", answers))
        look.found[then] = said(FRENCH.too_few, "")


def _fewer(look: Look) -> None:
    if look.what.startswith("the compte rendu") and not look.brought:
        last = '"Réponse";"mal";"Comment ça va ?";"";"";"";"";"";"{}"'.format
        now = {"6 réponses": "5 réponses", "- mal\xa0: 2": "- mal\xa0: 1", last(2): last(1)}
        # The question whose answers are named has six as before.
        found, named = look.found, False
        for n, line in enumerate(found):
            named = named if not line.startswith("### ") else line == "### En un mot ?"
            found[n] = line if named else now.get(line, line)


def _shown(look: Look) -> None:
    if look.what == "the compte rendu, md":
        named = False
        for n, line in enumerate(look.found):
            named = line == "### En un mot ?" if line.startswith("### ") else named
            count, _, rest = line.partition(" ")
            if rest == "réponses" and not named:
                look.found[n] = f"{FRENCH.shown.format(n=count)}. {FRENCH.by_fives}"


def _not_undertaken(look: Look) -> None:
    if look.what == "the compte rendu, md":
        for n, line in enumerate(look.found):
            # Of an action, its own line comes next.
            follows = look.found[n + 1] if n + 1 < len(look.found) else ""
            bare = line.startswith("- **Décision\xa0:** ") and " — " not in line
            if bare and (not follows.startswith("  - ") or "Elle part de" in follows or "gommette" in follows):
                look.found[n] = f"{line} — {FRENCH.undertaken_by_none}"


def _left_out(look: Look) -> None:
    ideas, votes = (
        "{} idées de «\u202f{}\u202f» n’ont pas été révélées.".format,
        "Le vote «\u202f{}\u202f» n’a pas été montré\xa0: {} votants.".format,
    )
    left = [
        (ideas(5, "En silence"), "En silence", 5),
        (ideas(4, "Sans nom, gardé"), "Sans nom, gardé", 4),
        (votes("Choisir sans montrer", 4), "Choisir sans montrer", 4),
        (votes("Choisir encore", 3), "Choisir encore", 3),
    ]
    if look.brought:
        # What others wrote blind, and dots of an open vote, are in no file (SPEC N1).
        left = left[1:3]
    if look.what == "the compte rendu, md":
        at = look.found.index("## Déroulé")
        look.found[at:at] = ["## Non révélé", "", *(f"- {text}" for text, _, _ in left), ""]
    if look.what == "the compte rendu, csv":
        at = next(n for n, line in enumerate(look.found) if line.startswith('"Peut aider à"'))
        look.found[at:at] = [f'"Non révélé";"{text}";"";"";"{step}";"";"";"";"{n}"' for text, step, n in left]


def _no_break(look: Look) -> None:
    if look.what == "the compte rendu, md":
        at = next(n for n, line in enumerate(look.found) if line.endswith("dans « Choisir »"))
        look.found[at] = look.found[at].replace("« Choisir »", "«\xa0Choisir\xa0»")


def _merged_rows(look: Look) -> None:
    rows = {
        '"Un train léger";"Un bus toutes les dix minutes";"Chloé L."': ("Des idées", 1),
        '"Une fête du quartier, dit l’animatrice";"Un bus toutes les dix minutes";"Claire"': ("Des idées", 0),
        '"Marcher sans danger";"Des pistes pour le vélo";"Anonyme"': ("Des idées", 0),
        '"Dit en « shown » par la personne 3";"Des bancs à l’ombre";"Anonyme"': ("Sans nom, montré", 0),
    }
    if look.what == "the compte rendu, csv":
        for row, (step, reactions) in rows.items():
            at = look.found.index(f'"Idée";{row};"";"";"";"";""')
            look.found[at] = f'"Idée";{row};"{step}";"";"";"";"{reactions}"'


OTHERWISE: Final = (
    Row(
        "circle, circles, table and guest are breakout, breakouts, weight and participant",
        "the field's words (SPEC N2)",
        _rename,
    ),
    Row("small tables say which round it is", "SPEC T1", _round),
    Row("a file is of version 2", "it has those words (SPEC N2)", _version),
    Row("a merged idea is a record of everyone's, and what it was merged into does not list it", "SPEC G13", _unmerge),
    Row("a merged idea is found", "SPEC Q2", _find_merged),
    Row("of what a host took away its author and hosts are told so", "only a host gives it back (SPEC C2)", _taken),
    Row("what was removed is not counted as written", "SPEC G3", _unwritten),
    Row("a result that was not shown is no record of hosts before they count it", "SPEC V3", _uncounted),
    Row("a result that stands in a file counts as counted, for hosts", "they have seen it (SPEC V3)", _counted),
    Row("of answers without names all beyond the last five wait, after a close too", "SPEC U3", _by_fives),
    Row("a question in words says how many there are", "SPEC U6", _different),
    Row("what one person alone has is in no file, and counts begin with what it holds", "SPEC N1", _unheld),
    Row("v of what is told otherwise", "it changed by another commit for its audience", _since_when),
    Row("who was in a file is away, and the door says that there are such people", "SPEC N4", _away),
    Row("hosts are told how many posts have a muted author", "SPEC M2", _muted),
    Row("a screen has no file", "SPEC H10", _screens_file),
    Row("the link of somebody sent out is refused by name", "SPEC M3", _removed_link),
    Row("a compte rendu does not tell how many too few are, and says what a result takes", "SPEC U3", _few),
    Row("a compte rendu tells of answers without names by fives", "SPEC U3", _fewer),
    Row("a compte rendu says of answers without names how many are shown", "SPEC U3", _shown),
    Row("a compte rendu asks who takes on what was decided, where nobody does", "SPEC H8", _not_undertaken),
    Row("a compte rendu tells what it leaves out", "SPEC H8", _left_out),
    Row("a compte rendu in Markdown keeps no-break spaces", "they hold a line together", _no_break),
    Row("a compte rendu tells of a merged idea what it tells of others", "SPEC G13", _merged_rows),
)


def expected(who: str, what: str, before: Any, host: Records, *, brought: bool) -> Any:
    """What must be seen now where this was seen before.

    Args:
        host: all records that a host saw before.
    """
    renamed = Look(HOST, "the file", {"records": copy.deepcopy(host)}, {}, brought)
    _rename(renamed)
    look = Look(who, what, copy.deepcopy(before), renamed.records, brought)
    for row in OTHERWISE:
        row.change(look)
    return look.found
