"""Everything a person can get wrong, or find broken: a clear sentence, the next action, the right exit code, nothing lost."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from readdress.models import Address, MailboxConfig, Side, Slot
from readdress.models.events import account_added, mailbox_set
from readdress.state import StateFile
from readdress.workflow.adapters import SystemClock
from tests.cli.process import BY_HAND, Ended
from tests.programs.dovecot import Certificate, Dovecot

Unchanged = Callable[[Path], Callable[[], None]]
PASSWORD = "orchid 42"


# -- services and sites -----------------------------------------------------------------------------------------------


def test_unknown_service_names_the_nearest(migrate: Any, unchanged: Unchanged) -> None:
    same = unchanged(migrate.init())
    migrate("--service", "githb").explains(
        1, "There is no recipe called 'githb'.", "→ Did you mean github?", "migrate recipes list"
    )
    migrate("--service", "qqqqq").explains(1, "There is no recipe called 'qqqqq'.", "migrate recipes list")
    same()


@pytest.mark.parametrize(
    ("argv", "says", "todo"),
    [
        (["--service", "mediawiki"], "runs on many hosts", "--site https://"),
        (["--service", "github", "--site", "https://example.org"], "takes no --site", "Leave --site out"),
        (
            ["--service", "mediawiki", "--site", "http://wiki.example.org"],
            "without encryption",
            "https://forum.example.org",
        ),
        (["--service", "mediawiki", "--site", "ftp://wiki.example.org"], "no web address", "https://forum.example.org"),
        (
            ["--service", "mediawiki", "--site", "https://ann:pw@wiki.example.org"],
            "user name or password",
            "https://forum.example.org",
        ),
        (["--service", ""], "--service needs a name", "--help"),
        (["--site", "https://x.example"], "needs --service", "--help"),
        (["--account", "ann"], "needs --service", "--help"),
        (["--service", "github", "status"], "--service would be dropped by `status`", "--help"),
        (["--site", "https://x.example", "resume"], "--site would be dropped by `resume`", "--help"),
        (
            ["--account", "ann", "--service", "x", "doctor"],
            "--service, --account would be dropped by `doctor`",
            "--help",
        ),
        (["status", "--service", "github"], "No such option", "To move a service: migrate --service NAME"),
        (["stats"], "No such command 'stats'", "migrate --help"),
        (["status", "--jsn"], "No such option", "migrate status --help"),
        (["log", "--last", "none"], "none", "migrate log --help"),
        (["log", "--last", "0"], "0", "migrate log --help"),
        (["--recipes", "nowhere", "status"], "nowhere", "migrate --help"),
        (["mailbox", "add", "other"], "other", "migrate mailbox add --help"),
        (["mailbox", "add", "new", "--port", "70000"], "70000", "migrate mailbox add --help"),
        (
            ["mailbox", "add", "new", "--by-hand", "--host", "imap.example.com"],
            "--by-hand goes with no other setting",
            "Leave",
        ),
        (["secret", "set", "nobody"], "No account 'nobody' is known", "migrate status"),
    ],
)
def test_wrong_use_is_two(migrate: Any, unchanged: Unchanged, argv: list[str], says: str, todo: str) -> None:
    """Exit code 2, what is wrong, how it is used, and not a byte of the state file is touched."""
    same = unchanged(migrate.init())
    done = migrate(*argv)
    done.explains(2, says)
    assert todo in done.err.partition("→ ")[2], done
    same()


def test_a_password_in_place_of_its_place_is_not_repeated(migrate: Any, unchanged: Unchanged) -> None:
    """Whoever writes the password behind --secret must not find it again in a log of the terminal's output."""
    same = unchanged(migrate.init())
    done = migrate("mailbox", "add", "new", "--host", "imap.example.com", "--secret", "hunter2-orchid")
    done.explains(2, "--secret takes a place")
    assert "hunter2" not in done.err + done.out
    same()


def test_addresses(migrate: Any) -> None:
    """An invalid address, and one that is both old and new, start nothing."""
    migrate("init", "--old", "ann", "--new", "ann@example.net").explains(
        2, "'ann' is no email address", "name@example.com"
    )
    migrate("init", "--old", "ann@example.com", "--new", "ann@-.net").explains(2, "is no domain name")
    migrate("init", "--old", "ann@example.com", "--new", "").explains(2, "is no email address")
    migrate("init", "--old", "ann@example.com", "--new", "Ann@EXAMPLE.com").explains(2, "are the same", "--new")
    migrate("init", "--old", "ann@example.com").explains(2, "--new is missing")
    assert not migrate.home.exists() or not list(migrate.home.glob("*.readdress*"))


