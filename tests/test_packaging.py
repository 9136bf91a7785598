"""What is shipped and how it is set up: the wheel, the locks, the Procfile."""

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.services import RedisServer, ServerProcess
from tests.services.process import HUNG

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
NPM_LOCKS = [ROOT / "client_demo/web/package-lock.json", ROOT / "tests/e2e/package-lock.json"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built as `make build` does."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    result = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (path,) = folder.glob("palabre-*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.slow  # `make check` does not build the web client
def test_the_wheel_holds_what_the_server_needs_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    packages = ("protocol", "play", "server", "client_demo/python")
    expected = {
        str(file.relative_to(ROOT))
        for package in packages
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == expected
    assert {
        "server/web/dist/index.html",
        "server/web/dist/licences.txt",
        "server/web/agendas/action.toml",
        "server/py.typed",
        "protocol/py.typed",
    } <= shipped
    for dialect in ("sqlite", "postgres"):
        assert any(
            name.startswith(f"server/journal/{dialect}/migrations/") and name.endswith(".sql") for name in shipped
        )


@pytest.mark.slow
def test_the_wheel_says_how_to_start_it_and_under_which_licence(wheel: zipfile.ZipFile) -> None:
    named = {Path(name).name: wheel.read(name).decode() for name in wheel.namelist() if ".dist-info/" in name}
    assert "palabre = server.__main__:main" in named["entry_points.txt"]
    assert "License-Expression: MIT" in named["METADATA"]
    assert named["LICENSE"].startswith("MIT License")


@pytest.mark.slow
def test_the_wheel_runs_where_there_is_no_source(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    with ServerProcess(env={"PYTHONPATH": str(tmp_path)}) as server:
        with urllib.request.urlopen(server.url, timeout=HUNG) as page:
            text = page.read().decode()
        assert "<html" in text
        for asset in re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css))"', text):
            with urllib.request.urlopen(server.url + asset, timeout=HUNG) as answer:
                assert answer.status == 200


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_names_versions_and_hashes_only(lock: Path) -> None:
    requirement = r"[a-z0-9._-]+(\[[a-z,]+\])?==[^\s/:]+( ; [^/:\\]+)? \\"
    for line in lock.read_text().splitlines():
        assert re.fullmatch(rf"{requirement}|    --hash=sha256:[0-9a-f]{{64}}( \\)?", line), line


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: lock.parent.name)
def test_an_npm_lock_is_whole_and_names_no_registry(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name
        for dependency in package.get("optionalDependencies", {}):  # npm ci refuses a lock without other platforms'
            assert any(known.endswith(f"node_modules/{dependency}") for known in packages), f"{name}: {dependency}"


def test_every_library_that_is_imported_is_a_dependency() -> None:
    files = [
        file
        for package in ("protocol", "play", "server", "client_demo/python")
        for file in (ROOT / package).rglob("*.py")
    ]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module is not None}
    libraries = {name.split(".")[0] for name in imported} - sys.stdlib_module_names
    libraries -= {"protocol", "play", "server", "client_demo"}
    asked = {re.split(r"[^a-z0-9-]", dependency)[0] for dependency in PROJECT["project"]["dependencies"]}
    by_library = importlib.metadata.packages_distributions()
    missing = {name for name in libraries if not asked & {known.lower() for known in by_library.get(name, [])}}
    assert not missing


def versions(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==(\S+)", lock.read_text(), re.MULTILINE))


def test_the_locks_follow_the_project() -> None:
    run, dev = versions(ROOT / "requirements/run.txt"), versions(ROOT / "requirements/dev.txt")
    for dependency in PROJECT["project"]["dependencies"]:
        assert re.split(r"[^a-z0-9-]", dependency)[0] in run, f"{dependency}: run `make lock`"
    for dependency in PROJECT["dependency-groups"]["dev"]:
        assert re.split(r"[^a-z0-9-]", dependency)[0] in dev, f"{dependency}: run `make lock`"
    assert run.items() <= dev.items(), "the tests must run on what is shipped: run `make lock`"


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command for name, _, command in (line.partition(": ") for line in lines)}


class ProcfileWeb(ServerProcess):
    """The Procfile's `web` as a platform starts it: by a shell, in the source tree, with the environment's PATH."""

    def command(self) -> Sequence[str]:
        return ["bash", "-c", procfile()["web"]]


@pytest.mark.slow
def test_the_procfile_starts_as_it_stands(database: str, redis_server: RedisServer) -> None:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    web = ProcfileWeb(database, redis_server.url, workers=2, env={"PATH": path})
    web.cwd = ROOT

    release = subprocess.run(
        ["bash", "-c", procfile()["release"]], cwd=ROOT, env=web.env, capture_output=True, text=True, timeout=HUNG
    )
    assert release.returncode == 0, release.stdout + release.stderr

    with web:
        assert len(web.workers()) == 2
        body = json.dumps({"title": "Séminaire", "name": "Awa"}).encode()
        request = urllib.request.Request(
            f"{web.url}/api/rooms", body, {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=HUNG) as answer:
            assert answer.status == 201
            assert re.fullmatch(r"\w{6}", json.load(answer)["code"])
        assert web.stop() == 0
        web.start()  # on the database that it left
