"""Whatever is recorded, in whatever order: the picture is what the log says, and the export is JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from conftest import NEW, OLD, HandClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readdress.errors import StateError, UsageError
from readdress.models import (
    FACTORS,
    Draft,
    Evidence,
    Kind,
    MailboxConfig,
    MailKind,
    Mark,
    OldState,
    OpenedMail,
    ScanMark,
    Side,
    Slot,
    StepStatus,
    Tally,
    Verdict,
    Witness,
)
from readdress.models import events as ev
from readdress.state import StateFile
from readdress.state.schema import dump

ids = st.sampled_from(["a", "b", "c", "d"])
names = st.sampled_from(["one", "two"])
text = st.text(st.characters(), max_size=12)  # surrogates and NUL included
whens = st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1))
marks = st.lists(st.builds(Mark, text, st.integers(0, 2**32), st.integers(0, 2**32)), max_size=2)
evidence = st.builds(Evidence, st.sampled_from(["mail", "page"]), text, text, text, whens, names)
number = st.integers(0, 5)
digests = st.sampled_from(["ab" * 32, "cd" * 32])

kinds = st.sampled_from(MailKind)
counts = st.dictionaries(kinds, st.integers(0, 9), max_size=3)
witnesses = st.builds(Witness, names, st.integers(0, 9), whens, text, kinds, digests, st.booleans())
tallies = st.builds(
    Tally, st.sampled_from(["x.test", "y.test"]), st.sampled_from(["old", "unknown"]), counts, counts, number, whens, whens,
    st.tuples(text), st.tuples(), st.tuples(text), st.lists(witnesses, max_size=3).map(tuple),
)  # fmt: skip

drafts = st.one_of(
    st.builds(
        lambda m, t, r: ev.scanned(m, t, restart=r),
        st.builds(ScanMark, names, names, number, number, number, number, st.booleans()),
        st.lists(tallies, max_size=3),
        st.booleans(),
    ),
    st.builds(
        lambda t, k, w: ev.opened(OpenedMail("imap:old", t, 7, "ab" * 32, k, "proof", "pass", at=w, logins=(t,))),
        text,
        kinds,
        whens,
    ),
    st.builds(ev.provider_state, st.sampled_from(["qq", "google"]), st.sampled_from(OldState), whens),
    st.builds(ev.fact, names, text, st.sampled_from(["", "a", "b"])),
    st.builds(lambda a, s, t: ev.account_added(a, s, login=t, slots=list(Slot)[:2]), ids, names, text),
    st.builds(lambda a, t: ev.account_changed(a, label=t), ids, text),
    st.builds(lambda a, b: Draft(Kind.ACCOUNT_JOINED, a, {"into": b}), ids, ids),
    st.builds(lambda a: Draft(Kind.ACCOUNT_CLOSED, a), ids),
    st.builds(ev.evidence_found, ids, evidence),
    st.builds(ev.slot_verdict, ids, st.sampled_from(Slot), st.sampled_from(Verdict), text),
    st.builds(ev.route_chosen, ids, names),
    st.builds(
        lambda a, r, s, n, m: ev.step_armed(a, r, s, attempt=n, url="https://x.test/?q", marks=m),
        ids,
        names,
        names,
        number,
        marks,
    ),
    st.builds(
        lambda a, r, s, x, n: ev.step_ended(a, r, s, x, attempt=n),
        ids,
        names,
        names,
        st.sampled_from(StepStatus),
        number,
    ),
    st.builds(
        lambda a, m, n, k, u: ev.mail_expected(a, m, route="r", step="s", attempt=n, marks=k, until=u),
        ids,
        names,
        number,
        marks,
        whens,
    ),
    st.builds(ev.mail_used, ids, names, digests),
    st.builds(lambda a, r, u: ev.wait_set(a, "time", r, until=u), ids, text, whens),
    st.builds(ev.wait_cleared, ids),
    st.builds(ev.limit_used, ids, names),
    st.builds(
        lambda f, h, a: ev.factor(f, held=h, account=a),
        st.sampled_from(sorted(FACTORS)),
        st.booleans(),
        ids | st.just(""),
    ),
    st.builds(lambda a, t, g: ev.consent(a, t, "text", given=g), ids, names, st.booleans()),
    st.builds(ev.bound, ids, names, text),
    st.builds(lambda s, t: ev.mailbox_set(s, MailboxConfig("x@example.com", host=t)), st.sampled_from(Side), text),
    st.builds(ev.old_state, st.sampled_from(OldState), whens),
    st.builds(lambda s: Draft(Kind.RECIPE_PINNED, "", {"service": s, "digest": "f" * 64}), names),
    st.builds(lambda: Draft(Kind.COPY_SEEN, "", {"status": "older", "serial": 3})),
    st.builds(ev.note, text),
)


def test_every_kind_is_drawn() -> None:
    """A kind that is added must be added here: all but the start, which each file has once."""
    drawn: set[Kind] = set()

    @settings(max_examples=600, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(drafts)
    def draw(draft: Draft) -> None:
        drawn.add(draft.kind)

    draw()
    assert drawn == set(Kind) - {Kind.MIGRATION_STARTED}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(drafts, min_size=1, max_size=3), max_size=25))
def test_the_picture_is_what_the_log_says(batches: list[list[Draft]]) -> None:
    """Random histories, joins and copies included; refused commits leave nothing, and every view can be read."""
    with TemporaryDirectory() as folder:
        path, clock = Path(folder) / "x.readdress", HandClock()
        with StateFile.create(path, OLD, NEW, clock=clock, markers=Path(folder) / "m") as state:
            state.record(*(ev.account_added(x, "s") for x in "ab"))
            for batch in batches:
                before = state.header().serial
                try:
                    assert state.record(*batch) == before + len(batch)
                except (UsageError, StateError):
                    assert state.header().serial == before
            assert state.check() == []
            picture = dump(state._db)
            assert state.rebuild() == state.header().serial
            assert dump(state._db) == picture
            document = state.export()
            assert json.loads(json.dumps(document)) == document
            assert [e["seq"] for e in document["events"]] == [
                n for n, _ in zip(count(1), document["events"], strict=False)
            ]
            view = state.overview()
            assert [line.account for line in view.accounts] == [a.id for a in state.accounts()]
            for account in state.accounts():
                assert state.account(account.id) == account and view.accounts
                for record in state.steps(account.id):
                    assert state.step(account.id, record.route, record.step) == record
