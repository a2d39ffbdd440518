"""Sample mails of a service: read from ``pages/expected.toml``, signed as the service would, and judged by the trust gate.

::

    [[mail]]
    file = "code.en.eml"        # in pages/mails/ (or pages/), as octets; {old} {new} {login} {code} {link} are filled in
    kind = "code"               # verification, code, notice, newsletter, hostile
    to = "new"                  # new or old
    code = true                 # carries a code: true, or the code itself
    right_link = "https://…"    # the one link that may be released
    never = ["https://…"]       # links in it (or patterns of their paths) that may never be
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from readdress.errors import RecipeError
from readdress.models import Expectation, Incoming, Mark, Side
from readdress.recipe.finding import Finding, Severity, shown
from readdress.recipe.schema import CodeRule, LinkRule, Mail, Recipe
from readdress.testing.fakes import FakeClock, FakeMail
from readdress.testing.post import Post
from readdress.trust.gate import judge, paste
from readdress.trust.verdict import Accepted, NeedsBinding, Rejected

TRAP = "https://not-you.example/undo?u=1"  # stands in every mail that is made up here
OLD, NEW, LOGIN = "ann@old.example.net", "ann@new.example.org", "ann-example"
KINDS = ("verification", "code", "notice", "newsletter", "hostile")
_WANTED = {"verification": ("link", "code"), "code": ("code",), "notice": ("notice",)}
_KEYS = {"file", "kind", "to", "code", "right_link", "never"}
_POOLS = {"digits": "48120573961", "letters": "KQXBWMTRZHVD", "alnum": "K4QX7B2MT9RZ", "hex": "4af19c0b7d2e"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample. ``code``: the code that it carries, ``None`` when only that it carries one is known, ``""`` for none."""

    path: Path
    kind: str
    to: Side
    code: str | None
    right_link: str
    never: tuple[str, ...]
    octets: bytes

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def load_samples(folder: Path) -> list[Sample]:
    """The samples of the recipe in ``folder``, in the order of the file; none where there is no ``pages/expected.toml``.

    Raises :class:`RecipeError` for a table that is not as described above, and for a file that cannot be read.
    """
    path = folder / "pages" / "expected.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"This cannot be read: {error}.", file=shown(path), todo="Mend the file.") from None
    return [_sample(path, row) for row in data.get("mail", [])]


def _sample(path: Path, row: dict[str, Any]) -> Sample:
    def bad(what: str, todo: str) -> RecipeError:
        return RecipeError(f"The sample {row.get('file', '')!r} {what}.", file=shown(path), todo=todo)

    if unknown := set(row) - _KEYS:
        raise bad(f"has unknown keys: {', '.join(sorted(unknown))}", f"The keys are {', '.join(sorted(_KEYS))}.")
    if row.get("kind") not in KINDS or row.get("to") not in {"new", "old"}:
        raise bad(
            "lacks its kind, or the side that it comes to", f'kind is one of {", ".join(KINDS)}; to is "new" or "old".'
        )
    name = str(row.get("file", ""))
    spot = next((p for p in (path.parent / "mails" / name, path.parent / name) if name and p.is_file()), None)
    if spot is None or not spot.resolve().is_relative_to(path.parent.resolve()):
        raise bad("is not in pages/mails", "Name the file as it is called there.")
    code = row.get("code", False)
    return Sample(
        spot,
        row["kind"],
        Side(row["to"]),
        code if isinstance(code, str) else None if code else "",
        str(row.get("right_link", "")),
        tuple(row.get("never", ())),
        spot.read_bytes(),
    )


# -- written by the contract --------------------------------------------------------------------------------------------


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
        for sample in sorted(self.samples, key=lambda s: s.to is not mail.to):
            if _token(mail) in _WANTED.get(sample.kind, ()) and _reusable(sample, self._turn):
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
        octets = _filled_octets(sample.octets, {"code": code, "link": link, "site": self.site})
        side = mail.to if mail else sample.to
        if side is not sample.to:
            octets = _readdressed(octets, side)
        head = _head(octets)
        domain = parseaddr(str(head["From"] or ""))[1].rpartition("@")[2].lower()
        raw = self.post.sign(octets, domain) if signed and domain else octets
        return Letter(side, raw, code if b"{code}" in sample.octets or sample.code else "", link)

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
    return turn == 1 or b"{code}" in sample.octets or b"{link}" in sample.octets or sample.kind == "notice"


def _token(mail: Mail) -> str:
    return "code" if mail.code else "link" if mail.link else "notice"


def _filled(text: str, more: dict[str, str]) -> str:
    for name, value in {"old": OLD, "new": NEW, "login": LOGIN, **more}.items():
        text = text.replace("{" + name + "}", value)
    return text


