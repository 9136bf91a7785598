"""What a browser keeps, and what becomes of it where it keeps nothing."""

import json

import httpx
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.people import go_to, join, open_room, see_all
from tests.services import ServerProcess

PRESSES = 30

WRITE_AND_RELOAD = """([text, ms]) => new Promise(() => {
    const field = document.querySelector('textarea')
    field.value = text
    field.dispatchEvent(new Event('input', { bubbles: true }))
    requestAnimationFrame(() => {
        WebSocket.prototype.send = () => undefined
        field.form.requestSubmit()
        if (ms === 0) location.reload()
        else setTimeout(() => location.reload(), ms)
    })
})"""
"""Presses « Envoyer », of which nothing goes through, and loads the page anew so soon after it, or in the same turn."""


async def test_what_was_pressed_just_before_a_reload_is_sent_once(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server)
    phone = await join(open_context, server, code, "Nadia Benali")
    for n in range(PRESSES):
        field = phone.get_by_label("Votre idée")
        await expect(field).to_be_visible()
        async with phone.expect_event("load"):
            # The page is gone before it could answer.
            await phone.evaluate(f"void ({WRITE_AND_RELOAD})(['Idée numéro {n}', {n % 10 * 4}])")
    await see_all(phone)
    for n in range(PRESSES):
        await expect(phone.get_by_role("button", name=f"Idée numéro {n}", exact=True)).to_have_count(1)
    await go_to(phone, "Maintenant")
    await expect(phone.get_by_text("en attente d’envoi")).to_have_count(0)
    for n in range(PRESSES):
        await expect(host.get_by_role("button", name=f"Idée numéro {n}", exact=True)).to_have_count(1)


async def forget(context: BrowserContext, *, after: int) -> None:
    """The browser's storage is full once something has been kept so many times."""
    await context.add_init_script(
        f"""(() => {{
            const keep = Storage.prototype.setItem
            let kept = 0
            Storage.prototype.setItem = function (key, value) {{
                if (this === localStorage && (kept += 1) > {after}) throw new DOMException('full', 'QuotaExceededError')
                keep.call(this, key, value)
            }}
        }})()"""
    )


async def members(server: ServerProcess, host: Page, code: str) -> list[str]:
    session = json.loads(await host.evaluate("code => localStorage.getItem(`palabre.session.${code}`)", code))
    async with httpx.AsyncClient(base_url=server.url) as client:
        bearer = {"Authorization": f"Bearer {session['token']}"}
        file = (await client.get(f"/api/rooms/{session['room']}/export.json", headers=bearer)).json()
        return sorted(record["name"] for record in file["records"] if record["id"].startswith("member:"))


async def test_one_joins_where_nothing_can_be_kept(open_context: OpenContext, server: ServerProcess) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server)
    context = await open_context("phone")
    await forget(context, after=1)
    phone = await context.new_page()
    await phone.goto(lan_url(server, f"/r/{code}"))
    await phone.get_by_label("Votre prénom et votre nom").fill("Nadia Benali")
    await phone.get_by_role("button", name="Entrer").click()
    await expect(phone.get_by_text("Connecté")).to_be_visible()
    await expect(phone.get_by_text("Cet appareil ne garde rien")).to_be_visible()
    await phone.get_by_label("Votre idée").fill("Une idée tout de même")
    await phone.get_by_role("button", name="Envoyer", exact=True).click()
    await expect(host.get_by_role("button", name="Une idée tout de même", exact=True)).to_be_visible()
    await go_to(phone, "Moi")
    await expect(phone.get_by_label("Votre lien personnel")).to_be_visible()
    assert await members(server, host, code) == ["Claire Vasseur", "Nadia Benali"]


async def test_an_entry_whose_answer_was_lost_leaves_one_member(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server)
    context = await open_context("phone")
    phone = await context.new_page()
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        # Only the browser knows the name that it has for the server.
        granted = await route.fetch(
            url=f"{server.url}/api/join", headers=route.request.headers | {"origin": server.url}
        )
        assert granted.ok, await granted.text()
        lost += 1
        await route.abort()

    await phone.route("**/api/join", lose)
    await phone.goto(lan_url(server, f"/r/{code}"))
    await phone.get_by_label("Votre prénom et votre nom").fill("Nadia")
    for tries in range(1, 4):
        await phone.get_by_role("button", name="Entrer").click()
        await expect(phone.get_by_role("alert")).not_to_be_empty()
        await expect(phone.get_by_role("button", name="Entrer")).to_be_enabled()
        assert lost == tries
    # Over a reload, too, and under the name that she means in the end.
    await phone.reload()
    await phone.unroute("**/api/join")
    await phone.get_by_label("Votre prénom et votre nom").fill("Nadia Benali")
    await phone.get_by_role("button", name="Entrer").click()
    await expect(phone.get_by_text("Connecté")).to_be_visible()
    assert await members(server, host, code) == ["Claire Vasseur", "Nadia Benali"]
