"""Finding accounts as a person does it: `discover`, `accounts`, `add`, `remember`, `catalogue`, on files, in both languages, stopped and gone on."""

from __future__ import annotations

import gzip
import json
import mailbox
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import Ended, Migrate
from tests.corpus.build import OLD, load
from tests.finding.conftest import write_mbox

ACCOUNT = {
    "id", "service", "name", "category", "site", "login", "label", "verdict", "slots", "guided", "confidence", "evidence", "mail",
}  # fmt: skip
CHROME = f"""name,url,username,password,note
GitHub,https://github.com/login,{OLD},hunter2-secret,
Shop,https://shop.example.org/login,mia,correct-horse,uses {OLD}
"""


@pytest.fixture(scope="module")
def mails() -> list[bytes]:
    """The development half of the labelled mail."""
    return [sample.octets() for sample in load("dev")]


@pytest.fixture(scope="module")
def mbox(tmp_path_factory: pytest.TempPathFactory, mails: list[bytes]) -> Path:
    """The same as an mbox."""
    path = tmp_path_factory.mktemp("mail") / "export.mbox"
    write_mbox(path, mails)
    return path


@pytest.fixture
def mia(migrate: Migrate) -> Migrate:
    """The command, with a migration of the labelled mail's owner."""
    started = migrate("init", "--old", OLD, "--new", "mia@new.example")
    assert started.code == 0, started
    return migrate


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, mbox: Path) -> Iterator[tuple[Path, Ended]]:
    """A folder with a state file in which the mbox was looked through, and what the first run printed."""
    folder = tmp_path_factory.mktemp("searched")
    first = Migrate(folder)
    assert first("init", "--old", OLD, "--new", "mia@new.example").code == 0
    yield folder, first("discover", "--mbox", mbox, "--json")
    first.close()


@pytest.fixture
def found(searched: tuple[Path, Ended], tmp_path: Path) -> Iterator[Migrate]:
    """A copy of it."""
    shutil.copytree(searched[0] / "home", tmp_path / "home", dirs_exist_ok=True)
    made = Migrate(tmp_path)
    yield made
    made.close()


def accounts(migrate: Migrate, *args: str) -> list[dict[str, Any]]:
    """What `accounts --json` lists."""
    listed: list[dict[str, Any]] = migrate("accounts", "--json", *args).json["accounts"]
    return listed


# -- discover ---------------------------------------------------------------------------------------------------------


def test_an_mbox_as_a_document(searched: tuple[Path, Ended], found: Migrate) -> None:
    """Exit code 0; the document's names, which programs rely on; as many accounts as `accounts` lists afterwards."""
    ended = searched[1]
    assert (ended.code, ended.err) == (0, "")
    document = ended.json
    assert set(document) == {
        "readdress", "format", "sources", "opened", "added", "confirmed", "closed", "doubtful", "forged", "accounts", "error",
    }  # fmt: skip
    (source,) = document["sources"]
    assert set(source) == {"source", "name", "messages", "folders", "troubles", "error"}
    assert (source["name"], source["messages"], source["troubles"]) == ("export.mbox", 251, [])
    assert document["error"] is None
    assert document["opened"] > 0
    assert document["closed"] == [], (
        "no message of this file is vouched for, so none can say that an account was deleted"
    )
    assert "micros0ft-account.example" in document["forged"]
    assert len(document["added"]) == document["accounts"] == len(accounts(found)) > 35
    assert all(set(a) == {"id", "service", "site", "login"} for a in document["added"])


def test_a_second_run_says_that_nothing_is_new(found: Migrate, mbox: Path) -> None:
    """In both languages; what was left aside the first time is not told again, and the state file has not one account more."""
    before = len(accounts(found))
    again = found("discover", "--mbox", mbox)
    assert again.code == 0
    assert "export.mbox: nothing new." in again.out
    assert "No account is new." in again.out
    assert "Deleted by you earlier" not in again.out
    chinese = found("discover", "--mbox", mbox, "--lang", "zh")
    assert "export.mbox：没有新邮件。" in chinese.out
    assert "没有新的账号。" in chinese.out
    assert len(accounts(found)) == before


