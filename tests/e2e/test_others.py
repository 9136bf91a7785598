"""Beside the options of a choice people write an answer of their own; a host hides what nobody should have to read (SPEC U10, U11)."""

from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.test_accessibility import audit, switch
from tests.e2e.test_keyboard import tab_to
from tests.services import ServerProcess

OPTIONS = ["Les horaires", "Le lieu", "Le contenu"]
LONG = "Que l’on sache enfin, avant de venir, ce qui a été décidé la fois précédente"


async def asked(people: Crowd, **settings: object) -> str:
    id = new_id("pulse")
    await people.host.do(
        "pulse.ask", id=id, question="Que faut-il garder ?", form="choice", options=OPTIONS, other=True, **settings
    )
    return id


async def pages(open_context: OpenContext, server: ServerProcess, people: Crowd) -> tuple[Page, Page, Page]:
    phone = await (await open_context("phone")).new_page()
    await phone.goto(people.seat(0))
    desk = await (await open_context("desk")).new_page()
    await desk.goto(people.desk())
    screen = await (await open_context("projector")).new_page()
    await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
    return phone, desk, screen


async def test_U10_somebody_writes_an_answer_of_their_own(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 5) as people:
        phone, desk, screen = await pages(open_context, server, people)
        await desk.get_by_role("button", name="Poser une question").click()
        await desk.get_by_label("Votre question").fill("Que faut-il garder ?")
        await desk.get_by_role("button", name="Par un choix").click()
        await desk.get_by_label("Les choix, un par ligne").fill("\n".join(OPTIONS))
        await desk.get_by_role("switch", name="Permettre « Autre »").click()
        await desk.get_by_role("switch", name="Réponses anonymes").click()
        await picture(desk, "autre-pupitre-question")
        await desk.get_by_role("button", name="Poser la question").click()
        other = phone.get_by_role("button", name="Autre", exact=True)
        await tab_to(phone, other)
        await phone.keyboard.press("Enter")
        field = phone.get_by_label("Votre réponse, en quelques mots")
        await expect(field).to_be_focused()
        await phone.keyboard.press("Enter")
        await expect(phone.get_by_role("alert")).to_be_visible()
        await phone.keyboard.type("Le café")
        await phone.keyboard.press("Enter")
        await expect(phone.get_by_text("Votre réponse : « Le café »")).to_be_visible()
        await expect(other).to_have_attribute("aria-pressed", "true")
        await expect(screen.get_by_role("listitem").filter(has_text="Autre")).to_contain_text("1")
        await expect(screen.get_by_text("Le café")).to_be_visible()
        # After a reload it is there still, and nothing is opened by itself.
        await phone.reload()
        await expect(other).to_have_attribute("aria-pressed", "true")
        await expect(field).to_have_count(0)
        await phone.get_by_role("button", name="Le lieu").click()
        await expect(screen.get_by_text("Le café")).to_have_count(0)
        await expect(other).to_have_attribute("aria-pressed", "false")


async def test_U10_of_several_one_is_ones_own(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 1) as people:
        await asked(people, several=True, anonymous=False)
        phone, _, screen = await pages(open_context, server, people)
        await phone.get_by_role("button", name="Le lieu").click()
        await phone.get_by_role("button", name="Autre", exact=True).click()
        await phone.get_by_label("Votre réponse, en quelques mots").fill(LONG)
        await picture(phone, "autre-plusieurs")
        await phone.get_by_role("button", name="Répondre", exact=True).click()
        await expect(screen.get_by_text(LONG)).to_be_visible()
        await expect(phone.get_by_role("button", name="Répondre", exact=True)).to_be_disabled()


async def test_U11_a_host_hides_what_was_written(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 12) as people:
        pulse = await asked(people)
        texts = ["Zut alors", "Le café", "Le café", LONG, "Le retour d’expérience de l’an dernier", "La salle du bas"]
        for n, participant in enumerate(people.participants[1:11]):
            said = {"value": 3, "other": texts[n]} if n < len(texts) else {"value": n % 3}
            await participant.do("pulse.answer", id=pulse, **said)
        phone, desk, screen = await pages(open_context, server, people)
        await expect(screen.get_by_text("Zut alors")).to_be_visible()
        await picture(screen, "autre-ecran")
        await phone.get_by_role("button", name="Le lieu").click()
        await expect(phone.get_by_text("Zut alors")).to_be_visible()
        await picture(phone, "autre-telephone")
        await picture(desk, "autre-pupitre")
        await desk.get_by_role("button", name="Masquer : Zut alors").click()
        await expect(screen.get_by_text("Zut alors")).to_have_count(0)
        await expect(phone.get_by_text("Zut alors")).to_have_count(0)
        await expect(screen.get_by_text("Le café")).to_be_visible()
        await expect(screen.get_by_role("listitem").filter(has_text="Autre")).to_contain_text("6")
        await desk.get_by_text("1 texte masqué").click()
        await picture(desk, "autre-pupitre-masque")
        await desk.get_by_role("button", name="Montrer : Zut alors").click()
        await expect(screen.get_by_text("Zut alors")).to_be_visible()


async def test_axe_finds_nothing_where_answers_are_written(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 2) as people:
        pulse = await asked(people, anonymous=False)
        await people.participants[1].do("pulse.answer", id=pulse, value=3, other="Le café")
        phone, desk, _ = await pages(open_context, server, people)
        await phone.get_by_role("button", name="Autre", exact=True).click()
        await audit(phone, "Autre", switch(phone), ["phone"])
        await audit(desk, "Autre au pupitre", switch(desk), ["desk"])
