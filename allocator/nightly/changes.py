"""changes.md: what tonight's plan does otherwise than the one published before, and what moved its value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from allocator.scenario.changes import Absent
from allocator.scenario.places import path_text, shown
from allocator.studies.diff import Difference, Side, difference

MOST_VALUES = 40
"""Changed values of the scenario that are listed."""
LEAST_USD = 0.5
"""What moves less is no change: it would be printed as zero."""
_MARKS = "\\`*_{}[]<>()#+-.!|~"


def changes_page(before: Side | None, after: Side, rung: str) -> str:
    """Markdown; text of scenarios stands in it as text."""
    head = ["# Changes", "", f"Tonight's plan: {_RUNGS.get(rung, rung)}."]
    if before is None:
        return "\n".join([*head, "", "There was no plan before it."]) + "\n"
    return "\n".join([*head, "", *_page(difference(before, after, solve=False))]) + "\n"


_RUNGS = {
    "solved": "solved tonight",
    "reprojected": "the decisions of the plan before, on today's data",
}


def _page(found: Difference) -> Iterator[str]:
    a, b = found.first.plan.meta.objective_usd, found.second.plan.meta.objective_usd
    yield f"Net present value ${a:,.0f} before, ${b:,.0f} now: {b - a:+,.0f} USD."
    yield from ("", "## Decisions", "")
    yield from _listed("no longer", found.gone)
    yield from _listed("now", found.new)
    if not found.gone and not found.new:
        yield "The same, but for hours, Bitcoin and loans."
    yield from ("", "## Inputs", "")
    yield from _inputs(found)
    yield from ("", "## Where the value moved", "")
    yield from _moved(found)


def _moved(found: Difference) -> Iterator[str]:
    rows = [f"| {_text(term.name)} | {term.usd:+,.0f} |" for term in found.terms if abs(term.usd) >= LEAST_USD]
    yield from ("| part | USD |", "|---|---:|", *rows) if rows else ("Nowhere.",)


def _listed(word: str, done: Sequence[str]) -> Iterator[str]:
    yield from (f"- {word}: {_text(one)}" for one in done)


def _inputs(found: Difference) -> Iterator[str]:
    rows = [
        (one.kind.value, path_text(one.path), *("-" if v is Absent.HERE else shown(v) for v in (one.before, one.after)))
        for one in found.inputs[:MOST_VALUES]
    ]
    rows += [("data", name, "", "other content") for name in found.files]
    rows += [("solver", *row) for row in found.solver]
    if not rows:
        yield "The same."
        return
    yield from ("| changed | where | before | now |", "|---|---|---|---|")
    yield from ("| " + " | ".join(map(_text, row)) + " |" for row in rows)
    if len(found.inputs) > MOST_VALUES:
        yield f"\n{len(found.inputs) - MOST_VALUES} more values changed."


def _text(words: str) -> str:
    """The words, meaning nothing to Markdown, on one line."""
    flat = " ".join(words.split())
    return "".join(f"\\{character}" if character in _MARKS else character for character in flat)
