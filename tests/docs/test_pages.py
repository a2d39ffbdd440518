"""The pages themselves: links, code blocks, and what must never stand in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from docs_pages import PAGES, ROOT, blocks, name, prose

from readdress import Migration


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_resolve(page):
    """A link that leads nowhere is a page that was moved and forgotten; anchors count too."""
    text = prose(page)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{name(page)} links to {target}"
        assert file.is_relative_to(ROOT), f"{name(page)} links out of the project: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in {slug(h) for h in headings}, f"{name(page)} links to {target}"


def test_every_page_can_be_reached():
    """From the README, by links alone: a page that nobody links to is not read."""
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        todo += [(page.parent / target).resolve() for target in re.findall(r"\]\(([^)\s#]+)", prose(page))]
    assert [name(p) for p in PAGES if p not in reached] == []


@pytest.mark.parametrize("block", list(blocks("python")), ids=str)
def test_python_blocks_run(block, tmp_path):
    """Code on a page is copied by its readers: it runs here as it stands, or says above itself that it is not run here."""
    compile(block.text, str(block), "exec")
    if block.mark.startswith("not run: "):
        return
    home = tmp_path / "home"
    home.mkdir()
    Migration.create("ann@old.example.net", "ann@new.example.org", state=home / "me.readdress").close()
    done = subprocess.run(
        [sys.executable, "-c", block.text],
        cwd=tmp_path,
        env=os.environ | {"READDRESS_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{block}\n{done.stderr}"


FORBIDDEN = {
    "an unfinished place": re.compile(r"\b(TODO|FIXME|XXX|TBD)\b"),
    "a path of one machine": re.compile(r"(?<![\w.~#-])/(home|root|Users|tmp|work|var/folders)/\w"),
    "a package registry's host": re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|cdnjs", re.IGNORECASE),
    "a marketing word": re.compile(
        r"\b(seamless(ly)?|effortless(ly)?|blazing(ly)?|powerful|world-class|game.chang\w+|cutting.edge|simply|awesome)\b",
        re.IGNORECASE,
    ),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_stands_there_that_must_not(what):
    """In pages, pictures and examples."""
    files = [*PAGES, *sorted((ROOT / "docs" / "img").iterdir()), *sorted((ROOT / "examples").glob("*.py"))]
    hits = [f"{name(f)}: {m[0]!r}" for f in files for m in FORBIDDEN[what].finditer(f.read_text("utf-8"))]
    assert hits == []


def test_addresses_are_nobodys():
    """Every address in pages and examples is under a domain that is reserved for examples or tests (RFC 2606).

    The page of services is left out: it quotes what the recipes' sources say, and there the services' own senders stand.
    """
    reserved = re.compile(r"(example\.(com|net|org)|\.(test|example|invalid))\Z")
    files = [*PAGES, *sorted((ROOT / "examples").glob("*.py"))]
    files.remove(ROOT / "docs" / "services.md")
    found = {m for f in files for m in re.findall(r"[\w.+-]+@([\w-]+\.[\w.-]*\w)", f.read_text("utf-8"))}
    assert {domain for domain in found if not reserved.search(domain)} <= {"github.com"}  # a service's own sender


def test_nothing_is_claimed_about_live_services():
    """No recipe was ever run against a live service, and the README has to say so as long as that is so."""
    from readdress.recipe.catalogue import Catalogue

    live = [row.id for row in Catalogue(entry_points=False).summaries() if row.proof == "live"]
    assert live == []
    assert "Nothing was run against the live services" in " ".join((ROOT / "README.md").read_text("utf-8").split())
