"""Looking services up: by sender and domain, by name in both languages; which source wins; the generic recipe for all others."""

from __future__ import annotations

from pathlib import Path

import pytest
from samples import SMALL, files, write

from readdress.errors import RecipeError, UsageError
from readdress.recipe.catalogue import Catalogue
from readdress.recipe.generic import is_generic
from readdress.recipe.knowledge import Knowledge
from readdress.workflow.knowing import show, update


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An imported copy made from the samples."""
    folder = tmp_path_factory.mktemp("copy")
    update(write(folder / "in", files()), path=folder / "catalogue.json", sets=SMALL)
    return folder / "catalogue.json"


@pytest.fixture(scope="module")
def known(copy: Path) -> Knowledge:
    """Everything: own, imported, recipes."""
    return Knowledge(Catalogue(entry_points=False), copy)


@pytest.mark.parametrize(
    ("org", "sender", "service"),
    [
        ("zhihu.com", "", "zhihu"),
        ("facebookmail.com", "security@facebookmail.com", "facebook"),
        ("qq.com", "10000@qq.com", "qq"),
        ("qq.com", "ann@qq.com", None),
        ("qq.com", "x@vip.qq.com", None),
        ("qq.com", "notice@y.qq.com", "qq-music"),
        ("gmail.com", "ann@gmail.com", None),
        ("google.com", "no-reply@accounts.google.com", "google"),
        ("microsoft.com", "x@accountprotection.microsoft.com", "microsoft"),
        ("amazon.de", "versandbestaetigung@amazon.de", "amazon"),
        ("nobody.test", "x@nobody.test", None),
        ("alpha-shop.test", "news@mail.alpha-shop.test", "alpha.test"),
        ("com", "", None),
        ("", "", None),
    ],
)
def test_service_of(known: Knowledge, org: str, sender: str, service: str | None) -> None:
    """The longest domain wins, an exact sender before it; where people have mailboxes only the exact sender counts."""
    hit = known.service_of(org, sender)
    assert (hit.service.id if hit else None) == service


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("知乎", "zhihu"), ("B站", "bilibili"), ("招行", "cmb"), ("ＺＨＩＨＵ", "zhihu"), ("x", "x"), ("推特", "x"), ("OneDrive", "microsoft"),
        ("https://www.zhihu.com/settings/account", "zhihu"), ("account.live.com", "microsoft"), ("12306", "12306"), ("Alpha", "alpha.test"),
    ],
)  # fmt: skip
def test_find_by_name(known: Knowledge, text: str, service: str) -> None:
    """Ids, names in both languages, aliases, products, hosts and addresses all lead to the one service."""
    assert [s.id for s in known.find(text)] == [service]


@pytest.mark.parametrize(
    ("text", "service"), [("gitub", "github"), ("netflx", "netflix"), ("招商", "cmb"), ("支付宝app", "alipay")]
)
def test_suggestions(known: Knowledge, text: str, service: str) -> None:
    """A mistyped or half-written name leads to the service that was meant, first."""
    assert known.suggest(text)[0].id == service
    assert known.suggest("") == [] and known.suggest("qzxqzxqzx") == []


def test_sources_are_joined_and_recipes_win(known: Knowledge) -> None:
    """The recipe names the service and its account page; the catalogue adds what the recipe does not say."""
    github = known.show("github.com")
    assert github is not None and github.recipe
    recipe = Catalogue(entry_points=False).recipe("github")
    assert github.name == recipe.name and github.account == recipe.home
    assert known.show("docs.github.com") == github
    alone = Knowledge(None, Path("/nonexistent")).show("github.com")
    assert alone is not None and not alone.recipe


def test_imported_facts_enrich_but_do_not_take_over(tmp_path: Path) -> None:
    """A public set may add domains and second factors to a known service; its name, its page and its category stay ours."""
    data = files()
    data["entries.json"]["Zhihu!"] = {
        "domain": "zhihu.com",
        "additional-domains": ["zhihu.test"],
        "tfa": ["email"],
        "categories": ["retail"],
    }
    data["change-password-URLs.json"]["zhihu.com"] = "https://evil.test/login"
    data["sites.json"].append(
        {"name": "Evil", "url": "https://evil.test", "difficulty": "easy", "domains": ["evil.test", "zhihu.com"]}
    )
    update(write(tmp_path / "in", data), path=tmp_path / "c.json", sets=SMALL)
    known = Knowledge(None, tmp_path / "c.json")
    zhihu = known.show("zhihu.com")
    assert zhihu is not None and zhihu.id == "zhihu" and zhihu.category == "social"
    assert zhihu.account == "https://www.zhihu.com/settings/account" and "email" in zhihu.second_factors
    assert known.show("zhihu.test") == zhihu
    evil = known.show("evil.test")
    assert evil is not None and evil.id == "evil.test", (
        "a stranger's entry that also claims our domain gets nothing of it"
    )


def test_groups_join_domains(known: Knowledge) -> None:
    """Sites that share credentials are one service: its old domain and its second shop among them."""
    alpha = known.show("alpha-shop.test")
    assert alpha is not None and set(alpha.domains) == {"alpha.test", "alpha-shop.test"}
    gamma = known.show("oldgamma.test")
    assert gamma is not None and gamma.id == "gamma.test"


def test_damaged_copy_is_left_aside(tmp_path: Path) -> None:
    """A copy that cannot be read is said to be so; our own catalogue goes on working."""
    for content in (
        b"{",
        b"[]",
        b'{"readdress":"catalogue","format":9}',
        b'{"readdress":"catalogue","format":1,"sources":[],"services":[{}]}',
        b"\xff" * 10,
    ):
        path = tmp_path / "c.json"
        path.write_bytes(content)
        known = Knowledge(None, path)
        assert known.show("zhihu.com") is not None
        assert known.imported.problem and not known.imported.services


def test_hostile_copy_gives_no_hostile_entry(tmp_path: Path) -> None:
    """Somebody altered the copy on disk: what is no domain or no http(s) address is not taken from it."""
    row = {
        "name": "N",
        "domains": ["n.test", "javascript:x"],
        "account": "javascript:alert(1)",
        "close": "https://u:p@n.test/",
        "category": "nope",
    }
    path = tmp_path / "c.json"
    import json

    path.write_text(json.dumps({"readdress": "catalogue", "format": 1, "sources": [], "services": [row]}))
    found = Knowledge(None, path).show("n.test")
    assert found is not None and found.domains == ("n.test",)
    assert (found.account, found.close, found.category) == ("", "", "other")


def test_generic_recipe_through_the_catalogue() -> None:
    """Any known service or bare domain has at least the generic recipe; a recipe of its own is always preferred."""
    recipes = Catalogue(entry_points=False)
    for name, service in (("知乎", "zhihu"), ("example.org", "example.org"), ("Spotify", "spotify")):
        pack = recipes.get(name)
        assert is_generic(pack) and pack.id == service == recipes.recipe(name).id
    assert not is_generic(recipes.get("github")) and not is_generic(recipes.get("github.com"))
    assert recipes.get("microsoft.com").id == "microsoft"
    for name in ("nosuchthing", "", "what ever else"):
        with pytest.raises(RecipeError):
            recipes.get(name)


def test_show_suggests(known: Knowledge) -> None:
    """Nothing known: the error says what may have been meant and how to know more."""
    with pytest.raises(UsageError, match="Nothing is known") as caught:
        show("gitub", known)
    assert "github" in caught.value.todo and "catalogue update" in caught.value.todo
    assert show("B站", known).id == "bilibili"
