"""have, old, provider, plan, risk, next: through the real command line, with and without a terminal, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readdress.i18n.wrap import cells
from readdress.models import OldState, Slot
from readdress.models.events import account_added, fact, factor, old_state, provider_state

DAY = (datetime.now(UTC) + timedelta(days=14)).strftime("%Y-%m-%d")


def case(old: OldState = OldState.DEAD) -> list[Any]:
    """Four accounts, two of them at GitHub; QQ signs in to Youdao; a phone and passwords are held, NEW is safe."""
    return [
        account_added("a1", "github", login="ann[/b]", slots=[Slot.SIGN_IN]),
        account_added("a2", "github", login="work", slots=[Slot.SIGN_IN]),
        account_added("a3", "youdao", login="ann", slots=[Slot.SIGN_IN]),
        account_added("a4", "chsi", slots=[Slot.SIGN_IN]),
        factor("password", held=True),
        factor("phone", held=True),
        factor("password", held=False, account="a3"),
        factor("sso:qq", held=True, account="a3"),
        factor("session", held=True, account="a3", where="phone"),
        fact("new:recovery", "phone"),
        fact("new:second_factor", "yes"),
        old_state(old),
        provider_state("qq", old),
    ]


# -- saying what is held ----------------------------------------------------------------------------------------------------


def test_have_set_and_unset(migrate: Any) -> None:
    """For all accounts, for a service, for one account; what comes out of which; the document shows it."""
    migrate.init(*case())
    for args in (
        ("--set", "totp,recovery-code", "--unset", "phone"),
        ("--service", "github", "--set", "passkey"),
        ("--account", "work", "--set", "session", "--where", "laptop"),
        ("--account", "chsi", "--set", "password", "--from", "youdao"),
        ("--new-recovery", "other", "--new-second-factor", "no"),
    ):
        done = migrate("have", *args)
        assert (done.code, "Noted." in done.out) == (0, True), done
    document = migrate("have", "--json").json
    assert {f["factor"]: f["held"] for f in document["everywhere"]} == {
        "password": True, "phone": False, "recovery_code": True, "totp": True,
    }  # fmt: skip
    by_id = {a["id"]: a for a in document["accounts"]}
    assert {"passkey", "totp", "session"} <= set(by_id["a2"]["held"])
    assert {"factor": "session", "held": True, "where": "laptop"} in by_id["a2"]["own"]
    assert by_id["a4"]["links"] == [{"factor": "password", "account": "a3"}]
    assert document["new"] == {"recovery": "other", "second_factor": False}


def test_have_says_nothing_twice(migrate: Any) -> None:
    """What is known already gives no event."""
    path = migrate.init(*case())
    before = migrate("log", "--json").json["events"]
    done = migrate("have", "--set", "password,phone")
    assert "known already" in done.out, done
    assert migrate("log", "--json").json["events"] == before
    assert path.exists()


def test_have_without_a_terminal_only_shows(migrate: Any, unchanged: Any) -> None:
    """Nobody is there to answer, so nothing is asked and nothing written."""
    check = unchanged(migrate.init(*case()))
    done = migrate("have")
    assert done.code == 0, done
    assert "the phone number" in done.out
    assert "sign-in with QQ" in done.out
    assert "(phone)" in done.out
    check()


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("have", "--set", "telepathy"), "'telepathy' is nothing that one holds"),
        (("have", "--set", "old_mailbox"), "migrate old alive"),
        (("have", "--account", "github", "--service", "github", "--set", "phone"), "not both"),
        (("have", "--from", "github"), "--from and --where need --set."),
        (("have", "--account", "nobody", "--set", "phone"), "No account 'nobody' is known."),
        (("have", "--service", "nobody", "--set", "phone"), "No account 'nobody' is known."),
        (("have", "--account", "github", "--set", "phone"), "There are several accounts at github"),
        (("old", "dead", "--until", DAY), "What is dead has no end to come."),
        (("old", "alive", "--until", "2001-01-01"), "2001-01-01 is over."),
        (("old", "alive", "--until", "soon"), "'soon' is no day."),
        (("old", "broken"), "broken"),
        (("provider", "Q Q", "dead"), "'Q Q' is no service"),
        (("plan", "--why", "nobody"), "No account 'nobody' is known."),
    ],
)
def test_wrong_use_is_explained(migrate: Any, args: tuple[str, ...], sentence: str, unchanged: Any) -> None:
    """Exit code 2, a sentence, what to do instead, and nothing written."""
    check = unchanged(migrate.init(*case()))
    migrate(*args).explains(2, sentence)
    check()


def test_asked_in_plain_words(migrate: Any) -> None:
    """At a terminal: y, n, Enter; where a session lives; then about the new mailbox; a typo is asked again."""
    migrate.init(account_added("a1", "github", login="ann", slots=[Slot.SIGN_IN]))
    screen = migrate.screen("have")
    for question, answer in (
        ("know the passwords", "y"),
        ("a phone number that you still have", "maybe"),
        ("a phone number that you still have", "n"),
        ("still signed in", "y"),
        ("Where", "phone"),
        ("used them before", ""),
        ("authenticator", ""),
        ("passkeys", ""),
        ("recovery codes", ""),
        ("identity document", ""),
        ("what would bring it back", "phone"),
        ("second factor", "yes"),
    ):
        screen.until(question)
        shown = screen.text.count("]:") + screen.text.count("…):")
        screen.type(f"{answer}\n")
        while screen.text.count("]:") + screen.text.count("…):") == shown and screen._more(_soon()):
            pass
    assert screen.end() == 0, screen.text
    document = migrate("have", "--json").json
    assert document["everywhere"] == [
        {"factor": "password", "held": True, "where": ""},
        {"factor": "phone", "held": False, "where": ""},
        {"factor": "session", "held": True, "where": "phone"},
    ]
    assert document["new"] == {"recovery": "phone", "second_factor": True}


def _soon() -> float:
    import time

    return time.monotonic() + 20


# -- the old mailbox and providers ------------------------------------------------------------------------------------------


def test_old_and_provider(migrate: Any) -> None:
    """The state with its day, and back; the plan knows it."""
    migrate.init(*case(OldState.ALIVE))
    assert migrate("old", "alive", "--until", DAY).code == 0
    assert migrate("provider", "QQ", "dead").code == 0
    document = migrate("plan", "--json").json
    assert document["old_state"] == "alive"
    assert document["old_until"][:10] in {DAY, (datetime.fromisoformat(DAY) + timedelta(days=1)).strftime("%Y-%m-%d")}
    assert document["providers"] == [{"service": "qq", "state": "dead", "until": None}]
    assert migrate("old", "read-only").code == 0
    assert migrate("plan", "--json").json["old_state"] == "read_only"
    assert migrate("plan", "--json").json["old_until"] is None


# -- what follows -----------------------------------------------------------------------------------------------------------


def test_plan_document(migrate: Any, unchanged: Any) -> None:
    """Every account once, what only a session opens first, with the facts that the sentence is made of; nothing is written."""
    check = unchanged(migrate.init(*case()))
    document = migrate("plan", "--json").json
    assert document["readdress"] == "plan"
    assert [p["number"] for p in document["places"]] == [1, 2, 3, 4]
    assert sorted(p["account"] for p in document["places"]) == ["a1", "a2", "a3", "a4"]
    first = document["places"][0]
    assert (first["account"], first["because"]) == ("a3", "session_only")
    assert first["why"]["en"].startswith("Only a session that still lives (phone) opens it.")
    assert document["keep_sessions"] is True
    assert document["assumed"] is False
    github = [p for p in document["places"] if p["service"] == "github"]
    assert {p["can"] for p in github} == {"appeal"}, "without a known device a password alone gets mail to OLD"
    assert ["password", "totp"] not in github[0]["missing"]
    assert ["totp"] in github[0]["missing"]
    check()


def test_plan_before_anything_is_said(migrate: Any) -> None:
    """Passwords are taken for granted, and the screen says so; one thing said, and only that counts."""
    migrate.init(account_added("a1", "chsi", slots=[Slot.SIGN_IN]))
    done = migrate("plan")
    assert "You have not said what you still hold" in done.out
    assert migrate("plan", "--json").json["places"][0]["can"] == "now"
    migrate("have", "--set", "totp")
    migrate("old", "dead")
    document = migrate("plan", "--json").json
    assert (document["assumed"], document["places"][0]["can"]) == (False, "appeal")


def test_plan_why(migrate: Any) -> None:
    """Each way with what is there and what is not, what follows, and what nobody could establish."""
    migrate.init(*case())
    done = migrate("plan", "--why", "youdao")
    assert done.code == 0, done
    assert "✓ a session that still lives (phone)" in done.out
    assert "✗ sign-in with QQ" in done.out
    assert "is gone" in done.out
    document = migrate("plan", "--why", "youdao", "--json").json
    assert document["readdress"] == "why"
    assert document["place"]["account"] == "a3"
    assert document["derivation"][0]["head"]["en"] == "Ways in"


def test_risk(migrate: Any, unchanged: Any) -> None:
    """What the loss of the phone would close, and the act that saves it; what is out of reach already."""
    check = unchanged(migrate.init(*case()))
    document = migrate("risk", "--json").json
    assert [e["what"] for e in document["events"]] == ["sessions"]
    danger = document["events"][0]["dangers"][0]
    assert (danger["account"], danger["loss"], danger["act"]["factor"]) == ("a3", "closed", "password")
    assert {p["account"] for p in document["unreachable"]} == {"a1", "a2"}
    screen = migrate("risk").out
    assert "→ Set a password at Youdao Dictionary" in screen
    assert "GitHub (ann[/b])" in screen, "no markup of a login is read"
    check()


def test_next(migrate: Any) -> None:
    """One thing at a time: say what is held, see to the new mailbox, then the first place; its command runs."""
    migrate.init(account_added("a1", "chsi", slots=[Slot.SIGN_IN]))
    assert migrate("next", "--json").json["command"] == "migrate have"
    migrate("have", "--set", "password")
    assert migrate("next", "--json").json["command"] == "migrate have --new"
    migrate("have", "--new-recovery", "old")
    assert "only the old mailbox would bring it back" in migrate("next").out
    migrate("have", "--new-recovery", "phone", "--new-second-factor", "yes")
    assert migrate("next", "--json").json["command"] == "migrate mailbox add new"
    assert migrate("mailbox", "add", "new", "--by-hand").code == 0
    todo = migrate("next", "--json").json
    assert (todo["command"], todo["account"]) == ("migrate --service chsi", "a1")


def test_next_without_accounts(migrate: Any) -> None:
    """There is nothing to move before something was found."""
    migrate.init()
    assert migrate("next", "--json").json["command"] == "migrate discover"
    assert migrate("plan").code == 0
    assert migrate("risk").code == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", ["plan", "risk", "next", "plan --why github", "have --account youdao --set phone"])
def test_screens_fit_80_columns(migrate: Any, lang: str, command: str) -> None:
    """On a terminal of 80 columns no line is broken by the terminal itself; Chinese counts two cells a character."""
    migrate.init(*case(OldState.ALIVE)[:1], *case(OldState.ALIVE)[2:])
    screen = migrate.screen("--lang", lang, *command.split())
    assert screen.end() == 0, screen.text
    lines = screen.text.splitlines()
    assert any(lines)
    assert all(cells(line) <= 80 for line in lines), [line for line in lines if cells(line) > 80]
    if lang == "zh":
        assert any("\u4e00" <= ch <= "\u9fff" for ch in screen.text)
