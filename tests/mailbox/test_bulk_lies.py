"""The bulk header reader against servers that lie, break off, or answer oddly: an error in words, what was read kept, never a crash."""

from __future__ import annotations

import random
import time
import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mailbox_servers import Answer, Liar, Line, loopback

from readdress.errors import MailboxError, MailboxLies
from readdress.mailbox import bulk_plan
from readdress.mailbox.bulk import Batch, scan
from readdress.mailbox.bulk_fetch import HeaderStream, fetched
from readdress.mailbox.bulk_wire import Deflate, Wire
from readdress.mailbox.connect import Connection

ECHO = b"BODY[HEADER.FIELDS (FROM TO)]"
HEADER = b"From: a@example.com\r\nSubject: s\r\n\r\n"
DONE = b"%TAG% OK done\r\n"
STATUS = b'* STATUS "INBOX" (MESSAGES 4 UIDNEXT 5 UIDVALIDITY 7)\r\n%TAG% OK done\r\n'
EXAMINE = b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5] x\r\n%TAG% OK [READ-ONLY] done\r\n"


def row(uid: int, header: bytes = HEADER) -> bytes:
    return b"* %d FETCH (UID %d %s {%d}\r\n%s)\r\n" % (uid, uid, ECHO, len(header), header)


def read(answer: Answer, found: list[Batch] | None = None) -> list[tuple[int, bytes]]:
    """Scan INBOX of a server that answers UID FETCH so."""
    with (
        Liar({"UID FETCH": answer, "STATUS": STATUS, "EXAMINE": EXAMINE}) as server,
        Connection(loopback(server.port), "pw", seconds=10) as connection,
    ):
        rows = []
        for batch in scan(connection, "s", {}, folders=["INBOX"]):
            rows += batch.rows
            if found is not None:
                found.append(batch)
        return rows


LIES: dict[str, Answer] = {
    "gigabytes": b"* 1 FETCH (UID 1 " + ECHO + b" {4000000000}\r\n",
    "5,000 digits": b"* 1 FETCH (UID 1 " + ECHO + b" {" + b"9" * 5000 + b"}\r\n",
    "endless line": b"* 1 FETCH (UID 1 " + b"x" * 600_000,
    "stray answers without end": b"* 1 FETCH (FLAGS ())\r\n" * 60_000,
    "another command's end": b"XX OK done\r\n",
    "neither OK nor NO": b"%TAG% FINE done\r\n",
    "made anew meanwhile": b"* OK [UIDVALIDITY 8] x\r\n" + DONE,
    "literal in literal in literal": b"* 1 FETCH (UID 1" + b" X {0}\r\n" * 200 + b")\r\n",
}


@pytest.mark.parametrize("name", LIES)
def test_lies_are_told(name: str) -> None:
    """Each lie ends as MailboxLies with a sentence, within seconds and without the memory that it announces."""
    begin = time.monotonic()
    with pytest.raises(MailboxLies) as told:
        read(LIES[name])
    assert told.value.message.startswith("The mail server") and told.value.todo
    assert time.monotonic() - begin < 8


