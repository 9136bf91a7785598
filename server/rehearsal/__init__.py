"""A rehearsal: a room of its own with the agenda of another, and people who only seem to be there (SPEC H6).

They come, write what fits the step, group, vote, answer and commit, so that a host sees his workshop move before anyone is there. They
see public records only, act by commands like anyone, and go when the host has gone or the time is up; his real room has seen nothing of
it.

rehearsals      who is there, and for how long
person          what one of them does next: pure, but for chance
lines           what they say, by language
"""

from server.rehearsal.rehearsals import AT_ONCE, Rehearsals

__all__ = ["AT_ONCE", "Rehearsals"]
