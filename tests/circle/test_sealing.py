"""What is old leaves a circle's state, a thread at a time, and comes back when somebody names it (COMMUNITIES.md, TH12 to TH14)."""

import pytest

from protocol import circles as p
from protocol.commands import Command
from protocol.errors import Code
from server.circle import sealing
from server.circle.model import AUDIENCES, CIRCLE
from server.circle.sealing import SealThreads, ThreadRecalled
from server.circle.state import Post, thread
from server.circle.thread import PostAdded
from server.live.batch import SYSTEM
from server.live.layers import Layers, dump, load
from server.live.projector import parts
from server.model.kernel import State, Viewer
from tests.circle.table import CLAIRE, NADIA, PAUL, Table, post


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "KEPT", 5)
    monkeypatch.setattr(sealing, "SLACK", 2)


def say(table: Table, *numbers: int) -> None:
    """Paul begins threads."""
    for n in numbers:
        table.do(PAUL, p.AddPost(post(n), f"fil {n}"))


def past() -> Table:
    """Threads 1 to 3 are sealed: 1 with a reply (11) and thanks of Nadia, 2 hidden, 3 removed but for a reply (13)."""
    table = Table()
    say(table, 1, 2, 3)
    table.do(NADIA, p.AddPost(post(11), "réponse", post(1)))
    table.do(NADIA, p.ThankPost(post(1)))
    table.do(CLAIRE, p.HideFromCircle(post(2), "hors sujet"))
    table.do(NADIA, p.AddPost(post(13), "réponse", post(3)))
    table.do(PAUL, p.RemovePost(post(3)))
    say(table, *range(21, 26))
    table.seal()
    assert not {post(n) for n in (1, 2, 3, 11, 13)} & set(table.state)
    return table


def live(table: Table) -> set[str]:
    return {id for id in table.state if id.startswith("post:")}


def test_TH12_the_newest_threads_stay_with_their_replies() -> None:
    table = Table()
    for n in range(1, 13):
        say(table, n)
        table.do(NADIA, p.AddPost(post(100 + n), "réponse", post(n)))
        table.seal()
    kept = {post(n) for n in range(7, 13)}
    assert live(table) == kept | {post(100 + n) for n in range(7, 13)}
    assert {id for id in table.records("everyone") if id.startswith("post:")} == live(table)
    assert table.sealed.keys() == {post(n) for n in (*range(1, 7), *range(101, 107))}


def test_TH12_a_thread_is_as_new_as_what_was_last_written_in_it() -> None:
    table = Table()
    say(table, *range(1, 7))
    table.do(NADIA, p.AddPost(post(101), "réponse", post(1)))
    say(table, 7)
    table.seal()
    assert live(table) == {post(n) for n in (1, 4, 5, 6, 7, 101)}


def test_TH12_what_is_pinned_stays() -> None:
    table = Table()
    say(table, 1)
    table.do(CLAIRE, p.PinPost(post(1)))
    for n in range(2, 12):
        say(table, n)
        table.seal()
    assert post(1) in table.state
    assert len(live(table)) <= sealing.KEPT + sealing.SLACK
    table.do(CLAIRE, p.UnpinPost(post(1)))
    table.seal()
    assert post(1) not in table.state


def test_sealing_waits_for_its_slack_and_has_a_name_of_its_own_each_time() -> None:
    table, names = Table(), list[str]()
    for n in range(1, 40):
        say(table, n)
        if n % 7 == 0:
            table.do(NADIA, p.ThankPost(post(1)))
        if due := CIRCLE.due(table.state):
            names.append(due.id)
            table.seal()
    assert len(names) == len(set(names)) > 15
    assert table.commit((SealThreads(), SYSTEM)) == []
    assert table.commits[-1] == []


def test_TH12_so_many_posts_leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 4)
    table = Table()
    say(table, 1, 2, 3)
    for n in range(5):
        table.do(NADIA, p.AddPost(post(100 + n), "réponse", post(2)))
    say(table, *range(4, 8))
    for n in range(3):
        table.do(NADIA, p.AddPost(post(110 + n), "réponse", post(1)))
    say(table, 8)
    monkeypatch.setattr(sealing, "KEPT", 2)
    monkeypatch.setattr(sealing, "SLACK", 0)
    before = len(table.commits)
    while (due := CIRCLE.due(table.state)) and len(table.commits) < before + 9:
        table.commit((due.command, SYSTEM))
    sizes = [len(event.seals) for events in table.commits[before:] for event in events]
    assert max(sizes) == 6  # one thread, which is larger
    assert live(table) >= {post(8), post(1), post(110)}


