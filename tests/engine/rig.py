"""One account at the fake service, wired to the engine: recipes of every shape, the ports, a spying journal, an honest person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from fake_service import EMAILS, HOST, LOGIN, PASSWORD, PENDING, VERIFIED, Crash, FakeBrowser, PageTrouble, Service

from readdress.engine.runner import Runner
from readdress.engine.tools import Outcome, Patience, Tools
from readdress.errors import MailboxError, Refused
from readdress.flow import Sight
from readdress.models import Answer, Ask, Draft, Kind, OldState, Question, Side, Slot, StepRecord, StepStatus, Verdict
from readdress.models.events import account_added, factor, old_state
from readdress.recipe.pack import Pack
from readdress.recipe.schema import Recipe
from readdress.testing.fakes import FakeClock, FakeMail, FakeSecrets, MemoryJournal, Rule, ScriptedPerson
from readdress.testing.post import Post

OLD, NEW, ID = "ann@old.example", "ann@new.example", "acc1"
DAY = timedelta(days=1)
QUICK = Patience(mail=8.0, person=12.0, look=1.5, look_every=0.5, slice=0.0, brisk=1.0)


def _step(name: str, **more: Any) -> dict[str, Any]:
    text = {"en": f"Do {name}.", "zh": f"执行 {name}。"}
    return {"id": name, "title": {"en": name, "zh": name}, "manual": text, "open": EMAILS, "slot": "sign_in", **more}


SIGN_IN = _step("sign_in", kind="sign_in", open=LOGIN, slot=None)
READ_BACK = _step("read_back", kind="read_back", reaches="read_back")
REMOVE = _step("remove_old", removes=True, loses=["old_mailbox"])
SHAPES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "add": (
        "add",
        [
            SIGN_IN,
            _step("add_address", expects="verify", reaches="submitted"),
            _step("confirm", uses="verify", reaches="confirmed", gains=["new_mailbox"]),
            READ_BACK,
            REMOVE,
        ],
    ),
    "replace": ("replace", [SIGN_IN, _step("change", reaches="submitted"), READ_BACK]),
    "replace_pending": (
        "replace_pending",
        [
            SIGN_IN,
            _step("request", expects="verify", reaches="submitted"),
            _step("swap", uses="verify", reaches="confirmed"),
            READ_BACK,
        ],
    ),
    "one_step": (
        "replace_pending",
        [SIGN_IN, _step("change_by_code", expects="verify", uses="verify", reaches="confirmed"), READ_BACK],
    ),
}
MAIL = {
    "id": "verify",
    "to": "new",
    "from": [f"noreply@{HOST}"],
    "subject": ["Confirm your address"],
    "code": {"length": [6]},
    "lives": "1h",
    "resend": {"en": "Press “Send again”.", "zh": "按“重新发送”。"},
}


def recipe(shape: str = "add", **more: Any) -> Recipe:
    """A recipe of that shape; ``steps`` changes single steps by id (``None`` leaves one out), ``route`` and ``mail`` their tables."""
    change, steps = SHAPES[shape]
    altered = more.pop("steps", {})
    steps = [s | (altered.get(s["id"]) or {}) for s in steps if altered.get(s["id"], {}) is not None]
    route = {"id": "standard", "change": change, "slots": ["sign_in"], "step": steps} | more.pop("route", {})
    data = {
        "format": 1,
        "id": "service",
        "name": {"en": "Service", "zh": "服务"},
        "home": f"https://{HOST}/",
        "hosts": [HOST],
        "slots": ["sign_in"],
        "checked": "2026-11-01",
        "proof": "replica",
        "sources": [{"url": f"https://{HOST}/help", "says": "made up", "grade": "observed"}],
        "mail": [MAIL | more.pop("mail", {})],
        "route": [route],
    }
    return Recipe.model_validate(data | more)


# -- the flow of the recipe ---------------------------------------------------------------------------------------------


def sign_in(page: Any, s: Any) -> None:
    s.type_secret(page.password_field, "password")
    page.sign_in()


def _confirm(page: Any, s: Any) -> None:
    page.confirm(s.code("verify"))


def _swap(page: Any, s: Any) -> None:
    page.confirm(s.code("verify"), replace=True)


def _change_by_code(page: Any, s: Any) -> None:
    page.request(s.new)
    page.confirm(s.code("verify"), replace=True)


def _rows(page: Any, s: Any) -> dict[str, str] | Sight:
    if page.signed_out:
        return s.signed_out()
    if page.loading or page.browser.blind or page.rows is None:
        return Sight.unknown("still loading")
    return dict(page.rows)


def _is_signed_in(page: Any, s: Any) -> Sight:
    return s.signed_out("a sign-in page") if page.signed_out else Sight.done("signed in")


def _is_there(page: Any, s: Any) -> Sight:
    rows = _rows(page, s)
    if isinstance(rows, Sight):
        return rows
    return Sight.done("it is listed") if s.new in rows else Sight.not_done("it is not listed")


def _is_verified(page: Any, s: Any) -> Sight:
    rows = _rows(page, s)
    if isinstance(rows, Sight):
        return rows
    if rows.get(s.new) == VERIFIED:
        return Sight.done("it is verified")
    return Sight.not_done("it waits for its code") if rows.get(s.new) == PENDING else Sight.not_done("it is not listed")


def _sees_new(page: Any, s: Any) -> Sight:
    return s.sees_address(page.listing, of=s.new)


def _lacks_old(page: Any, s: Any) -> Sight:
    return s.lacks_address(page.listing, of=s.old)


ACTS: dict[str, Callable[..., Any]] = {
    "sign_in": sign_in,
    "add_address": lambda page, s: page.add(s.new),
    "confirm": _confirm,
    "remove_old": lambda page, s: page.remove(s.old),
    "change": lambda page, s: page.replace(s.new),
    "request": lambda page, s: page.request(s.new),
    "swap": _swap,
    "change_by_code": _change_by_code,
}
LOOKS: dict[str, Callable[..., Any]] = {
    "sign_in": _is_signed_in,
    "add_address": _is_there,
    "confirm": _is_verified,
    "read_back": _sees_new,
    "remove_old": _lacks_old,
    "change": _sees_new,
    "request": _is_there,
    "swap": _is_verified,
    "change_by_code": _is_verified,
}


class SpyJournal(MemoryJournal):
    """A journal that reports each commit to ``boundary``, before it counts and after."""

    boundary: Callable[[str], None] = staticmethod(lambda _: None)

    def record(self, *drafts: Draft) -> int:
        """Commit, with the places in view where a process may die."""
        name = "+".join(d.kind.value for d in drafts)
        self.boundary(f"before:{name}")
        seq = super().record(*drafts)
        for draft in drafts:
            if draft.kind in {Kind.STEP_ARMED, Kind.STEP_ENDED, Kind.MAIL_USED}:
                status = draft.data.get("status", "armed") if draft.kind is not Kind.MAIL_USED else "used"
                self.boundary(f"wrote:{draft.data.get('step') or draft.data.get('mail')}:{status}")
        self.boundary(f"after:{name}")
        return seq


class OwnBrowserFake:
    """The person's everyday browser: remembers what it was asked to show."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str) -> bool:
        """Remember."""
        self.opened.append(url)
        return True


