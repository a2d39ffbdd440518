"""Drives the replica sites of recipes/github and recipes/microsoft without a browser, so that the replicas themselves are known to be right.

Every form is read from the served HTML and sent back as a browser would (hidden fields and form token included); a form
that a page does not show cannot be used.
"""

from __future__ import annotations

import email
import email.policy
import importlib.util
import re
import tomllib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

ROOT = Path(__file__).resolve().parents[2] / "recipes"
SITES = ("github", "microsoft")
OLD, NEW, PASSWORD = "ann@example.com", "ann@example.net", "correct horse"
DAY = 86_400


def load(site: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"replica_{site}", ROOT / site / "pages" / "site.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULES = {site: load(site) for site in SITES}
CASES = {
    site: {c["name"]: c for c in tomllib.loads((ROOT / site / "pages" / "cases.toml").read_text())["case"]}
    for site in SITES
}


@dataclass
class Form:
    """One form of a page: where it goes and what it would send."""

    attributes: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)  # select name -> option text -> value


class Page(HTMLParser):
    """What a test needs to know of a served page: its forms, its text, its ids and links. <script>, <style> are no text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: set[str] = set()
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self._text: list[str] = []
        self._form: Form | None = None
        self._silent = self._select = self._option = ""
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        self.attributes.append((tag, a))
        self.ids.add(a.get("id", ""))
        if tag in ("script", "style"):
            self._silent = tag
        if tag == "form":
            self._form = Form(a)
            self.forms.append(self._form)
        if self._form is None:
            return
        if tag == "input" and a.get("name") and a.get("type") not in ("submit", "radio", "checkbox"):
            self._form.values[a["name"]] = a.get("value", "")
        if tag == "input" and a.get("type") in ("radio", "checkbox") and "checked" in a:
            self._form.values[a["name"]] = a.get("value", "on")
        if tag == "select":
            self._select = a.get("name", "")
            self._form.options[self._select] = {}
        if tag == "option":
            self._option = a.get("value", "")
            if "selected" in a:
                self._form.values[self._select] = self._option

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        if tag == "form":
            self._form = None
        if tag == "option":
            self._option = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(data)
        if self._form is not None and self._option and data.strip():
            self._form.options[self._select][data.strip()] = self._option


class Person:
    """Somebody with a browser (cookies, redirects, forms) and a mailbox for every address."""

    def __init__(self, site: str, lang: str = "en", login: str | None = None, **variants: Any) -> None:
        self.site, self.now = site, 1_800_000_000.0
        login = login or ("ann-example" if site == "github" else OLD)
        self.inbox: list[dict[str, Any]] = []
        case = {
            "old": OLD,
            "new": NEW,
            "lang": lang,
            "login": login,
            "password": PASSWORD,
            "variants": variants,
            "clock": lambda: self.now,
        }
        self.app = MODULES[site].create_app(case, lambda **mail: self.inbox.append(mail))
        self.replica = self.app.config["REPLICA"]
        self.client = Client(self.app, Response)
        self.url, self.html = "", ""
        self.page = Page("")

    def open(self, url: str, data: dict[str, str] | None = None) -> Person:
        url = urljoin(self.url, url)
        for _ in range(10):
            parts = urlsplit(url)
            path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
            answer = self.client.open(
                path, method="GET" if data is None else "POST", data=data, base_url=f"https://{parts.netloc}"
            )
            if answer.status_code not in (301, 302, 303):
                break
            url, data = urljoin(url, answer.headers["Location"]), None
        self.url, self.html = url, answer.get_data(as_text=True)
        self.page = Page(self.html)
        return self

    def form(self, **wanted: str) -> Form:
        key, value = next(iter(wanted.items()))
        found = [f for f in self.page.forms if f.attributes.get(key.replace("_", "-"), "") == value]
        assert len(found) == 1, f"{len(found)} forms with {wanted} on {self.url}: {self.page.text[:300]}"
        return found[0]

    def send(self, form: Form, **values: str) -> Person:
        return self.open(form.attributes.get("action") or self.url, form.values | values)

    def mail(self, kind: str, to: str) -> dict[str, Any]:
        return next(m for m in reversed(self.inbox) if m["kind"] == kind and m["to"] == to)

    def body(self, kind: str, to: str) -> str:
        mail = self.mail(kind, to)
        return str(mail["text"] or mail["html"])

    def code(self, kind: str, to: str) -> str:
        return re.findall(r"(?<![\w#.@/=])\d{6,7}(?![\w.@])", self.body(kind, to))[0]

    def acts(self, name: str) -> int:
        return sum(1 for a in self.replica.acts if a["act"] == name)

    def entry(self, address: str = NEW) -> dict[str, Any] | None:
        return next((a for a in self.replica.addresses if a["address"] == address), None)


# -- both sites -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_cases_are_known_variants(site: str) -> None:
    """Every case builds an app, every variant value is used by some case: else a variant is never exercised."""
    used = {(k, repr(v)) for c in CASES[site].values() for k, v in c["variants"].items()}
    for case in CASES[site].values():
        assert case["ends"] in ("moved", "refused", "person", "time", "mail") and case["description"]
        Person(site, lang=case.get("lang", "en"), **case["variants"])
    for key, allowed in MODULES[site].VARIANTS.items():
        for value in allowed[1:]:
            assert (key, repr(value)) in used, f"{site}: no case has {key}={value!r}"


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("variants", [{"slw": True}, {"slow": "yes"}, {"slow": 1}])
def test_unknown_variant_is_refused(site: str, variants: dict[str, Any]) -> None:
    """A misspelt variant would silently test the normal page."""
    with pytest.raises(ValueError, match="unknown variant"):
        Person(site, **variants)


@pytest.mark.parametrize(
    "path",
    sorted(p for s in SITES for p in ROOT.glob(f"{s}/pages/mails/*.eml")),
    ids=lambda p: f"{p.parts[-4]}-{p.name}",
)
def test_sample_mail_is_well_formed(path: Path) -> None:
    """A sample has the headers that trust looks at, no defect, no non-ASCII header byte, and a twin in the other language."""
    raw = path.read_bytes()
    assert raw.split(b"\n\n", 1)[0].isascii()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert not message.defects and not any(part.defects for part in message.walk())
    assert len(message["From"].addresses) == 1 and message["Subject"] and message["To"] in ("{new}", "{old}")
    body = message.get_body(("plain", "html"))
    assert body is not None and set(re.findall(r"\{\w+\}", body.get_content())) <= {
        "{new}",
        "{old}",
        "{code}",
        "{link}",
    }
    other = ".zh.eml" if path.name.endswith(".en.eml") else ".en.eml"
    assert path.with_name(re.sub(r"\.(en|zh)\.eml$", other, path.name)).exists()
    official = {
        "github": "noreply@github.com",
        "microsoft": "account-security-noreply@accountprotection.microsoft.com",
    }[path.parts[-4]]
    assert (message["From"].addresses[0].addr_spec == official) is not path.name.startswith("hostile")


@pytest.mark.parametrize("site", SITES)
def test_language_follows_the_browser_when_the_case_names_none(site: str) -> None:
    """Without case["lang"], Accept-Language decides."""
    app = MODULES[site].create_app({"old": OLD, "new": NEW}, lambda **_: None)
    host, path = {"github": ("github.com", "/login"), "microsoft": ("login.live.com", "/login.srf")}[site]
    zh = (
        app.test_client()
        .get(path, base_url=f"https://{host}", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
        .get_data(as_text=True)
    )
    assert 'lang="zh-CN"' in zh and "登录" in zh


@pytest.mark.parametrize("site", SITES)
def test_only_its_own_hosts_and_its_own_forms(site: str) -> None:
    """Another host is not served, and a POST without the form token changes nothing."""
    p = Person(site, start="signed_in")
    assert p.client.get("/", base_url="https://other.example").status_code == 404
    target = {
        "github": "https://github.com/users/ann-example/emails",
        "microsoft": "https://account.live.com/AddAssocId",
    }[site]
    p.open(target, {"email": NEW, "AssociatedIdExisting": NEW})
    assert p.entry() is None and not p.inbox


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("style", ["max_age", "session"])
def test_session_cookie_life(site: str, style: str) -> None:
    """A session cookie has no Max-Age, so a killed browser loses it; the other kind survives."""
    p = Person(site, session_cookie=style)
    host = {"github": "github.com", "microsoft": "login.live.com"}[site]
    cookie = p.client.get("/login.srf", base_url=f"https://{host}").headers["Set-Cookie"]
    assert ("Max-Age" in cookie) is (style == "max_age") and "Secure" in cookie and "HttpOnly" in cookie


@pytest.mark.parametrize("site", SITES)
def test_reset(site: str) -> None:
    """reset() forgets acts, addresses and sessions."""
    p = (github_added if site == "github" else microsoft_added)(Person(site))
    assert p.entry() and p.replica.acts
    p.replica.reset()
    assert p.entry() is None and p.replica.acts == [] and p.replica.sessions == {}


# -- GitHub ---------------------------------------------------------------------------------------------------------------
EMAILS = "https://github.com/settings/emails"


def github_sign_in(p: Person, url: str = EMAILS) -> Person:
    """Open a page; sign in and pass whatever factor and sudo page stand before it."""
    p.open(url)
    if "login_field" in p.page.ids:
        p.send(p.form(action="/session"), login=p.replica.login, password=PASSWORD)
    if "/two-factor/webauthn" in p.url:
        p.open("/sessions/two-factor/app")
    if "app_totp" in p.page.ids:
        p.send(p.form(action="/sessions/two-factor"), app_otp=p.replica.totp)
    if "/captcha" in p.url:
        assert not p.inbox
        p.send(next(f for f in p.page.forms), person="yes")
    if "/verified-device" in p.url:
        p.send(
            next(f for f in p.page.forms if "resend" not in f.values),
            otp=p.code("device", p.replica.primary()),
        )
    return github_sudo(p)


def github_sudo(p: Person) -> Person:
    if "sudo_password" in p.page.ids:
        p.send(p.form(action="/sessions/sudo"), sudo_password=PASSWORD)
    elif p.replica.v["sudo_by"] == "mail_code" and "Confirm access" in p.page.text:
        p.send(p.form(action="/sessions/sudo"))
        assert NEW not in p.send(p.form(action="/sessions/sudo"), sudo_otp="nope").page.text
        p.send(p.form(action="/sessions/sudo"), sudo_otp=p.code("old_code", p.replica.primary()))
    return p


def github_add(p: Person, address: str = NEW) -> Person:
    github_sudo(p.send(p.form(action="/users/ann-example/emails"), email=address))
    if "confirm_code" in p.page.ids:
        p.send(p.form(action="/settings/emails/confirm"), code=p.code("old_code", p.replica.primary()))
    return p


def github_added(p: Person) -> Person:
    return github_add(github_sign_in(p))


def github_link(p: Person) -> str:
    return re.findall(
        r"https://github\.com/users/[^/]+/emails/\d+/confirm_verification/[0-9a-f]{40}", p.body("verify", NEW)
    )[0]


def github_primary(p: Person, address: str = NEW) -> Person:
    form = p.form(action="/users/ann-example/emails/primary")
    return github_sudo(p.send(form, id=form.options["id"][address]))


def github_remove(p: Person, address: str = OLD) -> Person:
    entry = p.entry(address)
    assert entry
    return github_sudo(p.send(p.form(data_remove=str(entry["id"]))))


WHOLE_GITHUB = [
    "normal", "normal_zh", "already_signed_in", "second_factor_totp", "second_factor_passkey", "new_device", "new_device_puzzle", "sudo_before_submit",
    "sudo_after_submit", "add_asks_code_at_old", "add_asks_code_at_old_other_wording", "sudo_and_code_at_old", "mail_html_only", "mail_text_only",
    "link_button", "link_signed_out", "lookalikes", "pending_banner", "list_without_name", "list_of_divs", "keep_old_for_commits", "slow_list",
    "backup_primary_only", "signed_out_after_add", "signed_out_after_verify", "signed_out_after_primary", "sudo_mailed_code",
]  # fmt: skip


@pytest.mark.parametrize("name", WHOLE_GITHUB)
def test_github_whole_story(name: str) -> None:
    """Add, verify by the mailed link, make primary, remove OLD: each exactly once, and no trap was opened."""
    case = CASES["github"][name]
    p = github_added(Person("github", lang=case.get("lang", "en"), **case["variants"]))
    link = (
        github_link(p)
        if case["variants"].get("verify_mail") != "html_only"
        else re.findall(r'href="(https[^"]+confirm_ver[^"]+)', p.body("verify", NEW))[0]
    )
    if case["variants"].get("slow"):
        assert NEW not in p.html.split('id="add_email"')[0].split('id="late"')[1]  # the list itself is not there yet
        assert NEW in p.client.get("/settings/emails/list", base_url="https://github.com").get_data(as_text=True)
    elif case["variants"].get("start") != "signed_in" and case["variants"].get("sign_out_after") is None:
        assert ("未验证" if case.get("lang") == "zh" else "Unverified") in p.page.text
    github_sign_in(p, link)
    if "confirm_verification" in p.url:
        p.send(p.page.forms[-1])
    assert p.entry() and p.entry()["verified"]
    github_primary(github_sign_in(p))
    assert p.entry()["primary"] and not p.entry(OLD)["primary"]
    if "login_field" in p.page.ids:
        github_sign_in(p)
    if case["variants"].get("slow"):
        p.html = p.client.get("/settings/emails/list", base_url="https://github.com").get_data(as_text=True)
        p.page = Page(p.html)
    if case["variants"].get("commits"):
        assert "no longer be linked" in p.page.text
    github_remove(p)
    assert p.entry(OLD) is None
    for act in ("add_address", "verify_address", "set_primary", "remove_address"):
        assert p.acts(act) == 1, act
    assert p.acts("open_cancel_link") == 0


def test_github_wrong_password_and_wrong_codes() -> None:
    """Wrong secrets lead nowhere."""
    p = Person("github", second_factor="device", sudo="before").open(EMAILS)
    p.send(p.form(action="/session"), login="ann-example", password="wrong")
    assert "Incorrect username or password" in p.page.text and "login_field" in p.page.ids
    p.send(p.form(action="/session"), login="ann-example", password=PASSWORD)
    p.send(p.page.forms[0], otp="000")
    assert "Incorrect verification code" in p.page.text and p.acts("sign_in") == 0
    p.now += 3601
    p.send(p.page.forms[0], otp=p.code("device", OLD))
    assert p.acts("sign_in") == 0  # the code is too old
    p.send(p.form(id="resend"))
    p.send(p.page.forms[0], otp=p.code("device", OLD))
    assert "sudo_password" in p.page.ids
    p.send(p.form(action="/sessions/sudo"), sudo_password="wrong")
    assert "Incorrect password" in p.page.text and NEW not in p.page.text
    github_sudo(p)
    p.now += 2 * 3600 + 1
    assert "sudo_password" in p.open(EMAILS).page.ids  # the two-hour timer


@pytest.mark.parametrize(("name", "words"), [
    ("address_in_use", f"Error adding {NEW}: email is already in use"),
    ("verified_by_another", "already verified by another user"),
    ("disposable_domain", "disposable"),
])  # fmt: skip
def test_github_add_refused(name: str, words: str) -> None:
    """A refused add says why and changes nothing."""
    p = github_added(Person("github", **CASES["github"][name]["variants"]))
    assert (
        words in p.page.text
        and p.entry() is None
        and p.acts("refused") == 1
        and not any(m["to"] == NEW for m in p.inbox)
    )


def test_github_sudo_that_forgets_the_form() -> None:
    """after_lost: the password is taken, the add is not carried out; the second try works."""
    p = github_added(Person("github", **CASES["github"]["sudo_after_submit_lost"]["variants"]))
    assert p.entry() is None and p.acts("sudo") == 1
    github_add(p)
    assert p.acts("add_address") == 1


def test_github_code_at_old_is_needed() -> None:
    """With a code asked at OLD, nothing is added before it, and a wrong code adds nothing; the banner names NEW meanwhile."""
    p = github_sign_in(Person("github", add_code="old"))
    p.send(p.form(action="/users/ann-example/emails"), email=NEW)
    p.send(p.form(action="/settings/emails/confirm"), code="nope")
    assert "Incorrect code" in p.page.text and p.entry() is None
    assert "pending-banner" in p.open(EMAILS).page.ids and not any(m["to"] == NEW for m in p.inbox)


@pytest.mark.parametrize(("name", "outcome"), [
    ("link_expired", "expired"), ("link_other_account", "wrong_account"), ("verified_by_another_at_link", "verified_other"),
])  # fmt: skip
def test_github_link_that_fails(name: str, outcome: str) -> None:
    """A link can fail; the address then stays unverified and cannot be chosen as primary."""
    p = github_added(Person("github", **CASES["github"][name]["variants"]))
    p.open(github_link(p))
    assert [a["outcome"] for a in p.replica.acts if a["act"] == "open_link"] == [outcome]
    assert (
        p.entry()["verified"] is False and NEW not in p.form(action="/users/ann-example/emails/primary").options["id"]
    )


def test_github_link_is_single_use_and_dies_after_a_day() -> None:
    """Second opening: used. A day later: expired."""
    p = github_added(Person("github"))
    link = github_link(p)
    p.open(link).open(link)
    assert "already been used" in p.page.text and p.acts("verify_address") == 1
    q = github_added(Person("github"))
    q.now += DAY + 1
    assert "expired" in q.open(github_link(q)).page.text and not q.entry()["verified"]


def test_github_link_forgotten_by_the_sign_in() -> None:
    """link_after_sign_in=lost: after signing in the settings page is shown, and the link still works when opened again."""
    p = github_added(Person("github", **CASES["github"]["link_signed_out_lost"]["variants"]))
    github_sign_in(p, github_link(p))
    assert p.url == EMAILS and not p.entry()["verified"]
    assert p.open(github_link(p)).entry()["verified"]


def test_github_first_mail_lost_then_resent() -> None:
    """lost_first: no mail after the add, one after the resend, and the address was added once."""
    p = github_added(Person("github", verify_mail="lost_first"))
    assert not any(m["to"] == NEW for m in p.inbox)
    p.send(p.form(action=f"/users/ann-example/emails/{p.entry()['id']}/request_verification"))
    assert (
        p.open(github_link(p)).entry()["verified"] and p.acts("add_address") == 1 and p.acts("resend_verification") == 1
    )


@pytest.mark.parametrize("name", ["backup_is_old", "backup_is_old_secondary", "backup_is_new"])
def test_github_backup_blocks_promotion(name: str) -> None:
    """While the backup setting names an address, promotion is refused; after 'Allow all verified emails' it works."""
    p = github_added(Person("github", **CASES["github"][name]["variants"]))
    p.open(github_link(p))
    github_primary(p)
    assert "Allow all verified emails" in p.page.text and not p.entry()["primary"]
    form = p.form(id="backup_email")
    if name == "backup_is_old_secondary":
        github_remove(p)
        assert "cannot delete your backup" in p.page.text and p.entry(OLD)
    p.send(form, backup_email=form.options["backup_email"]["Allow all verified emails"])
    assert github_primary(p).entry()["primary"] and not any(a["backup"] for a in p.replica.addresses)


@pytest.mark.parametrize(("name", "added"), [("signed_out_before_submit", 0), ("signed_out_after_add", 1)])
def test_github_signed_out_in_the_middle(name: str, added: int) -> None:
    """Both end on the sign-in page; only the state tells whether the add was taken."""
    p = Person("github", **CASES["github"][name]["variants"])
    github_sign_in(p)
    p.send(p.form(action="/users/ann-example/emails"), email=NEW)
    assert "login_field" in p.page.ids and p.acts("add_address") == added
    github_sign_in(p)
    assert (NEW in p.page.text) is bool(added)


def test_github_redesigned_can_be_finished_by_hand() -> None:
    """None of the known ids is left, yet a person can add, verify, promote and remove."""
    p = github_sign_in(Person("github", design="redesigned"))
    assert not p.page.ids & {"primary_email_select", "new_email_field", "settings-emails"}
    assert "Add email address" not in p.page.text
    p.send(p.form(id="attach"), email=NEW).open(github_link(p))
    p.send(p.form(data_default=str(p.entry()["id"])))
    github_remove(p)
    assert [a["address"] for a in p.replica.addresses] == [NEW]


def test_github_pending_is_not_added_twice() -> None:
    """NEW listed unverified from before: a second add is refused, a resend verifies it."""
    p = github_sign_in(Person("github", pending="listed"))
    assert NEW in p.page.text and "Unverified" in p.page.text
    github_add(p)
    assert "already in use" in p.page.text and p.acts("add_address") == 0
    p.send(p.form(action=f"/users/ann-example/emails/{p.entry()['id']}/request_verification")).open(github_link(p))
    assert p.entry()["verified"]


def test_github_privacy_and_primary_cannot_be_removed() -> None:
    """The privacy box is a form of its own; the primary address has no trash button."""
    p = github_sign_in(Person("github"))
    assert not [f for f in p.page.forms if "data-remove" in f.attributes]
    p.send(p.form(id="privacy"), private="1")
    assert p.replica.private


def test_github_traps_are_counted() -> None:
    """Opening the links that undo the move is recorded and really undoes it."""
    p = github_added(Person("github", add_code="old"))
    p.open(github_link(p))
    github_primary(p)
    p.open(re.findall(r"https://github\.com/settings/emails/revert/\w+", p.body("notice_primary", OLD))[0])
    assert p.acts("open_cancel_link") == 1 and p.entry() is None and p.replica.primary() == OLD


# -- Microsoft ------------------------------------------------------------------------------------------------------------
NAMES, PROOFS = "https://account.live.com/names/manage", "https://account.live.com/proofs/manage"
SRF = "/ppsecure/post.srf"


def microsoft_sign_in(p: Person, url: str = NAMES) -> Person:
    """Open a page; go through sign-in page after sign-in page and the identity check."""
    p.open(url)
    for _ in range(8):
        if not p.url.startswith("https://login.live.com"):
            break
        form = p.form(id="main_form")
        if "loginfmt" in form.values:
            p.send(form, loginfmt=p.replica.primary())
        elif "passwd" in form.values:
            p.send(form, passwd=PASSWORD)
        elif "proof_confirmation" in form.values:
            p.send(form, proof_confirmation=p.replica.proofs[0]["value"])
        elif "otc" in form.values:
            p.send(
                form,
                otc=p.replica.totp
                if p.replica.v["second_factor"] == "totp"
                else p.code("code", p.replica.proofs[0]["value"]),
            )
        elif "displaySign" in p.html:
            p.replica.approve()
            p.open("/login.srf")
        else:
            p.send(form, person="yes")  # puzzle, passkey offer, stay signed in, send code
    return microsoft_identity(p)


def microsoft_identity(p: Person) -> Person:
    if "idDiv_SAOTCS_Proofs" in p.page.ids:
        proof = p.replica.proofs[0]
        p.send(p.form(id="idForm_SAOTCS"), proof=str(proof["id"]), ProofConfirmation=proof["value"])
        p.send(p.form(id="idForm_SAOTCC"), otc=p.code("code", proof["value"]))
    return p


def microsoft_add(p: Person, address: str = NEW) -> Person:
    p.open("https://account.live.com/AddAssocId?ru=&cru=&fl=")
    return microsoft_identity(
        p.send(p.form(action="/AddAssocId"), AddAssocIdOptions="EXISTING", AssociatedIdExisting=address)
    )


def microsoft_added(p: Person) -> Person:
    return microsoft_add(microsoft_sign_in(p))


def microsoft_act(p: Person, action: str, address: str, **more: str) -> Person:
    """What the dialog's script does: fill the hidden form and send it; the list must really offer this act."""
    shown = Page(p.client.get("/names/list", base_url="https://account.live.com").get_data(as_text=True))
    assert any(a.get("data-act") == action and a.get("data-name") == address for _, a in shown.attributes), (
        f"{action} is not offered for {address}"
    )
    return microsoft_identity(
        p.send(p.form(id="manageNamesForm"), action=action, aliasName=address, displayName=address, **more)
    )


