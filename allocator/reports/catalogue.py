"""All figures of a plan in the order of a report: what to read first, planner, finance, treasury."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from allocator.plan.plan import Plan
from allocator.reports import contracts, halls, hours, levers, money, power, promises, treasury
from allocator.reports.ambient import Cooling, cooling_balance, power_balance
from allocator.reports.figure import Piece, Section


def sections(plan: Plan, cooling: Sequence[Cooling] = ()) -> tuple[Section, ...]:
    """The report of a plan; pieces and sections that would say nothing are absent.

    Args:
        cooling: what cools each hall, which tables do not hold; none where cooling is not to be shown.
    """
    made = (
        ("decisions", "What is decided", _decisions(plan)),
        ("power", "Power and halls", _power(plan)),
        ("hours", "Hour by hour", _hours(plan, cooling)),
        ("value", "Value and cash", _money(plan)),
        ("treasury", "Treasury", _treasury(plan)),
    )
    found = (Section(key, title, tuple(_present(pieces))) for key, title, pieces in made)
    return tuple(section for section in found if section.pieces)


def _present(pieces: Iterable[Piece | None]) -> Iterator[Piece]:
    return (piece for piece in pieces if piece is not None)


def _decisions(plan: Plan) -> Iterator[Piece | None]:
    yield halls.timeline(plan)
    yield halls.conversions(plan)
    yield contracts.placements(plan)
    yield contracts.signed(plan)
    yield contracts.refused(plan)
    yield money.binding(plan)


def _power(plan: Plan) -> Iterator[Piece | None]:
    yield power.mw_by_use(plan)
    yield power.mw_by_site(plan)
    yield halls.machines(plan)
    yield power.interconnects(plan)
    yield promises.demand_charges(plan)
    yield promises.coincident_peaks(plan)
    yield halls.hosts(plan)


def _hours(plan: Plan, cooling: Sequence[Cooling]) -> Iterator[Piece | None]:
    for site in hours.shown_sites(plan):
        found = hours.site_hours(plan, site)
        yield from hours.weeks(plan, found)
        yield power_balance(found)
        yield from cooling_balance(plan, site, cooling)


def _money(plan: Plan) -> Iterator[Piece | None]:
    yield money.waterfall(plan)
    yield power.energy_by_use(plan)
    yield money.revenue(plan)
    yield money.years(plan)
    yield money.cash(plan)
    yield contracts.backlog(plan)
    yield money.yields(plan)
    yield money.returns(plan)
    yield money.paths(plan)
    yield levers.sensitivity(plan)
    yield money.cash_moves(plan)
    yield promises.tax(plan)
    yield money.cash_flow_lines(plan)


def _treasury(plan: Plan) -> Iterator[Piece | None]:
    yield treasury.bitcoin(plan)
    yield from treasury.loan_to_value(plan)
    yield treasury.loan_ladder(plan)
    yield treasury.chances(plan)
    yield promises.limited_chances(plan)
    yield promises.covenants(plan)
    yield promises.hedges(plan)
    yield treasury.price(plan)
    yield treasury.debt(plan)
    if len(plan.tables["treasury"]) or len(plan.tables["loans"]):
        yield treasury.runway_of(plan)
