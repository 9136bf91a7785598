"""Where the context is secure, a page without network is the application still, and can be installed."""

import json

from playwright.async_api import Browser, expect

from tests.services import Cable, ServerProcess

READY = """() => navigator.serviceWorker.ready.then(({ active }) => new Promise((done) => {
    const look = () => active.state === 'activated' && navigator.serviceWorker.controller ? done(true) : setTimeout(look, 20)
    look()
}))"""


async def test_a_page_that_is_loaded_anew_without_network_is_there(browser: Browser, server: ServerProcess) -> None:
    """At localhost, which browsers hold for secure."""
    context = await browser.new_context(locale="fr-FR", viewport={"width": 390, "height": 844})
    context.set_default_timeout(10_000)
    async with Cable(server.port) as cable:
        page = await context.new_page()
        await page.goto(f"http://localhost:{cable.port}/")
        await page.get_by_label("Titre de la séance").fill("Printemps des managers")
        await page.get_by_label("Votre prénom et votre nom").fill("Claire Vasseur")
        await page.get_by_role("radio", name="Page blanche").check()
        await page.get_by_role("button", name="Ouvrir la séance").click()
        await page.wait_for_url("**/r/*/host")
        assert await page.evaluate(READY)
        await page.goto(page.url.removesuffix("/host"))
        await page.get_by_label("Votre idée").fill("Une idée que je n’ai pas envoyée")

        cable.cut()
        await page.reload()
        await expect(page.get_by_text("Connexion perdue.")).to_be_visible()
        await expect(page.get_by_label("Votre idée")).to_have_value("Une idée que je n’ai pas envoyée")
        await page.get_by_role("button", name="Envoyer", exact=True).click()
        cable.restore()
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