def microsoft_link(p: Person) -> str:
    return re.findall(r"https://account\.live\.com/(?:Email/Verify\?otk=|names/verify/)\w+", p.body("verify", NEW))[0]


def microsoft_verified(p: Person) -> Person:
    if p.replica.v["verify_send"] == "on_click":
        microsoft_act(p, "Verify", NEW)
    microsoft_sign_in(p, microsoft_link(p))
    if p.replica.v["link_page"] == "button":
        p.send(p.page.forms[-1])
    return p


def microsoft_proof(p: Person, address: str = NEW) -> Person:
    microsoft_sign_in(p, PROOFS).open("/proofs/Add")
    p.send(p.form(id="proofForm"), EmailAddress=address)
    return p.send(p.form(id="proofForm"), iOttText=p.code("code", address))


def microsoft_drop_proof(p: Person, address: str = OLD) -> Person:
    microsoft_sign_in(p, PROOFS)
    number = next(q["id"] for q in p.replica.proofs if q["value"] == address)
    return p.send(p.form(data_remove=str(number)))


WHOLE_MICROSOFT = [
    "normal", "normal_zh", "old_signin_ui", "old_signin_ui_code", "already_signed_in", "code_offered_first", "second_factor_code", "second_factor_totp",
    "second_factor_number", "passkey_nag", "passkey_nag_old_ui", "no_kmsi", "puzzle", "no_identity_check", "identity_at_proofs", "identity_everywhere",
    "identity_after_submit", "existing_field_aria", "existing_field_placeholder", "verify_mail_other_wording", "link_button", "link_signed_out",
    "one_added_this_week", "old_cannot_come_back", "phone_is_second_proof", "proof_swap_allowed", "alias_notice_with_revert", "no_alias_notice",
    "slow_list", "lookalikes", "signed_out_after_verify", "signed_out_after_primary", "signed_out_after_proof",
]  # fmt: skip


