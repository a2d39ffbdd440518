"""One service as the catalogue of services knows it, the categories, and the project's own catalogue read from its files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from readdress.models import Text

CATEGORIES: dict[str, Text] = {
    "identity": Text("accounts that others sign in with, phones", "身份与手机帐号"),
    "mail": Text("mailboxes", "邮箱"),
    "money": Text("banks, payment, insurance, investing", "银行、支付、保险、投资"),
    "government": Text("government, taxes, social insurance", "政务、税务、社保"),
    "work": Text("work, office, jobs", "工作、办公、求职"),
    "education": Text("study, exams, science", "学习、考试、学术"),
    "social": Text("social networks, chat, dating", "社交、聊天、交友"),
    "shopping": Text("shopping, food", "购物、外卖"),
    "travel": Text("trains, flights, hotels, taxis", "火车、航空、酒店、打车"),
    "utilities": Text("phone, internet, power, parcels, housing", "话费、宽带、水电、快递、住房"),
    "health": Text("health, sports", "医疗、健身"),
    "entertainment": Text("video, music, books, tickets", "视频、音乐、阅读、票务"),
    "gaming": Text("games", "游戏"),
    "developer": Text("programming, servers, domains", "编程、服务器、域名"),
    "news": Text("news, magazines", "新闻、杂志"),
    "other": Text("everything else", "其他"),
}
"""The categories in the order in which they matter when an address is given up, with their names."""

REGIONS = ("cn", "eu", "us", "jp", "kr", "ru", "world")
GROUPED = "apple-shared"
"""In ``named_by``: that its domains share credentials, so all of them are one service."""
Origin = Literal["own", "imported", "recipe", "bare"]
Grade = Literal["strong", "single", "weak"]


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of one service. Empty fields are not known.

    ``domains``: its own, sender domains among them; ``personal``: those of them at which people have mailboxes, where only an exact
    sender speaks for the service. ``senders``: exact addresses, lower case. ``home`` and ``account`` (the page where the account is
    managed), ``recover``, ``close``: https URLs. ``sign_in``: factors, each enough with or without another. ``rides``: products on
    the same account. ``second_factors``: as 2factorauth names them (``email``, ``sms``, ``totp`` …). ``closing``: how hard closing the
    account is, as jdm names it. ``software``: runs on many sites. ``named_by``: public sets that name a domain of it too;
    ``account_by``: the one that gives the account page. ``recipe``: there is a recipe of that id. ``origin``: who knows it.
    """

    id: str
    name: Text
    category: str = "other"
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    home: str = ""
    account: str = ""
    account_by: str = ""
    sign_in: tuple[str, ...] = ()
    rides: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    software: bool = False
    recipe: bool = False
    recover: str = ""
    second_factors: tuple[str, ...] = ()
    close: str = ""
    closing: str = ""
    origin: Origin = "own"

    @property
    def grade(self) -> Grade:
        """How well its domains are supported: by two or more public sets, by one, or by general knowledge alone."""
        sets = {n for n in self.named_by if n != GROUPED} or set(self.named_by)
        return "strong" if len(sets) > 1 else "single" if sets else "weak"

    @property
    def entry(self) -> str:
        """The best known page to begin at: the account page, else the front page, else the first domain; ``""`` for software."""
        if self.account or self.home:
            return self.account or self.home
        return f"https://{self.domains[0]}/" if self.domains else ""

    @property
    def mails_codes(self) -> bool:
        """Whether it is known to send second factors by mail: whoever loses the mailbox loses those."""
        return "email" in self.second_factors

    def covers(self, host: str) -> bool:
        """Whether ``host`` is one of its domains or lies below one."""
        return any(host == d or host.endswith("." + d) for d in self.domains)


def own_folder() -> Path:
    """Where the project's own catalogue lies: one TOML file a category, part of the package."""
    return Path(__file__).parent / "services"


def own_services(folder: Path | None = None) -> list[Service]:
    """The project's own catalogue, in the order of the categories and of the files. About 40 ms."""
    place = folder or own_folder()
    found: list[Service] = []
    for category in CATEGORIES:
        path = place / f"{category}.toml"
        if path.is_file():
            found += _in_file(path)
    return found


def _in_file(path: Path) -> Iterator[Service]:
    with path.open("rb") as file:
        data = tomllib.load(file)
    category = data["category"]
    for row in data["service"]:
        yield _service(category, row)


def _service(category: str, row: dict[str, Any]) -> Service:
    def words(name: str) -> tuple[str, ...]:
        return tuple(row.get(name, ()))

    return Service(
        row["id"],
        Text(row["name"]["en"], row["name"]["zh"]),
        category,
        aliases=words("aliases"),
        domains=words("domains"),
        personal=words("personal"),
        senders=words("senders"),
        home=row.get("home", ""),
        account=row.get("account", ""),
        account_by=row.get("account_by", ""),
        sign_in=words("sign_in"),
        rides=words("rides"),
        region=words("region"),
        named_by=words("named_by"),
        software=row.get("software", False),
    )
