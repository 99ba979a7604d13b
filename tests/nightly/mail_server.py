"""A mail server on this machine that speaks as it is told, also badly."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """What it does, and what it was told.

    Attributes:
        replies: what it answers to the first word of a line instead of 250, such as {"RCPT": "550 no"}; an answer that
        begins with "drop" closes the connection, one with "wait" comes too late.
        encrypted: whether each letter came over TLS.
    """

    port: int = 0
    context: ssl.SSLContext | None = None
    replies: dict[str, str] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def say(self, **replies: str) -> None:
        self.replies = replies
        for told in (self.letters, self.encrypted, self.logins, self.words):
            told.clear()


class Handler(socketserver.BaseRequestHandler):
    """One conversation."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        self.said = server.said
        with suppress(OSError):
            self.secure = False
            self.file = self.request.makefile("rb")
            if self.answer("GREET", "220 here"):
                self.converse()

    def converse(self) -> None:
        while line := self.file.readline().decode().strip():
            word = line.split(" ")[0].upper()
            self.said.words.append(word)
            if not self.obey(word, line):
                return

    def obey(self, word: str, line: str) -> bool:
        if word == "EHLO":
            offers = ["here", "AUTH PLAIN", *(["STARTTLS"] if self.said.context and not self.secure else [])]
            lines = [f"250-{one}" for one in offers[:-1]] + [f"250 {offers[-1]}"]
            return self.answer(word, "\r\n".join(lines))
        if word == "AUTH":
            self.said.logins.append(base64.b64decode(line.split(" ")[-1]).decode())
            return self.answer(word, "235 welcome")
        if word == "STARTTLS" and self.answer(word, "220 go on"):
            assert self.said.context
            self.request = self.said.context.wrap_socket(self.request, server_side=True)
            self.file, self.secure = self.request.makefile("rb"), True
            return True
        if word == "DATA" and self.answer(word, "354 speak"):
            lines = iter(lambda: self.file.readline().decode().rstrip("\r\n"), ".")
            self.said.letters.append("\n".join(lines))
            self.said.encrypted.append(self.secure)
            return self.answer("END", "250 taken")
        return self.answer(word, "221 bye" if word == "QUIT" else "250 fine") and word != "QUIT"

    def answer(self, word: str, usual: str) -> bool:
        text = self.said.replies.get(word, usual)
        if text.startswith("drop"):
            return False
        if text.startswith("wait"):
            time.sleep(1.0)
        self.request.sendall(f"{text}\r\n".encode())
        return True


class Server(socketserver.ThreadingTCPServer):
    """Gives every conversation to a thread."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, said: MailServer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.said = said

    def handle_error(self, *_: object) -> None:
        return


@contextmanager
def mail_serving(context: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """A server on a free port; it offers STARTTLS where a context is given."""
    said = MailServer(context=context)
    with Server(said) as server:
        said.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield said
        finally:
            server.shutdown()
            thread.join()
