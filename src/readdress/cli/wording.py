"""The help in the person's language, laid out by the cells of a terminal, and what to do after wrong use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import click

from readdress.cli import chinese
from readdress.i18n.wrap import cells, wrap

_english: dict[tuple[int, str], Any] = {}  # what localise has replaced, by object and attribute


class _ChineseHelp(click.HelpFormatter):
    """Chinese headings, and lines broken by cells: click counts characters and breaks at spaces only."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, "用法：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        super().write_heading(chinese.HEADINGS.get(heading, heading))

    def write_text(self, text: str) -> None:
        for part in text.split("\n"):
            room = self.width - self.current_indent
            for line in wrap(part.strip() if part != "\b" else "", room) if part != "\b" else ():
                self.write(" " * self.current_indent + line + "\n" if line else "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        rows = [(first, chinese.CLICK.get(second, second)) for first, second in rows]
        column = min(max(cells(first) for first, _ in rows), col_max) + col_spacing
        indent = " " * self.current_indent
        for first, second in rows:
            lines = wrap(second, max(10, self.width - self.current_indent - column))
            fits = cells(first) <= column - col_spacing
            if not fits:
                self.write(f"{indent}{first}\n")
            head = first + " " * (column - cells(first)) if fits else " " * column
            self.write(f"{indent}{head}{lines[0]}\n")
            for line in lines[1:]:
                self.write(f"{indent}{' ' * column}{line}\n")


class _ChineseContext(click.Context):
    formatter_class = _ChineseHelp


def localise(root: click.Group, lang: Literal["en", "zh"]) -> None:
    """Give every command and option its help in ``lang``."""
    for path, command in commands(root):
        zh = chinese.COMMANDS.get(path)
        _set(command, "context_class", _ChineseContext, lang if zh else "en")
        _set(command, "short_help", zh and zh[0], lang if zh else "en")
        _set(command, "help", zh and f"{zh[0]}\n\n{zh[1]}".rstrip(), lang if zh else "en")
        if command.epilog is not None or lang == "zh":
            _set(command, "epilog", chinese.EPILOG if not path else None, lang if not path else "en")
        for option in command.params:
            if isinstance(option, click.Option):
                zh_help = chinese.option(path, option.opts[0])
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
