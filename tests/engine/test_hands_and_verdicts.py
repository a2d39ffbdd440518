"""Hand-overs and what ends them, own-browser recipes, blocked hosts, and how far each kind of evidence carries a verdict."""

from __future__ import annotations

import pytest
from fake_service import EMAILS, HOST, PASSWORD, Service
from rig import ACTS, ID, LOOKS, NEW, OLD, Rig

from readdress.engine.tools import Ended
from readdress.engine.verdicts import raised, reached, settled, standing
from readdress.errors import NeedsPerson
from readdress.models import Account, Ask, Kind, Sight, Slot, SlotState, StepStatus, Verdict
from readdress.models.events import consent
from readdress.testing.fakes import START, Rule, lies, stalls

V = Verdict


# -- hand-overs -------------------------------------------------------------------------------------------------------------


def test_an_unexpected_error_hands_the_same_step_over() -> None:
    """The button has another name now: text and page for the person, and the check sees that it was done."""
    rig = Rig("add")
    rig.faults["add"] = "raise_before"
    assert rig.run().ended is Ended.NEEDS_TIME
    handed = rig.asked(Ask.HAND_OVER)
    assert [q.step for q in handed] == ["add_address"]
    assert "the button has another name now" in handed[0].body.en
    assert "Do add_address." in handed[0].body.en
    assert "执行 add_address" in handed[0].body.zh
    assert rig.step("add_address").by == "page"
    assert rig.service.count("add", by="person") == 1


def test_a_check_that_came_between_is_not_left_before_the_person_answered_it() -> None:
    """The service asks who it is after the click, and forgets the click when its page is left: the person finds that page, once."""
    rig = Rig("add")
    check = f"https://{HOST}/who-are-you"
    found: list[str] = []

    def add(page, s) -> None:
        page.browser.open(check)
        page.browser.blind = True
        raise NeedsPerson("The service asks who you are.", kind="code")

    def answers(question) -> str:
        browser = rig.start_browser()
        found.append(browser.url)
        if browser.url == check:
            rig.service.add(NEW, by="person")
        browser.blind = False
        return "done"

    rig.pack.acts["add_address"] = add
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, "add_address", says=answers, times=1))
    rig.run()
    assert found == [check]
    assert rig.step("add_address").by == "page"
    assert rig.service.count("add", by="person") == 1


def test_a_page_off_the_site_is_left_although_the_act_handed_it_over() -> None:
    """What the person is shown is the step's own page, never a foreign one that an act ended on."""
    rig = Rig("add")
    found: list[str] = []

    def add(page, s) -> None:
        page.browser.open("https://elsewhere.example/thanks")
        raise NeedsPerson("The page is not the expected one.", kind="manual")

    def looks(question) -> str:
        found.append(rig.start_browser().url)
        return "stop"

    rig.pack.acts["add_address"] = add
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, "add_address", says=looks))
    rig.run()
    assert found == [EMAILS]


def test_the_check_ends_a_hand_over_without_an_answer() -> None:
    """The person does it and says nothing: the page tells, the question is withdrawn."""
    rig = Rig("add", acts=["sign_in", "confirm", "remove_old"])

    def silently(question) -> None:
        if NEW not in rig.service.addresses:
            rig.service.add(NEW, by="person")
            rig.start_browser().show()

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=silently))
    rig.run()
    assert rig.step("add_address").by == "page"
    assert rig.person.withdrawn == [f"{ID}/add_address/hand_over"]
    assert rig.person.answered == []


def test_the_mail_ends_a_hand_over_without_an_answer() -> None:
    """The page is elsewhere, but the service wrote: it was asked for."""
    rig = Rig("add", acts=["sign_in", "confirm", "remove_old"])

    def silently(question) -> None:
        rig.start_browser().blind = True
        if NEW not in rig.service.addresses:
            rig.service.add(NEW, by="person")

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=silently))
    rig.run()
    assert rig.step("add_address").by == "mail"


def test_a_lie_that_the_page_contradicts_is_asked_about_once_more() -> None:
    """“Done”, and the page says no: once more with what the page says; then the word stands, as a claim only."""
    rig = Rig("replace", acts=["sign_in"], people=[lies(Ask.HAND_OVER)])
    outcome = rig.run()
    changed = [q for q in rig.asked(Ask.HAND_OVER) if q.step == "change"]
    assert len(changed) == 2
    assert "has not happened" in changed[1].body.en
    assert rig.step("change").by == "person"
    assert outcome.ended is Ended.NEEDS_PERSON
    assert rig.verdict is V.CLAIMED


