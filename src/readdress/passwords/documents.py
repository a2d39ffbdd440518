"""JSON exports (Bitwarden, 1Password's 1PUX, Proton Pass, Enpass): recognising them, and what each key of an item means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from readdress.passwords.jsonstream import JsonStream, Malformed, damaged
from readdress.passwords.jsonstream import Path as JsonPath
from readdress.passwords.row import Row, when
from readdress.passwords.source import TextReader
from readdress.passwords.trouble import ExportDamaged, ExportEncrypted

_KEY = re.compile(r'"((?:[^"\\]|\\.){1,60})"\s*:')
_ENCRYPTED = re.compile(
    r'\A\s*\{\s*(?:"[A-Za-z]{1,40}"\s*:\s*(?:"[^"]{0,200}"|[A-Za-z0-9.]{1,40})\s*,\s*){0,10}"encrypted"\s*:\s*true'
)

_ITEMS: dict[str, JsonPath] = {
    "bitwarden_json": ("items", "*"),
    "enpass_json": ("items", "*"),
    "protonpass_json": ("vaults", "*", "items", "*"),
    "onepassword_1pux": ("accounts", "*", "vaults", "*", "items", "*"),
}
_ENOUGH_KEYS = 400


def document_format(head: str) -> str:
    """The format of a JSON document by its first keys, or an empty string. The order of keys does not matter, only which there are."""
    if not head.lstrip("\ufeff \t\r\n").startswith("{"):
        return ""
    keys: set[str] = set()
    for count, found in enumerate(_KEY.finditer(head)):
        keys.add(found[1])
        if count > _ENOUGH_KEYS:
            break
    if "encrypted" in keys and "vaults" in keys:
        return "protonpass_json"
    if "encrypted" in keys and keys & {
        "items",
        "folders",
        "collections",
        "data",
        "passwordProtected",
        "encKeyValidation_DO_NOT_EDIT",
    }:
        return "bitwarden_json"
    if "accounts" in keys and keys & {"vaults", "attrs"}:
        return "onepassword_1pux"
    if {"items", "folders"} <= keys or ("items" in keys and keys & {"template_type", "auto_submit"}):
        return "enpass_json"
    if "folders" in keys and keys & {"parent_uuid", "updated_at"}:
        return "enpass_json"  # so many folders that the items come later
    return ""


def is_encrypted(head: str) -> bool:
    """Whether a document says near its top that it is encrypted."""
    return bool(_ENCRYPTED.match(head.lstrip("\ufeff")))


def encrypted(format_id: str) -> ExportEncrypted:
    """The error for an encrypted JSON export."""
    if format_id == "protonpass_json":
        return ExportEncrypted(
            "This Proton Pass export is encrypted.",
            todo="Export once more and choose JSON or CSV without encryption; delete the file when it has been read.",
        )
    return ExportEncrypted(
        "This Bitwarden export is encrypted, and only Bitwarden can open it.",
        todo="Export once more and choose .json or .csv, not .json (Encrypted); delete the file when it has been read.",
    )


def read_document(text: TextReader, format_id: str) -> Iterator[tuple[int, Row]]:
    """Rows with their numbers. Raises :class:`ExportDamaged` and :class:`ExportEncrypted`."""
    path = _ITEMS[format_id]
    read_item = _READERS[format_id]
    stream = JsonStream(_without_mark(text.read), (path, ("encrypted",)))
    items = stream.items()
    number = 0
    while True:
        broken = False
        found: tuple[JsonPath, Any] | None = None
        try:
            found = next(items, None)
        except Malformed:
            broken = True
        if broken or (found is None and text.broken):
            raise damaged(number)
        if found is None:
            return
        where, item = found
        if where == ("encrypted",):
            if item is True:
                raise encrypted(format_id)
            continue
        number += 1
        if not isinstance(item, dict):
            raise ExportDamaged(f"Entry {number} is not an entry: the export is damaged.", row=number)
        if (row := read_item(item)) is not None:
            yield number, row


def _without_mark(read: Callable[[], str]) -> Callable[[], str]:
    first = True

    def reading() -> str:
        nonlocal first
        piece = read()
        if first and piece:
            first = False
            piece = piece.lstrip("\ufeff") or " "
        return piece

    return reading


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(*values: object) -> list[str]:
    return [value for value in values if isinstance(value, str) and value.strip()]


def _bitwarden(item: dict[str, Any]) -> Row:
    kinds = {1: "login", 2: "note", 3: "card", 4: "identity"}
    kind = item.get("type")
    login, identity = _dict(item.get("login")), _dict(item.get("identity"))
    row = Row(kind=kinds.get(kind, "other") if isinstance(kind, int) else "other", title=_text(item.get("name")))
    row.urls = _texts(*(uri.get("uri") for uri in _dicts(login.get("uris"))), login.get("uri"))
    row.names = _texts(login.get("username"), identity.get("username"))
    row.emails = _texts(identity.get("email"))
    row.notes = _texts(item.get("notes"))
    row.fields = [_text(field.get("value")) for field in _dicts(item.get("fields"))]
    row.has_totp = bool(_texts(login.get("totp")))
    row.has_passkey = bool(login.get("fido2Credentials"))
    row.in_trash = item.get("deletedDate") is not None
    row.modified = when(item.get("revisionDate"))
    return row


def _proton(item: dict[str, Any]) -> Row:
    data = _dict(item.get("data"))
    content, meta = _dict(data.get("content")), _dict(data.get("metadata"))
    kinds = {"login": "login", "note": "note", "creditCard": "card", "identity": "identity"}
    row = Row(kind=kinds.get(_text(data.get("type")), "other"), title=_text(meta.get("name")))
    urls = content.get("urls")
    row.urls = _texts(
        *(urls if isinstance(urls, list) else ()), *(u.get("url") for u in _dicts(content.get("autofillUrls")))
    )
    row.names = _texts(content.get("itemUsername"), content.get("username"))
    row.emails = _texts(content.get("itemEmail"), content.get("email"), item.get("aliasEmail"))
    row.notes = _texts(meta.get("note"))
    row.fields = [_text(_dict(field.get("data")).get("content")) for field in _dicts(data.get("extraFields"))]
    row.has_totp = bool(_texts(content.get("totpUri"))) or any(
        bool(_dict(field.get("data")).get("totpUri")) for field in _dicts(data.get("extraFields"))
    )
    row.has_passkey = bool(content.get("passkeys"))
    row.in_trash = item.get("state") == 2  # 1 active, 2 trashed
    row.modified = when(item.get("modifyTime"))
    return row


def _onepassword(item: dict[str, Any]) -> Row:
    item = _dict(item.get("item")) or item  # earlier versions wrap each item
    overview, details = _dict(item.get("overview")), _dict(item.get("details"))
    fields = _dicts(details.get("loginFields"))
    kinds = {"001": "login", "002": "card", "003": "note", "004": "identity", "005": "login"}
    row = Row(kind=kinds.get(_text(item.get("categoryUuid")), "other"), title=_text(overview.get("title")))
    row.urls = _texts(overview.get("url"), *(url.get("url") for url in _dicts(overview.get("urls"))))
    row.names = _texts(*(field.get("value") for field in fields if field.get("designation") == "username"))
    secret = ("P",)  # the password; T and E fields hold what else a form asked for
    row.fields = [
        _text(field.get("value"))
        for field in fields
        if field.get("designation") not in ("username", "password") and field.get("fieldType") not in secret
    ]
    row.notes = _texts(details.get("notesPlain"))
    for section in _dicts(details.get("sections")):
        for field in _dicts(section.get("fields")):
            value = _dict(field.get("value"))
            row.has_totp = row.has_totp or bool(value.get("totp"))
            email = value.get("email")
            address = _dict(email).get("email_address") if isinstance(email, dict) else email
            row.fields.append(" ".join(_texts(value.get("string"), value.get("concealed"), address, value.get("url"))))
    row.in_trash = item.get("state") in ("archived", "trashed") or item.get("trashed") is True
    row.modified = when(item.get("updatedAt"))
    return row


def _enpass(item: dict[str, Any]) -> Row:
    kinds = {"login": "login", "password": "login", "note": "note", "creditcard": "card", "identity": "identity"}
    row = Row(kind=kinds.get(_text(item.get("category")), "other"), title=_text(item.get("title")))
    row.notes = _texts(item.get("note"))
    for field in _dicts(item.get("fields")):
        value, kind = _text(field.get("value")), _text(field.get("type"))
        if not value.strip() or field.get("deleted") == 1 or kind in ("password", "pin", "ccCvc", "ccPin"):
            continue
        if kind == "username":
            row.names.append(value)
        elif kind == "email":
            row.emails.append(value)
        elif kind == "url":
            row.urls.append(value)
        elif kind == "totp":
            row.has_totp = True
        else:
            row.fields.append(value)
    row.in_trash = item.get("trashed") == 1 or item.get("archived") == 1
    row.modified = when(item.get("updated_at"))
    return row


_READERS: dict[str, Callable[[dict[str, Any]], Row | None]] = {
    "bitwarden_json": _bitwarden,
    "enpass_json": _enpass,
    "protonpass_json": _proton,
    "onepassword_1pux": _onepassword,
}
