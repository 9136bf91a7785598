"""What people do in a workshop, beside writing: its host leads it (or believes he does), the others vote, answer, decide, tidy up."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from server.workshop.state.breakouts import BREAKOUTS
from server.workshop.state.steps import AGENDA
from tests.inprocess import fresh
from tests.simulation.people import Person

KINDS: Final = ("ideate", "ideate", "ideate", "group", "vote", "vote", "meet", "discuss", "decide", "questions", "next")
VIEWS: Final = ("auto", "lobby", "prompt", "ideas", "groups", "results", "decision", "black")


def _records(person: Person) -> Mapping[str, Mapping[str, Any]]:
    """All that everyone has, as far as it has come to somebody."""
    return person.conversation.replica.shared


def _dots(person: Person) -> Sequence[str]:
    """What somebody has dots on."""
    mine = person.conversation.replica.mine.values()
    return [on for record in mine if record["id"].startswith("ballot:") for on in record.get("dots", ())]


class Workshop:
    """
    Args:
        text: a text that nobody has written yet.
        posts: ids of ideas, remarks and messages, oldest first; others add to it.
        members: ids of all who have come.
        people: all who are there now.

    Attributes:
        head: what was merged into last.
        seated: who said for how many people a phone answers: by whom, whose, how many.
    """

    def __init__(
        self,
        chance: random.Random,
        text: Callable[[], str],
        posts: list[str],
        members: list[str],
        people: Callable[[], Sequence[Person]],
    ) -> None:
        self._chance = chance
        self._text = text
        self._posts = posts
        self._members = members
        self._people = people
        self._made: dict[str, list[str]] = {
            kind: [] for kind in ("step", "zone", "decision", "action", "pulse", "vote", "group", "questions")
        }
        self.head: str | None = None
        self.seated: list[tuple[str, str, int]] = []

    def _new(self, kind: str) -> str:
        made = self._made[kind]
        made.append(fresh(kind, len(made)))
        return made[-1]

    def _one(self, kind: str, person: Person) -> str:
        """A late one rather, of those that somebody reads; now and then one that they do not, and one that there is not."""
        chance, made, read = self._chance.random(), self._made[kind], _records(person)
        if chance < 0.8:
            made = [id for id in made if id in read] or made
        return self._chance.choice(made[-4:]) if made and chance < 0.98 else fresh(kind, 999)

    def _vote(self, person: Person) -> str:
        """A step to vote in, the one that is now rather; now and then one that is for something else."""
        chance, votes = self._chance.random(), self._made["vote"]
        now: str | None = _records(person).get(AGENDA, {}).get("now")
        if chance < 0.5 and now in votes:
            return now
        return self._one("vote" if chance < 0.9 and votes else "step", person)

    def _idea(self) -> str:
        ideas = [id for id in self._posts[-16:] if id.startswith("idea:")]
        return self._chance.choice(ideas) if ideas else fresh("idea", 999_999)

    def _idea_read(self, person: Person) -> str:
        """A late idea, mostly of those that everyone reads, as far as somebody knows, and that stand by themselves."""
        read = _records(person)
        ideas = [id for id in self._posts if id in read and id.startswith("idea:")]
        ideas = [id for id in ideas if not read[id].keys() & {"hidden", "removed", "into"}]
        return self._chance.choice(ideas[-8:]) if ideas and self._chance.random() < 0.8 else self._idea()

    def _told(self, person: Person) -> str:
        """A step in which ideas tell at which table they were written, if there is one."""
        ideas = [
            record for id in self._posts if (record := _records(person).get(id, {})).keys() >= {"step", "breakout"}
        ]
        return self._chance.choice(ideas)["step"] if ideas else self._one("step", person)

    def _post(self) -> str:
        return self._chance.choice(self._posts[-12:]) if self._posts else self._idea()

    def open(self, host: Person) -> None:
        """Most have an agenda to begin with."""
        if self._chance.random() < 0.8:
            for kind in self._chance.sample(("ideate", "group", "group", "vote", "vote", "discuss", "questions"), 4):
                self._add_step(host, kind)
            host.do("step.go", id=self._one("step", host))

    def lead(self, host: Person) -> None:
        """What hosts do; whoever else tries is refused."""
        acts = (
            self._go,
            self._prepare,
            self._close,
            self._moderate,
            self._conclude,
            self._arrange,
            self._ask,
            self._deal,
            self._seat,
            self._settle,
        )
        self._chance.choices(acts, (8, 6, 5, 4, 6, 3, 3, 5, 2, 4))[0](host)

    def take_part(self, person: Person) -> None:
        """What everybody does."""
        acts = (
            self._put_dots,
            self._answer,
            self._group,
            self._sort,
            self._remark,
            self._finish,
            self._commit,
            self._wave,
        )
        self._chance.choices(acts, (8, 5, 6, 4, 5, 2, 2, 2))[0](person)

    # Hosts.

    def _go(self, host: Person) -> None:
        match self._chance.randrange(10):
            case 0:
                host.do("step.go", id=None)
            case 1:
                host.do("step.go", id=self._one("step", host), leaving=self._one("step", host))
            case 2:
                host.do("step.reveal", id=self._one("step", host))
            case 3:
                host.do(self._chance.choice(("timer.start", "timer.pause", "timer.add")))
            case 4 | 5:
                host.do("step.go", id=self._vote(host))
            case 6 | 7:
                host.do("step.go", id=self._one(self._chance.choice(("group", "group", "questions")), host))
            case _:
                host.do("step.go", id=self._one("step", host))

    def _prepare(self, host: Person) -> None:
        chance = self._chance
        if chance.random() < 0.4 or not self._made["step"]:
            self._add_step(host, chance.choice(KINDS))
            return
        changes: Sequence[dict[str, object]] = (
            {"title": self._text()}, {"prompt": self._text()}, {"anonymous": True}, {"anonymous": False}, {"blind": "nobody"},
            {"blind": "hosts"}, {"blind": "open"}, {"budget": 6, "cap": 3}, {"cap": 1}, {"moderated": True}, {"minutes": 3},
            {"carried": 2},
        )  # fmt: skip
        match chance.randrange(6):
            case 0:
                host.do("step.move", id=self._one("step", host), before=chance.choice((None, self._one("step", host))))
            case 1:
                host.do("step.remove", id=self._one("step", host))
            case 2:
                host.do("step.edit", id=self._told(host), anonymous=True)
            case _:
                host.do("step.edit", id=self._one("step", host), **chance.choice(changes))

    def _add_step(self, host: Person, kind: str) -> None:
        chance, before = self._chance, self._one("step", host)
        blind, id = chance.choice(("open", "open", "hosts", "nobody")), self._new("step")
        if kind in ("vote", "group", "questions"):
            self._made[kind].append(id)
        host.do(
            "step.add",
            id=id,
            kind=kind,
            title=self._text(),
            prompt=chance.choice(("", self._text())),
            minutes=chance.choice((0, 1, 10)),
            blind=blind,
            anonymous=chance.random() < 0.4,
            moderated=blind != "nobody" and chance.random() < 0.3,
            deals=kind == "group" and chance.random() < 0.8,
            **chance.choice(
                (
                    {},
                    {},
                    {"budget": 3, "cap": 2},
                    {"targets": "zones", "form": "choice", "options": ["Oui", "Non"]},
                    {"before": before},
                    {"asks": True, "low": self._text(), "high": self._text()},
                    {"form": "choice", "options": ["Oui", "Non"], "several": True, "asks": True},
                    {"form": "choice", "options": ["Oui", "Non"], "other": True, "asks": True},
                )
            ),
        )

    def _close(self, host: Person) -> None:
        cmds = (
            "vote.close",
            "vote.count",
            "vote.reopen",
            "vote.reveal",
            "pulse.close",
            "pulse.hide",
            "question.answer",
        )
        cmd = self._chance.choices(cmds, (4, 1, 2, 2, 2, 2, 5))[0]
        if cmd == "question.answer":
            self._reply(host)
            return
        if cmd == "pulse.close":
            host.do(cmd, id=self._one("pulse", host))
            return
        if cmd == "pulse.hide":
            self._hide(host)
            return
        vote = self._vote(host)
        host.do(cmd, step=vote)
        if cmd == "vote.close" and self._chance.random() < 0.6:
            host.do("vote.count", step=vote)

    def _reply(self, host: Person) -> None:
        """To a question, or not after all; now and then to what is none."""
        read = _records(host)
        asked = [id for id in self._posts if read.get(read.get(id, {}).get("step", ""), {}).get("kind") == "questions"]
        id = self._chance.choice(asked[-8:]) if asked and self._chance.random() < 0.9 else self._idea()
        host.do("question.answer", id=id, answered=self._chance.random() < 0.7)

    def _hide(self, host: Person) -> None:
        """Words that were told, hidden or not; now and then some that nobody gave."""
        told = [
            (id, word)
            for id, record in _records(host).items()
            if id.startswith("pulse:")
            for word in (*record.get("words", ()), *record.get("hidden", ()))
        ]
        none = (self._one("pulse", host), self._text())
        id, word = self._chance.choice(told) if told and self._chance.random() < 0.9 else none
        host.do("pulse.hide", id=id, word=word, hidden=self._chance.random() < 0.7)

    def _moderate(self, host: Person) -> None:
        match self._chance.randrange(8):
            case 0 | 1:
                host.do("post.refuse", on=self._post(), reason=self._text())
            case 2:
                host.do("post.mute", on=self._post())
            case 3 | 4:
                host.do("post.unmute", **({"on": self._post()} if self._chance.random() < 0.7 else {}))
            case 5:
                host.do("member.rename", id=self._chance.choice(self._members), name=f"N {self._chance.randrange(99)}")
            case 6 if self._chance.random() < 0.3:
                one = self._chance.choice(self._members[1:])
                host.do(
                    "member.remove", **self._chance.choice(({"id": one}, {"ids": [one]}, {"id": fresh("member", 999)}))
                )
            case _:
                host.do("post.show", on=self._post())

    def _conclude(self, host: Person) -> None:
        chance = self._chance
        source = chance.choice((None, self.head, self._idea_read(host), self._one("zone", host)))
        owner = chance.choice((None, *self._members))
        match chance.randrange(10):
            case 0 | 1 | 2:
                host.do("decision.add", id=self._new("decision"), text=self._text(), source=source)
            case 3:
                host.do("decision.edit", id=self._one("decision", host), text=self._text())
            case 4 | 5 | 6:
                host.do(
                    "action.add",
                    id=self._new("action"),
                    text=self._text(),
                    decision=chance.choice((None, self._one("decision", host))),
                    owner=owner,
                    due=chance.choice(("", "", "2026-12-01", "2026-02-30")),
                    first=chance.choice(("", self._text())),
                )
            case 7:
                host.do("action.edit", id=self._one("action", host), text=self._text(), owner=owner)
            case 8:
                host.do("decision.remove", id=self._one("decision", host))
            case _:
                host.do("action.remove", id=self._one("action", host))

    def _arrange(self, host: Person) -> None:
        on = self._chance.choice((None, self._idea(), self._one("zone", host), self._one("decision", host)))
        match self._chance.randrange(5):
            case 0:
                host.do("zone.remove", id=self._one("zone", host))
            case 2:
                host.do("screen.end")
            case 1:
                host.do("room.set", door=self._chance.random() < 0.5, title=self._text(), prompt=self._text())
                host.do("wordlist.set", words=[self._text() for _ in range(self._chance.randrange(3))])
                host.do("room.set", line=self._text(), accent=self._chance.choice(("", "#1f5b40", "vert")))
            case _:
                host.do("stage.set", view=self._chance.choice(VIEWS), on=on, page=self._chance.randrange(3))

    def _deal(self, host: Person) -> None:
        chance = self._chance
        said: dict[str, object] = {}
        if chance.random() < 0.6:
            said = {
                "texts": [self._text()],
                "about": [self._idea_read(host), self._one("zone", host)][: chance.randrange(3)],
            }
        match chance.randrange(11):
            case 0 | 10:
                host.do("breakout.end")
            case 1:
                host.do("breakout.take", id=chance.choice(self._members), breakout=chance.choice((None, 1, 2)))
            case 2 | 3:
                now = _records(host).get(BREAKOUTS, {}).get("round", 1)
                host.do("breakout.topic", round=now, breakout=chance.choice((None, 1, 9)), **said)
            case 4:
                host.do("breakout.speaker", id=chance.choice(self._members), speaks=chance.random() < 0.8)
            case _:
                among = chance.choice(([], chance.sample(self._members, min(3, len(self._members)))))
                host.do("breakout.draw", size=chance.choice((2, 3)), among=among, join=chance.random() < 0.3, **said)

    def _seat(self, host: Person) -> None:
        """For how many somebody's phone answers: mostly of those who wait for a host's word, and as they said."""
        waiting = [id for id in self._members if "asked" in _records(host).get(id, {})]
        who = self._chance.choice(waiting if waiting and self._chance.random() < 0.8 else self._members)
        said = _records(host).get(who, {}).get("asked", 12)
        size = self._chance.choice((said, said, 5))
        others = [person for person in self._people() if not person.screen]
        by = (
            host if self._chance.random() < 0.6 else self._chance.choice(others)
        )  # who is no host, most often, and is refused
        self.seated.append((by.who.member, who, size))
        by.do("member.weight", id=who, weight=size)

    def _settle(self, host: Person) -> None:
        """Of what is proposed, mostly as it is."""
        found = {
            record["on"]: record["to"]
            for id, record in _records(host).items()
            if id.startswith("proposal:") and self._chance.random() < 0.8
        }
        if not found and self._chance.random() < 0.6:
            self._sort(host)
        elif self._chance.random() < 0.3:
            host.do("proposal.undo")
        elif self._chance.random() < 0.4:
            on = self._chance.choice(list(found)) if found else fresh("idea", 999_999)
            host.do("proposal.refuse", on=on, to=found.get(on) or self._one("zone", host))
        else:
            host.do("proposal.accept", places=found or {self._idea(): self._one("zone", host)})

    def _ask(self, host: Person) -> None:
        form = self._chance.choice(("scale", "choice", "words", "weather"))
        options = [self._text(), self._text()] if form == "choice" else []
        anonymous = self._chance.random() < 0.7
        host.do(
            "pulse.ask",
            id=self._new("pulse"),
            question=self._text(),
            form=form,
            options=options,
            anonymous=anonymous,
            several=form == "choice" and self._chance.random() < 0.5,
            other=form == "choice" and self._chance.random() < 0.5,
        )

    # Everybody.

    def _put_dots(self, person: Person) -> None:
        """Hosts may not, and seldom try."""
        participants = [
            each for each in self._people() if _records(each).get(each.who.member, {}).get("role") != "host"
        ]
        if person not in participants and participants and self._chance.random() < 0.8:
            person = self._chance.choice(participants)
        vote = self._vote(person)
        zones = _records(person).get(vote, {}).get("targets") == "zones"
        on = self._one("zone", person) if zones is (self._chance.random() < 0.95) else self._idea_read(person)
        person.do("dots.put", step=vote, on=on, count=self._chance.choice((0, 1, 1, 1, 2, 5)))

    def _answer(self, person: Person) -> None:
        """One alone, or all together: only then are there as many as may be shown."""
        chance = self._chance
        together = self._made["pulse"] and chance.random() < 0.3
        pulse = self._made["pulse"][-1] if together else self._one("pulse", person)
        several: Sequence[Sequence[int | str | list[int]]] = (([0], [1], [0, 1], [1]), ([0, 1], [0, 1], [1]))
        kinds: Sequence[Sequence[int | str | list[int]]] = (
            (0, 1, 1, 1, 1, 1),
            (1, 1, 4),
            (self._text(), *"aaab"),
        )
        asked_for = _records(person).get(pulse, {})
        values = chance.choice(several if asked_for.get("several") else kinds)
        last, all_write = len(asked_for.get("options", ())), chance.random() < 0.4
        for each in self._people() if together else (person,):
            value, said = chance.choice(values), {}
            if asked_for.get("other") and (all_write or chance.random() < 0.5):
                value, said = (
                    [last] if asked_for.get("several") else last,
                    {"other": chance.choice((self._text(), "a"))},
                )
            each.do("pulse.answer", id=pulse, value=value, **said)

    def _group(self, person: Person) -> None:
        match self._chance.randrange(10):
            case 0 | 1:
                person.do("zone.add", id=self._new("zone"), title=self._text())
            case 2:
                person.do("zone.edit", id=self._one("zone", person), title=self._text())
            case 3 | 4 | 5:
                self._merge(person)
            case 6:
                person.do("idea.unmerge", id=self._idea())
            case _:
                person.do("idea.move", id=self._idea(), zone=self._one("zone", person))

    def _sort(self, person: Person) -> None:
        """All together, mostly of one mind: only then is anything proposed."""
        chance = self._chance
        now: str | None = _records(person).get(AGENDA, {}).get("now")
        group = now in self._made["group"] and chance.random() < 0.9
        step = (
            now if group else self._one("group" if self._made["group"] and chance.random() < 0.95 else "step", person)
        )
        zones = [id for id in _records(person) if id.startswith("zone:")]
        if not zones:
            self._people()[0].do("zone.add", id=self._new("zone"), title=self._text())
        zone = chance.choice(zones) if zones and chance.random() < 0.9 else self._one("zone", person)
        other = self._idea_read(person)
        for each in self._people() if chance.random() < 0.7 else (person,):
            if each.screen:
                continue
            held = [record for id, record in each.conversation.replica.mine.items() if id.startswith("hand:")]
            cards = [card for hand in held if hand["step"] == step for card in hand.get("cards", ())]
            if not cards or chance.random() < 0.2:
                each.do("hand.deal", step=step)
            for card in cards[-5:]:
                to = zone if chance.random() < 0.9 else chance.choice((other, None, self._one("zone", each)))
                each.do("hand.put", step=step, on=card if chance.random() < 0.95 else self._idea(), to=to)

    def _merge(self, person: Person) -> None:
        """Rather what somebody put dots on; else they would hardly ever lie on what is merged, and that be hidden."""
        chance = self._chance
        if chance.random() < 0.4:
            person = self._people()[0]
        dotted = [on for each in self._people() for on in _dots(each) if on.startswith("idea:")]
        idea = chance.choice(dotted) if dotted and chance.random() < 0.7 else self._idea_read(person)
        self.head = self._idea_read(person)
        person.do("idea.merge", id=idea, into=self.head)

    def _remark(self, person: Person) -> None:
        """Of an idea that everyone reads rather, or of a zone; late ones in the step that they were begun in."""
        chance = self._chance
        on = self._one("zone", person) if chance.random() < 0.2 else chance.choice((self.head, self._idea_read(person)))
        self._posts.append(fresh("remark", len(self._posts)))
        person.do(
            "remark.add",
            id=self._posts[-1],
            on=on or self._idea(),
            kind=chance.choice(("objection", "condition", "offer")),
            text=self._text(),
            **({"step": self._one("step", person)} if chance.random() < 0.3 else {}),
        )

    def _finish(self, person: Person) -> None:
        if self._chance.random() < 0.2:
            person.do("breakout.take", breakout=self._chance.choice((None, 1, 2)))
        elif self._chance.random() < 0.3:
            self._report(person)
        elif self._chance.random() < 0.3:
            person.do("member.weight", weight=self._chance.choice((1, 8, 12, 15)))
        else:
            person.do("step.ready", id=self._one("step", person), on=self._chance.random() < 0.7)

    def _report(self, person: Person) -> None:
        """For a small table: whoever sits there says that they will, or marks what is best of it; rather what was written at one."""
        if self._chance.random() < 0.4:
            person.do("breakout.speaker", speaks=self._chance.random() < 0.9)
            return
        read = _records(person)
        spoken = [(id, record) for id, record in read.items() if id.startswith("breakout:") and "speaker" in record]
        written = [id for id in self._posts if "round" in read.get(id, {})]
        id = self._chance.choice(written) if written and self._chance.random() < 0.9 else self._idea()
        theirs = [
            each
            for each in self._people()
            for _, record in spoken
            if record["speaker"] == each.who.member and record["round"] == read.get(id, {}).get("round")
        ]
        by = self._chance.choice(theirs) if theirs and self._chance.random() < 0.7 else person
        by.do("breakout.best", id=id, best=self._chance.random() < 0.9)

    def _commit(self, person: Person) -> None:
        if self._chance.random() < 0.6:
            text = self._chance.choice(("", self._text(), self._text()))
            person.do("commitment.write", text=text, shared=self._chance.random() < 0.5)
        else:
            person.do("action.edit", id=self._one("action", person), done=True)

    def _wave(self, person: Person) -> None:
        match self._chance.randrange(4):
            case 0:
                person.signal("cursor", x=self._chance.random(), y=self._chance.random())
            case 1:
                person.signal("typing", on=self._idea())
            case 2:
                person.signal("hand", up=True)
            case _:
                person.signal("burst", kind="love")

    @property
    def told_apart(self) -> Sequence[str]:
        """All steps and pulses that there ever were, those among them that steps ask; in each of which everyone has another name."""
        steps = self._made["step"]
        return [*steps, *(f"pulse:{step.partition(':')[2]}" for step in steps), *self._made["pulse"]]

    def filed(self, person: Person) -> dict[str, object]:
        """Where an idea is to be filed: mostly in the step that is now."""
        match self._chance.randrange(12):
            case 0 | 3:
                return {"step": self._one("step", person)}
            case 1:
                return {"step": self._one("step", person), "late": True}
            case 2:
                return {"zone": self._one("zone", person)}
            case _:
                return {}
