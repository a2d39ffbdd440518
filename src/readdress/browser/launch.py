"""Starts the controlled browser: our own launch, our profile, every request through our filtering proxy, and no trace on disk."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from readdress.browser import find, profile
from readdress.browser.proxy import GREETING, QUIET, FilteringProxy
from readdress.browser.upstream import Way
from readdress.errors import BrowserError
from readdress.ports import BrowserFactory

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Playwright

    from readdress.browser.session import ControlledBrowser

PROXY_NAME = "readdress-proxy.invalid"
LOCALES = {"en": "en-US", "zh": "zh-CN"}
# They make the driver or the browser write down or print what is typed, or open its wall.
_LOUD = (
    "DEBUG", "DEBUG_FILE", "PWDEBUG", "PWDEBUGIMPL", "PW_TEST_REPORTER", "NODE_DEBUG", "NODE_OPTIONS", "SSLKEYLOGFILE", "CHROME_LOG_FILE",
    "PLAYWRIGHT_DISABLE_FORCED_CHROMIUM_PROXIED_LOOPBACK", "NODE_TLS_REJECT_UNAUTHORIZED",
)  # fmt: skip
_ARGS = (
    "--disable-quic",  # UDP would go round the proxy
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--no-pings",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--deny-permission-prompts",
    "--disable-save-password-bubble",
    "--disable-notifications",
    # What a whole Chrome asks of its maker by itself goes to a name that never resolves, so that it is not taken for the page's doing.
    f"--gaia-url=https://{QUIET}",
    f"--google-url=https://{QUIET}",
    f"--google-apis-url=https://{QUIET}",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the browser is to be started. ``lang`` is ``en`` or ``zh`` or a locale; ``way`` is how sites are reached.

    ``trusted_keys`` (base64 of SHA-256 of a public key) makes the certificates of test replicas good; never used outside of tests.
    """

    profile: Path
    headless: bool = False
    lang: str = "en"
    executable: Path | None = None
    way: Way | None = None
    trusted_keys: tuple[str, ...] = ()


def factory(settings: Settings) -> BrowserFactory:
    """A :data:`~readdress.ports.BrowserFactory` that starts the browser with these settings."""
    return lambda: launched(settings)


@contextlib.contextmanager
def launched(settings: Settings) -> Iterator[ControlledBrowser]:
    """Start the browser; on leaving, close it and everything that belongs to it.

    Raises :class:`~readdress.errors.BrowserMissing`, :class:`~readdress.errors.BrowserBusy` or
    :class:`~readdress.errors.BrowserError`.
    """
    with contextlib.ExitStack() as stack:
        playwright = stack.enter_context(_driver())
        from playwright.sync_api import Error

        from readdress.browser import reading, trouble
        from readdress.browser.session import ControlledBrowser

        reading.register(playwright.selectors)
        folder = stack.enter_context(profile.held(settings.profile))
        proxy = FilteringProxy(settings.way)
        try:
            proxy.start()
        except OSError as error:
            raise BrowserError(
                "No local port is free for the browser's filter.", todo="Close other programs and try again."
            ) from error
        stack.callback(proxy.stop)
        executable = settings.executable or find.find(
            headless=settings.headless, own=playwright.chromium.executable_path
        )
        context = _start(playwright, executable, folder, proxy, settings)
        stack.callback(_close, context)
        try:
            _introduce(context, proxy)
            browser = ControlledBrowser(context, proxy, visible=not settings.headless)
        except Error as error:
            raise trouble.mapped(error, GREETING, proxy.trouble) from None
        yield browser


