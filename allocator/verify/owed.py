"""Amounts of one line of the cash flow, derived again: by site, subject and node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.case import Case


@dataclass(frozen=True)
class Owed:
    """K payees. `amount_usd` (K, N), signed as the table signs it; horizon lines stand at leaves only.

    Attributes:
        site: name of the site of each payee, "" for the company. subject: what the table's subject says.
    """

    site: Sequence[str]
    subject: Sequence[str]
    amount_usd: Floats


LineRule = Callable[[Case], Owed]


def by_company(subjects: Sequence[str], amount_usd: Floats) -> Owed:
    """Amounts (K, N) that belong to no site."""
    return Owed([""] * len(subjects), subjects, amount_usd)


def by_site_and_subject(case: Case, subjects: Sequence[str], amount_usd: Floats) -> Owed:
    """Amounts (K, S, N) of each subject at each site."""
    names = case.instance.sites.names
    return Owed(
        site=[name for _ in subjects for name in names],
        subject=[subject for subject in subjects for _ in names],
        amount_usd=amount_usd.reshape(len(subjects) * len(names), amount_usd.shape[-1]),
    )


def by_bay(case: Case, amount_usd: Floats) -> Owed:
    """Amounts (B, N), each at the site of its bay."""
    bays = case.instance.bays
    return Owed([case.instance.sites.names[int(site)] for site in bays.site], bays.names, amount_usd)


def by_service(case: Case, amount_usd: Floats) -> Owed:
    """Amounts (K, N) of ancillary services, each at its site."""
    reserves = case.instance.reserves
    return Owed([case.instance.sites.names[int(site)] for site in reserves.site], reserves.names, amount_usd)


def by_job(case: Case, amount_usd: Floats) -> Owed:
    """Amounts of deferrable work, (D, N)."""
    jobs = case.instance.jobs
    return Owed([case.instance.sites.names[int(site)] for site in jobs.site], jobs.names, amount_usd)


def by_site(case: Case, amount_usd: Floats) -> Owed:
    """Amounts (S, N) without a subject."""
    names = case.instance.sites.names
    return Owed(names, [""] * len(names), amount_usd)


def at_leaves(case: Case, discounted_usd: Floats) -> Floats:
    """Values (..., N) discounted to the start, as worth on the last day: 0 but at leaves."""
    out = np.zeros_like(discounted_usd)
    leaves = case.instance.tree.leaves
    out[..., leaves] = discounted_usd[..., leaves] / case.instance.finance.discount_horizon
    return out
