"""A replica of the GitHub pages on which an account's e-mail addresses are changed, written from published facts only.

No live page was opened for it. Structure, ids and labels that the facts name are kept; what they do not say is a named variant
(see README.md). State lives in this process: it survives a restart of the browser, not of the app.
"""

from __future__ import annotations

import email
import email.policy
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response

HERE = Path(__file__).parent
DAY = 86_400
SUDO_SECONDS = 2 * 3600  # the documented sudo timer
DEVICE_CODE_SECONDS = 3600  # the documented life of a new-device code

# Every variant and what it may be; the first value is the default. An unknown key or value is refused, so that a misspelt
# case can never pass by silently testing the normal page.
VARIANTS: dict[str, tuple[Any, ...]] = {
    "start": ("signed_out", "signed_in"),
    "session_cookie": ("max_age", "session"),
    "second_factor": ("none", "totp", "webauthn", "device", "device_captcha"),
    "sudo": ("none", "before", "after", "after_lost"),
    "sudo_by": ("password", "mail_code"),  # social-login users get a mailed code instead
    "add_code": ("none", "old"),
    "old_code_mail": ("a", "b"),
    "add_error": ("none", "in_use", "verified_other", "verified_other_at_link", "disposable"),
    "verify_mail": ("multipart", "html_only", "text_only", "lost_first"),
    "mail_delay": (0, 2),  # seconds, handed to send_mail for every message
    "link_life": (DAY, 0),
    "link_page": ("at_once", "button"),
    "link_after_sign_in": ("resume", "lost"),
    "link_account": ("right", "wrong"),
    "backup": ("all", "primary", "old", "old_secondary", "new"),
    "remove_backup": ("resets", "refused"),
    "sign_out_after": ("none", "list_shown", "add_address", "mail_sent", "verify_address", "set_primary"),
    "design": ("known", "redesigned"),
    "list_markup": ("named", "plain", "rows"),
    "slow": (False, True),
    "lookalikes": (False, True),
    "pending": ("none", "listed", "banner"),
    "commits": (False, True),
    "delete_confirm": ("dialog", "js", "none"),
    "notice": ("a", "b", "none"),
}


