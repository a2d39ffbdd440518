"""`migrate recipes new ID`: what it writes is sound from the first minute: lint, its own test, and a real browser agree."""

from __future__ import annotations

import email
import email.policy
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from readdress.browser.find import find
from readdress.errors import RecipeError, UsageError
from readdress.models import Seen, Side, Sight
from readdress.recipe.lint import lint
from readdress.recipe.load import load_pack
from readdress.recipe.scaffold import FILES, new_recipe
from readdress.testing.contract import run_cases
from readdress.testing.fakes import FakeClock, FakeMail
from readdress.testing.post import Post
from readdress.testing.replica import ReplicaServer, load_cases

OLD, NEW = "ann@old.example", "ann@new.example"


def test_a_new_recipe_is_sound(tmp_path: Path) -> None:
    """All files are there, lint finds nothing, and every step of the route runs by itself."""
    files = new_recipe(tmp_path, "my-shop", name_en="My Shop", name_zh="我的商店", host="shop.example.org")
    assert [f.relative_to(tmp_path / "my-shop").as_posix() for f in files] == [
        name.format(module="my_shop") for name in FILES.values()
    ]
    assert not [f for f in files if "@@" in f.read_text("utf-8").replace("@@shop", "")]
    assert [str(f) for f in lint(tmp_path / "my-shop")] == []
    pack = load_pack(tmp_path / "my-shop", origin="folder", trusted=True)
    assert len(pack.automatic(pack.recipe.route[0])) == len(pack.recipe.route[0].step) == 4
    assert (pack.recipe.name.zh, pack.recipe.hosts) == ("我的商店", ["shop.example.org"])


def test_its_own_test_passes(tmp_path: Path) -> None:
    """The test file that comes with it runs as the author would run it, with warnings as errors."""
    new_recipe(tmp_path, "my-shop")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-W",
            "error",
            "-p",
            "no:cacheprovider",
            "-k",
            "not contract",
            str(tmp_path / "my-shop"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "6 passed" in run.stdout


@pytest.mark.parametrize("name", ['Qu"ote', "Back\\slash", "<b>{x}</b>", "a@b %s", "Zwei\nZeilen", "'''"])
def test_odd_names_do_no_harm(name: str, tmp_path: Path) -> None:
    """A name goes into TOML, Python, HTML and a mail header; none of them may break or be broken out of."""
    new_recipe(tmp_path, "odd", name_en=name, name_zh=name)
    assert [str(f) for f in lint(tmp_path / "odd")] == []
    compile((tmp_path / "odd" / "pages" / "site.py").read_text("utf-8"), "site.py", "exec")


@pytest.mark.parametrize(
    ("recipe", "host"), [("Shop", ""), ("../x", ""), ("", ""), ("shop", "https://x.example"), ("shop", "a b")]
)
def test_impossible_ids_and_hosts(recipe: str, host: str, tmp_path: Path) -> None:
    """Nothing is written for an id or a host that cannot be."""
    with pytest.raises(UsageError) as caught:
        new_recipe(tmp_path, recipe, host=host)
    assert caught.value.todo
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """An author's work of weeks is not replaced by a template."""
    new_recipe(tmp_path, "shop")
    (tmp_path / "shop" / "flow.py").write_text("# mine\n")
    with pytest.raises(RecipeError, match="there already"):
        new_recipe(tmp_path, "shop")
    assert (tmp_path / "shop" / "flow.py").read_text() == "# mine\n"


@pytest.mark.e2e
def test_it_passes_the_contract(tmp_path: Path) -> None:
    """The engine moves the address on the replica, and no look is fooled by the hard pages (two of the six parts, for time)."""
    new_recipe(tmp_path, "my-shop")
    results = list(run_cases(tmp_path / "my-shop", only=["normal_zh", "looks"]))
    assert [(r.name, r.problem) for r in results] == [("normal_zh", ""), ("looks", "")]


class _Hands:
    """As much of a Step as the flow needs here; the engine has the real one."""

    old, new, login, site, attempt = OLD, NEW, "", "", 1

    def __init__(self, page: Any, mail: FakeMail) -> None:
        self._page, self._mail = page, mail

    def type_secret(self, where: Any, name: str) -> None:
        where.fill({"password": "correct horse"}[name])

    def open_link(self, mail: str) -> None:
        letter = email.message_from_bytes(self._mail.messages(Side.NEW)[-1], policy=email.policy.default)
        self._page.goto(re.findall(rf"https://\S+/email/{mail}/\S+", letter.get_content())[0])

    def sees_address(self, where: Any, *, of: str, pending: Any = (), absent_ok: bool = True) -> Sight:
        return Sight.done() if where.count() and where.inner_text().strip() == of else Sight.unknown()

    def signed_out(self, detail: str = "") -> Sight:
        return Sight.unknown(detail, signed_out=True)


@pytest.mark.e2e
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_flow_works_in_a_real_browser(lang: str, tmp_path: Path) -> None:
    """The scaffold's flow changes the address on its replica, over TLS that Chromium accepts by the key's hash alone."""
    from playwright.sync_api import sync_playwright

    folder = tmp_path / "my-shop"
    new_recipe(tmp_path, "my-shop")
    pack = load_pack(folder, origin="folder", trusted=True)
    clock = FakeClock()
    mail = FakeMail({Side.OLD: OLD, Side.NEW: NEW}, clock)
    case = load_cases(folder)[0].data(old=OLD, new=NEW, lang=lang)
    with ReplicaServer.of_recipe(folder, case, Post(mail, clock).send_mail) as server, sync_playwright() as playwright:
        (host,) = server.reroute
        browser = playwright.chromium.launch(
            executable_path=find(headless=True),
            args=[
                "--no-sandbox",
                f"--host-resolver-rules=MAP {host} 127.0.0.1:{server.port}",
                f"--ignore-certificate-errors-spki-list={server.spki}",
            ],
        )
        page = browser.new_page()
        page.set_default_timeout(5000)
        hands = _Hands(page, mail)
        for step in pack.recipe.route[0].step:
            if step.open:
                page.goto(step.open)
            if step.id in pack.acts:
                assert pack.looks[step.id](page, hands).seen is not Seen.DONE, f"{step.id} was done before it was done"
                pack.acts[step.id](page, hands)
                page.wait_for_load_state()
            assert pack.looks[step.id](page, hands).seen is Seen.DONE, step.id
        browser.close()
        assert [a["act"] for a in server.acts] == ["sign_in", "request_change", "confirm_link"]
        assert server.replica.address == NEW
        assert server.errors == []
