"""Without mouse or finger: everything is reached by key, and one always sees where one is."""

from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import face, zone
from tests.services import ServerProcess

FOCUS = """(focused) => {
    const name = focused.getAttribute('aria-label') ?? (focused.innerText || focused.id)
    // The outline may be that of the card, or of the well, around what has the focus.
    let around = focused
    for (let n = 0; n < 3 && around && getComputedStyle(around).outlineStyle === 'none'; n++) around = around.parentElement
    const style = around && getComputedStyle(around)
    if (!style || style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return `${name} has no outline`
    const { left, right, top, bottom } = focused.getBoundingClientRect()
    const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2, y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2
    const there = document.elementFromPoint(x, y)
    const label = focused.closest('label')
    if (!focused.contains(there) && !(label && label.contains(there))) return `${name} is behind ${there?.className}`
    return null
}"""


async def tab_to(page: Page, goal: Locator, most: int = 60) -> None:
    """Press Tab until the goal has the focus, seeing it at every stop on the way."""
    await expect(goal).to_be_visible()
    for _ in range(most):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if await focused.count() == 0:
            continue  # at the end of the page the focus passes through the browser itself
        hidden = await focused.evaluate(FOCUS)
        assert hidden is None, hidden
        if await goal.evaluate("goal => goal === document.activeElement"):
            return
    raise AssertionError(f"expected to reach {goal} by {most} presses of Tab")


async def test_one_joins_writes_sorts_reacts_and_talks_by_keyboard_alone(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        for letter, title in (("A", "Réunions"), ("B", "Terrain")):
            await people.ideas([f"{title}, une idée"], await people.zone(letter, title))
        page = await (await open_context("desk")).new_page()
        await page.goto(lan_url(server))

        await tab_to(page, page.get_by_label("Code de la séance"))
        await page.keyboard.type(people.code.lower())
        await page.keyboard.press("Enter")
        # There is such a field on the front page, too.
        await page.wait_for_url(f"**/r/{people.code}")
        await tab_to(page, page.get_by_label("Votre prénom et votre nom"))
        await page.keyboard.type("Paul Roussel")
        await page.keyboard.press("Enter")

        await tab_to(page, page.get_by_label("Votre idée"))
        await page.keyboard.type("Dire merci")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("main").get_by_text("Enregistré")).to_be_visible()
        await expect(page.get_by_label("Votre idée")).to_be_focused()

        # By its letter, and back and forth by the sheet.
        await tab_to(page, face(zone(page, "À ranger"), "Dire merci"))
        await expect(page.get_by_text("Au clavier, sur une idée : Entrée la prend")).to_be_visible()
        await page.keyboard.press("a")
        await expect(face(zone(page, "Groupe A"), "Dire merci")).to_be_focused()
        await page.keyboard.press("Enter")
        sheet = page.get_by_role("group", name="Que faire de cette idée ?")
        await expect(sheet.get_by_role("button", name="J’approuve")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(sheet.get_by_role("button", name="J’approuve : 1")).to_have_attribute("aria-pressed", "true")
        await tab_to(page, sheet.get_by_role("button", name="Terrain"))
        await page.keyboard.press("Enter")
        await expect(face(zone(page, "Groupe B"), "Dire merci")).to_be_focused()
        await page.keyboard.press("Enter")
        await tab_to(page, sheet.get_by_role("button", name="Retirer"))
        await page.keyboard.press("Escape")
        await expect(sheet).to_have_count(0)
        await expect(face(zone(page, "Groupe B"), "Dire merci")).to_be_focused()

        await tab_to(page, page.get_by_label("Votre message"))
        await page.keyboard.type("Bonjour à tous")
        await page.keyboard.press("Enter")
        await expect(face(page, "Bonjour à tous")).to_be_visible()
        await people.host.until(lambda room: [message["text"] for message in room.all("message")] == ["Bonjour à tous"])
        [thanks] = [idea for idea in people.host.all("idea") if idea["text"] == "Dire merci"]
        assert thanks["reactions"] == {"like": 1}


async def test_a_host_steers_by_keyboard_and_skips_to_the_content(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await people.ideas(["Dire merci"])
        page = await (await open_context("desk")).new_page()
        await page.goto(people.desk())
        await tab_to(page, page.get_by_role("link", name="Aller au contenu"))
        await page.keyboard.press("Enter")
        await tab_to(page, page.get_by_label("Consigne"))
        await page.keyboard.type("Que gardons-nous ?")
        await tab_to(page, page.get_by_role("button", name="Enregistrer"))
        await page.keyboard.press("Enter")
        await people.host.until(lambda room: room.all("room")[0].get("prompt") == "Que gardons-nous ?")
        await tab_to(page, page.get_by_role("button", name="Plus"))
        await page.keyboard.press("Enter")
        await tab_to(page, page.get_by_role("switch", name="Écriture ouverte"))
        await page.keyboard.press("Space")
        await expect(page.get_by_role("switch", name="Écriture ouverte")).not_to_be_checked()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Plus")).to_be_focused()
        await tab_to(page, page.get_by_role("button", name="Ajouter un groupe"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Nom du groupe")).to_be_focused()
        await page.keyboard.type("Terrain")
        await page.keyboard.press("Enter")
        await expect(zone(page, "Groupe A, Terrain")).to_be_visible()
        await tab_to(page, page.get_by_role("button", name="Personnes"))
        await page.keyboard.press("Enter")
        await tab_to(page, page.get_by_role("button", name="Gérer Nadia Benali"))


async def test_one_votes_answers_finishes_and_commits_by_keyboard_alone(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 5) as people:
        host = people.host
        await people.ideas(["Dire merci", "Raccourcir les réunions"])
        ids = {kind: new_id("step") for kind in ("vote", "discuss", "next")}
        for kind, id in ids.items():
            await host.do("step.add", id=id, kind=kind, title=kind, budget=3, cap=2)
        await host.do("step.go", id=ids["vote"])
        page = await (await open_context("desk")).new_page()
        await page.goto(people.seat(0))

        await tab_to(page, page.get_by_role("button", name="Ajouter une gommette à : Dire merci"))
        # Twice before the next frame: each counts.
        await page.locator(":focus").evaluate("(button) => { button.click(); button.click() }")
        await expect(page.get_by_text("Il vous reste 1 gommette sur 3")).to_be_visible()
        await expect(page.get_by_role("button", name="Reprendre une gommette à : Dire merci")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Il vous reste 2 gommettes sur 3")).to_be_visible()

        await host.do("step.go", id=ids["discuss"])
        await expect(page.get_by_role("heading", name="discuss")).to_be_visible()
        await tab_to(page, page.get_by_role("button", name="J’ai terminé"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="J’ai terminé")).to_have_attribute("aria-pressed", "true")
        await host.do("pulse.ask", id=new_id("pulse"), question="On continue ?", form="scale")
        await tab_to(page, page.get_by_role("button", name="4", exact=True))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="4", exact=True)).to_have_attribute("aria-pressed", "true")

        await host.do("pulse.close", id=host.all("pulse")[0]["id"])
        await host.do("step.go", id=ids["next"])
        await expect(page.get_by_role("heading", name="next")).to_be_visible()
        await tab_to(page, page.get_by_label("Je m’engage à"))
        await page.keyboard.type("Dire merci chaque vendredi")
        await tab_to(page, page.get_by_role("switch", name="Le partager avec tout le monde"))
        await page.keyboard.press("Space")
        await tab_to(page, page.get_by_role("button", name="M’engager"))
        await page.keyboard.press("Enter")
        await host.until(lambda room: [c["text"] for c in room.all("commitment")] == ["Dire merci chaque vendredi"])
