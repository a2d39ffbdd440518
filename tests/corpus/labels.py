"""The rows of the labelled corpus: what was written by hand, what each message proves, and the answers per account.

The data files (``dev/*.toml``, ``score/*.toml``) hold sender, subject, body and labels; README.md says what the labels mean. How a row
becomes octets is in ``build.py``.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HALVES = ("dev", "score")
WIDE = ("wide-tuned", "wide-blind")  # the parts of the third set, `wide`
LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ja", "ko", "de", "fr", "es", "pt", "ru")
KINDS = (
    "welcome",
    "verification",
    "code",
    "reset",
    "security",
    "receipt",
    "statement",
    "newsletter",
    "personal",
    "other",
)
PROVES = ("proof", "hint", "none")
SLOTS = ("sign_in", "contact", "recovery", "two_factor", "sso", "billing", "newsletter", "none")
AUTH = ("pass", "relay_only", "list", "absent", "none", "fail", "misaligned", "foreign", "lookalike", "replayed")

# The person of the corpus, invented. A classifier may be told all of this: it is what a user of readdress would tell it.
OLD = "mia.lind@oldmail.example"
NEW = "mia@newhome.example"
ALIASES = ("mlind@oldmail.example", "mia@lind-family.example")
PERSON_NAMES = (
    "Mia Lind",
    "林米娅",
    "林米婭",
    "リンド・ミア",
    "린드 미아",
    "Миа Линд",
    "Mia",
    "Lind",
    "Миа",
    "米娅",
    "米婭",
    "ミア",
    "미아",
)
STAMPED_SINCE = (
    2010  # before this year the person's provider stamped no Authentication-Results: honest mail without any
)
AUTHSERV = "mx.oldmail.example"  # the only authserv-id the person's provider stamps
NAME = {"zh-Hans": "林米娅", "zh-Hant": "林米婭", "ja": "リンド・ミア", "ko": "린드 미아", "ru": "Миа Линд"}

# recipient form -> the address written in the visible header (None: not there)
RECIPIENTS: dict[str, str | None] = {
    "old": OLD,
    "plus": "mia.lind+{tag}@oldmail.example",
    "dots": "m.i.a.lind@oldmail.example",
    "alias": ALIASES[0],
    "alias_domain": ALIASES[1],
    "cc": OLD,
    "delivered_to": None,
    "x_original_to": None,
    "list": None,
    "relative": "tor.lind@oldmail.example",
    "stranger": "mia.lindberg@oldmail.example",
    "upper": "Mia.Lind@OldMail.example",
}

_SLOT_BY_KIND = {
    "receipt": "billing",
    "statement": "billing",
    "newsletter": "newsletter",
    "personal": "none",
    "other": "none",
}
_PROVES_BY_KIND = {"verification": "hint", "newsletter": "none", "personal": "none", "other": "none"}


class CorpusError(ValueError):
    """A row of the corpus is not what the README says a row is."""


@dataclass(frozen=True)
class Group:
    """One service (or one person, list or forger) with everything it sends: the unit that is never split over two halves."""

    id: str
    half: str
    language: str
    file: str
    service: bool
    domains: tuple[str, ...]
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Sample:
    """One labelled message. ``account``: the service's id where the message proves an account there, else None."""

    id: str
    group: Group
    kind: str
    language: str
    proves: str
    account: str | None
    hint_for: str | None
    slot: str
    login: str | None
    authentic: bool
    auth: str
    date: datetime
    recipient: str
    closed: bool
    trap: str | None
    needs: str | None
    subject: str
    text: str
    html: str | None
    sender: str
    raw: dict[str, Any] = field(repr=False)

    @property
    def half(self) -> str:
        return self.group.half

    def octets(self) -> bytes:
        """The message as it would lie on an IMAP server: CRLF line ends, every header and part encoded."""
        from tests.corpus.build import build  # late: it needs this module

        return build(self)


def groups(half: str | None = None) -> list[Group]:
    """Every service, person and list of one half (or both), in file order; of `wide` or one of its parts only where it is named."""
    if half in WIDE:
        return [group for group in groups("wide") if _part(group.id) == half]
    found: list[Group] = []
    for part in HALVES if half is None else (half,):
        for path in sorted((HERE / part).glob("*.toml")):
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            for key in ("service", "sender"):
                found += [
                    Group(
                        id=raw["id"],
                        half=part,
                        language=raw.get("language", data.get("language", "en")),
                        file=f"{part}/{path.name}",
                        service=key == "service",
                        domains=tuple(raw.get("domains", [parseaddr(raw["from"])[1].partition("@")[2]])),
                        raw=raw,
                    )
                    for raw in data.get(key, [])
                ]
    return found


