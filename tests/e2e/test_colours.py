"""What a button says can be read in each of its states: at rest, under the pointer, while it cannot be pressed."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import go_to
from tests.services import ServerProcess

BUTTONS = "button, a.button, label.button"
TEXT, GLYPH = 4.5, 3
"""WCAG 1.4.3 and 1.4.11; both asked of what cannot be pressed, too: people read why."""

CONTRAST = """([buttons, text, glyph]) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    const paint = (colour) => {
        canvas.clearRect(0, 0, 1, 1)
        canvas.fillStyle = colour
        canvas.fillRect(0, 0, 1, 1)
        return [...canvas.getImageData(0, 0, 1, 1).data]
    }
    const light = (colour) => {
        const [r, g, b] = paint(colour).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    // A card has an edge painted on it: test/ui/contrast.test.ts computes what stands on one.
    const below = (e) => {
        for (; e; e = e.parentElement) {
            const { backgroundColor, backgroundImage } = getComputedStyle(e)
            if (backgroundImage !== 'none') return null
            if (paint(backgroundColor)[3] === 255) return backgroundColor
        }
        return getComputedStyle(document.documentElement).backgroundColor
    }
    const faint = []
    for (const e of document.querySelectorAll(buttons)) {
        if (!e.checkVisibility() || e.closest('.picture')) continue
        const ground = below(e)
        if (ground === null) continue
        const says = e.innerText.trim()
        const [a, b] = [light(getComputedStyle(e).color), light(ground)]
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
        if (contrast < (says ? text : glyph)) faint.push(`${contrast.toFixed(2)} ${e.className} « ${says.slice(0, 30)} »`)
    }
    return faint
}"""


async def look(page: Page, screen: str) -> None:
    await page.evaluate("document.fonts.ready")
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("DOM.enable")
    await devtools.send("CSS.enable")
    root = (await devtools.send("DOM.getDocument"))["root"]["nodeId"]
    nodes = (await devtools.send("DOM.querySelectorAll", {"nodeId": root, "selector": BUTTONS}))["nodeIds"]

    async def point(states: list[str]) -> None:
        forced = [{"nodeId": node, "forcedPseudoClasses": states} for node in nodes]
        await asyncio.gather(*(devtools.send("CSS.forcePseudoState", each) for each in forced))

    for may in (True, False):
        await page.evaluate(
            f"for (const e of document.querySelectorAll('button')) e.disabled ||= {str(not may).lower()}"
        )
        for states in ([], ["hover"], ["hover", "active", "focus", "focus-visible"]):
            await point(states)
            faint: Any = await page.evaluate(CONTRAST, [BUTTONS, TEXT, GLYPH])
            assert not faint, f"{screen}, {'may' if may else 'may not'} be pressed, {states}: {faint[:5]}"
    await devtools.detach()


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_every_button_is_read_in_every_state(
    open_context: OpenContext, server: ServerProcess, colours: str
) -> None:
    async with crowd(server, 3) as people:
        vote, last = new_id("step"), new_id("step")
        await people.host.do("step.add", id=vote, kind="vote", title="Choisir", budget=3, cap=2)
        await people.host.do("step.add", id=last, kind="next", title="La suite")
        zone = await people.zone("A", "Réunions")
        await people.ideas(["Dire merci", "Oser"], zone)
        await people.ideas(["Essayer"])
        await people.host.do("decision.add", id=new_id("decision"), text="Une seule saisie")
        await people.host.do("step.go", id=vote)
        phone = await (await open_context("phone", color_scheme=colours, reduced_motion="reduce")).new_page()
        desk = await (await open_context("desk", color_scheme=colours, reduced_motion="reduce")).new_page()
        await phone.goto(people.seat(0))
        await phone.get_by_role("button", name="Ajouter une gommette").first.wait_for()
        await look(phone, "Choisir")
        await people.host.do("step.go", id=last)
        await phone.reload()
        await phone.get_by_label("Je m’engage à").fill("Écrire la règle")
        await phone.get_by_role("button", name="M’engager").click()
        await phone.get_by_text("Enregistré").first.wait_for()
        await look(phone, "La suite")
        await phone.reload()
        await go_to(phone, "Tout")
        await phone.locator(".face").first.click()
        await look(phone, "Tout, une idée en main")
        await phone.reload()
        await go_to(phone, "Moi")
        await look(phone, "Moi")
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Tableau", exact=True).click()
        await desk.locator(".face").first.click()
        await look(desk, "Pupitre")
        await desk.goto(lan_url(server))
        await desk.get_by_role("radio").first.wait_for()
        await look(desk, "Accueil")
