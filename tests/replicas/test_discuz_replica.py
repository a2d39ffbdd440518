"""Drives the replica forum of recipes/discuz without a browser and without the recipe, so that the replica itself is known to be right.

What it has to do is told by the facts about Discuz! X3.4 and X3.5: names of fields, texts of messages, which mail goes where, and the
300 seconds within which nothing is sent although everything is said to be saved.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tests.replicas.test_replicas import Form, Page

PAGES = Path(__file__).resolve().parents[2] / "recipes" / "discuz" / "pages"
SITE = "https://site.replica.test/"
OLD, NEW, PASSWORD, LOGIN = "ann@old.example.net", "ann@new.example.org", "correct horse 7", "ann-example"
SETTINGS = "home.php?mod=spacecp&ac=profile&op=password"
CHANGE = "home.php?mod=spacecp&ac=profile"
CASES = {c["name"]: c for c in tomllib.loads((PAGES / "cases.toml").read_text("utf-8"))["case"]}


def load() -> Any:
    spec = importlib.util.spec_from_file_location("replica_discuz", PAGES / "site.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULE = load()


class Member:
    """A member with a browser (cookies and forms, no scripts) and both mailboxes."""

    def __init__(self, **variants: Any) -> None:
        self.now = 1_800_000_000.0
        self.inbox: list[dict[str, Any]] = []
        case = {"old": OLD, "new": NEW, "login": LOGIN, "password": PASSWORD, "clock": lambda: self.now}
        self.app = MODULE.create_app(case | {"variants": variants}, lambda **mail: self.inbox.append(mail))
        self.replica = self.app.config["REPLICA"]
        self.client = Client(self.app, Response)
        self.html, self.page = "", Page("")

    def open(self, url: str, data: dict[str, str] | None = None) -> Member:
        parts = urlsplit(urljoin(SITE, url))
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        answer = self.client.open(path, method="GET" if data is None else "POST", data=data, base_url=SITE)
        if answer.status_code in (301, 302):
            return self.open(answer.headers["Location"])
        self.status, self.html = answer.status_code, answer.get_data(as_text=True)
        self.page = Page(self.html)
        return self

    @property
    def said(self) -> str:
        """The sentence in #messagetext, or in the answer to a form that was posted by a script."""
        found = re.search(r'id="messagetext"[^>]*>\s*<p>(.*?)</p>', self.html, re.DOTALL)
        return unescape(found[1]).strip() if found else ""

    def form(self, action: str) -> Form:
        found = [f for f in self.page.forms if f.attributes.get("action", "").startswith(action)]
        assert len(found) == 1, f"{len(found)} forms to {action}: {self.page.text[:200]}"
        return found[0]

    def send(self, action: str, **values: str) -> Member:
        form = self.form(action)
        seen = dict(form.values)
        if (mark := re.search(r'data-seccode="(\w+)"', self.html)) and "seccodehash" not in seen:
            seen |= self.fetched(f"misc.php?mod=seccode&action=update&idhash={mark[1]}")
        if seen.get("seccodehash"):
            seen.setdefault("seccodeverify", "")
            seen["seccodeverify"] = seen["seccodeverify"] or self.replica.seccodes[seen["seccodehash"]].lower()
        if seen.get("secqaahash"):
            seen["secanswer"] = self.replica.secqaas[seen["secqaahash"]]
        return self.open(form.attributes["action"], seen | values)

    def fetched(self, url: str) -> dict[str, str]:
        """The fields of a piece of a form that a script would fetch."""
        return Page(f"<form>{self.client.get('/' + url, base_url=SITE).get_data(as_text=True)}</form>").forms[0].values

    def sign_in(self, **more: str) -> Member:
        self.open("member.php?mod=logging&action=login")
        return self.send(
            "member.php?mod=logging&action=login",
            **({"loginfield": "username", "username": LOGIN, "password": PASSWORD} | more),
        )

    def change(self, address: str = NEW, **more: str) -> Member:
        self.open(SETTINGS)
        return self.send(CHANGE, **({"emailnew": address, "oldpassword": PASSWORD} | more))

    def mails(self, kind: str) -> list[dict[str, Any]]:
        return [m for m in self.inbox if m["kind"] == kind]

    @property
    def link(self) -> str:
        href = re.findall(r'href="([^"]+)"', self.mails("verify")[-1]["html"])[0]
        return unescape(href)

    def acts(self, name: str) -> int:
        return sum(1 for a in self.replica.acts if a["act"] == name)

    @property
    def address(self) -> str:
        return str(self.replica.addresses[0]["address"])


