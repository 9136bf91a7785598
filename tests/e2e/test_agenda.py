"""A host walks an agenda; phones and the big screen follow (SPEC G2 to G5, G8, G10)."""

import re

import pytest
from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import go_to, join, open_room, steering, until, write_idea
from tests.services import ServerProcess

NEXT = re.compile(r"^(Commencer|Suivant|Recommencer)\s: ")


async def open_workshop(open_context: OpenContext, server: ServerProcess) -> tuple[Page, str]:
    """A host at his desk, with the agenda of « De l'idée à l'action », nothing begun."""
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server, template="De l’idée à l’action")
    await expect(host.get_by_role("button", name="Aller à l’étape « La suite »")).to_be_visible()
    return host, code


async def go_on(host: Page) -> None:
    await host.get_by_role("button", name=NEXT).click()


async def screen_of(open_context: OpenContext, server: ServerProcess, code: str) -> Page:
    screen = await (await open_context("projector")).new_page()
    await screen.goto(lan_url(server, f"/r/{code}/screen"))
    return screen


async def test_G3_blind_ideas_are_counted_and_then_all_there_at_once(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, code = await open_workshop(open_context, server)
    phone, other = [await join(open_context, server, code, name) for name in ("Paul Roussel", "Nadia Benali")]
    screen = await screen_of(open_context, server, code)
    await go_on(host)
    await expect(phone.get_by_role("main").get_by_text("Sur quoi pourriez-vous aider un collègue ?")).to_be_visible()
    await expect(screen.get_by_text("Sur quoi pourriez-vous aider un collègue ?")).to_be_visible()
    await go_on(host)
    await expect(phone.get_by_text("personne ne lit vos idées avant la révélation")).to_be_visible()
    await expect(phone.get_by_role("timer")).to_contain_text(re.compile(r"(10:00|9:\d\d)"))
    await write_idea(phone, "Supprimer la double saisie")
    await expect(phone.locator("main").get_by_text("Enregistré")).to_be_visible()
    await expect(screen.get_by_text("1 idée").first).to_be_visible()
    await expect(host.get_by_text("1 idée écrite", exact=True)).to_be_visible()
    for page in (host, other, screen):
        assert "double saisie" not in await page.content()
    await host.get_by_role("button", name="Révéler").click()
    await host.get_by_role("alert").get_by_role("button", name="Révéler", exact=True).click()
    await expect(host.get_by_role("main").get_by_text("Supprimer la double saisie")).to_be_visible()
    # The desk and the phones read first; the screen waits for a word.
    await expect(screen.get_by_text("Sur quoi pourriez-vous aider")).to_have_count(0)
    await expect(screen.get_by_text("Que pourrions-nous changer ?")).to_be_visible()
    await expect(screen.get_by_text("Supprimer la double saisie")).to_have_count(0)
    await host.get_by_role("button", name="Projeter les idées").click()
    await expect(screen.get_by_text("Supprimer la double saisie")).to_be_visible()
    await other.get_by_role("button", name="Lire l’idée révélée").click()
    await expect(other.get_by_text("Supprimer la double saisie")).to_be_visible()
    assert "Paul Roussel" not in await other.get_by_role("main").inner_text()


async def test_G5_a_text_outlives_its_step_and_finds_its_way_back(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    await go_on(host)
    await go_on(host)
    await expect(phone.get_by_role("heading", name="Nos idées")).to_be_visible()
    await phone.get_by_label("Votre idée").press_sequentially("Regrouper les trois tableaux")
    await go_on(host)
    await expect(phone.get_by_role("main").get_by_text("La séance passe à « Rapprocher ».")).to_be_visible()
    await expect(phone.get_by_label("Votre idée")).to_have_value("Regrouper les trois tableaux")
    await phone.get_by_role("button", name="Envoyer dans « Nos idées »").first.click()
    await expect(phone.get_by_text("Regrouper les trois tableaux")).to_be_visible()
    await expect(phone.get_by_label("Votre idée")).to_have_value("")
    await host.get_by_role("button", name="Annuler : revenir à « Nos idées »").click()
    await expect(host.get_by_text("1 idée écrite", exact=True)).to_be_visible()
    await expect(phone.get_by_role("heading", name="Nos idées")).to_be_visible()


async def test_G10_the_desk_darkens_the_big_screen(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await open_workshop(open_context, server)
    screen = await screen_of(open_context, server, code)
    await expect(screen.get_by_text(code).first).to_be_visible()
    await host.get_by_role("button", name="Écran noir").click()
    await expect(screen.locator(".wall.black")).to_have_count(1)
    await host.get_by_role("button", name="Écran noir").click()
    await expect(screen.locator(".wall.black")).to_have_count(0)
    await host.get_by_role("button", name="Consigne", exact=True).click()
    await go_on(host)
    await expect(screen.get_by_text("Qui est là ?")).to_be_visible()


async def test_G8_a_host_stops_and_lengthens_the_clock(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    await go_on(host)
    await host.get_by_role("button", name="Pause").click()
    await expect(phone.get_by_role("timer")).to_contain_text("en pause")
    await host.get_by_role("button", name="+ 1 min").click()
    await expect(phone.get_by_role("timer")).to_contain_text(re.compile(r"(6:00|5:[1-5]\d)"))
    await expect(steering(host).get_by_role("timer")).to_contain_text(re.compile(r"(6:00|5:[1-5]\d)"))
    left = await phone.get_by_role("timer").inner_text()
    assert await steering(host).get_by_role("timer").inner_text() == left
    await host.get_by_role("button", name="Reprendre").click()
    await expect(phone.get_by_role("timer")).not_to_contain_text("en pause")


async def test_before_the_first_step_one_waits_with_the_others_and_after_the_last_one_finds_what_is_ones_own(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    await expect(phone.get_by_role("heading", name="Vous y êtes.")).to_be_visible()
    await expect(phone.get_by_role("listitem").filter(has_text="Nos idées")).to_be_visible()
    await expect(phone.get_by_label("Votre idée")).to_have_count(0)
    await go_on(host)
    await expect(phone.get_by_label("Votre idée")).to_be_visible()
    await host.get_by_role("button", name="Annuler : revenir à l’accueil").click()
    await expect(phone.get_by_role("heading", name="Vous y êtes.")).to_be_visible()
    await go_on(host)
    await write_idea(phone, "Je peux aider à préparer un budget")
    await expect(phone.get_by_role("main").get_by_text("Enregistré")).to_be_visible()
    await host.get_by_role("button", name="Aller à l’étape « La suite »").click()
    await phone.get_by_label("Je m’engage à").fill("Montrer la démarche à mon équipe")
    await phone.get_by_role("button", name="M’engager").click()
    await host.get_by_role("button", name="Terminer").click()
    await expect(phone.get_by_role("heading", name="C’est terminé. Merci à vous.")).to_be_visible()
    await expect(phone.get_by_label("Je m’engage à")).to_have_value("Montrer la démarche à mon équipe")
    await expect(phone.get_by_label("Votre lien personnel")).to_be_visible()
    await expect(phone.get_by_label("Votre idée")).to_be_visible()
    await go_to(phone, "Moi")
    await expect(phone.get_by_text("Je peux aider à préparer un budget")).to_be_visible()


async def test_nobody_misses_what_is_asked_while_he_reads_elsewhere(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        first, second = new_id("step"), new_id("step")
        await people.host.do("step.add", id=first, kind="ideate", title="Nos idées", prompt="Que changer ?")
        await people.host.do("step.add", id=second, kind="vote", title="Choisir", prompt="Placez vos gommettes.")
        await people.host.do("step.go", id=first)
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await expect(phone.get_by_role("heading", name="Nos idées")).to_be_visible()
        now = phone.get_by_role("navigation").get_by_role("button", name="Maintenant")
        said = phone.locator("#app > .unseen[role=status], body .unseen[aria-live=polite]").last
        await expect(said).to_have_text("")
        await go_to(phone, "Tout")
        await people.host.do("step.go", id=second)
        await expect(said).to_have_text("La séance passe à « Choisir ». Placez vos gommettes.")
        await expect(now).to_have_text(re.compile("^1"))
        await now.click()
        await expect(phone.get_by_role("heading", name="Choisir")).to_be_visible()
        await expect(now).to_have_text("Maintenant")
        # Whoever had scrolled down begins at the top of what comes.
        await people.ideas([f"Une idée, la {n}" for n in range(12)])
        await phone.get_by_text("Une idée, la 11").scroll_into_view_if_needed()
        await until(phone, "scrollY > 200")
        await people.host.do("step.go", id=first)
        await expect(phone.get_by_role("heading", name="Nos idées")).to_be_in_viewport()
        await until(phone, "scrollY === 0")
        await go_to(phone, "Moi")
        await people.host.do("pulse.ask", id=new_id("pulse"), question="On continue ?", form="scale")
        await expect(said).to_have_text("Une question à tous : On continue ?")
        await expect(now).to_have_text(re.compile("^1"))


@pytest.mark.parametrize("kind", ["discuss", "vote"])
async def test_G5_what_is_sent_a_moment_late_stands_where_it_was_begun_and_without_a_name(
    open_context: OpenContext, server: ServerProcess, kind: str
) -> None:
    """Whoever presses « Envoyer » when the host goes on must not find his name under what he wrote in an anonymous step."""
    async with crowd(server, 2) as people:
        first, second = new_id("step"), new_id("step")
        await people.host.do("step.add", id=first, kind="ideate", title="Nos idées", anonymous=True)
        await people.host.do("step.add", id=second, kind=kind, title="Ensuite")
        await people.host.do("step.go", id=first)
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat(0))
        await expect(phone.get_by_role("heading", name="Nos idées")).to_be_visible()
        await phone.get_by_label("Votre idée").fill("Un mercredi sans réunion")
        await people.host.do("step.go", id=second)
        await expect(phone.get_by_role("heading", name="Ensuite")).to_be_visible()
        # The arrow beside the field, which says the same as the button above it.
        arrow, button = phone.locator("button.send"), phone.get_by_role("status").get_by_role("button")
        await expect(arrow).to_have_accessible_name("Envoyer dans « Nos idées »")
        await expect(button.first).to_have_accessible_name("Envoyer dans « Nos idées »")
        await arrow.click()
        await expect(phone.get_by_text("Envoyé dans « Nos idées »")).to_be_visible()
        await people.participants[1].until(lambda room: len(room.all("idea")) == 1)
        (idea,) = people.participants[1].all("idea")
        assert idea["step"] == first
        assert "author" not in idea
        assert not idea.get("late")

        # What its author says belongs to the new step goes there.
        if kind == "discuss":
            await people.host.do("step.go", id=first)
            await expect(phone.get_by_role("heading", name="Nos idées")).to_be_visible()
            await phone.get_by_label("Votre idée").fill("Pour plus tard")
            await people.host.do("step.go", id=second)
            await phone.get_by_role("button", name="Garder pour « Ensuite »").click()
            await phone.get_by_role("button", name="Envoyer", exact=True).click()
            await people.participants[1].until(lambda room: len(room.all("idea")) == 2)
            assert {i["text"]: i["step"] for i in people.participants[1].all("idea")}["Pour plus tard"] == second
