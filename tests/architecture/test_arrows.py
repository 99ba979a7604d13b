"""The direction of imports is part of the design; a module that points the wrong way fails here."""

from __future__ import annotations

import pytest

from tests.architecture.imports import imported, modules, part

BELOW: dict[str, set[str]] = {
    "solvers": set(),
    "allocator.work": set(),
    "allocator.scenario": set(),
    "allocator.series": {"allocator.scenario"},
    "allocator.uncertainty": {"allocator.series", "allocator.scenario"},
    "allocator.instance": {"allocator.uncertainty", "allocator.series", "allocator.scenario"},
    "allocator.dispatch": {"allocator.instance", "solvers"},
    "allocator.planning": {"allocator.dispatch", "allocator.instance", "solvers"},
    "allocator.decomposition": {
        "allocator.work",
        "allocator.planning",
        "allocator.dispatch",
        "allocator.instance",
        "solvers",
    },
    "allocator.plan": {"allocator.planning", "allocator.dispatch", "allocator.instance", "solvers"},
    "allocator.reports": {"allocator.plan"},
    "allocator.verify": {"allocator.instance", "allocator.plan"},
    "allocator.week": {"allocator.plan", "allocator.dispatch", "allocator.instance", "solvers"},
    "allocator.studies": {
        "allocator.work",
        "allocator.week",
        "allocator.pipeline",
        "allocator.plan",
        "allocator.planning",
        "allocator.dispatch",
        "allocator.instance",
        "allocator.uncertainty",
        "allocator.series",
        "allocator.scenario",
    },
    "allocator.roll": {
        "allocator.pipeline",
        "allocator.plan",
        "allocator.instance",
        "allocator.scenario",
    },
    "allocator.nightly": {
        "allocator.roll",
        "allocator.studies",
        "allocator.week",
        "allocator.pipeline",
        "allocator.plan",
        "allocator.planning",
        "allocator.instance",
        "allocator.scenario",
    },
}
"""What each part may import beside itself. pipeline and cli compose everything and import nothing above
them; nothing but cli and nightly imports studies, and nothing but cli imports nightly."""

VERIFY_MAY_READ = {
    f"allocator.plan.{name}" for name in ("schema", "arrow_types", "hourly_reader", "reader", "plan", "meta")
}
REPORTS_MAY_READ = {
    f"allocator.plan.{name}"
    for name in (
        "schema",
        "lines",
        "titles",
        "reader",
        "plan",
        "meta",
        "summary",
        "metrics",
        "liquidity",
        "ltv",
        "balances",
        "covenant_lines",
    )
}
"""What reads tables of a plan, and nothing that makes one."""
WEEK_CHECK_MAY_READ = {"allocator.week.interface", "allocator.week.check"}
"""What the check of a week reads of the week: never what decided it."""
ENGINES = ("highspy", "ortools", "pulp")


@pytest.mark.parametrize("name", sorted(BELOW))
def test_parts_import_only_what_lies_below_them(name: str) -> None:
    allowed = BELOW[name] | {name}
    wrong = [
        f"{module} imports {target}"
        for module, file in modules(name.split(".")[0])
        if part(module) == name
        for target in imported(file)
        if part(target).split(".")[0] in ("allocator", "solvers") and part(target) not in allowed | {"allocator"}
    ]
    assert wrong == []


def test_the_verifier_reads_tables_and_instances_and_nothing_that_made_them() -> None:
    wrong = [
        f"{module} imports {target}"
        for module, file in modules("allocator")
        if part(module) == "allocator.verify"
        for target in imported(file)
        if target.startswith("allocator.plan.") and ".".join(target.split(".")[:3]) not in VERIFY_MAY_READ
    ]
    assert wrong == []


def test_reports_read_tables_of_plans_and_nothing_that_makes_them() -> None:
    wrong = [
        f"{module} imports {target}"
        for module, file in modules("allocator")
        if part(module) == "allocator.reports"
        for target in imported(file)
        if target.startswith("allocator.plan.") and ".".join(target.split(".")[:3]) not in REPORTS_MAY_READ
    ]
    assert wrong == []


def test_the_check_of_a_week_reads_what_was_asked_and_nothing_that_decided_it() -> None:
    above = ("allocator.week", "allocator.dispatch", "allocator.plan", "solvers")
    wrong = [
        f"{module} imports {target}"
        for module, file in modules("allocator")
        if module.startswith("allocator.week.check")
        for target in imported(file)
        if target.startswith(above) and ".".join(target.split(".")[:3]) not in WEEK_CHECK_MAY_READ
    ]
    assert wrong == []


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_are_imported_only_by_their_backends(engine: str) -> None:
    wrong = [
        module
        for package in ("allocator", "solvers")
        for module, file in modules(package)
        if any(target.split(".")[0] == engine for target in imported(file))
        and not module.startswith("solvers.backends")
    ]
    assert wrong == []


def test_pydantic_ends_at_the_instance() -> None:
    beyond = ("allocator.scenario", "allocator.series", "allocator.instance", "allocator.cli", "allocator.pipeline")
    wrong = [
        module
        for module, file in modules("allocator")
        if any(target.split(".")[0] == "pydantic" for target in imported(file)) and part(module) not in beyond
    ]
    assert wrong == []


def test_families_never_import_each_other() -> None:
    families = {"halls", "fleets", "contracts", "power", "cash", "terminal"}
    wrong = [
        f"{module} imports {target}"
        for module, file in modules("allocator")
        if module.startswith("allocator.planning.") and module.split(".")[2] in families
        for target in imported(file)
        if target.startswith("allocator.planning.")
        and target.split(".")[2] in families
        and target.split(".")[2] != module.split(".")[2]
    ]
    assert wrong == []