def test_several_accounts_and_no_account(migrate: Any, unchanged: Unchanged) -> None:
    """Both logins are named, and how to say which; with --account (a login or an id) it goes on to that one."""
    two = [
        account_added("a1", "orchard", login="ann", slots=[Slot.SIGN_IN]),
        account_added("a2", "orchard", login="bob", slots=[Slot.SIGN_IN]),
    ]
    same = unchanged(migrate.init(*two, mailbox_set(Side.NEW, MailboxConfig("ann@example.net", kind="none"))))
    recipes = migrate.recipe()
    migrate("--recipes", recipes, "--service", "orchard").explains(
        2, "several accounts at orchard: ann, bob", "--account LOGIN"
    )
    same()
    for wanted in ("Bob", "a2"):
        assert migrate("--recipes", recipes, "--service", "orchard", "--account", wanted).code == 3
    assert {a["id"] for a in migrate("status", "--json").json["accounts"] if a["wait"]} == {"a2"}


def test_several_sites_and_no_site(migrate: Any, unchanged: Unchanged) -> None:
    sites = [
        account_added(f"a{n}", "mediawiki", site=f"https://w{n}.example.org", slots=[Slot.CONTACT]) for n in (1, 2)
    ]
    same = unchanged(migrate.init(*sites))
    migrate("--service", "mediawiki").explains(2, "https://w1.example.org", "https://w2.example.org", "--site URL")
    same()


# -- recipes ----------------------------------------------------------------------------------------------------------


def test_broken_recipe_names_file_line_and_what_to_write(migrate: Any, unchanged: Unchanged) -> None:
    """A typing mistake in a recipe is found by its line, in every command that meets it; other recipes go on working."""
    same = unchanged(migrate.init())
    broken = BY_HAND.replace('browser = "own"', 'browzer = "own"')
    recipes = migrate.recipe(broken)
    line = broken[: broken.index("browzer")].count("\n") + 1
    done = migrate("--recipes", recipes, "--service", "orchard")
    done.explains(1, f"recipe.toml:{line}", "browzer")
    assert "browser" in done.err.partition("→")[2]
    listed = migrate("--recipes", recipes, "recipes", "list")
    assert listed.code == 0
    assert f"recipe.toml:{line}" in listed.out
    assert "github · " in listed.out
    doctor = migrate("--recipes", recipes, "doctor", "--offline")
    assert f"recipe.toml:{line}" in doctor.out
    assert "→ Mend it, then: migrate recipes check orchard" in doctor.out
    check = migrate("--recipes", recipes, "recipes", "check", "orchard", "--no-browser")
    assert check.code == 1
    assert f":{line}:" in check.out
    same()


def test_foreign_flow_without_consent(migrate: Any, unchanged: Unchanged) -> None:
    """A third party's code is not run before the person agreed; the prompt says what it is; --yes and --revoke work."""
    same = unchanged(migrate.init(mailbox_set(Side.NEW, MailboxConfig("ann@example.net", kind="none"))))
    managed = "\n".join(line for line in BY_HAND.splitlines() if not line.startswith("browser"))
    ran = migrate.folder / "ran"
    flow = f'"""Ours."""\n\nfrom readdress.flow import step\n\nopen({str(ran)!r}, "w")\n\n\n@step\ndef change_address(page, s):\n    """Act."""\n'
    recipes = migrate.recipe(managed, flow=flow)
    done = migrate("--recipes", recipes, "--service", "orchard")
    done.explains(1, "orchard")
    assert "migrate recipes trust orchard" in done.err
    same()
    asked = migrate("--recipes", recipes, "recipes", "trust", "orchard")
    assert asked.code == 3
    assert "with all your rights on this computer" in asked.out
    assert "--yes" in asked.out
    assert not (migrate.home / "consents.json").exists()
    assert migrate("--recipes", recipes, "recipes", "trust", "orchard", "--yes").code == 0
    assert "orchard" in (migrate.home / "consents.json").read_text("utf-8")
    assert migrate("--recipes", recipes, "recipes", "trust", "orchard", "--revoke").code == 0
    migrate("--recipes", recipes, "--service", "orchard").explains(1, "orchard")
    assert not ran.exists()


def test_trust_is_asked_on_a_terminal(migrate: Any) -> None:
    """No is the answer of whoever only presses Enter."""
    recipes = migrate.recipe(flow='"""Ours."""\n')
    screen = migrate.screen("--recipes", recipes, "recipes", "trust", "orchard")
    screen.until("[y/N]")
    screen.type("\n")
    assert screen.end() == 3
    assert "Not trusted" in screen.text
    screen = migrate.screen("--recipes", recipes, "recipes", "trust", "orchard")
    screen.until("[y/N]")
    screen.type("y\n")
    assert screen.end() == 0


