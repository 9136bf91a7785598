"""Whoever asks to be erased: what they are told before, what they see meanwhile, and what is left of them for others and on their device."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Locator, Page, Route, WebSocket, expect

from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import crowd
from tests.e2e.people import face, go_to, join, see_all, sheet_is_gone, write_idea
from tests.e2e.test_accessibility import look
from tests.services import ServerProcess

ERASE = "**/api/rooms/*/erase"
ASK = "Effacer ce que je suis ici"
OVER = "Vous n’êtes plus dans cette séance."

KEPT = """async code => {
    const kept = [localStorage, sessionStorage].flatMap(store => Object.entries(store).map(entry => entry.join(' ')))
    const db = await new Promise(done => { indexedDB.open('palabre').onsuccess = ({ target }) => done(target.result) })
    const rows = await new Promise(done => {
        db.transaction('commands').objectStore('commands').getAll().onsuccess = ({ target }) => done(target.result)
    })
    db.close()
    return [...kept, ...rows.map(row => JSON.stringify(row))]
}"""
"""All that a device keeps, as texts."""


async def session(phone: Page, code: str) -> Any:
    """Who this device is in a room."""
    return json.loads(await phone.evaluate("code => localStorage[`palabre.session.${code}`]", code))


async def connected(phone: Page) -> WebSocket:
    """The connection of a page that is loaded anew."""
    async with phone.expect_event("websocket") as opened:
        await phone.reload()
    await expect(phone.get_by_text("Connecté")).to_be_visible()
    return await opened.value


async def ask(phone: Page) -> Locator:
    """The sheet that asks once more, from « Moi »."""
    await go_to(phone, "Moi")
    await phone.get_by_role("button", name=ASK).click()
    sheet = phone.get_by_role("dialog", name=ASK)
    await expect(sheet).to_be_visible()
    return sheet


async def nothing_is_kept(phone: Page, *of: str) -> None:
    kept = await phone.evaluate(KEPT, None)
    assert not [line for line in kept for each in of if each in line], kept


async def refuse(route: Route, status: int, code: str, retry: bool) -> None:
    await route.fulfill(status=status, json={"code": code, "text": "", "retry": retry})


async def test_the_sheet_has_the_word_until_the_answer_is_here(
    open_context: OpenContext, server: ServerProcess
) -> None:
    asked = list[Any]()
    answer = asyncio.Event()

    async def late(route: Route) -> None:
        asked.append((route.request.post_data_json, route.request.headers["authorization"][:7]))
        await answer.wait()
        await route.fulfill(json={"commits": 3, "texts": 1})

    async with crowd(server, 1) as people:
        phone = await join(open_context, server, people.code, "Nadia Benali")
        me, socket = await session(phone, people.code), await connected(phone)
        await phone.get_by_label("Votre idée").fill("Une idée à moitié écri")
        await phone.route(ERASE, late)

        sheet = await ask(phone)
        await expect(sheet.get_by_role("heading", name=ASK)).to_be_focused()
        await picture(phone, "erase-sheet-fr")
        assert await look(phone, "fr") == []
        await phone.keyboard.press("Escape")
        await expect(sheet).to_be_hidden()
        await expect(phone.get_by_role("button", name=ASK)).to_be_focused()
        await phone.keyboard.press("Enter")
        await expect(sheet).to_be_visible()
        await phone.go_back()
        await expect(sheet).to_be_hidden()
        await expect(phone.get_by_label("Votre nom", exact=True)).to_be_visible()

        sheet = await ask(phone)
        texts = sheet.get_by_role("group", name="Ce que vous avez écrit sous votre nom")
        await expect(texts.get_by_label("Laisser mes textes, sans signature")).to_be_checked()
        await texts.get_by_label("Retirer mes textes").check()
        assert asked == []
        await sheet.get_by_role("button", name="Effacer").click()
        wait = sheet.get_by_role("button", name="Effacement…")
        await expect(wait).to_be_focused()
        await expect(wait).to_have_attribute("aria-disabled", "true")
        await expect(sheet.get_by_role("status")).to_have_text("Effacement…")
        await wait.press("Enter")
        await phone.keyboard.press("Escape")
        await phone.go_back()
        # The server ends the connection before it answers.
        async with socket.expect_event("close"):
            await people.host.do("member.remove", id=me["me"]["id"])
        await expect(wait).to_be_visible()
        await expect(phone.get_by_role("heading", name="Vous n’êtes plus", exact=False)).to_have_count(0)
        await picture(phone, "erase-wait-fr")
        answer.set()
        await expect(phone.get_by_role("heading", name=OVER)).to_be_focused()
        await expect(phone.get_by_text("C’est fait : votre nom n’y est plus.")).to_be_visible()
        await picture(phone, "erase-over-fr")
        assert asked == [({"texts": "remove"}, "Bearer ")]

        await nothing_is_kept(phone, people.code, me["room"], me["me"]["id"], me["token"], "Nadia", "moitié")
        await sheet_is_gone(phone)
        await phone.reload()
        await expect(phone.get_by_label("Votre prénom et votre nom")).to_have_value("")
        await nothing_is_kept(phone, "palabre.session", me["room"], "Nadia", "moitié")


async def test_o6_who_is_erased_is_gone_for_others_and_on_their_device(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        phone = await join(open_context, server, people.code, "Nadia Benali")
        other = await join(open_context, server, people.code, "Paul Roussel")
        me = await session(phone, people.code)
        await write_idea(phone, "Une idée à retirer")
        await see_all(other)
        await expect(face(other, "Une idée à retirer")).to_be_visible()
        await expect(other.get_by_text("Nadia Benali")).to_be_visible()
        await phone.get_by_label("Votre idée").fill("Une autre, à moitié écri")

        sheet = await ask(phone)
        await sheet.get_by_label("Retirer mes textes").check()
        await sheet.get_by_role("button", name="Effacer").click()
        await expect(phone.get_by_role("heading", name=OVER)).to_be_focused()
        await expect(phone.get_by_text("C’est fait : votre nom n’y est plus.")).to_be_visible()
        await nothing_is_kept(phone, people.code, me["room"], me["me"]["id"], me["token"], "Nadia", "moitié")

        await expect(face(other, "Texte retiré")).to_be_visible()
        await expect(other.get_by_text("Nadia Benali")).to_have_count(0)
        await picture(other, "erased-other-fr")

        await sheet_is_gone(phone)
        await phone.reload()
        await expect(phone.get_by_label("Votre prénom et votre nom")).to_have_value("")
        await phone.goto(me["links"]["personal"])
        await expect(phone.get_by_role("alert")).to_be_visible()
        await expect(phone.get_by_label("Votre prénom et votre nom")).to_be_visible()
        await nothing_is_kept(phone, "palabre.session", me["me"]["id"], "Nadia", "moitié")


async def test_what_does_not_go_at_once_is_said_as_it_is(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 1) as people:
        host = await (await open_context("phone", lang="en-GB")).new_page()
        await host.goto(people.desk())
        await host.get_by_role("link", name="Take part").click()
        await host.route(ERASE, lambda route: refuse(route, 403, "forbidden", False))
        await host.get_by_role("navigation").get_by_role("button", name="Me").click()
        await host.get_by_role("button", name="Erase who I am here").click()
        await host.get_by_role("button", name="Erase", exact=True).click()
        await expect(host.get_by_role("alert")).to_contain_text("You are the only person who hosts")
        await picture(host, "erase-alone-en")
        await host.get_by_role("button", name="Cancel").click()
        await expect(host.get_by_role("button", name="Erase who I am here")).to_be_focused()
        await sheet_is_gone(host)
        await host.reload()
        await expect(host.get_by_text("Connected")).to_be_visible()

        phone = await join(open_context, server, people.code, "Nadia Benali")
        sheet = await ask(phone)
        await phone.route(ERASE, lambda route: route.abort())
        await sheet.get_by_role("button", name="Effacer").click()
        await expect(sheet.get_by_role("alert")).to_have_text(
            "Le serveur n’a pas répondu. Vérifiez la connexion, puis réessayez."
        )
        await picture(phone, "erase-unheard-fr")
        await phone.unroute(ERASE)
        # It had been heard: who asks again is not known any more.
        await phone.route(ERASE, lambda route: refuse(route, 401, "unauthorized", False))
        await sheet.get_by_role("button", name="Réessayer").click()
        await expect(phone.get_by_role("heading", name=OVER)).to_be_visible()
        await nothing_is_kept(phone, people.code, "Nadia")

        other = await join(open_context, server, people.code, "Paul Roussel")
        await other.route(ERASE, lambda route: refuse(route, 503, "unavailable", True))
        sheet = await ask(other)
        await sheet.get_by_role("button", name="Effacer").click()
        await expect(other.get_by_text("C’est noté ; ce sera fini dans quelques minutes.")).to_be_visible()
        await nothing_is_kept(other, people.code, "Paul")
        await other.get_by_role("link", name="Retour à l’accueil").click()
        await expect(other).to_have_url(lan_url(server, "/"))
        await expect(other.get_by_text("Vos séances")).to_have_count(0)


async def test_a_reload_before_the_answer_brings_nobody_back(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 1) as people:
        phone = await join(open_context, server, people.code, "Nadia Benali")
        me, socket = await session(phone, people.code), await connected(phone)
        asked = asyncio.Queue[Route]()
        await phone.route(ERASE, asked.put)
        sheet = await ask(phone)
        await sheet.get_by_role("button", name="Effacer").click()
        route = await asked.get()
        async with socket.expect_event("close"):
            await people.host.do("member.remove", id=me["me"]["id"])
        await route.abort()
        await expect(sheet.get_by_role("alert")).to_contain_text("Le serveur n’a pas répondu.")
        await phone.reload()
        await expect(phone.get_by_role("heading", name=OVER)).to_be_visible()
        await expect(phone.get_by_text("C’est noté")).to_be_visible()
        await nothing_is_kept(phone, people.code, "Nadia")


async def test_a_text_that_was_taken_out_is_said_to_be(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 2) as people:
        phone = await join(open_context, server, people.code, "Nadia Benali")
        await write_idea(phone, "Une idée à laisser")
        await write_idea(phone, "Une idée à retirer")
        await see_all(phone)
        await phone.get_by_role("button", name="Messages").click()
        await phone.get_by_label("Votre message").fill("Un message à retirer")
        await phone.get_by_role("button", name="Envoyer le message").click()
        await expect(phone.get_by_text("Un message à retirer")).to_be_visible()
        kept = await session(phone, people.code)
        async with httpx.AsyncClient(base_url=server.url) as client:
            bearer = {"Authorization": f"Bearer {kept['token']}"}
            file = (await client.get(f"/api/rooms/{kept['room']}/export.json", headers=bearer)).json()
            for record in file["records"]:
                if str(record.get("text", "")).endswith("à retirer"):
                    record["text"], record["author"] = "", None
            given = (await client.post("/api/import", json=file)).json()
        desk = await (await open_context("desk")).new_page()
        link = urlsplit(given["links"]["recovery"])
        await desk.goto(lan_url(server, f"{link.path}#{link.fragment}"))
        # The idea on the board, and the message beside it.
        await expect(desk.get_by_role("button", name="Texte retiré", exact=True)).to_have_count(2)
        await picture(desk, "taken-desk-fr")
        assert await look(desk, "fr") == []

        reader = await join(open_context, server, given["code"], "Inès Garnier")
        await see_all(reader)
        await expect(reader.get_by_role("button", name="Texte retiré")).to_be_visible()
        await picture(reader, "taken-phone-fr")

        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{given['code']}/screen"))
        await expect(screen.get_by_text("Texte retiré")).to_be_visible()
        await screen.evaluate("() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished))")
        await picture(screen, "taken-screen-fr")
