"""The help in the person's language, and what to do after wrong use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import click

_english: dict[tuple[int, str], Any] = {}  # what localise has replaced, by object and attribute


def localise(command: click.Command, lang: Literal["en", "zh"], path: str = "", *, root: bool = False) -> None:
    """Give a command, and those below it (not below the root: they are not imported yet), their help in ``lang``."""
    if lang == "en" and not _english:
        return
    from readdress.cli import chinese
    from readdress.cli.chinese_help import ChineseContext

    for where, one in [("", command)] if root else commands(command, path):
        zh = chinese.COMMANDS.get(where)
        _set(one, "context_class", ChineseContext, lang if zh else "en")
        _set(one, "short_help", zh and zh[0], lang if zh else "en")
        _set(one, "help", zh and f"{zh[0]}\n\n{zh[1]}".rstrip(), lang if zh else "en")
        if one.epilog is not None or lang == "zh":
            _set(one, "epilog", chinese.EPILOG if not where else None, lang if not where else "en")
        for option in one.params:
            if isinstance(option, click.Option):
                zh_help = chinese.option(where, option.opts[0])
                _set(option, "help", zh_help, lang if zh_help else "en")


def commands(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its words, ``""`` for the root."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, f"{path} {name}".strip())


def _set(thing: object, name: str, value: object, lang: str) -> None:
    key = (id(thing), name)
    _english.setdefault(key, getattr(thing, name))
    setattr(thing, name, _english[key] if lang == "en" else value)


def usage_todo(error: click.ClickException, lang: str) -> str:
    """What to do after wrong use of the command line."""
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "migrate"
    if isinstance(error, click.NoSuchOption) and error.option_name in {"--service", "--site", "--account"}:
        return (
            "搬迁一个服务：migrate --service 名称（不带子命令）"
            if lang == "zh"
            else "To move a service: migrate --service NAME, without another command."
        )
    hint = ""
    if (
        ctx is not None
        and isinstance(ctx.command, click.Group)
        and error.message.startswith("No such command")
        and "mean" not in error.message
    ):
        from difflib import get_close_matches  # late: only a mistyped command needs it

        near = get_close_matches(error.message.split("'")[1], list(ctx.command.commands), n=1)
        if near:  # click says so itself from 8.3 on
            hint = f"是否指 {near[0]}？" if lang == "zh" else f"Did you mean {near[0]}? "
    return hint + (f"用法见 {path} --help" if lang == "zh" else f"How it is used: {path} --help")
