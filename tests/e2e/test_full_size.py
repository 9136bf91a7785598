"""Scenes from seminars at their full size: forty phones that nobody helps, two hundred people who vote."""

import asyncio
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types
from playwright.async_api import Locator, Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture, set_offline
from tests.e2e.crowd import crowd, names
from tests.e2e.people import open_menu, open_room
from tests.services import Cable, ServerProcess

PHONES: Final = 40
AT_ONCE: Final = 6
"""Phones that are held in hand at the same moment: this machine has two cores, where a seminar has forty."""

MINUTES: Final = 3
MOST_ACTIONS: Final = 4

VOTERS: Final = 200
DOUBLE, SAME, BADGE = "Supprimer la double saisie", "Supprimer la saisie en double", "Un badge pour tous les sites"
OTHERS: Final = ("Des réunions plus courtes", "Un mercredi sans réunion", "Dire merci devant tout le monde")
BUDGET, CAP = 5, 3


class Hand:
    """Somebody with a phone: each field filled in and each button pressed is an action, the scan comes before them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    async def fill(self, label: str, text: str) -> None:
        self.actions += 1
        await self.page.get_by_label(label).fill(text)

    async def press(self, button: str) -> None:
        self.actions += 1
        await self.page.get_by_role("button", name=button, exact=True).click()


async def test_a_venue_computer_at_150_percent_no_internet_and_forty_phones(
    open_context: OpenContext, server: ServerProcess
) -> None:
    """That no page asks any host but the server is seen to in every test: conftest."""
    venue = await open_context("projector", viewport={"width": 1280, "height": 720}, device_scale_factor=1.5)
    desk = await venue.new_page()
    code = await open_room(desk, server, template="De l’idée à l’action")
    screen = await venue.new_page()
    await screen.goto(lan_url(server, f"/r/{code}/screen"))
    await expect(screen.get_by_role("img", name=re.compile("^QR pour rejoindre"))).to_be_visible()
    await picture(screen, "forty-lobby")
    await desk.get_by_role("button", name="Aller à l’étape « Nos idées »").click()

    in_hand = asyncio.Semaphore(AT_ONCE)

    async def take_part(n: int, name: str) -> int:
        async with in_hand:
            page = await (await open_context("phone")).new_page()
            await page.goto(lan_url(server, f"/r/{code}"))
            hand = Hand(page)
            await hand.fill("Votre prénom et votre nom", name)
            await hand.press("Entrer")
            await hand.fill("Votre idée", f"Notre idée, la {n}")
            await hand.press("Envoyer")
            await expect(page.get_by_text("Enregistré").first).to_be_visible()
            return hand.actions

    async with asyncio.timeout(MINUTES * 60):
        actions = await asyncio.gather(*(take_part(n, name) for n, name in enumerate(names(PHONES))))
    assert max(actions) <= MOST_ACTIONS
    # The last: for a moment there are as many people above, without the host.
    await expect(screen.get_by_text(str(PHONES), exact=True).last).to_be_visible()
    await expect(desk.get_by_text(f"Connecté · {PHONES + 1} personnes présentes")).to_be_visible()
    await desk.get_by_role("button", name="Révéler", exact=True).click()
    await desk.get_by_role("alert").get_by_role("button", name="Révéler", exact=True).click()
    await expect(desk.locator("[data-idea]")).to_have_count(PHONES)
    for n in range(PHONES):
        await expect(desk.get_by_role("button", name=f"Notre idée, la {n}", exact=True)).to_be_attached()
    await picture(screen, "forty-revealed")


async def test_somebody_who_types_the_code_needs_no_help_either(
    open_context: OpenContext, server: ServerProcess
) -> None:
    desk = await (await open_context("desk")).new_page()
    code = await open_room(desk, server)
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(server))
    hand = Hand(page)
    await hand.fill("Code de la séance", code.lower())
    await hand.press("Rejoindre")
    await hand.fill("Votre prénom et votre nom", "Paul Roussel")
    await hand.press("Entrer")
    await expect(page.get_by_label("Votre idée")).to_be_visible()
    assert hand.actions <= MOST_ACTIONS


def dots_of(n: int, ideas: Sequence[str]) -> dict[str, int]:
    """Where the n-th of those who vote by themselves puts his dots: on two things, never the same two for long."""
    first, second = ideas[n % len(ideas)], ideas[(n * n + 1) % len(ideas)]
    return {first: 2, second: 3} if first != second else {first: 3}


async def test_two_hundred_vote_and_screen_phone_and_workbook_agree(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, VOTERS) as people, Cable(server.port) as cable:
        texts = (DOUBLE, SAME, BADGE, *OTHERS)
        ideas = await people.ideas(texts)
        first, same = ideas[:2]
        group, vote = new_id("step"), new_id("step")
        await people.host.do("step.add", id=group, kind="group", title="Rapprocher")
        await people.host.do("step.add", id=vote, kind="vote", title="Choisir", budget=BUDGET, cap=CAP)
        await people.host.do("step.go", id=vote)
        context = await open_context("phone")
        phone = await context.new_page()
        await phone.goto(people.seat(0).replace(f":{server.port}", f":{cable.port}"))
        for text in (DOUBLE, DOUBLE, BADGE, BADGE):
            await phone.get_by_role("button", name=f"Ajouter une gommette à : {text}").click()
        await expect(phone.get_by_text("Il vous reste 1 gommette sur 5")).to_be_visible()
        others = [dots_of(n, ideas) for n in range(1, VOTERS)]
        given = zip(people.participants[1:], others, strict=True)
        await asyncio.gather(
            *(g.do("dots.put", step=vote, on=on, count=count) for g, dots in given for on, count in dots.items())
        )
        await people.host.until(lambda room: any(s.get("voted") == VOTERS for s in room.all("step")))

        # Offline, two dots move; meanwhile the two ideas become one, and the workshop goes back and forth.
        await set_offline(context, cable, True)
        for _ in range(2):
            await phone.get_by_role("button", name=f"Reprendre une gommette à : {BADGE}").click()
        await phone.get_by_role("button", name=f"Ajouter une gommette à : {DOUBLE}").click()
        await expect(phone.get_by_text("3 changements en attente d’envoi")).to_be_visible()
        await people.host.do("step.go", id=group)
        await people.host.do("idea.merge", id=same, into=first)
        await people.host.do("step.go", id=vote)
        await set_offline(context, cable, False)
        await expect(phone.get_by_text("en attente d’envoi")).to_have_count(0)
        await expect(phone.get_by_text("Il vous reste 2 gommettes sur 5")).to_be_visible()
        # What the phone draws may still be under way; another connection of the same member has what is saved.
        await people.participants[0].until(lambda room: any(b.get("dots") == {first: 3} for b in room.all("ballot")))

        # Reckoned here, by hand: one's dots on what was merged add up as far as the cap (V4).
        expected, voters = Counter[str](), Counter[str]()
        for dots in ({first: 3}, *others):
            mine = Counter[str]()
            for on, count in dots.items():
                mine[first if on == same else on] += count
            for on, count in mine.items():
                expected[on] += min(count, CAP)
                voters[on] += 1

        await people.host.do("vote.close", step=vote)
        await people.host.do("vote.count", step=vote)
        await people.host.until(lambda room: len(room.all("result")) == 1)
        (result,) = people.host.all("result")
        assert {t["id"]: (t["dots"], t["voters"]) for t in result["totals"]} == {
            on: (expected[on], voters[on]) for on in expected
        }
        assert result["voters"] == VOTERS
        assert not any(participant.all("result") for participant in people.participants), "closed is not revealed"
        await expect(phone.get_by_text("Le vote est clos.")).to_be_visible()
        await expect(phone.get_by_text(f"{expected[first]} gommettes")).to_have_count(0)
        await people.host.do("vote.reveal", step=vote)

        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        ranked = [(texts[ideas.index(on)], n) for on, n in expected.most_common()]
        assert await rows(screen.get_by_role("listitem"), len(ranked)) == ranked
        await picture(screen, "two-hundred-result")
        for text, count in ranked:
            await expect(phone.get_by_role("listitem").filter(has_text=text)).to_contain_text(f"{count} gommettes")
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        async with desk.expect_download() as download:
            await open_menu(desk, "Compte rendu")
            await desk.get_by_role("button", name="Excel").click()
        told = cells(Path(await (await download.value).path()))
        for text, count in ranked:
            assert any(
                text in row and str(count) in row and str(voters[ideas[texts.index(text)]]) in row for row in told
            ), f"expected a row with « {text} » and {count} dots; got {told}"


async def rows(items: Locator, count: int) -> list[tuple[str, int]]:
    """What the big screen's list says: text and dots, in its order."""
    await expect(items).to_have_count(count)
    said = [" ".join(text.split()) for text in await items.all_inner_texts()]
    told = []
    for line in said:
        text = next(each for each in (DOUBLE, SAME, BADGE, *OTHERS) if each in line)
        (number,) = re.findall(r"\b(\d+)\b", line.replace(text, "").partition("gommette")[0])[-1:]
        told.append((text, int(number)))
    return told


def cells(workbook: Path) -> list[list[str]]:
    """Every row of every sheet, as text."""
    book = load_workbook(io.BytesIO(workbook.read_bytes()))
    return [[str(cell) for cell in row] for sheet in book for row in sheet.iter_rows(values_only=True)]
