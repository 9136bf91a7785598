"""What a card's sheet offers, and when it goes; what a form that opens takes (SPEC G2, G4)."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, Size
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face, see_all, write_idea
from tests.services import ServerProcess


def sheet(page: Page) -> Locator:
    return page.get_by_role("group", name="Que faire de cette idée ?")


async def steps(people: Crowd) -> tuple[str, str]:
    """An anonymous step, where people are now, and one to vote in."""
    ideate, vote = new_id("step"), new_id("step")
    await people.host.do("step.add", id=ideate, kind="ideate", title="Nos idées", anonymous=True)
    await people.host.do("step.add", id=vote, kind="vote", title="Choisir")
    await people.host.do("step.go", id=ideate)
    return ideate, vote


async def seated(open_context: OpenContext, people: Crowd, size: Size = "phone") -> Page:
    page = await (await open_context(size)).new_page()
    await page.goto(people.seat(0))
    return page


@pytest.mark.parametrize("size", ["phone", "desk", "projector"])
async def test_G4_authors_edit_and_take_back_what_they_wrote_without_a_name(
    open_context: OpenContext, server: ServerProcess, size: Size
) -> None:
    async with crowd(server) as people:
        await steps(people)
        page = await seated(open_context, people, size)
        await write_idea(page, "Moins de réunons")
        await expect(page.locator("main").get_by_text("Enregistré").first).to_be_visible()
        if size == "phone":
            await see_all(page)
        await page.locator("[id^='card-idea:']").click()
        await sheet(page).get_by_role("button", name="Modifier").click()
        await page.get_by_label("Modifier l’idée").fill("Moins de réunions")
        await page.get_by_role("button", name="Enregistrer", exact=True).click()
        await people.host.until(lambda room: [idea["text"] for idea in room.all("idea")] == ["Moins de réunions"])
        await sheet(page).get_by_role("button", name="Retirer").click()
        await people.host.until(lambda room: [idea.get("removed") for idea in room.all("idea")] == [True])

        # Another's anonymous card offers neither.
        await people.participants[1].do("idea.add", id=new_id("idea"), text="D’une autre personne")
        await face(page, "D’une autre personne").click()
        await expect(sheet(page)).to_be_visible()
        for name in ("Modifier", "Retirer"):
            await expect(sheet(page).get_by_role("button", name=name)).to_have_count(0)


async def test_G2_a_sheet_goes_with_its_step(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        ideate, vote = await steps(people)
        await people.ideas(["Dire merci", "Oser"])
        page = await seated(open_context, people)
        await see_all(page)
        await face(page, "Dire merci").click()
        await expect(sheet(page)).to_be_visible()
        await people.host.do("step.go", id=vote)
        await expect(sheet(page)).to_have_count(0)
        await people.host.do("step.go", id=ideate)
        await expect(page.get_by_role("main").get_by_text("Dire merci")).to_be_visible()
        await expect(sheet(page)).to_have_count(0)


async def test_G2_a_sheet_in_which_one_writes_stays_until_that_is_said(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        _, vote = await steps(people)
        page = await seated(open_context, people)
        await write_idea(page, "Une phrase à reprendre")
        await see_all(page)
        await page.locator("[id^='card-idea:']").click()
        await sheet(page).get_by_role("button", name="Modifier").click()
        await page.get_by_label("Modifier l’idée").fill("Une phrase reprise")
        await people.host.do("step.go", id=vote)
        await expect(page.get_by_label("Modifier l’idée")).to_have_value("Une phrase reprise")
        await page.get_by_label("Modifier l’idée").press("Enter")
        await people.host.until(lambda room: [idea["text"] for idea in room.all("idea")] == ["Une phrase reprise"])
        await expect(sheet(page)).to_have_count(0)


async def test_G2_who_looks_for_what_says_the_same_is_let_go_when_the_step_goes(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        group, vote = new_id("step"), new_id("step")
        await people.host.do("step.add", id=group, kind="group", title="Rapprocher")
        await people.host.do("step.add", id=vote, kind="vote", title="Choisir")
        await people.host.do("step.go", id=group)
        await people.ideas(["Dire merci", "Oser"])
        page = await seated(open_context, people)
        await face(page, "Dire merci").click()
        await sheet(page).get_by_role("button", name="Dit la même chose que").click()
        await expect(page.get_by_text("Touchez l’idée qui dit la même chose")).to_be_visible()
        await people.host.do("step.go", id=vote)
        await expect(page.get_by_text("Placez vos", exact=False).or_(page.get_by_text("Il vous reste"))).to_be_visible()
        await see_all(page)
        await expect(page.get_by_text("Touchez l’idée qui dit la même chose")).to_have_count(0)


async def test_a_form_that_opens_is_written_in_at_once_and_sent_by_enter(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="decide", title="Décider")
        await people.host.do("step.go", id=step)
        page = await (await open_context("desk")).new_page()
        await page.goto(people.desk())
        await page.get_by_role("button", name="Ajouter une décision").click()
        await expect(page.get_by_label("Ce qui est décidé")).to_be_focused()
        await page.keyboard.type("Une seule saisie")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("au 1er mars")
        await page.keyboard.press("Enter")
        await people.host.until(lambda room: len(room.all("decision")) == 1)
        assert people.host.all("decision")[0]["text"] == "Une seule saisie\nau 1er mars"

        # Escape leaves it as it was.
        await page.get_by_role("button", name=re.compile("^Modifier la décision")).click()
        await expect(page.get_by_label("Ce qui est décidé")).to_be_focused()
        await page.keyboard.type(", ou pas")
        await page.keyboard.press("Escape")
        await expect(page.get_by_label("Ce qui est décidé")).to_have_count(0)

        await page.get_by_role("button", name="Ajouter une action", exact=True).click()
        await expect(page.get_by_label("Ce qu’il y a à faire")).to_be_focused()
        await page.keyboard.type("Écrire la règle")
        await page.keyboard.press("Enter")
        await people.host.until(lambda room: [a["text"] for a in room.all("action")] == ["Écrire la règle"])

        await page.get_by_role("button", name="Poser une question").click()
        await expect(page.get_by_label("Votre question")).to_be_focused()
        await page.keyboard.type("Partez-vous confiants ?")
        await page.keyboard.press("Enter")
        await people.host.until(lambda room: len(room.all("pulse")) == 1)
