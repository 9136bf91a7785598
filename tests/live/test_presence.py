"""Who is present, here and on other workers (SPEC P1)."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.messages import People
from server.live.presence import LEASE, LISTED, RENEWAL, Presence

ROOM = "room:aaaaaaaaaaaa"


class Viewer:
    """A client that applies frames about people."""

    def __init__(self, whole: People) -> None:
        self.count, self.ids = 0, set[str]()
        self.apply(whole)

    def apply(self, message: People | None) -> None:
        if message is not None:
            self.count = message.count
            self.ids = (set() if message.reset else self.ids) | {person.id for person in message.put}
            self.ids -= set(message.del_)


def test_P1_a_member_with_several_connections_counts_once() -> None:
    presence = Presence()
    for _ in range(3):
        presence.came("a")
    presence.came("b")
    assert len(presence) == 2
    presence.went("a")
    assert len(presence) == 2
    presence.went("a")
    presence.went("a")
    presence.went("a")  # a late close of what is gone already
    assert len(presence) == 1


def test_P1_up_to_sixty_are_named_and_beyond_it_counted() -> None:
    presence = Presence()
    viewer = Viewer(presence.whole(ROOM))
    for n in range(LISTED):
        presence.came(f"m{n}")
    viewer.apply(presence.changes(ROOM))
    assert viewer.count == len(viewer.ids) == LISTED
    presence.came("one more")
    change = presence.changes(ROOM)
    assert change is not None
    assert change.reset
    assert not change.put
    viewer.apply(change)
    assert (viewer.count, viewer.ids) == (LISTED + 1, set())
    presence.came("two more")
    change = presence.changes(ROOM)
    assert change == People(ROOM, LISTED + 2)
    presence.went("one more")
    presence.went("two more")
    viewer.apply(presence.changes(ROOM))
    assert viewer.count == len(viewer.ids) == LISTED


def test_P1_nothing_changed_is_nothing_said() -> None:
    presence = Presence()
    assert presence.changes(ROOM) is None
    presence.came("a")
    presence.went("a")
    assert presence.changes(ROOM) is None


def test_P1_a_worker_that_says_no_more_is_forgotten() -> None:
    """PITFALLS 14: a killed worker's people vanish by themselves."""
    presence = Presence()
    presence.came("here")
    presence.heard("w2", ["there"], 1, now=100)
    assert len(presence) == 2
    presence.heard("w2", ["there"], 1, now=100 + RENEWAL)
    presence.expire(100 + LEASE)
    assert len(presence) == 2
    presence.expire(100 + RENEWAL + LEASE)
    assert len(presence) == 1


def test_P1_a_member_on_two_workers_counts_once() -> None:
    presence = Presence()
    presence.came("a")
    presence.heard("w2", ["a", "b"], 2, now=0)
    assert len(presence) == 2
    assert [person.id for person in presence.whole(ROOM).put] == ["a", "b"]
    presence.heard("w2", [], 0, now=1)
    assert len(presence) == 1


def test_P1_a_word_of_hundreds_names_nobody_and_counts() -> None:
    crowded, other = Presence(), Presence()
    for n in range(300):
        crowded.came(f"m{n}")
    ids, count = crowded.lease()
    assert (ids, count) == ([], 300)
    other.came("x")
    other.heard("w1", ids, count, now=0)
    assert len(other) == 301
    assert other.whole(ROOM).put == []


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("came"), st.integers(0, 130)),
            st.tuples(st.just("went"), st.integers(0, 130)),
            st.tuples(st.just("crowd"), st.integers(80, 130)),
            st.tuples(st.just("heard"), st.integers(0, 120)),
            st.tuples(st.just("time"), st.integers(1, 20)),
            st.tuples(st.just("flush"), st.just(0)),
        ),
        max_size=40,
    )
)
def test_P1_changes_add_up_to_the_whole(steps: list[tuple[str, int]]) -> None:
    presence, now = Presence(), 0.0
    viewer = Viewer(presence.whole(ROOM))
    for step, n in steps:
        match step:
            case "came":
                presence.came(f"m{n}")
            case "went":
                presence.went(f"m{n}")
            case "crowd":
                for k in range(n):
                    presence.came(f"m{k}")
            case "heard":
                presence.heard(f"w{n % 3}", [f"m{k}" for k in range(n)], n, now)
            case "time":
                now += n
                presence.expire(now)
            case _:
                viewer.apply(presence.changes(ROOM))
    viewer.apply(presence.changes(ROOM))
    late = Viewer(presence.whole(ROOM))
    assert (viewer.count, viewer.ids) == (late.count, late.ids)


def test_everyone_is_known_unless_another_worker_only_counts_its_own() -> None:
    presence = Presence()
    for n in range(3 * LISTED):
        presence.came(f"m{n}")
    presence.heard("other", ["x", "m1"], 2, 0)
    assert presence.known() == frozenset((*(f"m{n}" for n in range(3 * LISTED)), "x"))
    presence.heard("other", [], 3 * LISTED, 0)
    assert presence.known() is None
    presence.expire(LEASE)
    assert presence.known() == frozenset(f"m{n}" for n in range(3 * LISTED))