@pytest.mark.parametrize("name", WHOLE_MICROSOFT)
def test_microsoft_whole_story(name: str) -> None:
    """Alias added, verified, proof added, primary, OLD alias removed: each once; the old proof goes last, where that is no replacement of all."""
    case = CASES["microsoft"][name]
    p = microsoft_added(Person("microsoft", lang=case.get("lang", "en"), **case["variants"]))
    assert "NOTE_AssociatedIdAddedWL" in p.url and not p.entry()["verified"]
    microsoft_verified(p)
    assert p.entry()["verified"]
    microsoft_proof(p)
    microsoft_sign_in(p)
    microsoft_act(p, "MakePrimary", NEW)
    assert p.entry()["primary"] and p.entry(OLD)
    if "login.live.com" in p.url:
        microsoft_sign_in(p)
    microsoft_act(p, "Remove", OLD)
    assert "Note_AssociatedIdRemoved" in p.url and p.entry(OLD) is None
    for act in ("add_alias", "verify_alias", "add_proof", "set_primary", "remove_alias"):
        assert p.acts(act) == 1, act
    microsoft_drop_proof(p)
    others = (
        case["variants"].get("phone_proof")
        or case["variants"].get("lookalikes")
        or case["variants"].get("replace_rule") == "none_left"
    )
    assert (p.replica.pending is None) is bool(others)
    assert p.acts("open_cancel_link") == 0


