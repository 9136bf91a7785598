"""A host prepares: the steps, the settings of one, and what people will see of it, before anyone is there (SPEC G1, U4)."""

import re

import pytest
from playwright.async_api import FrameLocator, Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import VIEWPORTS, OpenContext, Size, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import choose_agenda, join, open_room, open_shelf
from tests.e2e.test_layout import look
from tests.e2e.test_screen import LONG_PROMPT
from tests.services import ServerProcess


async def prepare(open_context: OpenContext, server: ServerProcess, size: Size = "desk") -> tuple[Page, str]:
    """A host who has come from the Pupitre, with the agenda of « De l'idée à l'action »; and the room's code."""
    host = await (await open_context(size)).new_page()
    code = await open_room(host, server, template="De l’idée à l’action")
    await host.get_by_role("link", name="Préparer").click()
    await expect(host.get_by_text("7 étapes · 75 min")).to_be_visible()
    return host, code


def step(host: Page, title: str) -> Locator:
    return host.get_by_role("button", name=re.compile(rf"^\d {title}"))


def phone_of(host: Page) -> FrameLocator:
    """The picture of a phone."""
    return host.frame_locator("iframe")


async def test_what_people_will_see_follows_what_is_prepared(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await prepare(open_context, server, "projector")
    participant = await join(open_context, server, code, "Paul Roussel")
    screen = host.get_by_role("img", name="Aperçu du grand écran")
    await expect(phone_of(host).get_by_text("Sur quoi pourriez-vous aider un collègue ?")).to_be_visible()
    await step(host, "Nos idées").click()
    await expect(host.get_by_role("heading", name="Nos idées", exact=True)).to_be_visible()
    await expect(phone_of(host).get_by_text("À l’aveugle : personne ne lit")).to_be_visible()
    await expect(phone_of(host).get_by_role("timer")).to_contain_text(re.compile(r"10:00|9:5\d"))
    await expect(screen.get_by_text("À l’aveugle : personne ne lit")).to_be_visible()
    await host.get_by_label("Consigne").fill("Que garder de cette année ?")
    await host.get_by_label("Titre").click()
    await expect(phone_of(host).get_by_text("Que garder de cette année ?")).to_be_visible()
    await expect(screen.get_by_text("Que garder de cette année ?")).to_be_visible()
    await step(host, "Choisir").click()
    await host.get_by_label("Gommettes par personne").fill("0")
    await host.get_by_label("Titre").click()
    await expect(phone_of(host).get_by_text("à l’ouverture du vote")).to_be_visible()
    await step(host, "La suite").click()
    await expect(phone_of(host).get_by_label("Je m’engage à")).to_be_visible()
    await host.get_by_role("button", name="EN, English").click()
    await expect(phone_of(host).get_by_label("I commit to")).to_be_visible()

    # Nobody has gone anywhere, and the link that makes someone the host stands in no picture.
    await expect(participant.get_by_text("Que garder de cette année ?")).to_have_count(0)
    await expect(participant.get_by_role("heading", name="Vous y êtes.")).to_be_visible()
    links = [await field.input_value() for field in await phone_of(host).get_by_role("textbox").all()]
    assert [link for link in links if "#lien=" in link] == [lan_url(server, f"/r/{code}#lien=…")]
    await host.go_back()
    await expect(host).to_have_url(lan_url(server, f"/r/{code}/host"))


async def test_the_text_that_a_host_has_begun_is_not_in_the_picture(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    await open_room(host, server, template="De l’idée à l’action")
    await host.get_by_role("button", name="Commencer : Qui est là ?").click()
    await host.get_by_label("Votre idée").fill("Pas encore dite")
    await host.get_by_role("link", name="Préparer").click()
    field = phone_of(host).get_by_label("Votre idée")
    await expect(field).to_have_attribute("placeholder", "Une chose par carte…")
    await expect(field).to_have_value("")
    await host.get_by_role("link", name="Aller au pupitre").click()
    await expect(host.get_by_label("Votre idée")).to_have_value("Pas encore dite")


async def test_steps_are_added_moved_and_removed(open_context: OpenContext, server: ServerProcess) -> None:
    host, _ = await prepare(open_context, server)
    await host.get_by_label("Ce qu’on y fait").select_option("Prendre le pouls")
    await host.get_by_role("button", name="Ajouter une étape").click()
    await expect(host.get_by_text("8 étapes · 85 min")).to_be_visible()
    await expect(host.get_by_role("heading", name="Prendre le pouls", exact=True)).to_be_visible()
    await host.get_by_label("Titre").fill("Humeur")
    await host.get_by_label("Consigne").fill("Comment partez-vous ?")
    await host.get_by_label("Durée, en minutes").fill("3")
    await host.get_by_label("Titre").click()
    await expect(phone_of(host).get_by_role("heading", name="Comment partez-vous ?")).to_be_visible()
    await step(host, "Humeur").focus()
    await host.keyboard.press("Alt+ArrowUp")
    await expect(step(host, "Humeur")).to_have_text(re.compile("^7"))
    await host.get_by_role("button", name="Retirer l’étape").click()
    await expect(host.get_by_text("7 étapes · 75 min")).to_be_visible()
    await expect(host.get_by_role("button", name="Annuler le retrait de « Humeur »")).to_be_visible()
    await step(host, "Qui est là ?").click()
    await expect(host.get_by_role("heading", name="Qui est là ?", exact=True)).to_be_visible()


async def test_another_agenda_takes_the_place_of_one_that_nobody_has_begun(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, _ = await prepare(open_context, server)
    await host.get_by_text("Changer de déroulé").click()
    await choose_agenda(host, "Rétrospective")
    await expect(host.get_by_text("6 étapes · 45 min")).to_be_visible()
    await expect(host.get_by_role("heading", name="Météo", exact=True)).to_be_visible()
    await host.get_by_role("link", name="Aller au pupitre").click()
    await expect(host.get_by_text("Changer de déroulé")).to_have_count(0)
    await host.get_by_role("button", name="Commencer : Météo").click()
    await host.get_by_role("link", name="Préparer").click()
    await expect(host.get_by_text("6 étapes · 45 min")).to_be_visible()
    await expect(host.get_by_text("Changer de déroulé")).to_have_count(0)


async def test_on_a_phone_one_step_is_open_at_a_time(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await prepare(open_context, server, "phone")
    await expect(host.locator("iframe")).to_have_count(0)
    await step(host, "Choisir").click()
    await expect(host.get_by_label("Gommettes par personne")).to_have_value("5")
    await step(host, "Nos idées").click()
    await expect(host.get_by_label("Gommettes par personne")).to_have_count(0)
    await expect(step(host, "Nos idées")).to_have_attribute("aria-expanded", "true")
    async with host.context.expect_page() as opened:
        await host.get_by_role("link", name="Voir comme un participant").click()
    seen = await opened.value
    await expect(seen.get_by_text("Vous voyez ce que verra un participant à cette étape")).to_be_visible()
    await expect(seen.get_by_text("À l’aveugle : personne ne lit")).to_be_visible()
    await step(host, "Nos idées").click()
    await expect(step(host, "Nos idées")).to_have_attribute("aria-expanded", "false")
    participant = await join(open_context, server, code, "Paul Roussel")
    await participant.goto(lan_url(server, f"/r/{code}/prepare"))
    await expect(participant.get_by_role("heading", name="Le pupitre est réservé")).to_be_visible()


async def test_U4_the_choices_of_a_question_are_held_to_their_bounds(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server, template="Météo")
    participant = await join(open_context, server, code, "Paul Roussel")
    await host.get_by_role("button", name="Régler l’étape « Météo »").click()
    await host.get_by_role("switch", name="Poser la question dès l’ouverture").click()
    await host.get_by_role("button", name="Commencer : Météo").click()
    ask = host.get_by_role("button", name="Poser la question", exact=True)
    await expect(ask).to_be_enabled()
    await host.get_by_label("On y répond").select_option("Par un choix")
    await expect(ask).to_be_disabled()
    choices = host.get_by_label("Les choix, un par ligne")
    for given, said in (
        ("Seul", "Il faut de 2 à 8 choix, un par ligne."),
        ("\n".join("abcdefghi"), "Il faut de 2 à 8 choix, un par ligne."),
        ("Oui\nNon\n Oui", "Deux choix sont les mêmes."),
        ("Oui\n" + "é" * 121, "120 caractères au plus."),
    ):
        await choices.fill(given)
        await choices.blur()
        await expect(host.get_by_role("alert").filter(has_text=said)).to_be_visible()
        await expect(ask).to_be_disabled()
        await expect(choices).to_have_value(given)
    await choices.fill("Bien <b>fort</b>\n\u202eneiB\n  \nMal")
    await choices.blur()
    await expect(ask).to_be_enabled()
    await ask.scroll_into_view_if_needed()
    place = await ask.bounding_box()
    await ask.dblclick()
    asked = host.get_by_role("button", name="Question posée")
    await expect(asked).to_be_disabled()
    assert await asked.bounding_box() == place, "expected the question to keep its place under the finger"
    question = participant.get_by_role("heading", name="Quel temps fait-il pour vous aujourd’hui ?")
    await expect(question.first).to_be_visible()
    await expect(participant.get_by_role("button", name="Bien <b>fort</b>")).to_be_visible()
    await expect(participant.locator("b", has_text="fort")).to_have_count(0)
    await expect(host.get_by_role("button", name="Clore la question")).to_have_count(1)
    await host.get_by_role("button", name="Clore la question").click()
    await expect(host.get_by_role("button", name="Clore la question")).to_have_count(0)


@pytest.mark.parametrize("size", ["phone", "desk", "projector"])
async def test_it_holds_what_people_write_at_its_longest(
    open_context: OpenContext, server: ServerProcess, size: Size
) -> None:
    async with crowd(server, 0, title="Anticonstitutionnellement " * 4) as people:
        for kind in ("meet", "ideate", "group", "vote", "discuss", "decide", "present", "pulse", "questions", "next"):
            title = "Débureaucratisation interdépartementale"
            more = {"form": "choice", "options": ["é" * 120, LONG_PROMPT[:120]]} if kind == "pulse" else {}
            settings = {"title": title, "prompt": LONG_PROMPT, "minutes": 600, **more}
            await people.host.do("step.add", id=new_id("step"), kind=kind, **settings)
        page = await (await open_context(size)).new_page()
        await page.goto(people.desk())
        await page.get_by_role("link", name="Préparer").click()
        await expect(page.get_by_text("10 étapes · 6000 min")).to_be_visible()
        await look(page, "Préparation")
        for n in range(1, 11):
            await page.get_by_role("button", name=re.compile(rf"^{n} ")).click()
            await expect(page.get_by_label("Consigne")).to_have_value(LONG_PROMPT)
            await look(page, f"Préparation, étape {n}")
            if size != "phone":
                inside = page.frames[1]
                await expect(phone_of(page).get_by_text(f"Étape {n} sur 10")).to_be_visible()
                assert await inside.evaluate("document.documentElement.scrollWidth <= innerWidth"), n
        if size == "desk":
            await page.set_viewport_size({"width": 1100, "height": VIEWPORTS[size]["height"]})  # the narrowest of desks
            await look(page, "Préparation étroite")


async def test_an_agenda_that_is_chosen_twice_in_a_hurry_is_there_once(
    open_context: OpenContext, server: ServerProcess
) -> None:
    """The second press comes before the first has been drawn."""
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server)
    participant = await join(open_context, server, code, "Paul Roussel")
    await host.get_by_role("link", name="Préparer").click()
    await open_shelf(host, "Faire le point")
    await host.get_by_role("button", name=re.compile("^Rétrospective")).evaluate("(it) => { it.click(); it.click() }")
    await expect(host.get_by_text("6 étapes · 45 min")).to_be_visible()
    plan = participant.get_by_role("region", name="Vous y êtes.").get_by_role("listitem")
    await expect(plan).to_have_text(
        [re.compile(title) for title in ("Météo", "portés", "freinés", "Rapprocher", "Choisir", "Décider")]
    )
