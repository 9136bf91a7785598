"""Small tables as their people see them (SPEC T)."""

import re

from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import crowd
from tests.e2e.people import face, join, open_menu, write_idea
from tests.e2e.test_accessibility import look
from tests.services import ServerProcess


def table(desk: Page, number: int) -> Locator:
    """A small table, in the middle of a desk."""
    tables = desk.get_by_role("region", name=re.compile("^[0-9]+ tables?$"))
    return tables.get_by_role("listitem", name=f"Table {number}", exact=True)


async def test_T_people_are_dealt_out_talk_at_small_tables_and_come_back(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 8) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", prompt="Que changer d’abord ?")
        await people.host.do("step.go", id=step)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat(0))
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))

        await open_menu(desk, "Petites tables")
        await desk.get_by_label("Par table").select_option("3")
        await expect(desk.get_by_text("2 tables de 4")).to_be_visible()
        await desk.get_by_label("Par table").select_option("2")
        await expect(desk.get_by_text("4 tables de 2")).to_be_visible()
        await desk.get_by_label("Par table").select_option("4")
        await desk.get_by_label("De quoi parle-t-on ?").select_option("typed")
        await desk.get_by_label("Sujets").fill("Nos réunions")
        await picture(desk, "breakouts-menu")
        await desk.get_by_role("button", name="Tirer au sort").click()
        await expect(desk.get_by_role("heading", name="2 tables")).to_be_visible()
        await expect(screen.get_by_role("heading", name="Nos réunions")).to_be_visible()
        await expect(screen.get_by_text("2 petites tables")).to_be_visible()
        await expect(phone.get_by_role("heading", name=re.compile(r"^Table [12]$"))).to_be_visible()
        await expect(phone.get_by_text("Nos réunions")).to_be_visible()
        await people.host.until(lambda room: any(member.get("breakout") for member in room.all("member")))
        me = people.participants[0].me["id"]  # type: ignore[index]
        mine = people.host.get(me)["breakout"]  # type: ignore[index]
        beside = [
            member for member in people.host.all("member") if member.get("breakout") == mine and member["id"] != me
        ]
        for member in beside:
            await expect(phone.get_by_text(re.compile(f"Avec .*{member['name']}"))).to_be_visible()
            await expect(table(desk, mine).get_by_role("button", name=member["name"])).to_be_visible()

        # What is written at a table is read there at once, and is on the board of all.
        writer = next(p for p in people.participants if p.me and p.me["id"] == beside[0]["id"])
        await writer.do("idea.add", id=new_id("idea"), text="Une idée de notre table")
        await expect(
            phone.get_by_role("region", name="1 idée à cette table").get_by_text("Une idée de notre table")
        ).to_be_visible()
        await write_idea(phone, "La mienne")
        await desk.get_by_role("group", name="Ce qui est au milieu").get_by_role("button", name="Tableau").click()
        await expect(face(desk, "La mienne")).to_be_visible()
        await expect(desk.get_by_text(f"· table {mine}")).to_have_count(2)
        await desk.get_by_role("group", name="Ce qui est au milieu").get_by_role("button", name="Tables").click()

        # Somebody speaks for the table, and marks what it reports back.
        await phone.get_by_role("button", name="Je présente pour la table").click()
        await expect(table(desk, mine).get_by_role("img", name="Présente pour la table")).to_be_visible()
        await phone.get_by_role("button", name="À rapporter : La mienne").click()
        await expect(table(desk, mine).get_by_text("La mienne", exact=True).first).to_be_visible()
        for page in (phone, desk, screen):
            assert await look(page, "fr") == []
        await picture(phone, "breakouts-phone")
        await picture(desk, "breakouts-desk")
        await picture(screen, "breakouts-screen")

        late = await join(open_context, server, people.code, "Arnaud Petit")
        await expect(desk.get_by_text("1 personne sans table")).to_be_visible()
        await late.get_by_role("button", name="Prendre place").click()
        await expect(late.get_by_role("heading", name=re.compile(r"^Table [12]$"))).to_be_visible()
        await expect(desk.get_by_text("sans table")).to_have_count(0)

        # Somebody is moved, by keyboard: their name, then where they go; and the focus goes along.
        moved = beside[1]["name"]
        await table(desk, mine).get_by_role("button", name=moved).focus()
        await desk.keyboard.press("Enter")
        await table(desk, 3 - mine).get_by_role("button", name=f"Placer {moved} à la table {3 - mine}").focus()
        await picture(desk, "breakouts-moving")
        await desk.keyboard.press("Enter")
        await expect(table(desk, 3 - mine).get_by_role("button", name=moved)).to_be_visible()
        await desk.wait_for_function("document.activeElement !== document.body")

        await people.zone("A", "Nos bureaux")
        await open_menu(desk, "Petites tables")
        await desk.get_by_label("De quoi parle-t-on ?").select_option(label="Du groupe du tableau")
        await desk.get_by_role("button", name="Nouveau tour").click()
        await expect(desk.get_by_text("Tour 2")).to_be_visible()
        await expect(table(desk, 2).get_by_text("Nos bureaux")).to_be_visible()
        await expect(screen.get_by_role("heading", name="Nos bureaux")).to_be_visible()
        await expect(phone.get_by_text("Nos bureaux")).to_be_visible()
        # The topic of one table is another.
        await table(desk, 1).get_by_role("button", name="Sujet de la table 1").click()
        await expect(desk.get_by_label("Sujet de la table 1")).to_be_focused()
        await desk.get_by_label("Sujet de la table 1").fill("Nos horaires")
        await desk.keyboard.press("Enter")
        await expect(table(desk, 1).get_by_text("Nos horaires")).to_be_visible()
        await expect(screen.get_by_text("Nos horaires")).to_be_visible()

        await open_menu(desk, "Petites tables")
        await desk.get_by_role("button", name="Réunir les tables deux à deux").click()
        await expect(phone.get_by_role("heading", name="Table 1")).to_be_visible()
        await expect(desk.get_by_text("Tour 3")).to_be_visible()
        await expect(phone.get_by_role("button", name="À rapporter : La mienne")).to_have_count(0)
        await open_menu(desk, "Petites tables")
        await desk.get_by_role("button", name="Revenir en plénière").click()
        await expect(phone.get_by_role("heading", name="Table 1")).to_have_count(0)
        await expect(late.get_by_role("heading", name="Table 1")).to_have_count(0)
        await expect(screen.get_by_text("petites tables")).to_have_count(0)


