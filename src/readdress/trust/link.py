"""Choosing the one link of a mail that a recipe's rule names, by the rules that browsers follow.

Two readings of a URL must not disagree: it is parsed as browsers do (WHATWG, by ada), and anything that Python, a
person or a browser could read differently (user names, backslashes, blanks, other scripts in the host) is refused
before. Host *and* path must be the recipe's. Links that cancel, revoke or say "this wasn't me" are never opened,
whatever the recipe matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from urllib.parse import unquote, urlencode

import ada_url

from readdress.recipe.fields import host_matches, path_matches
from readdress.recipe.schema import LinkRule
from readdress.trust.alignment import Site
from readdress.trust.message import Parsed
from readdress.trust.verdict import Miss, Reason, Token

_MAX_URL = 4000
_RAW = re.compile(
    r"(https?)://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?([/?#][!-~]*)?\Z", re.IGNORECASE
)
_IN_TEXT = re.compile(r"https?://[^\s<>\"\x00-\x20]{1,4000}", re.IGNORECASE)
_IN_ANGLES = re.compile(r"<(https?://[^<>]{1,4000})>", re.IGNORECASE)
_TRAILING = ".,;:!?'\"*_~|"
_NEVER = frozenset({
    "cancel", "cancelled", "cancellation", "canceled", "unsubscribe", "unsub", "optout", "invalidate",
    "revoke", "revert", "disavow", "deny", "decline", "reject", "unlink", "remove", "removal", "delete",
    "deletion", "undo", "abuse", "dispute", "notme", "wasntme", "wasnotme", "notyou", "notmine",
    "deactivate",
})  # fmt: skip
_NEVER_PAIRS = frozenset(
    {("opt", "out"), ("not", "me"), ("wasnt", "me"), ("not", "mine"), ("report", "abuse"), ("not", "you")}
)
_NEVER_SHOWN = re.compile(
    r"\bcancel|\bunsubscribe|\bopt[ -]?out|\brevoke|\brevert|\bdisavow|\bremove\b|\bdelete\b|\bunlink|\bdeny\b"
    r"|\bdecline\b|\breport (?:it|this|abuse)|was(?:n['’]?t| not) (?:me|you)|not me\b|\bundo\b"
    r"|did(?:n['’]?t| not) (?:do|request|make|ask)"
    r"|取消|退订|退訂|撤销|撤銷|不是我|非本人|不是(?:您|你)|移除|删除|刪除|解绑|解除|拒绝|拒絕"
    r"|心当たり|キャンセル|取り消|削除|취소|삭제",
    re.IGNORECASE,
)
_SHOWN_HOST = re.compile(r"(?:(https?)://|(?<![\w@.-])(?=www\.))([^\s/?#<>\"'()]{1,253})", re.IGNORECASE)
_BARE_HOST = re.compile(r"\s*((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?:[/?#:][!-~]*)?\s*\Z")


@dataclass(frozen=True, slots=True)
class _Candidate:
    url: str
    shows: str = ""
    line_end: bool = False


def find(parsed: Parsed, rule: LinkRule, never: Sequence[str], site: Site | None) -> Token | Miss:
    """The link of a mail that the rule names; text and HTML parts that name the same one are one."""
    candidates = [_Candidate(link.href.strip(" \t\r\n\f"), link.shows) for page in parsed.pages for link in page.links]
    for text in parsed.texts:
        candidates += urls_in(text)
    got = choose(candidates, rule, never, site)
    if isinstance(got, Miss) and got.reason is Reason.NO_TOKEN:
        # Some mailers write HTML with the URL as bare text. Elsewhere such text is often a shortened form of the link.
        got = choose([c for page in parsed.pages for c in urls_in(page.text)], rule, never, site)
    return got


def paste(text: str, rule: LinkRule, never: Sequence[str], site: Site | None) -> Token | Miss:
    """The link in a text that the person pasted, under the same rules."""
    return choose(list(urls_in(text[: 20 * _MAX_URL])), rule, never, site)


def choose(candidates: Sequence[_Candidate], rule: LinkRule, never: Sequence[str], site: Site | None) -> Token | Miss:
    """The one URL among ``candidates`` that the rule allows."""
    found: dict[str, tuple[str, bool]] = {}
    barred: dict[str, Miss] = {}
    for candidate in candidates:
        url = judge(candidate.url, rule, never, site)
        if isinstance(url, Miss):
            if url.reason is Reason.FORBIDDEN_LINK:
                barred[candidate.url] = url
            continue
        key = _key(url)
        trouble = _shown_trouble(candidate.shows, url)
        if trouble:
            barred[key] = trouble
        else:
            value, wrapped = found.get(key, (url, True))
            found[key] = (value, wrapped and candidate.line_end)
    # A link that shows "cancel" or another host in one place is not saved by an innocent one in another.
    found = {key: item for key, item in found.items() if key not in barred}
    # A mailer that breaks lines leaves the beginning of the link in the text part: it is the same link, cut off.
    for key, (_, wrapped) in list(found.items()):
        if wrapped and any(other != key and other.startswith(key) for other in found):
            del found[key]
    if len(found) > 1:
        return Miss(Reason.AMBIGUOUS, f"{len(found)} different links fit")
    if found:
        key, (value, _) = found.popitem()
        return Token("link", value, key)
    if barred:
        return next(iter(barred.values()))
    return Miss(Reason.NO_TOKEN, "no link of the expected host and path stands in it")


def judge(raw: str, rule: LinkRule, never: Sequence[str], site: Site | None) -> str | Miss:
    """One URL against the rule: the URL as a browser would go to it, or why not."""
    no = Miss(Reason.NO_TOKEN, "the link leads elsewhere")
    written = _RAW.match(raw) if len(raw) <= _MAX_URL else None
    if not written or written[2].endswith(".") or "\\" in raw:
        return no
    try:
        url = ada_url.parse_url(raw)
    except ValueError:
        return no
    host, path, query = url["hostname"], url["pathname"], url["search"]
    if url["username"] or url["password"] or host != written[2].lower():
        return no
    scheme = url["protocol"].rstrip(":")
    port = int(url["port"] or (443 if scheme == "https" else 80))
    if not _origin_fits(scheme, host, port, rule, site):
        return no
    prefix = site.path if site and rule.host == "{site}" else ""
    if not path_matches(prefix + rule.path, path) or url["hash"]:
        return no
    pairs = list(ada_url.URLSearchParams(query).items()) if query else []
    if not _query_fits(pairs, rule.query) or any(ord(c) < 32 for pair in pairs for c in "".join(pair)):
        return no
    if _is_never(path.removeprefix(prefix), pairs, never):
        return Miss(Reason.FORBIDDEN_LINK, "the link cancels or removes something")
    if any(_leads_away(value, host) for name, value in pairs if name not in rule.query):
        return Miss(Reason.FORBIDDEN_LINK, "the link hands on to another site")
    return str(url["href"])


def urls_in(text: str) -> Iterator[_Candidate]:
    """The URLs in plain text: whole ones, without the punctuation that follows, those broken inside ``<…>`` joined."""
    for found in _IN_ANGLES.finditer(text):
        yield _Candidate(re.sub(r"\s*\n\s*", "", found[1]).replace("&amp;", "&"))
    # RFC 3986, appendix C: only inside angle brackets may a URL be broken.
    rest = _IN_ANGLES.sub(" ", text)
    for found in _IN_TEXT.finditer(rest):
        url = _trimmed(found[0])
        follows = rest[found.start() + len(url) :]
        yield _Candidate(url.replace("&amp;", "&"), line_end=not follows or follows[0] in "\r\n")


def _trimmed(url: str) -> str:
    # Where another script begins behind the host, the sentence goes on: 请点击https://example.com/a，谢谢
    slash = re.search(r"[/?#]", url[8:])
    if slash:
        foreign = re.search(r"[^!-~]", url[8 + slash.start() :])
        url = url[: 8 + slash.start() + foreign.start()] if foreign else url
    while url:
        last = url[-1]
        if last in _TRAILING or (last in ")]}" and url.count(last) > url.count({")": "(", "]": "[", "}": "{"}[last])):
            url = url[:-1]
        else:
            break
    return url


def _origin_fits(scheme: str, host: str, port: int, rule: LinkRule, site: Site | None) -> bool:
    """Scheme, host and port. Plain http only on this machine, for a site that the person gave so."""
    local = site is not None and site.loopback and site.scheme == "http"
    if scheme != "https" and not (local and site is not None and host == site.host):
        return False
    if rule.host == "{site}":
        return site is not None and (scheme, host, port) == (site.scheme, site.host, site.port)
    return host_matches(rule.host, host, port, default_port=443 if scheme == "https" else 80)


def _query_fits(pairs: Sequence[tuple[str, str]], wanted: dict[str, str]) -> bool:
    for name, pattern in wanted.items():
        values = [value for key, value in pairs if key == name]
        # Servers disagree on which of two equal names counts.
        if len(values) != 1 or not values[0]:
            return False
        if not fnmatchcase(values[0], pattern.replace("[", "[[]").replace("?", "[?]")):
            return False
    return True


def _is_never(path: str, pairs: Sequence[tuple[str, str]], never: Sequence[str]) -> bool:
    plain = unquote(unquote(path))
    for pattern in never:
        wanted_path, _, wanted_query = pattern.partition("?")
        wanted = dict(p.split("=", 1) for p in wanted_query.split("&") if "=" in p)
        on_path = not wanted_path or any(path_matches(wanted_path.lower(), p.lower()) for p in (path, plain))
        if on_path and (not wanted or _query_fits(pairs, wanted)):
            return True
    return any(_says_never(text) for text in [plain, *(part for pair in pairs for part in pair)])


def _says_never(text: str) -> bool:
    """Whether a word of a path or a query value says "cancel" and the like: /cancel/, unlink_email, InvalidateEmail.

    A long random key may contain such letters, so only words that stand by themselves count.
    """
    words: list[str] = []
    for run in re.findall(r"[A-Za-z0-9]+", text[:_MAX_URL].replace("'", "").replace("\u2019", "")):
        parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", run) if run.isalpha() and len(run) <= 40 else []
        words += [run.lower()] + ([p.lower() for p in parts] if 1 < len(parts) <= 5 else [])
    return not _NEVER.isdisjoint(words) or any(pair in _NEVER_PAIRS for pair in pairwise(words))


def _leads_away(value: str, host: str) -> bool:
    """Whether a query value is a URL of another host: an open redirect."""
    text = unquote(value).strip().replace("\\", "/")
    if not re.match(r"(?:[a-z][a-z0-9+.-]*:)?//|(?:javascript|data):", text, re.IGNORECASE):
        return False
    try:
        return bool(ada_url.parse_url(text, ("hostname",))["hostname"] != host) if "://" in text else _other(text, host)
    except ValueError:
        return True


def _other(text: str, host: str) -> bool:
    return not (text.startswith("//") and re.split(r"[/?#]", text[2:])[0].lower() == host)


def _shown_trouble(shows: str, url: str) -> Miss | None:
    """Why a link must not be opened because of the text on it: it says "cancel", or shows another host."""
    shows = shows[:1000]
    urls = [m[2] for m in _SHOWN_HOST.finditer(shows)]
    bare = _BARE_HOST.match(shows)
    host = ada_url.parse_url(url, ("hostname",))["hostname"]
    for shown in urls + ([bare[1]] if bare else []):
        try:
            other = ada_url.parse_url(f"https://{shown}/", ("hostname",))["hostname"]
        except ValueError:
            other = ""
        if other.removeprefix("www.") != host.removeprefix("www."):
            return Miss(Reason.FORBIDDEN_LINK, "the link shows another host than it leads to")
    if not urls and not bare and _NEVER_SHOWN.search(shows):
        return Miss(Reason.FORBIDDEN_LINK, "the link cancels or removes something")
    return None


def _key(url: str) -> str:
    """What makes two links the same: the URL without the marks of a mailing campaign."""
    parts = ada_url.parse_url(url, ("search", "href"))
    if "utm_" not in parts["search"]:
        return str(parts["href"])
    kept = [(n, v) for n, v in ada_url.URLSearchParams(parts["search"]).items() if not n.startswith("utm_")]
    return str(ada_url.replace_url(url, search=urlencode(kept)))
