"""The case that this project began with: a banned QQ number, its mailbox and eighteen services; the expected plan with its reasons.

The access data is the recipes' own. What the person holds: a phone number, an identity card, passwords (not for what they signed in
to with QQ), and two devices that are still signed in: a phone (Weibo, Youdao, QQ Music, Apple) and a laptop (Google, Microsoft).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from readdress.models import OldState
from readdress.planner.access import Service, service_of
from readdress.planner.plan import Because, Can
from readdress.planner.risk import Loss, risks
from readdress.planner.situation import Holding, NewMailbox, Situation
from readdress.planner.solve import solve
from readdress.recipe.catalogue import Catalogue

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
END = NOW + timedelta(days=14)
EIGHTEEN = [
    "microsoft",
    "google",
    "apple",
    "amazon",
    "facebook",
    "github",
    "weibo",
    "douban",
    "baidu",
    "discuz",
    "hainan-airlines",
    "sichuan-airlines",
    "china-southern",
    "cet",
    "ruankao",
    "chsi",
    "youdao",
    "qq-music",
]
PROVIDERS = ["qq", "qq-mail"]
BY_QQ = {"youdao", "qq-music", "qq-mail"}
SIGNED_IN = {
    "weibo": "phone",
    "youdao": "phone",
    "qq-music": "phone",
    "apple": "phone",
    "google": "laptop",
    "microsoft": "laptop",
}
HELD = frozenset({"phone", "password", "trusted_device", "identity_document"})


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    """The recipes' access data."""
    catalogue = Catalogue()
    return {name: service_of(catalogue.recipe(name)) for name in [*EIGHTEEN, *PROVIDERS]}


def holding(service: Service, held: frozenset[str] = HELD, signed_in: Mapping[str, str] = SIGNED_IN) -> Holding:
    """The account at the service, as the person of the case holds it."""
    mine = held
    if service.id in BY_QQ:
        mine = (mine - {"password"}) | {"sso:qq"}
    if service.id in signed_in:
        mine |= {"session"}
    links = {"support": "weibo"} if service.id == "qq" else {}
    return Holding(service.id, service, mine, links, session=signed_in.get(service.id, ""), login="ann")


@pytest.fixture
def dead(services: dict[str, Service]) -> Situation:
    """QQ Mail and the sign-in with QQ are gone."""
    gone = (OldState.DEAD, None)
    new = NewMailbox(recovery="phone", second_factor=True)
    return Situation(NOW, tuple(holding(s) for s in services.values()), OldState.DEAD, None, {"qq": gone}, new)


@pytest.fixture
def dying(dead: Situation) -> Situation:
    """Both live for 14 more days."""
    return replace(dead, old=OldState.ALIVE, old_until=END, providers={"qq": (OldState.ALIVE, END)})


def test_dead_what_only_the_phone_still_opens_comes_first(dead) -> None:
    """Youdao and QQ Music were entered with QQ and have no other way in: once the app on the phone is signed out, they are gone.

    So the plan begins with them, and says before anything else that nothing may be signed out.
    """
    plan = solve(dead)
    assert plan.keep_sessions
    assert {p.account for p in plan.places[:2]} == {"youdao", "qq-music"}
    assert all(p.because is Because.SESSION_ONLY for p in plan.places[:2])


def test_dead_weibo_comes_right_after(dead) -> None:
    """Weibo was the way to Tencent's support: of all that is not about to close it comes first, and the sentence says why."""
    place = solve(dead).places[2]
    assert (place.account, place.because) == ("weibo", Because.PROVIDES)
    assert "support of QQ" in place.why.en


def test_dead_everything_else_can_be_moved_without_the_old_mailbox(dead) -> None:
    """With phone, passwords and devices none of the eighteen is lost; none of the ways that are chosen needs OLD or QQ."""
    plan = solve(dead)
    now = plan.of(Can.NOW, Can.RECOVER)
    assert {p.account for p in now} == set(EIGHTEEN)
    for place in now:
        needs = place.way.needs | place.path.needs | (place.entry.needs if place.entry else frozenset())
        assert not needs & {"old_mailbox", "sso:qq"}, place.account


def test_dead_identity_comes_before_shopping_and_travel(dead) -> None:
    """Of what is not urgent: Google, Baidu, Microsoft and Apple (other things hang on who one is) before people, work, shopping, travel, education."""
    plan = [p.account for p in solve(dead)]
    for first in ("google", "baidu", "microsoft", "apple"):
        for later in ("douban", "facebook", "github", "amazon", "hainan-airlines", "chsi", "discuz"):
            assert plan.index(first) < plan.index(later)
    assert plan.index("google") < plan.index("apple"), (
        "Google trusts a new address only after 7 days: its clock starts first"
    )


def test_dead_the_number_and_its_mailbox_only_by_appeal(dead) -> None:
    """A banned number takes no password, phone or identity card any more: what is left is the appeal."""
    plan = solve(dead)
    assert [p.account for p in plan.of(Can.APPEAL)] == ["qq", "qq-mail"]
    assert plan.of(Can.CLOSED) == []


