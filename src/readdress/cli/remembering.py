"""The command ``remember``: accounts from the person's own memory, asked page by page or given as a text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import Settings, as_json, common, migration, say, settings, show_json

if TYPE_CHECKING:
    from readdress.workflow.remembering import Remembered, Round

_MOST = 200_000  # characters of answers; a list of all one's apps is far below


@click.command("remember")
@click.option(
    "--answers",
    metavar="FILE|TEXT",
    help="Do not ask: take the answers from this file (- for standard input), or from this text.",
)
@click.option("--only", metavar="PAGE", multiple=True, help="Only this page of the interview. May be repeated.")
@click.option("--list", "list_", is_flag=True, help="Only show the pages with their numbered services.")
@as_json
@common
def remember(*, answers: str | None, only: tuple[str, ...], list_: bool, json_: bool, **given: Any) -> None:
    """Note accounts from memory.

    An interview for whoever has neither mailbox nor export: categories with their services, phone and card bills, installed apps, browser
    logins. Many answers at once: 1 3 5-9, names, web addresses. With --answers: the same, a line for each page that numbers speak of
    (money: 1 3 5-9), names anywhere.
    """
    s = settings(**given)
    if list_:
        _list(s, only, json_=json_)
        return
    if answers is None and not _somebody(s):
        raise click.UsageError("Nobody is here to ask. Give the answers: --answers FILE|TEXT (and see --list).")
    from readdress.workflow.remembering import from_text, interview

    text = _read(answers) if answers is not None else ""
    with migration(s, write=True) as m:
        _check(only, s)
        found = from_text(m, text, s.lang) if answers is not None else interview(m, s.lang, only=only)
        total = sum(not a.closed for a in m.accounts())
    _end(s, found, total, json_=json_, quiet=answers is None)


def _somebody(s: Settings) -> bool:
    """A person at a terminal, or one that a program put there."""
    placed = s.adapters is not None and s.adapters.person is not None
    return placed or (sys.stdin.isatty() and sys.stdout.isatty())


def _read(answers: str) -> str:
    if answers == "-":
        return sys.stdin.read(_MOST)
    try:
        path = Path(answers)
        if path.is_file():
            with path.open(encoding="utf-8-sig", errors="replace") as file:
                return file.read(_MOST)
    except (OSError, ValueError):  # a long text is no name of a file
        pass
    return answers[:_MOST]


def _pages(s: Settings) -> list[Round]:
    from readdress.workflow.knowing import knowledge
    from readdress.workflow.remembering import rounds

    return rounds(knowledge(s.recipes), s.lang)


def _check(only: tuple[str, ...], s: Settings) -> None:
    names = [p.id for p in _pages(s)] if only else []
    wrong = [o for o in only if o not in names]
    if wrong:
        raise click.UsageError(f"There is no page {', '.join(wrong)}. The pages: {', '.join(names)}.")


def _list(s: Settings, only: tuple[str, ...], *, json_: bool) -> None:
    _check(only, s)
    pages = [p for p in _pages(s) if not only or p.id in only]
    if json_:
        from readdress.report.documents import document

        rows = [
            {
                "id": p.id,
                "title": {"en": p.title.en, "zh": p.title.zh},
                "services": [{"number": n, "id": x.id, "name": x.name.to(s.lang)} for n, x in enumerate(p.offered, 1)],
            }
            for p in pages
        ]
        show_json(document("remember_pages", pages=rows))
        return
    for page in pages:
        listed = page.listing(s.lang) or page.body.to(s.lang)
        say(f"{page.id} ({page.title.en}): {listed}", f"{page.id}（{page.title.zh}）：{listed}")


def _end(s: Settings, found: Remembered, total: int, *, json_: bool, quiet: bool) -> None:
    """Say what came of it; exit code 3 where something is left for the person."""
    if json_:
        from readdress.report.documents import document

        left = [{"said": d.said, "meant": [x.id for x in d.meant]} for d in found.left]
        added = [{"id": a.id, "service": a.service, "site": a.site, "login": a.login} for a in found.added]
        show_json(
            document(
                "remembered",
                added=added,
                known=[x.id for x in found.known],
                left=left,
                sites=found.sites,
                accounts=total,
            )
        )
    else:
        from readdress.workflow.remembering import summary

        if not quiet:  # in the interview each page was told already
            for text in summary(found):
                say(text.en, text.zh)
        say(
            f"{len(found.added)} accounts noted, {total} known in all.",
            f"本次记录 {len(found.added)} 个账号，共已知 {total} 个。",
        )
        say("→ In which order, and what is at risk: migrate plan", "→ 先后顺序与风险：migrate plan")
    s.extra["exit_code"] = 0 if found.complete else 3


COMMANDS = [remember]
