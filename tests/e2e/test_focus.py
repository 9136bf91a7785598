"""Whatever a press does to what was pressed, the focus is somewhere: who has no mouse goes on from where they were."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face, go_to, until
from tests.e2e.scenes import SETTLE
from tests.services import ServerProcess

HAS_FOCUS = "document.activeElement !== document.body && document.activeElement.checkVisibility()"


async def press(page: Page, control: Locator, key: str = "Enter") -> None:
    """By keyboard; afterwards something has the focus."""
    await control.focus()
    await page.keyboard.press(key)
    await page.evaluate(SETTLE)
    await until(page, HAS_FOCUS)


def button(page: Page | Locator, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("button", name=name, exact=isinstance(name, str))


async def test_dots_that_are_all_placed_or_taken_back_leave_the_focus_with_their_idea(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        await people.ideas(["Moins de réunions", "Dire merci"])
        step = await people.step("vote", "Choisir", budget=2, cap=2)
        await people.host.do("step.go", id=step)
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        put, take = (button(phone, f"{what} une gommette à : Dire merci") for what in ("Ajouter", "Reprendre"))
        await press(phone, put)
        await expect(put).to_be_focused()
        await press(phone, put)
        await expect(phone.get_by_text("Il vous reste 0 gommette sur 2")).to_be_visible()
        await expect(take).to_be_focused()
        await press(phone, take)
        await expect(take).to_be_focused()
        await press(phone, take)
        await expect(phone.get_by_text("Il vous reste 2 gommettes sur 2")).to_be_visible()
        await expect(put).to_be_focused()


async def test_a_card_that_is_deleted_leaves_the_focus_beside_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        await people.ideas(["Une", "Deux", "Trois"])
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await press(desk, face(desk, "Deux"))
        await press(
            desk, desk.get_by_role("group", name="Que faire de cette idée ?").get_by_role("button", name="Retirer")
        )
        await expect(face(desk, "Deux")).to_have_count(0)
        assert (
            await desk.evaluate("document.activeElement.closest('[data-idea]')?.innerText.split('\\n')[0]") == "Trois"
        )


async def test_a_step_that_is_moved_to_the_top_or_removed_leaves_the_focus_with_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        for title in ("Un", "Deux", "Trois"):
            await people.step("ideate", title)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await press(desk, button(desk, "Régler l’étape « Trois »"))
        up = button(desk, "Monter")
        await press(desk, up)
        await expect(up).to_be_focused()
        await press(desk, up)
        await expect(up).to_be_disabled()
        await expect(button(desk, "Descendre")).to_be_focused()
        await press(desk, button(desk, "Retirer l’étape"))
        assert await desk.evaluate("document.activeElement.closest('ol') !== null")


async def test_what_one_opens_gives_the_focus_back_when_it_closes(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        await people.ideas(["Une", "Deux"])
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await press(desk, face(desk, "Une"))
        sheet = desk.get_by_role("group", name="Que faire de cette idée ?")
        await press(desk, button(sheet, "Modifier"))
        await expect(desk.get_by_label("Modifier l’idée")).to_be_focused()
        await press(desk, button(sheet, "Annuler"))
        await expect(sheet.locator(":focus")).to_have_count(1)
        await press(desk, button(sheet, "Fermer"))
        await expect(face(desk, "Une")).to_be_focused()


async def test_what_asks_once_more_is_answered_where_one_is_and_not_first_for_good(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await go_to(phone, "Moi")
        await press(phone, button(phone, "Quitter sur cet appareil"))
        await expect(button(phone, "Annuler")).to_be_focused()
        await press(phone, button(phone, "Annuler"))
        await expect(button(phone, "Quitter sur cet appareil")).to_be_focused()


async def test_who_presses_beside_everything_is_left_there(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, participants=2) as people:
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await phone.get_by_label("Votre idée").focus()
        await phone.get_by_role("heading", name="Mes idées").click()
        await until(phone, "!document.activeElement.matches('textarea')")
        await people.host.do("room.set", prompt="Que changer ?")
        await expect(phone.get_by_text("Que changer ?")).to_be_visible()
        await phone.evaluate(SETTLE)
        assert not await phone.evaluate("document.activeElement.matches('textarea')")


CONTROLS = """() => {
    const name = (it) => (it.getAttribute('aria-label') ?? it.innerText ?? '').trim().replace(/\\d+/g, '0')
    return [...document.querySelectorAll('button, summary, input[type=radio], input[type=checkbox], [role=switch]')]
        .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled && !it.closest('[inert]'))
        .map((it) => `${it.closest('section, aside, nav, [role=group]')?.getAttribute('aria-label') ?? ''}|${it.type}|${name(it) || it.labels?.[0]?.innerText.trim()}`)
}"""
NTH = "(n) => [...document.querySelectorAll('button, summary, input[type=radio], input[type=checkbox], [role=switch]')].filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled && !it.closest('[inert]'))[n]"
KEPT = f"""() => new Promise((done) => {{
    // What the server answers may take the place of what was pressed just now: then it has a frame to find the next.
    const look = (frames) => {HAS_FOCUS} ? done(true) : frames > 0 ? requestAnimationFrame(() => look(frames - 1)) : done(false)
    look(3)
}})"""
MOST = 60


async def press_everything(page: Page, most: int = MOST) -> list[str]:
    """Each control of the page once, and each that comes by it; those after which nothing had the focus."""
    pressed: list[str] = []
    lost: list[str] = []
    for _ in range(most):
        there: list[str] = await page.evaluate(CONTROLS)
        fresh = next((n for n, name in enumerate(there) if name not in pressed and "Quitter" not in name), None)
        if fresh is None:
            break
        pressed.append(there[fresh])
        control = (await page.evaluate_handle(NTH, fresh)).as_element()
        assert control is not None
        await control.focus()
        kind = there[fresh].split("|")[1]
        await page.keyboard.press("Space" if kind in ("radio", "checkbox") else "Enter")
        await page.evaluate(SETTLE)
        if not await page.evaluate(KEPT):
            lost.append(there[fresh])
    assert len(pressed) > 3, pressed
    return lost


async def prepare(people: Crowd) -> None:
    """A room with something of everything."""
    written = await people.ideas(
        ["Moins de réunions", "Dire merci", "Moins de réunion"], await people.zone("A", "Temps")
    )
    await people.host.do("decision.add", id="decision:of-this-test", text="Essayer un mois", source=written[0])
    await people.host.do(
        "action.add", id="action:of-this-test", text="Écrire la règle", decision="decision:of-this-test"
    )
    await people.participants[1].do("message.send", id="message:of-this-test", text="Bonjour")
    me = people.participants[0].me
    assert me is not None
    await people.host.do("action.add", id="action:of-that-participant", text="Appeler", owner=me["id"])


SETTINGS: dict[str, dict[str, Any]] = {"pulse": {"form": "scale"}, "vote": {"budget": 2, "cap": 1}}
WHERE = [
    *(("participant", kind) for kind in ("group", "vote", "decide", "next")),
    *(("desk", kind) for kind in ("group", "decide")),
    *(("remote", kind) for kind in ("vote",)),
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("who", "kind"), WHERE, ids=map("-".join, WHERE))
async def test_after_any_press_by_keyboard_something_has_the_focus(
    open_context: OpenContext, server: ServerProcess, who: str, kind: str
) -> None:
    async with crowd(server, participants=3) as people:
        await prepare(people)
        first = await people.step("present", "Ouverture")
        step = await people.step(kind, "Étape", "Ça va ?", minutes=5, **SETTINGS.get(kind, {}))
        await people.step("next", "La suite")
        await people.host.do("step.go", id=first)
        await people.host.do("step.go", id=step)
        if kind == "pulse":
            await people.host.do(
                "pulse.ask", id="pulse:of-this-test", question="Ça va ?", form="choice", options=["Oui", "Non"]
            )
        page = await (await open_context("desk" if who == "desk" else "phone")).new_page()
        await page.goto(people.seat() if who == "participant" else people.desk())
        await expect(page.get_by_text("Connecté")).to_be_visible()
        lost = await press_everything(page)
        assert lost == []