async def test_T6_what_each_table_keeps_goes_to_the_screen(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 6) as people:
        step = await people.step("ideate", "Nos idées", "Que changer d’abord ?")
        await people.host.do("step.go", id=step)
        zone = await people.zone("A", "Nos bureaux")
        await people.host.do("breakout.draw", size=3, texts=["Nos réunions"], about=[zone])
        await people.host.until(lambda room: sum("breakout" in member for member in room.all("member")) == 6)
        kept = {}
        for participant in people.participants:
            member = people.host.get(participant.me["id"])  # type: ignore[index]
            number, name = member["breakout"], member["name"]  # type: ignore[index]
            if number not in kept:
                kept[number] = (f"Ce que retient la table {number}", name)
                idea = new_id("idea")
                await participant.do("breakout.speaker")
                await participant.do("idea.add", id=idea, text=kept[number][0])
                await participant.do("breakout.best", id=idea)
        await people.host.do("breakout.end")
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        await desk.get_by_role("group", name="Ce qui est au milieu").get_by_role("button", name="Tables").click()
        await expect(desk.get_by_role("heading", name="Ce que rapportent les tables")).to_be_visible()
        for topic in ("Nos réunions", "Nos bureaux"):
            await expect(desk.get_by_role("main").get_by_role("paragraph").filter(has_text=topic)).to_be_visible()
        await desk.get_by_role("button", name="Mise en commun").click()
        await expect(screen.get_by_text(kept[1][0])).to_be_visible()
        await expect(screen.get_by_text(re.compile(f"Table 1 · Présente pour la table.: {kept[1][1]}"))).to_be_visible()
        await picture(screen, "breakouts-report-screen")
        await picture(desk, "breakouts-report-desk")
        await desk.get_by_role("button", name="Suivante : table 2").click()
        await expect(screen.get_by_text(kept[2][0])).to_be_visible()
        await expect(screen.get_by_text(kept[1][0])).to_have_count(0)
        await desk.get_by_role("button", name="Fin de la mise en commun").click()
        await expect(desk.get_by_role("button", name="Mise en commun")).to_be_visible()
