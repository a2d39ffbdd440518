"""The tally: who wrote, to which address, what kind, how authentic; the same sums however messages are split, bounded on hostile input."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readdress.discovery import tally as module
from readdress.discovery.recipients import Person
from readdress.discovery.tally import Counter, merge
from readdress.discovery.tally_text import Dates, addresses_of, from_of, plain_words, seconds_of, text_of
from readdress.discovery.tally_trust import Verdicts
from readdress.models.inventory import MailKind, Tally, best

ME = Person("mina@example.net", ("mina.park@example.org",))
OK = "mx.example.net; dkim=pass header.i=@shop.example; dmarc=pass (p=NONE) header.from=shop.example"


def org(host: str) -> str:
    """A stand-in for the public suffix list: the last two labels."""
    return ".".join(host.split(".")[-2:])


def kinds(subject: str, *, sender: str, name: str, listed: bool) -> MailKind:
    """A stand-in for the classifier."""
    for word, kind in (("welcome", MailKind.WELCOME), ("code", MailKind.CODE), ("hi", MailKind.PERSONAL), ("alert", MailKind.SECURITY)):  # fmt: skip
        if word in subject.lower():
            return kind
    return MailKind.NEWSLETTER if listed else MailKind.OTHER


def counter(**more: object) -> Counter:
    return Counter(ME, kinds, org, ["mx.example.net"], **more)  # type: ignore[arg-type]


def mail(subject: str = "Welcome", sender: str = "Shop <a@mail.shop.example>", to: str = "mina@example.net", results: str = "", more: str = "", day: int = 1) -> bytes:  # fmt: skip
    top = f"Authentication-Results: {results}\r\n" if results else ""
    date = f"Date: Mon, {day:02d} Jan 2024 10:00:00 +0100\r\n"
    return f"{top}From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n{date}{more}\r\n".encode()


def only(*headers: bytes) -> Tally:
    c = counter()
    for uid, header in enumerate(headers, 1):
        c.see("INBOX", uid, header)
    (found,) = c.flush()
    return found


def test_one_message() -> None:
    """All that a tally holds, of one authentic message."""
    t = only(mail(results=OK, sender="Shop <A@Shop.example>"))
    assert (t.org, t.to, t.counts, t.sure, t.listed) == ("shop.example", "old", {MailKind.WELCOME: 1}, {MailKind.WELCOME: 1}, 0)  # fmt: skip
    assert t.first == t.last == datetime(2024, 1, 1, 9, tzinfo=UTC)
    assert t.senders == ("a@shop.example",) and t.names == ("Shop",)
    (witness,) = t.witnesses
    assert (witness.folder, witness.uid, witness.kind, witness.sure) == ("INBOX", 1, MailKind.WELCOME, True)
    assert len(witness.digest) == 64


RESULTS: dict[str, tuple[str, bool]] = {
    "dmarc": (OK, True),
    "dkim aligned only": ("mx.example.net; dkim=pass header.d=mail.shop.example", True),
    "dkim of a stranger": ("mx.example.net; dkim=pass header.d=shop.example.evil.test", False),
    "another server's": (OK.replace("mx.example.net", "mx.evil.test"), False),
    "longer name": (OK.replace("mx.example.net", "mx.example.network"), False),
    "with a version": (OK.replace("mx.example.net", "mx.example.net 1"), True),
    "quoted id": (OK.replace("mx.example.net", '"mx.example.net"'), True),
    "fails": ("mx.example.net; dkim=pass header.d=shop.example; dmarc=fail header.from=shop.example", False),
    "in a comment": ("mx.example.net; spf=fail (x; dmarc=pass header.from=shop.example) smtp.mailfrom=a@b.test", False),
    "in a quoted string": ('mx.example.net; spf=fail smtp.mailfrom="a; dmarc=pass header.from=shop.example "@b.test', False),
    "in an escape": ("mx.example.net; spf=fail (a\\); dmarc=pass header.from=shop.example (\\) b)", False),
    "in a reason": ('mx.example.net; spf=fail reason="; dmarc=pass header.from=shop.example "', False),
    "domain in a comment": ("mx.example.net; dmarc=pass (x header.from=shop.example) header.from=evil.test", False),
    "longer domain": ("mx.example.net; dmarc=pass header.from=shop.example.evil.test", False),
    "in a comment behind a stray bracket": ("mx.example.net; spf=fail smtp.mailfrom=a)b@c.test (; dmarc=pass header.from=shop.example )", False),
    "upper case": (OK.upper(), True),
    "spaces": ("mx.example.net; dmarc = pass header.from = shop.example", True),
    "nothing": ("mx.example.net; none", False),
}  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_only_the_providers_own_finding_makes_a_message_sure(name: str) -> None:
    """What senders can write into the field never counts; what providers write in other ways does."""
    results, sure = RESULTS[name]
    verdicts = Verdicts(["mx.example.net"], org)
    assert verdicts.sure(results.encode(), "shop.example") is sure
    assert bool(only(mail(results=results, sender="a@shop.example")).sure) is sure


PIECES = (
    "mx.example.net", ";", "; ", ";\r\n\t", " ", "\r\n", "dmarc=pass", "DMARC=Pass", "dmarc=fail", "dmarc = pass", "(p=NONE)", "(a;b)", "(", ")", '"', "\\",
    "header.from=shop.example", "header.from=evil.test", "HEADER.FROM=SHOP.EXAMPLE", "dkim=pass", "header.i=@shop.example", "header.d=evil.test",
    "spf=pass smtp.mailfrom=x", "reason=", "1", "policy.x=y", "none", "mx.evil.test", "; dmarc=pass header.from=shop.example", "dmarc=passed", "x",
)  # fmt: skip
TAIL = "; dmarc=pass (p=NONE) header.from=shop.example"


@given(st.lists(st.sampled_from(PIECES), max_size=10), st.lists(st.sampled_from(PIECES), max_size=6), st.sampled_from(["", TAIL, TAIL + ";"]))  # fmt: skip
@settings(max_examples=1500, deadline=None)
def test_remembering_never_changes_a_verdict(head: list[str], more: list[str], tail: str) -> None:
    """What a counter learned from good mail makes no forged finding good: always the verdict of the full parser, asked twice."""
    warm = Verdicts(["mx.example.net"], org)
    known = (
        OK,
        "mx.example.net" + TAIL,
        "mx.example.net; spf=pass (x) y=z" + TAIL,
        " mx.example.net;dkim=pass (a)(b)" + TAIL + ";",
    )
    assert all(warm.sure(one.encode(), "shop.example") for one in known)
    for start in ("mx.example.net; ", ""):
        value = (start + "".join(head) + tail + "".join(more)).encode()
        full = Verdicts(["mx.example.net"], org)._fully(value.lower(), "shop.example")
        assert warm.sure(value, "shop.example") is full
        assert warm.sure(value, "shop.example") is full


def test_the_usual_finding_is_remembered() -> None:
    """A second message with other identifiers needs no pattern: a host and a signature that differ do not matter, all else does."""
    verdicts = Verdicts(["mx.example.net"], org)
    usual = "mx.example.net;\r\n dkim=pass header.b={0};\r\n spf=pass (domain of {0}@shop.example) smtp.mailfrom={0};\r\n dmarc=pass (p=NONE) header.from=shop.example\r"
    assert verdicts.sure(usual.format("a1").encode(), "shop.example")
    verdicts._plainly = verdicts._fully = lambda results, domain: False  # type: ignore[method-assign]
    assert verdicts.sure(usual.format("b2.c-3").encode(), "shop.example")
    assert not verdicts.sure(usual.format("b2").encode(), "evil.test")
    for forged in (
        usual.format('"'),
        usual.format("("),
        usual.format("; dmarc=fail"),
        usual.replace(".net", ".network").format("a"),
    ):
        assert not verdicts.sure(forged.encode(), "shop.example"), forged


def test_only_the_topmost_field_above_the_senders_own_counts() -> None:
    """A sender's Authentication-Results stands below the provider's, or below the From that he wrote."""
    forged = f"Authentication-Results: {OK}\r\n"
    assert not only(mail(sender="a@shop.example", more=forged)).sure
    assert not only(mail(sender="a@shop.example", results="mx.example.net; dmarc=fail", more=forged)).sure
    assert not Counter(ME, kinds, org, [])._proven(OK.encode(), "shop.example"), "no provider is known: nobody's word"


TO: dict[str, tuple[str, str, str]] = {
    "old": ("Mina <MINA@example.net>", "", "old"),
    "among others": ("b@x.test, mina@example.net", "", "old"),
    "plus": ("mina+shop@example.net", "", "plus:shop"),
    "alias": ("mina.park@example.org", "", "alias:mina.park@example.org"),
    "by Cc": ("list@x.test", "Cc: mina@example.net\r\n", "old"),
    "somebody else": ("b@x.test", "Delivered-To: mina@example.net\r\n", "other"),
    "undisclosed": ("undisclosed-recipients:;", "Delivered-To: mina@example.net\r\n", "old"),
    "nobody": ("undisclosed-recipients:;", "", "unknown"),
    "in a quoted name": ('"mina@example.net" <b@x.test>', "", "other"),
    "ends the same": ("xmina@example.net", "", "other"),
}


@pytest.mark.parametrize("name", TO)
def test_which_address_was_written_to(name: str) -> None:
    """To and Cc decide; what is stamped on arrival only where they name nobody."""
    to, more, expected = TO[name]
    for _ in range(2):  # the second time from memory
        assert only(mail(to=to, more=more), mail(to=to, more=more)).to == expected


FROM: dict[str, str] = {
    "a@shop.example": "a@shop.example",
    "Shop, Inc. <a@shop.example>": "a@shop.example",
    '"x <b@evil.test>" <a@shop.example>': "a@shop.example",
    "=?UTF-8?B?5bqX?= <A@shop.example> (comment)": "a@shop.example",
    "b@evil.test <a@shop.example>": "",
    "a@shop.example, b@evil.test": "",
    "<a@shop.example> <b@evil.test>": "",
    "a@shop.example\r\n b": "",
    "": "",
    '"' * 1500: "",
}


@pytest.mark.parametrize("value", FROM)
def test_one_plain_sender_or_none(value: str) -> None:
    """What parsers read in two ways is nobody's mail."""
    assert from_of(value.encode())[0] == FROM[value]


