"""A busy server says `done` at once, and what became of it a moment later: what was pressed counts meanwhile (SPEC D3)."""

from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext
from tests.e2e.crowd import crowd
from tests.e2e.people import until
from tests.services import ServerProcess

SLOW = """() => {
    const wire = { held: null, done: 0, release() { const held = wire.held; wire.held = null; for (const hear of held) hear() } }
    const listen = WebSocket.prototype.addEventListener
    WebSocket.prototype.addEventListener = function (kind, call, options) {
        const hear = (event) => {
            const done = new TextDecoder('latin1').decode(event.data.slice(0, 8)).includes('done')
            wire.done += done
            if (done || !wire.held) call.call(this, event)
            else wire.held.push(() => call.call(this, event))
        }
        return listen.call(this, kind, kind === 'message' ? hear : call, options)
    }
    window.wire = wire
}"""
"""While `wire.held` is a list, nothing arrives but each `done`."""


async def hold(page: Page) -> None:
    await page.evaluate("wire.held = []")


async def release(page: Page) -> None:
    await page.evaluate("wire.release()")


async def done(page: Page, count: int) -> None:
    """So many commands have been answered, and the page has drawn what it knows."""
    await until(page, f"wire.done === {count}")
    await page.evaluate(
        "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(null))))"
    )


async def test_D3_what_was_pressed_counts_between_its_done_and_its_record(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 5) as people:
        host = people.host
        await people.ideas(["Dire merci", "Raccourcir les réunions"])
        ids = {kind: new_id("step") for kind in ("vote", "discuss")}
        for kind, id in ids.items():
            await host.do("step.add", id=id, kind=kind, title=kind, budget=3, cap=3)
        await host.do("step.go", id=ids["vote"])
        page = await (await open_context("desk")).new_page()
        await page.add_init_script(f"({SLOW})()")
        await page.goto(people.seat(0))
        put = page.get_by_role("button", name="Ajouter une gommette à : Dire merci")
        take = page.get_by_role("button", name="Reprendre une gommette à : Dire merci")
        await expect(put).to_be_enabled()

        await hold(page)
        for count, left in ((1, "2 gommettes"), (2, "1 gommette")):
            await put.click()
            await done(page, count)
            await expect(page.get_by_text(f"Il vous reste {left} sur 3")).to_be_visible()
        await take.focus()
        await page.keyboard.press("Enter")
        await done(page, 3)
        await expect(take).to_be_focused()
        await release(page)
        await expect(page.get_by_text("Il vous reste 2 gommettes sur 3")).to_be_visible()
        await people.participants[0].until(
            lambda room: [n for b in room.all("ballot") for n in b["dots"].values()] == [1]
        )

        await host.do("step.go", id=ids["discuss"])
        await host.do("pulse.ask", id=new_id("pulse"), question="On continue ?", form="scale")
        finished = page.get_by_role("button", name="J’ai terminé")
        four = page.get_by_role("button", name="4", exact=True)
        await expect(four).to_be_visible()
        await hold(page)
        for count, button in ((4, finished), (5, four)):
            await button.click()
            await done(page, count)
            assert await button.get_attribute("aria-pressed") == "true"
        await release(page)
        for button in (finished, four):
            await expect(button).to_have_attribute("aria-pressed", "true")