class Rig:
    """Everything of one account. ``run()`` is one ``migrate resume``: a new runner, on the same journal, with a new browser.

    ``trace`` holds in order what was written (``wrote:STEP:STATUS``) and what was pressed (``before:BUTTON``, ``after:BUTTON``);
    ``crash_at`` kills the process at the n-th place of :attr:`places` that a run passes.
    """

    lang: Any = "en"

    def __init__(
        self,
        shape: str = "add",
        *,
        people: Iterable[Rule] = (),
        acts: Iterable[str] | None = None,
        looks: Iterable[str] | None = None,
        sides: Iterable[Side] = (Side.OLD, Side.NEW),
        password: str | None = PASSWORD,
        patience: Patience = QUICK,
        recipe_: Recipe | None = None,
        proved: bool = True,
        **changes: Any,
    ) -> None:
        self.clock = FakeClock(tick=0.02)
        self.mail = FakeMail({s: OLD if s is Side.OLD else NEW for s in sides}, self.clock)
        self.post = Post(self.mail, self.clock)
        self.service = Service(self.clock, self.post, OLD, NEW)
        self.journal = SpyJournal(self.clock, old=OLD, new=NEW)
        self.recipe = recipe_ or recipe(shape, **changes)
        known = {s.id for s in self.recipe.route[0].step}
        chosen_acts = ACTS if acts is None else {k: ACTS[k] for k in acts}
        chosen_looks = LOOKS if looks is None else {k: LOOKS[k] for k in looks}
        self.pack = Pack(
            self.recipe,
            Path(),
            "",
            {k: v for k, v in chosen_acts.items() if k in known},
            {k: v for k, v in chosen_looks.items() if k in known},
        )
        self.secrets = FakeSecrets({f"{ID}/password": password} if password is not None else {})
        self.person = ScriptedPerson([*people, *honest(self)])
        self.own = OwnBrowserFake()
        self.patience = patience
        self.faults: dict[str, str] = {}
        self.browser: FakeBrowser | None = None
        self.started = 0
        self.pause = False
        self.same_browser = False  # true: the runs share one browser, as those of one process do
        self.prepare: Callable[[FakeBrowser], None] = lambda _: None
        self.trace: list[str] = []
        self.places = 0
        self.crash_at: int | None = None
        self.journal.record(account_added(ID, "service", login="ann", slots=[Slot.SIGN_IN]))
        if proved:
            self.journal.record(factor("new_mailbox", held=True))
            if self.recipe.route[0].change != "add":
                self.journal.record(factor("phone", held=True, account=ID))
        self.journal.boundary = self._boundary

    # -- running ----------------------------------------------------------------------------------------------------------
    def run(self) -> Outcome:
        """One run over the account."""
        self.places = 0
        if not self.same_browser:
            self.browser = None
        self._quiet()
        account = self.journal.account(ID)
        return Runner(self._tools(), account, self.pack, self.recipe, self.recipe.route[0]).run()

    def killed(self, at: int) -> bool:
        """A run that is killed at its n-th place; ``False`` when it came to its end before."""
        self.crash_at = at
        try:
            self.run()
        except Crash:
            return True
        finally:
            self.crash_at = None
        return False

    def later(self, **span: float) -> None:
        """Time passes."""
        self.clock.advance(**span)

    def finish(self, runs: int = 8) -> Outcome:
        """Resume until nothing is left to do, letting the cooling time pass; fails when it never comes to that."""
        for _ in range(runs):
            outcome = self.run()
            if outcome.ended in {"done", "nothing_to_do"}:
                return outcome
            self.later(hours=25)
        raise AssertionError(f"never finished: {outcome}")

    def old_dead(self) -> None:
        """The old mailbox is gone."""
        self.journal.record(old_state(OldState.DEAD))

    # -- reading ----------------------------------------------------------------------------------------------------------
    def step(self, name: str) -> StepRecord:
        """What is written down about a step."""
        return self.journal.step(ID, self.recipe.route[0].id, name)

    def status(self, name: str) -> StepStatus:
        """Where a step stands."""
        return self.step(name).status

    @property
    def verdict(self) -> Verdict:
        """How far the slot is."""
        return self.journal.account(ID).slots[Slot.SIGN_IN].verdict

    def asked(self, ask: Ask) -> list[Question]:
        """The questions of that kind."""
        return [q for q in self.person.asked if q.ask is ask]

    def written(self, kind: Kind) -> list[dict[str, Any]]:
        """The data of all events of a kind."""
        return [dict(e.data) for e in self.journal.events() if e.kind is kind]

    # -- inside -----------------------------------------------------------------------------------------------------------
    def start_browser(self) -> FakeBrowser:
        """Start the controlled browser on first use."""
        if self.browser is None:
            self.started += 1
            self.browser = FakeBrowser(self.service, self.clock, faults=self.faults, boundary=self._boundary)
            self.prepare(self.browser)
        return self.browser

    def _tools(self) -> Tools:
        return Tools(
            journal=self.journal,
            clock=self.clock,
            person=self.person,
            mail=self.mail,
            secrets=self.secrets,
            lookup=self.post.lookup,
            browser=self.start_browser,
            own_browser=self.own,
            lang=self.lang,
            patience=self.patience,
            pause=self.pause,
        )

    def _quiet(self) -> None:
        # A process that died takes its open question and its watches with it.
        if self.person.open is not None:
            self.person.withdraw(self.person.open.id)
        for side in Side:
            self.mail.unwatch(side)

    def _boundary(self, place: str) -> None:
        if place.startswith("wrote:"):
            self.trace.append(place)
            return
        if place.split(":", 1)[1] in {"sign_in", "add", "request", "confirm", "replace", "remove"}:
            self.trace.append(place)
        self.places += 1
        if self.crash_at is not None and self.places == self.crash_at:
            raise Crash(place)


