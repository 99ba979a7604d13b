"""Lines of the cash flow of coincident peaks: put off, paid in a later January, owed at the end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.tree import Bools, Floats
from allocator.verify.case import Case
from allocator.verify.owed import LineRule, Owed


def coincident_put_off(case: Case) -> Owed:
    """What is due, at its expected worth in the node that causes it: part of the price of energy, and not paid yet."""
    stated, tree = case.instance.coincident, case.instance.tree
    factor = case.instance.finance.discount_operations
    owed = np.zeros((len(stated.names), len(tree)))
    for cause, (node, month) in enumerate(zip(stated.node.tolist(), stated.due_month.tolist(), strict=True)):
        below = case.timeline.before[node]
        paid = below & _holds(case, month)
        ends = below & ~_goes_on(case) & (tree.first_month + tree.months <= month)
        later = float(tree.probability[paid] @ factor[paid])
        later += float(tree.probability[ends].sum() * stated.late_discount[cause])
        share = later / float(tree.probability[node] * factor[node])
        owed[int(stated.peak[cause]), node] += share * case.energy.due_usd[cause]
    return _owed(case, owed)


def coincident_paid(case: Case) -> Owed:
    """What the year before has caused along the path, in the node that holds January; in the first one, what was owed
    before the plan."""
    stated = case.instance.coincident
    owed = np.zeros((len(stated.names), len(case.instance.tree)))
    for cause, month in enumerate(stated.due_month.tolist()):
        paid = case.timeline.before[int(stated.node[cause])] & _holds(case, month)
        owed[int(stated.peak[cause]), paid] -= case.energy.due_usd[cause]
    owed[:, _holds(case, _first_january(case))] -= stated.opening_usd[:, None]
    return _owed(case, owed)


def terminal_coincident(case: Case) -> Owed:
    """What leaves have caused and not paid, discounted from January to the last day."""
    stated, tree = case.instance.coincident, case.instance.tree
    ends, horizon = tree.first_month + tree.months, case.instance.finance.discount_horizon
    leaf = ~_goes_on(case)
    owed = np.zeros((len(stated.names), len(tree)))
    for cause, month in enumerate(stated.due_month.tolist()):
        left = case.timeline.before[int(stated.node[cause])] & leaf & (ends <= month)
        owed[int(stated.peak[cause]), left] -= case.energy.due_usd[cause] * stated.late_discount[cause] / horizon
    before = leaf & (ends <= _first_january(case))
    owed[:, before] -= stated.opening_usd[:, None] * stated.opening_discount / horizon
    return _owed(case, owed)


COINCIDENT_LINES: Mapping[str, LineRule] = {
    "coincident_put_off": coincident_put_off,
    "coincident_paid": coincident_paid,
    "terminal_coincident": terminal_coincident,
}


def _holds(case: Case, month: int) -> Bools:
    """Nodes whose period holds a month, (N,)."""
    tree = case.instance.tree
    return np.asarray((tree.first_month <= month) & (month < tree.first_month + tree.months))


def _first_january(case: Case) -> int:
    """Months from the start of the horizon to the first January."""
    return -(int(case.instance.tree.start_month[5:]) - 1) % 12


def _goes_on(case: Case) -> Bools:
    """True for nodes that are no leaves, (N,)."""
    tree = case.instance.tree
    return np.asarray(np.isin(np.arange(len(tree)), tree.parent))


def _owed(case: Case, usd: Floats) -> Owed:
    """Amounts (K, N), each at the site of its peak."""
    stated, sites = case.instance.coincident, case.instance.sites.names
    return Owed([sites[int(site)] for site in stated.site], stated.names, usd)
