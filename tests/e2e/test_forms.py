"""What is wrong with a field is said at the field, and the field says so to who cannot see it."""

import re

from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import go_to, open_menu
from tests.services import ServerProcess

NEAR = 12
"""Between a field and the words about it there is nothing, in px."""


async def wrong(page: Page, field: Locator) -> None:
    """The field is marked, has the focus of whoever typed there, and the words stand right below it."""
    await expect(field).to_have_attribute("aria-invalid", "true")
    words = page.locator(f"[id='{(await field.get_attribute('aria-describedby') or '').split()[-1]}']")
    await expect(words).to_be_visible()
    await expect(words).to_have_role("alert")
    assert (await words.inner_text()).strip()
    above, below = await field.bounding_box(), await words.bounding_box()
    assert above is not None and below is not None
    assert 0 <= below["y"] - (above["y"] + above["height"]) <= NEAR, (above, below)


async def test_of_the_forms_outside_a_room(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 0) as people:
        page = await (await open_context("phone")).new_page()
        await page.goto(lan_url(server))
        await page.get_by_role("button", name="Ouvrir la séance").click()
        await wrong(page, page.get_by_label("Titre de la séance"))
        await expect(page.get_by_label("Titre de la séance")).to_be_focused()
        await page.get_by_label("Titre de la séance").fill("Printemps")
        await page.get_by_label("Votre prénom et votre nom").fill("é" * 41)
        await page.get_by_role("button", name="Ouvrir la séance").click()
        await wrong(page, page.get_by_label("Votre prénom et votre nom"))
        await expect(page.get_by_role("alert").filter(has_text="40 caractères au plus")).to_have_count(1)

        await page.goto(lan_url(server, f"/r/{people.code}"))
        await page.get_by_role("button", name="Entrer").click()
        await wrong(page, page.get_by_label("Votre prénom et votre nom"))
        await expect(page.get_by_label("Votre prénom et votre nom")).to_be_focused()


async def test_of_the_forms_on_the_desk(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        decision, step = new_id("decision"), new_id("step")
        await people.host.do("decision.add", id=decision, text="Une seule saisie")
        await people.host.do("step.add", id=step, kind="group", title="Rapprocher")
        await people.host.do("step.go", id=step)
        page = await (await open_context("desk")).new_page()
        await page.goto(people.desk())

        await page.get_by_role("button", name="Décisions1").click()
        await page.get_by_role("button", name="Ajouter une décision").click()
        await page.get_by_label("Ce qui est décidé").press("Enter")
        await wrong(page, page.get_by_label("Ce qui est décidé"))
        await page.keyboard.press("Escape")

        await page.get_by_role("button", name="Ajouter une action", exact=True).click()
        await page.get_by_label("Premier pas").fill("é" * 281)
        await page.get_by_role("button", name="Enregistrer").click()
        await wrong(page, page.get_by_label("Ce qu’il y a à faire"))
        await page.get_by_label("Ce qu’il y a à faire").fill("Écrire la règle")
        await page.get_by_role("button", name="Enregistrer").click()
        await wrong(page, page.get_by_label("Premier pas"))
        await page.get_by_role("button", name="Annuler", exact=True).click()

        await page.get_by_role("button", name="Poser une question").click()
        await page.get_by_role("button", name="Par un choix").click()
        await page.get_by_role("button", name="Poser la question").click()
        await wrong(page, page.get_by_label("Votre question"))
        await page.get_by_label("Votre question").fill("Lequel ?")
        await page.get_by_role("button", name="Poser la question").click()
        await wrong(page, page.get_by_label("Les choix, un par ligne"))

        await open_menu(page, "Plus")
        await page.get_by_label("Titre", exact=True).fill("")
        await page.get_by_role("region", name="Réglages").get_by_role("button", name="Enregistrer").click()
        await wrong(page, page.get_by_label("Titre", exact=True))

        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Ajouter un groupe").click()
        await page.get_by_label("Nom du groupe").press("Enter")
        await wrong(page, page.get_by_label("Nom du groupe"))

        await page.get_by_role("button", name=re.compile("^Personnes")).click()
        await page.get_by_role("button", name="Gérer Olivier Kerbrat").click()
        await page.get_by_label("Nom affiché").fill("")
        await page.get_by_role("button", name="Changer").click()
        await wrong(page, page.get_by_label("Nom affiché"))

        await page.get_by_role("button", name="Régler l’étape « Rapprocher »").click()
        await page.locator(".editor").get_by_label("Titre").fill("")
        await page.locator(".editor").get_by_label("Titre").press("Tab")
        await wrong(page, page.locator(".editor").get_by_label("Titre"))


async def test_of_the_forms_on_a_phone(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="next", title="La suite")
        await people.host.do("step.go", id=step)
        page = await (await open_context("phone")).new_page()
        await page.goto(people.seat(0))
        await page.get_by_label("Je m’engage à").fill("é" * 281)
        await page.get_by_role("button", name="M’engager").click()
        await wrong(page, page.get_by_label("Je m’engage à"))
        await go_to(page, "Moi")
        await page.get_by_label("Votre nom").fill("")
        await page.get_by_role("button", name="Changer").click()
        await wrong(page, page.get_by_label("Votre nom"))
