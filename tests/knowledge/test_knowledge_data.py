"""The project's own catalogue as data: whole, unambiguous, plain, and quick to read."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from readdress.models import is_factor
from readdress.recipe.catalogue import Catalogue
from readdress.recipe.finding import Document
from readdress.recipe.generic import CHECKED, bindable, generic_recipe
from readdress.recipe.imported import is_domain, is_url
from readdress.recipe.knowledge import Knowledge
from readdress.recipe.lint_text import lint_text
from readdress.recipe.service import CATEGORIES, REGIONS, Service, own_folder, own_services
from readdress.recipe.structure import structure

SERVICES = own_services()
CJK = re.compile(r"[\u3400-\u9fff]")
# The services of the case that the project began with, and what it has or will have recipes for.
NAMED = {
    "microsoft", "google", "apple", "amazon", "facebook", "github", "weibo", "douban", "baidu", "discuz", "hainan-airlines",
    "sichuan-airlines", "china-southern", "cet", "ruankao", "chsi", "youdao", "qq-music", "qq-mail", "qq", "django-allauth",
    "mediawiki", "wordpress", "dokuwiki", "spirit",
}  # fmt: skip
LATIN_ZH = {"qq", "soul", "acfun", "keep", "csdn", "taptap", "v2ex", "4399"}
"""Chinese services whose Chinese name is written in Latin letters or digits."""


def test_enough_services_of_every_part_of_the_world() -> None:
    """At least 270 services, every one that must be there, and many of China, of Europe and of America."""
    assert len(SERVICES) >= 270
    assert {s.id for s in SERVICES} >= NAMED
    regions = Counter(r for s in SERVICES for r in s.region)
    assert min(regions["cn"], regions["eu"], regions["us"], regions["world"]) >= 60
    assert {s.category for s in SERVICES} == set(CATEGORIES)


def test_every_file_is_read_and_says_where_its_facts_come_from() -> None:
    """One file a category, no file that nothing reads, no key that nothing knows; its head names the sources and their grade."""
    keys = {
        "id", "name", "aliases", "domains", "personal", "senders", "home", "account", "account_by", "sign_in", "rides", "region",
        "named_by", "software",
    }  # fmt: skip
    for path in own_folder().glob("*"):
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
        assert path.stem == data["category"] in CATEGORIES
        head = text.partition("category =")[0]
        assert "MIT" in head and "Grade" in head and "No live page was opened" in head
        assert all(set(row) <= keys for row in data["service"])


def test_ids_and_names_are_unambiguous() -> None:
    """No id twice; no name or alias that means two services, and every product leads to an account."""
    assert len({s.id for s in SERVICES}) == len(SERVICES)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", s.id) for s in SERVICES)
    known = Knowledge(None, Path("/nonexistent"))
    for service in SERVICES:
        for word in (service.id, service.name.en, service.name.zh, *service.aliases):
            assert [m.id for m in known.find(word)] == [service.id], word
        assert all(len(known.find(ride)) == 1 for ride in service.rides)


def test_domains_belong_to_one_service() -> None:
    """A domain stands once in the whole catalogue, in its plain form; people's mailboxes are at domains of that same service."""
    claims = Counter(d for s in SERVICES for d in s.domains)
    assert [d for d, n in claims.items() if n > 1] == []
    for service in SERVICES:
        assert service.domains or service.software, service.id
        assert all(is_domain(d) and not d.startswith("www.") for d in service.domains if d != "gjzwfw.www.gov.cn")
        assert all(service.covers(d) for d in service.personal), service.id


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.id)
def test_facts_are_plain(service: Service) -> None:
    """Secure pages and exact senders on the service's own domains, known factors and regions, a Chinese name for Chinese services."""
    for url in (service.home, service.account):
        if url:
            assert url.startswith("https://") and is_url(url), url
            assert service.covers(urlsplit(url).hostname or ""), url
    for sender in service.senders:
        assert sender == sender.lower() and service.covers(sender.rpartition("@")[2]), sender
    assert all(is_factor(f) for f in service.sign_in)
    assert service.region and set(service.region) <= set(REGIONS)
    assert set(service.named_by) <= {"apple", "jdm", "2fa"}
    if "cn" in service.region and service.id not in LATIN_ZH:
        assert CJK.search(service.name.zh), service.name.zh
    assert service.name.en.strip() and service.name.zh.strip()


def test_providers_are_services_of_the_catalogue() -> None:
    """Who is signed in with is a service that the catalogue knows too: the plan puts it first."""
    ids = {s.id for s in SERVICES}
    assert Knowledge(None, Path("/nonexistent")).providers() <= ids


def test_every_generic_recipe_is_clean() -> None:
    """What is built from any entry passes every binding rule and every lint rule of recipes, on the day its facts were gone through."""
    for service in SERVICES:
        if service.software:
            continue
        pack = generic_recipe(service)
        data = pack.recipe.model_dump(mode="json", by_alias=True, exclude_none=True)
        document = Document(Path("catalogue/recipe.toml"), "", data)
        found = structure(pack.recipe, document)
        found += lint_text(pack.recipe, document, Path("catalogue"), frozenset(), frozenset(), CHECKED)
        assert found == [], (service.id, [str(f) for f in found])
        assert pack.recipe.browser == "own" and not pack.acts and not pack.looks
        assert set(bindable(service)) == set(pack.recipe.detect.domains)


def test_facts_are_not_old() -> None:
    """The day on which the catalogue was gone through is no longer ago than recipes may be."""
    assert (date(2026, 11, 24) - CHECKED).days == 0


def test_recipes_are_in_the_catalogue_under_their_ids() -> None:
    """Every built-in recipe is also an entry, so that the interview offers it."""
    assert set(Catalogue(entry_points=False).ids()) <= {s.id for s in SERVICES}
