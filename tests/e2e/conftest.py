"""A real Chromium, driven from Python: browsers of three sizes on a plain-http origin that is no secure context.

A test is async, asks for `open_context` and `server`, and looks at what a person would see:

    async def test_…(open_context: OpenContext, server: ServerProcess) -> None:
        async with Cable(server.port) as cable:
            context = await open_context("phone")
            phone = await context.new_page()
            await phone.goto(lan_url(cable))
            await set_offline(context, cable, True)

When a test fails, pictures of all its open pages go to test-results/; with PICTURES=1 in the environment, so do those that
tests take on their way, for a person to look at. An exception that a page does not catch, an error in its console and a
request to any host but the server fail the test.
"""

import os
import re
import shutil
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.services import Cable, ServerProcess
from tests.services.process import HUNG

HERE = Path(__file__).parent
CHROMIUM = HERE / "node_modules" / ".chromium"
PICTURES = HERE.parents[1] / "test-results"

Size = Literal["phone", "desk", "projector"]
VIEWPORTS: dict[Size, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desk": {"width": 1440, "height": 900},
    "projector": {"width": 1920, "height": 1080},
}
LAN_HOST = "palabre.test"
"""A name that only the tests' Chromium resolves, to this machine: plain http on it is what a phone on the Wi-Fi has."""

SECURE_HOST = "palabre.localhost"
"""This machine once more, under a name that browsers hold for secure. There is no other for the tests' Chromium."""

FAILED = pytest.StashKey[bool]()


class OpenContext(Protocol):
    """Opens a browser's profile of its own: one person's phone, desk or projector."""

    async def __call__(self, size: Size, *, lang: str = "fr-FR", **options: Any) -> BrowserContext: ...


def lan_url(server: ServerProcess | Cable, path: str = "/") -> str:
    """The address of a page as a phone on the same Wi-Fi has it; through a cable, the phone can be cut off."""
    return f"http://{LAN_HOST}:{server.port}{path}"


async def set_offline(context: BrowserContext, cable: Cable, offline: bool) -> None:
    """Takes a browser off the network or back: its pages are told, its requests fail, its sockets break."""
    if offline:
        cable.cut()
    else:
        cable.restore()
    await context.set_offline(offline)


async def picture(page: Page, name: str, *, wanted: bool = "PICTURES" in os.environ) -> None:
    """Take a picture of the page into test-results/, where somebody wants to look at it: no test does."""
    if wanted:
        await page.screenshot(path=PICTURES / (re.sub(r"[^\w.-]+", "-", name) + ".png"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser lives in one event loop, so do all tests that use it."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


SHARED_MEMORY = Path("/dev/shm")
ROOMY = 2**30
"""Bytes: more than all pages of a test share with the browser."""


def keeps_on_disk() -> bool:
    """Whether what Chromium's processes share goes to files: containers often have too little of the memory that is for it."""
    return not SHARED_MEMORY.is_dir() or shutil.disk_usage(SHARED_MEMORY).free < ROOMY


async def launch(playwright: Playwright) -> Browser:
    """Chromium from npm, or the one that CHROMIUM names (that of the package runs on Linux with an x86-64 only)."""
    executable = Path(os.environ.get("CHROMIUM", CHROMIUM / "chromium"))
    assert executable.exists(), f"expected {executable}, which `make test` installs"
    libraries = {"LD_LIBRARY_PATH": str(CHROMIUM / "al2023" / "lib"), "FONTCONFIG_FILE": str(HERE / "fonts.conf")}
    return await playwright.chromium.launch(
        executable_path=executable,
        args=[
            f"--host-resolver-rules=MAP {LAN_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE {SECURE_HOST}",
            "--no-proxy-server",
            # No page lives for long enough to earn back what it costs to optimise its code.
            "--js-flags=--no-opt,--no-maglev",
        ],
        ignore_default_args=None if keeps_on_disk() else ["--disable-dev-shm-usage"],
        env={**os.environ, **libraries},
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(nothing_left_behind: None) -> AsyncIterator[Browser]:
    """One for all tests; each opens profiles of its own in it."""
    async with async_playwright() as playwright:
        expect.set_options(timeout=HUNG * 1000)
        browser = await launch(playwright)
        yield browser
        await browser.close()


NETWORK_TROUBLE = ("Failed to load resource", "WebSocket connection to")
"""What Chromium itself writes into the console when an answer is an error or the network is gone, as some tests want it."""


def watch(context: BrowserContext, wrong: list[str]) -> None:
    """Notes what no page may do, whatever a test looks at.

    What asks another host fails: so of a page's many requests only those that do need be told to the test, which takes time for each.
    """

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NETWORK_TROUBLE):
            wrong.append(f"console: {message.text}")

    def request(url: str) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != LAN_HOST:
            wrong.append(f"another host: {url}")

    context.on("weberror", lambda error: wrong.append(f"exception: {error.error}"))
    context.on("console", console)
    context.on("requestfailed", lambda asked: request(asked.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: request(socket.url)))


@pytest_asyncio.fixture(loop_scope="session")
async def open_context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[OpenContext]:
    """Opens contexts and closes them after the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    async def open_context(size: Size, *, lang: str = "fr-FR", **options: Any) -> BrowserContext:
        phone = {"is_mobile": True, "has_touch": True, "device_scale_factor": 2} if size == "phone" else {}
        fixed: dict[str, Any] = {"viewport": VIEWPORTS[size], "timezone_id": "Europe/Paris"}
        context = await browser.new_context(locale=lang, **(fixed | phone | options))
        context.set_default_timeout(HUNG * 1000)
        watch(context, wrong)
        contexts.append(context)
        return context

    yield open_context
    if request.node.stash.get(FAILED, False):
        pages = [page for context in contexts for page in context.pages]
        for number, page in enumerate(pages):
            await picture(page, f"{request.node.name}-{number}", wanted=True)
    for context in contexts:
        await context.close()
    assert not wrong, wrong
