"""The desk: in every step what it needs is in sight, whatever there is of it; the rest is one press away."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Page, ViewportSize, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face, open_menu, steering
from tests.services import ServerProcess

LAPTOP: ViewportSize = {"width": 1280, "height": 720}
DESK: ViewportSize = {"width": 1440, "height": 900}
LETTERS = "ABCDEF"

SIGHT = """() => {
    const seen = (e) => {
        const box = e.getBoundingClientRect()
        const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 16))
        return box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.top + 16 <= innerHeight && (e.contains(at) || at?.contains(e))
    }
    const by = (wanted) => [...document.querySelectorAll('button, a')].find((e) => e.innerText.trim().startsWith(wanted) && e.checkVisibility())
    const missing = ['Inviter', 'Projeter', 'Télécommande', 'Compte rendu', 'Écran noir', 'Poser une question', 'Petites tables']
        .filter((words) => !by(words) || !seen(by(words)))
    const zones = [...document.querySelectorAll('[data-zone][data-letter]')]
    return {
        scrolls: document.documentElement.scrollHeight - innerHeight,
        missing,
        zones: zones.length,
        hidden: zones.filter((zone) => !seen(zone.querySelector('header'))).map((zone) => zone.dataset.letter),
        onward: [...document.querySelectorAll('.remote .next')].some(seen),
    }
}"""


async def fill(people: Crowd, count: int) -> None:
    zones = [await people.zone(letter, f"Un groupe {letter}") for letter in LETTERS]
    for at, zone in enumerate(zones):
        texts = [f"Une idée qui tient sur deux lignes, la {n}" for n in range(at, count, len(LETTERS))]
        await people.ideas(texts, zone)


@pytest.mark.parametrize("size", [DESK, LAPTOP], ids=["desk", "laptop"])
@pytest.mark.parametrize("count", [3, 32, 300])
async def test_what_a_step_needs_is_in_sight(
    open_context: OpenContext, server: ServerProcess, size: ViewportSize, count: int
) -> None:
    async with crowd(server, 3) as people:
        await fill(people, count)
        kinds = ("present", "ideate", "group", "vote", "discuss", "decide", "pulse", "next")
        steps = [await people.step(kind, kind.capitalize(), "Que pourrions-nous changer ?", budget=3) for kind in kinds]
        page = await (await open_context("desk", viewport=size)).new_page()
        await page.goto(people.desk())
        for kind, step in zip(kinds, steps, strict=True):
            await people.host.do("step.go", id=step)
            await expect(page.locator('[aria-current="step"]')).to_contain_text(kind.capitalize())
            told: Any = await page.evaluate(SIGHT)
            assert told["scrolls"] <= 0, kind
            # In a step that is a question, that stands in the middle.
            assert told["missing"] == (["Poser une question"] if kind == "pulse" else []), kind
            assert told["onward"], kind
            if kind in ("ideate", "group"):
                assert (told["zones"], told["hidden"]) == (len(LETTERS), []), kind


async def test_a_rehearsal_says_so_in_every_step(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 0) as people:
        for n in range(7):
            await people.step("ideate", f"Étape {n}", "Que pourrions-nous changer ?", minutes=5)
        page = await (await open_context("desk", viewport=LAPTOP)).new_page()
        await page.goto(people.desk())
        await page.get_by_role("button", name="Répéter").click()
        told = page.get_by_role("region", name="Répétition.")
        await expect(told).to_be_visible()
        await steering(page).get_by_role("button", name="Commencer").click()
        for n in range(7):
            await expect(page.locator('[aria-current="step"]')).to_contain_text(f"Étape {n}")
            await expect(told.get_by_role("button", name="Finir la répétition")).to_be_in_viewport(ratio=1)
            scrolls: Any = await page.evaluate(SIGHT)
            assert (scrolls["scrolls"], scrolls["onward"]) == (0, True), n
            await steering(page).locator(".next").click()


async def test_G14_what_people_say_of_themselves_is_put_in_no_group(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        await people.zone("A", "Un groupe")
        meet, group = await people.step("meet", "Qui est là ?"), await people.step("group", "Rapprocher")
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await people.host.do("step.go", id=group)
        await expect(desk.get_by_role("region", name="Groupe A, Un groupe")).to_be_visible()
        await people.host.do("step.go", id=meet)
        await expect(desk.get_by_text("Pas encore de réponse.")).to_be_visible()
        await expect(desk.get_by_role("region", name="Groupe A, Un groupe")).to_have_count(0)
        await expect(desk.get_by_role("button", name="Ajouter un groupe")).to_have_count(0)


async def chosen(people: Crowd, texts: Sequence[str]) -> list[str]:
    """Ideas with dots, the first of them with most, in a vote that is over; everyone is about to decide."""
    ids = await people.ideas(texts)
    vote = await people.step("vote", "Choisir", budget=6, cap=3)
    decide = await people.step("decide", "Décider", "Qui fait quoi ?")
    await people.host.do("step.go", id=vote)
    for n, id in enumerate(ids):
        await people.participants[0].do("dots.put", step=vote, on=id, count=3 - n)
    for command in ("vote.close", "vote.count", "vote.reveal"):
        await people.host.do(command, step=vote)
    await people.host.do("step.go", id=decide)
    return ids


async def test_a_decision_is_made_in_one_go_by_keyboard(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 2) as people:
        first, _ = await chosen(people, ["Des réunions plus courtes", "Dire merci"])
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await expect(desk.get_by_role("heading", name="Les 2 idées choisies")).to_be_visible()
        await desk.get_by_role("button", name="Décider : Des réunions plus courtes").press("Enter")
        await expect(desk.get_by_label("Ce qui est décidé")).to_be_focused()
        await desk.keyboard.press("Tab")
        await desk.keyboard.type(people.names[1])
        await desk.get_by_label("Pour quel jour").fill("2027-01-12")
        await desk.get_by_label("Premier pas").fill("Appeler Hélène")
        await desk.keyboard.press("Enter")
        await people.host.until(lambda room: len(room.all("action")) == 1)
        (decision,), (action,) = people.host.all("decision"), people.host.all("action")
        assert (decision["source"], decision["text"]) == (first, "Des réunions plus courtes")
        assert (action["decision"], action["due"], action["first"]) == (decision["id"], "2027-01-12", "Appeler Hélène")
        me = people.participants[0].me
        assert me is not None
        assert action["owner"] == me["id"]
        await expect(desk.get_by_role("main").get_by_text(people.names[1]).first).to_be_visible()


async def test_what_waits_for_a_host_is_counted_where_they_look_elsewhere(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        await people.participants[0].do("message.send", id=new_id("message"), text="Je suis là avant vous")
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await expect(desk.get_by_text("Je suis là avant vous")).to_be_visible()
        await desk.get_by_role("button", name="Personnes").click()
        await expect(desk).to_have_title(re.compile("^Pupitre"))
        await people.participants[0].do("message.send", id=new_id("message"), text="Une question")
        await expect(desk.get_by_role("button", name="Messages1")).to_be_visible()
        await expect(desk).to_have_title(re.compile(r"^\(1\) Pupitre"))
        await desk.get_by_role("button", name="Messages1").click()
        await expect(face(desk, "Une question")).to_be_visible()
        await expect(desk).to_have_title(re.compile("^Pupitre"))


async def test_U1_a_question_left_open_leaves_the_middle_to_the_step(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        await people.host.do("pulse.ask", id=new_id("pulse"), question="On continue ?", form="words")
        await chosen(people, ["Des réunions plus courtes", "Dire merci"])
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await expect(desk.get_by_role("heading", name="Les 2 idées choisies")).to_be_visible()
        # It is still at hand.
        await open_menu(desk, "Poser une question")
        await desk.get_by_role("button", name="Clore la question « On continue ? »").click()
        await people.host.until(lambda room: all(each.get("closed") for each in room.all("pulse")))


async def test_G1_a_step_is_added_before_another(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 0) as people:
        for title in ("Un", "Deux"):
            await people.step("discuss", title)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await desk.get_by_text("Ajouter une étape").first.click()
        await desk.get_by_label("Où").select_option(index=2)
        await desk.get_by_role("button", name="Ajouter une étape").click()
        await expect(desk.get_by_label("Titre").first).to_be_focused()
        steps = desk.get_by_role("button", name=re.compile("aller à l’étape"))
        await expect(steps).to_contain_text(["Un", "Écrire des idées", "Deux"])


async def clicker(page: Page, key: str) -> None:
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press(key)


async def test_a_presenters_clicker_turns_the_screen_from_the_desk(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        await people.ideas([f"Une idée, la {n}" for n in range(20)])
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        await expect(desk.get_by_text("1 / ").first).to_be_attached()
        await clicker(desk, "PageDown")
        await people.host.until(lambda room: any(stage.get("page") for stage in room.all("stage")))
        await clicker(desk, ".")
        await people.host.until(lambda room: any(stage.get("view") == "black" for stage in room.all("stage")))
        # Whoever writes, writes.
        await desk.get_by_label("Votre idée").press_sequentially("a.b")
        await expect(desk.get_by_label("Votre idée")).to_have_value("a.b")
        await clicker(desk, "b")
        await people.host.until(lambda room: all(stage.get("view", "auto") == "auto" for stage in room.all("stage")))


LAPTOPS = [LAPTOP, DESK]


@pytest.mark.parametrize("laptop", LAPTOPS)
async def test_a_question_of_several_choices_is_in_sight_whole(
    open_context: OpenContext, server: ServerProcess, laptop: ViewportSize
) -> None:
    height = laptop["height"]
    async with crowd(server, 1) as people:
        await people.host.do("step.go", id=await people.step("ideate", "Nos idées"))
        desk = await (await open_context("desk", viewport=laptop)).new_page()
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Poser une question").click()
        form = desk.get_by_role("dialog", name="Poser une question")
        await form.get_by_role("button", name="Par un choix").click()
        await form.get_by_label("Votre question").fill("Par quoi commençons-nous, dès lundi ?")
        await form.get_by_label("Les choix, un par ligne").fill(
            "Les réunions\nLa signature\nLe reporting\nLes horaires"
        )
        # People are few, which is said here, too.
        await expect(form.get_by_text("À moins de cinq")).to_be_visible()
        await picture(desk, f"choice-{height}")
        assert await form.evaluate("form => form.scrollHeight <= form.clientHeight")
        box, strip = await form.bounding_box(), await desk.locator("footer").bounding_box()
        assert box is not None
        assert strip is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= strip["y"]


@pytest.mark.parametrize("laptop", [*LAPTOPS, {"width": 1120, "height": 700}])
async def test_what_is_done_with_a_card_covers_no_button_of_the_screen(
    open_context: OpenContext, server: ServerProcess, laptop: ViewportSize
) -> None:
    height = laptop["height"]
    async with crowd(server, 3) as people:
        zones = [await people.zone(letter, f"Un groupe {letter}") for letter in LETTERS]
        for zone in zones:
            await people.ideas([f"Une idée {n}" for n in range(4)], zone)
        first, *_ = await people.ideas(["À ranger encore", "Et encore"])
        vote = await people.step("vote", "Choisir", budget=3, cap=2)
        await people.host.do("step.go", id=vote)
        await people.participants[0].do("dots.put", step=vote, on=first, count=1)
        await people.host.do("vote.close", step=vote)
        await people.host.do("vote.reveal", step=vote)
        await people.host.do("decision.add", id=new_id("decision"), text="Essayer")
        await people.host.do("step.go", id=await people.step("group", "Rapprocher"))
        desk = await (await open_context("desk", viewport=laptop)).new_page()
        await desk.goto(people.desk())
        # As many buttons as there can be.
        await expect(desk.locator("footer").get_by_role("button", name="Décisions")).to_be_visible()
        heights = (
            "() => [...document.querySelectorAll('[data-zone]')].map((zone) => zone.getBoundingClientRect().height)"
        )
        before = await desk.evaluate(heights)
        await face(desk, "À ranger encore").click()
        sheet = desk.get_by_role("group", name="Que faire de cette idée")
        await expect(sheet).to_be_visible()
        await picture(desk, f"sheet-{height}")
        box, strip = await sheet.bounding_box(), await desk.locator("footer").bounding_box()
        assert box is not None
        assert strip is not None
        assert box["y"] + box["height"] <= strip["y"]
        # Nor do the groups lie over each other, now that there is something to be put in them.
        assert await desk.evaluate("""() => [...document.querySelectorAll('[data-zone]')].every((zone) => {
            const { bottom } = zone.getBoundingClientRect()
            return [...zone.children].every((child) => child.getBoundingClientRect().bottom <= bottom + 1)
        })""")
        if height >= DESK["height"]:
            assert await desk.evaluate(heights) == before
