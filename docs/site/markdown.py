"""Pieces of Markdown pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~^$])")


def plain(text: str) -> str:
    """Text that is no markup, on one line."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return escaped.replace(r"\<", "&lt;").replace(r"\>", "&gt;").replace(r"\$", "&#36;")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """A table; columns whose places are in `numbers` stand right. Cells are Markdown already."""
    rules = ["--:" if place in numbers else "---" for place in range(len(head))]
    lines = [head, rules, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def title_of(page: str) -> str:
    """The first heading of a page."""
    found = re.search(r"^# (.+)$", page, re.MULTILINE)
    if found is None:
        raise ValueError(f"a page has no heading: {page[:80]!r}")
    return found[1].strip()


def page(*parts: str) -> str:
    """Parts with an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
