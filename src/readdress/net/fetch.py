"""Downloads one small public file: https with a verified certificate, one host, a cap on size and on time."""

from __future__ import annotations

import ipaddress
import ssl
import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from readdress._version import __version__
from readdress.errors import UserError

SECONDS = 30.0
_CHUNK = 65_536


class FetchError(UserError):
    """A file could not be fetched, or what came was not what may come."""


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to the same host, and never from https to anything else."""

    max_redirections = 3

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            fp.close()
            raise FetchError(
                f"{before.hostname} sends on to {after.scheme}://{after.hostname}, which was not followed.",
                todo="Give the files yourself: migrate catalogue update --from DIR",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, *, cap: int, seconds: float = SECONDS, ca_file: Path | None = None) -> bytes:
    """The octets at ``url``, at most ``cap`` of them, within ``seconds``. The system's proxy settings hold.

    Plain http is accepted to a loopback address only. ``ca_file``: trust this authority (PEM) instead of the system's. Raises
    :class:`FetchError` with what to do.
    """
    host = _host(url)
    opener = urllib.request.build_opener(
        _SameHost, urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file))
    )
    request = urllib.request.Request(  # noqa: S310 - https, or loopback: looked at above
        url, headers={"User-Agent": f"readdress/{__version__}", "Accept": "application/json"}
    )
    again = "Look at the connection and try again, or give the files: migrate catalogue update --from DIR"
    try:
        with opener.open(request, timeout=seconds) as answer:
            return _read(answer, host, cap, time.monotonic() + seconds)
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(f"{host} answered {error.code} instead of the file.", todo=again) from None
    except (urllib.error.URLError, OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            todo = "Somebody may be listening in. Try another network, or give the files: migrate catalogue update --from DIR"
            raise FetchError(f"The certificate of {host} does not verify.", todo=todo) from None
        if isinstance(reason, TimeoutError):
            raise FetchError(f"{host} did not answer within {seconds:g} s.", todo=again) from None
        raise FetchError(f"{host} could not be reached ({_why(reason)}).", todo=again) from None


def _read(answer: Any, host: str, cap: int, end: float) -> bytes:
    """The body; a server that announces or sends too much, too little or too slowly is left."""
    todo = "Try again later, or give the files: migrate catalogue update --from DIR"
    announced = answer.headers.get("Content-Length", "")
    size = int(announced) if announced.isascii() and announced.isdigit() else None
    if size is not None and size > cap:
        raise FetchError(f"{host} announces {size} octets, more than the {cap} that may come.", todo=todo)
    found = bytearray()
    while chunk := answer.read(min(_CHUNK, cap + 1 - len(found))):
        found += chunk
        if len(found) > cap:
            raise FetchError(f"{host} sends more than the {cap} octets that may come.", todo=todo)
        if time.monotonic() > end:
            raise FetchError(f"{host} sends too slowly.", todo=todo)
    if size is not None and len(found) < size and not answer.headers.get("Content-Encoding"):
        raise FetchError(f"The line to {host} broke in the middle of the file.", todo=todo)
    return bytes(found)


def _host(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" and host and not parts.username:
        return host
    if parts.scheme == "http" and _loopback(host):
        return host
    raise FetchError(f"{url!r} is no https address.", todo="Only public files over https are fetched.")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _why(reason: object) -> str:
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return str(text)[:200]
