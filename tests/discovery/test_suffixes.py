"""The public suffix list as it is loaded here finds what the library finds with everything loaded."""

from __future__ import annotations

from pathlib import Path

from publicsuffixlist import PSLFILE, PublicSuffixList

from readdress.discovery import org_domain


def test_encoded_names_follow_the_same_rules() -> None:
    """Every rule in another script than Latin and every rule with exceptions, plain and encoded (RFC 3492), one to three labels below."""
    theirs = PublicSuffixList()
    with Path(PSLFILE).open(encoding="utf-8") as file:
        rules = [line.strip() for line in file if line.strip() and not line.startswith("//")]
    chosen = [rule for rule in rules if not rule.isascii() or rule[0] in "*!"]
    assert len(chosen) > 300
    for rule in chosen:
        plain = rule.lstrip("!").replace("*", "w")
        for suffix in {plain, plain.encode("idna").decode("ascii")}:
            for below in ("", "a.", "b.a.", "xn--fsq.a."):
                host = below + suffix
                assert org_domain(host) == (theirs.privatesuffix(host) or host), host


def test_what_is_no_encoded_name_stays_as_it_is() -> None:
    """A label that only looks encoded breaks nothing."""
    for host in (
        "mail.xn--.com",
        "mail.xn--a\u00e9.com",
        "xn--zzzzzzzzz999.shop.co.uk",
        "xn--.xn--",
        "a.xn--55qx5d.cn",
    ):
        assert org_domain(host) in host
    assert org_domain("a.b.xn--55qx5d.cn") == "b.xn--55qx5d.cn"
