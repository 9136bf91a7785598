"""What the pages ask for: little, of the server alone, within the policy that it sends."""

import re
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Response, Route, expect

from tests.e2e.conftest import LAN_HOST, OpenContext, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import go_to, open_menu, open_room, see_all
from tests.services import ServerProcess

FIRST_KB = 115
"""Of scripts and styles, compressed, that a phone waits for which joins."""
MOST_KB = 140
"""The same, for someone who has looked into every place."""


async def test_a_participants_page_is_light(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        context = await open_context("phone")
        answers: list[Response] = []
        context.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  # Playwright marks what it is given
        page = await context.new_page()
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(urlsplit(socket.url).path))
        await page.goto(people.seat())
        await expect(page.get_by_label("Votre idée")).to_be_visible()
        first = {urlsplit(answer.url).path for answer in answers}
        await see_all(page)
        await page.get_by_role("button", name="Messages").click()
        await go_to(page, "Moi")
        await expect(page.get_by_label("Votre nom")).to_be_visible()

        code = [answer for answer in answers if answer.request.resource_type in ("script", "stylesheet")]
        for answer in code:
            # What is smaller than its own headers is not packed.
            packed = await answer.header_value("content-encoding")
            assert packed or int(await answer.header_value("content-length") or 0) < 500, answer.url
        sizes = {urlsplit(answer.url).path: (await answer.request.sizes())["responseBodySize"] for answer in code}
        assert 10_000 < sum(size for path, size in sizes.items() if path in first) < FIRST_KB * 1000, sizes
        assert sum(sizes.values()) < MOST_KB * 1000, sizes
        kept = {await answer.header_value("cache-control") for answer in code}
        assert kept == {"public, max-age=31536000, immutable"}
        assert sockets == ["/ws"]


async def test_every_screen_is_quiet_and_stays_at_home(open_context: OpenContext, server: ServerProcess) -> None:
    """That no page throws or asks another host is seen to in every test: conftest. Here not even the network complains."""
    complaints: list[str] = []
    asked: set[str | None] = set()

    def follow(page: Page) -> None:
        page.on("console", lambda line: complaints.append(f"{line.type}: {line.text}"))
        page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
        page.on("websocket", lambda socket: asked.add(urlsplit(socket.url).hostname))

    context = await open_context("projector")
    context.on("page", follow)
    page = await context.new_page()
    code = await open_room(page, server)
    await expect(page.get_by_role("img", name="Aperçu du grand écran").get_by_text(code)).to_be_attached()
    async with context.expect_page() as opened:
        await page.get_by_role("link", name="Projeter").click()
    screen = await opened.value
    await expect(screen.get_by_text("Scannez, ou ouvrez cette adresse et tapez le code")).to_be_visible()
    await open_menu(page, "Plus")
    await page.get_by_role("link", name="Participer").click()
    await expect(page.get_by_role("heading", name="Mes idées")).to_be_visible()
    await screen.goto(lan_url(server))
    await expect(screen.get_by_role("heading", name="Vos séances")).to_be_visible()
    await page.goto(lan_url(server, f"/r/{code}"))
    await expect(page.get_by_role("heading", name="Mes idées")).to_be_visible()
    assert complaints == []
    assert asked == {LAN_HOST}


async def test_the_policy_lets_nothing_else_in(browser: Browser, server: ServerProcess) -> None:
    """What a text that became HTML by mistake would try; in a browser of its own, for its console does complain."""
    context = await browser.new_context(locale="fr-FR")
    page = await context.new_page()
    answer = await page.goto(lan_url(server))
    assert answer is not None
    headers = await answer.all_headers()
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    refused = await page.evaluate("""() => new Promise((done) => {
        const refused = []
        addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
            refused.push(effectiveDirective)
            if (refused.length === 4) done(refused.sort())
        })
        const add = (tag, fields) => document.body.append(Object.assign(document.createElement(tag), fields))
        add('script', { textContent: 'window.broken = true' })
        add('script', { src: 'http://ailleurs.test/a.js' })
        add('img', { src: 'http://ailleurs.test/a.png' })
        add('iframe', { src: 'http://ailleurs.test/' })
    })""")
    assert refused == ["frame-src", "img-src", "script-src-elem", "script-src-elem"]
    assert await page.evaluate("window.broken") is None
    await context.close()


async def test_a_qr_that_the_network_loses_leaves_the_link(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 1) as people:
        phone = await (await open_context("phone")).new_page()

        async def lose(route: Route) -> None:
            await route.abort()

        await phone.route(re.compile(r"/assets/Qr-[^/]*\.js$"), lose)
        await phone.goto(people.seat())
        await go_to(phone, "Moi")
        await phone.get_by_role("button", name="Afficher le QR").click()
        await expect(phone.get_by_text("Le QR n’a pas pu être chargé").first).to_be_visible()
        await expect(phone.get_by_role("button", name="Copier").first).to_be_visible()
