"""Which language the person reads."""

from __future__ import annotations

import os
from typing import Literal


def pick_lang(asked: str | None = None) -> Literal["en", "zh"]:
    """``asked`` if it is given, else what the environment says (LC_ALL, LC_MESSAGES, LANG), else English."""
    for name in (asked, os.environ.get("LC_ALL"), os.environ.get("LC_MESSAGES"), os.environ.get("LANG")):
        if name:
            return "zh" if name.lower().startswith("zh") else "en"
    return "en"
