"""Tables cash_flow and cash: every entry, merged by key, discounted, and cash rolled along the tree."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from allocator.instance.types import Finance, Instance
from allocator.plan.extract.entries import COMPANY, Entries, Entry
from allocator.plan.frames import frame, from_rows
from allocator.plan.schema import LINES, TABLES


def cash_flow_table(instance: Instance, entries: Entries) -> pd.DataFrame:
    """Table `cash_flow`: entries of one node, line, site and subject are added up; zeros are left out."""
    merged: defaultdict[tuple[int, str, int, str], list[float]] = defaultdict(list)
    for entry in entries:
        merged[entry.node, entry.line, entry.site, entry.subject].append(entry.amount_usd)
    order = {line: position for position, line in enumerate(LINES)}
    keys = sorted(merged, key=lambda key: (key[0], order[key[1]], key[2]))
    rows = [_row(instance, *key, math.fsum(merged[key])) for key in keys]
    return from_rows(TABLES["cash_flow"], [row for row in rows if row["amount_usd"] != 0.0])


def cash_table(instance: Instance, cash_flow: pd.DataFrame) -> pd.DataFrame:
    """Table `cash`: period lines of every node, rolled from the opening cash."""
    tree, finance = instance.tree, instance.finance
    period = cash_flow[cash_flow["when"] == "period"]
    by_node = {node: math.fsum(amounts) for node, amounts in period.groupby("node")["amount_usd"]}
    flow = [by_node.get(name, 0.0) for name in tree.name]
    opening, closing = [0.0] * len(tree), [0.0] * len(tree)
    for node, parent in enumerate(tree.parent):
        opening[node] = closing[parent] if parent >= 0 else finance.opening_cash_usd
        closing[node] = opening[node] + flow[node]
    return frame(
        TABLES["cash"],
        {
            "node": list(tree.name),
            "opening_usd": opening,
            "flow_usd": flow,
            "closing_usd": closing,
            "minimum_usd": [finance.minimum_cash_usd] * len(tree),
            "shortfall_usd": [_shortfall(finance, cash) for cash in closing],
        },
    )


def _shortfall(finance: Finance, closing_usd: float) -> float:
    """What is missing to the minimum, where that may be: elsewhere only an engine's tolerance can be missing."""
    return max(0.0, finance.minimum_cash_usd - closing_usd) if finance.may_fall_short else 0.0


def penalty_usd(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> float:
    """Expected price of limits that are broken: cash missing, loans not cured, covenants; no part of the objective."""
    tree, short, uncured = instance.tree, tables["cash"]["shortfall_usd"].to_numpy(), tables["collateral"]
    priced = tree.probability * instance.finance.shortfall_penalty * short if short.any() else np.zeros(0)
    breaches = _breaches(instance, tables["covenants"])
    if instance.debt is None:
        return math.fsum([*priced, *breaches])
    chance = uncured["node"].map(dict(zip(tree.name, tree.probability, strict=True))).to_numpy(float)
    terms, names = instance.debt.collateral, instance.debt.loans.names
    price = {names[loan]: penalty for loan, penalty in zip(terms.loan, terms.call_penalty, strict=True)}
    called = chance * uncured["called_usd"]
    calls = [price[loan] * usd for loan, usd in zip(uncured["loan"], called, strict=True) if usd]
    return math.fsum([*priced, *breaches, *calls, *(terms.uncured_penalty * chance * uncured["uncured_usd"])])


def _breaches(instance: Instance, tests: pd.DataFrame) -> list[float]:
    """Expected price of every breach of a covenant."""
    covenants, tree = instance.covenants, instance.tree
    if covenants is None:
        return []
    price = dict(zip(covenants.names, covenants.penalty.tolist(), strict=True))
    chance = dict(zip(tree.name, tree.probability.tolist(), strict=True))
    rows = zip(tests["node"], tests["covenant"], tests["breach_usd"], strict=True)
    return [chance[node] * price[covenant] * usd for node, covenant, usd in rows]


def interest_entries(instance: Instance, entries: Entries) -> Iterator[Entry]:
    """Interest on the cash of the node before; `entries` are all other flows."""
    flow = [list[float]() for _ in range(len(instance.tree))]
    for entry in entries:
        if LINES[entry.line].when == "period":
            flow[entry.node].append(entry.amount_usd)
    closing = [0.0] * len(instance.tree)
    for node, parent in enumerate(instance.tree.parent):
        opening = closing[parent] if parent >= 0 else instance.finance.opening_cash_usd
        interest = opening * float(instance.cash_interest_share[node])
        closing[node] = opening + math.fsum([*flow[node], interest])
        yield Entry("cash_interest", node, COMPANY, "", interest)


def fixed_opex_entries(instance: Instance) -> Iterator[Entry]:
    """Fixed operating cost of every site in every node."""
    for node in range(len(instance.tree)):
        for site, opex in enumerate(instance.sites.fixed_opex_usd[:, node]):
            yield Entry("fixed_opex", node, site, "", -float(opex))


def objective_usd(cash_flow: pd.DataFrame) -> float:
    """Exact sum of the discounted lines: the objective."""
    return math.fsum(cash_flow["discounted_usd"])


def without_terminal_usd(cash_flow: pd.DataFrame) -> float:
    """The objective without the lines beyond the horizon."""
    return math.fsum(cash_flow.loc[cash_flow["when"] == "period", "discounted_usd"])


def _row(instance: Instance, node: int, line: str, site: int, subject: str, amount: float) -> dict[str, object]:
    factor = discount_factor(instance, line, node)
    return {
        "node": instance.tree.name[node],
        "site": instance.sites.names[site] if site != COMPANY else "",
        "line": line,
        "subject": subject,
        "amount_usd": amount,
        "discount_factor": factor,
        "discounted_usd": amount * factor * float(instance.tree.probability[node]),
        "when": LINES[line].when,
    }


def discount_factor(instance: Instance, line: str, node: int) -> float:
    """Factor of the line's class at the node."""
    match LINES[line].discount:
        case "operations":
            return float(instance.finance.discount_operations[node])
        case "contracted":
            return float(instance.finance.discount_contracted[node])
        case "btc":
            return 0.0 if instance.treasury is None else float(instance.treasury.discount[node])
        case "financing" if LINES[line].is_left:
            return instance.discount_financing_end
        case "financing":
            return float(instance.discount_financing[node])
        case "none":
            return 0.0
        case "horizon":
            return float(instance.finance.discount_horizon)
