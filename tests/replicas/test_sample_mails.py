"""Every sample mail of every recipe: sound as a message, labelled, and free of real people's addresses and numbers."""

from __future__ import annotations

import email
import email.policy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2] / "recipes"
OLD, NEW = "ann@old.example.net", "ann@new.example.org"
KINDS = {"verification", "code", "notice", "newsletter", "hostile"}
EXAMPLE = r"([\w-]+\.)*(example(\.(com|net|org))?|test)"
OWN = {
    "amazon": r"(www\.)?amazon\.com",
    "apple": r"(\w+\.)*apple\.com",
    "baidu": r"(passport\.)?baidu\.com",
    "china-southern": r"(\w+\.)?csair\.com",
    "facebook": r"www\.facebook\.com|facebookmail\.com",
    "google": r"(accounts|myaccount|sites)\.google\.com",
    "hainan-airlines": r"(ffp|hu)\.hnair\.com",
}
SAMPLES = [
    (p.parent.parent.name, row)
    for p in sorted(ROOT.glob("*/pages/expected.toml"))
    for row in tomllib.loads(p.read_text("utf-8"))["mail"]
]


def test_every_sample_has_a_label() -> None:
    """A file without a row would be checked by nothing; a row without a file is a slip."""
    for folder in sorted(p.parent for p in ROOT.glob("*/pages/expected.toml")):
        rows = tomllib.loads((folder / "expected.toml").read_text("utf-8"))["mail"]
        files = {p.name for p in (folder / "mails").glob("*.eml")}
        assert sorted(r["file"] for r in rows) == sorted(files), folder.parent.name
        assert (folder / "README.md").is_file()


@pytest.mark.parametrize(("recipe", "row"), SAMPLES, ids=lambda v: v if isinstance(v, str) else v["file"])
def test_sample(recipe: str, row: dict[str, Any]) -> None:
    """It parses without a defect, goes where the label says, and holds what the label says."""
    raw = (ROOT / recipe / "pages" / "mails" / row["file"]).read_bytes()
    assert raw.split(b"\n\n", 1)[0].isascii()
    filled = raw.replace(b"To: {new}", f"To: {NEW}".encode()).replace(b"To: {old}", f"To: {OLD}".encode())
    message = email.message_from_bytes(filled, policy=email.policy.default)
    assert not any(part.defects for part in message.walk()) and not any(v.defects for v in message.values())
    assert len(message["From"].addresses) == 1 and message["Subject"] and row["kind"] in KINDS
    assert message["To"] == {"new": NEW, "old": OLD}[row["to"]]
    body = "\n".join(p.get_content() for p in message.walk() if not p.is_multipart()).replace("&amp;", "&")
    places = set(re.findall(r"\{\w+\}", body + message["Subject"]))
    assert places <= {"{new}", "{old}", "{code}", "{link}"} and ("{code}" in places) is row["code"]
    assert all(link in body for link in row.get("never", ()) if "://" in link)
    assert "{link}" in places or row.get("right_link", "") in body
    hosts = re.findall(r"https?://([\w.-]+)|[\w.+-]+@([\w.-]+\w)", body + f" {message['From'].addresses[0].addr_spec}")
    for host in (one or two for one, two in hosts):
        assert re.fullmatch(f"{OWN.get(recipe, EXAMPLE)}|{EXAMPLE}", host), host
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|\+\d{8}", body), "a number that could be somebody's"
    if row["kind"] == "hostile":
        assert "right_link" not in row
