"""What contracts are worth beyond the horizon: rent to the end of their term, less the energy they do not pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.contracts import Terms, service_starts
from allocator.instance.finance import discount
from allocator.instance.last_year import HOURS_PER_YEAR
from allocator.instance.tree import Floats, Ints, NodeTree


@dataclass(frozen=True)
class ContractTail:
    """By contract and signing node.

    Attributes:
        rent_usd: credit-weighted rent beyond the horizon, discounted, (C, N).
        metered_hours: credit-weighted, discounted MWh metered beyond the horizon per contracted MW, (C, N).
        contracted_mw: contracted MW in each tail year, times the share of the year in term, (C, N, Y).
    """

    rent_usd: Floats
    metered_hours: Floats
    contracted_mw: Floats


def tail_years(
    tree: NodeTree, contracts: Sequence[Terms], delay_months: Ints, stated: int | None, hosted_months: int = 0
) -> int:
    """Years valued beyond the horizon: as stated, or enough for the longest contract that can be signed.

    `hosted_months`: months that the longest hosting agreement lasts beyond the horizon.
    """
    if stated is not None:
        return stated
    end = _end_month(tree)
    left = [
        int(tree.first_month[first]) - terms.age_months + terms.held_months - end
        for terms in contracts
        for _, first in service_starts(tree, terms, delay_months)
    ]
    return max(0, -(-max(hosted_months, *left, 0) // 12))


def contract_tail(
    tree: NodeTree, contracts: Sequence[Terms], delay_months: Ints, per_year: float, years: int
) -> ContractTail:
    """Flows of the months of service beyond the horizon and within the tail years.

    With H months of horizon, service begun in month s and k months since then, month j = s + k - H beyond the
    horizon flows at its middle, (H + j + 1/2) / 12 years from the start:
        rent_usd = credit * sum_k rent_k * (1 + r) ** -t_k
        metered_hours = credit * load factor * sum_k ramp_k * (8766 / 12 h) * (1 + r) ** -t_k
    A contract whose service cannot begin inside the horizon has no tail. Where branches begin service at different
    times, figures are expectations at the signing node.
    """
    shape = (len(contracts), len(tree))
    rent, hours, load = np.zeros(shape), np.zeros(shape), np.zeros((*shape, years))
    end = _end_month(tree)
    for c, terms in enumerate(contracts):
        for signed, first in service_starts(tree, terms, delay_months):
            begin = end - int(tree.first_month[first]) + terms.age_months
            beyond = np.arange(begin, min(terms.held_months, begin + 12 * years))
            month, share = beyond - begin, tree.probability[first] / tree.probability[signed]
            factor = share * terms.credit_probability * discount(per_year, (end + month + 0.5) / 12)
            rent[c, signed] += factor @ terms.rent_by_month()[beyond]
            hours[c, signed] += factor @ terms.ramp_by_month()[beyond] * terms.load_factor * HOURS_PER_YEAR / 12
            load[c, signed] += share * terms.critical_it_mw * np.bincount(month // 12, minlength=years) / 12
    return ContractTail(rent, hours, load)


def _end_month(tree: NodeTree) -> int:
    return int((tree.first_month + tree.months).max())
