"""Measures a recipe run by the engine against the same clicks and the same read-back written by hand in raw Playwright.

    python benchmarks/recipe_run.py [--rounds 12] [--only forum|wiki]

Both browsers are up and signed in, start on an empty page, and work on the same account of the same site, in turn; before each run the
account is put back. Ours is all of it: the runner with its state file on this disk, the controlled browser behind its proxy, the mail
gate with its DKIM check. Theirs is a script that trusts every page and takes the first fitting link; a second one also looks after each
act whether it happened, where the program shows that (what the engine may never leave out). Mail is there as soon as the site has sent
it, for all. Target: at most 1.15 times the wall time of the first script.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from _peer import InstantMail, RawPage, SystemClock, controlled  # noqa: E402 - found by the path above
from _table import interleaved, load, show  # noqa: E402 - found by the path above

from readdress.engine.runner import Runner  # noqa: E402 - found by the path above
from readdress.engine.tools import Outcome, Patience, Tools  # noqa: E402 - found by the path above
from readdress.models import Address, Side, Slot  # noqa: E402 - found by the path above
from readdress.models.events import account_added, bound, consent, factor, route_chosen  # noqa: E402 - found by the path above
from readdress.practice.site import BRANDS, PracticeSite, PracticeSites  # noqa: E402 - found by the path above
from readdress.recipe.catalogue import Catalogue  # noqa: E402 - found by the path above
from readdress.recipe.place import place  # noqa: E402 - found by the path above
from readdress.state import StateFile  # noqa: E402 - found by the path above
from readdress.testing.fakes import FakeSecrets, ScriptedPerson  # noqa: E402 - found by the path above
from tests.programs.mediawiki import MediaWiki  # noqa: E402 - found by the path above
from tests.programs.smtp import SmtpToLmtp  # noqa: E402 - found by the path above

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

BOUND = 1.15
OLD = "ann@old.example.net"
LINK = re.compile(rb"https?://[^\s\"'<>]+")


@dataclass(frozen=True)
class Course:
    """One site to run on: what the engine needs to know, how the account is put back, and the peer's script."""

    name: str
    recipe: str
    route: str
    site: str
    login: str
    password: str
    sender: str
    slots: tuple[Slot, ...]
    link: bytes
    put_back: Callable[[], None]
    sign_in: Callable[[Page], None]
    by_hand: Callable[[Page, str, Callable[[], str], bool], None]


def main() -> int:
    """Run both on each site, print the table, and fail when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--only", choices=["forum", "wiki"])
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".recipe-run-") as name, ExitStack() as stack:
        folder = Path(name)
        sink = stack.enter_context(SmtpToLmtp())
        raw = stack.enter_context(RawPage())
        browser = stack.enter_context(controlled(folder))
        for key, course in {"forum": forum, "wiki": wiki}.items():
            if options.only in {None, key}:
                with course(folder, sink) as site:
                    missed += measured(site, Engine(site, folder, sink, browser), raw, sink, options.rounds)
    return 1 if missed else 0


def measured(course: Course, engine: Engine, raw: RawPage, sink: SmtpToLmtp, rounds: int) -> bool:
    """Whether this site's target was missed."""
    names = (f"{course.recipe}-{n}@new.example.org" for n in itertools.count())

    def by_hand(*, looks: bool = False) -> float:
        new, first = next(names), len(sink.mails)

        def mailed() -> str:
            while True:
                for mail in sink.mails[first:]:
                    found = next((link for link in LINK.findall(mail.raw) if course.link in link), None)
                    if new in mail.recipients and found:
                        return found.decode()
                time.sleep(0.02)

        def run(page: Page) -> float:
            page.goto("about:blank")
            begin = time.perf_counter()
            course.by_hand(page, new, mailed, looks)
            return time.perf_counter() - begin

        course.put_back()
        return raw.call(run)

    def by_engine() -> float:
        course.put_back()
        return engine.run(next(names))

    raw.call(course.sign_in)
    engine.run(next(names))  # signs in, and warms both up
    by_hand()
    work = {
        "raw Playwright, by hand": by_hand,
        "the same, looking after each act": lambda: by_hand(looks=True),
        "the engine": by_engine,
    }
    samples = interleaved(work, rounds)
    show(
        f"{course.name}, {rounds} runs each, medians ({load()})",
        samples,
        "raw Playwright, by hand",
        {"the engine": BOUND},
    )
    return median(samples["the engine"]) > BOUND * median(samples["raw Playwright, by hand"])


