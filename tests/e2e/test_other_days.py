"""Scenes from seminars that went otherwise than planned, played to their end."""

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from playwright.async_api import expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import face, open_menu, write_idea
from tests.services import ServerProcess

DOUBLE, BADGE = "Supprimer la double saisie", "Un badge pour tous les sites"


async def test_next_by_mistake_an_obscenity_and_a_laptop_that_is_shut(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 10) as people:
        ideate, vote = new_id("step"), new_id("step")
        await people.host.do("step.add", id=ideate, kind="ideate", title="Nos idées", minutes=5)
        await people.host.do("step.add", id=vote, kind="vote", title="Choisir")
        await people.host.do("step.go", id=ideate)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        remote = await (await open_context("phone")).new_page()
        await remote.goto(people.desk())
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat(0))
        await expect(phone.get_by_role("heading", name="Nos idées")).to_be_visible()
        await phone.get_by_label("Votre idée").fill("Un texte à moitié écr")

        await desk.get_by_role("button", name=re.compile("^Suivant")).click()
        await expect(phone.get_by_role("heading", name="Choisir")).to_be_visible()
        await desk.get_by_role("button", name="Annuler : revenir à « Nos idées »").click()
        await expect(phone.get_by_role("heading", name="Nos idées")).to_be_visible()
        await expect(phone.get_by_label("Votre idée")).to_have_value("Un texte à moitié écr")
        await remote.get_by_role("button", name="+ 1 min").click()
        await expect(phone.get_by_role("timer")).to_contain_text(re.compile(r"[56]:\d\d"))

        rude = "Une grossièreté"
        await people.participants[3].do("idea.add", id=new_id("idea"), text=rude)
        await expect(screen.get_by_text(rude)).to_be_visible()
        await remote.get_by_role("button", name="Écran noir").click()
        await expect(screen.locator(".wall.black")).to_be_visible()
        await desk.get_by_role("button", name=f"Masquer : {rude}").click()
        await expect(screen.get_by_text(rude)).to_have_count(0)
        await remote.get_by_role("button", name="Écran noir").click()
        await expect(screen.locator(".wall.black")).to_have_count(0)

        # The laptop is shut; the phone goes on. Ten ideas that were under way land in the step that they were typed in.
        await desk.context.close()
        await remote.get_by_role("button", name=re.compile("^Suivant")).click()
        await expect(phone.get_by_role("heading", name="Choisir")).to_be_visible()
        late = [new_id("idea") for _ in range(10)]
        await asyncio.gather(
            *(
                g.do("idea.add", id=id, text=f"À l’instant, la {n}", step=ideate)
                for n, (g, id) in enumerate(zip(people.participants, late, strict=True))
            )
        )
        await people.host.until(lambda room: {idea["id"] for idea in room.all("idea")} >= set(late))
        filed = {idea["id"]: idea for idea in people.host.all("idea")}
        assert all(filed[id]["step"] == ideate and not filed[id].get("late") for id in late)
        await expect(phone.get_by_text("Votre texte est gardé")).to_be_visible()
        await phone.get_by_label("Votre idée").press("Enter")
        await expect(phone.get_by_text("Envoyé dans « Nos idées »")).to_be_visible()
        await people.host.until(
            lambda room: any(i["text"] == "Un texte à moitié écr" and i["step"] == ideate for i in room.all("idea"))
        )


async def test_on_monday_another_computer_and_the_kept_link(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 3) as people:
        me = people.participants[0]
        assert me.me is not None
        mine = [new_id("idea") for _ in range(3)]
        for id, text in zip(mine, (DOUBLE, BADGE, "Dire merci"), strict=True):
            await me.do("idea.add", id=id, text=text)
        decision, step = new_id("decision"), new_id("step")
        await people.host.do("decision.add", id=decision, text="Une seule saisie au 1er mars", source=mine[0])
        await people.host.do(
            "action.add", id=new_id("action"), text="Réunir les équipes", decision=decision, owner=me.me["id"]
        )
        await people.host.do("step.add", id=step, kind="next", title="La suite")
        await people.host.do("step.go", id=step)

        monday = await (await open_context("desk")).new_page()
        await monday.goto(people.seat(0))
        for text in (DOUBLE, BADGE, "Dire merci"):
            await expect(monday.get_by_role("main").get_by_text(text).first).to_be_visible()
        await expect(monday.get_by_text("Décidé : « Une seule saisie au 1er mars »").first).to_be_visible()
        await monday.get_by_role("main").get_by_role("checkbox", name="Réunir les équipes").first.check()
        await people.host.until(lambda room: bool(room.all("action")[0].get("done")))


async def test_who_wrote_this_has_no_answer_on_the_desk_in_files_in_the_log_or_in_the_database(
    open_context: OpenContext, tmp_path: Path
) -> None:
    database = tmp_path / "palabre.db"
    with ServerProcess(f"sqlite:///{database}") as server:
        async with crowd(server, 4) as people:
            step = new_id("step")
            await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", anonymous=True)
            await people.host.do("step.go", id=step)
            phone = await (await open_context("phone")).new_page()
            await phone.goto(people.seat(0))
            text = "Qui a écrit ça ?"
            await write_idea(phone, text)
            await people.host.until(lambda room: len(room.all("idea")) == 1)
            (idea,) = people.host.all("idea")
            author = people.participants[0].me
            assert author is not None
            assert author["id"] not in str(idea)
            desk = await (await open_context("desk")).new_page()
            await desk.goto(people.desk())
            await expect(face(desk, text)).to_be_visible()
            await expect(desk.locator("[data-idea]").get_by_text("Anonyme")).to_be_visible()
            await open_menu(desk, "Compte rendu")
            async with desk.expect_download() as download:
                await desk.get_by_role("button", name="JSON").click()
            export = Path(await (await download.value).path()).read_text()
            assert text in export
            exported = next(record for record in json.loads(export)["records"] if record.get("text") == text)
            assert author["id"] not in str(exported)
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as journal:
                rows = [bytes(events) for (events,) in journal.execute("select events from commits")]
            (told,) = [row for row in rows if text.encode() in row]
            assert author["id"].encode() not in told
            assert b"alias:" in told
            assert text not in server.log
            assert author["id"] not in server.log
