"""The generic recipe: a service that has no recipe of its own, as one in memory, built from what the catalogue of services knows.

It promises little: it opens the best known page, says what to look for, and leaves the rest to the person and to the service's mail.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path
from typing import Any

from readdress.errors import RecipeError
from readdress.i18n.clean import clean
from readdress.models import Slot, Text
from readdress.recipe.fields import host_matches
from readdress.recipe.imported import is_domain, is_url
from readdress.recipe.pack import Pack
from readdress.recipe.schema import Recipe
from readdress.recipe.service import Service

ORIGIN = "catalogue"
"""``Pack.origin`` of a generic recipe: such a one is run by :class:`readdress.engine.guided.Guided`."""
CHECKED = date(2026, 11, 24)  # when the project's own catalogue was gone through
ANSWER = "answer"
CHANGE, READ_BACK, WROTE = "change_address", "read_back", "wrote_to_new"
_NO_FOLDER = Path("catalogue")
_MOST_HOSTS = 12
_PASSWORD_PAGE = re.compile(r"passw|pwd|reset|recover|credential", re.IGNORECASE)


def is_generic(pack: Pack) -> bool:
    """Whether a recipe was built by :func:`generic_recipe`."""
    return pack.origin == ORIGIN


def generic_recipe(service: Service, *, provider: bool = False) -> Pack:
    """A recipe for a service of the catalogue, or for a bare domain. ``provider``: others are signed in with it.

    Its steps: change the address on the service's own page, look that it stands there, wait for the service's first mail to NEW. That mail
    is what proves anything (``confirmed``); the person's word alone stays ``claimed``. Raises :class:`RecipeError` for software on many
    sites, where no page is known.
    """
    entry = service.entry
    if service.software or not service.domains or not is_url(entry):
        raise RecipeError(
            f"{service.name.en} runs on many sites, and there is no recipe for it.",
            todo="Name the site's own domain in place of the program, like forum.example.org.",
        )
    name = Text(_plain(service.name.en), _plain(service.name.zh))
    data = _data(service, name, entry, provider=provider)
    recipe = Recipe.model_validate(data).model_copy(update={"id": service.id})
    mark = hashlib.sha256(recipe.model_dump_json(by_alias=True).encode()).hexdigest()
    return Pack(recipe, _NO_FOLDER, mark, origin=ORIGIN)


def bindable(service: Service) -> list[str]:
    """The domains from which mail may be taken for the service's once the person has said so: never where people have mailboxes."""
    return [d for d in service.domains if d not in service.personal and is_domain(d)]


def _data(service: Service, name: Text, entry: str, *, provider: bool) -> dict[str, Any]:
    slot = Slot.SIGN_IN if not service.sign_in or "password" in service.sign_in else Slot.CONTACT
    home = entry if entry.startswith("https://") else f"https://{service.domains[0]}/"
    domains = bindable(service)
    hosts = _hosts(home, service.domains)
    senders = [s for s in service.senders if "@" in s and not any(c in s for c in " {}*<>")]
    return {
        "format": 1,
        "id": "generic",
        "name": {"en": name.en, "zh": name.zh},
        "category": service.category,
        "home": home,
        "hosts": hosts,
        "browser": "own",
        "browser_why": _WHY,
        "slots": [slot.value],
        "rides": list(service.rides),
        "site": {"required": False},
        "checked": CHECKED.isoformat(),
        "proof": "documents",
        "sources": _sources(service, home),
        "unknown": [{"id": "way", "text": _filled(_UNKNOWN, name)}],
        "detect": {"senders": senders, "domains": domains},
        "mail": [
            {"id": ANSWER, "to": "new", "from": [*senders, "*@{site}"], "notice": True, "never": ["/**"]},
        ],
        "access": {
            "sign_in": [{"needs": [f], "grade": "unknown"} for f in service.sign_in],
            "supplies": [f"sso:{service.id}"] if provider and "." not in service.id else [],
        },
        "route": [
            {
                "id": "guided",
                "title": _filled(_ROUTE, name),
                "slots": [slot.value],
                "needs": ["session"],
                "change": "replace_pending",
                "warn": _filled(_WARN, name),
                "sources": ["catalogue"],
                "step": _steps(service, name, home, slot),
            }
        ],
    }


def _steps(service: Service, name: Text, home: str, slot: Slot) -> list[dict[str, Any]]:
    near = _PASSWORD if _PASSWORD_PAGE.search(service.account) else _LOOK
    change = [near if service.account else _SEARCH, _CHANGE]
    if service.rides:
        change.append(
            Text(_RIDES.en + _listed(service.rides, ", ") + ".", _RIDES.zh + _listed(service.rides, "、") + "。")
        )
    if service.mails_codes:
        change.append(_CODES)
    if any(f.startswith("sso:") for f in service.sign_in):
        change.append(_SSO)
    return [
        {
            "id": CHANGE,
            "title": _filled(_CHANGE_TITLE, name),
            "manual": _filled(_text(*change), name),
            "open": home,
            "slot": slot.value,
            "reaches": "submitted",
            "expects": ANSWER,
            "sources": ["catalogue"],
        },
        {
            "id": READ_BACK,
            "kind": "read_back",
            "title": _filled(_READ_TITLE, name),
            "manual": _filled(_READ, name),
            "slot": slot.value,
            "reaches": "read_back",
        },
        {
            "id": WROTE,
            "kind": "ask",
            "once": False,
            "title": _filled(_WROTE_TITLE, name),
            "manual": _filled(_WROTE, name),
            "slot": slot.value,
            "reaches": "confirmed",
            "uses": ANSWER,
        },
    ]