def test_two_from_fields_are_nobodys() -> None:
    """In any spelling: such a message is counted under no organisation."""
    t = only(mail(sender="a@shop.example", more="FROM: b@evil.test\r\n"))
    assert (t.org, t.counts, t.witnesses) == ("", {MailKind.OTHER: 1}, ())


@given(st.permutations(range(5)), st.integers(0, 31), st.booleans())
@settings(max_examples=60, deadline=None)
def test_spelling_of_names_does_not_matter(order: list[int], upper: int, listed: bool) -> None:
    """Field names in any case and any order (the provider's stamp above all), with CRLF or LF: the same tally."""
    lines = ["From: Shop <a@shop.example>", "To: mina@example.net", "Subject: Welcome", "Date: Mon, 01 Jan 2024 10:00:00 +0100", "Cc: x@x.test"]  # fmt: skip
    lines += ["List-Unsubscribe: <x>"] * listed
    plain = "\r\n".join([f"Authentication-Results: {OK}", *lines, "", ""])
    mixed = [lines[n] for n in order] + lines[5:]
    mixed = [line.partition(":")[0].upper() + ":" + line.partition(":")[2] if upper >> n & 1 else line for n, line in enumerate(mixed)]  # fmt: skip
    other = "\n".join(
        [f"AUTHENTICATION-results: {OK}" if upper & 1 else f"Authentication-Results: {OK}", *mixed, "", ""]
    )
    one, two = only(plain.encode()), only(other.encode())
    assert one.sure == {MailKind.WELCOME: 1} and one.listed == listed
    assert (one.org, one.to, one.counts, one.sure, one.listed, one.first, one.names) == (two.org, two.to, two.counts, two.sure, two.listed, two.first, two.names)  # fmt: skip


