"""Agendas of one's own: kept on a device, used again, passed on as files (SPEC N5)."""

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.e2e.conftest import OpenContext, Size, lan_url, picture
from tests.e2e.people import code_of, join, open_room, open_shelf, write_idea
from tests.e2e.test_layout import look
from tests.services import ServerProcess

FOCUS = "document.activeElement.tagName"


async def keep(host: Page, name: str) -> None:
    """In the preparation: the agenda is a template of this device now."""
    await host.get_by_text("Enregistrer comme modèle").click()
    await host.get_by_label("Nom du modèle").fill(name)
    await host.get_by_role("button", name=re.compile("Enregistrer sur|Remplacer le")).click()
    await expect(host.get_by_role("status").filter(has_text=f"« {name} »")).to_be_visible()


def own(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=re.compile(f"^{name}"))


async def look_at_choosing(page: Page, what: str) -> None:
    # A link within a sentence is as high as its line.
    await page.locator("a[href='/licences']").evaluate_all("(links) => links.forEach((link) => link.remove())")
    await look(page, what)


async def begin(page: Page) -> str:
    await page.get_by_label("Titre de la séance").fill("Printemps")
    await page.get_by_label("Votre prénom et votre nom").fill("Claire Vasseur")
    await page.get_by_role("button", name="Ouvrir la séance").click()
    await page.wait_for_url("**/r/*/host")
    return code_of(page)


async def test_N5_an_agenda_that_was_prepared_is_kept_and_used_again(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    await open_room(host, server, "Bilan d’été", template="Rétrospective")
    await host.get_by_role("link", name="Préparer").click()
    await host.get_by_label("Consigne").fill("Quel temps cet été ?")
    await host.get_by_label("Titre").click()
    await keep(host, "Ma rétro")
    # Again under its name: it is the same one, and says so before.
    await host.get_by_label("Nom du modèle").fill("Ma rétro ")
    await expect(host.get_by_role("button", name="Remplacer le modèle de ce nom")).to_be_visible()
    await host.get_by_role("button", name="Remplacer le modèle de ce nom").click()

    await host.goto(lan_url(server))
    await open_shelf(host, "Mes modèles")
    await expect(host.get_by_role("radio", name=re.compile("^Ma rétro"))).to_have_count(1)
    await own(host, "Ma rétro").check()
    await picture(host, "mes-modeles")
    await look_at_choosing(host, "Mes modèles")
    await begin(host)
    await host.get_by_role("link", name="Préparer").click()
    await expect(host.get_by_text("6 étapes · 45 min")).to_be_visible()
    await expect(host.get_by_label("Consigne")).to_have_value("Quel temps cet été ?")
    await expect(host.get_by_role("switch", name="Poser la question dès l’ouverture")).to_be_checked()

    await host.goto(lan_url(server))
    await open_shelf(host, "Mes modèles")
    await host.get_by_role("button", name="Renommer Ma rétro").press("Enter")
    await host.keyboard.press("ControlOrMeta+a")
    await host.keyboard.type("Rétro d’été")
    await host.keyboard.press("Enter")
    await expect(own(host, "Rétro d’été")).to_be_visible()
    assert await host.evaluate(FOCUS) == "BUTTON"
    await host.get_by_role("button", name="Supprimer Rétro d’été").press("Enter")
    await host.get_by_role("alert").get_by_role("button", name="Supprimer").press("Enter")
    await expect(host.get_by_text("Aucun modèle sur cet appareil.")).to_be_visible()
    assert await host.evaluate(FOCUS) != "BODY"
    await host.reload()
    await open_shelf(host, "Mes modèles")
    await expect(host.get_by_text("Aucun modèle sur cet appareil.")).to_be_visible()


async def test_N5_an_agenda_is_passed_on_as_a_file_without_what_people_wrote(
    open_context: OpenContext, server: ServerProcess, tmp_path: Path
) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server, "Bilan d’été", template="De l’idée à l’action")
    await host.get_by_role("button", name="Commencer : Qui est là ?").click()
    await host.goto(lan_url(server, f"/r/{code}"))
    await write_idea(host, "Un secret de Claire")
    await expect(host.get_by_text("Un secret de Claire")).to_be_visible()
    await host.goto(lan_url(server, f"/r/{code}/prepare"))
    await host.get_by_text("Enregistrer comme modèle").click()
    async with host.expect_download() as loading:
        await host.get_by_role("button", name="Télécharger").click()
    download = await loading.value
    assert download.suggested_filename == "bilan-d-ete.palabre.json"
    file = tmp_path / download.suggested_filename
    await download.save_as(file)
    assert "Claire" not in file.read_text("utf-8")
    assert json.loads(file.read_text("utf-8"))["version"] == 1

    other = await (await open_context("phone")).new_page()
    await other.goto(lan_url(server))
    await open_shelf(other, "Mes modèles")
    await other.get_by_label("Ouvrir un fichier de modèle").set_input_files(file)
    await expect(own(other, "Bilan d’été")).to_be_checked()
    await begin(other)
    await other.get_by_role("link", name="Préparer").click()
    await expect(other.get_by_text("7 étapes · 75 min")).to_be_visible()