class Replica:
    """The account behind the pages.

    `acts`: one dict for each thing that changed something or used a link, ``{"act": str, "at": seconds since the epoch, ...}``.
    `addresses`: ``{"id", "address", "verified", "primary", "backup", "commits"}``. `backup_setting`: "all", "primary" or an
    address. `mails`: what was sent. `reset()` puts everything back to the start of the case.
    """

    def __init__(self, case: dict[str, Any], send_mail: Callable[..., Any]) -> None:
        self.case = case
        self.old, self.new = str(case["old"]), str(case["new"])
        self.login, self.password = (
            str(case.get("login", "ann-example")),
            str(case.get("password", "correct horse")),
        )
        self.totp = str(case.get("totp", "492039"))
        self.clock: Callable[[], float] = case.get("clock", time.time)
        self.v = {key: allowed[0] for key, allowed in VARIANTS.items()}
        for key, value in dict(case.get("variants", {})).items():
            if key not in VARIANTS or value not in VARIANTS[key] or type(value) is not type(VARIANTS[key][0]):
                raise ValueError(f"unknown variant {key}={value!r}; known: {VARIANTS.get(key, sorted(VARIANTS))}")
            self.v[key] = value
        self._send = send_mail
        self.reset()

    def reset(self) -> None:
        """Start the case again: acts, addresses, sessions, codes and links are as on the first request."""
        self.acts: list[dict[str, Any]] = []
        self.mails: list[dict[str, Any]] = []
        self.sessions: dict[str, dict[str, Any]] = {}
        self.links: dict[str, dict[str, Any]] = {}
        self.addresses: list[dict[str, Any]] = []
        self.private = False
        self._dropped = self._auto_signed_in = False
        self._verify_mails = 0
        self._next_id = 71_000_001
        third = "work@example.org"
        secondary = self.v["backup"] == "old_secondary"
        if secondary:
            self.put(third, verified=True, primary=True)
        self.put(self.old, verified=True, primary=not secondary, commits=self.v["commits"])
        if self.v["lookalikes"]:
            self.put("jo" + self.new, verified=True)
            self.put(self.new + ".test", verified=False)
            self.put("jo" + self.old, verified=True)
        if self.v["pending"] == "listed":
            self.put(self.new, verified=False)
        self.backup_setting = {
            "primary": "primary",
            "old": self.old,
            "old_secondary": self.old,
            "new": self.new,
        }.get(self.v["backup"], "all")
        self._mark_backup()

    def put(self, address: str, *, verified: bool, primary: bool = False, commits: bool = False) -> dict[str, Any]:
        """Append one address to the account and return its entry."""
        entry = {"id": self._next_id, "address": address, "verified": verified, "primary": primary}
        entry |= {"backup": False, "commits": commits}
        self._next_id += 1
        self.addresses.append(entry)
        return entry

    def find(self, address: str) -> dict[str, Any] | None:
        return next((a for a in self.addresses if a["address"].lower() == address.lower()), None)

    def by_id(self, number: int) -> dict[str, Any] | None:
        return next((a for a in self.addresses if a["id"] == number), None)

    def set_backup(self, setting: str) -> None:
        self.backup_setting = setting
        self._mark_backup()

    def _mark_backup(self) -> None:
        for entry in self.addresses:
            entry["backup"] = entry["address"] == self.backup_setting

    def act(self, name: str, **detail: Any) -> None:
        """Write down one act; drop every session when the case says that the person is signed out after it."""
        self.acts.append({"act": name, "at": self.clock(), **detail})
        self.passed(name)

    def passed(self, moment: str) -> None:
        if self.v["sign_out_after"] == moment and not self._dropped:
            self._dropped = True
            self.sessions.clear()

    def primary(self) -> str:
        return next(str(a["address"]) for a in self.addresses if a["primary"])

    # -- mail ---------------------------------------------------------------------------------------------------------
    def mail(
        self, kind: str, to: str, *, code: str = "", link: str = "", variant: str = "", parts: str = "both"
    ) -> None:
        """Send one of the messages in ``mails/``; `parts` is "both", "text" or "html"."""
        lang = "zh" if self.case.get("lang") == "zh" else "en"
        name = ".".join(filter(None, (kind, variant, lang, "eml")))
        message = email.message_from_bytes((HERE / "mails" / name).read_bytes(), policy=email.policy.default)
        values = {"{new}": self.new, "{old}": self.old, "{code}": code, "{link}": link}

        def filled(text: str) -> str:
            for key, value in values.items():
                text = text.replace(key, value)
            return text

        plain, rich = message.get_body(("plain",)), message.get_body(("html",))
        text = filled(plain.get_content()) if plain is not None and parts != "html" else ""
        html = filled(rich.get_content()) if rich is not None and parts != "text" else None
        self.mails.append({"to": to, "kind": kind, "code": code, "link": link, "at": self.clock()})
        self._send(
            to=to,
            kind=kind,
            subject=filled(str(message["Subject"])),
            sender=str(message["From"]),
            text=text,
            html=html,
            delay=float(self.v["mail_delay"]),
        )

    def notify(self, kind: str, to: str) -> None:
        """Tell the given mailbox about a change (subject and wording are a hole in the facts: variants a, b, none)."""
        if self.v["notice"] != "none":
            self.mail(kind, to, variant=self.v["notice"])

    def send_verification(self, entry: dict[str, Any]) -> None:
        token = secrets.token_hex(20)
        self.links[token] = {"id": entry["id"], "until": self.clock() + self.v["link_life"], "used": False}
        link = f"https://github.com/users/{self.login}/emails/{entry['id']}/confirm_verification/{token}"
        self._verify_mails += 1
        if not (self.v["verify_mail"] == "lost_first" and self._verify_mails == 1):
            style = self.v["verify_mail"]
            parts = {"html_only": "html", "text_only": "text"}.get(style, "both")
            variant = "html_only" if style == "html_only" else ""
            self.mail("verify", entry["address"], link=link, variant=variant, parts=parts)
        self.passed("mail_sent")


