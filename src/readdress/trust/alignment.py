"""Whether a signing domain speaks for a From domain (RFC 7489 §3.1), and what belongs to a site.

Relaxed alignment needs to know where organisations begin (the Public Suffix List), and a list in the program ages. So
it is done conservatively: equal, or one a subdomain of the other with the parent provably no public suffix. Siblings
(``mail.example.com`` for ``news.example.com``) are refused although DMARC would allow them: no sender of the catalogue
needs it. A recipe names exact senders, so what is left to attack is a provider that hands out subdomains; those are
listed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import ada_url

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")

# Second-level labels under which registries of country domains sell names (co.uk, com.cn, or.jp, edu.au …).
_SECOND_LEVEL = frozenset({
    "ac", "ad", "art", "asn", "biz", "co", "com", "conf", "cpa", "ed", "edu", "firm", "gc", "gen", "go",
    "gob", "gouv", "gov", "govt", "gr", "gv", "id", "idf", "idv", "in", "info", "int", "k12", "lg", "ltd",
    "maori", "me", "mil", "mod", "ne", "net", "nhs", "nic", "nom", "oa", "or", "org", "plc", "press",
    "pro", "pub", "sch", "school", "sci", "store", "tm", "tv", "uk", "web",
})  # fmt: skip
# Provinces of .cn, which are suffixes too (bj.cn, sh.cn …).
_CN = frozenset({
    "ah", "bj", "cq", "fj", "gd", "gs", "gx", "gz", "ha", "hb", "he", "hi", "hk", "hl", "hn", "jl", "js",
    "jx", "ln", "mo", "nm", "nx", "qh", "sc", "sd", "sh", "sn", "sx", "tj", "tw", "xj", "xz", "yn", "zj",
})  # fmt: skip
# Hosts whose customers get a subdomain of their own.
_SHARED = frozenset({
    "github.io", "gitlab.io", "blogspot.com", "wordpress.com", "herokuapp.com", "appspot.com", "web.app",
    "firebaseapp.com", "netlify.app", "vercel.app", "pages.dev", "workers.dev", "azurewebsites.net",
    "cloudapp.net", "onmicrosoft.com", "sharepoint.com", "myshopify.com", "amazonaws.com",
    "cloudfront.net", "fastly.net", "zendesk.com", "freshdesk.com", "hubspot.com", "mailgun.org",
    "sendgrid.net", "amazonses.com", "mcsv.net", "uk.com", "us.com", "eu.com", "cn.com", "de.com",
    "jp.net", "gb.net", "eu.org", "dyndns.org", "ddns.net", "duckdns.org", "no-ip.org",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Site:
    """The site that the person gave for a recipe that serves many: origin, and the path it lives under (no slash at the end)."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine, where http is all there is."""
        return self.host in ("localhost", "[::1]") or bool(re.match(r"127(\.\d{1,3}){3}\Z", self.host))

    @classmethod
    def parse(cls, text: str) -> Site | None:
        """Read ``https://bbs.example.org/forum`` or just ``bbs.example.org``; ``None`` when it is no address of a site."""
        text = text.strip()
        if not text:
            return None
        try:
            url = ada_url.parse_url(text if "://" in text else f"https://{text}")
        except ValueError:
            return None
        scheme = url["protocol"].rstrip(":")
        if scheme not in ("http", "https") or not url["hostname"] or url["username"] or url["password"]:
            return None
        port = int(url["port"] or (443 if scheme == "https" else 80))
        return cls(scheme, url["hostname"], port, url["pathname"].rstrip("/"))


def is_domain(name: str) -> bool:
    """Whether ``name`` (lower case) is a plain DNS name of two labels or more."""
    return len(name) <= 253 and bool(_HOST.match(name))


def is_public_suffix(name: str) -> bool:
    """Whether strangers may share ``name``: one label, a registry's second level, or a host that hands out subdomains."""
    labels = name.split(".")
    if len(labels) < 2 or name in _SHARED:
        return True
    if len(labels) > 2:
        return False
    country = len(labels[1]) == 2
    return country and (labels[0] in _SECOND_LEVEL or len(labels[0]) <= 2 or (labels[1] == "cn" and labels[0] in _CN))


def aligned(signer: str, domain: str) -> bool:
    """Whether a signature of ``signer`` speaks for mail From ``domain`` (both lower-case ASCII)."""
    if not is_domain(signer) or not is_domain(domain):
        return False
    if signer == domain:
        return True
    if signer.endswith("." + domain):
        return not is_public_suffix(domain)
    return domain.endswith("." + signer) and not is_public_suffix(signer)