def test_a_claimed_read_back_is_looked_at_again_in_the_next_run() -> None:
    """The word does not close the matter: as soon as a page shows NEW, the account is finished without a question."""
    rig = Rig("replace")
    rig.prepare = lambda browser: setattr(browser, "blind", True)
    assert rig.run().ended is Ended.NEEDS_PERSON
    rig.prepare = lambda browser: None
    asked = len(rig.person.asked)
    outcome = rig.run()
    assert (outcome.ended, outcome.verdict) == (Ended.DONE, V.READ_BACK)
    assert len(rig.person.asked) == asked


def test_again_loads_the_page_again() -> None:
    """The person closed the tab or got lost."""
    rig = Rig("replace", acts=["sign_in"], people=[Rule(Ask.HAND_OVER, says="again", times=2)])
    opened: list[str] = []
    rig.prepare = lambda browser: setattr(
        browser, "open", lambda url, real=browser.open: (opened.append(url), real(url))
    )
    rig.run()
    assert opened.count(EMAILS) >= 3
    assert rig.service.count("replace", by="person") == 1


def test_an_optional_step_may_be_skipped_and_others_not() -> None:
    """Skip is offered where the recipe says so; a skipped step gains and loses nothing."""
    rig = Rig(
        "add",
        acts=["sign_in", "add_address", "confirm"],
        steps={"remove_old": {"optional": True, "gains": ["passkey"]}},
        people=[Rule(Ask.HAND_OVER, says="skip")],
    )
    rig.run()
    rig.later(hours=25)
    assert rig.run().ended is Ended.DONE
    assert rig.status("remove_old") is StepStatus.SKIPPED
    assert "passkey" not in rig.journal.factors(ID)
    assert not [d for d in rig.written(Kind.FACTOR) if d["factor"] == "old_mailbox"]
    assert "skip" not in {c.key for q in Rig_asked(Rig("replace", acts=["sign_in"])) for c in q.choices}


def Rig_asked(rig: Rig) -> list:
    """The hand-overs of a run."""
    rig.run()
    return rig.asked(Ask.HAND_OVER)


def test_factors_are_gained_by_proof_only() -> None:
    """A bare word, or an act that nobody looked at, is no way in."""
    seen = Rig("add", steps={"confirm": {"gains": ["passkey"]}})
    seen.run()
    assert "passkey" in seen.journal.factors(ID)
    for rig in (
        Rig("add", steps={"confirm": {"gains": ["passkey"]}}, looks=["sign_in", "add_address", "read_back"]),
        Rig(
            "add",
            steps={"confirm": {"gains": ["passkey"]}},
            looks=["sign_in", "add_address"],
            acts=["sign_in", "add_address"],
        ),
    ):
        rig.run()
        assert rig.status("confirm") is StepStatus.DONE
        assert "passkey" not in rig.journal.factors(ID)


def test_a_person_who_never_answers_becomes_a_durable_wait() -> None:
    """Patience ends, the question is withdrawn, the run comes to an end."""
    rig = Rig("replace", acts=["sign_in"], people=[stalls(Ask.HAND_OVER)])
    outcome = rig.run()
    assert outcome.ended is Ended.NEEDS_PERSON
    assert rig.person.open is None
    assert rig.person.withdrawn


def test_a_page_that_leaves_the_site_is_handed_over() -> None:
    """Nothing more is pressed there."""
    rig = Rig("add")
    rig.faults["add"] = "offsite"
    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says="stop"))
    rig.run()
    assert rig.service.count("add") == 1
    # The step's own page is loaded afresh and shows that it happened: no question is needed.
    assert rig.step("add_address").by == "page"


def test_a_wrong_password_is_mended_by_the_person() -> None:
    """At the keyboard, there and then; the secret is never written down."""
    rig = Rig("add", password="wrong")
    assert rig.run().ended is Ended.NEEDS_TIME
    assert [q.step for q in rig.asked(Ask.HAND_OVER)] == ["sign_in"]
    assert "wrong" not in str([e.data for e in rig.journal.events()])


def test_a_secret_that_is_not_kept_is_asked_for_unseen() -> None:
    """Typed once into the page; empty means that the person types it there."""
    from readdress.models import Answer

    rig = Rig("add", password=None, people=[Rule(Ask.SECRET, says=lambda q: Answer(q.id, "text", PASSWORD))])
    assert rig.run().ended is Ended.NEEDS_TIME
    question = rig.asked(Ask.SECRET)[0]
    assert question.hidden
    assert question.text_wanted
    assert PASSWORD not in str([e.data for e in rig.journal.events()])
    assert rig.secrets.get(f"{ID}/password") is None, "not kept"
    empty = Rig("add", password=None, people=[Rule(Ask.SECRET, says=lambda q: Answer(q.id, "text", ""))])
    assert empty.run().ended is Ended.NEEDS_TIME
    assert [q.step for q in empty.asked(Ask.HAND_OVER)] == ["sign_in"]


