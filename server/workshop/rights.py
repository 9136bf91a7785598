"""Who may do what: the one table of role × command (SPEC C).

Where a right depends on whose thing it is (an author edits his own), the table admits the role and the capability asks `may_alter`.
"""

from protocol import commands as c
from server.model.kernel import Event, Role
from server.workshop.agenda.agenda import StepEdited, StepRevealed, StepWent
from server.workshop.board.images import BringImage, DropImages
from server.workshop.board.merges import IdeaMerged, IdeaUnmerged
from server.workshop.board.moderation import PostHidden, PostRefused, PostShown
from server.workshop.board.moves import IdeaRemoved, IdeaRestored, MoveUndone
from server.workshop.board.zones import ZoneRemoved
from server.workshop.imports import Import
from server.workshop.outcome.votes import VoteClosed
from server.workshop.people.breakouts import BreakoutsDrawn, BreakoutsEnded, TopicsSet
from server.workshop.people.people import Claim, Enter
from server.workshop.people.screens import OpenScreen
from server.workshop.people.settings import Create
from server.workshop.talk.sealing import SealMessages

_EVERYONE: frozenset[Role] = frozenset({"host", "participant"})
_HOSTS: frozenset[Role] = frozenset({"host"})
_PARTICIPANTS: frozenset[Role] = frozenset({"participant"})

RIGHTS: dict[type[c.Command], frozenset[Role]] = {
    c.AddIdea: _EVERYONE,
    c.EditIdea: _EVERYONE,
    c.MoveIdea: _EVERYONE,
    c.RemoveIdea: _EVERYONE,
    c.RestoreIdea: _EVERYONE,
    c.UndoIdea: _EVERYONE,
    c.MergeIdea: _EVERYONE,
    c.UnmergeIdea: _EVERYONE,
    c.AddZone: _EVERYONE,
    c.EditZone: _EVERYONE,
    c.RemoveZone: _HOSTS,
    c.SendMessage: _EVERYONE,
    c.EditMessage: _EVERYONE,
    c.RemoveMessage: _EVERYONE,
    c.AddReaction: _EVERYONE,
    c.RemoveReaction: _EVERYONE,
    c.HidePost: _HOSTS,
    c.ShowPost: _HOSTS,
    c.RefusePost: _HOSTS,
    c.MuteAuthor: _HOSTS,
    c.UnmuteAuthor: _HOSTS,
    c.SetRoom: _HOSTS,
    c.SetWordlist: _HOSTS,
    c.RenameMember: _EVERYONE,
    c.RemoveMember: _HOSTS,
    c.EndScreen: _HOSTS,
    c.SetRole: _HOSTS,
    c.SetWeight: _EVERYONE,
    c.DrawBreakouts: _HOSTS,
    c.TakeBreakout: _EVERYONE,
    c.EndBreakouts: _HOSTS,
    c.SetTopics: _HOSTS,
    c.SetSpeaker: _EVERYONE,
    c.MarkBest: _EVERYONE,
    c.AddStep: _HOSTS,
    c.EditStep: _HOSTS,
    c.MoveStep: _HOSTS,
    c.RemoveStep: _HOSTS,
    c.GoToStep: _HOSTS,
    c.RevealStep: _HOSTS,
    c.SayReady: _EVERYONE,
    # Whoever decides on what is proposed proposes nothing.
    c.DealHand: _PARTICIPANTS,
    c.PutHand: _PARTICIPANTS,
    c.AcceptProposals: _HOSTS,
    c.RefuseProposal: _HOSTS,
    c.UndoProposals: _HOSTS,
    # Whoever runs a vote has seen it from above.
    c.PutDots: _PARTICIPANTS,
    c.CloseVote: _HOSTS,
    c.CountVote: _HOSTS,
    c.ReopenVote: _HOSTS,
    c.RevealVote: _HOSTS,
    c.AddDecision: _HOSTS,
    c.EditDecision: _HOSTS,
    c.RemoveDecision: _HOSTS,
    c.AddRemark: _EVERYONE,
    c.EditRemark: _EVERYONE,
    c.RemoveRemark: _EVERYONE,
    c.AddAction: _HOSTS,
    c.EditAction: _EVERYONE,
    c.RemoveAction: _HOSTS,
    c.WriteCommitment: _EVERYONE,
    c.AskPulse: _HOSTS,
    c.AnswerPulse: _EVERYONE,
    c.ClosePulse: _HOSTS,
    c.HideWord: _HOSTS,
    c.AnswerQuestion: _HOSTS,
    c.StartTimer: _HOSTS,
    c.PauseTimer: _HOSTS,
    c.AddTime: _HOSTS,
    c.SetStage: _HOSTS,
    # The server's own, which no frame can name.
    Create: _EVERYONE,
    Enter: _EVERYONE,
    Claim: _EVERYONE,
    OpenScreen: _EVERYONE,
    SealMessages: _EVERYONE,
    BringImage: _EVERYONE,
    DropImages: _EVERYONE,
    Import: _HOSTS,
}

WRITES: frozenset[type[c.Command]] = frozenset(
    {
        c.AddIdea,
        c.EditIdea,
        c.MoveIdea,
        c.RemoveIdea,
        c.RestoreIdea,
        c.UndoIdea,
        c.MergeIdea,
        c.UnmergeIdea,
        c.AddZone,
        c.EditZone,
        c.SendMessage,
        c.EditMessage,
        c.AddReaction,
        c.RemoveReaction,
        c.AddRemark,
        c.EditRemark,
        BringImage,
    }
)
"""What a pause of writing stops (SPEC C7). Taking one's own message back is always possible."""


HEAVY: frozenset[type[c.Command]] = frozenset(
    {
        c.DrawBreakouts, c.EndBreakouts, c.SetTopics, c.EditStep, c.GoToStep, c.RevealStep, c.RemoveStep, c.CloseVote, c.ReopenVote, c.RevealVote,
        c.AcceptProposals, c.UndoProposals, c.RemoveZone, c.RemoveMember, c.EndScreen, Import,
    }
)  # fmt: skip
"""What may touch as many things as a room holds: alone in its commit, and decided beside, so that the worker's other rooms have
their turn (SPEC L6)."""

HEAVY_EVENTS: frozenset[type[Event]] = frozenset(
    {BreakoutsDrawn, BreakoutsEnded, TopicsSet, StepEdited, StepRevealed, StepWent, VoteClosed, ZoneRemoved}
)
"""What may lead to a state in which as many things are others."""

WIDE_EVENTS: frozenset[type[Event]] = HEAVY_EVENTS | {
    IdeaMerged, IdeaRemoved, IdeaRestored, IdeaUnmerged, MoveUndone, PostHidden, PostRefused, PostShown,
}  # fmt: skip
"""What may make as many things look different: the ballots of all who voted for an idea."""
