"""Where the context is secure, a page without network is the application still, and can be installed."""

import json
import re

from playwright.async_api import Browser, WebSocketRoute, expect

from client_demo.python.sdk import connect, join_room, new_id
from tests.e2e.conftest import SECURE_HOST, OpenContext, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import go_to
from tests.services import Cable, ServerProcess

READY = """() => navigator.serviceWorker.ready.then(({ active }) => new Promise((done) => {
    const look = () => active.state === 'activated' && navigator.serviceWorker.controller ? done(true) : setTimeout(look, 20)
    look()
}))"""


async def test_a_page_that_is_loaded_anew_without_network_is_there(browser: Browser, server: ServerProcess) -> None:
    context = await browser.new_context(locale="fr-FR", viewport={"width": 390, "height": 844})
    context.set_default_timeout(10_000)
    async with Cable(server.port) as cable:
        page = await context.new_page()
        await page.goto(f"http://{SECURE_HOST}:{cable.port}/")
        await page.get_by_label("Titre de la séance").fill("Printemps des managers")
        await page.get_by_label("Votre prénom et votre nom").fill("Claire Vasseur")
        await page.get_by_role("radio", name="Page blanche").check()
        await page.get_by_role("button", name="Ouvrir la séance").click()
        await page.wait_for_url("**/r/*/host")
        assert await page.evaluate(READY)
        await page.goto(page.url.removesuffix("/host"))
        await page.get_by_label("Votre idée").fill("Une idée de la première heure")
        await page.get_by_role("button", name="Envoyer", exact=True).click()
        entry = await join_room(server.url, page.url.split("/r/")[1], "Nadia Benali")
        async with connect(server.url, entry.token) as participant:
            for text in ("Un ordre du jour", "Dire merci"):
                await participant.do("idea.add", id=new_id("idea"), text=text)
        await page.get_by_label("Votre idée").fill("Une idée que je n’ai pas envoyée")

        cable.cut()
        await page.reload()
        await expect(page.get_by_text("Connexion perdue.")).to_be_visible()
        await expect(page.get_by_label("Votre idée")).to_have_value("Une idée que je n’ai pas envoyée")
        # What this page has not seen yet is not said to be nothing.
        await expect(page.get_by_text("Vos idées reviennent avec la connexion.")).to_be_visible()
        await page.get_by_role("button", name="Envoyer", exact=True).click()
        await go_to(page, "Tout")
        await expect(page.get_by_text("Les idées reviennent avec la connexion.")).to_be_visible()
        for empty in ("Pas encore d’idée", "0 idée", "1 idée"):
            await expect(page.get_by_text(empty, exact=empty[0] != "P")).to_have_count(0)
        cable.restore()
        # Of the three that were there before, none is sent now, and none is new.
        await expect(page.get_by_role("status").filter(has_text="De retour")).to_have_text(
            re.compile(r"^\s*De retour\. 1 idée envoyée\.\s*$"), timeout=15_000
        )
        await expect(page.get_by_text("4 idées", exact=True)).to_be_visible()
        await go_to(page, "Maintenant")
        await expect(page.get_by_text("Enregistré").first).to_be_visible(timeout=15_000)

        # With a network the document is the server's own, whatever is kept.
        answer = await page.reload()
        assert answer is not None
        assert (await answer.all_headers())["cache-control"] == "no-cache"
        session = await context.new_cdp_session(page)
        manifest = json.loads((await session.send("Page.getAppManifest"))["data"])
        assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Palabre", "/", "standalone")
        errors = (await session.send("Page.getInstallabilityErrors"))["installabilityErrors"]
        assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
    await context.close()


async def test_a_desk_that_knows_nothing_yet_does_not_say_that_nothing_is_asked(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        await people.host.do("room.set", prompt="Que pourrions-nous changer ?", door=False)
        page = await (await open_context("desk")).new_page()
        await page.goto(people.desk())
        prompt = page.get_by_label("Consigne")
        await expect(prompt).to_have_value("Que pourrions-nous changer ?")
        address = page.url
        # The connection goes: what was there stays, and what is set meanwhile stands in its place.
        wire = Wire()
        await page.route_web_socket("**/ws", wire.connect)
        await page.goto(lan_url(server, "/nulle/part"))
        await page.goto(address)
        await expect(prompt).to_have_value("Que pourrions-nous changer ?")
        await wire.cut()
        await expect(page.get_by_text("Connexion perdue").first).to_be_visible()
        await expect(prompt).to_have_value("Que pourrions-nous changer ?")
        await prompt.fill("Et si on osait ?")
        await page.get_by_role("button", name="Enregistrer").click()
        await expect(prompt).to_have_value("Et si on osait ?")
        # The page comes anew, and no state with it.
        await page.reload()
        await expect(page.get_by_text("Connexion perdue").first).to_be_visible()
        await expect(prompt).to_have_value("Et si on osait ?")
        for setting in ("Porte ouverte", "Écriture ouverte", "Titre"):
            await expect(page.get_by_label(setting)).to_have_count(0)
        wire.open = True
        await people.host.until(lambda room: room.all("room")[0]["prompt"] == "Et si on osait ?")
        # What another host says after it is shown once nothing of one's own waits any more; and it has left the page's memory too.
        await people.host.do("room.set", prompt="Et ensuite ?")
        await expect(prompt).to_have_value("Et ensuite ?")
        await page.evaluate(NOTHING_KEPT)
        wire.open = False
        await wire.cut()
        await page.reload()
        await expect(page.get_by_text("Connexion perdue").first).to_be_visible()
        # Nothing waits, and what is asked is not known: there is no empty field that says that nothing is.
        await expect(prompt).to_have_count(0)


NOTHING_KEPT = """() => new Promise((done) => {
    const look = () => {
        const opening = indexedDB.open('palabre')
        opening.onsuccess = () => {
            const db = opening.result, counting = db.transaction('commands').objectStore('commands').count()
            counting.onsuccess = () => { db.close(); counting.result ? setTimeout(look, 50) : done() }
        }
    }
    look()
})"""
"""Waits until no command lies in the page's database."""


class Wire:
    """What a page's WebSockets go through: open, or cut while the pages themselves still come."""

    def __init__(self) -> None:
        self.open = True
        self._sockets: list[WebSocketRoute] = []

    async def connect(self, socket: WebSocketRoute) -> None:
        if self.open:
            self._sockets.append(socket)
            socket.connect_to_server()
        else:
            await socket.close()

    async def cut(self) -> None:
        self.open = False
        for socket in self._sockets:
            await socket.close()
        self._sockets = []