@pytest.mark.parametrize(("ui", "marks"), [
    ("new", ["usernameEntry", "passwordEntry", "primaryButton", "kmsiVideo"]), ("old", ["i0116", "i0118", "idSIButton9", "KmsiCheckboxField"]),
])  # fmt: skip
def test_microsoft_sign_in_pages_have_the_known_marks(ui: str, marks: list[str]) -> None:
    """The ids that the facts name stand on the pages, and a wrong password leads nowhere."""
    p = Person("microsoft", signin_ui=ui).open(NAMES)
    seen = p.html
    p.send(p.form(id="main_form"), loginfmt="nobody@example.org")
    assert "find a Microsoft account" in p.page.text
    p.send(p.form(id="main_form"), loginfmt=OLD)
    p.send(p.form(id="main_form"), passwd="wrong")
    assert "incorrect" in p.page.text
    seen += p.html
    seen += p.send(p.form(id="main_form"), passwd=PASSWORD).html
    assert all(mark in seen for mark in marks)
    p.send(p.form(id="main_form"))
    assert "idDiv_SAOTCS_Proofs" in p.page.ids and p.acts("sign_in") == 1


def test_microsoft_account_home_shares_the_sign_in() -> None:
    """account.microsoft.com has its own cookie and gets the session through login.live.com."""
    p = microsoft_sign_in(Person("microsoft", identity="none"), "https://account.microsoft.com/profile")
    assert p.url == "https://account.microsoft.com/profile" and OLD in p.page.text and p.acts("sign_in") == 1
    assert "Account aliases" in p.open(NAMES).page.text
    assert p.client.get("/login.srf", base_url="https://account.live.com").status_code == 404


