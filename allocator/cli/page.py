"""The page a solve prints: what was decided, how sure it is, what it is worth, what binds."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.cli.text import megawatts, money, percent, printable, table
from allocator.plan.summary import ContractLine, Summary

TITLES = {
    "mining": "Bitcoin mining",
    "ai_colocation": "AI colocation",
    "gpu_cloud": "GPU cloud",
    "no_load": "standing draw",
    "power": "power",
    "machines": "machines",
    "conversions": "conversions",
    "fixed_opex": "fixed opex",
}


def page(summary: Summary) -> str:
    """The whole page as text."""
    parts = [
        _head(summary),
        _conversions(summary),
        _accepted(summary),
        _refused(summary),
        _uses(summary),
        _sources(summary),
        _binding(summary),
        _remarks(summary),
    ]
    return "\n\n".join("\n".join(part) for part in (list(lines) for lines in parts) if part) + "\n"


def _head(summary: Summary) -> Iterator[str]:
    meta = summary.meta
    bound = "unknown" if meta.bound_usd is None else money(meta.bound_usd)
    yield f"{printable(meta.scenario)}: net present value {money(meta.objective_usd)}"
    yield f"  no plan can exceed {bound}: proven gap {percent(meta.relative_gap)} (asked: {percent(meta.requested_gap)})"
    yield (
        f"  {'every rule and every dollar verified' if meta.verified else 'NOT VERIFIED'}; within the horizon alone "
        + (f"{money(meta.without_terminal_usd)}")
    )
    yield f"  hours: {meta.hours.representation}" + _error(summary)


def _error(summary: Summary) -> str:
    hours = summary.meta.hours
    if hours.error_usd is None or hours.full_hours_objective_usd is None:
        return ""
    error = f"{money(hours.error_usd)}, {percent(hours.error_share)} of the operating margin"
    return f"\n  every hour with the same decisions: {money(hours.full_hours_objective_usd)} ({error})"


def _conversions(summary: Summary) -> Iterator[str]:
    if not summary.conversions:
        yield "Conversions: none"
        return
    yield "Conversions"
    yield from table(
        ["hall", "from", "to", "decided", "ready", "capex"],
        [
            [c.hall, c.from_fit_out, c.to_fit_out, c.decided_node, c.ready_node, money(c.capex_usd)]
            for c in summary.conversions
        ],
        right=[5],
    )


def _accepted(summary: Summary) -> Iterator[str]:
    if not summary.accepted:
        yield "Contracts signed: none"
        return
    yield "Contracts signed"
    yield from table(["contract", "MW", "service from", "halls"], [_signed(c) for c in summary.accepted], right=[1])


def _signed(line: ContractLine) -> list[str]:
    return [line.contract, megawatts(line.critical_it_mw), line.first_service_month, ", ".join(line.halls)]


def _refused(summary: Summary) -> Iterator[str]:
    if summary.refused:
        yield "Contracts refused"
        rows = [[c.contract, megawatts(c.critical_it_mw), c.reason] for c in summary.refused]
        yield from table(["contract", "MW", "why"], rows, right=[1])


def _uses(summary: Summary) -> Iterator[str]:
    names = [name for name in TITLES if any(name in year.gross_mw for year in summary.uses)]
    names = [name for name in names if any(year.gross_mw.get(name, 0.0) > 0 for year in summary.uses)]
    yield "Average gross MW at the meter"
    rows = [[str(y.year), *(megawatts(y.gross_mw.get(name, 0.0)) for name in names)] for y in summary.uses]
    yield from table(["year", *(TITLES[name] for name in names)], rows, right=range(1, len(names) + 1))


def _sources(summary: Summary) -> Iterator[str]:
    yield "Net present value by source"
    rows = [
        [TITLES.get(s.source, s.source), money(s.within_usd), money(s.beyond_usd), money(s.total_usd)]
        for s in summary.sources
        if s.within_usd or s.beyond_usd
    ]
    within, beyond = (sum(getattr(s, name) for s in summary.sources) for name in ("within_usd", "beyond_usd"))
    rows.append(["total", money(within), money(beyond), money(within + beyond)])
    yield from table(["source", "within horizon", "beyond", "total"], rows, right=[1, 2, 3])


def _binding(summary: Summary) -> Iterator[str]:
    if summary.binding:
        yield "What binds: value of one more unit, decisions unchanged"
        rows = [[b.subject, b.quantity, money(b.value_usd_per_unit), b.unit] for b in summary.binding]
        yield from table(["subject", "limit", "worth", "unit"], rows, right=[2])
    tightness = summary.tightness
    for site, (most, limit, node) in tightness.reserved.items():
        yield f"{printable(site)}: {megawatts(most)} of {megawatts(limit)} gross MW reserved by contracts at most ({node})"
    spare, node = tightness.least_cash
    yield f"least cash above the minimum: {money(spare)} ({node})"


def _remarks(summary: Summary) -> Iterator[str]:
    if summary.meta.remarks:
        yield "Remarks"
        yield from (f"- {printable(remark)}" for remark in summary.meta.remarks)