def test_personal_mail_leaves_no_witness() -> None:
    """A friend's mail is counted, but names nobody."""
    t = only(mail("Hi there", "Friend <f@friends.example>"))
    assert (t.org, t.counts, t.witnesses, t.senders) == ("", {MailKind.PERSONAL: 1}, (), ())


def test_subjects_are_decoded_and_remembered_without_their_digits() -> None:
    """The classifier is asked once for subjects that differ in a number, also in encoded words of any form."""
    asked = []

    def kind(subject: str, **more: object) -> MailKind:
        asked.append(subject)
        return MailKind.CODE

    c = Counter(ME, kind, org, [])
    one = "=?UTF-8?B?6aqM6K+B56CBIDEyMzQ1Ng==?="  # 验证码 123456
    two = "=?utf-8?q?=E9=AA=8C=E8=AF=81?=\r\n =?utf-8?q?=E7=A0=81_654321?="
    for uid, subject in enumerate((one, two, "Code 1", "Code 2", "=?gb2312?B?0enWpMLrIDExMTExMQ==?="), 1):
        c.see("INBOX", uid, mail(subject))
    assert asked == ["验证码 123456", "Code 1"]
    assert text_of(b" =?x?B?YQ==?= =?utf-8?B?YQ?=\r\n\tb") == "aa b"


