"""Writes an export of each format, as its manager would, from the same made-up entries; every secret carries the canary."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from readdress.models import Address

OLD = Address.parse("Ann.Old@example.com")
CANARY = "c4n4ry"
MODIFIED = 1_700_000_000
"""2023-11-14T22:13:20Z"""


@dataclass(frozen=True)
class Entry:
    title: str
    url: str
    user: str
    note: str = ""
    totp: str = ""

    @property
    def password(self) -> str:
        return f"pw,{CANARY}\";'\n"  # separators, quotes and an end of line stand in real passwords (and in notes) too


ENTRIES = (
    Entry(
        "GitHub",
        "https://github.com/login?token=" + CANARY,
        "Ann.Old@example.com",
        totp=f"otpauth://totp/x?secret={CANARY}",
    ),
    Entry(
        "Shop",
        "https://user:" + CANARY + "@shop.example.net:8443/a",
        "ann.old@EXAMPLE.com",
        note=f'line 1 {CANARY}\nline "2", 2\r\nend',
    ),
    Entry("Forum; old", "https://forum.example.org", "Ann.Old+forum@example.com"),
    Entry(
        '=HYPERLINK("http://evil.test","x")',
        "https://bank.example.org",
        "@SUM(1+1)*cmd|x",
        note=f"{CANARY}; recovery: Ann.Old@example.com.",
    ),
    Entry("银行", "https://例え.jp/", "joAnn.Old@example.com", note=f"not.Ann.Old@example.com.au {CANARY}"),
)
"""Exact; other case; plus-tag; only in a note, with formulas; look-alikes that are not OLD."""

HOSTS = ("github.com", "shop.example.net", "forum.example.org", "bank.example.org", "xn--r8jz45g.jp")


def table(header: list[str], rows: list[list[str]], *, delimiter: str = ",", quote_all: bool = False) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def from_columns(
    header: str, make: Callable[[Entry], dict[str, str]], *, quote_all: bool = False
) -> Callable[..., bytes]:
    columns = header.split(",")

    def write(entries: tuple[Entry, ...] = ENTRIES, delimiter: str = ",") -> bytes:
        rows = [[make(entry).get(column, "") for column in columns] for entry in entries]
        return table(columns, rows, delimiter=delimiter, quote_all=quote_all)

    return write


bitwarden_csv = from_columns(
    "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp",
    lambda e: {
        "type": "login",
        "name": e.title,
        "notes": e.note,
        "fields": f"PIN: {CANARY}",
        "reprompt": "0",
        "login_uri": e.url,
        "login_username": e.user,
        "login_password": e.password,
        "login_totp": e.totp,
    },
)
onepassword_csv = from_columns(
    "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes",
    lambda e: {
        "Title": e.title,
        "Url": e.url,
        "Username": e.user,
        "Password": e.password,
        "OTPAuth": e.totp,
        "Favorite": "false",
        "Archived": "false",
        "Notes": e.note,
    },
)
keepassxc_csv = from_columns(
    "Group,Title,Username,Password,URL,Notes,TOTP,Icon,Last Modified,Created",
    lambda e: {
        "Group": "Root",
        "Title": e.title,
        "Username": e.user,
        "Password": e.password,
        "URL": e.url,
        "Notes": e.note,
        "TOTP": e.totp,
        "Icon": "0",
        "Last Modified": "2023-11-14T22:13:20Z",
        "Created": "2020-01-01T00:00:00Z",
    },
    quote_all=True,
)
lastpass_csv = from_columns(
    "url,username,password,totp,extra,name,grouping,fav",
    lambda e: {
        "url": e.url,
        "username": e.user,
        "password": e.password,
        "totp": e.totp,
        "extra": e.note,
        "name": e.title,
        "fav": "0",
    },
)
dashlane_csv = from_columns(
    "username,username2,username3,title,password,note,url,category,otpSecret",
    lambda e: {
        "username": e.user,
        "title": e.title,
        "password": e.password,
        "note": e.note,
        "url": e.url,
        "otpSecret": e.totp,
    },
)
protonpass_csv = from_columns(
    "type,name,url,autofillUrls,email,username,password,note,totp,createTime,modifyTime,vault",
    lambda e: {
        "type": "login",
        "name": e.title,
        "url": e.url,
        "username": e.user,
        "password": e.password,
        "note": e.note,
        "totp": e.totp,
        "createTime": "1",
        "modifyTime": str(MODIFIED),
        "vault": "Personal",
    },
)
nordpass_csv = from_columns(
    "name,url,additional_urls,username,password,note,cardholdername,cardnumber,cvc,pin,expirydate,zipcode,folder,full_name,"
    "phone_number,email,address1,address2,city,country,state,type,custom_fields,totp",
    lambda e: {
        "name": e.title,
        "url": e.url,
        "username": e.user,
        "password": e.password,
        "note": e.note,
        "type": "password",
        "custom_fields": json.dumps([{"label": "PIN", "type": "hidden", "value": CANARY}]),
        "totp": e.totp,
    },
)
chrome_csv = from_columns(
    "name,url,username,password,note",
    lambda e: {"name": e.title, "url": e.url, "username": e.user, "password": e.password, "note": e.note},
)
firefox_csv = from_columns(
    "url,username,password,httpRealm,formActionOrigin,guid,timeCreated,timeLastUsed,timePasswordChanged",
    lambda e: {
        "url": e.url,
        "username": e.user,
        "password": e.password,
        "guid": "{1}",
        "timePasswordChanged": f"{MODIFIED}000",
    },
    quote_all=True,
)
apple_csv = from_columns(
    "Title,URL,Username,Password,Notes,OTPAuth",
    lambda e: {
        "Title": e.title,
        "URL": e.url,
        "Username": e.user,
        "Password": e.password,
        "Notes": e.note,
        "OTPAuth": e.totp,
    },
)


def keepass_csv(entries: tuple[Entry, ...] = ENTRIES, delimiter: str = ",") -> bytes:
    def cell(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    rows = [("Account", "Login Name", "Password", "Web Site", "Comments")]
    rows += [(e.title, e.user, e.password + "\\", e.url, e.note) for e in entries]
    return "".join(delimiter.join(cell(value) for value in row) + "\r\n" for row in rows).encode()


def enpass_csv(entries: tuple[Entry, ...] = ENTRIES, delimiter: str = ",") -> bytes:
    rows = [
        [
            e.title,
            "Username",
            e.user,
            "*Password",
            e.password,
            "Website",
            e.url,
            *(["TOTP", e.totp] if e.totp else []),
            "Mother",
            CANARY,
            e.note,
        ]
        for e in entries
    ]
    return table(
        ["Title", "Field", "Value", "Field", "Value", ".........", "Note"], rows, delimiter=delimiter, quote_all=True
    )


def bitwarden_json(entries: tuple[Entry, ...] = ENTRIES) -> bytes:
    items = [
        {
            "id": str(n),
            "folderId": None,
            "type": 1,
            "name": e.title,
            "notes": e.note or None,
            "revisionDate": "2023-11-14T22:13:20.000Z",
            "deletedDate": None,
            "passwordHistory": [{"password": CANARY}],
            "fields": [{"name": CANARY, "value": CANARY, "type": 1}],
            "login": {
                "uris": [{"match": None, "uri": e.url}, {"uri": "androidapp://com.example.app"}],
                "username": e.user,
                "password": e.password,
                "totp": e.totp or None,
                "fido2Credentials": [{"keyValue": CANARY}] if n == 0 else [],
            },
        }
        for n, e in enumerate(entries)
    ]
    return json.dumps({"encrypted": False, "folders": [{"id": "1", "name": "Work"}], "items": items}, indent=2).encode()


def protonpass_json(entries: tuple[Entry, ...] = ENTRIES) -> bytes:
    items = [
        {
            "itemId": str(n),
            "shareId": "s",
            "state": 1,
            "aliasEmail": None,
            "modifyTime": MODIFIED,
            "createTime": 1,
            "data": {
                "type": "login",
                "metadata": {"name": e.title, "note": e.note},
                "extraFields": [{"fieldName": CANARY, "type": "hidden", "data": {"content": CANARY}}],
                "content": {
                    "itemEmail": "",
                    "itemUsername": e.user,
                    "password": e.password,
                    "urls": [e.url],
                    "totpUri": e.totp,
                    "passkeys": [{"privateKey": CANARY}] if n == 0 else [],
                },
            },
        }
        for n, e in enumerate(entries)
    ]
    return json.dumps(
        {"version": "1.31.0", "userId": "u", "encrypted": False, "vaults": {"v1": {"name": "Personal", "items": items}}}
    ).encode()


def enpass_json(entries: tuple[Entry, ...] = ENTRIES) -> bytes:
    items = [
        {
            "category": "login",
            "archived": 0,
            "trashed": 0,
            "title": e.title,
            "note": e.note,
            "updated_at": MODIFIED,
            "template_type": "login.default",
            "attachments": [{"data": CANARY * 1000, "name": "scan"}],
            "fields": [
                {"type": "username", "label": "Username", "value": e.user, "deleted": 0},
                {"type": "password", "value": e.password},
                {"type": "url", "value": e.url},
                {"type": "totp", "value": e.totp},
                {"type": "text", "label": CANARY, "value": CANARY},
            ],
        }
        for e in entries
    ]
    return json.dumps(
        {"folders": [{"title": "x", "uuid": "1", "parent_uuid": "", "updated_at": 1, "icon": ""}], "items": items},
        indent=1,
    ).encode()


def onepassword_data(entries: tuple[Entry, ...] = ENTRIES) -> bytes:
    items = [
        {
            "uuid": str(n),
            "favIndex": 0,
            "createdAt": 1,
            "updatedAt": MODIFIED,
            "state": "active",
            "categoryUuid": "001",
            "overview": {
                "title": e.title,
                "subtitle": "",
                "url": e.url,
                "urls": [{"label": "", "url": e.url}],
                "tags": [],
            },
            "details": {
                "loginFields": [
                    {"value": e.user, "designation": "username", "fieldType": "T"},
                    {"value": e.password, "designation": "password", "fieldType": "P"},
                ],
                "notesPlain": e.note,
                "passwordHistory": [{"value": CANARY}],
                "sections": [
                    {
                        "title": CANARY,
                        "fields": [{"title": "otp", "value": {"totp": e.totp} if e.totp else {"concealed": CANARY}}],
                    }
                ],
            },
        }
        for n, e in enumerate(entries)
    ]
    vault = {"attrs": {"uuid": "v", "name": "Private", "type": "P"}, "items": items}
    return json.dumps({"accounts": [{"attrs": {"accountName": "Ann", "email": str(OLD)}, "vaults": [vault]}]}).encode()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return out.getvalue()


def onepassword_1pux(entries: tuple[Entry, ...] = ENTRIES) -> bytes:
    attributes = b'{"version": 3, "description": "1Password Unencrypted Export", "createdAt": 1585333569}'
    return zipped(export_DOT_attributes=attributes, export_DOT_data=onepassword_data(entries), files__a=b"\x00" * 100)


def protonpass_zip(entries: tuple[Entry, ...] = ENTRIES) -> bytes:
    return zipped(**{"Proton Pass/data.json": protonpass_json(entries), "Proton Pass/files/x": b"PK\x03\x04"})


def dashlane_zip(entries: tuple[Entry, ...] = ENTRIES) -> bytes:
    return zipped(
        **{
            "credentials.csv": dashlane_csv(entries),
            "securenotes.csv": table(["title", "note"], [["Wi-Fi", CANARY]]),
            "payments.csv": table(["type", "account_name", "cc_number"], [["card", "x", CANARY]]),
        }
    )


def keepass_xml(entries: tuple[Entry, ...] = ENTRIES) -> bytes:
    from xml.sax.saxutils import escape

    def strings(e: Entry, password: str) -> str:
        pairs = [
            ("Title", e.title),
            ("UserName", e.user),
            ("URL", e.url),
            ("Notes", e.note),
            ("Password", password),
            ("PIN", CANARY),
        ]
        pairs += [("otp", e.totp)] if e.totp else []
        return "".join(f"<String><Key>{k}</Key><Value>{escape(v)}</Value></String>" for k, v in pairs)

    body = "".join(
        f"<Entry><UUID>x</UUID><Times><LastModificationTime>2023-11-14T22:13:20Z</LastModificationTime></Times>{strings(e, e.password)}"
        f"<History><Entry>{strings(e, CANARY)}</Entry></History></Entry>"
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<KeePassFile><Meta><Generator>KeePass</Generator>'
        f"<RecycleBinUUID>Ymlu</RecycleBinUUID></Meta><Root><Group><UUID>cm9vdA==</UUID><Name>Root</Name>{body}</Group></Root></KeePassFile>"
    ).encode()


MASTER = f"master {CANARY}"


def kdbx(path: Path, version: int, entries: tuple[Entry, ...] = ENTRIES) -> None:
    """A KDBX 4 database, or the same content as KDBX 3.1."""
    from tests.passwords.kdbx_writer import write_kdbx3, write_kdbx4

    (write_kdbx3 if version == 3 else write_kdbx4)(path, entries)


CSV: dict[str, Callable[..., bytes]] = {
    "bitwarden_csv": bitwarden_csv,
    "onepassword_csv": onepassword_csv,
    "keepassxc_csv": keepassxc_csv,
    "keepass_csv": keepass_csv,
    "lastpass_csv": lastpass_csv,
    "dashlane_csv": dashlane_csv,
    "protonpass_csv": protonpass_csv,
    "nordpass_csv": nordpass_csv,
    "enpass_csv": enpass_csv,
    "chrome_csv": chrome_csv,
    "firefox_csv": firefox_csv,
    "apple_csv": apple_csv,
}
TEXT: dict[str, Callable[..., bytes]] = {
    **CSV,
    "bitwarden_json": bitwarden_json,
    "protonpass_json": protonpass_json,
    "enpass_json": enpass_json,
    "keepass_xml": keepass_xml,
}
ZIPS: dict[str, tuple[str, Callable[..., bytes]]] = {
    "1pux": ("onepassword_1pux", onepassword_1pux),
    "proton zip": ("protonpass_json", protonpass_zip),
    "dashlane zip": ("dashlane_csv", dashlane_zip),
}
