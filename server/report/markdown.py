"""The compte rendu in Markdown (CommonMark). What people typed stays text: it begins no list, no heading, no link, no HTML."""

import re
from collections.abc import Iterator

from protocol.text import isolated
from server.report.model import Action, Idea, Person, Report
from server.report.words import Words

_ANYWHERE = re.compile(r"[\\`*_\[\]<>&|~$]")
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
"""Line breaks too, and no spaces that hold a line together."""
_AT_START = re.compile(r"[#+=:!-]|[0-9]+(?=[.)])")


def markdown(report: Report, words: Words) -> str:
    return "\n".join(_lines(report, words)) + "\n"


def _lines(report: Report, words: Words) -> Iterator[str]:
    yield f"# {_text(report.title)}"
    yield ""
    if report.line:
        yield from (_text(report.line), "")
    about = (words.report, words.moment(report.written), words.count(report.present, "person"))
    yield " · ".join(about)
    if report.empty:
        yield from ("", words.none)
    yield from _decided(report, words)
    if report.commitments:
        yield from ("", f"## {words.commitments}", "")
        for one in report.commitments:
            yield f"- {_text(one.text)} — {_text(one.author) if one.author else words.anonymous}"
    yield from _asked(report, words)
    yield from _questions(report, words)
    if report.groups:
        yield from ("", f"## {words.ideas}")
    for group in report.groups:
        yield from ("", f"### {_text(words.group_title(group))}", "")
        for idea in group.ideas:
            yield f"- {_text(words.written(idea.text))} — {_source(idea, words)}"
            for merged in idea.merged:
                author = _text(merged.author) if merged.author else words.anonymous
                yield f"  - {words.merged}{words.colon} {_text(words.written(merged.text))} — {author}"
    yield from _messages(report, words)
    yield from _left_out(report, words)
    if report.steps:
        yield from ("", f"## {words.steps}", "")
        for n, step in enumerate(report.steps, 1):
            minutes = f" ({words.count(step.minutes, 'minute')})" if step.minutes else ""
            prompt = f" — {_text(step.prompt)}" if step.prompt else ""
            yield f"{n}. {_text(step.title)}{minutes}{prompt}"
    if report.people:
        yield from ("", f"## {words.people}", "", ", ".join(_person(person, words) for person in report.people))
    helpers = [person for person in report.people if person.helps]
    if helpers:
        yield from ("", f"### {words.helps}", "")
        for person in helpers:
            yield f"- {_text(person.name)}{words.colon} {' · '.join(map(_text, person.helps))}"


def _messages(report: Report, words: Words) -> Iterator[str]:
    if report.messages:
        yield from ("", f"## {words.messages}", "")
        for message in report.messages:
            author = _text(message.author) if message.author else words.anonymous
            yield f"- {_text(words.written(message.text))} — {author}"


def _left_out(report: Report, words: Words) -> Iterator[str]:
    if report.left_out:
        yield from ("", f"## {words.left_out}", "")
    for left in report.left_out:
        yield f"- {_text(words.told_of(left))}"


def _decided(report: Report, words: Words) -> Iterator[str]:
    if report.decisions:
        yield from ("", f"## {words.decisions}", "")
    for decision in report.decisions:
        undertaken = f" — {_undertaking(decision.itself, words)}" if decision.itself else ""
        if not decision.undertaken:
            undertaken = f" — {words.undertaken_by_none}"
        yield f"- **{words.decision}{words.colon}** {_text(decision.text)}{undertaken}"
        for action in decision.actions:
            yield f"  - {_action(action, words)}"
        if decision.quote or decision.taken:
            yield f"  - {words.came_from}{words.colon} {_text(words.written(decision.quote))}"
        for vote in decision.votes:
            yield f"  - {_text(words.vote(vote))}"
    if report.loose:
        yield from ("", f"## {words.loose_title(report)}", "")
        for action in report.loose:
            yield f"- {_action(action, words)}"


def _action(action: Action, words: Words) -> str:
    return f"{_text(action.text)} — {_undertaking(action, words)}"


