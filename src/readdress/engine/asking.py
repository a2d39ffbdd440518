"""The questions that the engine asks a person, as data (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from readdress.models import Ask, Choice, Question, Text
from readdress.recipe.schema import Recipe, RecipeStep

DONE = Choice("done", Text("I did it", "我已完成"))
SKIP = Choice("skip", Text("skip this step", "跳过这一步"))
AGAIN = Choice("again", Text("show the page again", "重新打开页面"))
STOP = Choice("stop", Text("stop here, go on later", "先停下，以后继续"))
YES = Choice("yes", Text("yes", "是"))
NO = Choice("no", Text("no", "否"))
LOOK = Choice("look", Text("look again", "再检查一次"))
ONCE = Choice("once", Text("allow it this once", "仅此一次允许"))
ALWAYS = Choice("always", Text("allow it for this service", "此服务一直允许"))


def _question(
    ask: Ask,
    recipe: Recipe,
    step: RecipeStep | None,
    title: Text,
    body: Text,
    choices: Sequence[Choice],
    account: str,
    **more: object,
) -> Question:
    name = f"{account}/{step.id if step else recipe.id}/{ask.value}"
    return Question(
        id=name,
        ask=ask,
        title=title,
        body=body,
        choices=tuple(choices),
        service=recipe.id,
        account=account,
        step=step.id if step else "",
        **more,  # type: ignore[arg-type]
    )


def hand_over(
    recipe: Recipe,
    step: RecipeStep,
    account: str,
    manual: Text,
    why: Text | None,
    url: str,
    place: tuple[int, int] | None = None,
) -> Question:
    """Do this step yourself: its text, why it was handed over, and which of how many steps it is."""
    body = Text(f"{why.en}\n{manual.en}", f"{why.zh}\n{manual.zh}") if why else manual
    choices = [DONE, SKIP, AGAIN, STOP] if step.optional or step.kind == "save" else [DONE, AGAIN, STOP]
    return _question(Ask.HAND_OVER, recipe, step, step.title, body, choices, account, url=url, place=place)


def in_doubt(recipe: Recipe, step: RecipeStep, account: str, detail: str, url: str) -> Question:
    """Did it happen? The one named question after an interruption."""
    name, title = recipe.name, step.title
    body = Text(
        f"readdress was interrupted while it did this at {name.en}: “{title.en}”. It could not see whether it happened"
        + (f" ({detail})" if detail else "")
        + ". Did it?",
        f"在 {name.zh} 执行「{title.zh}」时被中断，无法看出是否已经完成"
        + (f"（{detail}）" if detail else "")
        + "。它完成了吗？",
    )
    return _question(
        Ask.IN_DOUBT,
        recipe,
        step,
        Text("Did it happen?", "是否已完成？"),
        body,
        [YES, NO, LOOK, STOP],
        account,
        url=url,
    )


def consent(recipe: Recipe, step: RecipeStep | None, account: str, body: Text) -> Question:
    """May this be done, by name?"""
    return _question(Ask.CONSENT, recipe, step, Text("Before this is done", "在执行之前"), body, [YES, NO], account)


def paste(recipe: Recipe, step: RecipeStep, account: str, address: str, *, code: bool) -> Question:
    """Paste the code or link of a mail in a mailbox that we cannot read."""
    thing, ding = ("code", "验证码") if code else ("link", "链接")
    body = Text(
        f"{recipe.name.en} has sent a mail to {address}. Paste its {thing} here (the whole {thing}, nothing else).",
        f"{recipe.name.zh} 已向 {address} 发送邮件。请把其中的{ding}完整粘贴到这里。",
    )
    title = Text(f"The {thing} from your mail", f"邮件中的{ding}")
    ask = Ask.CODE if code else Ask.LINK
    return _question(ask, recipe, step, title, body, [STOP], account, text_wanted=True)


def secret(recipe: Recipe, account: str, login: str, name: str) -> Question:
    """A secret, typed unseen and only passed to the page."""
    body = Text(
        f"The {name} of {login or 'your account'} at {recipe.name.en}. It goes only into the page and is not kept. "
        "Leave it empty to type it into the page yourself.",
        f"{recipe.name.zh} 账号 {login} 的密码。只会填入页面，不会保存。留空则由您自己在页面中输入。",
    )
    return _question(
        Ask.SECRET, recipe, None, Text("Password", "密码"), body, [STOP], account, text_wanted=True, hidden=True
    )


def token(recipe: Recipe, account: str, how: Text, host: str) -> Question:
    """The token for a service's own interface, typed unseen, used in this run and not kept."""
    body = Text(
        f"{how.en}\nIt goes only to {host} and is not kept: `migrate secret set` keeps one. Leave it empty to do this step yourself.",
        f"{how.zh}\n它只会发往 {host}，不会保存（保存请用 `migrate secret set`）。留空则由您自己完成这一步。",
    )
    return _question(
        Ask.SECRET, recipe, None, Text("Token", "令牌"), body, [STOP], account, text_wanted=True, hidden=True
    )


