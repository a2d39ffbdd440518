"""What a reading proves about an address, as a table: the whole-address rule, pending words, banners, masks, sign-in pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readdress.engine.seeing import lacks_address, pending_word, sees_address
from readdress.models import Piece, Reading, Seen

ANN = "ann@example.com"
D, N, U = Seen.DONE, Seen.NOT_DONE, Seen.UNKNOWN


def page(*pieces: Piece | str, complete: bool = True) -> Reading:
    """A reading of these lines; a plain string is a list item of its own."""
    return Reading(
        tuple(p if isinstance(p, Piece) else Piece(p, around=p) for p in pieces),
        complete,
        "https://service.test/emails",
    )


TABLE = [
    # name, reading, sees, lacks
    ("listed", page("Emails", ANN, "bob@example.com"), D, N),
    ("listed with its mark", page("ann@example.com – Primary · Verified"), D, N),
    ("listed in angle brackets", page("Ann Example <ann@example.com>"), D, N),
    ("listed in other case", page("Ann@Example.COM"), D, N),
    ("listed after a full-width colon", page("邮箱：ann@example.com（主邮箱）"), D, N),
    ("listed in Chinese without a space", page("登录邮箱ann@example.com已验证"), D, N),
    ("listed with a full stop", page("Email: ann@example.com."), D, N),
    ("listed with zero-width breaks", page("ann\u200b@example\u2060.com"), D, N),
    ("listed with a soft hyphen", page("ann@exam\u00adple.com"), D, N),
    ("listed full width", page("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ"), D, N),
    ("in quotes", page("'ann@example.com'"), D, N),
    ("input value", page("Email", Piece(ANN, "Email", is_input=True)), D, N),
    ("input value beside another", page(Piece("bob@example.com", is_input=True), Piece(ANN, is_input=True)), D, N),
    ("absent", page("Emails", "bob@example.com"), N, D),
    ("absent, empty field", page("Emails", Piece("", is_input=True)), N, D),
    ("longer at the front", page("joann@example.com"), N, D),
    ("longer at the front, plus", page("jo+ann@example.com"), N, D),
    ("longer at the front, dot", page("jo.ann@example.com"), N, D),
    ("longer at the front, dash", page("jo-ann@example.com"), N, D),
    ("longer at the front behind a zero-width space", page("jo\u200bann@example.com"), N, D),
    ("longer at the front, accent", page("joánn@example.com", "éann@example.com"), N, D),
    ("longer at the end", page("ann@example.com.evil.test"), N, D),
    ("longer at the end, letters", page("ann@example.community"), N, D),
    ("longer at the end, dash", page("ann@example.com-evil.test"), N, D),
    ("other domain", page("ann@example.org"), N, D),
    ("look-alike letter", page("аnn@example.com"), N, D),  # Cyrillic а
    ("look-alike and the real one", page("joann@example.com", ANN), D, N),
    ("pending", page("ann@example.com Pending"), U, N),
    ("unverified beside it", page(Piece(ANN, f"{ANN} Unverified Remove")), U, N),
    ("not confirmed beside a field", page(Piece(ANN, "Email Not confirmed", is_input=True)), U, N),
    ("resend beside it", page(Piece(ANN, f"{ANN} Resend verification email")), U, N),
    ("pending in Chinese", page(Piece(ANN, f"{ANN}（待验证）")), U, N),
    ("pending in German", page(Piece(ANN, f"{ANN} Bestätigung ausstehend")), U, N),
    ("pending in Russian", page(Piece(ANN, f"{ANN} не подтверждён")), U, N),
    ("pending in Japanese", page(Piece(ANN, f"{ANN} 確認待ち")), U, N),
    ("pending in French", page(Piece(ANN, f"{ANN} En attente de confirmation")), U, N),
    ("once clean, once pending", page(ANN, Piece(ANN, f"{ANN} unverified")), U, N),
    (
        "another one is pending",
        page(Piece(ANN, f"{ANN} Verified"), Piece("bob@example.com", "bob@example.com pending")),
        D,
        N,
    ),
    ("banner only", page("bob@example.com", Piece("We sent a mail to ann@example.com.", banner=True)), U, U),
    ("banner and listed", page(Piece("Added ann@example.com", banner=True), ANN), D, N),
    ("in a sentence", page("If you go on we will write to ann@example.com as soon as the owner agrees to it."), U, U),
    ("in a Chinese sentence", page("我们会在账号所有者同意更改之后立即向 ann@example.com 写信通知你"), U, U),
    ("masked", page("a***@example.com"), U, U),
    ("masked with bullets", page("an•••@e••••••.com"), U, U),
    ("shortened", page("ann@exam…"), U, U),
    ("shortened with full stops", page("ann@exam..."), U, U),
    ("masked, another one", page("b***@example.org"), N, D),
    ("glued to a sign", page("mail=ann@example.com"), U, U),
    ("in a path", page("https://service.test/u/ann@example.com"), U, U),
    ("loading", page(ANN, complete=False), U, U),
    ("loading, empty", page(complete=False), U, U),
    ("complete, nothing read", page(), U, U),
    ("complete, only a message", page(Piece("Saved", banner=True)), U, U),
    ("signed out", page("Welcome back", Piece("", is_input=True), "Sign in"), U, U),
    ("signed out in Chinese", page("手机号", "登录"), U, U),
    ("signed out with the address filled in", page(Piece(ANN, "Email", is_input=True), "Log in"), U, U),
]


@pytest.mark.parametrize(("reading", "sees", "lacks"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_table(reading: Reading, sees: Seen, lacks: Seen) -> None:
    """Each page that was met, or that a service could show, with what it proves both ways."""
    assert (sees_address(reading, ANN).seen, lacks_address(reading, ANN).seen) == (sees, lacks)


def test_a_sign_in_page_is_told_apart() -> None:
    """Being signed out is an ordinary thing to see, and the engine must know it."""
    for sight in (sees_address(page("Sign in"), ANN), lacks_address(page("登录"), ANN)):
        assert sight.signed_out and sight.seen is U


def test_a_recipe_adds_its_own_words_and_may_distrust_absence() -> None:
    """``pending`` of the flow, and pages that do not list every address."""
    reading = page(Piece(ANN, f"{ANN} (Zweitadresse)"))
    assert sees_address(reading, ANN).seen is D
    assert sees_address(reading, ANN, ["zweitadresse"]).seen is U
    assert sees_address(page("bob@example.com"), ANN, absent_ok=False).seen is U


def test_words_inside_addresses_and_finished_states_are_not_pending() -> None:
    """``pending@…`` is a name, "Verified" is good news, and words do not match in the middle of others."""
    assert pending_word("pending@example.com ann@pending.example.com Verified") == ""
    assert pending_word("spending") == ""
    assert pending_word("已验证 主邮箱 Primary Bestätigt Vérifié") == ""
    assert pending_word("UNVERIFIED") == "unverified"


def test_an_international_domain_is_found_in_either_spelling() -> None:
    """We keep the ASCII form; pages show the letters."""
    assert sees_address(page("ann@bücher.example"), "ann@xn--bcher-kva.example").seen is D
    assert sees_address(page("ann@xn--bcher-kva.example"), "ann@bücher.example").seen is D


def test_what_was_seen_is_said() -> None:
    """The detail is a short sentence with the reason."""
    assert "pending" in sees_address(page("ann@example.com pending"), ANN).detail
    assert "loading" in sees_address(page(complete=False), ANN).detail


@given(st.text(alphabet="abn.@+-_ \u200b*…x", max_size=30))
def test_done_means_that_the_whole_address_stands_there(text: str) -> None:
    """Whatever a page writes: DONE only with the address between edges; NOT_DONE never while it stands there."""
    of = "a@b.x"
    plain = text.replace("\u200b", "")
    seen = sees_address(page(text), of).seen
    if seen is D:
        at = plain.index(of)
        while at > 0 and not plain[at - 1].isspace():
            at = plain.index(of, at + 1)
    if of in plain.split():
        assert seen is not N
