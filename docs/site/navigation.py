"""The order of pages. Folders stand for all of their pages, so that a new page needs no line here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from docs.site.markdown import title_of

SECTIONS: Mapping[str, tuple[str | tuple[str, str], ...]] = {
    "Start": ("index.md", "tutorial.md"),
    "How to": ("how_to/planner.md", "how_to/finance.md", "how_to/treasury.md", "how_to/uncertainty.md", "how_to/"),
    "Reference": (
        "format/scenario.md",
        "format/plan.md",
        "format/",
        "reference/commands.md",
        "reference/python.md",
        "reference/",
    ),
    "Formulation": ("formulation/index.md", ("Families", "formulation/")),
    "Validation": (
        "validation/index.md",
        "validation/benchmarks.md",
        "validation/cases/",
        ("Worked out by hand", "validation/hand/"),
        ("Without a plan", "validation/infeasible/"),
    ),
    "Project": ("changelog.md", "contributing.md", "decisions/index.md", ("All decisions", "decisions/")),
}
"""Section -> its pages; a folder stands for its pages that are not named, apart under a title where it has one."""


def navigation(pages: Mapping[str, str]) -> str:
    """`nav` of zensical.toml for pages by path."""
    return f"nav = [\n{''.join(_section(title, _lines(pages, parts)) for title, parts in SECTIONS.items())}]"


def _section(title: str, lines: Iterator[str]) -> str:
    return f"{{ {json.dumps(title)} = [\n{''.join(lines)}] }},\n"


def _lines(pages: Mapping[str, str], parts: tuple[str | tuple[str, str], ...]) -> Iterator[str]:
    left = [path for path in pages if path not in parts]
    for part in parts:
        if isinstance(part, tuple):
            yield _section(part[0], (_line(pages, path) for path in left if path.startswith(part[1])))
        elif part.endswith("/"):
            yield from (_line(pages, path) for path in left if path.startswith(part))
        else:
            yield _line(pages, part)


def _line(pages: Mapping[str, str], path: str) -> str:
    return f"{{ {json.dumps(title_of(pages[path]).replace('`', ''))} = {json.dumps(path)} }},\n"