# -- the cases ------------------------------------------------------------------------------------------------------------


def test_every_variant_is_used_by_a_case() -> None:
    """Every case makes an app, and a variant that no case uses would never be exercised."""
    used = set()
    for case in CASES.values():
        assert case["ends"] in ("moved", "refused", "person", "time", "mail") and case["description"]
        Member(**case["variants"]).open("")
        used |= {(k, repr(v)) for k, v in case["variants"].items()}
    for key, allowed in MODULE.VARIANTS.items():
        for value in allowed[1:]:
            assert (key, repr(value)) in used, f"no case has {key}={value!r}"
    assert 6 <= sum(1 for c in CASES.values() if c.get("ci")) <= 8


@pytest.mark.parametrize("variants", [{"slw": True}, {"slow": "yes"}, {"redirect_seconds": 3}])
def test_unknown_variant_is_refused(variants: dict[str, Any]) -> None:
    """A misspelt variant would silently test the normal page."""
    with pytest.raises(ValueError, match="unknown variant"):
        Member(**variants)


WAITS = {"mailed_a_minute_ago", "too_many_tries"}  # only after a time: have tests of their own
WHOLE = [
    n
    for n, c in CASES.items()
    if c["ends"] == "moved" and n not in WAITS | {"link_opened_by_a_scanner", "pending_from_before"}
]


@pytest.mark.parametrize("name", WHOLE)
def test_the_address_moves(name: str) -> None:
    """Sign in where needed, change, open the link: moved, each thing once, and the old address is told in X3.5 only."""
    variants = CASES[name]["variants"]
    m = Member(**variants).open(SETTINGS)
    first = {"newpassword": PASSWORD, "newpassword2": PASSWORD} if variants.get("qq") == "created" else {}
    if m.said:
        m.sign_in(questionid="4", answer="Lin").change(**first)
    else:
        m.send(CHANGE, emailnew=NEW, oldpassword=PASSWORD, **first)
    if not m.mails("verify"):  # signed out when the form was shown: the submit brought the sign-in message
        assert m.said == "您需要先登录才能继续本操作" and m.acts("request_change") == 0
        m.sign_in().change()
    assert m.acts("request_change") == 1 and m.address == OLD
    m.open(m.link)
    assert m.address == NEW and m.acts("verify_address") == 1 and m.replica.addresses[0]["verified"]
    told = variants.get("version") != "x34" and variants.get("notice") != "none"
    assert [x["to"] for x in m.mails("changed")] == ([OLD] if told else [])
    m.open(SETTINGS)
    if m.said:
        m.sign_in(questionid="4", answer="Lin").open(SETTINGS)
    assert NEW in [f.values.get("emailnew") for f in m.page.forms] or f"<b>{NEW}</b>" in m.html


# -- the pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-cn", ["旧密码", "Email", "验证码", "保存", "当前邮箱已经验证激活", "您必须填写原密码才能修改下面的资料"]),
        ("zh-tw", ["舊密碼", "Email", "驗證碼", "儲存", "目前信箱已經驗證啟用"]),
        ("en", ["Old password", "Email", "Verification code", "Save"]),
    ],
)
def test_labels_stand_in_th_and_ids_have_random_ends(language: str, words: list[str]) -> None:
    """The names are stable, the ids are not, and there is no <label> to go by."""
    m = Member(language=language, start="signed_in", captcha_load="inline").open(SETTINGS)
    assert all(word in m.page.text for word in words)
    assert re.search(rf"<th><span[^>]*>\*</span>{words[0]}</th>", m.html) and f"<th>{words[1]}</th>" in m.html
    assert "<label" not in m.html and {
        "oldpassword",
        "newpassword",
        "newpassword2",
        "emailnew",
        "answernew",
        "seccodeverify",
    } <= set(m.form(CHANGE).values)
    ids = m.page.ids
    again = m.open(SETTINGS).page.ids
    assert not [i for i in ids & again if i.startswith(("oldpassword", "emailnew", "newpassword", "seccodeverify"))]
    assert "oldpassword" in Member(ids="plain", start="signed_in").open(SETTINGS).page.ids


