"""What comes out of a printer holds what it is printed for, whatever the paper and whatever the window."""

import re
import zlib
from typing import Any

import pytest
from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, Size
from tests.e2e.crowd import crowd
from tests.services import ServerProcess

MODULES = """() => [...document.querySelectorAll('.cards svg path')]
    .reduce((sum, path) => sum + path.getAttribute('d').split('M').length - 1, 0)"""
"""How many squares the codes of all cards are drawn with, and the white that they stand on."""


async def squares(page: Page, **paper: Any) -> int:
    """How many paths the pages that come out begin."""
    sheets = await page.pdf(prefer_css_page_size=not paper, **paper)
    drawn = 0
    for stream in re.findall(rb"FlateDecode.*?stream\r?\n(.*?)endstream", sheets, re.DOTALL):
        try:
            drawn += len(re.findall(rb"^[-\d. ]+ (?:m|re)$", zlib.decompressobj().decompress(stream), re.MULTILINE))
        except zlib.error:
            continue  # a face of type, or another stream that is none of a page's
    return drawn


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
        modules = await page.evaluate(MODULES)
        assert modules > 4 * 21 * 21 / 4
        drawn = await squares(page, **paper)
        await page.evaluate("for (const code of document.querySelectorAll('.cards svg')) code.remove()")
        assert drawn - await squares(page, **paper) >= modules


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
