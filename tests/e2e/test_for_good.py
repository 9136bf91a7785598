"""What nothing brings back is asked once more, in one way everywhere, and a press that comes twice is one."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext
from tests.e2e.crowd import crowd
from tests.e2e.people import face, go_to
from tests.services import ServerProcess

SECOND = "(button) => button.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 2 }))"
"""What a browser tells of the second press of a double one, on what has come under the hand meanwhile."""


async def remove(page: Page, opener: Locator, go: Locator) -> None:
    """Not by a press that comes twice, not by who thinks better of it; by who presses again."""
    await opener.dblclick()
    await go.evaluate(SECOND)
    await expect(go).to_be_visible()
    await page.get_by_role("alert").get_by_role("button", name="Annuler").click()
    await expect(go).to_have_count(0)
    await opener.click()
    await go.click()
    await expect(go).to_have_count(0)


async def test_a_decision_and_an_action_are_removed_by_a_second_press(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        decision, action = new_id("decision"), new_id("action")
        await people.host.do("decision.add", id=decision, text="Une seule saisie")
        await people.host.do("action.add", id=action, text="Réunir les équipes", decision=decision)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        aside = desk.get_by_role("complementary")
        await aside.get_by_role("button", name="Décisions").click()
        for what, name in (("l’action", "Réunir les équipes"), ("la décision", "Une seule saisie")):
            await aside.get_by_role("button", name=f"Modifier {what} : {name}").click()
            await remove(
                desk,
                aside.get_by_role("button", name=f"Retirer {what} : {name}"),
                aside.get_by_role("alert").get_by_role("button", name=f"Retirer {what}", exact=True),
            )
            await expect(aside.get_by_text(name, exact=True)).to_have_count(0)
        await people.host.until(lambda room: not room.all("decision") and not room.all("action"))


async def test_a_message_is_removed_by_a_second_press(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        await people.participants[0].do("message.send", id=new_id("message"), text="À ce soir ?")
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await go_to(phone, "Tout")
        await phone.get_by_role("button", name="Messages").click()
        await face(phone, "À ce soir ?").click()
        await remove(
            phone,
            phone.get_by_role("button", name="Retirer", exact=True),
            phone.get_by_role("alert").get_by_role("button", name="Retirer le message"),
        )
        await expect(face(phone, "À ce soir ?")).to_have_count(0)
        await people.host.until(lambda room: not room.all("message"))


async def test_what_one_said_of_oneself_can_be_had_back(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        step = await people.step("meet", "Qui est là ?")
        await people.host.do("step.go", id=step)
        await people.ideas(["Lire un contrat"])
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await go_to(phone, "Moi")
        await phone.get_by_role("button", name="Retirer : Lire un contrat").click()
        await people.host.until(lambda room: all(idea.get("removed") for idea in room.all("idea")))
        await phone.get_by_role("button", name="Annuler le retrait").click()
        await expect(phone.get_by_role("button", name="Retirer : Lire un contrat")).to_be_visible()


@pytest.mark.parametrize("voters", [3, 4])
async def test_V3_so_few_voters_are_told_before_the_result_is_seen(
    open_context: OpenContext, server: ServerProcess, voters: int
) -> None:
    async with crowd(server, 4) as people:
        (idea,) = await people.ideas(["Moins de réunions"])
        step = await people.step("vote", "Choisir", budget=2, cap=1)
        await people.host.do("step.go", id=step)
        for participant in people.participants[:voters]:
            await participant.do("dots.put", step=step, on=idea, count=1)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Clore le vote").click()
        await expect(desk.get_by_role("button", name="Voir le résultat")).to_be_visible()
        few = desk.get_by_text("Avec si peu de votes")
        await expect(few).to_have_count(1 if voters == 3 else 0)


async def test_G3_a_count_says_what_of_it_nobody_else_reads(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        await people.ideas(["Moins de réunions", "Dire merci"])
        step = await people.step("ideate", "Nos idées", blind="nobody")
        await people.host.do("step.go", id=step)
        await people.ideas(["À l’aveugle"])
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await go_to(phone, "Tout")
        count = phone.get_by_role("heading", level=2).filter(has_text="idées")
        await expect(count).to_have_text(re.compile("^2 idées et une des vôtres, pas encore montrée$"))
        await people.host.do("step.reveal", id=step)
        await expect(count).to_have_text("3 idées")
