"""Makes sure that NEW is the person's own and receives mail, before anything moves to it: nobody moves a life to a typing error."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readdress.discovery.domains import is_freemail
from readdress.discovery.headers import read_head
from readdress.discovery.recipients import Person, addressed_to
from readdress.errors import UsageError
from readdress.models import MailboxConfig, Side
from readdress.models.events import factor

if TYPE_CHECKING:
    from readdress.mailbox.connect import Connection
    from readdress.workflow.migration import Migration

NEWEST = 30
"""Messages of a folder that are looked at for one that was sent to NEW."""
_FIELDS = "TO CC DELIVERED-TO X-ORIGINAL-TO SUBJECT"
_PASTED = 100_000
_LINE = re.compile(r"(?im)^\s*(?:to|cc|delivered-to|x-original-to|收件人|抄送)\s*[:：]\s*(.+)$")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_KNOWN = ("gmail.com", "outlook.com", "hotmail.com", "icloud.com", "yahoo.com", "proton.me", "protonmail.com", "163.com", "126.com", "foxmail.com", "sina.com", "aliyun.com", "fastmail.com", "mailbox.org", "posteo.de", "gmx.de", "web.de", "yandex.ru", "mail.ru")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proved:
    """That NEW is the person's and receives mail. ``how``: ``login``, ``mail``, ``code`` or ``pasted``; ``where``: what showed it."""

    how: str
    where: str


def is_proved(m: Migration) -> bool:
    """Whether it was seen before."""
    return "new_mailbox" in m.state.factors()


def code_of(m: Migration) -> str:
    """The code of this migration, to be sent to NEW: the same at every call, kept nowhere, no secret."""
    digest = hashlib.sha256(f"new mailbox\0{m.header.lineage}\0{m.header.new}".encode()).digest()
    letters = base64.b32encode(digest).decode("ascii")[:8]
    return f"RA-{letters[:4]}-{letters[4:]}"


def prove_by_reading(
    m: Migration,
    *,
    patience: float = 0.0,
    tell: Callable[[], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Proved | None:
    """Read NEW and see whether it is the mailbox of that address; ``None`` when nothing shows it, or NEW is not set up to be read.

    It is where its own provider's server lets us in under exactly this address; else where a message lies in it that was sent to the address. ``patience``:
    seconds for which such a message is waited for, ``tell`` is called once before. Raises :class:`~readdress.errors.MailboxError`.
    """
    config = m.state.mailbox(Side.NEW)
    if config is None or config.kind != "imap":
        return None
    from readdress.mailbox.connect import Connection
    from readdress.mailbox.presets import pace_of

    with Connection(config, m.session.credential(Side.NEW, config)) as connection:
        if own_server(config, str(m.header.new)):
            return _keep(m, Proved("login", config.host))
        found = _message_to(connection, config, str(m.header.new), code_of(m))
        if found is None and patience > 0:
            if tell is not None:
                tell()
            clock = m.adapters.the_clock()
            end = clock.monotonic() + patience
            every = max(pace_of(config).steady, 1.0)
            while found is None and clock.monotonic() < end:
                sleep(min(every, max(0.1, end - clock.monotonic())))
                found = _message_to(connection, config, str(m.header.new), code_of(m))
        return _keep(m, found) if found is not None else None


def prove_by_paste(m: Migration, text: str) -> Proved:
    """Judge what the person pasted of the mail that they sent to NEW and opened there: its code, and its To line with exactly this address.

    The code alone would prove nothing, as it stands on the screen; the To line shows whether the address that works is the one written down here.
    Raises :class:`~readdress.errors.UsageError` with what does not fit.
    """
    new, code = m.header.new, code_of(m)
    plain = text[:_PASTED]
    again = "Open the mail in the new mailbox, show its details or source, and paste the lines To and Subject."
    if code.casefold() not in plain.casefold():
        raise UsageError(f"The code {code} does not stand in what was pasted.", todo=again)
    named = [a for line in _LINE.findall(plain) for a in _ADDRESS.findall(line)]
    if not named:
        raise UsageError("No To line stands in what was pasted.", todo=again)
    if not any(new.same_as(a) for a in named):
        listed = ", ".join(dict.fromkeys(named[:3]))
        raise UsageError(
            f"The mail came to {listed}, but the new address is written down as {new}.",
            todo="One of the two is a typing error. If it is the one written down, begin anew with the right one: migrate init",
        )
    return _keep(m, Proved("pasted", "the person, from the mail itself"))


def near_miss(address: str) -> str:
    """The well-known domain that an address's domain differs from by one slip (a letter more, less, other, or two swapped); ``""``: none."""
    domain = address.rpartition("@")[2].lower()
    if domain in _KNOWN or is_freemail(domain):
        return ""
    return next((known for known in _KNOWN if _one_slip(domain, known)), "")


def _one_slip(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    x, y = a[start:], b[start:]
    return x[1:] == y[1:] or x[1:] == y or x == y[1:] or (x[:2] == y[:2][::-1] and x[2:] == y[2:] and len(x) > 1)


def _keep(m: Migration, proved: Proved) -> Proved:
    m.record(factor("new_mailbox", held=True, where=f"{proved.how}: {proved.where}"))
    return proved


def own_server(config: MailboxConfig, address: str) -> bool:
    """The server is the one that the address's own provider names, and the login is the whole address, letter by letter."""
    from readdress.mailbox.presets import preset_for

    preset = preset_for(address)
    if preset is None or config.security == "plain":
        return False
    login = (config.login or config.address).casefold()
    return login == address.casefold() and config.host.lower() == preset.host_for(address.rpartition("@")[2])


def _message_to(connection: Connection, config: MailboxConfig, address: str, code: str) -> Proved | None:
    """A message in one of the watched folders that names the address as its recipient; one with the code goes first."""
    from readdress.mailbox.folders import list_folders, watched

    person = Person(address)
    best: Proved | None = None
    for folder in watched(list_folders(connection), config).names:
        count = connection.examine(folder).exists
        if not count:
            continue
        for item in connection.header_fields(max(1, count - NEWEST + 1), count, _FIELDS):
            head = read_head(item.fields)
            to, cc = ", ".join(head.addresses("to")), ", ".join(head.addresses("cc"))
            delivered = head.addresses("delivered-to", "x-original-to")
            if addressed_to(person, to=to, cc=cc, delivered_to=delivered) != "old":
                continue
            where = f"{folder}/{item.uid}"
            if code.casefold() in head.subject.casefold():
                return Proved("code", where)
            best = best or Proved("mail", where)
    return best
