"""What a person sets up in the old mailbox while it lives: forwarding and an automatic reply; guided by text, done by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from readdress.errors import UsageError
from readdress.models import MailboxConfig, OldState, Side, Text
from readdress.models.events import fact

if TYPE_CHECKING:
    from readdress.mailbox.preset import Source
    from readdress.workflow.migration import Migration

FORWARDING, REPLYING = "forwarding", "auto_reply"
"""Facts that say since which day the person has set these up."""


@dataclass(frozen=True, slots=True)
class Guide:
    """How one provider is set up. ``forward`` and ``reply``: what to do; ``sources``: who says so (none for the general text)."""

    provider: str
    forward: Text
    reply: Text
    sources: tuple[Source, ...] = ()


def guide_for(m: Migration) -> Guide:
    """The text for the old mailbox's provider. Raises :class:`~readdress.errors.UsageError` where OLD is gone."""
    state, _ = m.state.old_state()
    if state != OldState.ALIVE:
        raise UsageError(
            "The old mailbox receives nothing any more, so there is nothing to forward.",
            todo="Tell people yourself: migrate people. If it still receives mail: migrate old alive",
        )
    from readdress.mailbox.presets import preset_for, preset_of

    config = m.state.mailbox(Side.OLD) or MailboxConfig(str(m.header.old))
    preset = preset_of(config) or preset_for(str(m.header.old))
    return guides().get(preset.name if preset else "", _GENERAL)


def auto_reply(old: str, new: str) -> Text:
    """The text of the automatic reply: short, and nothing that a stranger could misuse but the new address itself."""
    return Text(
        f"I am leaving {old}. Please write to {new} from now on, and change it in your address book. "
        "This is an automatic reply; it asks for nothing else.",
        f"我将停用 {old}。今后请写信到 {new}，并更新通讯录。这是自动回复，没有其他请求。",
    )


def set_up(m: Migration, *, forwarding: bool, replying: bool) -> list[str]:
    """Keep that the person has set these up today. Returns the names that were kept."""
    today = m.adapters.the_clock().now().date().isoformat()
    names = [name for name, yes in ((FORWARDING, forwarding), (REPLYING, replying)) if yes]
    if names:
        m.record(*(fact(name, today) for name in names))
    return names


CAUTIONS = (
    Text(
        "Keep a copy in the old mailbox: forwarded mail can be lost, and `migrate watch` reads both.",
        "请在旧邮箱保留副本：转发可能丢信，而且 migrate watch 会读取两个邮箱。",
    ),
    Text(
        "Forwarding is no move: services still write to the old address, and it ends with it. Accounts are moved one by one: migrate plan",
        "转发不等于迁移：服务仍在给旧地址发信，旧邮箱失效时转发也随之失效。账号需逐个迁移：migrate plan",
    ),
    Text(
        "An automatic reply tells everybody who writes, spammers too, that the new address exists. Restrict it to your contacts if that is offered.",
        "自动回复会把新地址告诉所有来信者，包括垃圾邮件发送者。如有“仅回复联系人”选项，请勾选。",
    ),
)
_REPLY = Text(
    "Look in the settings for an automatic reply (vacation, out of office), set no end, and paste the text below.",
    "在设置中查找“自动回复”（假期回复），不设结束时间，粘贴下面的文字。",
)
_GENERAL = Guide(
    "",
    Text(
        "Look in the settings of the old mailbox for forwarding (or for a rule that forwards all mail). Whether it offers that is not known. "
        "Give the new address, keep a copy, and confirm with the code or link that may come to the new mailbox.",
        "在旧邮箱的设置中查找“自动转发”（或转发全部来信的收信规则）。是否提供此功能尚不清楚。填写新地址，保留副本，如新邮箱收到确认码或链接请完成确认。",
    ),
    _REPLY,
)


def guides() -> dict[str, Guide]:
    """What is known, by the preset's name."""
    from readdress.mailbox.preset import Source

    found = (
        Guide(
            "gmail",
            Text(
                "In a browser: Settings → “Forwarding and POP/IMAP” → “Add a forwarding address”. Confirm with the code or link that comes to the new "
                "mailbox, then choose “Forward a copy of incoming mail to …” and keep Gmail's copy in the inbox. Save.",
                "在网页版：设置 → “转发和 POP/IMAP” → “添加转发地址”。用新邮箱收到的确认码或链接完成确认，再选择“将收到的邮件副本转发到……”，并在收件箱保留副本。保存更改。",
            ),
            _REPLY,
            (
                Source(
                    "https://www.pc-freak.net/files/gmail_mail_forwarding_howto.txt",
                    "a copy of the provider's own text: the tab, the confirmation, one address at a time, what becomes of the copy",
                    "consistent",
                ),
                Source(
                    "https://helpdesk.birdvilleschools.net/hc/en-us/articles/115004327614-Forward-Gmail-to-BISD-Email-Account",
                    "the same steps, with the confirmation code",
                    "consistent",
                ),
            ),
        ),
        Guide(
            "outlook",
            Text(
                "In a browser: Settings → Mail → Forwarding → enable it, give the new address, keep a copy, save. A confirmation may come to the new mailbox.",
                "在网页版：设置 → 邮件 → 转发 → 启用，填写新地址，保留副本并保存。新邮箱可能收到确认邮件。",
            ),
            _REPLY,
            (
                Source(
                    "https://knowledge.caresquare.au/en/articles/15252407-how-to-set-up-auto-forwarding-from-outlook-to-caresquare",
                    "Settings → Mail → Forwarding on the web; at work or school an administrator may have to allow it",
                    "consistent",
                ),
                Source(
                    "https://theplants.site/guide-to-enabling-automatic-email-forwarding-in-outlook/",
                    "the same path; a confirmation code, and keeping a copy",
                    "single",
                ),
            ),
        ),
        Guide(
            "qq",
            Text(
                "Single reports only: in the settings there is 邮件自动转发 (automatic forwarding); choose 保留在本邮箱中 (keep in this mailbox). If it is not there, "
                "look among 收信规则 (rules). Do not rely on it: it ends with the number.",
                "仅有个别资料提到：设置中有“邮件自动转发”，原邮件操作选“保留在本邮箱中”。如果没有，请在“收信规则”中查找。不要依赖它：QQ 号失效时转发也失效。",
            ),
            Text(
                "A single report: Settings → 常规 → 假期自动回复 (automatic reply); restrict it to contacts there. Paste the text below.",
                "仅有个别资料提到：设置 → 常规 → 假期自动回复，可勾选仅回复联系人。粘贴下面的文字。",
            ),
            (
                Source(
                    "https://lzwjava.github.io/email-forwarding-setup-en",
                    "a page of 2026-04 made with an AI: 邮件自动转发 and the three choices for the original",
                    "single",
                ),
                Source("https://php.wlsqs.com/faq/1908212.html", "where 假期自动回复 is, and its choices", "single"),
            ),
        ),
    )
    return {guide.provider: guide for guide in found}
