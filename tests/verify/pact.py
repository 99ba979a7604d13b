"""The plan of `lien`, whose lenders also ask for liquidity, coverage and little debt."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np

from allocator.instance.covenants import windows
from allocator.instance.covenants_state import Covenants
from allocator.instance.tree import NodeTree
from tests.verify.draft import Draft
from tests.verify.lien import lien


def pact_covenants(tree: NodeTree) -> Covenants:
    """Liquidity in every month; coverage of the term loan from the second on, over two; leverage in the last two, at a
    price, over three and a half million lost before the start."""
    tested = np.array([[True, True, True], [False, True, True], [False, True, True]])
    trailing = np.array([0, 2, 3])
    return Covenants(
        names=("cash", "cover", "lever"),
        kind=("minimum_liquidity", "dscr", "net_debt_to_ebitda"),
        tested=tested,
        limit=np.array([4e5, 0.5, 0.2]),
        btc_share=np.array([0.5, 0.0, 0.0]),
        trailing_months=trailing,
        sites=np.ones((3, 1), dtype=bool),
        loans=np.array([[True, True], [False, True], [True, True]]),
        windows=windows(tested, trailing, tree),
        earlier_income_usd=np.array([[0.0] * 3, [0.0] * 3, [0.0, -5e5, 0.0]]),
        earlier_service_usd=np.zeros((3, 3)),
        instalment_limit_usd=np.array([[np.inf] * 3, [8e4, 6e4, 4e4]]),
        may_breach=np.array([[False] * 3, [False] * 3, [False, True, True]]),
        penalty=np.array([100.0, 100.0, 0.5]),
    )


@cache
def _pact() -> Draft:
    plain = replace(lien(), untouched=_pact)
    finance = replace(plain.instance.finance, opening_cash_usd=1e5)
    plain.instance = replace(plain.instance, finance=finance, covenants=pact_covenants(plain.instance.tree))
    return plain


def pact() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_pact())
