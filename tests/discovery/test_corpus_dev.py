"""The development half of the labelled corpus: floors that a change may not fall below. It was tuned on, so it proves no quality."""

from __future__ import annotations

from tests.discovery import scoring


def test_accounts_on_the_development_half() -> None:
    """Nothing that was once told apart is mixed up again."""
    found = scoring.accounts("dev")
    print("\n" + found.line())
    assert found.precision >= 0.97
    assert found.recall >= 0.97
    assert found.marked_closed >= 9


def test_kinds_on_the_development_half() -> None:
    """By headers alone and with the text."""
    for opened, floor in ((False, 0.90), (True, 0.94)):
        table, _ = scoring.kinds("dev", opened=opened)
        print("\n".join(["", f"dev, {'opened' if opened else 'headers alone'}", *table.lines()]))
        assert table.accuracy >= floor


def test_login_names_and_slots_on_the_development_half() -> None:
    """Login names are found where they are stated, and hardly ever invented."""
    found, stated, wrong = scoring.logins("dev")
    good, everything = scoring.slots("dev")
    print(f"\nlogin names: {found} of {stated}, {wrong} wrong; slots: {good} of {everything}")
    assert found >= 0.9 * stated
    assert wrong <= 0.03 * 251
    assert good >= 0.9 * everything