def test_sign_in_form_is_as_the_facts_say() -> None:
    """form[name=login], the select of what the name is, the password, the question; posted by a script; the message in #returnmessage_…"""
    m = Member().open("member.php?mod=logging&action=login")
    form = next(f for f in m.page.forms if f.attributes.get("name") == "login")
    assert form.attributes["id"].startswith("loginform_L") and "<label" not in m.html
    assert {"loginfield", "questionid"} <= set(form.options) and {"username", "password", "answer"} <= set(form.values)
    assert (
        any(i.startswith("returnmessage_L") for i in m.page.ids)
        and "return ajaxpost(this" in form.attributes["onsubmit"]
    )
    m.open(form.attributes["action"] + "&inajax=1", form.values | {"username": LOGIN, "password": PASSWORD})
    assert "<![CDATA[" in m.html and "抱歉，验证码填写错误" in m.html and m.acts("sign_in") == 0


def test_cookie_of_the_sign_in_dies_with_the_browser_unless_kept() -> None:
    """Without 自动登录 the cookie has no age; with it, 30 days."""
    for ticked, age in (({}, None), ({"cookietime": "2592000"}, 2_592_000)):
        m = Member(captcha="none").sign_in(**ticked)
        cookie = m.client.get_cookie("Xr7_2132_auth", "site.replica.test")
        assert cookie is not None and cookie.max_age == age


@pytest.mark.parametrize("where", ["both", "login", "change", "none"])
def test_picture_stands_where_the_forum_wants_it(where: str) -> None:
    """A form with a picture refuses a wrong one; a form without asks for none."""
    m = Member(captcha=where, start="signed_in")
    m.open(SETTINGS).send(CHANGE, emailnew=NEW, oldpassword=PASSWORD, seccodeverify="ZZZZ")
    wrong = where in ("both", "change")
    assert (m.said == "抱歉，验证码填写错误") is wrong and m.acts("request_change") == (0 if wrong else 1)
    m = Member(captcha=where).sign_in(seccodeverify="ZZZZ")
    assert m.acts("sign_in") == (0 if where in ("both", "login") else 1)


def test_each_picture_is_good_for_one_try() -> None:
    """The very same answer, right the first time, is wrong the second."""
    m = Member(start="signed_in", captcha_load="inline").open(SETTINGS)
    form = m.form(CHANGE)
    seen = form.values | {"seccodeverify": m.replica.seccodes[form.values["seccodehash"]], "oldpassword": PASSWORD}
    assert m.open(CHANGE, seen).said == "个人资料保存成功"
    assert m.open(CHANGE, seen).said == "抱歉，验证码填写错误"


def test_picture_is_an_image_with_no_text_in_the_page() -> None:
    """What it shows is nowhere in the page's own text; the little check answers without using it up."""
    m = Member().open("member.php?mod=logging&action=login")
    mark = re.search(r'data-seccode="(\w+)"', m.html)[1]
    inner = m.open(f"misc.php?mod=seccode&action=update&idhash={mark}").html
    code = m.replica.seccodes[mark]
    assert code not in inner and 'name="seccodeverify"' in inner and "换一个" in inner
    assert m.client.get(f"/misc.php?mod=seccode&update=1&idhash={mark}", base_url=SITE).mimetype.startswith("image/")
    assert "succeed" in m.open(f"misc.php?mod=seccode&action=check&idhash={mark}&secverify={code.lower()}").html
    assert "invalid" in m.open(f"misc.php?mod=seccode&action=check&idhash={mark}&secverify=").html
    assert m.replica.seccodes[mark] == code


