"""vCard, CSV and the letter: readable by the programs that they are for, harmless whatever a name holds."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest

from readdress.discovery.correspondents import Acquaintances, Correspondent
from readdress.report.people import csv_table, letter, people_document, vcards

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OLD, NEW = "ann@old.example", "ann@new.example"


def one(name: str, address: str = "bob@example.org") -> Correspondent:
    """Somebody called ``name``."""
    return Correspondent(address, name, 3, 4, NOW, NOW)


def head(
    sender: str, to: str, subject: str = "Hi", date: str = "Mon, 02 Nov 2026 10:00:00 +0000", **more: str
) -> bytes:
    """A header block."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {date}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\r\n".join(lines).encode() + b"\r\n"


def seen(*headers: bytes, services: frozenset[str] = frozenset()) -> dict[str, Correspondent]:
    """Who counts in these messages."""
    found = Acquaintances([OLD, NEW, "alias@old.example"], lambda a: a in services, now=NOW)
    for header in headers:
        found.see(header)
    return {c.address: c for c in found.people()}


# -- who counts -------------------------------------------------------------------------------------------------------------


def test_whom_one_wrote_to_counts_and_whoever_wrote_twice() -> None:
    """One answer makes an acquaintance; one mail from a stranger does not; two do."""
    found = seen(
        head(OLD, "Bob Baker <bob@example.org>, carol@example.net"),
        head("Dan Miller <dan.miller@example.com>", OLD, "Hello"),
        head("Eve Stone <eve.stone@example.com>", OLD, "Hello"),
        head("Eve Stone <eve.stone@example.com>", "alias@old.example", "Re: Hello", "Tue, 03 Nov 2026 10:00:00 +0000"),
    )
    assert set(found) == {"bob@example.org", "carol@example.net", "eve.stone@example.com"}
    assert (found["bob@example.org"].name, found["bob@example.org"].sent) == ("Bob Baker", 1)
    assert found["eve.stone@example.com"].last == datetime(2026, 11, 3, 10, tzinfo=UTC)


def test_services_lists_and_oneself_do_not_count() -> None:
    """Support desks, shops, mailing lists, mail systems, one's own other address, and mail to somebody else."""
    found = seen(
        head(OLD, "support@shop.example, no-reply@shop.example, friends@lists.example.org, hello@known.example"),
        head(OLD, f"Me <{NEW}>"),
        head(
            "Kim Lee <kim.lee@example.com>",
            "friends@lists.example.org",
            List_Unsubscribe="<mailto:x@lists.example.org>",
        ),
        head("Mail Delivery System <mailer-daemon@example.com>", OLD, "Undelivered"),
        head("Shop <news@shop.example>", OLD, "Sale", List_Unsubscribe="<https://shop.example/u>"),
        head("Fay Wood <fay.wood@example.com>", "somebody@else.example", "Hello"),
        head("Fay Wood <fay.wood@example.com>", "somebody@else.example", "Hello again"),
        services=frozenset({"hello@known.example"}),
    )
    assert set(found) == set()


def test_a_circular_makes_nobody_an_acquaintance() -> None:
    """Two hundred recipients of one invitation are no two hundred friends; who is one already stays one."""
    crowd = ", ".join(f"guest{n}@example.org" for n in range(100))
    found = seen(head(OLD, "bob@example.org"), head(OLD, f"{crowd[:-1]}g"), head(OLD, f"bob@example.org, {crowd}"))
    assert set(found) == {"bob@example.org"} and found["bob@example.org"].sent == 2


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"From: a@example.com, b@example.com\r\nTo: " + OLD.encode(),
        b"From: " + b'"' * 200_000,
        b"From: " + OLD.encode() + b"\r\nTo: " + b'"' * 200_000,
        b"From: " + OLD.encode() + b"\r\nTo: " + b"<" * 200_000,
        b"From: " + OLD.encode() + b"\r\nTo: " + b"a@b.example," * 50_000,
        b"From: " + OLD.encode() + b"\r\nTo: \xff\xfe\x00,=?utf-8?b?////?= <x@example.org",
    ],
)
def test_hostile_headers_say_little_and_cost_little(header: bytes) -> None:
    """Quotes, brackets, endless lists: read within a bound, never raised about."""
    begin = datetime.now(UTC)
    assert len(seen(header)) <= 1
    assert (datetime.now(UTC) - begin).total_seconds() < 2


