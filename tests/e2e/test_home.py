"""Accueil: opening a séance, joining one, coming back."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Route, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import go_to, open_menu, open_room, open_shelf
from tests.services import Cable, ServerProcess


async def test_H5_a_seance_begins_with_the_steps_of_its_template_and_is_found_again(
    open_context: OpenContext, server: ServerProcess
) -> None:
    page = await (await open_context("desk")).new_page()
    await page.goto(lan_url(server))
    # What one chooses is told before: the steps, and how long they take; the first is chosen already.
    action = page.get_by_role("radio", name="De l’idée à l’action")
    await expect(action).to_be_checked()
    await expect(page.get_by_text("Qui est là ? · Nos idées · Rapprocher · Choisir")).to_be_visible()
    starter = page.locator("label").filter(has=action)
    await expect(starter).to_contain_text("75 min")
    await expect(starter).to_contain_text("6 à 200 personnes")

    await open_room(page, server, "Idées de printemps", template="De l’idée à l’action")
    await expect(page.get_by_role("button", name="Aller à l’étape « Nos idées »")).to_be_visible()
    await open_room(page, server, "Bilan de l’été", template="Rétrospective")
    await expect(page.get_by_role("button", name=re.compile("aller à l’étape")).first).to_be_visible()
    await expect(page.get_by_role("button", name="Aller à l’étape « Nos idées »")).to_have_count(0)

    code = await open_room(page, server, "Page neuve")
    await expect(page.get_by_text("Créez des groupes pour rapprocher les idées")).to_be_visible()
    await expect(page.get_by_label("Consigne")).to_have_value("")
    await expect(page.get_by_role("button", name=re.compile("aller à l’étape"))).to_have_count(0)

    await page.goto(lan_url(server))
    recent = page.get_by_role("heading", name="Vos séances").locator("xpath=following-sibling::ul").get_by_role("link")
    await expect(recent).to_have_text(
        [re.compile(f"^{title}.*Claire Vasseur · vous facilitez") for title in ("Page neuve", "Bilan", "Idées")]
    )
    await recent.first.click()
    await expect(page).to_have_url(lan_url(server, f"/r/{code}/host"))

    await page.goto(lan_url(server))
    await page.get_by_role("button", name="Oublier Bilan de l’été sur cet appareil").click()
    await expect(recent).to_have_count(2)


async def test_a_seance_is_opened_from_wherever_one_chooses_what_it_begins_with(
    open_context: OpenContext, server: ServerProcess
) -> None:
    page = await (await open_context("desk")).new_page()
    await page.goto(lan_url(server))
    go = page.get_by_role("button", name="Ouvrir la séance")
    for shelf in ("Décider", "Faire le point", "Apprendre", "En équipe"):
        if shelf != "Décider":
            await open_shelf(page, shelf)
        for radio in await page.get_by_role("radio").all():
            if await radio.is_visible():
                await radio.focus()
                await radio.check()
                await expect(go).to_be_in_viewport(ratio=1)
                # What one has just chosen is not behind it.
                assert await radio.evaluate(
                    "(e) => e.closest('label').contains(document.elementFromPoint(...(({left, top, height}) => [left + 4, top + height / 2])(e.getBoundingClientRect())))"
                ), shelf


async def test_what_a_seance_cannot_open_without_is_asked_for(open_context: OpenContext, server: ServerProcess) -> None:
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(server))
    await page.get_by_role("button", name="Ouvrir la séance").click()
    await expect(page.get_by_role("alert")).to_have_text("Donnez un titre.")
    await expect(page.get_by_label("Titre de la séance")).to_be_focused()

    await page.get_by_label("Titre de la séance").fill("Bilan " * 30)
    await page.get_by_role("button", name="Ouvrir la séance").click()
    await expect(page.get_by_role("alert")).to_have_text("120 caractères au plus.")
    await expect(page.get_by_label("Titre de la séance")).to_have_value("Bilan " * 30)


async def test_a_code_is_typed_as_it_is_heard_and_a_wrong_one_is_told_in_words(
    open_context: OpenContext, server: ServerProcess
) -> None:
    page = await (await open_context("phone")).new_page()
    code, name = page.get_by_label("Code de la séance"), page.get_by_label("Votre prénom et votre nom")
    go, enter = page.get_by_role("button", name="Rejoindre"), page.get_by_role("button", name="Entrer")

    async with crowd(server, title="Bilan de l’été") as people:
        await page.goto(lan_url(server))
        await code.fill(people.code[:4])
        await go.click()
        await expect(page.get_by_role("alert")).to_have_text("Il manque des caractères : un code en compte six.")
        await expect(code).to_be_focused()

        await code.fill(f" {people.code[:3]}-{people.code[3:]} ".lower())
        await go.click()
        await expect(page).to_have_url(lan_url(server, f"/r/{people.code}"))
        await enter.click()
        await expect(page.get_by_role("alert")).to_have_text("Écrivez votre nom.")
        await name.fill("Paul Roussel")
        await enter.click()
        await expect(page.get_by_label("Votre idée")).to_be_visible()
        await expect(page.get_by_role("heading", name="Bilan de l’été")).to_be_visible()

        await page.get_by_role("link", name="Palabre, accueil").click()
        await code.fill("ZZZ ZZZ")
        await go.click()
        # Told at the field, where it can be put right: nobody is asked for a name where there is nothing to enter (H7).
        await expect(page.get_by_role("alert")).to_have_text("Aucune séance ne porte ce code.")
        await expect(code).to_have_value("ZZZ ZZZ")
        await expect(code).to_be_focused()
        await expect(code).to_have_attribute("aria-invalid", "true")
        await page.keyboard.press("End")
        await page.keyboard.type("Z")
        await expect(page.get_by_role("alert")).to_have_count(0)

        await page.get_by_role("link", name=re.compile(rf"^Bilan de l’été.*Paul Roussel · {people.code}")).click()
        await expect(page.get_by_label("Votre idée")).to_be_visible()
        await expect(page.get_by_text("4 personnes présentes")).to_be_visible()


async def test_a_closed_door_and_an_address_without_anything_are_told_in_words(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 0) as people:
        await people.host.do("room.set", door=False)
        page = await (await open_context("phone")).new_page()
        await page.goto(lan_url(server, f"/r/{people.code}"))
        await expect(page.get_by_role("alert")).to_have_text("La porte est fermée aux nouveaux.")
        await page.get_by_label("Votre prénom et votre nom").fill("Tard Venu")
        await page.get_by_role("button", name="Entrer").click()
        await expect(page.get_by_role("alert")).to_have_text("La porte est fermée aux nouveaux.")

    answer = await page.goto(lan_url(server, "/r/nulle/part"))
    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("heading", name="Il n’y a rien à cette adresse")).to_be_visible()
    await page.get_by_role("link", name="Rejoindre une séance").click()
    await expect(page.get_by_label("Code de la séance")).to_be_visible()


async def test_N1_a_room_that_was_exported_is_opened_again(
    open_context: OpenContext, server: ServerProcess, tmp_path: Path
) -> None:
    async with crowd(server, 3) as people:
        await people.ideas(["Supprimer la double saisie", "Un badge pour tous les sites"])
        await people.host.do("decision.add", id=new_id("decision"), text="Une seule saisie au 1er mars")
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await open_menu(desk, "Compte rendu")
        async with desk.expect_download() as download:
            await desk.get_by_role("button", name="JSON").click()
        file = await (await download.value).path()

    # In another browser, as if on another server.
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(server))
    broken = tmp_path / "palabre.json"
    broken.write_text('{"palabre": 3}', encoding="utf-8")
    chooser = page.get_by_label("Reprendre une séance exportée")
    await chooser.set_input_files(broken)
    await expect(page.get_by_role("alert").last).to_have_text("Ce fichier vient d’une autre version de Palabre.")
    broken.write_text("PK\\x03", encoding="utf-8")
    await chooser.set_input_files(broken)
    await expect(page.get_by_role("alert").last).to_contain_text("n’est pas une séance exportée")
    await picture(page, "import-refused")
    await chooser.set_input_files(file)
    await expect(page).to_have_url(re.compile("/host$"))
    await expect(page).not_to_have_url(lan_url(server, f"/r/{people.code}/host"))
    await go_to(page, "Tableau")
    await expect(page.locator("[data-idea]")).to_have_count(2)
    await expect(page.get_by_text("Nadia Benali")).to_be_visible()


async def test_N1_a_file_of_a_whole_workshop_is_taken(
    open_context: OpenContext, server: ServerProcess, tmp_path: Path
) -> None:
    async with crowd(server, 3) as people:
        await people.ideas(["Supprimer la double saisie"])
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await open_menu(desk, "Compte rendu")
        async with desk.expect_download() as download:
            await desk.get_by_role("button", name="JSON").click()
        exported = json.loads((await (await download.value).path()).read_text(encoding="utf-8"))

    for name, ideas in (("100 Ko", 240), ("2,6 Mo", 6_000)):
        more = [
            {"id": f"idea:{n:012}", "text": f"{n} {'été ' * 60}", "rank": "a0", "author": exported["me"], "at": n}
            for n in range(1, ideas + 1)
        ]
        file = tmp_path / "palabre.json"
        content = json.dumps(exported | {"records": exported["records"] + more}, ensure_ascii=False)
        file.write_text(content, encoding="utf-8")
        assert file.stat().st_size > 70_000, name
        page = await (await open_context("desk")).new_page()
        await page.goto(lan_url(server))
        await page.get_by_label("Reprendre une séance exportée").set_input_files(file)
        await expect(page).to_have_url(re.compile("/host$"), timeout=60_000)
        count = f"{ideas + 1:,}".replace(",", r"\s")
        # Not `expect`: whenever that does not find it, it draws an outline of the page, for minutes where thousands of cards come just then.
        await page.get_by_role("heading", name=re.compile(f"^{count} idées$")).wait_for(timeout=30_000)
        await picture(page, f"import-{ideas}")

    large = tmp_path / "palabre.json"
    large.write_bytes(b" " * (16 * 1024 * 1024 + 1))
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(server))
    await page.get_by_label("Reprendre une séance exportée").set_input_files(large)
    await expect(page.get_by_role("alert").last).to_have_text("Ce fichier est trop grand : 16 Mo au plus.")


async def exported(open_context: OpenContext, people: Crowd, file: Path) -> None:
    """The host's file of a workshop."""
    desk = await (await open_context("desk")).new_page()
    await desk.goto(people.desk())
    await open_menu(desk, "Compte rendu")
    async with desk.expect_download() as download:
        await desk.get_by_role("button", name="JSON").click()
    await (await download.value).save_as(file)


