"""docs/reference/json.md names every field of every JSON document, and none that does not exist: compared with real output."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docs_pages import ROOT, table_words

from readdress import Ended, MailboxConfig, Migration, Outcome, Side, Slot, Verdict
from readdress.cli.app import run
from readdress.models import Evidence, Mark, StepStatus
from readdress.models.events import (
    account_added,
    bound,
    consent,
    evidence_found,
    factor,
    limit_used,
    mail_expected,
    mail_used,
    mailbox_set,
    route_chosen,
    slot_verdict,
    step_armed,
    step_ended,
    wait_set,
)
from readdress.practice.rehearsal import Rehearsed
from readdress.recipe.finding import Finding
from readdress.report.documents import check_document
from readdress.state import Fault
from readdress.testing.contract import CaseResult
from readdress.workflow.recipes import RecipeCheck

PAGE = ROOT / "docs" / "reference" / "json.md"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NAMES_VARY = ("counts", "accounts[].slots", "sites_agree", "accounts[].mail.counts", "accounts[].mail.authentic")
NOT_FOLLOWED = {"recipe", "events[].data", "presets[].quirks[]"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data folder with one migration in which everything that can be written down was."""
    monkeypatch.setenv("READDRESS_HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    marks = [Mark("INBOX", 7, 42)]
    with Migration.create("ann@old.example.net", "ann@new.example.org", state=tmp_path / "me.readdress") as m:
        m.record(
            account_added("a1", "github", login="ann", label="GitHub", slots=[Slot.SIGN_IN]),
            evidence_found("a1", Evidence("mail", "INBOX/1", "welcome", "noreply@github.com", NOW, "d1")),
            route_chosen("a1", "standard"),
            step_armed("a1", "standard", "add", attempt=1, url="https://github.com/settings/emails", marks=marks),
            mail_expected("a1", "verify", route="standard", step="add", attempt=1, marks=marks, until=NOW),
            step_ended("a1", "standard", "add", StepStatus.DONE, attempt=1, by="page"),
            mail_used("a1", "verify", "0" * 64),
            slot_verdict("a1", Slot.SIGN_IN, Verdict.SUBMITTED),
            wait_set("a1", "time", "one day", step="add", until=NOW),
            limit_used("a1", "weekly"),
            consent("a1", "replace:standard", "Do it?"),
            bound("a1", "sender", "noreply@github.com"),
            factor("password", held=True, account="a1"),
            *(
                mailbox_set(side, MailboxConfig("ann@example.net", host="127.0.0.1", port=143, security="plain"))
                for side in Side
            ),
        )
        recipes = getattr(m.state, "pin_recipe", None)
        if recipes is not None:
            recipes("github", "0" * 64, {})
    return tmp_path


def paths(value, at: str = "") -> set[str]:
    """Where values stand in a document: names joined by dots, ``[]`` for entries, ``*`` where names vary."""
    if at in NOT_FOLLOWED:
        return {at}
    if isinstance(value, dict) and value:
        return set().union(*(paths(v, f"{at}.{'*' if at in NAMES_VARY else k}".lstrip(".")) for k, v in value.items()))
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return set().union(*(paths(v, f"{at}[]") for v in value))
    return {at}


def compare(document: dict, *, absent: frozenset[str] = frozenset()) -> None:
    """What the page says and what is there. ``absent``: documented, and not in this very document."""
    real = paths(document)
    said = set(table_words(PAGE, document["readdress"]))
    said = {s for s in said if not any(other != s and other.startswith((f"{s}.", f"{s}[")) for other in said)}
    open_names = {s for s in said if ".*." in s}
    real = {
        r.replace("mailboxes.old.", "mailboxes.*.").replace("mailboxes.new.", "mailboxes.*.") if open_names else r
        for r in real
    }
    empty = {r for r in real if any(s.startswith((f"{r}.", f"{r}[")) for s in said)}  # null or an empty list here
    assert real - empty - said == set(), "not on the page"
    missing = {s for s in said - real if not any(s.startswith((f"{e}.", f"{e}[")) for e in empty)}
    assert missing <= absent, "on the page, but not in the document"


def printed(capsys, *args: str) -> dict:
    """The document that a command prints."""
    run([*args], None)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "args",
    [
        ("status", "--json"),
        ("check", "--json"),
        ("log", "--json"),
        ("mailbox", "list", "--json"),
        ("mailbox", "presets", "--json"),
        ("recipes", "list", "--json"),
        ("recipes", "show", "github", "--json"),
        ("doctor", "--offline", "--json"),
        ("export",),
    ],
    ids=" ".join,
)
def test_printed_documents(home, capsys, args):
    """Each reading command, run for real over a full state file."""
    compare(printed(capsys, *args), absent=frozenset({"mailboxes.old", "mailboxes.new"}))


def test_check_with_faults():
    """A sound file shows no fault, so the shape of one is looked at here."""
    compare(check_document("me.readdress", [Fault("log", "an entry is missing", "Use a copy.")]))


def test_recipe_check():
    """What ``recipes check --json`` prints."""
    finding = Finding("hosts", "error", Path("recipe.toml"), 3, "unknown host", "name it")
    compare(RecipeCheck(Path("orchard"), (finding,), (CaseResult("plain", ok=True, seconds=1.0),)).document())


def test_practice(home):
    """What ``practice --json`` prints at the end of a run."""
    done = Outcome("a1", "django-allauth", Ended.DONE, Verdict.READ_BACK)
    compare(Rehearsed(home / "me.readdress", [done], {"forum": True}, [], "change_address", 5).document())


def test_every_document_is_on_the_page():
    """The headings are the documents' names."""
    headings = {line[3:] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("## ")}
    assert headings == {
        "status", "check", "log", "mailboxes", "mailbox_presets", "recipes", "recipe", "recipe_check", "doctor", "practice", "state",
        "have", "plan", "why", "risk", "next",
        "discover", "accounts", "backup_report", "remembered", "remember_pages", "service", "catalogue_update",
        "watch", "people", "notes", "routes", "forward",
    }  # fmt: skip
