"""Reading a part of a page in one go, on real pages in a real browser, up to what it proves about an address."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from readdress.browser.session import ControlledBrowser
from readdress.engine.seeing import lacks_address, sees_address
from readdress.models import Reading, Seen

Show = Callable[[str], ControlledBrowser]
ANN = "ann@example.com"
D, N, U = Seen.DONE, Seen.NOT_DONE, Seen.UNKNOWN

CASES = [
    ("plain list", "<ul><li>ann@example.com<li>bob@example.com</ul>", D, N),
    ("absent", "<ul><li>bob@example.com</ul>", N, D),
    ("longer, split over elements", "<ul><li><span>jo</span><span>ann@example.com</span></ul>", N, D),
    ("split over elements", "<ul><li><b>ann</b>@example<wbr>.com</ul>", D, N),
    ("badge glued to it", "<ul><li><span style='display:inline-block'>Primary</span>ann@example.com</ul>", D, N),
    ("badge with padding", "<ul><li><b style='padding:2px'>Primary</b>ann@example.com<i style='margin-left:4px'>ok</i></ul>", D, N),
    ("table", "<table><tr><td>Email<td>ann@example.com<td>Change</table>", D, N),
    ("input", "<label>Email <input value='ann@example.com'></label>", D, N),
    ("input set by script", "<input id=i><script>i.value = 'ann@example.com'</script>", D, N),
    ("select", "<select><option>bob@example.com<option>ann@example.com</select>", D, N),
    ("pending in another cell", "<table><tr><td>ann@example.com<td>Unverified<tr><td>bob@example.com<td>Verified</table>", U, N),
    ("pending in another block", "<div><div><div>ann@example.com</div><div>Awaiting confirmation</div></div><div>bob@example.com</div></div>", U, N),
    ("another one pending", "<div><div><p>ann@example.com</p></div><div><p>bob@example.com</p><p>Pending</p></div></div>", D, N),
    ("pending as an icon's label", "<ul><li>ann@example.com <svg></svg><i role=img aria-label='Not verified'></i></ul>", U, N),
    ("banner only", "<div role=status>We wrote to ann@example.com</div><ul><li>bob@example.com</ul>", U, U),
    ("flash only", "<div class='flash flash-success'>ann@example.com added</div><ul><li>bob@example.com</ul>", U, U),
    ("list and banner", "<div role=alert>ann@example.com added</div><ul><li>ann@example.com</ul>", D, N),
    ("hidden", "<ul><li>bob@example.com<li style='display:none'>ann@example.com</ul>", U, U),
    ("invisible", "<ul><li>bob@example.com<li style='visibility:hidden'>ann@example.com</ul>", U, U),
    ("hidden field", "<ul><li>bob@example.com</ul><input type=hidden value='ann@example.com'>", U, U),
    ("title only", "<ul><li title='ann@example.com'>ann@exa…</ul>", U, U),
    ("mailto with text", "<ul><li><a href='mailto:ann@example.com'>ann@example.com</a></ul>", D, N),
    ("remove button names it", "<ul><li>bob@example.com</ul><button>Remove ann@example.com</button>", U, U),
    ("row that is a button", "<button>ann@example.com</button>", D, N),
    ("masked", "<ul><li>a••@example.com</ul>", U, U),
    ("busy", "<ul aria-busy=true><li>bob@example.com</ul>", U, U),
    ("busy around it", "<section aria-busy=true><ul><li>bob@example.com</ul></section>", U, U),
    ("progress", "<div><p>Emails</p><div role=progressbar>…</div></div>", U, U),
    ("skeleton", "<div><p>Emails</p><div class='list-skeleton' style='height:20px'></div></div>", U, U),
    ("spinner that is hidden", "<div><p>bob@example.com</p><div class=spinner style='display:none'></div></div>", N, D),
    ("frame inside", "<div><p>Emails</p><iframe srcdoc='ann@example.com'></iframe></div>", U, U),
    ("empty", "<ul></ul>", U, U),
    ("signed out", "<h1>Sign in</h1><input name=email value='ann@example.com'><input type=password><button>Sign in</button>", U, U),
    ("signed out, submit input", "<p>Hello</p><input type=password><input type=submit value='Log in'>", U, U),
    ("shadow root", "<x-list></x-list><script>document.querySelector('x-list').attachShadow({mode: 'open'}).innerHTML = '<p>ann@example.com</p>'</script>", D, N),
    ("display contents", "<ul style='display:contents'><li>ann@example.com</ul>", D, N),
    ("upper case by style", "<p style='text-transform:uppercase'>ann@example.com</p>", D, N),
    ("script text is no text", "<p>bob@example.com</p><script>var x = 'ann@example.com'</script>", N, D),
]  # fmt: skip


@pytest.mark.parametrize(("html", "sees", "lacks"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_a_page_proves(show: Show, html: str, sees: Seen, lacks: Seen) -> None:
    """``get_by_text(address).is_visible()`` was wrong on most of these."""
    browser = show(html)
    reading = browser.read(browser.page.locator("body"))
    assert (sees_address(reading, ANN).seen, lacks_address(reading, ANN).seen) == (sees, lacks), reading


def test_a_part_that_is_not_there_is_incomplete_at_once(show: Show) -> None:
    """Reading never waits: neither for the part, nor for a page that is still loading."""
    browser = show("<p>hello")
    begun = time.monotonic()
    assert browser.read(browser.page.get_by_role("list", name="Emails")) == Reading((), False, browser.url)
    assert time.monotonic() - begun < 0.5


def test_a_page_that_still_loads_is_incomplete(show: Show, site: object) -> None:
    """Half a list proves nothing."""
    browser = show("<ul><li>bob@example.com</ul>")
    browser.page.evaluate("document.open(); document.write('<ul><li>bob@example.com</ul>')")  # and never closed
    reading = browser.read(browser.page.locator("ul"))
    assert not reading.complete and reading.pieces


def test_a_page_that_leaves_is_incomplete_not_an_error(show: Show, site: object) -> None:
    """The page may change under our hands."""
    browser = show("<ul><li>bob@example.com</ul>")
    locator = browser.page.locator("ul")
    browser.page.evaluate("setTimeout(() => location.reload(), 0)")
    for _ in range(10):
        browser.read(locator)


def test_an_endless_page_is_cut_and_incomplete(show: Show) -> None:
    """Thousands of rows are bounded, and then absence is not proved."""
    browser = show(
        "<ul></ul><script>for (let i = 0; i < 5000; i++) document.querySelector('ul').append(Object.assign(document.createElement('li'), {textContent: i + '@example.org'}))</script>"
    )
    reading = browser.read(browser.page.locator("ul"))
    assert len(reading.pieces) <= 3000
    assert not reading.complete


def test_a_page_cannot_meddle_with_the_script(show: Show) -> None:
    """Pages are hostile input: we read in a world of our own, where their prototypes that throw or lie change nothing."""
    browser = show("<ul><li>ann@example.com</ul><script>Element.prototype.getAttribute = () => { throw 1 }</script>")
    assert sees_address(browser.read(browser.page.locator("ul")), ANN).seen is D
    browser = show(
        '<ul><li>bob@example.com</ul><script>JSON.stringify = () => \'{"pieces":[{"text":"ann@example.com"}],"complete":true}\'</script>'
    )
    assert sees_address(browser.read(browser.page.locator("ul")), ANN).seen is N
    browser = show("<ul><li>ann@example.com</ul><script>String.prototype.trim = () => 7</script>")
    assert sees_address(browser.read(browser.page.locator("ul")), ANN).seen is D