# -- the honest person --------------------------------------------------------------------------------------------------


def honest(rig: Rig) -> list[Rule]:
    """Does by hand what a step says, answers truly, agrees, holds a phone."""

    def truth(q: Question) -> str:
        return "yes" if happened(rig, q.step) else "no"

    def by_hand(q: Question) -> str:
        do_by_hand(rig, q.step)
        return "done"

    def reads(q: Question) -> Answer:
        fresh = [x for x in rig.service.letters if not x.spent]
        return Answer(q.id, "text", fresh[-1].code) if fresh else Answer(q.id, "stop")

    return [
        Rule(Ask.HAND_OVER, says=by_hand),
        Rule(Ask.IN_DOUBT, says=truth),
        Rule(Ask.CONSENT, says="yes"),
        Rule(Ask.SENDER, says="yes"),
        Rule(Ask.CODE, says=reads),
        Rule(Ask.HOST, says="once"),
        Rule(Ask.CHOOSE, "Another way in", says="phone"),
        Rule(Ask.CHOOSE, "Next step", says="next"),
    ]


def happened(rig: Rig, step: str) -> bool:
    """The truth about a step."""
    have = rig.service.addresses
    return {
        "add_address": NEW in have,
        "request": NEW in have,
        "confirm": have.get(NEW) == VERIFIED,
        "swap": have.get(NEW) == VERIFIED,
        "change": have.get(NEW) == VERIFIED,
        "change_by_code": have.get(NEW) == VERIFIED,
        "read_back": have.get(NEW) == VERIFIED,
        "remove_old": OLD not in have,
        "sign_in": "ours" in rig.service.sessions,
    }.get(step, False)


