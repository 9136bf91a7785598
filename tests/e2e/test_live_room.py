"""Five browsers in one room: two phones, the host, the projector, and a second tab of one phone."""

from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenContext, lan_url, picture, set_offline
from tests.e2e.people import board_texts, join, open_room, see_all, write_idea
from tests.services import Cable, ServerProcess


async def same_everywhere(pages: list[Page], texts: list[str]) -> None:
    """Wait until every page shows these ideas, all of them once, in one order."""
    for page in pages:
        fresh = page.get_by_role("button", name="nouvelle")
        for text in texts:
            await expect(page.get_by_text(text, exact=True).or_(fresh).first).to_be_visible()
        if await fresh.first.is_visible():
            await fresh.first.click()
        for text in texts:
            await expect(page.locator("[id^='card-idea:']", has_text=text)).to_have_count(1)
    orders = [await board_texts(page) for page in pages]
    assert all(order == orders[0] for order in orders), orders
    assert sorted(orders[0]) == sorted(texts)


async def test_an_idea_typed_on_one_is_on_all_and_nothing_is_lost_offline(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with Cable(server.port) as cable:
        host = await (await open_context("desk")).new_page()
        code = await open_room(host, server)
        assert not await host.evaluate("isSecureContext"), "expected an origin as phones on the Wi-Fi have it"
        projector = await (await open_context("projector")).new_page()
        await projector.goto(lan_url(server, f"/r/{code}/screen"))

        paul = await join(open_context, server, code, "Paul")
        nadia = await join(open_context, cable, code, "Nadia")
        nadia_context = nadia.context
        tab = await nadia_context.new_page()
        await tab.goto(lan_url(cable, f"/r/{code}"))
        await see_all(tab)

        texts = ["Supprimer les réunions d’information"]
        await write_idea(paul, texts[0])
        await expect(host.get_by_role("main").get_by_text(texts[0])).to_be_visible()
        await expect(projector.get_by_text(texts[0])).to_be_visible()
        await expect(tab.get_by_text(texts[0]).or_(tab.get_by_role("button", name="nouvelle")).first).to_be_visible()

        await set_offline(nadia_context, cable, True)
        await expect(nadia.get_by_text("Connexion perdue. Continuez : tout partira au retour.")).to_be_visible()
        for number in (1, 2, 3):
            texts.append(f"Écrite hors ligne, numéro {number}")
            await write_idea(nadia, texts[-1])
        await expect(nadia.get_by_text("3 idées en attente d’envoi")).to_be_visible()
        texts.append("Écrite pendant ce temps")
        await write_idea(paul, texts[-1])
        await set_offline(nadia_context, cable, False)

        await see_all(paul)
        await see_all(nadia)
        await same_everywhere([host, paul, nadia, tab], texts)
        await expect(projector.locator("main li p")).to_have_text(await board_texts(host))
        await picture(projector, "ecran-cinq-idees")

        await nadia.reload()
        await see_all(nadia)
        await same_everywhere([host, nadia, tab], texts)
