"""The verb ``mailbox add``: from a few wishes to a checked configuration, its password in the keyring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readdress.errors import ConfigError
from readdress.models import MailboxConfig, Side
from readdress.models.events import factor

if TYPE_CHECKING:
    from readdress.workflow.migration import Migration


@dataclass(frozen=True, slots=True)
class MailboxWish:
    """What the person said about a mailbox; the rest comes from the preset of its provider."""

    preset: str | None = None
    host: str | None = None
    port: int | None = None
    security: str | None = None
    login: str | None = None
    ca_file: Path | None = None
    folders: tuple[str, ...] = ()
    secret: str = "keyring"  # noqa: S105 - the place
    by_hand: bool = False
    no_check: bool = False


def add_mailbox(m: Migration, side: str, wish: MailboxWish, ask: Callable[[str], str]) -> Iterator[str]:
    """Set a mailbox up and try it; yields lines for the person. Raises before anything is kept when it does not work."""
    which = Side(side)
    address = str(m.header.old if which is Side.OLD else m.header.new)
    if wish.by_hand:
        m.set_mailbox(which, MailboxConfig(address, kind="none"))
        yield f"{address}: you read it yourself; codes and links will be asked for."
        return
    config = configure(address, wish)
    from readdress.vault import secret_from

    secret = ask(_prompt(config)) if wish.secret in {"keyring", "ask"} else secret_from(wish.secret, name=f"mailbox/{side}")
    if not secret:
        raise ConfigError("No password was given.", todo="Run the command again; see `migrate mailbox presets` for how to get one.")
    if wish.secret == "keyring":  # noqa: S105 - the place
        m.session.secrets.set(f"mailbox/{side}", secret)
    if not wish.no_check:
        from readdress.mailbox import probe

        result = probe(config, secret)
        yield f"Signed in to {config.host} ({result.latency * 1000:.0f} ms a round trip)."
        yield f"Watched: {', '.join(result.watched)}; {sum(result.messages.values())} messages."
        for name in result.missing:
            yield f"! There is no folder {name!r}."
        if which is Side.OLD:
            m.record(factor("old_mailbox", held=True, where=config.host))
    m.set_mailbox(which, config)
    yield f"The {which.value} mailbox is set up; its password is {_where(wish.secret)}."


def configure(address: str, wish: MailboxWish) -> MailboxConfig:
    """The configuration for ``address``. Raises :class:`~readdress.errors.ConfigError` when the server is not known."""
    from readdress.mailbox.presets import PRESETS, preset_for

    preset = PRESETS.get(wish.preset) if wish.preset else preset_for(address)
    if wish.preset and preset is None:
        raise ConfigError(f"There is no preset {wish.preset!r}.", todo=f"Choose one of: {', '.join(sorted(PRESETS))}.")
    if preset is None and not wish.host:
        raise ConfigError(
            f"The mail server of {address} is not known.", todo="Name it: --host imap.example.com (and --port, --security), or --by-hand."
        )
    if preset is not None and not preset.passwords and not wish.host:
        raise ConfigError(
            f"{preset.name} lets no program sign in with a password.", todo="Use --by-hand: you read the mailbox and paste codes and links."
        )
    base = preset.config(address) if preset and not wish.host else MailboxConfig(address, login=address)
    security = wish.security or (base.security if not wish.host else "tls")
    port = wish.port or (base.port if preset and not wish.host else 993 if security == "tls" else 143)
    return replace(
        base,
        host=wish.host or base.host,
        port=port,
        security=security,
        login=wish.login or base.login or address,
        secret=wish.secret,
        ca_file=str(wish.ca_file.resolve()) if wish.ca_file else "",
        folders=tuple(wish.folders),
    )


def preset_rows(lang: str) -> list[dict[str, Any]]:
    """The known providers, for a list."""
    from readdress.mailbox.presets import PRESETS

    return [
        {
            "id": p.name,
            "domains": list(p.domains),
            "host": p.host,
            "port": p.port,
            "security": p.security,
            "app_password": p.password.to(lang),
            "quirks": [q.to(lang) for q in p.quirks],
            "sources": [{"url": s.url, "says": s.says, "grade": s.grade} for s in p.sources],
        }
        for p in PRESETS.values()
    ]


def _prompt(config: MailboxConfig) -> str:
    from readdress.mailbox.presets import preset_of

    preset = preset_of(config)
    what = "app password" if preset and preset.passwords else "password"
    return f"{what} of {config.login} at {config.host}"


def _where(secret: str) -> str:
    return {"keyring": "in the keyring", "ask": "asked for in each run"}.get(secret, f"read from {secret.partition(':')[0]}")
