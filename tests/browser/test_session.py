"""The session: which page is in front, dialogs, waiting without freezing the page, secrets, screenshots, what a person is told."""

from __future__ import annotations

import socket
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Site
from playwright.sync_api import Dialog, Error

from readdress.browser.session import ControlledBrowser
from readdress.errors import BrowserError, NeedsPerson

Show = Callable[[str], ControlledBrowser]


def test_the_page_in_front_follows_a_popup_and_falls_back(show: Show, site: Site) -> None:
    """Settings open in new tabs; the recipe goes on there, and on the first page once it is closed."""
    site.pages["/popup"] = "<title>popup</title><p>popup"
    browser = show("<a target=_blank href=/popup>open</a>")
    first = browser.page
    browser.page.get_by_text("open").click()
    browser.pump(0.3)
    assert browser.url.endswith("/popup") and browser.page is not first
    assert browser.settle() and browser.on_site()
    browser.page.evaluate("setTimeout(() => window.close(), 10)")
    browser.pump(0.3)
    assert browser.page is first and browser.alive()


def test_a_crashed_page_does_not_end_the_session(show: Show, site: Site) -> None:
    """The renderer dies now and then: the next ``open`` gets a new page."""
    browser = show("<p>hello")
    with pytest.raises(Error):
        browser.page.goto("chrome://crash", timeout=3000)
    browser.pump(0.1)
    assert not browser.alive()
    with pytest.raises(BrowserError):
        _ = browser.page
    browser.open(f"{site.base}/page")
    assert browser.alive() and browser.on_site()


@pytest.mark.parametrize("call", ["alert('x')", "confirm('x')", "prompt('x')"])
def test_a_dialog_nobody_expects_is_dismissed_and_blocks_nothing(show: Show, call: str) -> None:
    """An alert in the way stopped every later call."""
    browser = show(f"<button onclick=\"document.title='was ' + {call}\">go</button>")
    begun = time.monotonic()
    browser.page.get_by_text("go").click()
    assert time.monotonic() - begun < 1.5
    assert browser.page.title() in {"was undefined", "was false", "was null"}


def test_a_dialog_that_the_recipe_expects_is_the_recipes(show: Show) -> None:
    """ "Really change?" is answered by a handler registered before the click."""
    browser = show("<button onclick=\"document.title='was ' + confirm('really?')\">go</button>")
    seen: list[str] = []

    def accept(dialog: Dialog) -> None:
        seen.append(dialog.message)
        dialog.accept()

    browser.page.once("dialog", accept)
    browser.page.get_by_text("go").click()
    assert browser.page.title() == "was true" and seen == ["really?"]


def test_a_handler_that_answers_nothing_still_blocks_nothing(show: Show) -> None:
    """With Playwright alone such a handler hangs the click until its time-out."""
    browser = show("<button onclick=\"document.title='was ' + confirm('really?')\">go</button>")
    browser.page.once("dialog", lambda dialog: None)
    browser.page.get_by_text("go").click()
    assert browser.page.title() == "was false"


def test_leave_this_page_is_accepted_by_a_step(show: Show, site: Site) -> None:
    """A half-filled form must not keep the next step from opening its page."""
    site.pages["/next"] = "<p>next"
    browser = show("<input id=i><script>window.onbeforeunload = e => { e.preventDefault(); return 'stay' }</script>")
    browser.page.locator("#i").press_sequentially("x")
    browser.open(f"{site.base}/next")
    assert browser.url.endswith("/next")


def test_a_dialog_of_the_person_stays_open_while_they_drive(show: Show) -> None:
    """In a visible window the person confirms by hand: a dialog that opens while we only wait is theirs, and reading waits for it."""
    browser = show(
        "<ul><li>ann@example.com</ul><script>setTimeout(() => { document.title = 'was ' + confirm('really?') }, 30)</script>"
    )
    browser._visible = True
    try:
        browser.pump(0.3)
        assert not browser.read(browser.page.locator("ul")).complete
        assert browser.settle(0.1) is False
        browser._waiting_dialogs[0].accept()  # what the person's click does
        browser.pump(0.05)
        assert browser.read(browser.page.locator("ul")).complete
        assert browser.page.title() == "was true"
    finally:
        browser._visible = False


