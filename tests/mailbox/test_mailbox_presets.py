"""The presets as data: found by domain, sourced, gentle where they must be, and trusted only on their own servers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from readdress.mailbox.presets import PRESETS, Preset, authserv_ids_of, pace_of, preset_for, preset_of
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


# -- what stands in a preset ----------------------------------------------------------------------------------------------
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "mailboxes.md"
CJK = re.compile(r"[\u4e00-\u9fff]")
WANTED = {"qq", "163", "sina", "gmail", "outlook", "yahoo", "icloud", "proton", "fastmail", "gmx"}
each = pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda p: p.name)


def test_the_providers_of_the_plan_are_there() -> None:
    """None of those that were promised is lost when the tables are moved about."""
    assert set(PRESETS) >= WANTED


@each
def test_some_source_is_more_than_one_third_party(preset: Preset) -> None:
    """Nobody is told where to type a password on the word of a single stranger."""
    assert {s.grade for s in preset.sources} & {"official", "consistent"}


@each
def test_guidance_is_complete_in_both_languages(preset: Preset) -> None:
    """The Chinese is Chinese, names the same web addresses as the English, and neither is a stub."""
    assert len(preset.password.en) > 60
    assert len(CJK.findall(preset.password.zh)) > 15
    urls = re.compile(r"https://[\w./-]+")
    assert set(urls.findall(preset.password.en)) == set(urls.findall(preset.password.zh))
    for quirk in preset.quirks:
        assert CJK.search(quirk.zh)
        assert re.search(r"[a-z]{3}", quirk.en)


@each
def test_words_of_a_chinese_page_stand_in_the_english_too(preset: Preset) -> None:
    """Who reads English looks for the button on a page that is Chinese only: its words must be the page's."""
    if preset.name in {"qq", "163", "sina"}:
        assert CJK.search(preset.password.en)


@each
def test_servers_of_its_own_belong_to_it(preset: Preset) -> None:
    """A password goes only to a host of the provider; a mistyped domain in ``own_hosts`` would never be used."""
    own = dict(preset.own_hosts)
    assert set(own) <= set(preset.domains)
    for domain, host in own.items():
        assert host == f"imap.{domain}" or host in set(own.values()) | {preset.host}
        assert host != preset.host
    assert preset.port == (1143 if preset.security == "starttls" else 993)


def test_no_domain_has_two_providers() -> None:
    """Which server a password is sent to must not hang on the order of a table."""
    domains = [d for p in PRESETS.values() for d in p.domains]
    assert len(domains) == len(set(domains))
    assert all(d == d.lower() and "@" not in d for d in domains)


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("vip.163.com", "imap.vip.163.com"),
        ("vip.126.com", "imap.vip.126.com"),
        ("188.com", "imap.188.com"),
        ("vip.sina.com", "imap.vip.sina.com"),
        ("vip.sina.cn", "imap.vip.sina.cn"),
        ("2008.sina.com", "imap.sina.com"),
        ("foxmail.com", "imap.qq.com"),
    ],
)
def test_paid_domains_lead_to_their_own_servers(domain: str, host: str) -> None:
    """The VIP domains are not served by the free ones' host: a sign-in there is refused with a right password."""
    preset = preset_for(domain)
    assert preset is not None
    assert preset.config(f"ann@{domain}").host == host
    assert preset_of(MailboxConfig(f"ann@{domain}", host=host)) is preset


@each
def test_the_reference_names_it_with_its_servers_and_sources(preset: Preset) -> None:
    """docs/reference/mailboxes.md shows every preset whole: run ``python tools/gen_docs.py`` when this fails."""
    found = re.search(
        rf"^## {re.escape(preset.name)}\n(.*?)(?=^## |<!-- /generated)",
        PAGE.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert found, f"{preset.name} is not in {PAGE.name}"
    part = found[1]
    for domain in preset.domains:
        assert f"| {domain} | `{preset.host_for(domain)}:{preset.port}` | {preset.security} |" in part
    for text in (preset.password, *preset.quirks):
        assert text.en in part
        assert text.zh in part
    for source in preset.sources:
        assert source.url in part
        assert source.grade in part
