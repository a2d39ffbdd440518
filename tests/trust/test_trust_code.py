"""The code of a mail among its look-alikes: a table of what is one and what is none."""

from __future__ import annotations

import pytest

from readdress.recipe.schema import CodeRule
from readdress.trust import code
from readdress.trust.caps import Meter
from readdress.trust.markup import read
from readdress.trust.verdict import Miss, Reason, Token

SIX = CodeRule(length=[6])
SIX_NEAR = CodeRule(length=[6], near=["code", "验证码"])
FOUR = CodeRule(length=[4], near=["code", "验证码"])
SEVEN = CodeRule(length=[6, 7], near=["Security code"])
EIGHT = CodeRule(length=[8], near=["code"])
SHAPE = CodeRule(shape="XXXX-XXXX", alphabet="letters", near=["code", "验证码"])
ALNUM5 = CodeRule(length=[5], alphabet="alnum", near=["認証コード", "code"])
LETTERS6 = CodeRule(length=[6], alphabet="letters", near=["code"])
HEX8 = CodeRule(length=[8], alphabet="hex", near=["code"])
GOOGLE = CodeRule(shape="G-XXXXXX", near=["code"])

# rule, subject, text, the code (None: no code, "?": ambiguous)
SNIPPETS: list[tuple[CodeRule, str, str, str | None]] = [
    # announced plainly, in several languages
    (SIX_NEAR, "", "Verification code: 482913", "482913"),
    (SIX_NEAR, "", "Your code is 482913.", "482913"),
    (SIX_NEAR, "", "Your code is\n482913\nIt lives 10 minutes.", "482913"),
    (SIX_NEAR, "", "Enter this code to go on:\n\n   482913   \n\nThank you", "482913"),
    (SIX_NEAR, "", "Enter the following code within 15 minutes.\nDo not share it.\n482913", "482913"),
    (SIX_NEAR, "482913 is your Shop confirmation code", "Hello", "482913"),
    (SIX_NEAR, "Your Shop code", "482913", "482913"),
    (SIX_NEAR, "", "482913 is your code", "482913"),
    (SIX_NEAR, "", "【某站】您的验证码是482913，5分钟内有效，请勿泄露。", "482913"),
    (SIX_NEAR, "", "验证码：482913。", "482913"),
    (SIX_NEAR, "", "您的验证码为：４８２９１３", "482913"),
    (SIX_NEAR, "", "482913（验证码，10分钟内有效）", "482913"),
    (SIX_NEAR, "", "您正在修改邮箱，验证码\n482913", "482913"),
    (SIX, "", "驗證碼：482913", "482913"),
    (SIX, "", "確認コード：482913\n有効期限は10分です。", "482913"),
    (SIX, "", "認証コードは482913です。", "482913"),
    (SIX, "", "인증번호: 482913", "482913"),
    (SIX, "", "Votre code de vérification est 482913", "482913"),
    (SIX, "", "Ihr Bestätigungscode: 482913", "482913"),
    (SIX, "", "Ваш код: 482913", "482913"),
    (SIX, "", "482913", "482913"),
    # shapes of the code itself
    (SEVEN, "", "Security code: 0819268", "0819268"),
    (SEVEN, "", "Security code: 000000", "000000"),
    (SHAPE, "", "Your code is listed below.\n\nLMZZ-GFJP\n\nThis mail can be ignored.", "LMZZ-GFJP"),
    (SHAPE, "", "您的验证码：LMZZ-GFJP", "LMZZ-GFJP"),
    (SHAPE, "", "Your code is LMZZ\u2011GFJP", "LMZZ-GFJP"),
    (ALNUM5, "", "認証コード：vM8xw", "vM8xw"),
    (ALNUM5, "", "認証コード\nvM8xw", "vM8xw"),
    (ALNUM5, "", "Your code is valid until 12:30", None),
    (ALNUM5, "", "code: vM8xw (not 8 letters)", "vM8xw"),
    (ALNUM5, "", "Enter your code below\nHello", None),
    (LETTERS6, "", "Your code: QWZTKM", "QWZTKM"),
    (LETTERS6, "", "Your code is needed today", None),
    (HEX8, "", "Your code: 0a1b2c3d", "0a1b2c3d"),
    (GOOGLE, "G-482913 is your verification code", "", "G-482913"),
    (SIX_NEAR, "", "code 482 913", "482913"),
    (SIX_NEAR, "", "Your code: 482 913", "482913"),
    (SIX_NEAR, "", "Your code: 482-913", "482913"),
    (SIX_NEAR, "", "Your code:\n4 8 2 9 1 3", "482913"),
    (SIX_NEAR, "", "Your code: 48 29 13", "482913"),
    (SIX_NEAR, "", "Your code: 4\u200b8\u200b2\u200b9\u200b1\u200b3", "482913"),
    (EIGHT, "", "Your code: 4829 1304", "48291304"),
    # look-alikes that are none
    (SIX_NEAR, "", "Your code has a colour: #202123", None),
    (SIX, "", "color:#202123; background-color:#482913", None),
    (FOUR, "", "Your code was sent. Copyright 2026 Shop", None),
    (FOUR, "", "code\n© 2026 Shop", None),
    (FOUR, "", "Your verification code expires on 23 Nov 2026", None),
    (FOUR, "", "Your code: 2026", "2026"),
    (EIGHT, "", "Your code of 20261123 follows", None),
    (EIGHT, "", "code 2026-11-23", None),
    (SIX_NEAR, "", "Order 482913 has shipped. No code is needed.", None),
    (SIX_NEAR, "", "订单号：482913", None),
    (SIX_NEAR, "", "订单号 482913 的验证码是 571204", "571204"),
    (SIX_NEAR, "", "Your code for order #482913 is 571204", "571204"),
    (SIX_NEAR, "", "The code was sent to ann482913@example.com", None),
    (SIX_NEAR, "", "Your code: https://shop.example/c/482913", None),
    (SIX_NEAR, "", "code https://shop.example/?code=482913", None),
    (SIX_NEAR, "", "code: www.shop.example/482913", None),
    (SIX_NEAR, "", "Your code did not come? Call 400 482913", None),
    (SIX_NEAR, "", "Your code did not come? Phone: 482913", None),
    (SIX_NEAR, "", "code +1 555-0142 or +86 482913", None),
    (SIX_NEAR, "", "验证码未收到？客服电话：482913", None),
    (SIX_NEAR, "", "Pay with this code $482913", None),
    (SIX_NEAR, "", "code ¥482,913", None),
    (SIX_NEAR, "", "The code saves you 482913 USD", None),
    (SIX_NEAR, "", "输入验证码可得482913元", None),
    (SIX_NEAR, "", "code 482913.50", None),
    (SIX_NEAR, "", "Your code: v1.482913", None),
    (SIX_NEAR, "", "Your code: 4829134", None),
    (SIX_NEAR, "", "Your code: x482913", None),
    (SIX_NEAR, "", "Zip code: 482913", None),
    (SIX_NEAR, "", "Error code 482913", None),
    (SIX_NEAR, "", "邮政编码 482913", None),
    (SIX_NEAR, "", "Please decode 482913", None),
    (SIX_NEAR, "", "Our town has 482913 people. There is no announcement here.", None),
    (SIX_NEAR, "", "A number without any announcement: 482913", None),
    (SIX_NEAR, "", "", None),
    (SHAPE, "", "Your code is a long-term code", None),
    (SHAPE, "", "This code works in real-time", None),
    # two of equal standing
    (SIX_NEAR, "", "Your code: 482913\nYour code: 571204", "?"),
    (SIX_NEAR, "", "Your codes are 482913 or 571204", "?"),
    (SIX_NEAR, "", "Choose a code: either 482913 or 571204", "?"),
    (SIX_NEAR, "", "Your code\n482913\n571204", "?"),
    (SIX_NEAR, "", "Your code: 482913\nAgain, your code: 482913", "482913"),
]


