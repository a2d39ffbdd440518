"""docs/reference/words.md names every word of the code, and none that is not there."""

from __future__ import annotations

import re

import pytest
from docs_pages import ROOT, table_words

from readdress.engine.tools import Ended
from readdress.errors import ReaddressError
from readdress.models import Change, OldState, RouteKind, Seen, Slot, StepStatus, Verdict
from readdress.models.words import FACTORS

WORDS = ROOT / "docs" / "reference" / "words.md"
TABLES = {
    "Slots": set(Slot),
    "Factors": FACTORS | {"sso:<service>"},
    "What a look sees": set(Seen),
    "Verdicts": set(Verdict),
    "How a service changes an address": set(Change),
    "Kinds of route": set(RouteKind),
    "Where a step stands": set(StepStatus),
    "What is left of the old mailbox": set(OldState),
    "How a run over an account ends": set(Ended),
}


@pytest.mark.parametrize("heading", TABLES)
def test_words_are_complete(heading):
    """A new value in the code needs its sentence; a word that is gone must go."""
    assert set(table_words(WORDS, heading)) == {str(v) for v in TABLES[heading]}


def test_verdicts_stand_in_their_order():
    """The page says "from less to more"."""
    ranks = [Verdict(word).rank for word in table_words(WORDS, "Verdicts")]
    assert ranks == sorted(ranks)


def test_exit_codes_are_complete():
    """Every exit code of an error or an end stands in the table."""
    text = (ROOT / "docs" / "reference" / "exit-codes.md").read_text("utf-8")
    listed = {int(n) for n in re.findall(r"^\| (\d) \|", text, re.MULTILINE)}

    def codes(kind):
        return {kind.exit_code}.union(*(codes(sub) for sub in kind.__subclasses__()))

    assert codes(ReaddressError) <= listed
    assert listed == {0, 1, 2, 3, 4}
