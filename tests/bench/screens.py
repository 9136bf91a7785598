"""What a room sees: how soon the big screen is black, how soon a page first paints on a slow phone, how far clocks of steps are apart:
`python -m tests.bench.screens`.

First paint is that of the browser's own clock, the processor four times as slow and the network that of Chrome's preset « Fast 3G »
(562 ms of latency, 180 kB/s), with nothing in the cache.
"""

import asyncio
import statistics
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, Page, async_playwright

from client_demo.python.sdk import new_id
from tests.e2e.conftest import VIEWPORTS, lan_url, launch
from tests.e2e.crowd import Crowd, crowd
from tests.services import Cable, ServerProcess

TIMES = 15
FAST_3G = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
SLOWER = 4

# From an input, or from now, until a frame has been painted in which the wall is black (or lit); both pages are on one machine.
_PAINTED = """(black) => new Promise((done) => {
  const look = () => {
    if (Boolean(document.querySelector('.wall.black')) === black) requestAnimationFrame(() => done(Date.now()))
    else requestAnimationFrame(look)
  }
  look()
})"""


Act = Callable[[], Awaitable[float]]
"""Does it, and says when it was done (ms since 1970)."""


async def until_black(screen: Page, act: Act) -> list[float]:
    """How long after each second act the screen was black; the others light it again."""
    took = []
    for n in range(2 * TIMES):
        black = n % 2 == 0
        painted = asyncio.create_task(screen.evaluate(_PAINTED, black))
        acted = await act()
        after = await painted - acted
        if black:
            took.append(after)
    return took


def by_key(screen: Page) -> Act:
    press = "() => { const at = Date.now(); dispatchEvent(new KeyboardEvent('keydown', { key: 'b' })); return at }"
    return lambda: screen.evaluate(press)


def by_remote(remote: Page) -> Act:
    button = remote.get_by_role("button", name="Écran noir")
    return lambda: button.evaluate("(button) => { const at = Date.now(); button.click(); return at }")


async def first_paint(browser: Browser, address: str) -> list[float]:
    took = []
    for _ in range(TIMES):
        context = await browser.new_context(locale="fr-FR", viewport=VIEWPORTS["phone"], is_mobile=True, has_touch=True)
        page = await context.new_page()
        devtools = await context.new_cdp_session(page)
        await devtools.send("Network.enable")
        await devtools.send("Network.emulateNetworkConditions", FAST_3G)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await page.goto(address)
        took.append(
            await page.evaluate("""() => new Promise((done) => new PerformanceObserver((list) => {
                for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') done(startTime)
            }).observe({ type: 'paint', buffered: true }))""")
        )
        await context.close()
    return took


# When each second of a step's clock is first drawn, by the clock of this machine, which the page's own may not be.
_TICKS = """(count) => new Promise((done) => {
  const text = () => document.querySelector('[role=timer] span').textContent
  const seen = {}
  let last = text()
  const look = () => {
    if (text() !== last) {
      last = text()
      seen[last] = performance.timeOrigin + performance.now()
      if (Object.keys(seen).length === count) return done(seen)
    }
    requestAnimationFrame(look)
  }
  look()
})"""

WRONG = "Date.now = ((now) => () => now() + 420_000)(Date.now.bind(Date))"
"""A phone's clock that is seven minutes fast."""


async def apart(browser: Browser, people: Crowd, server: ServerProcess, screen: Page) -> list[float]:
    """How far the big screen and a phone with a wrong clock on a slow network are apart, second by second."""
    step = new_id("step")
    await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", minutes=10)
    async with Cable(server.port, delay=FAST_3G["latency"] / 2000) as cable:
        phone = await (await browser.new_context(locale="fr-FR", viewport=VIEWPORTS["phone"])).new_page()
        await phone.add_init_script(WRONG)
        await phone.goto(people.seat(0).replace(f":{server.port}", f":{cable.port}"))
        await people.host.do("step.go", id=step)
        await asyncio.gather(*(page.get_by_role("timer").wait_for() for page in (phone, screen)))
        here, there = await asyncio.gather(*(page.evaluate(_TICKS, TIMES) for page in (screen, phone)))
        await phone.context.close()
    return [abs(here[text] - there[text]) for text in here.keys() & there.keys()]


async def main() -> None:
    with ServerProcess() as server:
        async with async_playwright() as playwright, crowd(server, 12) as people:
            browser = await launch(playwright)
            screen = await (await browser.new_context(locale="fr-FR", viewport=VIEWPORTS["projector"])).new_page()
            await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
            await screen.locator(".wall").wait_for()
            remote = await (await browser.new_context(locale="fr-FR", viewport=VIEWPORTS["phone"])).new_page()
            await remote.goto(people.desk())
            figures = {
                "key B → the screen is black (≤ 300 ms)": await until_black(screen, by_key(screen)),
                "« Écran noir » on the remote → the screen is black (≤ 300 ms)": await until_black(
                    screen, by_remote(remote)
                ),
                "a step's clock on a phone 7 min wrong, 562 ms away, and on the screen (≤ 250 ms apart)": await apart(
                    browser, people, server, screen
                ),
                "first paint of the front page (≤ 1,000 ms)": await first_paint(browser, lan_url(server)),
                "first paint of the way in (≤ 1,000 ms)": await first_paint(
                    browser, lan_url(server, f"/r/{people.code}")
                ),
            }
            await browser.close()
    print(f"| figure, {TIMES} times | p50 | p95 |\n|---|---|---|")
    for name, values in figures.items():
        cuts = statistics.quantiles(values, n=20)
        print(f"| {name} | {cuts[9]:.0f} ms | {cuts[18]:.0f} ms |")


if __name__ == "__main__":
    asyncio.run(main())
