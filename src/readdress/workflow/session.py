"""The ports of one run: browser, mailboxes, vault, made when first needed and closed together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from readdress.models import Incoming, MailboxConfig, Mark, Side
from readdress.userdata import data_folder
from readdress.workflow.adapters import Adapters

if TYPE_CHECKING:
    from readdress.engine.tools import Patience, Tools
    from readdress.mailbox.connect import Credential
    from readdress.ports import Browser, Mail, Secrets
    from readdress.state import StateFile
    from readdress.vault import OnceAsked


class Session:
    """What a run over accounts needs, wired together; one browser and one connection a mailbox for all of them."""

    def __init__(self, state: StateFile, adapters: Adapters) -> None:
        self._state = state
        self._adapters = adapters
        self._stack = ExitStack()
        self._browsing = self._stack.enter_context(ExitStack())
        self._browser: Browser | None = None
        self._secrets: Secrets | None = adapters.secrets
        self._mail: Mail | None = adapters.mail
        self._asked: OnceAsked | None = None

    def close(self) -> None:
        """Close what was opened."""
        self._stack.close()
        self._browsing = self._stack.enter_context(ExitStack())
        self._browser = None

    @property
    def secrets(self) -> Secrets:
        """The vault."""
        if self._secrets is None:
            from readdress.vault import KeyringVault

            self._secrets = KeyringVault(self._state.header().lineage)
        return self._secrets

    def check_vault(self) -> None:
        """Raise :class:`~readdress.errors.VaultError` when the keyring protects no secret, before one is asked for."""
        from readdress.vault import KeyringVault

        if isinstance(self.secrets, KeyringVault):
            self.secrets.backend()

    @property
    def mail(self) -> Mail:
        """Both mailboxes."""
        if self._mail is None:
            self._mail = LateMail(self)
        return self._mail

    def tools(self, patience: Patience | None = None) -> Tools:
        """What the engine is given."""
        from readdress.engine.tools import Patience, Tools

        a = self._adapters
        return Tools(
            journal=self._state,
            clock=a.the_clock(),
            person=a.the_person(),
            mail=self.mail,
            secrets=self.secrets,
            lookup=a.the_lookup(),
            browser=self.browser,
            own_browser=a.the_own_browser(),
            lang=a.lang,
            patience=patience or a.patience or Patience(),
            pause=a.pause,
            api=a.the_api(),
        )

    def browser(self) -> Browser:
        """The controlled browser; started on first use, and again after it was closed."""
        if self._browser is not None and self._browser.alive():
            return self._browser
        profile = data_folder() / "browser" / self._state.header().lineage
        if self._adapters.start_browser is not None:
            self._browser = self._adapters.start_browser(profile)
            return self._browser
        from readdress.browser import Settings as BrowserSettings
        from readdress.browser import Way, launched

        a = self._adapters
        settings = BrowserSettings(
            profile=profile,
            headless=a.headless,
            lang=a.lang,
            executable=Path(a.browser_path) if a.browser_path else None,
            way=Way(reroute=dict(a.reroute)),
            trusted_keys=(a.spki,) if a.spki else (),
        )
        self._browsing.close()  # what is left of one that was closed or died: its driver, its proxy and the profile's lock
        self._browser = self._browsing.enter_context(launched(settings))
        return self._browser

    def watcher(self) -> Mail:
        """A watcher of the mailboxes as they are set up now; closed with the session."""
        from readdress.mailbox import MailWatcher

        found = MailWatcher(
            {side: self._state.mailbox(side) for side in Side},
            self.credential,
            tell=self._adapters.the_person().tell,
            now=self._adapters.the_clock().now,
        )
        self._stack.callback(found.close)
        return found

    def credential(self, side: Side, config: MailboxConfig) -> Credential:
        """The mailbox's password, from where its ``secret`` says. Raises :class:`~readdress.errors.VaultError`."""
        from readdress.vault import OnceAsked, secret_from

        ask = self._adapters.ask_secret
        if ask is not None and self._asked is None:
            self._asked = OnceAsked(lambda name: ask(f"{config.address}: {name}"))
        return secret_from(
            config.secret, name=f"mailbox/{side.value}", vault=self._vault_if_needed(config), ask=self._asked
        )

    def _vault_if_needed(self, config: MailboxConfig) -> Secrets | None:
        return self.secrets if config.secret == "keyring" else None


class LateMail:
    """Connects when a mailbox is first needed, so that runs without mail need none. Implements ``readdress.ports.Mail``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._real: Mail | None = None

    def _mail(self) -> Mail:
        if self._real is None:
            self._real = self._session.watcher()
        return self._real

    def reachable(self, side: Side) -> bool:
        """Whether the mailbox is set up to be read by us."""
        return self._mail().reachable(side)

    def marks(self, side: Side, timeout: float = 20.0) -> tuple[Mark, ...]:
        """The present end of every watched folder."""
        return self._mail().marks(side, timeout)

    def watch(self, side: Side, marks: Sequence[Mark], brisk: float = 30.0) -> None:
        """Look for messages after ``marks``."""
        self._mail().watch(side, marks, brisk)

    def poll(self, side: Side) -> list[Incoming]:
        """Messages that came since the last call."""
        return self._mail().poll(side)

    def unwatch(self, side: Side) -> None:
        """Stop looking."""
        self._mail().unwatch(side)