def test_nothing_to_trust(migrate: Any) -> None:
    assert "needs no consent" in migrate("recipes", "trust", "github", "--yes").out
    recipes = migrate.recipe()
    assert "no code to agree to" in migrate("--recipes", recipes, "recipes", "trust", "orchard").out
    assert not (migrate.home / "consents.json").exists()


# -- the state file ---------------------------------------------------------------------------------------------------


def test_no_migration_and_several(migrate: Any) -> None:
    for command in ("status", "check", "export", "log", "resume", "mailbox list"):
        migrate(*command.split()).explains(1, "No migration was started yet.", "migrate init")
    first = migrate.init()
    first.with_name("bob@example.com.readdress").write_bytes(first.read_bytes())
    migrate("status").explains(
        1, "several migrations", "ann@example.com.readdress", "bob@example.com.readdress", "--state FILE"
    )
    assert migrate("status", "--state", first).code == 0
    migrate("status", "--state", migrate.home).explains(1, "is a folder")
    migrate("status", "--state", "missing.readdress").explains(1, "There is no state file")


def test_locked_state_names_its_holder(migrate: Any, unchanged: Unchanged) -> None:
    """A second writer is told who is at it; readers go on."""
    path = migrate.init()
    lock = path.with_name(path.name + ".lock")
    with lock.open("w") as held:
        held.write(json.dumps({"pid": 4711, "command": "migrate resume", "since": "2026-11-23T09:00:00+00:00"}))
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        same = unchanged(path)
        migrate("resume").explains(1, "`migrate resume` (process 4711)", "2026-11-23", "Wait until")
        migrate("mailbox", "add", "new", "--by-hand").explains(1, "4711")
        assert migrate("status").code == 0
        same()


def test_newer_state(migrate: Any, unchanged: Unchanged) -> None:
    path = migrate.init()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.commit()
    db.close()
    same = unchanged(path)
    for command in ("status", "resume"):
        migrate(command).explains(1, "has format 99", "pip install --upgrade readdress")
    same()


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_truncated_state(migrate: Any, unchanged: Unchanged, size: int) -> None:
    """Cut off anywhere: said to be damaged, kept as it is."""
    path = migrate.init()
    path.write_bytes(path.read_bytes()[:size])
    same = unchanged(path)
    for command in ("resume", "status"):
        migrate(command).explains(1, "damaged", "migrate check")
    same()


def test_foreign_state(migrate: Any, unchanged: Unchanged, tmp_path: Path) -> None:
    """A letter, and another program's database."""
    letter, other = tmp_path / "letter.readdress", tmp_path / "other.readdress"
    letter.write_text("Dear Ann,\n" * 200)
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE t (a)")
    db.commit()
    db.close()
    for path in (letter, other):
        same = unchanged(path)
        for command in ("status", "resume"):
            migrate(command, "--state", path).explains(1, str(path))
        same()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 256 KiB of its own, which can be filled and made read-only also for root."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_read_only_state(migrate: Any, unchanged: Unchanged) -> None:
    """It can still be read; whoever wants to write is told what to make writable."""
    with small_disk(migrate.home):
        path = migrate.init()
        subprocess.run(["mount", "-o", "remount,ro", str(migrate.home)], check=True)
        same = unchanged(path)
        assert migrate("status").code == 0
        migrate("mailbox", "add", "new", "--by-hand").explains(1, "may not be written", "→ Make")
        same()


def test_full_disk(migrate: Any) -> None:
    """The disk fills up in the middle: said so, and what was written down before is still there and sound."""
    with small_disk(migrate.folder / "disk") as disk:
        state = disk / "me.readdress"
        assert migrate("init", "--old", "ann@example.com", "--new", "ann@example.net", "--state", state).code == 0
        before = migrate("export", "--state", state).json["events"]
        with suppress_full(), (disk / "filler").open("wb") as filler:
            while True:
                filler.write(b"x" * 4096)
                filler.flush()
        migrate("mailbox", "add", "new", "--by-hand", "--state", state).explains(1, "disk is full", "Make room")
        (disk / "filler").unlink()
        assert migrate("check", "--state", state).code == 0
        assert migrate("export", "--state", state).json["events"] == before


