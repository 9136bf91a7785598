"""Small tables as their people see them (SPEC T)."""

import re

from playwright.async_api import expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import crowd
from tests.e2e.people import face, join, open_menu, write_idea
from tests.services import ServerProcess


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
        await desk.get_by_label("Par table").select_option("4")
        await desk.get_by_role("button", name="Tirer au sort").click()
        await expect(desk.get_by_text("2 tables", exact=True)).to_be_visible()
        await expect(screen.get_by_text("2 petites tables")).to_be_visible()
        await expect(phone.get_by_role("heading", name=re.compile(r"^Table [12]$"))).to_be_visible()
        await people.host.until(lambda room: any(member.get("breakout") for member in room.all("member")))
        mine = next(m["breakout"] for m in people.host.all("member") if m["id"] == people.participants[0].me["id"])  # type: ignore[index]
        others = {m["name"] for m in people.host.all("member") if m.get("breakout") == mine} - {people.names[1]}
        for name in others:
            await expect(phone.get_by_text(re.compile(f"Avec .*{name}"))).to_be_visible()

        # What is written at a table is read there at once, and is on the board of all.
        beside = next(g for g in people.participants[1:] if g.me and people.host.get(g.me["id"])["breakout"] == mine)  # type: ignore[index]
        await beside.do("idea.add", id=new_id("idea"), text="Une idée de notre table")
        await expect(
            phone.get_by_role("region", name="1 idée à cette table").get_by_text("Une idée de notre table")
        ).to_be_visible()
        await write_idea(phone, "La mienne")
        await expect(face(desk, "La mienne")).to_be_visible()
        await expect(desk.get_by_text(f"· table {mine}")).to_have_count(2)
        await picture(phone, "breakouts-phone")
        await picture(desk, "breakouts-desk")

        late = await join(open_context, server, people.code, "Arnaud Petit")
        await expect(desk.get_by_text("1 personne sans table")).to_be_visible()
        await late.get_by_role("button", name="Prendre place").click()
        await expect(late.get_by_role("heading", name=re.compile(r"^Table [12]$"))).to_be_visible()
        await expect(desk.get_by_text("sans table")).to_have_count(0)

        await desk.get_by_role("button", name="Réunir les tables deux à deux").click()
        await expect(phone.get_by_role("heading", name="Table 1")).to_be_visible()
        await desk.get_by_role("button", name="Revenir en plénière").click()
        await expect(phone.get_by_role("heading", name="Table 1")).to_have_count(0)
        await expect(late.get_by_role("heading", name="Table 1")).to_have_count(0)
        await expect(screen.get_by_text("petites tables")).to_have_count(0)
        await expect(desk.get_by_text(f"· table {mine}")).to_have_count(2)
