"""Every command that the two READMEs name does what they say, in a clone that nothing was built in.

What is long is run as written but for its size, or, where it would take minutes or change the clone, looked through by make: `HOW` says which.
The packages are those of this machine, as the locks name them: what a registry gives is not for a test to fetch.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.services import RedisServer, ServerProcess
from tests.services.process import wait_until

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.fr.md")

RUN = "as it stands"
"""Tried by a test of its own below."""

HOW: dict[str, str] = {
    "make run": RUN,
    ".venv/bin/palabre demo": RUN,
    "palabre migrate": RUN,
    "palabre migrate --rewrite": RUN,
    "palabre serve": RUN,
    "palabre erase member:…": RUN,
    "palabre erase --compact": RUN,
    "palabre reindex": RUN,
    "palabre setup": RUN,
    "make simulate": "make simulate SEEDS=1:3",
    "make mutants": "make --dry-run mutants",
    "make check": "make --dry-run check",
    "make test": "make --dry-run test",
    "make test-busy": "make --dry-run test-busy",
    "make chaos": "make --dry-run chaos",
    "make bench": "make --dry-run bench",
    "make format": "make --dry-run format",
    "make lock": "make --dry-run lock",
    "make pictures": "make --dry-run pictures",
    "python -m tests.bench.echo": "python -c 'import tests.bench.echo'",
    "python -m tests.bench.screens": "python -c 'import tests.bench.screens'",
    "python -m tests.upgraded FOLDER": "python -m tests.upgraded --help",
    "python -m tests.typescript": "python -c 'import tests.typescript'",
    "python -m tests.e2e.pictures --stops": "python -m tests.e2e.pictures --help",
}
"""By command of the READMEs, how it is tried."""

COMMAND = re.compile(r"(?:make|palabre|python -m|\.venv/bin/\S+)(?: \S+)+$")
DOES_NOT_COUNT = re.compile(r"^export ")


def commands(text: str) -> set[str]:
    """Those in blocks of sh, and those that stand in a sentence or a table."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = {line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()}
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = {span for span in re.findall(r"`([^`\n]+)`", rest) if COMMAND.match(span)}
    return {line for line in lines if line and not DOES_NOT_COUNT.match(line)} | spans


def test_each_command_of_the_readmes_is_tried() -> None:
    named = {command for name in READMES for command in commands((ROOT / name).read_text())}
    assert named == set(HOW)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of what is committed, with the packages of this one and nothing that was built."""
    folder = tmp_path_factory.mktemp("clone") / "palabre"
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(folder)], check=True, timeout=60)
    for installed in (".venv", "client_demo/web/node_modules", "tests/e2e/node_modules"):
        subprocess.run(["cp", "-al", str(ROOT / installed), str(folder / installed)], check=True, timeout=60)
    (folder / ".venv/bin/palabre").unlink(missing_ok=True)
    # To make they are as fresh as the locks that the clone has just written.
    for stamp in (".venv/pyvenv.cfg", ".venv/.run", ".venv/.dev", "client_demo/web/node_modules/.package-lock.json"):
        kept = (folder / stamp).read_bytes()
        (folder / stamp).unlink()
        (folder / stamp).write_bytes(kept)
    return folder


def environment(clone: Path) -> dict[str, str]:
    ours = {"PATH": f"{clone / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}
    return {name: value for name, value in os.environ.items() if not name.startswith(("PALABRE_", "PYTHON"))} | ours


def run(clone: Path, command: str, env: dict[str, str] | None = None) -> str:
    result = subprocess.run(
        command,
        shell=True,
        cwd=clone,
        env=environment(clone) | (env or {}),
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


class Started(ServerProcess):
    """A server as a README starts it, by a shell, in a clone."""

    def __init__(self, clone: Path, line: str, env: dict[str, str], *database: str, workers: int = 1) -> None:
        super().__init__(*database, workers=workers, env=environment(clone) | env)
        self.cwd = clone
        self._line = line

    def command(self) -> Sequence[str]:
        return ["bash", "-c", f"exec {self._line}"]


@pytest.fixture(scope="module")
def laptop(clone: Path) -> Iterator[Started]:
    """What somebody sees who has cloned it and typed `make run`."""
    with_its_data_here = {"PALABRE_DATA": str(clone / "data")}
    server = Started(clone, "make run", with_its_data_here)
    try:
        server.start(seconds=150)
        yield server
    finally:
        server.kill()
        shutil.rmtree(server.folder)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_make_run_and_then_the_demo_in_a_second_terminal(clone: Path, laptop: Started) -> None:
    assert (clone / "data").is_dir()
    assert "/r/" in run(clone, f".venv/bin/palabre demo --server {laptop.url} --speed 1000 --people 3")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_palabre_migrate_and_palabre_serve_for_a_company(
    clone: Path, laptop: Started, database: str, redis_server: RedisServer
) -> None:
    """After a first `make run`: that is what puts the command there."""
    server = Started(clone, "palabre serve", {}, database, redis_server.url, workers=2)
    run(clone, "palabre migrate", server.env)
    run(clone, "palabre migrate --rewrite", server.env)
    assert "written anew" in run(clone, "palabre erase --compact", server.env)
    with server:
        wait_until(lambda: len(server.workers()) == 2, "two workers")
        assert "0 workshops" in run(clone, "palabre erase member:nobody-at-all", server.env)
        assert "The index is made anew" in run(clone, "palabre reindex", server.env)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("command", sorted(command for command, how in HOW.items() if how != RUN))
def test_the_other_commands(clone: Path, command: str) -> None:
    run(clone, HOW[command])
