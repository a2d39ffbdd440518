"""Lays out help in Chinese by the cells of a terminal: click counts characters and breaks at spaces only."""

from __future__ import annotations

from collections.abc import Iterable

import click

from readdress.cli import chinese
from readdress.i18n.wrap import cells, wrap


class ChineseHelp(click.HelpFormatter):
    """Chinese headings, and lines broken by cells."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        super().write_usage(prog, args, "用法：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """The name of a part."""
        super().write_heading(chinese.HEADINGS.get(heading, heading))

    def write_text(self, text: str) -> None:
        """A paragraph, broken by cells."""
        for part in text.split("\n"):
            room = self.width - self.current_indent
            for line in wrap(part.strip() if part != "\b" else "", room) if part != "\b" else ():
                self.write(" " * self.current_indent + line + "\n" if line else "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Two columns, the second one broken by cells."""
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


class ChineseContext(click.Context):
    """A context whose help is laid out so."""

    formatter_class = ChineseHelp
