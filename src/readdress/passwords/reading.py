"""Reading a password manager's export: which format it is, and its logins one after another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from readdress.errors import ReaddressError
from readdress.models import Address, Login
from readdress.passwords import documents, kdbx, keepass_xml, tables
from readdress.passwords.formats import NAMES
from readdress.passwords.matching import OldFinder
from readdress.passwords.row import Row, login_from
from readdress.passwords.source import (
    HEAD,
    ZIP_TROUBLE,
    Part,
    Progress,
    TextReader,
    encoding_of,
    opened,
    text_head,
    zipped,
)
from readdress.passwords.trouble import ExportDamaged, ExportEncrypted, ExportUnknown

EVERY = 500
"""Entries between two calls of ``progress``."""

_XML = re.compile(r"\A\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,1000}?-->\s*)?<KeePassFile[\s>]", re.DOTALL)
_PGP = re.compile(rb"-----BEGIN PGP MESSAGE-----|[\xc3\x8c][\x04-\x3f][\x04-\x06]")
"""Armoured, or a symmetric-key encrypted session key packet (RFC 9580 §4.2 and §5.3: tag 3, a short length, version 4 to 6)."""


@dataclass(frozen=True, slots=True)
class _Found:
    format: str
    part: Part
    encoding: str = ""
    layout: tables.Layout | None = None


def recognise(path: str | Path) -> str:
    """The id of an export's format (a key of ``NAMES``), by its content alone.

    Raises :class:`ExportUnknown` with the list of what is understood, :class:`ExportEncrypted`, or :class:`ExportError`.
    """
    trouble: ReaddressError
    try:
        return _recognise(Path(path))[0].format
    except ReaddressError as error:
        trouble = _clean(error)
    except Exception as error:  # noqa: BLE001 - see read_export
        trouble = _unforeseen(error)
    raise trouble


def read_export(
    path: str | Path, *, old: Address, password: Callable[[], str] | None = None, progress: Progress | None = None
) -> Iterator[Login]:
    """The logins of an export in the order of the file, and every other entry that names OLD.

    ``password`` is called once, only for a KeePass database. ``progress``: see :data:`Progress`. One entry is held at a time,
    except for KeePass databases. Whatever was given before an error stays valid. Raises :class:`ExportUnknown`,
    :class:`ExportEncrypted`, :class:`ExportPassword`, :class:`ExportDamaged` or :class:`ExportError`, at the first ``next`` or later.
    """
    trouble: ReaddressError
    try:
        yield from _read(Path(path), OldFinder(old), password, progress)
        return
    except ReaddressError as error:
        trouble = _clean(error)
    except Exception as error:  # noqa: BLE001 - an error nobody foresaw must not carry a row of passwords to a log in its frames
        trouble = _unforeseen(error)
    raise trouble


def _clean(error: ReaddressError) -> ReaddressError:
    """The error without the frames and the errors before it: they hold rows with passwords."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _unforeseen(error: Exception) -> ExportDamaged:
    name = type(error).__name__
    return ExportDamaged(
        f"The export cannot be read ({name}).",
        todo="Export once more; if that does not help, report this with the manager's name and version, never with the file.",
        unexpected=name,
    )


def _read(
    path: Path, finder: OldFinder, password: Callable[[], str] | None, progress: Progress | None
) -> Iterator[Login]:
    found = _recognise(path)
    total = path.stat().st_size
    before = 0
    for one in found:
        number = 0
        for number, done, row in _rows(one, password):
            login = login_from(row, source=one.format, number=before + number, finder=finder)
            del row
            if progress is not None and number % EVERY == 0:
                progress(before + number, min(done, total) if total else 0, 0 if one.part.member else total)
            if login is not None:
                yield login
        before += number
    if progress is not None:
        progress(before, total, total)


def _rows(found: _Found, password: Callable[[], str] | None) -> Iterator[tuple[int, int, Row]]:
    """Number, bytes read so far, row."""
    if found.format == "keepass_kdbx":
        for number, row in kdbx.read_kdbx(found.part.path, password):
            yield number, 0, row
        return
    with opened(found.part) as stream:
        if found.format == "keepass_xml":
            for number, row in keepass_xml.read_xml(stream, found.encoding):
                yield number, stream.tell(), row
            return
        text = TextReader(stream, found.encoding)
        if found.layout is not None:
            rows = tables.read_table(text, found.layout)
        else:
            rows = documents.read_document(text, found.format)
        for number, row in rows:
            yield number, text.bytes_read, row


def _recognise(path: Path) -> list[_Found]:
    """What is to be read of a file, in order; never empty."""
    part = Part(path, 0)
    with opened(part) as stream:
        head = stream.read(HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(path)
    if head.startswith(kdbx.SIGNATURE):
        return [_Found("keepass_kdbx", part)]
    if head.startswith(kdbx.OLD_SIGNATURES):
        raise ExportUnknown(
            f"{path.name!r} is a database of KeePass 1, which is not understood.",
            todo="Open it with KeePass 2 or KeePassXC (import), save it as KDBX or export it to CSV, and give that file.",
        )
    if found := _document(part, head):
        return [found]
    if _PGP.match(head):
        raise documents.encrypted("protonpass_json")
    raise _unknown(
        f"{path.name!r} is empty." if not head.strip() else f"{path.name!r} is no export that is understood."
    )


def _document(part: Part, head: bytes) -> _Found | None:
    encoding = encoding_of(head, whole=len(head) < HEAD)
    text = text_head(head, encoding)
    if format_id := documents.document_format(text):
        if documents.is_encrypted(text):
            raise documents.encrypted(format_id)
        return _Found(format_id, part, encoding)
    if _XML.match(text):
        return _Found("keepass_xml", part, encoding)
    if layout := tables.layout_of(text):
        return _Found(layout.format, part, encoding, layout)
    return None


def _in_zip(path: Path) -> list[_Found]:
    found: list[_Found] = []
    with zipped(path) as archive:
        infos = [
            info for info in archive.infolist() if not info.filename.endswith("/")
        ]  # is_dir() fails at an empty name
    encrypted = any(info.flag_bits & 1 for info in infos)
    for info in infos:
        name = info.filename.rpartition("/")[2].casefold()
        if info.flag_bits & 1 or name == "export.attributes" or "/files/" in f"/{info.filename}".casefold():
            continue  # attachments are not read
        part = Part(path, info.file_size, info.filename)
        head = b""
        try:
            with opened(part) as stream:
                head = stream.read(HEAD)
        except ExportDamaged:
            if name in ("export.data", "data.json", "credentials.csv"):
                raise
            continue
        except ZIP_TROUBLE:
            continue
        if name.endswith(".pgp") or _PGP.match(head):
            raise documents.encrypted("protonpass_json")
        if one := _document(part, head):
            found.append(one)
    if not found and encrypted:
        raise ExportEncrypted(
            f"{path.name!r} is a zip file protected by a password.",
            todo="Unpack it with its password, and give the file that was in it.",
        )
    if not found:
        raise _unknown(f"{path.name!r} is a zip file, and nothing in it is an export that is understood.")
    if len({one.format for one in found}) > 1:
        raise ExportUnknown(
            f"{path.name!r} is a zip file with exports of several managers.", todo="Give them one at a time."
        )
    return found


def _unknown(message: str) -> ExportUnknown:
    return ExportUnknown(
        message, todo=f"Understood are: {'; '.join(NAMES.values())}. Export from one of these and give that file."
    )
