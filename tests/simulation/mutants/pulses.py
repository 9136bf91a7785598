"""Bugs in what is shown of answers."""

from collections.abc import Iterator
from unittest import mock

from msgspec.structs import replace

from protocol.records import Record
from server.model.kernel import Render, State, Viewer
from server.workshop.model import WORKSHOP
from server.workshop.outcome import pulses, tally
from tests.simulation.mutants.planting import mutant, patched, rendered


@mutant
def a_few_answers_are_shown() -> Iterator[None]:
    """U3: each as it comes."""
    with patched(pulses, "FEW", 1):
        yield


@mutant
def answers_that_are_all_alike_are_shown() -> Iterator[None]:
    """U3: from ten only."""
    with patched(pulses, "ALIKE", 5):
        yield


@mutant
def a_few_second_thoughts_are_shown() -> Iterator[None]:
    """U3: with the next five."""

    def careless(before: State, event: pulses.PulseAnswered) -> State:
        state = answered(before, event)
        pulse = state.get(event.id)
        if not isinstance(pulse, pulses.Pulse) or not pulse.left.total:
            return state
        return state.set(pulse.id, pulses._thoughts_shown(pulse))

    answered, touched = WORKSHOP.folds[pulses.PulseAnswered]
    with mock.patch.dict(WORKSHOP.folds, {pulses.PulseAnswered: (careless, touched)}):
        yield


@mutant
def those_who_wait_to_be_shown_are_counted() -> Iterator[None]:
    """U3: nobody, too few and too much alike look the same."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        record, pulse = render(state, id, viewer), state.get(id)
        return replace(record, answers=pulse.answers) if record and isinstance(pulse, pulses.Pulse) else record

    with rendered("pulse", careless):
        yield


@mutant
def answers_are_shown_to_hosts() -> Iterator[None]:
    """U2."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        tail = id.partition(":")[2]
        return render(state, id, Viewer(None, f"alias:{tail}") if viewer.audience == "host" else viewer)

    with rendered("answer", careless):
        yield


@mutant
def words_that_hosts_hid_are_told_to_all() -> Iterator[None]:
    """U11: they are in `hidden`, for hosts alone."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        return render(state, id, Viewer("host", None) if viewer.audience == "public" else viewer)

    with rendered("pulse", careless):
        yield


@mutant
def who_write_something_of_their_own_are_of_many_minds() -> Iterator[None]:
    """U10: of five who all did it would be told that each of them did."""

    def careless(pulse: pulses.Pulse, answers: tally.Tally) -> bool:
        if not pulse.other or pulse.several:
            return tells_of_nobody(pulse, answers)
        most = max((n for _, n in answers), default=0)
        return answers.total >= pulses.ALIKE or (answers.total >= pulses.FEW and most < answers.total - 1)

    tells_of_nobody = pulses._tells_of_nobody
    with patched(pulses, "_tells_of_nobody", careless):
        yield
