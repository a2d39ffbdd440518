"""Starts a real program for a test in its own folder, on its own port, in its own process group, and leaves nothing behind.

A `Program` is a context manager. Entering it checks that the Debian packages are there, makes a temporary folder, starts the
processes, and waits with a deadline until the program answers; leaving it ends every process group that was started and
raises `ProgramFailed` if a process outlived that. A missing package raises `ProgramMissing`: a test that needs a server which
is not installed fails, it is never skipped, otherwise a CI machine without servers would be green.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

INSTALL = "python tests/programs/install.py"
LOOPBACK = "127.0.0.1"
# below Linux's ephemeral range, so that no outgoing connection takes one meanwhile
_PORTS = range(20_000, 32_000)
# a Unix socket path holds 107 bytes; longer temporary folders would break Dovecot and MariaDB
_SOCKET_PATH_ROOM = 50


class ProgramMissing(RuntimeError):
    """A program is not installed; the message names the Debian package and the command that installs it."""


class ProgramFailed(RuntimeError):
    """A program did not start, died, or did not go away; the message carries the end of its logs."""


def require(paths: Mapping[str, str]) -> None:
    """Raise `ProgramMissing` unless every path or command in `paths` exists: path, pattern of paths or command name -> Debian package."""
    missing = {package for path, package in paths.items() if not _exists(path)}
    if missing:
        names = " ".join(sorted(missing))
        raise ProgramMissing(f"not installed: {names}. Run `{INSTALL}` (as root), then run the tests again.")


def _exists(path: str) -> bool:
    if path.startswith("/"):
        return any(Path("/").glob(path.lstrip("/")))
    return shutil.which(path) is not None or Path("/usr/sbin", path).exists()


def find_command(name: str) -> str:
    """The path of a command, looked up in PATH and in /usr/sbin, which ordinary users often lack in PATH."""
    found = shutil.which(name)
    return found if found else str(Path("/usr/sbin", name))


class PortLease:
    """A free loopback TCP port that no other test run on this machine is given while the lease lives (a lock file)."""

    def __init__(self) -> None:
        folder = Path(tempfile.gettempdir(), f"readdress-ports-{os.getuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in random.SystemRandom().sample(_PORTS, 200):
            handle = (folder / str(number)).open("w")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.close()
                continue
            if _is_free(number):
                self.number = number
                self._handle: IO[str] = handle
                return
            handle.close()
        raise ProgramFailed("no free loopback port was found in 200 tries")

    def release(self) -> None:
        """Give the port back; harmless when called twice."""
        self._handle.close()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # without SO_REUSEADDR a port whose last connection lingers in TIME_WAIT would look taken for a minute
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def survivors(leader: int) -> list[int]:
    """Process ids still alive in the process group or session that `leader` started (zombies are not alive)."""
    alive = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            # the command name is in brackets and may hold blanks: read what stands after the last bracket
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if fields[0] not in "ZX" and leader in (int(fields[2]), int(fields[3])):
                alive.append(int(entry.name))
    return alive


class Process:
    """One command in its own session (so also its own process group), its output in a log file."""

    def __init__(self, args: Sequence[str], log: Path, *, cwd: Path, env: Mapping[str, str]) -> None:
        self.args = list(args)
        self.log = log
        with log.open("ab") as out:
            self._popen = subprocess.Popen(
                self.args,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=dict(env),
                start_new_session=True,
            )
        self.pid = self._popen.pid

    def ended(self) -> int | None:
        """The exit status of the leader, or None while it runs."""
        return self._popen.poll()

    def stop(self, grace: float = 0.5) -> list[int]:
        """End the whole group: SIGTERM, then SIGKILL after `grace` seconds. Returns what survived even that."""
        for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if not survivors(self.pid):
                    self._popen.wait(patience)  # it is a zombie by now; reap it
                    return []
                time.sleep(0.02)
        return survivors(self.pid)


class Program:
    """Base of every program of the end-to-end tests. A subclass sets `name` and `needs` and writes `start`.

    Attributes once entered: `home` (temporary folder, removed on leaving), `port` (loopback TCP port), `logs` (log files by name).
    """

    name = "program"
    needs: Mapping[str, str] = {}
    boot_seconds = 60.0

    def __init__(self) -> None:
        self.logs: dict[str, Path] = {}
        self._processes: list[Process] = []
        self._leases: list[PortLease] = []
        self._home: Path | None = None
        self._port: int | None = None

    # -- what a subclass writes
    def start(self) -> None:
        """Start the processes with `spawn` and return when the program is ready (use `wait_until`)."""
        raise NotImplementedError

    def finish(self) -> None:
        """Release what is not a process, a port or in `home` (in-process servers); called on leaving, also after a failure."""

    # -- what a subclass uses
    @property
    def home(self) -> Path:
        """The program's own temporary folder."""
        if self._home is None:
            raise ProgramFailed(f"{self.name} is used outside of its `with` block")
        return self._home

    @property
    def port(self) -> int:
        """The program's main loopback TCP port."""
        if self._port is None:
            raise ProgramFailed(f"{self.name} is used outside of its `with` block")
        return self._port

    def lease_port(self) -> int:
        """One more loopback port, held until the program is left."""
        lease = PortLease()
        self._leases.append(lease)
        return lease.number

    def spawn(
        self, args: Sequence[str], *, log: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> Process:
        """Start a process in its own session; its output goes to the log named `log`."""
        process = Process(args, self._log(log), cwd=cwd or self.home, env={**clean_environment(), **(env or {})})
        self._processes.append(process)
        return process

    def run(
        self,
        args: Sequence[str],
        *,
        log: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        given: str | None = None,
    ) -> str:
        """Run a command of the set-up to its end and return its output; raise `ProgramFailed` with the log if it fails."""
        done = subprocess.run(
            list(args),
            input=given,
            stdin=None if given is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=cwd or self.home,
            env={**clean_environment(), **(env or {})},
            timeout=self.boot_seconds * 3,
            check=False,
        )
        with self._log(log).open("a") as out:
            out.write(done.stdout)
        if done.returncode != 0:
            raise ProgramFailed(f"{self.name}: `{args[0]} …` ended with {done.returncode}\n{self.log_tail()}")
        return done.stdout

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        """Poll `ready` until it is true; raise `ProgramFailed` when a process died or `boot_seconds` have passed."""
        deadline = time.monotonic() + self.boot_seconds
        while not ready():
            for process in self._processes:
                status = process.ended()
                if status is not None:
                    raise ProgramFailed(
                        f"{self.name}: {process.args[0]} ended with {status} while starting\n{self.log_tail()}"
                    )
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{self.name}: no {what} after {self.boot_seconds:.0f} s\n{self.log_tail()}")
            time.sleep(0.03)

    def log_tail(self, lines: int = 40) -> str:
        """The end of every log, for failure messages."""
        parts = []
        for name, path in self.logs.items():
            text = path.read_text(errors="replace").splitlines() if path.exists() else []
            parts.append(f"--- {name}\n" + "\n".join(text[-lines:]))
        return "\n".join(parts)

    def pids(self) -> list[int]:
        """Every living process that this program started."""
        return [pid for process in self._processes for pid in survivors(process.pid)]

    def _log(self, name: str) -> Path:
        path = self.home / f"{name}.log"
        self.logs[name] = path
        return path

    # -- the context manager
    def __enter__(self) -> Self:
        require(self.needs)
        self._home = Path(tempfile.mkdtemp(prefix=f"rd-{self.name}-", dir=short_temp()))
        # servers that drop root need to reach their files in here; nothing in it is secret
        self._home.chmod(0o755)
        try:
            self._port = self.lease_port()
            self.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self.logs:
            error.add_note(f"logs of {self.name}:\n{self.log_tail()}")
        left = self._leave()
        if left and error is None:
            raise ProgramFailed(f"{self.name}: processes {left} outlived the end of their group")

    def _leave(self) -> list[int]:
        left: list[int] = []
        try:
            self.finish()
        finally:
            for process in reversed(self._processes):
                left += process.stop()
            self._processes.clear()
            for lease in self._leases:
                lease.release()
            self._leases.clear()
            if self._home is not None:
                shutil.rmtree(self._home, ignore_errors=True)
            self._home = self._port = None
        return left


def short_temp() -> str:
    """The temporary folder, or /tmp where its path is too long for Unix sockets."""
    folder = tempfile.gettempdir()
    return folder if len(folder) <= _SOCKET_PATH_ROOM else "/tmp"


def clean_environment() -> dict[str, str]:
    """The environment of started programs: no proxy of the person's, a fixed locale, and no Python settings of the tests."""
    drop = ("PYTHON", "VIRTUAL_ENV", "DJANGO", "LC_", "LANG")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(drop) and not k.lower().endswith("_proxy")}
    return {**kept, "LANG": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"}


def answers(url: str, status: Sequence[int] = (200,)) -> bool:
    """True when a GET of `url`, past any proxy, is answered with one of `status` (redirects are not followed)."""

    class _Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object, **__: object) -> None:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)
    try:
        with opener.open(url, timeout=10) as reply:
            return int(reply.status) in status
    except urllib.error.HTTPError as error:
        with error:
            return error.code in status
    except OSError:
        return False


def accepts(port: int) -> bool:
    """True when something accepts TCP connections on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
