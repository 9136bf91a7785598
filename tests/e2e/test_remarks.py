"""What was chosen is tested: objections, conditions and offers of help are written on it, on phones (SPEC K4, K5)."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import write_idea
from tests.e2e.test_accessibility import audit, switch
from tests.e2e.test_keyboard import tab_to
from tests.services import ServerProcess

SHORT, THANKS, OTHER = "Raccourcir les réunions", "Dire merci", "Un badge pour tous"
NIGHT = "Et l’équipe de nuit ?"


async def chosen(people: Crowd) -> list[str]:
    """Two of three ideas were voted for, everyone has seen it, and people are in the step in which they are tested; their ids."""
    ideas = await people.ideas([SHORT, THANKS, OTHER])
    vote = await people.step("vote", "Choisir", budget=3, cap=3)
    await people.host.do("step.go", id=vote)
    await people.participants[0].do("dots.put", step=vote, on=ideas[0], count=2)
    await people.participants[1].do("dots.put", step=vote, on=ideas[0], count=1)
    await people.participants[1].do("dots.put", step=vote, on=ideas[1], count=1)
    for cmd in ("vote.close", "vote.count", "vote.reveal"):
        await people.host.do(cmd, step=vote)
    await people.host.do("step.go", id=await people.step("discuss", "Éprouver"))
    return ideas


async def phone_of(open_context: OpenContext, people: Crowd, participant: int = 0) -> Page:
    page = await (await open_context("phone")).new_page()
    await page.goto(people.seat(participant))
    await expect(region(page)).to_be_visible()
    return page


def region(page: Page) -> Locator:
    return page.get_by_role("region", name="À mettre à l’épreuve")


def say(page: Page, of: str) -> Locator:
    """The buttons by which something is said of an idea."""
    return page.get_by_role("group", name=f"Dire de « {of} »".replace("« ", "«\u202f").replace(" »", "\u202f»"))


async def object_to(page: Page, of: str, text: str) -> None:
    await say(page, of).get_by_role("button", name="Une objection").click()
    await page.get_by_label("Votre objection").fill(text)
    await region(page).get_by_role("button", name="Envoyer").click()


async def minutes(page: Page, people: Crowd, server: ServerProcess) -> str:
    """The minutes as somebody who is in the room fetches them."""
    answer = await page.evaluate(
        """async ([code, base]) => {
            const session = JSON.parse(localStorage.getItem(`palabre.session.${code}`))
            const headers = { authorization: `Bearer ${session.token}` }
            return (await fetch(`${base}/api/rooms/${session.room}/report.md`, { headers })).text()
        }""",
        [people.code, lan_url(server, "")],
    )
    return str(answer)


async def test_V7_desk_phones_and_the_screen_go_on_with_the_same_ideas(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        ideas = await chosen(people)
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        phone = await phone_of(open_context, people)
        things = region(phone).locator(".thing")
        await expect(desk.get_by_role("heading", name="Les 2 idées choisies")).to_be_visible()
        await expect(things).to_have_count(2)
        await expect(screen.get_by_text(THANKS)).to_be_visible()
        await desk.get_by_role("button", name="Une de moins").click()
        await expect(desk.get_by_role("heading", name="L’idée choisie")).to_be_visible()
        await expect(things).to_have_text([SHORT])
        await expect(screen.get_by_text(THANKS)).to_have_count(0)
        await expect(screen.get_by_text(SHORT)).to_be_visible()

        # Whoever writes of it is told under which name, before it is sent.
        await say(phone, SHORT).get_by_role("button", name="Une objection").click()
        await expect(region(phone).get_by_text("Votre nom est montré")).to_be_visible()

        # What was put on the screen goes with its step (G10).
        await people.host.do("stage.set", view="ideas", on=ideas[2])
        await expect(screen.get_by_text(OTHER)).to_be_visible()
        await people.host.do("step.go", id=await people.step("decide", "Décider"))
        await expect(screen.get_by_text(OTHER)).to_have_count(0)
        await expect(screen.get_by_text(SHORT)).to_be_visible()


async def test_K4_an_objection_is_read_on_other_phones_and_in_the_minutes(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        await chosen(people)
        phone, other = [await phone_of(open_context, people, n) for n in (0, 1)]
        # Most dots first, and what nobody chose is not there.
        assert [await each.inner_text() for each in await region(phone).locator(".thing").all()] == [SHORT, THANKS]
        await expect(region(phone).get_by_text("3 gommettes")).to_be_visible()
        await object_to(phone, SHORT, NIGHT)
        await expect(phone.get_by_label("Votre objection")).to_have_count(0)
        first = region(other).get_by_role("listitem").filter(has_text=SHORT).first
        await expect(first.get_by_text("1 objection")).to_be_visible()
        await expect(first.get_by_role("list", name="Objections")).to_contain_text(NIGHT)
        await expect(first.get_by_role("list", name="Objections")).to_contain_text(people.names[1])
        await say(other, SHORT).get_by_role("button", name="Je peux aider").click()
        await other.get_by_label("Ce que vous pouvez faire").fill("Je la préviens")
        await other.get_by_label("Ce que vous pouvez faire").press("Enter")
        await expect(region(phone).get_by_text("1 objection · 1 aide proposée")).to_be_visible()
        # What is loose is still written below.
        await write_idea(phone, "Une idée de plus")
        await people.host.until(lambda room: len(room.all("idea")) == 4)
        told = await minutes(phone, people, server)
        assert "## Ce qui a été mis à l’épreuve" in told
        assert f"Objection\u00a0: {NIGHT} — {people.names[1]}" in told
        assert "Aide proposée\u00a0: Je la préviens" in told

        # Its author edits it, but not while something else is being written, and takes it back, for good.
        edit = phone.get_by_role("button", name=f"Modifier\u202f: {NIGHT}")
        await say(phone, THANKS).get_by_role("button", name="Une condition").click()
        await phone.get_by_label("Votre condition").fill("Si c’est sincère")
        await expect(edit).to_be_disabled()
        await region(phone).get_by_role("button", name="Envoyer").click()
        await expect(region(other).get_by_text("Si c’est sincère")).to_be_visible()
        await edit.click()
        await expect(phone.get_by_label("Votre objection")).to_have_value(NIGHT)
        await phone.get_by_label("Votre objection").fill(f"{NIGHT} Et le soir ?")
        await region(phone).get_by_role("button", name="Enregistrer").click()
        await expect(region(other).get_by_text("Et le soir ?")).to_be_visible()
        await phone.get_by_role("button", name=re.compile(rf"^Retirer\s: {NIGHT[:10]}")).click()
        await phone.get_by_role("button", name="Retirer pour de bon").click()
        await expect(region(other).get_by_text(NIGHT)).to_have_count(0)


async def test_K4_what_the_stage_shows_is_what_is_tested(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        ideas = await chosen(people)
        phone = await phone_of(open_context, people)
        await people.host.do("stage.set", view="ideas", on=ideas[2])
        await expect(region(phone).locator(".thing")).to_have_text([OTHER])
        await object_to(phone, OTHER, NIGHT)
        # What was merged is shown at its head, and comes back.
        await people.host.do("stage.set", view="auto")
        await people.host.do("idea.merge", id=ideas[2], into=ideas[1])
        await expect(region(phone).get_by_role("listitem").filter(has_text=THANKS).first).to_contain_text(NIGHT)
        await people.host.do("idea.unmerge", id=ideas[2])
        await expect(region(phone).get_by_text(NIGHT)).to_have_count(0)


async def test_K4_a_text_that_is_refused_or_overtaken_by_the_next_step_stays(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        ideas = await chosen(people)
        phone = await phone_of(open_context, people)
        await people.host.do("post.mute", on=ideas[0])
        await object_to(phone, SHORT, NIGHT)
        refused = phone.get_by_role("alert").filter(has_text=NIGHT)
        await expect(refused).to_contain_text("la personne qui facilite a suspendu vos envois ici")
        await people.host.do("step.go", id=await people.step("decide", "Décider"))
        await expect(phone.get_by_role("heading", name="Décider")).to_be_visible()
        await people.host.do("post.unmute")
        await refused.get_by_role("button", name="Reprendre le texte").click()
        await expect(phone.get_by_label("Votre objection")).to_have_value(NIGHT)
        await region(phone).get_by_role("button", name="Envoyer").click()
        await people.host.until(lambda room: [remark["text"] for remark in room.all("remark")] == [NIGHT])
        (remark,) = people.host.all("remark")
        assert remark["on"] == ideas[0]
        # Nothing of it is on the screen of a step that tests nothing.
        await expect(region(phone)).to_have_count(0)

        # Too long a text is not sent, and stays whole in its field.
        await people.host.do("step.go", id=await people.step("discuss", "Encore"))
        await say(phone, SHORT).get_by_role("button", name="Une condition").click()
        field = phone.get_by_label("Votre condition")
        await field.fill("x" * 281)
        await field.press("Enter")
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_have_value("x" * 281)


async def test_K4_an_objection_is_written_by_keyboard_alone(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        await chosen(people)
        page = await (await open_context("desk")).new_page()
        await page.goto(people.seat())
        await expect(region(page)).to_be_visible()
        await tab_to(page, say(page, SHORT).get_by_role("button", name="Une objection"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Votre objection")).to_be_focused()
        await page.keyboard.type(NIGHT)
        await page.keyboard.press("Enter")
        await expect(region(page).get_by_text(NIGHT)).to_be_visible()
        await expect(say(page, SHORT).get_by_role("button", name="Une objection")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Escape")
        await expect(page.get_by_label("Votre objection")).to_have_count(0)
        await expect(say(page, SHORT).get_by_role("button", name="Une objection")).to_be_focused()


@pytest.mark.parametrize("host", [False, True])
async def test_axe_finds_nothing_where_ideas_are_tested(
    open_context: OpenContext, server: ServerProcess, *, host: bool
) -> None:
    async with crowd(server) as people:
        ideas = await chosen(people)
        for n, kind in enumerate(("objection", "condition", "offer")):
            id = new_id("remark")
            await people.participants[n % 2].do("remark.add", id=id, on=ideas[0], kind=kind, text=f"{NIGHT} {n}")
        page = await phone_of(open_context, people)
        if host:
            (me,) = [member for member in people.host.all("member") if member["name"] == people.names[1]]
            await people.host.do("member.role", id=me["id"], role="host")
            await expect(region(page).get_by_role("button", name="Masquer")).to_have_count(3)
        await say(page, SHORT).get_by_role("button", name="Une condition").click()
        await page.get_by_label("Votre condition").press("Enter")
        await expect(page.get_by_label("Votre condition")).to_have_attribute("aria-invalid", "true")
        await audit(page, "Éprouver", switch(page))
