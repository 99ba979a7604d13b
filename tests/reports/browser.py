"""Pages as a real browser shows them: one Chromium, started once and spoken to over its DevTools pipe.

A page is opened at a width, in light or dark, on a screen that scrolls or as paper; what the browser then says of
faults, of what it loaded and of the page is a `Seen`.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.installed import program

SECONDS = 60.0
PAPER_WIDTH = 688
"""Pixels across A4 within the margins of a page."""
_DRAWN = """new Promise((done) => {
  const wait = () => document.readyState === "complete"
    && [...document.querySelectorAll(".chart")].every((one) => one.dataset.drawn)
    ? done() : setTimeout(wait, 20);
  wait();
  setTimeout(done, 20000);
})"""
_LOOK = """(() => {
  const root = document.documentElement, charts = [...document.querySelectorAll(".chart")];
  const words = [...document.querySelectorAll("svg text")].map((one) => one.textContent);
  return {
    charts: charts.length,
    drawn: charts.filter((one) => one.dataset.drawn && one.querySelector(".main-svg")).length,
    wide: root.scrollWidth - root.clientWidth,
    width: innerWidth,
    text: [document.querySelector("main").innerText, ...words].join(String.fromCharCode(10)),
  };
})()"""


@dataclass(frozen=True)
class Seen:
    """What a browser saw: faults of scripts and of loading, what it fetched beside the page, charts on the page and
    drawn, pixels beyond the width."""

    faults: list[str]
    loaded: list[str]
    charts: int
    drawn: int
    wide: int
    width: int
    text: str


class Browser:
    """A running Chromium with one page; `home` is a folder to work in."""

    def __init__(self, home: Path, send: int, receive: int) -> None:
        self.home, self._send, self._receive = home, send, receive
        self._rest, self._number, self._session = b"", 0, ""
        self._events: list[dict[str, Any]] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = str(self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, page: str, width: int, *, dark: bool = False) -> Seen:
        """The page at a width in pixels when its charts are drawn; up to 500 pixels it is a phone."""
        file = self.home / "page.html"
        file.write_text(page, encoding="utf-8")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", media="", features=[scheme])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width <= 500}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        self._events.clear()
        self._call("Page.navigate", url=file.resolve().as_uri())
        self.value(_DRAWN)
        found = self.value(_LOOK)
        return Seen(faults=list(_faults(self._events)), loaded=list(_fetched(self._events)), **found)

    def value(self, script: str) -> Any:
        """What a script makes of the open page."""
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
        found = self._call("Runtime.evaluate", **asked)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screenshot(self, *, whole: bool = True) -> bytes:
        """The open page as a PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def on_paper(self, script: str) -> Any:
        """What a script makes of the open page as it is laid out to be printed on A4."""
        size = {"width": PAPER_WIDTH, "height": 1010, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        self._call("Emulation.setEmulatedMedia", media="print", features=[])
        self.value("dispatchEvent(new Event('beforeprint'))")
        try:
            return self.value(f"new Promise((done) => requestAnimationFrame(() => done({script})))")
        finally:
            self.value("dispatchEvent(new Event('afterprint'))")

    def pdf(self) -> bytes:
        """The open page as it is printed on A4."""
        paper = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "printBackground": True}
        return base64.b64decode(self._call("Page.printToPDF", **paper)["data"])

    def accessible(self) -> list[dict[str, Any]]:
        """Nodes of the tree that screen readers are given."""
        return list(self._call("Accessibility.getFullAXTree")["nodes"])

    def close(self) -> None:
        """Ask it to end."""
        self._session = ""
        self._call("Browser.close")

    def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        for said in self._messages():
            if said.get("id") == self._number:
                assert "error" not in said, (method, said)
                return dict(said["result"])
            self._events.append(said)
        raise AssertionError(f"the browser ended before it answered {method}")

    def _messages(self) -> Iterator[dict[str, Any]]:
        """What it says, one message after another, until it ends."""
        until = time.monotonic() + SECONDS
        while True:
            *whole, self._rest = self._rest.split(b"\0")
            for number, text in enumerate(whole):
                self._rest = b"\0".join([*whole[number + 1 :], self._rest])
                yield json.loads(text)
                break
            else:
                if not select.select([self._receive], [], [], max(0.0, until - time.monotonic()))[0]:
                    raise AssertionError(f"the browser said nothing for {SECONDS:.0f} s")
                if not (more := os.read(self._receive, 1 << 20)):
                    return
                self._rest += more


def _faults(events: list[dict[str, Any]]) -> Iterator[str]:
    """Exceptions, and what scripts and the browser wrote to the console as errors and warnings."""
    for event in events:
        said: Mapping[str, Any] = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            yield str(said["exceptionDetails"].get("exception", said["exceptionDetails"]))
        elif event.get("method") == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            yield " ".join(str(one.get("value", one)) for one in said["args"])
        elif event.get("method") == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            yield str(said["entry"]["text"])


def _fetched(events: list[dict[str, Any]]) -> Iterator[str]:
    """Addresses of everything asked for but the page itself."""
    for event in events:
        if event.get("method") == "Network.requestWillBeSent":
            address = str(event["params"]["request"]["url"])
            if not address.startswith("data:") and event["params"].get("type") != "Document":
                yield address


@contextmanager
def chromium(home: Path) -> Iterator[Browser]:
    """A browser that ends with the block; skips the test where there is none."""
    path = program("chromium")
    its_input, send = _high(os.pipe())
    receive, its_output = _high(os.pipe())
    always = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars")
    command = [path, *always, "--remote-debugging-pipe", f"--user-data-dir={home / 'profile'}", "about:blank"]
    moves = [
        (os.POSIX_SPAWN_DUP2, its_input, 3),
        (os.POSIX_SPAWN_DUP2, its_output, 4),
        *((os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)),
    ]
    process = os.posix_spawn(path, command, os.environ, file_actions=moves)
    for end in (its_input, its_output):
        os.close(end)
    try:
        made = Browser(home, send, receive)
        yield made
        made.close()
    finally:
        for end in (send, receive):
            os.close(end)
        os.waitpid(process, 0)


def _high(ends: tuple[int, int]) -> tuple[int, int]:
    """The same pipe on numbers that are not those a browser listens on."""
    moved = fcntl.fcntl(ends[0], fcntl.F_DUPFD_CLOEXEC, 10), fcntl.fcntl(ends[1], fcntl.F_DUPFD_CLOEXEC, 10)
    for end in ends:
        os.close(end)
    return moved