class Engine:
    """Runs the course's recipe, each time on a new state file, with the browser that is up."""

    def __init__(self, course: Course, folder: Path, sink: SmtpToLmtp, browser: Any) -> None:
        self.course, self.folder, self.sink, self.browser = course, folder, sink, browser
        self.pack = Catalogue().get(course.recipe)
        self.recipe = place(self.pack.recipe, course.site)
        self.route = next(r for r in self.recipe.route if r.id == course.route)
        self.count = itertools.count()

    def run(self, new: str) -> float:
        """Seconds of one run. What a person would have been asked (sender, consent) is answered beforehand."""
        c, clock, mail = self.course, SystemClock(), InstantMail(self.sink)
        mail.owners = {Side.OLD: OLD, Side.NEW: new}
        where = self.folder / f"{c.recipe}-{next(self.count)}"
        with StateFile.create(
            where, Address.parse(OLD), Address.parse(new), clock=clock, markers=self.folder / "markers"
        ) as state:
            state.record(
                account_added("a", self.recipe.id, site=c.site, login=c.login, slots=list(c.slots)),
                route_chosen("a", self.route.id),
                bound("a", "sender", c.sender),
                consent("a", f"replace:{self.route.id}", "agreed for the benchmark"),
                factor("new_mailbox", held=True),
                factor("password", held=True, account="a"),
            )
            tools = Tools(
                journal=state,
                clock=clock,
                person=ScriptedPerson(),
                mail=mail,
                secrets=FakeSecrets({"a/password": c.password}),
                lookup=self.sink.key_lookup,
                browser=lambda: self.browser,
                own_browser=None,  # type: ignore[arg-type] - never asked for
                patience=Patience(mail=20.0, person=1.0),
            )
            self.browser.page.goto("about:blank")
            begin = time.perf_counter()
            outcome = Runner(tools, state.account("a"), self.pack, self.recipe, self.route).run()
            seconds = time.perf_counter() - begin
        self._must_have_worked(outcome)
        return seconds

    def _must_have_worked(self, outcome: Outcome) -> None:
        if not outcome.verdict.finished:
            raise SystemExit(f"{self.course.name}: the engine did not come to the end: {outcome}")


# -- the practice forum: add, confirm by link, make primary, read back (the old address stays for a day) ------------------------------
@contextmanager
def forum(folder: Path, sink: SmtpToLmtp) -> Iterator[Course]:
    with PracticeSites(folder / "sites", sink.port, OLD, [b for b in BRANDS if b.id == "forum"]) as sites:
        site = sites["forum"]
        yield Course(
            "Practice forum (django-allauth)",
            "django-allauth",
            "add_link",
            site.url,
            site.login,
            site.password,
            site.sender,
            (Slot.SIGN_IN, Slot.CONTACT),
            b"/accounts/confirm-email/",
            lambda: forum_put_back(site),
            lambda page: forum_sign_in(page, site),
            lambda page, new, mailed, looks: forum_by_hand(page, site.url, new, mailed, looks=looks),
        )


def forum_put_back(site: PracticeSite) -> None:
    with closing(sqlite3.connect(site.config.database, timeout=10)) as db, db:
        who = "user_id = (SELECT id FROM auth_user WHERE username = ?)"
        db.execute(f"DELETE FROM account_emailaddress WHERE {who} AND email <> ?", (site.login, OLD))
        db.execute(f'UPDATE account_emailaddress SET "primary" = 1 WHERE {who}', (site.login,))
        db.execute("UPDATE auth_user SET email = ? WHERE username = ?", (OLD, site.login))


