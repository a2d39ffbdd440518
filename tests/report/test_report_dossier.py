"""The dossier as document: only what is known, what is missing marked, nothing hostile let through, channels with their sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from readdress.models import OldState, Slot, Text
from readdress.report.channels import Provider, known_providers, load_provider, provider_of
from readdress.report.dossier import Dossier, Fields, Table, day_text
from readdress.report.dossier_build import Hanging, Happening, Known, build
from readdress.report.dossier_html import HEAD, html_of
from readdress.report.dossier_md import markdown_of

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")  # it comes with rich
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>gone</h1>",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "| a | b |",
    "`code` **bold** _it_ ~~x~~",
    "# heading",
    "- item",
    "1. item",
    "www.evil.example and https://evil.example/",
    "=HYPERLINK(1)",
    "\u202egnol\u202c \u200bzero\x1b]8;;https://evil.example\x07",
    "<https://evil.example>",
    "<!-- x -->",
    "&lt;b&gt;",
]


def known(**more: Any) -> Known:
    """A case with one thing of everything."""
    fields: dict[str, Any] = {
        "provider": load_provider("tencent"),
        "old": "ann@qq.com",
        "new": "ann@example.org",
        "old_state": OldState.DEAD,
        "now": NOW,
        "own": {"name": "Ann"},
        "accounts": [
            Hanging("weibo", "Weibo", "social", (Slot.SIGN_IN,)),
            Hanging("shop", "Shop", "property", (Slot.SIGN_IN, Slot.BILLING), value="1,200 元", since="2012"),
            Hanging("games", "Games", "property", (Slot.SSO,), value="CNY 300.50"),
        ],
        "happenings": [Happening(NOW - timedelta(days=3), Text("banned", "被封"), "ban", "shot.png", "ab" * 32)],
        "total": 3,
    }
    return Known(**(fields | more))


class Reader(HTMLParser):
    """What a browser would make of a page: its elements, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Text."""
        self.words.append(data)


def read_html(dossier: Dossier) -> Reader:
    """The page, parsed."""
    reader = Reader()
    reader.feed(html_of(dossier))
    return reader


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_known_is_there_and_everything_missing_has_its_command(lang: Any) -> None:
    """The person reads what is still to be filled in, and how; what is known is not asked for."""
    found = build(known(), lang)
    text = markdown_of(found)
    for piece in (
        "Ann",
        "ann@qq.com".replace("@", "\\@"),
        "ann@example.org".replace("@", "\\@"),
        "1,200 元",
        "shot.png",
        "ab" * 32,
    ):
        assert piece in text, piece
    hows = [how for _, how in found.missing()]
    assert 'migrate dossier --say phone="…"' in hows and 'migrate dossier --say name="…"' not in hows
    assert "migrate dossier --account weibo --say since=…" in hows
    assert "migrate dossier --account shop --say value=…" not in hows
    page = html_of(found)
    assert all(how.replace('"', "&quot;") in page for how in hows)


def test_the_identity_number_is_never_asked_for_by_a_command() -> None:
    """It is written by hand: no command would keep it."""
    found = build(known(), "en")
    (how,) = [how for what, how in found.missing() if what == "Identity number"]
    assert "migrate" not in how and "by hand" in how


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_comes_from_outside_stays_text(hostile: str) -> None:
    """Names, notes and file names are somebody else's: no element, attribute, link or hidden direction may come of them."""
    plain = read_html(build(known(), "en"))
    case = known(
        own={"name": hostile, "notice": hostile},
        accounts=[Hanging("x", hostile, "social", (Slot.SIGN_IN,), since=hostile, value=hostile, uses=hostile, login=hostile)],
        happenings=[Happening(NOW, Text(hostile, hostile), "ban", hostile, "cd" * 32, hostile)],
    )  # fmt: skip
    found = build(case, "en", logins=True)
    reader = read_html(found)
    assert set(reader.tags) <= set(plain.tags) | {"span"}
    assert {n for n, _ in reader.attributes} <= {n for n, _ in plain.attributes} | {"title"}
    links = {v for n, v in reader.attributes if n == "href"}
    assert links <= {v for n, v in plain.attributes if n == "href"}, "no link but those of the channels"
    text = markdown_of(found)
    for char in "\u202e\u202c\u200b\x1b\x07":
        assert char not in html_of(found) + text
    rendered, usual = Reader(), Reader()
    rendered.feed(MARKDOWN.render(text))
    usual.feed(MARKDOWN.render(markdown_of(build(known(), "en"))))
    assert set(rendered.tags) <= set(usual.tags), "a reader of Markdown makes no other element of it either"
    targets = {v for n, v in rendered.attributes if n in {"href", "src"}}
    assert targets <= {v for n, v in usual.attributes if n == "href"}
    body = [line for line in text.splitlines() if "evil" in line and "migrate" not in line]
    assert all("://evil" not in line and "www.evil" not in line for line in body), (
        "readers make links of bare addresses"
    )
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    widths = {line.replace("\\|", "").count("|") for line in rows}
    assert widths <= {len(b.head) + 1 for s in found.sections for b in s.blocks if isinstance(b, Table)}


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    """It is opened from a disk, mailed and printed: no script, no request, and a policy that forbids both."""
    reader = read_html(build(known(), "en"))
    assert not {"script", "img", "iframe", "link", "object", "form", "input"} & set(reader.tags)
    assert not [n for n, _ in reader.attributes if n.startswith("on") or n in {"src", "srcset"}]
    policy = next(v for n, v in reader.attributes if n == "content" and v and "default-src" in v)
    assert policy.startswith("default-src 'none'")
    assert html_of(build(known(), "en")).startswith(HEAD)


