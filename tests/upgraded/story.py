"""One whole workshop, as people make it over the API and the wire of an earlier release."""

import itertools
import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

from protocol.version import FRAME_BYTES
from tests.services.process import wait_until
from tests.upgraded.speech import Release

HOST: Final = "Claire"
PEOPLE: Final = ("Ana", "Bao", "Chloé", "David", "Emma")
SECOND_HOST, SENT_OUT, MUTED = "Ana", "David", "Emma"
NEWCOMER: Final = "Zoé"

MESSAGES: Final = 700
SPOKEN: Final = (
    "le vélo du lundi",
    "une réunion de quartier",
    "l’école d’à côté",
    "des économies d’énergie",
    "the green bus",
)
LAST: Final = "quincaillerie"
"""A word of the last message: once it is found, all is."""


class Person(NamedTuple):
    """Attributes: link: the secret of their personal or recovery link."""

    id: str
    token: str
    link: str


class Asked(NamedTuple):
    """A command that was sent, and its first answer; `again`: it was said to be perhaps not the first time."""

    name: str
    id: str
    cmd: str
    args: Mapping[str, Any]
    again: bool
    answer: Mapping[str, Any]


class Workshop(NamedTuple):
    """A room as it was left.

    Attributes:
        people: by name, the host first.
        out: those who were sent out.
        asked: commands to be sent again.
    """

    room: str
    code: str
    people: Mapping[str, Person]
    out: Mapping[str, Person]
    screen: str
    asked: tuple[Asked, ...]

    @property
    def host(self) -> Person:
        return next(iter(self.people.values()))


def thing(kind: str, label: str) -> str:
    """An id that says what it is of."""
    return f"{kind}:{label:0>16}"


def person_of(entry: Mapping[str, Any]) -> Person:
    links = entry["links"]
    return Person(
        entry["me"]["id"], entry["token"], (links.get("personal") or links["recovery"]).partition("#lien=")[2]
    )


class Teller:
    """People with their connections; what they say must be done."""

    def __init__(self, release: Release, room: str, people: Mapping[str, Person], stack: ExitStack) -> None:
        self._ids = itertools.count(1)
        self.people = people
        self.lines = {name: stack.enter_context(release.line(person.token, room)) for name, person in people.items()}
        self.asked: list[Asked] = []

    def do(
        self, name: str, cmd: str, /, *, again: bool = False, refused: str = "", keep: bool = False, **args: Any
    ) -> None:
        """
        Args:
            refused: the code that it is refused with; "": it is done.
            keep: it is sent again after the upgrade.
        """
        id = f"said-{next(self._ids)}"
        answer = self.lines[name].do(id, cmd, again=again, **args)
        if answer.get("refused", "") != refused:
            raise AssertionError(f"expected {name}'s {cmd} {args} to be {refused or 'done'}; got {answer}")
        if keep:
            self.asked.append(Asked(name, id, cmd, args, again, answer))

    def idea(self, name: str, label: str, text: str, zone: str = "", **more: Any) -> None:
        placed: dict[str, Any] = {"zone": thing("zone", zone)} if zone else {}
        self.do(name, "idea.add", id=thing("idea", label), text=text, **placed, **more)

    def step(self, label: str, kind: str, title: str, **more: Any) -> None:
        self.do(HOST, "step.add", id=thing("step", label), kind=kind, title=title, **more)

    def go(self, label: str) -> None:
        self.do(HOST, "step.go", id=thing("step", label))


def found(release: Release, title: str) -> tuple[str, str, Person]:
    entry = release.told("POST", "/api/rooms", {"title": title, "name": HOST, "lang": "fr"})
    return entry["room"], entry["code"], person_of(entry)


