"""What comes out of a printer holds what it is printed for, whatever the paper and whatever the window."""

import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, Size
from tests.e2e.crowd import crowd
from tests.services import ServerProcess

MARK = b".2 .4 1"
"""The red, green and blue, as a page's stream says them, of the codes that are counted: nothing else is drawn in it."""
MARKED = """() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('.cards svg path:last-child { fill: rgb(20% 40% 100%) }')
    document.adoptedStyleSheets.push(sheet)
    return [...document.querySelectorAll('.cards svg path:last-child')]
        .map((path) => path.getAttribute('d').split('M').length - 1)
}"""
"""Gives the codes of the cards that mark; of how many squares each is."""


def pages(sheets: bytes) -> Iterator[bytes]:
    """The streams of what comes out of a printer that say what is drawn."""
    for stream in re.findall(rb"FlateDecode.*?stream\r?\n(.*?)endstream", sheets, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(stream)
        except zlib.error:
            continue  # packed in another way: no page's


def marked_squares(page: bytes) -> int:
    """How many pieces of paths a page fills with the mark (PDF 32000-1, 8.4 and 8.5)."""
    filled = begun = 0
    colour: bytes | None = None
    outer: list[bytes | None] = []
    for line in page.splitlines():
        match line.split():
            case [b"q"]:
                outer.append(colour)
            case [b"Q"]:
                colour = outer.pop()
            case [*_, red, green, blue, b"rg"]:
                colour = b" ".join((red, green, blue))
            case [*_, b"m" | b"re"]:
                begun += 1
            case [b"f" | b"f*"]:
                filled += begun if colour == MARK else 0
                begun = 0
            case [*_, b"n" | b"S"]:
                begun = 0
    return filled


@pytest.mark.parametrize(
    "paper", [{}, {"format": "A4"}, {"format": "A4", "landscape": True}], ids=["css", "portrait", "landscape"]
)
@pytest.mark.parametrize("size", ["phone", "desk", "projector"])
async def test_table_cards_carry_their_codes_on_every_paper(
    open_context: OpenContext, server: ServerProcess, size: Size, paper: dict[str, Any]
) -> None:
    async with crowd(server, 0) as people:
        page = await (await open_context(size)).new_page()
        await page.goto(people.desk())
        # A window that has the cards to print has their codes.
        await expect(page.locator(".cards svg")).to_have_count(4)
        squares = await page.evaluate(MARKED)
        assert len(squares) == 4
        assert min(squares) > 21 * 21 / 4  # a code of the smallest kind, a quarter of it dark
        sheets = await page.pdf(prefer_css_page_size=not paper, **paper)
        assert sum(marked_squares(stream) for stream in pages(sheets)) == sum(squares)


async def test_who_prints_loses_nothing_of_what_they_were_writing(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="next", title="La suite")
        await people.host.do("step.go", id=step)
        page = await (await open_context("desk")).new_page()
        await page.goto(people.seat(0))
        field = page.get_by_label("Je m’engage à")
        await field.fill("Écrire la règ")
        await page.pdf(format="A4")
        await expect(field).to_have_value("Écrire la règ")
        await expect(field).to_be_focused()
        # Another width is another layout, once the paper is out.
        await page.set_viewport_size({"width": 800, "height": 900})
        await expect(page.get_by_role("navigation", name="Parties de la séance")).to_be_visible()
