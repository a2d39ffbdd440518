"""The verb ``mailbox add``: from a few wishes to a checked configuration, its password in the keyring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readdress.errors import ConfigError
from readdress.models import MailboxConfig, Side, Text
from readdress.models.events import factor, mailbox_set

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
    secret: str = "keyring"
    by_hand: bool = False
    no_check: bool = False

    def check(self) -> None:
        """Raise :class:`~readdress.errors.ConfigError` for wishes that exclude each other."""
        if self.by_hand and any(
            (self.preset, self.host, self.port, self.security, self.login, self.ca_file, self.folders)
        ):
            raise ConfigError(
                "--by-hand goes with no other setting: nothing is connected to.",
                todo="Leave the others out, or leave --by-hand out.",
            )


def add_mailbox(m: Migration, side: str, wish: MailboxWish, ask: Callable[[str], str]) -> Iterator[Text]:
    """Set a mailbox up and try it; yields lines for the person. Raises before anything is kept when it does not work."""
    which = Side(side)
    address = str(m.header.old if which is Side.OLD else m.header.new)
    if wish.by_hand:
        m.set_mailbox(which, MailboxConfig(address, kind="none"))
        yield Text(
            f"{address}: you read it yourself; codes and links will be asked for.",
            f"{address}：由您自己查看；需要时会请您粘贴验证码和链接。",
        )
        return
    config = configure(address, wish)
    if wish.secret == "keyring":
        m.session.check_vault()  # before the person types a password that nothing can keep
    from readdress.vault import secret_from

    secret = (
        ask(_prompt(config, m.adapters.lang))
        if wish.secret in {"keyring", "ask"}
        else secret_from(wish.secret, name=f"mailbox/{side}")
    )
    if not secret:
        raise ConfigError(
            "No password was given.", todo="Run the command again; see `migrate mailbox presets` for how to get one."
        )
    drafts = [mailbox_set(which, config)]
    if not wish.no_check:
        from readdress.mailbox import probe

        result = probe(config, secret)
        count = sum(result.messages.values())
        trip = f"{result.latency * 1000:.0f} ms"
        yield Text(f"Signed in to {config.host} ({trip} a round trip).", f"已登录 {config.host}（往返 {trip}）。")
        watched = ", ".join(result.watched)
        yield Text(f"Watched: {watched}; {count} messages.", f"关注的文件夹：{watched}；共 {count} 封邮件。")
        for name in result.missing:
            yield Text(f"! There is no folder {name!r}.", f"！没有文件夹 {name!r}。")
        from readdress.workflow.new_mailbox import own_server

        if which is Side.OLD:
            drafts.append(factor("old_mailbox", held=True, where=config.host))
        elif own_server(config, config.address):
            drafts.append(factor("new_mailbox", held=True, where=config.host))
    if wish.secret == "keyring":
        m.session.secrets.set(f"mailbox/{side}", secret)
    m.record(*drafts)
    place = _where(wish.secret)
    yield Text(
        f"The {which.value} mailbox is set up; its password is {place.en}.",
        f"{'旧' if which is Side.OLD else '新'}邮箱已设置；密码{place.zh}。",
    )


def configure(address: str, wish: MailboxWish) -> MailboxConfig:
    """The configuration for ``address``. Raises :class:`~readdress.errors.ConfigError` when the server is not known."""
    from readdress.mailbox.presets import PRESETS, preset_for

    preset = PRESETS.get(wish.preset) if wish.preset else preset_for(address)
    if wish.preset and preset is None:
        raise ConfigError(f"There is no preset {wish.preset!r}.", todo=f"Choose one of: {', '.join(sorted(PRESETS))}.")
    if preset is None and not wish.host:
        raise ConfigError(
            f"The mail server of {address} is not known.",
            todo="Name it: --host imap.example.com (and --port, --security), or --by-hand.",
        )
    if preset is not None and not preset.passwords and not wish.host:
        raise ConfigError(
            f"{preset.name} lets no program sign in with a password.",
            todo="Use --by-hand: you read the mailbox and paste codes and links.",
        )
    # a server that is named replaces what the address would have chosen, but not a preset that is named too
    base = (
        preset.config(address) if preset and (wish.preset or not wish.host) else MailboxConfig(address, login=address)
    )
    security = wish.security or base.security
    port = wish.port or (base.port if security == base.security else 993 if security == "tls" else 143)
    return replace(
        base,
        host=wish.host or base.host,
        port=port,
        security=security,
        login=wish.login or base.login or address,
        secret=wish.secret,
        ca_file=str(wish.ca_file.resolve()) if wish.ca_file else "",
        folders=tuple(wish.folders) or base.folders,
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


def _prompt(config: MailboxConfig, lang: str) -> str:
    from readdress.mailbox.presets import preset_of

    preset = preset_of(config)
    app = preset is not None and preset.passwords
    if lang == "zh":
        return f"{config.login}（{config.host}）的{'授权码' if app else '密码'}"
    return f"{'app password' if app else 'password'} of {config.login} at {config.host}"


def _where(secret: str) -> Text:
    places = {"keyring": Text("in the keyring", "存于密钥环"), "ask": Text("asked for in each run", "每次运行时询问")}
    kind = secret.partition(":")[0]
    return places.get(secret, Text(f"read from {kind}", f"从 {kind} 读取"))
