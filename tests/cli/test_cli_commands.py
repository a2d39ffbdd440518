"""Every command through the real command line: exit codes, plain lines, JSON documents, both languages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from readdress.models import MailboxConfig, Side, Slot, Verdict
from readdress.models.events import account_added, mailbox_set, slot_verdict, step_armed, wait_set

LATER = datetime.now(UTC) + timedelta(days=30)
READING = ("status", "check", "export", "log", "mailbox list")


def some() -> list[Any]:
    """Two accounts: one moved, one that waits for the person and has a step in doubt."""
    return [
        account_added("a1", "github", login="ann[/b]", label="GitHub", slots=[Slot.SIGN_IN]),
        slot_verdict("a1", Slot.SIGN_IN, Verdict.READ_BACK),
        account_added(
            "a2", "mediawiki", site="https://wiki.example.org", login="Ann", label="Wiki", slots=[Slot.CONTACT]
        ),
        slot_verdict("a2", Slot.CONTACT, Verdict.STARTED),
        step_armed("a2", "standard", "change_address", attempt=1),
        wait_set("a2", "person", "solve the puzzle"),
        account_added("a3", "microsoft", login="ann@example.com", slots=[Slot.SIGN_IN]),
        wait_set("a3", "time", "security hold", until=LATER),
        mailbox_set(
            Side.OLD,
            MailboxConfig("ann@example.com", host="imap.example.com", login="ann", secret="command:pass show old"),
        ),
    ]


def test_help_of_every_command_fits_80_columns_in_both_languages(migrate: Any) -> None:
    """A person with an ordinary window reads every help whole; every command and option has a Chinese text of its own."""
    from readdress.cli.app import migrate as root
    from readdress.cli.wording import commands
    from readdress.i18n.wrap import cells

    paths = [path for path, _ in commands(root)]
    assert len(paths) > 20
    for path in ("", "mailbox add", "recipes check", "practice"):
        for lang in ("en", "zh"):
            done = migrate("--lang", lang, *path.split(), "--help", COLUMNS="80")
            assert done.code == 0, done
            assert all(cells(line) <= 80 for line in done.out.splitlines()), done.out
            assert "..." not in done.out.replace("[ARGS]...", "")


def test_every_help_text_is_translated() -> None:
    """No command and no option falls back to English in Chinese."""
    import click

    from readdress.cli import chinese
    from readdress.cli.app import migrate as root
    from readdress.cli.wording import commands

    missing = []
    for path, command in commands(root):
        if path not in chinese.COMMANDS:
            missing.append(path)
        options = [p.opts[0] for p in command.params if isinstance(p, click.Option)]
        missing += [f"{path} {name}" for name in options if not chinese.option(path, name)]
    assert not missing


def test_localising_back_gives_english(
    migrate: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that calls run() twice in two languages gets each time the one it asked for."""
    from readdress.cli.app import run

    monkeypatch.setenv("READDRESS_HOME", str(migrate.home))
    assert run(["--lang", "zh", "status", "--help"]) == 0
    assert "每个账号" in capsys.readouterr().out
    assert run(["status", "--help"]) == 0
    out = capsys.readouterr().out
    assert "Where every account stands" in out
    assert "账号" not in out


def test_no_arguments_is_help(migrate: Any) -> None:
    """A first look at the command teaches it."""
    done = migrate()
    assert done.code == 0
    assert "migrate practice" in done.out


def test_version(migrate: Any) -> None:
    from readdress import __version__

    assert migrate("--version").out.strip() == f"migrate, version {__version__}"


def test_init_makes_a_private_file_and_says_what_is_next(migrate: Any) -> None:
    done = migrate("init", "--old", "ann@example.com", "--new", "ann@example.net")
    assert done.code == 0, done
    path = migrate.home / "ann@example.com.readdress"
    assert str(path) in done.out
    assert "→ " in done.out
    assert path.stat().st_mode & 0o777 == 0o600
    again = migrate("init", "--old", "ann@example.com", "--new", "other@example.net")
    again.explains(1, "There is a file")
    assert migrate("status", "--json").json["migration"]["new"] == "ann@example.net"


