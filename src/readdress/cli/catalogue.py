"""Commands about the catalogue of services: bring it up to date, look a service up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readdress.cli.options import as_json, common, say, settings, show_json
from readdress.models import Text

if TYPE_CHECKING:
    from readdress.recipe.service import Service


@click.group("catalogue")
def catalogue() -> None:
    """What is known of services that have no recipe."""


@catalogue.command("update")
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Take the files from this folder instead of downloading them.",
)
@as_json
@common
def update(*, folder: Path | None, json_: bool, **given: Any) -> None:
    """Bring your own copy of the public data up to date.

    Domains, account pages and second factors of some thousand services, from three public data sets (apple/password-manager-resources,
    jdm, 2fa.directory). Nothing about you is sent. On any failure the copy that you have stays.
    """
    settings(**given)
    from readdress.workflow.knowing import update as renew

    if folder is None and not json_:
        say("Fetching three public data sets …", "正在下载三个公开数据集……")
    done = renew(folder)
    if json_:
        show_json(done.document())
        return
    m = done.merged
    say(
        f"{len(m.services)} services, {m.domains} domains, {m.accounts} account pages; {m.codes_by_mail} send second factors by mail.",
        f"{len(m.services)} 个服务，{m.domains} 个域名，{m.accounts} 个账号页面；其中 {m.codes_by_mail} 个通过邮件发送二次验证。",
    )
    for origin in done.origins:
        left = done.left_out[origin.name]
        say(
            f"  {origin.name}: {origin.entries} entries{f', {left} left out' if left else ''}",
            f"  {origin.name}：{origin.entries} 条{f'，略过 {left} 条' if left else ''}",
        )
    say(f"Written: {done.path}", f"已写入：{done.path}")


@catalogue.command("show")
@click.argument("domain")
@as_json
@common
def show(*, domain: str, json_: bool, **given: Any) -> None:
    """Show what is known of a service.

    DOMAIN is a domain, a web address, an id or a name.
    """
    s = settings(**given)
    from readdress.workflow.knowing import knowledge, service_document
    from readdress.workflow.knowing import show as look_up

    known = knowledge(s.recipes)
    service = look_up(domain, known)
    if json_:
        show_json(service_document(service))
        return
    for en, zh in lines(service):
        say(en, zh)
    if known.imported.problem:
        say(
            f"! {known.imported.problem} Make it anew: migrate catalogue update",
            f"! {known.imported.problem} 请重新运行：migrate catalogue update",
        )


def lines(service: Service) -> list[tuple[str, str]]:
    """What is known, a line for each thing that is."""
    from readdress.i18n.clean import clean
    from readdress.recipe.service import CATEGORIES

    def plain(text: str) -> str:
        return clean(text, 300)

    def row(name: Text, value: str) -> list[tuple[str, str]]:
        return [(f"  {name.en}: {plain(value)}", f"  {name.zh}：{plain(value)}")] if value else []

    rows = [(f"{plain(service.name.en)} ({plain(service.id)})", f"{plain(service.name.zh)}（{plain(service.id)}）")]
    category = CATEGORIES[service.category]
    rows.append((f"  {_CATEGORY.en}: {category.en}", f"  {_CATEGORY.zh}：{category.zh}"))
    rows += row(_DOMAINS, ", ".join(service.domains[:12]) + (" …" if len(service.domains) > 12 else ""))
    rows += row(_PERSONAL, ", ".join(service.personal))
    rows += row(_SENDERS, ", ".join(service.senders))
    rows += row(_ENTRY, service.entry)
    rows += row(_WAYS, ", ".join(service.sign_in))
    rows += row(_FACTORS, ", ".join(service.second_factors))
    rows += row(_RIDES, ", ".join(service.rides))
    rows += row(_RECOVER, service.recover)
    rows += row(_CLOSE, f"{service.close} ({service.closing})" if service.close else "")
    if service.recipe:
        rows.append(
            (
                f"  There is a recipe: migrate recipes show {service.id}",
                f"  有专用配方：migrate recipes show {service.id}",
            )
        )
    elif service.software:
        rows.append(("  A program that runs on many sites.", "  可架设在多个网站上的软件。"))
    else:
        rows.append(
            (
                f"  No recipe of its own; moved in guided fashion: migrate --service {plain(service.id)}",
                f"  没有专用配方，可引导操作：migrate --service {plain(service.id)}",
            )
        )
        steps = f"migrate recipes show {plain(service.id)}"
        rows.append((f"  Its checklist: {steps}", f"  操作清单：{steps}"))
    named = ", ".join(service.named_by)
    en, zh = _GRADES[service.grade]
    by_en, by_zh = (f" ({named})", f"（{named}）") if named else ("", "")
    rows.append((f"  {_GRADE.en}: {en}{by_en}", f"  {_GRADE.zh}：{zh}{by_zh}"))
    return rows


_CATEGORY = Text("category", "类别")
_DOMAINS = Text("domains", "域名")
_PERSONAL = Text("people's mailboxes at", "个人邮箱域名")
_SENDERS = Text("writes from", "发件地址")
_ENTRY = Text("where to begin", "入口页面")
_WAYS = Text("signs in with", "登录方式")
_FACTORS = Text("second factors", "二次验证")
_RIDES = Text("on the same account", "同一账号")
_RECOVER = Text("recovery", "找回")
_CLOSE = Text("closing the account", "注销")
_GRADE = Text("support for these facts", "依据")
_GRADES = {
    "strong": ("several public sets name its domains", "多个公开数据集列出其域名"),
    "single": ("one public set names its domains", "一个公开数据集列出其域名"),
    "weak": ("general knowledge only", "仅凭一般知识"),
}

COMMANDS = [catalogue]
