"""What somebody sees who comes for the first time: the front page, and a workshop that plays itself (SPEC H15)."""

import re

import pytest
from playwright.async_api import Page, expect

from client_demo.python.sdk import Entry, connect, enter_screen
from tests.e2e.conftest import OpenContext, Size, lan_url, picture
from tests.e2e.people import code_of, until
from tests.e2e.test_accessibility import look
from tests.e2e.test_keyboard import tab_to
from tests.services import ServerProcess

SHOWN = {"fr": "Voir une démonstration", "en": "Watch a demonstration"}


async def demonstration(
    open_context: OpenContext, server: ServerProcess, size: Size = "desk", lang: str = "fr"
) -> Page:
    """Somebody presses one button, and fills in nothing."""
    page = await (await open_context(size, lang=f"{lang}-FR")).new_page()
    await page.goto(lan_url(server))
    await page.get_by_role("button", name=SHOWN[lang]).click()
    await page.wait_for_url("**/r/*/demo")
    return page


async def visitor(page: Page, server: ServerProcess) -> Entry:
    """The way in that this browser was given."""
    kept = await page.evaluate("code => JSON.parse(localStorage.getItem(`palabre.session.${code}`))", code_of(page))
    return Entry(kept["room"], kept["code"], kept["token"])


@pytest.mark.parametrize("size", ["phone", "desk", "projector"])
async def test_the_front_page_says_what_it_is_and_rests(
    open_context: OpenContext, server: ServerProcess, size: Size
) -> None:
    page = await (await open_context(size, reduced_motion="reduce")).new_page()
    await page.goto(lan_url(server))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Des idées aux décisions, ensemble.")
    await expect(page.get_by_text("Pour les séminaires de managers")).to_be_visible()
    await page.get_by_role("radio").first.wait_for()
    shown = page.get_by_role("img", name=re.compile("^Des idées partent des téléphones"))
    # Nothing moves, and it is whole.
    await expect(shown.get_by_text("Nadia, d’ici lundi")).to_be_visible()
    await until(page, "document.querySelector('.living [role=img]').getAnimations({ subtree: true }).length === 0")
    code, demo, title = [await page.locator(what).bounding_box() for what in ("#code", ".demo .button", "#new-title")]
    assert code
    assert demo
    assert title
    low = page.viewport_size
    assert low
    if size == "phone":
        # One comes with a code: it is at the top, and what one creates is below.
        assert code["y"] + code["height"] < low["height"] / 2
        assert code["y"] < demo["y"] < title["y"]
    else:
        assert code["x"] < title["x"]
        assert demo["y"] + demo["height"] < low["height"]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await picture(page, f"home-{size}")
    assert await look(page, "fr") == []


async def test_the_picture_moves_once_and_then_rests(open_context: OpenContext, server: ServerProcess) -> None:
    page = await (await open_context("desk")).new_page()
    await page.goto(lan_url(server))
    shown = page.get_by_role("img", name=re.compile("^Des idées partent"))
    await expect(shown).to_be_visible()
    moves = await shown.evaluate(
        """shown => shown.getAnimations({ subtree: true }).map(({ effect }) => {
            const { delay, duration, iterations } = effect.getTiming()
            return delay + duration * iterations
        })"""
    )
    assert moves
    assert max(moves) < 5_000
    await until(page, "document.querySelector('figure').getAnimations({ subtree: true }).length === 0")
    # It moves again for a pointer that comes to it.
    await shown.hover()
    await until(page, "document.querySelector('figure').getAnimations({ subtree: true }).length > 5")


