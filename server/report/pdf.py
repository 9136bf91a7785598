"""The compte rendu as a PDF, drawn here: tagged (PDF/UA-1), with its language and its title, for paper and for screen readers."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import typst
from msgspec import Struct

from protocol.errors import Code, Refusal
from protocol.text import closed, isolated
from server.report.accent import PAPER, accent_on
from server.report.html import unbroken
from server.report.model import Action, Decision, Idea, Person, Report, Round
from server.report.words import Words

_HERE: Final = Path(__file__).parent
_LAYOUT: Final = (_HERE / "report.typ").read_bytes()

_FACES: Final = _HERE.parent / "web/dist/faces"
"""Made with the web client, from the packages that the screens' faces are from."""

LONGEST: Final = 6_000
"""Texts of one PDF: beyond it drawing takes too much of a small machine's memory. The other forms have no end."""

LOGO_WIDTH: Final = 62.0
LOGO_HEIGHT: Final = 18.0
"""Millimetres of the place that a logo has."""


class Item(Struct, frozen=True):
    """
    Attributes:
        notes: what is said of it, a line each.
        parts: what belongs to it.
        mark: `decision`, `action`, or the letter of its zone; "" for none.
    """

    text: str
    notes: Sequence[str] = ()
    parts: Sequence["Item"] = ()
    mark: str = ""


class Group(Struct, frozen=True):
    title: str
    items: Sequence[Item]
    notes: Sequence[str] = ()


class Section(Struct, frozen=True):
    title: str
    groups: Sequence[Group]


class Told(Struct, frozen=True):
    """What the layout (`report.typ`) is given.

    Attributes:
        logo: the bytes of a PNG, one by one, as the layout takes them; none: empty.
        logo_width: in millimetres. `alt`: what is said in its place.
    """

    kind: str
    title: str
    lang: str
    about: str
    sections: Sequence[Section]
    line: str = ""
    accent: str = ""
    logo: Sequence[int] = ()
    logo_width: float = 0
    alt: str = ""


def pdf(report: Report, words: Words, images: Mapping[str, bytes] = {}) -> bytes:  # read only
    """
    Args:
        images: by id; of these it shows the logo.

    Raises:
        Refusal: `too_large`, where there is more to tell than `LONGEST`.
    """
    sections = [
        section for section in _sections(report, words) if any(one.items or one.notes for one in section.groups)
    ]
    texts = sum(_texts(group.items) for section in sections for group in section.groups)
    if texts > LONGEST:
        raise Refusal(
            Code.TOO_LARGE, f"expected minutes of at most {LONGEST} texts for a PDF, got {texts}: take another form"
        )
    about = [
        words.moment(report.written),
        words.count(report.present, "person"),
        words.count(report.ideas, "idea"),
        words.count(len(report.decisions), "decision"),
    ]
    told = Told(
        words.report,
        _line(report.title),
        words.lang,
        " · ".join(about),
        sections,
        _line(report.line),
        accent_on(PAPER, report.accent) or "",
    )
    logo = images.get(report.logo, b"")
    if logo:
        alt = _line(report.line or report.title)
        told = msgspec.structs.replace(told, logo=list(logo), logo_width=_wide(report), alt=alt)
    at = int(report.written.timestamp())
    try:
        return _drawn(told, at, machine=False)
    except typst.TypstError:
        pass  # a sign that our faces do not have: perhaps this machine has one that does
    try:
        return _drawn(told, at, machine=True)
    except typst.TypstError:
        unread = Section(words.left_out, [Group("", [], [words.undrawn])])
        return _drawn(msgspec.structs.replace(told, sections=[*sections, unread]), at, machine=True, whole=False)


def _drawn(told: Told, at: int, *, machine: bool, whole: bool = True) -> bytes:
    """
    Args:
        machine: by the faces of this machine too.
        whole: nothing is drawn where a sign cannot be.
    """
    made = typst.compile(
        _LAYOUT,
        font_paths=_faces(machine),
        ignore_system_fonts=not machine,
        sys_inputs={"told": msgspec.json.encode(told).decode()},
        pdf_standards="ua-1" if whole else [],
        timestamp=at,
    )
    assert isinstance(made, bytes), "one document, and no file"
    return made


@functools.cache
def _faces(machine: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=machine, font_paths=[str(_FACES)])


def _wide(report: Report) -> float:
    """How wide a logo stands in its place, in millimetres."""
    return round(min(LOGO_WIDTH, LOGO_HEIGHT * report.logo_width / max(1, report.logo_height)), 1)


def _texts(items: Sequence[Item]) -> int:
    return sum(1 + len(item.notes) + _texts(item.parts) for item in items)