def test_no_secret_is_typed_off_the_site() -> None:
    """The page redirected the sign-in elsewhere: handed over, the vault is not even asked."""
    rig = Rig("add")

    def elsewhere(page, s) -> None:
        page.browser._url = "https://elsewhere.example/login"
        s.type_secret(page.password_field, "password")

    rig.pack.acts["sign_in"] = elsewhere
    rig.run()
    assert rig.secrets.asked == []
    assert rig.asked(Ask.HAND_OVER)[0].step == "sign_in"


# -- blocked hosts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "allowed", "kept"), [("once", True, False), ("always", True, True), ("no", False, False)]
)
def test_a_blocked_host_is_the_persons_decision(says: str, allowed: bool, kept: bool) -> None:
    """Loaded, never typed into; "always" is remembered for this account's service."""
    rig = Rig("replace", acts=["sign_in"], people=[Rule(Ask.HOST, says=says)])
    rig.prepare = lambda browser: browser.stopped.append("cdn.example:443")
    rig.run()
    assert len(rig.asked(Ask.HOST)) == 1
    assert "cdn.example:443" in rig.asked(Ask.HOST)[0].body.en
    assert rig.browser is not None
    hosts, assets = rig.browser.allowed[-1]
    assert hosts == [HOST]
    assert ("cdn.example:443" in assets) is allowed
    assert rig.journal.consented(ID, "host:cdn.example:443") is kept


def test_a_second_blocked_host_does_not_take_the_first_away() -> None:
    """What was allowed stays allowed for the run, what was allowed for good from the start."""
    rig = Rig("add", acts=["sign_in"])
    rig.journal.record(consent(ID, "host:always.example:443", "x"))
    rig.prepare = lambda browser: browser.stopped.append("one.example:443")

    def by_hand(question) -> None:
        if question.step == "add_address" and NEW not in rig.service.addresses:
            rig.service.add(NEW, by="person")
            rig.start_browser().stopped.append("two.example:443")
            rig.start_browser().show()

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=by_hand))
    rig.run()
    assert rig.browser is not None
    assert set(rig.browser.allowed[-1][1]) == {"always.example:443", "one.example:443", "two.example:443"}


# -- the person's own browser ---------------------------------------------------------------------------------------------------


def test_own_browser_recipes_never_start_ours() -> None:
    """Pages are shown in the everyday browser; mail and the person's word end the steps, and the account is not finished by them."""
    rig = Rig("replace", browser="own", browser_why={"en": "refused", "zh": "拒绝"})
    outcome = rig.run()
    assert rig.started == 0
    assert EMAILS in rig.own.opened
    assert {rig.step(s).by for s in ("change", "read_back")} == {"person"}
    assert (outcome.ended, outcome.verdict) == (Ended.NEEDS_PERSON, V.CLAIMED)
    asked = len(rig.person.asked)
    again = rig.run()
    assert again.ended is Ended.NEEDS_PERSON
    assert not [q for q in rig.person.asked[asked:] if q.ask is Ask.IN_DOUBT]


def test_own_browser_steps_end_by_mail() -> None:
    """The service's mail is seen without any page."""
    rig = Rig("add", browser="own", browser_why={"en": "refused", "zh": "拒绝"})
    told: list[str] = []

    def only_act(question) -> str | None:
        told.append(question.step)
        if question.step == "add_address":
            if NEW not in rig.service.addresses:
                rig.service.add(NEW, by="person")
            return None
        if question.step == "confirm":
            assert rig.service.letters[-1].code in question.body.en
            assert rig.service.letters[-1].code in question.body.zh
        return "done"

    rig.person.rules.insert(0, Rule(Ask.HAND_OVER, says=only_act))
    outcome = rig.run()
    assert rig.step("add_address").by == "mail"
    assert rig.started == 0
    assert outcome.ended is Ended.NEEDS_PERSON
    assert outcome.verdict.rank < V.CONFIRMED.rank
    assert rig.status("remove_old") is StepStatus.PENDING


# -- verdicts --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reaches", list(Verdict))
@pytest.mark.parametrize(
    ("by", "ceiling"), [("page", V.PROVEN), ("mail", V.CONFIRMED), ("person", V.CLAIMED), ("engine", V.SUBMITTED)]
)
def test_no_evidence_carries_further_than_it_may(by: str, ceiling: Verdict, reaches: Verdict) -> None:
    """Whatever a recipe says that its step reaches."""
    step = Rig("add").recipe.route[0].find("confirm").model_copy(update={"reaches": reaches})
    got = reached(step, by)
    assert got is not None
    assert got.rank <= min(ceiling.rank, reaches.rank)
    if by == "person":
        assert got not in {V.SUBMITTED, V.CONFIRMED, V.READ_BACK, V.PROVEN}
    assert reached(step.model_copy(update={"slot": None}), by) is None
    assert reached(step.model_copy(update={"reaches": None}), by) is None


