"""Serves a recipe's replica over TLS on loopback, and reads the cases that run on it."""

from __future__ import annotations

import hashlib
import threading
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask, got_request_exception
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from readdress.errors import RecipeError
from readdress.recipe.finding import shown
from readdress.recipe.load import read_recipe, run_source
from readdress.testing.certs import make_certificate

SendMail = Callable[..., Any]
CreateApp = Callable[[dict[str, Any], SendMail], Flask]
LOOPBACK = "127.0.0.1"
ENDS = ("moved", "refused", "person", "time", "mail")
_KEYS = {"name", "description", "ends", "variants", "lang", "ci"}


@dataclass(frozen=True)
class Case:
    """One case of ``pages/cases.toml``: which variants of the pages, in which language, and how a sound run ends on them.

    ``ends``: ``moved`` (NEW was read back), ``refused`` (the service said no), ``person`` (a step falls back to the person), ``time`` or
    ``mail`` (the run waits for one).
    ``ci``: whether the ordinary test run has it; the others run when all are asked for. It means nothing to the replica.
    ``more``: every other key of the case, which is handed to the replica as it is.
    """

    name: str
    description: str
    ends: str
    variants: Mapping[str, Any] = field(default_factory=dict)
    lang: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    ci: bool = False

    def data(self, *, old: str, new: str, **more: Any) -> dict[str, Any]:
        """What ``create_app`` is given for this case."""
        found: dict[str, Any] = {"old": old, "new": new, "variants": dict(self.variants), **self.more, **more}
        return found | ({"lang": self.lang} if self.lang else {})


def load_cases(folder: Path) -> list[Case]:
    """The cases of the recipe in ``folder``, in the order of the file. Raises :class:`RecipeError` for a case that is not sound."""
    path = folder / "pages" / "cases.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _bad(path, f"The recipe has no cases to read ({error.strerror}).", "Write pages/cases.toml.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, f"This is not TOML: {error}.", "Look for a missing quote or bracket.") from None
    cases: list[Case] = []
    for raw in data.get("case", []):
        name = str(raw.get("name", ""))
        if not name or name in {c.name for c in cases}:
            raise _bad(path, f"A case has no name, or that of another: {name!r}.", "Give each case its own name.")
        if raw.get("ends") not in ENDS or not raw.get("description"):
            raise _bad(
                path, f'The case "{name}" lacks a description, or how it ends.', f"ends is one of {', '.join(ENDS)}."
            )
        more = {key: value for key, value in raw.items() if key not in _KEYS}
        variants = raw.get("variants", {})
        cases.append(
            Case(name, raw["description"], raw["ends"], variants, str(raw.get("lang", "")), more, bool(raw.get("ci")))
        )
    if not cases:
        raise _bad(path, "The file holds no [[case]].", "Write at least one.")
    return cases


def load_app(folder: Path) -> CreateApp:
    """``create_app`` of the recipe's ``pages/site.py``. This runs the file: use it on recipes that you test, nowhere else."""
    path = (folder / "pages" / "site.py").absolute()
    try:
        source = path.read_bytes()
    except OSError as error:
        raise _bad(path, f"The recipe has no replica to read ({error.strerror}).", "Write pages/site.py.") from None
    mark = hashlib.sha256(str(path).encode() + source).hexdigest()[:12]
    create = getattr(run_source(path, source, f"readdress._replicas.{mark}"), "create_app", None)
    if not callable(create):
        raise _bad(path, "The file defines no create_app(case, send_mail).", "Define it; it returns a Flask app.")
    return create  # type: ignore[no-any-return]


def _bad(path: Path, message: str, todo: str) -> RecipeError:
    return RecipeError(message, file=shown(path), todo=todo)


class _Quiet(WSGIRequestHandler):
    """Logs nothing: a page's address can hold a token."""

    def log(self, *_: Any) -> None:
        return


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that breaks a connection off is nothing to report; what the app raises is caught by a signal of Flask's."""


class ReplicaServer:
    """A replica of a service on a free port of 127.0.0.1, over TLS, between ``with`` and its end.

    ``create_app(case, send_mail)`` makes the Flask app; ``hosts`` are the names that it answers to in the browser (wildcards as
    in a recipe). ``send_mail`` is usually :meth:`readdress.testing.post.Post.send_mail`. After entering:

    - ``reroute``: {host: (address, port)} for the browser's filtering proxy, which then leads these hosts here;
    - ``spki``: for Chromium's ``--ignore-certificate-errors-spki-list``;
    - ``errors``: what the app's own code raised: a case with one has proved nothing.
    """

    def __init__(
        self, create_app: CreateApp, case: dict[str, Any], send_mail: SendMail, *, hosts: Sequence[str]
    ) -> None:
        if not hosts:
            raise ValueError("a replica needs at least one host name")
        self.app = create_app(case, send_mail)
        self.hosts = tuple(hosts)
        self.errors: list[Exception] = []
        self._certificate = make_certificate(self.hosts)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def of_recipe(cls, folder: Path, case: dict[str, Any], send_mail: SendMail) -> ReplicaServer:
        """The replica that lies in a recipe's folder, on the recipe's hosts (those with the usual port)."""
        hosts = [h for h in read_recipe(folder).hosts if h != "{site}" and ":" not in h]
        return cls(load_app(folder), case, send_mail, hosts=hosts)

    @property
    def spki(self) -> str:
        """Base64 of the SHA-256 of the certificate's public key."""
        return self._certificate.spki

    @property
    def pem(self) -> bytes:
        """The certificate, for clients that are told what to trust."""
        return self._certificate.pem

    @property
    def port(self) -> int:
        """The port on 127.0.0.1. Raises :class:`RuntimeError` outside ``with``."""
        if self._server is None:
            raise RuntimeError("the replica is not running: use it in a with block")
        return int(self._server.port)

    @property
    def reroute(self) -> dict[str, tuple[str, int]]:
        """Where the browser's proxy must lead each host."""
        return dict.fromkeys(self.hosts, (LOOPBACK, self.port))

    @property
    def replica(self) -> Any:
        """The account behind the pages, as the app keeps it."""
        return self.app.config["REPLICA"]

    @property
    def acts(self) -> list[dict[str, Any]]:
        """What changed something on the replica so far, oldest first: each with ``act``, its name."""
        return list(self.replica.acts)

    def did(self, act: str) -> int:
        """How often something was done."""
        return sum(1 for a in self.acts if a["act"] == act)

    def __enter__(self) -> Self:
        server = _Server(LOOPBACK, 0, self.app, handler=_Quiet)
        context = self._certificate.context()
        # The handshake is left to each connection's own thread: in accept() one silent client would hold up all others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.ssl_context = context
        got_request_exception.connect(self._failed, self.app)
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        if self._thread is not None:
            self._thread.join(5)
        got_request_exception.disconnect(self._failed, self.app)

    def _failed(self, _: Flask, exception: Exception, **__: Any) -> None:
        self.errors.append(exception)
