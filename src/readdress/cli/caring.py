"""The commands ``mailbox prove`` and ``mailbox forward``: NEW seen to be the person's own; forwarding and auto-reply while OLD lives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_json, common, migration, say, settings, show_json
from readdress.errors import ConfigError

if TYPE_CHECKING:
    from readdress.workflow.migration import Migration
    from readdress.workflow.new_mailbox import Proved

_MOST = 100_000


@click.command("prove")
@click.option(
    "--received",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="The received mail (its source, or its lines To and Subject) from this file; - for standard input.",
)
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    metavar="SECONDS",
    default=180,
    help="How long to wait for the mail where the mailbox is read by readdress. Default: 180.",
)
@common
def prove(*, received: str | None, wait: int, **given: Any) -> None:
    """See that the new mailbox is yours and receives mail.

    Before anything moves to it: a typing error in the address would cost you every account. Where readdress can read it, it looks by itself; else you send it
    a mail with a code and paste what came.
    """
    s = settings(**given)
    from readdress.workflow.new_mailbox import code_of, near_miss, prove_by_paste, prove_by_reading

    with migration(s, write=True) as m:
        new = str(m.header.new)
        meant = near_miss(new)
        if meant:
            say(f"! {new}: is that not {meant}? Look at every letter.", f"！{new}：是否应为 {meant}？请逐字核对。")
        if received is not None:
            _tell(new, prove_by_paste(m, _received(received)))
            return
        code = code_of(m)

        def ask() -> None:
            _ask_for_mail(new, code)
            say(f"Waiting for it, {wait} seconds at most …", f"正在等待，最多 {wait} 秒……")

        found = prove_by_reading(m, patience=wait, tell=ask)
        if found is None and not _read_by_us(m):
            _ask_for_mail(new, code)
            found = prove_by_paste(m, _pasted(s))
        if found is not None:
            _tell(new, found)
            return
        say(f"{new} was not seen to receive mail yet.", f"尚未看到 {new} 收到邮件。")
        say("→ Send the mail and run it again: migrate mailbox prove", "→ 发送邮件后重新运行：migrate mailbox prove")
        s.extra["exit_code"] = 4


def _received(name: str) -> str:
    """What stands in that file, or on standard input. Raises :class:`ConfigError`."""
    if name == "-":
        return sys.stdin.read(_MOST)
    try:
        with Path(name).open(encoding="utf-8", errors="replace") as file:
            return file.read(_MOST)
    except OSError as error:
        raise ConfigError(f"{name} cannot be read ({error.strerror}).", todo="Name a file that can be.") from None


def _read_by_us(m: Migration) -> bool:
    from readdress.models import Side

    config = m.state.mailbox(Side.NEW)
    return config is not None and config.kind == "imap"


def _ask_for_mail(new: str, code: str) -> None:
    say(
        f"From another mailbox send a mail with the subject {code} to {new}. Copy the address from here; do not type it.",
        f"请从另一个邮箱给 {new} 发一封主题为 {code} 的邮件。地址请从这里复制，不要手打。",
    )


def _pasted(s: Settings) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to paste it: name a file with --received.")
    say(
        "When it has come: open it in the new mailbox, show its details or source, paste the lines To and Subject here, and end with an empty line.",
        "收到后：在新邮箱中打开它，显示详情或原文，把“收件人”和“主题”两行粘贴到这里，以空行结束。",
    )
    lines: list[str] = []
    while (text := str(click.prompt("", prompt_suffix="> ", default="", show_default=False))).strip():
        lines.append(text)
    del s
    return "\n".join(lines)


def _tell(new: str, proved: Proved) -> None:
    how = {
        "login": ("its own provider let us in under exactly this address", "其服务商允许以此地址登录"),
        "mail": (f"a mail to it lies in {proved.where}", f"{proved.where} 中有发给它的邮件"),
        "code": (f"the mail with the code came ({proved.where})", f"带代码的邮件已收到（{proved.where}）"),
        "pasted": ("by what you pasted of the received mail", "根据您粘贴的邮件内容"),
    }[proved.how]
    say(f"✓ {new} is yours and receives mail: {how[0]}.", f"✓ {new} 属于您且能收信：{how[1]}。")


@click.command("forward")
@click.option("--done", "forwarding", is_flag=True, help="Note that forwarding is set up.")
@click.option("--replying", is_flag=True, help="Note that the automatic reply is set up.")
@as_json
@common
def forward(*, forwarding: bool, replying: bool, json_: bool, **given: Any) -> None:
    """Set up forwarding and an automatic reply while the old mailbox lives.

    The steps for its provider, where somebody describes them, and the text of the reply. You do it in the mailbox's own settings; nothing is changed by readdress.
    """
    s = settings(**given)
    from readdress.workflow.forwarding import CAUTIONS, FORWARDING, REPLYING, auto_reply, guide_for, set_up

    if forwarding or replying:
        with migration(s, write=True) as m:
            names = set_up(m, forwarding=forwarding, replying=replying)
        say(f"Noted: {', '.join(names)}.", f"已记录：{', '.join(names)}。")
        return
    with migration(s, write=False) as m:
        guide, header, facts = guide_for(m), m.header, m.state.facts()
    reply = auto_reply(str(header.old), str(header.new))
    if json_:
        from readdress.report.documents import document

        def both(text: Any) -> dict[str, str]:
            return {"en": text.en, "zh": text.zh}

        show_json(
            document(
                "forward",
                provider=guide.provider,
                forward=both(guide.forward),
                reply=both(guide.reply),
                text=both(reply),
                cautions=[both(c) for c in CAUTIONS],
                sources=[{"url": x.url, "says": x.says, "grade": x.grade} for x in guide.sources],
                forwarding_since=facts.get(FORWARDING) or None,
                replying_since=facts.get(REPLYING) or None,
            )
        )
        return
    _show(guide, reply, facts)


def _show(guide: Any, reply: Any, facts: dict[str, str]) -> None:
    from readdress.workflow.forwarding import CAUTIONS, FORWARDING, REPLYING

    since = {name: f" ✓ {facts[name]}" if facts.get(name) else "" for name in (FORWARDING, REPLYING)}
    say(f"1. Forwarding{since[FORWARDING]}", f"1. 转发{since[FORWARDING]}")
    say(f"   {guide.forward.en}", f"   {guide.forward.zh}")
    say(f"2. Automatic reply{since[REPLYING]}", f"2. 自动回复{since[REPLYING]}")
    say(f"   {guide.reply.en}", f"   {guide.reply.zh}")
    say(f"   “{reply.en}”", f"   “{reply.zh}”")
    for caution in CAUTIONS:
        say(f"! {caution.en}", f"！{caution.zh}")
    for source in guide.sources:
        say(f"   ({source.grade}: {source.url})", f"   （{source.grade}：{source.url}）")
    say(
        "→ When it is set up: migrate mailbox forward --done --replying",
        "→ 设置完成后：migrate mailbox forward --done --replying",
    )


COMMANDS = [prove, forward]