def test_microsoft_locked() -> None:
    """A locked account shows its landing page and never a session."""
    p = Person("microsoft", locked=True).open(NAMES)
    p.send(p.form(id="main_form"), loginfmt=OLD)
    p.send(p.form(id="main_form"), passwd=PASSWORD)
    assert "serviceAbuseLandingTitle" in p.page.ids and p.acts("sign_in") == 0


@pytest.mark.parametrize(("name", "reason"), [
    ("address_in_use", "in_use"), ("address_is_work_or_school", "work_school"),
    ("two_added_this_week", "weekly_limit"), ("ten_added_this_year", "yearly_limit"),
])  # fmt: skip
def test_microsoft_add_refused(name: str, reason: str) -> None:
    """A refused alias says why and changes nothing; the weekly limit is over a week later."""
    p = microsoft_added(Person("microsoft", **CASES["microsoft"][name]["variants"]))
    assert [a["reason"] for a in p.replica.acts if a["act"] == "refused"] == [reason] and p.entry() is None
    assert any(a.get("role") == "alert" for _, a in p.page.attributes)
    p.now += 7 * DAY
    microsoft_add(p)
    assert bool(p.entry()) is (reason == "weekly_limit")


def test_microsoft_two_a_week_is_counted_not_staged() -> None:
    """The third alias of a week is refused by the count of additions itself."""
    p = microsoft_added(Person("microsoft", identity="none"))
    microsoft_add(p, "two@example.org")
    microsoft_add(p, "three@example.org")
    assert p.entry("two@example.org") and p.entry("three@example.org") is None


