"""Commands about mailboxes and secrets: how to reach them, and where their passwords are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readdress.cli.caring import forward, prove
from readdress.cli.options import as_json, as_usage, common, hidden_prompt, migration, say, settings, show_json
from readdress.errors import UsageError


def _place(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    kind, _, rest = value.partition(":")
    if value in {"keyring", "ask"} or (kind in {"env", "command"} and rest.strip()):
        return value
    # not repeated: it may be the secret itself, written where its place belongs
    raise UsageError("--secret takes a place, not a password.", todo="Use keyring, ask, env:NAME or command:CMD.")


@click.group("mailbox")
def mailbox() -> None:
    """How to reach the old and the new mailbox."""


@mailbox.command("add")
@click.argument("side", type=click.Choice(["old", "new"]))
@click.option("--preset", metavar="NAME", help="Settings of this provider (qq, gmail …). Default: by the address.")
@click.option("--host", metavar="HOST", help="IMAP server.")
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="PORT", help="Its port. Default: 993; 143 with starttls or plain."
)
@click.option(
    "--security", type=click.Choice(["tls", "starttls", "plain"]), help="Default: tls. plain: to this machine only."
)
@click.option("--login", metavar="NAME", help="Login name. Default: the address.")
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Trust this certificate authority (PEM) instead of the system's.",
)
@click.option(
    "--folder",
    "folders",
    metavar="NAME",
    multiple=True,
    help="Watch this folder besides inbox and junk. May be repeated.",
)
@click.option(
    "--secret",
    metavar="PLACE",
    default="keyring",
    callback=_place,
    help="Where its password (授权码) is: keyring, ask, env:NAME or command:CMD. Default: keyring.",
)
@click.option("--by-hand", is_flag=True, help="No IMAP: you read it yourself and paste codes and links.")
@click.option("--no-check", is_flag=True, help="Do not sign in now to see whether it works.")
@common
def add(side: str, **options: Any) -> None:
    """Say how a mailbox is reached, and try it.

    Its password goes into the keyring, unless --secret names another place; it is kept only once it works.
    """
    own = {
        k: options.pop(k)
        for k in ("preset", "host", "port", "security", "login", "ca_file", "folders", "secret", "by_hand", "no_check")
    }
    s = settings(**options)
    from readdress.workflow.mailboxes import MailboxWish, add_mailbox

    wish = MailboxWish(**own)
    with as_usage():
        wish.check()
    with migration(s, write=True) as m:
        for line in add_mailbox(m, side, wish, hidden_prompt):
            say(line.en, line.zh)


@mailbox.command("list")
@as_json
@common
def list_(*, json_: bool, **given: Any) -> None:
    """Show how both mailboxes are reached (never a password)."""
    s = settings(**given)
    with migration(s, write=False) as m:
        from readdress.report.documents import mailboxes_document

        document = mailboxes_document(m.mailboxes())
    if json_:
        show_json(document)
        return
    for row in document["mailboxes"]:
        side, en, zh = row["side"], row["side"], {"old": "旧邮箱", "new": "新邮箱"}[row["side"]]
        if row["kind"] == "imap":
            how = f"{row['host']}:{row['port']} ({row['security']})"
            say(
                f"{en}: {row['login']} at {how}, password: {row['secret']}",
                f"{zh}：{row['login']}，{how}，密码：{row['secret']}",
            )
        elif row["kind"] == "none":
            say(f"{en}: {row['address']}, read by you", f"{zh}：{row['address']}，由您自己查看")
        else:
            say(f"{en}: not set up", f"{zh}：尚未设置")
            say(f"→ migrate mailbox add {side}", f"→ migrate mailbox add {side}")


@mailbox.command("presets")
@as_json
@common
def presets(*, json_: bool, **given: Any) -> None:
    """List the providers whose settings are known.

    With how to get their app password, which is what mail programs sign in with.
    """
    s = settings(**given)
    from readdress.workflow.mailboxes import preset_rows

    rows = preset_rows(s.lang)
    if json_:
        show_json({"readdress": "mailbox_presets", "format": 1, "presets": rows})
        return
    from readdress.console.saying import say as say_it

    for row in rows:
        say_it(f"{row['id']}: {row['host']}:{row['port']} ({', '.join(row['domains'])})", hang=4)
        say_it(f"    {row['app_password']}", hang=4)


@click.group("secret")
def secret() -> None:
    """Passwords of accounts, kept in the system's keyring."""


@secret.command("set")
@click.argument("account")
@click.option("--name", metavar="NAME", default="password", help="What the recipe calls it. Default: password.")
@common
def set_(account: str, name: str, **given: Any) -> None:
    """Keep a secret of an account in the keyring.

    ACCOUNT is its service, login or id. The secret is typed for you where the recipe says so, and only there.
    """
    s = settings(**given)
    with migration(s, write=True) as m:
        found = m.find(account)
        m.session.check_vault()
        who = f"{found.login or found.id} ({found.service})"
        value = hidden_prompt(f"{who} 的 {name}" if s.lang == "zh" else f"{name} of {who}")
        if not value:
            raise UsageError("Nothing was typed, so nothing was kept.", todo="Run the command again.")
        m.keep_secret(found.id, name, value)
        say("Kept in the keyring.", "已存入密钥环。")


@secret.command("forget")
@click.argument("account")
@click.option("--name", metavar="NAME", default="password", help="What the recipe calls it. Default: password.")
@common
def forget(account: str, name: str, **given: Any) -> None:
    """Take a secret of an account out of the keyring.

    ACCOUNT is its service, login or id.
    """
    s = settings(**given)
    with migration(s, write=True) as m:
        m.forget_secret(m.find(account).id, name)
        say("Forgotten.", "已删除。")


mailbox.add_command(prove)
mailbox.add_command(forward)
