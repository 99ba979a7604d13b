"""Instruments move money between futures; at their worth they make none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allocator.instance.risk import WorstPaths
from allocator.instance.types import Instance
from tests.instance.hedges import with_hedges
from tests.planning.solving import best
from tests.verify.hedged import hedged_instance


def offered(spread_usd: float, **changes: object) -> Instance:
    """The hand-made instance with no position at the start."""
    hedged = with_hedges(replace(hedged_instance(), **changes), most_lots=2, spread_usd=spread_usd)
    return replace(hedged, hedges=replace(hedged.hedges, opening=hedged.hedges.opening * 0.0))


def plain(instance: Instance) -> Instance:
    return replace(instance, hedges=replace(instance.hedges, offered=instance.hedges.offered & False))


def test_at_their_worth_instruments_add_nothing_and_below_it_what_they_are_underpriced() -> None:
    fair, cheap = offered(0.0), offered(-3.0)
    assert best(fair).usd == pytest.approx(best(plain(fair)).usd, abs=0.01)
    discount = float(fair.discount_financing[0])
    gained = best(cheap).usd - best(plain(cheap)).usd
    assert gained == pytest.approx(discount * 3.0 * 2 * (5.0 + 1.0), abs=0.01)  # two lots of 5 PH/s, two of 1 BTC


def test_dearer_than_their_worth_they_are_bought_only_against_risk() -> None:
    dear = offered(2.0)
    assert not best(dear).point.hedge_lots.any()
    careful = best(replace(dear, risk=WorstPaths(weight=0.9, level=0.5)))
    assert careful.point.hedge_lots.any()


def test_a_position_settles_only_below_the_node_that_bought_it() -> None:
    """Otherwise a forward above today's hashprice would be bought for today's payoff."""
    rich = offered(0.0)
    hedges = replace(rich.hedges, settled=rich.hedges.settled * [1.0, 0.0, 0.0])
    free = replace(rich, hedges=replace(hedges, premium_usd=hedges.premium_usd * 0.0))
    assert (hedges.payoff_usd[:, 0] != 0).any()
    assert best(free).usd == pytest.approx(best(plain(free)).usd, abs=0.01)
