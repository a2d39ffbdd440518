"""A survey reads several parts of a page at one moment: what is there, what it says and holds, and never a secret."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Error

from readdress.browser.session import ControlledBrowser
from readdress.engine.seeing import sees_address
from readdress.models import Part, Seen

Show = Callable[[str], ControlledBrowser]
ANN = "ann@example.com"
PAGE = """
<h1>Emails &gt;&gt; "yours"</h1>
<form id=f><input type=radio name=email id=r1 value='ann@example.com' checked><label for=r1>ann@example.com <b>Primary</b></label>
<input type=radio name=email id=r2 value='bob@example.com'><label for=r2>bob@example.com</label>
<input type=password value=hunter2><input type=hidden name=csrf value=token><a href='/x?y=1'>link</a><p style='display:none'>gone</p></form>
"""


def test_everything_comes_in_one_go(show: Show) -> None:
    """Text as drawn, values, labels, what is checked, where links lead; names without an element are there, and empty."""
    browser = show(PAGE)
    found = browser.survey(
        browser.page,
        {"rows": "input[type=radio]", "head": "h1", "link": "a", "hidden": "p", "nothing": "table", "form": "#f"},
        ("form", "rows"),
    )
    assert [row.value for row in found.all("rows")] == [ANN, "bob@example.com"]
    assert found.all("rows")[0].label == "ann@example.com Primary"
    assert [row.checked for row in found.all("rows")] == [True, False]
    assert found.text("head") == 'Emails >> "yours"'
    assert found.one("link") == Part("link", href="/x?y=1", shown=True)
    assert found.one("rows") is None and not found.one("hidden").shown
    assert not found.has("nothing") and found.text("nothing") == found.value("nothing") == ""
    assert found.url == browser.url
    assert sees_address(found.reading("form"), ANN).seen is Seen.DONE
    assert not found.reading("rows").complete, "a part that is there twice is no part to be read whole"


def test_secrets_are_not_read(show: Show) -> None:
    """What stands in a password or hidden field never leaves the page."""
    browser = show(PAGE)
    found = browser.survey(browser.page, {"secret": "input[type=password]", "csrf": "[name=csrf]"})
    assert [part.value for name in ("secret", "csrf") for part in found.all(name)] == ["", ""]


def test_a_part_of_a_page_can_be_surveyed(show: Show) -> None:
    """Below a locator as below the page."""
    browser = show("<div id=a><p>one</p></div><div id=b><p>two</p></div>")
    assert browser.survey(browser.page.locator("#b"), {"p": "p"}).text("p") == "two"


def test_a_selector_that_is_none_is_an_error(show: Show) -> None:
    """A mistake in a recipe must not look like a page without that part."""
    browser = show("<p>hello")
    with pytest.raises(Error, match="not a valid selector"):
        browser.survey(browser.page, {"bad": "p:::"})


def test_a_page_that_meddles_gives_nothing(show: Show) -> None:
    """The page's scripts run in a world of their own: what they put in JSON's place is not what reads the page."""
    browser = show('<p>hello</p><script>JSON.stringify = () => \'{"parts": {"p": [{"text": "lie"}]}}\'</script>')
    assert browser.survey(browser.page, {"p": "p"}).text("p") == "hello"


def test_many_elements_are_cut(show: Show) -> None:
    """A page of thousands of elements gives fifty of each."""
    browser = show("<ul>" + "<li>x" * 3000 + "</ul>")
    assert len(browser.survey(browser.page, {"li": "li"}).all("li")) == 50
