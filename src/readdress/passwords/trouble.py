"""The ways in which an export cannot be read, each with what to do next; none ever quotes the export."""

from __future__ import annotations

from readdress.errors import UserError

AGAIN = "Export once more from the password manager; what was read before this place is kept."


class ExportError(UserError):
    """An export cannot be read. ``row``: the 1-based entry where it stopped, 0 where that has no meaning."""

    def __init__(self, message: str, *, todo: str = "", row: int = 0) -> None:
        super().__init__(message, todo=todo)
        self.row = row


class ExportUnknown(ExportError):
    """The file is no export of any format that is understood."""


class ExportEncrypted(ExportError):
    """The export is encrypted, and cannot be opened (here, or without its password)."""


class ExportPassword(ExportError):
    """The password that was given does not open the export."""


class ExportDamaged(ExportError):
    """The export is cut off, altered or over a cap.

    ``rows``: the entries that could not be read (at most 20); ``unexpected``: the kind of an error that nobody foresaw, else empty.
    """

    def __init__(
        self, message: str, *, todo: str = AGAIN, row: int = 0, rows: tuple[int, ...] = (), unexpected: str = ""
    ) -> None:
        super().__init__(message, todo=todo, row=row)
        self.rows = rows or ((row,) if row else ())
        self.unexpected = unexpected
