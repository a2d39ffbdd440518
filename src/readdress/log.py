"""The diagnostic log (loguru, imported late), with secrets, codes and addresses taken out of every line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_LINK = re.compile(r"(https?://[^\s/?#]+)[^\s]*")
_ADDRESS = re.compile(r"[^\s@<>\"']{1,64}@[A-Za-z0-9.-]+")
_CODE = re.compile(r"\b\d{4,10}\b|\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")


def redact(text: str) -> str:
    """``text`` with the paths of links, addresses and everything that looks like a code replaced."""
    text = _LINK.sub(r"\1/…", text)
    text = _ADDRESS.sub("…@…", text)
    return _CODE.sub("……", text)


def start(path: Path | None = None, *, debug: bool = False) -> None:
    """Send log lines to ``path`` (created 0600), and to standard error when ``debug`` is set. Without either nothing is logged."""
    import os
    import sys

    from loguru import logger

    def patched(record: Any) -> None:
        record["message"] = redact(record["message"])

    logger.remove()
    logger.configure(patcher=patched)
    if debug:
        logger.add(sys.stderr, level="DEBUG", backtrace=False, diagnose=False)
    if path is not None:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
        logger.add(path, level="INFO", rotation="1 MB", retention=3, backtrace=False, diagnose=False)
