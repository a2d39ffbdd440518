"""Small hand-made samples in the shapes of the public data sets; no line of the real files is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from readdress.recipe.datasets import SETS, DataSet

PAGES = {
    "alpha.test": "https://www.alpha.test/settings",
    "beta.test": "https://id.beta.test/password",
    "delta.test": "http://delta.test/account",
}
GROUPS = [
    {"shared": ["alpha.test", "alpha-shop.test"]},
    {"from": ["oldgamma.test"], "to": ["gamma.test"], "fromDomainsAreObsoleted": True},
]
JDM = [
    {"name": "Alpha", "url": "https://alpha.test/close", "difficulty": "easy", "domains": ["alpha.test"], "notes": "x"},
    {"name": "Alpha Shop", "url": "https://alpha-shop.test/x", "difficulty": "hard", "domains": ["alpha-shop.test"]},
    {
        "name": "Gamma by Alpha",
        "url": "mailto:x@gamma.test",
        "difficulty": "limited",
        "domains": ["alpha.test", "gamma.test"],
    },
]
TFA = {
    "Alpha": {
        "domain": "alpha.test",
        "tfa": ["email", "totp"],
        "categories": ["retail"],
        "recovery": "https://alpha.test/lost",
    },
    "Beta Bank": {
        "domain": "beta.test",
        "additional-domains": ["beta.example"],
        "tfa": ["sms"],
        "categories": ["banking"],
    },
    "Epsilon": {"domain": "epsilon.test", "categories": ["social"]},
}
API = [[name, {**entry, "keywords": entry["categories"]}] for name, entry in TFA.items()]
SMALL = tuple(DataSet(s.name, s.file, s.url, 1, s.read) for s in SETS)
"""The real sets, but any number of entries is enough."""


def files() -> dict[str, Any]:
    """A fresh sample of every file, by name."""
    return json.loads(
        json.dumps(
            {
                "change-password-URLs.json": PAGES,
                "shared-credentials.json": GROUPS,
                "sites.json": JDM,
                "entries.json": TFA,
            }
        )
    )


def write(folder: Path, contents: dict[str, Any]) -> Path:
    """Put the files into ``folder``; octets as they are, anything else as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        (folder / name).write_bytes(raw)
    return folder
