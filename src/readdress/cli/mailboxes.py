"""Commands about mailboxes and secrets: how to reach them, and where their passwords are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readdress.cli.options import as_json, common, hidden_prompt, migration, settings, show_json


@click.group("mailbox")
def mailbox() -> None:
    """How to reach the old and the new mailbox."""


@mailbox.command("add")
@click.argument("side", type=click.Choice(["old", "new"]))
@click.option("--preset", help="Take the settings of this provider (qq, gmail, outlook …). Default: by the address's domain.")
@click.option("--host", help="IMAP server.")
@click.option("--port", type=click.IntRange(1, 65535), help="Its port. Default: 993, or 143 with --security starttls or plain.")
@click.option("--security", type=click.Choice(["tls", "starttls", "plain"]), help="Default: tls. plain only to this machine itself.")
@click.option("--login", help="Login name. Default: the address.")
@click.option("--ca-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Trust this certificate authority too.")
@click.option("--folder", "folders", multiple=True, help="Watch this folder as well as the inbox and junk.")
@click.option(
    "--secret",
    default="keyring",
    show_default=True,
    help="Where its password (app password, 授权码) is: keyring, ask (each run), env:NAME or command:CMD.",
)
@click.option("--by-hand", is_flag=True, help="There is no IMAP: you read this mailbox yourself and paste codes and links.")
@click.option("--no-check", is_flag=True, help="Do not log in now to see whether it works.")
@common
def add(side: str, **options: Any) -> None:
    """Say how a mailbox is reached, keep its password in the keyring, and try it."""
    own = {k: options.pop(k) for k in ("preset", "host", "port", "security", "login", "ca_file", "folders", "secret", "by_hand", "no_check")}
    s = settings(**options)
    from readdress.workflow.mailboxes import MailboxWish, add_mailbox

    with migration(s, write=True) as m:
        wish = MailboxWish(**own)
        for line in add_mailbox(m, side, wish, hidden_prompt):
            click.echo(line)


@mailbox.command("list")
@as_json
@common
def list_(json_: bool, **given: Any) -> None:
    """Show how both mailboxes are reached (never a password)."""
    s = settings(**given)
    with migration(s, write=False) as m:
        from readdress.report.documents import mailboxes_document

        document = mailboxes_document(m.mailboxes())
    if json_:
        show_json(document)
        return
    for row in document["mailboxes"]:
        if row["kind"] == "imap":
            click.echo(f"{row['side']}: {row['login']} at {row['host']}:{row['port']} ({row['security']}), password: {row['secret']}")
        else:
            click.echo(f"{row['side']}: {'read by you' if row['kind'] == 'none' else 'not set up: migrate mailbox add ' + row['side']}")


@mailbox.command("presets")
@as_json
@common
def presets(json_: bool, **given: Any) -> None:
    """Show the providers whose settings are known, and how to get their app password."""
    s = settings(**given)
    from readdress.workflow.mailboxes import preset_rows

    rows = preset_rows(s.lang)
    if json_:
        show_json({"readdress": "mailbox_presets", "format": 1, "presets": rows})
        return
    for row in rows:
        click.echo(f"{row['id']}: {row['host']}:{row['port']} ({', '.join(row['domains'])})\n    {row['app_password']}")


@click.group("secret")
def secret() -> None:
    """Passwords of accounts, kept in the system's keyring."""


@secret.command("set")
@click.argument("account")
@click.option("--name", default="password", show_default=True, help="What the recipe calls it.")
@common
def set_(account: str, name: str, **given: Any) -> None:
    """Keep a secret of ACCOUNT (its id or service), so that it is typed for you where the recipe says so."""
    s = settings(**given)
    with migration(s, write=True) as m:
        found = m.find(account)
        value = hidden_prompt(f"{name} of {found.login or found.id} at {found.service}")
        m.keep_secret(found.id, name, value)
        click.echo("Kept in the keyring.")


@secret.command("forget")
@click.argument("account")
@click.option("--name", default="password", show_default=True, help="What the recipe calls it.")
@common
def forget(account: str, name: str, **given: Any) -> None:
    """Take a secret of ACCOUNT out of the keyring."""
    s = settings(**given)
    with migration(s, write=True) as m:
        m.forget_secret(m.find(account).id, name)
        click.echo("Forgotten.")


COMMANDS = [mailbox, secret]
