"""The docstrings of the families state exactly the rows and columns that are built."""

from __future__ import annotations

import re
from functools import cache
from types import ModuleType

import pytest

from allocator.planning import families
from allocator.planning.build import build_master, build_monolithic
from solvers.problem import Problem
from tests.planning.cases import golden_instance, golden_nested


@cache
def both_views() -> tuple[Problem, Problem]:
    """The golden instance under each of the two views of its worst futures, which exclude each other."""
    return build_monolithic(golden_instance()).problem, build_monolithic(golden_nested()).problem


def test_row_labels_of_the_docstrings_equal_the_families_built() -> None:
    paths, children = both_views()
    labels = families.all_row_labels()
    assert len(labels) == len(set(labels))
    assert set(labels) == {*paths.rows, *children.rows}


def test_the_master_holds_every_family_but_the_hours() -> None:
    modules = (
        families.rows,
        families.feeders,
        families.plants,
        families.outage,
        families.battery,
        families.reserves,
        families.work,
        families.take,
        families.blocks,
        families.peaks,
    )
    hourly = {label for module in modules for label in families.row_labels(module)}
    hourly |= {"BTC.mined", "COINCIDENT.due"}
    nested = set(families.row_labels(families.nested_risk))
    assert set(build_master(golden_instance()).problem.rows) == set(families.all_row_labels()) - hourly - nested


def test_variables_of_the_docstrings_equal_the_columns_built() -> None:
    stated = {
        re.split(r"\[", variable[0])[0]
        for module in families.MODULES
        for variable in families.family_doc(module).variables
    }
    paths, children = both_views()
    assert stated == {*paths.columns, *children.columns}


@pytest.mark.parametrize("module", families.MODULES, ids=lambda m: m.__name__)
def test_a_docstring_names_the_axes_of_its_columns_and_rows(module: ModuleType) -> None:
    letters = {
        "node": "n", "leaf": "leaf", "bay": "b", "hall": "h", "site": "s", "model": "e", "placement": "p",
        "contract": "c", "group": "g", "year": "y", "hour": "t", "segment": "j", "tenancy": "i", "part": "k",
        "agreement": "g", "feeder": "g", "plant": "k", "service": "k", "loan": "l", "job": "d", "hedge": "i",
        "charge": "k", "earlier": "m", "event": "e", "month": "m",
        "covenant": "c", "before": "n", "cause": "e",
    }  # fmt: skip
    problem = both_views()[module is families.nested_risk]
    doc = families.family_doc(module)
    heads = {v[0]: problem.columns[v[0].split("[")[0]] for v in doc.variables}
    heads |= {c.head: problem.rows[c.label] for c in doc.constraints if c.label}
    for head, family in heads.items():
        stated = head.rstrip("]").partition("[")[2].split(",") if "[" in head else []
        built = [letters[axis] for axis in family.index.columns]
        if "t" in built:  # a segment or tenancy names its bay, an hour its site and node
            built = [axis for axis in built if axis != "b" or not {"j", "i"} & set(built)]
            stated = [axis for axis in stated if axis != "s"]
        if head.startswith(("sign", "place", "terminate", "CONTRACT.placed")):
            stated = ["n" if axis == "m" else axis for axis in stated]
        assert stated == built, head


def test_a_docstring_without_a_section_is_refused() -> None:
    broken = ModuleType("broken")
    broken.__doc__ = "TITLE.\n\nPurpose\n    None.\n"
    with pytest.raises(ValueError, match="sections"):
        families.family_doc(broken)


def test_an_entry_without_all_fields_is_refused() -> None:
    broken = ModuleType("broken")
    broken.__doc__ = "T.\n\nPurpose\n    x\n\nSets\n    x\n\nParameters\n    a | b\n\nVariables\n\nConstraints\n"
    with pytest.raises(ValueError, match="2 fields, expected 3"):
        families.family_doc(broken)
