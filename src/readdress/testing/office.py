"""A service's outgoing mail for one recipe: its samples where it has some, else mails written from its own rules; signed, and judged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr
from urllib.parse import urlsplit

from readdress.models import Expectation, Incoming, Mark, Side
from readdress.recipe.schema import CodeRule, LinkRule, Mail, Recipe
from readdress.testing.post import Post
from readdress.testing.samples import LOGIN, NEW, OLD, TRAP, Sample
from readdress.trust.gate import judge
from readdress.trust.verdict import Accepted, NeedsBinding, Rejected

# What a rule of the recipe may take from a sample of that kind. A notice only has to have come, whatever it says.
WANTED = {
    "verification": ("link", "code", "notice"),
    "code": ("code", "notice"),
    "notice": ("notice",),
    "newsletter": ("notice",),
}
_OWN = {"link": "verification", "code": "code", "notice": "notice"}
_POOLS = {"digits": "48120573961", "letters": "KQXBWMTRZHVD", "alnum": "K4QX7B2MT9RZ", "hex": "4af19c0b7d2e"}


def code_for(rule: CodeRule, turn: int = 0) -> str:
    """A code of that form; another one for each ``turn``."""
    pool = _POOLS[rule.alphabet]
    shape = rule.shape or "X" * rule.length[0]
    places = [n for n, c in enumerate(shape) if c == "X"]
    return "".join(
        pool[(places.index(n) * 5 + turn * 3) % len(pool)] if n in places else c for n, c in enumerate(shape)
    )


def link_for(rule: LinkRule, site: str = "", turn: int = 0) -> str:
    """A link of that form; another one for each ``turn``."""
    host = urlsplit(site).netloc if rule.host == "{site}" else rule.host.replace("*.", "www.", 1)
    base = urlsplit(site).path if rule.host == "{site}" else ""
    path = re.sub(r"\*+", f"a1b2c3d4e5f6{turn:02}", rule.path)
    query = "&".join(f"{k}={f'0f1e2d3c{turn:02}' if v == '*' else v}" for k, v in rule.query.items())
    return f"https://{host}{base}{path}" + (f"?{query}" if query else "")


def sender_for(mail: Mail, site: str = "") -> str:
    """The address that the mail comes from."""
    return f"noreply@{urlsplit(site).hostname}" if "{" in mail.sender[0] else mail.sender[0]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to be delivered: ``octets`` signed in the sender's name; the ``code`` or ``link`` that it carries, where known."""

    side: Side
    octets: bytes
    code: str = ""
    link: str = ""