async def test_H9_a_file_is_waited_for_as_long_as_it_goes(
    open_context: OpenContext, server: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "palabre.json"
    async with crowd(server, 1) as people:
        await exported(open_context, people, file)
    # More than what the machine takes in for a connection.
    with file.open("ab") as end:
        end.write(b" " * (14 * 1024 * 1024))
    async with Cable(server.port) as cable:
        page = await (await open_context("phone")).new_page()
        await page.goto(lan_url(cable))
        await expect(page.get_by_label("Reprendre une séance exportée")).to_be_attached()
        await expect(page.get_by_role("radio", name="Page blanche")).to_be_visible()
        tries: list[str] = []
        page.on("request", lambda request: tries.append(urlsplit(request.url).path))
        await page.clock.install()
        cable.freeze()
        await page.get_by_label("Reprendre une séance exportée").set_input_files(file)
        sent = page.get_by_role("progressbar", name="Envoi du fichier")
        await expect(sent).to_have_attribute("value", re.compile(r"^[1-9]\d$"))
        await expect(page.get_by_text(re.compile(r"Envoi du fichier\s:\s\d\d\s%"))).to_be_visible()
        await picture(page, "import-sending")
        # Longer than the answer to anything small is waited for.
        await page.clock.fast_forward(20_000)
        cable.restore()
        await expect(page).to_have_url(re.compile("/host$"), timeout=60_000)
        await expect(page.get_by_role("heading", name="Printemps des managers")).to_be_visible()
        assert tries.count("/api/import") == 1


async def test_H9_a_room_whose_answer_was_lost_is_opened_once(
    open_context: OpenContext, server: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "palabre.json"
    async with crowd(server, 1) as people:
        await exported(open_context, people, file)
    made: list[str] = []

    async def lose(route: Route) -> None:
        asked = urlsplit(route.request.url)
        headers = {**route.request.headers, "host": asked.netloc}
        # Playwright does not see a file in a request.
        body = file.read_bytes() if asked.path == "/api/import" else route.request.post_data_buffer
        answer = await route.fetch(url=server.url + asked.path, headers=headers, post_data=body)
        made.append((await answer.json())["code"])
        await route.abort() if len(made) % 2 else await route.fulfill(response=answer)

    page = await (await open_context("phone")).new_page()
    await page.route(re.compile("/api/(rooms|import)$"), lose)
    await page.goto(lan_url(server))
    await page.get_by_label("Reprendre une séance exportée").set_input_files(file)
    # It is tried again by itself: nobody likes to choose a file twice.
    await expect(page).to_have_url(re.compile("/host$"))
    assert len(made) == 2
    assert set(made) == {page.url.split("/")[-2]}

    await page.goto(lan_url(server))
    await page.get_by_label("Titre de la séance").fill("Bilan de l’été")
    await page.get_by_role("button", name="Ouvrir la séance").click()
    await expect(page.get_by_role("alert").last).not_to_be_empty()
    await page.reload()
    await page.get_by_label("Titre de la séance").fill("Bilan de l’été")
    await page.get_by_role("button", name="Ouvrir la séance").click()
    await expect(page).to_have_url(re.compile("/host$"))
    assert len(made) == 4
    assert set(made[2:]) == {page.url.split("/")[-2]} != set(made[:2])

    # The next one of that name is another.
    await page.goto(lan_url(server))
    await page.get_by_label("Titre de la séance").fill("Bilan de l’été")
    await page.get_by_role("button", name="Ouvrir la séance").click()
    await expect(page.get_by_role("alert").last).not_to_be_empty()
    assert made[4] not in made[:4]


async def test_H12_where_nobody_may_open_a_seance_the_page_says_how_to_join_one(
    open_context: OpenContext, start_server: Callable[..., ServerProcess]
) -> None:
    closed = start_server(env={"PALABRE_OPEN": "none"})
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(closed))
    await expect(page.get_by_text("ce sont les outils de votre organisation qui ouvrent les séances")).to_be_visible()
    await expect(page.get_by_label("Code de la séance")).to_be_visible()
    for name in ("Ouvrir la séance", "Reprendre une séance exportée", "Voir une démonstration"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await expect(page.get_by_label("Titre de la séance")).to_be_hidden()
    await picture(page, "home-closed")
    await page.get_by_role("button", name="EN, English").click()
    await expect(page.get_by_text("your organisation’s tools that open workshops")).to_be_visible()
