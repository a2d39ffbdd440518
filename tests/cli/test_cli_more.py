"""The commands watch, people, note, dossier, undo, route, mailbox prove and mailbox forward on the command line: both languages, exit codes, documents."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from readdress.cli import caring, registry
from readdress.cli.app import run
from readdress.cli.mailboxes import mailbox
from readdress.i18n.wrap import cells
from readdress.models import OldState, Slot, StepStatus, Verdict
from readdress.models.events import account_added, old_state, slot_verdict, step_armed, step_ended, wait_set
from readdress.testing.fakes import FakeSecrets, Rule, ScriptedPerson
from readdress.workflow.adapters import Adapters
from readdress.workflow.migration import Migration

OLD, NEW = "ann@example.com", "ann@example.org"
OURS = {
    "watch": ("watching", "watch"),
    "people": ("people", "people"),
    "note": ("noting", "note"),
    "dossier": ("dossiering", "dossier"),
    "undo": ("routing", "undo"),
    "route": ("routing", "route"),
}


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands under the names that the registry gives them."""
    for name, (module, attribute) in OURS.items():
        monkeypatch.setitem(registry.PLACES, name, (module, attribute, f"{name}."))
    for command in (caring.prove, caring.forward):
        monkeypatch.setitem(mailbox.commands, command.name or "", command)