class Office:
    """The service's outgoing mail for one recipe: its samples where it has some, else mails written from its own rules."""

    def __init__(self, recipe: Recipe, samples: Sequence[Sample], post: Post, *, site: str = "") -> None:
        self.recipe, self.post, self.site = recipe, post, site
        self.samples = tuple(samples)
        self._turn = 0

    def write(self, mail: Mail) -> Letter:
        """The next mail of that kind: the sample that fits it, or one made up. Codes and links are new each time."""
        self._turn += 1
        for sample in sorted(self.samples, key=lambda s: (s.kind != _OWN[token_of(mail)], s.to is not mail.to)):
            if token_of(mail) in WANTED.get(sample.kind, ()) and _reusable(sample, self._turn):
                letter = self.of_sample(sample, mail)
                if isinstance(self.judge(letter, mail), (Accepted, NeedsBinding)):
                    return letter
        return self.made_up(mail)

    def made_up(self, mail: Mail) -> Letter:
        """A plain mail by the recipe's own rules, with a link in it that nobody may open."""
        code = code_for(mail.code, self._turn) if mail.code else ""
        link = link_for(mail.link, self.site, self._turn) if mail.link else ""
        word = mail.code.near[0] if mail.code and mail.code.near else "code"
        to = NEW if mail.to is Side.NEW else OLD
        sender = sender_for(mail, self.site)
        raw = self.post.message(
            to=to,
            subject=mail.subject[0] if mail.subject else "About your account",
            sender=f"Service <{sender}>",
            text=f"Hello.\n\n{f'{word}: {code}' if code else link}\n\nNot you? {TRAP}\n",
        )
        return Letter(mail.to, self.post.sign(raw, sender.rpartition("@")[2]), code, link)

    def of_sample(self, sample: Sample, mail: Mail | None = None, *, signed: bool = True) -> Letter:
        """The sample with its places filled in, signed in the name of its sender's domain unless told not to.

        Where ``mail`` comes to the other mailbox it is addressed to that one: services send the same text to both.
        """
        code = sample.code or (code_for(mail.code, self._turn) if mail and mail.code else "715394")
        link = sample.right_link or (link_for(mail.link, self.site, self._turn) if mail and mail.link else "")
        link = _filled(link, {"code": code, "link": "", "site": self.site})
        octets = filled_octets(sample.octets, {"code": code, "link": link, "site": self.site})
        side = mail.to if mail else sample.to
        if side is not sample.to:
            octets = _readdressed(octets, side)
        head = head_of(octets)
        domain = parseaddr(str(head["From"] or ""))[1].rpartition("@")[2].lower()
        raw = self.post.sign(octets, domain) if signed and domain else octets
        return Letter(side, raw, code if sample.code != "" else "", link)

    def judge(self, letter: Letter, mail: Mail) -> Accepted | NeedsBinding | Rejected:
        """What the trust gate says of it, as the answer to a step that is waiting for ``mail``."""
        now = self.post.now()
        folder, address = "INBOX", NEW if letter.side is Side.NEW else OLD
        expectation = Expectation("a1", mail.id, "route", "step", 1, now, (Mark(folder, 1, 1),), None)
        incoming = Incoming(letter.side, folder, 1, 1, now, letter.octets, address)
        return judge(
            incoming,
            mail,
            expectation,
            mailbox_address=address,
            lookup=self.post.lookup,
            used=lambda _: False,
            site=self.site,
            bound_sender="",
            now=now,
        )


def _reusable(sample: Sample, turn: int) -> bool:
    """A token that stands fixed in a sample is used up after the first time; one that is filled in is new each time."""
    return turn == 1 or sample.code is None or b"{link}" in sample.octets or sample.kind in {"notice", "newsletter"}


def token_of(mail: Mail) -> str:
    """What the recipe takes from that mail: ``code``, ``link`` or ``notice``."""
    return "code" if mail.code else "link" if mail.link else "notice"


def _filled(text: str, more: dict[str, str]) -> str:
    for name, value in {"old": OLD, "new": NEW, "login": LOGIN, **more}.items():
        text = text.replace("{" + name + "}", value)
    return text


def filled_octets(octets: bytes, more: dict[str, str]) -> bytes:
    """A sample with its places filled in, lines ended as RFC 5322 §2.1 wants. ``more``: names beside old, new and login."""
    for name, value in {"old": OLD, "new": NEW, "login": LOGIN, **more}.items():
        octets = octets.replace(b"{" + name.encode() + b"}", value.encode())
    octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return _filled_inside(octets, more)


def _filled_inside(octets: bytes, more: dict[str, str]) -> bytes:
    """The places that an encoding hides (RFC 2045 §6.7 and 6.8, RFC 2047), filled in too. What hides none is left as it came."""
    message = BytesParser(policy=policy.SMTP).parsebytes(octets)
    changed = False
    subject = str(message["Subject"] or "")
    if _filled(subject, more) != subject:
        message.replace_header("Subject", _filled(subject, more))
        changed = True
    for part in message.walk():
        how = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
        if part.get_content_maintype() != "text" or how not in {"quoted-printable", "base64"}:
            continue
        text = part.get_content()
        if (full := _filled(text, more)) != text:
            part.set_content(full, subtype=part.get_content_subtype(), charset="utf-8", cte=how)
            changed = True
    return message.as_bytes() if changed else octets


def _readdressed(octets: bytes, side: Side) -> bytes:
    head, gap, body = octets.partition(b"\r\n\r\n")
    here, there = (OLD, NEW) if side is Side.NEW else (NEW, OLD)
    return head.replace(here.encode(), there.encode()) + gap + body


def head_of(octets: bytes) -> Message:
    """The header fields of a message, decoded as far as the standard library does without judging them."""
    return BytesParser(policy=policy.compat32).parsebytes(octets, headersonly=True)