def test_sum_is_asked_beside_the_picture() -> None:
    """A wrong answer is refused with its own words."""
    m = Member(secqaa="change", start="signed_in").open(SETTINGS)
    assert "验证问答" in m.page.text
    m.send(CHANGE, emailnew=NEW, oldpassword=PASSWORD, secanswer="99")
    assert m.said == "抱歉，验证问答填写错误" and m.acts("request_change") == 0


def test_messages_go_on_by_themselves() -> None:
    """#messagetext holds a sentence, a link and a timer; an error leads back instead."""
    m = Member(start="signed_in", captcha="none").change()
    assert (
        m.said.startswith("确认 Email 已发送，请用邮件中提供的方法激活您的帐号")
        and "setTimeout" in m.html.split('id="messagetext"')[1]
    )
    assert SETTINGS.replace("&", "&amp;") in m.html
    m.change(oldpassword="wrong")
    assert "history.back()" in m.html and "setTimeout" not in m.html.split('id="messagetext"')[1]


# -- rules ------------------------------------------------------------------------------------------------------------------


def test_mail_is_html_only_with_the_link_written_with_amp() -> None:
    """No text part; one link, whose ampersands are written &amp; and whose odd signs are quoted; the sender is the forum's own."""
    m = Member(start="signed_in", captcha="none").change()
    mail = m.mails("verify")[0]
    assert mail["text"] == "" and mail["to"] == NEW and mail["sender"].endswith("<bbs@site.replica.test>")
    assert (
        mail["subject"] == "[示例论坛] Email 地址验证"
        and "home.php?mod=misc&amp;ac=emailcheck&amp;hash=" in mail["html"]
    )
    assert "%2F%2B%3D" in m.link and m.link.startswith(SITE + "home.php?mod=misc&ac=emailcheck&hash=")
    other = Member(start="signed_in", captcha="none", sender="elsewhere").change()
    assert other.mails("verify")[0]["sender"].endswith("<forum@mail.example.org>")


def test_link_works_once_and_signed_out() -> None:
    """Anybody who opens it changes the address; the second time it is called wrong."""
    m = Member(start="signed_in", captcha="none").change()
    stranger = Client(m.app, Response)
    path = m.link.removeprefix(SITE)
    assert f"您的邮箱({NEW})验证激活成功" in stranger.get("/" + path, base_url=SITE).get_data(as_text=True)
    assert m.address == NEW and m.acts("sign_in") == 0
    m.open(m.link)
    assert m.said.startswith("抱歉，您输入的邮箱验证链接不正确") and m.acts("verify_address") == 1
    assert [a["outcome"] for a in m.replica.acts if a["act"] == "open_link"] == ["done", "unknown"]


def test_old_address_is_told_afterwards_and_only_then() -> None:
    """X3.5 mails "Email 地址变更提示" to OLD after the link; it names NEW."""
    m = Member(start="signed_in", captcha="none").change()
    assert not m.mails("changed")
    m.open(m.link)
    notice = m.mails("changed")[0]
    assert notice["to"] == OLD and notice["subject"].endswith("Email 地址变更提示") and NEW in notice["html"]


def test_second_change_within_300_seconds_is_said_to_be_saved_and_is_not() -> None:
    """个人资料保存成功, no mail, nothing changed, nothing pending; after 300 s it works. The one in flight stays good."""
    m = Member(start="signed_in", captcha="none").change("first@example.org")
    m.now += 299
    m.change()
    assert m.said == "个人资料保存成功" and len(m.mails("verify")) == 1 and m.address == OLD
    assert [a["reason"] for a in m.replica.acts if a["act"] == "refused"] == ["interval"]
    m.now += 2
    m.change()
    assert m.said.startswith("确认 Email 已发送") and len(m.mails("verify")) == 2


