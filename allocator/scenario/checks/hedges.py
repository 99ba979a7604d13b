"""Hedges: names of their own, months within the horizon, strikes in order, something held or on offer."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.bitcoin import Hashprice
from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.hedges import BtcCollar, BtcPut, HashpriceForward, PowerSwap
from allocator.scenario.places import Quoted


def names(context: Context) -> Iterator[Fault]:
    """Hedges have names of their own; swaps name a site of the company."""
    yield from context.repeated(context.draft.named("hedges"), "hedge name")
    sites = [name for _, name in context.draft.named("sites")]
    for part in context.draft.hedges:
        if isinstance(part.value, PowerSwap):
            yield from context.unknown((*part.path, "site"), part.value.site, sites, "the name of a site")


def months(context: Context) -> Iterator[Fault]:
    """What settles, settles within the horizon, and months run forward."""
    horizon = context.draft.horizon
    for part in context.draft.hedges:
        one = part.value
        ends = ("expiry_month",) if isinstance(one, BtcPut | BtcCollar) else ("first_month", "last_month")
        for name in ends if horizon is not None else ():
            month = getattr(one, name)
            if horizon is not None and not horizon.start <= month < horizon.end:
                expected = f"a month of the horizon, {horizon.start} to {horizon.end.plus(-1)}"
                fix = "state what settles within the horizon, or lengthen it"
                yield context.places.fault((*part.path, name), Quoted(str(month)), expected, fix)
        if isinstance(one, HashpriceForward | PowerSwap) and one.last_month < one.first_month:
            path, expected = (*part.path, "last_month"), f"not before first_month {one.first_month}"
            yield context.places.fault(path, Quoted(str(one.last_month)), expected, "swap or correct the months")


def terms(context: Context) -> Iterator[Fault]:
    """Strikes are in order, hours of delivery are hours, options have a price of Bitcoin, and something is there."""
    for part in context.draft.hedges:
        one = part.value
        if isinstance(one, BtcCollar) and one.call_strike_usd < one.put_strike_usd:
            expected = f"at least put_strike_usd, {one.put_strike_usd:g}"
            path = (*part.path, "call_strike_usd")
            yield context.places.fault(path, one.call_strike_usd, expected, "swap or correct the strikes")
        if isinstance(one, PowerSwap) and one.from_hour == one.to_hour:
            path, expected = (*part.path, "to_hour"), "another hour than from_hour"
            yield context.places.fault(path, one.to_hour, expected, "write 0 and 24 for the whole day")
        if isinstance(one, BtcPut | BtcCollar) and isinstance(context.draft.bitcoin, Hashprice):
            found = Quoted("an option on Bitcoin beside bitcoin.kind: hashprice, which states no price of it")
            fix = "state price and difficulty (kind: network), or use a hashprice_forward"
            yield context.places.fault(part.path, found, "bitcoin.kind: network", fix)
        if not one.most_lots and not _held(part.value):
            found = Quoted("nothing held and nothing on offer")
            fix = "state what is held (opening_*), or most_lots; or remove it"
            yield context.places.fault(part.path, found, "an instrument that is held or may be bought", fix)


def _held(one: HashpriceForward | BtcPut | BtcCollar | PowerSwap) -> float:
    if isinstance(one, HashpriceForward):
        return one.opening_ph_per_s
    return one.opening_mw if isinstance(one, PowerSwap) else one.opening_btc
