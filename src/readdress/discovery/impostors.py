"""Whether a sender bears a well-known name that is not its own: authentic mail from a look-alike domain is still forged.

A provider vouches that mail comes from the domain it names; it does not know that ``micros0ft-account.test`` is not Microsoft.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from importlib.resources import files

_LEET = str.maketrans("013457$@", "oieastsa")
_PIECES = re.compile(r"[^\W_]+")
_CLAIMS = re.compile(
    r"\b(?:account|security|team|support|service|customer|alert|billing|payment|orders?|delivery|help|verif|notif|konto|sicherheit|compte|sécurité|cuenta|seguridad|conta|segurança|id)\w*|安全|中心|客服|团队|團隊|账|帐|帳|サポート|セキュリティ|고객|보안|служб|поддержк",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _brands() -> dict[str, tuple[bool, frozenset[str]]]:
    found: dict[str, tuple[bool, frozenset[str]]] = {}
    for line in (files("readdress.discovery") / "data" / "brands.txt").read_text(encoding="utf-8").splitlines():
        name, colon, domains = line.partition(": ")
        if colon and not line.startswith("#"):
            found[name.rstrip("?")] = (name.endswith("?"), frozenset(domains.split()))
    return found


def impostor_of(org: str, names: Sequence[str], *, own: Collection[str] = ()) -> str:
    """The well-known name that this organisation bears without right, ``""`` where there is none.

    ``org``: organisational domain of the From address; ``names``: display names seen; ``own``: domains that knowledge says belong to the
    same service. In doubt it says nothing: a trade named after a common word is no fraud.
    """
    label = org.partition(".")[0]
    plain = set(_PIECES.findall(label))
    leet = {piece.translate(_LEET) for piece in plain} - plain
    shown = {word for name in names[:8] for word in _PIECES.findall(name[:100].lower())}
    joined = " ".join(name[:100] for name in names[:8]).lower()
    for brand, (common, domains) in _brands().items():
        if org in domains or any(domain in domains for domain in own) or org.startswith(brand + "."):
            continue
        in_name = brand in shown or (not brand.isascii() and brand in joined)
        in_label = brand in plain and len(plain) > 1
        if brand in leet or (in_name and in_label):
            return brand
        if common:
            continue
        if in_name and " via " not in joined and (_CLAIMS.search(joined) or joined.strip() == brand):
            return brand
        if in_label and _CLAIMS.search(label.replace(brand, " ").replace("-", " ")):
            return brand
    return ""
