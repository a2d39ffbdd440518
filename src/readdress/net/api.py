"""Requests to a service's own interface: the adapter behind ``ports.Api``, over verified TLS, to one host and nowhere else."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from readdress._version import __version__
from readdress.errors import ApiError

_SECONDS = 20.0
_CAP = 1 << 20
_CHUNK = 65_536
_PATH = re.compile(r"/[!-~]{0,2000}\Z")
_VALUE = re.compile(r"[ -~]{1,4096}\Z")
_AGAIN = "Look at the connection, then run `migrate resume`."


class HttpsApi:
    """One request a call, no cookies, no redirects, no connection kept. The system's proxy settings hold (as an HTTP CONNECT tunnel).

    ``context``: for tests; ``reroute``: host → (address, port) that stands in for it, also for tests. ``seconds``: the longest that one call
    may take; ``cap``: the largest answer, in octets.
    """

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        reroute: Mapping[str, tuple[str, int]] | None = None,
        seconds: float = _SECONDS,
        cap: int = _CAP,
    ) -> None:
        self._context = context
        self._reroute = dict(reroute or {})
        self._seconds = seconds
        self._cap = cap

    def call(
        self, host: str, method: str, path: str, *, token: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """See :meth:`readdress.ports.Api.call`."""
        if not _PATH.match(path):
            raise ApiError("That is no path of a service's interface.", todo="Report this to the recipe's author.")
        if not all(_VALUE.match(v) for v in (token, *headers.values())):
            raise ApiError("The token holds characters that none has.", todo="Copy it again, without line breaks.")
        sent = {"User-Agent": f"readdress/{__version__}", **headers, "Authorization": f"Bearer {token}"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        end = time.monotonic() + self._seconds
        connection = self._connection(host)
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return answer.status, self._read(answer, host, end)
        except ssl.SSLCertVerificationError:
            raise ApiError(
                f"The certificate of {host} does not verify: nothing was sent.",
                todo="Somebody may be listening in. Try another network.",
            ) from None
        except TimeoutError:
            raise ApiError(f"{host} did not answer within {self._seconds:g} s.", todo=_AGAIN) from None
        except (OSError, HTTPException, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ApiError(f"{host} could not be reached ({str(why)[:120]}).", todo=_AGAIN) from None
        finally:
            connection.close()

    def _connection(self, host: str) -> HTTPSConnection:
        context = self._context or ssl.create_default_context()
        if host in self._reroute:
            return _Rerouted(host, self._reroute[host], self._seconds, context)
        proxy = urlsplit(getproxies().get("https", ""))
        if not proxy.hostname or proxy_bypass(host):
            return HTTPSConnection(host, timeout=self._seconds, context=context)
        connection = HTTPSConnection(proxy.hostname, proxy.port or 80, timeout=self._seconds, context=context)
        connection.set_tunnel(host, 443, headers=_proxy_login(proxy.username, proxy.password))
        return connection

    def _read(self, answer: HTTPResponse, host: str, end: float) -> bytes:
        """The body, if it is not larger and does not take longer than it may."""
        found = bytearray()
        while chunk := answer.read(min(_CHUNK, self._cap + 1 - len(found))):
            found += chunk
            if len(found) > self._cap:
                raise ApiError(f"{host} sends more than the {self._cap} octets that may come.")
            if time.monotonic() > end:
                raise ApiError(f"{host} sends too slowly.", todo=_AGAIN)
        return bytes(found)


class _Rerouted(HTTPSConnection):
    """Reaches a stand-in on loopback; its certificate has to be for the host all the same."""

    def __init__(self, host: str, there: tuple[str, int], seconds: float, context: ssl.SSLContext) -> None:
        super().__init__(host, timeout=seconds, context=context)
        self._there, self._seconds, self._tls = there, seconds, context

    def connect(self) -> None:
        """Connect to the stand-in, speak TLS with it as with the host."""
        plain = socket.create_connection(self._there, self._seconds)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def _proxy_login(user: str | None, password: str | None) -> dict[str, str]:
    if not user:
        return {}
    login = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": "Basic " + base64.b64encode(login).decode("ascii")}
