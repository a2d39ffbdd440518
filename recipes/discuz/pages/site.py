"""A replica of a Discuz! X forum's sign-in, password-and-email page and QQ binding, written from facts about the program only.

No live forum was opened for it and no line of the program is in it. Field names, texts and rules that the facts name are kept; what they
do not say is a named variant (see README.md). State lives in this process: it survives a restart of the browser, not of the app.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import secrets
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from flask import Flask, abort, g, redirect, render_template, request
from markupsafe import escape
from werkzeug.wrappers import Response

HERE = Path(__file__).parent
DAY = 86_400
INTERVAL = 300  # `mailinterval`: so long after one mail of any kind the next is not sent, and nobody says so
STRIKE_SECONDS = 900
COOKIE = "Xr7_2132_"
LETTERS = "BCEFGHJKMPQRTVWXY2346789"
UID = 1042
LANGUAGES = ("zh-cn", "zh-tw", "en")
TEXTS: dict[str, list[str]] = tomllib.loads((HERE / "texts.toml").read_text("utf-8"))

# Every variant and what it may be; the first value is the default. An unknown key or value is refused, so that a misspelt
# case can never pass by silently testing the normal page.
VARIANTS: dict[str, tuple[Any, ...]] = {
    "language": LANGUAGES,  # a forum speaks one language, whatever the browser asks for
    "version": ("x35", "x34"),
    "start": ("signed_out", "signed_in"),
    "session_cookie": ("session", "max_age"),  # of a session that is there at the start
    "ids": ("random", "plain"),
    "captcha": ("both", "login", "change", "none"),
    "captcha_load": ("script", "inline"),
    "secqaa": ("none", "change"),
    "login_form": ("ajax", "page"),
    "login_question": ("none", "set"),
    "quick_login": (False, True),  # a second little sign-in form in the page's head
    "wrong_password": ("none", "sign_in", "change"),
    "strike": (False, True),
    "banned": (False, True),
    "closed": ("no", "from_start", "after_form"),
    "moderation": ("none", "waiting", "rejected"),
    "refuse": ("none", "duplicate", "duplicate_at_link", "domain", "illegal", "not_change"),
    "recent_mail": (False, True),  # a mail went out less than 300 s ago
    "qq": ("none", "bound", "created"),
    "new_password_signs_out": (True, False),
    "mail": ("html", "lost_first", "never"),
    "mail_delay": (0, 2),
    "sender": ("site", "elsewhere"),
    "link_life": (DAY, 0),
    "link_opened_by": ("person", "scanner"),
    "notice": ("auto", "none"),  # auto: the old address is told in X3.5, not in X3.4
    "redirect_seconds": (2, 0),
    "sign_out_after": ("none", "form_shown", "request_change", "mail_sent", "verify_address"),
    "pending": ("none", "cookie"),
    "old_status": ("verified", "unverified"),
    "lookalikes": (False, True),
    "slow": (False, True),
    "design": ("known", "redesigned"),
}


class Replica:
    """The member behind the pages.

    `acts`: one dict for each thing that changed something or used a link, ``{"act": str, "at": seconds since the epoch, ...}``.
    `addresses`: the one address as ``[{"address": str, "verified": bool}]``. `mails`: what was sent. `seccodes`, `secqaas`: what the
    picture shows and what the question's answer is, by the hidden hash of the form: a person sees that. `reset()` starts again.
    """

    def __init__(self, case: dict[str, Any], send_mail: Callable[..., Any]) -> None:
        self.case = case
        self.old, self.new = str(case["old"]), str(case["new"])
        self.login = str(case.get("login", "ann-example"))
        self.host = str(case.get("host", "site.replica.test"))
        self.answer = str(case.get("answer", "Lin"))  # to security question 4
        self.clock: Callable[[], float] = case.get("clock", time.time)
        self.v = {key: allowed[0] for key, allowed in VARIANTS.items()}
        for key, value in dict(case.get("variants", {})).items():
            if key not in VARIANTS or value not in VARIANTS[key] or type(value) is not type(VARIANTS[key][0]):
                raise ValueError(f"unknown variant {key}={value!r}; known: {VARIANTS.get(key, sorted(VARIANTS))}")
            self.v[key] = value
        self._send = send_mail
        self.reset()

    def reset(self) -> None:
        """Start the case again: acts, address, sessions, pictures and links are as on the first request."""
        self.acts: list[dict[str, Any]] = []
        self.mails: list[dict[str, Any]] = []
        self.addresses = [{"address": self.old, "verified": self.v["old_status"] == "verified"}]
        self.password = str(self.case.get("password", "correct horse"))
        if self.v["wrong_password"] == "sign_in":
            self.password += " of another year"
        self.no_password = self.v["qq"] == "created"  # made by signing in with QQ: nobody knows its password
        self.bound = self.v["qq"] != "none"
        self.sids: set[str] = set()
        self.auths: set[str] = set()
        self.seccodes: dict[str, str] = {}
        self.secqaas: dict[str, str] = {}
        self.authstr: dict[str, Any] | None = None  # one place for every mail's token: the next overwrites it
        self.fails, self.strike_until = 0, 0.0
        self.closed = self.v["closed"] == "from_start"
        self._dropped = self._auto_signed_in = False
        self._verify_mails = 0
        if self.v["strike"]:
            self.fails, self.strike_until = 5, self.clock() + STRIKE_SECONDS
        if self.v["recent_mail"]:
            self.authstr = {
                "at": self.clock() - 60,
                "kind": "password",
                "email": self.old,
                "token": secrets.token_hex(8),
            }
        if self.v["pending"] == "cookie":
            self.authstr = {
                "at": self.clock() - 3600,
                "kind": "email",
                "email": self.new,
                "token": secrets.token_hex(24),
            }

    @property
    def address(self) -> dict[str, Any]:
        return self.addresses[0]

    def act(self, name: str, **detail: Any) -> None:
        """Write down one act; drop every session when the case says that the person is signed out after it."""
        self.acts.append({"act": name, "at": self.clock(), **detail})
        self.passed(name)

    def passed(self, moment: str) -> None:
        if self.v["sign_out_after"] == moment and not self._dropped:
            self._dropped = True
            self.auths.clear()
        if self.v["closed"] == "after_form" and moment == "form_shown":
            self.closed = True

    def set_password(self, password: str) -> None:
        """The member's cookie holds the password's hash: every session ends with the old password."""
        self.password, self.no_password = password, False
        if self.v["new_password_signs_out"]:
            self.auths.clear()
        self.act("set_password")
        if self.v["version"] == "x35":
            self.mail("password_changed", self.address["address"])

    # -- mail ---------------------------------------------------------------------------------------------------------
    def mail(self, kind: str, to: str, *, link: str = "") -> None:
        """Send one of the messages in ``mails/``. They are HTML only, as the program's are."""
        name = kind + {"zh-cn": ".zh", "zh-tw": ".tw.zh", "en": ".en"}[self.v["language"]] + ".eml"
        message = email.message_from_bytes((HERE / "mails" / name).read_bytes(), policy=email.policy.default)
        sender = str(message["From"])
        if self.v["sender"] == "elsewhere":
            sender = sender.replace("bbs@site.replica.test", "forum@mail.example.org")
        values = {"{new}": self.new, "{old}": self.old, "{link}": str(escape(link))}  # & becomes &amp;
        html = str(message.get_content())
        for key, value in values.items():
            html = html.replace(key, value)
        self.mails.append({"to": to, "kind": kind, "code": "", "link": link, "at": self.clock()})
        self._send(
            to=to,
            kind=kind,
            subject=str(message["Subject"]),
            sender=sender,
            text="",
            html=html,
            delay=float(self.v["mail_delay"]),
        )

    def too_soon(self) -> bool:
        return self.authstr is not None and self.clock() - self.authstr["at"] < INTERVAL

    def send_check(self, address: str, siteurl: str) -> bool:
        """Mail a verification link to ``address``; ``False`` within 300 s of the mail before, when nothing at all happens."""
        if self.too_soon():
            return False
        token = secrets.token_urlsafe(30) + "/+=" + secrets.token_urlsafe(6)  # its signs have to survive quoting
        self.authstr = {"at": self.clock(), "kind": "email", "email": address, "token": token}
        self._verify_mails += 1
        lost = self.v["mail"] == "never" or (self.v["mail"] == "lost_first" and self._verify_mails == 1)
        if not lost:
            self.mail("verify", address, link=f"{siteurl}home.php?mod=misc&ac=emailcheck&hash={quote(token, safe='')}")
        self.passed("mail_sent")
        if self.v["link_opened_by"] == "scanner" and not lost:
            self.open_check(token)
        return True

    def open_check(self, token: str) -> str:
        """What the mailed link does, for whoever opens it. It works once."""
        known = self.authstr
        outcome = "done"
        if known is None or known["kind"] != "email" or known["token"] != token:
            outcome = "unknown"
        elif self.clock() - known["at"] >= self.v["link_life"]:
            outcome = "expired"
        elif self.v["refuse"] == "duplicate_at_link":
            outcome = "duplicate"
        self.act("open_link", outcome=outcome)
        if outcome != "done" or known is None:
            return outcome
        before = self.address["address"]
        self.addresses[:] = [{"address": known["email"], "verified": True}]
        self.authstr = None
        self.act("verify_address", address=known["email"])
        if self.v["notice"] == "auto" and self.v["version"] == "x35" and before != known["email"]:
            self.mail("changed", before)
        return outcome


