"""The mathematics, one page a family module, from the docstrings that are its only statement.

Each row family leads to the verifier rule that derives it again, and to the hand scenarios that it decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import ModuleType

from allocator.planning.families import MODULES, Constraint, FamilyDoc, family_doc
from allocator.verify import RULES
from allocator.week import moves, restarts
from allocator.week.check.run import RULES as WEEK_RULES
from docs.site import mathml
from docs.site.markdown import page, plain, table

HOME = "formulation"
PAGES = (*MODULES, restarts, moves)
"""Modules with a page: the families of a plan, then those that only the week of a night has."""
INTRO = """# Formulation

What is decided, as an integer linear program. Each page below is the docstring of one module of `allocator/planning`
or `allocator/dispatch`, which is the only place where its rows are stated; tests compare it with the rows that are
built. The last two, of `allocator/week`, belong to the hours of a night.

Reading the formulas: `name[i,n]` is drawn with its indices below; a(n) is the parent of node n of the tree; prob is
the probability of a node; names in words are variables or ledgers and end in their unit.
Families meet in ledgers: *adds to* says what a family contributes to a sum that another one closes. How the hours are
evaluated and how cuts are made is told in the
[decisions](../decisions/0010-cuts-and-structure-first.md).
"""


def pages(decided: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Pages by path. `decided`: row family -> hand scenarios that depend on it."""
    found = {f"{HOME}/{name_of(module)}.md": _page(module, family_doc(module), decided) for module in PAGES}
    return {f"{HOME}/index.md": _index()} | found


def name_of(module: ModuleType) -> str:
    """Page of a family module."""
    return module.__name__.rsplit(".", 1)[-1]


def anchors() -> dict[str, str]:
    """Row family -> page and anchor where it is stated."""
    return {
        entry.label: f"{HOME}/{name_of(module)}.md#{_anchor(entry.label)}"
        for module in PAGES
        for entry in family_doc(module).constraints
        if entry.label
    }


def _anchor(label: str) -> str:
    return label.lower().replace(".", "-")


def _index() -> str:
    rows = []
    for module in PAGES:
        name, _, says = family_doc(module).title.partition(": ")
        labels = dict.fromkeys(entry.label for entry in family_doc(module).constraints if entry.label)
        rows.append([f"[{name}]({name_of(module)}.md)", plain(says), ", ".join(f"`{label}`" for label in labels)])
    return page(INTRO, table(["family", "what it states", "rows"], rows))


def _page(module: ModuleType, doc: FamilyDoc, decided: Mapping[str, Collection[str]]) -> str:
    name, _, says = doc.title.partition(": ")
    symbols = _symbols(doc)
    parameters = [[_symbol_cell(symbol, symbols), plain(means), plain(unit)] for symbol, means, unit in doc.parameters]
    variables = [
        [_symbol_cell(symbol, symbols), plain(means), plain(unit), plain(domain), plain(stage)]
        for symbol, means, unit, domain, stage in doc.variables
    ]
    return page(
        f"# {name}",
        f"**{plain(says[:1].upper() + says[1:])}**",
        plain(doc.purpose),
        f"Stated in `{module.__name__.replace('.', '/')}.py`.",
        "## Sets",
        plain(doc.sets),
        "## Parameters",
        table(["symbol", "meaning", "unit"], parameters),
        "## Variables",
        table(["symbol", "meaning", "unit", "domain", "where"], variables),
        "## Rows",
        *[_entry(entry, symbols, decided) for entry in doc.constraints],
    )


def _symbols(doc: FamilyDoc) -> set[str]:
    """Names that parameters and variables are called by."""
    heads = [entry[0] for entry in (*doc.parameters, *doc.variables)] + [c.formula for c in doc.constraints]
    return {name for head in heads for name in re.findall(r"([A-Za-z_]+)(?=\[)", head)} | {"prob"}


def _symbol_cell(text: str, symbols: Collection[str]) -> str:
    return mathml.inline(text, symbols)


def _entry(entry: Constraint, symbols: Collection[str], decided: Mapping[str, Collection[str]]) -> str:
    head = f"### `{entry.head}`" + (f" {{ #{_anchor(entry.label)} }}" if entry.label else "")
    return page(head, _formula(entry.formula, symbols), plain(entry.meaning), _evidence(entry.label, decided))


def _formula(text: str, symbols: Collection[str]) -> str:
    return mathml.block(text, symbols)


def _evidence(label: str, decided: Mapping[str, Collection[str]]) -> str:
    if not label:
        return ""
    if label not in RULES:
        return f"Checked as: {plain(WEEK_RULES[label])}." if label in WEEK_RULES else ""
    cases = ", ".join(f"[{name}](../validation/hand/{name}.md)" for name in decided.get(label, ()))
    by_hand = f" Decides by hand: {cases}." if cases else ""
    return f"Verified as: {plain(RULES[label])}{by_hand}"