def test_TH13_a_sealed_thread_comes_back_whole_as_it_was() -> None:
    table = past()
    was = {id: table.sealed[id] for id in (post(1), post(11))}
    events = table.do(PAUL, p.AddPost(post(31), "de retour", post(1)))
    assert [type(event) for event in events] == [ThreadRecalled, PostAdded]
    first, reply = table.state[post(1)], table.state[post(11)]
    assert isinstance(first, Post)
    assert reply == was[post(11)]
    assert first.thanked == (NADIA,)
    assert first.replies == (post(11), post(31))
    record = table.post(NADIA, post(1))
    assert record is not None
    assert (record.replies, record.thanks, record.n) == (2, 1, 1)
    assert "thanks:000000000001" in table.sees(NADIA)


@pytest.mark.parametrize(
    ("person", "command"),
    [
        (CLAIRE, p.ThankPost(post(11))),
        (NADIA, p.UnthankPost(post(1))),
        (NADIA, p.EditPost(post(11), "autrement")),
        (NADIA, p.RemovePost(post(11))),
        (CLAIRE, p.PinPost(post(1))),
        (CLAIRE, p.HideFromCircle(post(11), "x")),
        (CLAIRE, p.RemovePost(post(1))),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Command) else each[7:11],
)
def test_TH13_whatever_names_it_does_what_it_would_have_done(person: str, command: Command) -> None:
    table, never = past(), Table()
    say(never, 1)
    never.do(NADIA, p.AddPost(post(11), "réponse", post(1)))
    never.do(NADIA, p.ThankPost(post(1)))
    table.do(person, command)
    never.do(person, command)

    def without_time(state: State) -> list[object]:
        posts = [state[id] for id in (post(1), post(11)) if id in state]
        return [{**{f: getattr(each, f) for f in each.__struct_fields__}, "n": 0, "at": 0, "turn": 0, "last": 0} for each in posts]  # fmt: skip

    assert without_time(table.state) == without_time(never.state)


def test_TH13_what_changes_nothing_brings_nothing_back() -> None:
    table = past()
    for nothing in (p.ThankPost(post(1)), p.EditPost(post(11), "réponse")):
        assert table.do(NADIA, nothing) == []
    refused: list[tuple[Code, Command]] = [
        (Code.FORBIDDEN, p.ThankPost(post(1))),
        (Code.FORBIDDEN, p.EditPost(post(11), "x")),
        (Code.INVALID, p.AddPost(post(31), "x", post(11))),
    ]
    for code, command in refused:
        assert table.refused(PAUL, command) is code


def test_I3_a_sealed_post_that_was_hidden_or_removed_is_not_there() -> None:
    table = past()
    hers: list[Command] = [p.ThankPost(post(2)), p.AddPost(post(31), "x", post(2)), p.RemovePost(post(2))]
    his: list[Command] = [p.ThankPost(post(3)), p.EditPost(post(3), "x")]
    for person, command in (*((NADIA, each) for each in hers), *((PAUL, each) for each in his)):
        assert table.refused(person, command) is Code.NOT_FOUND
    table.do(CLAIRE, p.ShowToCircle(post(2)))
    assert table.post(NADIA, post(2)) is not None
    table.do(PAUL, p.AddPost(post(31), "x", post(3)))
    stub = table.post(PAUL, post(3))
    assert stub is not None
    assert (stub.text, stub.replies) == ("", 2)


def test_I1_the_id_of_a_sealed_post_stays_taken() -> None:
    table = past()
    for n in (1, 2, 3, 11):
        assert table.refused(NADIA, p.AddPost(post(n), "usurpé")) is Code.ID_TAKEN


