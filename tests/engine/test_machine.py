"""Random services, faults, people, kills and waits: what must hold at every instant of every history.

``HYPOTHESIS_PROFILE=soak`` runs it for long (``make soak``).
"""

from __future__ import annotations

import os
from itertools import pairwise

from fake_service import Crash
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from rig import DAY, ID, LOOKS, NEW, SHAPES, Rig, happened, recipe

from readdress.engine.tools import Ended
from readdress.errors import BrowserError
from readdress.models import Answer, Ask, Draft, Kind, Question, Side, Slot, StepStatus, Verdict
from readdress.models.events import slot_verdict
from readdress.testing.fakes import Rule

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
BUTTON = {
    "add_address": "add",
    "confirm": "confirm",
    "swap": "confirm",
    "remove_old": "remove",
    "change": "replace",
    "request": "request",
}
FAULTS = [
    "raise_before",
    "raise_after",
    "swallowed",
    "mute",
    "stale",
    "signs_out",
    "close_before",
    "close_after",
    "offsite",
    "limit",
    "refused",
]
MAIL = ["", "", "", "late", "lost", "forged", "junk", "stranger"]
PEOPLE = ["honest", "honest", "liar", "staller", "stopper", "quitter"]
faults = st.dictionaries(
    st.sampled_from(["sign_in", "add", "request", "confirm", "replace", "remove"]), st.sampled_from(FAULTS), max_size=2
)


