"""What the trust gate makes of a recipe's sample mails, and which of them and of its mails have no partner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from readdress.models import RouteKind
from readdress.recipe.finding import Finding, Severity, shown
from readdress.recipe.schema import Mail, Recipe
from readdress.testing.fakes import FakeClock, FakeMail
from readdress.testing.office import WANTED, Letter, Office, filled_octets, head_of, token_of
from readdress.testing.post import Post
from readdress.testing.samples import Sample
from readdress.trust.gate import paste
from readdress.trust.verdict import Accepted, Rejected


def check_samples(recipe: Recipe, samples: Sequence[Sample], *, site: str = "") -> str:
    """What is wrong with how the recipe's rules take its samples, ``""`` when nothing is.

    Of each sample: the right code or link comes out, a forbidden one never, and of what is hostile nothing at all.
    """
    clock = FakeClock()
    office = Office(recipe, samples, Post(FakeMail({}, clock), clock), site=site)
    return "; ".join(w for s in samples for w in _wrong(office, s))


def _wrong(office: Office, sample: Sample) -> Iterator[str]:
    listed = {a.lower() for m in office.recipe.mail for a in m.sender}
    sender = parseaddr(str(head_of(filled_octets(sample.octets, {}))["From"] or ""))[1].lower()
    changing = _changing(office.recipe)
    for mail in office.recipe.mail:
        letter = office.of_sample(sample, mail)
        verdict = office.judge(letter, mail)
        if isinstance(verdict, Accepted) and mail.id in changing and (link := _forbidden(verdict.value, sample.never)):
            yield f"{sample.name} as {mail.id}: the link {link} would be opened, which never may be"
        if mail.link and mail.id in changing:
            for link in sample.never:
                if "://" in link and isinstance(paste(link, mail, used=lambda _: False, site=office.site), Accepted):
                    yield f"{sample.name} as {mail.id}: the link {link} would be taken when pasted"
        if sample.kind == "hostile":
            forged = office.judge(office.of_sample(sample, mail, signed=False), mail)
            # A sender that is not bound yet is shown to the person by its address: that is asked, not believed.
            if not isinstance(forged, Rejected) or (sender not in listed and isinstance(verdict, Accepted)):
                yield f"{sample.name} as {mail.id}: this hostile mail is believed"
        elif isinstance(verdict, Accepted):
            yield from _other(sample, mail, letter, verdict)


def _changing(recipe: Recipe) -> set[str]:
    """The mails for which a sample's forbidden links hold.

    A link that resets the password is a trap while an address is changed, and what was asked for where the way in is lost: mails that
    only such routes name are left out.
    """
    routes = [r for r in recipe.route if r.kind not in {RouteKind.RECOVER, RouteKind.APPEAL}]
    return {name for r in routes for s in r.step for name in (s.expects, s.uses) if name}


def _other(sample: Sample, mail: Mail, letter: Letter, verdict: Accepted) -> Iterator[str]:
    if sample.kind == "newsletter" and verdict.kind != "notice":
        yield f"{sample.name} as {mail.id}: a {verdict.kind} is taken from a newsletter"
    elif verdict.kind == "code" and sample.code == "" and sample.kind != "code":
        yield f"{sample.name} as {mail.id}: it carries no code, but {verdict.value!r} is taken for one"
    elif verdict.kind == "code" and letter.code and verdict.value != letter.code:
        yield f"{sample.name} as {mail.id}: the code is {letter.code!r}, but {verdict.value!r} is taken"
    elif verdict.kind == "link" and letter.link and verdict.value != letter.link:
        yield f"{sample.name} as {mail.id}: the link is {letter.link}, but {verdict.value} is taken"


def _forbidden(value: str, never: Sequence[str]) -> str:
    path = urlsplit(value).path
    return next(
        (n for n in never if value and (value == n or (n.startswith("/") and fnmatchcase(path, n.replace("**", "*"))))),
        "",
    )


def sample_findings(folder: Path, recipe: Recipe, samples: Sequence[Sample], *, site: str = "") -> list[Finding]:
    """Mails of the recipe that no sample shows, and samples that no mail of the recipe fits: warnings, both."""
    clock = FakeClock()
    office = Office(recipe, samples, Post(FakeMail({}, clock), clock), site=site)
    found: list[Finding] = []
    met: set[str] = set()
    for sample in samples:
        fits, why = _fits(office, sample)
        met |= set(fits)
        if sample.kind in WANTED and sample.kind != "newsletter" and not fits:
            told = f"no [[mail]] of the recipe can use {sample.name} ({sample.kind} to {sample.to}{why})."
            found.append(_warn("sample-unused", sample.path, told, "Add a [[mail]] for it, or mend its rule."))
    for mail in recipe.mail:
        if mail.id not in met:
            told = f'no sample message shows the mail "{mail.id}".'
            instead = "Write one into pages/mails, and a [[mail]] table into pages/expected.toml."
            found.append(_warn("sample-missing", folder / "recipe.toml", told, instead))
    return found


def _fits(office: Office, sample: Sample) -> tuple[list[str], str]:
    fits, why = [], ""
    for mail in office.recipe.mail:
        if token_of(mail) not in WANTED.get(sample.kind, ()):
            continue
        verdict = office.judge(office.of_sample(sample, mail), mail)
        if isinstance(verdict, Rejected):
            why = why or f"; {mail.id}: {verdict.detail}"
        else:
            fits.append(mail.id)
    return fits, why


def _warn(rule: str, path: Path, told: str, instead: str) -> Finding:
    return Finding(rule, Severity.WARNING, shown(path), 1, told, instead)
