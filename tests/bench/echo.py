"""What a thumb feels: from « Envoyer » to one's own screen and to another phone, among 200 people: `python -m tests.bench.echo`.

Two real browsers on one machine with the server; the 200 are seats of `tests.bench.crowd` who write five ideas a second.
"""

import asyncio
import random
import statistics

from playwright.async_api import Page, async_playwright

from tests.bench.crowd import Seat, take_seats, tokens_for
from tests.e2e.conftest import VIEWPORTS, lan_url, launch
from tests.e2e.people import open_room
from tests.services import ServerProcess

PEOPLE, RATE, IDEAS = 200, 5.0, 30

# Both pages are on one machine, so that one clock times both.
_WATCH = """(text) => new Promise((seen) => {
  const look = () => document.body.textContent.includes(text) && (watcher.disconnect(), seen(Date.now()))
  const watcher = new MutationObserver(look)
  watcher.observe(document.body, {subtree: true, childList: true, characterData: true})
  look()
})"""


async def chatter(seats: list[Seat]) -> None:
    for number in range(10_000):
        random.choice(seats).do(f"n{number}", "idea.add", id=f"idea:{number:012d}", text=f"Bruit de fond {number}")
        await asyncio.sleep(random.expovariate(RATE))


async def type_idea(page: Page, text: str) -> int:
    await page.get_by_label("Votre idée").fill(text)
    moment: int = await page.evaluate(
        "() => { const at = Date.now(); document.querySelector('button[aria-label=\"Envoyer\"]').click(); return at }"
    )
    return moment


async def main() -> None:
    with ServerProcess(env={"PALABRE_RATE": "100000"}) as server:
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            host = await (await browser.new_context(locale="fr-FR", viewport=VIEWPORTS["desk"])).new_page()
            code = await open_room(host, server)
            room = await host.evaluate(
                "async (code) => (await (await fetch('/api/screen', {method: 'POST', headers:"
                " {'content-type': 'application/json'}, body: JSON.stringify({code})})).json()).room",
                code,
            )
            seats = await take_seats(server, room, tokens_for(server, room, PEOPLE))
            phone = await (await browser.new_context(locale="fr-FR", viewport=VIEWPORTS["phone"])).new_page()
            await phone.goto(lan_url(server, f"/r/{code}"))
            await phone.get_by_label("Votre prénom et votre nom").fill("Paul")
            await phone.get_by_role("button", name="Entrer").click()
            noise = asyncio.create_task(chatter(seats))
            own, other = [], []
            for number in range(IDEAS):
                text = f"Chronométrée{number:03d}"
                mine, theirs = (asyncio.create_task(page.evaluate(_WATCH, text)) for page in (phone, host))
                sent = await type_idea(phone, text)
                own.append(await mine - sent)
                other.append(await theirs - sent)
            noise.cancel()
            await browser.close()
    print(f"| figure, {PEOPLE} people, {RATE:g} ideas/s around, {IDEAS} ideas timed | p50 | p95 |\n|---|---|---|")
    for name, values in (("own screen", own), ("another browser", other)):
        cuts = statistics.quantiles(values, n=20)
        print(f"| « Envoyer » → {name} | {cuts[9]:.0f} ms | {cuts[18]:.0f} ms |")


if __name__ == "__main__":
    asyncio.run(main())
