"""The presets as data: found by domain, sourced, gentle where they must be, and trusted only on their own servers."""

from __future__ import annotations

import pytest

from readdress.mailbox.presets import PRESETS, authserv_ids_of, pace_of, preset_for, preset_of
from readdress.models import MailboxConfig


@pytest.mark.parametrize(
    ("domain", "name", "host"),
    [
        ("qq.com", "qq", "imap.qq.com"),
        ("foxmail.com", "qq", "imap.qq.com"),
        ("163.com", "163", "imap.163.com"),
        ("126.com", "163", "imap.126.com"),
        ("yeah.net", "163", "imap.yeah.net"),
        ("sina.com", "sina", "imap.sina.com"),
        ("sina.cn", "sina", "imap.sina.cn"),
        ("GMAIL.com", "gmail", "imap.gmail.com"),
        ("hotmail.com", "outlook", "outlook.office365.com"),
        ("live.com", "outlook", "outlook.office365.com"),
        ("yahoo.com", "yahoo", "imap.mail.yahoo.com"),
        ("me.com", "icloud", "imap.mail.me.com"),
        ("proton.me", "proton", "127.0.0.1"),
        ("fastmail.com", "fastmail", "imap.fastmail.com"),
        ("gmx.net", "gmx", "imap.gmx.net"),
        ("gmx.com", "gmx", "imap.gmx.com"),
    ],
)
def test_domain_leads_to_provider_and_server(domain: str, name: str, host: str) -> None:
    """Every provider of the plan is found by its domains, with the server that belongs to that very domain."""
    preset = preset_for(domain)
    assert preset is not None
    assert preset.name == name
    config = preset.config(f"ann@{domain.lower()}")
    assert (config.host, config.login, config.preset) == (host, f"ann@{domain.lower()}", name)


def test_an_unknown_domain_has_no_preset() -> None:
    """Guessing a host would send a password to whoever owns that name; a look-alike domain is unknown too."""
    assert preset_for("example.org") is None
    assert preset_for("notqq.com") is None
    assert preset_for("qq.com.example.org") is None


def test_every_claim_has_a_source_a_grade_and_both_languages() -> None:
    """Facts carry their source; what is shown to a person exists in English and Chinese."""
    for preset in PRESETS.values():
        assert preset.sources, preset.name
        for source in preset.sources:
            assert source.url.startswith("https://")
            assert source.says
            assert source.grade in {"official", "consistent", "single"}
        for text in (preset.password, *preset.quirks):
            assert text.en
            assert text.zh
            assert text.en != text.zh


def test_qq_is_read_gently() -> None:
    """One connection, no IDLE, a folder each 5 s or slower, 10 to 15 minutes of peace after a limit (facts/cn.md §1)."""
    pace = pace_of(MailboxConfig("1@qq.com", host="imap.qq.com"))
    assert (pace.connections, pace.idle, pace.turns) == (1, False, True)
    assert pace.steady >= 5
    assert pace.brisk >= 5
    assert 600 <= pace.login_wait <= 900


def test_encryption_is_never_left_out() -> None:
    """Only the bridge on this computer uses STARTTLS; no preset is plain text."""
    for preset in PRESETS.values():
        assert preset.security == ("starttls" if preset.host == "127.0.0.1" else "tls")


def test_a_stamp_counts_only_on_its_own_server() -> None:
    """A preset's authserv-id on another host would let any sender write his own pass."""
    own = MailboxConfig("a@gmail.com", host="imap.gmail.com")
    assert authserv_ids_of(own) == ("mx.google.com",)
    assert authserv_ids_of(MailboxConfig("a@gmail.com", host="imap.example.org", preset="gmail")) == ()
    assert authserv_ids_of(MailboxConfig("a@example.org", host="imap.example.org")) == ()
    chosen = MailboxConfig("a@example.org", host="imap.example.org", authserv_ids=("mx.example.org",))
    assert authserv_ids_of(chosen) == ("mx.example.org",)


def test_a_loopback_server_is_not_taken_for_the_bridge() -> None:
    """Any server on this computer has the bridge's host; only a configuration that names the preset follows it."""
    assert preset_of(MailboxConfig("a@example.org", host="127.0.0.1", port=1143)) is None