def test_mail_of_another_kind_starts_the_300_seconds_too() -> None:
    """A lost-password mail a minute ago is enough; the page keeps saying that OLD is verified."""
    m = Member(start="signed_in", captcha="none", recent_mail=True).change()
    assert m.said == "个人资料保存成功" and not m.inbox
    assert "当前邮箱已经验证激活" in m.open(SETTINGS).page.text and "等待验证中" not in m.page.text
    m.now += 241
    assert m.change().mails("verify")


def test_lost_password_mail_goes_to_the_registered_address_and_kills_the_link() -> None:
    """One place holds every mail's token: asking for the password makes the verification link worthless."""
    m = Member(start="signed_in", captcha="none").change()
    link = m.link
    m.now += 301
    m.open("member.php?mod=logging&action=logout&formhash=" + m.open(SETTINGS).form(CHANGE).values["formhash"])
    m.open("member.php?mod=logging&action=login").send("member.php?mod=lostpasswd", email=OLD)
    assert m.mails("getpasswd")[0]["to"] == OLD
    m.open(link)
    assert m.said.startswith("抱歉，您输入的邮箱验证链接不正确") and m.address == OLD


def test_waiting_is_remembered_by_this_browser_only() -> None:
    """The page names NEW and offers to send again; another browser sees nothing of it."""
    m = Member(start="signed_in", captcha="none").change().open(SETTINGS)
    assert f"新邮箱({NEW})等待验证中..." in m.page.text and m.form(CHANGE).values["emailnew"] == OLD
    again = re.search(r'href="([^"]*resend=1[^"]*)"', m.html)[1]
    m.open(unescape(again))
    assert m.said == "抱歉，邮件发送失败，请稍等 300 秒后重试发送验证激活邮件"
    m.now += 301
    m.open(unescape(again))
    assert m.said == "邮件已发送，可能需要几分钟后才能收到邮件" and len(m.mails("verify")) == 2
    m.client = Client(m.app, Response)
    m.sign_in().open(SETTINGS)
    assert "等待验证中" not in m.page.text and "当前邮箱已经验证激活" in m.page.text
    m.open(m.link)
    assert m.address == NEW


def test_pending_from_before_and_an_old_address_never_verified() -> None:
    """The page names the right address each time."""
    m = Member(start="signed_in", captcha="none", pending="cookie").open(SETTINGS)
    assert f"({NEW})等待验证中" in m.page.text and not m.inbox
    m.open(unescape(re.search(r'href="([^"]*resend=1[^"]*)"', m.html)[1]))
    m.open(m.link)
    assert m.address == NEW
    m = Member(start="signed_in", captcha="none", old_status="unverified").open(SETTINGS)
    assert f"({OLD})等待验证中" in m.page.text


@pytest.mark.parametrize(
    ("refuse", "said"),
    [
        ("duplicate", "该 Email 地址已被注册"),
        ("domain", "抱歉，Email 包含不可使用的邮箱域名"),
        ("illegal", "Email 地址无效"),
        ("not_change", "抱歉，本站不允许通过前台自行修改账号绑定的 Email"),
    ],
)
def test_refusals_say_why_and_change_nothing(refuse: str, said: str) -> None:
    """No mail, no change."""
    m = Member(start="signed_in", captcha="none", refuse=refuse).change()
    assert m.said == said and not m.inbox and m.address == OLD


def test_address_taken_before_the_link_is_opened() -> None:
    """The link says so; the address stays."""
    m = Member(start="signed_in", captcha="none", refuse="duplicate_at_link").change()
    m.open(m.link)
    assert m.said == "该 Email 地址已被注册" and m.address == OLD


def test_x34_takes_32_signs_and_x35_more() -> None:
    """The longest address differs."""
    long = "a" * 30 + "@example.org"
    assert Member(version="x34", start="signed_in", captcha="none").change(long).said == "Email 地址无效"
    assert Member(start="signed_in", captcha="none").change(long).mails("verify")
    assert "安全手机号码" not in Member(version="x34", start="signed_in").open(SETTINGS).page.text


