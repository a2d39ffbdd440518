"""The command ``migrate``: its group, its exit codes, and the one place where an error becomes a sentence and a next action."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from readdress._version import __version__
from readdress.cli.options import Settings, browsing, common, settings
from readdress.cli.registry import LateGroup
from readdress.errors import ReaddressError
from readdress.models import Text

if TYPE_CHECKING:
    from readdress.workflow.adapters import Adapters

_EPILOG = """\b
Exit codes: 0 all done, 1 failed, 2 wrong use, 3 stopped for you,
            4 waiting for time or mail
First try:  migrate practice   (a rehearsal; nothing of yours is touched)"""

_STOPPED = Text("Stopped.", "已停止。")
_STOPPED_WRITING = Text("Stopped. Everything that was done is written down.", "已停止。已完成的操作都已记录。")
_GO_ON = Text("Go on with: migrate resume", "继续：migrate resume")
_INSIDE = Text(
    "Something went wrong inside readdress ({kind}). Nothing that was written down is lost.",
    "readdress 内部出错（{kind}）。已记录的内容没有丢失。",
)
_REPORT = Text(
    "Run the same command with --debug and report what it shows; `migrate check` verifies the state file.",
    "请加上 --debug 重新运行同一命令并报告其输出；migrate check 可检查状态文件。",
)


@click.group(
    cls=LateGroup,
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--service", metavar="NAME", help="Move one service now: its id or name, e.g. microsoft.")
@click.option("--site", metavar="URL", help="With --service: the site, for software that runs on many hosts.")
@click.option("--account", metavar="LOGIN", help="With --service: which one, if you have several accounts there.")
@common
@browsing
@click.version_option(__version__, prog_name="migrate", help="Show the version and exit.")
def migrate(service: str | None, site: str | None, account: str | None, **given: Any) -> None:
    """Move your life off an email address.

    Finds every account bound to the old address, changes the address where that is safe and with you where it is not,
    proves that it worked, and can stop and go on at any moment.
    """
    ctx = click.get_current_context()
    s = settings(**given)
    stray = [f"--{n}" for n, v in (("service", service), ("site", site), ("account", account)) if v is not None]
    if ctx.invoked_subcommand is not None:
        if stray:
            raise click.UsageError(
                f"{', '.join(stray)} would be dropped by `{ctx.invoked_subcommand}`. "
                "Either move a service (migrate --service NAME) or run a command."
            )
        return
    if service is None:
        if stray:
            raise click.UsageError(f"{', '.join(stray)} needs --service.")
        click.echo(ctx.get_help())
        return
    if not service.strip():
        raise click.UsageError("--service needs a name.")
    from readdress.cli import moving

    moving.move(s, service, site or "", account or "")


def run(argv: Sequence[str], adapters: Adapters | None = None) -> int:
    """Run one command line and return its exit code. ``adapters`` replaces the real outside, for programs and tests."""
    lang = _lang(argv)
    s = Settings(lang=lang, adapters=adapters, debug="--debug" in argv)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):  # whatever cannot be shown in this encoding is shown as "?"
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        with _ended_gently():
            return _run(argv, s)
    except BrokenPipeError:
        return _pipe_closed()


def _run(argv: Sequence[str], s: Settings) -> int:
    from readdress.cli.wording import localise

    try:
        if s.debug:
            from readdress import log

            log.start(debug=True)
        localise(migrate, s.lang, root=True)
        code = migrate.main(args=list(argv), prog_name="migrate", standalone_mode=False, obj=s)
        sys.stdout.flush()
        return code if isinstance(code, int) else int(s.extra.get("exit_code", 0))
    except BrokenPipeError:
        raise
    except (
        click.exceptions.Exit,
        SystemExit,
    ) as end:  # click leaves by SystemExit when whoever reads its output has gone
        code = end.exit_code if isinstance(end, click.exceptions.Exit) else end.code
        return code if isinstance(code, int) else 1
    except click.ClickException as error:
        return _wrong_use(error, s)
    except ReaddressError as error:
        _traceback(s)
        return _explain(error.message, error.todo, error.exit_code, s)
    except (KeyboardInterrupt, click.Abort):
        writing = bool(s.extra.get("writing"))
        stopped = _STOPPED_WRITING if writing else _STOPPED
        return _explain(stopped.to(s.lang), _GO_ON.to(s.lang) if writing else "", 3, s)
    except Exception as error:  # noqa: BLE001 - the last net: no traceback for people who did not ask for one
        _traceback(s)
        kind = type(error).__name__
        return _explain(_INSIDE.format(kind=kind).to(s.lang), _REPORT.to(s.lang), 1, s)


def _lang(argv: Sequence[str]) -> Any:
    """The language, before click has read the arguments: wrong arguments are answered in it too."""
    from readdress.i18n.lang import pick_lang

    asked = [a.partition("=")[2] for a in argv if a.startswith("--lang=")]
    asked += [value for name, value in pairwise(argv) if name == "--lang"]
    return pick_lang(asked[-1] if asked else None)


def _wrong_use(error: click.ClickException, s: Settings) -> int:
    from readdress.cli.wording import usage_todo

    _traceback(s)
    return _explain(error.format_message(), usage_todo(error, s.lang), 2, s)


def _explain(message: str, todo: str, code: int, s: Settings) -> int:
    from readdress.console.saying import say, say_next
    from readdress.i18n.sentences import translate

    say(translate(message, s.lang), error=True)
    if todo:
        say_next(translate(todo, s.lang), error=True)
    return code


def _traceback(s: Settings) -> None:
    if s.debug:
        import traceback

        traceback.print_exc()


@contextmanager
def _ended_gently() -> Iterator[None]:
    """Let a closed terminal window or a ``kill`` end the run as Ctrl-C does, so that browser and mailboxes are closed."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # only in the main thread, and not where somebody (nohup, a program that uses run()) wants it otherwise
        with suppress(ValueError):
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pipe_closed() -> int:
    """Whoever read our output has gone: say nothing more, also not at the interpreter's end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return 1
