"""The verb ``remember``: an interview for whoever has neither mailbox nor export, and the same from a text without a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readdress.errors import ConfigError
from readdress.models import Account, Answer, Ask, Evidence, NoteKind, Notice, Question, Text
from readdress.recipe.service import CATEGORIES, Service
from readdress.workflow.answers import Doubt, Named, Parsed, chosen, parse_answers

if TYPE_CHECKING:
    from readdress.ports import Person
    from readdress.recipe.knowledge import Knowledge
    from readdress.workflow.migration import Migration

_SLICE = 0.02  # seconds between two looks at the keyboard


@dataclass(frozen=True, slots=True)
class Round:
    """One page of the interview. ``id``: a category, or ``bills``, ``apps``, ``browser``, ``sso``; ``offered``: its numbered services."""

    id: str
    title: Text
    body: Text
    offered: tuple[Service, ...] = ()

    def listing(self, lang: str, known: Iterable[str] = ()) -> str:
        """The numbered services on one line; those that are noted already with a tick."""
        have = set(known)
        marks = (f"{n} {s.name.to(lang)}{' ✓' if s.id in have else ''}" for n, s in enumerate(self.offered, 1))
        return " · ".join(marks)


@dataclass(slots=True)
class Remembered:
    """What came of it. ``left``: pieces that nobody understood, with what may have been meant; ``sites``: programs whose site is missing."""

    added: list[Account] = field(default_factory=list)
    known: list[Service] = field(default_factory=list)
    left: list[Doubt] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    stopped: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that was said could be noted."""
        return not self.left and not self.sites


def rounds(known: Knowledge, lang: str) -> list[Round]:
    """The whole interview: a page for each category, then bills, apps, the browser, and "sign in with …"."""
    pages = []
    for category, name in CATEGORIES.items():
        offered = tuple(known.in_category(category, lang))
        if offered:
            body = Text(_HOW.en.format(n=len(offered)), _HOW.zh.format(n=len(offered)))
            pages.append(Round(category, name, body, offered))
    return [*pages, *(Round(*row) for row in _FREE)]


def interview(m: Migration, lang: str, *, only: Sequence[str] = ()) -> Remembered:
    """Ask the person page by page and note each page's answers at once; Ctrl-C keeps what was noted.

    ``only``: these pages alone. Raises :class:`~readdress.errors.ReaddressError`.
    """
    known = m.catalogue.knowledge
    person = m.adapters.the_person()
    found = Remembered()
    for page in rounds(known, lang):
        if only and page.id not in only:
            continue
        have = [a.service for a in m.accounts() if not a.closed]
        said = _asked(person, _page_question(page, have))
        if said is None or said.strip().casefold() in _STOP:
            found.stopped = True
            break
        parsed = parse_answers(said, page.offered, known)
        parsed = _settled(person, page, parsed)
        _tell(person, note(m, parsed, page.id, found))
    return found


def from_text(m: Migration, text: str, lang: str) -> Remembered:
    """Note what ``text`` says: the same answers, many at once; a line ``money: 1 3 5-9`` speaks of that page's numbers."""
    known = m.catalogue.knowledge
    pages = {p.id: p for p in rounds(known, lang)}
    found = Remembered()
    for line in text.splitlines():
        head, colon, rest = line.partition(":")
        page = pages.get(head.strip().casefold()) if colon else None
        said = rest if page is not None else line
        if not said.strip() or line.lstrip().startswith("#"):
            continue
        parsed = parse_answers(said, page.offered if page else (), known)
        note(m, parsed, page.id if page else "answers", found)
    return found


def note(m: Migration, parsed: Parsed, where: str, into: Remembered) -> Remembered:
    """Add the accounts that are not known yet, each with the person's word as its evidence. Returns what this page alone brought."""
    now = m.adapters.the_clock().now()
    here = Remembered(left=list(parsed.doubts))
    accounts = [a for a in m.accounts() if not a.closed]
    for named in parsed.named:
        service, login, site = named.service, named.login, ""
        if service.software:
            if not login:
                here.sites.append(service.id)
                continue
            settled = _settled_site(m, service, login)
            if settled is None:
                here.left.append(Doubt(f"{service.id} = {login}"))
                continue
            (service, site), login = settled, ""
        if any(_same(a, service.id, login, site) for a in accounts):
            here.known.append(service)
            continue
        evidence = [Evidence("person", f"remember/{where}", "remembered", at=now)]
        label = service.name.to(m.adapters.lang)
        added = m.add(service.id, site=site, login=login, label=label, evidence=evidence)
        accounts.append(added)
        here.added.append(added)
    into.added += here.added
    into.known += here.known
    into.sites += here.sites
    into.left += here.left
    return here


def _same(account: Account, service: str, login: str, site: str) -> bool:
    """Whether this account is the one that was named; a name without a login means any account there."""
    return (
        account.service == service
        and (not site or account.site == site)
        and (not login or account.login.casefold() == login.casefold())
    )


def _settled_site(m: Migration, service: Service, site: str) -> tuple[Service, str] | None:
    """The program with its site as recipes write it; where it has no recipe, the site as a service of its own."""
    from readdress.recipe.imported import is_domain
    from readdress.recipe.knowledge import bare
    from readdress.recipe.place import clean_site, settle_site

    try:
        if service.recipe:
            return service, settle_site(m.catalogue.recipe(service.id), site)
        host = clean_site(site).partition("://")[2].partition("/")[0].partition(":")[0]
    except ConfigError:
        return None
    return (bare(host), "") if is_domain(host) else None