def test_dead_without_the_devices_youdao_is_appealed_and_music_is_lost(dead, services) -> None:
    """No session lives: Youdao has an appeal that nobody could say the end of, or its own password if one was ever set; of QQ Music no
    way in is left, and the place says that nobody could establish one."""
    bare = replace(dead, accounts=tuple(holding(s, HELD, {}) for s in services.values()))
    plan = solve(bare)
    youdao, music = plan.find("youdao"), plan.find("qq-music")
    assert (youdao.can, youdao.missing) == (Can.APPEAL, (frozenset({"password"}),))
    assert "nobody could establish" in youdao.why.en
    assert (music.can, music.missing) == (Can.CLOSED, ())
    assert "nobody could establish" in music.why.en
    assert "sign-in with QQ" in music.why.en
    assert not plan.keep_sessions


def test_dead_with_only_phone_and_identity_card(dead, services) -> None:
    """CHSI, CET and 软考 come back by phone (and identity number), the airlines by phone; GitHub by nothing but its support: a password
    reset goes to the old mailbox, so its signed-in device would have been everything."""
    bare = replace(
        dead, accounts=tuple(holding(s, frozenset({"phone", "identity_document"}), {}) for s in services.values())
    )
    plan = solve(bare)
    for name in ("chsi", "cet", "ruankao"):
        assert plan.find(name).can is Can.RECOVER, name
        assert plan.find(name).entry.needs <= {"phone", "identity_document"}
    for name in ("weibo", "douban", "baidu", "china-southern", "sichuan-airlines", "microsoft"):
        assert plan.find(name).can in {Can.NOW, Can.RECOVER}, name
    assert plan.find("github").can is Can.APPEAL
    assert frozenset({"session"}) in plan.find("github").missing


def test_dead_the_risk_is_the_phone(dead) -> None:
    """Nothing hangs on OLD any more. What would be lost with the devices is Youdao (a password of its own saves it) and QQ Music (no
    single act does: it can only be saved); QQ and its mailbox are out of reach already."""
    risk = risks(dead)
    sessions = next(e for e in risk.events if e.what == "sessions")
    assert "old" not in {e.what for e in risk.events}
    closed = {d.account: d for d in sessions.of(Loss.CLOSED)}
    assert set(closed) == {"youdao", "qq-music"}
    assert (closed["youdao"].act.account, closed["youdao"].act.factor) == ("youdao", "password")
    assert closed["qq-music"].act is None
    assert {p.account for p in risk.unreachable} == {"qq", "qq-mail"}


def test_dying_what_ends_with_qq_comes_first(dying) -> None:
    """The number, its mailbox (its mail must be saved), then what is entered with QQ: after the day only the phone's session opens it."""
    plan = solve(dying)
    assert [p.account for p in plan.places[:4]] == ["qq", "qq-mail", "youdao", "qq-music"]
    assert [p.because for p in plan.places[:4]] == [Because.LOST_BY] * 2 + [Because.FRAGILE_BY] * 2
    assert {p.by for p in plan.places[:4]} == {END}
    assert plan.places[4].account == "weibo"


def test_dying_then_what_only_the_mailbox_could_bring_back(dying) -> None:
    """GitHub resets passwords by mail only, a Discuz! forum too: both move before what a phone could bring back."""
    plan = solve(dying)
    names = [p.account for p in plan]
    assert {p.account for p in plan if p.because is Because.OLD_RECOVERS} == {"github", "discuz"}
    assert max(names.index("github"), names.index("discuz")) < min(
        names.index(n) for n in ("google", "facebook", "amazon")
    )


def test_dying_ways_without_the_old_mailbox_are_preferred(dying) -> None:
    """Where phone and OLD prove the same, the phone is taken: it will still be there in the middle of the change."""
    plan = solve(dying)
    for place in plan.of(Can.NOW):
        if place.account not in PROVIDERS:
            assert "old_mailbox" not in place.way.needs, place.account


def test_dying_the_risks_name_the_acts(dying) -> None:
    """If QQ closed the account: Youdao and Music by the phone's session only. If OLD went: GitHub and the forum lose their way back."""
    events = {e.what: e for e in risks(dying).events}
    assert {d.account for d in events["qq"].of(Loss.SESSION_LEFT)} == {"youdao", "qq-music"}
    assert {d.account for d in events["old"].of(Loss.NO_RECOVERY)} == {"github", "discuz"}
    assert all(d.act.account == d.account and d.act.factor == "" for d in events["old"].of(Loss.NO_RECOVERY))
    assert {e.until for e in events.values() if e.what in {"old", "qq"}} == {END}


def test_nobody_of_the_eighteen_is_without_a_sentence(dead, dying) -> None:
    """In both situations, in both languages; and what recipes could not establish is said where the plan rests on it."""
    for s in (dead, dying):
        for place in solve(s):
            assert place.why.en.endswith(".")
            assert place.why.zh.endswith("。")
            if place.can is Can.NOW and place.way.grade == "unknown":
                assert "Nobody could establish" in place.why.en
