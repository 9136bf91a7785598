"""The logo of those in whose name a workshop is: set at the desk, seen on every ground (SPEC B5)."""

import json
import re
from urllib.parse import quote

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import open_menu
from tests.e2e.test_accessibility import LIGHT_AND_DARK, look
from tests.e2e.test_images import is_drawn
from tests.e2e.test_minutes import over
from tests.e2e.test_screen import LAYOUT as SCREEN_LAYOUT
from tests.images.files import SCRIPT, emblem
from tests.services import ServerProcess

LINE = "Maison Lavandier"
LONG_TITLE = (
    "Printemps des managers : rendre du temps à nos équipes, décider près du terrain et tenir nos engagements, saison 3"
)
WIDE, SQUARE = (1_200, 240), (500, 500)
PALE = (240, 214, 235)


def choose(desk: Page, ground: str) -> Locator:
    return desk.get_by_label(ground)


async def desk_of(open_context: OpenContext, people: Crowd) -> Page:
    desk = await (await open_context("desk")).new_page()
    await desk.goto(people.desk())
    await open_menu(desk, "Plus")
    return desk


async def set_logo(desk: Page, ground: str, raw: bytes, name: str = "logo.png", kind: str = "image/png") -> None:
    await choose(desk, ground).set_input_files({"name": name, "mimeType": kind, "buffer": raw})


async def test_B5_a_logo_is_set_at_the_desk_and_stands_on_every_screen(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        await people.step("ideate", "Nos idées")
        await people.host.do("room.set", line=LINE, accent="#7a1f5b")
        desk = await desk_of(open_context, people)
        await set_logo(desk, "Sur fond clair", SCRIPT.replace(b"svg>", b"svgg>"), "logo.svg", "image/svg+xml")
        await expect(desk.get_by_text("Logo non envoyé")).to_contain_text("ce n’est pas une image que nous lisons")
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        night = await (await open_context("phone", color_scheme="dark")).new_page()
        await night.goto(people.seat(1))
        for name, size in (("wide", WIDE), ("square", SQUARE)):
            await set_logo(desk, "Sur fond clair", emblem(*size))
            await is_drawn(desk.get_by_role("img", name="Le logo sur fond clair"))
            await is_drawn(desk.get_by_role("img", name="Le logo sur fond sombre"))
            await choose(desk, "Sur fond clair").scroll_into_view_if_needed()
            await picture(desk, f"logo-desk-{name}")
            for page, where in ((screen, "lobby"), (phone, "phone"), (night, "phone-night")):
                await is_drawn(page.get_by_role("img", name=LINE, exact=True))
                await picture(page, f"logo-{where}-{name}")
        assert await look(desk, "fr") == []
        assert await look(phone, "fr") == []
        assert await look(screen, "fr") == []
        await set_logo(desk, "Sur fond sombre", emblem(*WIDE, ink=PALE))
        await expect(screen.locator(".logo.plate")).to_have_count(0)
        await is_drawn(screen.get_by_role("img", name=LINE, exact=True))
        await picture(screen, "logo-lobby-dark")
        await picture(desk, "logo-desk-dark")
        for remove in ("Sur fond clair", "Sur fond sombre"):
            await desk.get_by_role("button", name=f"Retirer {remove}").click()
            await expect(choose(desk, remove)).to_be_focused()
        await expect(screen.get_by_role("img", name=LINE, exact=True)).to_have_count(0)
        await expect(phone.get_by_role("img", name=LINE, exact=True)).to_have_count(0)
        await picture(screen, "logo-lobby-none")


@pytest.mark.parametrize("viewport", [(1920, 1080), (1280, 720), (1440, 900)])
async def test_the_lobby_keeps_the_count_of_people_whatever_stands_above_it(
    open_context: OpenContext, server: ServerProcess, viewport: tuple[int, int]
) -> None:
    async with crowd(server, participants=12) as people:
        width, height = viewport
        context = await open_context("projector", viewport={"width": width, "height": height})
        await people.host.do("room.set", line=LINE, title=LONG_TITLE)
        desk = await desk_of(open_context, people)
        await set_logo(desk, "Sur fond clair", emblem(*WIDE))
        for network in ("", f"#wifi={quote(json.dumps(['Maison Lavandier Invités', 'Printemps-2027-Bienvenue']))}"):
            screen = await context.new_page()
            await screen.goto(lan_url(server, f"/r/{people.code}/screen{network}"))
            await is_drawn(screen.get_by_role("img", name=LINE, exact=True))
            present = screen.get_by_label("13 personnes présentes")
            await expect(present).to_be_visible()
            await screen.evaluate("document.fonts.ready")
            await picture(screen, f"logo-lobby-{'wifi-' if network else ''}{height}")
            seen = await screen.evaluate(SCREEN_LAYOUT)
            assert not seen["wrong"]
            side, count = await screen.locator(".side").bounding_box(), await present.locator("p").bounding_box()
            assert side is not None
            assert count is not None
            assert count["y"] + count["height"] <= side["y"] + side["height"] + 1


async def test_B5_a_logo_stands_on_the_strip_at_the_end_and_on_the_minutes(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=8) as people:
        await people.host.do("room.set", line=LINE)
        desk = await desk_of(open_context, people)
        await set_logo(desk, "Sur fond clair", emblem(*WIDE))
        await is_drawn(desk.get_by_role("img", name="Le logo sur fond clair"))
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        await people.host.do("step.go", id=await people.step("ideate", "Nos idées", "Que garder ?"))
        await expect(screen.get_by_role("heading", name="Que garder")).to_be_visible()
        await is_drawn(screen.get_by_role("img", name=LINE, exact=True))
        await picture(screen, "logo-strip")
        await over(people)
        page = await (await open_context("desk")).new_page()
        await page.goto(people.seat())
        await expect(page.get_by_text(re.compile("^Connecté"))).to_be_visible()
        for name, size in (("wide", WIDE), ("square", SQUARE)):
            await set_logo(desk, "Sur fond clair", emblem(*size))
            await expect(desk.get_by_text("Envoi…")).to_have_count(0)
            await is_drawn(screen.get_by_role("img", name=LINE, exact=True))
            await picture(screen, f"logo-closing-{name}")
            await page.goto(lan_url(server, f"/r/{people.code}/minutes"))
            for scheme in LIGHT_AND_DARK:
                await page.emulate_media(color_scheme=scheme)
                await is_drawn(page.locator(".minutes .logo img"))
                await picture(page, f"logo-minutes-{name}-{scheme}")
            assert await look(page, "fr") == []
        await desk.keyboard.press("Escape")
        await desk.emulate_media(media="print")
        await is_drawn(desk.locator(".card .logo img").first)
        await picture(desk, "logo-cards")