def test_wrong_passwords_are_counted_and_lock_the_sign_in() -> None:
    """Each answer says how many tries are left; the fifth locks for 15 minutes, the right password included."""
    m = Member(captcha="none")
    assert [m.sign_in(password="no").said for _ in range(2)] == [
        "登录失败，您还可以尝试 4 次",
        "登录失败，您还可以尝试 3 次",
    ]
    for _ in range(3):
        m.sign_in(password="no")
    assert m.sign_in().said == "密码错误次数过多，请 15 分钟后重新登录"
    m.now += 901
    assert m.sign_in().acts("sign_in") == 1
    assert Member(captcha="none", strike=True).sign_in().acts("sign_in") == 0
    assert "还可以尝试 4 次" in Member(captcha="none", wrong_password="sign_in").sign_in().said
    wrong = Member(captcha="none", start="signed_in", wrong_password="change").change()
    assert wrong.said == "原密码不正确，您不能修改密码或 Email 或安全提问" and not wrong.inbox


def test_security_question_is_needed() -> None:
    """The right password alone does not sign in."""
    m = Member(captcha="none", login_question="set").sign_in()
    assert m.said == "请选择安全提问以及填写正确的答案" and m.acts("sign_in") == 0
    assert m.sign_in(questionid="4", answer="Wang").said == "抱歉，安全提问答案填写错误" and m.acts("sign_in") == 0
    assert m.sign_in(questionid="4", answer="Lin").acts("sign_in") == 1


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ({"closed": "from_start"}, "抱歉，本站点暂时关闭，详情请联系管理员"),
        ({"moderation": "waiting"}, "您需要等待注册申请审核通过"),
    ],
)
def test_closed_forum_and_account_in_review_show_no_form(variants: dict[str, Any], said: str) -> None:
    """A sentence stands where the form would."""
    m = Member(start="signed_in", **variants).open(SETTINGS)
    assert m.said == said and not [f for f in m.page.forms if f.attributes.get("action") == CHANGE]


def test_forum_that_closes_meanwhile_takes_nothing() -> None:
    """The form was shown; its submit meets the closed forum."""
    m = Member(start="signed_in", captcha="none", closed="after_form").change()
    assert m.said.startswith("抱歉，本站点暂时关闭") and not m.inbox


def test_turned_down_and_banned_accounts() -> None:
    """The one is asked for better reasons, the other is not let in."""
    m = Member(start="signed_in", moderation="rejected").open(SETTINGS)
    assert "管理员否决了您的注册申请" in m.page.text and [f.attributes["action"] for f in m.page.forms] == [
        "member.php?mod=regverify"
    ]
    assert Member(captcha="none", banned=True).sign_in().acts("sign_in") == 0


# -- QQ ---------------------------------------------------------------------------------------------------------------------


def test_account_made_by_qq_has_to_set_a_password_first() -> None:
    """No old password is asked; without a new one the answer is 请设置新密码; setting it signs out, and the link still works."""
    m = Member(qq="created", start="signed_in", captcha="none").open(SETTINGS)
    assert "oldpassword" not in m.form(CHANGE).values and "您目前使用的是QQ账号绑定本站" in m.page.text
    assert m.send(CHANGE, emailnew=NEW).said == "请设置新密码" and not m.inbox
    m.open(SETTINGS).send(CHANGE, emailnew=NEW, newpassword="one", newpassword2="two")
    assert m.said == "抱歉，两次输入的密码不一致"
    m.open(SETTINGS).send(CHANGE, emailnew=NEW, newpassword=PASSWORD, newpassword2=PASSWORD)
    assert m.acts("set_password") == 1 and m.mails("verify") and m.mails("password_changed")[0]["to"] == OLD
    assert m.open(SETTINGS).said == "您需要先登录才能继续本操作"
    m.sign_in().open(SETTINGS)
    assert "oldpassword" in m.form(CHANGE).values
    assert m.open(m.link).address == NEW


def test_no_password_opens_an_account_made_by_qq() -> None:
    """Not the one that nobody knows, nor an empty one."""
    for password in ("", PASSWORD):
        assert Member(qq="created", captcha="none").sign_in(password=password).acts("sign_in") == 0