def test_microsoft_primary_weekly_limit() -> None:
    """The official sentence, nothing changed, and allowed again a week later."""
    p = microsoft_verified(microsoft_added(Person("microsoft", primary_limit=True)))
    microsoft_act(microsoft_sign_in(p), "MakePrimary", NEW)
    assert (
        "We limit how frequently you can change your primary alias. Try again next week." in p.page.text
        and p.acts("set_primary") == 0
    )
    p.now += 7 * DAY
    assert microsoft_act(microsoft_sign_in(p), "MakePrimary", NEW).entry()["primary"]


@pytest.mark.parametrize("preset", [True, False])
def test_microsoft_remove_old_primary_box(preset: bool) -> None:
    """The box in the dialog is set or clear at first; sent as set, it removes OLD in the same act."""
    p = microsoft_verified(microsoft_added(Person("microsoft", remove_old_default=preset)))
    microsoft_sign_in(p)
    box = next(a for _, a in p.page.attributes if a.get("id") == "iRemoveOldPrimary")
    assert ("checked" in box) is preset
    microsoft_act(p, "MakePrimary", NEW, removeOldPrimary=str(preset).lower())
    assert (p.entry(OLD) is None) is preset and p.acts("remove_alias") == int(preset)


def test_microsoft_unverified_and_primary_are_guarded() -> None:
    """An unverified alias is not offered as primary and refused when forced; the primary alias cannot be removed; LIVE makes a new mailbox."""
    p = microsoft_added(Person("microsoft"))
    form = p.form(id="manageNamesForm")
    p.send(form, action="MakePrimary", aliasName=NEW).send(form, action="Remove", aliasName=OLD)
    assert p.replica.primary() == OLD and p.entry(OLD) and p.acts("refused") == 2
    p.open("/AddAssocId")
    assert p.form(action="/AddAssocId").values["AddAssocIdOptions"] == "LIVE"
    p.send(p.form(action="/AddAssocId"), AssociatedIdLive="oops-example")
    assert p.acts("add_live_alias") == 1


