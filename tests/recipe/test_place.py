"""Putting a recipe onto a site: what the person writes and what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from readdress.errors import ConfigError
from readdress.recipe.load import read_recipe
from readdress.recipe.place import place, settle_site

WIKI = read_recipe(Path(__file__).parents[2] / "recipes" / "mediawiki")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wiki.example.org", "https://wiki.example.org/index.php"),
        ("https://wiki.example.org/", "https://wiki.example.org/index.php"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/index.php"),
        ("https://example.org/wiki", "https://example.org/wiki"),
        ("https://example.org/w/index.php/", "https://example.org/w/index.php"),
    ],
)
def test_a_bare_host_gets_the_programs_root(written: str, meant: str) -> None:
    """MediaWiki's pages do not stand at the root: a bare host means index.php, anything else is taken as written."""
    site = settle_site(WIKI, written)
    assert site == meant
    assert place(WIKI, site).home is None or place(WIKI, site).home.startswith(meant)


@pytest.mark.parametrize(
    "written", ["http://wiki.example.org", "ftp://x.example", "https://u:p@x.example", "nonsense url"]
)
def test_what_is_no_site_is_refused(written: str) -> None:
    """Plain http beyond this machine, other schemes and passwords in addresses are never a site."""
    with pytest.raises(ConfigError):
        settle_site(WIKI, written)