async def test_H15_a_demonstration_begins_by_key_with_nothing_filled_in(
    open_context: OpenContext, server: ServerProcess
) -> None:
    page = await (await open_context("desk")).new_page()
    await page.goto(lan_url(server))
    await page.get_by_role("radio").first.wait_for()
    await tab_to(page, page.get_by_role("button", name=SHOWN["fr"]))
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/r/*/demo")
    await expect(page.get_by_role("status").filter(has_text="Chacun dit sur quoi il pourrait aider")).to_be_visible()
    assert await page.evaluate("document.activeElement !== document.body")
    screen = page.get_by_role("img", name="Aperçu du grand écran")
    await expect(screen.get_by_text("Sur quoi pourriez-vous aider un collègue ?")).to_be_visible()
    phone = page.frame_locator("iframe")
    await expect(phone.get_by_text("Étape 1 sur 7")).to_be_visible()
    await expect(page.get_by_role("listitem").filter(has_text="Qui est là ?")).to_have_attribute("aria-current", "step")
    await picture(page, "demonstration-desk")
    assert await look(page, "fr") == []
    # It plays on, and a reload comes back to it.
    await expect(page.get_by_role("status").filter(has_text="Chacun écrit, sans nom")).to_be_visible()
    await page.reload()
    await expect(phone.get_by_text("Étape 2 sur 7")).to_be_visible()
    await tab_to(page, page.get_by_role("button", name="Prendre la main"))


async def test_H15_whoever_takes_over_is_on_the_desk_and_leads(
    open_context: OpenContext, server: ServerProcess
) -> None:
    page = await demonstration(open_context, server)
    await expect(page.get_by_role("status").filter(has_text="Chacun dit sur quoi il pourrait aider")).to_be_visible()
    code = code_of(page)
    await page.get_by_role("button", name="Prendre la main").click()
    await expect(page).to_have_url(lan_url(server, f"/r/{code}/host"))
    await expect(page.get_by_role("region", name="Démonstration")).to_be_visible()
    entry = await visitor(page, server)
    async with connect(server.url, entry.token) as room:
        await room.until(lambda room: sum(each["role"] == "host" for each in room.all("member")) == 1)
        await room.until(lambda room: room.count >= 12)
    # The agenda waits for a word from here.
    await page.get_by_role("button", name=re.compile("^Suivant")).first.click()
    await expect(page.get_by_text("Que pourrions-nous changer ?").first).to_be_visible()
    # A demonstration is none of one's own workshops, and leads to one.
    await page.get_by_role("button", name="Ouvrir ma séance").click()
    await expect(page.get_by_label("Titre de la séance")).to_be_focused()
    await expect(page.get_by_label("Votre prénom et votre nom")).to_have_value("")
    await expect(page.get_by_role("heading", name="Vos séances")).to_have_count(0)
    await page.goto(lan_url(server, f"/r/{code}/demo"))
    await expect(page.get_by_text("Vous avez la main sur cette séance.")).to_be_visible()


async def test_H15_at_its_end_it_rests_and_may_be_played_again(
    open_context: OpenContext, server: ServerProcess
) -> None:
    page = await demonstration(open_context, server, "phone", "en")
    await expect(page.get_by_role("status").filter(has_text="Everyone says what they could help")).to_be_visible()
    first = code_of(page)
    entry = await visitor(page, server)
    async with connect(server.url, entry.token) as room:
        await room.until(lambda room: len(room.all("idea")) > 0)
        await room.do("step.go", id=None)
    await expect(page.get_by_role("status").filter(has_text="That was a whole workshop.")).to_be_visible()
    screen = page.get_by_role("img", name="Preview of the big screen")
    await expect(screen.get_by_text("14 people").first).to_be_visible()
    await page.get_by_role("button", name="A phone").click()
    await expect(page.frame_locator("iframe").get_by_text("It is over. Thank you.")).to_be_visible()
    await picture(page, "demonstration-phone-end")
    assert await look(page, "en") == []
    await page.get_by_role("button", name="Play it again").click()
    await page.wait_for_url(lambda url: "/demo" in url and first not in url)
    await expect(page.get_by_role("button", name="Take over")).to_be_visible()
    assert (await enter_screen(server.url, code_of(page))).code != first


async def test_H15_why_nothing_is_shown_is_said_in_words(open_context: OpenContext, server: ServerProcess) -> None:
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(server))
    await page.route(
        "**/api/demonstration",
        lambda route: route.fulfill(status=503, json={"code": "full", "text": "expected fewer", "retry": True}),
    )
    await page.get_by_role("button", name=SHOWN["fr"]).click()
    await expect(page.get_by_role("alert")).to_have_text("Le serveur est complet pour le moment.")
    await expect(page.get_by_role("button", name=SHOWN["fr"])).to_be_enabled()
