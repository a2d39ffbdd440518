"""The verbs about the catalogue of services: bring the person's copy up to date from public data, look a service up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readdress.errors import ConfigError, UsageError, UserError
from readdress.recipe.imported import MAX_FILE, Origin, copy_path, document
from readdress.recipe.knowledge import Knowledge
from readdress.recipe.service import Service

if TYPE_CHECKING:
    from readdress.recipe.datasets import DataSet, Read
    from readdress.recipe.merging import Merged

Fetch = Callable[[str, int], bytes]
"""Fetches a URL, at most so many octets. Raises :class:`~readdress.errors.UserError`."""


@dataclass(frozen=True, slots=True)
class Updated:
    """How an update ended: the new copy, what is in it, and how many entries of each set were left out."""

    path: Path
    merged: Merged
    origins: tuple[Origin, ...]
    left_out: Mapping[str, int]
    replaced: bool

    def document(self) -> dict[str, Any]:
        """For a program."""
        from readdress.recipe.merging import figures
        from readdress.report.documents import document as named
        from readdress.report.documents import when

        return named(
            "catalogue_update",
            path=str(self.path),
            replaced=self.replaced,
            sources=[
                {
                    "name": o.name,
                    "url": o.url,
                    "date": when(o.date),
                    "entries": o.entries,
                    "left_out": self.left_out[o.name],
                }
                for o in self.origins
            ],
            **figures(self.merged),
        )


def knowledge(folders: Sequence[Path] = ()) -> Knowledge:
    """Everything that is known of services, with the recipes at hand."""
    from readdress.recipe.catalogue import Catalogue

    return Knowledge(Catalogue(folders))


def update(
    from_dir: Path | None = None,
    *,
    path: Path | None = None,
    fetch: Fetch | None = None,
    sets: Sequence[DataSet] | None = None,
    now: datetime | None = None,
) -> Updated:
    """Fetch the public data sets (or take them from ``from_dir``), check and merge them, and put the copy in its place at once.

    On any failure the copy of before stays as it is, and the error says what went wrong. ``path``, ``fetch``, ``sets`` and ``now`` are for
    tests. Raises :class:`~readdress.errors.UserError`.
    """
    from readdress.recipe.datasets import SETS
    from readdress.recipe.merging import merge
    from readdress.workflow.files import write_private

    chosen = tuple(sets or SETS)
    moment = now or datetime.now(UTC)
    place = path or copy_path()
    try:
        raw = {
            s.name: _taken(from_dir, s) if from_dir is not None else (fetch or _fetch)(s.url, _cap()) for s in chosen
        }
        read: dict[str, Read[Any]] = {s.name: s.read(raw[s.name], s.least) for s in chosen}
    except UserError as error:
        kept = "What you had before is kept." if place.exists() else "Nothing was taken over."
        error.todo = f"{kept} {error.todo}"
        raise
    merged = merge(*(read[n].entries for n in ("jdm", "2fa", "apple", "apple-shared")))
    origins = tuple(
        Origin(
            s.name,
            s.url if from_dir is None else "file",
            moment,
            hashlib.sha256(raw[s.name]).hexdigest(),
            len(read[s.name].entries),
        )
        for s in chosen
    )
    text = json.dumps(document(merged.services, origins), ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_FILE:
        raise UsageError("The merged catalogue would be too large to be used.", todo="What you had before is kept.")
    replaced = place.exists()
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{place.parent} cannot be made ({error.strerror}).", todo="Make room for it; nothing was changed."
        ) from None
    write_private(place, text + "\n")
    return Updated(place, merged, origins, {n: r.bad for n, r in read.items()}, replaced)


def show(name: str, known: Knowledge) -> Service:
    """What is known of a domain, an id or a name. Raises :class:`~readdress.errors.UsageError` with what may have been meant."""
    found = known.find(name)
    if len(found) > 1:
        listed = ", ".join(s.id for s in found)
        raise UsageError(f"{name!r} can mean {listed}.", todo="Use one of these ids.")
    if found:
        return found[0]
    near = known.suggest(name, 3)
    hint = f"Did you mean {' or '.join(s.id for s in near)}? " if near else ""
    todo = f"{hint}More services are known after: migrate catalogue update"
    raise UsageError(f"Nothing is known of {name!r}.", todo=todo)


def service_document(service: Service) -> dict[str, Any]:
    """What is known of a service, for a program."""
    from readdress.report.documents import document as named

    return named(
        "service",
        id=service.id,
        names={"en": service.name.en, "zh": service.name.zh},
        category=service.category,
        aliases=list(service.aliases),
        domains=list(service.domains),
        personal=list(service.personal),
        senders=list(service.senders),
        home=service.home,
        account=service.account,
        account_by=service.account_by,
        sign_in=list(service.sign_in),
        rides=list(service.rides),
        region=list(service.region),
        recipe=service.recipe,
        software=service.software,
        recover=service.recover,
        second_factors=list(service.second_factors),
        close=service.close,
        closing=service.closing,
        named_by=list(service.named_by),
        grade=service.grade,
        origin=service.origin,
    )


def _cap() -> int:
    from readdress.recipe.datasets import MAX_BYTES

    return MAX_BYTES


def _fetch(url: str, cap: int) -> bytes:
    from readdress.net.fetch import fetch

    return fetch(url, cap=cap)


def _taken(folder: Path, wanted: DataSet) -> bytes:
    """The file of that set in ``folder`` or one folder below it."""
    from readdress.recipe.datasets import MAX_BYTES

    todo = f"It needs {wanted.file}, in it or in a folder of it; it comes from {wanted.url}"
    try:
        inside = [folder / wanted.file, *sorted(p / wanted.file for p in folder.iterdir() if p.is_dir())]
        found = next((p for p in inside if p.is_file()), None)
        if found is None:
            raise UsageError(f"{wanted.file} is not in {folder}.", todo=todo)
        with found.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{folder} cannot be read ({error.strerror}).", todo=todo) from None
