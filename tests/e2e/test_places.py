"""Each part of a room has an address: Back, a reload and whoever is given it come there again, as far down as one was."""

from playwright.async_api import expect

from tests.e2e.conftest import OpenContext
from tests.e2e.crowd import crowd
from tests.e2e.people import go_to, until
from tests.services import ServerProcess


async def test_a_place_has_an_address_and_back_leads_as_far_down_as_one_was(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        await people.ideas([f"Une idée, la {n}, qui prend toute une ligne et un peu plus" for n in range(60)])
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        nav = phone.get_by_role("navigation", name="Parties de la séance")
        await go_to(phone, "Tout")
        assert phone.url.endswith("?place=all")
        await until(phone, "document.title.startsWith('Tout · ')")
        await expect(phone.get_by_text("60 idées", exact=True).first).to_be_visible()
        await phone.evaluate("scrollTo(0, 2000)")
        await go_to(phone, "Moi")
        await until(phone, "scrollY < 500")
        await phone.go_back()
        await expect(nav.get_by_role("button", name="Tout", exact=True)).to_have_attribute("aria-current", "page")
        await until(phone, "scrollY === 2000")

        address = phone.url
        other = await (await open_context("phone")).new_page()
        await other.goto(people.seat(1))
        await expect(other.get_by_role("button", name="Tout", exact=True)).to_be_visible()
        await other.goto(address)
        await expect(other.get_by_role("button", name="Tout", exact=True)).to_have_attribute("aria-current", "page")
        # What nobody knows is where one begins.
        await other.goto(address.replace("all", "elsewhere"))
        await expect(other.get_by_role("button", name="Maintenant")).to_have_attribute("aria-current", "page")


async def test_what_lies_beside_the_desk_comes_back_after_a_reload_and_back_does_not_lead_through_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        beside = desk.get_by_role("group", name="Parties de la séance")
        entries = await desk.evaluate("history.length")
        for name in ("Décisions", "Personnes"):
            tab = beside.get_by_role("button", name=name)
            await tab.click()
            await expect(tab).to_have_attribute("aria-pressed", "true")
            await desk.reload()
            await expect(tab).to_have_attribute("aria-pressed", "true")
        assert await desk.evaluate("history.length") == entries
