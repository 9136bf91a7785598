"""The words of the compte rendu, and how each language writes dates and counts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from msgspec import Struct

from protocol.text import isolated
from server.report.model import Action, Breakout, Group, LeftOut, Pulse, Question, Report, Tested, Total, Vote


class Words(Struct, frozen=True, kw_only=True):
    lang: str
    report: str
    in_name_of: str
    """What is said before the line of a workshop (SPEC C11)."""
    people: str
    steps: str
    ideas: str
    loose: str
    anonymous: str
    late: str
    image: str
    contents: str
    group: str
    idea: str
    author: str
    step: str
    prompt: str
    reactions: str
    minutes: str
    none: str
    decisions: str
    decision: str
    evidence: str
    came_from: str
    voted: str
    actions: str
    action: str
    loose_actions: str
    unowned: str
    undertaken_by_none: str
    """Of a decision without any action."""
    owner: str
    due: str
    first: str
    state: str
    done: str
    to_do: str
    commitments: str
    commitment: str
    results: str
    place: str
    dots: str
    voters: str
    withdrawn: str
    taken: str
    """In the place of a text that went with its author (SPEC O3)."""
    tested: str
    remark: str
    remarks: dict[str, str]
    """By kind, what one is called."""
    breakouts: str
    breakout: str
    round: str
    topic: str
    speaker: str
    best: str
    pulses: str
    question: str
    answer: str
    answers: str
    too_few: str
    shown: str
    """Of anonymous answers, how many are told, of how many more may have been given (SPEC U3)."""
    by_fives: str
    unanswered: str
    untold: str
    """Of answers of which nobody reads the words: a host hid them, which is not told (SPEC C6)."""
    untold_at_least: str
    other: str
    """What one chooses who writes an answer of their own (SPEC U10)."""
    weather: tuple[str, ...]
    """From bright sun to a thunderstorm (SPEC U7)."""
    asked: str
    support: str
    answered_already: str
    awaits_answer: str
    merged: str
    joined: str
    kind: str
    text: str
    under: str
    person: str
    number: str
    table: str
    helps: str
    messages: str
    message: str
    left_out: str
    unrevealed: tuple[str, str]
    """One, and several."""
    unshown: str
    undrawn: str
    """Of signs that no face here has."""
    more_words: str
    colon: str
    months: tuple[str, ...]
    nouns: dict[str, tuple[str, str]]
    """One, and several."""

    def count(self, n: int, noun: str) -> str:
        one, several = self.nouns[noun]
        single = n <= 1 if self.lang == "fr" else n == 1
        return f"{n} {one if single else several}"

    def vote(self, vote: Vote) -> str:
        dots, voters = self.count(vote.dots, "dot"), self.count(vote.voters, "voter")
        return self.voted.format(dots=dots, voters=voters, step=isolated(vote.step))

    def answered(self, pulse: Pulse) -> Sequence[tuple[str, int]]:
        """What was answered, and by how many; empty while it may not be shown."""
        if pulse.other is None:
            return pulse.counts or [*zip(self.weather, pulse.weather, strict=False)]
        own = [(f"{self.other}{self.colon} {isolated(text)}", n) for text, n in pulse.own]
        return [*pulse.counts, (self.other, pulse.other), *own]

    def told_of_none(self, pulse: Pulse) -> str:
        """What stands in the place of answers where none are told."""
        if pulse.answers:
            untold = self.untold_at_least if pulse.anonymous else self.untold
            return untold.format(answers=self.count(pulse.answers, "answer"))
        return self.too_few if pulse.anonymous else self.unanswered

    def how_many(self, pulse: Pulse) -> str:
        """How many answers are told, and, of anonymous ones, why there may be more."""
        if pulse.anonymous:
            return f"{self.shown.format(n=pulse.answers)}. {self.by_fives}"
        return self.count(pulse.answers, "answer")

    def outcome(self, question: Question) -> str:
        return self.answered_already if question.answered else self.awaits_answer

    def progress(self, action: Action) -> str:
        return self.done if action.done else self.to_do

    def told_of(self, left: LeftOut) -> str:
        """What the reader does not find here."""
        if left.words:
            return self.more_words.format(question=isolated(left.step), words=self.count(left.words, "more"))
        if not left.ideas:
            return self.unshown.format(step=isolated(left.step), voters=self.count(left.voters, "voter"))
        return self.unrevealed[left.ideas > 1].format(step=isolated(left.step), ideas=self.count(left.ideas, "idea"))

    def voted_on(self, total: Total) -> str:
        return total.text or (self.taken if total.taken else self.withdrawn)

    def remark_kind(self, kind: str) -> str:
        return self.remarks.get(kind, kind)

    def tested_thing(self, tested: Tested) -> str:
        """A zone by its letter and its title, which may be none; an idea as it was written."""
        zone = " · ".join(part for part in (tested.letter, isolated(tested.text)) if part)
        return zone if tested.letter else self.written(tested.text)

    def breakout_title(self, breakout: Breakout) -> str:
        """Which table of its round it was."""
        return self.breakout.format(n=breakout.number)

    def round_title(self, number: int) -> str:
        return self.round.format(n=number)

    def written(self, text: str) -> str:
        """What people wrote; of what has no text any more, that it went."""
        return text or self.taken

    def loose_title(self, report: Report) -> str:
        """Of the actions that belong to no decision."""
        return self.loose_actions if report.decisions else self.actions

    def group_title(self, group: Group) -> str:
        return " · ".join(part for part in (group.letter, isolated(group.title)) if part) or self.loose

    def day(self, at: date | str) -> str:
        """A text is no day, and stays as it is."""
        if isinstance(at, str):
            return at
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
    in_name_of="Au nom de",
    people="Participants",
    steps="Déroulé",
    ideas="Idées",
    loose="Autres idées",
    anonymous="Anonyme",
    late="après la fin de l’étape",
    image="Image",
    contents="Sommaire",
    group="Groupe",
    idea="Idée",
    author="Auteur",
    step="Étape",
    prompt="Consigne",
    reactions="Réactions",
    minutes="Minutes",
    none="Rien n’a encore été écrit dans cette séance.",
    decisions="Décisions",
    decision="Décision",
    evidence="D’où vient cette décision",
    came_from="Elle part de",
    voted="{dots} de {voters} dans «\u00a0{step}\u00a0»",
    actions="Actions",
    action="Action",
    loose_actions="Autres actions",
    unowned="à prendre",
    undertaken_by_none="Qui\u00a0? Pour quand\u00a0?",
    owner="Responsable",
    due="Échéance",
    first="Premier pas",
    state="État",
    done="fait",
    to_do="à faire",
    commitments="Engagements",
    commitment="Engagement",
    results="Votes",
    place="Rang",
    dots="Gommettes",
    voters="Votants",
    withdrawn="(retirée depuis)",
    taken="Texte retiré",
    tested="Ce qui a été mis à l’épreuve",
    remark="Remarque",
    remarks={"objection": "Objection", "condition": "Condition", "offer": "Aide proposée"},
    breakouts="Petites tables",
    breakout="Table {n}",
    round="Tour {n}",
    topic="Sujet",
    speaker="Présente pour la table",
    best="Idée retenue",
    pulses="Questions posées",
    question="Question",
    answer="Réponse",
    answers="Réponses",
    too_few="Pas de résultat à montrer\u00a0: il faut au moins cinq réponses, et assez différentes pour qu’on ne devine pas qui a répondu quoi.",
    shown="Réponses montrées\u00a0: {n}",
    by_fives="Elles se montrent par cinq, pour qu’on ne devine pas qui a répondu quoi.",
    unanswered="Pas de réponse.",
    untold="{answers}\u00a0: rien n’en est montré.",
    untold_at_least="Au moins {answers}\u00a0: rien n’en est montré.",
    other="Autre",
    asked="Questions de la salle",
    support="Soutiens",
    answered_already="répondue",
    awaits_answer="attend une réponse",
    weather=("Grand soleil", "Éclaircies", "Nuages", "Pluie", "Orage"),
    merged="Réunit aussi",
    joined="Réunie avec",
    kind="Nature",
    text="Texte",
    under="Rattaché à",
    person="Personne",
    number="Nombre",
    table="Table de",
    helps="Peut aider à",
    messages="Messages",
    message="Message",
    left_out="Non révélé",
    unrevealed=(
        "{ideas} de «\u202f{step}\u202f» n’a pas été révélée.",
        "{ideas} de «\u202f{step}\u202f» n’ont pas été révélées.",
    ),
    unshown="Le vote «\u202f{step}\u202f» n’a pas été montré\u00a0: {voters}.",
    undrawn="Des signes que ce serveur ne sait pas dessiner manquent dans ce PDF\u00a0; les autres formes du compte rendu les ont.",
    more_words="«\u202f{question}\u202f»\u00a0: {words}.",
    colon="\u00a0:",
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    nouns={
        "person": ("participant", "participants"),
        "idea": ("idée", "idées"),
        "reaction": ("réaction", "réactions"),
        "minute": ("minute", "minutes"),
        "decision": ("décision", "décisions"),
        "dot": ("gommette", "gommettes"),
        "voter": ("votant", "votants"),
        "answer": ("réponse", "réponses"),
        "support": ("soutien", "soutiens"),
        "more": ("autre mot", "autres mots"),
    },
)  # fmt: skip

ENGLISH: Final = Words(
    lang="en",
    report="Minutes",
    in_name_of="In the name of",
    people="Participants",
    steps="Agenda",
    ideas="Ideas",
    loose="Other ideas",
    anonymous="Anonymous",
    late="after the end of the step",
    image="Picture",
    contents="Contents",
    group="Group",
    idea="Idea",
    author="Author",
    step="Step",
    prompt="Prompt",
    reactions="Reactions",
    minutes="Minutes",
    none="Nothing has been written in this workshop yet.",
    decisions="Decisions",
    decision="Decision",
    evidence="Where this decision comes from",
    came_from="It began as",
    voted="{dots} from {voters} in “{step}”",
    actions="Actions",
    action="Action",
    loose_actions="Other actions",
    unowned="to be taken",
    undertaken_by_none="Who? By when?",
    owner="Owner",
    due="Due",
    first="First step",
    state="State",
    done="done",
    to_do="to do",
    commitments="Commitments",
    commitment="Commitment",
    results="Votes",
    place="Place",
    dots="Dots",
    voters="Voters",
    withdrawn="(withdrawn since)",
    taken="Text removed",
    tested="What was tested",
    remark="Remark",
    remarks={"objection": "Objection", "condition": "Condition", "offer": "Offer of help"},
    breakouts="Small tables",
    breakout="Table {n}",
    round="Round {n}",
    topic="Topic",
    speaker="Presents for the table",
    best="Idea kept",
    pulses="Questions asked",
    question="Question",
    answer="Answer",
    answers="Answers",
    too_few="No result to show: it takes at least five answers, different enough that nobody can guess who answered what.",
    shown="Answers shown: {n}",
    by_fives="They are shown by fives, so that nobody can guess who answered what.",
    unanswered="No answer.",
    untold="{answers}: nothing of them is shown.",
    untold_at_least="At least {answers}: nothing of them is shown.",
    other="Other",
    asked="Questions from the room",
    support="Supports",
    answered_already="answered",
    awaits_answer="awaits an answer",
    weather=("Bright sun", "Bright spells", "Clouds", "Rain", "Storm"),
    merged="Also holds",
    joined="Joined with",
    kind="Kind",
    text="Text",
    under="Belongs to",
    person="Person",
    number="Number",
    table="Table of",
    helps="Can help with",
    messages="Messages",
    message="Message",
    left_out="Not revealed",
    unrevealed=("{ideas} of “{step}” has not been revealed.", "{ideas} of “{step}” have not been revealed."),
    unshown="The vote “{step}” has not been shown: {voters}.",
    undrawn="Signs that this server cannot draw are missing in this PDF; the other forms of the minutes have them.",
    more_words="“{question}”: {words}.",
    colon=":",
    months=(
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    nouns={
        "person": ("participant", "participants"),
        "idea": ("idea", "ideas"),
        "reaction": ("reaction", "reactions"),
        "minute": ("minute", "minutes"),
        "decision": ("decision", "decisions"),
        "dot": ("dot", "dots"),
        "voter": ("voter", "voters"),
        "answer": ("answer", "answers"),
        "support": ("support", "supports"),
        "more": ("more word", "more words"),
    },
)  # fmt: skip

WORDS: Final = {"fr": FRENCH, "en": ENGLISH}
