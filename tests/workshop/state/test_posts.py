"""Who sees a post, and who may alter it (SPEC C2, C6, I3): the whole table."""

import pytest
from msgspec.structs import replace

from protocol.errors import Code, Refusal
from server.model.kernel import HOST, PUBLIC, Actor, Viewer
from server.workshop.board.ideas import Idea
from server.workshop.state.posts import may_alter, sees, visible

POST = Idea("idea:000000000001", "x", "member:author------", 1)
AUTHOR, PARTICIPANT, HOST_ACTOR = (
    Actor("member:author------", "participant"),
    Actor("m:g", "participant"),
    Actor("m:h", "host"),
)


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("removed", [False, True])
def test_C2_C6_what_is_shared_is_everyones_and_the_rest_its_authors_and_hosts(hidden: bool, removed: bool) -> None:
    post = replace(POST, hidden=hidden, removed=removed)
    shared = not hidden and not removed
    assert sees(post, PUBLIC) is visible(post, PARTICIPANT) is shared
    assert sees(post, HOST)
    assert visible(post, HOST_ACTOR)
    assert visible(post, AUTHOR)
    assert sees(post, Viewer(None, AUTHOR.id)) is not shared  # where the public has it, mine need not
    assert not sees(post, Viewer(None, PARTICIPANT.id))


def test_I3_altering_what_one_cannot_see_is_not_found_and_what_one_can_is_forbidden() -> None:
    for post, code in ((POST, Code.FORBIDDEN), (replace(POST, hidden=True), Code.NOT_FOUND)):
        with pytest.raises(Refusal) as refused:
            may_alter(post, PARTICIPANT)
        assert refused.value.code is code
        may_alter(post, AUTHOR)
        may_alter(post, HOST_ACTOR)
    with pytest.raises(Refusal):
        may_alter(POST, HOST_ACTOR, hosts=False)


def test_an_erased_author_is_nobody() -> None:
    post = replace(POST, author=None, hidden=True)
    assert not visible(post, PARTICIPANT)
    assert not sees(post, Viewer(None, "member:any"))
