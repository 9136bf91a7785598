"""Everyone sorts a few ideas on their phone; what three agree on is proposed at the desk, and taken back with a press (SPEC G15 to G17)."""

import re

from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import Room, new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import board_texts, zone
from tests.e2e.test_accessibility import audit, switch
from tests.e2e.test_keyboard import tab_to
from tests.services import ServerProcess

TEXTS = [
    "Raccourcir les réunions du lundi",
    "Moins de réunions le lundi matin",
    "Un badge pour tous les sites",
    "Dire merci aux équipes de nuit",
    "Un seul tableau de bord",
    "Des casques pour les visites",
]
MEETINGS = "Réunions"


async def sorting(people: Crowd) -> tuple[str, str]:
    """Six ideas of the last participant, one zone, and a step that deals; the zone and the step."""
    meetings = await people.zone("A", MEETINGS)
    writer = people.participants[-1]
    for text in TEXTS:
        await writer.do("idea.add", id=new_id("idea"), text=text)
    step = await people.step("group", "Ranger", "Où va chaque idée ?", deals=True)
    await people.host.do("step.go", id=step)
    return meetings, step


async def dealt(room: Room) -> list[str]:
    """The cards of somebody, once they have some."""
    await room.until(lambda room: bool(room.all("hand")))
    cards: list[str] = room.all("hand")[0]["cards"]
    return cards


async def deal(people: Crowd, step: str) -> list[str]:
    """Three of the crowd are dealt the same cards, but for the first participant and the one who writes."""
    for participant in people.participants[1:4]:
        await participant.do("hand.deal", step=step)
    return await dealt(people.participants[1])


async def put(people: Crowd, step: str, on: str, to: str, count: int = 3) -> None:
    """So many of these put an idea there."""
    for participant in people.participants[1 : 1 + count]:
        await participant.do("hand.put", step=step, on=on, to=to)


def text_of(people: Crowd, idea: str) -> str:
    record = people.host.get(idea)
    assert record is not None
    return str(record["text"])


async def phone_of(open_context: OpenContext, people: Crowd) -> Page:
    page = await (await open_context("phone")).new_page()
    await page.goto(people.seat(0))
    return page


def proposals(desk: Page) -> Locator:
    return desk.get_by_role("region", name="proposition")


async def test_G15_a_phone_sorts_five_ideas_one_after_the_other(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 5) as people:
        await sorting(people)
        phone = await phone_of(open_context, people)
        await phone.get_by_role("button", name="Commencer").click()
        await expect(phone.get_by_text("Idée 1 sur 5")).to_be_focused()
        text = text_of(people, (await dealt(people.participants[0]))[0])
        await expect(phone.locator(".card")).to_have_text(text)
        await phone.get_by_role("button", name=MEETINGS, exact=True).click()
        await expect(phone.get_by_text("Idée 2 sur 5")).to_be_focused()
        # A slip is put right.
        await phone.get_by_role("button", name="Revenir à la précédente").click()
        await expect(phone.locator(".card")).to_have_text(text)
        await expect(phone.get_by_role("button", name=MEETINGS, exact=True)).to_have_attribute("aria-pressed", "true")
        await phone.get_by_role("button", name="Passer").click()
        for n in range(2, 6):
            await expect(phone.get_by_text(f"Idée {n} sur 5")).to_be_focused()
            await phone.get_by_role("button", name=MEETINGS, exact=True).click()
        await expect(
            phone.get_by_role("heading", name="Merci, vous avez donné votre avis sur 4 idées.")
        ).to_be_focused()
        await phone.get_by_role("button", name="Encore cinq").click()
        await expect(phone.get_by_text("Idée 1 sur 1")).to_be_focused()
        await phone.get_by_role("button", name=MEETINGS, exact=True).click()
        await phone.get_by_role("button", name="Encore cinq").click()
        await expect(phone.get_by_text("Il n’y a plus d’idée à ranger pour vous.")).to_be_visible()
        # What it knows outlives a reload.
        await phone.reload()
        await expect(
            phone.get_by_role("heading", name="Merci, vous avez donné votre avis sur 5 idées.")
        ).to_be_visible()


