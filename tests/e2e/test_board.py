"""The board: five ways to move an idea, each shown to everybody in one order."""

import re

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext
from tests.e2e.crowd import crowd
from tests.e2e.people import board_texts, face, see_all, until, zone
from tests.services import ServerProcess

PLACES = ("À ranger", "Groupe A, Réunions", "Groupe B, Terrain")


class Board:
    """One room on three pages.

    Attributes:
        desk: the host's.
        phone: a participant's, with a finger.
        seat: another participant's, at a desk.
    """

    def __init__(self, desk: Page, phone: Page, seat: Page) -> None:
        self.desk, self.phone, self.seat = desk, phone, seat

    async def shows(self, *places: list[str]) -> None:
        """Wait until every page shows these ideas in these places, in this order."""
        for page in (self.desk, self.phone, self.seat):
            for title, texts in zip(PLACES, places, strict=True):
                await expect(zone(page, title).locator("[data-idea] .text")).to_have_text(texts)


@pytest_asyncio.fixture(loop_scope="session")
async def board(open_context: OpenContext, server: ServerProcess) -> Board:
    """Five ideas in no zone, of two."""
    async with crowd(server) as people:
        await people.zone("A", "Réunions")
        await people.zone("B", "Terrain")
        for text in ("Un", "Deux", "Trois", "Quatre", "Cinq"):
            await people.ideas([text])
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat(0))
        await see_all(phone)
        seat = await (await open_context("desk")).new_page()
        await seat.goto(people.seat(1))
        board = Board(desk, phone, seat)
        await board.shows(["Un", "Deux", "Trois", "Quatre", "Cinq"], [], [])
        return board


async def middle(of: Locator) -> tuple[float, float]:
    box = await of.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def test_a_mouse_drags_to_a_zone_and_before_another_idea(board: Board) -> None:
    mouse, desk = board.desk.mouse, board.desk

    async def drag(text: str, to: tuple[float, float]) -> None:
        await mouse.move(*await middle(face(desk, text)))
        await mouse.down()
        await mouse.move(*to, steps=5)
        await expect(desk.locator(".ghost")).to_have_text(text)
        await mouse.up()
        await expect(desk.locator(".ghost")).to_have_count(0)

    await drag("Quatre", await middle(zone(desk, PLACES[1])))
    await board.shows(["Un", "Deux", "Trois", "Cinq"], ["Quatre"], [])

    x, y = await middle(face(desk, "Quatre"))
    await drag("Un", (x, y - 15))
    await board.shows(["Deux", "Trois", "Cinq"], ["Un", "Quatre"], [])

    x, y = await middle(face(desk, "Deux"))
    await drag("Cinq", (x, y - 15))
    await board.shows(["Cinq", "Deux", "Trois"], ["Un", "Quatre"], [])

    await desk.get_by_role("button", name="Annuler le déplacement").click()
    await board.shows(["Deux", "Trois", "Cinq"], ["Un", "Quatre"], [])

    await mouse.move(*await middle(face(desk, "Deux")))  # Escape lets go of it where it was
    await mouse.down()
    await mouse.move(*await middle(zone(desk, PLACES[2])), steps=5)
    await expect(desk.locator(".ghost")).to_be_visible()
    await desk.keyboard.press("Escape")
    await expect(desk.locator(".ghost")).to_have_count(0)
    await mouse.up()
    await board.shows(["Deux", "Trois", "Cinq"], ["Un", "Quatre"], [])


async def test_what_is_left_of_a_column_belongs_to_its_last_zone(board: Board) -> None:
    mouse, desk = board.desk.mouse, board.desk
    box = await zone(desk, PLACES[2]).bounding_box()
    assert box is not None
    await mouse.move(*await middle(face(desk, "Trois")))
    await mouse.down()
    await mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] + 120, steps=5)
    await mouse.up()
    await board.shows(["Un", "Deux", "Quatre", "Cinq"], [], ["Trois"])


async def test_a_card_that_is_held_over_another_is_joined_with_it(board: Board) -> None:
    mouse, desk = board.desk.mouse, board.desk
    target = desk.locator("[data-idea]").filter(has=face(desk, "Deux"))
    await mouse.move(*await middle(face(desk, "Cinq")))
    await mouse.down()
    await mouse.move(*await middle(face(desk, "Deux")), steps=5)
    await expect(target).to_have_class(re.compile(r"\bmerging\b"))
    # On the way elsewhere it is joined with nothing.
    await mouse.move(*await middle(face(desk, "Quatre")), steps=2)
    await expect(target).not_to_have_class(re.compile(r"\bmerging\b"))
    await mouse.move(*await middle(face(desk, "Deux")), steps=2)
    await expect(target).to_have_class(re.compile(r"\bmerging\b"))
    await mouse.up()
    await board.shows(["Un", "Deux", "Trois", "Quatre"], [], [])
    await expect(target).to_contain_text("et 1 idée semblable")
    joined = desk.get_by_role("status").filter(has_text="Réunies sous : Deux")
    await joined.get_by_role("button", name="Séparer").click()
    await board.shows(["Un", "Deux", "Trois", "Quatre", "Cinq"], [], [])


