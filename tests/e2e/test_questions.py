"""The room asks, others support, a host takes up what most want to know (SPEC U12, U13)."""

import re

from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face, see_all
from tests.e2e.test_accessibility import audit, look, switch
from tests.e2e.test_keyboard import tab_to
from tests.services import ServerProcess

PROMPT = "Que voulez-vous savoir ?"
HOURS = "Et les horaires d’été ?"
NIGHT = "Qui reprend l’équipe de nuit, et à partir de quand le saurons-nous vraiment ?"
LONG = (
    "Quand deux sites ne sont pas d’accord sur la manière de présenter leurs chiffres au comité de direction, "
    "qui tranche, sur quelle base, et comment les équipes qui les ont préparés l’apprennent-elles autrement que par la rumeur ?"
)


async def asking(people: Crowd, **settings: object) -> str:
    step = await people.step("questions", "Vos questions", PROMPT, **settings)
    await people.host.do("step.go", id=step)
    return step


async def ask(people: Crowd, texts: list[str]) -> list[str]:
    """The last participant asks them; the first is left for a phone."""
    ids = [new_id("idea") for _ in texts]
    for id, text in zip(ids, texts, strict=True):
        await people.participants[-1].do("idea.add", id=id, text=text)
    return ids


async def support(people: Crowd, id: str, count: int) -> None:
    for participant in people.participants[1 : 1 + count]:
        await participant.do("reaction.add", on=id, kind="like")


async def phone_of(open_context: OpenContext, people: Crowd) -> Page:
    page = await (await open_context("phone")).new_page()
    await page.goto(people.seat(0))
    return page


async def desk_of(open_context: OpenContext, people: Crowd) -> Page:
    page = await (await open_context("desk")).new_page()
    await page.goto(people.desk())
    return page


async def screen_of(open_context: OpenContext, server: ServerProcess, people: Crowd) -> Page:
    page = await (await open_context("projector")).new_page()
    await page.goto(lan_url(server, f"/r/{people.code}/screen"))
    return page


def most(phone: Page) -> Locator:
    return phone.get_by_role("region", name="Les plus soutenues")


def listed(desk: Page) -> Locator:
    """What a host has to answer, and not what is on the picture of the screen."""
    return desk.get_by_role("region", name="attend").get_by_role("listitem")


async def texts_of(place: Locator) -> list[str]:
    return [text.strip().replace("\u00a0", " ") for text in await place.locator("li .text").all_inner_texts()]


async def test_U12_one_asks_and_others_support_and_take_it_back(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 4) as people:
        await asking(people, anonymous=True)
        phone, desk = await phone_of(open_context, people), await desk_of(open_context, people)
        screen = await screen_of(open_context, server, people)
        await expect(phone.get_by_text("Pas encore de question.")).to_be_visible()
        for page, name in ((phone, "telephone"), (desk, "pupitre"), (screen, "ecran")):
            await picture(page, f"questions-0-{name}")
        await phone.get_by_label("Votre question").fill(HOURS)
        await phone.get_by_role("button", name="Envoyer", exact=True).click()
        await expect(most(phone).get_by_text(HOURS)).to_be_visible()
        await expect(most(phone).get_by_text("Votre question")).to_be_visible()
        await expect(most(phone).get_by_role("button", name=re.compile("Soutenir"))).to_have_count(0)
        await ask(people, [NIGHT])
        button = most(phone).get_by_role("button", name=re.compile(f"Soutenir.*{re.escape(NIGHT[:20])}"))
        await tab_to(phone, button)
        await phone.keyboard.press("Enter")
        await expect(button).to_have_attribute("aria-pressed", "true")
        await expect(screen.get_by_role("listitem").filter(has_text=NIGHT)).to_contain_text("1")
        await expect(listed(desk).filter(has_text=NIGHT)).to_contain_text("Anonyme")
        await phone.keyboard.press("Enter")
        await expect(button).to_have_attribute("aria-pressed", "false")
        await expect(screen.get_by_role("listitem").filter(has_text=NIGHT)).to_contain_text("0")


async def test_U12_nothing_jumps_under_a_finger(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 5) as people:
        await asking(people)
        first, second = await ask(people, [HOURS, NIGHT])
        phone = await phone_of(open_context, people)
        await expect(most(phone).locator("li .text")).to_have_count(2)
        before = await texts_of(most(phone))
        await support(people, second, 3)
        await expect(most(phone).get_by_role("button", name=re.compile("3 soutiens"))).to_be_visible()
        assert await texts_of(most(phone)) == before, "what is supported more stays where it was"
        await ask(people, [LONG])
        await expect(most(phone).locator("li .text")).to_have_count(3)
        assert await texts_of(most(phone)) == [*before, LONG], "what comes stands behind"
        await people.host.do("post.hide", on=first)
        await expect(most(phone).get_by_text("Cette question n’est plus affichée.")).to_be_visible()
        await expect(most(phone).get_by_text(HOURS)).to_have_count(0)
        await phone.get_by_role("button", name="Actualiser l’ordre (1 nouvelle)").click()
        await expect(most(phone).locator("li")).to_have_count(2)
        assert await texts_of(most(phone)) == [NIGHT, LONG]
        await expect(phone.get_by_role("button", name=re.compile("^Actualiser"))).to_have_count(0)