def tell(release: Release) -> Workshop:
    """The workshop, with all that can be in one; nobody is connected any more."""
    room, code, host = found(release, "Le quartier de demain")
    people = {HOST: host} | {
        name: person_of(release.told("POST", "/api/join", {"code": code, "name": name})) for name in PEOPLE
    }
    screen = release.told("POST", "/api/screen", {"code": code})["token"]
    with ExitStack() as stack:
        teller = Teller(release, room, people, stack)
        stack.enter_context(release.line(screen, room))
        _plan(teller)
        _write(teller)
        _vote(teller)
        _ask(teller)
        _conclude(teller)
        _talk(teller)
        _moderate(teller)
        wait_until(lambda: bool(teller.lines[HOST].ask("search", text=LAST)[0]), "the last message is found")
    stays = {name: person for name, person in people.items() if name != SENT_OUT}
    return Workshop(room, code, stays, {SENT_OUT: people[SENT_OUT]}, screen, tuple(teller.asked))


def _plan(t: Teller) -> None:
    t.do(HOST, "room.set", prompt="Que voulons-nous dans dix ans ?")
    t.step("meet", "meet", "Qui est là ?", minutes=5)
    t.step("open", "ideate", "Des idées", prompt="Tout est permis", minutes=10)
    t.step("blind", "ideate", "En silence", blind="nobody")
    t.step("shown", "ideate", "Sans nom, montré", blind="nobody", anonymous=True)
    t.step("kept", "ideate", "Sans nom, gardé", blind="hosts", anonymous=True)
    t.step("review", "ideate", "Relu d’abord", moderated=True)
    t.step("group", "group", "Regrouper")
    t.step("vote", "vote", "Choisir", budget=4, cap=2)
    t.step("counted", "vote", "Choisir sans montrer", budget=3, cap=2)
    t.step("voting", "vote", "Choisir encore", budget=5, cap=3, targets="zones")
    t.step("pulse", "pulse", "La météo", prompt="Comment ça va ?", form="choice", options=["bien", "moyen", "mal"])
    t.step("decide", "decide", "Décider")
    t.step("next", "next", "Et après ?")
    t.step("gone", "discuss", "De trop")
    t.do(HOST, "step.remove", id=thing("step", "gone"))
    t.do(HOST, "step.move", id=thing("step", "pulse"), before=thing("step", "vote"))
    for label, title in (
        ("transport", "Se déplacer"),
        ("energy", "L’énergie"),
        ("empty", "Le reste"),
        ("gone", "Rien"),
    ):
        t.do(HOST, "zone.add", id=thing("zone", label), title=title)
    t.do("Bao", "member.weight", weight=3)
    participants = [t.people[name].id for name in PEOPLE]
    t.do(HOST, "breakout.draw", size=2, among=participants)