def test_a_verdict_only_rises_and_a_proof_replaces_a_claim() -> None:
    """Claimed gives way to submitted, never the other way round."""

    def account(verdict: Verdict, *, doubted: bool = False) -> Account:
        return Account("a", "service", slots={Slot.SIGN_IN: SlotState(Slot.SIGN_IN, verdict, START, doubted=doubted)})

    assert raised(account(V.CLAIMED), Slot.SIGN_IN, V.SUBMITTED, "")
    assert not raised(account(V.SUBMITTED), Slot.SIGN_IN, V.CLAIMED, "")
    assert not raised(account(V.CLAIMED), Slot.SIGN_IN, V.CLAIMED, "")
    assert not raised(account(V.READ_BACK), Slot.SIGN_IN, V.CONFIRMED, "")
    assert not raised(account(V.READ_BACK), Slot.SIGN_IN, V.READ_BACK, "")
    assert raised(account(V.STRAGGLER), Slot.SIGN_IN, V.STARTED, "")
    assert raised(account(V.READ_BACK, doubted=True), Slot.SIGN_IN, V.READ_BACK, "")
    assert raised(Account("a", "service"), Slot.CONTACT, V.STARTED, "")
    assert settled(SlotState(Slot.SIGN_IN, V.PROVEN, START, doubted=True)) is V.STARTED
    assert settled(SlotState(Slot.SIGN_IN, V.FOUND, START, doubted=True)) is V.FOUND


def test_an_account_is_as_far_as_its_weakest_slot_that_matters() -> None:
    """A slot that the route moves and nobody wrote about counts as found."""
    recipe = Rig("add", route={"slots": ["sign_in", "contact"]}, slots=["sign_in", "contact", "billing"]).recipe
    done = SlotState(Slot.SIGN_IN, V.READ_BACK, START)
    assert standing(Account("a", "service", slots={Slot.SIGN_IN: done}), recipe) is V.FOUND
    both = {Slot.SIGN_IN: done, Slot.CONTACT: SlotState(Slot.CONTACT, V.STARTED, START)}
    assert standing(Account("a", "service", slots=both), recipe) is V.STARTED
    unimportant = {**both, Slot.CONTACT: done, Slot.BILLING: SlotState(Slot.BILLING, V.FOUND, START)}
    assert standing(Account("a", "service", slots=unimportant), recipe) is V.READ_BACK


def test_an_act_without_a_look_is_submitted_and_no_more() -> None:
    """It ran through, nobody saw the result."""
    rig = Rig(
        "replace",
        looks=["sign_in"],
        steps={"change": {"reaches": "read_back"}},
        people=[Rule(Ask.HAND_OVER, says="stop")],
    )
    rig.run()
    assert rig.step("change").by == "engine"
    assert rig.verdict is V.SUBMITTED


def test_after_a_copy_everything_is_looked_at_again() -> None:
    """The file is a copy, and another one may have gone further: nothing is done twice, nothing counts unseen."""
    from readdress.models import Draft

    rig = Rig("add")
    rig.run()
    rig.later(hours=25)
    rig.run()
    rig.journal.record(Draft(Kind.COPY_SEEN, "", {"reason": "older"}))
    assert rig.run().ended is not Ended.NOTHING_TO_DO
    assert [e.name for e in rig.service.effects] == ["add", "confirm", "remove"]
    assert rig.asked(Ask.IN_DOUBT) == []
    assert rig.finish().verdict is V.READ_BACK


def test_the_fakes_tell_the_truth() -> None:
    """The tests rest on a service that keeps its own account right."""
    rig = Rig("add")
    service: Service = rig.service
    service.add(NEW)
    assert service.usable() == [OLD]
    service.confirm(service.letters[-1].code)
    assert service.usable() == [OLD, NEW]
    service.add(NEW)
    assert [e.again for e in service.effects] == [False, False, True]
    assert set(LOOKS) - set(ACTS) == {"read_back"}
    assert Sight.unknown().detail == ""


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_slots_of_one_rank_the_bare_claim_is_told(turned: bool) -> None:
    """An account with one slot submitted and one only claimed is "you said so", in whatever order they are looked at."""
    pair = [Verdict.SUBMITTED, Verdict.CLAIMED]
    assert min(reversed(pair) if turned else pair, key=lambda v: v.order) is Verdict.CLAIMED
    other = [Verdict.FOUND, Verdict.STRAGGLER]
    assert min(reversed(other) if turned else other, key=lambda v: v.order) is Verdict.STRAGGLER
    assert sorted(Verdict, key=lambda v: v.order) == sorted(Verdict, key=lambda v: (v.rank, v.order))
