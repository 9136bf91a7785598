"""Séance on a phone: what one thumb writes, sees become of it, and reads of the others."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, set_offline
from tests.e2e.crowd import crowd
from tests.e2e.people import face, go_to, join, open_room, see_all, until, write_idea
from tests.e2e.scenes import SETTLE
from tests.services import Cable, ServerProcess

MOST_ACTIONS = 4
"""Between the QR code and the first idea."""


def saved(page: Page) -> Locator:
    """« Enregistré », below each of my ideas; what is only said to screen readers lies outside the main part."""
    return page.get_by_role("main").get_by_text("Enregistré")


class Thumb:
    """Counts what a person does: each field filled and each button pressed is one action."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.actions = 0

    async def write(self, label: str, text: str) -> None:
        self.actions += 1
        await self._page.get_by_label(label).fill(text)

    async def press(self, name: str) -> None:
        self.actions += 1
        await self._page.get_by_role("button", name=name, exact=True).click()


async def test_from_the_qr_code_to_a_first_idea_in_four_actions_and_to_many_in_one(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        page = await (await open_context("phone")).new_page()
        await page.goto(lan_url(server, f"/r/{people.code}"))  # what the QR code holds: test_pages
        thumb = Thumb(page)
        await thumb.write("Votre prénom et votre nom", "Paul Roussel")
        await thumb.press("Entrer")
        await thumb.write("Votre idée", "Supprimer la double saisie")
        await thumb.press("Envoyer")
        await expect(saved(page)).to_be_visible()
        assert thumb.actions <= MOST_ACTIONS
        await expect(page.get_by_label("Votre idée")).to_be_focused()  # for the next one

        idea = page.get_by_label("Votre idée")
        await idea.fill("- Dire merci\n– Fermer à 17 h 30\n\n3) Un seul tableau\n• Oser dire non")
        await page.get_by_role("button", name="En faire 4 idées ?").click()
        await expect(idea).to_have_value("")
        await expect(saved(page)).to_have_count(5)
        await people.host.until(lambda room: len(room.all("idea")) == 5)
        texts = [record["text"] for record in people.host.all("idea")]
        assert texts[1:] == ["Dire merci", "Fermer à 17 h 30", "Un seul tableau", "Oser dire non"]

        await idea.fill("Une idée\nsur deux lignes")
        await page.get_by_role("button", name="Une seule idée").click()
        await expect(face(page, "Une idée sur deux lignes")).to_be_visible()
        await expect(saved(page)).to_have_count(6)


async def test_a_text_is_kept_when_it_is_too_long_and_over_a_reload(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 0) as people:
        page = await join(open_context, server, people.code, "Paul")
        idea, long = page.get_by_label("Votre idée"), "é" * 285
        await idea.fill(long)
        await expect(page.get_by_role("main").get_by_text("5 caractères de trop")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == 390  # one long word widens nothing
        await page.get_by_role("button", name="Envoyer", exact=True).click()
        refusal = page.get_by_text("Idée non envoyée : 280 caractères au plus. Votre texte est gardé.")
        await expect(refusal.first).to_be_visible()
        await expect(idea).to_have_value(long)

        await idea.fill(f"Une courte\n{long}")  # of several, those that fit go
        await page.get_by_role("button", name="En faire 2 idées ?").click()
        await expect(face(page, "Une courte")).to_be_visible()
        await expect(idea).to_have_value(long)

        await idea.fill("Une idée à moitié écri")
        await page.reload()
        await expect(idea).to_have_value("Une idée à moitié écri")
        await idea.press("Enter")
        await expect(saved(page)).to_have_count(2)
        await page.reload()
        await expect(saved(page)).to_have_count(2)
        await expect(idea).to_have_value("")


async def test_while_writing_is_paused_texts_are_kept(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 0) as people, Cable(server.port) as cable:
        page = await join(open_context, cable, people.code, "Paul")
        idea, send = page.get_by_label("Votre idée"), page.get_by_role("button", name="Envoyer", exact=True)
        await idea.fill("Une idée en route")
        await people.host.do("room.set", writing=False)
        await expect(page.get_by_text("La personne qui facilite a mis l’écriture en pause.").first).to_be_visible()
        await expect(send).to_be_disabled()
        await idea.press("Enter")
        await expect(idea).to_have_value("Une idée en route")

        await people.host.do("room.set", writing=True)
        await expect(send).to_be_enabled()
        await set_offline(page.context, cable, True)
        await expect(page.get_by_text("Connexion perdue. Continuez : tout partira au retour.")).to_be_visible()
        await send.click()
        await expect(page.get_by_text("1 idée en attente d’envoi")).to_be_visible()
        await people.host.do("room.set", writing=False)
        await set_offline(page.context, cable, False)
        await expect(page.get_by_text("La personne qui facilite a mis l’écriture en pause.").first).to_be_visible()
        await expect(face(page, "Une idée en route")).to_be_visible()
        await expect(page.get_by_role("main").get_by_text("En attente d’envoi", exact=True)).to_be_visible()

        await people.host.do("room.set", writing=True)
        await expect(saved(page)).to_be_visible()
        await people.host.until(lambda room: [record["text"] for record in room.all("idea")] == ["Une idée en route"])


async def test_a_hidden_post_is_left_to_its_author_and_a_removed_one_comes_back(
    open_context: OpenContext, server: ServerProcess
) -> None:
    review = "En relecture : visible par vous et la personne qui facilite seulement."
    async with crowd(server) as people:
        author = await join(open_context, server, people.code, "Paul")
        other = await (await open_context("phone")).new_page()
        await other.goto(people.seat())
        await see_all(other)
        await write_idea(author, "Supprimer la double saisie")
        await write_idea(author, "Dire merci")
        await expect(face(other, "Dire merci")).to_be_visible()
        await people.host.until(lambda room: len(room.all("idea")) == 2)
        hidden, thanks = people.host.all("idea")

        await people.host.do("post.hide", on=hidden["id"])
        await expect(author.get_by_text(review)).to_be_visible()
        await expect(face(author, "Supprimer la double saisie")).to_be_visible()
        await expect(face(other, "Supprimer la double saisie")).to_have_count(0)
        await expect(other.get_by_text("1 idée", exact=True)).to_be_visible()
        await people.host.do("post.show", on=hidden["id"])
        await expect(face(other, "Supprimer la double saisie")).to_be_visible()
        await expect(author.get_by_text(review)).to_have_count(0)

        await face(author, "Dire merci").click()
        await author.get_by_role("button", name="Retirer").click()
        await expect(
            author.get_by_text("Retirée : visible par vous et la personne qui facilite seulement.")
        ).to_be_visible()
        await expect(face(other, "Dire merci")).to_have_count(0)
        await author.get_by_role("button", name="Rétablir").click()
        await expect(face(other, "Dire merci")).to_be_visible()
        await expect(saved(author)).to_have_count(2)

        await see_all(author)  # « Annuler » undoes the last removal from the board
        await face(author, "Dire merci").click()
        await author.get_by_role("button", name="Retirer").click()
        await expect(face(other, "Dire merci")).to_have_count(0)
        await author.get_by_role("button", name="Annuler le retrait").click()
        await expect(face(other, "Dire merci")).to_be_visible()
        assert people.host.get(thanks["id"]) is not None


async def test_reactions_and_replies_are_on_the_other_phone(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        await people.ideas(["Supprimer la double saisie"])
        await people.participants[0].do("message.send", id="message:bonjour-a-tous", text="Bonjour à tous")
        paul = await join(open_context, server, people.code, "Paul")
        nadia = await (await open_context("phone")).new_page()
        await nadia.goto(people.seat())
        for page in (paul, nadia):
            await see_all(page)

        card = nadia.locator("[data-idea]", has_text="Supprimer la double saisie")
        await paul.get_by_role("button", name="J’approuve : 0").click()
        await expect(card.get_by_role("button", name="J’approuve : 1")).to_have_attribute("aria-pressed", "false")
        await face(paul, "Supprimer la double saisie").click()
        bar = paul.get_by_role("group", name="Réagir")
        await bar.get_by_role("button", name="J’adore").click()
        await expect(card.get_by_text("J’adore : 1")).to_be_attached()
        await expect(bar.get_by_role("button", name="J’adore")).to_have_attribute("aria-pressed", "true")
        await bar.get_by_role("button", name="J’adore").click()
        await expect(card.get_by_text("J’adore")).to_have_count(0)
        await paul.get_by_role("button", name="Fermer").click()

        for page in (paul, nadia):
            await page.get_by_role("button", name="Messages").click()
        await face(paul, "Bonjour à tous").click()
        await paul.get_by_role("group", name="Réagir").get_by_role("button", name="À retenir").click()
        await expect(nadia.get_by_text("À retenir : 1")).to_be_attached()
        await paul.get_by_role("button", name="Répondre").click()
        await expect(paul.get_by_label("Votre message")).to_be_focused()
        await paul.get_by_label("Votre message").fill("Bonjour Nadia")
        await paul.get_by_role("button", name="Envoyer le message").click()
        reply = nadia.get_by_role("listitem").filter(has_text="Bonjour Nadia")
        await expect(reply).to_contain_text("En réponse à Nadia Benali")
        await expect(reply).to_contain_text("Bonjour à tous")

        await paul.get_by_label("Chercher dans la séance").fill("double SAISIES")
        found = paul.get_by_role("button", name=re.compile("Supprimer la double saisie"))
        await expect(found).to_be_visible()
        await expect(paul.get_by_text("1 résultat", exact=True)).to_be_visible()


async def test_what_comes_while_one_reads_waits_and_moves_nothing(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await people.ideas([f"Idée numéro {n}" for n in range(1, 31)])
        page = await (await open_context("phone")).new_page()
        await page.goto(people.seat())
        await see_all(page)
        read = face(page, "Idée numéro 15")
        await read.evaluate("card => card.scrollIntoView({ block: 'center' })")
        await until(page, "scrollY > 80")
        await page.evaluate(SETTLE)  # cards out of sight have their heights only once they have been drawn
        before = await read.bounding_box()

        await people.host.do("idea.add", id="idea:nouvelle-venue", text="Arrivée pendant la lecture")
        await expect(page.get_by_role("button", name="1 nouvelle idée")).to_be_visible()
        await people.host.do("idea.move", id="idea:nouvelle-venue", before=people.host.all("idea")[0]["id"])
        await people.host.do("idea.add", id="idea:nouvelle-venue-2", text="Arrivée aussi")
        fresh = page.get_by_role("button", name="2 nouvelles idées")
        await expect(fresh).to_be_visible()
        assert await read.bounding_box() == before
        await expect(face(page, "Arrivée pendant la lecture")).to_have_count(0)

        await fresh.click()
        await expect(face(page, "Arrivée pendant la lecture")).to_be_in_viewport()
        await expect(fresh).to_have_count(0)

        await page.evaluate("scrollTo(0, 0)")  # nobody reads at the top with empty hands: what comes is shown
        await until(page, "scrollY === 0")
        await face(page, "Arrivée pendant la lecture").click()
        await people.host.do("idea.add", id="idea:nouvelle-venue-3", text="Arrivée une carte en main")
        await expect(page.get_by_role("button", name="1 nouvelle idée")).to_be_visible()
        await page.get_by_role("button", name="Fermer").click()
        await expect(face(page, "Arrivée une carte en main")).to_be_attached()


async def test_the_switch_makes_it_english_and_the_device_remembers(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("phone")).new_page()
    code = await open_room(host, server)
    await host.get_by_label("Consigne").fill("Que pourrions-nous changer ?")
    await host.get_by_role("button", name="Enregistrer", exact=True).click()
    page = await join(open_context, server, code, "Paul")
    await go_to(page, "Moi")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_text("Your personal link", exact=True)).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.reload()
    await page.get_by_role("button", name="Now", exact=True).click()
    await expect(page.get_by_label("Your idea")).to_be_visible()
    await page.get_by_label("Your idea").fill("Say thank you")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("main").get_by_text("Saved", exact=True)).to_be_visible()
    await expect(page.get_by_text("2 people present")).to_be_visible()
    # What people wrote keeps its language, for screen readers and hyphens.
    await expect(page.get_by_role("heading", name="Que pourrions-nous changer ?")).to_have_attribute("lang", "fr")

    english = await (await open_context("phone", lang="en-GB")).new_page()
    await english.goto(lan_url(server))
    await expect(english.get_by_role("heading", name="Join a workshop")).to_be_visible()


async def test_V1_what_its_author_alone_reads_is_not_offered_to_be_chosen(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        blind, vote = new_id("step"), new_id("step")
        await people.host.do("step.add", id=blind, kind="ideate", title="Nos idées", blind="nobody")
        await people.host.do("step.add", id=vote, kind="vote", title="Choisir", budget=3, cap=1)
        await people.host.do("step.go", id=blind)
        await people.participants[0].do("idea.add", id=new_id("idea"), text="Non révélée", step=blind)
        await people.host.do("step.go", id=vote)
        await people.host.do("idea.add", id=new_id("idea"), text="Lue par tous")
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat(0))
        await expect(phone.get_by_role("button", name="Ajouter une gommette à : Lue par tous")).to_be_visible()
        await expect(phone.get_by_text("Non révélée")).to_have_count(0)
        await people.host.do("step.reveal", id=blind)
        await expect(phone.get_by_role("button", name="Ajouter une gommette à : Non révélée")).to_be_visible()


@pytest.mark.parametrize("blind", ["nobody", "hosts"])
async def test_what_its_author_alone_reads_is_not_offered_to_be_reacted_to(
    open_context: OpenContext, server: ServerProcess, blind: str
) -> None:
    async with crowd(server, 1) as people:
        step = await people.step("ideate", "À l’aveugle", "Que changer ?", blind=blind)
        await people.host.do("step.go", id=step)
        await people.ideas(["Dire merci"])
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        for place in ("Maintenant", "Tout"):
            await go_to(phone, place)
            await face(phone, "Dire merci").click()
            sheet = phone.get_by_role("group", name="Que faire de cette idée ?")
            await expect(sheet.get_by_role("button", name="Modifier", exact=True)).to_be_visible()
            await expect(phone.get_by_role("group", name="Réagir")).to_have_count(0)
            await expect(phone.locator(".like")).to_have_count(0)
        await people.host.do("step.reveal", id=step)
        await expect(phone.get_by_role("group", name="Réagir")).to_be_visible()
        await expect(phone.locator(".like")).to_have_count(1)
        # The same where it waits to be shown.
        (idea,) = people.host.all("idea")
        await people.host.do("post.hide", on=idea["id"])
        await expect(phone.get_by_role("group", name="Réagir")).to_have_count(0)
        await expect(phone.locator(".like")).to_have_count(0)


NOTHING_YET = {
    "present": "Regardez le grand écran. La suite s’affichera ici.",
    "meet": "Vos idées s’afficheront ici.",
    "ideate": "Vos idées s’afficheront ici.",
    "group": "Rien à rapprocher pour le moment.",
    "vote": "Rien à choisir pour le moment.",
    "discuss": "Vos idées s’afficheront ici.",
    "decide": "Cela se passe ensemble, à voix haute.",
    "pulse": "La question arrive : elle s’affichera ici.",
    "next": "Une chose que je ferai vraiment",
}


async def test_each_step_with_nothing_in_it_says_what_comes_next(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        steps = {kind: await people.step(kind, f"Étape {kind}", budget=3) for kind in NOTHING_YET}
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await expect(phone.get_by_text("La séance va commencer")).to_be_visible()
        for kind, words in NOTHING_YET.items():
            await people.host.do("step.go", id=steps[kind])
            await expect(phone.get_by_role("heading", name=f"Étape {kind}")).to_be_visible()
            said = phone.get_by_placeholder(words) if kind == "next" else phone.get_by_text(words)
            await expect(said.first).to_be_visible()
            # Where nobody writes no place is kept for what one has not written.
            mine = phone.get_by_role("heading", name="Mes idées")
            await expect(mine).to_have_count(1 if kind in ("meet", "ideate", "discuss") else 0)
            await see_all(phone)
            await expect(
                phone.get_by_text("Pas encore d").or_(phone.get_by_text("Rien à rapprocher")).first
            ).to_be_visible()
            await go_to(phone, "Maintenant")
