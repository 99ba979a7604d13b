"""Verifies a plan: every rule and every dollar derived again from the tables and the instance alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from allocator.instance.hash_index import hash_index
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.plan.meta import PlanMeta
from allocator.plan.schema import HOURLY, TABLES
from allocator.verify.axes import Axes
from allocator.verify.case import Case, Energy
from allocator.verify.check import Check, count
from allocator.verify.columns import Columns
from allocator.verify.facts import Facts, read_facts
from allocator.verify.hourly import add_energy, no_energy, read_hours, steps
from allocator.verify.report import VerificationReport, Violation
from allocator.verify.rules import HOUR_RULES, PLAN_RULES, RULES
from allocator.verify.specs import hourly_specs, row_specs
from allocator.verify.structure import (
    MALFORMED,
    UNKNOWN,
    Faults,
    Place,
    RowSpec,
    content_faults,
    form_faults,
)
from allocator.verify.timeline import Timeline

Dispatch = Mapping[tuple[str, str], Mapping[str, object]]
"""Hourly tables by (site, node); asking for a pair may read it and may fail."""


def verify_plan(
    instance: Instance,
    tables: Mapping[str, object],
    dispatch: Dispatch,
    meta: PlanMeta | None = None,
    certificate: Mapping[str, object] | None = None,
) -> VerificationReport:
    """Derive every rule and every dollar of a plan again. Never raises for what the plan holds.

    Hourly tables are asked for one site and node at a time and not kept. Where a planning table has a fault of
    form, only such faults are reported: nothing can be derived from it. Where an hourly one has, the sums that
    need it are not to be had, and the rules that need them are broken with it.

    Args:
        instance: the compiled scenario.
        tables: planning tables by name; an exception in place of a frame is reported as a table that cannot be read.
        dispatch: hourly tables by (site, node).
        meta: head of the plan; without it the objective, bound and gap are not checked.
        certificate: contents of certificate.json, where there is one.
    """
    findings = _Findings()
    faults, read = form_faults(TABLES, tables, {})
    if findings.sound(faults):
        verify = partial(_verify_content, findings, instance, read, dispatch, meta, certificate)
        findings.guard({}, "tables", verify)
    return findings.report()


@dataclass
class _Findings:
    """What has been found so far."""

    violations: list[Violation] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RULES, 0))

    def sound(self, faults: Faults) -> bool:
        """Take over faults; True where there were none."""
        self.violations.extend(faults.violations)
        for rule, number in faults.checked.items():
            self.checked[rule] += number
        return not faults.violations

    def evaluate(self, rule: str, place: Place, checks: Callable[[], Iterable[Check]]) -> None:
        """Check what a rule yields, at a place."""
        self.guard(place, rule, partial(self._evaluate, rule, place, checks))

    def guard(self, place: Place, what: str, run: Callable[[], None]) -> None:
        """Run; an exception is a plan that makes no sense, not a verification that did not happen."""
        try:
            run()
        except Exception as error:
            text = f"{what} cannot be evaluated on these tables: {type(error).__name__}: {error}"
            self.violations.append(Violation(MALFORMED, {**place, "rule": what}, float("nan"), "", text))

    def report(self) -> VerificationReport:
        order = {rule: position for position, rule in enumerate(RULES)}
        ranked = sorted(self.violations, key=lambda violation: order[violation.rule])
        return VerificationReport(tuple(ranked), self.checked)

    def _evaluate(self, rule: str, place: Place, checks: Callable[[], Iterable[Check]]) -> None:
        found = list(checks())
        broken = [violation for check in found for violation in check.violations(rule)]
        self.checked[rule] += count(found)
        self.violations.extend(_placed(violation, place) for violation in broken)


def _placed(violation: Violation, place: Place) -> Violation:
    return Violation(violation.rule, {**place, **violation.place}, violation.amount, violation.unit, violation.message)


@dataclass(frozen=True)
class _Hours:
    """What the hours of every site and node are verified against, and the sums taken on the way."""

    instance: Instance
    axes: Axes
    facts: Facts
    dispatch: Dispatch
    energy: Energy
    strike_usd_per_mwh: Floats | None


def _verify_content(
    findings: _Findings,
    instance: Instance,
    tables: Mapping[str, Columns],
    dispatch: Dispatch,
    meta: PlanMeta | None,
    certificate: Mapping[str, object] | None,
) -> None:
    known = _known_rows(findings, row_specs(instance), tables, {})
    frames = {name: table.frame() for name, table in known.items()}
    axes, facts, energy = Axes(instance), read_facts(instance, frames), no_energy(instance)
    strike = None if meta is None else _strike(instance, meta)
    _verify_hours(findings, _Hours(instance, axes, facts, dispatch, energy, strike))
    case = Case(instance, axes, Timeline(instance.tree), frames, known["cash_flow"], facts, energy, meta, certificate)
    for name, rule in PLAN_RULES.items():
        findings.evaluate(name, {}, partial(rule, case))


def _strike(instance: Instance, meta: PlanMeta) -> Floats | None:
    """Price of power by which miners run in each node, as the head states it, (N,); None where they earn."""
    if meta.strike_usd_per_mwh is None:
        return None
    index = hash_index(instance) if meta.strike_follows_hashprice else np.ones(len(instance.tree))
    return np.asarray(meta.strike_usd_per_mwh * index)


def _known_rows(
    findings: _Findings, specs: Mapping[str, RowSpec], tables: Mapping[str, Columns], place: Place
) -> dict[str, Columns]:
    """Report faults of content, and go on with the rows whose names are known."""
    rows = {}
    for name, spec in specs.items():
        faults, rows[name] = content_faults(spec, tables[name], {**place, "table": name})
        findings.sound(faults)
    return rows


def _verify_hours(findings: _Findings, hours: _Hours) -> None:
    sites, nodes = hours.instance.sites.names, hours.instance.tree.name
    pairs = [(site, node) for site in sites for node in nodes]
    strangers = list(_strangers(hours.dispatch, set(pairs)))
    findings.sound(Faults(strangers, {UNKNOWN: len(pairs)}))
    for site, node in pairs:
        verify = partial(_verify_site_node, findings, hours, site, node)
        findings.guard({"site": site, "node": node}, "hours", verify)


def _strangers(dispatch: Dispatch, pairs: set[tuple[str, str]]) -> Iterator[Violation]:
    for site, node in dispatch:
        if (site, node) not in pairs:
            text = f"the scenario has no hours of site {site!r} in node {node!r}"
            yield Violation(UNKNOWN, {"site": site, "node": node}, 1.0, "", text)


def _verify_site_node(findings: _Findings, hours: _Hours, site_name: str, node_name: str) -> None:
    place = {"site": site_name, "node": node_name}
    frames = hours.dispatch.get((site_name, node_name), {})
    faults, read = form_faults(HOURLY, frames, place)
    if not findings.sound(faults):
        return
    instance = hours.instance
    site, node = instance.sites.names.index(site_name), instance.tree.name.index(node_name)
    specs = hourly_specs(instance, site, node, steps(instance, site, node))
    tables = _known_rows(findings, specs, read, place)
    strike = None if hours.strike_usd_per_mwh is None else float(hours.strike_usd_per_mwh[node])
    case = read_hours(instance, hours.axes, hours.facts, site, node, tables, strike)
    for name, rule in HOUR_RULES.items():
        findings.evaluate(name, place, partial(rule, case))
    add_energy(hours.energy, case)
