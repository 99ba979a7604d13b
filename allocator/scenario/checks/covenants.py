"""Covenants: names that exist, tests within the horizon, and the months before it that tests look back on."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.covenants import DebtServiceCoverage, MinimumLiquidity, NetDebtToEbitda
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted
from allocator.scenario.yaml_reader import Path


def names(context: Context) -> Iterator[Fault]:
    """Covenants have names of their own."""
    yield from context.repeated(context.draft.named("covenants"), "covenant name")


def members(context: Context) -> Iterator[Fault]:
    """Sites and loans that are named are there."""
    sites = [name for section in ("sites", "hosting") for _, name in context.draft.named(section)]
    loans = [name for _, name in context.draft.named("loans")]
    for part in context.draft.covenants:
        one = part.value
        if not isinstance(one, MinimumLiquidity):
            for position, name in enumerate(one.sites or ()):
                yield from context.unknown((*part.path, "sites", position), name, sites, "a site or hosting agreement")
        if isinstance(one, DebtServiceCoverage):
            for position, name in enumerate(one.loans or ()):
                yield from context.unknown((*part.path, "loans", position), name, loans, "a loan")


def calendar(context: Context) -> Iterator[Fault]:
    """Some test lies within the horizon."""
    horizon = context.draft.horizon
    for part in context.draft.covenants if horizon else ():
        assert horizon is not None
        last = horizon.start.plus(horizon.months - 1)
        if part.value.first_month > last:
            path, found = (*part.path, "first_month"), Quoted(str(part.value.first_month))
            yield context.places.fault(path, found, f"{last} or earlier", "leave out what is never tested")


def earlier(context: Context) -> Iterator[Fault]:
    """Months before the horizon that the first test looks back on are stated."""
    for part in context.draft.covenants:
        one = part.value
        if isinstance(one, DebtServiceCoverage | NetDebtToEbitda):
            for field in ("earlier_income_usd_by_month", "earlier_service_usd_by_month"):
                stated = getattr(one, field, None)
                if stated is not None:
                    yield from _long_enough(context, (*part.path, field), one, len(stated))


def _long_enough(
    context: Context, path: Path, covenant: DebtServiceCoverage | NetDebtToEbitda, stated: int
) -> Iterator[Fault]:
    horizon = context.draft.horizon
    if horizon is None:
        return
    since = covenant.first_month.since(horizon.start)
    tested = since if since >= 0 else since % covenant.every_months
    wanted = covenant.trailing_months - tested - 1
    if stated < wanted:
        found = Quoted(f"{stated} months before {horizon.start}")
        expected = f"the last {wanted} before the start, which the first test looks back on"
        yield context.places.fault(path, found, expected, "state them, test later, or let fewer months count")


def bitcoin(context: Context) -> Iterator[Fault]:
    """Bitcoin counts only where some is held."""
    if context.draft.document.get("treasury") is not None:
        return
    for part in context.draft.covenants:
        share = getattr(part.value, "btc_haircut_share", None)
        if share is not None:
            path = (*part.path, "btc_haircut_share")
            fix = "leave the haircut out, or add treasury: {opening_btc: ...}"
            yield context.places.fault(path, share, "a treasury section, whose Bitcoin counts", fix)
