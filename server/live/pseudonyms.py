"""Under which names the people who are here own records: each his id, and an alias in every step that people have been in."""

from collections.abc import Callable, Collection, Sequence

Alias = Callable[[str, str], str]
"""(step, member) → what the member is called in that step."""


def names_of(member: str, steps: Sequence[str], alias: Alias) -> tuple[str, ...]:
    return (member, *(alias(step, member) for step in steps))


class Pseudonyms:
    """Of the members who are connected to one room here. Aliases are made when someone comes or a step opens, not in each flush.

    Attributes:
        members: by member, all his names.
    """

    def __init__(self, alias: Alias) -> None:
        self.members: dict[str, tuple[str, ...]] = {}
        self._alias = alias
        self._steps: tuple[str, ...] = ()
        self._behind: dict[str, str] = {}

    def came(self, member: str) -> None:
        if member not in self.members:
            self._name(member)

    def went(self, member: str) -> None:
        for name in self.members.pop(member, ()):
            self._behind.pop(name, None)

    def opened(self, steps: tuple[str, ...]) -> None:
        """These steps have been opened by now."""
        if steps != self._steps:
            self._steps = steps
            for member in self.members:
                self._name(member)

    def among(self, dirty: Collection[str]) -> set[str]:
        """The members here who stand behind some of these ids."""
        return {self._behind[id] for id in dirty if id in self._behind}

    def _name(self, member: str) -> None:
        names = names_of(member, self._steps, self._alias)
        self.members[member] = names
        self._behind |= dict.fromkeys(names, member)
