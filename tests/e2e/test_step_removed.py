"""A step that is removed can be had back, with all it had, and nothing else is pressed by the same hand (SPEC G1)."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext
from tests.e2e.crowd import Crowd, crowd
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
    return [{key: value for key, value in step.items() if key not in ("id", "v", "rank")} for step in steps]


async def press_where_it_was(page: Page, button: Locator) -> None:
    """Two presses of one hand: the second comes where the first was, a moment later."""
    box = await button.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.click(x, y)
    await expect(page.get_by_role("button", name=re.compile("^Annuler le retrait"))).to_be_focused()
    await page.mouse.click(x, y)


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
        await page.get_by_role("button", name="Météo").click()
        await expect(page.get_by_text("Déroulé remplacé")).to_be_visible()
        await people.host.until(lambda room: "Nos idées" not in [step["title"] for step in room.all("step")])
        await page.get_by_role("button", name="Reprendre l’ancien déroulé").click()
        await people.host.until(lambda _: said(people) == before)
