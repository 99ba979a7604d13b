"""The register of row families: read from the docstrings, which are the only statement of the mathematics.

Each family module's docstring has five sections (Purpose, Sets, Parameters, Variables, Constraints). Entries of the
last three are fields separated by "|"; a line indented further continues the entry. The documentation pages and the
tests that compare the mathematics with what is built read them here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import ModuleType

from allocator.dispatch import battery, blocks, feeders, outage, peaks, plants, reserves, rows, take, work
from allocator.planning import (
    cash,
    chance,
    coincident,
    contracts,
    covenants,
    demand,
    equity,
    fleets,
    halls,
    hedges,
    hosting,
    loan_options,
    loans,
    nested_risk,
    power,
    projects,
    promises,
    risk,
    tax,
    terminal,
    treasury,
)

MODULES: tuple[ModuleType, ...] = (
    halls,
    fleets,
    hosting,
    contracts,
    promises,
    power,
    demand,
    coincident,
    rows,
    peaks,
    feeders,
    plants,
    outage,
    battery,
    reserves,
    work,
    take,
    blocks,
    hedges,
    loans,
    loan_options,
    projects,
    treasury,
    equity,
    tax,
    cash,
    chance,
    covenants,
    terminal,
    risk,
    nested_risk,
)
"""Modules that own families, in the order of the formulation."""

SECTIONS = ("Purpose", "Sets", "Parameters", "Variables", "Constraints")

_LABEL = re.compile(r"^[A-Z]+\.[a-z_]+")


@dataclass(frozen=True)
class Constraint:
    """One entry of the last section: a row family (label "HALL.once"), or what is added to a ledger (label "")."""

    head: str
    label: str
    formula: str
    meaning: str
    reference: str


@dataclass(frozen=True)
class FamilyDoc:
    """Docstring of a family module.

    Attributes:
        title: first line. purpose, sets: text.
        parameters: (symbol, name, unit). variables: (symbol, name, unit, domain, stage).
    """

    title: str
    purpose: str
    sets: str
    parameters: tuple[tuple[str, ...], ...]
    variables: tuple[tuple[str, ...], ...]
    constraints: tuple[Constraint, ...]


def family_doc(module: ModuleType) -> FamilyDoc:
    """Parse the docstring of a family module; ValueError where a section or a field is missing."""
    title, *rest = (module.__doc__ or "").strip().split("\n")
    bodies = _sections(module.__name__, rest)
    return FamilyDoc(
        title=title,
        purpose=_text(bodies["Purpose"]),
        sets=_text(bodies["Sets"]),
        parameters=tuple(_entry(module, e, 3) for e in _entries(bodies["Parameters"])),
        variables=tuple(_entry(module, e, 5) for e in _entries(bodies["Variables"])),
        constraints=tuple(_constraint(_entry(module, e, 4)) for e in _entries(bodies["Constraints"])),
    )


def row_labels(module: ModuleType) -> tuple[str, ...]:
    """Labels of the row families a module states."""
    return tuple(c.label for c in family_doc(module).constraints if c.label)


def all_row_labels() -> tuple[str, ...]:
    """Labels of every row family of the model."""
    return tuple(label for module in MODULES for label in row_labels(module))


def _sections(name: str, lines: list[str]) -> dict[str, list[str]]:
    bodies: dict[str, list[str]] = {}
    for line in lines:
        if line and not line.startswith(" "):
            bodies[line] = []
        elif bodies:
            bodies[next(reversed(bodies))].append(line)
    if tuple(bodies) != SECTIONS:
        raise ValueError(f"{name}: the docstring has the sections {list(bodies)}, expected {list(SECTIONS)}")
    return bodies


def _text(lines: list[str]) -> str:
    return "\n".join(line.strip() for line in lines).strip()


def _entries(lines: list[str]) -> list[str]:
    """Entries at the first indent, each with its further-indented continuation lines."""
    entries: list[str] = []
    for line in filter(str.strip, lines):
        if line.startswith("     ") and entries:
            entries[-1] += " " + line.strip()
        else:
            entries.append(line.strip())
    return entries


def _entry(module: ModuleType, entry: str, fields: int) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in entry.split("|"))
    if len(parts) != fields or not all(parts):
        raise ValueError(f"{module.__name__}: {entry!r} has {len(parts)} fields, expected {fields}")
    return parts


def _constraint(fields: tuple[str, ...]) -> Constraint:
    label = _LABEL.match(fields[0])
    return Constraint(fields[0], label.group() if label else "", *fields[1:])