def _sections(report: Report, words: Words) -> Iterator[Section]:
    if report.empty:
        yield Section(words.report, [Group("", [], [words.none])])
    yield Section(words.decisions, [Group("", [_decision(one, words) for one in report.decisions])])
    yield Section(words.loose_title(report), [Group("", [_action(one, words) for one in report.loose])])
    commitments = [Item(_text(one.text), [_line(one.author or words.anonymous)]) for one in report.commitments]
    yield Section(words.commitments, [Group("", commitments)])
    yield Section(
        words.results,
        [
            Group(
                _line(f"{isolated(one.step) or words.results} · {words.count(one.voters, 'voter')}"),
                [
                    Item(
                        _text(words.voted_on(total)),
                        [f"{words.count(total.dots, 'dot')} · {words.count(total.voters, 'voter')}"],
                    )
                    for total in one.totals
                ],
            )
            for one in report.results
        ],
    )
    yield Section(
        words.tested,
        [
            Group(
                "",
                [
                    Item(
                        _text(words.tested_thing(one)),
                        [_line(words.vote(vote)) for vote in one.votes],
                        [
                            Item(
                                _text(words.written(remark.text)),
                                [
                                    _line(
                                        f"{words.remark_kind(remark.kind)} · {isolated(remark.author or words.anonymous)}"
                                    )
                                ],
                            )
                            for remark in one.remarks
                        ],
                    )
                    for one in report.tested
                ],
            )
        ],
    )
    yield Section(words.breakouts, [_round(each, words) for each in report.rounds])
    yield Section(
        words.pulses,
        [
            Group(
                _line(pulse.question),
                [Item(_text(text), [str(n)]) for text, n in words.answered(pulse)],
                [words.how_many(pulse)] if words.answered(pulse) else [words.told_of_none(pulse)],
            )
            for pulse in report.pulses
        ],
    )
    yield Section(
        words.asked,
        [
            Group(
                "",
                [
                    Item(
                        _text(words.written(one.text)),
                        [
                            _line(one.author or words.anonymous),
                            words.count(one.supports, "support"),
                            words.outcome(one),
                        ],
                    )
                    for one in report.questions
                ],
            )
        ],
    )
    yield Section(
        words.ideas,
        [
            Group(_line(words.group_title(group)), [_idea(idea, words, group.letter) for idea in group.ideas])
            for group in report.groups
        ],
    )
    messages = [Item(_text(words.written(one.text)), [_line(one.author or words.anonymous)]) for one in report.messages]
    yield Section(words.messages, [Group("", messages)])
    yield Section(words.left_out, [Group("", [Item(_line(words.told_of(left))) for left in report.left_out])])
    steps = [
        Item(
            _text(step.title),
            [
                *([words.count(step.minutes, "minute")] if step.minutes else []),
                *([_text(step.prompt)] if step.prompt else []),
            ],
        )
        for step in report.steps
    ]
    yield Section(words.steps, [Group("", steps)])
    yield Section(words.people, [Group("", [_person(person, words) for person in report.people])])


def _round(each: Round, words: Words) -> Group:
    tables = [
        Item(
            _text(f"{words.breakout_title(one)}{words.colon} {one.topic}" if one.topic else words.breakout_title(one)),
            [
                *([f"{words.speaker}{words.colon} {_line(one.speaker)}"] if one.speaker else []),
                *([f"{words.best}{words.colon} {_line(words.written(one.best))}"] if one.best is not None else []),
            ],
        )
        for one in each.breakouts
    ]
    return Group(words.round_title(each.number), tables, [_text(each.topic)] if each.topic else [])


def _decision(one: Decision, words: Words) -> Item:
    evidence = [f"{words.came_from}{words.colon} {_line(words.written(one.quote))}"] if one.quote or one.taken else []
    notes = [
        *(_undertaking(one.itself, words) if one.itself else []),
        *([] if one.undertaken else [words.undertaken_by_none]),
        *evidence,
        *(_line(words.vote(vote)) for vote in one.votes),
    ]
    return Item(_text(one.text), notes, [_action(action, words) for action in one.actions], "decision")


def _action(action: Action, words: Words) -> Item:
    return Item(_text(action.text), _undertaking(action, words), mark="action")


def _undertaking(action: Action, words: Words) -> Sequence[str]:
    parts = [words.progress(action)]
    if action.owner or not action.done:
        parts.insert(0, isolated(action.owner or words.unowned))
    if action.due:
        parts.append(isolated(words.day(action.due)))
    first = [f"{words.first}{words.colon} {_line(action.first)}"] if action.first else []
    return [" · ".join(parts), *first]


def _idea(idea: Idea, words: Words, letter: str) -> Item:
    notes = [_line(idea.author or words.anonymous)]
    if idea.reactions:
        notes.append(words.count(idea.reactions, "reaction"))
    if idea.late:
        notes.append(words.late)
    if idea.image:
        notes.append(_line(f"{words.image}{words.colon} {isolated(idea.alt)}" if idea.alt else words.image))
    merged = [_idea(one, words, letter) for one in idea.merged]
    joined = [f"{words.merged}{words.colon}"] if merged else []
    return Item(_text(words.written(idea.text)), [" · ".join(notes), *joined], merged, letter)


def _person(person: Person, words: Words) -> Item:
    weight = [f"{words.table} {person.weight}"] if person.weight else []
    helps = [f"{words.helps}{words.colon} {' · '.join(map(isolated, person.helps))}"] if person.helps else []
    return Item(_line(person.name), [*weight, *helps])


def _text(typed: str) -> str:
    """A paragraph of its own, which turns nothing around it (SPEC L7)."""
    return unbroken(closed(typed))


def _line(typed: str) -> str:
    """A part of one."""
    return isolated(unbroken(typed))
