"""The error tree: every way in which readdress stops, with what the person can do next.

::

    ReaddressError                   has .todo: the next action, one sentence
     ├─ UserError                    something outside must be put right first
     │   ├─ UsageError               the command line or a call asks for something impossible
     │   ├─ ConfigError              a setting or an address is wrong
     │   ├─ RecipeError              a recipe is broken, unknown, or not consented to
     │   ├─ StateError               the state file cannot be used
     │   │   ├─ StateLocked          another command is writing it
     │   │   ├─ StateTooNew          written by a newer readdress
     │   │   ├─ StateDamaged         truncated, altered, or failing its own check
     │   │   └─ StateForeign         not a readdress state file, or a diverged copy
     │   ├─ MailboxError             a mailbox cannot be reached or refuses
     │   │   ├─ MailboxRefused       the server answered NO or BAD to one command (mailbox)
     │   │   ├─ MailboxLogin         the server refused the credentials
     │   │   ├─ MailboxUntrusted     the server's certificate does not verify
     │   │   └─ MailboxLies          the server answers outside the protocol or over a cap
     │   ├─ BrowserError             the controlled browser cannot be used
     │   │   ├─ BrowserMissing       none was found on this machine
     │   │   └─ BrowserBusy          its profile is in use by another process
     │   ├─ ApiError                 a service's own interface cannot be reached, or answers outside its form
     │   ├─ VaultError               no place that protects a secret
     │   ├─ ExportError              a password export cannot be read (passwords): ExportUnknown, ExportEncrypted, ExportPassword, ExportDamaged
     │   ├─ ArchiveError             an archive of mail cannot be read (mailbox.archives): ArchiveUnknown, ArchiveEmpty, ArchiveEncrypted, ArchiveDamaged
     │   ├─ BackupError              a backup cannot be written (mailbox.backup): BackupStopped
     │   ├─ FetchError               a file could not be fetched, or is not what may come (net)
     │   └─ DataSetError             a public data set cannot be taken in (recipe.datasets)
     ├─ NeedsPerson                  a person must act now (puzzle, passkey, sign-in, changed page …)
     ├─ NeedsTime                    nothing can be done before .until
     ├─ NeedsMail                    an expected mail has not come yet
     └─ Refused                      the service said no (address in use, limit, account locked …)

Those with a package in brackets are defined there, beside what raises them.
"""

from __future__ import annotations

from datetime import datetime


class ReaddressError(Exception):
    """Base of all errors that readdress raises on purpose.

    ``message`` is one sentence for the person, ``todo`` one sentence that says what to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, todo: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.todo = todo


class UserError(ReaddressError):
    """Something outside readdress must be put right before it can go on."""


class UsageError(UserError):
    """The command line, or a call, asks for something that cannot be."""

    exit_code = 2


class ConfigError(UserError):
    """A setting or an address is wrong."""


class RecipeError(UserError):
    """A recipe is broken, unknown, or has code that nobody consented to.

    ``file`` and ``line`` (1-based) say where, when known.
    """

    def __init__(self, message: str, *, todo: str = "", file: str = "", line: int = 0) -> None:
        where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(where + message, todo=todo)
        self.file = file
        self.line = line


class StateError(UserError):
    """The state file cannot be used as it is."""


class StateLocked(StateError):
    """Another command holds the writer's lock on the state file."""


class StateTooNew(StateError):
    """The state file was written by a newer readdress than this one."""


class StateDamaged(StateError):
    """The state file is truncated or altered, or fails its own check."""


class StateForeign(StateError):
    """The file is no readdress state file, or belongs to another migration."""


class MailboxError(UserError):
    """A mailbox cannot be reached, or refuses what was asked."""


class MailboxLogin(MailboxError):
    """The mail server refused the credentials."""


class MailboxUntrusted(MailboxError):
    """The mail server's certificate does not verify, or the connection would not be encrypted."""


class MailboxLies(MailboxError):
    """The mail server answers outside the protocol, or announces more than any cap allows."""


class BrowserError(UserError):
    """The controlled browser cannot be started or used."""


class BrowserMissing(BrowserError):
    """No usable browser was found on this machine."""


class BrowserBusy(BrowserError):
    """The migration's browser profile is in use by another process."""


class ApiError(UserError):
    """A service's own interface cannot be reached, or answers outside its form."""


class VaultError(UserError):
    """There is no keyring that protects a secret, or it did not keep what it was given."""


class NeedsPerson(ReaddressError):
    """A person must act now.

    ``kind``: ``puzzle``, ``code``, ``passkey``, ``sign_in``, ``page_changed``, ``blocked_host``, ``decision``, ``left_site``
    or ``manual``; ``url``: where it happens.
    """

    exit_code = 3

    def __init__(self, message: str, *, kind: str = "manual", url: str = "", todo: str = "") -> None:
        super().__init__(message, todo=todo)
        self.kind = kind
        self.url = url


class NeedsTime(ReaddressError):
    """Nothing can be done before ``until`` (aware, UTC)."""

    exit_code = 4

    def __init__(self, message: str, *, until: datetime, todo: str = "") -> None:
        super().__init__(message, todo=todo)
        self.until = until


class NeedsMail(ReaddressError):
    """An expected mail has not come. ``until`` is when it would have expired, if the recipe knows that."""

    exit_code = 4

    def __init__(self, message: str, *, mail: str = "", until: datetime | None = None, todo: str = "") -> None:
        super().__init__(message, todo=todo)
        self.mail = mail
        self.until = until


class Refused(ReaddressError):
    """The service said no.

    ``reason``: ``address_in_use``, ``not_allowed``, ``limit``, ``account_locked``, ``wrong_password``, ``wrong_code``,
    ``expired`` or ``other``; ``until`` (aware, UTC) where the service says when it may be tried again.
    """

    def __init__(self, message: str, *, reason: str = "other", until: datetime | None = None, todo: str = "") -> None:
        super().__init__(message, todo=todo)
        self.reason = reason
        self.until = until
