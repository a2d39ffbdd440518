"""Proves that NEW receives mail, before any address is replaced by it: nobody moves a life to a typing error."""

from __future__ import annotations

from email import message_from_bytes
from email.utils import getaddresses

from readdress.engine import asking
from readdress.engine.tools import Tools
from readdress.engine.waiting import Pump
from readdress.errors import NeedsPerson
from readdress.models import Answer, Incoming, Mark, Side
from readdress.models.events import factor

_BACK = 5  # so many of the newest messages in each folder are enough to find one that was sent to NEW
_ASKED = 5  # after so many "I sent it" without a mail it is a matter for later


def prove_new_mailbox(tools: Tools, pump: Pump) -> None:
    """See a message in NEW that was sent to it, an old one or one that the person sends now; record the factor.

    Where NEW is not readable by us, the person's own reading has to do: the consent that follows names the address.
    Raises :class:`NeedsPerson` when they stop.
    """
    if "new_mailbox" in tools.journal.factors() or not tools.mail.reachable(Side.NEW):
        return
    address = str(tools.journal.header().new)
    marks = tools.mail.marks(Side.NEW)
    since = [Mark(m.folder, m.uidvalidity, max(1, m.uidnext - _BACK)) for m in marks]
    tools.mail.watch(Side.NEW, since, brisk=tools.patience.brisk)

    def arrived() -> Incoming | None:
        return next((m for m in tools.mail.poll(Side.NEW) if sent_to(m.raw, address)), None)

    try:
        found = pump.until(arrived, 2.0)
        for _ in range(_ASKED):
            if found is not None:
                break
            got = pump.ask(asking.send_a_mail(address), arrived)
            if isinstance(got, Answer) and got.choice != "stop":
                found = pump.until(arrived, tools.patience.mail)
            elif isinstance(got, Incoming):
                found = got
            else:
                break
        if found is None:
            raise NeedsPerson(
                f"{address} was not seen to receive mail yet.",
                kind="decision",
                todo="Send a mail to it and run `migrate resume`.",
            )
        tools.journal.record(factor("new_mailbox", held=True, where=f"{found.folder}/{found.uid}"))
    finally:
        tools.mail.unwatch(Side.NEW)


def sent_to(raw: bytes, address: str) -> bool:
    """Whether a message's header names ``address`` as a recipient (To, Cc, Delivered-To, X-Original-To)."""
    header = raw[:65536].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    message = message_from_bytes(header)
    fields = [
        str(v)[:2000] for name in ("To", "Cc", "Delivered-To", "X-Original-To") for v in message.get_all(name, [])
    ]
    return any(found.lower() == address.lower() for _, found in getaddresses(fields[:20]))