class suppress_full:  # noqa: N801 - reads like contextlib.suppress
    """Swallow "no space left", also of the flush at close."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, OSError) and error.errno == 28


# -- browser, keyring -------------------------------------------------------------------------------------------------


def _practice_site_recipe(migrate: Any) -> Path:
    managed = "\n".join(line for line in BY_HAND.splitlines() if not line.startswith("browser"))
    return migrate.recipe(managed)


def test_no_browser(migrate: Any) -> None:
    """Named in READDRESS_BROWSER but not there: `doctor` and a move say so, and what to install."""
    migrate.init(mailbox_set(Side.NEW, MailboxConfig("ann@example.net", kind="none")))
    done = migrate("doctor", "--offline", READDRESS_BROWSER="/nonexistent/chrome")
    assert done.code == 1
    assert "✗ browser: READDRESS_BROWSER names '/nonexistent/chrome'" in done.out
    assert "→ Set READDRESS_BROWSER" in done.out
    recipes = _practice_site_recipe(migrate)
    moved = migrate("--recipes", recipes, "--service", "orchard", READDRESS_BROWSER="/nonexistent/chrome")
    moved.explains(1, "READDRESS_BROWSER names '/nonexistent/chrome'", "Set READDRESS_BROWSER")
    assert migrate("check").code == 0
    missing = migrate("doctor", "--offline", PATH=str(migrate.folder))
    assert "READDRESS_BROWSER" not in missing.out


def test_profile_in_use(migrate: Any) -> None:
    """Another process holds the browser's profile: it is named, and nothing is done."""
    from readdress.browser.profile import held

    migrate.init(mailbox_set(Side.NEW, MailboxConfig("ann@example.net", kind="none")))
    lineage = migrate("status", "--json").json["migration"]["lineage"]
    recipes = _practice_site_recipe(migrate)
    with held(migrate.home / "browser" / lineage):
        done = migrate("--recipes", recipes, "--headless", "--service", "orchard")
    done.explains(1, "in use by another process", f"process {os.getpid()}", "Let that process finish")
    assert migrate("check").code == 0


def test_no_keyring(migrate: Any, unchanged: Unchanged) -> None:
    """Said before a password is asked for, with the other places that there are; on a terminal nobody types in vain."""
    path = migrate.init(account_added("a1", "github", login="ann", slots=[Slot.SIGN_IN]))
    same = unchanged(path)
    for argv in (["mailbox", "add", "new", "--host", "imap.example.com"], ["secret", "set", "github"]):
        migrate(*argv).explains(1, "does not protect secrets", "--secret env:NAME")
        screen = migrate.screen(*argv)
        assert screen.end() == 1
        assert "does not protect secrets" in screen.text.replace("\n", " ")
        assert "password of" not in screen.text
    same()


def test_secret_without_a_terminal(migrate: Any, unchanged: Unchanged) -> None:
    same = unchanged(migrate.init())
    done = migrate("mailbox", "add", "new", "--host", "imap.example.com", "--secret", "ask")
    done.explains(2, "no terminal to ask", "--secret env:NAME")
    empty = migrate("mailbox", "add", "new", "--host", "imap.example.com", "--secret", "env:NOT_SET_AT_ALL")
    empty.explains(1, "NOT_SET_AT_ALL")
    same()


# -- mail servers -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def servers() -> Iterator[Callable[[Certificate], Dovecot]]:
    """One Dovecot for each certificate."""
    running: dict[str, Dovecot] = {}

    def get(certificate: Certificate) -> Dovecot:
        if certificate not in running:
            running[certificate] = Dovecot({"ann@example.net": PASSWORD}, certificate=certificate).__enter__()
        return running[certificate]

    yield get
    for server in running.values():
        server.__exit__(None, None, None)


def _add(migrate: Any, host: str, port: int, *more: str, password: str = PASSWORD, seconds: float = 60) -> Any:
    argv = ["mailbox", "add", "new", "--host", host, "--port", str(port), "--secret", "env:PASSWORD", *more]
    return migrate(*argv, PASSWORD=password, seconds=seconds)


def test_good_mailbox(migrate: Any, servers: Any) -> None:
    """What it looks like when everything is right, so that the failures below fail for their own reason."""
    server = servers("good")
    migrate.init()
    done = _add(migrate, "localhost", server.tls_port, "--ca-file", server.ca_file)
    assert done.code == 0, done
    assert "Signed in to localhost" in done.out
    row = migrate("mailbox", "list", "--json").json["mailboxes"][1]
    assert (row["host"], row["port"], row["secret"]) == ("localhost", server.tls_port, "env")
    doctor = migrate("doctor", PASSWORD=PASSWORD)
    assert "✓ new mailbox: ann@example.net at localhost" in doctor.out
    wrong = migrate("doctor", PASSWORD="orchid 43")
    assert "✗ new mailbox: localhost refused the login" in wrong.out
    assert "orchid" not in wrong.out + doctor.out


