"""Edits that state Bitcoin on the balance sheet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit
from allocator.roll.words import plain
from allocator.scenario.scenario import Scenario
from allocator.scenario.treasury import FixedSchedule


def treasury_edits(at: AtNode, scenario: Scenario, is_fresh: bool) -> Iterator[Edit]:
    """Holdings and what is left of a list of sales. Today's price is taken as stated where the scenario is fresh, and
    otherwise moves as the expected one does."""
    treasury, before = scenario.treasury, at.loaded.scenario.treasury
    if treasury is None or before is None:
        return
    held = before.opening_btc if at.parent < 0 else float(at.last("treasury")["closing_btc"].iloc[0])
    yield Edit(("treasury", "opening_btc"), plain(held), f"held at the end of {at.name_before}, pledged included")
    if treasury.btc_price_usd is not None and not is_fresh:
        moved = treasury.btc_price_usd * expected_growth(at)
        yield Edit(("treasury", "btc_price_usd"), plain(moved), f"{treasury.btc_price_usd:g}, moved as is expected")
    if isinstance(treasury.policy, FixedSchedule):
        ago = at.month.since(scenario.horizon.start)
        left = [plain(btc) for btc in treasury.policy.sell_btc_by_month[ago:]] or [0]
        yield Edit(("treasury", "policy", "sell_btc_by_month"), left, f"without {ago} months")


def expected_growth(at: AtNode) -> float:
    """Price of Bitcoin expected in the node's period over that of the first, times."""
    tree, price = at.instance.tree, at.instance.btc_price_usd
    first = np.flatnonzero(tree.parent < 0)
    means = [float(np.average(price[nodes], weights=tree.probability[nodes])) for nodes in (list(at.nodes), first)]
    return means[0] / means[1]


def in_transit_usd(at: AtNode) -> float:
    """Proceeds of sales of the node before that are cash only in the node."""
    treasury = at.instance.treasury
    if treasury is None or at.parent < 0:
        return 0.0
    row = at.last("treasury").iloc[0]
    return float(row["sold_btc"] * row["net_usd_per_btc"] * treasury.settlement_share[at.parent])
