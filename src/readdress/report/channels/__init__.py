"""Where to turn when a provider has closed an account: channels in their order, with what is known of them, graded; read from the packaged TOML files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from readdress.models import Text

GRADES = ("official", "strong", "single", "weak", "observed")


@dataclass(frozen=True, slots=True)
class Source:
    """Who says it, in our own words. ``grade``: as in recipes."""

    id: str
    url: str
    says: Text
    grade: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to be heard. ``before``: what has to come first; ``takes``: how long; ``asks``: what it wants to know; ``grade``: how sure that is."""

    id: str
    name: Text
    where: str
    before: Text
    takes: Text
    asks: Text
    grade: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provision:
    """A provision that people cite: the law, its articles, what it is about. No advice."""

    name: Text
    articles: tuple[str, ...]
    about: Text
    url: str
    grade: str


@dataclass(frozen=True, slots=True)
class Provider:
    """Whom a dossier is for. ``services``: ids of its accounts; ``domains``: of addresses that it gives out."""

    id: str
    name: Text
    services: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    company: Text | None = None
    checked: date | None = None
    sources: tuple[Source, ...] = ()
    channels: tuple[Channel, ...] = ()
    laws: tuple[Provision, ...] = ()
    remarks: tuple[Text, ...] = ()


def known_providers() -> list[str]:
    """The ids of the files that are there and have channels."""
    names = [f.name[:-5] for f in files(__package__).iterdir() if f.name.endswith(".toml")]
    return sorted(n for n in names if load_provider(n).channels)


def load_provider(name: str) -> Provider:
    """One of the files. Raises ``FileNotFoundError`` where there is none, ``ValueError`` for one that is not what it should be."""
    if not name.replace("-", "").isalnum():
        raise FileNotFoundError(name)
    path = files(__package__) / f"{name}.toml"
    return provider_of(tomllib.loads(path.read_text(encoding="utf-8")))


def provider_of(data: dict[str, Any]) -> Provider:
    """A file's content. An unknown key, grade or source is an error."""
    try:
        sources = tuple(
            Source(s["id"], s["url"], _text(s["says"]), _grade(s["grade"]), s.get("date"))
            for s in data.get("source", ())
        )
        names = {s.id for s in sources}
        channels = []
        for c in data.get("channel", ()):
            if not set(c.get("sources", ())) <= names:
                raise ValueError(f"channel {c['id']}: unknown source")
            channels.append(
                Channel(
                    c["id"],
                    _text(c["name"]),
                    c["where"],
                    _text(c["before"]),
                    _text(c["takes"]),
                    _text(c["asks"]),
                    _grade(c["grade"]),
                    tuple(c.get("sources", ())),
                )
            )
        laws = tuple(
            Provision(_text(p["name"]), tuple(p["articles"]), _text(p["about"]), p["url"], _grade(p["grade"]))
            for p in data.get("law", ())
        )
        unknown = set(data) - {
            "id", "name", "company", "services", "domains", "checked", "source", "channel", "law", "remark",
        }  # fmt: skip
        if unknown:
            raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
        return Provider(
            data["id"],
            _text(data["name"]),
            tuple(data["services"]),
            tuple(data["domains"]),
            _text(data["company"]) if "company" in data else None,
            data.get("checked"),
            sources,
            tuple(channels),
            laws,
            tuple(_text(r) for r in data.get("remark", ())),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a file of channels: {error!r}") from error


def _text(data: dict[str, str]) -> Text:
    return Text(data["en"], data["zh"])


def _grade(text: str) -> str:
    if text not in GRADES:
        raise ValueError(f"unknown grade {text!r}")
    return text