@pytest.mark.parametrize("qq", ["bound", "created"])
def test_unbinding_is_local_and_signs_out(qq: str) -> None:
    """An account made by QQ has to set its password in the same form."""
    m = Member(qq=qq, start="signed_in", captcha="none").open("home.php?mod=spacecp&ac=plugin&id=qqconnect:spacecp")
    assert "您已将本站账号与QQ账号绑定" in m.page.text and m.form("connect.php?mod=config").values["op"] == "unbind"
    if qq == "created":
        assert m.send("connect.php?mod=config").said == "请设置新密码" and m.replica.bound
        m.open("home.php?mod=spacecp&ac=plugin&id=qqconnect:spacecp")
        m.send("connect.php?mod=config", newpassword1=PASSWORD, newpassword2=PASSWORD)
    else:
        m.send("connect.php?mod=config")
    assert m.said == "您的论坛账号和QQ账号解除绑定成功。" and not m.replica.bound and m.address == OLD
    assert m.open(SETTINGS).said == "您需要先登录才能继续本操作" and m.sign_in().acts("sign_in") == 1
    m.open("home.php?mod=spacecp&ac=plugin&id=qqconnect:spacecp")  # only an offer to bind it now
    assert "type=loginbind" in m.html and "qq_bind.gif" in m.html and 'value="unbind"' not in m.html


def test_forum_without_qq_has_no_such_page() -> None:
    """No page, no link to it."""
    m = Member(start="signed_in").open(SETTINGS)
    assert "qqconnect" not in m.html and m.open("connect.php?mod=config").status == 404


# -- hard pages -------------------------------------------------------------------------------------------------------------


def test_signed_out_page_is_a_message_and_the_form_comes_by_script() -> None:
    """The sign-in form is fetched into #messagelogin, so a look must wait for it."""
    m = Member().open(SETTINGS)
    assert m.said == "您需要先登录才能继续本操作" and "messagelogin" in m.page.ids and not m.page.forms
    m.open("member.php?mod=logging&action=login&infloat=yes&frommessage")
    assert m.page.forms[0].attributes["name"] == "login" and "<html" not in m.html
    assert [f.attributes["id"] for f in Member(quick_login=True).open(SETTINGS).page.forms] == ["lsform"]


def test_stale_form_token_is_refused() -> None:
    """A form opened signed out is worth nothing signed in."""
    m = Member(start="signed_in", captcha="none").open(SETTINGS)
    values = m.form(CHANGE).values | {"formhash": "00000000", "emailnew": NEW, "oldpassword": PASSWORD}
    assert m.open(CHANGE, values).said.startswith("抱歉，您的请求来路不正确") and not m.inbox


def test_scanner_uses_the_link_up() -> None:
    """The address is changed before the person sees the mail, and the link then claims to be wrong."""
    m = Member(start="signed_in", captcha="none", link_opened_by="scanner").change()
    assert m.address == NEW
    assert m.open(m.link).said.startswith("抱歉，您输入的邮箱验证链接不正确")
    assert m.open(SETTINGS).form(CHANGE).values["emailnew"] == NEW


def test_expired_lost_and_missing_mails() -> None:
    """An expired link changes nothing; a lost mail is said to have been sent."""
    m = Member(start="signed_in", captcha="none", link_life=0).change()
    assert m.open(m.link).said.startswith("抱歉，您输入的邮箱验证链接不正确") and m.address == OLD
    for mail in ("never", "lost_first"):
        m = Member(start="signed_in", captcha="none", mail=mail).change()
        assert m.said.startswith("确认 Email 已发送") and not m.inbox


def test_lookalikes_are_not_the_address() -> None:
    """On the page joNEW waits, NEW.test and joOLD stand there; NEW itself nowhere."""
    text = Member(start="signed_in", lookalikes=True).open(SETTINGS).page.text
    assert f"(jo{NEW})" in text and f"{NEW}.test" in text and not re.search(rf"(?<!jo){re.escape(NEW)}(?!\.test)", text)


def test_slow_form_is_not_there_at_first() -> None:
    """Only a busy place and a template, which a script moves in after 1.5 s."""
    m = Member(start="signed_in", slow=True).open(SETTINGS)
    assert 'aria-busy="true"' in m.html and m.html.index("<template") < m.html.index("oldpassword") < m.html.index(
        "</template>"
    )


