"""Pages written by hand, with links to files of the repository turned into links of the site."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)")


def rewrite(text: str, source: str, target: str, site: Mapping[str, str]) -> str:
    """Links of a page at `source` in the repository, shown at `target` in the site.

    Args:
        site: file of the repository -> page of the site. A link to a file without a page becomes its text.
    """
    return _LINK.sub(_replacer(PurePosixPath(source).parent, PurePosixPath(target).parent, site), text)


def _replacer(source: PurePosixPath, target: PurePosixPath, site: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        text, path, anchor = match[1], match[2], match[3] or ""
        file = os.path.normpath(source / path).replace(os.sep, "/")
        if file not in site:
            return text
        return f"[{text}]({os.path.relpath(site[file], target).replace(os.sep, '/')}{anchor})"

    return replace


def written(root: Path) -> dict[str, str]:
    """File of the repository -> page of the site, for all pages written by hand."""
    found = {
        str(file.relative_to(root)): str(file.relative_to(root / "docs")) for file in (root / "docs").rglob("*.md")
    }
    found = {source: page.replace("README.md", "index.md") for source, page in found.items()}
    folders = {str(Path(source).parent): page for source, page in found.items() if page.endswith("index.md")}
    return found | folders | {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
