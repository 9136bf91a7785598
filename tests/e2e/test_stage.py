"""The big screen is never empty: what a host chose and is gone leaves the step its place, and the desk says so (SPEC G10)."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import Crowd, crowd
from tests.services import ServerProcess

PROMPT = "Que pourrions-nous changer ?"
FALLEN = "Ce que vous aviez choisi n’est pas ou plus visible : l’écran suit l’étape."
TEXT = "Supprimer la double saisie"


async def open_screen(open_context: OpenContext, server: ServerProcess, people: Crowd) -> Page:
    screen = await (await open_context("projector")).new_page()
    await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
    return screen


async def open_desk(open_context: OpenContext, people: Crowd) -> Page:
    desk = await (await open_context("projector")).new_page()
    await desk.goto(people.desk())
    return desk


async def removed(people: Crowd, idea: str, other: str) -> None:
    await people.participants[0].do("idea.remove", id=idea)


async def hidden(people: Crowd, idea: str, other: str) -> None:
    await people.host.do("post.hide", on=idea)


async def merged(people: Crowd, idea: str, other: str) -> None:
    await people.participants[0].do("idea.merge", id=idea, into=other)


@pytest.mark.parametrize("gone", [removed, hidden, merged])
async def test_G10_an_idea_that_goes_leaves_the_screen_to_its_step(
    open_context: OpenContext, server: ServerProcess, gone: Callable[[Crowd, str, str], Awaitable[None]]
) -> None:
    async with crowd(server) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="group", title="Rapprocher", prompt=PROMPT)
        await people.host.do("step.go", id=step)
        idea, other = await people.ideas([TEXT, "Dire merci"])
        screen, desk = await open_screen(open_context, server, people), await open_desk(open_context, people)
        await people.host.do("stage.set", view="ideas", on=idea)
        await expect(screen.locator(".view").get_by_text(TEXT)).to_be_visible()
        await expect(screen.locator(".view").get_by_text("Dire merci")).to_have_count(0)
        await expect(
            desk.get_by_text(f"À l’écran : « {TEXT} »".replace("« ", "«\u202f").replace(" »", "\u202f»"))
        ).to_be_visible()
        await gone(people, idea, other)
        await expect(screen.locator(".view").get_by_text("Dire merci")).to_be_visible()
        await expect(screen.locator(".view").get_by_text(PROMPT)).to_be_visible()
        await expect(desk.get_by_text(FALLEN)).to_be_visible()
        stage = desk.get_by_role("region", name="Grand écran")
        await expect(stage.get_by_role("button", name="Suivre l’étape")).to_have_attribute("aria-pressed", "true")
        await expect(stage.get_by_role("button", name="Idées")).to_have_attribute("aria-pressed", "false")
        # The picture of the screen on the desk is the same.
        await expect(desk.locator(".projector .view").get_by_text("Dire merci")).to_be_visible()


async def test_G10_a_zone_and_a_decision_that_go_leave_it_too(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="present", title="Ouverture", prompt=PROMPT)
        await people.host.do("step.go", id=step)
        zone, decision = await people.zone("A", "Réunions"), new_id("decision")
        (idea,) = await people.ideas([TEXT], zone)
        await people.host.do("decision.add", id=decision, text="Une seule saisie")
        screen, desk = await open_screen(open_context, server, people), await open_desk(open_context, people)
        asks = screen.locator(".view").get_by_text(PROMPT)

        await people.host.do("stage.set", view="ideas", on=zone)
        await expect(screen.locator(".view").get_by_text(TEXT)).to_be_visible()
        await people.participants[0].do("idea.move", id=idea, zone=None)
        await expect(asks).to_be_visible()
        await expect(desk.get_by_text(FALLEN)).to_be_visible()
        await people.participants[0].do("idea.move", id=idea, zone=zone)
        await expect(screen.locator(".view").get_by_text(TEXT)).to_be_visible()
        await expect(desk.get_by_text(FALLEN)).to_have_count(0)
        await people.host.do("zone.remove", id=zone)
        await expect(asks).to_be_visible()
        await expect(desk.get_by_text(FALLEN)).to_be_visible()

        await people.host.do("stage.set", view="decision", on=decision)
        await expect(screen.locator(".view").get_by_text("Une seule saisie")).to_be_visible()
        await expect(desk.get_by_text(FALLEN)).to_have_count(0)
        await people.host.do("decision.remove", id=decision)
        await expect(asks).to_be_visible()
        await expect(desk.get_by_text(FALLEN)).to_be_visible()


async def test_G10_a_host_who_alone_reads_an_idea_is_told_that_the_screen_does_not_show_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", prompt=PROMPT)
        await people.host.do("step.go", id=step)
        (idea,) = await people.ideas([TEXT])
        await people.host.do("stage.set", view="ideas", on=idea)
        await people.host.do("step.edit", id=step, blind="hosts")
        screen, desk = await open_screen(open_context, server, people), await open_desk(open_context, people)
        await expect(screen.locator(".view").get_by_text(PROMPT)).to_be_visible()
        await expect(desk.get_by_text(FALLEN)).to_be_visible()
        await people.host.do("step.reveal", id=step)
        await expect(screen.locator(".view").get_by_text(TEXT)).to_be_visible()
        await expect(desk.get_by_text(FALLEN)).to_have_count(0)


async def test_G10_a_host_turns_the_pages_of_every_screen_and_holds_one(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", prompt=PROMPT)
        await people.host.do("step.go", id=step)
        await people.ideas([f"Idée {n}" for n in range(20)])
        screens = [await open_screen(open_context, server, people) for _ in range(2)]
        desk = await open_desk(open_context, people)
        stage = desk.get_by_role("region", name="Grand écran")
        await stage.get_by_role("button", name="Garder cette page").click()
        await expect(stage.get_by_role("button", name="Reprendre le défilement")).to_be_visible()
        held = await stage.locator(".page").inner_text()
        for page in screens:
            await expect(page.locator(".pages p")).to_have_text(held)
        # From any of them the next is the next for all.
        turned = f"{int(held[0]) % 3 + 1} / 3"
        await stage.get_by_role("button", name="Page suivante").click()
        for page in screens:
            await expect(page.locator(".pages p")).to_have_text(turned)
        await screens[0].reload()
        await expect(screens[0].locator(".pages p")).to_have_text(turned)
        await stage.get_by_role("button", name="Page précédente").click()
        for page in screens:
            await expect(page.locator(".pages p")).to_have_text(held)
        await stage.get_by_role("button", name="Reprendre le défilement").click()
        await expect(screens[0].locator(".pages p")).not_to_have_text(held, timeout=15_000)
