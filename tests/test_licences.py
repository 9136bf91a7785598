"""What is shipped of others goes with its licence, and no licence of a dependency forbids what we do."""

import importlib.metadata
import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.services import ServerProcess

ROOT = Path(__file__).parents[1]
WEB = ROOT / "client_demo/web"
LICENCES = ROOT / "server/web/dist/licences.txt"

SHIPPED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-CMU", "OFL-1.1", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
"""Licences under which a part may be bundled with ours, or asked for by it, whoever uses it and for what."""

TOOLS = SHIPPED | {"MPL-2.0"}
"""And those of tools, which are shipped to nobody. (No GPL, and none that forbids a use or names a field.)"""

WORDS = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "CC0 1.0 Universal": "CC0-1.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""What packages say that name their licence in words."""


def of_python(lock: str) -> dict[str, set[str]]:
    """The licences of a lock's packages that are installed here; of « A AND B » both, of « A OR B » the ones to choose from."""
    names = re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==", (ROOT / "requirements" / lock).read_text(), re.MULTILINE)
    found: dict[str, set[str]] = {}
    for name in names:
        try:
            about = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system, or another version of Python
        classified = [
            each.rpartition(":: ")[2] for each in about.get_all("Classifier", []) if each.startswith("License :: OSI")
        ]
        fields = [about[field] for field in ("License-Expression", "License") if field in about]
        said = next(filter(None, fields), " AND ".join(classified))
        if said.partition("\n")[0].strip().startswith("MIT License"):
            said = "MIT"
        found[name] = {WORDS.get(each, each) for each in re.split(r" (?:AND|OR) ", said)}
    return found


def of_npm(folder: str, *, shipped: bool) -> dict[str, set[str]]:
    packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    return {
        name: set(re.split(r" (?:AND|OR) ", str(about.get("license")).strip("()")))
        for name, about in packages.items()
        if name and not (shipped and about.get("dev"))
    }


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_no_licence_of_a_python_package_forbids_what_we_do(lock: str) -> None:
    found = of_python(lock)
    assert len(found) > 10
    allowed = SHIPPED if lock == "run.txt" else TOOLS
    assert {name: names for name, names in found.items() if not names <= allowed} == {}


@pytest.mark.parametrize(
    ("folder", "shipped"), [("client_demo/web", True), ("client_demo/web", False), ("tests/e2e", False)]
)
def test_no_licence_of_an_npm_package_forbids_what_we_do(folder: str, shipped: bool) -> None:
    found = of_npm(folder, shipped=shipped)
    assert len(found) > 5
    allowed = SHIPPED if shipped else TOOLS
    assert {name: names for name, names in found.items() if not names <= allowed} == {}


def noticed(text: str) -> dict[str, str]:
    """By package, its section of the notices."""
    _, *sections = text.split(f"\n\n{'-' * 80}\n\n")
    named = re.compile(r"^(\S+) \d\S*: (.+)\n")
    return {match[1]: section for section in sections if (match := named.match(section))}


@pytest.mark.slow  # it builds the web client
@pytest.mark.timeout(180)
def test_nothing_that_is_bundled_is_missing_in_the_notices(tmp_path: Path) -> None:
    """Told by the maps of the sources, of which the notices know nothing."""
    vite = [str(WEB / "node_modules/.bin/vite"), "build", "--sourcemap", "--outDir", str(tmp_path), "--emptyOutDir"]
    path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    built = subprocess.run(vite, cwd=WEB, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=150)
    assert built.returncode == 0, built.stderr
    maps = [json.loads(file.read_text()) for file in tmp_path.rglob("*.map")]
    assert maps
    package = re.compile(r".*node_modules/((?:@[^/]+/)?[^/]+)/")
    bundled = {match[1] for each in maps for source in each["sources"] if (match := package.match(source))}
    for pattern, scope in (("*.woff2", "@fontsource-variable"), ("*.ttf", "@expo-google-fonts")):
        for font in tmp_path.rglob(pattern):
            (known,) = [
                folder
                for folder in (WEB / "node_modules" / scope).iterdir()
                if font.name.lower().startswith((folder.name, folder.name.replace("-", "")))
            ]
            bundled.add(f"{scope}/{known.name}")
    assert {"svelte", "@msgpack/msgpack", "@lucide/svelte"} < bundled

    notices = noticed((tmp_path / "licences.txt").read_text())
    assert bundled <= set(notices)
    for name, section in notices.items():
        assert re.search(r"permission|without restriction|SIL Open Font License", section, re.IGNORECASE), name
        assert "font" not in name or "SIL Open Font License" in section, name
    assert noticed(LICENCES.read_text()) == notices


@pytest.mark.slow
def test_the_notices_are_in_the_wheel_and_at_their_address() -> None:
    with ServerProcess() as server:
        answer = httpx.get(f"{server.url}/licences")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == LICENCES.read_text()
