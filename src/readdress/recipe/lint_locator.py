"""Which CSS and XPath expressions a site's next release will break: hashed class names, long or absolute paths."""

from __future__ import annotations

import re

_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)|\[class[~|^$*]?=[\"']?([\w -]+)")
_GENERATORS = re.compile(
    r"(?:css|sc|jsx|jss|svelte|emotion|styles?_|makeStyles)-?[A-Za-z]*-?[a-z]*\d[a-z0-9]{3,}|(?:css|sc|jsx|svelte)-[A-Za-z0-9]{4,}"
)
_MIXED = re.compile(r"[A-Za-z]+\d+[A-Za-z]+\w*|\d+[A-Za-z]+\d\w*")
_MAX_STEPS = 3
_MAX_LENGTH = 80


def bad_locator(selector: str) -> str:
    """What is wrong with a CSS or XPath selector; ``""`` when nothing is."""
    text = selector.strip()
    if text.startswith(("xpath=", "//", "..", "(//", "/html", "/body")):
        path = text.removeprefix("xpath=")
        steps = [p for p in re.split(r"/+", path.strip("()")) if p and p != "."]
        if path.startswith("/") and not path.startswith("//"):
            return "an absolute XPath breaks with the next change of the page."
        if len(steps) > _MAX_STEPS or len(path) > _MAX_LENGTH:
            return "a long XPath breaks with the next change of the page."
        text = "".join(f".{c}" for c in re.findall(r"@class[^'\"]*['\"]([\w-]+)", path))
    hashed = next((c for c in _classes(text) if _hashed(c)), "")
    if hashed:
        return f"the class {hashed!r} is made by a build tool and changes with the site's next release."
    if text.count(">") > _MAX_STEPS or len(re.findall(r":nth-(?:child|of-type)", text)) > 1:
        return "a long chain of CSS children breaks with the next change of the page."
    return ""


def _classes(css: str) -> list[str]:
    return [
        name for one, many in _CLASS.findall(re.sub(r"\"[^\"]*\"(?!\])", "", css)) for name in (one or many).split()
    ]


def _hashed(name: str) -> bool:
    if _GENERATORS.fullmatch(name):
        return True
    return any(_random(part) for part in re.split(r"[-_]+", name))


def _random(part: str) -> bool:
    """Whether a part of a class name looks like a hash: digits among letters (``a8f3k2``), or case that jumps (``bXdKqF``)."""
    if len(part) < 5:
        return False
    if _MIXED.fullmatch(part) and len(re.findall(r"[A-Za-z](?=\d)|\d(?=[A-Za-z])", part)) >= 2:
        return True
    vowels = sum(c in "aeiouyAEIOUY" for c in part)
    jumps = len(re.findall(r"[a-z](?=[A-Z])", part))
    return jumps >= 2 and vowels <= 1
