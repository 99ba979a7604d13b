"""The plan of `lien`, whose company also sells shares: in the first month, and in the third, of another year."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np

from allocator.instance.equity import Equity
from tests.verify.draft import Draft
from tests.verify.lien import lien

ISSUED_USD = np.array([60e3, 0.0, 30e3])


def listed_equity() -> Equity:
    """Sold at a fifth below their worth, of which 5 % are kept."""
    return Equity(
        may_issue=np.array([True, False, True]),
        year=np.array([2027, 2027, 2028]),
        most_usd=70e3,
        most_usd_per_year=65e3,
        most_usd_in_all=100e3,
        fee_share=0.05,
        claim_per_usd=1.25,
    )


@cache
def _listed() -> Draft:
    plain = replace(lien(), untouched=_listed)
    plain.instance = replace(plain.instance, equity=listed_equity())
    plain.point = replace(plain.point, issued_usd=ISSUED_USD.copy())
    return plain


def listed() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_listed())
