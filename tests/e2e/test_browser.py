"""What the other end-to-end tests take for granted of the browser."""

import asyncio
import contextlib
import itertools
import re
import urllib.parse
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, expect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.e2e.conftest import OpenContext, lan_url, picture, set_offline, watch
from tests.services import Cable, ServerProcess
from tests.services.process import HUNG

PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<h1>L’arbre à palabres</h1><p>« Réunir, décider, agir » : 14 h 30, cœur, ÇÀÉÈÙ, 12 €</p><input placeholder="Votre idée">
<output></output><script>
const socket = new WebSocket(`ws://${location.host}/`), seen = document.querySelector('output')
let next = 0
socket.onmessage = ({ data }) => {
  if (Number(data) !== next) throw new Error(`expected ${next}, got ${data}`)
  seen.textContent = next++
}
socket.onclose = () => { seen.textContent = 'fermé' }
addEventListener('offline', () => { document.title = 'hors ligne' })
addEventListener('online', () => { document.title = 'en ligne' })
</script>"""


NUMBER = re.compile(r"^\d+$")


def page_or_socket(connection: ServerConnection, request: Request) -> Response | None:
    """The page for a plain request; None goes on to the WebSocket handshake."""
    if "Upgrade" in request.headers:
        return None
    response = connection.respond(200, PAGE)
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


class Numbers:
    """What a server counts up on each socket, twenty a second."""

    def __init__(self) -> None:
        self._sent = asyncio.Semaphore(0)

    async def count(self, connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for number in itertools.count():
                await connection.send(str(number))
                self._sent.release()
                await asyncio.sleep(0.05)

    async def more(self, numbers: int) -> None:
        """Wait until so many have been sent from now on."""
        self._sent = asyncio.Semaphore(0)
        for _ in range(numbers):
            await self._sent.acquire()


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest_asyncio.fixture(loop_scope="session")
async def cable(numbers: Numbers) -> AsyncIterator[Cable]:
    """A cable to a server of the page above, which counts on its socket."""
    async with (
        serve(numbers.count, "127.0.0.1", 0, process_request=page_or_socket) as server,
        Cable(server.sockets[0].getsockname()[1]) as cable,
    ):
        yield cable


async def test_plain_http_on_a_lan_name_is_no_secure_context(open_context: OpenContext, cable: Cable) -> None:
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(cable))

    assert await page.evaluate("isSecureContext") is False
    assert await page.evaluate("typeof crypto.randomUUID") == "undefined"
    assert await page.evaluate("[navigator.language, innerWidth, innerHeight]") == ["fr-FR", 390, 844]


async def test_going_offline_breaks_sockets_and_coming_back_lets_a_page_connect(
    open_context: OpenContext, cable: Cable
) -> None:
    context = await open_context("phone")
    page = await context.new_page()
    await page.goto(lan_url(cable))
    await expect(page.locator("output")).to_have_text(NUMBER)

    await set_offline(context, cable, True)
    await expect(page).to_have_title("hors ligne")
    await expect(page.locator("output")).to_have_text("fermé")

    await set_offline(context, cable, False)
    await expect(page).to_have_title("en ligne")
    await page.reload()
    await expect(page.locator("output")).to_have_text(NUMBER)


async def test_a_frozen_cable_is_silent_and_loses_nothing(
    open_context: OpenContext, cable: Cable, numbers: Numbers
) -> None:
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(cable))
    output = page.locator("output")
    await expect(output).to_have_text(NUMBER)

    cable.freeze()
    async with asyncio.timeout(HUNG):
        while await output.text_content() != "rien":  # what had passed the cable may still be shown
            await page.evaluate("seen.textContent = 'rien'")
            await numbers.more(6)
    missed = await page.evaluate("next")

    cable.restore()
    await expect(output).to_have_text(NUMBER)
    await page.wait_for_function("missed => next > missed + 6", arg=missed)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "ailleurs.test"])
async def test_whatever_asks_another_host_is_found_out(browser: Browser, server: ServerProcess, host: str) -> None:
    """Even this machine by another name, which would answer."""
    context, wrong = await browser.new_context(), list[str]()
    watch(context, wrong)
    page = await context.new_page()
    other = f"http://{host}:{server.port}/readyz"
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        await page.goto(other)
    await context.close()
    assert wrong == [f"another host: {other}"]


async def test_text_is_drawn_in_a_font_that_has_french(browser: Browser, open_context: OpenContext) -> None:
    page = await (await open_context("desk")).new_page()
    await page.goto("data:text/html;charset=utf-8," + urllib.parse.quote(PAGE.partition("<output>")[0]))
    await picture(page, "font")
    wide, narrow = await page.evaluate("""() => {
        const pen = document.createElement('canvas').getContext('2d')
        pen.font = '40px sans-serif'
        return ['éœÀ', 'iii'].map((text) => pen.measureText(text).width)
    }""")
    assert wide > 2 * narrow > 0
