"""Questions of the room: what people write in a step of that kind, support, and hosts answer (SPEC U12, U13).

A question is an idea, a support a reaction, and what is being answered is what hosts put on the stage: only that it was answered is said here.
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import ThingId
from server.model.kernel import Capability, Context, Event, State, Touch, get
from server.workshop.board.ideas import Idea, idea_for
from server.workshop.state import posts
from server.workshop.state.steps import asks_in


class QuestionAnswered(Event, frozen=True, gc=False, tag="question.answered"):
    """Or, after all, not."""

    id: ThingId
    answered: bool = True


def _answer(state: State, command: c.AnswerQuestion, context: Context) -> Sequence[Event]:
    idea = idea_for(state, command.id, context.actor)
    if not asks_in(state, idea.step):
        raise Refusal(Code.INVALID, "expected a question of the room")
    return [] if idea.answered is command.answered else [QuestionAnswered(idea.id, command.answered)]


def _answered(state: State, event: QuestionAnswered) -> State:
    idea = get(state, event.id, Idea)
    return state.set(idea.id, replace(idea, answered=event.answered)) if idea else state


def _touch(before: State, after: State, event: QuestionAnswered) -> Sequence[Touch]:
    return posts.touch(before, after, event.id)


QUESTIONS_CAPABILITY: Final = Capability(
    decide={c.AnswerQuestion: _answer},
    events={QuestionAnswered: (_answered, _touch)},
)