def _write(t: Teller) -> None:
    t.go("meet")
    t.idea("Ana", "help", "Je sais réparer les vélos")
    t.idea("Emma", "help-2", "Je connais la mairie")
    t.go("open")
    t.idea("Ana", "velo", "Des pistes pour le vélo", "transport")
    t.idea("Bao", "bus", "Un bus toutes les dix minutes", "transport")
    t.idea("Chloé", "train", "Un train léger", "transport")
    t.idea("David", "marche", "Marcher sans danger", "transport")
    t.idea("Emma", "solar", "Des panneaux sur l’école", "energy")
    t.idea("Bao", "isolation", "Isoler les toits d’abord", "energy")
    t.idea("Chloé", "jardin", "Un jardin partagé")
    t.idea("David", "banc", "Des bancs à l’ombre")
    t.idea("Emma", "hidden", "Une insulte cachée", "energy")
    t.idea("Bao", "removed", "Une idée reprise par son auteur", "energy")
    t.idea("Chloé", "taken", "Une idée ôtée par l’animatrice", "energy")
    t.idea("Ana", "twice", "Ôtée puis rendue", "gone")
    t.idea("Ana", "edited", "Une faute")
    t.do("Ana", "idea.edit", id=thing("idea", "edited"), text="Sans faute")
    t.do(HOST, "idea.add", id=thing("idea", "of-host"), text="Une fête du quartier, dit l’animatrice", keep=True)
    t.do("Ana", "idea.move", id=thing("idea", "edited"), zone=thing("zone", "empty"))
    t.do("Bao", "idea.move", id=thing("idea", "bus"), before=thing("idea", "velo"))
    for name, label, kind in (
        ("Bao", "velo", "like"),
        ("Chloé", "velo", "like"),
        ("Emma", "velo", "love"),
        ("Ana", "train", "bulb"),
    ):
        t.do(name, "reaction.add", on=thing("idea", label), kind=kind, keep=name == "Emma")
    t.do("Emma", "reaction.remove", on=thing("idea", "velo"), kind="love")
    t.do("Emma", "reaction.add", on=thing("idea", "velo"), kind="star")
    t.do(HOST, "post.hide", on=thing("idea", "hidden"))
    t.do("Bao", "idea.remove", id=thing("idea", "removed"))
    t.do(HOST, "idea.remove", id=thing("idea", "taken"))
    t.do("Ana", "idea.remove", id=thing("idea", "twice"))
    t.do("Ana", "idea.restore", id=thing("idea", "twice"))
    t.do(HOST, "zone.remove", id=thing("zone", "gone"))
    t.do(HOST, "timer.add", ms=60_000)
    t.do(HOST, "timer.pause")
    # Refused for good, and kept (SPEC D6): there is no such idea.
    t.do("Chloé", "idea.edit", again=True, refused="not_found", keep=True, id=thing("idea", "later"), text="À elle")
    for label, anonymous in (("blind", False), ("shown", True), ("kept", True)):
        t.go(label)
        for name in PEOPLE:
            t.idea(name, f"{label}-{PEOPLE.index(name)}", f"Dit en « {label} » par la personne {PEOPLE.index(name)}")
        t.do("Ana", "step.ready", id=thing("step", label))
        if anonymous:
            t.do("Bao", "idea.edit", id=thing("idea", f"{label}-1"), text=f"Dit en « {label} », et repensé")
            t.do("Chloé", "idea.remove", id=thing("idea", f"{label}-2"))
    t.do(HOST, "step.reveal", id=thing("step", "shown"))
    t.do("Emma", "reaction.add", on=thing("idea", "shown-0"), kind="like")
    t.go("review")
    for label in ("passed", "refused", "waiting"):
        t.idea("David", label, f"À relire : {label}")
    t.do(HOST, "post.show", on=thing("idea", "passed"))
    t.do(HOST, "post.refuse", on=thing("idea", "refused"), reason="Ce n’est pas le sujet")
    t.go("group")
    t.do(HOST, "idea.merge", id=thing("idea", "train"), into=thing("idea", "bus"))
    t.do("Chloé", "idea.merge", id=thing("idea", "marche"), into=thing("idea", "velo"))
    t.do("Bao", "idea.merge", id=thing("idea", "jardin"), into=thing("idea", "banc"))
    t.do("Bao", "idea.unmerge", id=thing("idea", "jardin"))
    t.do("Bao", "idea.merge", id=thing("idea", "shown-3"), into=thing("idea", "banc"))
    t.do("Ana", "zone.edit", id=thing("zone", "empty"), title="Tout le reste")


def _vote(t: Teller) -> None:
    t.go("vote")
    chosen = (
        ("Ana", "velo", 2),
        ("Bao", "bus", 2),
        ("Bao", "velo", 1),
        ("Chloé", "solar", 1),
        ("Emma", "banc", 2),
        ("David", "velo", 1),
    )
    for name, label, count in chosen:
        t.do(name, "dots.put", step=thing("step", "vote"), on=thing("idea", label), count=count, keep=label == "solar")
    t.do(
        "Ana",
        "dots.put",
        again=True,
        refused="over_cap",
        keep=True,
        step=thing("step", "vote"),
        on=thing("idea", "bus"),
        count=3,
    )
    t.do(HOST, "vote.close", step=thing("step", "vote"))
    t.do(HOST, "vote.reveal", step=thing("step", "vote"))
    t.go("counted")
    for name, label in (("Ana", "velo"), ("Bao", "isolation"), ("Chloé", "isolation"), ("Emma", "bus")):
        t.do(name, "dots.put", step=thing("step", "counted"), on=thing("idea", label), count=2)
    # Two things that one person chose come together, so what exceeds the cap comes back (SPEC V4).
    t.do("Emma", "dots.put", step=thing("step", "counted"), on=thing("idea", "of-host"), count=1)
    t.do(HOST, "idea.merge", id=thing("idea", "of-host"), into=thing("idea", "bus"))
    t.do(HOST, "vote.close", step=thing("step", "counted"))
    t.go("voting")
    for name, label, count in (
        ("Bao", "transport", 3),
        ("Chloé", "energy", 2),
        ("Emma", "transport", 1),
        ("Emma", "empty", 2),
    ):
        t.do(name, "dots.put", step=thing("step", "voting"), on=thing("zone", label), count=count)


