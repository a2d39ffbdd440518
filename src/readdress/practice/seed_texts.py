"""The words of the mail that fills the old mailbox before a rehearsal: invented, in English and Chinese.

`{name}`, `{login}`, `{domain}`, `{url}` and `{old}` are filled in per site. A line is (days before now, kind, subject, text).
The kinds say what a message is evidence of; `noise…` must never become an account.
"""

from __future__ import annotations

Line = tuple[int, str, str, str]

# fmt: off
COMMON: dict[str, tuple[Line, ...]] = {
    "en": (
        (2900, "verify", "[{name}] Please Confirm Your Email Address",
         "Hello from {name}!\n\nTo confirm this is correct, go to {url}/accounts/confirm-email/MQ:1aBcDe/\n"),
        (2899, "welcome", "Welcome to {name}, {login}!",
         "Hi {login},\n\nyour account is ready. Sign in with {old} at {url}/ .\n"),
        (2120, "newsletter", "{name}: our summer round-up",
         "The best of the season, picked for you.\n\nUnsubscribe: https://{domain}/unsubscribe?u={login}\n"),
        (1710, "reset", "Reset your {name} password",
         "You asked to reset the password of {login}.\n\n{url}/accounts/password/reset/key/1-abc/\n"),
        (1709, "security", "Your {name} password was changed",
         "The password of your account {login} was changed. Not you? https://{domain}/help\n"),
        (1105, "newsletter", "{name} turns another year older – thank you",
         "A short letter from all of us. Unsubscribe: https://{domain}/unsubscribe?u={login}\n"),
        (640, "security", "New sign-in to your {name} account",
         "A new sign-in to {login} from Firefox on Linux. If this was you, there is nothing to do.\n"),
        (410, "notice", "Changes to the {name} terms of service",
         "Dear {login}, from next month new terms apply to your account.\n"),
        (96, "newsletter", "What you missed on {name}",
         "Twelve new things since your last visit. Unsubscribe: https://{domain}/unsubscribe?u={login}\n"),
        (17, "security", "Your {name} sign-in code was not used",
         "A sign-in code for {login} was asked for and has run out. You need not do anything.\n"),
    ),
    "zh-hans": (
        (2700, "verify", "[{name}] 请确认您的Email地址",
         "您好：\n\n请点击下面的链接完成邮箱验证：\n{url}/accounts/confirm-email/MQ:1aBcDe/\n"),
        (2699, "welcome", "欢迎加入{name}",
         "亲爱的 {login}：\n\n您已使用 {old} 成功注册{name}账号。\n"),
        (2010, "newsletter", "{name}本月新书推荐", "为您挑选的十本新书。退订：https://{domain}/unsubscribe\n"),
        (1600, "reset", "{name}密码重置", "您正在重置账号 {login} 的密码，验证码：385201，30 分钟内有效。\n"),
        (1599, "security", "【{name}】您的密码已修改", "您的账号 {login} 的登录密码已修改。如非本人操作，请联系客服。\n"),
        (830, "security", "【{name}】异地登录提醒", "您的账号 {login} 于上海市登录。如非本人操作，请尽快修改密码。\n"),
        (420, "notice", "{name}用户协议更新通知", "尊敬的用户：\n\n我们更新了用户协议，将于下月一日生效。\n"),
        (60, "newsletter", "这个周末读什么？｜{name}", "编辑部的三个建议。退订：https://{domain}/unsubscribe\n"),
    ),
}

