"""The controlled browser's profile: a private folder, one process at a time, with preferences that keep passwords out of it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from readdress.errors import BrowserBusy, BrowserError

LOCK = "readdress.lock"
LEFTOVER_WAIT = 4.0
_PREFERENCES: dict[str, Any] = {
    "credentials_enable_service": False,
    "credentials_enable_autosignin": False,
    "profile": {"password_manager_enabled": False, "default_content_setting_values": {"notifications": 2}},
    "autofill": {"profile_enabled": False, "credit_card_enabled": False},
    "net": {"network_prediction_options": 2},
    "search": {"suggest_enabled": False},
    "signin": {"allowed": False},
    "translate": {"enabled": False},
    "webrtc": {
        "ip_handling_policy": "disable_non_proxied_udp",
        "multiple_routes_enabled": False,
        "nonproxied_udp_enabled": False,
    },
}


@contextlib.contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Create the profile folder (0700) if need be and hold its lock.

    Raises :class:`~readdress.errors.BrowserBusy` naming the process that holds it, :class:`~readdress.errors.BrowserError` when the
    folder cannot be made. The lock is the system's: that of a dead process is gone with it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        fd = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        todo = "Choose another folder, or make this one writable."
        raise BrowserError(
            f"The browser's profile folder {folder} cannot be used: {error.strerror}.", todo=todo
        ) from error
    try:
        if not _lock(fd):
            # On Windows the locked byte lies beyond the text, so that the holder stays readable.
            os.lseek(fd, 0, os.SEEK_SET)
            holder = os.read(fd, 200).decode(errors="replace").strip()
            raise BrowserBusy(
                f"The browser of this migration is in use by another process ({holder or 'unknown'}).",
                todo="Let that process finish or stop it, then try again.",
            )
        os.ftruncate(fd, 0)
        os.write(fd, f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M:%S')}\n".encode())
        _clear_stale(folder)
        _write_preferences(folder)
        yield folder
    finally:
        os.close(fd)


def _lock(fd: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(fd, 1 << 20, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            os.lseek(fd, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _clear_stale(folder: Path) -> None:
    """Take over from a browser that died; wait a little for one that is still going down; refuse one that lives.

    Chromium marks its profile with the symbolic link SingletonLock → ``host-pid``. One left by a dead process, or made under another host
    name (a container), would stop the next start.
    """
    link = folder / "SingletonLock"
    until = time.monotonic() + LEFTOVER_WAIT
    while True:
        try:
            host, _, pid = str(link.readlink()).rpartition("-")
        except OSError:
            return
        if host != socket.gethostname() or not pid.isdigit() or not _browser_lives(int(pid), folder):
            for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
                with contextlib.suppress(OSError):
                    (folder / name).unlink()
            return
        if time.monotonic() > until:
            todo = "Close that browser window, then try again."
            raise BrowserBusy(
                f"A browser left over from an earlier run still uses this profile (process {pid}).", todo=todo
            )
        time.sleep(0.1)


def _browser_lives(pid: int, folder: Path) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:
        # A number may have been given to another program since.
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True
    return os.fsencode(folder) in command


def _write_preferences(folder: Path) -> None:
    path = folder / "Default" / "Preferences"
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        json.dump(_PREFERENCES, file)