def _filled_octets(octets: bytes, more: dict[str, str]) -> bytes:
    for name, value in {"old": OLD, "new": NEW, "login": LOGIN, **more}.items():
        octets = octets.replace(b"{" + name.encode() + b"}", value.encode())
    return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _readdressed(octets: bytes, side: Side) -> bytes:
    head, gap, body = octets.partition(b"\r\n\r\n")
    here, there = (OLD, NEW) if side is Side.NEW else (NEW, OLD)
    return head.replace(here.encode(), there.encode()) + gap + body


def _head(octets: bytes) -> Message:
    return BytesParser(policy=policy.compat32).parsebytes(octets, headersonly=True)


# -- judged -------------------------------------------------------------------------------------------------------------


def check_samples(recipe: Recipe, samples: Sequence[Sample], *, site: str = "") -> str:
    """What is wrong with how the recipe's rules take its samples, ``""`` when nothing is.

    Of each sample: the right code or link comes out, a forbidden one never, and of what is hostile nothing at all.
    """
    clock = FakeClock()
    office = Office(recipe, samples, Post(FakeMail({}, clock), clock), site=site)
    return "; ".join(w for s in samples for w in _wrong(office, s))


def _wrong(office: Office, sample: Sample) -> Iterator[str]:
    listed = {a.lower() for m in office.recipe.mail for a in m.sender}
    sender = parseaddr(str(_head(_filled_octets(sample.octets, {}))["From"] or ""))[1].lower()
    for mail in office.recipe.mail:
        letter = office.of_sample(sample, mail)
        verdict = office.judge(letter, mail)
        if isinstance(verdict, Accepted) and (link := _forbidden(verdict.value, sample.never)):
            yield f"{sample.name} as {mail.id}: the link {link} would be opened, which never may be"
        if mail.link:
            for link in sample.never:
                if "://" in link and isinstance(paste(link, mail, used=lambda _: False, site=office.site), Accepted):
                    yield f"{sample.name} as {mail.id}: the link {link} would be taken when pasted"
        if sample.kind == "hostile":
            forged = office.judge(office.of_sample(sample, mail, signed=False), mail)
            if not isinstance(forged, Rejected) or (sender not in listed and not isinstance(verdict, Rejected)):
                yield f"{sample.name} as {mail.id}: this hostile mail is believed"
        elif isinstance(verdict, Accepted):
            yield from _other(sample, mail, letter, verdict)


def _other(sample: Sample, mail: Mail, letter: Letter, verdict: Accepted) -> Iterator[str]:
    if verdict.kind == "code" and sample.code == "" and sample.kind != "code":
        yield f"{sample.name} as {mail.id}: it carries no code, but {verdict.value!r} is taken for one"
    elif verdict.kind == "code" and letter.code and verdict.value != letter.code:
        yield f"{sample.name} as {mail.id}: the code is {letter.code!r}, but {verdict.value!r} is taken"
    elif verdict.kind == "link" and letter.link and verdict.value != letter.link:
        yield f"{sample.name} as {mail.id}: the link is {letter.link}, but {verdict.value} is taken"


def _forbidden(value: str, never: Sequence[str]) -> str:
    path = urlsplit(value).path
    return next(
        (n for n in never if value and (value == n or (n.startswith("/") and fnmatchcase(path, n.replace("**", "*"))))),
        "",
    )


def sample_findings(folder: Path, recipe: Recipe, samples: Sequence[Sample], *, site: str = "") -> list[Finding]:
    """Mails of the recipe that no sample shows, and samples that no mail of the recipe fits: warnings, both."""
    clock = FakeClock()
    office = Office(recipe, samples, Post(FakeMail({}, clock), clock), site=site)
    found: list[Finding] = []
    met: set[str] = set()
    for sample in samples:
        fits, why = _fits(office, sample)
        met |= set(fits)
        if sample.kind in _WANTED and not fits:
            told = f"no [[mail]] of the recipe can use {sample.name} ({sample.kind} to {sample.to}{why})."
            found.append(_warn("sample-unused", sample.path, told, "Add a [[mail]] for it, or mend its rule."))
    for mail in recipe.mail:
        if mail.id not in met:
            told = f'no sample message shows the mail "{mail.id}".'
            instead = "Write one into pages/mails, and a [[mail]] table into pages/expected.toml."
            found.append(_warn("sample-missing", folder / "recipe.toml", told, instead))
    return found


def _fits(office: Office, sample: Sample) -> tuple[list[str], str]:
    fits, why = [], ""
    for mail in office.recipe.mail:
        if _token(mail) not in _WANTED.get(sample.kind, ()):
            continue
        verdict = office.judge(office.of_sample(sample, mail), mail)
        if isinstance(verdict, Rejected):
            why = why or f"; {mail.id}: {verdict.detail}"
        else:
            fits.append(mail.id)
    return fits, why


def _warn(rule: str, path: Path, told: str, instead: str) -> Finding:
    return Finding(rule, Severity.WARNING, shown(path), 1, told, instead)
