"""The server itself, as a process: what it promises through a kill can only be seen from outside."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tests.services.process import HUNG, Process

ROOT = Path(__file__).parents[2]
OURS = ("DATABASE_URL", "HOST", "PORT", "REDIS_URL", "WEB_CONCURRENCY")


class ServerProcess(Process):
    """`python -m server serve`; its own SQLite unless it is given a database.

    Args:
        database_url: call `migrate()` before `start()` where it is a new one of Postgres; several servers may share one.
        redis_url: needed with more than one worker, or more than one server on a database.
        workers: processes behind the one port.
        host: an address of the loopback network, each of which may stand for a machine.
        port: None takes a free one.
        env: further settings, which win.
    """

    name = "server"

    def __init__(
        self,
        database_url: str | None = None,
        redis_url: str | None = None,
        *,
        workers: int = 1,
        host: str = "127.0.0.1",
        port: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(port)
        self.host = host
        settings = {
            "HOST": host,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(workers),
            "PALABRE_DATA": str(self.folder / "data"),
            "LC_ALL": "C.UTF-8",  # its log is in English on every machine
            "PALABRE_SECRET": "a secret of the tests, the same in every server of a run",
        }
        if database_url is not None:
            settings["DATABASE_URL"] = database_url
        if redis_url is not None:
            settings["REDIS_URL"] = redis_url
        inherited = {key: value for key, value in os.environ.items() if key not in OURS and "PALABRE_" not in key}
        self.env = inherited | {"PYTHONPATH": str(ROOT)} | settings | dict(env or {})

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://{self.host}:{self.port}/ws"

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "server", "serve"]

    def environment(self) -> Mapping[str, str]:
        return self.env

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def migrate(self) -> None:
        """Brings its database to this version, as a release does."""
        command = [sys.executable, "-m", "server", "migrate"]
        result = subprocess.run(command, cwd=self.cwd, env=self.env, capture_output=True, text=True, timeout=HUNG)
        if result.returncode != 0:
            raise RuntimeError(f"migrate: {result.stdout}{result.stderr}")

    def restart(self, seconds: float = HUNG) -> None:
        """Ends it in order and starts it on the same port: a deploy."""
        self.stop(seconds)
        self.start(seconds)

    def workers(self) -> list[psutil.Process]:
        """Its worker processes, or itself where it is alone; kill or freeze one of them by itself."""
        leader, *children = self.family()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())] or [leader]

    def rss(self) -> int:
        """Bytes of memory held by its workers."""
        return sum(worker.memory_info().rss for worker in self.workers())
