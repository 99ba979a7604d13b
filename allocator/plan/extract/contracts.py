"""Tables contracts, placements and reserved, and the money of contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.plan.extract.entries import COMPANY, Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


def contracts_table(settled: Settled, reasons: Mapping[str, str]) -> pd.DataFrame:
    """Table `contracts`; `reasons` says in words, by contract, why it was accepted or refused."""
    names = settled.instance.offers.names
    rows = [
        _contract_row(settled, contract, signed, reasons.get(name, ""))
        for contract, name in enumerate(names)
        for signed in signatures(settled, contract) or [-1]
    ]
    return from_rows(TABLES["contracts"], rows)


def placements_table(settled: Settled) -> pd.DataFrame:
    """Table `placements`."""
    instance = settled.instance
    rows = [
        {
            "contract": instance.offers.names[contract],
            "signed_node": instance.tree.name[signed],
            "hall": instance.halls.names[int(instance.bays.hall[bay])],
            "fit_out": instance.bays.fit_out[bay],
            "tranches": settled.point.place[contract, bay, signed],
            "critical_it_mw": placed_mw(settled, contract, bay, signed),
        }
        for contract, signed, bay in _placed(settled)
    ]
    return from_rows(TABLES["placements"], rows)


def reserved_table(settled: Settled) -> pd.DataFrame:
    """Table `reserved`."""
    instance, reserved = settled.instance, reserved_mw(settled)
    rows = [
        {
            "node": instance.tree.name[node],
            "site": name,
            "reserved_mw": reserved[site, node],
            "limit_mw": instance.sites.power_limit_mw[site],
        }
        for node in range(len(instance.tree))
        for site, name in enumerate(instance.sites.names)
    ]
    return from_rows(TABLES["reserved"], rows)


def reserved_mw(settled: Settled) -> Floats:
    """Claims of contracts in service on each interconnect, gross MW, (S, N)."""
    instance, placed = settled.instance, settled.served
    total = np.zeros((len(instance.sites.names), len(instance.tree)))
    claims = placed.contracted_mw * instance.offers.gross_up[placed.contract]
    np.add.at(total, (placed.site, placed.node), claims)
    return total


def contract_entries(settled: Settled) -> Iterator[Entry]:
    """Rent and power pass-through by contract and site, and signing capex."""
    instance, placed = settled.instance, settled.served
    names = instance.offers.names
    spot_usd = instance.pass_through.usd_per_mw[placed.bay, placed.node] * placed.metered_mw
    passed_usd = instance.offers.pass_through_share[placed.contract] * spot_usd
    for row, contract in enumerate(placed.contract):
        node, site = int(placed.node[row]), int(placed.site[row])
        yield Entry("colocation_rent", node, site, names[contract], float(placed.rent_usd[row]))
        yield Entry("power_pass_through", node, site, names[contract], float(passed_usd[row]))
    for contract, name in enumerate(names):
        for signed in signatures(settled, contract):
            capex = float(instance.offers.signing_capex_usd[contract])
            yield Entry("contract_capex", signed, COMPANY, name, -capex)


def terminal_contract_entries(settled: Settled) -> Iterator[Entry]:
    """Rent and net energy beyond the horizon, at every leaf below the signature, by site of the tranches."""
    instance, terminal = settled.instance, settled.instance.terminal
    at_horizon = 1.0 / instance.finance.discount_horizon
    for leaf in instance.tree.leaves.tolist():
        path = set(instance.tree.path(leaf))
        for contract, signed, bay in _placed(settled):
            if signed not in path:
                continue
            name, site = instance.offers.names[contract], int(instance.bays.site[bay])
            share = settled.point.place[contract, bay, signed] / instance.offers.tranches[contract]
            rent = float(terminal.contract_usd[contract, signed] * share * at_horizon)
            energy_usd_per_mw = terminal.contract_energy_usd_per_mw[contract, signed, bay]
            energy = float(energy_usd_per_mw * placed_mw(settled, contract, bay, signed) * at_horizon)
            yield Entry("terminal_contract_rent", leaf, site, name, rent)
            yield Entry("terminal_contract_energy", leaf, site, name, -energy)


def signatures(settled: Settled, contract: int) -> list[int]:
    """Nodes where the contract is signed, in the tree's order."""
    return [int(node) for node in np.flatnonzero(settled.point.sign[contract] > 0.5)]


def placed_mw(settled: Settled, contract: int, bay: int, signed: int) -> float:
    """Contracted critical IT MW that stands in the bay."""
    offers = settled.instance.offers
    share = settled.point.place[contract, bay, signed] / offers.tranches[contract]
    return float(offers.critical_it_mw[contract] * share)


def first_service_month(settled: Settled, contract: int, signed: int) -> int:
    """Months from the start of the horizon to the first month of service of a contract signed at a node, negative where
    it was served before the start."""
    service, first_month = settled.instance.service, settled.instance.tree.first_month
    served = service.node[(service.contract == contract) & (service.signed == signed)]
    earlier = settled.instance.opening.served(len(settled.instance.offers.names))
    return int(first_month[served].min() - earlier[contract])


def _placed(settled: Settled) -> list[tuple[int, int, int]]:
    """(contract, signed node, bay) with tranches, in that order."""
    found = np.argwhere(settled.point.place.transpose(0, 2, 1) > 0.5)
    return [(int(contract), int(signed), int(bay)) for contract, signed, bay in found]


def _contract_row(settled: Settled, contract: int, signed: int, reason: str) -> dict[str, object]:
    instance, accepted = settled.instance, signed >= 0
    mw = float(instance.offers.critical_it_mw[contract])
    starts = instance.tree.calendar_month(first_service_month(settled, contract, signed)) if accepted else ""
    return {
        "contract": instance.offers.names[contract],
        "accepted": accepted,
        "signed_node": instance.tree.name[signed] if accepted else "",
        "first_service_month": starts,
        "critical_it_mw": mw,
        "reserved_gross_mw": mw * float(instance.offers.gross_up[contract]),
        "reason": reason,
    }