def do_by_hand(rig: Rig, step: str) -> None:
    """What an honest person does for a step, in the page that stands there; what has happened already is left alone."""
    service = rig.service
    if step.endswith("_resend"):
        service.send(NEW)
    elif step == "":
        rig.post.send_mail(
            to=NEW, kind="test", subject="A mail to myself", sender="Ann <ann@old.example>", text="hello\n"
        )
    elif happened(rig, step):
        pass
    elif step == "sign_in":
        service.sessions.add("ours")
    elif step in {"add_address", "request"}:
        service.add(NEW, by="person")
    elif step in {"confirm", "swap", "change_by_code"}:
        if NEW not in service.addresses or not _type_newest(rig, step):
            service.add(NEW, by="person")
            _type_newest(rig, step)
    elif step == "change":
        service.replace(NEW, by="person")
    elif step == "read_back":  # it is not there, whatever was said before: put right now
        if rig.recipe.route[0].change == "add":
            service.addresses[NEW] = VERIFIED
        else:
            service.replace(NEW, by="person")
    elif step == "remove_old":
        service.remove(OLD, by="person")
    if rig.browser is not None and rig.browser.alive() and rig.browser.on_site():
        rig.browser.show()


def _type_newest(rig: Rig, step: str) -> bool:
    fresh = [x for x in rig.service.letters if not x.spent]
    try:
        rig.service.confirm(fresh[-1].code if fresh else "", by="person", replace=step != "confirm")
    except Refused:
        return False
    return True


__all__ = [
    "ACTS",
    "DAY",
    "ID",
    "LOOKS",
    "NEW",
    "OLD",
    "QUICK",
    "Crash",
    "MailboxError",
    "PageTrouble",
    "Rig",
    "happened",
    "honest",
    "recipe",
]
