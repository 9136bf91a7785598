"""Agendas to begin with, in the words of each language; a host changes them as he likes (SPEC H5)."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from protocol.choices import Blind, Form, Lang, StepKind
from protocol.commands import AddStep


class TemplateStep(Struct, frozen=True, omit_defaults=True):
    """As `step.add` takes it, without an id."""

    kind: StepKind
    title: str
    prompt: str = ""
    minutes: int = 0
    blind: Blind = "open"
    anonymous: bool = False
    budget: int = 0
    form: Form = "scale"
    low: str = ""
    high: str = ""
    asks: bool = False

    def add(self, id: str) -> AddStep:
        return AddStep(
            id,
            self.kind,
            self.title,
            self.prompt,
            minutes=self.minutes,
            blind=self.blind,
            anonymous=self.anonymous,
            budget=self.budget,
            form=self.form,
            low=self.low,
            high=self.high,
            asks=self.asks,
        )


class Template(Struct, frozen=True):
    name: str
    title: str
    minutes: int
    steps: Sequence[TemplateStep]


def _template(name: str, title: str, *steps: TemplateStep) -> Template:
    return Template(name, title, sum(step.minutes for step in steps), steps)


def _ideas(title: str, prompt: str, minutes: int) -> TemplateStep:
    """Written without being read, and without a name, until it is revealed."""
    return TemplateStep("ideate", title, prompt, minutes, blind="nobody", anonymous=True)


_FRENCH: Final = (
    _template(
        "action",
        "De l’idée à l’action",
        TemplateStep("meet", "Qui est là ?", "Sur quoi pourriez-vous aider un collègue ?", 5),
        _ideas("Nos idées", "Que pourrions-nous changer ? Une idée par carte, en commençant par un verbe.", 10),
        TemplateStep("group", "Rapprocher", "Quelles idées disent la même chose ?", 15),
        TemplateStep("vote", "Choisir", "Placez vos 5 gommettes sur ce que vous porteriez vous-même.", 5, budget=5),
        TemplateStep("discuss", "Mettre à l’épreuve", "Qu’est-ce qui bloquerait ? Que faudrait-il pour réussir ?", 20),
        TemplateStep("decide", "Décider", "Qui fait quoi, pour quand, et quel premier pas d’ici lundi ?", 15),
        TemplateStep("next", "La suite", "À quoi vous engagez-vous ?", 5),
    ),
    _template(
        "retro",
        "Rétrospective",
        TemplateStep(
            "pulse",
            "Météo",
            "Quel temps a-t-il fait pour vous ces dernières semaines ?",
            5,
            form="weather",
            asks=True,
        ),
        _ideas("Ce qui nous a portés", "Qu’est-ce qui a bien marché, et qu’il faut garder ?", 8),
        _ideas("Ce qui nous a freinés", "Qu’est-ce qui a coûté du temps ou de l’énergie ?", 8),
        TemplateStep("group", "Rapprocher", "Quelles cartes parlent de la même chose ?", 10),
        TemplateStep("vote", "Choisir", "Placez vos 3 gommettes sur ce qu’il faut traiter d’abord.", 4, budget=3),
        TemplateStep("decide", "Décider", "Que changeons-nous dès la semaine prochaine, et qui s’en charge ?", 10),
    ),
    _template(
        "pulse",
        "Météo",
        TemplateStep("pulse", "Météo", "Quel temps fait-il pour vous aujourd’hui ?", 5, form="weather", asks=True),
        TemplateStep("discuss", "En parler", "Qu’est-ce qui ramènerait le soleil ?", 10),
    ),
)
_ENGLISH: Final = (
    _template(
        "action",
        "From idea to action",
        TemplateStep("meet", "Who is here?", "What could you help a colleague with?", 5),
        _ideas("Our ideas", "What could we change? One idea a card, beginning with a verb.", 10),
        TemplateStep("group", "Bring together", "Which ideas say the same thing?", 15),
        TemplateStep("vote", "Choose", "Put your 5 dots on what you would carry yourself.", 5, budget=5),
        TemplateStep("discuss", "Put to the test", "What would stand in the way? What would it take?", 20),
        TemplateStep("decide", "Decide", "Who does what, by when, and what is the first step by Monday?", 15),
        TemplateStep("next", "What comes next", "What do you commit to?", 5),
    ),
    _template(
        "retro",
        "Retrospective",
        TemplateStep(
            "pulse", "Weather", "What was the weather like for you these last weeks?", 5, form="weather", asks=True
        ),
        _ideas("What carried us", "What went well, and should be kept?", 8),
        _ideas("What held us back", "What cost time or energy?", 8),
        TemplateStep("group", "Bring together", "Which cards speak of the same thing?", 10),
        TemplateStep("vote", "Choose", "Put your 3 dots on what should be dealt with first.", 4, budget=3),
        TemplateStep("decide", "Decide", "What do we change next week, and who sees to it?", 10),
    ),
    _template(
        "pulse",
        "Weather",
        TemplateStep("pulse", "Weather", "What is the weather like for you today?", 5, form="weather", asks=True),
        TemplateStep("discuss", "Talk about it", "What would bring the sun back?", 10),
    ),
)

DEMONSTRATED: Final = "action"
"""The name of the one that is shown to whoever would like to see a workshop (SPEC H15)."""

TEMPLATES: Final[Mapping[Lang, Sequence[Template]]] = {"fr": _FRENCH, "en": _ENGLISH}


def template(name: str, lang: Lang) -> Template | None:
    return next((each for each in TEMPLATES[lang] if each.name == name), None)
