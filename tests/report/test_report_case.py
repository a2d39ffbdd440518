"""The case that this project began with: the dossier of a banned QQ number and eighteen services, from a real state file, with its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readdress import Migration
from readdress.models import OldState, Text
from readdress.models.events import fact, factor, note, old_state, provider_state
from readdress.report import dossier_words as w
from readdress.report.dossier_build import Hanging, Known
from readdress.workflow.dossiering import dossier, find_provider, gather

BY_QQ = ("youdao", "qq-music")
SERVICES = ["microsoft", "google", "apple", "facebook", "github", "weibo", "douban", "baidu", "hainan-airlines", "sichuan-airlines", "china-southern", "cet", "ruankao", "chsi", *BY_QQ, "qq"]  # fmt: skip


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    """OLD dead, sign-in with QQ dead; a phone, an identity card, passwords (not for what was signed in to with QQ)."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))
    with Migration.create("ann@qq.com", "ann@example.org", state=tmp_path / "me.readdress") as m:
        for service in SERVICES:
            m.add(service)
        m.add("amazon", site="https://www.amazon.com")
        m.add("discuz", site="https://bbs.example.edu")
        ids = {a.service: a.id for a in m.accounts()}
        m.record(old_state(OldState.DEAD), provider_state("qq", OldState.DEAD))
        m.record(*(factor(f, held=True) for f in ("phone", "identity_document", "password", "trusted_device")))
        for service in BY_QQ:
            m.record(
                factor("password", held=False, account=ids[service]), factor("sso:qq", held=True, account=ids[service])
            )
        m.record(
            note("Banned", day=datetime(2022, 12, 11, 10, tzinfo=UTC), topic="ban"),
            note("Appealed in the app", day=datetime(2022, 12, 11, 11, tzinfo=UTC), topic="appeal", file="a.png", digest="ab" * 32),
            note("Answer on Weibo", ids["weibo"], day=datetime(2022, 12, 14, 7, tzinfo=UTC), topic="answer"),
        )  # fmt: skip
        m.record(fact("since", "2009", ids["qq"]), fact("value", "3,000 CNY", ids["amazon"]))
        yield m


def known(m: Migration) -> Known:
    """What the state file knows, for whoever OLD was of."""
    return gather(m, find_provider(m, ""))


def test_it_is_for_tencent_because_the_mailbox_was_theirs(case: Migration) -> None:
    """Nobody has to know the company's name: the old address tells."""
    assert find_provider(case, "").id == "tencent" == find_provider(case, "QQ").id


def test_what_hangs_on_the_number_by_category(case: Migration) -> None:
    """Everything is bound to the address, so all eighteen hang on it, the number itself not; each stands where a careful person would put it."""
    groups: dict[str, set[str]] = {}
    rows = {a.handle: a for a in known(case).accounts}
    for a in rows.values():
        groups.setdefault(a.kind, set()).add(a.handle)
    assert groups == {
        "social": {"facebook", "weibo", "douban"},
        "property": {"amazon", "qq-music"},
        "identity": {"microsoft", "google", "apple", "baidu", "cet", "ruankao", "chsi", "youdao"},
        "travel": {"hainan-airlines", "sichuan-airlines", "china-southern"},
        "work": {"github"},
        "other": {"discuz"},
    }

    def stands(handle: str) -> Text:
        found: Hanging = rows[handle]
        return found.stands

    # Youdao and QQ Music were entered with QQ alone: nothing that is held opens them, at best somebody at support does
    assert {stands(s) for s in BY_QQ} <= {w.APPEAL_NOW, w.CLOSED_NOW}
    # the others open by password or phone: lost is only the address
    assert {stands(s) for s in ("weibo", "chsi", "cet", "github")} == {w.OPEN_NOW}


def test_the_case_is_told_in_order_with_who_and_since_when(case: Migration) -> None:
    """The ban's own note says when; the number's fact says since when; the answer came over Weibo, and that is said."""
    found = known(case)
    assert found.since == "2009" and found.ended == datetime(2022, 12, 11, 10, tzinfo=UTC)
    told = [(h.topic, h.about) for h in sorted(found.happenings, key=lambda h: h.at) if h.topic]
    assert told == [("ban", ""), ("appeal", ""), ("answer", "Weibo")]
    words = {h.text for h in found.happenings if not h.topic}
    assert {w.EVENT_BEGUN, w.EVENT_OLD[OldState.DEAD], w.EVENT_PROVIDER[OldState.DEAD]} == words


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_document_holds_together(case: Migration, lang: str) -> None:
    """Six parts; what is missing is exactly what nobody said, each with its command."""
    case.adapters.lang = "zh" if lang == "zh" else "en"
    found = dossier(case, "tencent", case.adapters.lang)
    assert len(found.sections) == 6
    says = [how.removeprefix("migrate dossier ") for _, how in found.missing()]
    assert says == [
        '--say name="…"',
        w.BY_HAND.to(lang),
        '--say phone="…"',
        '--say number="…"',
        '--say notice="…"',
        '--say request="…"',
        *(f"--account {s} --say since=…" for s in ("facebook", "weibo", "douban")),
        *(f"--account qq-music --say {name}=…" for name in ("since", "value")),
        "--account amazon --say since=…",
        *(f"--account {s} --say value=…" for s in ("hainan-airlines", "sichuan-airlines", "china-southern")),
    ]
