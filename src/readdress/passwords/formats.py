"""The formats that are understood: their names, and for each table its columns, with where each fact comes from."""

from __future__ import annotations

from dataclasses import dataclass

NAMES: dict[str, str] = {
    "bitwarden_json": "Bitwarden (JSON)",
    "bitwarden_csv": "Bitwarden (CSV)",
    "onepassword_1pux": "1Password (1PUX)",
    "onepassword_csv": "1Password (CSV)",
    "keepass_kdbx": "KeePass (KDBX 3.1 and 4)",
    "keepass_xml": "KeePass 2 (XML)",
    "keepass_csv": "KeePass (CSV)",
    "keepassxc_csv": "KeePassXC (CSV)",
    "lastpass_csv": "LastPass (CSV)",
    "dashlane_csv": "Dashlane (CSV, alone or in its zip)",
    "protonpass_json": "Proton Pass (JSON, alone or in its zip)",
    "protonpass_csv": "Proton Pass (CSV)",
    "nordpass_csv": "NordPass (CSV)",
    "enpass_json": "Enpass (JSON)",
    "enpass_csv": "Enpass (CSV)",
    "chrome_csv": "Chrome, Edge or Brave (CSV)",
    "firefox_csv": "Firefox (CSV)",
    "apple_csv": "Safari or Apple Passwords (CSV)",
}
"""Format id → name for people. Which of Chrome, Edge and Brave wrote a file cannot be told: all three use Chromium's writer."""


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV format. Column names are compared case-folded, in any order.

    No column that holds a secret is named here, except ``totp`` columns, of which only the emptiness is looked at; notes are
    searched for OLD and dropped with the row.
    ``needs``: the columns that identify it; ``may``: if set, no others are allowed; ``kinds``: value of the ``kind`` column →
    kind of row (``""`` skips the row). ``urls`` may hold several, separated by commas; ``url_lists`` and ``fields`` are JSON lists.
    """

    id: str
    needs: frozenset[str]
    title: str
    urls: tuple[str, ...]
    names: tuple[str, ...]
    emails: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    totp: tuple[str, ...] = ()
    modified: str = ""
    kind: str = ""
    kinds: tuple[tuple[str, str], ...] = ()
    url_lists: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    may: frozenset[str] = frozenset()
    backslash: bool = False


def _columns(text: str) -> frozenset[str]:
    return frozenset(text.split(","))


TABLES: tuple[Table, ...] = (
    Table(
        "bitwarden_csv",
        _columns("type,name,notes,fields,login_uri,login_username,login_password"),
        title="name",
        urls=("login_uri",),
        names=("login_username",),
        notes=("notes", "fields"),
        totp=("login_totp",),
        kind="type",
        kinds=(("note", "note"), ("card", "card"), ("identity", "identity")),
    ),
    Table(
        "lastpass_csv",
        _columns("url,username,password,extra,name,grouping,fav"),
        title="name",
        urls=("url",),
        names=("username",),
        notes=("extra",),
        totp=("totp",),
    ),
    Table(
        "nordpass_csv",
        _columns("name,url,username,password,note,cardholdername,cardnumber"),
        title="name",
        urls=("url",),
        names=("username",),
        emails=("email",),
        notes=("note",),
        totp=("totp",),
        kind="type",
        kinds=(("folder", ""), ("note", "note"), ("credit_card", "card"), ("identity", "identity")),
        url_lists=("additional_urls",),
        fields=("custom_fields",),
    ),
    Table(
        "protonpass_csv",
        _columns("type,name,url,username,password,note,totp"),
        title="name",
        urls=("url",),
        names=("username",),
        emails=("email",),
        notes=("note",),
        totp=("totp",),
        modified="modifytime",
        kind="type",
        kinds=(("note", "note"), ("creditcard", "card"), ("identity", "identity"), ("alias", "other")),
    ),
    Table(
        "dashlane_csv",
        _columns("username,title,password,note,url,category"),
        title="title",
        urls=("url",),
        names=("username", "username2", "username3"),
        notes=("note",),
        totp=("otpsecret", "otpurl"),
    ),
    Table(
        "onepassword_csv",
        _columns("title,url,username,password,otpauth,favorite,archived,tags"),
        title="title",
        urls=("url",),
        names=("username",),
        notes=("notes",),
        totp=("otpauth",),
    ),
    Table(
        "keepassxc_csv",
        _columns("group,title,username,password,url,notes"),
        title="title",
        urls=("url",),
        names=("username",),
        notes=("notes",),
        totp=("totp",),
        modified="last modified",
    ),
    Table(
        "keepass_csv",
        _columns("account,login name,password,web site,comments"),
        title="account",
        urls=("web site",),
        names=("login name",),
        notes=("comments",),
        backslash=True,
    ),
    Table(
        "firefox_csv",
        _columns("url,username,password,httprealm,formactionorigin,guid"),
        title="",
        urls=("url",),
        names=("username",),
        modified="timepasswordchanged",
    ),
    Table(
        "apple_csv",
        _columns("title,url,username,password,otpauth"),
        title="title",
        urls=("url",),
        names=("username",),
        notes=("notes",),
        totp=("otpauth",),
    ),
    Table(
        "chrome_csv",
        _columns("name,url,username,password"),
        title="name",
        urls=("url",),
        names=("username",),
        notes=("note",),
        may=_columns("name,url,username,password,note"),
    ),
)
"""In order of recognition: a table whose columns are a superset of a later one's comes first."""