ENDS: dict[str, tuple[Answer, str]] = {
    "BYE": (row(1) + b"* BYE shutting down\r\n", "shutting down"),
    "cut in a literal": (lambda line: (line.send(row(1)[:-20]), line.sock.close()), "broke"),
    "too often": (b"%TAG% NO [LIMIT] too many requests\r\n", "left alone"),
    "refused": (b"%TAG% NO not today\r\n", "not today"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_break_is_told_and_what_came_before_is_kept(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line breaks or the server refuses in the second range: the first has been handed out with its mark."""
    monkeypatch.setattr(bulk_plan, "STEP", 2)
    monkeypatch.setattr(bulk_plan, "MAX_STEP", 2)
    last, words = ENDS[name]
    calls = []

    def answer(line: Line) -> None:
        calls.append(line.text)
        if len(calls) == 1:
            line.send(row(1) + row(2) + DONE)
        elif callable(last):
            last(line)
        else:
            line.send(last)

    found: list[Batch] = []
    with pytest.raises(MailboxError, match=words):
        read(answer, found)
    assert [uid for b in found for uid, _ in b.rows] == [1, 2]
    assert found[0].mark.uidnext == 3 and found[0].mark.messages == 2 and not found[0].mark.done


ODD: dict[str, tuple[bytes, list[tuple[int, bytes]]]] = {
    "quoted": (b"* 1 FETCH (UID 1 " + ECHO + b' "From: \\"x\\" <a@example.com>")\r\n', [(1, b'From: "x" <a@example.com>')]),
    "NIL": (b"* 1 FETCH (UID 1 " + ECHO + b" NIL)\r\n", [(1, b"")]),
    "body before UID": (b"* 1 FETCH (%s {4}\r\nA: b UID 1)\r\n" % ECHO, [(1, b"A: b")]),
    "flags between": (b'* 1 FETCH (FLAGS (\\Seen $x) UID 1 INTERNALDATE "a (b" %s {4}\r\nA: b)\r\n' % ECHO, [(1, b"A: b")]),
    "flags only, later": (row(1) + b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n", [(1, HEADER)]),
    "twice": (row(1) + row(1, b"From: b@example.com\r\n\r\n"), [(1, HEADER)]),
    "out of order": (row(3) + row(1) + row(2), [(1, HEADER), (2, HEADER), (3, HEADER)]),
    "beyond the range (n:*)": (row(2) + row(99), [(2, HEADER)]),
    "without UID": (b"* 1 FETCH (" + ECHO + b" {4}\r\nA: b)\r\n", []),
    "lower case, others between": (b"* 2 EXPUNGE\r\n* 9 exists\r\n" + row(4).replace(b"FETCH", b"fetch"), [(4, HEADER)]),
    "syntax in a literal": (row(1, b"X: )\r\n* 2 FETCH (UID 2 BODY[] NIL)\r\nBULK1 OK\r\n"), [(1, b"X: )\r\n* 2 FETCH (UID 2 BODY[] NIL)\r\nBULK1 OK\r\n")]),
    "a header of 300 KB": (row(1, b"To: " + b"x" * 300_000) + row(2), [(1, b"To: " + b"x" * 65_532), (2, HEADER)]),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_answers_are_understood(name: str) -> None:
    """What the grammar allows, or harmless servers do, gives each message once and no other."""
    sent, expected = ODD[name]
    assert read(sent + DONE) == expected


def test_expunged_meanwhile_is_no_failure() -> None:
    """A NO that only says that some messages are gone (RFC 5530) ends the range as an OK does."""
    assert read(row(1) + b"%TAG% NO [EXPUNGEISSUED] some are gone\r\n") == [(1, HEADER)]


class Canned:
    """A guard whose socket gives given octets in given pieces."""

    silence = 1.0

    def __init__(self, pieces: list[bytes]) -> None:
        self._buffer = bytearray()
        self._pieces = pieces
        self.sock = self

    def settimeout(self, seconds: float) -> None:
        pass

    def sendall(self, data: bytes) -> None:
        pass

    def recv(self, size: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def stream(octets: bytes, cuts: list[int]) -> list[tuple[int, bytes]]:
    at = [0, *sorted({c % (len(octets) + 1) for c in cuts}), len(octets)]
    wire = Wire(Canned([octets[a:b] for a, b in pairwise(at) if a < b]))
    wire.take()
    headers = HeaderStream(wire, 7)
    headers.ask(1, 4, 4)
    headers.ask(5, 8, 4)
    return headers.next().rows + headers.next().rows


WHOLE = row(1) + row(2) + b"* 9 EXISTS\r\n" + row(4) + b"BULK1 OK x\r\n" + ODD["quoted"][0].replace(b"UID 1", b"UID 5") + row(8) + b"BULK2 OK y\r\n"  # fmt: skip


@given(st.lists(st.integers(0, 2000), max_size=40))
@settings(max_examples=150, deadline=None)
def test_where_the_octets_are_cut_makes_no_difference(cuts: list[int]) -> None:
    """TCP and TLS cut where they like: always the same rows."""
    assert [uid for uid, _ in stream(WHOLE, cuts)] == [1, 2, 4, 5, 8]


@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=2000)
def test_damaged_answers_give_rows_or_an_error_in_words(seed: int) -> None:
    """Random damage: rows within the ranges, each once and in order, or one of the errors that are translated; never another."""
    chance = random.Random(seed)
    octets = bytearray(WHOLE)
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(octets))
        what = chance.choice(
            [b"{", b"}", b"(", b")", b'"', b"\\", b"\r\n", b"\0", b"*", b"9" * 12, b"[", b"~{3}", b" "]
        )
        octets[at : at + chance.randrange(0, 9)] = what
    try:
        rows = stream(bytes(octets), [chance.randrange(len(octets)) for _ in range(6)])
    except (MailboxError, EOFError, OSError):
        return
    except Exception as error:
        if type(error).__module__ != "imaplib":
            raise
        return
    uids = [uid for uid, _ in rows]
    assert uids == sorted(set(uids)) and all(1 <= uid <= 8 for uid in uids)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=1000)
def test_any_octets_in_a_fetch_response(octets: bytes) -> None:
    """The slow parser takes any line and never raises."""
    uid, header = fetched([b"* 1 FETCH (" + octets.replace(b"\n", b"")])
    assert uid >= 0 and (header is None or isinstance(header, bytes))


def test_many_quotes_cost_linear_time() -> None:
    """A line of 250,000 escaped quotes, never ended, is read once and not once for each of its quotes."""
    begin = time.perf_counter()
    fetched([b'* 1 FETCH (UID 1 X "' + b'\\"' * 120_000])
    assert time.perf_counter() - begin < 2


def squeezed(octets: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(octets) + squeeze.flush(zlib.Z_SYNC_FLUSH)


@given(st.binary(max_size=3000), st.lists(st.integers(0, 4000), max_size=10), st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_compressed_octets_come_out_whole_wherever_they_are_cut(clear: bytes, cuts: list[int], ahead: int) -> None:
    """Also when the first of them came together with the server's OK."""
    octets = squeezed(clear * 50)
    at = [0, *sorted({c % (len(octets) + 1) for c in [*cuts, ahead]}), len(octets)]
    pieces = [octets[a:b] for a, b in pairwise(at) if a < b]
    sock = Deflate(Canned(pieces[1:]), pieces[0])
    out = b""
    while data := sock.recv():
        out += data
    assert out == clear * 50


def test_a_bomb_unfolds_in_small_portions() -> None:
    """A gigabyte in a megabyte comes out 256 KiB at a time, and the caps on lines and literals hold behind it."""
    bomb = squeezed(b"\0" * 50_000_000)
    sock = Deflate(Canned([bomb]))
    assert max(len(sock.recv()) for _ in range(20)) <= 256 * 1024
    with pytest.raises(MailboxLies, match="cannot be read"):
        Deflate(Canned([b"\xff" * 100])).recv()