async def test_N5_a_file_that_is_none_is_named_and_nothing_is_lost(
    open_context: OpenContext, server: ServerProcess
) -> None:
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(server))
    await page.get_by_label("Titre de la séance").fill("Printemps")
    await open_shelf(page, "Mes modèles")
    field = page.get_by_label("Ouvrir un fichier de modèle")
    step = {"kind": "ideate", "fr": {"title": "Nos idées"}}
    good = {"format": "palabre.agenda", "version": 1, "fr": {"title": "À moi"}, "steps": [step]}
    await field.set_input_files(held(good))
    await expect(own(page, "À moi")).to_be_checked()
    for file, said in (
        (b"{", "n’est pas un modèle de Palabre"),
        ({"palabre": 2, "records": []}, "n’est pas un modèle de Palabre"),
        ({**good, "version": 2}, "d’une autre version de Palabre"),
        ({**good, "steps": [step, {**step, "minutes": "dix"}]}, "son étape 2 ne se lit pas"),
        (b" " * 70_000, "trop grand pour un modèle"),
    ):
        await field.set_input_files(held(file))
        await expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
        await expect(own(page, "À moi")).to_be_checked()
    await expect(page.get_by_label("Titre de la séance")).to_have_value("Printemps")
    await begin(page)


def held(content: object) -> FilePayload:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return {"name": "a.palabre.json", "mimeType": "application/json", "buffer": raw}


@pytest.mark.parametrize("size", ["phone", "desk", "projector"])
async def test_H5_agendas_are_chosen_by_what_people_come_together_for(
    open_context: OpenContext, server: ServerProcess, size: Size
) -> None:
    page = await (await open_context(size)).new_page()
    await page.goto(lan_url(server))
    await expect(own(page, "De l’idée à l’action")).to_be_checked()
    await expect(page.locator("summary")).to_have_text(
        ["Décider", "Faire le point", "Apprendre", "En équipe", "Mes modèles"]
    )
    await look_at_choosing(page, "Pour commencer")
    await picture(page, f"pour-commencer-{size}")
    for purpose, names in (
        ("Faire le point", ["Rétrospective", "Météo", "Start-stop-continue", "ROTI"]),
        ("Apprendre", ["Retour d’expérience", "Questions-réponses", "Codéveloppement"]),
        ("En équipe", ["Embarquer les ambassadeurs", "Séance d’équipe de 20 minutes"]),
        ("Décider", ["De l’idée à l’action", "1-2-4-Tous", "World café", "Pré-mortem"]),
    ):
        await page.locator("summary").filter(has_text=purpose).press("Enter")
        # One shelf at a time, and the empty page.
        await expect(page.get_by_role("radio")).to_have_count(len(names) + 1)
        for name in names:
            await expect(own(page, name)).to_be_visible()
        await look_at_choosing(page, purpose)
        await picture(page, f"pour-commencer-{purpose}-{size}")
    # By keys alone, within a shelf and past it.
    await own(page, "De l’idée à l’action").focus()
    await page.keyboard.press("ArrowDown")
    await expect(own(page, "1-2-4-Tous")).to_be_checked()
    await page.locator("summary").filter(has_text="Apprendre").press("Enter")
    await expect(page.locator("summary").filter(has_text="Décider")).to_contain_text("1-2-4-Tous")
    await begin(page)
    if size == "desk":
        await expect(page.get_by_role("button", name="Commencer : La question")).to_be_visible()


async def test_H5_in_a_room_of_two_languages_each_reads_an_agenda_in_theirs(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server, template="Météo")
    french = await join(open_context, server, code, "Paul Roussel")
    english = await (await open_context("phone", lang="en")).new_page()
    await english.goto(lan_url(server, f"/r/{code}"))
    await english.get_by_label("Your first and last name").fill("Ann Lee")
    await english.get_by_role("button", name="Come in").click()
    await expect(english.get_by_role("listitem").filter(has_text="Talk about it")).to_be_visible()
    await expect(french.get_by_role("listitem").filter(has_text="En parler")).to_be_visible()

    await host.get_by_role("button", name="Commencer : Météo").click()
    asked = english.get_by_role("heading", name="What is the weather like for you today?")
    await expect(asked).to_be_visible()
    await expect(asked).to_have_attribute("lang", "en")
    await expect(french.get_by_role("heading", name="Quel temps fait-il pour vous aujourd’hui ?")).to_be_visible()
    await picture(english, "en-anglais")

    # What a host writes is everyone's.
    await host.get_by_role("link", name="Préparer").click()
    await host.get_by_role("button", name=re.compile(r"^2 En parler")).click()
    await expect(host.get_by_label("Consigne")).to_have_value("Qu’est-ce qui ramènerait le soleil ?")
    await host.get_by_label("Consigne").fill("Et demain ?")
    await host.get_by_label("Titre").click()
    await host.get_by_role("link", name="Aller au pupitre").click()
    await host.get_by_role("button", name="Suivant : En parler").click()
    await host.get_by_role("button", name="Clore et continuer").click()
    for phone in (english, french):
        await expect(phone.get_by_text("Et demain ?", exact=True)).to_be_visible()
        await expect(phone.get_by_role("heading", name="En parler")).to_have_attribute("lang", "fr")
