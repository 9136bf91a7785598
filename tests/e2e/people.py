"""What people do at the screens, in the words that they read there."""

import re
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext, Size, lan_url
from tests.services import Cable, ServerProcess
from tests.services.process import HUNG

Address = ServerProcess | Cable
Template = Literal["De l’idée à l’action", "Rétrospective", "Météo", "Page blanche"]

SHELVES = {"Rétrospective": "Faire le point", "Météo": "Faire le point"}
"""Under what those are found that are not in sight from the first."""


def code_of(page: Page) -> str:
    """Of the room that a page is in."""
    return urlsplit(page.url).path.split("/")[2]


async def open_room(
    page: Page,
    at: Address,
    title: str = "Printemps des managers",
    name: str = "Claire Vasseur",
    template: Template = "Page blanche",
) -> str:
    """A host opens a room from the front page; returns its code. The page is then on the Pupitre."""
    await page.goto(lan_url(at))
    await page.get_by_label("Titre de la séance").fill(title)
    await page.get_by_label("Votre prénom et votre nom").fill(name)
    if template in SHELVES:
        await open_shelf(page, SHELVES[template])
    await page.get_by_role("radio", name=re.compile(f"^{template}")).check()
    await page.get_by_role("button", name="Ouvrir la séance").click()
    await page.wait_for_url("**/r/*/host")
    return code_of(page)


async def open_shelf(page: Page, title: str) -> None:
    """Those of one purpose, among the agendas to begin with."""
    await page.locator("summary").filter(has_text=title).click()


async def choose_agenda(page: Page, template: Template) -> None:
    """Where the agenda is: another one."""
    await open_shelf(page, SHELVES[template])
    await page.get_by_role("button", name=re.compile(f"^{template}")).click()


async def join(open_context: OpenContext, at: Address, code: str, name: str, size: Size = "phone") -> Page:
    """Someone joins in a browser of their own."""
    page = await (await open_context(size)).new_page()
    await page.goto(lan_url(at, f"/r/{code}"))
    await page.get_by_label("Votre prénom et votre nom").fill(name)
    await page.get_by_role("button", name="Entrer").click()
    await expect(page.get_by_text(re.compile("^Connecté"))).to_be_visible()
    return page


async def write_idea(page: Page, text: str) -> None:
    await page.get_by_label("Votre idée").fill(text)
    await page.get_by_role("button", name="Envoyer", exact=True).click()


async def see_all(page: Page) -> None:
    """On a phone: the place where the whole board is."""
    await go_to(page, "Tout")


async def go_to(page: Page, place: str) -> None:
    """On a phone: one of the places at its foot."""
    await page.get_by_role("navigation", name="Parties de la séance").get_by_role("button", name=place).click()


async def sheet_is_gone(page: Page) -> None:
    """What lay over the page, and was closed otherwise than by Back, is no entry of its history any more.

    Until then the browser is on its way back, and gives up a reload that comes between.
    """
    await until(page, "!history.state?.inside?.sheet")


def face(page: Page | Locator, text: str) -> Locator:
    """The card of an idea, or a message, as one presses it."""
    return page.get_by_role("button", name=text, exact=True)


def zone(page: Page, title: str) -> Locator:
    """A zone, or the ideas in none (« À ranger »)."""
    return page.get_by_role("region", name=title)


async def board_texts(page: Page | Locator) -> list[str]:
    """The ideas as this page, or this zone, shows them on the board, in order."""
    texts: list[str] = await page.locator("[id^='card-idea:'] .text").all_inner_texts()
    return [text.strip() for text in texts]


async def until(page: Page, condition: str) -> None:
    """Wait until an expression is true in the page. (Playwright's own `wait_for_function` needs an eval that our CSP refuses.)"""
    await page.evaluate(f"""() => new Promise((done, fail) => {{
        setTimeout(() => fail(new Error('expected: ' + {condition!r})), {HUNG * 1000})
        const look = () => ({condition}) ? done() : requestAnimationFrame(look)
        look()
    }})""")


Menu = Literal["Inviter", "Télécommande", "Compte rendu", "Plus", "Poser une question", "Petites tables"]


async def open_menu(desk: Page, name: Menu) -> None:
    """On a desk: what lies one press behind a button of the page."""
    button = desk.get_by_role("button", name=re.compile(f"^{name}( :.*)?$"))
    await button.click()
    await expect(button).to_have_attribute("aria-expanded", "true")


def steering(host: Page) -> Locator:
    """What a host walks the agenda with."""
    return host.get_by_role("region", name="Piloter")
