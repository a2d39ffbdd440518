"""KeePass databases (KDBX 3.1 and 4), opened with pykeepass; the only importer of pykeepass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from readdress.passwords.keepass_xml import entry_row
from readdress.passwords.row import Row
from readdress.passwords.trouble import ExportDamaged, ExportEncrypted, ExportError, ExportPassword

SIGNATURE = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"
"""First eight bytes of KDBX."""
OLD_SIGNATURES = (b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5", b"\x03\xd9\xa2\x9a\x66\xfb\x4b\xb5")
"""KeePass 1 (KDB) and the test versions of KeePass 2."""
SIZE_CAP = 256 << 20
MEMORY_CAP = 2 << 30
WORK_CAP = 64 << 30
ROUNDS_CAP = 500_000_000
"""Argon2: memory in bytes, and memory × passes; AES-KDF: rounds. A file may ask for any amount before its password is even tried."""


def read_kdbx(path: Path, password: Callable[[], str] | None) -> Iterator[tuple[int, Row]]:
    """Rows with their numbers. The database is opened whole (its format knows no other way); each entry is emptied once it was read.

    Raises :class:`ExportEncrypted` without a password, :class:`ExportPassword` where it is wrong, :class:`ExportDamaged`.
    """
    if path.stat().st_size > SIZE_CAP:
        raise ExportDamaged(f"{path.name!r} is larger than {SIZE_CAP >> 20} MiB: it is no ordinary KeePass database.")
    if password is None:
        raise ExportEncrypted(
            f"{path.name!r} is a KeePass database, which opens only with its password.",
            todo="Run this where the password can be asked for, or export the database to CSV or XML in KeePass.",
        )
    check(_load(path, None))
    root = _load(path, password).tree
    bin_id = root.findtext("Meta/RecycleBinUUID") or ""
    for number, entry in enumerate(
        list(root.iterfind(".//Group/Entry")), 1
    ):  # those of a History are earlier states of the same entry
        strings = {_text(string, "Key"): _text(string, "Value") for string in entry.iterfind("String")}
        groups = [group.findtext("UUID") or "" for group in entry.iterancestors("Group")]
        in_trash = bool(bin_id.strip("A=")) and bin_id in groups
        row = entry_row(strings, modified=entry.findtext("Times/LastModificationTime") or "", in_trash=in_trash)
        for child in list(entry):
            entry.remove(child)
        del strings
        yield number, row


def _text(element: Any, name: str) -> str:
    return str(element.findtext(name) or "")


def _load(path: Path, password: Callable[[], str] | None) -> Any:
    """The opened database; only its outer header where no password is given."""
    pykeepass = _library()
    given = password() if password is not None else None
    opened: Any = None
    wrong = False
    unexpected = ""
    try:
        if (
            given is None
        ):  # a key given ready-made keeps pykeepass from deriving one, however long the header says that takes
            opened = pykeepass.PyKeePass(str(path), transformed_key=bytes(32), decrypt=False)
        else:
            opened = pykeepass.PyKeePass(str(path), password=given)
    except pykeepass.exceptions.CredentialsError:
        wrong = True
    except Exception as error:  # noqa: BLE001 - construct, lxml, zlib, Argon2 and struct errors all come through; none may pass
        unexpected = type(error).__name__
    del given
    if wrong:
        raise ExportPassword(
            "This password does not open the KeePass database.",
            todo="Try again. If the database also needs a key file, export it to CSV or XML in KeePass and give that file.",
        )
    if unexpected:
        raise ExportDamaged(
            f"{path.name!r} is damaged or cut off ({unexpected}): KeePass databases open whole or not at all.",
            todo="Take a copy from a backup or another device; KeePass itself may repair it (File, Import, KeePass KDBX repair mode).",
        )
    return opened


def _library() -> Any:
    try:
        import pykeepass
        import pykeepass.exceptions
    except ImportError:
        pykeepass = None
    if pykeepass is None:
        raise ExportError(
            "Reading KeePass databases needs the library pykeepass, which is not installed.",
            todo='Install it with: pip install "readdress[keepass]" - or export the database to CSV or XML in KeePass.',
        )
    return pykeepass


def check(opened: Any) -> None:
    """Refuses key derivations that would take all memory or hours, which a damaged or made-up header can ask for."""
    memory = rounds = 0
    passes = 1
    readable = True
    try:
        header = opened.kdbx.header.value.dynamic_header
        if opened.version[0] >= 4:
            values = {name: item.value for name, item in header.kdf_parameters.data.dict.items()}
            memory, passes, rounds = int(values.get("M", 0)), int(values.get("I", 1)), int(values.get("R", 0))
        else:
            rounds = int(header.transform_rounds.data)
    except Exception:  # noqa: BLE001 - whatever a damaged header lacks
        readable = False
    if not readable:
        raise ExportDamaged("The header of the KeePass database is damaged.")
    if memory > MEMORY_CAP or memory * max(passes, 1) > WORK_CAP or rounds > ROUNDS_CAP:
        raise ExportDamaged(
            "The KeePass database asks for more memory or time to open than is reasonable: its header is damaged, or it was made so.",
            todo="Open it in KeePass, lower the key derivation in the database settings, save, and try again.",
        )