def test_a_pumped_wait_does_not_freeze_the_page(show: Show) -> None:
    """A blocking ``input()`` froze the person's page for as long as it waited; the pumped wait keeps it under 0.1 s."""
    browser = show(
        "<script>window.worst = 0; let last = performance.now();"
        "(function tick() { const now = performance.now(); worst = Math.max(worst, now - last); last = now; setTimeout(tick, 5) })()</script>"
    )
    browser.pump(0.1)
    browser.page.evaluate("window.worst = 0")
    begun = time.monotonic()
    browser.pump(0.6)
    took = time.monotonic() - begun
    assert browser.page.evaluate("window.worst") < 100
    assert 0.55 < took < 0.9


def test_open_refuses_what_is_not_on_the_hosts(browser: ControlledBrowser, site: Site, stranger: Site) -> None:
    """Not even an asset's host, another port, plain http elsewhere, or a file is opened by us."""
    browser.allow([site.host], ["cdn.test", stranger.host])
    for url in (
        "https://cdn.test/",
        f"{stranger.base}/",
        "http://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "about:blank",
        "x",
    ):
        with pytest.raises(NeedsPerson) as caught:
            browser.open(url)
        assert caught.value.kind == "blocked_host"


def test_leaving_the_hosts_is_visible(show: Show, stranger: Site) -> None:
    """An asset's host may be loaded, even as a page, but the session says that it is not the site."""
    browser = show(f"<a href='{stranger.base}/'>away</a>")
    assert browser.on_site()
    browser.allow(["127.0.0.1:1", "*.example.com"], [stranger.host])
    assert not browser.on_site()


def test_an_unreachable_site_is_a_sentence(browser: ControlledBrowser) -> None:
    """A site that is down is our error with a next step, over either scheme."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    browser.allow([f"127.0.0.1:{port}", "nowhere.invalid"], [])
    for url, words in (
        ("https://nowhere.invalid/", "its name was not found"),
        (f"http://127.0.0.1:{port}/", "was refused"),
        (f"https://127.0.0.1:{port}/", "was refused"),
    ):
        with pytest.raises(BrowserError) as caught:
            browser.open(url)
        assert words in caught.value.message and caught.value.todo and "net::" not in caught.value.message


def test_settle_waits_for_a_slow_image_and_gives_up_in_time(browser: ControlledBrowser, site: Site) -> None:
    """``False`` when the page has not loaded within the time, ``True`` as soon as it has; neither is an error."""
    with socket.create_server(("127.0.0.1", 0)) as slow:
        browser.allow([site.host, f"127.0.0.1:{slow.getsockname()[1]}"], [])
        site.pages["/slow"] = f"<img src='http://127.0.0.1:{slow.getsockname()[1]}/i.png'>"
        browser.page.goto(f"{site.base}/slow", wait_until="domcontentloaded")
        begun = time.monotonic()
        assert browser.settle(0.3) is False and 0.25 < time.monotonic() - begun < 1.0
        slow.settimeout(2)
        line, _ = slow.accept()
        with line:
            line.recv(4096)
            line.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        assert browser.settle(2.0) is True


def test_a_visit_waits_for_what_the_click_before_set_off(show: Show, site: Site) -> None:
    """A click's own navigation may arrive in the middle of ours; ours still ends where it should."""
    site.pages["/next"] = "<p>next"
    browser = show("<p>hello")
    for _ in range(3):
        browser.page.evaluate("() => { setTimeout(() => location.assign('/page?again'), 0) }")
        browser.open(f"{site.base}/next")
        assert browser.url.endswith("/next")


# -- secrets -----------------------------------------------------------------------------------------------------------------------


