"""One person's migration on the test stage: a state file, both mailboxes, a scripted person, and the command line run in process."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol

import pytest

import readdress.browser
from readdress.cli.app import run
from readdress.engine.tools import Patience
from readdress.models import Answer, Ask, NoteKind, Notice, OldState, Question
from readdress.models.events import old_state
from readdress.testing.clock import ShiftingClock
from readdress.testing.fakes import FakeSecrets
from readdress.testing.person import Rule, Says, ScriptedPerson
from readdress.workflow.adapters import Adapters
from readdress.workflow.migration import Migration
from tests.programs.dovecot import Dovecot
from tests.programs.smtp import SentMail, SmtpToLmtp

OLD, NEW, TAKEN = "old@example.net", "new@example.org", "taken@example.com"
BYSTANDER = f"jo{OLD}"  # on every django-allauth site of the rehearsal somebody else has this address
PASSWORDS = {OLD: "old pw", NEW: "new pw", TAKEN: "taken pw", BYSTANDER: "jo's pw"}
PATIENCE = Patience(mail=15.0, person=20.0, look=3.0, look_every=0.2)


class Target(Protocol):
    """A real program with one account of the person's: what they know, and the truth from the program's own database."""

    login: str
    password: str

    @property
    def url(self) -> str:
        """Where the program is."""

    def address(self) -> str:
        """What its database holds."""

    def reset(self, address: str) -> None:
        """Back to that address, outside of the pages."""


@dataclass(frozen=True)
class Result:
    """What one command did: exit code, what it printed, how many browsers it started, and how long it took in seconds."""

    code: int
    out: str
    err: str
    browsers: int
    seconds: float

    def __str__(self) -> str:
        return f"exit code {self.code} after {self.seconds:.1f} s, {self.browsers} browsers\n{self.out}\n{self.err}"


@dataclass
class StepRule(Rule):
    """A rule for the questions of one step only."""

    step: str = ""

    def fits(self, question: Question) -> bool:
        """Whether the question is about this step, too."""
        return question.step == self.step and super().fits(question)


class Watched(ScriptedPerson):
    """The scripted person, with ``at(step, deed)``: a deed for the moment in which a step's act begins (it is told, and armed)."""

    def __init__(self, rules: Iterable[Rule], surprised: Rule) -> None:
        super().__init__(rules, otherwise=surprised)
        self.deeds: dict[str, Callable[[], object]] = {}

    def at(self, step: str, deed: Callable[[], object]) -> None:
        """Do this once, right before the step's act."""
        self.deeds[step] = deed

    def tell(self, notice: Notice) -> None:
        """Remember the notice; when a step begins, do what was planned for it."""
        super().tell(notice)
        if notice.kind is NoteKind.STEP and (deed := self.deeds.pop(notice.step, None)) is not None:
            deed()


