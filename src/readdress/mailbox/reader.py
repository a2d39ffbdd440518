"""Owns the connections of one mailbox: one thread that asks and fetches, one more that waits in IDLE where there is leave to.

The asking thread is the only one that fetches, so nothing is handed out twice; the waiting thread only wakes it. All results
go to one queue. A broken connection is opened anew, each time after a longer pause, until the pauses are used up: then the
error is posted and the mailbox counts as lost. A refused login, a certificate that does not verify and a second lie are not
tried again.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from readdress.errors import MailboxError, MailboxLies, MailboxLogin, MailboxUntrusted, ReaddressError
from readdress.mailbox.catch import Catch, Item
from readdress.mailbox.connect import Connection
from readdress.mailbox.folders import list_folders, watched
from readdress.mailbox.plan import Plan
from readdress.mailbox.preset import Pace
from readdress.mailbox.signin import Credential
from readdress.mailbox.trouble import MailboxRefused, too_often
from readdress.mailbox.waiter import Waiter
from readdress.models import MailboxConfig, Mark, NoteKind, Notice, Side, Text

BACKOFF = (1.0, 3.0, 10.0, 30.0)
KEEP_ALIVE = 100.0
_T = TypeVar("_T")


@dataclass(slots=True)
class _Marks:
    reply: queue.Queue[tuple[Mark, ...] | ReaddressError]


@dataclass(slots=True)
class _Watch:
    marks: tuple[Mark, ...]
    brisk: float
    since: datetime
    out: queue.Queue[Item]


@dataclass(slots=True)
class _Signal:
    kind: str  # "news", "unwatch", "stop"


class Reader:
    """The threads of one mailbox. Its methods are called from the core's thread and never wait longer than they say."""

    def __init__(
        self,
        side: Side,
        config: MailboxConfig,
        secret: Credential,
        pace: Pace,
        out: queue.Queue[Item],
        *,
        seconds: float,
        backoff: Sequence[float],
    ) -> None:
        self._side, self._config, self._secret, self._pace, self._out = side, config, secret, pace, out
        self._seconds, self._backoff = seconds, tuple(backoff)
        self._jobs: queue.Queue[_Marks | _Watch | _Signal] = queue.Queue()
        self._stopping = threading.Event()
        self._connection: Connection | None = None
        self._folders: tuple[str, ...] = ()
        self._plan: Plan | None = None
        self._waiter: Waiter | None = None
        self._cooling: MailboxError | None = None
        self._cooling_until = 0.0
        self._thread = threading.Thread(target=self._run, name=f"mail-{side}", daemon=True)
        self._thread.start()

    # -- called by the core's thread
    def marks(self, timeout: float) -> tuple[Mark, ...]:
        """The present end of every watched folder, within ``timeout`` seconds."""
        reply: queue.Queue[tuple[Mark, ...] | ReaddressError] = queue.Queue()
        self._jobs.put(_Marks(reply))
        try:
            answer = reply.get(timeout=timeout)
        except queue.Empty:
            raise MailboxError(
                f"{self._config.host} did not answer within {timeout:.0f} s.",
                todo="Check the network, then try again.",
            ) from None
        if isinstance(answer, ReaddressError):
            raise answer
        return answer

    def watch(self, marks: Sequence[Mark], brisk: float, since: datetime, out: queue.Queue[Item]) -> None:
        """Begin to look for messages after ``marks``, taken at ``since``; from now on everything is posted to ``out``."""
        self._jobs.put(_Watch(tuple(marks), brisk, since, out))

    def unwatch(self) -> None:
        """Stop looking, keep the connection."""
        self._jobs.put(_Signal("unwatch"))

    def close(self, wait: float = 2.0) -> None:
        """End the threads and their connections; a call that is under way is cut off."""
        self._stopping.set()
        self._jobs.put(_Signal("stop"))
        self._thread.join(wait / 2)
        if self._thread.is_alive():
            if connection := self._connection:
                connection.interrupt()
            self._thread.join(wait / 2)

    # -- the thread
    def _run(self) -> None:
        while not self._stopping.is_set():
            job: _Marks | _Watch | _Signal | None = None
            with suppress(queue.Empty):
                job = self._jobs.get(timeout=self._pause())
            if isinstance(job, _Marks):
                job.reply.put(self._answer_marks())
            elif isinstance(job, _Watch):
                self._begin(job)
            elif isinstance(job, _Signal) and job.kind == "unwatch":
                self._plan = None
            elif isinstance(job, _Signal) and job.kind == "news" and self._plan:
                self._plan.news()
            if self._plan:
                self._attempt(self._plan)
            elif job is None:
                self._keep_alive()
        if self._waiter:
            self._waiter.close()
        if self._connection:
            self._connection.close()

    def _pause(self) -> float:
        plan = self._plan
        if plan is None:
            return KEEP_ALIVE
        return min(plan.pause(), KEEP_ALIVE)

    def _with(self, act: Callable[[Connection], _T]) -> _T:
        """Run ``act`` on the connection; once more on a fresh one if an old one turned out to be dead."""
        old = self._connection
        if old is not None:
            try:
                return act(old)
            except MailboxRefused:
                raise
            except MailboxLies:
                self._drop()
                raise
            except MailboxError:
                self._drop()
                if self._stopping.is_set():
                    raise
        fresh = self._connection = self._sign_in()
        try:
            return act(fresh)
        except MailboxRefused:
            raise
        except BaseException:
            self._drop()
            raise

    def _sign_in(self) -> Connection:
        if time.monotonic() < self._cooling_until and self._cooling:
            raise self._cooling  # asked too often: not even one more login before the pause is over
        try:
            return Connection(self._config, self._secret, seconds=self._seconds)
        except MailboxError as error:
            if too_often(error):
                self._cooling, self._cooling_until = error, time.monotonic() + self._pace.login_wait
            raise

    def _drop(self) -> None:
        if self._connection:
            self._connection.abandon()
        self._connection = None

    def _keep_alive(self) -> None:
        if self._connection:
            try:
                self._connection.noop()
            except ReaddressError:
                self._drop()

    # -- marks
    def _answer_marks(self) -> tuple[Mark, ...] | ReaddressError:
        try:
            return self._with(self._take_marks)
        except ReaddressError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a thread must answer, or the caller would wait in vain
            return MailboxError(f"Reading the mailbox failed ({type(error).__name__}).", todo="Please report this.")

    def _take_marks(self, connection: Connection) -> tuple[Mark, ...]:
        if not self._folders:
            found = watched(list_folders(connection), self._config)
            self._folders = found.names
            for name in found.missing:
                self._tell(
                    NoteKind.WARN,
                    Text(
                        f"The mailbox has no folder {name!r}; it is not watched.",
                        f"邮箱中没有文件夹“{name}”，不予监看。",
                    ),
                )
        marks = {}
        for folder in self._folders[1:]:
            with suppress(MailboxRefused):  # the folder has gone since it was listed
                marks[folder] = connection.examine(folder).mark if self._pace.turns else connection.status(folder)
        # INBOX last: it stays open, for NOOP to tell of
        first = self._folders[0]
        return (connection.examine(first).mark, *marks.values())

    # -- watching
    def _begin(self, job: _Watch) -> None:
        self._out = job.out
        catch = Catch(self._side, self._config, job.marks, job.since, self._out)
        pace = self._pace
        self._plan = plan = Plan(catch, pace, [mark.folder for mark in job.marks], job.brisk, self._gone)
        waiter_wanted = pace.idle and pace.connections > 1 and "INBOX" in plan.rotation
        if waiter_wanted and (self._waiter is None or not self._waiter.alive()):
            self._waiter = Waiter(self._config, self._secret, lambda: self._jobs.put(_Signal("news")), self._backoff)

    def _attempt(self, plan: Plan) -> None:
        if time.monotonic() < plan.paused_until:
            return
        try:
            self._with(plan.look)
        except ReaddressError as error:
            self._failed(plan, error)
        except Exception as error:  # noqa: BLE001 - a thread must not die without a word
            self._lose(
                MailboxError(f"Reading the mailbox failed ({type(error).__name__}).", todo="Please report this.")
            )
        else:
            plan.failures = 0

    def _gone(self, folder: str) -> None:
        self._folders = ()  # listed anew for the next marks
        self._tell(
            NoteKind.WARN,
            Text(
                f"The folder {folder!r} can no longer be opened; it is not watched.",
                f"文件夹“{folder}”已无法打开，不再监看。",
            ),
        )

    # -- failing
    def _failed(self, plan: Plan, error: ReaddressError) -> None:
        if self._stopping.is_set():
            return
        limited = too_often(error)
        plan.failures += 1
        final = isinstance(error, (MailboxLogin, MailboxUntrusted)) or (
            isinstance(error, MailboxLies) and plan.failures > 1
        )
        if limited and not plan.limited:
            # one more try after the provider's cooling time; a refusal that only may be a limit counts as one
            plan.limited = True
            pause = self._pace.login_wait
        elif final or not isinstance(error, MailboxError) or plan.failures > len(self._backoff):
            self._lose(error)
            return
        else:
            pause = self._backoff[plan.failures - 1]
        plan.paused_until = time.monotonic() + pause
        if plan.failures == 1:
            self._tell(
                NoteKind.WARN,
                Text(
                    f"{error.message} Trying again in {pause:.0f} s.",
                    f"与 {self._config.host} 的连接出现问题（{error.message}），{pause:.0f} 秒后重试。",
                ),
            )

    def _lose(self, error: ReaddressError) -> None:
        self._plan = None
        self._drop()
        self._out.put(error)

    def _tell(self, kind: NoteKind, text: Text) -> None:
        self._out.put(Notice(kind, text))


def utc_now() -> datetime:
    """The present, aware, UTC."""
    return datetime.now(UTC)