def test_a_secret_is_typed_with_key_events(show: Show) -> None:
    """Some dialogs enable their button only on key events: ``fill`` alone was not enough."""
    browser = show(
        "<input type=password id=p><button disabled>Go</button><script>p.onkeyup = () => document.querySelector('button').disabled = false</script>"
    )
    browser.type_secret(browser.page.locator("#p"), "pä$s wörd")
    assert browser.page.locator("#p").input_value() == "pä$s wörd"
    assert browser.page.locator("button").is_enabled()


def test_a_field_that_undoes_fill_gets_every_key(show: Show) -> None:
    """Scripts that take values from key events only see each key."""
    browser = show(
        "<input id=p><script>let v = ''; p.onkeypress = e => { v += e.key }; p.oninput = e => { if (e.inputType !== 'insertText' || v.length < p.value.length) "
        "{ if (!p.value) v = ''; p.value = v } }</script>"
    )
    browser.type_secret(browser.page.locator("#p"), "abc123")
    assert browser.page.locator("#p").input_value() == "abc123"


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("<div id=p contenteditable>x</div>", "page_changed"),
        ("<textarea id=p></textarea>", "page_changed"),
        ("<input id=p type=checkbox>", "page_changed"),
        ("<input id=p disabled>", "page_changed"),
        ("<iframe srcdoc='<input id=p>'></iframe>", "left_site"),
        ("<iframe sandbox=allow-scripts src=/inner></iframe>", "left_site"),
        ("<form action=https://evil.test/><input id=p></form>", "left_site"),
        ("<form action=http://127.0.0.1:1/><input id=p></form>", "left_site"),
        ("<form action=https://evil.test/><input name=action><input id=p></form>", "left_site"),
        ("<p>nothing</p>", "page_changed"),
    ],
)
def test_a_secret_is_not_typed_elsewhere(show: Show, site: Site, html: str, kind: str) -> None:
    """Only a visible input, on the hosts, in frames on the hosts, whose form stays there. The error never holds the secret."""
    site.pages["/inner"] = "<input id=p>"
    browser = show(html)
    browser._context.set_default_timeout(400)
    where = browser.page.frame_locator("iframe").locator("#p") if "iframe" in html else browser.page.locator("#p")
    try:
        with pytest.raises(NeedsPerson) as caught:
            browser.type_secret(where, "s3cret-value")
    finally:
        browser._context.set_default_timeout(8000)
    assert caught.value.kind == kind
    assert caught.value.__cause__ is None and "s3cret" not in str(caught.value) + caught.value.todo
    for frame in browser.page.frames:
        assert "s3cret" not in frame.evaluate(
            "[...document.querySelectorAll('input,textarea')].map(i => i.value).join()"
        )


def test_a_secret_is_typed_into_a_frame_on_the_hosts_and_not_into_an_asset(
    show: Show, site: Site, stranger: Site
) -> None:
    """Port and scheme count, and an asset's frame may be looked at but not typed into."""
    site.pages["/inner"] = "<input id=p>"
    stranger.pages["/inner"] = "<input id=p>"
    browser = show("<iframe src=/inner></iframe>")
    browser.type_secret(browser.page.frame_locator("iframe").locator("#p"), "pw")
    browser.allow([site.host], [stranger.host])
    browser.page.set_content(f"<iframe src='{stranger.base}/inner'></iframe>")
    where = browser.page.frame_locator("iframe").locator("#p")
    where.wait_for(state="visible")
    with pytest.raises(NeedsPerson):
        browser.type_secret(where, "pw")
    assert where.input_value() == ""
    browser.page.goto(f"{stranger.base}/inner")
    with pytest.raises(NeedsPerson):
        browser.type_secret(browser.page.locator("#p"), "pw")