def forum_sign_in(page: Page, site: PracticeSite) -> None:
    page.goto(f"{site.url}/accounts/login/?next=/accounts/email/")
    page.locator("input[name=login]").fill(site.login)
    page.locator("input[type=password]").fill(site.password)
    page.locator("input[name=remember]").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Sign In").click()


def forum_by_hand(page: Page, site: str, new: str, mailed: Callable[[], str], *, looks: bool) -> None:
    """The clicks, each waited for, and the read-back on a page loaded afresh."""
    page.goto(f"{site}/accounts/email/")
    page.locator("#id_email").fill(new)
    with page.expect_navigation():
        page.get_by_role("button", name="Add Email").click()
    row = page.locator(f'input[type=radio][value="{new}"]')
    if looks:
        assert "Unverified" in beside(page, row)
    page.goto(mailed())
    if looks:
        assert page.locator(f'a[href="mailto:{new}"]').count() == 1
    with page.expect_navigation():
        page.get_by_role("button", name="Confirm").click()
    page.goto(f"{site}/accounts/email/")
    if looks:
        assert "Unverified" not in beside(page, row)
    row.check()
    with page.expect_navigation():
        page.get_by_role("button", name="Make Primary").click()
    if looks:
        assert "Primary" in beside(page, row)
    page.goto(f"{site}/accounts/email/")
    read = beside(page, row)
    assert new in read, read
    assert "Verified" in read, read
    assert "Primary" in read, read


def beside(page: Page, row: Locator) -> str:
    """What stands beside an address in the list."""
    return page.locator(f'label[for="{row.get_attribute("id")}"]').inner_text()


# -- MediaWiki: replace at once, confirm by link, read back --------------------------------------------------------------------------
@contextmanager
def wiki(_folder: Path, sink: SmtpToLmtp) -> Iterator[Course]:
    with MediaWiki(sink, address=OLD) as program:
        with (program.home / "LocalSettings.php").open("a", encoding="utf-8") as more:
            more.write("$wgRateLimits['confirmemail'] = [];\n")  # MediaWiki's own: four a day
        site = f"{program.url}/index.php"
        yield Course(
            "MediaWiki",
            "mediawiki",
            "standard",
            site,
            program.login,
            program.password,
            program.mail_from,
            (Slot.CONTACT,),
            b"ConfirmEmail",
            lambda: program.reset(OLD),
            lambda page: wiki_sign_in(page, site, program),
            lambda page, new, mailed, looks: wiki_by_hand(page, site, new, mailed, looks=looks),
        )


def wiki_sign_in(page: Page, site: str, program: MediaWiki) -> None:
    page.goto(f"{site}/Special:UserLogin")
    page.locator("#wpName1").fill(program.login)
    page.locator("#wpPassword1").fill(program.password)
    page.locator("#wpRemember").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


def wiki_by_hand(page: Page, site: str, new: str, mailed: Callable[[], str], *, looks: bool) -> None:
    """The clicks, each waited for, and the read-back on a page loaded afresh. It begins where the person would: at the preferences."""
    page.goto(f"{site}/Special:Preferences")
    assert OLD in page.locator("#mw-input-wpemailaddress").inner_text()
    page.goto(f"{site}/Special:ChangeEmail")
    page.get_by_label("New email address:").fill(new)
    with page.expect_navigation():
        page.get_by_role("button", name="Change email").click()
    if looks:
        page.goto(f"{site}/Special:Preferences")
        assert new in page.locator("#mw-input-wpemailaddress").inner_text()
        assert page.locator(".mw-email-not-authenticated").count() == 1
    page.goto(mailed())
    said = page.locator("#content").inner_text()
    assert "has now been confirmed" in said, said
    page.goto(f"{site}/Special:Preferences")
    address = page.locator("#mw-input-wpemailaddress").inner_text()
    assert new in address, address
    assert page.locator(".mw-email-authenticated").count() == 1


if __name__ == "__main__":
    raise SystemExit(main())
