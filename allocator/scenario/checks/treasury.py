"""The treasury: a price to hold it at, and rules that can be kept from the first node on."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.bitcoin import Hashprice
from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted
from allocator.scenario.treasury import FixedSchedule
from allocator.scenario.yaml_reader import Path

TREASURY: Path = ("treasury",)


def price(context: Context) -> Iterator[Fault]:
    """A treasury needs a price of Bitcoin, which a hashprice alone does not state."""
    if context.draft.treasury is not None and isinstance(context.draft.bitcoin, Hashprice):
        fix = "state price and difficulty (kind: network), or leave the treasury out"
        found = Quoted("a treasury beside bitcoin.kind: hashprice, which states no price of Bitcoin")
        yield context.places.fault(TREASURY, found, "bitcoin.kind: network", fix)


def shares(context: Context) -> Iterator[Fault]:
    """Shares that may be sold may be sold within the horizon."""
    finance, horizon = context.draft.finance, context.draft.horizon
    if finance is None or finance.equity is None or horizon is None:
        return
    last = horizon.start.plus(horizon.months - 1)
    if finance.equity.first_month > last:
        path, found = ("finance", "equity", "first_month"), Quoted(str(finance.equity.first_month))
        yield context.places.fault(path, found, f"{last} or earlier", "leave equity out, or sell earlier")


def floor(context: Context) -> Iterator[Fault]:
    """The floor is no higher than what is held at the start."""
    treasury = context.draft.treasury
    if treasury is not None and treasury.floor_btc > treasury.opening_btc:
        path, expected = (*TREASURY, "floor_btc"), f"at most opening_btc, {treasury.opening_btc:g}"
        yield context.places.fault(path, treasury.floor_btc, expected, "lower the floor, or correct the opening")


def schedule(context: Context) -> Iterator[Fault]:
    """A schedule sells no more than is there above the floor, where nothing is kept of production."""
    treasury = context.draft.treasury
    if treasury is None or not isinstance(treasury.policy, FixedSchedule) or treasury.policy.hold_share > 0:
        return
    months = context.draft.horizon.months if context.draft.horizon else None
    sold = sum(treasury.policy.sell_btc_by_month[:months])
    most = treasury.opening_btc - treasury.floor_btc
    if sold > most * (1 + 1e-9):
        path = (*TREASURY, "policy", "sell_btc_by_month")
        expected = f"at most {most:g} BTC together, what is held above the floor"
        yield context.places.fault(
            path, Quoted(f"{sold:g} BTC within the horizon"), expected, "sell less, or hold more"
        )


def slippage(context: Context) -> Iterator[Fault]:
    """Each part of a day's sales costs no less than the one before; the last one, and only it, has no size."""
    parts = context.draft.treasury.slippage if context.draft.treasury is not None else ()
    for position, part in enumerate(parts):
        path, is_last = (*TREASURY, "slippage", position), position == len(parts) - 1
        if position and part.cost_share < parts[position - 1].cost_share:
            expected = f"no less than {parts[position - 1].cost_share:g}, the part before"
            yield context.places.fault((*path, "cost_share"), part.cost_share, expected, "sort the parts by cost")
        if (part.btc_per_day is None) is not is_last:
            found = Quoted(
                "no size" if part.btc_per_day is None else f"a last part of {part.btc_per_day:g} BTC per day"
            )
            expected = "a size for each part but the last, which takes what is left"
            yield context.places.fault((*path, "btc_per_day"), found, expected, "state sizes, and end with null")