def test_a_date_to_come_is_none() -> None:
    """A mail "of 2099" would stand first for ever."""
    found = seen(head(OLD, "bob@example.org", date="Mon, 02 Nov 2099 10:00:00 +0000"))
    assert found["bob@example.org"].last is None


# -- vCard ------------------------------------------------------------------------------------------------------------------


def test_vcards_are_version_4_with_crlf_and_folded_by_octets() -> None:
    """RFC 6350: required lines, CRLF, no line over 75 octets, no character cut in two; unfolding gives the value back."""
    name = "王小明" * 40
    text = vcards([one(name), one("Bob, the; baker\\")])
    assert text.endswith("END:VCARD\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    unfolded = text.replace("\r\n ", "")
    lines = unfolded.split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:4.0"] and f"FN:{name}" in lines
    assert "FN:Bob\\, the\\; baker\\\\" in lines
    assert any(re.match(r"NOTE:Last contact 2026-11-24\\; 3 sent\\, 4 received\.", line) for line in lines)


def test_a_name_cannot_add_lines_to_a_card() -> None:
    """A display name with line breaks and a card of its own stays one name."""
    text = vcards([one("x\r\nEND:VCARD\r\nBEGIN:VCARD\r\nTEL:555-0100\u202e")])
    assert text.count("BEGIN:VCARD") - text.count("FN:x END:VCARD BEGIN:VCARD") == 1
    assert "\r\nTEL" not in text and "\u202e" not in text


def test_the_same_person_has_the_same_uid() -> None:
    """A second import finds the first one's card."""
    uid = re.compile(r"UID:(\S+)")
    first, second = uid.search(vcards([one("A")])), uid.search(vcards([one("B")]))
    assert first and second and first[1] == second[1]
    assert first[1] not in vcards([one("A", "other@example.org")])


# -- CSV --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(name: str) -> None:
    """A spreadsheet runs what begins like a formula, in a name or in an address."""
    rows = list(csv.reader(io.StringIO(csv_table([one(name, "=1@example.org")], {}))))
    assert rows[1][0] == f"'{name}" and rows[1][1] == "'=1@example.org"
    assert all(not re.match(r"[=+\-@\t\r]", cell) for row in rows for cell in row)


def test_the_table_reads_back() -> None:
    """Commas and quotes of a name, the last contact, who was told."""
    rows = list(csv.DictReader(io.StringIO(csv_table([one('Bob "the, baker"')], {"bob@example.org": "2026-11-20"}))))
    assert rows == [
        {"name": 'Bob "the, baker"', "address": "bob@example.org", "last_contact": "2026-11-24", "first_contact": "2026-11-24", "sent": "3", "received": "4", "told": "2026-11-20"}
    ]  # fmt: skip


# -- the rest ---------------------------------------------------------------------------------------------------------------


def test_the_letter_says_both_addresses_and_asks_for_nothing() -> None:
    """It is what a swindler would write too, so it says that it wants neither money nor code, and to ask back in another way."""
    text = letter(OLD, NEW, "Ann\nBcc: x@example.com")
    for words in (text.en, text.zh):
        assert OLD in words and NEW in words and "\nBcc" not in words
    assert "no money, no code" in text.en and "不涉及钱款" in text.zh
    assert "[your name]" in letter(OLD, NEW).en


def test_the_document() -> None:
    """Names for programs."""
    document = people_document([one("Bob")], {"bob@example.org": "2026-11-20"}, 7)
    assert (document["readdress"], document["messages"]) == ("people", 7)
    assert document["people"][0] == {
        "address": "bob@example.org", "name": "Bob", "sent": 3, "received": 4, "first": NOW.isoformat(), "last": NOW.isoformat(), "told": "2026-11-20",
    }  # fmt: skip
