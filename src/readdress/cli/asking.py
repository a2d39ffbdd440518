"""Asks a person at a terminal, in plain words, what they still hold."""

from __future__ import annotations

from collections.abc import Mapping

import click

from readdress.models import Text

# factor → the question; the common ones first
_QUESTIONS: tuple[tuple[str, Text, Text], ...] = (
    (
        "password",
        Text(
            "Do you know the passwords of your accounts, or does a program?",
            "您知道各账号的密码吗（或由程序保存）？",
        ),
        Text("Do you know its password?", "您知道它的密码吗？"),
    ),
    (
        "phone",
        Text("Is a phone number that you still have entered in your accounts?", "各账号中登记的手机号您还在用吗？"),
        Text("Is a phone number that you still have entered there?", "那里登记的手机号您还在用吗？"),
    ),
    (
        "session",
        Text("Is some phone or computer still signed in to all of them?", "是否有手机或电脑仍登录着所有这些账号？"),
        Text("Is some phone or computer still signed in there?", "是否有手机或电脑仍登录着它？"),
    ),
    (
        "trusted_device",
        Text(
            "Do you have a phone or computer on which you used them before?", "您还有以前用过这些账号的手机或电脑吗？"
        ),
        Text("Do you have a phone or computer on which you used it before?", "您还有以前用过它的手机或电脑吗？"),
    ),
    (
        "totp",
        Text("Do you have an authenticator app that shows codes for them?", "您有为它们显示验证码的身份验证器应用吗？"),
        Text("Do you have an authenticator app that shows codes for it?", "您有为它显示验证码的身份验证器应用吗？"),
    ),
    (
        "passkey",
        Text(
            "Do you have passkeys for them (finger, face, security key)?",
            "您有它们的通行密钥吗（指纹、面容、安全密钥）？",
        ),
        Text(
            "Do you have a passkey for it (finger, face, security key)?",
            "您有它的通行密钥吗（指纹、面容、安全密钥）？",
        ),
    ),
    (
        "recovery_code",
        Text("Do you have recovery codes for them, on paper or in a file?", "您有它们的恢复代码吗（纸上或文件中）？"),
        Text("Do you have a recovery code for it, on paper or in a file?", "您有它的恢复代码吗（纸上或文件中）？"),
    ),
    (
        "identity_document",
        Text(
            "Do you have an identity document in your name (card, passport)?",
            "您有本人的身份证件吗（身份证、护照）？",
        ),
        Text("Do you have an identity document in the name of that account?", "您有该账号实名对应的身份证件吗？"),
    ),
)
_SSO = Text(
    "Do you sign in there with another service? Its id (qq, google …) or Enter",
    "您是否用其他服务登录它？请输入编号（qq、google 等），没有则按回车",
)
_WHERE = Text("Where (phone, laptop …)", "在哪里（手机、笔记本电脑等）")
_KEYS = Text("Answer y or n; Enter leaves it as it is.", "请回答 y（是）或 n（否）；回车表示不变。")
_RECOVERY = Text(
    "If you lost the password of the new mailbox, what would bring it back?",
    "如果丢失新邮箱的密码，用什么找回？",
)
_RECOVERIES = Text(
    "old (the old mailbox), phone, other (a third mailbox, codes) or none",
    "old（旧邮箱）、phone（手机）、other（第三个邮箱、恢复代码）或 none（没有）",
)
_SECOND = Text("Does the new mailbox ask for a second factor besides its password?", "新邮箱除密码外还需要二次验证吗？")
_YES, _NO = {"y", "yes", "是"}, {"n", "no", "否"}


def ask_factors(lang: str, before: Mapping[str, bool], name: str = "") -> tuple[list[str], list[str], str]:
    """What is held, what is not, and where a session lives. ``before``: what is known; ``name``: the one account spoken of."""
    held: list[str] = []
    lacks: list[str] = []
    where = ""
    click.echo(f"{f'{name}: ' if name else ''}{_KEYS.to(lang)}")
    for factor, general, own in _QUESTIONS:
        answer = _yes_no((own if name else general).to(lang), before.get(factor))
        if answer is None:
            continue
        (held if answer else lacks).append(factor)
        if factor == "session" and answer:
            where = _text(_WHERE.to(lang))
    if name:
        service = _text(_SSO.to(lang)).lower()
        held += [f"sso:{service}"] if _is_service(service) else []
    return held, lacks, where


def ask_new(lang: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """What brings NEW back, and whether it asks for a second factor; ``""`` where nothing was answered."""
    click.echo(f"{_RECOVERY.to(lang)}\n  {_RECOVERIES.to(lang)}")
    recovery = ""
    while True:
        text = _text(f"[{facts.get('new:recovery', '?')}]").lower()
        if text in {"", "old", "phone", "other", "none"}:
            recovery = text
            break
    known = {"yes": True, "no": False}.get(facts.get("new:second_factor", ""))
    second = _yes_no(_SECOND.to(lang), known)
    return recovery, {True: "yes", False: "no", None: ""}[second]


def _is_service(text: str) -> bool:
    from readdress.models import is_factor

    return bool(text) and is_factor(f"sso:{text}")


def _yes_no(question: str, known: bool | None) -> bool | None:  # noqa: FBT001 - the known answer
    shown = {True: "y", False: "n", None: "?"}[known]
    while True:
        text = _text(f"{question} [{shown}]").lower()
        if not text:
            return None
        if text in _YES | _NO:
            return text in _YES


def _text(prompt: str) -> str:
    return str(click.prompt(prompt, default="", show_default=False)).strip()