def _ask(t: Teller) -> None:
    everyone = (HOST, *PEOPLE)
    t.go("pulse")
    t.do(
        HOST,
        "pulse.ask",
        id=thing("pulse", "choice"),
        question="Comment ça va ?",
        form="choice",
        options=["bien", "moyen", "mal"],
        anonymous=True,
    )
    for n, name in enumerate(everyone):
        t.do(name, "pulse.answer", id=thing("pulse", "choice"), value=n % 3)
    t.do(HOST, "pulse.close", id=thing("pulse", "choice"))
    t.do(HOST, "pulse.ask", id=thing("pulse", "named"), question="En un mot ?", form="words", anonymous=False)
    for n, name in enumerate(everyone):
        t.do(name, "pulse.answer", id=thing("pulse", "named"), value=("Espoir", "espoir", "Fatigue")[n % 3])
    t.do(HOST, "pulse.close", id=thing("pulse", "named"))
    t.do(HOST, "pulse.ask", id=thing("pulse", "scale"), question="Êtes-vous d’accord ?", form="scale", anonymous=True)
    for n, name in enumerate(everyone):
        t.do(name, "pulse.answer", id=thing("pulse", "scale"), value=1 + n % 5)
    t.do("Ana", "pulse.answer", id=thing("pulse", "scale"), value=5)
    t.do(HOST, "pulse.ask", id=thing("pulse", "few"), question="Et sans nom ?", form="words", anonymous=True)
    for name in ("Ana", "Bao"):
        t.do(name, "pulse.answer", id=thing("pulse", "few"), value="merci")


def _conclude(t: Teller) -> None:
    t.go("decide")
    t.do(HOST, "decision.add", id=thing("decision", "bus"), text="Nous demandons un bus", source=thing("idea", "bus"))
    t.do(HOST, "decision.add", id=thing("decision", "energy"), text="L’énergie d’abord", source=thing("zone", "energy"))
    t.do(HOST, "decision.add", id=thing("decision", "alone"), text="Une fête en juin")
    t.do(HOST, "decision.edit", id=thing("decision", "alone"), text="Une fête le 21 juin")
    t.do(HOST, "action.add", id=thing("action", "letter"), text="Écrire à la mairie", decision=thing("decision", "bus"),
         owner=t.people["Emma"].id, due="2027-01-15", first="Trouver l’adresse")  # fmt: skip
    t.do(HOST, "action.add", id=thing("action", "count"), text="Compter les toits", owner=t.people["Bao"].id)
    t.do(HOST, "action.add", id=thing("action", "nobody"), text="Trouver une salle", due="2027-02-01")
    t.do(HOST, "action.add", id=thing("action", "gone"), text="De trop")
    t.do(HOST, "action.remove", id=thing("action", "gone"))
    t.do("Bao", "action.edit", id=thing("action", "count"), done=True)
    t.do("Ana", "commitment.write", text="Venir à vélo tous les jours", shared=False)
    t.do("Bao", "commitment.write", text="Parler à mes voisins", shared=True)
    t.do("David", "commitment.write", text="Revenir", shared=True)
    t.do("Chloé", "commitment.write", text="Rien", shared=True)
    t.do("Chloé", "commitment.write", text="", shared=False)
    t.do(HOST, "stage.set", view="decision", on=thing("decision", "bus"))