async def test_U12_what_was_asked_stays_at_hand_in_later_steps(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 4) as people:
        await people.ideas(["Un banc dans le hall"])
        await asking(people)
        first, second = await ask(people, [HOURS, NIGHT])
        await support(people, second, 2)
        phone, desk = await phone_of(open_context, people), await desk_of(open_context, people)
        screen = await screen_of(open_context, server, people)
        # In its own step all that one reads on a phone are questions, with their supports.
        await see_all(phone)
        await expect(phone.get_by_role("button", name="Les questions", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(
            most(phone).get_by_role("button", name=re.compile(f"2 soutiens. Soutenir.*{re.escape(NIGHT[:20])}"))
        ).to_be_visible()
        await expect(phone.locator("[data-idea]")).to_have_count(0)
        await picture(phone, "questions-tout")
        assert not await look(phone, "fr")
        await people.host.do("question.answer", id=first)
        await expect(phone.get_by_text("1 question répondue")).to_be_visible()

        await people.host.do("step.go", id=await people.step("decide", "Décider", "Qui fait quoi ?"))
        tab = desk.get_by_role("button", name=re.compile("^Questions"))
        await tab.click()
        await expect(listed(desk).filter(has_text=NIGHT)).to_contain_text("2")
        await picture(desk, "questions-decider")
        await desk.get_by_role("button", name=f"En réponse : {NIGHT}").click()
        await expect(screen.get_by_text("soutiens")).to_be_visible()
        await expect(screen.get_by_text(NIGHT)).to_be_visible()
        await desk.get_by_role("button", name=f"Répondue : {NIGHT}").click()
        await expect(screen.get_by_text(NIGHT)).to_have_count(0)
        # Whoever looks at them is not led away by the last answer.
        await expect(desk.get_by_role("heading", name="0 question attend une réponse")).to_be_visible()
        assert not await look(desk, "fr")
        mine = phone.get_by_role("region", name="Vos questions")
        await mine.get_by_text("2 questions répondues").click()
        await expect(mine.locator("details").get_by_text(NIGHT)).to_be_visible()
        await picture(phone, "questions-tout-apres")
        await expect(face(phone, "Un banc dans le hall")).to_be_visible()


async def test_U13_a_host_takes_one_up_answers_it_and_hides_another(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 6) as people:
        await asking(people)
        first, second, _ = await ask(people, [HOURS, NIGHT, LONG])
        await support(people, second, 4)
        await support(people, first, 1)
        phone, desk = await phone_of(open_context, people), await desk_of(open_context, people)
        screen = await screen_of(open_context, server, people)
        await expect(screen.get_by_role("listitem").first).to_contain_text(NIGHT)
        for page, name in ((phone, "telephone"), (desk, "pupitre"), (screen, "ecran")):
            await picture(page, f"questions-3-{name}")
        await tab_to(desk, desk.get_by_role("button", name=f"En réponse : {NIGHT}"))
        await desk.keyboard.press("Enter")
        await expect(most(phone).get_by_role("listitem").filter(has_text="En réponse")).to_contain_text(NIGHT)
        await expect(screen.get_by_text("soutiens")).to_be_visible()
        for page, name in ((phone, "telephone"), (desk, "pupitre"), (screen, "ecran")):
            await picture(page, f"questions-en-reponse-{name}")
        await expect(desk.get_by_role("button", name=f"En réponse : {NIGHT}")).to_be_focused()
        await desk.get_by_role("button", name=f"Répondue : {NIGHT}").click()
        await expect(most(phone).get_by_text("En réponse")).to_have_count(0)
        await expect(phone.get_by_text("1 question répondue")).to_be_visible()
        await expect(screen.get_by_text("2 questions attendent une réponse")).to_be_visible()
        await expect(screen.get_by_text(NIGHT)).to_have_count(0)
        await desk.get_by_role("button", name=f"Masquer : {LONG[:30]}").click()
        await expect(screen.get_by_text("1 question attend une réponse")).to_be_visible()
        await expect(desk.get_by_role("heading", name="1 question attend une réponse")).to_be_visible()
        await picture(desk, "questions-repondue-pupitre")
        await picture(phone, "questions-repondue-telephone")
        assert people.host.get(second)["answered"] is True  # type: ignore[index]  # it is there
        # After all it was not answered.
        await desk.get_by_role("button", name=f"Attend encore une réponse : {NIGHT}").first.click()
        await expect(screen.get_by_text("2 questions attendent une réponse")).to_be_visible()


async def test_U12_sixty_questions(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 8) as people:
        await asking(people, anonymous=True)
        ids = await ask(people, [f"{n} : {(HOURS, NIGHT, LONG)[n % 3]}" for n in range(60)])
        for n, id in enumerate(ids[:12]):
            await support(people, id, n % 7)
        phone, desk = await phone_of(open_context, people), await desk_of(open_context, people)
        screen = await screen_of(open_context, server, people)
        await expect(most(phone).locator("li")).to_have_count(20)
        await expect(screen.get_by_text("60 questions attendent une réponse")).to_be_visible()
        await expect(desk.get_by_role("heading", name="60 questions attendent une réponse")).to_be_visible()
        for page, name in ((phone, "telephone"), (desk, "pupitre"), (screen, "ecran")):
            await picture(page, f"questions-60-{name}")
        await desk.set_viewport_size({"width": 1280, "height": 720})
        await picture(desk, "questions-60-pupitre-petit")
        await phone.get_by_role("button", name="Voir les 60 questions").click()
        await expect(most(phone).locator("li")).to_have_count(60)


async def test_axe_finds_nothing_where_the_room_asks(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 4) as people:
        await asking(people)
        first, second, _ = await ask(people, [HOURS, NIGHT, LONG])
        await support(people, second, 2)
        await people.host.do("question.answer", id=first)
        await people.host.do("stage.set", view="ideas", on=second)
        phone, desk = await phone_of(open_context, people), await desk_of(open_context, people)
        await expect(most(phone).locator("li").first).to_be_visible()
        await audit(phone, "Questions", switch(phone), ["phone"])
        await audit(desk, "Questions au pupitre", switch(desk), ["desk"])