def sender(recipe: Recipe, step: RecipeStep, account: str, address: str, site: str) -> Question:
    """First use: is this sender this site's?"""
    body = Text(
        f"A mail that fits came from {address}, with a valid signature. Does {site or recipe.name.en} write from this address? "
        "From then on only this sender is believed for this site.",
        f"收到一封相符的邮件，发件人 {address}，签名有效。{site or recipe.name.zh} 是用这个地址发信吗？之后对该站点只信任这个发件人。",
    )
    return _question(
        Ask.SENDER, recipe, step, Text("Is this the site's sender?", "这是该站点的发件人吗？"), body, [YES, NO], account
    )


def host(recipe: Recipe, step: RecipeStep, account: str, hosts: Sequence[str]) -> Question:
    """The allow-list stopped something that the page may need."""
    listed = ", ".join(hosts)
    body = Text(
        f"The page of {recipe.name.en} wanted to load from {listed}, which its recipe does not name, so it was stopped. "
        "Allow it to be loaded (nothing is ever typed there)?",
        f"{recipe.name.zh} 的页面想从 {listed} 加载内容，配方中没有列出，因此被拦截。是否允许加载（不会向其输入任何内容）？",
    )
    return _question(
        Ask.HOST, recipe, step, Text("A blocked address", "被拦截的地址"), body, [ONCE, ALWAYS, NO], account
    )


def which_route(recipe: Recipe, account: str, routes: Sequence[tuple[str, Text]]) -> Question:
    """Which of the service's ways is this account's? Only where no page could tell."""
    body = Text(
        f"{recipe.name.en} changes addresses in more than one way, and its pages did not show which one holds here.",
        f"{recipe.name.zh} 有不止一种更改地址的方式，页面上看不出适用哪一种。",
    )
    choices = [*(Choice(key, label) for key, label in routes), STOP]
    return _question(Ask.CHOOSE, recipe, None, Text("Which way?", "哪一种方式？"), body, choices, account)


def pause(recipe: Recipe, step: RecipeStep, account: str) -> Question:
    """Shall the next step be done? Only where the person asked to watch."""
    go = Choice("next", Text("go on", "继续"))
    return _question(Ask.CHOOSE, recipe, step, Text("Next step", "下一步"), step.title, [go, STOP], account)


def send_a_mail(address: str) -> Question:
    """Prove that NEW receives mail, before an address is replaced by it."""
    body = Text(
        f"Before an address is replaced, {address} must be seen to receive mail. Send any mail to it now (from another mailbox, "
        "or from itself); it is watched for.",
        f"在替换地址之前，必须先确认 {address} 能收到邮件。请现在从任意邮箱给它发一封邮件，我们会等待它到达。",
    )
    return Question(
        id=f"new-mailbox/{address}",
        ask=Ask.HAND_OVER,
        title=Text("Does the new mailbox receive mail?", "新邮箱能收信吗？"),
        body=body,
        choices=(Choice("done", Text("I sent it", "已发送")), STOP),
    )


def factors(recipe: Recipe, account: str, offered: Sequence[tuple[str, Text]]) -> Question:
    """Which other way in does the person hold?"""
    body = Text(
        f"{recipe.name.en} replaces the address instead of adding one: should something go wrong, you need another way in. "
        "Which of these do you hold for this account?",
        f"{recipe.name.zh} 会直接替换地址而不是新增。万一出错，您需要另一种登录方式。此账号您还持有哪一种？",
    )
    choices = [Choice(key, label) for key, label in offered]
    return _question(
        Ask.CHOOSE,
        recipe,
        None,
        Text("Another way in", "另一种登录方式"),
        body,
        [*choices, Choice("none", Text("none of them", "都没有"))],
        account,
    )
