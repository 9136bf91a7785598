"""Going back and forth in an agenda changes no vote, no idea and no text (SPEC G2)."""

import random
from typing import Any

import msgspec
import pytest

from protocol import commands as c
from protocol.choices import Blind, StepKind
from protocol.errors import Refusal
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

STEPS = [f"step:{n:012d}" for n in range(6)]
ZONES = [f"zone:{n:012d}" for n in range(2)]
CLOCKS = ("at", "since", "ends", "left", "closed", "v")
"""What tells when something was, or how long a step has lasted: that a walk may change (G8)."""


def agenda(table: Table, chance: random.Random) -> None:
    """Steps of all kinds, each of which people have been in; then in the first."""
    kinds: tuple[StepKind, ...] = ("ideate", "ideate", "group", "vote", "discuss", "decide")
    for id, kind in zip(STEPS, kinds, strict=True):
        blind: Blind = chance.choice(("open", "hosts", "nobody")) if kind == "ideate" else "open"
        anonymous = kind == "ideate" and chance.random() < 0.5
        minutes = chance.choice((0, 5))
        table.do(
            CLAIRE,
            c.AddStep(id, kind, kind, minutes=minutes, blind=blind, anonymous=anonymous, budget=5, cap=3),
        )
        table.do(CLAIRE, c.GoToStep(id))
    for n, id in enumerate(ZONES):
        table.do(CLAIRE, c.AddZone(id, f"Zone {n}"))
    table.do(CLAIRE, c.GoToStep(STEPS[0]))


def history(chance: random.Random) -> list[tuple[str, c.Command]]:
    """What people do, each with the step that it belongs to."""
    done: list[tuple[str, c.Command]] = []
    for n in range(90):
        who = chance.choice((CLAIRE, PAUL, NADIA))
        idea, other = (f"idea:{chance.randrange(max(1, n)):012d}" for _ in range(2))
        step = chance.choice(STEPS[:3])
        commands: list[c.Command] = [
            c.AddIdea(f"idea:{n:012d}", f"idée {n}", step=step, late=True), c.AddIdea(f"idea:{n:012d}", f"idée {n}", step=step, late=True),
            c.EditIdea(idea, f"autrement {n}"), c.MoveIdea(idea, chance.choice(ZONES)), c.MergeIdea(idea, other),
            c.UnmergeIdea(idea), c.RemoveIdea(idea), c.RestoreIdea(idea), c.HidePost(idea), c.ShowPost(idea),
            c.PutDots(STEPS[3], idea, chance.randrange(3)), c.PutDots(STEPS[3], idea, 1), c.AddReaction(idea, "love"),
            c.SayReady(step, on=chance.random() < 0.7), c.RevealStep(step), c.CloseVote(STEPS[3]), c.ReopenVote(STEPS[3]),
            c.CountVote(STEPS[3]), c.AddRemark(f"remark:{n:012d}", idea, "condition", f"si {n}", step),
            c.RemoveRemark(f"remark:{chance.randrange(max(1, n)):012d}"), c.DrawBreakouts(2, texts=[f"sujet {n}"]), c.TakeBreakout(2),
            c.SetTopics(1, 1, about=[idea]), c.SetSpeaker(), c.MarkBest(idea), c.EndBreakouts(),
            c.AddDecision(f"decision:{n:012d}", f"décidé {n}", idea), c.WriteCommitment(f"je {n}"),
        ]  # fmt: skip
        done.append((who, chance.choice(commands)))
    return done


def try_to(table: Table, who: str, command: c.Command) -> str:
    """What is answered."""
    try:
        table.do(who, command)
    except Refusal as refusal:
        return refusal.code.value
    return "done"


def seen(table: Table) -> dict[str, Any]:
    """All that anybody sees, without its times."""

    def bare(records: Any) -> list[dict[str, Any]]:
        told = [{k: v for k, v in msgspec.to_builtins(r).items() if k not in CLOCKS} for r in records]
        return sorted(told, key=lambda record: record["id"])

    return {
        **{audience: bare(table.records(audience).values()) for audience in ("public", "host")},
        **{member: bare(table.own(member)) for member in (CLAIRE, PAUL, NADIA)},
    }


@pytest.mark.parametrize("seed", range(12))
def test_G2_a_workshop_that_walks_about_ends_as_one_that_does_not(seed: int) -> None:
    chance = random.Random(seed)
    still, walking = Table(), Table()
    for table in (still, walking):
        agenda(table, random.Random(seed))
    answers = set()
    for who, command in history(chance):
        here = chance.choice(STEPS)
        for _ in range(chance.randrange(4)):
            walking.do(CLAIRE, c.GoToStep(chance.choice((None, *STEPS))))
        for table in (still, walking):
            table.do(CLAIRE, c.GoToStep(here))
        answers.add(answer := try_to(still, who, command))
        assert try_to(walking, who, command) == answer
        assert seen(walking) == seen(still)
    assert {"done", "not_found"} <= answers