@given(st.lists(st.sampled_from(["=?UTF-8?B?", "=?utf-8?b?", "=?gb2312?B?", "=?UTF-8?Q?", "6aqM6K+B", "Q29kZSA=", "Q29kZSAx", "YQ", "?=", "?=\r\n ", "=", " ", "?", "x"]), max_size=9))  # fmt: skip
@settings(max_examples=800, deadline=None)
def test_quick_decoding_tells_subjects_apart_as_full_decoding_does(pieces: list[str]) -> None:
    """What is decoded quickly to know a subject again is the text that is classified."""
    for value in ("".join(pieces), "".join(f"=?UTF-8?B?{piece}?= " for piece in pieces)):
        quick = plain_words(value.encode())
        assert quick is None or " ".join(quick.decode("utf-8", "replace").split()) == text_of(value.encode())


def random_mails(seed: int, count: int) -> list[bytes]:
    chance = random.Random(seed)
    subjects = ["Welcome", "code 123", "alert", "News", "hi", "=?UTF-8?B?d2VsY29tZQ==?="]
    return [
        mail(
            chance.choice(subjects), f"{chance.choice('ab')}@{chance.choice(['shop', 'bank'])}.example",
            chance.choice(["mina@example.net", "mina+x@example.net", "x@x.test"]), chance.choice(["", OK]),
            chance.choice(["", "List-Unsubscribe: <x>\r\n"]), chance.randrange(1, 29),
        )
        for _ in range(count)
    ]  # fmt: skip


def summed(tallies: Iterable[Tally]) -> dict[tuple[str, str], Tally]:
    found: dict[tuple[str, str], list[Tally]] = {}
    for tally in tallies:
        found.setdefault((tally.org, tally.to), []).append(tally)
    return {key: reduce(merge, all_of) for key, all_of in found.items()}


@given(st.integers(0, 2**32), st.lists(st.integers(1, 60), max_size=6))
@settings(max_examples=60, deadline=None)
def test_killed_anywhere_and_resumed_gives_the_same_sums(seed: int, cuts: list[int]) -> None:
    """Deltas of any split, each by a counter that knows nothing of the others, add up to what one counter finds in one go."""
    headers = random_mails(seed, 60)
    whole = counter()
    parts: list[Tally] = []
    part = counter()
    for uid, header in enumerate(headers, 1):
        whole.see("INBOX", uid, header)
        part.see("INBOX", uid, header)
        if uid in cuts:
            parts += part.flush()
            part = counter()
    parts += part.flush()
    one, other = summed(whole.flush()), summed(parts)
    assert one.keys() == other.keys()
    for key, tally in one.items():
        again = other[key]
        assert (tally.counts, tally.sure, tally.listed, tally.first, tally.last) == (again.counts, again.sure, again.listed, again.first, again.last)  # fmt: skip
        assert tally.witnesses == again.witnesses == best(tally.witnesses)
        assert set(tally.senders) == set(again.senders)