EXTRA: dict[str, tuple[Line, ...]] = {
    "forum": (
        (1500, "activity", "Re: Which saw for green oak? – new reply on {name}", "robin wrote: …\n"),
        (800, "activity", "You were mentioned on {name}", "@{login} what do you think?\n"),
        (33, "activity", "Your post got 25 thanks on {name}", "Well done, {login}.\n"),
    ),
    "shop": (
        (1900, "receipt", "Your {name} order #10421", "Thank you, {login}. 1 × brass lantern, $34.00. Total $39.50.\n"),
        (1897, "receipt", "Your {name} order #10421 has shipped", "Parcel 555-0142 is on its way.\n"),
        (720, "receipt", "Receipt for your {name} order #20244", "2 × wick, $8.00. Paid by card ending 0199.\n"),
        (45, "receipt", "Invoice 2026-0917 from {name}", "Total $61.20. Download: https://{domain}/invoices/917\n"),
        (44, "notice", "How did we do? Rate your {name} order", "It takes one minute.\n"),
    ),
    "notes": (
        (1300, "activity", "A notebook was shared with you on {name}", "“Trip plans” is now in your account {login}.\n"),
        (210, "receipt", "Your {name} subscription renewed", "Slate Plus, one year, $24.00.\n"),
    ),
    "cloud": (
        (1000, "receipt", "{name} invoice HC-3310", "50 GB, one year: $12.00. Account {login}.\n"),
        (635, "receipt", "{name} invoice HC-4471", "50 GB, one year: $12.00. Account {login}.\n"),
        (270, "receipt", "{name} invoice HC-5893", "50 GB, one year: $14.00. Account {login}.\n"),
        (21, "notice", "Your {name} storage is almost full", "You have used 47.1 of 50 GB.\n"),
    ),
    "reader": (
        (1200, "receipt", "【{name}】订单支付成功", "订单号 20230811004，金额 ¥36.00。\n"),
        (390, "receipt", "【{name}】电子发票", "您的电子发票已开具，金额 ¥128.00。\n"),
        (25, "receipt", "【{name}】会员自动续费成功", "账号 {login}，金额 ¥15.00，有效期一个月。\n"),
    ),
}
"""What each practice site wrote besides, by its id."""

FRIENDS: tuple[tuple[int, str, str, str, str], ...] = (
    (1450, "Robin Vale", "robin@friends.example.net", "have you seen Pine Forum?",
     "You should sign up at forum-practice.test, welcome to the club!\nRobin\n"),
    (700, "Robin Vale", "robin@friends.example.net", "Re: dinner on Friday",
     "Ordered from Lantern Shop last week, the order came broken. See you at 7.\n"),
    (300, "白杨", "baiyang@friends.example.net", "周末爬山", "我在青藤读书注册了一个账号，你也来吧。周六早上七点见。\n"),
    (12, "白杨", "baiyang@friends.example.net", "Re: 周末爬山", "验证码收到了，谢谢！\n"),
)

DEALS: tuple[tuple[int, str], ...] = (
    (900, "Maple Deals: 40% off boots this week"),
    (500, "Last chance – Maple Deals winter sale"),
    (240, "Your neighbours love Maple Deals"),
    (15, "Maple Deals: free shipping ends tonight"),
)
"""A shop that found the address somewhere: bulk mail only, no account behind it."""

LIST: tuple[tuple[int, str, str], ...] = (
    (1350, "[garden-talk] Tomatoes and blight", "Has anybody tried copper soap?\n"),
    (1349, "Re: [garden-talk] Tomatoes and blight", "Yes, with little luck.\n"),
    (777, "[garden-talk] New members: please confirm your email address format", "A note on plus-addresses.\n"),
    (130, "[garden-talk] Seed swap in March", "Who is coming?\n"),
    (9, "[garden-talk] Digest, volume 41", "Three new messages.\n"),
)

FORGED: tuple[tuple[int, str, str, str, str, str], ...] = (
    (200, "Junk", "Harbor Cloud", "security@cloud-practice.test", "Your Harbor Cloud account will be closed",
     "Confirm within 24 hours: http://cloud-practice.example.com/accounts/confirm-email/x/\n"),
    (90, "INBOX", "Northbank", "alerts@northbank.example.com", "Verify your Northbank account",
     "Unusual activity. Verify at http://northbank-login.example.org/\n"),
    (28, "INBOX", "Slate Notes", "no-reply@notes-practice.test", "Your verification code is 204417",
     "Somebody is signing in. Send us this code to stop them.\n"),
    (310, "Junk", "财务部", "caiwu@invoice.example.org", "代开发票 13%", "联系电话 555-0173。\n"),
    (77, "Junk", "系统管理员", "admin@mail-upgrade.example.org", "【重要】您的邮箱即将停用，请立即验证账号",
     "http://mail-upgrade.example.org/verify\n"),
    (6, "Junk", "Prize Office", "win@prizes.example.org", "Welcome! Your account has been credited $5,000",
     "Activate your account now.\n"),
)
"""Mail in other people's names: no valid DKIM signature (days, folder, shown name, From, subject, text)."""
