"""The public data sets as they come from outside: their shapes checked entry by entry, nothing taken over that was not understood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from readdress.errors import UserError
from readdress.recipe.imported import is_domain, is_url

MAX_BYTES = 16 * 1024 * 1024
_MOST = 50_000  # entries of one set; the largest has 2,600
_BAD = 0.05  # so large a part may be wrong before the set counts as changed beyond recognition


T = TypeVar("T")


class DataSetError(UserError):
    """A public data set does not look like what it should be; nothing of it was taken over."""


def _domain(value: str) -> str:
    name = value.strip().lower().rstrip(".")
    if not name.isascii():
        name = name.encode("idna").decode("ascii")  # UnicodeError is a ValueError, which is what pydantic wants
    if not is_domain(name):
        raise ValueError("no domain")
    return name


def _url(value: str) -> str:
    text = value.strip()
    if not is_url(text):
        raise ValueError("no http(s) address")
    return text


Domain = Annotated[str, StringConstraints(max_length=253), AfterValidator(_domain)]
Url = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_url)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
_URL = TypeAdapter(Url)


class _Entry(BaseModel):
    # These sets grow keys of their own; what is not named here is not read. Types are never bent: "1" is no number, a number no text.
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, populate_by_name=True)


class Closable(_Entry):
    """A service of jdm: its domains, and how hard closing the account is and where."""

    name: Name
    domains: list[Domain] = Field(min_length=1, max_length=200)
    url: str = Field(default="", max_length=4000)
    difficulty: Word = "unknown"


class Protected(_Entry):
    """A service of 2factorauth: which second factors it has, and where the account is recovered."""

    name: Name
    domain: Domain
    additional: list[Domain] = Field(default_factory=list, alias="additional-domains", max_length=200)
    tfa: list[Word] = Field(default_factory=list, max_length=20)
    recovery: str = Field(default="", max_length=4000)
    categories: list[Word] = Field(default_factory=list, max_length=20)


class Page(_Entry):
    """An entry of Apple's list: where the password of a site is changed."""

    domain: Domain
    url: Url


class Group(_Entry):
    """Sites that share credentials (``shared``), or a site's old domains (``from``) whose logins live at ``to`` now."""

    shared: list[Domain] = Field(default_factory=list, max_length=200)
    old: list[Domain] = Field(default_factory=list, alias="from", max_length=200)
    new: list[Domain] = Field(default_factory=list, alias="to", max_length=200)

    @property
    def domains(self) -> list[str]:
        """All of them; where there are old ones, those in use first."""
        return [*self.shared, *self.new, *self.old]


E = TypeVar("E", bound=_Entry)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A set that was read: its good entries, and how many were left out."""

    entries: tuple[T, ...]
    bad: int


@dataclass(frozen=True, slots=True)
class DataSet:
    """One file of public data: where it comes from, how it is read, and how few entries would be too few to be it.

    ``file``: its name where files are given in place of a download (``--from DIR``).
    """

    name: str
    file: str
    url: str
    least: int
    read: Callable[[bytes, int], Read[Any]]


def _json(raw: bytes, name: str) -> Any:
    if len(raw) > MAX_BYTES:
        raise DataSetError(f"{name} is larger than {MAX_BYTES >> 20} MiB; it cannot be the catalogue.", todo=_LATER)
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise DataSetError(f"{name} is no JSON document, or is cut short.", todo=_LATER) from None


def _checked(name: str, rows: Iterable[Any], model: type[E], least: int) -> Read[E]:
    good: list[E] = []
    bad = 0
    for number, row in enumerate(rows):
        if number >= _MOST:
            raise DataSetError(f"{name} has more than {_MOST} entries; it cannot be the catalogue.", todo=_LATER)
        try:
            good.append(model.model_validate(row))
        except (ValidationError, UnicodeError, RecursionError):
            bad += 1
    if len(good) < least:
        raise DataSetError(
            f"{name} has {len(good)} entries that can be read; at least {least} belong there.", todo=_LATER
        )
    if bad > _BAD * (len(good) + bad):
        raise DataSetError(
            f"{bad} of {len(good) + bad} entries of {name} have another shape than they should.", todo=_LATER
        )
    return Read(tuple(good), bad)


def read_jdm(raw: bytes, least: int = 0) -> Read[Closable]:
    """Read jdm's ``sites.json``: a list of services."""
    data = _json(raw, "jdm")
    if not isinstance(data, list):
        raise DataSetError("jdm is no list of services any more.", todo=_LATER)
    return _checked("jdm", data, Closable, least)


def read_2fa(raw: bytes, least: int = 0) -> Read[Protected]:
    """2factorauth: its API's list of ``[name, entry]``, or the entries' files merged into one object by name."""
    data = _json(raw, "2factorauth")
    if isinstance(data, dict):
        rows: Iterator[Any] = (_named(name, entry) for name, entry in data.items())
    elif isinstance(data, list):
        rows = (_named(*row) if isinstance(row, list) and len(row) == 2 else row for row in data)
    else:
        raise DataSetError("2factorauth is no list of services any more.", todo=_LATER)
    return _checked("2factorauth", rows, Protected, least)


def _named(name: Any, entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {"categories": entry.get("keywords", []), **entry, "name": name}


def read_pages(raw: bytes, least: int = 0) -> Read[Page]:
    """Apple's ``change-password-URLs.json``: an object of domain → URL."""
    data = _json(raw, "apple")
    if not isinstance(data, dict):
        raise DataSetError("Apple's list of account pages is no object any more.", todo=_LATER)
    return _checked("apple", ({"domain": k, "url": v} for k, v in data.items()), Page, least)


def read_groups(raw: bytes, least: int = 0) -> Read[Group]:
    """Apple's ``shared-credentials.json``: a list of groups."""
    data = _json(raw, "apple-shared")
    if not isinstance(data, list):
        raise DataSetError("Apple's list of shared credentials is no list any more.", todo=_LATER)
    return _checked("apple-shared", data, Group, least)


def safe_url(text: str) -> str:
    """``text`` where it is a plain http(s) address, else ``""``: for fields that an entry can do without."""
    try:
        return _URL.validate_python(text)
    except ValidationError:
        return ""


_LATER = "Try again later, or give the files: migrate catalogue update --from DIR"
_APPLE = "https://raw.githubusercontent.com/apple/password-manager-resources/main/quirks/"
SETS: tuple[DataSet, ...] = (
    DataSet("apple", "change-password-URLs.json", _APPLE + "change-password-URLs.json", 200, read_pages),
    DataSet("apple-shared", "shared-credentials.json", _APPLE + "shared-credentials.json", 30, read_groups),
    DataSet(
        "jdm",
        "sites.json",
        "https://raw.githubusercontent.com/jdm-contrib/jdm/master/_data/sites.json",
        800,
        read_jdm,
    ),
    DataSet("2fa", "entries.json", "https://api.2fa.directory/v3/all.json", 800, read_2fa),
)
"""The public data sets (all MIT-licensed), with where they are fetched from."""