def test_wrong_mailbox_password(migrate: Any, servers: Any, unchanged: Unchanged) -> None:
    server = servers("good")
    same = unchanged(migrate.init())
    done = _add(migrate, "localhost", server.tls_port, "--ca-file", server.ca_file, password="orchid 43")
    done.explains(1, "refused the login of ann@example.net", "Check the login name")
    assert "orchid" not in done.err + done.out
    same()


def test_wrong_password_is_not_kept_in_the_keyring(
    migrate: Any, servers: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A password that does not work must not replace one that did."""
    from readdress.cli import mailboxes
    from readdress.cli.app import run
    from readdress.testing.fakes import FakeSecrets
    from readdress.workflow.adapters import Adapters

    server = servers("good")
    migrate.init()
    monkeypatch.setenv("READDRESS_HOME", str(migrate.home))
    argv = ["mailbox", "add", "new", "--host", "localhost", "--port", str(server.tls_port), "--ca-file", server.ca_file]
    secrets = FakeSecrets({"mailbox/new": "the one before"})
    monkeypatch.setattr(mailboxes, "hidden_prompt", lambda _: "orchid 43")
    assert run(argv, Adapters(secrets=secrets)) == 1
    assert secrets.get("mailbox/new") == "the one before"
    monkeypatch.setattr(mailboxes, "hidden_prompt", lambda _: PASSWORD)
    assert run(argv, Adapters(secrets=secrets)) == 0
    assert secrets.get("mailbox/new") == PASSWORD
    assert "orchid" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(("certificate", "why"), [("evil", "self"), ("expired", "expired"), ("good", "issuer")])
def test_untrusted_certificate(
    migrate: Any, servers: Any, unchanged: Unchanged, certificate: Certificate, why: str
) -> None:
    """Self-signed, expired, or of an authority that nobody vouched for: no password is sent, and that is said."""
    server = servers(certificate)
    same = unchanged(migrate.init())
    more = ["--ca-file", server.ca_file] if certificate == "expired" else []
    done = _add(migrate, "localhost", server.tls_port, *more)
    done.explains(1, "does not verify", why, "No password was sent", "Check the host name")
    same()


def test_no_plain_text_to_another_machine(migrate: Any, unchanged: Unchanged) -> None:
    same = unchanged(migrate.init())
    _add(migrate, "192.0.2.1", 143, "--security", "plain").explains(1, "must be encrypted", "Nothing was sent")
    same()


@pytest.fixture
def liar() -> Iterator[Callable[[bytes], int]]:
    """Servers on loopback that say these bytes and then nothing: ``liar(b"")`` accepts and is silent."""
    sockets: list[socket.socket] = []

    def serve(says: bytes) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        sockets.append(listening)

        def answer() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                    sockets.append(client)
                    client.sendall(says)
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        return int(listening.getsockname()[1])

    yield serve
    for one in sockets:
        one.close()


def test_servers_that_hang_or_lie(migrate: Any, liar: Any) -> None:
    """One that accepts and says nothing, a web server, one that has us signed in already, an endless line, one that ends at once.

    Each is given up within a bounded time with a short answer; all at once, because giving up takes half a minute.
    """
    lies = [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"* PREAUTH come in\r\n",
        b"* OK " + b"x" * 200_000,
        b"* BYE not today\r\n",
    ]
    running = []
    for n, says in enumerate(lies):
        state = migrate.folder / f"{n}.readdress"
        markers = migrate.home / "markers"
        StateFile.create(
            state, Address("ann", "example.com"), Address("ann", "example.net"), clock=SystemClock(), markers=markers
        ).close()
        argv = [
            "mailbox",
            "add",
            "new",
            "--state",
            state,
            "--host",
            "127.0.0.1",
            "--port",
            str(liar(says)),
            "--security",
            "plain",
        ]
        running.append((state, state.read_bytes(), migrate.start(*argv, "--secret", "env:PATH")))
    ended = [
        (state, before, process.communicate(timeout=100), process.returncode) for state, before, process in running
    ]
    for state, before, (out, err), code in ended:
        Ended(code, out, err).explains(1, "→ ")
        assert len(err) < 600
        assert "<html>" not in err
        assert state.read_bytes() == before


def test_unknown_mail_server_and_preset(migrate: Any, unchanged: Unchanged) -> None:
    same = unchanged(migrate.init())
    migrate("mailbox", "add", "new").explains(
        1, "mail server of ann@example.net is not known", "--host imap.example.com"
    )
    migrate("mailbox", "add", "new", "--preset", "nope").explains(1, "There is no preset 'nope'", "qq")
    same()
