"""Derives every table of a plan from settled decisions; one module a group of tables."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from allocator.plan.extract.blocks import block_entries, blocks_table
from allocator.plan.extract.cash_flow import cash_flow_table, cash_table, fixed_opex_entries, interest_entries
from allocator.plan.extract.chances import chance_tables
from allocator.plan.extract.coincident import coincident_entries, coincident_table
from allocator.plan.extract.contracts import (
    contract_entries,
    contracts_table,
    placements_table,
    reserved_table,
    terminal_contract_entries,
)
from allocator.plan.extract.covenants import covenants_table
from allocator.plan.extract.demand import demand_entries, demand_table
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.equity import equity_entries, equity_table
from allocator.plan.extract.fleets import (
    fleet_entries,
    fleets_table,
    moves_table,
    terminal_fleet_entries,
    trades_table,
)
from allocator.plan.extract.halls import conversion_entries, conversions_table, halls_table, nodes_table
from allocator.plan.extract.hashrate import hashrate_table
from allocator.plan.extract.hedges import hedge_entries, hedges_table
from allocator.plan.extract.hosting import (
    hosting_entries,
    hosting_table,
    terminal_hosting_entries,
    terminations_table,
)
from allocator.plan.extract.loans import collateral_table, loan_entries, loans_table
from allocator.plan.extract.nested import nested_table
from allocator.plan.extract.paths import paths_table
from allocator.plan.extract.power import (
    Energy,
    TenantMoney,
    battery_rows,
    energy,
    energy_entries,
    power_rows,
    power_table,
)
from allocator.plan.extract.prepayments import prepayment_entries, prepayments_table
from allocator.plan.extract.reserves import reserves_table
from allocator.plan.extract.settled import Settled
from allocator.plan.extract.tail import tail_entries, tail_table
from allocator.plan.extract.tax import tax_columns, tax_entries, tax_table
from allocator.plan.extract.treasury import production_table, treasury_entries, treasury_table
from allocator.plan.extract.unserved import curtailed_rows, unserved_entries
from allocator.plan.extract.work import work_table
from allocator.plan.frames import from_rows
from allocator.plan.schema import CREDITED_TO_TENANTS, PAID_BY_TENANTS, TABLES


def extract_tables(
    settled: Settled, reasons: Mapping[str, str], marginal_values: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """All planning tables, in the registry's order.

    `reasons` by contract name; `marginal_values` as `allocator.plan.marginal` makes it.
    """
    energies = [
        energy(settled, site, node)
        for node in range(len(settled.instance.tree))
        for site in range(len(settled.instance.sites.names))
    ]
    pairs = [(found.site, found.node) for found in energies]
    short = [entry for pair in pairs for entry in unserved_entries(settled, *pair)]
    tenants = [*contract_entries(settled), *short]
    entries = [*tenants, *_other_entries(settled, energies)]
    instance = settled.instance
    taxes = None if instance.tax is None else tax_columns(instance.tax, instance.tree, entries)
    if instance.tax is not None and taxes is not None:
        entries += tax_entries(instance.tax, instance.tree, taxes, entries)
    cash_flow = cash_flow_table(settled.instance, [*entries, *interest_entries(settled.instance, entries)])
    cash, collateral = cash_table(settled.instance, cash_flow), collateral_table(settled)
    tables = {
        "nodes": nodes_table(settled.instance.tree),
        "halls": halls_table(settled),
        "fleets": fleets_table(settled),
        "moves": moves_table(settled),
        "trades": trades_table(settled),
        "conversions": conversions_table(settled),
        "hosting": hosting_table(settled, energies),
        "terminations": terminations_table(settled),
        "contracts": contracts_table(settled, reasons),
        "placements": placements_table(settled),
        "power": _power(settled, energies, tenants),
        "curtailed": from_rows(TABLES["curtailed"], [row for pair in pairs for row in curtailed_rows(settled, *pair)]),
        "batteries": from_rows(TABLES["batteries"], [row for e in energies for row in battery_rows(e, settled)]),
        "reserves": reserves_table(settled),
        "work": work_table(settled),
        "cash_flow": cash_flow,
        "cash": cash,
        "paths": paths_table(settled.instance.tree, cash_flow, settled.instance.risk),
        "tail": tail_table(settled),
        "marginal_values": marginal_values,
        "reserved": reserved_table(settled),
        "hashrate": hashrate_table(settled),
        "production": production_table(settled),
        "treasury": treasury_table(settled),
        "loans": loans_table(settled),
        "collateral": collateral,
        "prepayments": prepayments_table(settled),
        "hedges": hedges_table(settled),
        "equity": equity_table(settled),
        "power_blocks": blocks_table(settled),
        "demand_charges": demand_table(settled),
        "coincident_peaks": coincident_table(settled),
        "tax": tax_table(instance.tree, taxes),
    }
    covenants = covenants_table(settled, tables)
    nested = nested_table(instance.tree, cash_flow, instance.risk)
    return {
        **tables,
        "covenants": covenants,
        "nested_values": nested,
        **chance_tables(settled.instance, cash, collateral),
    }


def _other_entries(settled: Settled, energies: list[Energy]) -> list[Entry]:
    return [
        *(entry for found in energies for entry in energy_entries(found, settled)),
        *fixed_opex_entries(settled.instance),
        *fleet_entries(settled),
        *conversion_entries(settled),
        *hosting_entries(settled),
        *terminal_contract_entries(settled),
        *tail_entries(settled),
        *terminal_fleet_entries(settled),
        *terminal_hosting_entries(settled),
        *treasury_entries(settled),
        *loan_entries(settled),
        *prepayment_entries(settled),
        *hedge_entries(settled),
        *equity_entries(settled),
        *block_entries(settled),
        *demand_entries(settled),
        *coincident_entries(settled),
    ]


def _power(settled: Settled, energies: list[Energy], tenants: list[Entry]) -> pd.DataFrame:
    paid, credited = _by_pair(tenants, PAID_BY_TENANTS), _by_pair(tenants, CREDITED_TO_TENANTS)
    rows = [
        power_rows(found, settled, TenantMoney(math.fsum(paid[pair]), -math.fsum(credited[pair])))
        for found in energies
        for pair in [(found.site, found.node)]
    ]
    return power_table([row for group in rows for row in group])


def _by_pair(entries: list[Entry], lines: Sequence[str]) -> defaultdict[tuple[int, int], list[float]]:
    """Amounts of some lines by (site, node)."""
    amounts: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for entry in entries:
        if entry.line in lines:
            amounts[entry.site, entry.node].append(entry.amount_usd)
    return amounts
