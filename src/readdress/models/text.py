"""Text for a person in the languages that readdress speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Lang = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in English and Chinese."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    en: str
    zh: str

    def to(self, lang: str) -> str:
        """The sentence in ``lang`` (``en`` or ``zh``), English where that language has none."""
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)

    def format(self, **values: object) -> Text:
        """Both languages with ``{name}`` placeholders filled in."""
        return Text(self.en.format(**values), self.zh.format(**values))