def test_init_asks_on_a_terminal_for_what_is_missing(migrate: Any) -> None:
    screen = migrate.screen("init")
    screen.until("leave")
    screen.type("ann@example.com\n")
    screen.until("move to")
    screen.type("ann@example.net\n")
    assert screen.end() == 0
    assert "Started: ann@example.com → ann@example.net" in screen.text


def test_status_in_plain_lines(migrate: Any) -> None:
    """Without a terminal each account is one line, however long, and markup in a login is only text."""
    migrate.init(*some())
    done = migrate("status")
    assert done.code == 0
    lines = done.out.splitlines()
    assert "github · ann[/b] · read back" in lines
    assert "mediawiki https://wiki.example.org · Ann · started (in doubt) · for you: solve the puzzle" in lines
    assert "1 of 3 moved." in lines
    assert "\x1b" not in done.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_status_on_a_terminal_fits_its_width(migrate: Any, lang: str) -> None:
    """At 80 columns no line is wider, also with characters that take two."""
    from readdress.i18n.wrap import cells

    migrate.init(*some())
    screen = migrate.screen("--lang", lang, "status")
    assert screen.end() == 0
    assert all(cells(line) <= 80 for line in screen.text.splitlines()), screen.text
    assert "ann[/b]" in screen.text
    assert ("1 of 3 moved." if lang == "en" else "共 3 个，已迁移 1 个。") in screen.text


def test_chinese_everywhere(migrate: Any) -> None:
    """`--lang zh` before or after the command, and LANG, give Chinese; errors too."""
    migrate.init(*some())
    for done in (
        migrate("--lang", "zh", "status"),
        migrate("status", "--lang", "zh"),
        migrate("status", LANG="zh_CN.UTF-8"),
    ):
        assert "已在页面核对" in done.out
        assert "等待您：" in done.out
    lost = migrate("status", "--state", "nowhere", "--lang", "zh")
    lost.explains(1, "没有状态文件", "migrate init")
    wrong = migrate("--lang", "zh", "stats")
    wrong.explains(2, "没有命令", "--help")


def keys(value: Any) -> Any:
    """The shape of a document: names, and of lists the shape of their first item."""
    if isinstance(value, dict):
        return {k: keys(v) for k, v in value.items()}
    if isinstance(value, list):
        return [keys(value[0])] if value else []
    return type(value).__name__


def test_json_of_status(migrate: Any) -> None:
    """Programs rely on these names: within format 1 they are only added to."""
    migrate.init(*some())
    document = migrate("status", "--json").json
    assert (document["readdress"], document["format"]) == ("status", 1)
    assert set(document) == {"readdress", "format", "migration", "counts", "in_doubt", "accounts"}
    assert set(document["migration"]) == {"lineage", "serial", "old", "new", "old_state", "old_until", "created"}
    first, second, _ = document["accounts"]
    assert set(first) == {
        "id", "service", "site", "login", "label", "closed", "route", "verdict", "finished", "slots", "evidence", "in_doubt", "wait",
    }  # fmt: skip
    assert (first["verdict"], first["finished"], first["wait"]) == ("read_back", True, None)
    assert set(second["wait"]) == {"for", "reason", "until", "since", "step"}
    assert second["in_doubt"] == 1
    assert document["counts"] == {"found": 1, "started": 1, "read_back": 1}


def test_json_of_the_other_reading_commands(migrate: Any) -> None:
    """One document each, with its name and format number, and nothing else on standard output."""
    migrate.init(*some())
    shapes = {
        "check": {"readdress", "format", "path", "sound", "faults"},
        "log": {"readdress", "format", "events"},
        "mailbox list": {"readdress", "format", "mailboxes"},
        "mailbox presets": {"readdress", "format", "presets"},
        "recipes list": {"readdress", "format", "recipes"},
        "doctor --offline": {"readdress", "format", "ok", "findings"},
    }
    for command, names in shapes.items():
        document = migrate(*command.split(), "--json").json
        assert set(document) == names, command
        assert document["format"] == 1
    log = migrate("log", "--json", "--last", "2").json
    assert [set(e) for e in log["events"]] == [{"seq", "at", "kind", "account", "data"}] * 2
    boxes = migrate("mailbox", "list", "--json").json["mailboxes"]
    assert boxes[0]["secret"] == "command"  # the place; the command itself may name things
    assert boxes[1] == {"side": "new", "kind": "unset"}
    recipes = migrate("recipes", "list", "--json").json["recipes"]
    assert set(recipes[0]) == {
        "id", "name", "category", "browser", "proof", "checked", "automatic", "steps", "routes", "grade", "origin", "code",
        "problem",
    }  # fmt: skip
    presets = migrate("mailbox", "presets", "--json").json["presets"]
    assert set(presets[0]) == {"id", "domains", "host", "port", "security", "app_password", "quirks", "sources"}
    findings = migrate("doctor", "--offline", "--json").json["findings"]
    assert all(set(f) == {"part", "ok", "message", "todo"} for f in findings)
    assert {f["part"] for f in findings} == {"browser", "keyring", "recipes", "state", "old mailbox", "new mailbox"}


