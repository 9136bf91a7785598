"""When commands are sent, again and in what order (SPEC D4 to D6, I2, L5)."""

from collections.abc import Callable

import pytest

from client_demo.python.sdk.errors import Refused
from client_demo.python.sdk.outbox import FIRST_PAUSE, LONGEST_PAUSE, WINDOW, Command, Outbox
from client_demo.python.sdk.rate import SHARE

ROOM = "room:aaaaaaaaaaaa"


def outbox(rate: float = 10_000) -> Outbox:
    box = Outbox(ROOM, lambda: 1.0)
    box.grant(rate)
    return box


def give(box: Outbox, id: str, /, cmd: str = "idea.add", **args: str) -> Command:
    command = Command(id, cmd, args or {"id": f"idea:{id}"}, 0, len(box), ignore)
    box.add(command)
    return command


def ignore(_: int | Refused) -> None:
    """The answer is of no interest."""


def sent(box: Outbox, now: float = 0.0) -> list[str]:
    return [do.id for do in iter(lambda: box.next(now), None)]


def test_commands_go_in_the_order_given() -> None:
    box = outbox()
    for id in "abc":
        give(box, id)
    assert sent(box) == ["a", "b", "c"]
    assert sent(box) == []
    assert box.pause(0) is None


def test_after_a_lost_connection_what_was_unanswered_goes_again_with_the_same_ids() -> None:
    box = outbox()
    for id in "abc":
        give(box, id)
    assert sent(box) == ["a", "b", "c"]
    assert box.done("a", 1) is not None
    box.disconnected()
    assert sent(box) == ["b", "c"]


def test_a_second_done_is_no_news() -> None:
    box = outbox()
    give(box, "a")
    sent(box)
    assert box.done("a", 1) is not None
    assert box.done("a", 1) is None
    assert box.done("never given", 1) is None


def test_at_most_a_window_is_outstanding() -> None:
    box = outbox()
    for n in range(WINDOW + 2):
        give(box, f"c{n}")
    assert len(sent(box)) == WINDOW
    box.done("c0", 1)
    assert sent(box) == [f"c{WINDOW}"]


def test_a_command_waits_for_the_one_that_it_is_about() -> None:
    box = outbox()
    give(box, "zone", "zone.add", id="zone:z")
    give(box, "in it", "idea.add", id="idea:i", zone="zone:z")
    give(box, "elsewhere", "idea.add", id="idea:j")
    assert sent(box) == ["zone"]
    box.done("zone", 1)
    assert sent(box) == ["in it", "elsewhere"]


@pytest.mark.parametrize("code", ["paused", "unavailable", "rate_limited"])
def test_a_refusal_with_retry_holds_the_others_until_the_first_is_done(code: str) -> None:
    box = outbox()
    for id in "abc":
        give(box, id)
    sent(box)
    assert box.refused("a", code, True, 0) is None
    assert box.refused("b", "behind", True, 0) is None
    assert box.refused("c", "behind", True, 0) is None
    assert box.held_for == code
    assert box.pause(0) == FIRST_PAUSE
    assert sent(box, FIRST_PAUSE) == ["a"]
    box.done("a", 1)
    assert sent(box, FIRST_PAUSE) == ["b", "c"]


def test_D5_the_done_of_an_earlier_one_does_not_end_the_wait_for_the_refused_one() -> None:
    """Found by a simulated story: new commands went out between the refused one and those that were still to be refused behind it."""
    box = outbox()
    for id in "abc":
        give(box, id)
    sent(box)
    box.refused("b", "unavailable", True, 0)
    give(box, "d")
    box.done("a", 1)
    assert sent(box, LONGEST_PAUSE) == [], "an answer of `c` is outstanding"
    box.refused("c", "behind", True, 0)
    assert sent(box, LONGEST_PAUSE) == ["b"]
    box.done("b", 2)
    assert sent(box, LONGEST_PAUSE) == ["c", "d"]


def test_pauses_double_up_to_a_bound_and_end_when_their_reason_does() -> None:
    box = outbox()
    give(box, "a")
    now, pauses = 0.0, []
    for _ in range(6):
        assert sent(box, now) == ["a"]
        box.refused("a", "unavailable", True, now)
        pauses.append(box.pause(now))
        now += pauses[-1] or 0
    assert pauses == [1, 2, 4, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    sent(box, now)
    box.refused("a", "paused", True, now)
    box.release()
    assert sent(box, now) == ["a"]


@pytest.mark.parametrize("code", ["unavailable", "paused"])
def test_D5_a_room_that_takes_commands_again_ends_a_long_pause_within_a_first_one(code: str) -> None:
    """And once: the next patch does not draw again, or all clients would go at the earliest of many moments."""
    fractions = iter([1.0] * 3 + [0.5, 0.1])
    box = Outbox(ROOM, lambda: next(fractions))
    box.grant(10_000)
    give(box, "a")
    now = 0.0
    for pause in (1.0, 2.0, 4.0):
        sent(box, now)
        box.refused("a", code, True, now)
        assert box.pause(now) == pause
        now += pause
    now -= 3.5
    box.hasten(now)
    box.hasten(now)
    assert box.pause(now) == (0.5 if code == "unavailable" else 3.5)


def test_a_final_refusal_gives_the_command_back() -> None:
    box = outbox()
    command = give(box, "a")
    sent(box)
    assert box.refused("a", "text_empty", False, 0) is command
    assert len(box) == 0


@pytest.mark.parametrize("rate", [5, 30])
def test_commands_leave_a_share_of_the_rate_to_others(rate: float) -> None:
    box = outbox(rate)
    for n in range(1000):
        give(box, f"c{n}")
    now, count = 0.0, 0
    while now < 20:
        for id in sent(box, now):
            box.done(id, 1)
            count += 1
        pause = box.pause(now)
        assert pause is not None
        now += pause
    assert count == pytest.approx(rate * SHARE * 22, abs=2)


def test_related() -> None:
    pairs: list[tuple[Callable[[Outbox], Command], Callable[[Outbox], Command]]] = [
        (lambda box: give(box, "1", "idea.add", id="idea:i"), lambda box: give(box, "2", "reaction.add", on="idea:i")),
        (lambda box: give(box, "1", "idea.add", id="idea:i"), lambda box: give(box, "2", "idea.move", id="idea:j", before="idea:i")),
        (lambda box: give(box, "1", "message.send", id="message:m"), lambda box: give(box, "2", "message.send", id="message:n", reply="message:m")),
        (lambda box: give(box, "1", "idea.move", id="idea:i"), lambda box: give(box, "2", "idea.undo", any="")),
    ]  # fmt: skip
    for first, second in pairs:
        box = outbox()
        first(box)
        second(box)
        assert sent(box) == ["1"]
