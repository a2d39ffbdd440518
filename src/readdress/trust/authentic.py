"""Whether a mail is really from the domain in its From: DKIM or DMARC found by the mailbox provider, or DKIM verified here.

What cannot be verified is refused with the reason, never passed. Signatures are held to more than RFC 6376 asks: RSA or
Ed25519 with SHA-256, keys of 1024 bits or more (RFC 8301), no body length (``l=`` lets anyone append), not expired,
From and Subject covered, and a Cc too where there is one, so that nobody adds our address to a mail that he replays.
To need not be covered, because Microsoft's account mail does not (its ``h=`` lists From, Date, Subject, Message-ID,
Content-Type, MIME-Version); where a sender covers it, a replay shows for whom the mail was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from readdress.ports import KeyLookup
from readdress.trust.alignment import aligned, is_domain
from readdress.trust.message import Parsed
from readdress.trust.results import Result, domain_in, of_provider

MAX_SIGNATURES = 5
MAX_LOOKUPS = 3
LOOKUP_SECONDS = 5
_RECORD_BYTES = 2048
_SELECTOR = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,120}[a-z0-9_])?\Z")


@dataclass(frozen=True, slots=True)
class Authentic:
    """Proved. ``by``: ``provider`` (Authentication-Results) or ``here`` (DKIM verified by us); ``domain``: whose word it is."""

    by: str
    domain: str


@dataclass(frozen=True, slots=True)
class NotAuthentic:
    """Not proved, and why (one clause)."""

    detail: str


@dataclass(frozen=True, slots=True)
class _Signature:
    index: int
    domain: str
    selector: str
    fault: str


def check(
    raw: bytes, parsed: Parsed, domain: str, authserv_ids: Sequence[str], lookup: KeyLookup, now: datetime
) -> Authentic | NotAuthentic:
    """Whether mail From ``domain`` (lower case) is authentic. Never raises; may call ``lookup`` up to three times."""
    signatures = [_inspect(i, v, parsed, now) for i, v in enumerate(parsed.signatures[:MAX_SIGNATURES])]
    ours = [s for s in signatures if aligned(s.domain, domain)]
    results = of_provider(parsed.results, authserv_ids, on_top=parsed.results_on_top)
    if results is not None:
        if any(r.method == "dmarc" and r.outcome == "fail" for r in results):
            return NotAuthentic("the mailbox provider found it forged (DMARC)")
        if _vouched(results, domain, ours):
            return Authentic("provider", domain)
    if not ours:
        strangers = f"it has no signature of {domain}"
        unsigned = "it is not signed and the provider does not vouch for it"
        return NotAuthentic(strangers if parsed.signatures else unsigned)
    sound = [s for s in ours if not s.fault]
    if not sound:
        return NotAuthentic(f"its signature is not good enough: {ours[0].fault}")
    why = ""
    for signature in sound[:MAX_LOOKUPS]:
        why = _verify(raw, signature, lookup)
        if not why:
            return Authentic("here", signature.domain)
    return NotAuthentic(why)


def _vouched(results: Sequence[Result], domain: str, ours: Sequence[_Signature]) -> bool:
    """Whether the provider's findings prove ``domain``, given what the aligned signatures themselves look like."""
    sound = {s.domain for s in ours if not s.fault}
    for result in results:
        if result.outcome != "pass":
            continue
        if result.method == "dkim":
            about = result.about
            signer = about.get("header.d") or domain_in(about.get("header.i", ""))
            # header.i may be a subdomain of the d= that signed (RFC 6376 §3.5)
            if aligned(signer, domain) and any(signer == d or signer.endswith("." + d) for d in sound):
                return True
        if result.method == "dmarc" and result.about.get("header.from") == domain:
            # DMARC passes by SPF too. Where a signature of the domain is there, one must be sound.
            by_spf = any(
                r.method == "spf"
                and r.outcome == "pass"
                and aligned(domain_in(r.about.get("smtp.mailfrom", "")), domain)
                for r in results
            )
            if sound or by_spf or not ours:
                return True
    return False


def _inspect(index: int, header: bytes, parsed: Parsed, now: datetime) -> _Signature:
    """What is wrong with a DKIM-Signature before any key is asked for."""
    if re.search(rb"\s{80,}", header):  # dkimpy's pattern for b= backtracks over white space
        return _Signature(index, "", "", "it is malformed")
    try:
        tags = {
            k.decode("ascii"): v.decode("ascii") for k, v in parse_tag_value(re.sub(rb"\r?\n", b"", header)).items()
        }
    except (InvalidTagValueList, UnicodeDecodeError):
        return _Signature(index, "", "", "it is malformed")
    domain, selector = tags.get("d", "").lower().rstrip("."), tags.get("s", "").lower()
    covered = {name.strip().lower() for name in tags.get("h", "").split(":")}
    expires = tags.get("x", "")
    fault = ""
    if not is_domain(domain) or not _SELECTOR.match(selector):
        fault = "it names no proper key"
    elif "l" in tags:
        fault = "it covers only the beginning of the text (l=)"
    elif tags.get("a", "").lower() not in ("rsa-sha256", "ed25519-sha256"):
        fault = "its algorithm is out of date"
    elif "from" not in covered or "subject" not in covered:
        fault = "it does not cover From and Subject"
    elif parsed.cc and "cc" not in covered:
        fault = "it does not cover all recipients"
    elif expires and (not expires.isdigit() or len(expires) > 12 or int(expires) < now.timestamp()):
        fault = "it has expired"
    return _Signature(index, domain, selector, fault)


def _verify(raw: bytes, signature: _Signature, lookup: KeyLookup) -> str:
    """Verify one signature with dkimpy; returns why it does not hold, ``""`` when it does."""
    wanted = f"{signature.selector}._domainkey.{signature.domain}.".encode()
    trouble = ""

    def ask(name: bytes, timeout: int = LOOKUP_SECONDS) -> bytes | None:
        nonlocal trouble
        try:
            record = lookup(wanted, timeout) if name.lower() == wanted else None
        except Exception as error:  # noqa: BLE001 - a port's code on a network: nothing that it raises may pass a mail
            trouble = f"its key could not be looked up ({type(error).__name__})"
            return None
        if not record:
            trouble = "its key could not be found"
            return None
        if len(record) > _RECORD_BYTES:
            trouble = "its key is absurdly long"
            return None
        return record

    try:
        mail = dkim.DKIM(raw, minkey=1024, timeout=LOOKUP_SECONDS)
        if b"relaxed" in _body_rule(mail, signature.index):
            # dkimpy's relaxed body rule is quadratic on long runs of blanks; doing it beforehand, linearly, changes
            # nothing.
            mail.body = re.sub(rb"[\t ]+", b" ", mail.body).replace(b" \r\n", b"\r\n")
        passed = bool(mail.verify(idx=signature.index, dnsfunc=ask))
    except Exception as error:  # noqa: BLE001 - dkimpy raises far more than DKIMException on hostile octets (ValueError, IndexError …)
        return trouble or f"its signature could not be verified ({type(error).__name__})"
    return trouble or ("" if passed else "its signature does not match")


def _body_rule(mail: dkim.DKIM, index: int) -> bytes:
    headers = [value for name, value in mail.headers if name.lower() == b"dkim-signature"]
    rule = parse_tag_value(headers[index]).get(b"c", b"simple/simple")
    return rule.partition(b"/")[2] or b"simple"
