"""Servers that live as long as the run, and a fresh person for every test. A server that is missing fails the test; nothing is skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from readdress.practice.site import Brand, PracticeSites
from readdress.practice.site_settings import Mode
from tests.e2e.allauth import Allauth
from tests.e2e.stage import OLD, PASSWORDS, TAKEN, Stage, Target
from tests.programs.dokuwiki import DokuWiki
from tests.programs.dovecot import Dovecot
from tests.programs.mediawiki import MediaWiki
from tests.programs.smtp import SmtpToLmtp
from tests.programs.spirit import Spirit
from tests.programs.wordpress import WordPress

HERE = Path(__file__).parent
BRANDS = (
    Brand("links", "Pine Forum", "forum-practice.test", Mode.LINKS, ("en", "zh-hans")),
    Brand("codes", "Slate Notes", "notes-practice.test", Mode.CODE, ("en", "zh-hans"), mailbox="no-reply"),
    Brand("single", "Lantern Shop", "shop-practice.test", Mode.SINGLE, ("en",), mailbox="accounts"),
    Brand("single_code", "Harbor Cloud", "cloud-practice.test", Mode.REAUTH_CODE, ("en",), mailbox="security"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder need servers and a browser."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """Every mailbox of the tests on one server."""
    with Dovecot(users=PASSWORDS) as server:
        yield server


@pytest.fixture(scope="session")
def post(dovecot: Dovecot) -> Iterator[SmtpToLmtp]:
    """The way for all mail of the programs."""
    with SmtpToLmtp(dovecot) as sink:
        yield sink


@pytest.fixture
def mail(post: SmtpToLmtp, dovecot: Dovecot) -> Iterator[SmtpToLmtp]:
    """The way for mail, honest again at the end of a test and with nothing of earlier tests in it."""
    post.mails.clear()
    yield post
    post.dovecot, post.forge, post.sign = dovecot, None, True


@pytest.fixture(scope="session")
def programs(post: SmtpToLmtp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """The programs by name, each started when a test first needs it."""
    running: dict[str, Any] = {}
    with ExitStack() as stack:

        def sites() -> PracticeSites:
            if "sites" not in running:
                folder = tmp_path_factory.mktemp("sites")
                running["sites"] = stack.enter_context(PracticeSites(folder, post.port, OLD, BRANDS))
            found: PracticeSites = running["sites"]
            return found

        others = {"bob": TAKEN}
        made: dict[str, Callable[[], Any]] = {
            "mediawiki": lambda: MediaWiki(post, address=OLD, reauthenticate_after=3),
            "mediawiki-zh": lambda: MediaWiki(post, address=OLD, language="zh-hans", reauthenticate_after=3),
            "wordpress": lambda: WordPress(post, address=OLD, others=others),
            "wordpress-zh": lambda: WordPress(post, address=OLD, language="zh"),
            "dokuwiki": lambda: DokuWiki(post, address=OLD, others=others),
            "spirit": lambda: Spirit(post, address=OLD, others=others),
        }

        def program(name: str) -> Any:
            if name not in running:
                if name in made:
                    running[name] = stack.enter_context(made[name]())
                else:
                    running[name] = Allauth(sites()[name])
            return running[name]

        yield program


@pytest.fixture
def stage(programs: Callable[[str], Any], dovecot: Dovecot, mail: SmtpToLmtp, tmp_path: Path) -> Callable[..., Stage]:
    """``stage("wordpress")``: a fresh person with an account there that still has the old address, and both mailboxes set up."""
    made = 0

    def make(name: str, *, start: bool = True, **more: Any) -> Stage:
        nonlocal made
        target: Target = programs(name)
        target.reset(OLD)
        made += 1
        home = tmp_path / f"person{made}"
        home.mkdir()
        found = Stage(home, dovecot, mail, target, **more)
        if start:
            found.set_up()
        return found

    return make