async def test_G15_what_somebody_else_sorts_meanwhile_is_passed_over(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 5) as people:
        meetings, _ = await sorting(people)
        phone = await phone_of(open_context, people)
        await phone.get_by_role("button", name="Commencer").click()
        await expect(phone.get_by_text("Idée 1 sur 5")).to_be_visible()
        await phone.get_by_role("button", name="Pareil que…").click()
        card = await phone.locator(".card").inner_text()
        await people.host.do("idea.move", id=(await dealt(people.participants[0]))[0], zone=meetings)
        await expect(phone.locator(".card")).not_to_have_text(card)
        await people.host.do("zone.remove", id=meetings)
        await expect(phone.get_by_role("button", name=MEETINGS, exact=True)).to_have_count(0)
        await expect(phone.get_by_text("Les groupes n’ont pas encore de nom")).to_be_visible()
        await expect(phone.get_by_role("alert")).to_have_count(0)


async def test_G17_the_desk_accepts_what_three_agree_on_and_takes_it_back(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 5) as people:
        meetings, step = await sorting(people)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await expect(desk.get_by_role("heading", name="0 proposition")).to_be_visible()
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        one, two, same = (await deal(people, step))[:3]
        await put(people, step, one, meetings)
        await put(people, step, two, meetings)
        await put(people, step, same, one, 2)
        await expect(desk.get_by_role("heading", name="2 propositions")).to_be_visible()
        await expect(desk.get_by_text("6 idées à ranger · 3 ont déjà un avis, de 3 personnes")).to_be_visible()
        await expect(zone(desk, "À ranger").get_by_text("6 idées", exact=True)).to_be_attached()
        await expect(screen.get_by_text("6 idées à ranger · 3 ont déjà un avis")).to_be_visible()
        await picture(desk, "sorting-desk")
        await picture(screen, "sorting-screen")
        await put(people, step, same, one)
        await expect(desk.get_by_role("heading", name="3 propositions")).to_be_visible()
        await desk.get_by_role("button", name="Une par une").click()
        await expect(proposals(desk).get_by_text("3 avis sur 3")).to_have_count(3)
        await desk.get_by_role("button", name=re.compile(rf"^Refuser\s: {re.escape(text_of(people, two))}")).click()
        await expect(desk.get_by_role("heading", name="2 propositions")).to_be_visible()
        await desk.get_by_role("button", name="Annuler", exact=True).click()
        await expect(desk.get_by_role("heading", name="3 propositions")).to_be_visible()
        # The board has its room back.
        await desk.get_by_role("button", name="Une par une").click()
        await expect(zone(desk, "À ranger")).to_be_visible()
        before = await board_texts(zone(desk, "À ranger"))
        await tab_to(desk, desk.get_by_role("button", name="Tout accepter"))
        await desk.keyboard.press("Enter")
        await expect(desk.get_by_text("3 idées rangées.")).to_be_visible()
        await expect(desk.get_by_role("button", name="Annuler", exact=True)).to_be_focused()
        await expect(zone(desk, MEETINGS).locator("[id^='card-idea:']")).to_have_count(2)
        await expect(desk.get_by_role("status").get_by_text("3 idées à ranger", exact=True)).to_be_visible()
        await expect(screen.get_by_text("3 idées à ranger")).to_be_visible()
        await desk.keyboard.press("Enter")
        await expect(zone(desk, MEETINGS).locator("[id^='card-idea:']")).to_have_count(0)
        assert await board_texts(zone(desk, "À ranger")) == before
        await expect(desk.get_by_role("heading", name="3 propositions")).to_be_visible()


async def test_axe_finds_nothing_where_everyone_sorts(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 5) as people:
        meetings, step = await sorting(people)
        phone = await phone_of(open_context, people)
        await phone.get_by_role("button", name="Commencer").click()
        await phone.get_by_role("button", name="Pareil que…").click()
        await audit(phone, "Ranger", switch(phone), ["phone"])
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        one = (await deal(people, step))[0]
        await put(people, step, one, meetings)
        await desk.get_by_role("button", name="Une par une").click()
        await audit(desk, "Propositions", switch(desk), ["desk"])