class Line:
    """One migration and its command line, in this process."""

    def __init__(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = tmp_path / "me.readdress"
        self.person = ScriptedPerson([Rule(says="stop")])
        self._capsys = capsys
        with Migration.create(OLD, NEW, state=self.path) as m:
            m.record(
                account_added("a1", "github", login="ann", label="GitHub", slots=[Slot.SIGN_IN]),
                account_added("a2", "baidu", label="Baidu", slots=[Slot.RECOVERY]),
                account_added("a3", "weibo", label="Weibo", slots=[Slot.SIGN_IN]),
                step_armed("a1", "standard", "add_address", attempt=1),
                step_ended("a1", "standard", "add_address", StepStatus.DONE, attempt=1, by="page"),
                slot_verdict("a1", Slot.SIGN_IN, Verdict.READ_BACK),
            )

    def __call__(self, *args: str, code: int | None = 0) -> str:
        """Run it; what it printed on standard output."""
        adapters = Adapters(person=self.person, secrets=FakeSecrets())
        got = run(["--state", str(self.path), *args], adapters)
        said = self._capsys.readouterr()
        self.err = said.err
        assert code is None or got == code, (got, said)
        return said.out

    def record(self, *drafts: Any) -> None:
        """Write events."""
        with Migration.open(self.path) as m:
            m.record(*drafts)


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Line:
    """A migration with three accounts, one of them moved."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    return Line(tmp_path, capsys)


def command(name: str) -> click.Command:
    """One of ours."""
    found: click.Command = getattr(__import__(f"readdress.cli.{OURS[name][0]}", fromlist=["x"]), OURS[name][1])
    return found


@pytest.mark.parametrize("name", [*OURS, "mailbox prove", "mailbox forward"])
def test_help_fits_80_columns(line: Line, name: str) -> None:
    """A person with an ordinary window reads every help whole."""
    out = line(*name.split(), "--help")
    assert all(cells(text) <= 80 for text in out.splitlines()), out
    assert "Usage" in out


@pytest.mark.parametrize("name", [*OURS, "mailbox prove", "mailbox forward"])
def test_help_in_chinese_is_whole_and_fits(line: Line, name: str) -> None:
    """No command and no option of ours falls back to English."""
    from readdress.cli import chinese

    out = line("--lang", "zh", *name.split(), "--help")
    assert all(cells(text) <= 80 for text in out.splitlines()), out
    assert name in chinese.COMMANDS
    one = {"mailbox prove": caring.prove, "mailbox forward": caring.forward}.get(name) or command(name)
    options = [p.opts[0] for p in one.params if isinstance(p, click.Option)]
    assert [o for o in options if not chinese.option(name, o)] == []


# -- note -------------------------------------------------------------------------------------------------------------------


def test_notes_are_kept_with_day_topic_and_attachment(line: Line, tmp_path: Path) -> None:
    """Name and digest of the file, never its path or content; listed in the order of what happened."""
    proof = tmp_path / "proof.png"
    proof.write_bytes(b"secret content")
    line("note", "Appealed in the app", "--date", "2022-12-12", "--topic", "appeal", "--file", str(proof))
    line("note", "Banned", "--date", "2022-12-11 18:00", "--topic", "ban", "--account", "weibo")
    rows = json.loads(line("note", "--json"))["notes"]
    assert [r["text"] for r in rows] == ["Banned", "Appealed in the app"]
    assert rows[1]["file"] == "proof.png" and len(rows[1]["digest"]) == 64 and rows[1]["dated"]
    assert rows[0]["account"] == "a3"
    with Migration.open(line.path, write=False) as m:
        text = json.dumps(m.export(), default=str)
    assert str(tmp_path) not in text and "secret content" not in text
    shown = line("note", "--list", "--topic", "appeal")
    assert "2022-12-12 · appeal: Appealed in the app [proof.png, SHA-256 " in shown and "Banned" not in shown
    assert proof.exists()


@pytest.mark.parametrize(
    "args",
    [
        ("note",),
        ("note", "  "),
        ("note", "x", "--date", "yesterday"),
        ("note", "x", "--date", "2999-01-01"),
        ("note", "x", "--topic", "gossip"),
        ("note", "x", "--account", "nobody"),
        ("note", "x", "--list"),
        ("note", "--list", "--date", "2022-01-01"),
    ],
    ids=" ".join,
)
def test_a_wrong_note_keeps_nothing(line: Line, args: tuple[str, ...]) -> None:
    """Wrong use is exit code 2 and leaves no trace."""
    line(*args, code=2)
    assert json.loads(line("note", "--json"))["notes"] == []


def test_a_note_cannot_paint_on_the_terminal(line: Line) -> None:
    """Escapes and direction changes of what somebody pasted are taken out before they are kept."""
    line("note", "x\x1b]8;;https://evil.example\x07y\u202ez")
    (row,) = json.loads(line("note", "--json"))["notes"]
    assert row["text"] == "x]8;;https://evil.exampleyz"


# -- dossier ----------------------------------------------------------------------------------------------------------------


def test_dossier_says_what_it_knows_and_takes_what_it_is_told(line: Line, tmp_path: Path) -> None:
    """Facts of the person and of an account go in; the file is private, ours is written over, others are not."""
    line.record(old_state(OldState.DEAD))
    line("dossier", "--say", "name=Ann Example", "--say", "notice=closed for good")
    line("dossier", "--account", "weibo", "--say", "since=2011", "--say", "value=100 CNY")
    out = tmp_path / "out.html"
    said = line("dossier", "--for", "tencent", "--output", str(out))
    assert "things are missing" in said
    page = out.read_text("utf-8")
    assert "Ann Example" in page and "closed for good" in page and '<html lang="en">' in page
    assert out.stat().st_mode & 0o777 == 0o600
    line("--lang", "zh", "dossier", "--for", "tencent", "--output", str(out))
    assert '<html lang="zh-Hans">' in out.read_text("utf-8")
    out.write_text("somebody's own", encoding="utf-8")
    line("dossier", "--for", "tencent", "--output", str(out), code=1)
    assert out.read_text("utf-8") == "somebody's own"
    assert line("dossier", "--for", "tencent").startswith("<!-- readdress dossier -->")


def test_a_dossier_for_a_provider_without_channels_of_its_own(line: Line) -> None:
    """Its recipe's recovery and appeal routes are the channels, with their sources; provisions of the EU stand by."""
    text = line("dossier", "--for", "weibo")
    assert "Weibo" in text and "Digital Services Act" in text and "http" in text
    line("dossier", "--for", "nobody-knows-it", code=2)
    assert "tencent" in line.err


@pytest.mark.parametrize(
    "args",
    [
        ("--say", "name"),
        ("--say", "password=x"),
        ("--account", "weibo"),
        ("--account", "weibo", "--say", "name=x"),
        ("--account", "nobody", "--say", "value=1"),
    ],
    ids=" ".join,
)
def test_a_dossier_takes_no_other_facts(line: Line, args: tuple[str, ...]) -> None:
    """Only what it holds may be said."""
    line("dossier", *args, code=2)


def test_only_what_hangs_on_the_provider_is_listed(line: Line) -> None:
    """OLD is not of Tencent here: only accounts that are signed in to through QQ hang on it."""
    with Migration.open(line.path) as m:
        from readdress.models.events import factor

        m.record(factor("sso:qq", held=True, account="a3"))
    text = line("dossier", "--for", "tencent")
    assert "Accounts bound to it: 1 " in text and "signed in through it" in text
    assert "GitHub" not in text


# -- people -----------------------------------------------------------------------------------------------------------------


def test_people_of_an_archive(line: Line, tmp_path: Path) -> None:
    """List, vCards, table, document, letter, and who was told."""
    mbox = tmp_path / "saved.mbox"
    head = f"From x Mon Nov  2 10:00:00 2026\nFrom: {OLD}\nSubject: Hi\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n"
    mbox.write_text(f"{head}To: Bob Baker <bob@example.net>, carol@example.net\n\nbody\n", encoding="utf-8")
    out = line("people", "--mbox", str(mbox))
    assert "People: 2 (messages read: 1)" in out and "2026-11-02  Bob Baker <bob@example.net>  (→1 ←0)" in out
    cards, table = tmp_path / "p.vcf", tmp_path / "p.csv"
    line("people", "--mbox", str(mbox), "--vcard", str(cards), "--csv", str(table))
    assert cards.read_bytes().startswith(b"BEGIN:VCARD\r\nVERSION:4.0\r\n")
    assert table.read_text("utf-8").splitlines()[0].startswith("name,address")
    line("people", "--told", "bob@example.net")
    rows = json.loads(line("people", "--mbox", str(mbox), "--json"))["people"]
    assert {r["address"]: bool(r["told"]) for r in rows} == {"bob@example.net": True, "carol@example.net": False}
    assert "Bob" not in line("people", "--mbox", str(mbox))
    assert "Bob" in line("people", "--mbox", str(mbox), "--all")
    line("people", "--not-told", "bob@example.net")
    assert "我将不再使用旧邮箱" in line("people", "--letter", "zh") and NEW in line("people", "--letter", "en")
    line("people", "--told", "no address", code=2)


def test_people_without_a_mailbox_says_what_to_do(line: Line) -> None:
    """OLD is not set up here."""
    line("people", code=1)
    assert "--mbox" in line.err


# -- watch ------------------------------------------------------------------------------------------------------------------


def test_watch_once_without_mailboxes(line: Line) -> None:
    """It says what it could not read, and lists what became due."""
    with Migration.open(line.path) as m:
        m.record(wait_set("a2", "time", "cooling", until=m.adapters.the_clock().now() - timedelta(minutes=5)))
    out = line("watch", "--once")
    assert "Baidu: its time has come" in out and "→ Go on with: migrate resume" in out
    assert out.count("is not read by readdress") == 2
    document = json.loads(line("watch", "--once", "--json"))
    assert (document["readdress"], document["accounts"], document["due"][0]["account"]) == ("watch", 1, "a2")
    assert [b["skipped"] for b in document["mailboxes"]] == ["by_hand", "by_hand"]


def test_watch_stays_until_it_is_interrupted(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is the way to end it: no error, exit code 0. Between two looks other commands may write."""
    from readdress.cli import watching

    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        line.record(wait_set("a2", "person", "x"))  # the writer's lock is free meanwhile
        if len(slept) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(watching.time, "sleep", sleep)
    out = line("watch", "--every", "5", "--quiet")
    assert slept == [300.0, 300.0] and "Ended." in out


def test_watch_lets_another_command_work(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody else writes it waits for the next round instead of failing."""
    from readdress.cli import watching

    def sleep(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watching.time, "sleep", sleep)
    with Migration.open(line.path):
        assert "Another command is at work" in line("watch")


def test_settled_takes_back_what_came_to_old(line: Line) -> None:
    """The person ended the newsletter: the slot is their word now, and mail decides."""
    assert "Nothing of it is open" in line("watch", "--settled", "github")
    line.record(slot_verdict("a1", Slot.NEWSLETTER, Verdict.STRAGGLER))
    assert "Noted: newsletter" in line("watch", "--settled", "github")
    with Migration.open(line.path, write=False) as m:
        assert m.state.account("a1").slots[Slot.NEWSLETTER].verdict is Verdict.CLAIMED
    line("watch", "--json", code=2)


# -- undo and route ---------------------------------------------------------------------------------------------------------


def test_undo_without_a_way_back(line: Line) -> None:
    """GitHub's recipe knows none: said plainly, exit code 3; where nothing was changed there is nothing to do."""
    out = line("undo", "github", code=3)
    assert "No way back is known for GitHub" in out and "https://github.com/settings/emails" in out
    assert "nothing to take back" in line("undo", "weibo")
    line("undo", "nobody", code=2)


def test_routes_are_listed_and_stop_for_the_person(line: Line) -> None:
    """Every way with its kind and what it needs; going one stops where the person stops, with the command that goes on."""
    out = line("route", "baidu")
    assert "undo · takes it back · Put the old mailbox back" in out and "appeal · appeals" in out
    rows = json.loads(line("route", "baidu", "--json"))
    assert rows["service"] == "baidu" and {"standard", "undo", "save", "appeal"} <= {r["id"] for r in rows["routes"]}
    assert "migrate route baidu appeal" in line("route", "baidu", "appeal", code=3)
    assert "改回旧邮箱" in line("--lang", "zh", "route", "百度"), "the service by its Chinese name"
    line("route", "baidu", "nowhere", code=2)


# -- the new mailbox, forwarding --------------------------------------------------------------------------------------------


def test_prove_by_what_was_received(line: Line, tmp_path: Path) -> None:
    """Without a terminal and without IMAP: the received mail from a file."""
    line("mailbox", "prove", code=2)
    with Migration.open(line.path, write=False) as m:
        from readdress.workflow.new_mailbox import code_of

        code = code_of(m)
    received = tmp_path / "mail.eml"
    received.write_text(f"To: someone@example.org\nSubject: {code}\n", encoding="utf-8")
    line("mailbox", "prove", "--received", str(received), code=2)
    assert "typing error" in line.err
    received.write_text(f"To: {NEW}\nSubject: {code}\n", encoding="utf-8")
    assert f"✓ {NEW} is yours" in line("mailbox", "prove", "--received", str(received))


def test_forward_guides_and_notes(line: Line) -> None:
    """The text for an unknown provider, the reply in both languages, and what was set up."""
    assert NEW in line("mailbox", "forward") and "自动回复" in line("--lang", "zh", "mailbox", "forward")
    line("mailbox", "forward", "--done", "--replying")
    document = json.loads(line("mailbox", "forward", "--json"))
    assert document["forwarding_since"] and document["replying_since"] and NEW in document["text"]["en"]