def create_app(case: dict[str, Any], send_mail: Callable[..., Any]) -> Flask:
    """Make the app for one case: keys ``old, new, login, password, variants``; optional ``host``, ``answer`` (to the security question),
    ``clock`` (seconds since the epoch). ``lang`` means nothing here: see the variant ``language``. Raises ValueError for an unknown variant."""
    r = Replica(case, send_mail)
    app = Flask(__name__, template_folder=str(HERE / "templates"), static_folder=None)
    app.config["REPLICA"] = r
    v = r.v
    settings = "home.php?mod=spacecp&ac=profile&op=password"

    def t(key: str, **values: Any) -> str:
        text = TEXTS[key][LANGUAGES.index(v["language"])]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def fid(name: str) -> str:
        """An element's id: with a random end, as the forms have them; the names never change."""
        return f"{name}_{g.mark}" if v["ids"] == "random" else name

    @app.context_processor
    def names() -> dict[str, Any]:
        return {
            "t": t,
            "v": v,
            "r": r,
            "fid": fid,
            "mark": g.mark,
            "user": g.user,
            "formhash": formhash(),
            "settings": settings,
            "seccode": seccode,
            "secqaa": secqaa,
            "lang": {"zh-cn": "zh-CN", "zh-tw": "zh-TW", "en": "en"}[v["language"]],
            "uid": UID,
        }

    # -- session, form token ------------------------------------------------------------------------------------------
    def formhash() -> str:
        return hashlib.sha256(f"{g.sid} {UID if g.user else 0}".encode()).hexdigest()[:8]

    @app.before_request
    def open_session() -> Any:
        if request.host.split(":")[0] != r.host:
            abort(404)
        g.mark = "L" + secrets.token_hex(2)
        g.set_cookies = []
        g.sid = request.cookies.get(COOKIE + "sid", "")
        if g.sid not in r.sids:
            g.sid = secrets.token_hex(4)
            r.sids.add(g.sid)
            g.set_cookies.append(("sid", g.sid, None))
        auth = request.cookies.get(COOKIE + "auth", "")
        g.user = auth in r.auths
        if v["start"] == "signed_in" and not r._auto_signed_in:
            r._auto_signed_in = g.user = True
            give_session(30 * DAY if v["session_cookie"] == "max_age" else None)
        if (
            v["pending"] == "cookie"
            and g.user
            and not request.cookies.get(COOKIE + "newemail")
            and r.address["address"] == r.old
        ):
            g.set_cookies.append(("newemail", quote(f"{UID}\t{r.new}\t{int(r.clock())}"), 365 * DAY))
            g.newemail = r.new
        if request.path.rsplit("/", 1)[-1] != "member.php" and r.closed:
            return message("board_closed", kind="info")
        return None

    def give_session(max_age: int | None) -> None:
        token = secrets.token_urlsafe(24)
        r.auths.add(token)
        g.set_cookies.append(("auth", token, max_age))

    @app.after_request
    def keep_session(response: Response) -> Response:
        for name, value, age in g.get("set_cookies", ()):
            response.set_cookie(COOKIE + name, value, max_age=age, secure=True, httponly=True, samesite="Lax")
        response.headers["Cache-Control"] = "no-store"
        return response

    # -- messages -----------------------------------------------------------------------------------------------------
    def ajax(html: str) -> Response:
        text = f'<?xml version="1.0" encoding="utf-8"?>\n<root><![CDATA[{html}]]></root>'
        return Response(text, mimetype="text/xml")

    def message(
        key: str, url: str = "", *, kind: str = "right", back: bool = False, login: bool = False, **values: Any
    ) -> Any:
        """One sentence in #messagetext, which goes on by itself where it has somewhere to go."""
        text = t(key, **values)
        if request.args.get("inajax"):
            forward = f' data-forward="{escape(url)}" data-seconds="{v["redirect_seconds"]}"' if url else ""
            return ajax(f'<span class="{kind}"{forward}>{escape(text)}</span>')
        return render_template("message.html", text=text, url=url, kind=kind, back=back, login=login)

    # -- pictures and questions ---------------------------------------------------------------------------------------
    def new_code(mark: str) -> None:
        r.seccodes[mark] = "".join(secrets.choice(LETTERS) for _ in range(4))

    def seccode(where: str) -> str:
        """The place of the picture in a form, or nothing where the form has none."""
        if v["captcha"] not in ("both", where):
            return ""
        mark = "cS" + secrets.token_hex(3)
        if v["captcha_load"] == "inline":
            new_code(mark)
            return f'<span id="seccode_{mark}">{render_template("_seccode.html", hash=mark, where=where)}</span>'
        return f'<span id="seccode_{mark}" data-seccode="{mark}" data-where="{where}"></span>'

    def secqaa() -> str:
        if v["secqaa"] == "none":
            return ""
        mark = "qS" + secrets.token_hex(3)
        one, two = secrets.randbelow(9) + 1, secrets.randbelow(9) + 1
        r.secqaas[mark] = str(one + two)
        return render_template("_secqaa.html", hash=mark, question=f"{one} + {two} = ?")

    def checks_fail(where: str) -> str:
        """The message for a wrong picture or answer, ``""`` when both are right. Each picture is good for one try."""
        form = request.form
        if v["captcha"] in ("both", where):
            code = r.seccodes.pop(form.get("seccodehash", ""), None)
            typed = form.get("seccodeverify", form.get("letters", ""))
            if code is None or typed.strip().upper() != code:
                return "seccode_invalid"
        if v["secqaa"] == where:
            answer = r.secqaas.pop(form.get("secqaahash", ""), None)
            if answer is None or form.get("secanswer", "").strip() != answer:
                return "secqaa_invalid"
        return ""

    @app.get("/misc.php")
    def misc() -> Any:
        if request.args.get("mod") != "seccode":
            abort(404)
        mark = request.args.get("idhash", "")
        if request.args.get("action") == "update":
            new_code(mark)
            where = "login" if request.args.get("where") == "login" else "change"
            return render_template("_seccode.html", hash=mark, where=where)
        if request.args.get("action") == "check":
            right = r.seccodes.get(mark, "") == request.args.get("secverify", "").strip().upper() != ""
            return ajax("succeed" if right else "invalid")
        if mark not in r.seccodes:
            new_code(mark)
        signs = "".join(
            f'<text x="{8 + 23 * n}" y="{21 + n % 2 * 4}" font-size="20">{s}</text>'
            for n, s in enumerate(r.seccodes[mark])
        )
        picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="30"><rect width="100" height="30" fill="#eef"/>{signs}</svg>'
        return Response(picture, mimetype="image/svg+xml")

    # -- sign-in, sign-out, lost password -----------------------------------------------------------------------------
    @app.route("/member.php", methods=["GET", "POST"])
    def member() -> Any:
        mod, action = request.args.get("mod", ""), request.args.get("action", "")
        if mod == "logging" and action == "logout":
            return logout()
        if mod == "logging" and action == "login":
            return login() if request.method == "POST" else login_page()
        if mod == "lostpasswd" and request.method == "POST":
            return lost_password()
        if mod == "getpasswd":
            return get_password()
        if mod == "regverify" and request.method == "POST":
            r.act("resubmit_registration")
            return message("verify_resubmitted", settings)
        return abort(404)

    def login_page() -> Any:
        if g.user:
            return message("login_succeed", "./", group=t("group"), user=r.login)
        referer = request.args.get("referer", "./")
        if request.args.get("infloat"):
            return render_template("_login.html", referer=request.args.get("from", "./"))
        return render_template("login.html", referer=referer)

    def login() -> Any:
        form = request.form
        if form.get("formhash") != formhash():
            return message("submit_invalid", kind="error", back=True)
        if r.clock() < r.strike_until:
            return message("login_strike", kind="error")
        # The little form in the head has no picture: it fails here where one is asked.
        if wrong := checks_fail("login"):
            return message(wrong, kind="error", back=True)
        name = form.get("username", "").strip().lower()
        field = form.get("loginfield", form.get("fastloginfield", "username"))
        known = {"username": r.login.lower(), "email": str(r.address["address"]).lower(), "uid": str(UID)}
        right = name == known.get(field) and form.get("password", "") == r.password and not r.no_password
        asked = v["login_question"] == "set"
        if right and asked and (form.get("questionid", "0") == "0" or not form.get("answer", "").strip()):
            return message("login_question", kind="error", back=True)
        if right and asked and (form.get("questionid") != "4" or form.get("answer", "").strip() != r.answer):
            return message("login_answer", kind="error", back=True)
        if not right:
            r.fails += 1
            if r.fails >= 5:
                r.strike_until = r.clock() + STRIKE_SECONDS
                return message("login_strike", kind="error")
            r.act("refused", reason="password")
            return message("login_invalid", kind="error", back=True, n=5 - r.fails)
        if v["banned"]:
            return message("user_banned", kind="error")
        r.fails, g.user = 0, True
        give_session(2_592_000 if form.get("cookietime") else None)
        r.act("sign_in")
        return message("login_succeed", form.get("referer", "./") or "./", group=t("group"), user=r.login)

    def logout() -> Any:
        if request.args.get("formhash") == formhash() and g.user:
            r.auths.discard(request.cookies.get(COOKIE + "auth", ""))
            g.user = False
            r.act("sign_out")
        return message("logout_succeed", "./")

    def lost_password() -> Any:
        if request.form.get("formhash") != formhash():
            return message("submit_invalid", kind="error", back=True)
        if request.form.get("email", "").strip().lower() != str(r.address["address"]).lower():
            return message("getpasswd_notmatch", kind="error", back=True)
        if r.too_soon():
            return message("getpasswd_has_send", kind="error", n=INTERVAL)
        token = secrets.token_hex(3)
        r.authstr = {"at": r.clock(), "kind": "password", "email": r.address["address"], "token": token}
        r.act("request_password_mail")
        r.mail("getpasswd", r.address["address"])
        return message("getpasswd_sent", "./")

    def get_password() -> Any:
        """The link of the mail about a lost password. No step of an address change may open it."""
        r.act("open_wrong_link", path=request.path)
        return render_template("getpasswd.html")

    # -- the password-and-email page ----------------------------------------------------------------------------------
    def to_login() -> Any:
        return message("to_login", kind="info", login=True)

    def waiting_for() -> str:
        """The address that the page calls unverified: from this browser's own cookie, or the account's own."""
        cookie = unquote(request.cookies.get(COOKIE + "newemail", "")).split("\t")
        waiting = g.get("newemail") or (cookie[1] if len(cookie) == 3 and cookie[0] == str(UID) else "")
        if waiting and waiting.lower() == str(r.address["address"]).lower() and r.address["verified"]:
            g.set_cookies.append(("newemail", "", 0))
            waiting = ""
        return str(waiting or ("" if r.address["verified"] else r.address["address"]))

    @app.route("/home.php", methods=["GET", "POST"])
    def home() -> Any:
        args = request.args
        if args.get("mod") == "misc" and args.get("ac") == "emailcheck":
            return check_mail_link()
        if args.get("mod") != "spacecp":
            abort(404)
        if not g.user:
            return to_login()
        if args.get("ac") == "plugin" and args.get("id") == "qqconnect:spacecp" and v["qq"] != "none":
            return render_template("qq.html")
        if args.get("ac", "profile") != "profile":
            abort(404)
        if v["moderation"] == "waiting":
            return message("nopermission_verify", kind="info")
        if request.method == "POST":
            return change()
        if args.get("op") != "password":
            return render_template("contact.html")
        if args.get("resend"):
            return resend()
        if v["moderation"] == "rejected":
            return render_template("rejected.html")
        template = "redesigned.html" if v["design"] == "redesigned" else "profile.html"
        html = render_template(template, waiting=waiting_for(), contact=args.get("from") == "contact")
        r.passed("form_shown")
        return html

    def refused(key: str) -> Any:
        r.act("refused", reason=key.removeprefix("profile_"))
        return message(key, kind="error", back=True)

    def change() -> Any:
        form = request.form
        if form.get("formhash") != formhash():
            return message("submit_invalid", kind="error", back=True)
        if wrong := checks_fail("change"):
            r.act("refused", reason=wrong)
            return message(wrong, kind="error", back=True)
        wanted = form.get("emailnew", form.get("mailbox", "")).strip()
        secret = form.get("newpassword", "")
        if r.no_password and not secret:
            return refused("profile_passwd_empty")
        if secret and secret != form.get("newpassword2", ""):
            return refused("profile_passwd_notmatch")
        other = wanted.lower() != str(r.address["address"]).lower()
        if other and v["refuse"] == "not_change":
            return refused("profile_email_not_change")
        if other and (problem := email_problem(wanted)):
            return refused(problem)
        given = form.get("oldpassword", form.get("passphrase", ""))
        if not r.no_password and (given != r.password or v["wrong_password"] == "change"):
            return refused("profile_passwd_wrong")
        sent = False
        if other:
            sent = r.send_check(wanted, request.url_root)
            if sent:
                g.set_cookies.append(("newemail", quote(f"{UID}\t{wanted}\t{int(r.clock())}"), 365 * DAY))
                r.act("request_change", address=wanted)
            else:
                r.act("refused", reason="interval")  # and the page says that everything was saved
        if secret:
            r.set_password(secret)
        waits = "profile_email_verify" + ("_x34" if v["version"] == "x34" else "")
        return message(waits if sent else "profile_succeed", settings)

    def email_problem(address: str) -> str:
        longest = 32 if v["version"] == "x34" else 255
        if (
            address.count("@") != 1
            or address.startswith("@")
            or "." not in address.partition("@")[2]
            or len(address) > longest
        ):
            return "profile_email_illegal"
        kind = {
            "illegal": "profile_email_illegal",
            "domain": "profile_email_domain_illegal",
            "duplicate": "profile_email_duplicate",
        }
        return kind.get(str(v["refuse"]), "") if address.lower() == r.new.lower() else ""

    def resend() -> Any:
        waiting = waiting_for() or str(r.address["address"])
        if request.args.get("formhash") == formhash() and r.send_check(waiting, request.url_root):
            r.act("resend_verification", address=waiting)
            g.set_cookies.append(("newemail", quote(f"{UID}\t{waiting}\t{int(r.clock())}"), 365 * DAY))
            return message("send_activate_mail_succeed", settings)
        return message("send_activate_mail_error", settings, kind="error", n=INTERVAL)

    def check_mail_link() -> Any:
        """The link of the verification mail: opening it is enough, for anybody, signed in or not; it works once."""
        known = dict(r.authstr or {})
        outcome = r.open_check(request.args.get("hash", ""))
        if outcome == "done":
            g.set_cookies.append(("newemail", "", 0))
            return message("email_check_sucess", settings, email=known["email"])
        if outcome == "duplicate":
            return message("profile_email_duplicate", kind="error", back=True)
        return message("email_check_error", "./", kind="error")

    # -- QQ -----------------------------------------------------------------------------------------------------------
    @app.route("/connect.php", methods=["GET", "POST"])
    def connect() -> Any:
        if v["qq"] == "none" or request.args.get("mod") != "config":
            abort(404)  # mod=login leads to graph.qq.com, which no fixture serves
        if not g.user:
            return to_login()
        if request.method == "GET" or request.form.get("op") != "unbind" or not r.bound:
            return redirect("home.php?mod=spacecp&ac=plugin&id=qqconnect:spacecp")
        form = request.form
        if form.get("formhash") != formhash():
            return message("submit_invalid", kind="error", back=True)
        if r.no_password:
            if not form.get("newpassword1"):
                return refused("profile_passwd_empty")
            if form["newpassword1"] != form.get("newpassword2"):
                return refused("profile_passwd_notmatch")
            r.set_password(form["newpassword1"])
        r.bound = False
        r.auths.clear()
        g.user = False
        r.act("unbind_qq")
        return message("qq_unbind_done", "member.php?mod=logging&action=login")

    @app.get("/")
    @app.get("/index.php")
    @app.get("/forum.php")
    def index() -> Any:
        return render_template("index.html")

    return app
