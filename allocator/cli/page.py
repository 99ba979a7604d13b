"""The page a solve prints: what was decided, how sure it is, what it is worth, what binds."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator

from allocator.cli.text import bitcoins, counted, line_width, megawatts, money, percent, printable, table
from allocator.plan.binding import Binding
from allocator.plan.chance_lines import LimitedChance
from allocator.plan.covenant_lines import CovenantLine
from allocator.plan.meta import PlanMeta
from allocator.plan.peak_lines import PeakLine
from allocator.plan.summary import (
    LEAST_SHORT_USD,
    BitcoinYear,
    ContractLine,
    Conversion,
    HedgeLine,
    HostLine,
    Summary,
    Trade,
)
from allocator.plan.titles import LIMITS, TITLES, UNITS

ENDS = {"interrupt": "interrupted", "other": "the engine proved no more"}
"""Why a solve ended, where "stopped at the ... limit" would not say it."""
MOST_ROWS = 12
"""Rows of a list on the page."""
WAYS = {"merit_order": "in closed form"}


def page(summary: Summary) -> str:
    """The whole page as text."""
    parts = [
        _wrapped(_head(summary.meta)),
        _conversions(summary),
        _accepted(summary),
        _refused(summary),
        _trades(summary),
        _hosts(summary),
        _uses(summary),
        _peaks(summary),
        _bitcoin(summary),
        _hedges(summary),
        _sources(summary),
        _binding(summary),
        _spare(summary),
        _covenants(summary),
        _remarks(summary.meta),
    ]
    return "\n\n".join("\n".join(part) for part in (list(lines) for lines in parts) if part) + "\n"


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(line, line_width(), subsequent_indent="    ")


def _head(meta: PlanMeta) -> Iterator[str]:
    yield f"{printable(meta.scenario)}: net present value {money(meta.objective_usd)}"
    if meta.mean_of_worst_usd is not None:
        worst, weight = money(meta.mean_of_worst_usd), percent(meta.tail_weight)
        mixed = money(meta.maximised_usd)
        yield f"  on average; {worst} on the worst paths, which weigh {weight}: {mixed} in all"
    if meta.nested_value_usd is not None:
        worth, weight = money(meta.nested_value_usd), percent(meta.tail_weight)
        yield f"  on average; {worth} where the worst children of every branching weigh {weight}"
    bound = "no bound is known" if meta.bound_usd is None else f"no plan can exceed {money(meta.bound_usd)}"
    broken = meta.penalty_usd >= LEAST_SHORT_USD
    bound += " after penalties" if broken else ""
    yield f"  {bound}: proven gap {percent(meta.relative_gap)} (asked: {percent(meta.requested_gap)})"
    if broken:
        worth, penalty = money(meta.maximised_usd), money(meta.penalty_usd)
        yield f"  this one is worth {worth} after {penalty} for limits that are broken"
    if not meta.within_gap:
        why = ENDS.get(meta.limit or "other", f"stopped at the {meta.limit} limit")
        yield f"  GAP NOT REACHED: {why}; this is the best plan found, better ones may exist"
    checked = "every rule and every dollar verified" if meta.verified else "NOT VERIFIED"
    yield f"  {checked}; {money(meta.without_terminal_usd)} of it within the horizon"
    ways = ", ".join(f"{_counted(count)} {WAYS.get(way, printable(way))}" for way, count in meta.dispatch.items())
    yield f"  hours: {meta.hours.representation}; method {meta.method}; {ways}"
    yield from _error(meta)


def _counted(count: int) -> str:
    return "1 site-node" if count == 1 else f"{count} site-nodes"


def _error(meta: PlanMeta) -> Iterator[str]:
    """What the same decisions earn over every hour, where the plan was made with fewer."""
    error, full = meta.hours.error_usd, meta.hours.full_hours_objective_usd
    if error is not None and full is not None:
        difference = f"{money(error)}, {percent(meta.hours.error_share)} of the operating margin"
        yield f"  the same decisions over every hour: {money(full)} ({difference})"


def _conversions(summary: Summary) -> Iterator[str]:
    if not summary.conversions:
        yield "Conversions: none"
        return
    yield "Conversions"
    head = ["hall", "from", "to", "decided", "usable from", "capex"]
    first = {(line.hall, line.decided_node): line for line in reversed(summary.conversions)}
    yield from _listed(head, [_converted(line) for line in reversed(first.values())], "conversions", right=[5])


def _converted(line: Conversion) -> list[str]:
    made = [line.from_fit_out, line.to_fit_out, line.decided_node, line.ready_node]
    return [line.hall, *made, money(line.capex_usd)]


def _accepted(summary: Summary) -> Iterator[str]:
    if not summary.accepted:
        yield "Contracts signed: none"
        return
    yield "Contracts signed"
    head = ["contract", "critical IT MW", "service from", "halls"]
    yield from _listed(head, [_signed(line) for line in summary.accepted], "contracts", right=[1], wrapped=3)


def _signed(line: ContractLine) -> list[str]:
    return [line.contract, megawatts(line.critical_it_mw), line.first_service_month, ", ".join(line.halls)]


def _refused(summary: Summary) -> Iterator[str]:
    if summary.refused:
        yield "Contracts refused"
        rows = [[line.contract, megawatts(line.critical_it_mw), line.reason] for line in summary.refused]
        yield from table(["contract", "critical IT MW", "why"], rows, right=[1], wrapped=2)


def _trades(summary: Summary) -> Iterator[str]:
    if summary.trades:
        yield "Machines ordered and sold"
        head = ["when", "model", "ordered", "sold", "cash"]
        yield from _listed(head, [_traded(trade) for trade in summary.trades], "trades", right=[2, 3, 4])


def _listed(
    head: list[str], rows: list[list[str]], name: str, right: Collection[int] = (), wrapped: int | None = None
) -> Iterator[str]:
    """The first rows of a table that is long where there are many futures; equal ones once."""
    different = [list(row) for row in dict.fromkeys(map(tuple, rows))]
    yield from table(head, different[:MOST_ROWS], right, wrapped)
    if len(different) > MOST_ROWS:
        more = len(different) - MOST_ROWS
        yield f"... and {more:,} more in csv/{name}.csv; `allocator decisions` prints them as a tree"


def _hosts(summary: Summary) -> Iterator[str]:
    if summary.hosts:
        yield "Machines at hosts"
        head = ["agreement", "MW at first", "at last", "GWh", "USD/MWh", "ended by notice"]
        yield from table(head, [_hosted(line) for line in summary.hosts], right=[1, 2, 3, 4])


def _hosted(line: HostLine) -> list[str]:
    price = "-" if line.usd_per_mwh is None else f"{line.usd_per_mwh:,.2f}"
    energy = f"{line.energy_mwh / 1e3:,.1f}"
    return [line.agreement, megawatts(line.first_mw), megawatts(line.last_mw), energy, price, line.ended]


def _traded(line: Trade) -> list[str]:
    return [line.node, line.model, _units(line.bought_units), _units(line.sold_units), money(line.flow_usd)]


def _units(count: int) -> str:
    return f"{count:,}" if count else ""


def _uses(summary: Summary) -> Iterator[str]:
    names = [name for name in TITLES if any(year.gross_mw.get(name, 0.0) > 0 for year in summary.uses)]
    yield "Average gross MW at the meter"
    rows = [[str(y.year), *(megawatts(y.gross_mw.get(name, 0.0)) for name in names)] for y in summary.uses]
    yield from table(["year", *(TITLES[name] for name in names)], rows, right=range(1, len(names) + 1))


def _peaks(summary: Summary) -> Iterator[str]:
    if summary.peaks:
        yield "Peaks that are billed, expected"
        head = ["year", "site", "charge", "MW on average", "costs", "due"]
        yield from table(head, [_billed(line) for line in summary.peaks], right=[3, 4])


def _billed(line: PeakLine) -> list[str]:
    return [str(line.year), line.site, line.charge, megawatts(line.mw), money(line.usd), line.due]


def _bitcoin(summary: Summary) -> Iterator[str]:
    if summary.bitcoin:
        yield "Bitcoin, BTC"
        head = ["year", "mined", "kept of it", "bought", "sold from holdings", "held at the end"]
        yield from table(head, [_of_year(line) for line in summary.bitcoin], right=range(1, len(head)))


def _of_year(line: BitcoinYear) -> list[str]:
    amounts = (line.mined_btc, line.retained_btc, line.bought_btc, line.sold_btc, line.held_btc)
    return [str(line.year), *map(bitcoins, amounts)]


def _hedges(summary: Summary) -> Iterator[str]:
    if summary.hedges:
        yield "Hedges, expected: what is bought at its worth adds nothing, and moves cash to where prices are low"
        head = ["hedge", "held at first", "bought", "premium", "settled", "USD/MWh", "worth"]
        yield from table(head, [_hedged(line) for line in summary.hedges], right=range(1, len(head)))


def _hedged(line: HedgeLine) -> list[str]:
    units = (f"{count:,.6g} {line.unit}" for count in (line.opening_units, line.bought_units))
    per_mwh = "" if line.per_mwh_usd is None else f"{line.per_mwh_usd:,.2f}"
    return [line.hedge, *units, money(line.premium_usd), money(line.payoff_usd), per_mwh, money(line.worth_usd)]


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
        rows = [_bound(line) for line in summary.binding]
        yield from table(["where", "limit", "worth", ""], rows, right=[2])


def _bound(line: Binding) -> list[str]:
    unit = UNITS.get(line.unit, line.unit)
    worth = f"${line.value_usd_per_unit:,.2f}" if line.unit == "USD/USD" else money(line.value_usd_per_unit)
    return [line.subject, LIMITS.get(line.quantity, line.quantity), worth, unit]


def _spare(summary: Summary) -> Iterator[str]:
    yield "How close limits come that have no such value"
    for site, (most, limit, node) in summary.tightness.reserved.items():
        share = f"{megawatts(most)} of {megawatts(limit)} gross MW"
        yield f"  {printable(site)}: contracts reserve at most {share} ({printable(node)})"
    for chance in summary.chances:
        yield f"  {printable(_likely(chance))}"
    spare, node = summary.tightness.least_cash
    if not summary.tightness.short_nodes:
        yield f"  company: cash is never less than {money(max(0.0, spare))} above its minimum ({printable(node)})"
        return
    short = f"cash is missing in {counted(summary.tightness.short_nodes, 'node')}, most {money(-spare)}"
    priced = f"priced at {money(summary.meta.penalty_usd)}, which is no part of the value"
    yield f"  company: {short} ({printable(node)}); {priced}"


def _likely(chance: LimitedChance) -> str:
    """How likely an event is, beside what is allowed."""
    what = f"a margin call on {chance.loan} that free Bitcoin does not meet" if chance.loan else "a shortfall of cash"
    in_month = f"{percent(chance.by_month)} at most in a month{_allowed(chance.most_by_month)}"
    when = f" ({chance.month})" if chance.by_month > 0 else ""
    return f"{what}: {in_month}{when}; {percent(chance.of_path)} at all{_allowed(chance.most_of_path)}"


def _allowed(most: float) -> str:
    return f", allowed: {percent(most)}" if most < 1.0 else ""


def _covenants(summary: Summary) -> Iterator[str]:
    if summary.covenants:
        yield "Covenants, where each comes closest"
        head = ["covenant", "tests", "broken", "node", "value", "limit", "headroom"]
        yield from table(head, [_tested(line) for line in summary.covenants], right=[1, 2, 4, 5, 6])


def _tested(line: CovenantLine) -> list[str]:
    times = [f"{line.value_times:.2f}x", f"{line.limit_times:.2f}x"]
    return [line.covenant, str(line.tests), str(line.breaches), line.node, *times, money(line.headroom_usd)]


def _remarks(meta: PlanMeta) -> Iterator[str]:
    if meta.remarks:
        yield "Remarks"
        for remark in meta.remarks:
            yield from textwrap.wrap(f"- {printable(remark)}", line_width(), subsequent_indent="  ")
