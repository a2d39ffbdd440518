"""A replica of the Microsoft account pages on which aliases and security info are changed, written from published facts only.

No live page was opened for it. Hosts, ids and labels that the facts name are kept; what they do not say is a named variant
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
from urllib.parse import quote, urlsplit

from flask import Flask, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response

HERE = Path(__file__).parent
DAY = 86_400
LOGIN, ACCOUNT, HOME = "login.live.com", "account.live.com", "account.microsoft.com"
HOSTS = (LOGIN, ACCOUNT, HOME, "login.microsoftonline.com")
NAMES, PROOFS = f"https://{ACCOUNT}/names/manage", f"https://{ACCOUNT}/proofs/manage"
PENDING_DAYS = 30  # replacing all security info restricts the account so long (official)
PER_WEEK, PER_YEAR = 2, 10  # alias additions (official); primary changes: about PER_WEEK too
CODE_SECONDS = 600  # life of a security code: not in the facts
ADDED, REMOVED = (
    "NOTE_AssociatedIdAddedWL",
    "Note_AssociatedIdRemoved",
)  # note ids seen in URLs as success marks

# Every variant and what it may be; the first value is the default. An unknown key or value is refused, so that a misspelt
# case can never pass by silently testing the normal page.
VARIANTS: dict[str, tuple[Any, ...]] = {
    "start": ("signed_out", "signed_in"),
    "session_cookie": ("max_age", "session"),
    "signin_ui": ("new", "old"),
    "first_offer": ("password", "code"),
    "second_factor": ("none", "code", "totp", "authenticator"),
    "puzzle": (False, True),
    "locked": (False, True),
    "passkey_nag": (False, True),
    "kmsi": (True, False),
    "identity": ("names", "none", "proofs", "both", "submit"),
    "code_digits": (6, 7),
    "phone_proof": (False, True),
    "existing_field": ("label", "aria", "placeholder"),
    "add_default": ("live", "existing"),
    "add_error": ("none", "in_use", "work_school"),
    "added_this_week": (0, 1, 2),
    "added_this_year": (0, 10),
    "primary_limit": (False, True),
    "verify_send": ("on_click", "on_add"),
    "verify_mail": ("a", "b", "never"),
    "mail_delay": (0, 2),  # seconds, handed to send_mail for every message
    "link_life": (7 * DAY, 0),
    "link_page": ("at_once", "button"),
    "link_needs_session": (True, False),
    "remove_old_default": (False, True),
    "replace_rule": ("all_originals", "none_left"),
    "pending_at_start": (False, True),
    "alias_notice": ("plain", "revert", "none"),
    "old_is_last_of_its_kind": (False, True),
    "sign_out_after": (
        "none",
        "list_shown",
        "add_alias",
        "mail_sent",
        "verify_alias",
        "set_primary",
        "add_proof",
    ),
    "design": ("known", "redesigned"),
    "slow": (False, True),
    "lookalikes": (False, True),
}


def masked(address: str) -> str:
    """The way a proof is shown before it is confirmed: two letters, stars, the domain."""
    local, _, domain = address.partition("@")
    return f"{local[:2]}*****@{domain}" if domain else f"********{address[-2:]}"


class Replica:
    """The account behind the pages.

    `acts`: one dict for each thing that changed something or used a link, ``{"act": str, "at": seconds since the epoch, ...}``.
    `addresses` (aliases): ``{"id", "address", "verified", "primary"}``. `proofs` (security info): ``{"id", "kind", "value",
    "verified", "added_at", "original"}``. `pending`: None, or ``{"until", "value"}`` while all security info is being replaced.
    `phone_codes`: codes texted to a phone proof. `approve()` is the person's tap in the authenticator app.
    """

    def __init__(self, case: dict[str, Any], send_mail: Callable[..., Any]) -> None:
        self.case = case
        self.old, self.new = str(case["old"]), str(case["new"])
        self.login, self.password = (
            str(case.get("login", self.old)),
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
        """Start the case again: acts, aliases, proofs, sessions, codes and links are as on the first request."""
        self.acts: list[dict[str, Any]] = []
        self.mails: list[dict[str, Any]] = []
        self.phone_codes: list[str] = []
        self.sessions: dict[str, dict[str, Any]] = {}
        self.links: dict[str, dict[str, Any]] = {}
        self.hops: dict[str, str] = {}
        self.addresses: list[dict[str, Any]] = []
        self.proofs: list[dict[str, Any]] = []
        self.pending: dict[str, Any] | None = None
        self.approved = self._dropped = self._auto_signed_in = False
        self._next_id = 1
        now = self.clock()
        self.additions = [now - 2 * DAY] * self.v["added_this_week"] + [now - 100 * DAY] * self.v["added_this_year"]
        self.primary_changes = [now - 2 * DAY] * (PER_WEEK if self.v["primary_limit"] else 0)
        self.put(self.old, verified=True, primary=True)
        self.put_proof("email", self.old, original=True)
        if self.v["lookalikes"]:
            self.put("jo" + self.new, verified=True)
            self.put("jo" + self.old, verified=True)
            self.put_proof("email", "jo" + self.new, original=True)
        if self.v["phone_proof"]:
            self.put_proof("phone", "+1 555-0142", original=True)
        if self.v["pending_at_start"]:
            self.pending = {"until": now + PENDING_DAYS * DAY, "value": self.new}

    def put(self, address: str, *, verified: bool, primary: bool = False) -> dict[str, Any]:
        """Append one alias and return its entry."""
        entry = {"id": self._next_id, "address": address, "verified": verified, "primary": primary}
        self._next_id += 1
        self.addresses.append(entry)
        return entry

    def put_proof(self, kind: str, value: str, *, original: bool = False) -> None:
        proof = {"id": self._next_id, "kind": kind, "value": value, "verified": True, "original": original}
        self._next_id += 1
        self.proofs.append(proof | {"added_at": self.clock()})

    def find(self, address: str) -> dict[str, Any] | None:
        return next((a for a in self.addresses if a["address"].lower() == address.lower()), None)

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

    def approve(self) -> None:
        self.approved = True

    def added_within(self, days: float) -> int:
        return sum(1 for at in self.additions if self.clock() - at < days * DAY)

    def start_pending(self, value: str) -> None:
        """Begin the 30 days: until they are over the old proofs stay, and notices go to them."""
        self.pending = {"until": self.clock() + PENDING_DAYS * DAY, "value": value}
        self.act("start_pending", value=value)
        for proof in self.proofs:
            if proof["kind"] == "email" and proof["value"] != value:
                self.mail("notice_pending", proof["value"])

    def settle(self) -> None:
        """End the 30 days when they are over: only the new security info is left."""
        if self.pending and self.clock() >= self.pending["until"]:
            self.proofs.clear()
            self.put_proof("email", self.pending["value"], original=True)
            self.pending = None
            self.act("pending_over")

    # -- mail ---------------------------------------------------------------------------------------------------------
    def mail(self, kind: str, to: str, *, code: str = "", link: str = "", variant: str = "") -> None:
        """Send one of the messages in ``mails/``."""
        lang = "zh" if self.case.get("lang") == "zh" else "en"
        name = ".".join(filter(None, (kind, variant, lang, "eml")))
        message = email.message_from_bytes((HERE / "mails" / name).read_bytes(), policy=email.policy.default)
        values = {"{new}": self.new, "{old}": self.old, "{code}": code, "{link}": link}

        def filled(text: str) -> str:
            for key, value in values.items():
                text = text.replace(key, value)
            return text

        plain, rich = message.get_body(("plain",)), message.get_body(("html",))
        text = filled(plain.get_content()) if plain is not None else ""
        html = filled(rich.get_content()) if rich is not None else None
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

    def send_code(self, kind: str, value: str) -> dict[str, Any]:
        """Send a security code to a mailbox or a phone; returns ``{"code", "until", "value"}``."""
        code = str(secrets.randbelow(10 ** self.v["code_digits"])).zfill(self.v["code_digits"])
        if kind == "phone":
            self.phone_codes.append(code)
        else:
            self.mail("code", value, code=code)
        return {"code": code, "until": self.clock() + CODE_SECONDS, "value": value}

    def send_verification(self, entry: dict[str, Any]) -> None:
        token = secrets.token_hex(16)
        self.links[token] = {"id": entry["id"], "until": self.clock() + self.v["link_life"], "used": False}
        style = self.v["verify_mail"]
        path = f"/Email/Verify?otk={token}" if style == "a" else f"/names/verify/{token}"
        if style != "never":
            self.mail("verify", entry["address"], link=f"https://{ACCOUNT}{path}", variant=style)
        self.passed("mail_sent")


def create_app(case: dict[str, Any], send_mail: Callable[..., Any]) -> Flask:
    """Make the app for one case: keys ``old, new, lang ("en", "zh" or absent: Accept-Language), login, password, variants``;
    optional ``totp`` (the code that counts as right) and ``clock`` (seconds since the epoch). Raises ValueError for an unknown variant."""
    r = Replica(case, send_mail)
    app = Flask(__name__, template_folder=str(HERE / "templates"), static_folder=None)
    app.config["REPLICA"] = r
    v = r.v

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
        values = {
            "t": t,
            "zh": chinese(),
            "v": v,
            "r": r,
            "masked": masked,
            "canary": session.get("canary", ""),
        }
        until = time.strftime("%Y-%m-%d", time.gmtime(r.pending["until"])) if r.pending else ""
        return values | {"user": session.get("user", False), "pending_until": until}

    @app.before_request
    def open_session() -> Any:
        g.host = request.host.split(":")[0]
        if g.host not in HOSTS:
            abort(404)
        r.settle()
        sid = request.cookies.get("MSPAuth", "")
        if sid not in r.sessions:
            sid = secrets.token_urlsafe(24)
            r.sessions[sid] = {
                "user": False,
                "canary": secrets.token_urlsafe(24),
                "proved": False,
                "stage": "username",
                "error": "",
            }
            if v["start"] == "signed_in" and not r._auto_signed_in:
                r._auto_signed_in = r.sessions[sid]["user"] = True
            g.new_sid = sid
        g.sid, g.session = sid, r.sessions[sid]
        if request.method == "POST" and request.form.get("canary") != g.session["canary"]:
            return to_login(NAMES)  # what an expired session gets, and a forged form too
        return None

    @app.after_request
    def keep_session(response: Response) -> Response:
        if "new_sid" in g:
            age = 14 * DAY if v["session_cookie"] == "max_age" else None
            domain = "live.com" if g.host.endswith("live.com") else None
            response.set_cookie(
                "MSPAuth", g.new_sid, max_age=age, domain=domain, secure=True, httponly=True, samesite="Lax"
            )
        response.headers["Cache-Control"] = "no-store"
        return response

    def page(template: str, **values: Any) -> str:
        error, g.session["error"] = g.session["error"], ""
        return render_template(template, error=error, **values)

    def at(host: str, path: str, view: Callable[..., Any], *methods: str) -> None:
        """Route one path of one host."""

        def on_host(**arguments: Any) -> Any:
            return view(**arguments) if g.host == host else abort(404)

        methods = methods or ("GET",)
        app.add_url_rule(path, f"{host}{path}{methods}".replace(".", "_"), on_host, methods=list(methods))

    def here() -> str:
        """The address as the browser shows it, whatever scheme the loopback proxy used to reach us."""
        return f"https://{request.host}{request.full_path.rstrip('?')}"

    def to_login(back: str) -> Response:
        return redirect(f"https://{LOGIN}/login.srf?wreply={quote(back, safe='')}")

    def safe_url(url: str | None) -> str:
        parts = urlsplit(url or "")
        return url if url and parts.scheme == "https" and parts.netloc in HOSTS else f"https://{HOME}/profile"

    # -- sign-in (login.live.com) -------------------------------------------------------------------------------------
    def signin_page() -> str:
        stage = g.session["stage"]
        return page(
            "signin_new.html" if v["signin_ui"] == "new" else "signin_old.html",
            stage=stage,
            name=g.session.get("name", r.old),
        )

    def login() -> Any:
        if request.args.get("wreply"):
            g.session["wreply"] = safe_url(request.args["wreply"])
        if g.session["user"]:
            return go_on()
        if g.session["stage"] == "authenticator" and r.approved:
            return after_factor()
        return signin_page()

    def go_on() -> Response:
        target = safe_url(g.session.get("wreply"))
        if urlsplit(target).netloc == HOME:
            token = secrets.token_urlsafe(16)
            r.hops[token] = g.sid
            return redirect(f"https://{HOME}/auth/complete-signin?t={token}&to={quote(target, safe='')}")
        return redirect(target)

    def stage(name: str, error: str = "") -> Any:
        g.session.update(stage=name, error=error)
        return redirect("/login.srf")

    def after_password() -> Any:
        if v["locked"]:
            return stage("locked")
        if v["second_factor"] == "none":
            return after_factor()
        return stage({"code": "factor_confirm"}.get(v["second_factor"], v["second_factor"]))

    def after_factor() -> Any:
        if v["passkey_nag"] and g.session["stage"] != "passkey_nag":
            return stage("passkey_nag")
        return stage("kmsi") if v["kmsi"] else signed_in()

    def signed_in() -> Response:
        g.session.update(user=True, stage="username")
        r.act("sign_in")
        return go_on()

    def post_srf() -> Any:
        form, now = request.form, g.session["stage"]
        if form.get("step") == "use_password" and now in ("code_offer", "code_entry"):
            return stage("password")
        if now == "username":
            name = form.get("loginfmt", "").strip()
            known = {a["address"].lower() for a in r.addresses if a["verified"]} | (
                {r.login.lower()} if "@" not in r.login else set()
            )
            if name.lower() not in known:
                return stage(
                    "username",
                    t(
                        "We couldn't find a Microsoft account. Try entering your details again.",
                        "找不到 Microsoft 帐户。请重新输入您的详细信息。",
                    ),
                )
            g.session["name"] = name
            return stage("puzzle" if v["puzzle"] else ("code_offer" if v["first_offer"] == "code" else "password"))
        if now == "puzzle":
            return (
                stage("code_offer" if v["first_offer"] == "code" else "password")
                if form.get("person") == "yes"
                else stage("puzzle")
            )
        if now == "password":
            if form.get("passwd") != r.password:
                return stage(
                    "password",
                    t(
                        "That password is incorrect for your Microsoft account.",
                        "该密码不是您的 Microsoft 帐户的正确密码。",
                    ),
                )
            return after_password()
        if now == "code_offer":
            g.session["factor"] = r.send_code("email", r.proofs[0]["value"])
            return stage("code_entry")
        if now == "factor_confirm":
            proof = proof_named(form.get("proof_confirmation", ""))
            if proof is None or proof["kind"] != "email":
                return stage(
                    "factor_confirm",
                    t(
                        "The email address you entered doesn't match the one on your account.",
                        "您输入的电子邮件地址与帐户中的不匹配。",
                    ),
                )
            g.session["factor"] = r.send_code("email", proof["value"])
            return stage("factor_code")
        if now in ("code_entry", "factor_code"):
            if not good_code(g.session["factor"], form.get("otc", "")):
                return stage(now, wrong_code())
            del g.session["factor"]
            return after_factor() if now == "factor_code" else after_password()
        if now == "totp":
            return after_factor() if form.get("otc", "").strip() == r.totp else stage("totp", wrong_code())
        if now == "passkey_nag":
            return after_factor()
        return signed_in() if now == "kmsi" else signin_page()

    def wrong_code() -> str:
        return t("That code is incorrect. Check the code and try again.", "该代码不正确。请检查代码并重试。")

    def good_code(asked: dict[str, Any], typed: str) -> bool:
        return bool(typed.strip() == asked["code"] and r.clock() < asked["until"])

    def proof_named(text: str) -> dict[str, Any] | None:
        """The proof that the person typed in full (an address, or the last four digits of a phone)."""
        text = text.strip().lower()
        return next(
            (p for p in r.proofs if p["value"].lower() == text or (p["kind"] == "phone" and p["value"][-4:] == text)),
            None,
        )

    def sign_out() -> Response:
        g.session.update(user=False, proved=False, stage="username")
        r.act("sign_out")
        return redirect("/login.srf")

    at(LOGIN, "/", login)
    at(LOGIN, "/login.srf", login)
    at(LOGIN, "/ppsecure/post.srf", post_srf, "POST")
    at(LOGIN, "/logout.srf", sign_out, "POST")
    at("login.microsoftonline.com", "/consumers", lambda: to_login(f"https://{HOME}/profile"))

    # -- account home (account.microsoft.com) -------------------------------------------------------------------------
    def complete() -> Response:
        sid = r.hops.pop(request.args.get("t", ""), "")
        if sid in r.sessions:
            g.new_sid = sid
        return redirect(safe_url(request.args.get("to")))

    at(HOME, "/auth/complete-signin", complete)
    for path in ("/profile", "/security"):
        at(HOME, path, lambda: page("home.html") if g.session["user"] else to_login(here()))

    # -- guards (account.live.com) ------------------------------------------------------------------------------------
    def guard(point: str, form: dict[str, Any] | None = None) -> Any:
        """What stands between the person and a page: sign-in, the identity check, the 30 days. None lets through."""
        if not g.session["user"]:
            return to_login(here() if request.method == "GET" else NAMES)
        wanted = {"names": ("names", "both"), "proofs": ("proofs", "both"), "submit": ("submit",)}[point]
        if v["identity"] in wanted and not g.session["proved"] and not r.pending:
            g.session["after_identity"] = (request.path, form) if form is not None else here()
            return redirect("/identity/confirm")
        return None

    def identity() -> Any:
        if not g.session["user"]:
            return to_login(NAMES)
        form, asked = request.form, g.session.get("identity")
        if request.method == "GET":
            trouble = request.args.get("trouble") == "1"
            return page("proofs_add.html", replace=True, asked=None) if trouble else page("identity.html", asked=asked)
        if form.get("step") == "send":
            proof = next((p for p in r.proofs if str(p["id"]) == form.get("proof")), None)
            if proof is None or proof_named(form.get("ProofConfirmation", "")) is not proof:
                g.session["error"] = t(
                    "This information doesn't match the information on your account.",
                    "此信息与您的帐户信息不匹配。",
                )
                return page("identity.html", asked=None)
            g.session["identity"] = r.send_code(proof["kind"], proof["value"])
            return page("identity.html", asked=g.session["identity"])
        if not asked or not good_code(asked, form.get("otc", "")):
            g.session["error"] = wrong_code()
            return page("identity.html", asked=asked)
        del g.session["identity"]
        g.session["proved"] = True
        r.act("prove_identity", proof=asked["value"])
        target = g.session.pop("after_identity", NAMES)
        return redirect(target) if isinstance(target, str) else operations[target[0]](target[1])

    at(ACCOUNT, "/identity/confirm", identity, "GET", "POST")

    # -- aliases ------------------------------------------------------------------------------------------------------
    def names_page() -> Any:
        stop = guard("names")
        if stop is not None:
            return stop
        html = page(
            "redesigned.html" if v["design"] == "redesigned" else "names.html",
            part="names",
            note=request.args.get("noteid", ""),
        )
        r.passed("list_shown")
        return html

    def names_list() -> Any:
        return page("_names.html") if g.session["user"] else ("", 404)

    def refused(url: str, reason: str, text: str) -> Response:
        r.act("refused", reason=reason)
        g.session["error"] = text
        return redirect(url)

    def closed() -> Any:
        """While all security info is being replaced, nothing that needs a code can be done."""
        r.act("refused", reason="pending")
        return page("pending.html")

    def add_page() -> Any:
        return guard("names") or (
            page("pending.html")
            if r.pending
            else page("redesigned.html" if v["design"] == "redesigned" else "add_alias.html", part="add")
        )

    def do_add(form: dict[str, Any]) -> Any:
        live = form.get("AddAssocIdOptions") == "LIVE"
        address = (
            f"{form.get('AssociatedIdLive', '')}@{form.get('DomainList', 'outlook.com')}"
            if live
            else str(form.get("AssociatedIdExisting", "")).strip()
        )
        back = "/AddAssocId?ru=&cru=&fl="
        if r.pending:
            return closed()
        if address.count("@") != 1 or address.startswith("@") or address.endswith("@"):
            return refused(
                back,
                "invalid",
                t(
                    "Enter the email address in the format someone@example.com.",
                    "请按 someone@example.com 格式输入电子邮件地址。",
                ),
            )
        if r.find(address):
            return refused(
                back,
                "already_yours",
                t(
                    "This email address is already an alias of your account.",
                    "此电子邮件地址已是您帐户的别名。",
                ),
            )
        if v["add_error"] != "none" and address == r.new:
            return refused(back, v["add_error"], {
                "in_use": t("This email address is already taken by another Microsoft account. Please try a different one.", "此电子邮件地址已被另一个 Microsoft 帐户使用，请换一个。"),
                "work_school": t("This email is part of a reserved domain. You can't use a work or school email address as an alias. Please enter a different email address.", "此电子邮件属于保留域。不能使用工作或学校电子邮件地址作为别名，请输入其他地址。"),
            }[v["add_error"]])  # fmt: skip
        if r.added_within(7) >= PER_WEEK:
            return refused(
                back,
                "weekly_limit",
                t(
                    "You've added too many aliases this week. You can add up to two per week. Try again next week.",
                    "本周添加的别名过多。每周最多可添加两个，请下周再试。",
                ),
            )
        if r.added_within(365) >= PER_YEAR:
            return refused(
                back,
                "yearly_limit",
                t(
                    "You've reached the limit of 10 aliases that you can add in a year.",
                    "您已达到一年内可添加 10 个别名的上限。",
                ),
            )
        r.additions.append(r.clock())
        entry = r.put(address, verified=live)
        r.act("add_live_alias" if live else "add_alias", address=address)
        if v["alias_notice"] != "none":
            r.mail("notice_alias", r.primary(), variant=v["alias_notice"])
        if v["verify_send"] == "on_add" and not live:
            r.send_verification(entry)
        return redirect(f"/names/manage?noteid={ADDED}")

    def do_names(form: dict[str, Any]) -> Any:
        entry = r.find(str(form.get("aliasName", ""))) or abort(404)
        action = form.get("action")
        if r.pending:
            return closed()
        if action == "Verify":
            r.act("request_verification", address=entry["address"])
            r.send_verification(entry)
            return redirect("/names/manage?noteid=NOTE_VerificationSent")
        if action == "MakePrimary":
            return make_primary(entry, form.get("removeOldPrimary") == "true")
        if action == "Remove":
            if entry["primary"]:
                return refused(
                    "/names/manage", "primary", t("You can't remove your primary alias.", "不能删除主别名。")
                )
            r.addresses.remove(entry)
            r.act("remove_alias", address=entry["address"])
            return redirect(f"/names/manage?noteid={REMOVED}")
        abort(400)

    def make_primary(entry: dict[str, Any], remove_old: bool) -> Any:
        if not entry["verified"]:
            return refused(
                "/names/manage",
                "unverified",
                t("Verify this alias before you make it primary.", "请先验证此别名，然后再将其设为主别名。"),
            )
        if sum(1 for when in r.primary_changes if r.clock() - when < 7 * DAY) >= PER_WEEK:
            return refused(
                "/names/manage",
                "primary_limit",
                t(
                    "We limit how frequently you can change your primary alias. Try again next week.",
                    "我们限制您更改主别名的频率。请下周再试。",
                ),
            )
        before = r.find(r.primary()) or abort(500)
        before["primary"], entry["primary"] = False, True
        r.primary_changes.append(r.clock())
        r.act("set_primary", address=entry["address"])
        if remove_old:
            r.addresses.remove(before)
            r.act("remove_alias", address=before["address"], by="make_primary")
        if v["alias_notice"] != "none":
            r.mail("notice_alias", before["address"], variant=v["alias_notice"])
        return redirect("/names/manage")

    operations: dict[str, Callable[[dict[str, Any]], Any]] = {
        "/AddAssocId": do_add,
        "/names/manage": do_names,
    }
    at(ACCOUNT, "/names/manage", names_page)
    at(ACCOUNT, "/names/list", names_list)
    at(ACCOUNT, "/AddAssocId", add_page)

    def submitted(path: str) -> Any:
        form = request.form.to_dict()
        return guard("names") or guard("submit", form) or operations[path](form)

    at(ACCOUNT, "/names/manage", lambda: submitted("/names/manage"), "POST")
    at(ACCOUNT, "/AddAssocId", lambda: submitted("/AddAssocId"), "POST")

    def verify(token: str = "") -> Any:
        token = token or request.args.get("otk", "")
        if v["link_needs_session"] and not g.session["user"]:
            return to_login(here())
        link = r.links.get(token)
        entry = next((a for a in r.addresses if link and a["id"] == link["id"]), None)
        outcome = (
            "unknown"
            if link is None or entry is None
            else "used"
            if link["used"]
            else "expired"
            if r.clock() >= link["until"]
            else "done"
        )
        if outcome == "done" and v["link_page"] == "button" and request.method == "GET":
            return page(
                "message.html",
                button=t("Verify", "验证"),
                title=t("Verify your email address", "验证您的电子邮件地址"),
                text=entry["address"] if entry else "",
            )
        r.act("open_link", outcome=outcome)
        if outcome != "done" or link is None or entry is None:
            return page(
                "message.html",
                title=t("This link isn't working", "此链接无效"),
                text=t(
                    "The link has expired or was already used. Request a new one.",
                    "该链接已过期或已使用。请重新申请。",
                ),
            )
        link["used"] = entry["verified"] = True
        r.act("verify_alias", address=entry["address"])
        return page(
            "message.html",
            title=t("Ready to go!", "一切就绪！"),
            text=t(f"Thanks for verifying {entry['address']}.", f"感谢您验证 {entry['address']}。"),
        )

    at(ACCOUNT, "/Email/Verify", verify, "GET", "POST")
    at(ACCOUNT, "/names/verify/<token>", verify, "GET", "POST")

    # -- security info ------------------------------------------------------------------------------------------------
    def proofs_page() -> Any:
        return guard("proofs") or page(
            "redesigned.html" if v["design"] == "redesigned" else "proofs.html",
            part="proofs",
            asked=g.session.get("proof"),
        )

    def proofs_post() -> Any:
        stop = guard("proofs")
        if stop is not None:
            return stop
        if request.form.get("action") == "CancelPending":
            return cancel_pending()
        if r.pending:
            return closed()
        proof = next((p for p in r.proofs if str(p["id"]) == request.form.get("proof")), None) or abort(404)
        rest = [p for p in r.proofs if p is not proof]
        if not rest:
            return refused(
                "/proofs/manage",
                "last_proof",
                t(
                    "You can't remove your only security info. Add another one first.",
                    "不能删除唯一的安全信息。请先添加其他安全信息。",
                ),
            )
        if v["replace_rule"] == "all_originals" and not any(p["original"] for p in rest):
            r.start_pending(rest[-1]["value"])
            return redirect("/proofs/manage")
        r.proofs.remove(proof)
        r.act("remove_proof", value=proof["value"])
        return redirect("/proofs/manage")

    def cancel_pending() -> Any:
        if r.pending and g.session["proved"]:
            r.pending = None
            r.act("cancel_pending")
            return redirect("/proofs/manage")
        g.session["after_identity"] = PROOFS
        return redirect("/identity/confirm")

    def add_proof_page() -> Any:
        return guard("proofs") or (
            page("pending.html") if r.pending else page("proofs_add.html", replace=False, asked=g.session.get("proof"))
        )

    def add_proof() -> Any:
        replace = request.form.get("replace") == "1"  # the person has none of the proofs: no identity check is possible
        stop = to_login(PROOFS) if not g.session["user"] else (None if replace else guard("proofs"))
        if stop is not None:
            return stop
        if r.pending:
            return closed()
        asked = g.session.get("proof")
        if "iOttText" in request.form and asked:
            if not good_code(asked, request.form["iOttText"]):
                g.session["error"] = wrong_code()
                return page("proofs_add.html", replace=replace, asked=asked)
            del g.session["proof"]
            if replace:
                r.start_pending(asked["value"])
                return page("pending.html")
            before = [p["value"] for p in r.proofs if p["kind"] == "email"]
            r.put_proof("email", asked["value"])
            r.act("add_proof", value=asked["value"])
            for to in before:
                r.mail("notice_proof", to)
            return redirect("/proofs/manage")
        address = request.form.get("EmailAddress", "").strip()
        if address.count("@") != 1 or any(p["value"] == address for p in r.proofs):
            g.session["error"] = t(
                "Enter an email address that isn't on your account yet.",
                "请输入尚未添加到您帐户的电子邮件地址。",
            )
            return page("proofs_add.html", replace=replace, asked=None)
        g.session["proof"] = r.send_code("email", address)
        return page("proofs_add.html", replace=replace, asked=g.session["proof"])

    at(ACCOUNT, "/proofs/manage", proofs_page)
    at(ACCOUNT, "/proofs/manage", proofs_post, "POST")
    at(ACCOUNT, "/proofs/Add", add_proof_page)
    at(ACCOUNT, "/proofs/Add", add_proof, "POST")

    # -- traps --------------------------------------------------------------------------------------------------------
    def remove_me(token: str = "") -> Any:
        """The links that nobody but the person may open: they take NEW off the account, without a sign-in."""
        r.act("open_cancel_link", path=request.path)
        r.proofs[:] = [p for p in r.proofs if p["value"] != r.new]
        r.addresses[:] = [a for a in r.addresses if a["address"] != r.new]
        old = r.find(r.old) or r.put(r.old, verified=True)
        for entry in r.addresses:
            entry["primary"] = entry is old
        return page(
            "message.html",
            title=t("Done", "完成"),
            text=t("This email address was removed from the account.", "此电子邮件地址已从帐户中删除。"),
        )

    at(ACCOUNT, "/dna", remove_me)
    at(ACCOUNT, "/names/revert/<token>", remove_me)
    return app
