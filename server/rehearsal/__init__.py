"""Rehearsals and demonstrations: rooms in which people only seem to be there (SPEC H6, H15).

They come, write what fits the step, group, vote, answer and commit, so that a host sees his workshop move before anyone is there, or a
visitor what a workshop is. They see what anyone in their place does, act by commands like anyone, and go when nobody else is there or the time is up.

rehearsals      who is there, and for how long; what each does next is `play`'s
"""

from server.rehearsal.rehearsals import AT_ONCE, Rehearsals

__all__ = ["AT_ONCE", "Rehearsals"]
