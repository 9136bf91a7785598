"""The icons of the application and the picture of its links, drawn from its mark: `python -m tests.e2e.icons` writes them anew."""

import asyncio
import base64
from pathlib import Path

from playwright.async_api import async_playwright

from tests.e2e.conftest import launch

WEB = Path(__file__).parents[2] / "client_demo/web"
PUBLIC = WEB / "public"
FACE = WEB / "node_modules/@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2"
GREEN, PAPER, OCHRE = "#1F5B40", "#FAF6EC", "#E8AE55"


def icon(mark: str, *, full: bool) -> str:
    """The mark; `full`: to its edges and smaller, for systems that cut a shape of their own out of it."""
    inner = mark if not full else mark.replace('rx="15" ', "").replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80"')
    return f"<style>body{{margin:0;background:{GREEN if full else 'transparent'}}}svg{{display:block;width:100vw}}</style>{inner}"


def share(mark: str) -> str:
    """What a messenger shows beside a link: the mark and the name, in no language."""
    face = base64.b64encode(FACE.read_bytes()).decode()
    return f"""<style>
        @font-face {{ font-family: heading; src: url(data:font/woff2;base64,{face}); font-weight: 200 800 }}
        body {{ margin: 0; height: 100vh; display: flex; align-items: center; justify-content: center; gap: 56px; background: {PAPER} }}
        svg {{ width: 280px }}
        p {{ margin: 0; font: 700 168px/1 heading; letter-spacing: -0.02em; color: {GREEN} }}
        hr {{ position: fixed; inset: auto 0 0; height: 20px; margin: 0; border: 0; background: {OCHRE} }}
    </style>{mark}<p>Palabre</p><hr>"""


async def draw() -> None:
    mark = (PUBLIC / "favicon.svg").read_text()
    pictures = {
        "icon-192.png": (192, 192, icon(mark, full=False)),
        "icon-512.png": (512, 512, icon(mark, full=False)),
        "icon-maskable-512.png": (512, 512, icon(mark, full=True)),
        "touch-icon.png": (180, 180, icon(mark, full=True)),
        "share.png": (1200, 630, share(mark)),
    }
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        for name, (width, height, html) in pictures.items():
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.set_content(f"<!doctype html>{html}")
            await page.evaluate("document.fonts.ready")
            await page.screenshot(path=PUBLIC / name, omit_background=True)
            await page.close()
        await browser.close()


if __name__ == "__main__":
    asyncio.run(draw())
