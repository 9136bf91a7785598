"""What is being written outlives the layout that it is written in: a tablet is turned, a window is drawn wider."""

import re

import pytest
from playwright.async_api import Page, ViewportSize, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face, go_to
from tests.services import ServerProcess

UPRIGHT: ViewportSize = {"width": 800, "height": 1100}
ON_ITS_SIDE: ViewportSize = {"width": 1440, "height": 900}

IN_STEP = {
    "Ce qui est décidé": "Une seule sai",
    "Ce qu’il y a à faire": "Réunir les deux éq",
    "Premier pas": "Appeler Hél",
    "Votre question": "Partez-vous conf",
    "Ce que veut dire 5": "avec bonh",
}
"""By its label, what a host has typed in each field of the desk that both layouts show when it comes to deciding."""


async def decide(people: Crowd) -> None:
    step = await people.step("decide", "Décider", "Qui fait quoi ?")
    await people.host.do("step.go", id=step)


async def turn(page: Page) -> None:
    """Upright it is laid out as a phone."""
    await page.set_viewport_size(UPRIGHT)
    await expect(page.get_by_role("navigation", name="Parties de la séance")).to_be_visible()


async def turn_back(page: Page) -> None:
    await page.set_viewport_size(ON_ITS_SIDE)
    await expect(page.get_by_role("complementary")).to_be_visible()


async def test_what_a_host_writes_outlives_the_turning_of_a_tablet(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await decide(people)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        for opener in ("Ajouter une décision", "Ajouter une action sans décision", "Poser une question"):
            await desk.get_by_role("button", name=opener).click()
        for label, text in IN_STEP.items():
            await desk.get_by_label(label).fill(text)
        await turn(desk)
        for label, text in IN_STEP.items():
            await expect(desk.get_by_label(label)).to_have_value(text)
        await desk.get_by_label("Votre question").fill("Partez-vous confiants ?")
        await turn_back(desk)
        await expect(desk.get_by_label("Votre question")).to_have_value("Partez-vous confiants ?")
        await desk.get_by_label("Ce qui est décidé").fill("Une seule saisie")
        await desk.get_by_role("button", name="Décider", exact=True).click()
        await people.host.until(lambda room: [each["text"] for each in room.all("decision")] == ["Une seule saisie"])
        # What was sent is not there again.
        await desk.get_by_role("button", name="Ajouter une décision").click()
        await expect(desk.get_by_label("Ce qui est décidé")).to_have_value("")


async def test_what_is_changed_on_the_board_outlives_the_turning_of_a_tablet(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await people.ideas(["Moins de réunions"], zone=await people.zone("A", "Des réunions"))
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Renommer le groupe A").click()
        await desk.get_by_label("Nom du groupe").fill("Des réunions qui serv")
        await turn(desk)
        await go_to(desk, "Tableau")
        await expect(desk.get_by_label("Nom du groupe")).to_have_value("Des réunions qui serv")
        await face(desk, "Moins de réunions").click()
        await desk.get_by_role("button", name="En faire une décision").click()
        await desk.get_by_label("Ce qui est décidé").fill("Moins de réunions le lun")
        await turn_back(desk)
        await expect(desk.get_by_label("Ce qui est décidé")).to_have_value("Moins de réunions le lun")
        await expect(desk.get_by_label("Nom du groupe")).to_have_value("Des réunions qui serv")
        # Left as it was, a form begins anew.
        await desk.get_by_label("Nom du groupe").press("Escape")
        await desk.get_by_role("button", name="Renommer le groupe A").click()
        await expect(desk.get_by_label("Nom du groupe")).to_have_value("Des réunions")


async def test_a_step_that_is_being_set_outlives_the_turning_of_a_tablet(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await people.step("pulse", "Humeur")
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Régler l’étape « Humeur »").click()
        await desk.get_by_label("Consigne").press_sequentially("Comment partez-v")
        await turn(desk)
        await expect(desk.get_by_label("Consigne")).to_have_value("Comment partez-v")
        await desk.get_by_label("Ce que veut dire 5").press_sequentially("avec bonh")
        await turn_back(desk)
        await expect(desk.get_by_label("Ce que veut dire 5")).to_have_value("avec bonh")
        await people.host.until(
            lambda room: (
                [(step.get("prompt"), step.get("high")) for step in room.all("step")]
                == [("Comment partez-v", "avec bonh")]
            )
        )


async def test_what_is_typed_in_a_step_outlives_what_another_host_sets_in_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        step = await people.step("pulse", "Humeur")
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Régler l’étape « Humeur »").click()
        await desk.get_by_label("Ce que veut dire 5").press_sequentially("avec bonh")
        await people.host.do("step.edit", id=step, prompt="Comment partez-vous ?")
        await expect(desk.get_by_label("Consigne").last).to_have_value("Comment partez-vous ?")
        await expect(desk.get_by_label("Ce que veut dire 5")).to_have_value("avec bonh")


async def test_what_a_participant_writes_outlives_the_turning_of_a_tablet(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        step = await people.step("next", "La suite", "À quoi vous engagez-vous ?")
        await people.host.do("step.go", id=step)
        await people.host.do("pulse.ask", id=new_id("pulse"), question="Votre humeur ?", form="words", anonymous=False)
        await people.host.do("message.send", id=new_id("message"), text="Qui vient lundi ?")
        page = await (await open_context("desk")).new_page()
        await page.goto(people.seat())
        await page.get_by_label("Je m’engage à").fill("Écrire la règ")
        await page.get_by_role("switch", name="Le partager avec tout le monde").click()
        await page.get_by_label("En un ou deux mots").fill("conf")
        await face(page, "Qui vient lundi ?").click()
        await page.get_by_role("button", name="Répondre", exact=True).last.click()
        await expect(page.get_by_text("En réponse à Claire Vasseur")).to_be_visible()
        await turn(page)
        await expect(page.get_by_label("Je m’engage à")).to_have_value("Écrire la règ")
        await expect(page.get_by_role("switch", name="Le partager avec tout le monde")).to_be_checked()
        await expect(page.get_by_label("En un ou deux mots")).to_have_value("conf")
        await go_to(page, "Tout")
        await page.get_by_role("button", name="Messages").click()
        await expect(page.get_by_text("En réponse à Claire Vasseur")).to_be_visible()
        await go_to(page, "Moi")
        await page.get_by_label("Votre nom", exact=True).fill("Nadia B")
        await turn_back(page)
        await page.get_by_role("button", name="Moi").click()
        await expect(page.get_by_label("Votre nom", exact=True)).to_have_value("Nadia B")


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_who_adds_a_step_names_it(open_context: OpenContext, server: ServerProcess, size: str) -> None:
    async with crowd(server, 0) as people:
        desk = await (await open_context("phone" if size == "phone" else "desk")).new_page()
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Ajouter une étape").click()
        await expect(desk.get_by_label("Titre").first).to_be_focused()
        await desk.keyboard.type("Humeur")
        await desk.keyboard.press("Tab")
        await people.host.until(lambda room: [step["title"] for step in room.all("step")] == ["Humeur"])

        # As well where its settings lie beside the list.
        await desk.get_by_role("link", name="Préparer").click()
        assert not await desk.evaluate("document.activeElement.matches('.skip')")  # over the title
        await desk.get_by_role("button", name="Ajouter une étape").click()
        await expect(desk.get_by_label("Titre").first).to_be_focused()
        await desk.keyboard.type("Bilan")
        await desk.keyboard.press("Tab")
        await expect(desk.get_by_role("button", name=re.compile("^2 Bilan"))).to_be_visible()