_LABELS = frozenset({"username", "email", "e-mail", "url", "website", "password"})

SOURCES: tuple[tuple[str, str, str], ...] = (
    # (format, where, grade): official = the vendor's own page or the code that writes the format; software = the code or test data
    # of another manager's importer; observed = several unrelated projects agree.
    ("bitwarden_json", "https://bitwarden.com/help/encrypted-export/", "official"),
    (
        "bitwarden_json",
        "github.com/ProtonMail/WebClients packages/pass/lib/import/providers/bitwarden/mocks/bitwarden.json",
        "software",
    ),
    ("bitwarden_csv", "https://bitwarden.com/help/condition-bitwarden-import/", "observed"),
    ("onepassword_1pux", "https://support.1password.com/1pux-format/", "official"),
    (
        "onepassword_csv",
        "the header Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes in several importers' tests",
        "observed",
    ),
    ("keepass_kdbx", "https://github.com/libkeepass/pykeepass (4.2.0)", "software"),
    ("keepass_xml", "github.com/bitwarden/clients libs/importer/src/importers/keepass2-xml-importer.ts", "software"),
    (
        "keepass_csv",
        "the header Account,Login Name,Password,Web Site,Comments in several importers; quotes escaped by a backslash",
        "observed",
    ),
    ("keepassxc_csv", "KeePassium's DatabaseCSVExporter writes the same header as KeePassXC", "software"),
    (
        "lastpass_csv",
        "LastPass help: generic CSV import (columns url, username, password, extra, name, grouping, fav)",
        "official",
    ),
    (
        "dashlane_csv",
        "github.com/ProtonMail/WebClients packages/pass/lib/import/providers/dashlane/dashlane.types.ts",
        "software",
    ),
    (
        "protonpass_json",
        "github.com/ProtonMail/WebClients packages/pass/lib/export/archive.ts (Proton Pass/data.json or data.pgp)",
        "official",
    ),
    ("protonpass_csv", "github.com/ProtonMail/WebClients packages/pass/lib/export/csv.ts", "official"),
    (
        "nordpass_csv",
        "github.com/ProtonMail/WebClients packages/pass/lib/import/providers/nordpass/mocks/nordpass.csv",
        "software",
    ),
    (
        "enpass_json",
        "github.com/ProtonMail/WebClients packages/pass/lib/import/providers/enpass/enpass.types.ts",
        "software",
    ),
    (
        "enpass_csv",
        "github.com/bitwarden/clients libs/importer/src/importers/enpass/enpass-csv-importer.ts",
        "software",
    ),
    ("chrome_csv", "Chromium components/password_manager/core/browser/export/password_csv_writer.cc", "official"),
    ("firefox_csv", "Firefox LoginExport module (url … timePasswordChanged, times in milliseconds)", "official"),
    ("apple_csv", "the header Title,URL,Username,Password,Notes,OTPAuth in several importers", "observed"),
)


def table_for(header: list[str]) -> Table | None:
    """The table whose columns a header row names, or ``None``."""
    columns = [column.strip().casefold() for column in header]
    named = frozenset(columns) - {""}
    if len(named) != len([c for c in columns if c]):
        return None  # a column twice: nobody could say which of them is meant
    for table in TABLES:
        if table.needs <= named and (not table.may or named <= table.may):
            return table
    return None


def is_enpass(first: list[str]) -> bool:
    """Whether a first row is Enpass's header, or a row of label and value in turn (Enpass has no fixed columns, and may have no header)."""
    cells = [cell.strip().casefold().lstrip("*") for cell in first]
    if cells[:3] == ["title", "field", "value"]:
        return True
    labels, values = _LABELS.intersection(cells[1::2]), _LABELS.intersection(cells[0::2])
    return "password" in labels and bool(labels & {"username", "email", "e-mail"}) and not values
