"""A server on this machine that answers as it is told, also badly."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """One answer; `length`: what its head says, None for the truth. `wait_s`: before the body, `late_s`: the head."""

    body: bytes = b""
    status: int = 200
    content: str = "application/json"
    length: int | None = None
    wait_s: float = 0.0
    late_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """Gives its answers in order, the last one for ever; keeps what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.taken: list[bytes] = []

    def say(self, *answers: Answer) -> None:
        self.answers, self.asked, self.taken = list(answers), [], []


def rows(*pairs: tuple[str, Any]) -> Answer:
    """JSON as a data service sends it."""
    data = [{"period": period, "value": value} for period, value in pairs]
    return Answer(json.dumps({"response": {"data": data}}).encode())


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on a free port, with TLS where a context is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.asked.append((self.path, dict(self.headers)))
            answer = said.answers.pop(0) if len(said.answers) > 1 else said.answers[0]
            time.sleep(answer.late_s)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content)
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            try:
                self.end_headers()
            except (BrokenPipeError, ConnectionResetError):
                return
            time.sleep(answer.wait_s)
            try:
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):
                return

        def do_POST(self) -> None:
            said.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    said = Server(f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}/v2/prices")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield said
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