def test_redesigned_page_has_nothing_that_is_known() -> None:
    """Other names, no <th>; a person can still do it."""
    m = Member(start="signed_in", design="redesigned", captcha="none").open(SETTINGS)
    assert "<th>" not in m.html and not {"emailnew", "oldpassword"} & set(m.form(CHANGE).values)
    m.send(CHANGE, mailbox=NEW, passphrase=PASSWORD)
    assert m.open(m.link).address == NEW
    assert f"<b>{NEW}</b>" in m.open(SETTINGS).html


def test_other_hosts_are_not_served() -> None:
    """A replica that answers to any name would hide a wrong address."""
    m = Member()
    assert m.client.get("/", base_url="https://forum.example.org/").status_code == 404


def test_reset_starts_again() -> None:
    """Acts, address and sessions are as at first."""
    m = Member(start="signed_in", captcha="none").change()
    m.open(m.link)
    m.replica.reset()
    assert m.address == OLD and not m.replica.acts and not m.replica.mails and m.replica.password == PASSWORD


# -- scripts, and the simulated person --------------------------------------------------------------------------------------


def at_the_keyboard(variants: dict[str, Any], *, mistypes: bool = False) -> Any:
    """The replica after the simulated person sat before it in a real browser until the address moved or they knew no further."""
    from playwright.sync_api import sync_playwright

    from readdress.testing.replica import ReplicaServer

    spec = importlib.util.spec_from_file_location("person_discuz", PAGES / "person.py")
    assert spec is not None and spec.loader is not None
    person = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(person)
    case = {"old": OLD, "new": NEW, "login": LOGIN, "password": PASSWORD, "mistypes": mistypes, "variants": variants}
    host = urlsplit(SITE).hostname or ""
    with ReplicaServer(MODULE.create_app, case, lambda **_: None, hosts=[host]) as server, sync_playwright() as p:
        arguments = [f"--host-resolver-rules=MAP {host} 127.0.0.1:{server.port}", "--no-sandbox"]
        browser = p.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=arguments)
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.goto(SITE + SETTINGS)
        for _ in range(7):
            if variants.get("slow"):
                page.wait_for_selector("input[name=emailnew], form[name=login]")
            step = "verify_address" if server.replica.mails else "request_change"
            if not person.by_hand(page, step, case, server.replica) or server.did("verify_address"):
                break
            if not page.locator("#messagetext.alert_error, [id^=returnmessage] .error").filter(visible=True).count():
                page.goto(SITE + SETTINGS)
        browser.close()
        assert not server.errors
        return server.replica


@pytest.mark.e2e
@pytest.mark.parametrize(
    "name",
    [
        "normal",
        "picture_mistyped",
        "sum_to_answer",
        "security_question",
        "quick_login_in_the_head",
        "qq_created",
        "slow_form",
        "redesigned",
        "link_signed_out",
    ],
)
def test_person_can_do_it_in_a_browser(name: str) -> None:
    """What the pages do by script works, and the simulated person reaches the end by hand, with no program's help."""
    variants = CASES[name]["variants"]
    replica = at_the_keyboard(variants, mistypes=CASES[name].get("mistypes", False))
    assert replica.address == {"address": NEW, "verified": True}
    assert [a["act"] for a in replica.acts].count("request_change") == 1
    assert [a["reason"] for a in replica.acts if a["act"] == "refused"] == []


@pytest.mark.e2e
def test_person_stops_where_the_forum_says_no() -> None:
    """A willing person who kept trying would use up the sign-ins, and a refusal would look like a flow that goes on."""
    wrong = at_the_keyboard({"wrong_password": "sign_in", "captcha": "none"})
    assert [a["reason"] for a in wrong.acts] == ["password"]
    taken = at_the_keyboard({"refuse": "duplicate", "captcha": "none", "start": "signed_in"})
    assert [a["reason"] for a in taken.acts] == ["email_duplicate"]
