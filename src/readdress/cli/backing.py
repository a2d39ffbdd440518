"""The command ``backup``: saves a whole mailbox while it can still be read."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import as_json, common, migration, say, settings, show_json

if TYPE_CHECKING:
    from readdress.mailbox.backup import BackupProgress

_EVERY = 0.2
_EVERY_LINE = 10.0


@click.command("backup")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--form",
    type=click.Choice(["eml", "mbox"]),
    default="eml",
    help="eml: a file for each message. mbox: a file for each folder. Default: eml.",
)
@click.option("--side", type=click.Choice(["old", "new"]), default="old", help="Which mailbox. Default: old.")
@as_json
@common
def backup(*, directory: Path, form: Any, side: str, json_: bool, **given: Any) -> None:
    """Save a whole mailbox in a folder, while it still lives.

    Every folder is saved and compared with the server; nothing in the mailbox is changed. DIR is new or empty, or holds an
    earlier backup, which is then completed. May be stopped at any time.
    """
    s = settings(**given)
    from readdress.workflow.backing import backup_document, backup_lines, run_backup

    meter = _Meter(s.lang, quiet=json_)
    try:
        with migration(s, write=False) as m:
            report = run_backup(m, directory, form=form, side=side, progress=meter)
    except KeyboardInterrupt:
        meter.end()
        command = f"migrate backup {_quoted(directory)}{' --form mbox' if form == 'mbox' else ''}{' --side new' if side == 'new' else ''}"
        if s.lang == "zh":
            lines = f"已停止。{meter.messages} 封邮件已保存在 {directory}。", f"→ 继续：{command}"
        else:
            lines = f"Stopped. {meter.messages} messages are saved in {directory}.", f"→ Go on with: {command}"
        from readdress.console.saying import say as say_it

        for stopped in lines:
            say_it(stopped, error=True, hang=2 if stopped.startswith("→") else 0)
        s.extra["exit_code"] = 3
        return
    finally:
        meter.end()
    if report.complete and side == "old":
        _note_saved(s, directory)
    s.extra["exit_code"] = 0 if report.complete else 1
    if json_:
        show_json(backup_document(report))
        return
    for line in backup_lines(report):
        say(line.en, line.zh)
    if not report.complete:
        say(
            "→ Run the same command again; what is saved is not fetched again.",
            "→ 请再次运行同一命令；已保存的不会重新获取。",
        )


def _note_saved(s: Any, directory: Path) -> None:
    """So that nobody is told again to save it first. Another command that writes at the moment does not make the backup worth less."""
    from contextlib import suppress

    from readdress.errors import StateError
    from readdress.models.events import fact

    with suppress(StateError), migration(s, write=True) as m:
        m.record(fact("backup", str(directory)))


class _Meter:
    """How far it is, on standard error: one line that is written over on a terminal, else a line every ten seconds."""

    def __init__(self, lang: str, *, quiet: bool) -> None:
        self._zh, self._quiet = lang == "zh", quiet
        self._terminal = sys.stderr.isatty()
        self._begun = time.monotonic()
        self._shown = self._begun if not self._terminal else 0.0
        self._width = 0
        self.messages = 0

    def __call__(self, p: BackupProgress) -> None:
        self.messages = p.messages
        now = time.monotonic()
        if self._quiet or now - self._shown < (_EVERY if self._terminal else _EVERY_LINE):
            return
        self._shown = now
        rate = p.fetched / max(now - self._begun, 0.1)
        left = _span((p.of_octets - p.octets) / rate, zh=self._zh) if rate > 0 and p.of_octets > p.octets else ""
        line = self._line(p, rate, left)
        if not self._terminal:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
            return
        import shutil

        from readdress.i18n.wrap import wrap

        line = wrap(line, max(20, shutil.get_terminal_size().columns - 1))[0]
        sys.stderr.write("\r\x1b[K" + line)
        sys.stderr.flush()
        self._width = len(line)

    def _line(self, p: BackupProgress, rate: float, left: str) -> str:
        from readdress.i18n.clean import clean

        done = f"{p.messages}/{p.of_messages}"
        size = f"{p.octets / 1e6:.0f}/{p.of_octets / 1e6:.0f} MB, {rate / 1e6:.1f} MB/s"
        folder = clean(p.folder, 40)
        if self._zh:
            return f"{done} 封，{size}" + (f"，还需 {left}" if left else "") + (f"，{folder}" if folder else "")
        return f"{done} messages, {size}" + (f", {left} left" if left else "") + (f", {folder}" if folder else "")

    def end(self) -> None:
        """Take the line away."""
        if self._terminal and self._width:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._width = 0


def _span(seconds: float, *, zh: bool) -> str:
    """A time for a person, on the safe side."""
    if seconds < 90:
        return f"{seconds:.0f} 秒" if zh else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} 分钟" if zh else f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} 小时" if zh else f"{seconds / 3600:.1f} h"


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))


COMMANDS = [backup]
