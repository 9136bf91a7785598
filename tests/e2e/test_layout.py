"""Séance and Pupitre with the longest that people write: nothing is cut off, nothing hangs out, a thumb hits everything."""

import pytest
from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import VIEWPORTS, OpenContext, Size
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import go_to, see_all
from tests.e2e.test_screen import FRAMES, LONG, LONG_PROMPT, ZONES
from tests.services import ServerProcess

LAYOUT = """() => {
    const wrong = []
    const style = (e) => getComputedStyle(e)
    const scrolls = (e) => e && (/auto|scroll/.test(style(e).overflowX) && e.scrollWidth > e.clientWidth || scrolls(e.parentElement))
    const shown = [...document.querySelectorAll('#app *')].filter((e) => {
        const { width, height } = e.getBoundingClientRect()
        return width && height && e.checkVisibility() && !e.closest('.unseen, svg, .skip, .picture, option')
    })
    for (const e of shown) {
        const say = (what) => wrong.push(`${what}: <${e.tagName} class="${e.className}"> ${e.innerText?.slice(0, 40)}`)
        const box = e.getBoundingClientRect()
        if ((box.left < -1 || box.right > innerWidth + 1) && !scrolls(e)) say('off the screen')
        const shortened = style(e).textOverflow === 'ellipsis' || e.matches('input, textarea, select')
        const says = [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
        if (says && e.clientWidth && e.scrollWidth > e.clientWidth + 1 && !shortened) say(`${e.scrollWidth} in ${e.clientWidth}`)
        const card = e.closest('[data-idea]')?.getBoundingClientRect()
        if (card && (box.right > card.right + 1 || box.bottom > card.bottom + 1)) say('hangs out of its card')
        if (e.matches('button, a, input, textarea, select, [role=switch], label:has([type=checkbox])') && !e.matches('[type=radio], label [type=checkbox]')) {
            // A sheet lies over what is below it, and nothing over what is in the sheet.
            const covered = e.closest('.sheet') && !scrolls(e) && [box.left + 4, box.right - 4].some((x) =>
                !e.contains(document.elementFromPoint(x, box.top + box.height / 2)))
            if (covered) say('covered')
            if (box.width < 43.5 || box.height < 43.5) say(`${Math.round(box.width)} × ${Math.round(box.height)} to hit`)
        }
    }
    if (document.documentElement.scrollWidth > innerWidth) wrong.push(`the page is ${document.documentElement.scrollWidth} wide`)
    const squeezed = [...document.querySelectorAll('[data-idea] .who')].filter((who) => who.clientWidth && who.clientWidth < 60)
    return [...wrong, ...squeezed.map((who) => `squeezed: ${who.innerText}`)]
}"""


async def fill(people: Crowd) -> None:
    await people.host.do("room.set", prompt=LONG_PROMPT, title="Anticonstitutionnellement " * 4)
    zones = [await people.zone(letter, title) for letter, title in ZONES.items()]
    for where in (zones[0], zones[1], None):
        hidden, *reacted = await people.ideas(LONG, where)
        for id in reacted:
            await people.react(id)
        if where is None:
            await people.host.do("post.hide", on=hidden)
    for text in (*LONG, "é" * 200):
        await people.participants[2].do("message.send", id=new_id("message"), text=text)


async def look(page: Page, place: str) -> None:
    await page.evaluate("document.fonts.ready")
    await page.evaluate(FRAMES)
    assert not (wrong := await page.evaluate(LAYOUT)), f"{place}: {wrong[:8]}"


async def test_on_a_phone(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 12) as people:
        await fill(people)
        page = await (await open_context("phone")).new_page()
        await page.goto(people.seat(2))
        await expect(page.get_by_text("Enregistré").first).to_be_visible()
        await page.get_by_label("Votre idée").fill(LONG[2])
        await look(page, "Maintenant")
        await see_all(page)
        await expect(page.get_by_text("11 idées", exact=True)).to_be_visible()
        await look(page, "Tout")
        await page.locator(".face", has_text=LONG[1][:40]).first.click()
        await look(page, "Tout, une idée en main")
        await page.get_by_role("button", name="Fermer").click()
        await page.get_by_role("button", name="Messages").click()
        await expect(page.get_by_text("é" * 200)).to_be_visible()
        await page.get_by_label("Votre message").fill("é" * 200)
        await look(page, "Messages")
        await go_to(page, "Moi")
        await look(page, "Moi")

        await page.goto(people.desk())
        await expect(page.get_by_label("Consigne")).to_have_value(LONG_PROMPT)
        await look(page, "Piloter")
        await go_to(page, "Tableau")
        await look(page, "Tableau")
        await page.get_by_role("button", name="Renommer le groupe A").click()
        await look(page, "Tableau, une zone change de nom")
        await go_to(page, "Personnes")
        await look(page, "Personnes")


@pytest.mark.parametrize("size", ["desk", "projector"])
async def test_at_a_desk(open_context: OpenContext, server: ServerProcess, size: Size) -> None:
    async with crowd(server, 12) as people:
        await fill(people)
        page = await (await open_context(size)).new_page()
        await page.goto(people.seat(2))
        await expect(page.get_by_text("11 idées", exact=True)).to_be_visible()
        await look(page, "Séance")
        await page.locator("[data-zone] .face", has_text=LONG[1][:40]).first.click()
        await look(page, "Séance, une idée en main")

        host = await page.context.new_page()
        await host.goto(people.desk())
        await expect(host.get_by_text("11 idées", exact=True).first).to_be_visible()
        await look(host, "Pupitre")
        await host.locator("[data-zone] .face", has_text=LONG[1][:40]).first.click()
        await host.get_by_role("button", name="Personnes").click()
        await look(host, "Pupitre, une idée en main")
        await host.set_viewport_size({"width": 1100, "height": VIEWPORTS[size]["height"]})  # the narrowest of desks
        await look(host, "Pupitre étroit")
