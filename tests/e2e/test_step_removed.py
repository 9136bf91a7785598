"""A step that is removed can be had back, with all it had, and nothing else is pressed by the same hand (SPEC G1)."""

import re
from typing import Any

import msgspec
import pytest
from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from protocol.records import StepRecord
from tests.e2e.conftest import OpenContext, Size, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import choose_agenda
from tests.services import ServerProcess

SETTINGS: dict[str, Any] = {
    "kind": "pulse",
    "title": "Le pouls",
    "prompt": "Comment ça va ?",
    "minutes": 7,
    "form": "scale",
    "low": "mal",
    "high": "bien",
    "asks": True,
}


async def agenda(people: Crowd) -> list[str]:
    ids = [new_id("step") for _ in range(4)]
    await people.host.do(
        "step.add", id=ids[0], kind="ideate", title="Nos idées", anonymous=True, blind="nobody", minutes=10
    )
    await people.host.do("step.add", id=ids[1], **SETTINGS)
    await people.host.do("step.add", id=ids[2], kind="vote", title="Choisir", budget=4, cap=2, targets="zones")
    await people.host.do("step.add", id=ids[3], kind="next", title="La suite")
    await people.host.until(lambda room: len(room.all("step")) == 4)
    return ids


def said(people: Crowd) -> list[dict[str, Any]]:
    """The agenda in its order, without what the server alone gives."""
    steps = sorted(people.host.all("step"), key=lambda step: step["rank"])
    # What is drawn before the server's word is here says what is at its default, too.
    kept = [msgspec.to_builtins(msgspec.convert(step, StepRecord)) for step in steps]
    return [{key: value for key, value in step.items() if key not in ("id", "v", "rank")} for step in kept]


async def press_where_it_was(page: Page, button: Locator) -> None:
    """Two presses of one hand: the second comes where the first was, a moment later."""
    box = await button.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.click(x, y)
    await expect(page.get_by_role("button", name=re.compile("^Annuler le retrait"))).to_be_focused()
    await page.mouse.click(x, y)


STANDS = """() => [...document.querySelectorAll('main button')].map((each) => [each.innerText, Math.round(each.getBoundingClientRect().top)])"""
"""Where all that can be pressed stands."""


async def middle_of_removal(page: Page) -> tuple[float, float]:
    """Where one presses to remove « Le pouls », whose settings are open by now."""
    await page.get_by_role("button", name="Régler l’étape « Le pouls »").click()
    remove = page.get_by_role("button", name="Retirer l’étape")
    await remove.scroll_into_view_if_needed()
    box = await remove.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("size", ["desk", "phone"])
async def test_G1_the_way_back_is_where_the_hand_is_and_nothing_slides_under_it(
    open_context: OpenContext, server: ServerProcess, size: Size
) -> None:
    async with crowd(server) as people:
        await agenda(people)
        page = await (await open_context(size)).new_page()
        await page.goto(people.desk())
        x, y = await middle_of_removal(page)
        add = page.get_by_text("Ajouter une étape").first
        was = (await add.bounding_box() or {"y": 0})["y"]
        await page.mouse.click(x, y)
        undo = page.get_by_role("button", name="Annuler le retrait de « Le pouls »")
        await expect(undo).to_be_focused()
        place = await undo.bounding_box()
        assert place is not None
        assert 0 <= y - place["y"] - place["height"] < 60  # Above the hand, and near it.
        await picture(page, f"etape-retiree-{size}")
        stands = await page.evaluate(STANDS)
        assert abs((await add.bounding_box() or {"y": 0})["y"] - was) <= 1
        # A tremble, and the way down to what comes next, change nothing.
        for by in (3, 60, 90):
            await page.mouse.move(x + 3, y + by)
            await page.evaluate("() => new Promise(requestAnimationFrame)")
            assert await page.evaluate(STANDS) == stands
        await undo.click()
        await people.host.until(lambda room: len(room.all("step")) == 4)
        # It is open again where it was.
        await expect(page.get_by_role("region", name="Déroulé").get_by_label("Titre")).to_have_value("Le pouls")
        assert abs((await add.bounding_box() or {"y": 0})["y"] - was) <= 1


