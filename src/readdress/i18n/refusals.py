"""What a service's no means, in Chinese, by its reason: recipes say it in English, and quote the site after a colon."""

from __future__ import annotations

from readdress.i18n.sentences import translate

# reason of readdress.errors.Refused → what it means, what to do
_MEANS: dict[str, tuple[str, str]] = {
    "address_in_use": (
        "网站称该地址已属于另一个账号",
        "请先在那个账号中移除该地址，或改用其他地址，然后运行 migrate resume。",
    ),
    "not_allowed": ("网站不允许进行此更改", "请在网站上查看原因，或联系其客服；之后运行 migrate resume。"),
    "limit": ("网站限制了次数或要求等待", "请到时再运行 migrate resume；提前重试没有用。"),
    "account_locked": (
        "网站已锁定该账号",
        "请在您自己的浏览器中按网站的说明解锁，然后运行 migrate resume。",
    ),
    "wrong_password": ("网站没有接受用户名或密码", "请核对后运行 migrate resume。"),
    "wrong_code": ("网站没有接受验证码", "请核对后运行 migrate resume。"),
    "expired": ("网站称链接或验证码已失效", "请运行 migrate resume，按提示让网站重新发送。"),
    "other": ("网站没有接受此操作", "请在网站上查看原因，然后运行 migrate resume。"),
}


def refused(message: str, todo: str, reason: str, lang: str) -> tuple[str, str]:
    """What is said of a refusal, and what to do, in ``lang``.

    ``message`` and ``todo`` are the recipe's English. In Chinese the reason's own sentence stands for a message that nobody has
    translated; the site's own words after its colon are kept.
    """
    if lang != "zh":
        return message, todo
    means, act = _MEANS.get(reason, _MEANS["other"])
    said = translate(message, lang)
    if said == message:
        quoted = message.partition(": ")[2].strip()
        said = f"{means}：{quoted}" if quoted else f"{means}。"
    do = translate(todo, lang)
    return said, act if do == todo else do