# -- asking ---------------------------------------------------------------------------------------------------------------


def _page_question(page: Round, have: Sequence[str]) -> Question:
    def body(lang: str) -> str:
        listed = page.listing(lang, have)
        return f"{page.body.to(lang)}\n{listed}" if listed else page.body.to(lang)

    return Question(f"remember/{page.id}", Ask.CHOOSE, page.title, Text(body("en"), body("zh")), text_wanted=True)


def _settled(person: Person, page: Round, parsed: Parsed) -> Parsed:
    """Ask once about what was nearly understood."""
    doubts = [d for d in parsed.doubts if d.meant]
    if not doubts:
        return parsed
    options = [s for d in doubts for s in d.meant]

    def body(lang: str) -> str:
        lines, number = [_MEANT.to(lang)], 1
        for doubt in doubts:
            names = []
            for service in doubt.meant:
                names.append(f"{number} {service.name.to(lang)}")
                number += 1
            lines.append(f"“{doubt.said}”: {' · '.join(names)}")
        return "\n".join(lines)

    question = Question(
        f"remember/{page.id}/meant", Ask.CHOOSE, _MEANT_TITLE, Text(body("en"), body("zh")), text_wanted=True
    )
    picked = chosen(_asked(person, question) or "", options)
    answered = {d for d in doubts if any(s in picked for s in d.meant)}
    return Parsed((*parsed.named, *(Named(s) for s in picked)), tuple(d for d in parsed.doubts if d not in answered))


def _asked(person: Person, question: Question) -> str | None:
    """What the person typed; ``None`` when they stop, or nobody is there."""
    person.post(question)
    while True:
        answer = person.poll()
        if isinstance(answer, Answer) and answer.question == question.id:
            return None if answer.choice == "stop" else answer.text
        time.sleep(_SLICE)


def _tell(person: Person, page: Remembered) -> None:
    for text in summary(page):
        person.tell(Notice(NoteKind.INFO, text))


def summary(found: Remembered) -> Iterator[Text]:
    """What was noted, what was known, and what was not understood, in sentences."""
    if found.added:
        names = [a.label or a.service for a in found.added]
        yield Text(f"Noted: {', '.join(names)}.", f"已记录：{'、'.join(names)}。")
    if found.known:
        en, zh = ([s.name.to(lang) for s in found.known] for lang in ("en", "zh"))
        yield Text(f"Known already: {', '.join(en)}.", f"已知：{'、'.join(zh)}。")
    for program in found.sites:
        yield Text(
            f"{program} runs on many sites; write which one: {program} = https://…",
            f"{program} 可架设在多个网站上，请写明网址：{program} = https://…",
        )
    for doubt in found.left:
        meant = ", ".join(s.id for s in doubt.meant)
        if meant:
            yield Text(
                f"Not understood: “{doubt.said}”. Did you mean {meant}?", f"未能识别：“{doubt.said}”。是否指 {meant}？"
            )
        else:
            yield Text(
                f"Not known: “{doubt.said}”. Write its web address, like example.com.",
                f"不认识“{doubt.said}”。请写它的网址，例如 example.com。",
            )


_STOP = {"stop", "quit", "q", "停", "停止", "结束"}
_HOW = Text(
    "Where do you have an account? Numbers and names, many at once: 1 3 5-9, another name, example.com. “Name = login” for several accounts at one. Enter goes on, “stop” ends.",
    "您在哪些服务有账号？可一次输入多个编号和名称：1 3 5-9、其他名称、example.com。同一服务有多个账号时写“名称 = 登录名”。回车继续，“停”结束。",
)
_MEANT_TITLE = Text("Which one?", "是哪一个？")
_MEANT = Text(
    "Some names were not clear. The numbers of those that you meant, or Enter:",
    "有些名称不明确。请输入所指的编号，没有则按回车：",
)
_FREE: tuple[tuple[str, Text, Text], ...] = (
    (
        "bills",
        Text("phone and card bills", "话费与银行卡账单"),
        Text(
            "Look at your phone bills and at the statements of your cards, bank and payment apps: who takes money, who is paid regularly? Their names, separated by commas.",
            "请查看话费账单、银行卡与支付应用的账单：谁在扣款，定期付款给谁？写下名称，用逗号分隔。",
        ),
    ),
    (
        "apps",
        Text("installed apps", "已安装的应用"),
        Text(
            "Look at the apps on your phone, tablet and computer: which of them did you sign in to? Their names, separated by commas.",
            "请查看手机、平板和电脑上的应用：登录过哪些？写下名称，用逗号分隔。",
        ),
    ),
    (
        "browser",
        Text("logins in your browser", "浏览器保存的登录"),
        Text(
            "Open the saved passwords of your browser (its settings, “Passwords”): which sites stand there? Better still, export them and run: migrate discover --passwords FILE",
            "打开浏览器保存的密码（设置里的“密码”）：有哪些网站？更好的办法是导出后运行：migrate discover --passwords 文件",
        ),
    ),
    (
        "sso",
        Text("signed in through another account", "用其他帐号登录的服务"),
        Text(
            "Where do you sign in with QQ, WeChat, Weibo, Google, Apple or Facebook? In those accounts' settings there is a list of connected apps. Names, separated by commas.",
            "哪些服务是用 QQ、微信、微博、Google、Apple 或 Facebook 登录的？这些帐号的设置里有“授权管理”列表。写下名称，用逗号分隔。",
        ),
    ),
)
