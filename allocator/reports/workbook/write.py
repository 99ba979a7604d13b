"""The whole workbook of a plan, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from allocator.plan.meta import PlanMeta
from allocator.plan.plan import Plan
from allocator.plan.summary import summarise
from allocator.reports.assumptions import Assumptions
from allocator.reports.periods import Periods, periods
from allocator.reports.workbook.book import Book, Sheet, new_book
from allocator.reports.workbook.company import write_treasury
from allocator.reports.workbook.grid import MonthGrid
from allocator.reports.workbook.investors import write_investors
from allocator.reports.workbook.lists import write_contracts, write_dispatch, write_fleets, write_halls
from allocator.reports.workbook.money import write_statement, write_value
from allocator.reports.workbook.promises import write_covenants, write_hedges, write_peaks
from allocator.reports.workbook.scenarios import write_scenarios
from allocator.reports.workbook.sensitivity import write_sensitivity
from allocator.reports.workbook.words import CHECKS, SUMMARY, Figure, write_assumptions, write_checks, write_summary


def write_workbook(plan: Plan, assumptions: Assumptions, path: Path) -> None:
    """Write the workbook of a plan to `path`; equal plans give equal files.

    Raises:
        WorkbookMissingError: the library that writes workbooks is not installed. OSError: it cannot be written.
    """
    tables, time = plan.tables, periods(plan.tables["nodes"])
    with new_book(path) as book:
        first = book.sheet(SUMMARY, plan.meta.scenario, "What the plan decides, what it is worth and how sure that is")
        grid = write_statement(book, tables, time)
        write_value(book, tables, plan.meta)
        write_sensitivity(book, plan)
        write_investors(book, tables, time)
        write_treasury(book, tables, time)
        write_covenants(book, tables, time)
        write_hedges(book, tables, time)
        write_peaks(book, tables, time)
        write_halls(book, tables, time)
        write_fleets(book, tables, time)
        write_contracts(book, tables, time)
        write_dispatch(book, tables, time)
        write_scenarios(book, tables, time, plan.meta)
        write_assumptions(book, assumptions)
        verdict = write_checks(book)
        _summary(book, first, plan, time, grid, verdict)


def _summary(book: Book, sheet: Sheet, plan: Plan, time: Periods, grid: MonthGrid, verdict: str) -> None:
    meta, found = plan.meta, {check.what: check for check in book.checks}
    value, within = found["Net present value"], found["Net present value within the horizon"]
    beyond = value.value - within.value
    figures = [
        Figure("Net present value, USD", "usd", value.value, value.formula, "sum of sheet Value"),
        Figure("of it within the horizon, USD", "usd", within.value, within.formula, "sum of sheet Value"),
        Figure("of it beyond, USD", "usd", beyond, "B4-B5", "contracts to their term, machines, mining, what is owed"),
    ]
    if meta.mean_of_worst_usd is not None:
        words = f"weighs {meta.tail_weight:.0%} in what is maximised"
        figures.append(Figure("Mean of the worst paths, USD", "usd", meta.mean_of_worst_usd, note=words))
        words = "expected value and mean of the worst paths, less the price of limits broken"
        figures.append(Figure("What is maximised, USD", "usd", meta.maximised_usd, note=words))
    if meta.bound_usd is not None:
        figures.append(Figure(_bound(meta), "usd", meta.bound_usd, note="proven bound"))
    for title, row in grid.named.items():
        figures.append(Figure(f"{title}, USD", "usd", grid.cells[row][0] or 0.0, grid.reference(row), "undiscounted"))
    good = "OK" if all(check.holds for check in book.checks) else f"see sheet {CHECKS}"
    figures.append(
        Figure("Workbook against the plan", "", good, verdict, f"{len(book.checks)} figures on sheet {CHECKS}")
    )
    write_summary(sheet, meta, figures, list(_decided(plan, time)))


def _bound(meta: PlanMeta) -> str:
    plain = meta.mean_of_worst_usd is None and not meta.penalty_usd
    return "No plan can be worth more than, USD" if plain else "It cannot exceed, USD"


def _decided(plan: Plan, time: Periods) -> Iterator[str]:
    """Conversions and contracts in words; on a tree how many there are, for sheets list them with their chances."""
    if time.branches:
        nodes = len(time.of_node)
        yield f"On a tree of {nodes:,} nodes; Conversions and Contracts say what is done when, and how likely."
        return
    found = summarise(plan)
    for made in reversed({(line.hall, line.decided_node): line for line in reversed(found.conversions)}.values()):
        yield (
            f"{made.hall} becomes {made.to_fit_out} (from {made.from_fit_out}): decided {made.decided_node}, "
            f"usable from {made.ready_node}, {made.capex_usd:,.0f} USD"
        )
    for line in found.accepted:
        where = ", ".join(line.halls)
        yield f"{line.contract} is signed: {line.critical_it_mw:,.1f} MW from {line.first_service_month} in {where}"
    for line in found.refused:
        yield f"{line.contract} is refused: {line.reason}"
