"""One account at a made-up service without a recipe, wired to the guided runner: fake mailboxes, signed mail, a scripted person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readdress.engine.guided import Guided
from readdress.engine.tools import Outcome, Patience, Tools
from readdress.models import Ask, Question, Side, Slot, Text, Verdict
from readdress.models.events import account_added, factor
from readdress.recipe.generic import generic_recipe
from readdress.recipe.place import place
from readdress.recipe.service import Service
from readdress.testing.fakes import FakeClock, FakeMail, FakeSecrets, MemoryJournal, Rule, ScriptedPerson
from readdress.testing.post import Post

OLD, NEW, ID = "ann@old.example", "ann@new.example", "acc1"
SHOP = Service(
    "shop",
    Text("Shop", "商店"),
    "shopping",
    domains=("shop.test", "shopmail.test"),
    account="https://www.shop.test/account",
)
QUICK = Patience(mail=6.0, person=20.0, look=1.0, look_every=0.3, slice=0.0, brisk=1.0)


class OwnBrowserFake:
    """The person's everyday browser: remembers what it was asked to show."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str) -> bool:
        """Remember."""
        self.opened.append(url)
        return True


class Rig:
    """``run()`` is one ``migrate resume``. ``letter(…)`` is what the service sends; an honest person answers what no rule does."""

    def __init__(
        self,
        service: Service = SHOP,
        *,
        people: Iterable[Rule] = (),
        sides: Iterable[Side] = (Side.OLD, Side.NEW),
        known: bool = True,
    ) -> None:
        self.clock = FakeClock(tick=0.02)
        self.mail = FakeMail({s: OLD if s is Side.OLD else NEW for s in sides}, self.clock)
        self.post = Post(self.mail, self.clock)
        self.journal = MemoryJournal(self.clock, old=OLD, new=NEW)
        self.pack = generic_recipe(service)
        self.own = OwnBrowserFake()
        self.person = ScriptedPerson([*people, *HONEST])
        slots = [s for s in Slot if s in self.pack.recipe.important]
        self.slot = slots[0]
        self.journal.record(account_added(ID, service.id, slots=slots))
        if known:
            self.journal.record(factor("new_mailbox", held=True), factor("password", held=True, account=ID))

    def run(self) -> Outcome:
        """One run over the account, in a new process."""
        recipe = place(self.pack.recipe, "")
        tools = Tools(
            journal=self.journal,
            clock=self.clock,
            person=self.person,
            mail=self.mail,
            secrets=FakeSecrets(),
            lookup=self.post.lookup,
            browser=self._no_browser,
            own_browser=self.own,
            patience=QUICK,
        )
        return Guided(tools, self.journal.account(ID), self.pack, recipe, recipe.route[0]).run()

    def letter(self, sender: str = "no-reply@shop.test", *, to: str = NEW, delay: float = 0.0, **more: Any) -> None:
        """A mail of the service."""
        subject = more.pop("subject", "Your address was changed")
        text = more.pop("text", "See https://www.shop.test/undo?x=1")
        self.post.send_mail(
            to=to, kind="notice", subject=subject, sender=f"Shop <{sender}>", text=text, delay=delay, **more
        )

    @property
    def verdict(self) -> Verdict:
        """How far the account's slot is."""
        return self.journal.account(ID).slots[self.slot].verdict

    def asked(self, ask: Ask) -> list[Question]:
        """The questions of that kind."""
        return [q for q in self.person.asked if q.ask is ask]

    @staticmethod
    def _no_browser() -> Any:
        raise AssertionError("the controlled browser is never started for a generic recipe")


HONEST = (
    Rule(Ask.CONSENT, says="yes"),
    Rule(Ask.SENDER, says="yes"),
    Rule(Ask.HAND_OVER, says="done", after=3),
)