async def test_G1_a_step_removed_on_the_desk_comes_back(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        await agenda(people)
        before = said(people)
        page = await (await open_context("desk")).new_page()
        await page.goto(people.desk())
        await page.get_by_role("button", name="Régler l’étape « Le pouls »").click()
        remove = page.get_by_role("button", name="Retirer l’étape")
        await remove.scroll_into_view_if_needed()
        await press_where_it_was(page, remove)
        await people.host.until(lambda room: len(room.all("step")) == 3)
        assert not any(record.get("now") for record in people.host.all("agenda"))
        await page.get_by_role("button", name="Annuler le retrait de « Le pouls »").click()
        await people.host.until(lambda room: len(room.all("step")) == 4)
        assert said(people) == before
        await expect(page.get_by_role("button", name="Régler l’étape « Le pouls »")).to_be_visible()


async def test_G1_a_step_removed_in_the_preparation_comes_back(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await agenda(people)
        before = said(people)
        page = await (await open_context("desk")).new_page()
        await page.goto(people.desk())
        await page.get_by_role("link", name="Préparer").click()
        await page.get_by_role("button", name=re.compile("^3 Choisir")).click()
        await press_where_it_was(page, page.get_by_role("button", name="Retirer l’étape"))
        undo = page.get_by_role("button", name="Annuler le retrait de « Choisir »")
        await people.host.until(lambda room: len(room.all("step")) == 3)
        await undo.press("Enter")
        await people.host.until(lambda room: len(room.all("step")) == 4)
        assert said(people) == before
        await expect(undo).to_have_count(0)
        # It is the one that is open again: what is typed next is not for another.
        await expect(page.get_by_role("heading", name="Choisir", exact=True)).to_be_visible(timeout=5_000)
        await expect(page.get_by_label("Titre")).to_be_focused()
        await expect(page.get_by_label("Titre")).to_have_value("Choisir")


async def test_G1_the_last_step_and_a_whole_agenda_come_back(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        await agenda(people)
        before = said(people)
        page = await (await open_context("phone")).new_page()
        await page.goto(people.desk())
        await page.get_by_role("link", name="Préparer").click()
        await page.get_by_role("button", name=re.compile("^4 La suite")).click()
        await page.get_by_role("button", name="Retirer l’étape").click()
        await people.host.until(lambda room: len(room.all("step")) == 3)
        await page.get_by_role("button", name="Annuler le retrait de « La suite »").click()
        await people.host.until(lambda room: len(room.all("step")) == 4)
        assert said(people) == before

        await page.get_by_text("Changer de déroulé").click()
        await choose_agenda(page, "Météo")
        await expect(page.get_by_text("Déroulé remplacé")).to_be_visible()
        await people.host.until(lambda room: "Nos idées" not in [step["title"] for step in room.all("step")])
        await page.get_by_role("button", name="Reprendre l’ancien déroulé").click()
        await people.host.until(lambda _: said(people) == before)


async def test_G1_steps_removed_one_after_the_other_come_back_one_after_the_other(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await agenda(people)
        was = said(people)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        for title in ("Nos idées", "Le pouls", "Choisir"):
            await desk.get_by_role("button", name=f"Régler l’étape « {title} »").click()
            await desk.get_by_role("button", name="Retirer l’étape").click()
        await people.host.until(lambda room: len(room.all("step")) == 1)
        for title in ("Choisir", "Le pouls", "Nos idées"):
            await desk.get_by_role("button", name=f"Annuler le retrait de « {title} »").click()
        await people.host.until(lambda room: len(room.all("step")) == 4)
        assert said(people) == was


@pytest.mark.parametrize("ends", ["rest", "focus", "wheel", "swipe"])
async def test_G1_the_place_of_a_step_that_was_removed_does_not_stay_empty(
    open_context: OpenContext, server: ServerProcess, ends: str
) -> None:
    async with crowd(server) as people:
        await agenda(people)
        page = await (await open_context("phone" if ends == "swipe" else "desk")).new_page()
        await page.goto(people.desk())
        x, y = await middle_of_removal(page)
        await page.mouse.click(x, y)
        undo = page.get_by_role("button", name="Annuler le retrait de « Le pouls »")
        await expect(undo).to_be_focused()
        held = page.locator(".held")
        await expect(held).to_have_count(1)
        match ends:
            case "focus":
                await page.keyboard.press("Tab")
            case "wheel":
                await page.mouse.wheel(0, 40)
            case "swipe":
                session = await page.context.new_cdp_session(page)
                at = {"x": x, "y": y - 200, "yDistance": -80, "gestureSourceType": "touch"}
                await session.send("Input.synthesizeScrollGesture", at)
            case _:
                pass  # Nobody does anything.
        await expect(held).to_have_count(0, timeout=8_000)
        await expect(undo).to_be_in_viewport()
        await undo.click()
        await people.host.until(lambda room: len(room.all("step")) == 4)


async def test_G1_what_is_under_the_hand_stays_there_while_it_is_about_to_press(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await agenda(people)
        page = await (await open_context("desk")).new_page()
        await page.clock.install()
        await page.goto(people.desk())
        await page.get_by_role("button", name="Régler l’étape « Le pouls »").click()
        await page.get_by_role("button", name="Retirer l’étape").click()
        undo = page.get_by_role("button", name="Annuler le retrait de « Le pouls »")
        await undo.hover()
        stands = await page.evaluate(STANDS)
        await page.clock.fast_forward(60_000)
        assert await page.evaluate(STANDS) == stands
        await undo.click()
        await people.host.until(lambda room: len(room.all("step")) == 4)
