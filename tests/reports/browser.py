"""A page as a real browser shows it: what it says when all is drawn, at a width, and as pages of paper."""

from __future__ import annotations

import html
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.installed import program

PROBE = """<script>
window.faults = [];
addEventListener("error", (event) => faults.push(String(event.message)));
addEventListener("securitypolicyviolation", (event) => faults.push("loads " + event.blockedURI));
for (const name of ["error", "warn"]) console[name] = (...said) => faults.push(said.join(" "));
setTimeout(() => {
  const charts = [...document.querySelectorAll(".chart")];
  const root = document.documentElement;
  const words = [...document.querySelectorAll("svg text")].map((one) => one.textContent);
  parent.postMessage(JSON.stringify({
    faults,
    charts: charts.length,
    drawn: charts.filter((one) => one.dataset.drawn && one.querySelector(".main-svg")).length,
    wide: root.scrollWidth - root.clientWidth,
    width: innerWidth,
    text: [document.querySelector("main").innerText, ...words].join(String.fromCharCode(10)),
    loaded: performance.getEntriesByType("resource").length,
  }), "*");
}, 2500);
</script>"""
FRAME = """<!DOCTYPE html><body><pre id="said"></pre><script>
addEventListener("message", (event) => { document.getElementById("said").textContent = event.data; });
</script><iframe src="probed.html" style="width:{width}px;height:6000px;border:0"></iframe></body>"""


@dataclass(frozen=True)
class Seen:
    """What a browser saw: faults of scripts and of loading, charts on the page and drawn, pixels beyond the width."""

    faults: list[str]
    charts: int
    drawn: int
    wide: int
    width: int
    text: str
    loaded: int


def seen(page: str, width: int, home: Path) -> Seen:
    """The page at a width in pixels, when its scripts have run; `home` is a folder to work in."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "probed.html").write_text(page.replace("<head>", f"<head>{PROBE}", 1), encoding="utf-8")
    (home / "frame.html").write_text(FRAME.replace("{width}", str(width)), encoding="utf-8")
    dom, _ = _chromium(home, "--dump-dom", f"--window-size={max(width, 500)},6000", target="frame.html")
    said = re.search(r'<pre id="said">(.*?)</pre>', dom, re.DOTALL)
    assert said
    assert said.group(1), "the page said nothing: it did not load, or its scripts did not run"
    return Seen(**json.loads(html.unescape(said.group(1))))


def printed(page: str, home: Path) -> int:
    """How many pages of paper it takes."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "page.html").write_text(page, encoding="utf-8")
    _chromium(home, f"--print-to-pdf={home / 'page.pdf'}", "--no-pdf-header-footer", target="page.html")
    return len(re.findall(rb"/Type /Page\b", (home / "page.pdf").read_bytes()))


def _chromium(home: Path, *options: str, target: str) -> tuple[str, str]:
    always = ("--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--no-first-run")
    own = f"--user-data-dir={home / 'profile'}"
    command = [program("chromium"), *always, own, *options, (home / target).resolve().as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr
