"""Agendas as files: what hosts keep for another day and pass on, and what templates are written in (SPEC N5)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from protocol.choices import Blind, Form, Lang, StepKind, Targets
from protocol.commands import AddStep, Dots, Minutes, Options
from protocol.errors import Code, Refusal
from protocol.version import NAME_CHARS, PROMPT_CHARS, TITLE_CHARS
from server.accounts.tokens import is_sound, new_id
from server.model.kernel import EMPTY, Actor, Context
from server.model.text import clean, clean_or_none
from server.workshop.model import WORKSHOP
from server.workshop.state.steps import STEPS

T = TypeVar("T")

FORMAT: Final = "palabre.agenda"
VERSION: Final = 1

LANGS: Final[Sequence[Lang]] = get_args(Lang)

Purpose = Literal["decide", "review", "learn", "team"]
"""What people come together for."""

People = Annotated[int, Meta(ge=1, le=10_000)]


class AgendaWords(Struct, frozen=True, omit_defaults=True):
    """Of an agenda, in one language; `about`: what it is for, in a sentence."""

    title: str
    about: str = ""


class StepWords(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Of a step, in one language: what people read in it."""

    title: str
    prompt: str = ""
    options: Options = []
    low: str = ""
    high: str = ""


class StepPlan(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Of a step, in no language: as `step.add` takes it."""

    kind: StepKind
    minutes: Minutes = 0
    blind: Blind = "open"
    anonymous: bool = False
    moderated: bool = False
    budget: Dots = 0
    cap: Dots = 0
    targets: Targets = "ideas"
    form: Form = "scale"
    asks: bool = False
    deals: bool = False
    several: bool = False
    other: bool = False


class PlannedStep(StepPlan, frozen=True, omit_defaults=True, kw_only=True):
    fr: StepWords | None = None
    en: StepWords | None = None


class TemplateStep(StepPlan, frozen=True, omit_defaults=True, kw_only=True):
    """In one language: as `step.add` takes it, without an id."""

    title: str
    prompt: str = ""
    options: Options = []
    low: str = ""
    high: str = ""

    def add(self, id: str) -> AddStep:
        return AddStep(id=id, **asdict(self))


class Agenda(Struct, frozen=True, omit_defaults=True):
    """
    Attributes:
        fr, en: each language that it is in; one at least, and each step has words in all of them.
        people: for how many, from and to.
    """

    format: str
    version: int
    steps: Annotated[tuple[PlannedStep, ...], Meta(min_length=1, max_length=STEPS)]
    fr: AgendaWords | None = None
    en: AgendaWords | None = None
    purpose: Purpose | None = None
    people: tuple[People, People] | None = None

    @property
    def langs(self) -> Sequence[Lang]:
        return [lang for lang in LANGS if getattr(self, lang) is not None]

    def steps_in(self, lang: Lang) -> Sequence[TemplateStep]:
        """In a language, or in the one that it has."""
        spoken = lang if lang in self.langs else self.langs[0]
        return [_in_words(step, getattr(step, spoken)) for step in self.steps]


def _in_words(step: PlannedStep, words: StepWords) -> TemplateStep:
    plan = {name: getattr(step, name) for name in StepPlan.__struct_fields__}
    return TemplateStep(**plan, **asdict(words))


def agenda_of(fields: Mapping[str, Any]) -> Agenda:
    """The agenda that a file holds, with its texts as a room keeps them; all of its steps have been tried.

    Raises:
        Refusal: `other_version`, `invalid`, `text_empty`, `text_too_long` or `text_forbidden`: what was expected, and where.
    """
    if fields.get("format") != FORMAT:
        raise Refusal(
            Code.INVALID,
            f"expected an agenda that Palabre kept as a file: `format` to be {FORMAT}; got {fields.get('format')!a:.40}",
        )
    version = fields.get("version")
    if type(version) is not int or version != VERSION:
        raise Refusal(Code.OTHER_VERSION, f"expected `version` to be {VERSION}; got {version!a:.40}")
    try:
        agenda = msgspec.convert(fields, Agenda)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None
    if not agenda.langs:
        raise Refusal(Code.INVALID, "expected `fr` or `en`: its title in one language at least - at `$`")
    words = {lang: _agenda_words(getattr(agenda, lang), f"$.{lang}") for lang in agenda.langs}
    steps = tuple(_checked(step, agenda.langs, f"$.steps[{n}]") for n, step in enumerate(agenda.steps))
    return replace(agenda, steps=steps, **words)


def _checked(step: PlannedStep, langs: Sequence[Lang], at: str) -> PlannedStep:
    words = dict[str, StepWords | None](dict.fromkeys(LANGS))
    for lang in langs:
        said: StepWords | None = getattr(step, lang)
        if said is None:
            raise Refusal(Code.INVALID, f"expected words in each language of the agenda - at `{at}.{lang}`")
        words[lang] = said = _step_words(said, f"{at}.{lang}")
        _try(_in_words(step, said).add(new_id("step")), at)
    return replace(step, **words)


def _try(step: AddStep, at: str) -> None:
    """What is wrong with more than its texts, by the rules of an agenda."""
    host = Context(Actor(new_id("member"), "host"), 0)
    _at(at, lambda: WORKSHOP.decide(EMPTY, step, host))


def _agenda_words(words: AgendaWords, at: str) -> AgendaWords:
    return AgendaWords(_title(words.title, f"{at}.title"), _maybe(words.about, PROMPT_CHARS, f"{at}.about"))


def _step_words(words: StepWords, at: str) -> StepWords:
    return StepWords(
        title=_title(words.title, f"{at}.title"),
        prompt=_maybe(words.prompt, PROMPT_CHARS, f"{at}.prompt"),
        options=[_title(each, f"{at}.options[{n}]") for n, each in enumerate(words.options)],
        low=_maybe(words.low, NAME_CHARS, f"{at}.low"),
        high=_maybe(words.high, NAME_CHARS, f"{at}.high"),
    )


def _title(text: str, at: str) -> str:
    return _at(at, lambda: clean(_sound(text), TITLE_CHARS))


def _maybe(text: str, limit: int, at: str) -> str:
    return _at(at, lambda: clean_or_none(_sound(text), limit))


def _sound(text: str) -> str:
    if not is_sound(text):
        raise Refusal(Code.TEXT_FORBIDDEN)
    return text


def _at(place: str, tried: Callable[[], T]) -> T:
    """What comes of it; a refusal says where."""
    try:
        return tried()
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{refusal.text} - at `{place}`") from None
