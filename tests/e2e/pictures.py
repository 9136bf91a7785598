"""The pictures of README, taken anew from a seminar that plays in front of real browsers: `make pictures`.

`python -m tests.e2e.pictures --stops` takes those of every screen at every stop of a workshop instead, in the three sizes and on a
laptop, to be looked at: into test-results/stops; with `--dark` on dark grounds, into test-results/stops-dark.
"""

import argparse
import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from client_demo.python.sdk import come_back, connect
from tests.e2e.conftest import PICTURES, VIEWPORTS, Size, lan_url, launch
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import open_menu
from tests.e2e.scenes import scenes, settled
from tests.services import ServerProcess

DOCS = Path(__file__).parents[2] / "docs"


Colours = Literal["light", "dark"]


def stops_in(colours: Colours) -> Path:
    """Where the pictures of all stops go."""
    return PICTURES / ("stops" if colours == "light" else "stops-dark")


LAPTOP: ViewportSize = {"width": 1280, "height": 720}

README = {
    ("accueil", "preparation"): "preparation.png",
    ("choisir", "telephone"): "choisir.png",
    ("prendre-le-pouls", "ecran"): "pouls.png",
    ("decider", "ecran"): "decisions.png",
    ("la-suite", "telephone"): "la-suite.png",
}
"""Of all stops, those that README shows."""


async def still(browser: Browser, size: Size | Literal["laptop"], colours: Colours = "light") -> BrowserContext:
    """A French browser of this size in which nothing moves."""
    phone = size == "phone"
    return await browser.new_context(
        locale="fr-FR",
        viewport=LAPTOP if size == "laptop" else VIEWPORTS[size],
        color_scheme=colours,
        device_scale_factor=2 if phone else 1,
        is_mobile=phone,
        has_touch=phone,
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
    )


async def take_stops(server: ServerProcess, *, every: bool, colours: Colours = "light") -> None:
    to = stops_in(colours)
    async with async_playwright() as playwright, crowd(server, 12) as people:
        browser = await launch(playwright)
        screen = lan_url(server, f"/r/{people.code}/screen")
        seen: dict[str, tuple[Size | Literal["laptop"], str]] = {
            "telephone": ("phone", people.seat(0)),
            "pupitre": ("desk", people.desk()),
            "pupitre-portable": ("laptop", people.desk()),
            "telecommande": ("phone", people.desk()),
            "bureau": ("desk", people.seat(1)),
            "bureau-large": ("projector", people.seat(2)),
            "pupitre-large": ("projector", people.desk()),
            "ecran": ("projector", screen),
            "preparation": ("projector", people.desk()),
        }
        pages: dict[str, Page] = {}
        for name, (size, address) in seen.items():
            pages[name] = await (await still(browser, size, colours)).new_page()
            await pages[name].goto(address)
        stop = 0
        async for where in scenes(people):
            stop += 1
            await settled(people, stop, *pages.values())
            if stop == 1:
                await pages["preparation"].get_by_role("link", name="Préparer").click()
                await pages["preparation"].get_by_role("button", name=re.compile("^2 ")).click()
                await expect(pages["preparation"].frame_locator("iframe").get_by_role("timer")).to_be_visible()
            for name, page in pages.items():
                if every:
                    await page.screenshot(path=to / f"{stop:02d}-{where}-{name}.png")
                elif (where, name) in README:
                    await page.screenshot(path=DOCS / README[where, name])
        if every:
            for size in VIEWPORTS:
                await take_pages(people, browser, server, size, colours)
        await browser.close()


