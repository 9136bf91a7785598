"""Bugs in the secrecy of ballots and in where dots lie."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from msgspec.structs import replace

from protocol.records import Record
from server.model.kernel import HOST, Context, Event, Render, State, Viewer, get
from server.workshop.board import standing
from server.workshop.board.ideas import Idea
from server.workshop.outcome import votes
from server.workshop.people import people
from server.workshop.state import ballots
from server.workshop.state.ballots import owner_of
from server.workshop.state.steps import Step
from tests.simulation.mutants.planting import mutant, patched, rendered


@mutant
def ballots_are_shown_to_hosts() -> Iterator[None]:
    """V2."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        return render(state, id, Viewer(None, owner_of(id)) if viewer.audience == "host" else viewer)

    with rendered("ballot", careless):
        yield


@mutant
def results_are_shown_when_the_vote_is_closed() -> Iterator[None]:
    """V3: closing and revealing are two things."""
    with rendered("result", lambda render, state, id, viewer: render(state, id, HOST)):
        yield


@mutant
def hosts_see_the_result_before_they_look() -> Iterator[None]:
    """V3: so the vote might be reopened once it is known."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        result = get(state, id, ballots.Result)
        step = get(state, result.step, Step) if result else None
        return render(state.set(step.id, replace(step, counted=True)) if step else state, id, viewer)

    with rendered("result", careless):
        yield


@mutant
def ballots_do_not_change_with_what_they_lie_on() -> Iterator[None]:
    """V4: what was hidden or merged gives dots back."""
    with ExitStack() as stack:
        for module in (standing, ballots):
            stack.enter_context(patched(module, "touched", lambda state, things: ()))
        yield


@mutant
def a_large_table_counts_unasked() -> Iterator[None]:
    """V5: whoever says so has as many votes."""

    def careless(member: people.Member, weight: int, asked: int = 0) -> Sequence[Event]:
        return weighing(member, asked or weight)

    weighing = people._weighing
    with patched(people, "_weighing", careless):
        yield


@mutant
def anybody_says_for_how_many_a_phone_answers() -> Iterator[None]:
    """V5: a participant for another, or for himself by his own id."""

    def careless(state: State, id: str, size: int, context: Context) -> Sequence[Event]:
        return confirm(state, id, size, context._replace(actor=context.actor._replace(role="host")))

    confirm = people._confirm_weight
    with patched(people, "_confirm_weight", careless):
        yield


@mutant
def dots_stay_in_what_is_gone() -> Iterator[None]:
    """G13, V4: where ideas stand was asked without asking who reads what they were merged into."""

    def careless(state: State, id: str) -> str | None:
        idea = state.get(id)
        while isinstance(idea, Idea) and isinstance(into := state.get(idea.into or ""), Idea):
            idea = into
        return idea.id if isinstance(idea, Idea) and idea.is_open else None

    with patched(votes, "standing", careless):
        yield
