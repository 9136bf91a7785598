"""A program of our own: started, frozen, killed and started again by a test, and never left behind."""

import atexit
import contextlib
import importlib.util
import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import psutil

from tests.services import guard


class ServiceError(Exception):
    """A service did not start, stop or answer in time; the text ends with the last lines of its log."""


class Guard:
    """Our end of the guard process, which is started with the first service."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int | None:
        return None if self.process is None else self.process.pid

    def tell(self, verb: str, argument: object) -> None:
        if self.process is None:
            command = [sys.executable, guard.__file__]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)
            atexit.register(self.close)
        assert self.process.stdin is not None
        self.process.stdin.write(f"{verb} {argument}\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """Lets the guard kill what is still watched, and waits until it has."""
        if self.process is not None:
            self.process.communicate(timeout=HUNG)
            self.process = None


GUARD = Guard()


def hear_interrupts() -> None:
    """Make sure that this process, and whatever it starts, can be interrupted.

    A shell starts what runs in the background (`make test &`) deaf to SIGINT, and every descendant inherits that: a test that
    presses Ctrl+C would wait for ever.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


HUNG: Final = 60.0
"""Seconds after which what is awaited will not come. How long anything takes is the machine's affair, and nothing waits longer for this."""


def wait_until(condition: Callable[[], bool], what: str, seconds: float = HUNG) -> None:
    """Returns as soon as the condition holds.

    Raises:
        ServiceError: it did not within `seconds`; `what` names what was awaited.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ServiceError(f"expected within {seconds} s: {what}")
        time.sleep(0.01)


def is_running(process: psutil.Process) -> bool:
    """Whether it has not ended; an orphan that nobody has waited for yet has."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    """A loopback port that nobody listens on, below the range from which systems take the ports of outgoing connections.

    So a stopped service gets its port back, and no client that retries meanwhile connects to itself. Each of the processes that
    test side by side has ports of its own, and gives none twice until it has given all: what is to be started may come late.
    """
    for port in _PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("expected ports without end")


def _shuffled_ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    ports = list(range(10_000 + 5_000 * worker, 15_000 + 5_000 * worker))
    random.SystemRandom().shuffle(ports)
    return itertools.cycle(ports)


_PORTS: Final = _shuffled_ports()


def package_folder(package: str) -> Path:
    """Where an installed package lies, without importing it: of some we want the binaries and not the module."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServiceError(f"expected the package {package}, as `make test` installs it")
    return Path(spec.origin).parent


def temporary_folder() -> Path:
    """A new folder that any user of this machine can enter, removed at the latest when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="palabre-", dir=_reachable_folder()))
    folder.chmod(0o755)
    GUARD.tell("folder", folder)
    return folder


def _reachable_folder() -> Path:
    """Where temporary files go: TMPDIR, unless it lies below a folder that is closed to others (root's home)."""
    for candidate in map(Path, (tempfile.gettempdir(), "/tmp", "/var/tmp")):
        folder = candidate.resolve()
        if all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents)) and os.access(folder, os.W_OK):
            return folder
    raise ServiceError("expected a temporary folder that every user can enter: TMPDIR, /tmp or /var/tmp")


class Process:
    """One program in a session of its own; a subclass says how it is started, when it is ready and how it ends.

    Args:
        port: where it listens; the same over all its lives. None takes a free one.
    """

    name = "process"
    stop_signal = signal.SIGTERM

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.folder = temporary_folder()
        self.cwd = self.folder
        self.log_path = self.folder / "log"
        self.popen: subprocess.Popen[bytes] | None = None

    # What a subclass says

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        return os.environ

    def user(self) -> int | None:
        """The user id to run as; None is ours."""
        return None

    def is_ready(self) -> bool:
        """Whether it answers; called again and again until it does."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    # Its life

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def start(self, seconds: float = HUNG) -> None:
        """Starts it, on the same port as before, and returns when it is ready."""
        self.launch()
        self.wait_ready(seconds)

    def launch(self) -> None:
        """Starts it and returns at once."""
        if self.popen is not None:
            raise ServiceError(f"expected {self.name} to be stopped, it runs as {self.popen.pid}")
        user = self.user()
        with self.log_path.open("ab") as log:
            self.popen = subprocess.Popen(
                self.command(),
                cwd=self.cwd,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        GUARD.tell("watch", self.popen.pid)

    def wait_ready(self, seconds: float = HUNG) -> None:
        try:
            wait_until(lambda: not self.is_alive() or self.is_ready(), f"{self.name} ready", seconds)
            if not self.is_alive():
                raise ServiceError(f"{self.name} ended before it was ready")
        except ServiceError as error:
            raise ServiceError(f"{error}\n{self.log[-4000:]}") from None

    def is_alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def stop(self, seconds: float = HUNG) -> int:
        """Asks it to end in its own way, waits, and returns its exit status."""
        return self._end(self.stop_signal, seconds)

    def kill(self) -> None:
        """kill -9 of it and of all its descendants, as when a machine dies. No error if it has ended."""
        if self.popen is None:
            return
        family = self.family()
        guard.kill_family(self.popen.pid)
        self.popen.wait()
        wait_until(lambda: not any(map(is_running, family)), f"{self.name} killed")
        self._forget()

    def family(self) -> list[psutil.Process]:
        """The process and its descendants."""
        assert self.popen is not None
        try:
            leader = psutil.Process(self.popen.pid)
            return [leader, *leader.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def suspend(self) -> None:
        """Freezes it and its descendants: sockets stay open, nothing answers."""
        assert self.popen is not None, f"{self.name} does not run"
        self.popen.send_signal(signal.SIGSTOP)  # first, so that it starts no more of them
        for process in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        for process in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    @property
    def log(self) -> str:
        """What it has written so far, over all its lives."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def wait_log(self, text: str, seconds: float = HUNG) -> None:
        """Returns once the log holds `text`."""
        wait_until(lambda: text in self.log, f"{text!r} in the log of {self.name}", seconds)

    def _end(self, with_signal: signal.Signals, seconds: float) -> int:
        assert self.popen is not None, f"{self.name} does not run"
        family = self.family()
        self.popen.send_signal(with_signal)
        try:
            status = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ServiceError(f"expected {self.name} to end within {seconds} s\n{self.log[-4000:]}") from None
        wait_until(
            lambda: not any(map(is_running, family)), f"{self.name} and its descendants ended: {family}", seconds
        )
        self._forget()
        return status

    def _forget(self) -> None:
        assert self.popen is not None
        GUARD.tell("forget", self.popen.pid)
        self.popen = None
