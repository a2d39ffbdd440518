"""The verb ``dossier``: gathers what the state file knows about a lost account for the document that goes with an appeal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from readdress.discovery.domains import org_domain
from readdress.errors import RecipeError, UsageError
from readdress.i18n.clean import clean
from readdress.models import Account, Draft, Kind, Lang, OldState, RouteKind, Slot, StepStatus, Text
from readdress.models.events import fact
from readdress.report import dossier_words as w
from readdress.report.channels import Channel, Provider, Source, known_providers, load_provider
from readdress.report.dossier_build import SAYABLE, Hanging, Happening, Known, build
from readdress.workflow.noting import notes

if TYPE_CHECKING:
    from readdress.recipe.schema import Recipe, Route
    from readdress.report.dossier import Dossier
    from readdress.workflow.migration import Migration
    from readdress.workflow.planning import Planned

OWN = "dossier:"
"""Facts that the person said for the dossier: ``dossier:name`` …"""
OF_ACCOUNT = ("since", "value", "uses")
"""What can be said of one account: since when, what it is worth, what it is used for."""
LONGEST = 600
_UNKNOWN = Text("not established", "未能确认")
_TOLD = frozenset({Kind.NOTE, Kind.MIGRATION_STARTED, Kind.OLD_STATE, Kind.PROVIDER})
_WEAKEST = ("weak", "single", "observed", "strong", "official")


def dossier(m: Migration, provider: str, lang: Lang, *, logins: bool = False) -> Dossier:
    """The dossier for ``provider`` (``tencent``, or the id or name of a recipe); ``""``: whoever OLD was of.

    Raises :class:`~readdress.errors.UsageError` where nothing is known of such a provider.
    """
    return build(gather(m, find_provider(m, provider)), lang, logins=logins)


def say(m: Migration, pairs: Sequence[str], account: str = "") -> list[str]:
    """Keep what the person says: ``name=…`` of themselves and the case, or ``value=…`` of one account; an empty value takes it back.

    Returns the names that were kept. Raises :class:`~readdress.errors.UsageError` for a name that is none.
    """
    about = m.find(account).id if account else ""
    allowed = OF_ACCOUNT if account else tuple(SAYABLE)
    drafts: list[Draft] = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        name = name.strip().lower()
        if not equals or name not in allowed:
            of = f"of {account}" if account else "of you and the case"
            other = "" if account else f" Of an account (--account NAME): {', '.join(OF_ACCOUNT)}."
            raise UsageError(
                f"{clean(pair, 60)!r} says nothing that a dossier holds.",
                todo=f"Write NAME=VALUE; {of}: {', '.join(allowed)}.{other}",
            )
        drafts.append(fact(name if account else f"{OWN}{name}", clean(value, LONGEST), about))
    m.record(*drafts)
    return [str(d.data["name"]).removeprefix(OWN) for d in drafts]


# -- whom it is for -----------------------------------------------------------------------------------------------------------


def find_provider(m: Migration, name: str) -> Provider:
    """What is known of a provider: the packaged channels, else the recovery and appeal routes of its recipe."""
    files = {n: load_provider(n) for n in known_providers()}
    wanted = name.strip().casefold()
    domain = m.header.old.domain.lower()
    for provider in files.values():
        names = {provider.id, provider.name.en.casefold(), provider.name.zh, *provider.services}
        if wanted in names or (not wanted and domain in provider.domains):
            return provider
    if not wanted:
        shown = m.catalogue.knowledge.show(domain)
        wanted = shown.id if shown is not None else domain
    try:
        recipe = m.catalogue.recipe(wanted)
    except RecipeError:
        listed = ", ".join(sorted(files))
        raise UsageError(
            f"Nothing is known of a provider {clean(name or domain, 60)!r}.",
            todo=f"Name one with channels of its own ({listed}), or a service of `migrate recipes list`.",
        ) from None
    return _of_recipe(recipe, domain if not name.strip() else "")


def _of_recipe(recipe: Recipe, domain: str) -> Provider:
    numbered = {s.id or s.url: s for s in recipe.sources}
    channels = tuple(
        _channel(route, numbered) for route in recipe.route if route.kind in {RouteKind.RECOVER, RouteKind.APPEAL}
    )
    used = {name for c in channels for name in c.sources}
    sources = tuple(Source(n, s.url, Text(s.says, s.says), s.grade, s.day) for n, s in numbered.items() if n in used)
    return Provider(
        recipe.id,
        recipe.name,
        services=(recipe.id,),
        domains=(domain,) if domain else (),
        checked=recipe.checked,
        sources=sources,
        channels=channels,
        laws=load_provider("eu").laws,
    )


def _channel(route: Route, sources: Mapping[str, object]) -> Channel:
    first = next((s.open for s in route.step if s.open), "") or ""
    named = tuple(
        dict.fromkeys(n for n in (*route.sources, *(n for s in route.step for n in s.sources)) if n in sources)
    )
    grades = {str(getattr(sources[n], "grade", "weak")) for n in named}
    grade = next((g for g in _WEAKEST if g in grades), "weak")
    steps = Text("; ".join(s.title.en for s in route.step), "；".join(s.title.zh for s in route.step))
    needs = ", ".join(f.replace("_", " ") for f in route.needs)
    asks = Text(needs, needs) if needs else _UNKNOWN
    return Channel(route.id, route.title or Text(route.id, route.id), first, steps, _UNKNOWN, asks, grade, named)


# -- what is known ------------------------------------------------------------------------------------------------------------


def gather(m: Migration, provider: Provider) -> Known:
    """What the state file knows, for :func:`readdress.report.dossier_build.build`."""
    from readdress.workflow.planning import planned

    header, facts = m.header, m.state.all_facts()
    accounts = [a for a in m.accounts() if not a.closed]
    theirs = [a for a in accounts if a.service in provider.services]
    found = planned(m)
    hanging = [a for a in accounts if a not in theirs and _hangs(m, a, provider, theirs, facts.get(a.id, {}))]
    names = Counter(a.service for a in accounts)
    rows = [
        _row(m, a, found, facts.get(a.id, {}), provider, a.service if names[a.service] == 1 else a.id) for a in hanging
    ]
    happened = list(_happened(m, provider, theirs, {a.id: a for a in accounts}))
    own = {name.removeprefix(OWN): value for name, value in facts.get("", {}).items() if name.startswith(OWN)}
    bans = [h.at for h in happened if h.topic == "ban"]
    state, _ = m.state.old_state()
    first = theirs[0] if theirs else None
    return Known(
        provider,
        str(header.old),
        str(header.new),
        OldState(state),
        m.adapters.the_clock().now(),
        own,
        rows,
        login=first.login if first else "",
        since=facts.get(first.id, {}).get("since", "") if first else "",
        ended=min(bans, default=None),
        happenings=happened,
        moved=sum(h.moved for h in found.situation.accounts),
        total=len(found.situation.accounts),
    )


def _hangs(
    m: Migration, account: Account, provider: Provider, theirs: Sequence[Account], facts: Mapping[str, str]
) -> bool:
    """All accounts hang on the one that gave OLD out; on another one, those that are signed in to through it or get a factor out of it."""
    if org_domain(m.header.old.domain) in {org_domain(d) for d in provider.domains}:
        return True
    held = m.state.factors(account.id)
    by_it = any(f"sso:{service}" in held for service in provider.services)
    return by_it or any(value in {a.id for a in theirs} for name, value in facts.items() if name.startswith("from:"))


def _row(
    m: Migration, account: Account, found: Planned, facts: Mapping[str, str], provider: Provider, handle: str
) -> Hanging:
    service = m.catalogue.knowledge.entry(account.service)
    names = {service.name.en, service.name.zh} if service is not None else set()
    name = account.label or account.service
    if service is not None and (name in names or name == account.service):
        name = service.name.to(m.adapters.lang)  # the label is only the service's name in the language of that day
    slots = set(account.slots)
    held = m.state.factors(account.id)
    if any(f"sso:{s}" in held for s in provider.services):
        slots = (slots - {Slot.SIGN_IN}) | {Slot.SSO}
    elif slots != {Slot.SSO}:
        slots -= {Slot.SSO}  # others sign in through it: that is not how it hangs on this provider
    category = service.category if service is not None else "other"
    return Hanging(
        handle,
        f"{name} ({account.site.removeprefix('https://')})" if account.site else name,
        w.GROUP_OF.get(category, "other"),
        tuple(s for s in Slot if s in slots),
        account.login,
        facts.get("since", ""),
        facts.get("value", ""),
        facts.get("uses", ""),
        _stands(account, found),
    )


def _stands(account: Account, found: Planned) -> Text:
    from readdress.planner.plan import Can

    try:
        can = found.plan.find(account.id).can
    except KeyError:
        return w.OPEN_NOW
    return {Can.DONE: w.MOVED_NOW, Can.APPEAL: w.APPEAL_NOW, Can.CLOSED: w.CLOSED_NOW}.get(can, w.OPEN_NOW)


def _happened(
    m: Migration, provider: Provider, theirs: Sequence[Account], accounts: Mapping[str, Account]
) -> Iterator[Happening]:
    """Notes, and what of the log concerns the case: states of OLD and of signing in through the provider, steps of its appeals."""
    own = {a.id for a in theirs}
    events = [e for e in m.log() if e.kind in _TOLD]  # a log holds far more: every folder that was read
    for note in notes(events):
        about = accounts.get(note.account)
        name = (about.label or about.service) if about is not None and about.id not in own else ""
        yield Happening(note.day, Text(note.text, note.text), note.topic, note.file, note.digest, name)
    for event in events:
        if event.kind is Kind.MIGRATION_STARTED:
            yield Happening(event.at, w.EVENT_BEGUN)
        elif event.kind is Kind.OLD_STATE:
            yield Happening(event.at, w.EVENT_OLD[OldState(event.data["state"])])
        elif event.kind is Kind.PROVIDER and event.data["service"] in provider.services:
            yield Happening(event.at, w.EVENT_PROVIDER[OldState(event.data["state"])])
    for account in theirs:
        yield from _steps(m, account)


def _steps(m: Migration, account: Account) -> Iterator[Happening]:
    try:
        recipe = m.catalogue.recipe(account.service)
    except RecipeError:
        return
    for route in recipe.route:
        if route.kind not in {RouteKind.APPEAL, RouteKind.RECOVER}:
            continue
        for step in route.step:
            record = m.state.step(account.id, route.id, step.id)
            ended: datetime | None = record.ended_at
            if record.status is StepStatus.DONE and ended is not None:
                yield Happening(ended, step.title, "appeal" if route.kind is RouteKind.APPEAL else "")