def _sources(service: Service, home: str) -> list[dict[str, Any]]:
    if service.origin == "bare":
        says = f"Nothing is known of {service.id} but its domain; its front page is where to begin."
        return [{"id": "catalogue", "url": home, "says": says, "grade": "weak"}]
    who = {"own": "readdress's own catalogue", "imported": "your imported copy"}.get(
        service.origin, "the recipes at hand"
    )
    named = f"; named by {', '.join(service.named_by)} too" if service.named_by else ""
    says = f"Catalogue entry “{service.id}” of {who}{named}. It names the service and its domains; how an address is changed there it does not say."
    found = [{"id": "catalogue", "url": home, "says": says, "grade": service.grade}]
    if service.account and service.account_by:
        says = f"The public set “{service.account_by}” points to this page for the account's settings or password."
        found.append({"id": "page", "url": service.account, "says": says, "grade": "single"})
    return found


def _hosts(home: str, domains: tuple[str, ...]) -> list[str]:
    host = home.partition("://")[2].partition("/")[0].lower()
    patterns = [p for d in domains[:_MOST_HOSTS] for p in (d, f"*.{d}")]
    name, _, port = host.partition(":")
    return patterns if any(host_matches(p, name, int(port or 443)) for p in patterns) else [host, *patterns]


def _plain(name: str) -> str:
    """A name as it may stand in sentences: it may come from outside, so nothing in it is a placeholder or a control character."""
    return clean(name, 80).replace("{", "(").replace("}", ")") or "?"


def _listed(words: tuple[str, ...], comma: str) -> str:
    return comma.join(_plain(w) for w in words[:6])


def _text(*parts: Text) -> Text:
    return Text(" ".join(p.en for p in parts), "".join(p.zh for p in parts))


def _filled(text: Text, name: Text) -> dict[str, str]:
    """The text with the service's name; ``{old}`` and ``{new}`` stay for the engine."""
    return {"en": text.en.replace("{name}", name.en), "zh": text.zh.replace("{name}", name.zh)}


_WHY = {
    "en": "Nobody has looked at this service's pages for readdress: it is done in your own browser, with your own eyes.",
    "zh": "没有人为 readdress 检查过该服务的页面：请在您自己的浏览器中操作并亲自核对。",
}
_UNKNOWN = Text(
    "How does {name} change an address, what does it ask for, and which mails does it send? Nobody has checked.",
    "{name} 如何更改邮箱、需要什么验证、会发送哪些邮件？没有人核对过。",
)
_ROUTE = Text("Guided: you change it, the service's mail proves it", "引导操作：由您更改，以服务发来的邮件为证")
_WARN = Text(
    "How {name} goes about it nobody has checked. It may take the old address away at once.",
    "{name} 的具体做法没有人核对过，旧邮箱可能会立即失效。",
)
_LOOK = Text(
    "Sign in. The page that was opened should be the account's settings; look there, or under “Profile”, “Security” or “Sign-in”, for “Email” or “Contact”.",
    "请登录。打开的应是账号设置页；请在其中或“个人资料”“安全”“登录方式”里找到“邮箱”“电子邮件”或“联系方式”。",
)
_PASSWORD = Text(
    "Sign in. The page that was opened is where the password is changed; the address is near it: look under “Account”, “Profile” or “Security” for “Email” or “Contact”.",
    "请登录。打开的是修改密码的页面，邮箱设置就在附近：请在“账号”“个人资料”“安全”里找到“邮箱”“电子邮件”或“联系方式”。",
)
_SEARCH = Text(
    "Only the front page is known. Sign in, open the account's settings (often behind your name or picture: “Account”, “Profile”, “Security”) and look for “Email” or “Contact”.",
    "只知道首页。请登录并打开账号设置（通常点击您的名字或头像：“账号”“个人资料”“安全”），找到“邮箱”“电子邮件”或“联系方式”。",
)
_CHANGE = Text(
    "Put {new} in place of {old}, or add it and make it the main one, and save. A code or link that comes by mail is used only on {name}'s own page; you open it yourself.",
    "将 {old} 改为 {new}，或添加后设为主邮箱，并保存。邮件中的验证码或链接只在 {name} 自己的页面上使用，由您自己打开。",
)
_RIDES = Text("The same account serves ", "同一账号还用于：")
_CODES = Text(
    "It can send sign-in codes by mail: change the address for those as well.",
    "它可能通过邮件发送登录验证码：也请更改接收验证码的邮箱。",
)
_SSO = Text(
    "If you sign in there through another service, set a password or a phone number first, so that you keep a way in.",
    "如果您通过其他服务登录，请先设置密码或手机号，以保留登录方式。",
)
_CHANGE_TITLE = Text("Change the address at {name}", "在 {name} 更改邮箱")
_READ_TITLE = Text("Look that the new address stands there", "核对新邮箱是否已生效")
_READ = Text(
    "If {name} has written to {new} or {old}, open that mail yourself and do what it asks, unless it offers to undo the change. Then load the settings again: {new} must stand there, letter for letter, and not as “pending” or “unverified”.",
    "如果 {name} 向 {new} 或 {old} 发了邮件，请自己打开并按要求操作（“撤销更改”除外）。然后重新打开设置页：应显示 {new}，请逐个字符核对，且没有“待验证”“未验证”字样。",
)
_WROTE_TITLE = Text("The service writes to the new address", "服务向新邮箱发信")
_WROTE = Text(
    "Nothing to do: the first mail of {name} to {new} since the change confirms it.",
    "无需操作：更改之后 {name} 发往 {new} 的第一封邮件即为确认。",
)
