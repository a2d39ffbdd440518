"""The sentences: they name only accounts and factors that the facts name, say the same in both languages, and derive what they say."""

from __future__ import annotations

import re

from hypothesis import given, settings

from readdress.models import OldState
from readdress.planner.derive import derivation
from readdress.planner.explain import cycle_text
from readdress.planner.reach import Reach
from readdress.planner.risk import risks
from readdress.planner.solve import solve
from readdress.planner.todo import act_text, next_todo
from readdress.planner.wording import FACTORS, factor_text, length_text, spaced
from tests.planner.graphs import DAY, NOW, account, service, situation, situations, ways

few = settings(max_examples=120, deadline=None)
_EN, _ZH = re.compile(r"\bS\d\b"), re.compile(r"(?:服务|S) ?(\d)")


def named(text: str) -> set[str]:
    """Accounts of made-up situations that an English sentence names."""
    return {name.lower().replace("s", "i") for name in _EN.findall(text)}


@few
@given(situations())
def test_sentences_mention_only_facts(s) -> None:
    """Names: users, victims, suppliers and providers of this very account. Factors: of its ways, its route, its missing sets."""
    reach = Reach(s)
    for place in solve(s):
        n = reach.index[place.account]
        made = s.accounts[n].service
        factors = {f for w in (*made.sign_in, *made.change, *made.recover) for f in w.needs}
        factors |= {f for p in made.paths for f in p.needs} | {"old_mailbox", "new_mailbox", "session"}
        about = {reach.accounts[x].id for x in reach.suppliers(n, factors)} | {
            place.account,
            *place.users,
            *place.victims,
        }
        about |= {f"i{f[5:]}" for f in factors if f.startswith("sso:s")}
        assert named(place.why.en) <= about, place
        assert {f"i{d}" for d in _ZH.findall(place.why.zh)} == named(place.why.en), place
        for factor in set(FACTORS) - factors - {"support"}:
            assert factor_text(reach, factor).en not in place.why.en, (factor, place)


@few
@given(situations())
def test_both_languages_are_there_everywhere(s) -> None:
    """Derivations, cycles, acts, the next thing: English and Chinese, and nothing of a template left over."""
    reach = Reach(s)
    risk = risks(s)
    texts = [next_todo(reach, risk).what]
    for place in risk.plan:
        for head, lines in derivation(reach, place):
            texts += [head, *lines]
    texts += [cycle_text(reach, c.members, c.opener, c.way, c.missing) for c in risk.plan.cycles]
    texts += [act_text(reach, d.act) for e in risk.events for d in e.dangers if d.act]
    for text in texts:
        assert text.en
        assert re.search(r"[\u4e00-\u9fff]|✓|✗", text.zh)
        assert not re.search(r"[{}]|\bNone\b(?! opens)|frozenset", text.en + text.zh)


@few
@given(situations())
def test_the_derivation_marks_what_is_there(s) -> None:
    """A way is marked ✓ exactly when all of its factors can be used, ✗ when one cannot, ? when people at support decide."""
    reach = Reach(s)
    for place in solve(s):
        n = reach.index[place.account]
        made = s.accounts[n].service
        lines = {head.en: rows for head, rows in derivation(reach, place)}.get("Ways in", [])
        marks = [row.en[0] for row in lines if "session that still lives" not in row.en]
        wanted = ["?" if w.by_support else "✗" if reach.missing(n, w.needs) else "✓" for w in made.sign_in]
        assert marks == wanted


def why(s, name: str) -> str:
    """The sentence of an account."""
    return solve(s).find(name).why.en


def test_sentences_as_a_person_reads_them() -> None:
    """One of each kind."""
    old = OldState.DEAD
    assert why(situation(account(service("game", ["phone"]), "session", session="phone"), old=old), "game") == (
        "Only a session that still lives (phone) opens it."
    )
    assert why(situation(account(service("bank", change=["session phone"])), old=old), "bank") == (
        "You get in with the password, but the change needs the phone number too."
    )
    assert why(situation(account(service("bank", change=["session old_mailbox"])), old=old), "bank") == (
        "You get in with the password, but the change needs the old mailbox, which is gone."
    )
    assert why(situation(account(service("bank", recover=["phone"]), "phone"), old=old), "bank") == (
        "First get back in with the phone number (10 min). Not urgent, and nothing hangs on it; you get in with the phone number."
    )
    assert why(situation(account(service("bank", ["password phone", "passkey"]), ""), old=old), "bank") == (
        "Nothing that you hold opens it; it would open with a passkey, or the password + the phone number."
    )
    forgotten = service("shop", ["password", "phone"], ["session password"], ["phone"])
    assert why(situation(account(forgotten, "phone"), old=old), "shop") == (
        "First set a new password with the phone number (10 min). Not urgent, and nothing hangs on it; the change needs the password."
    )
    assert why(situation(account(service("a", ["old_mailbox"]), ""), old_until=NOW + DAY), "a") == (
        "From 2026-11-25 on nothing that you hold opens it."
    )


def test_what_comes_out_of_a_closed_account_is_said() -> None:
    """The derivation names the account that a factor comes out of."""
    manager = account(service("manager"), "")
    shop = account(service("shop"), links={"password": "manager"})
    s = situation(manager, shop, old=OldState.DEAD)
    lines = derivation(Reach(s), solve(s).find("shop"))[0][1]
    assert lines[0].en == "✗ the password (5 min): the password comes from Manager, which is closed"


def test_lengths_and_spaces() -> None:
    """Whole units; a space between Chinese and Latin letters."""
    assert [length_text(m).en for m in (1, 59, 60, 100, 1440, 43200)] == [
        "1 min",
        "59 min",
        "1 hour",
        "2 hours",
        "1 day",
        "30 days",
    ]
    assert spaced(FACTORS["phone"]).zh == "手机号"
    assert ways("a")[0].needs == {"a"}
    text = FACTORS["support"]
    assert spaced(type(text)("", "用QQ号登录GitHub账号")).zh == "用 QQ 号登录 GitHub 账号"