@pytest.mark.parametrize(("rule", "subject", "text", "want"), SNIPPETS)
def test_snippet(rule: CodeRule, subject: str, text: str, want: str | None) -> None:
    """Each look-alike that was seen in the wild, beside the real thing: the code, none, or "ambiguous", never a guess."""
    got = code.best([subject], [text], rule)
    if want is None or want == "?":
        assert isinstance(got, Miss), got.value if isinstance(got, Token) else got
        assert got.reason is (Reason.AMBIGUOUS if want == "?" else Reason.NO_TOKEN)
    else:
        assert isinstance(got, Token)
        assert got.value == want


@pytest.mark.parametrize(
    ("html", "want"),
    [
        ("<style>.a{color:#202123}</style><p>Your code: <b>482913</b></p>", "482913"),
        ("<p>Your code:</p><div style='font-size:30px;color:#202123'>482913</div>", "482913"),
        (
            "<p>Your code:</p><table><tr><td>4</td><td>8</td><td>2</td><td>9</td><td>1</td><td>3</td></tr></table>",
            "482913",
        ),
        ("<table><tr><td>Code</td><td>482913</td></tr></table>", "482913"),
        ("<p>Your code: <span>482</span><span>913</span></p>", "482913"),
        ("<p>Your code: &#52;82913</p>", "482913"),
        ("<img src='https://cdn.example/482913/0a1b2c.png' alt='code 571204'><p>Your code: 482913", "482913"),
        ("<div style='display:none'>Your code: 571204</div><p>Your code: 482913</p>", "482913"),
        ("<div style='display : none !important'>Your code: 571204</div>", None),
        ("<p style='font-size:0px'>Your code: 571204</p>", None),
        ("<p style='visibility:hidden'>Your code: 571204</p>", None),
        ("<p hidden>Your code: 571204</p>", None),
        ("<p style='color:#fff;background:#ffffff'>Your code: 571204</p>", None),
        ("<p style='max-height:0;overflow:hidden'>Your code: 571204</p>", None),
        ("<p style='opacity:0'>Your code: 571204</p>", None),
        ("<style>.pre{display:none}</style><span class='x pre'>Your code: 571204</span>", None),
        ("<style>@media(max-width:1px){.c{display:none}}</style><p class=c>Your code: 482913</p>", "482913"),
        ("<script>code: 571204</script><!-- code: 571204 --><title>code: 571204</title>", None),
        ("<!--[if mso]>code: 571204<![endif]--><p>code: 482913</p>", "482913"),
        ("<head><title>x</title></head><body>code: 482913", "482913"),
        ("<p>code: 482913<p style=display:none>code: 571204<p>bye", "482913"),
        ("<a href='https://shop.example/482913'>Your code</a>", None),
    ],
)
def test_html(html: str, want: str | None) -> None:
    """Only what a person sees counts: no style, comment, attribute or hidden text gives a code."""
    got = code.best([], [read(html, Meter()).text], SIX_NEAR)
    assert (got.value if isinstance(got, Token) else None) == want


