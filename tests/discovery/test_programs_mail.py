"""Mail of real programs, rendered from their own templates at test time, is of the right kind.

Counted per rendered message, over all locales whose language the classifier claims (ten, with their regional variants); a template that a locale
leaves partly in English counts as it is sent. The share over all locales, the unclaimed among them, is printed beside it and has a floor of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readdress.discovery import kind_of
from tests.discovery.program_mail import MEDIAWIKI, SITE, WORDPRESS, Mail, allauth, mediawiki, wordpress


def share(mails: tuple[Mail, ...]) -> tuple[float, list[tuple[str, str, str]]]:
    """The share that is of the right kind, and which are not."""
    wrong = []
    for mail in mails:
        got = kind_of(mail.subject, sender="noreply@quillwick.example", name=SITE, body=mail.body)
        if got is not mail.kind:
            wrong.append((mail.locale, mail.template, str(got)))
    return 1 - len(wrong) / len(mails), wrong


@pytest.mark.parametrize(
    ("render", "locales", "floor_all"),
    [(allauth, 46, 0.75), (mediawiki, 200, 0.37), (wordpress, 50, 0.5)],
    ids=["allauth", "mediawiki", "wordpress"],
)
def test_kinds_of_rendered_mail(render: Callable[[], tuple[Mail, ...]], locales: int, floor_all: float) -> None:
    """At least 95 of 100 in the languages that are claimed."""
    assert render is allauth or (MEDIAWIKI.is_dir() and WORDPRESS.is_dir()), (
        "run tests/programs/install.py: mediawiki and wordpress-l10n are missing"
    )
    mails = render()
    claimed = tuple(mail for mail in mails if mail.claimed)
    good, wrong = share(claimed)
    everywhere, _ = share(mails)
    print(
        f"\n{mails[0].program}: {good:.3f} of {len(claimed)} in claimed languages; {everywhere:.3f} of {len(mails)} in {len({m.locale for m in mails})} locales"
    )
    assert len({mail.locale for mail in mails}) >= locales
    assert good >= 0.95, wrong
    assert everywhere >= floor_all