def test_TH13_what_lies_there_still_of_what_came_back_is_not_what_is() -> None:
    """As it was when it was sealed, it would say that it is there, and whole."""
    table = past()
    table.do(NADIA, p.EditPost(post(11), "corrigé"))
    table.do(NADIA, p.RemovePost(post(11)))
    assert post(11) in table.sealed
    assert table.refused(CLAIRE, p.ThankPost(post(11))) is Code.NOT_FOUND
    table.do(CLAIRE, p.HideFromCircle(post(1), "x"))
    assert table.refused(NADIA, p.UnthankPost(post(1))) is Code.NOT_FOUND
    say(table, *range(31, 40))
    table.seal()
    assert post(1) not in table.state
    assert table.refused(NADIA, p.UnthankPost(post(1))) is Code.NOT_FOUND
    table.do(CLAIRE, p.ShowToCircle(post(1)))
    record = table.post(PAUL, post(1))
    assert record is not None
    assert (record.replies, record.thanks) == (0, 1)


def test_S8_what_was_hidden_when_it_was_sealed_comes_back_unseen() -> None:
    table = Table()
    say(table, 1)
    table.do(NADIA, p.AddPost(post(11), "SECRET", post(1)))
    table.do(CLAIRE, p.HideFromCircle(post(11), "x"))
    say(table, *range(21, 28))
    table.seal()
    seq = table.layers.seq
    table.do(PAUL, p.EditPost(post(1), "autre"))
    for audience in ("everyone", "index"):
        changes = table.layers.shared[audience].since(seq)
        assert changes is not None
        assert ([record.id for record in changes.put], list(changes.gone)) == ([post(1)], [])
    assert {record.id for record in table.layers.own(NADIA)} >= {post(11)}


def test_TH13_what_is_hidden_or_removed_as_it_comes_back_is_told_to_be_gone() -> None:
    """No layer holds it, but pages and clients may."""
    for command in (p.HideFromCircle(post(1), "x"), p.RemovePost(post(11))):
        table = past()
        seq = table.layers.seq
        table.do(CLAIRE, command)
        gone = {post(1), post(11)} if isinstance(command, p.HideFromCircle) else {post(11)}
        for audience in AUDIENCES:
            changes = table.layers.shared[audience].since(seq)
            assert changes is not None
            hidden = isinstance(command, p.HideFromCircle) and audience == "animators"
            assert set(changes.gone) == (set() if hidden else gone)
        assert table.post(CLAIRE, post(1)) is not None


class Rows:
    """What is paged and searched, as the projector keeps it."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.upto = 0

    def bring(self, table: Table, layers: Layers | None = None) -> None:
        layers = layers or table.layers
        for part in parts(layers, self.upto):
            for id in part.gone:
                self.rows.pop(id, None)
            put = [(record.id, record) for record in part.put]
            assert len(put) == len(dict(put)), "a statement puts a row once"
            for id, _ in part.sealed:
                record = CIRCLE.render(State({id: table.sealed[id]}), id, Viewer(CIRCLE.kept))
                if record is not None:
                    put.append((id, record))
            for id, record in put:
                found = CIRCLE.index(record)
                if found:
                    self.rows[id] = found.text
        self.upto = layers.seq
        table.layers.have_projected(self.upto)


def all_texts(table: Table) -> dict[str, str]:
    """What is there to be read, in the state and in the past."""
    posts = {**table.sealed, **table.state}
    return {id: post.text for id, post in posts.items() if isinstance(post, Post) and post.is_open}


@pytest.mark.parametrize("often", [True, False])
def test_TH14_pages_hold_what_was_sealed_and_follow_what_came_back(often: bool) -> None:
    table, rows = Table(), Rows()
    for n in range(1, 30):
        say(table, n)
        if often:
            rows.bring(table)
        table.seal()
        if n % 4 == 0:
            table.do(PAUL, p.EditPost(post(n // 4), f"repris {n}"))
        if n % 9 == 0:
            table.do(CLAIRE, p.HideFromCircle(post(n // 9), "x"))
        if n == 20:
            table.do(PAUL, p.RemovePost(post(9)))
    rows.bring(table)
    assert rows.rows == all_texts(table)
    assert len(rows.rows) == 25


def test_TH14_a_circle_opened_from_a_snapshot_brings_the_pages_on() -> None:
    table, rows = past(), Rows()
    rows.bring(table)
    say(table, *range(31, 35))
    table.seal()
    layers = load(CIRCLE, dump(table.layers))
    layers.trail.lost_before = 0  # nothing of it is asked here
    rows.bring(table, layers)
    assert rows.rows == all_texts(table)


def test_the_state_says_how_many_lie_in_it() -> None:
    table = past()
    table.do(CLAIRE, p.ThankPost(post(11)))
    now = thread(table.state)
    assert (now.live, now.held) == (6, 7)
