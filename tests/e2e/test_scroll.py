"""No screen scrolls into nothing: what only a screen reader needs lengthens no page."""

import pytest
from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, Size, lan_url
from tests.e2e.crowd import crowd
from tests.services import ServerProcess

FOOT = 140
"""Below the last thing that is seen a page may go on for so long, in px: it has a margin, and a phone its places."""

BLANK = """() => {
    const seen = [...document.querySelectorAll('#app *')].filter((e) => {
        const { width, height } = e.getBoundingClientRect()
        return width > 1 && height > 1 && e.checkVisibility() && !e.closest('.unseen, .skip, svg')
            && !(function clipped(p) { return p && p.id !== 'app' && (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowY) || clipped(p.parentElement)) })(e.parentElement)
    })
    const last = Math.max(...seen.map((e) => e.getBoundingClientRect().bottom + scrollY))
    return Math.round(document.documentElement.scrollHeight - Math.max(last, innerHeight))
}"""


async def blank(page: Page) -> int:
    """How far the page goes on below the last that is seen, in px."""
    below: int = await page.evaluate(BLANK)
    return below


@pytest.mark.parametrize("size", ["phone", "desk", "projector"])
async def test_no_page_ends_in_a_blank_band(open_context: OpenContext, server: ServerProcess, size: Size) -> None:
    async with crowd(server, 3) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="group", title="Rapprocher")
        await people.host.do("step.go", id=step)
        for letter in "ABCDEF":
            zone = await people.zone(letter, f"Zone {letter}")
            ideas = await people.ideas([f"Une idée de la zone {letter}, la {n}" for n in range(12)], zone)
            await people.react(ideas[-1])
        for n in range(30):
            await people.participants[0].do("message.send", id=new_id("message"), text=f"Message {n}")
        page = await (await open_context(size)).new_page()
        for address in (people.desk(), people.seat(0)):
            await page.goto(address)
            if size == "phone":
                await page.get_by_role("button", name="Tableau" if address == people.desk() else "Tout").click()
            await expect(page.get_by_text("72 idées", exact=True).first).to_be_visible()
            assert await blank(page) <= FOOT, address
            if size == "projector" or (size == "desk" and address == people.desk()):
                # Laid out to the height of the window: nothing scrolls but what stands in it.
                height = await page.evaluate("document.documentElement.scrollHeight - innerHeight")
                assert height <= 0, (address, height)
        await page.goto(people.desk())
        await page.get_by_role("link", name="Préparer").click()
        await expect(page.get_by_role("button", name="Ajouter une étape")).to_be_visible()
        assert await blank(page) <= FOOT
        await page.goto(lan_url(server))
        await expect(page.get_by_role("radio").first).to_be_visible()
        assert await blank(page) <= FOOT
