"""Lines of the cash flow of hosting agreements, each from what is in force and the instance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.case import Case
from allocator.verify.owed import LineRule, Owed, at_leaves, by_site_and_subject
from allocator.verify.rules.hosting import ended, starts, untaken_mwh


def removal_cost(case: Case) -> Owed:
    """Machines taken out of hosted halls, at the agreement's price."""
    hosting = case.instance.hosting
    removed = case.facts.removed[:, hosting.hall]
    return _by_model(case, -removed * hosting.removal_usd_per_unit[None, :, None])


def hosting_management(case: Case) -> Owed:
    """Management fee of the nodes in which the agreement is in force."""
    return _by_agreement(case, -case.instance.hosting.management_usd * case.facts.in_force)


def hosting_shortfall(case: Case) -> Owed:
    """Energy that the host asks to be taken and that was not drawn, at its price."""
    return _by_agreement(case, -case.instance.hosting.untaken_usd_per_mwh * untaken_mwh(case))


def hosting_termination(case: Case) -> Owed:
    """Fee of the node with whose start notice ends the agreement."""
    return _by_agreement(case, -case.instance.hosting.end_fee_usd * ended(case))


def hosting_deposit_paid(case: Case) -> Owed:
    """The deposit in the first node of a term that begins within the horizon."""
    hosting = case.instance.hosting
    return _by_agreement(case, -hosting.deposit_usd[:, None] * (starts(case) * case.facts.in_force))


def hosting_deposit_returned(case: Case) -> Owed:
    """The deposit in the first node in which an agreement is no longer in force."""
    hosting = case.instance.hosting
    was = case.timeline.carry(case.facts.in_force, hosting.begun.astype(float))
    return _by_agreement(case, hosting.deposit_usd[:, None] * (was * (1.0 - case.facts.in_force)))


def terminal_hosting(case: Case) -> Owed:
    """What going on with an agreement beyond the horizon is worth."""
    return _by_agreement(case, at_leaves(case, case.instance.hosting.tail_usd * case.facts.in_force))


def terminal_hosting_deposit(case: Case) -> Owed:
    """The deposit that comes back beyond the horizon."""
    return _by_agreement(case, at_leaves(case, case.instance.hosting.tail_deposit_usd * case.facts.in_force))


def terminal_removal(case: Case) -> Owed:
    """The way home of the machines that stand at a host at a leaf."""
    instance, hosting = case.instance, case.instance.hosting
    placements = instance.placements
    cost = np.zeros((len(instance.models.names), len(hosting.names), len(instance.tree)))
    for g, bay in enumerate(hosting.bay.tolist()):
        own = np.flatnonzero(placements.bay == bay)
        np.add.at(cost[:, g], placements.model[own], case.facts.units[own] * hosting.removal_usd_per_unit[g])
    last = np.isin(np.arange(len(instance.tree)), instance.tree.leaves)
    return _by_model(case, np.where(last, -cost, 0.0))


HOSTING_LINES: Mapping[str, LineRule] = {
    "removal_cost": removal_cost,
    "hosting_management": hosting_management,
    "hosting_shortfall": hosting_shortfall,
    "hosting_termination": hosting_termination,
    "hosting_deposit_paid": hosting_deposit_paid,
    "hosting_deposit_returned": hosting_deposit_returned,
    "terminal_hosting": terminal_hosting,
    "terminal_hosting_deposit": terminal_hosting_deposit,
    "terminal_removal": terminal_removal,
}


def _by_agreement(case: Case, amounts: Floats) -> Owed:
    """Amounts (G, N) of the site of each agreement."""
    names = case.instance.hosting.names
    return Owed(names, [""] * len(names), amounts)


def _by_model(case: Case, amounts: Floats) -> Owed:
    """Amounts (M, G, N) of each model at the site of each agreement."""
    instance, hosting = case.instance, case.instance.hosting
    at_site = np.zeros((amounts.shape[0], len(instance.sites.names), amounts.shape[2]))
    at_site[:, hosting.site] = amounts
    return by_site_and_subject(case, instance.models.names, at_site)