@contextlib.contextmanager
def _driver() -> Iterator[Playwright]:
    """Playwright's driver, started with a private umask and without the variables that make it talkative; its children inherit both."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise BrowserError("The package playwright is not installed.", todo="Run: pip install playwright") from error

    manager = sync_playwright()
    kept = {name: os.environ.pop(name) for name in _LOUD if name in os.environ}
    mask = os.umask(0o077)
    try:
        playwright = manager.__enter__()
    except (Error, OSError) as error:
        if "asyncio" in str(error):
            todo = "Call readdress from a thread of its own."
            raise BrowserError("The browser cannot be driven from inside a running asyncio loop.", todo=todo) from None
        raise BrowserError(
            f"The browser's driver did not start ({type(error).__name__}).", todo="Reinstall playwright."
        ) from None
    finally:
        os.umask(mask)
        os.environ.update(kept)
    try:
        yield playwright
    finally:
        with contextlib.suppress(Error, OSError):  # A driver that died has nothing left to close.
            manager.__exit__(None, None, None)


def arguments(proxy_port: int, settings: Settings) -> list[str]:
    """Chromium's switches besides Playwright's.

    The resolver rules are the second wall: the one name that exists is our proxy's. Nothing else, address literals and loopback
    included, can be reached without the proxy.
    """
    args = [*_ARGS, f"--host-resolver-rules=MAP {PROXY_NAME} 127.0.0.1:{proxy_port} , MAP * ~NOTFOUND"]
    args.append(f"--lang={_locale(settings.lang)}")
    if settings.trusted_keys:
        args.append(f"--ignore-certificate-errors-spki-list={','.join(settings.trusted_keys)}")
    return args


def _start(
    playwright: Playwright, executable: Path, folder: Path, proxy: FilteringProxy, settings: Settings
) -> BrowserContext:
    from playwright.sync_api import Error

    from readdress.browser import trouble

    root = sys.platform.startswith("linux") and hasattr(os, "geteuid") and os.geteuid() == 0
    environment: dict[str, Any] = {
        k: v for k, v in os.environ.items() if k not in _LOUD and not k.lower().endswith("_proxy")
    }
    service_workers: Literal["allow"] = (
        "allow"  # Only allowed hosts can install one: the script comes through the proxy.
    )
    try:
        return playwright.chromium.launch_persistent_context(
            folder,
            executable_path=executable,
            headless=settings.headless,
            args=arguments(proxy.port, settings),
            # No credentials here: Playwright would then stop every request once to be asked for them, and switch the cache off.
            proxy={"server": f"http://{PROXY_NAME}:{proxy.port}", "bypass": "<-loopback>"},
            chromium_sandbox=not root,
            accept_downloads=False,
            service_workers=service_workers,
            locale=_locale(settings.lang),
            no_viewport=not settings.headless,
            viewport={"width": 1280, "height": 900} if settings.headless else None,
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            env=environment,
            timeout=45_000,
        )
    except Error as error:
        text = str(error)
        if "DISPLAY" in text or "Missing X server" in text or "headed browser" in text:
            todo = "Run it where there is a screen, or with the headless option."
            raise BrowserError("There is no screen to show the browser on.", todo=todo) from None
        if "No usable sandbox" in text or "zygote_host_impl" in text:
            todo = "Allow user namespaces for it (kernel.unprivileged_userns_clone), or install the browser from your system's packages."
            raise BrowserError(f"{executable} cannot build its sandbox on this machine.", todo=todo) from None
        todo = f"Start it by hand to see whether it works, or name another one in {find.OVERRIDE}."
        raise BrowserError(f"{executable} did not start: {trouble.first_line(error)}", todo=todo) from None


def _introduce(context: BrowserContext, proxy: FilteringProxy) -> None:
    """Show our proxy the run's secret once; the browser then adds it to every request by itself (RFC 7617 §2.2), at no cost."""
    page = context.pages[0] if context.pages else context.new_page()
    session = context.new_cdp_session(page)
    answer = {"response": "ProvideCredentials", "username": proxy.username, "password": proxy.password}

    def go_on(event: dict[str, Any]) -> None:
        session.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    def show_secret(event: dict[str, Any]) -> None:
        session.send("Fetch.continueWithAuth", {"requestId": event["requestId"], "authChallengeResponse": answer})

    session.on("Fetch.requestPaused", go_on)
    session.on("Fetch.authRequired", show_secret)
    session.send("Fetch.enable", {"handleAuthRequests": True, "patterns": [{"urlPattern": f"{GREETING}*"}]})
    page.goto(GREETING, wait_until="commit", timeout=20_000)
    session.send("Fetch.disable")
    session.detach()


def _close(context: BrowserContext) -> None:
    from playwright.sync_api import Error

    with contextlib.suppress(Error):  # Closed by the person, or crashed.
        context.close()


def _locale(lang: str) -> str:
    return LOCALES.get(lang, lang)