def _takeout(folder: Path, mails: list[bytes]) -> list[str | Path]:
    labelled = [b"X-Gmail-Labels: Inbox,Important\n" + raw for raw in mails]
    write_mbox(folder / "all.mbox", labelled)
    packed = folder / "All mail Including Spam and Trash.mbox.gz"
    packed.write_bytes(gzip.compress((folder / "all.mbox").read_bytes()))
    return ["--mbox", packed]


def _maildir(folder: Path, mails: list[bytes]) -> list[str | Path]:
    made = mailbox.Maildir(folder / "Maildir")
    for raw in mails[:20]:
        made.add(raw)
    inside = made.add_folder("Archive")
    for raw in mails[20:]:
        inside.add(raw)
    return ["--maildir", folder / "Maildir"]


def _eml(folder: Path, mails: list[bytes]) -> list[str | Path]:
    (folder / "eml" / "Old stuff").mkdir(parents=True)
    for number, raw in enumerate(mails):
        (folder / "eml" / ("Old stuff" if number % 2 else "") / f"{number:03}.eml").write_bytes(raw)
    return ["--eml", folder / "eml"]


def _zip(folder: Path, mails: list[bytes]) -> list[str | Path]:
    with zipfile.ZipFile(folder / "mail.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for number, raw in enumerate(mails):
            packed.writestr(f"mail/{number:03}.eml", raw)
    return ["--zip", folder / "mail.zip"]


@pytest.mark.parametrize("make", [_takeout, _maildir, _eml, _zip], ids=["takeout", "maildir", "eml", "zip"])
def test_other_archives(
    mia: Migrate, mails: list[bytes], tmp_path: Path, make: Callable[[Path, list[bytes]], list[str | Path]]
) -> None:
    """Each kind of archive: every message read, accounts with their reasons on screen, and where each piece of evidence lies in words."""
    ended = mia("discover", *make(tmp_path, mails[:60]))
    assert ended.code == 0, ended
    assert ": 60 new messages read." in ended.out
    listed = accounts(mia)
    assert listed
    assert f"{len(listed)} accounts are known now." in ended.out
    why = mia("accounts", "--why", listed[0]["id"]).out
    assert "(/" not in why, "a folder without a name is said in words"
    assert "message" in why or "in the file, at" in why


def test_saved_logins(mia: Migrate, tmp_path: Path) -> None:
    """A browser's export: the accounts and why; no secret on screen or in the state file; the second time nothing is new."""
    export = tmp_path / "Chrome Passwords.csv"
    export.write_text(CHROME)
    ended = mia("discover", "--passwords", export)
    assert ended.code == 0, ended
    assert "Chrome Passwords.csv: 2 entries read." in ended.out
    assert "2 new accounts:" in ended.out
    assert "  GitHub\n    saved login\n" in ended.out
    assert "No account is new." in mia("discover", "--passwords", export).out
    assert "(Chrome Passwords.csv, entry 1)" in mia("accounts", "--why", "github").out
    kept = b"".join(p.read_bytes() for p in mia.home.rglob("*") if p.is_file())
    for secret in ("hunter2-secret", "correct-horse"):
        assert secret not in ended.out + ended.err
        assert secret.encode() not in kept


def test_an_alias_finds_more(mia: Migrate, tmp_path: Path) -> None:
    """What was written to another address of the person's counts once that address is named; a wrong one is wrong use."""
    raw = (
        b"From: Example Forum <noreply@forum-of-mia.example>\r\nTo: other-mia@oldmail.example\r\nSubject: Welcome to Example Forum\r\n"
        b"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@forum-of-mia.example>\r\n\r\n"
        b"Welcome! Your account has been created. Your user name is mia.\r\n"
    )
    write_mbox(tmp_path / "one.mbox", [raw])
    mia("discover", "--mbox", tmp_path / "one.mbox", "--alias", "not an address").explains(2, "not an address")
    mia("discover", "--mbox", tmp_path / "one.mbox", "--alias", "other-mia@oldmail.example")
    assert [a["service"] for a in accounts(mia)] == ["forum-of-mia.example"]


def test_stopped_while_it_opens_messages(mia: Migrate, mbox: Path, searched: tuple[Path, Ended]) -> None:
    """Ctrl-C on a terminal: exit code 3, how to go on; what was read and opened is kept, and the next run ends with the same accounts."""
    screen = mia.screen("discover", "--mbox", mbox)
    screen.until("opening: ")
    screen.type("\x03")
    assert screen.end() == 3, screen.text
    assert "Stopped. What was read until now is kept." in screen.text
    assert "→ Go on with the same command" in screen.text
    assert "Traceback" not in screen.text
    state = mia("export").json
    assert sum(s["messages"] for s in state["scans"]) == 251
    opened = len(state["opened"])
    rest = mia("discover", "--mbox", mbox, "--json").json
    assert rest["sources"][0]["messages"] == 0
    assert 0 < opened + rest["opened"] == searched[1].json["opened"], "no message was opened twice"
    assert {a["service"] for a in accounts(mia)} == {a["service"] for a in searched[1].json["added"]}


def test_progress_is_in_megabytes_and_goes_away(mia: Migrate, mbox: Path) -> None:
    """An mbox is measured in octets, not in messages; opening is named; the line is taken away in the end."""
    screen = mia.screen("discover", "--mbox", mbox)
    assert screen.end() == 0
    assert "export.mbox: 0." in screen.text
    assert " MB" in screen.text
    assert "374," not in screen.text, "octets are no messages"
    assert "opening: " in screen.text
    assert screen.raw.rindex(b"\r\x1b[K") < screen.raw.index(b"new messages read")


def test_many_new_accounts_take_a_line_each(mia: Migrate, mbox: Path) -> None:
    """Forty-five accounts with a paragraph each would scroll away: a line each, and how to see more."""
    ended = mia("discover", "--mbox", mbox)
    assert re.search(r"^[3-6]\d new accounts:$", ended.out, re.MULTILINE)
    assert "  Amazon (www.amazon.com) · likely: security notice, password reset, receipt\n" in ended.out
    assert "merlin-group.example  owl.mia · likely: a message says so" in ended.out
    assert "→ Each with its messages: migrate accounts --why NAME" in ended.out
    assert "Left aside, for they bear another's name: " in ended.out


def test_without_any_source(mia: Migrate) -> None:
    """The ways that are left are named."""
    mia("discover").explains(1, "The old mailbox is not set up to be read.", "--mbox FILE", "migrate remember")


def test_wrong_use_of_discover(mia: Migrate, tmp_path: Path) -> None:
    mia("discover", "--mbox", tmp_path / "none.mbox").explains(2, "none.mbox")
    mia("discover", "inbox").explains(2, "inbox")
    mia("discover", "--mbox").explains(2, "--mbox")


def test_before_a_migration_was_started(migrate: Migrate, mbox: Path) -> None:
    for command in (["discover", "--mbox", str(mbox)], ["accounts"], ["add", "github"]):
        migrate(*command).explains(1, "No migration was started yet.", "migrate init")


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_the_inventory_as_a_document(found: Migrate) -> None:
    """The names that programs rely on, and what stands in them."""
    document = found("accounts", "--json").json
    assert set(document) == {"readdress", "format", "accounts"}
    for account in document["accounts"]:
        assert set(account) == ACCOUNT
        assert account["mail"] is not None
        assert 0 < account["confidence"] <= 1
        assert 0 < len(account["evidence"]) <= 5
        assert all(set(e) == {"source", "where", "kind", "sender", "at"} for e in account["evidence"])
        assert set(account["mail"]) == {
            "confidence", "first", "last", "counts", "authentic", "addresses", "slots", "logins", "why",
        }  # fmt: skip


def test_why_by_id_name_login_and_domain(found: Migrate) -> None:
    """Whatever the person knows the account by; the services themselves in the order of the reasons."""
    amazon = next(a for a in accounts(found) if a["service"] == "amazon")
    by_id = found("accounts", "--why", amazon["id"])
    assert by_id.code == 0
    for name in ("amazon", "Amazon", "亚马逊"):
        assert found("accounts", "--why", name).out == by_id.out
    lines = by_id.out.splitlines()
    assert lines[0] == f"Amazon (www.amazon.com)  [{amazon['id']}]", "the label says no more than the name"
    assert "2019-11-22  security notice  account-update@amazon.com  (in the file, at 11,811)" in by_id.out
    by_login = found("accounts", "--why", "mlind-0815").out
    assert by_login.startswith("stadtwerke-linden.example  mlind-0815")
    assert [a["service"] for a in accounts(found, "--why", "baidu")] == ["baidu"]
    chinese = found("accounts", "--why", "amazon", "--lang", "zh").out
    assert chinese.startswith("亚马逊（www.amazon.com）")
    assert "安全通知  account-update@amazon.com  （文件内位置 11,811）" in chinese


def test_why_of_an_unknown_account(found: Migrate) -> None:
    """Exit code 2, and where all of them are listed; the same as a document."""
    for args in (["nowhere.example"], ["nowhere.example", "--json"]):
        ended = found("accounts", "--why", *args)
        ended.explains(2, "No account 'nowhere.example' is known.", "migrate accounts")
        assert ended.out == ""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_fits_a_terminal(found: Migrate, lang: str) -> None:
    """Eighty columns hold service, login, reason and day; no line is longer, no cell is empty that has something to say."""
    from readdress.i18n.wrap import cells

    screen = found.screen("accounts", "--lang", lang)
    assert screen.end() == 0
    lines = screen.text.splitlines()
    assert max(map(cells, lines)) <= 80
    assert any("2020-02-10" in line and "amazon" in line for line in lines)
    assert not any(line.rstrip().endswith(("likely:", "很可能：")) for line in lines), "how sure, and no reason"
    assert not any(line.lstrip().startswith(("、", "，")) for line in lines)


def test_nothing_is_known_yet(mia: Migrate) -> None:
    """An empty inventory says how to fill it."""
    assert "No account is known yet. Find them: migrate discover, or migrate remember" in mia("accounts").out
    assert accounts(mia) == []


# -- add --------------------------------------------------------------------------------------------------------------


def test_add_what_no_source_shows(mia: Migrate) -> None:
    """A bare domain, a service of the catalogue by its Chinese name, a sign-in with another account's help."""
    assert mia("add", "forum.example.org").out.startswith("Noted: forum.example.org (")
    assert mia("add", "支付宝", "--lang", "zh").out.startswith("已记录：支付宝（")
    assert mia("add", "qq-music", "--slot", "sso", "--login", "mia").out.startswith("Noted: QQ Music as mia (")
    by_service = {a["service"]: a for a in accounts(mia)}
    assert set(by_service) == {"forum.example.org", "alipay", "qq-music"}
    music = by_service["qq-music"]
    assert (music["slots"], music["login"], music["confidence"]) == (["sso"], "mia", 1.0)
    assert music["evidence"][0]["source"] == "person"


def test_add_twice_makes_one_account(mia: Migrate) -> None:
    """The second time only what is new about it is noted; another login is another account."""
    mia("add", "spotify")
    assert mia("add", "Spotify", "--login", "mia").out.startswith("Known already: Spotify as mia (")
    assert mia("add", "spotify.com", "--slot", "recovery").out.startswith("Known already: Spotify as mia (")
    (one,) = accounts(mia)
    assert one["login"] == "mia"
    assert "recovery" in one["slots"]
    assert mia("add", "spotify", "--login", "work").out.startswith("Noted: Spotify as work (")
    assert len(accounts(mia)) == 2


def test_add_by_web_address(mia: Migrate) -> None:
    """As it is copied from a browser: the service where one is known, else the site's host, in small letters."""
    for text in ("https://www.spotify.com/account", "SPOTIFY.com", "www.spotify.com"):
        assert mia("add", text).code == 0
    for text in ("https://Shop.nosuch.example/login?x=1", "shop.nosuch.example"):
        assert mia("add", text).code == 0
    assert [a["service"] for a in accounts(mia)] == ["spotify", "shop.nosuch.example"]


def test_add_software_needs_its_site(mia: Migrate) -> None:
    """The next action is `add` again, with the site."""
    mia("add", "discuz").explains(2, "runs on many hosts", "→ Name it: migrate add discuz --site https://…")
    mia("add", "discuz", "--site", "ftp://bbs.example.org").explains(2, "no web address")
    mia("add", "github", "--site", "https://bbs.example.org").explains(2, "--site")
    done = mia("add", "discuz", "--site", "https://bbs.example.org", "--login", "mia")
    assert done.out.startswith("Noted: Discuz! forums (https://bbs.example.org) as mia (")
    assert len(accounts(mia)) == 1


def test_add_wrongly(mia: Migrate) -> None:
    """A slot that is none, a name that nobody knows: what would have been right; nothing is noted."""
    mia("add", "github", "--slot", "nope").explains(
        2, "'nope' is no slot. Slots: sign_in, contact,", "migrate add --help"
    )
    assert "'nope' 不是用途（slot）" in mia("add", "github", "--slot", "nope", "--lang", "zh").err
    mia("add", "zzz").explains(2, "No service is called 'zzz'.", "migrate add example.com")
    mia("add", "githb").explains(2, "No service is called 'githb'.", "Did you mean github?")
    assert "没有名为 'zzz' 的服务。" in mia("add", "zzz", "--lang", "zh").err
    mia("add").explains(2, "SERVICE")
    assert accounts(mia) == []


# -- remember, catalogue ----------------------------------------------------------------------------------------------


def test_remember_from_a_text(mia: Migrate, tmp_path: Path) -> None:
    """Answers in a file: what was noted, what was not understood (exit code 3); again: all of it is known."""
    (tmp_path / "answers.txt").write_text("Spotify, Netflix\nhttps://forum.example.net/login\nzzqq\n")
    ended = mia("remember", "--answers", tmp_path / "answers.txt")
    assert ended.code == 3, ended
    assert "Not known: “zzqq”" in ended.out
    assert "3 accounts noted, 3 known in all." in ended.out
    again = mia("remember", "--answers", "Spotify", "--json")
    assert again.code == 0
    assert (again.json["added"], again.json["known"], again.json["accounts"]) == ([], ["spotify"], 3)
    mia("remember").explains(2, "Nobody is here to ask.")
    mia("remember", "--only", "nopage", "--answers", "x").explains(2, "There is no page nopage.")


def test_remember_lists_its_pages(migrate: Migrate) -> None:
    """Before anything was started: the numbers that answers speak of."""
    document = migrate("remember", "--list", "--only", "money", "--json").json
    (page,) = document["pages"]
    assert page["id"] == "money"
    assert [s["number"] for s in page["services"]] == list(range(1, len(page["services"]) + 1))
    assert "money (" in migrate("remember", "--list", "--only", "money").out


def test_catalogue_show(migrate: Migrate) -> None:
    """By domain and by name, without a migration; what nobody knows is said with what may help."""
    shown = migrate("catalogue", "show", "spotify.com")
    assert shown.code == 0
    assert shown.out.startswith("Spotify (spotify)")
    assert migrate("catalogue", "show", "支付宝", "--lang", "zh").out.startswith("支付宝（alipay）")
    assert migrate("catalogue", "show", "spotify", "--json").json["readdress"] == "service"
    migrate("catalogue", "show", "nosuch.example").explains(
        2, "Nothing is known of 'nosuch.example'.", "catalogue update"
    )


def test_catalogue_update_keeps_the_old_copy(migrate: Migrate, tmp_path: Path) -> None:
    """A folder without the files: a sentence, the next action, and nothing written."""
    (tmp_path / "empty").mkdir()
    ended = migrate("catalogue", "update", "--from", tmp_path / "empty")
    ended.explains(2, "is not in")
    assert not migrate.home.exists() or not any(p.is_file() for p in migrate.home.rglob("*"))


def test_everything_is_one_sound_state_file(found: Migrate) -> None:
    """After all of it `check` finds no fault, and the export is one document."""
    found("add", "spotify")
    assert found("check").code == 0
    assert json.loads(found("export").out)["readdress"] == "state"
