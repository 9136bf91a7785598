"""Every stop of a workshop, on phone, Pupitre and Écran: axe finds nothing, nothing hangs out, sizes are those for the back row."""

import pytest

from tests.e2e.conftest import OpenContext, Size, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.scenes import scenes, settled
from tests.e2e.test_accessibility import look
from tests.e2e.test_layout import LAYOUT
from tests.e2e.test_screen import LAYOUT as SCREEN_LAYOUT
from tests.services import ServerProcess

SMALLEST = 4.09
"""Hundredths of the height of the big screen."""


@pytest.mark.parametrize(
    ("who", "lang"), [("phone", "fr"), ("phone", "en"), ("desk", "fr"), ("desk", "en"), ("screen", "fr")]
)
async def test_every_stop_of_a_workshop(open_context: OpenContext, server: ServerProcess, who: str, lang: str) -> None:
    """The screen speaks its room's language, so it is looked at in that alone here."""
    size: Size = {"phone": "phone", "desk": "desk", "screen": "projector"}[who]  # type: ignore[assignment]
    async with crowd(server, 8) as people:
        page = await (await open_context(size, lang=lang)).new_page()
        await page.emulate_media(reduced_motion="reduce")
        address = {
            "phone": people.seat(0),
            "desk": people.desk(),
            "screen": lan_url(server, f"/r/{people.code}/screen"),
        }[who]
        await page.goto(address)
        found: list[object] = []
        stops = 0
        async for stop in scenes(people):
            stops += 1
            await settled(people, stops, page)
            if who == "screen":
                seen = await page.evaluate(SCREEN_LAYOUT)
                found += [(stop, each) for each in seen["wrong"]]
                text, height = seen["smallest"]
                if height < SMALLEST:
                    found.append((stop, f"{text!r} is {height:.1f} vh high"))
            else:
                found += [(stop, each) for each in await page.evaluate(LAYOUT)]
            found += [(stop, *one) for one in await look(page, lang)]
        assert stops >= 15
        assert not found, f"{len(found)}, of which {found[:6]}"