def _talk(t: Teller) -> None:
    writers = (HOST, *PEOPLE)

    def said(name: str, numbers: range) -> None:
        commands = []
        for n in numbers:
            text = LAST if n == MESSAGES - 1 else f"Message {n} : {SPOKEN[n % len(SPOKEN)]}"
            reply = {"reply": thing("message", str(n - 7))} if n % 70 == 69 else {}
            commands.append((f"talk-{n}", "message.send", {"id": thing("message", str(n)), "text": text} | reply))
        answers = t.lines[name].do_all(commands)
        if any("seq" not in answer for answer in answers):
            raise AssertionError(f"expected {name} to be heard; got {answers}")

    part = 20
    turns = list(range(0, MESSAGES, part))
    for turn, first in enumerate(turns):
        said(writers[turn % len(writers)], range(first, min(first + part, MESSAGES)))
        if first == 100:
            t.do("Bao", "reaction.add", on=thing("message", "3"), kind="like")
            t.do("Chloé", "reaction.add", on=thing("message", "3"), kind="like")
            t.do(HOST, "message.edit", id=thing("message", "4"), text="Message 4, corrigé : le tilleul")
            t.do(HOST, "post.hide", on=thing("message", "25"))
            t.do("Ana", "message.remove", id=thing("message", "26"))
    # These are sealed by now (SPEC C9).
    t.do("Bao", "reaction.add", refused="sealed", on=thing("message", "45"), kind="like")
    t.do("Bao", "message.remove", id=thing("message", "45"))
    t.do(HOST, "message.remove", id=thing("message", "46"))
    # These are not.
    t.do("Emma", "reaction.add", on=thing("message", "690"), kind="question")
    t.do(HOST, "post.hide", on=thing("message", "650"))
    t.do(HOST, "message.remove", id=thing("message", "651"))


def _moderate(t: Teller) -> None:
    t.do(HOST, "member.rename", id=t.people["Chloé"].id, name="Chloé L.")
    t.do(HOST, "post.mute", on=thing("idea", "solar"))
    t.do(MUTED, "message.send", refused="muted", id=thing("message", "muted"), text="Et moi ?")
    t.do(HOST, "member.remove", id=t.people[SENT_OUT].id)
    t.do(HOST, "member.role", id=t.people[SECOND_HOST].id, role="host")
    t.do(SECOND_HOST, "idea.edit", id=thing("idea", "isolation"), text="Isoler tous les toits d’abord")


def bring(release: Release, file: bytes) -> Workshop:
    """The room that a file makes, with somebody who joins it there."""
    entry = release.told("POST", "/api/import", _lighter(file))
    people = {HOST: person_of(entry)}
    people[NEWCOMER] = person_of(release.told("POST", "/api/join", {"code": entry["code"], "name": NEWCOMER}))
    with ExitStack() as stack:
        teller = Teller(release, entry["room"], people, stack)
        teller.do(NEWCOMER, "message.send", id=thing("message", "of-zoe"), text="Me voici, à la mercerie", keep=True)
        teller.do(HOST, "idea.restore", id=thing("idea", "taken"))
        wait_until(
            lambda: bool(teller.lines[HOST].ask("search", text="mercerie")[0]), "the newcomer's message is found"
        )
    screen = release.told("POST", "/api/screen", {"code": entry["code"]})["token"]
    return Workshop(entry["room"], entry["code"], people, {}, screen, tuple(teller.asked))


def _lighter(file: bytes) -> bytes:
    """Without the oldest messages of it, so that an earlier release takes it: one held files to the bound of all other bodies."""
    whole = json.loads(file)
    records = whole["records"]
    while len(file) > FRAME_BYTES:
        records.remove(min((each for each in records if "n" in each), key=lambda message: int(message["n"])))
        file = json.dumps(whole, ensure_ascii=False).encode()
    return file
