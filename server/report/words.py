"""The words of the compte rendu, and how each language writes dates and counts."""

from datetime import date, datetime
from typing import Final

from msgspec import Struct


class Words(Struct, frozen=True):
    lang: str
    report: str
    written: str
    people: str
    steps: str
    ideas: str
    loose: str
    anonymous: str
    late: str
    contents: str
    group: str
    idea: str
    author: str
    step: str
    reactions: str
    minutes: str
    none: str
    months: tuple[str, ...]
    nouns: dict[str, tuple[str, str]]
    """One, and several."""

    def count(self, n: int, noun: str) -> str:
        one, several = self.nouns[noun]
        single = n <= 1 if self.lang == "fr" else n == 1
        return f"{n} {one if single else several}"

    def day(self, at: date) -> str:
        month = self.months[at.month - 1]
        if self.lang == "fr":
            return f"{'1er' if at.day == 1 else at.day} {month} {at.year}"
        return f"{at.day} {month} {at.year}"

    def moment(self, at: datetime) -> str:
        # A narrow space that does not break, as French typography has it.
        hour = f"{at.hour}\u202fh\u202f{at.minute:02}" if self.lang == "fr" else f"{at.hour}:{at.minute:02}"
        return f"{self.day(at)}, {hour}"


FRENCH: Final = Words(
    lang="fr",
    report="Compte rendu",
    written="Écrit le {}",
    people="Participants",
    steps="Déroulé",
    ideas="Idées",
    loose="Autres idées",
    anonymous="Anonyme",
    late="après la fin de l’étape",
    contents="Sommaire",
    group="Groupe",
    idea="Idée",
    author="Auteur",
    step="Étape",
    reactions="Réactions",
    minutes="Minutes",
    none="Rien n’a encore été écrit dans cette séance.",
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    nouns={
        "person": ("participant", "participants"),
        "idea": ("idée", "idées"),
        "reaction": ("réaction", "réactions"),
        "minute": ("minute", "minutes"),
    },
)  # fmt: skip

ENGLISH: Final = Words(
    lang="en",
    report="Minutes",
    written="Written on {}",
    people="Participants",
    steps="Agenda",
    ideas="Ideas",
    loose="Other ideas",
    anonymous="Anonymous",
    late="after the end of the step",
    contents="Contents",
    group="Group",
    idea="Idea",
    author="Author",
    step="Step",
    reactions="Reactions",
    minutes="Minutes",
    none="Nothing has been written in this workshop yet.",
    months=(
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    nouns={
        "person": ("participant", "participants"),
        "idea": ("idea", "ideas"),
        "reaction": ("reaction", "reactions"),
        "minute": ("minute", "minutes"),
    },
)  # fmt: skip

WORDS: Final = {"fr": FRENCH, "en": ENGLISH}