def test_a_screenshot_hides_every_field(show: Show, tmp_path: Path) -> None:
    """The password and the code were readable in pictures: fields are painted over, in frames too."""
    style = "style='background:#f00;border:0;position:absolute;left:20px;top:20px;width:200px;height:50px'"
    browser = show(
        f"<input {style} value=secret><iframe style='position:absolute;top:200px;left:0' srcdoc=\"<input {style.replace(chr(39), '')} value=x>\"></iframe>"
    )
    usual = browser.page.viewport_size
    browser.page.set_viewport_size({"width": 250, "height": 300})
    browser.page.wait_for_timeout(100)
    browser.screenshot(tmp_path / "shot.png")
    (tmp_path / "plain.png").write_bytes(browser.page.screenshot())
    browser.page.set_viewport_size(usual)
    assert (255, 0, 0) in _colours(tmp_path / "plain.png")
    assert (255, 0, 0) not in _colours(tmp_path / "shot.png")


def _colours(path: Path) -> set[tuple[int, ...]]:
    """The colours of a PNG with 8 bits a channel (PNG specification §9: filters)."""
    raw, at, data, width, channels = path.read_bytes(), 8, b"", 0, 3
    while at < len(raw):
        size, kind = struct.unpack(">I4s", raw[at : at + 8])
        chunk = raw[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, channels = struct.unpack(">I", chunk[:4])[0], {2: 3, 6: 4}[chunk[9]]
        elif kind == b"IDAT":
            data += chunk
        at += size + 12
    lines, stride, before = zlib.decompress(data), width * channels, bytes(width * channels)
    found: set[tuple[int, ...]] = set()
    for start in range(0, len(lines), stride + 1):
        method, row = lines[start], bytearray(lines[start + 1 : start + 1 + stride])
        for i in range(stride):
            left, up = row[i - channels] if i >= channels else 0, before[i]
            corner = before[i - channels] if i >= channels else 0
            guess = left + up - corner
            near = min((left, up, corner), key=lambda v: abs(guess - v))
            row[i] = (row[i] + (0, left, up, (left + up) // 2, near)[method]) & 255
        before = bytes(row)
        found.update(tuple(row[i : i + 3]) for i in range(0, stride, channels))
    return found


# -- words for the person ----------------------------------------------------------------------------------------------------------


def test_trouble_names_the_control(show: Show) -> None:
    """The person reads which control is missing, never a trace or a call log."""
    browser = show(
        "<button>Twice</button><button>Twice</button><button disabled>Grey</button>"
        "<div style='position:relative'><button>Under</button><div style='position:absolute;inset:0;z-index:9'></div></div>"
    )
    page = browser.page
    page.set_default_timeout(250)
    cases = [
        (lambda: page.get_by_role("button", name="Add", exact=True).click(), "The button 'Add' is not on the page."),
        (lambda: page.get_by_label("New address").fill("s3cret"), "The field 'New address' is not on the page."),
        (lambda: page.get_by_text("Nowhere").click(), "The text 'Nowhere' is not on the page."),
        (lambda: page.locator("#gone").click(), "The control #gone is not on the page."),
        (lambda: page.get_by_role("button", name="Twice").click(), "The button 'Twice' is on the page more than once."),
        (
            lambda: page.get_by_role("button", name="Grey").click(),
            "The button 'Grey' is there, but cannot be used yet (it is greyed out).",
        ),
        (
            lambda: page.get_by_role("button", name="Under").click(),
            "The button 'Under' is covered by something else on the page.",
        ),
        (
            lambda: page.get_by_text("Under").fill("s3cret"),
            "The text 'Under' is there, but nothing can be typed into it.",
        ),
        (lambda: page.wait_for_event("popup"), "Something that the recipe waited for did not happen on the page."),
    ]
    try:
        for act, said in cases:
            with pytest.raises(Error) as caught:
                act()
            assert browser.trouble(caught.value) == said
    finally:
        page.set_default_timeout(8000)
    assert browser.trouble(KeyError("row")) == "The recipe's function failed (KeyError: 'row'.)."
    assert browser.trouble(NeedsPerson("A puzzle stands here.")) == "A puzzle stands here."