async def test_a_finger_that_rests_drags_and_one_that_swipes_scrolls(board: Board) -> None:
    phone = board.phone
    touchscreen = await phone.context.new_cdp_session(phone)

    async def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y} for x, y in points]
        await touchscreen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    await zone(phone, PLACES[1]).evaluate("zone => zone.scrollIntoView({ block: 'center' })")
    x, y = await middle(face(phone, "Cinq"))
    await touch("touchStart", (x, y))
    await expect(phone.locator(".ghost")).to_be_visible()  # once the finger has rested
    to_x, to_y = await middle(zone(phone, PLACES[1]))
    for step in range(1, 6):
        await touch("touchMove", (x + (to_x - x) * step / 5, y + (to_y - y) * step / 5))
    await expect(zone(phone, PLACES[1])).to_contain_class("target")
    await touch("touchEnd")
    await board.shows(["Un", "Deux", "Trois", "Quatre"], ["Cinq"], [])

    await phone.evaluate("scrollTo(0, 0)")
    x, y = await middle(face(phone, "Trois"))
    await touch("touchStart", (x, y))
    for step in range(1, 6):
        await touch("touchMove", (x, y - 40 * step))
    await touch("touchEnd")
    await until(phone, "scrollY > 80")
    await board.shows(["Un", "Deux", "Trois", "Quatre"], ["Cinq"], [])


async def test_what_is_tapped_is_put_where_one_says(board: Board) -> None:
    phone = board.phone
    await face(phone, "Deux").tap()
    await expect(face(phone, "Deux")).to_have_attribute("aria-pressed", "true")
    await zone(phone, PLACES[1]).get_by_role("button", name="Poser ici").tap()
    await board.shows(["Un", "Trois", "Quatre", "Cinq"], ["Deux"], [])

    await face(phone, "Trois").tap()
    await phone.get_by_role("group", name="Ranger dans").get_by_role("button", name="Terrain").tap()
    await board.shows(["Un", "Quatre", "Cinq"], ["Deux"], ["Trois"])

    await phone.get_by_role("button", name="Annuler le déplacement").tap()
    await board.shows(["Un", "Trois", "Quatre", "Cinq"], ["Deux"], [])


async def test_letters_and_arrows_move_the_idea_that_has_the_focus(board: Board) -> None:
    seat = board.seat
    await face(seat, "Quatre").focus()
    await seat.keyboard.press("b")
    await board.shows(["Un", "Deux", "Trois", "Cinq"], [], ["Quatre"])
    await expect(face(seat, "Quatre")).to_be_focused()

    await seat.keyboard.press("0")
    await board.shows(["Un", "Deux", "Trois", "Cinq", "Quatre"], [], [])
    await expect(face(seat, "Quatre")).to_be_focused()

    await seat.keyboard.press("Alt+ArrowUp")
    await board.shows(["Un", "Deux", "Trois", "Quatre", "Cinq"], [], [])
    await expect(face(seat, "Quatre")).to_be_focused()
    await seat.keyboard.press("Alt+ArrowUp")
    await board.shows(["Un", "Deux", "Quatre", "Trois", "Cinq"], [], [])
    await expect(face(seat, "Quatre")).to_be_focused()

    await seat.keyboard.press("Alt+ArrowDown")
    await board.shows(["Un", "Deux", "Trois", "Quatre", "Cinq"], [], [])
    await expect(face(seat, "Quatre")).to_be_focused()
    await seat.keyboard.press("Alt+ArrowDown")
    await board.shows(["Un", "Deux", "Trois", "Cinq", "Quatre"], [], [])
    await expect(face(seat, "Quatre")).to_be_focused()
    await seat.keyboard.press("Alt+ArrowDown")  # it is the last already
    await seat.keyboard.press("a")
    await board.shows(["Un", "Deux", "Trois", "Cinq"], ["Quatre"], [])


async def test_a_host_lays_zones_renames_and_removes_them(board: Board) -> None:
    desk = board.desk
    await desk.get_by_role("button", name="Ajouter un groupe").click()
    await desk.get_by_label("Nom du groupe").fill("Souffler")
    await desk.keyboard.press("Enter")
    await expect(zone(board.phone, "Groupe C, Souffler")).to_be_visible()

    await face(board.phone, "Cinq").tap()
    await zone(board.phone, "Groupe C, Souffler").get_by_role("button", name="Poser ici").tap()
    await expect(face(zone(desk, "Groupe C, Souffler"), "Cinq")).to_be_visible()

    await desk.get_by_role("button", name="Renommer le groupe C").click()
    await desk.get_by_label("Nom du groupe").fill("Respirer")
    await desk.keyboard.press("Enter")
    await expect(zone(board.seat, "Groupe C, Respirer")).to_be_visible()

    await desk.get_by_role("button", name="Renommer le groupe C").click()
    await desk.get_by_role("button", name="Retirer le groupe").click()
    await expect(desk.get_by_text("Retirer ce groupe ? Ses idées restent, à ranger.")).to_be_visible()
    await desk.get_by_role("button", name="Retirer le groupe").click()
    await expect(zone(board.phone, "Groupe C")).to_have_count(0)
    await board.shows(["Un", "Deux", "Trois", "Quatre", "Cinq"], [], [])
    assert await board_texts(zone(board.seat, PLACES[0])) == await board_texts(zone(desk, PLACES[0]))