@pytest.mark.parametrize("name", ["link_expired", "normal"])
def test_microsoft_link_life_and_single_use(name: str) -> None:
    """An expired or used link verifies nothing (again)."""
    p = microsoft_verified(microsoft_added(Person("microsoft", **CASES["microsoft"][name]["variants"])))
    p.open(microsoft_link(p))
    assert [a["outcome"] for a in p.replica.acts if a["act"] == "open_link"] == (
        ["expired"] * 2 if name == "link_expired" else ["done", "used"]
    )


def test_microsoft_verification_mail_never_comes() -> None:
    """never: the page says that a mail was sent, and none is."""
    p = microsoft_act(microsoft_added(Person("microsoft", verify_mail="never")), "Verify", NEW)
    assert "We sent an email" in p.page.text and not any(m["kind"] == "verify" for m in p.inbox)


def test_microsoft_identity_needs_the_whole_address_and_the_code() -> None:
    """The masked address typed wrongly sends no code; a wrong or old code proves nothing."""
    p = microsoft_sign_in(Person("microsoft", identity="none"))
    p = Person("microsoft")
    p.open(NAMES)
    p.send(p.form(id="main_form"), loginfmt=OLD)
    p.send(p.form(id="main_form"), passwd=PASSWORD)
    p.send(p.form(id="main_form"))
    assert OLD not in p.page.text.replace(f"Security {OLD}", "") and "an*****@example.com" in p.page.text
    proof = str(p.replica.proofs[0]["id"])
    p.send(p.form(id="idForm_SAOTCS"), proof=proof, ProofConfirmation=NEW)
    assert "doesn't match" in p.page.text and not p.inbox
    p.send(p.form(id="idForm_SAOTCS"), proof=proof, ProofConfirmation=OLD)
    p.send(p.form(id="idForm_SAOTCC"), otc="12")
    assert "incorrect" in p.page.text
    p.now += 601
    p.send(p.form(id="idForm_SAOTCC"), otc=p.code("code", OLD))
    assert p.acts("prove_identity") == 0


