"""What axe finds, of the rules of WCAG 2.2 A and AA, on every screen at every size, in both colours and both languages: nothing."""

import re
from collections.abc import Awaitable, Callable, Sequence
from itertools import product
from typing import Any, Literal

from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import HERE, VIEWPORTS, OpenContext, Size, lan_url
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import choose_agenda, face, go_to, join, see_all, write_idea
from tests.services import ServerProcess

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
"""The rules of them to which it matters whether a page is light or dark."""

RUN = """async (rules) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished)) // colours that still turn
    const { violations, incomplete } = await axe.run({ ...rules, resultTypes: ['violations', 'incomplete'], preload: false })
    // What axe cannot tell counts too, but for two: the contrast on cards, which have an edge painted on them (it is computed
    // in test/ui/contrast.test.ts), and whether « Groupe A, Réunions » holds what its button shows, « A ».
    const doubtful = incomplete.filter(({ id }) => !['color-contrast', 'label-content-name-mismatch'].includes(id))
    return [...violations, ...doubtful].flatMap(({ id, nodes }) => nodes.map(({ html, any, all }) => [
        id, html.slice(0, 200), [...any, ...all].map(({ message }) => message).join(' '),
    ]))
}"""
Colours = Literal["light", "dark"]
LIGHT_AND_DARK: Sequence[Colours] = ("light", "dark")
EVERY: Sequence[Size] = ("phone", "desk", "projector")

Speak = Callable[[str], Awaitable[None]]


def rules(colours: Colours, lang: str) -> dict[str, Any]:
    """What axe looks for: in French all of it, in the dark what the light does not tell; in English what words can change.

    Each look is long: axe lays a grid over the page to see what lies over what.
    """
    if lang == "en":
        without = {rule: {"enabled": False} for rule in COLOUR_RULES}
        return {"runOnly": {"type": "tag", "values": WCAG}, "rules": without}
    if colours == "dark":
        return {"runOnly": {"type": "rule", "values": COLOUR_RULES}}
    return {"runOnly": {"type": "tag", "values": [*WCAG, "best-practice"]}}


def colours(lang: str) -> Sequence[Colours]:
    """In which a page is looked at."""
    return LIGHT_AND_DARK if lang == "fr" else ["light"]


async def look(page: Page, lang: str) -> list[Any]:
    """What axe finds on a page that speaks this language, in each of its colours."""
    for frame in page.frames:
        # By this way, so that the page's own policy does not keep it out.
        if not await frame.evaluate("'axe' in window"):
            await frame.evaluate(AXE.read_text())
    found: list[Any] = []
    for colour in colours(lang):
        await page.emulate_media(color_scheme=colour, reduced_motion="reduce")
        found += [(colour, lang, *one) for one in await page.evaluate(RUN, rules(colour, lang))]
    return found


def switch(page: Page) -> Speak:
    """Makes a page speak another language, by its own switch; on a phone it is not in sight everywhere."""

    async def speak(lang: str) -> None:
        chosen = page.locator(f".switch button[lang={lang}]").first
        more = page.get_by_role("button", name=re.compile("^(Plus|More) ?:"))
        await chosen.or_(more).first.wait_for(state="attached")
        if not await chosen.count():
            await more.click()
            await chosen.wait_for()
            await page.keyboard.press("Escape")
        await chosen.dispatch_event("click")
        await expect(page.locator("html")).to_have_attribute("lang", lang)

    return speak


async def audit(page: Page, screen: str, speak: Speak, sizes: Sequence[Size] = EVERY) -> None:
    """Look at a screen, as it has been made to stand, in all its sizes, colours and languages."""
    found: list[Any] = []
    for lang, size in product(("en", "fr"), sizes):
        await speak(lang)
        await page.set_viewport_size(VIEWPORTS[size])
        found += [(size, *one) for one in await look(page, lang)]
    assert not found, f"{screen}: {len(found)}, of which {found[:5]}"
    await page.set_viewport_size(VIEWPORTS["phone"])


async def lively(people: Crowd) -> None:
    """Everything that a room can hold."""
    await people.host.do("room.set", prompt="Que pourrions-nous changer ?")
    for letter, title in zip(
        "ABCDEF", ("Réunions", "Terrain", "Chiffres", "Apprendre", "Garder", "Souffler"), strict=True
    ):
        await people.ideas([f"{title}, une idée", f"{title}, une autre"], await people.zone(letter, title))
    thanks, hidden, _ = await people.ideas(["Dire merci", "À relire", "À ranger"])
    await people.react(thanks)
    await people.host.do("post.hide", on=hidden)
    first = new_id("message")
    await people.host.do("message.send", id=first, text="Bonjour à tous")
    await people.participants[0].do("message.send", id=new_id("message"), text="Bonjour Claire", reply=first)
    await people.participants[0].do("reaction.add", on=first, kind="love")


