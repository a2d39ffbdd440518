"""The screen of what the person holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from readdress.console.tables import line
from readdress.i18n.clean import clean
from readdress.models import Text
from readdress.planner.reach import Reach
from readdress.planner.situation import Situation
from readdress.planner.solve import new_care
from readdress.planner.todo import NEW_CARE
from readdress.planner.wording import account_name, factor_text

if TYPE_CHECKING:
    from rich.console import Console


def show_have(
    situation: Situation, reach: Reach, stated: Mapping[str, Mapping[str, tuple[bool, str]]], lang: str
) -> None:
    """What the person holds, for all accounts and at single ones. ``stated``: account (``""``: all) → factor → held, and where."""
    from rich.console import Console

    console = Console(highlight=False)
    line(console, Text("For all accounts", "所有账号").to(lang), style="bold")
    _show_factors(console, reach, stated.get("", {}), lang)
    for a in situation.accounts:
        own = stated.get(a.id, {})
        if own:
            line(console, clean(account_name(reach, a.id).to(lang), 120), style="bold")
            _show_factors(console, reach, own, lang)
            for factor, to in sorted(a.links.items()):
                out_of = account_name(reach, to) if to in reach.index else Text(to, to)
                name = factor_text(reach, factor)
                line(
                    console,
                    f"  ↳ {Text(f'{name.en}: out of {out_of.en}', f'{name.zh}：来自{out_of.zh}').to(lang)}",
                    hang=4,
                )
    line(console, Text("The new mailbox", "新邮箱").to(lang), style="bold")
    care = NEW_CARE.get(new_care(reach))
    line(
        console,
        f"  {care.to(lang) if care else Text('It stands on its own feet.', '它不依赖旧邮箱。').to(lang)}",
        hang=2,
    )


def _show_factors(console: Console, reach: Reach, stated: Mapping[str, tuple[bool, str]], lang: str) -> None:
    if not stated:
        line(console, f"  {Text('nothing said yet', '尚未说明').to(lang)}")
    for factor, (held, where) in sorted(stated.items(), key=lambda s: (not s[1][0], s[0])):
        place = f" ({clean(where, 40)})" if where else ""
        line(console, f"  {'✓' if held else '✗'} {factor_text(reach, factor).to(lang)}{place}", hang=4)