@dataclass
class Stage:
    """Everything of one person, who is careful and knows the passwords (by login; ``""`` for any). ``expect`` teaches more.

    What no rule answers is kept in ``surprises`` and fails the command that ran into it.
    """

    home: Path
    dovecot: Dovecot
    mail: SmtpToLmtp
    target: Target
    old: str = OLD
    new: str = NEW
    lang: str = "en"
    surprises: list[Question] = field(default_factory=list)
    clumsy: list[Exception] = field(default_factory=list)
    browsers: list[Any] = field(default_factory=list)
    reroute: dict[str, tuple[str, int]] = field(default_factory=dict)
    patience: Patience = PATIENCE
    imap_port: int = 0
    clock: ShiftingClock = field(default_factory=ShiftingClock)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    passwords: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        careful = [
            Rule(Ask.SECRET, says=self._password),
            Rule(Ask.CONSENT, says="yes"),
            Rule(Ask.SENDER, says="yes"),
            Rule(Ask.CHOOSE, match="another way in", says="password"),
        ]
        self.person = Watched(careful, Rule(says=self._surprised))

    # -- the person -------------------------------------------------------------------------------------------------------
    def expect(self, *rules: Rule) -> None:
        """These rules are asked before the careful person, in this order."""
        self.person.rules[:0] = rules

    def by_hand(self, step: str, deed: Callable[[Any], object], says: str | None = None) -> None:
        """When ``step`` is handed over, do ``deed(page)`` once with the person's own hands, then answer ``says``.

        ``None``: no answer at all; readdress has to see by itself that the step is done.
        """
        acted = False

        def act(_: Question) -> Says:
            nonlocal acted
            if not acted:
                acted = True
                try:
                    deed(self.page)
                except Exception as error:
                    self.clumsy.append(error)
                    raise
            return says

        self.expect(StepRule(Ask.HAND_OVER, says=act, step=step))

    @staticmethod
    def answer(question: Question, text: str) -> Answer:
        """A typed answer."""
        return Answer(question.id, "text", text)

    def mail_to(self, address: str) -> SentMail:
        """The first mail that a program sent to this address, in no fixed order with others; it may be about to come."""
        for number in range(1, 5):
            sent = self.mail.wait_for(number)
            if address in sent.recipients:
                return sent
        raise AssertionError(f"no mail to {address}")

    def old_is_dead(self) -> None:
        """The person knows that the old mailbox is gone."""
        with Migration.open(self.state) as m:
            m.record(old_state(OldState.DEAD))

    def handed_over(self) -> list[str]:
        """The steps that were handed to the person, in order, once for each time that they were asked."""
        return [q.step for q in self.asked(Ask.HAND_OVER)]

    # -- the command line -------------------------------------------------------------------------------------------------
    def migrate(self, *argv: str) -> Result:
        """Run ``migrate`` with these arguments, on this state file."""
        adapters = Adapters(
            person=self.person,
            clock=self.clock,
            lookup=self.mail.key_lookup,
            secrets=self.secrets,
            headless=True,
            lang=self.lang,  # type: ignore[arg-type]
            patience=self.patience,
            reroute=self.reroute,
        )
        out, err = io.StringIO(), io.StringIO()
        before, began = len(self.browsers), time.monotonic()
        with self._at_home(), redirect_stdout(out), redirect_stderr(err):
            code = run([*argv, "--state", str(self.state), "--lang", self.lang], adapters)
        seconds = time.monotonic() - began
        result = Result(code, out.getvalue(), err.getvalue(), len(self.browsers) - before, seconds)
        print(f"$ migrate {' '.join(argv)}\n{result}")
        if self.clumsy:
            raise AssertionError(f"the person's own hands failed\n{result}") from self.clumsy.pop()
        if self.surprises:
            raise AssertionError(f"nobody expected this question: {self.surprises.pop(0)}\n{result}\n{self.history()}")
        assert "Traceback" not in result.out + result.err, str(result)
        return result

    def set_up(self) -> None:
        """``migrate init`` and both ``migrate mailbox add``, as a person would type them."""
        assert self.migrate("init", "--old", self.old, "--new", self.new).code == 0
        self.add_mailbox("old")
        self.add_mailbox("new")
        note = EmailMessage()
        note["From"], note["To"], note["Subject"] = "me@example.com", self.new, "A note to myself"
        note.set_content("Does this mailbox receive mail?\n")
        self.dovecot.deliver(self.new, note.as_bytes())

    def add_mailbox(self, side: str, *more: str) -> Result:
        """``migrate mailbox add``: verified TLS with the test authority, the password from the environment."""
        how = (
            *("--host", "localhost", "--port", str(self.imap_port or self.dovecot.tls_port)),
            *("--ca-file", self.dovecot.ca_file, "--secret", f"env:E2E_{side.upper()}"),
        )
        result = self.migrate("mailbox", "add", side, *(more or how))
        assert result.code == 0, result
        return result

    def move(self, service: str, target: Target | None = None, *more: str) -> Result:
        """``migrate --service``: move the target's account."""
        target = target or self.target
        site = target.url
        return self.migrate("--service", service, "--site", site, "--account", target.login, *more)

    def status(self) -> list[dict[str, Any]]:
        """The accounts of ``migrate status --json``."""
        result = self.migrate("status", "--json")
        assert result.code == 0
        document = json.loads(result.out)
        assert document["readdress"] == "status"
        assert result.browsers == 0
        accounts: list[dict[str, Any]] = document["accounts"]
        return accounts

    def account(self) -> dict[str, Any]:
        """The only account of the status."""
        (account,) = self.status()
        return account

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The data of all events of one kind, from ``migrate log --json``."""
        document = json.loads(self.migrate("log", "--json").out)
        return [event["data"] for event in document["events"] if event["kind"] == kind]

    def history(self) -> str:
        """How every step ended so far, for failure messages."""
        with Migration.open(self.state, write=False) as m:
            ends = [e.data for e in m.log() if e.kind == "step_ended"]
        return "\n".join(f"{d['step']}: {d['status']} by {d['by']}, {d['detail']}" for d in ends)

    def armed(self) -> list[str]:
        """The steps that were armed, in order: each act of readdress is one of them."""
        return [data["step"] for data in self.events("step_armed")]

    # -- the browser ------------------------------------------------------------------------------------------------------
    @property
    def page(self) -> Any:
        """The page in front of the running browser, for a person who acts by hand."""
        return self.browsers[-1].page

    def sign_out_everywhere(self) -> None:
        """The browser forgets all of its sessions."""
        self.page.context.clear_cookies()

    def asked(self, ask: Ask) -> list[Question]:
        """The questions of one kind that were asked."""
        return [q for q in self.person.asked if q.ask is ask]

    # -- inside -----------------------------------------------------------------------------------------------------------
    @property
    def state(self) -> Path:
        """The state file."""
        return self.home / "me.readdress"

    def _password(self, question: Question) -> Says:
        known = self.passwords or {"": self.target.password}
        fitting = [secret for login, secret in known.items() if login in question.body.en]
        return Answer(question.id, "text", fitting[0])

    def _surprised(self, question: Question) -> Says:
        self.surprises.append(question)
        return question.choices[-1].key

    @contextmanager
    def _at_home(self) -> Iterator[None]:
        """The person's own data folder and passwords; browsers that are started are noted, and are the real ones."""
        real = readdress.browser.launched

        @contextmanager
        def noted(settings: Any) -> Iterator[Any]:
            with real(settings) as browser:
                self.browsers.append(browser)
                yield browser

        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setenv("READDRESS_HOME", str(self.home))
            patch.setenv("E2E_OLD", PASSWORDS[self.old])
            patch.setenv("E2E_NEW", PASSWORDS[self.new])
            patch.setattr(readdress.browser, "launched", noted)
            yield


def link_in(mail: SentMail, pattern: str) -> str:
    """The link of a mail that fits the pattern."""
    found = [link for link in mail.links if re.search(pattern, link)]
    assert found, f"no link like {pattern!r} in {mail.links}"
    return found[0]
