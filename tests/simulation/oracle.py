"""What may be seen, told from the journal alone: by rules of its own, not by the server's `render`.

A frame that names a seq may hold what its audience sees at that seq, and nothing else (SPEC R3, C2, C6).
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from server.domain import room as rules
from server.domain.events import FORMAT
from server.domain.kernel import EMPTY, Audience, State
from server.domain.messages import MessageRemoved
from server.domain.people import Member
from server.domain.posts import Post
from server.domain.reactions import Reactions, counts
from server.journal.port import Commit
from tests.simulation.people import MARKER

AUDIENCES: tuple[Audience, ...] = ("public", "host")


class Sight(NamedTuple):
    """At one seq: what each audience sees, and who is a host."""

    texts: dict[Audience, frozenset[bytes]]
    hosts: frozenset[str]


class History:
    """The commits of one incarnation, looked at one after the other.

    Attributes:
        sights: by seq; that of seq 0 is empty.
        authors: by marker.
        revised: per audience, id → the seq that last changed it for this audience (SPEC S8).
        went: per audience, id → the seqs at which it ceased to be seen.
    """

    def __init__(self) -> None:
        nothing: dict[Audience, frozenset[bytes]] = {audience: frozenset() for audience in AUDIENCES}
        self.sights = [Sight(nothing, frozenset())]
        self.authors: dict[bytes, str | None] = {}
        self.revised: dict[Audience, dict[str, int]] = {audience: {} for audience in AUDIENCES}
        self.went: dict[Audience, dict[str, list[int]]] = {audience: {} for audience in AUDIENCES}
        self.state: State = EMPTY
        self._views: dict[Audience, dict[str, object]] = {audience: {} for audience in AUDIENCES}
        self._texts: dict[Audience, dict[str, bytes]] = {audience: {} for audience in AUDIENCES}

    def follow(self, commits: Sequence[Commit]) -> None:
        """Look at those that are new."""
        for commit in commits[len(self.sights) - 1 :]:
            self._fold(commit)

    def _fold(self, commit: Commit) -> None:
        before = self.state
        for event in rules.EVENTS.decode(FORMAT, commit.events):
            self.state = rules.evolve(self.state, event)
            if isinstance(event, MessageRemoved) and event.late:
                for audience in AUDIENCES:  # it was sealed, and all could read it
                    self.went[audience].setdefault(event.id, []).append(commit.seq)
        touched = {id for id, entity in self.state.items() if before.get(id) is not entity}
        if len(self.state) < len(before) + sum(id not in before for id in touched):
            touched |= {id for id in before if id not in self.state}
        changed = [self.state.get(id) or before[id] for id in touched]
        touched |= {entity.on for entity in changed if isinstance(entity, Reactions)}
        for id in touched:
            self._look(id, commit.seq)
        last = self.sights[-1]
        hosts = last.hosts
        if any(isinstance(entity, Member) for entity in changed):
            hosts = frozenset(e.id for e in self.state.values() if isinstance(e, Member) and e.role == "host")
        texts = {audience: frozenset(self._texts[audience].values()) for audience in AUDIENCES}
        self.sights.append(Sight(texts, hosts))

    def _look(self, id: str, seq: int) -> None:
        post = self.state.get(id)
        for audience in AUDIENCES:
            views, texts = self._views[audience], self._texts[audience]
            if not isinstance(post, Post) or (audience == "public" and (post.hidden or post.removed)):
                if views.pop(id, None) is not None:
                    self.went[audience].setdefault(id, []).append(seq)
                texts.pop(id, None)
                self.revised[audience].pop(id, None)
                continue
            plain = replace(post, moves=0) if hasattr(post, "moves") else post
            view = plain, counts(self.state, id)
            if views.get(id) != view:
                views[id] = view
                self.revised[audience][id] = seq
            if (marker := MARKER.search(post.text.encode())) is not None:
                texts[id] = marker[0]
                self.authors[marker[0]] = post.author
            else:
                texts.pop(id, None)