@pytest.mark.parametrize(
    ("rule", "text", "want"),
    [
        (SIX, " 482913\n", "482913"),
        (SIX, "482 913", "482913"),
        (SIX, "４８２９１３", "482913"),
        (SHAPE, "LMZZ-GFJP", "LMZZ-GFJP"),
        (SIX, "48291", None),
        (SIX, "482913x", None),
    ],
)
def test_pasted_alone(rule: CodeRule, text: str, want: str | None) -> None:
    """A person pastes a code bare, with blanks, or in full-width digits."""
    got = code.exactly(text, rule)
    assert (got.value if got else None) == want


def test_parts_that_differ_are_ambiguous() -> None:
    """A plain and an HTML part that announce different codes alike: nothing tells which one is meant."""
    got = code.best([], ["Your code: 482913", "Your code: 571204"], SIX_NEAR)
    assert isinstance(got, Miss)
    assert got.reason is Reason.AMBIGUOUS


REAL = [
    (
        SHAPE,
        "[shop.example] Email Verification Code",
        (
            "Hello from shop.example!\n\nYour email verification code is listed below. Please enter it in your open browser window.\n\n"
            "LMZZ-GFJP\n\nThis mail can be safely ignored if you did not initiate this action.\n\nThank you for using shop.example!"
        ),
        "LMZZ-GFJP",
    ),
    (
        SEVEN,
        "Microsoft account security code",
        (
            "Microsoft account\nSecurity code\nPlease use the following security code for the Microsoft account an**5@example.com.\n"
            "Security code: 0819268\nIf you don't recognize the account an**5@example.com, you can click here to remove your email "
            "address from that account.\nThanks,\nThe Microsoft account team\n© 2026, One Way, Redmond, WA 980526"
        ),
        "0819268",
    ),
    (
        SIX,
        "Verify your new email address",
        (
            "To verify your new email address, please use the following One Time Password (OTP):\n482913\nDo not share it.\n"
            "Order 571204 is not concerned. Call 555-0142.\n© 2026"
        ),
        "482913",
    ),
    (
        SIX,
        "百度帐号--邮箱安全验证",
        (
            "亲爱的用户：您好！\n您正在验证邮箱，验证码为：\n482913\n请在1小时内完成验证。\n"
            "如非本人操作请忽略。\n京ICP证030173号 客服电话：571204"
        ),
        "482913",
    ),
    (SIX, "", "【某站】482913 短信登录验证码，5分钟内有效。京ICP证030173号", "482913"),
    (
        SIX,
        "",
        "お客様の認証コードは以下の通りです。\n\n482913\n\n有効期限：2026年11月23日 10:30\nお問い合わせ番号：571204",
        "482913",
    ),
    (SIX, "", "We sent a code to your phone ending 571204.", None),
]


@pytest.mark.parametrize(("rule", "subject", "text", "want"), REAL)
def test_whole_mails(rule: CodeRule, subject: str, text: str, want: str | None) -> None:
    """Whole mails, written after the facts' descriptions, with everything that stands around a code."""
    got = code.best([subject], [text], rule)
    assert (got.value if isinstance(got, Token) else None) == want


PREFIXED = CodeRule(length=[6], near=["verification code", "验证码"], prefix="G-")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Your Google verification code is: G-715394", "715394"),
        ("您的 Google 验证码是：G-715394", "715394"),
        ("Your verification code is 715394", "715394"),
        ("Your verification code is F-715394", None),
        ("Your verification code is G-G-715394", None),
        ("Your verification code is XG-715394", None),
    ],
)
def test_what_stands_before_a_code_and_is_no_part_of_it(text: str, want: str | None) -> None:
    """The digits alone are typed; another letter before them is another kind of number."""
    found = code.best([], [text], PREFIXED)
    assert (found.value if isinstance(found, Token) else None) == want


def test_a_prefix_may_be_pasted_too() -> None:
    """Whoever copies the code as it stands in the mail gives the prefix along."""
    for text in ("G-715394", "715394", " G-715394 "):
        found = code.exactly(text, PREFIXED)
        assert found is not None
        assert found.value == "715394"
    assert code.exactly("H-715394", PREFIXED) is None
