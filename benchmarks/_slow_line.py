"""A line with a delay and a width, on loopback: for benchmarks of what round trips and octets cost."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from types import TracebackType
from typing import Self

_CHUNK = 16_384
_ROOM = 4 * 1024 * 1024


class SlowLine:
    """Forwards to ``port`` on this computer; octets arrive half of ``round_trip`` seconds later, at most ``bits`` a second each way."""

    def __init__(self, port: int, *, round_trip: float = 0.1, bits: float = 50e6) -> None:
        self._target = port
        self._delay = round_trip / 2
        self._rate = bits / 8
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._socks: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sock in (self._listener, *self._socks):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            for sock in (near, far):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socks += [near, far]
            for source, sink in ((near, far), (far, near)):
                way: queue.Queue[tuple[float, bytes]] = queue.Queue(maxsize=_ROOM // _CHUNK)
                threading.Thread(target=self._take, args=(source, way), daemon=True).start()
                threading.Thread(target=self._give, args=(sink, way), daemon=True).start()

    def _take(self, source: socket.socket, way: queue.Queue[tuple[float, bytes]]) -> None:
        free = 0.0  # when the line has sent what it was given
        while True:
            try:
                data = source.recv(_CHUNK)
            except OSError:
                data = b""
            free = max(free, time.perf_counter()) + len(data) / self._rate
            way.put((free + self._delay, data))
            if not data:
                return

    def _give(self, sink: socket.socket, way: queue.Queue[tuple[float, bytes]]) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = way.get()
                time.sleep(max(0.0, due - time.perf_counter()))
                if not data:
                    break
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