def _part(identity: str) -> str:
    """Which part of the wide set a service is in: chosen by a hash of its id, so that nobody chose it."""
    return WIDE[hashlib.sha256(identity.encode()).digest()[0] & 1]


def load(half: str | None = None) -> list[Sample]:
    """Every labelled message of one half (``dev``, ``score``) or of both. Raises CorpusError on a row that is not valid."""
    return [sample for group in groups(half) for sample in _samples(group)]


def gold_accounts(half: str) -> dict[str, str]:
    """Service id -> ``active`` (must be found), ``closed`` (existed, the last word is its deletion) or ``hint`` (neutral).

    Services with neither are not in the answer: an account reported for one of them is a false one.
    """
    gold: dict[str, str] = {}
    for sample in load(half):
        if sample.account and gold.get(sample.account) != "closed":
            gold[sample.account] = "active"
        elif sample.closed:
            gold[sample.group.id] = "closed"
        elif sample.hint_for:
            gold.setdefault(sample.hint_for, "hint")
    return gold


def service_domains(half: str) -> dict[str, tuple[str, ...]]:
    """Service id -> the registrable domains it writes from or names as its own (several brands of one company: several)."""
    return {group.id: group.domains for group in groups(half) if group.service}


def _samples(group: Group) -> Iterator[Sample]:
    for number, raw in enumerate(group.raw.get("mail", [])):
        kind = raw["kind"]
        proves = raw.get("proves", _PROVES_BY_KIND.get(kind, "proof"))
        slot = raw.get("slot", _SLOT_BY_KIND.get(kind, "sign_in"))
        language = raw.get("language", group.language)
        checks = (
            (kind, KINDS),
            (proves, PROVES),
            (slot, SLOTS),
            (raw.get("auth", "pass"), AUTH),
            (raw.get("to", "old"), RECIPIENTS),
        )
        for value, allowed in checks:
            if value not in allowed:
                raise CorpusError(f"{group.file}: {group.id} #{number}: {value!r} is not one of {', '.join(allowed)}")
        recipient = raw.get("to", "old")
        address = (RECIPIENTS[recipient] or OLD).replace("{tag}", group.id.split("-")[0])

        def fill(text: str, *, name: str = NAME.get(language, "Mia Lind"), address: str = address) -> str:
            return text.replace("{me}", address).replace("{name}", name)

        claims = group.id if group.service else None
        sample_id = f"{group.id}/{number:02d}"
        date = _date(raw, group.id, number)
        auth = raw.get("auth", group.raw.get("auth", "pass"))
        if auth == "pass" and date.year < STAMPED_SINCE:
            auth = "absent"
        yield Sample(
            id=sample_id,
            group=group,
            kind=kind,
            language=language,
            proves=proves,
            account=claims if proves == "proof" else None,
            hint_for=claims if proves == "hint" else None,
            slot=slot,
            login=fill(raw["login"]) if "login" in raw else None,
            authentic=raw.get("authentic", True),
            auth=auth,
            date=date,
            recipient=recipient,
            closed=raw.get("closed", False),
            trap=raw.get("trap"),
            needs=raw.get("needs"),
            subject=fill(raw["subject"]),
            text=fill(raw.get("text", "")).strip("\n"),
            html=fill(raw["html"]) if "html" in raw else None,
            sender=raw.get("from", group.raw["from"]),
            raw=raw,
        )


def _date(raw: dict[str, Any], group: str, number: int) -> datetime:
    """When the message came: a group's messages follow each other in file order, 40 days apart, from a day the group's name gives."""
    if "date" in raw:
        return datetime.fromisoformat(str(raw["date"])).replace(tzinfo=UTC)
    seed = int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big")
    return datetime(2007, 1, 1, 6, tzinfo=UTC) + timedelta(days=seed % (17 * 365) + 40 * number, seconds=seed % 60000)


def counts() -> str:
    """The table of the README: messages per language and kind, dev + score, in Markdown."""
    tally = Counter((sample.half, sample.language, sample.kind) for sample in load())
    rows = ["| language | " + " | ".join(KINDS) + " | sum |", "|---|" + "---|" * (len(KINDS) + 1)]
    for language in (*LANGUAGES, "sum"):
        cells = []
        for kind in (*KINDS, "sum"):
            pair = [
                sum(
                    n
                    for (h, lang, k), n in tally.items()
                    if h == half and language in {lang, "sum"} and kind in {k, "sum"}
                )
                for half in HALVES
            ]
            cells.append("+".join(str(n) for n in pair))
        rows.append(f"| {language} | " + " | ".join(cells) + " |")
    return "\n".join(rows)
