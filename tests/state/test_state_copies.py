"""Older, diverged and foreign copies are recognised, and everything in them is looked at again before any act."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import NEW, OLD, HandClock

from readdress.errors import StateError
from readdress.models import Draft, Kind, Slot, StepStatus, Verdict
from readdress.models import events as ev
from readdress.state import StateFile

Open = Callable[..., StateFile]


def fill(state: StateFile) -> None:
    state.record(ev.account_added("a", "s", slots=[Slot.SIGN_IN, Slot.CONTACT]))
    state.record(ev.slot_verdict("a", Slot.SIGN_IN, Verdict.READ_BACK))
    for step, status in (("d", StepStatus.DONE), ("n", StepStatus.NOT_DONE), ("s", StepStatus.SKIPPED)):
        state.record(ev.step_ended("a", "r", step, status, attempt=1))
    state.record(ev.step_armed("a", "r", "arm", attempt=2, marks=()))


def copy_of(path: Path) -> Path:
    return Path(shutil.copy(path, path.with_name("copy")))


def test_the_same_file_is_the_same(path: Path, state: StateFile, opened: Open) -> None:
    """Opened again, moved or copied as it is now: nothing is in doubt."""
    fill(state)
    assert state.copy_status == "same"
    state.close()
    moved = path.with_name("moved")
    for at in (path, copy_of(path), moved):
        if at == moved:
            path.rename(moved)
        with opened(at, write=False) as reader:
            assert reader.copy_status == "same" and reader.check() == []
        with opened(at) as writer:
            assert writer.copy_status == "same" and writer.step("a", "r", "d").status is StepStatus.DONE


def test_an_older_copy_puts_everything_in_doubt(path: Path, state: StateFile, opened: Open) -> None:
    """What the copy calls done, armed, not done, or has never heard of may be otherwise in the newer file: only looks may decide."""
    fill(state)
    state.close()
    copy = copy_of(path)
    with opened() as newer:
        newer.record(ev.step_armed("a", "r", "later", attempt=1))
    with opened(copy, write=False) as reader:
        assert reader.copy_status == "older" and [f.kind for f in reader.check()] == ["serial"]
        assert reader.step("a", "r", "d").status is StepStatus.DONE, "a reader changes nothing"
    with opened(copy) as old:
        assert old.copy_status == "older"
        last = list(old.events())[-1]
        assert last.kind is Kind.COPY_SEEN and last.data == {"status": "older", "serial": 8}
        status = {s: old.step("a", "r", s).status for s in ("d", "n", "s", "arm", "later")}
        assert status == dict.fromkeys(("d", "n", "arm", "later"), StepStatus.UNKNOWN) | {"s": StepStatus.SKIPPED}
        assert old.step("a", "r", "arm").attempt == 2 and old.step("a", "r", "arm").detail
        slots = old.account("a").slots
        assert (slots[Slot.SIGN_IN].verdict, slots[Slot.SIGN_IN].doubted) == (Verdict.READ_BACK, True)
        assert not slots[Slot.CONTACT].doubted and old.overview().in_doubt == 1
        # A look decides, step by step and slot by slot.
        old.record(ev.step_ended("a", "r", "later", StepStatus.NOT_DONE, attempt=0, by="page"))
        old.record(ev.slot_verdict("a", Slot.SIGN_IN, Verdict.READ_BACK))
        assert (
            old.step("a", "r", "later").status is StepStatus.NOT_DONE
            and not old.account("a").slots[Slot.SIGN_IN].doubted
        )
        old.record(ev.account_added("new", "s"))
        assert old.step("new", "r", "d").status is StepStatus.PENDING
        assert old.check() == []
    with opened(copy) as again:
        assert again.copy_status == "same", "it is the newest from now on"
    with opened(path) as other:
        assert other.copy_status == "diverged", "and the other one is not any more"
        assert other.step("a", "r", "later").status is StepStatus.UNKNOWN
    with opened(copy, write=False) as third:
        assert third.copy_status == "diverged"


def test_a_copy_that_went_on_elsewhere_has_diverged(path: Path, state: StateFile, opened: Open, tmp_path: Path) -> None:
    """Longer than what this machine saw, yet with another past: told by the digest, not by the serial."""
    fill(state)
    state.close()
    copy = copy_of(path)
    with opened() as here:
        here.record(ev.note("here"))
    with opened(copy, markers=tmp_path / "other machine") as there:
        assert there.copy_status == "unknown"
        there.record(*(ev.note(str(n)) for n in range(5)))
    with opened(copy, write=False) as back:
        assert back.copy_status == "diverged"


def test_a_shorter_diverged_copy_is_told_from_an_older_one(
    path: Path, state: StateFile, opened: Open, tmp_path: Path
) -> None:
    """The marker keeps some of the way, so a short copy with another past does not pass as merely older."""
    fill(state)
    state.close()
    copy = copy_of(path)
    with opened(copy, markers=tmp_path / "other machine") as there:
        there.record(ev.note("there"))
    with opened() as here:
        for n in range(40):
            here.record(ev.note(str(n)))
    with opened(copy, write=False) as back:
        assert back.copy_status == "diverged"


def test_a_file_that_went_ahead_on_another_machine_is_the_same(
    path: Path, state: StateFile, opened: Open, tmp_path: Path
) -> None:
    """The file carried to a second machine and back is the newest one: its past is the one seen here."""
    fill(state)
    state.close()
    with opened(markers=tmp_path / "other machine") as there:
        there.record(ev.note("there"))
    with opened() as back:
        assert back.copy_status == "same"


def test_an_unknown_file_is_looked_at_again(path: Path, state: StateFile, opened: Open, tmp_path: Path) -> None:
    """A machine that never saw the migration cannot know whether this is its newest copy."""
    fill(state)
    state.close()
    with opened(markers=tmp_path / "elsewhere") as there:
        assert there.copy_status == "unknown" and there.step("a", "r", "d").status is StepStatus.UNKNOWN
    with opened(markers=tmp_path / "elsewhere") as again:
        assert again.copy_status == "same"


@pytest.mark.parametrize("left", ["behind", "torn", "zeros"])
def test_a_marker_left_behind_by_a_dead_machine_does_no_harm(
    path: Path, state: StateFile, markers: Path, opened: Open, left: str
) -> None:
    """Marker lines are not synced at each commit: lost, torn or zero-filled after a power cut, the file is still the same one."""
    (marker,) = (m for m in markers.iterdir() if m.suffix != ".lock")
    start = marker.read_bytes()
    fill(state)
    full = marker.read_bytes()
    assert len(full) > len(start), "each commit leaves a line, so that even a killed command's last one is known"
    state.close()
    marker.write_bytes({"behind": start, "torn": full[:-40], "zeros": full[:-40] + bytes(40)}[left])
    with opened() as again:
        assert again.copy_status == "same" and again.step("a", "r", "d").status is StepStatus.DONE


def test_a_restored_copy_is_seen_after_a_kill(path: Path, state: StateFile, opened: Open) -> None:
    """The command was killed before it could close its marker; a copy from the middle of that session is still recognised."""
    state.record(ev.account_added("a", "s"))
    copy = copy_of(path)  # between two commits the file alone is whole
    state.record(ev.step_armed("a", "r", "x", attempt=1))
    state._db.close()
    for lock in state._locks:
        lock.release()
    state._locks.clear()
    state._marker.let_go()
    with opened(copy) as old:
        assert old.copy_status == "older" and old.step("a", "r", "x").status is StepStatus.UNKNOWN


def test_a_full_marker_is_thinned(state: StateFile, markers: Path, opened: Open) -> None:
    """A long session does not leave an ever-growing marker."""
    for n in range(200):
        state.record(ev.note(str(n)))
    (marker,) = (m for m in markers.iterdir() if m.suffix != ".lock")
    assert len(marker.read_text().splitlines()) == 202
    state.close()
    assert len(marker.read_text().splitlines()) == 65
    with opened() as again:
        assert again.copy_status == "same"


def test_without_a_place_for_the_marker_nothing_is_written(
    path: Path, state: StateFile, clock: HandClock, tmp_path: Path
) -> None:
    """Where markers cannot be kept nobody can tell a stale copy, so opening for writing says so; reading goes on."""
    state.close()
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    before = path.read_bytes()
    with pytest.raises(StateError):
        StateFile.open(path, clock=clock, markers=blocked)
    assert path.read_bytes() == before and [f.name for f in path.parent.iterdir()] == [path.name]
    with pytest.raises(StateError):
        StateFile.create(path.with_name("new"), OLD, NEW, clock=clock, markers=blocked)
    assert [f.name for f in path.parent.iterdir()] == [path.name], "a migration begins whole or not at all"
    with StateFile.open(path, clock=clock, write=False, markers=tmp_path / "none") as reader:
        assert reader.copy_status == "unknown" and reader.header().serial == 1


def test_doubt_goes_with_a_join(path: Path, state: StateFile, opened: Open, tmp_path: Path) -> None:
    """An account in doubt that is joined into a fresh one takes its doubt along: what nobody wrote down may have happened."""
    fill(state)
    state.close()
    with opened(markers=tmp_path / "elsewhere") as there:
        there.record(ev.account_added("fresh", "s"))
        assert there.step("fresh", "r", "never").status is StepStatus.PENDING
        there.record(Draft(Kind.ACCOUNT_JOINED, "a", {"into": "fresh"}))
        assert there.step("fresh", "r", "never").status is StepStatus.UNKNOWN
        assert there.account("fresh").slots[Slot.SIGN_IN].doubted and there.check() == []
