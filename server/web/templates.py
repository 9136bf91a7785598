"""Agendas to begin with: a file each, in `agendas/`; a host changes them as they like (SPEC H5)."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from protocol.choices import Lang
from server.web.agenda import LANGS, Agenda, Purpose, TemplateStep, agenda_of

FILES: Final = Path(__file__).with_name("agendas")

NAMES: Final = (
    "action",
    "one-two-four",
    "world-cafe",
    "premortem",
    "retro",
    "pulse",
    "start-stop-continue",
    "roti",
    "debrief",
    "questions-answers",
    "codevelopment",
    "ambassadors",
    "team-twenty",
)
"""In the order in which they are offered: the first is chosen until another is, and those of one purpose stand together."""


class Template(Struct, frozen=True, omit_defaults=True):
    """An agenda in one language.

    Attributes:
        name: that of its file; "" for one that a host has kept.
        about: what it is for, in a sentence.
        people: for how many, from and to.
    """

    name: str
    title: str
    minutes: int
    steps: Sequence[TemplateStep]
    about: str = ""
    purpose: Purpose | None = None
    people: tuple[int, int] | None = None


def told(name: str, agenda: Agenda, lang: Lang) -> Template:
    """An agenda in a language, or in the one that it has."""
    spoken = lang if lang in agenda.langs else agenda.langs[0]
    words, steps = getattr(agenda, spoken), agenda.steps_in(spoken)
    minutes = sum(step.minutes for step in steps)
    return Template(name, words.title, minutes, steps, words.about, agenda.purpose, agenda.people)


AGENDAS: Final[Mapping[str, Agenda]] = {
    name: agenda_of(tomllib.loads((FILES / f"{name}.toml").read_text("utf-8"))) for name in NAMES
}

DEMONSTRATED: Final = "action"
"""The name of the one that is shown to whoever would like to see a workshop (SPEC H15)."""

TEMPLATES: Final[Mapping[Lang, Sequence[Template]]] = {
    lang: [told(name, agenda, lang) for name, agenda in AGENDAS.items()] for lang in LANGS
}