def test_microsoft_old_mailbox_gone_means_30_days() -> None:
    """No proof at hand: all is replaced, 30 days pending, aliases closed, notices to OLD; then only NEW is left as proof."""
    p = Person("microsoft", identity="both").open(NAMES)
    p.send(p.form(id="main_form"), loginfmt=OLD)
    p.send(p.form(id="main_form"), passwd=PASSWORD)
    p.send(p.form(id="main_form"))
    p.open("/identity/confirm?trouble=1")
    assert "30-day waiting period" in p.page.text
    p.send(p.form(id="proofForm"), EmailAddress=NEW)
    p.send(p.form(id="proofForm"), iOttText=p.code("code", NEW))
    assert p.replica.pending and p.mail("notice_pending", OLD)
    p.open("/AddAssocId")
    assert "still pending" in p.page.text and not [
        f for f in p.page.forms if f.attributes.get("action") == "/AddAssocId"
    ]
    assert [q["value"] for q in p.replica.proofs] == [OLD]
    p.now += 30 * DAY
    p.open(NAMES)
    assert p.replica.pending is None and [q["value"] for q in p.replica.proofs] == [NEW]


def test_microsoft_pending_can_be_cancelled_with_the_old_proof() -> None:
    """The 30 days end at once when the person proves themselves with the old info."""
    p = microsoft_sign_in(Person("microsoft", pending_at_start=True), PROOFS)
    assert "pendingBanner" in p.page.ids
    p.send(p.form(id="cancelPending"))
    microsoft_identity(p)
    p.send(p.form(id="cancelPending"))
    assert p.replica.pending is None and p.acts("cancel_pending") == 1


def test_microsoft_last_proof_and_last_original_proof() -> None:
    """The only proof cannot be removed; removing the last original one starts the 30 days instead."""
    p = microsoft_drop_proof(Person("microsoft"))
    assert "only security info" in p.page.text and len(p.replica.proofs) == 1
    microsoft_proof(p)
    microsoft_drop_proof(p)
    assert p.replica.pending and p.acts("remove_proof") == 0 and p.acts("start_pending") == 1


def test_microsoft_proof_code() -> None:
    """A wrong code adds no proof; the code mail goes to NEW with the official subject and carries the trap."""
    p = microsoft_sign_in(Person("microsoft"), PROOFS).open("/proofs/Add")
    p.send(p.form(id="proofForm"), EmailAddress=NEW)
    p.send(p.form(id="proofForm"), iOttText="nope")
    assert "incorrect" in p.page.text and len(p.replica.proofs) == 1
    mail = p.mail("code", NEW)
    assert (
        mail["subject"] == "Microsoft account security code" and f"Security code: {p.code('code', NEW)}" in mail["text"]
    )
    p.send(p.form(id="proofForm"), iOttText=p.code("code", NEW))
    assert p.acts("add_proof") == 1 and p.mail("notice_proof", OLD)
    p.open(re.findall(r"https://account\.live\.com/dna\?otk=\w+", mail["text"])[0])
    assert p.acts("open_cancel_link") == 1 and [q["value"] for q in p.replica.proofs] == [OLD]


@pytest.mark.parametrize(("name", "added"), [("signed_out_before_submit", 0), ("signed_out_after_add", 1)])
def test_microsoft_signed_out_in_the_middle(name: str, added: int) -> None:
    """Both end on the sign-in page; only the state tells whether the alias was added."""
    p = Person("microsoft", identity="none", **CASES["microsoft"][name]["variants"])
    microsoft_sign_in(p).open("/AddAssocId")
    if added:
        p.send(p.form(action="/AddAssocId"), AddAssocIdOptions="EXISTING", AssociatedIdExisting=NEW)
    assert "usernameEntry" in p.page.ids and p.acts("add_alias") == added


def test_microsoft_redesigned_can_be_finished_by_hand() -> None:
    """None of the known ids is left, yet a person can add, verify, promote and remove."""
    p = microsoft_sign_in(Person("microsoft", design="redesigned"))
    assert not p.page.ids & {"idAddAliasLink", "manageNamesForm", "aliasList"}
    p.open("/AddAssocId").send(p.form(id="attach"), AssociatedIdExisting=NEW)
    p.send(p.form(data_do=f"Verify {NEW}"), action="Verify")
    p.open(microsoft_link(p)).open(NAMES)
    p.send(p.form(data_do=f"MakePrimary {NEW}"), action="MakePrimary")
    p.send(p.form(data_do=f"Remove {OLD}"), action="Remove")
    assert [a["address"] for a in p.replica.addresses] == [NEW]