def test_a_million_organisations_do_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups are bounded even if nobody flushes; those with proof stay, the weak ones are still counted."""
    monkeypatch.setattr(module, "MAX_GROUPS", 50)
    monkeypatch.setattr(module, "FULL_GROUPS", 20)
    c = counter()
    c.see("INBOX", 1, mail("alert", "a@shop.example", results=OK))
    for uid in range(2, 1000):
        c.see("INBOX", uid, mail("News", f"a@x{uid}.example"))
        assert len(c._groups) <= 51
    assert c.full
    found = c.flush()
    assert sum(sum(t.counts.values()) for t in found) == 999 and not c.full
    assert next(t for t in found if t.org == "shop.example").sure == {MailKind.SECURITY: 1}


HOSTILE: dict[str, bytes] = {
    "quotes in From": b"From: " + b'"' * 200_000 + b"\r\n",
    "encoded words": b"From: a@b.example\r\nSubject: " + b"=?utf-8?b?YQ==?= " * 20_000,
    "addresses": b"From: a@b.example\r\nTo: " + b"a@b.example," * 20_000,
    "nested comments": b"Authentication-Results: mx.example.net; dmarc=pass " + b"(" * 8_000 + b"\r\nFrom: a@b.example\r\n",
    "combining characters": ("From: a@b.example\r\nSubject: " + "\u0301" * 100_000).encode(),
    "folded lines": b"From: a@b.example\r\nSubject: x" + b"\r\n " * 50_000,
    "date": b"From: a@b.example\r\nDate: " + b"1 " * 50_000,
    "nothing": b"",
    "NUL and 8 bit": b"From: a@b.example\r\nSubject: \0\xff\xfe" * 50,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_cost_little(name: str) -> None:
    """Each is counted once, within a fraction of a second."""
    begin = time.perf_counter()
    t = only(HOSTILE[name])
    assert sum(t.counts.values()) == 1
    assert time.perf_counter() - begin < 1


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=1000)
def test_any_octets_are_counted(octets: bytes) -> None:
    """No header raises, alone or behind the name of a field."""
    c = counter()
    names = (
        b"",
        b"From: ",
        b"From: a@b.example\r\nSubject: =?utf-8?b?",
        b"Date: ",
        b"To: ",
        b"Authentication-Results: mx.example.net;",
    )
    for uid, name in enumerate(names, 1):
        c.see("INBOX", uid, name + octets)
    assert sum(sum(t.counts.values()) for t in c.flush()) == len(names)
    addresses_of(octets)
    assert text_of(octets).count("\n") == 0


def test_whole_header_blocks_make_a_flush_due() -> None:
    """Witnesses keep their header until the flush makes digests of them: what they hold together is bounded."""
    c = counter()
    for uid in range(1, 1000):
        c.see("INBOX", uid, mail("alert", f"a@x{uid}.example", more="X-Long: " + "x" * 15_000 + "\r\n"))
        if c.full:
            break
    assert 300 < uid < 600 and len(c.flush()) == uid and not c.full


DATES: dict[str, str] = {
    " Mon, 1 Jan 2024 10:00:00 +0100": "2024-01-01T09:00:00",
    " Mon, 01 Jan 2024 10:00:07 -0330\r": "2024-01-01T13:30:07",
    " 1 Jan 2024 10:00 +0000": "2024-01-01T10:00:00",
    " Mon, 01-Jan-24 10:00:00 GMT": "2024-01-01T10:00:00",
    " Mon, 01 Jan 2024 10:00:00 +0000 (UTC)": "2024-01-01T10:00:00",
    " Mon, 31 Feb 2024 10:00:00 +0000": "",
    " Mon, 01 Jan 1970 10:00:00 +0000": "",
    " soon": "",
}


def test_dates() -> None:
    """In the forms that mail shows; twice, since the second time parts come from memory."""
    dates = Dates()
    for value, expected in [*DATES.items(), *DATES.items()]:
        wanted = int(datetime.fromisoformat(expected + "+00:00").timestamp()) if expected else 0
        assert dates.seconds(value.encode()) == seconds_of(value.encode()) == wanted, value


FORMS = (
    "%a, %d %b %Y %H:%M:%S {}",
    "%d %b %Y %H:%M {}",
    "%a,  %d %b %y %H:%M:%S {}",
    "%a, %d-%b-%Y %H:%M:%S {}",
    "Xyz, %d %b %Y %H:%M:%S {} (x)",
)


@given(st.lists(st.tuples(st.datetimes(datetime(1980, 1, 1), datetime(2040, 1, 1)), st.sampled_from(FORMS), st.sampled_from(["+0000", "-0730", "+1400", "GMT", ""])), max_size=12))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_dates_from_memory_are_those_of_the_pattern(values: list[tuple[datetime, str, str]]) -> None:
    """Whatever days, months and zones were met before: the value alone decides."""
    dates = Dates()
    for at, form, zone in values:
        for day in (at.strftime("%d"), "29", "31", "00"):
            value = (" " + at.strftime(form.replace("%d", day)).format(zone)).encode()
            assert dates.seconds(value) == dates.seconds(value) == seconds_of(value), value


def test_a_date_in_the_future_is_none_and_arrival_stands_in() -> None:
    """A sender's clock may say anything: then the server's time counts."""
    arrived = datetime(2023, 5, 1, tzinfo=UTC)
    c = counter(now=datetime(2023, 6, 1, tzinfo=UTC))
    c.see("INBOX", 1, mail(), arrived)
    assert c.flush()[0].last == arrived