async def test_axe_finds_nothing_outside_a_room(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        page = await join(open_context, server, people.code, "Paul Roussel")
        await page.goto(lan_url(server))
        await page.get_by_role("button", name="Ouvrir la séance").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await audit(page, "Accueil", switch(page))
        await page.locator("summary").last.click()
        await expect(page.get_by_label("Ouvrir un fichier de modèle")).to_be_attached()
        await audit(page, "Accueil, mes modèles", switch(page), ["phone"])
        await page.goto(lan_url(server, "/r/ZZZZZZ"))
        await expect(page.get_by_role("alert")).to_be_visible()
        await audit(page, "Code inconnu", switch(page))
        await people.host.do("room.set", door=False)
        newcomer = await (await open_context("phone")).new_page()
        await newcomer.goto(lan_url(server, f"/r/{people.code}"))
        await expect(newcomer.get_by_role("alert")).to_be_visible()
        await audit(newcomer, "Entrer", switch(newcomer))
        await page.goto(lan_url(server, "/nulle/part"))
        await audit(page, "Rien", switch(page))
        await page.goto(lan_url(server, f"/r/{people.code}/host"))
        await expect(page.get_by_role("heading", name="Le pupitre est réservé")).to_be_visible()
        await audit(page, "Réservé", switch(page))


async def test_axe_finds_nothing_in_the_seance(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        await lively(people)
        page = await join(open_context, server, people.code, "Paul Roussel")
        for text in ("Une idée gardée", "Une idée cachée", "Une idée retirée"):
            await write_idea(page, text)
        await people.host.until(lambda room: len(room.all("idea")) == 18)
        _, hidden, removed = people.host.all("idea")[-3:]
        await people.host.do("post.hide", on=hidden["id"])
        await people.host.do("idea.remove", id=removed["id"])
        await expect(page.get_by_text("Retirée par la personne qui facilite")).to_be_visible()
        await page.get_by_label("Votre idée").fill("Une\nDeux")
        await audit(page, "Maintenant", switch(page))

        await page.get_by_label("Votre idée").fill("é" * 285)
        await people.host.do("room.set", writing=False)
        await expect(page.get_by_role("main").get_by_text("La personne qui facilite a mis")).to_be_visible()
        await audit(page, "en pause", switch(page), ["phone"])
        await people.host.do("room.set", writing=True)

        await see_all(page)
        await page.get_by_role("button", name="J’approuve").first.click()
        await face(page, "Dire merci").click()
        await page.get_by_role("group", name="Réagir").get_by_role("button", name="J’adore").click()
        await audit(page, "Tout, une idée en main", switch(page))
        await page.get_by_role("button", name="Fermer").click()
        await page.get_by_role("button", name="Messages").click()
        await face(page, "Bonjour à tous").click()
        await audit(page, "Messages, un message en main", switch(page), ["phone"])
        await page.get_by_role("button", name="Fermer").click()
        await page.get_by_label("Chercher dans la séance").fill("bonjour")
        await expect(page.get_by_text("2 résultats", exact=True)).to_be_visible()
        await audit(page, "Chercher", switch(page), ["phone"])
        await go_to(page, "Moi")
        await audit(page, "Moi", switch(page), ["phone"])

        await page.set_viewport_size(VIEWPORTS["desk"])
        await page.get_by_role("button", name="Mes idées").click()
        await face(page, "Une idée gardée").first.click()
        await audit(page, "au bureau, mes idées", switch(page), ["desk"])
        await page.set_viewport_size(VIEWPORTS["desk"])
        await page.get_by_role("button", name="Moi").click()
        await audit(page, "au bureau, moi et ce que je cherche", switch(page), ["desk", "projector"])


async def test_axe_finds_nothing_on_the_pupitre(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 12) as people:
        await lively(people)
        page = await (await open_context("phone")).new_page()
        await page.goto(people.desk())
        await page.get_by_label("Consigne").fill("Une consigne à moitié écri")
        await audit(page, "Piloter", switch(page), ["phone"])
        await go_to(page, "Personnes")
        await expect(page.get_by_label("Chercher un nom, ou une aide proposée")).to_be_visible()
        await audit(page, "Personnes", switch(page), ["phone"])
        await go_to(page, "Tableau")
        await page.get_by_role("button", name="Renommer le groupe A").click()
        await face(page, "À relire").click()
        await audit(page, "Tableau, une idée en main", switch(page))
        await page.get_by_role("button", name="Modifier").click()
        await audit(page, "Tableau, une idée qui change", switch(page), ["phone"])
        await page.set_viewport_size(VIEWPORTS["desk"])
        await page.get_by_role("button", name="Personnes").click()
        await page.get_by_label("Consigne").fill("Une consigne à moitié écri")
        await audit(page, "Pupitre, personnes", switch(page), ["desk", "projector"])


async def test_axe_finds_nothing_in_the_preparation(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 0) as people:
        page = await (await open_context("desk")).new_page()
        await page.goto(people.desk())
        await page.get_by_role("link", name="Préparer").click()
        await choose_agenda(page, "Météo")
        await expect(page.frame_locator("iframe").get_by_role("heading", name="Météo")).to_be_visible()
        await audit(page, "Préparation", switch(page), ["desk", "projector"])
        await page.get_by_role("button", name=re.compile("^2 ")).click()
        await audit(page, "Préparation, une étape ouverte", switch(page), ["phone"])


async def test_axe_finds_nothing_on_the_screen(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        page = await (await open_context("projector")).new_page()

        async def speak(lang: str) -> None:
            """The plenary's language is the room's."""
            await people.host.do("room.set", lang=lang)
            await expect(page.locator("html")).to_have_attribute("lang", lang)

        await page.goto(lan_url(server, f"/r/{people.code}/screen"))
        await audit(page, "accueil de la plénière", speak)
        await page.set_viewport_size(VIEWPORTS["projector"])
        await people.ideas(["Dire merci", "Oser"], await people.zone("A", "Terrain"))
        await expect(page.get_by_text("Dire merci")).to_be_visible()
        await audit(page, "idées", speak, ["desk", "projector"])
        await lively(people)
        await page.set_viewport_size(VIEWPORTS["projector"])
        for view in range(3):
            await page.keyboard.press("ArrowRight")
            await page.mouse.move(100, 100 + view)  # brings the controls out
            await audit(page, f"vue {view}", speak, ["projector"])
            await page.set_viewport_size(VIEWPORTS["projector"])
