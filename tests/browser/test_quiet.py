"""How long nothing has gone through the proxy: what tells that an act is over, so it must never say so while an answer is awaited."""

from __future__ import annotations

import base64
import socket
import threading
import time

from readdress.browser.proxy import FilteringProxy
from readdress.browser.upstream import Way


def test_a_tunnel_is_quiet_only_after_the_answer() -> None:
    """From the browser's last byte until the site's next one a request is under way, however long that takes."""
    answer = threading.Event()

    def serve(server: socket.socket) -> None:
        line, _ = server.accept()
        with line:
            line.recv(100)
            answer.wait(5)
            line.sendall(b"answered")
            line.recv(100)

    wall = FilteringProxy(Way())
    wall.start()
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=serve, args=(server,))
            thread.start()
            port = server.getsockname()[1]
            wall.allow([f"127.0.0.1:{port}"])
            token = base64.b64encode(f"{wall.username}:{wall.password}".encode()).decode()
            with socket.create_connection(("127.0.0.1", wall.port), 5) as line:
                line.sendall(
                    f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nProxy-Authorization: Basic {token}\r\n\r\n".encode()
                )
                assert b"200" in line.recv(200)
                line.sendall(b"question")
                time.sleep(0.2)
                assert wall.quiet_for() == 0
                answer.set()
                assert line.recv(100) == b"answered"
                time.sleep(0.1)
                assert wall.quiet_for() >= 0.1
            thread.join(5)
    finally:
        wall.stop()