def _undertaking(action: Action, words: Words) -> str:
    """Who does it, whether it is done, for when, and what comes first."""
    parts = [words.progress(action)]
    if action.owner or not action.done:
        parts.insert(0, _text(action.owner) if action.owner else words.unowned)
    if action.due:
        parts.append(_text(words.day(action.due)))
    first = f" {words.first}{words.colon} {_text(action.first)}" if action.first else ""
    return f"{', '.join(parts)}.{first}"


def _asked(report: Report, words: Words) -> Iterator[str]:
    """What was voted on, what was said of it, what small tables reported back, and what was asked."""
    if report.results:
        yield from ("", f"## {words.results}")
    for result in report.results:
        yield from ("", f"### {_text(result.step) or words.results}", "", words.count(result.voters, "voter"), "")
        for total in result.totals:
            yield f"- {words.count(total.dots, 'dot')}{words.colon} {_text(words.voted_on(total))}"
    if report.tested:
        yield from ("", f"## {words.tested}", "")
    for tested in report.tested:
        yield f"- {_text(words.tested_thing(tested))}"
        for vote in tested.votes:
            yield f"  - {_text(words.vote(vote))}"
        for remark in tested.remarks:
            author = _text(remark.author) if remark.author else words.anonymous
            kind = _text(words.remark_kind(remark.kind))
            yield f"  - {kind}{words.colon} {_text(words.written(remark.text))} — {author}"
    yield from _breakouts(report, words)
    if report.pulses:
        yield from ("", f"## {words.pulses}")
    for pulse in report.pulses:
        yield from ("", f"### {_text(pulse.question)}", "")
        answered = words.answered(pulse)
        if not answered:
            yield words.told_of_none(pulse)
            continue
        yield from (words.how_many(pulse), "")
        for text, n in answered:
            yield f"- {_text(text)}{words.colon} {n}"


def _questions(report: Report, words: Words) -> Iterator[str]:
    if report.questions:
        yield from ("", f"## {words.asked}", "")
    for question in report.questions:
        author = _text(question.author) if question.author else words.anonymous
        parts = (author, words.count(question.supports, "support"), words.outcome(question))
        yield f"- {_text(words.written(question.text))} — {', '.join(parts)}"


def _breakouts(report: Report, words: Words) -> Iterator[str]:
    if report.rounds:
        yield from ("", f"## {words.breakouts}")
    for each in report.rounds:
        yield from ("", f"### {words.round_title(each.number)}", "")
        if each.topic:
            yield from (_text(each.topic), "")
        for breakout in each.breakouts:
            topic = f"{words.colon} {_text(breakout.topic)}" if breakout.topic else ""
            speaker = f" — {words.speaker}{words.colon} {_text(breakout.speaker)}" if breakout.speaker else ""
            yield f"- {words.breakout_title(breakout)}{topic}{speaker}"
            if breakout.best is not None:
                yield f"  - {words.best}{words.colon} {_text(words.written(breakout.best))}"


def _person(person: Person, words: Words) -> str:
    return f"{_text(person.name)} ({words.table.lower()} {person.weight})" if person.weight else _text(person.name)


def _source(idea: Idea, words: Words) -> str:
    parts = [_text(idea.author) if idea.author else words.anonymous]
    if idea.reactions:
        parts.append(words.count(idea.reactions, "reaction"))
    if idea.late:
        parts.append(words.late)
    if idea.image:
        parts.append(f"{words.image.lower()}{words.colon} {_text(idea.alt)}" if idea.alt else words.image.lower())
    return ", ".join(parts)


def _text(typed: str) -> str:
    """One line of plain text that reads as it was typed, and turns nothing around it (SPEC L7)."""
    line = isolated(_BLANKS.sub(" ", typed.strip()))
    line = _ANYWHERE.sub(r"\\\g<0>", line)
    start = _AT_START.match(line)
    if start is None:
        return line
    if start[0].isdigit():
        return f"{start[0]}\\{line[start.end() :]}"
    return f"\\{line}"