def test_json_is_the_same_in_every_language(migrate: Any) -> None:
    """Documents are for programs: a setting of the person's must not change them."""
    migrate.init(*some())
    for command in READING:
        assert migrate(*command.split(), "--json").json == migrate(*command.split(), "--json", LANG="zh_CN.UTF-8").json


def test_export(migrate: Any, tmp_path: Path) -> None:
    """The whole state to the screen or to a private file; an earlier export is replaced, any other file is left alone."""
    path = migrate.init(*some())
    document = migrate("export").json
    assert (document["readdress"], document["format"]) == ("state", 1)
    assert len(document["accounts"]) == 3
    out = tmp_path / "out.json"
    for _ in range(2):
        done = migrate("export", "-o", out)
        assert done.code == 0, done
        assert json.loads(out.read_text("utf-8")) == document
    assert out.stat().st_mode & 0o777 == 0o600
    for other in (path, tmp_path / "letter.txt"):
        if other != path:
            other.write_text("dear diary")
        before = other.read_bytes()
        migrate("export", "-o", other).explains(1, "another file")
        assert other.read_bytes() == before


def test_check(migrate: Any) -> None:
    """0 for a sound file, 1 for one that is not, with what is wrong and what to do."""
    path = migrate.init()
    assert migrate("check").code == 0
    path.chmod(0o644)
    done = migrate("check")
    assert done.code == 1
    assert "may be read by others" in done.out
    assert "→ Run: chmod 600" in done.out
    assert migrate("check", "--json").json["faults"][0]["kind"] == "permissions"


def test_log_by_account(migrate: Any) -> None:
    """An account is named by its service, its login or its id."""
    migrate.init(*some())
    by_id = migrate("log", "--account", "a2").out
    assert by_id.count("\n") == 4
    assert migrate("log", "--account", "mediawiki").out == by_id
    assert migrate("log", "--account", "ANN").out == by_id
    migrate("log", "--account", "nobody").explains(2, "No account 'nobody' is known.")


def test_recipes_list_show_new_check(migrate: Any) -> None:
    """A new recipe can be made, linted by folder and by id, listed, shown in both languages and as JSON."""
    made = migrate("recipes", "new", "my-service", "--dir", "mine")
    assert made.code == 0, made
    folder = migrate.folder / "mine" / "my-service"
    assert (folder / "recipe.toml").is_file()
    for name in (folder, "my-service"):
        done = migrate("--recipes", "mine", "recipes", "check", name, "--no-browser")
        assert done.code == 0, done
        assert "0 errors" in done.out
    document = migrate("recipes", "check", folder, "--no-browser", "--json").json
    assert set(document) == {"readdress", "format", "folder", "ok", "findings", "cases"}
    listed = migrate("--recipes", "mine", "recipes", "list")
    assert any(line.startswith("my-service · ") for line in listed.out.splitlines()), listed
    shown = migrate("recipes", "show", "mediawiki")
    assert shown.out.startswith("# MediaWiki")
    assert "来源" in migrate("recipes", "show", "mediawiki", "--lang", "zh").out
    assert migrate("recipes", "show", "mediawiki", "--json").json["recipe"]["id"] == "mediawiki"


def test_practice_help(migrate: Any) -> None:
    done = migrate("practice", "--help")
    assert done.code == 0
    assert "--pause" in done.out


