"""The minutes at an address that stays: for those who were there, and for others by a link that a host gives and takes back (SPEC H16)."""

import re

from playwright.async_api import Locator, Page, expect
from pypdf import PdfReader

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, Size, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import join, open_menu
from tests.e2e.scenes import scenes
from tests.e2e.test_accessibility import look
from tests.services import ServerProcess


async def over(people: Crowd) -> None:
    """The workshop as it is once all has been said."""
    async for _ in scenes(people):
        pass


async def opened(page: Page) -> None:
    await expect(page.get_by_role("heading", name="Décisions")).to_be_visible()


def menu(desk: Page) -> Locator:
    """At the end the same stands in the middle of the desk, too."""
    return desk.get_by_role("dialog", name="Compte rendu")


async def test_H16_the_minutes_have_an_address_that_stays(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 8) as people:
        await over(people)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await open_menu(desk, "Compte rendu")
        async with desk.context.expect_page() as shown:
            await menu(desk).get_by_role("link", name="Ouvrir le compte rendu").click()
        minutes = await shown.value
        address = lan_url(server, f"/r/{people.code}/minutes")
        await expect(minutes).to_have_url(re.compile(f"/r/{people.code}/minutes$"))
        await opened(minutes)
        assert await look(minutes, "fr") == []
        await picture(minutes, "compte-rendu-pupitre")
        await minutes.get_by_role("navigation", name="Sommaire").get_by_role("link", name="Participants").click()
        await expect(minutes.get_by_role("heading", name="Participants")).to_be_focused()
        await expect(minutes.get_by_role("heading", name="Participants")).to_be_in_viewport()
        async with minutes.expect_download() as download:
            await minutes.get_by_role("button", name="PDF").click()
        drawn = PdfReader(await (await download.value).path())
        assert drawn.metadata is not None
        assert drawn.metadata.title == "Printemps des managers"
        await minutes.locator(".switch button[lang=en]").click()
        await expect(minutes.get_by_role("heading", name="Decisions")).to_be_visible()

        # Whoever was not there is shown the way in, and then reads.
        stranger = await (await open_context("phone")).new_page()
        await stranger.goto(address)
        await stranger.get_by_label("Votre prénom et votre nom").fill("Zoé Marchand")
        await stranger.get_by_role("button", name="Entrer").click()
        await opened(stranger)
        await stranger.reload()
        await opened(stranger)
        assert await look(stranger, "fr") == []
        width = await stranger.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width == 0
        await picture(stranger, "compte-rendu-telephone")
        await stranger.emulate_media(media="print")
        await picture(stranger, "compte-rendu-imprime")


async def test_H16_a_link_reads_the_minutes_until_it_is_taken_back(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 8) as people:
        await over(people)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await open_menu(desk, "Compte rendu")
        await menu(desk).get_by_role("button", name="Partager le compte rendu").click()
        link = await menu(desk).get_by_label("Lien du compte rendu").input_value()
        await picture(desk, "compte-rendu-partage")
        assert await look(desk, "fr") == []

        reader = await (await open_context("desk")).new_page()
        await reader.goto(link)
        await opened(reader)
        await reader.get_by_role("navigation", name="Sommaire").get_by_role("link", name="Idées").click()
        await expect(reader).to_have_url(link)
        await reader.reload()
        await opened(reader)
        assert await reader.evaluate("Object.keys(localStorage).filter((key) => key.includes('session'))") == []
        await expect(reader.get_by_role("link", name="La séance")).to_have_count(0)

        # The desk knows it again, and takes it back.
        await desk.reload()
        await open_menu(desk, "Compte rendu")
        await expect(menu(desk).get_by_label("Lien du compte rendu")).to_have_value(link)
        await menu(desk).get_by_role("button", name="Désactiver ce lien").click()
        await menu(desk).get_by_role("alert").get_by_role("button", name="Désactiver ce lien").click()
        await expect(menu(desk).get_by_role("button", name="Partager le compte rendu")).to_be_focused()
        await reader.reload()
        await expect(reader.get_by_text("La personne qui facilite a désactivé ce lien")).to_be_visible()
        await expect(reader.get_by_text("Demandez-en un autre")).to_be_visible()
        assert await look(reader, "fr") == []
        await picture(reader, "compte-rendu-repris")

        # Whoever was there reads on, by the same address.
        phone = await join(open_context, server, people.code, "Zoé Marchand")
        await phone.goto(link)
        await opened(phone)


async def test_H8_files_hold_the_messages_where_the_host_wants_them(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        await people.participants[0].do("message.send", id=new_id("message"), text="Merci à toutes et à tous")
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await open_menu(desk, "Compte rendu")
        for wanted in (False, True):
            if wanted:
                await menu(desk).get_by_role("switch", name="Avec les messages").click()
            async with desk.expect_download() as download:
                await menu(desk).get_by_role("button", name="Markdown").click()
            text = (await (await download.value).path()).read_text("utf-8")
            assert ("Merci à toutes et à tous" in text) is wanted
        await picture(desk, "compte-rendu-menu")
        assert await look(desk, "fr") == []


async def test_H16_the_end_shows_the_way_to_the_minutes(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 8) as people:
        await over(people)
        wall = await (await open_context("projector")).new_page()
        await wall.goto(lan_url(server, f"/r/{people.code}/screen"))
        await expect(
            wall.get_by_role("img", name=f"Code QR du compte rendu de la séance {people.code}")
        ).to_be_visible()


async def test_the_minutes_at_every_size(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 8) as people:
        await over(people)
        link = f"/r/{people.code}/minutes"
        size: Size
        for size in ("phone", "desk", "projector"):
            page = await (await open_context(size)).new_page()
            await page.goto(people.desk())
            await page.wait_for_url("**/host")
            for colour in ("light", "dark"):
                await page.emulate_media(color_scheme="dark" if colour == "dark" else "light")
                await page.goto(lan_url(server, link))
                await opened(page)
                await picture(page, f"compte-rendu-{size}-{colour}")


async def test_C11_they_begin_with_the_line_of_those_in_whose_name_they_are_in_a_colour_that_is_read(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        await people.ideas(["Dire merci"])
        await people.host.do("room.set", line="Société nouvelle des chantiers", accent="#ffdd00")
        for scheme in ("light", "dark"):
            page = await (await open_context("desk", color_scheme=scheme)).new_page()
            await page.goto(people.seat())
            await expect(page.get_by_text(re.compile("^Connecté"))).to_be_visible()
            await page.goto(lan_url(server, f"/r/{people.code}/minutes"))
            line = page.locator(".minutes .line")
            await expect(line).to_have_text("Société nouvelle des chantiers")
            colour = await line.evaluate("(e) => getComputedStyle(e).color")
            # On a dark ground it is what was given, on a light one as near as is read.
            assert (colour == "rgb(255, 221, 0)") is (scheme == "dark"), colour
            assert await look(page, "fr") == []
            await picture(page, f"compte-rendu-au-nom-de-{scheme}")