def create_app(case: dict[str, Any], send_mail: Callable[..., Any]) -> Flask:
    """Make the app for one case: keys ``old, new, lang ("en", "zh" or absent: Accept-Language), login, password, variants``;
    optional ``totp`` (the code that counts as right) and ``clock`` (seconds since the epoch). Raises ValueError for an unknown variant."""
    r = Replica(case, send_mail)
    app = Flask(__name__, template_folder=str(HERE / "templates"), static_folder=None)
    app.config["REPLICA"] = r
    v = r.v
    emails_url = "/settings/emails"

    # -- language, session, form token --------------------------------------------------------------------------------
    def chinese() -> bool:
        if r.case.get("lang") in ("en", "zh"):
            return bool(r.case["lang"] == "zh")
        return (request.accept_languages.best_match(["en", "zh-CN", "zh"]) or "en").startswith("zh")

    def t(en: str, zh: str) -> str:
        return zh if chinese() else en

    @app.context_processor
    def names() -> dict[str, Any]:
        session = g.get("session", {})
        return {
            "t": t,
            "zh": chinese(),
            "v": v,
            "r": r,
            "csrf": session.get("csrf", ""),
            "user": session.get("user", False),
            "sudo_sent": "sudo_code" in session,
        }

    @app.before_request
    def open_session() -> Any:
        if request.host.split(":")[0] != "github.com":
            abort(404)
        sid = request.cookies.get("user_session", "")
        if sid not in r.sessions:
            sid = secrets.token_urlsafe(24)
            r.sessions[sid] = {
                "user": False,
                "csrf": secrets.token_urlsafe(24),
                "sudo_until": 0.0,
                "flash": [],
            }
            if v["start"] == "signed_in" and not r._auto_signed_in:
                r._auto_signed_in = r.sessions[sid]["user"] = True
            g.new_sid = sid
        g.session = r.sessions[sid]
        if request.method == "POST" and request.form.get("authenticity_token") != g.session["csrf"]:
            if not g.session["user"]:  # the form was opened signed in; the session is gone
                return to_login(emails_url)
            abort(422)
        return None

    @app.after_request
    def keep_session(response: Response) -> Response:
        if "new_sid" in g:
            age = 14 * DAY if v["session_cookie"] == "max_age" else None
            response.set_cookie("user_session", g.new_sid, max_age=age, secure=True, httponly=True, samesite="Lax")
        response.headers["Cache-Control"] = "no-store"
        return response

    def flash(kind: str, text: str) -> None:
        g.session["flash"].append((kind, text))

    def page(template: str, **values: Any) -> str:
        shown, g.session["flash"] = g.session["flash"], []
        return render_template(template, flashes=shown, **values)

    def to_login(back: str) -> Response:
        g.session["return_to"] = back
        return redirect("/login?return_to=" + "https%3A%2F%2Fgithub.com" + back.replace("/", "%2F"))

    def safe_path(url: str | None) -> str:
        parts = urlsplit(url or "")
        inside = parts.netloc in ("", "github.com") and parts.path.startswith("/") and not parts.path.startswith("//")
        return parts.path if inside else "/"

    # -- sign-in ------------------------------------------------------------------------------------------------------
    @app.get("/login")
    def login() -> Any:
        if g.session["user"]:
            return redirect(safe_path(request.args.get("return_to")))
        return page("login.html", return_to=request.args.get("return_to", ""))

    @app.post("/session")
    def session_create() -> Any:
        form = request.form
        known = {r.login.lower(), *(a["address"].lower() for a in r.addresses if a["verified"])}
        g.session["return_to"] = safe_path(form.get("return_to"))
        if form.get("login", "").strip().lower() not in known or form.get("password") != r.password:
            flash("error", t("Incorrect username or password.", "用户名或密码不正确。"))
            return page("login.html", return_to=form.get("return_to", ""))
        factor = v["second_factor"]
        if factor == "none":
            return signed_in()
        g.session["stage"] = factor
        if factor in ("totp", "webauthn"):
            return redirect("/sessions/two-factor/" + ("app" if factor == "totp" else "webauthn"))
        return redirect("/sessions/verified-device" + ("/captcha" if factor == "device_captcha" else ""))

    def signed_in() -> Response:
        g.session["user"] = True
        g.session.pop("stage", None)
        r.act("sign_in")
        return redirect(g.session.pop("return_to", "/"))

    def need_stage(*stages: str) -> None:
        if g.session.get("stage") not in stages:
            abort(404)

    @app.get("/sessions/two-factor/<method>")
    def two_factor(method: str) -> Any:
        need_stage("totp", "webauthn")
        return page("two_factor.html", method="webauthn" if method == "webauthn" else "app")

    @app.post("/sessions/two-factor")
    def two_factor_check() -> Any:
        need_stage("totp", "webauthn")
        if request.form.get("app_otp", "").strip() != r.totp:
            flash("error", t("Two-factor authentication failed.", "双因素身份验证失败。"))
            return page("two_factor.html", method="app")
        return signed_in()

    @app.route("/sessions/verified-device/captcha", methods=["GET", "POST"])
    def captcha() -> Any:
        need_stage("device_captcha")
        if request.method == "POST" and request.form.get("person") == "yes":
            g.session["stage"] = "device"
            return redirect("/sessions/verified-device")
        return page("captcha.html")

    @app.route("/sessions/verified-device", methods=["GET", "POST"])
    def device() -> Any:
        need_stage("device")
        asked = g.session.get("device_code")
        if request.method == "POST" and request.form.get("resend") != "1" and asked:
            if request.form.get("otp", "").strip() == asked["code"] and r.clock() < asked["until"]:
                r.act("verify_device")
                return signed_in()
            flash("error", t("Incorrect verification code provided.", "验证码不正确。"))
        elif not asked or request.method == "POST":
            code = f"{secrets.randbelow(10**6):06d}"
            g.session["device_code"] = {"code": code, "until": r.clock() + DEVICE_CODE_SECONDS}
            backup = r.backup_setting if "@" in r.backup_setting else None
            for to in dict.fromkeys(filter(None, (r.primary(), backup))):
                r.mail("device", to, code=code)
        return page("device.html")

    @app.post("/logout")
    def logout() -> Any:
        g.session.update(user=False, sudo_until=0.0)
        r.act("sign_out")
        return redirect("/login")

    # -- the settings page --------------------------------------------------------------------------------------------
    @app.get("/")
    def home() -> Any:
        return page("home.html") if g.session["user"] else redirect("/login")

    @app.get("/settings/emails")
    def emails() -> Any:
        if not g.session["user"]:
            return to_login(emails_url)
        if v["sudo"] == "before" and g.session["sudo_until"] < r.clock():
            return page("sudo.html")
        banner = r.new if v["pending"] == "banner" and not r.find(r.new) else g.session.get("pending_add")
        html = page("emails_redesigned.html" if v["design"] == "redesigned" else "emails.html", banner=banner)
        r.passed("list_shown")
        return html

    @app.get("/settings/emails/list")
    def fragment() -> Any:
        return page("_list.html") if g.session["user"] else ("", 404)

    @app.post("/sessions/sudo")
    def sudo() -> Any:
        if not g.session["user"]:
            return to_login(emails_url)
        if v["sudo_by"] == "mail_code":
            asked = g.session.get("sudo_code")
            if asked is None or request.form.get("send") == "1":
                g.session["sudo_code"] = f"{secrets.randbelow(10**6):06d}"
                r.mail("old_code", r.primary(), code=g.session["sudo_code"], variant="b")
                return page("sudo.html")
            if request.form.get("sudo_otp", "").strip() != asked:
                flash("error", t("Incorrect code. Please try again.", "验证码不正确，请重试。"))
                return page("sudo.html")
            del g.session["sudo_code"]
        elif request.form.get("sudo_password") != r.password:
            flash("error", t("Incorrect password.", "密码不正确。"))
            return page("sudo.html")
        g.session["sudo_until"] = r.clock() + SUDO_SECONDS
        r.act("sudo")
        held = g.session.pop("held", None)
        return operations[held[0]](held[1]) if held and v["sudo"] == "after" else redirect(emails_url)

    def change(operation: str, **extra: Any) -> Any:
        """Run one change for a signed-in person, after sudo mode where the case asks for it at the submit."""
        form = request.form.to_dict() | extra
        if not g.session["user"]:
            return to_login(emails_url)
        if v["sudo"] != "none" and g.session["sudo_until"] < r.clock():
            g.session["held"] = (operation, form)
            return page("sudo.html")
        return operations[operation](form)

    def refused(reason: str, text: str) -> Response:
        r.act("refused", reason=reason)
        flash("error", text)
        return redirect(emails_url)

    def do_add(form: dict[str, Any]) -> Any:
        address = str(form.get("email", "")).strip()
        wrong = t(f"Error adding {address}: ", f"添加 {address} 时出错：")
        if address.count("@") != 1 or address.startswith("@") or address.endswith("@"):
            return refused("invalid", wrong + t("email is invalid", "电子邮件无效"))
        if r.find(address) or (v["add_error"] == "in_use" and address == r.new):
            return refused("in_use", wrong + t("email is already in use", "电子邮件已被使用"))
        if v["add_error"] == "verified_other" and address == r.new:
            return refused(
                "verified_other",
                wrong + t("Email is already verified by another user", "该电子邮件已由其他用户验证"),
            )
        if v["add_error"] == "disposable" and address == r.new:
            return refused(
                "disposable",
                wrong + t("disposable email addresses are not allowed", "不允许使用一次性电子邮件地址"),
            )
        if v["add_code"] == "old":
            code = f"{secrets.randbelow(10**6):06d}"
            g.session["add_code"], g.session["pending_add"] = (address, code), address
            r.act("ask_add_code", address=address)
            r.mail("old_code", r.primary(), code=code, variant=v["old_code_mail"])
            return redirect("/settings/emails/confirm")
        return listed(address)

    def listed(address: str) -> Response:
        entry = r.put(address, verified=False)
        r._mark_backup()
        g.session.pop("pending_add", None)
        sent = t(f"A verification email was sent to {address}.", f"验证邮件已发送至 {address}。")
        flash("success", t("We have added your email address. ", "已添加您的电子邮件地址。") + sent)
        r.act("add_address", address=address)
        r.send_verification(entry)
        r.notify("notice_added", r.primary())
        return redirect(emails_url)

    @app.route("/settings/emails/confirm", methods=["GET", "POST"])
    def add_code() -> Any:
        if not g.session["user"]:
            return to_login(emails_url)
        if "add_code" not in g.session:
            return redirect(emails_url)
        address, code = g.session["add_code"]
        if request.method == "POST":
            if request.form.get("code", "").strip() == code:
                del g.session["add_code"]
                return listed(address)
            flash("error", t("Incorrect code. Please try again.", "验证码不正确，请重试。"))
        return page("old_code.html", old=r.primary())

    def do_resend(form: dict[str, Any]) -> Any:
        entry = r.by_id(int(form["id"])) or abort(404)
        r.act("resend_verification", address=entry["address"])
        r.send_verification(entry)
        flash(
            "success",
            t(
                f"A verification email was sent to {entry['address']}.",
                f"验证邮件已发送至 {entry['address']}。",
            ),
        )
        return redirect(emails_url)

    def do_primary(form: dict[str, Any]) -> Any:
        number = str(form.get("id", ""))
        entry = (r.by_id(int(number)) if number.isdigit() else None) or abort(404)
        if not entry["verified"]:
            return refused(
                "unverified",
                t("You cannot make an unverified email primary.", "未验证的电子邮件不能设为主邮箱。"),
            )
        if v["backup"] in ("old", "old_secondary", "new") and "@" in r.backup_setting:
            return refused(
                "backup",
                t(
                    "Your backup email cannot be your primary email. Set your backup email to “Allow all verified emails” first.",
                    "备用电子邮件不能作为主电子邮件。请先将备用电子邮件设为“允许所有已验证的电子邮件”。",
                ),
            )
        before = r.primary()
        for other in r.addresses:
            other["primary"] = other is entry
        r.act("set_primary", address=entry["address"])
        r.notify("notice_primary", before)
        flash(
            "success",
            t(
                f"Your primary email was changed to {entry['address']}.",
                f"您的主电子邮件已更改为 {entry['address']}。",
            ),
        )
        return redirect(emails_url)

    def do_backup(form: dict[str, Any]) -> Any:
        chosen = str(form.get("backup_email", ""))
        entry = r.by_id(int(chosen)) if chosen.isdigit() else None
        if chosen not in ("all", "primary") and entry is None:
            abort(404)
        r.set_backup(entry["address"] if entry else chosen)
        r.act("set_backup", setting=r.backup_setting)
        flash("success", t("Your backup email preference was saved.", "备用电子邮件设置已保存。"))
        return redirect(emails_url)

    def do_privacy(form: dict[str, Any]) -> Any:
        r.private = form.get("private") == "1"
        r.act("set_privacy", private=r.private)
        return redirect(emails_url)

    def do_remove(form: dict[str, Any]) -> Any:
        entry = r.by_id(int(form["id"])) or abort(404)
        if entry["primary"]:
            return refused("primary", t("You cannot delete your primary email.", "不能删除主电子邮件。"))
        if entry["backup"]:
            if v["remove_backup"] == "refused":
                return refused("backup", t("You cannot delete your backup email.", "不能删除备用电子邮件。"))
            r.set_backup("all")
        r.addresses.remove(entry)
        r.act("remove_address", address=entry["address"])
        r.notify("notice_removed", entry["address"])
        flash(
            "success",
            t(
                f"Removed email {entry['address']} from your account.",
                f"已从您的帐户中移除电子邮件 {entry['address']}。",
            ),
        )
        return redirect(emails_url)

    operations: dict[str, Callable[[dict[str, Any]], Any]] = {
        "add": do_add, "resend": do_resend, "primary": do_primary, "backup": do_backup, "privacy": do_privacy, "remove": do_remove,
    }  # fmt: skip
    root = f"/users/{r.login}/emails"
    app.add_url_rule(root, "add", lambda: change("add"), methods=["POST"])
    for name in ("primary", "backup", "privacy"):
        app.add_url_rule(f"{root}/{name}", name, lambda name=name: change(name), methods=["POST"])
    app.add_url_rule(
        f"{root}/<int:number>/request_verification",
        "resend",
        lambda number: change("resend", id=number),
        methods=["POST"],
    )
    app.add_url_rule(f"{root}/<int:number>", "remove", lambda number: change("remove", id=number), methods=["POST"])

    # -- links from mails ---------------------------------------------------------------------------------------------
    @app.route(f"{root}/<int:number>/confirm_verification/<token>", methods=["GET", "POST"])
    def confirm(number: int, token: str) -> Any:
        if not g.session["user"]:
            return to_login(request.path if v["link_after_sign_in"] == "resume" else emails_url)
        link, entry = r.links.get(token), r.by_id(number)
        outcome = "done"
        if v["link_account"] == "wrong" or link is None or entry is None or link["id"] != number:
            outcome = "wrong_account" if v["link_account"] == "wrong" else "unknown"
        elif link["used"]:
            outcome = "used"
        elif r.clock() >= link["until"]:
            outcome = "expired"
        elif v["add_error"] == "verified_other_at_link":
            outcome = "verified_other"
        elif v["link_page"] == "button" and request.method == "GET":
            return page("confirm.html")
        r.act("open_link", outcome=outcome)
        if outcome != "done" or link is None or entry is None:
            texts = {
                "used": t("This verification link has already been used.", "此验证链接已被使用。"),
                "expired": t(
                    "This verification link has expired. Please request a new one.",
                    "此验证链接已过期，请重新申请。",
                ),
                "verified_other": t("Email is already verified by another user", "该电子邮件已由其他用户验证"),
                "wrong_account": t(
                    "This link belongs to another account. Sign in to that account and try again.",
                    "此链接属于另一个帐户，请登录该帐户后重试。",
                ),
            }
            flash("error", texts.get(outcome, t("That verification link is not valid.", "验证链接无效。")))
            return redirect(emails_url)
        link["used"] = entry["verified"] = True
        r.act("verify_address", address=entry["address"])
        flash("success", t("Your email was verified.", "您的电子邮件已通过验证。"))
        return redirect(emails_url)

    @app.get("/settings/emails/revert/<token>")
    def revert(token: str) -> Any:
        """The trap in the notices: opening it undoes the move, whoever opens it."""
        r.act("open_cancel_link", path=request.path)
        r.addresses[:] = [a for a in r.addresses if a["address"] != r.new]
        old = r.find(r.old) or r.put(r.old, verified=True)
        for entry in r.addresses:
            entry["primary"] = entry is old
        return page("home.html", note=t("The change to your account was undone.", "对您帐户的更改已撤消。"))

    @app.get("/users/unlink_email/<token>")
    def unlink(token: str) -> Any:
        """The trap in the unlink mail: it takes the address away from the account."""
        r.act("open_cancel_link", path=request.path)
        r.addresses[:] = [a for a in r.addresses if a["address"] != r.new]
        return page("home.html", note=t("This email address was unlinked.", "此电子邮件地址已取消关联。"))

    return app