def test_sums_only_what_are_amounts() -> None:
    """A total is made of plain amounts of one's own; with one that is words there is none, for it would be made up."""
    whole = markdown_of(build(known(), "en"))
    assert "1,500.50 CNY" in whole and "2 of them estimated" in whole
    vague = known(accounts=[*known().accounts, Hanging("y", "Y", "property", value="quite a lot")])
    assert "Own estimate of what" not in markdown_of(build(vague, "en"))


def test_login_names_stay_out_unless_asked_for() -> None:
    """Whoever gets the document needs no list of one's names at other services."""
    case = known(accounts=[Hanging("weibo", "Weibo", "social", (Slot.SIGN_IN,), login="secretname77")])
    assert "secretname77" not in html_of(build(case, "en"))
    assert "secretname77" in html_of(build(case, "en", logins=True))


def test_the_timeline_is_in_order_with_bare_days_after_times() -> None:
    """The ban at six in the evening goes before the appeal "of that day"."""
    noon = datetime(2022, 12, 11, 12, 0).astimezone()
    six = datetime(2022, 12, 11, 18, 0).astimezone()
    happened = [Happening(noon, Text("appealed", ""), "appeal"), Happening(six, Text("banned", ""), "ban"), Happening(six - timedelta(days=9), Text("first", ""))]  # fmt: skip
    text = markdown_of(build(known(happenings=happened), "en"))
    assert text.index("first") < text.index("banned") < text.index("appealed")
    assert day_text(noon) == "2022-12-11" and day_text(six) == "2022-12-11 18:00"


def test_an_empty_state_gives_an_empty_form() -> None:
    """Nothing is known: nothing is claimed, everything is marked."""
    found = build(known(own={}, accounts=[], happenings=[], total=0), "en")
    fields = next(b for b in found.sections[0].blocks if isinstance(b, Fields))
    said = {label for label, value in fields.rows if value.text}
    assert said == {"To be reached at", "Lost address", "State of the mailbox"}
    hows = [how for _, how in found.missing()]
    assert {"migrate discover", "migrate remember"} <= set(hows) and any(h.startswith("migrate note") for h in hows)


@pytest.mark.parametrize("name", known_providers())
def test_channels_are_graded_and_rest_on_sources(name: str) -> None:
    """Each channel names its sources; what nobody could establish says so; both languages are there; no advice is given."""
    provider = load_provider(name)
    assert provider.id == name and provider.channels and provider.checked
    used = {s for c in provider.channels for s in c.sources}
    assert used == {s.id for s in provider.sources}, "a source that nothing rests on, or one that is missing"
    texts = [t for c in provider.channels for t in (c.name, c.before, c.takes, c.asks)] + list(provider.remarks)
    texts += [s.says for s in provider.sources] + [p.about for p in provider.laws]
    assert all(t.en and t.zh for t in texts)
    for channel in provider.channels:
        assert channel.where.startswith("https://")
        if channel.grade == "weak":
            assert "not established" in f"{channel.takes.en} {channel.asks.en}" or "doubtful" in channel.before.en
    assert all(p.articles and p.url for p in provider.laws)


def test_the_facts_that_matter_most_are_right() -> None:
    """From the facts of the case: ten working days at the platform, the company first, the telecom centre doubtful, three numbers that are not for this."""
    tencent = load_provider("tencent")
    by_id = {c.id: c for c in tencent.channels}
    assert [c.id for c in tencent.channels][:4] == ["app", "company", "weibo", "isc"]
    assert "10 working days" in by_id["isc"].takes.en and by_id["isc"].grade == "strong"
    assert "15 days" in by_id["miit"].before.en and by_id["miit"].grade == "weak"
    assert "12381" in tencent.remarks[0].en
    assert {a for p in load_provider("eu").laws for a in p.articles} == {"15", "17", "20", "21"}


@pytest.mark.parametrize(
    "change",
    [
        {"grade": "sure"},
        {"sources": ["nowhere"]},
        {"before": {"en": "x"}},
    ],
)
def test_a_broken_file_is_refused(change: dict[str, Any]) -> None:
    """Unknown grade, unknown source, a language missing: an error, never a silent gap."""
    text = {"en": "x", "zh": "x"}
    channel = {
        "id": "a",
        "name": text,
        "where": "https://a.test/",
        "before": text,
        "takes": text,
        "asks": text,
        "grade": "weak",
    }
    data = {"id": "x", "name": text, "services": [], "domains": [], "channel": [channel]}
    assert isinstance(provider_of(data), Provider)
    with pytest.raises(ValueError):
        provider_of(data | {"channel": [channel | change]})
    with pytest.raises(ValueError):
        provider_of(data | {"surprise": 1})
