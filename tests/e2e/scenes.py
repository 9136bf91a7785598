"""One workshop that stops wherever a screen looks different, for tests and pictures: « Rendre du temps à nos équipes »."""

import asyncio
import re
from collections.abc import AsyncIterator

from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.crowd import Crowd

IDEAS = {
    "A": [
        "Supprimer les réunions d’information : un message suffit",
        "Aucune réunion avant 9 h 30 ni après 17 h 30",
        "Refuser toute réunion sans ordre du jour",
    ],
    "B": [
        "Laisser les chefs d’équipe signer jusqu’à 2 000 €",
        "Valider les congés une fois, pas trois",
        "Dire qui décide avant d’ouvrir le débat",
    ],
    "C": ["Fusionner les trois tableaux de bord mensuels", "Couper le rapport hebdo un mois : qui le réclame ?"],
}
SAME = "Remplacer les réunions d’info par un message"
TITLES = {"A": "Des réunions qui servent", "B": "Décider près du terrain", "C": "Moins de reporting"}
WORDS = ("confiant", "curieux", "pressé", "confiant", "prudent", "curieux", "confiant")


async def scenes(people: Crowd) -> AsyncIterator[str]:
    """Brings the room from one stop to the next, and says where it is. Needs seven participants or more."""
    host, participants = people.host, people.participants
    ids: dict[str, str] = {}

    async def step(kind: str, title: str, prompt: str, **settings: object) -> None:
        ids[kind] = new_id("step")
        await host.do("step.add", id=ids[kind], kind=kind, title=title, prompt=prompt, **settings)

    await step("present", "Ouverture", "")
    await step(
        "ideate",
        "Nos idées",
        "Que pourrions-nous changer ? Une idée par carte, en commençant par un verbe.",
        minutes=10,
        blind="nobody",
        anonymous=True,
    )
    await step("group", "Rapprocher", "Quelles idées disent la même chose ?", minutes=15)
    await step(
        "vote", "Choisir", "Placez vos 5 gommettes sur ce que vous porteriez vous-même.", minutes=5, budget=5, cap=3
    )
    await step("discuss", "Mettre à l’épreuve", "Qu’est-ce qui bloquerait ? Que faudrait-il pour réussir ?", minutes=20)
    await step("decide", "Décider", "Qui fait quoi, pour quand, et quel premier pas d’ici lundi ?", minutes=15)
    await step("next", "La suite", "À quoi vous engagez-vous ?", minutes=5)
    yield "accueil"

    await host.do("step.go", id=ids["present"])
    yield "presenter"

    await host.do("step.go", id=ids["ideate"])
    written = {letter: await people.ideas(texts) for letter, texts in IDEAS.items()}
    (same,) = await people.ideas([SAME])
    await asyncio.gather(*(participant.do("step.ready", id=ids["ideate"]) for participant in participants[:4]))
    yield "ecrire-a-l-aveugle"

    await host.do("step.reveal", id=ids["ideate"])
    yield "reveler"

    await host.do("step.go", id=ids["group"])
    for letter, title in TITLES.items():
        zone = await people.zone(letter, title)
        for idea in written[letter]:
            await host.do("idea.move", id=idea, zone=zone)
    await host.do("idea.merge", id=same, into=written["A"][0])
    yield "rapprocher"

    first = written["A"][0]
    await host.do("stage.set", view="ideas", on=first)
    yield "une-idee-a-l-ecran"
    await host.do("stage.set", view="auto")

    await host.do("step.go", id=ids["vote"])
    chosen = [first, written["B"][0], written["C"][0], written["A"][1], first, written["B"][0], first]
    for participant, on in zip(participants, chosen, strict=False):
        await participant.do("dots.put", step=ids["vote"], on=on, count=2)
        await participant.do("dots.put", step=ids["vote"], on=written["B"][1], count=1)
    yield "choisir"

    await host.do("vote.close", step=ids["vote"])
    await host.do("vote.count", step=ids["vote"])
    yield "vote-clos"
    await host.do("vote.reveal", step=ids["vote"])
    yield "resultat"

    await host.do("step.go", id=ids["discuss"])
    yield "mettre-a-l-epreuve"
    await host.do("breakout.draw", size=4)
    await people.ideas(["Commencer par un seul site, un mois", "Et si le client appelle à 18 h ?"])
    yield "petites-tables"
    await host.do("breakout.end")

    scale, words = new_id("pulse"), new_id("pulse")
    await host.do("pulse.ask", id=scale, question="Partez-vous confiants sur les réunions ?", form="scale")
    for participant, value in zip(participants, (4, 5, 3, 4, 4, 2, 5), strict=False):
        await participant.do("pulse.answer", id=scale, value=value)
    yield "prendre-le-pouls"
    await host.do("pulse.close", id=scale)
    await host.do("pulse.ask", id=words, question="Votre humeur en un mot ?", form="words", anonymous=False)
    for participant, word in zip(participants, WORDS, strict=False):
        await participant.do("pulse.answer", id=words, value=word)
    yield "des-mots"
    await host.do("pulse.close", id=words)

    await host.do("step.go", id=ids["decide"])
    decisions = [new_id("decision") for _ in range(3)]
    texts = (
        "Réunions de 9 h 30 à 17 h 30, essai de trois mois",
        "Seuil de 2 000 € proposé à la DAF",
        "Un tableau de bord unique au 1er mars",
    )
    for decision, text, source in zip(decisions, texts, (first, written["B"][0], written["C"][0]), strict=True):
        await host.do("decision.add", id=decision, text=text, source=source)
    me = participants[0].me
    assert me is not None
    await host.do(
        "action.add",
        id=new_id("action"),
        text="Écrire la règle et la dire aux équipes",
        decision=decisions[0],
        owner=me["id"],
        due="2027-01-12",
        first="Appeler Hélène lundi",
    )
    yield "decider"

    await host.do("step.go", id=ids["next"])
    await participants[1].do("commitment.write", text="Ne plus convoquer personne après 17 h 30", shared=True)
    await participants[0].do("commitment.write", text="Montrer la démarche à mon équipe", shared=False)
    yield "la-suite"

    await host.do("stage.set", view="black")
    yield "ecran-noir"
    await host.do("stage.set", view="auto")

    await host.do("step.go", id=None)
    yield "apres"


SETTLE = """() => new Promise((done) => {
    const rest = () => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(done)
    document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(rest)))
})"""


async def settled(people: Crowd, stop: int, *pages: Page) -> None:
    """All that came before is drawn, and nothing moves any more: each stop has a title of its own, of signs that L3 keeps."""
    await people.host.do("room.set", title=f"Printemps des managers, {stop}")
    for page in pages:
        await expect(page).to_have_title(re.compile(rf"managers, {stop}\b"))
        await page.evaluate(SETTLE)
