"""The ways in which an archive of mail cannot be read, each with what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readdress.errors import UserError
from readdress.i18n.clean import clean


class ArchiveError(UserError):
    """An archive cannot be read."""


class ArchiveUnknown(ArchiveError):
    """It is no archive of mail of any kind that is understood."""


class ArchiveEmpty(ArchiveError):
    """There is no message in it."""


class ArchiveEncrypted(ArchiveError):
    """It is protected by a password."""


class ArchiveDamaged(ArchiveError):
    """It is cut off, altered or over a cap; what was read before that place stays valid."""


def shown(path: Path | str) -> str:
    """A name from outside, fit to stand in a sentence."""
    return repr(clean(path.name if isinstance(path, Path) else path, 120))


def damaged(name: Path | str, why: str) -> ArchiveDamaged:
    """The error for a file that stops making sense."""
    return ArchiveDamaged(
        f"{shown(name)} is damaged: {why}. What was read before this place is kept.",
        todo="Make the export or the copy once more and give the new file; it is read on from there where its beginning is the same.",
    )


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Within it, what the system says about ``path`` becomes an :class:`ArchiveError`."""
    try:
        yield
    except FileNotFoundError:
        raise ArchiveError(f"There is no {shown(path)}.", todo="Check the name and the folder it is in.") from None
    except PermissionError:
        raise ArchiveError(
            f"{shown(path)} may not be read.",
            todo="Copy it to a place of your own, or let your user read it, and try again.",
        ) from None
    except OSError as error:
        raise ArchiveError(
            f"{shown(path)} cannot be read ({error.strerror or type(error).__name__}). What was read before this place is kept.",
            todo="Check the disk or the network it lies on, then run the same command again.",
        ) from None