def test_service_by_hand_stops_for_the_person(migrate: Any) -> None:
    """Without a terminal a step by hand is shown and becomes a durable wait: exit 3, and status, resume and log know of it."""
    path, recipes = migrate.init(mailbox_set(Side.NEW, MailboxConfig("ann@example.net", kind="none"))), migrate.recipe()
    done = migrate("--recipes", recipes, "--service", "Orchard", "--account", "ann")
    assert done.code == 3, done
    assert "Traceback" not in done.err
    assert "waits for you" in done.out
    status = migrate("status", "--json").json
    assert status["accounts"][0]["login"] == "ann"
    assert status["accounts"][0]["wait"]["for"] == "person"
    again = migrate("--recipes", recipes, "resume")
    assert again.code == 3, again
    assert len(migrate("status", "--json").json["accounts"]) == 1
    assert migrate("check").code == 0
    assert not list(path.parent.glob("*.lock"))


def test_resume_with_nothing_to_do(migrate: Any) -> None:
    migrate.init()
    done = migrate("resume")
    assert (done.code, "nothing to go on with" in done.out) == (0, True)


def test_resume_leaves_alone_what_waits_for_a_later_time(migrate: Any) -> None:
    """An account whose time has not come is not touched, not even looked at."""
    path = migrate.init(
        account_added("a3", "microsoft", slots=[Slot.SIGN_IN]), wait_set("a3", "time", "hold", until=LATER)
    )
    before = migrate("export").json["events"]
    assert migrate("resume").code == 0
    assert migrate("export").json["events"] == before
    assert path.exists()


def test_doctor_names_the_command_for_each_fault(migrate: Any) -> None:
    """No keyring and no mailboxes: two kinds of fault, each with what mends it."""
    fresh = migrate("doctor")
    assert "No migration was started yet." in fresh.out
    assert fresh.code == 1  # the keyring
    migrate.init()
    done = migrate("doctor")
    assert done.code == 1
    assert "✗ keyring: " in done.out
    assert "--secret env:NAME" in done.out
    assert "✗ new mailbox: It is not set up.\n  → migrate mailbox add new" in done.out


def test_mailbox_by_hand(migrate: Any) -> None:
    migrate.init()
    assert migrate("mailbox", "add", "new", "--by-hand").code == 0
    assert "new: ann@example.net, read by you" in migrate("mailbox", "list").out
    assert "旧邮箱：尚未设置" in migrate("mailbox", "list", "--lang", "zh").out


def test_secret_set_and_forget_with_a_keyring(
    migrate: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The secret goes to the account that was named, and is never printed."""
    from readdress.cli import mailboxes
    from readdress.cli.app import run
    from readdress.testing.fakes import FakeSecrets
    from readdress.workflow.adapters import Adapters

    migrate.init(*some())
    monkeypatch.setenv("READDRESS_HOME", str(migrate.home))
    monkeypatch.setattr(mailboxes, "hidden_prompt", lambda _: "hunter2-orchid")
    secrets = FakeSecrets()
    assert run(["secret", "set", "github"], Adapters(secrets=secrets)) == 0
    assert secrets.get("a1/password") == "hunter2-orchid"
    assert run(["secret", "forget", "github"], Adapters(secrets=secrets)) == 0
    assert secrets.get("a1/password") is None
    assert "hunter2" not in "".join(capsys.readouterr())
    monkeypatch.setattr(mailboxes, "hidden_prompt", lambda _: "")
    assert run(["secret", "set", "github"], Adapters(secrets=secrets)) == 2
    assert "nothing was kept" in capsys.readouterr().err


@pytest.mark.parametrize(("found", "code"), [([], 0), ([0, 4], 4), ([4, 3], 3), ([3, 1, 4], 1), ([0], 0)])
def test_worst_exit_code_wins(found: list[int], code: int) -> None:
    """Failed before the person before waiting before done, whatever the order of the accounts."""
    from readdress.cli.moving import finish
    from readdress.cli.options import Settings
    from readdress.engine.tools import Ended, Outcome

    ends = {0: Ended.DONE, 1: Ended.REFUSED, 3: Ended.NEEDS_PERSON, 4: Ended.NEEDS_MAIL}
    s = Settings()
    finish(s, [Outcome("a", "github", ends[n], Verdict.STARTED) for n in found])
    assert s.extra["exit_code"] == code