async def take_pages(people: Crowd, browser: Browser, server: ServerProcess, size: Size, colours: Colours) -> None:
    """The screens that no stop changes."""
    context = await still(browser, size, colours)
    page = await context.new_page()

    async def shoot(page: Page, name: str) -> None:
        await page.evaluate("document.fonts.ready")
        await page.screenshot(path=stops_in(colours) / f"page-{name}-{size}.png")

    await page.goto(lan_url(server, f"/r/{people.code}"))
    await expect(page.get_by_label("Votre prénom et votre nom")).to_be_visible()
    await shoot(page, "entrer")
    await page.goto(lan_url(server))
    await expect(page.get_by_role("radio").first).to_be_visible()
    await shoot(page, "accueil")
    await page.goto(lan_url(server, f"/r/{people.code}/screen"))
    await expect(page.get_by_role("main")).not_to_be_empty()
    await shoot(page, "ecran")
    await page.goto(people.desk())
    await expect(page.get_by_role("link", name="Préparer")).to_be_visible()
    if size != "phone":
        await open_menu(page, "Compte rendu")
    async with context.expect_page() as opened:
        await page.get_by_role("link", name="Ouvrir le compte rendu").first.click()
    report = await opened.value
    await expect(report.get_by_role("heading").first).to_be_visible()
    await shoot(report, "compte-rendu")
    await page.get_by_role("link", name="Préparer").click()
    await page.get_by_role("button", name=re.compile("^2 ")).click()
    await expect(page.get_by_label("Consigne")).to_be_visible()
    if size != "phone":
        await expect(page.frame_locator("iframe").get_by_role("timer")).to_be_visible()
    await shoot(page, "preparation")
    await context.close()


async def go_back(server: ServerProcess, host: str) -> None:
    """The demo is over; for the pictures people write again, with all that it left before them."""
    entry = await come_back(server.url, host)
    async with connect(server.url, entry.token) as room:
        (ideas,) = (step["id"] for step in room.all("step") if step["kind"] == "ideate")
        await room.do("step.go", id=ideas)


async def take(server: ServerProcess, host: str, code: str) -> None:
    async with async_playwright() as playwright:
        browser = await launch(playwright)

        async def open_context(size: Size, scale: float = 1) -> BrowserContext:
            return await browser.new_context(
                locale="fr-FR",
                viewport=VIEWPORTS[size],
                device_scale_factor=scale,
                is_mobile=size == "phone",
                has_touch=size == "phone",
                timezone_id="Europe/Paris",
            )

        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{code}/screen"))
        phone = await (await open_context("phone", 2)).new_page()
        await phone.goto(lan_url(server, f"/r/{code}"))
        await phone.get_by_label("Votre prénom et votre nom").fill("Paul Roussel")
        await phone.get_by_role("button", name="Entrer").click()
        # They come late: what was decided is told first.
        await phone.get_by_role("button", name="C’est lu").click()
        for idea in ("Partager un tableau des congés", "Supprimer la double saisie"):
            await phone.get_by_label("Votre idée").fill(idea)
            await phone.get_by_role("button", name="Envoyer", exact=True).click()
        await expect(phone.get_by_role("main").get_by_text("Enregistré")).to_have_count(2)
        await phone.screenshot(path=DOCS / "phone.png")

        desk = await (await open_context("desk")).new_page()
        await desk.goto(lan_url(server, host))
        await expect(desk.get_by_text("Supprimer la double saisie").first).to_be_visible()
        await desk.screenshot(path=DOCS / "pupitre.png")

        await expect(screen.get_by_text("Des réunions qui servent").first).to_be_visible()
        await screen.screenshot(path=DOCS / "ecran.png")
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stops", action="store_true", help="every stop of a workshop, to be looked at")
    parser.add_argument("--dark", action="store_true", help="these on dark grounds")
    asked = parser.parse_args()
    if asked.stops:
        colours: Colours = "dark" if asked.dark else "light"
        with ServerProcess() as server:
            asyncio.run(take_stops(server, every=True, colours=colours))
        print(stops_in(colours))
        return
    DOCS.mkdir(exist_ok=True)
    with ServerProcess() as server:
        played = subprocess.run(
            [sys.executable, "-m", "server", "demo", "--server", server.url, "--speed", "200"],
            env=server.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        link = re.search(r"/r/(\w{6})/host#lien=\S+", played)
        assert link is not None, played
        asyncio.run(go_back(server, link.group(0)))
        asyncio.run(take(server, link.group(0), link.group(1)))
        asyncio.run(take_stops(server, every=False))
    for picture in sorted(DOCS.glob("*.png")):
        print(f"{picture.name}: {picture.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
