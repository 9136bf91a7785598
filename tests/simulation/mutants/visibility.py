"""Bugs in who reads what: posts, names, tables, decisions, people."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from protocol.records import Record
from server.admission.rooms import Rooms
from server.images.memory import MemoryImages
from server.live.channel import Channel
from server.model.kernel import Actor, Render, State, Viewer
from server.workshop import model, signals
from server.workshop.board import standing
from server.workshop.board.ideas import Idea
from server.workshop.model import WORKSHOP
from server.workshop.outcome import remarks
from server.workshop.outcome.decisions import Commitment
from server.workshop.people import people
from server.workshop.people.people import Enter
from server.workshop.state import posts
from server.workshop.state.decided import Decision
from tests.simulation.mutants.planting import mutant, patched, rendered


@mutant
def hidden_posts_are_rendered() -> Iterator[None]:
    """C6: the public layer shows what is in review."""

    def leaky(post: posts.Post, viewer: Any) -> bool:
        return sees(post, viewer) or (viewer.owner is None and post.hidden)

    sees = posts.sees
    with patched(posts, "sees", leaky):
        yield


@mutant
def hosts_read_what_nobody_may() -> Iterator[None]:
    """G3: blind to all, hosts included."""

    def leaky(post: posts.Post, viewer: Viewer) -> bool:
        return sees(post, viewer) or (viewer.audience == "host" and post.reader == "nobody")

    sees = posts.sees
    with patched(posts, "sees", leaky):
        yield


@mutant
def authors_without_a_name_are_named() -> Iterator[None]:
    """G4: an alias is a name, too."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        seen, idea = render(state, id, viewer), state.get(id)
        return replace(seen, author=idea.author) if seen and isinstance(idea, Idea) else seen

    with rendered("idea", careless):
        yield


@mutant
def ideas_without_a_name_tell_their_table() -> Iterator[None]:
    """T3: where one sat when one still had a name."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        seen, idea = render(state, id, viewer), state.get(id)
        return replace(seen, breakout=idea.breakout) if seen and isinstance(idea, Idea) else seen

    with rendered("idea", careless):
        yield


@mutant
def what_was_merged_is_its_authors_alone() -> Iterator[None]:
    """G13: it stays a record of everyone's."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        idea = state.get(id)
        return (
            None if viewer.audience == "public" and isinstance(idea, Idea) and idea.into else render(state, id, viewer)
        )

    with rendered("idea", careless):
        yield


@mutant
def quotes_outlive_what_they_quote() -> Iterator[None]:
    """K1."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        seen, decision = render(state, id, viewer), state.get(id)
        return replace(seen, quote=decision.quote) if seen and isinstance(decision, Decision) else seen

    with rendered("decision", careless):
        yield


@mutant
def remarks_outlive_what_they_are_on() -> Iterator[None]:
    """K5: they are seen when what they are on is not."""
    with patched(remarks, "is_read", lambda state, thing: True), patched(model, "is_read", lambda state, thing: True):
        yield


@mutant
def remarks_stay_when_their_idea_goes() -> Iterator[None]:
    """K5: nobody looks at them when it is hidden, or back."""
    with patched(standing, "shown_with", lambda before, after, things: ()):
        yield


@mutant
def all_commitments_are_shared() -> Iterator[None]:
    """K3."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        it = state.get(id)
        return render(state, id, Viewer(None, it.author) if isinstance(it, Commitment) and not it.shared else viewer)

    with rendered("commitment", careless):
        yield


@mutant
def who_is_muted_is_marked_on_all_he_wrote() -> Iterator[None]:
    """M2: hosts learn which posts have one author."""

    def leaky(state: State, post: posts.Post, viewer: Viewer) -> bool:
        return viewer.audience == "host" and post.author in posts.muted(state)

    with patched(posts, "marked_muted", leaky):
        yield


@mutant
def who_was_removed_comes_back() -> Iterator[None]:
    """M3."""

    def forgiving(state: State, member: str) -> None:
        pass

    async def hasty(self: Rooms, channel: Channel, member: str, name: str, role: Any) -> None:
        await self._hub.submit(channel, member, f"enter-{member}", Enter(member, name, role), Actor(member, role))

    with (
        patched(WORKSHOP, "check_not_out", forgiving),
        patched(people, "check_not_removed", forgiving),
        patched(Rooms, "_enter", hasty),
    ):
        yield


@mutant
def the_screen_hears_who_types() -> Iterator[None]:
    """P3."""

    def careless(state: State, actor: Any, kind: str, fields: dict[str, Any]) -> Any:
        said = relay(state, actor, kind, fields)
        return said._replace(screen=said.people)

    relay = signals.relay
    with patched(model, "relay", careless):
        yield


@mutant
def proposals_are_everyones() -> Iterator[None]:
    """G16: what three agree on is for hosts."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        return render(state, id, viewer._replace(audience="host") if viewer.audience else viewer)

    with rendered("proposal", careless):
        yield


@mutant
def hands_are_everyones() -> Iterator[None]:
    """G16: what somebody was dealt is theirs."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        return render(state, id, viewer if viewer.owner else Viewer(None, f"alias:{id.partition(':')[2]}"))

    with rendered("hand", careless):
        yield


@mutant
def proposals_outlive_what_they_rest_on() -> Iterator[None]:
    """G16: nobody looks at them when an idea is hidden, merged, or back."""
    with patched(standing, "proposing", lambda after, things: ()):
        yield


@mutant
def images_are_had_by_their_address() -> Iterator[None]:
    """B4: whoever knows where one is has it, whatever it is on."""

    async def careless(self: Rooms, bearer: Any, stream: str, image: str) -> bool:
        return image in (await self._hub.channel(stream)).room.layers.state

    with patched(Rooms, "shows_image", careless):
        yield


@mutant
def bytes_of_images_stay() -> Iterator[None]:
    """B3: what was taken off an idea is forgotten, and lies there for ever."""

    async def careless(self: MemoryImages, keys: Any) -> None:
        pass

    with patched(MemoryImages, "drop", careless):
        yield