class Engine(RuleBasedStateMachine):
    """One account from its first run to its end, through everything."""

    @initialize(
        shape=st.sampled_from(sorted(SHAPES)),
        blind_spots=st.sets(st.sampled_from(sorted(set(LOOKS) - {"sign_in", "read_back"}))),
        by_hand=st.sets(
            st.sampled_from(["sign_in", "add_address", "confirm", "change", "request", "swap", "remove_old"]),
            max_size=2,
        ),
        sides=st.sampled_from([(Side.OLD, Side.NEW), (Side.NEW,), (Side.OLD,)]),
        proved=st.booleans(),
    )
    def begin(
        self, shape: str, blind_spots: set[str], by_hand: set[str], sides: tuple[Side, ...], proved: bool
    ) -> None:
        self.lies: set[str] = set()
        self.vanished = False
        self.mode = "honest"
        self.shape = shape
        acts = [s["id"] for s in SHAPES[shape][1] if s["id"] not in by_hand | {"read_back"}]
        self.rig = Rig(
            shape, acts=acts, looks=set(LOOKS) - blind_spots, sides=sides, proved=proved, recipe_=recipe(shape)
        )
        self.rig.person.rules.insert(0, Rule(says=self.says))
        self._watch()

    # -- what the person does -------------------------------------------------------------------------------------------
    def says(self, q: Question) -> str | Answer | None:
        """By mode; falls through to the honest rules."""
        assert len(self.rig.person.asked) < 400, "the questions do not come to an end"
        if self.mode == "stopper":
            raise KeyboardInterrupt
        if self.mode == "staller":
            return None
        stop = {c.key for c in q.choices} & {"stop", "no", "none"}
        if self.mode == "quitter" and stop:
            if q.ask is Ask.IN_DOUBT:
                return "stop"
            return max(stop)
        if self.mode == "liar":
            if q.ask is Ask.HAND_OVER:
                return "done"
            if q.ask is Ask.IN_DOUBT:
                truth = happened(self.rig, q.step)
                if truth:
                    self.lies.add(q.step)
                return "no" if truth else "yes"
            if q.ask is Ask.CODE:
                return Answer(q.id, "text", "999999")
        for honest in self.rig.person.rules[1:]:
            if honest.fits(q):
                answer = honest.answer(q)
                return answer if answer is None or isinstance(answer, Answer) else answer.choice
        raise AssertionError(q)

    # -- what happens ------------------------------------------------------------------------------------------------------
    @rule(
        mode=st.sampled_from(PEOPLE),
        faults=faults,
        mail=st.sampled_from(MAIL),
        session=st.booleans(),
        blind=st.booleans(),
    )
    def run(self, mode: str, faults: dict[str, str], mail: str, session: bool, blind: bool) -> None:
        """One ``migrate resume``."""
        self._go(mode, faults, mail, session=session, blind=blind, at=None)

    @rule(mode=st.sampled_from(PEOPLE), at=st.integers(1, 45), faults=faults, mail=st.sampled_from(MAIL))
    def killed(self, mode: str, at: int, faults: dict[str, str], mail: str) -> None:
        """One that dies at some boundary between what is written and what is done."""
        self._go(mode, faults, mail, session=True, blind=False, at=at)

    @rule(hours=st.sampled_from([1, 2, 23, 25, 80]))
    def later(self, hours: int) -> None:
        """Time passes."""
        self.rig.later(hours=hours)

    @rule()
    def new_vanishes(self) -> None:
        """The service loses NEW."""
        self.vanished = True
        self.rig.service.drop_new()

    @rule(side=st.sampled_from(Side), lost=st.booleans())
    def mailbox(self, side: Side, lost: bool) -> None:
        """A mailbox goes, or comes back."""
        if self.rig.mail.reachable(side):
            (self.rig.mail.lose if lost else self.rig.mail.regain)(side)

    @precondition(lambda self: self.rig.verdict.finished)
    @rule()
    def straggler(self) -> None:
        """The service writes to OLD after the change."""
        self.rig.journal.record(slot_verdict(ID, Slot.SIGN_IN, Verdict.STRAGGLER, "it wrote to OLD"))

    @rule()
    def copied(self) -> None:
        """The state file turns out to be a copy."""
        self.rig.journal.record(Draft(Kind.COPY_SEEN, "", {"reason": "older"}))

    def _go(self, mode: str, faults: dict[str, str], mail: str, *, session: bool, blind: bool, at: int | None) -> None:
        rig = self.rig
        self.mode, rig.service.mail_fault = mode, mail
        rig.faults.clear()
        rig.faults.update(faults)
        if not session:
            rig.service.sessions.clear()
        rig.prepare = lambda browser: setattr(browser, "blind", blind)
        done_before = len(rig.service.effects)
        rig.crash_at = at
        try:
            outcome = rig.run()
        except (Crash, KeyboardInterrupt, BrowserError):
            return
        finally:
            rig.crash_at = None
        # An outcome says what to do next, and a stop is written down.
        if outcome.ended in {Ended.DONE, Ended.NOTHING_TO_DO}:
            assert rig.journal.wait(ID) is None
            assert outcome.verdict.finished
        else:
            assert outcome.message
            assert rig.journal.wait(ID) is not None
        if outcome.ended is Ended.NOTHING_TO_DO:
            assert len(rig.service.effects) == done_before
        assert rig.person.open is None

    # -- what must hold at the moment itself ---------------------------------------------------------------------------------
    def _watch(self) -> None:
        rig = self.rig
        boundary, post = rig._boundary, rig.person.post

        def watched(place: str) -> None:
            if place == "before:remove":
                self._before_removal()
            boundary(place)
            if place.startswith("after:") and "step_ended" in place:
                self._truth()

        def one_question(question: Question) -> None:
            assert rig.person.open is None, f"{question.id} while {rig.person.open} stands open"
            post(question)

        rig._boundary = rig.journal.boundary = watched  # type: ignore[method-assign]
        rig.person.post = one_question  # type: ignore[method-assign]

    def _before_removal(self) -> None:
        """OLD goes only where NEW gets the person in, was read back on a page, and has cooled since."""
        rig = self.rig
        state = rig.journal.account(ID).slots[Slot.SIGN_IN]
        assert state.verdict.finished
        assert not state.doubted
        assert state.at + DAY <= rig.clock.now()
        assert NEW in rig.service.usable()

    def _truth(self) -> None:
        """Pages do not lie here, so what was written down by a page is true; only a page reads back."""
        last = [e for e in self.rig.journal.events() if e.kind in {Kind.STEP_ENDED, Kind.SLOT_VERDICT}][-2:]
        ended = next(e for e in reversed(last) if e.kind is Kind.STEP_ENDED)
        by, status, step = ended.data["by"], ended.data["status"], ended.data["step"]
        if by == "page" and step != "sign_in" and status in {"done", "not_done"}:
            assert happened(self.rig, step) is (status == "done"), f"{step} {status}"
        if last[-1].kind is Kind.SLOT_VERDICT:
            verdict = Verdict(last[-1].data["verdict"])
            ceiling = {
                "page": Verdict.READ_BACK,
                "mail": Verdict.CONFIRMED,
                "person": Verdict.CLAIMED,
                "engine": Verdict.SUBMITTED,
            }
            assert verdict.rank <= ceiling[by].rank
            if verdict.finished:
                assert by == "page"
                assert NEW in self.rig.service.usable()

    # -- what must hold after everything ---------------------------------------------------------------------------------------
    @invariant()
    def somebody_gets_in(self) -> None:
        """At least one address of the account works, at every instant."""
        if hasattr(self, "rig"):
            assert self.rig.service.usable()

    @invariant()
    def nothing_happens_twice(self) -> None:
        """No once-act takes effect on what has happened already, unless the person swore that it had not.

        An honest person and a page that tells the truth cannot lead there; ``one_step`` only asks for its code again, which is why
        its request is left out.
        """
        if not hasattr(self, "rig") or self.shape == "one_step":
            return
        names = {
            "add": {"add_address", "request"},
            "confirm": {"confirm", "swap"},
            "replace": {"change"},
            "remove": {"remove_old"},
        }
        for effect in self.rig.service.effects:
            assert not effect.again or effect.by == "person" or names[effect.name] & self.lies, effect

    @invariant()
    def each_press_is_armed(self) -> None:
        """A once-step is armed again only after it was written down as not done, and pressed at most once for each arming."""
        if not hasattr(self, "rig"):
            return
        trace = self.rig.trace
        for step in self.rig.recipe.route[0].step:
            if step.repeatable:
                continue
            armed = [i for i, t in enumerate(trace) if t == f"wrote:{step.id}:armed"]
            button = f"before:{BUTTON[step.id]}" if step.id in BUTTON else ""
            for one, two in pairwise([*armed, len(trace)]):
                assert trace[one:two].count(button) <= 1 or not button, trace
                assert two == len(trace) or f"wrote:{step.id}:not_done" in trace[one:two], trace
            first = armed[0] if armed else len(trace)
            assert not button or button not in trace[:first], trace

    @invariant()
    def codes_are_used_by_their_own_step(self) -> None:
        """Released only while their step is armed."""
        if not hasattr(self, "rig"):
            return
        armed: set[str] = set()
        for event in self.rig.journal.events():
            if event.kind is Kind.STEP_ARMED:
                armed.add(event.data["step"])
            elif event.kind is Kind.STEP_ENDED:
                armed.discard(event.data["step"])
            elif event.kind is Kind.MAIL_USED:
                assert armed & {"confirm", "swap", "change_by_code"}

    def teardown(self) -> None:
        """Whatever happened: with an honest person, working pages and time, the account gets finished."""
        if not hasattr(self, "rig"):
            return
        rig = self.rig
        self.mode, rig.service.mail_fault = "honest", ""
        rig.faults.clear()
        rig.prepare = lambda browser: None
        for side in Side:
            if rig.mail.reachable(side):
                rig.mail.regain(side)
        outcome = rig.finish(12)
        assert outcome.verdict.finished
        assert NEW in rig.service.usable() or self.vanished  # what vanishes after the end is seen by no run
        assert rig.status("read_back") is StepStatus.DONE
        started = rig.started
        assert rig.run().ended is Ended.NOTHING_TO_DO
        assert rig.started == started
        self.nothing_happens_twice()
        self.each_press_is_armed()


TestEngine = Engine.TestCase
TestEngine.settings = settings(
    # The same examples in every ordinary run, so that what lands was seen; the soak draws new ones each time.
    derandomize=os.environ.get("HYPOTHESIS_PROFILE") != "soak",
    max_examples=4000 if SOAK else 100,
    stateful_step_count=25 if SOAK else 9,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
