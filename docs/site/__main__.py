"""Gather all pages into a folder and build the site from it: `python -m docs.site [FOLDER]`, out/site by default."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from docs.site import commands, formulation, links, reference, validation
from docs.site.navigation import navigation

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
_OUTSIDE = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=\"?(?:https?:)?//[^\s\">]+", re.IGNORECASE
)


def gather() -> dict[str, str]:
    """All pages of the site by path, those written by hand first."""
    site = links.written(ROOT) | validation.sources()
    by_hand = {page: source for source, page in links.written(ROOT).items() if source.endswith(".md")}
    found = {page: (ROOT / source).read_text("utf-8") for page, source in sorted(by_hand.items())}
    found |= validation.pages(formulation.anchors())
    sources = {page: source for source, page in site.items() if source.endswith(".md")}
    found = {
        page: links.rewrite(text, sources.get(page, page), page, site) if page in sources else text
        for page, text in found.items()
    }
    return found | formulation.pages(validation.decided_by()) | commands.pages() | reference.pages()


def build(folder: Path) -> None:
    """Write the pages to folder/pages and the site to folder/site, replacing what was there; warnings are errors."""
    pages = gather()
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in pages.items():
        file = folder / "pages" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    shutil.copytree(HERE / "assets", folder / "pages" / "assets")
    settings = (HERE / "zensical.toml").read_text("utf-8").replace("nav = []", navigation(pages))
    (folder / "zensical.toml").write_text(settings.replace("ROOT", str(ROOT)), encoding="utf-8")
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", "zensical.toml"]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


def outside(folder: Path) -> list[str]:
    """What the pages of a built site would load from a network."""
    found = []
    for file in sorted(folder.rglob("*.html")):
        found += [f"{file.relative_to(folder)}: {match[0]}" for match in _OUTSIDE.finditer(file.read_text("utf-8"))]
    return found


if __name__ == "__main__":
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "out" / "docs"
    build(home)
    if loaded := outside(home / "site"):
        sys.exit("pages load from a network:\n" + "\n".join(loaded))
