"""Thirteen weeks of cash: the part of `allocator treasury` on days, on the page and as a file."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from allocator.cli.text import bitcoins, money, table
from allocator.plan.files import written_whole
from allocator.plan.weekly import NAMES, Flows, Terms, Weekly
from allocator.scenario.scenario import Scenario

LEAST_USD, LEAST_BTC = 0.5, 0.005
"""Less would be printed as nothing."""


def terms_of(scenario: Scenario) -> Terms:
    """Days of payment that a scenario states; days until sales settle count as begun ones."""
    stated, treasury = scenario.finance.payment_terms, scenario.treasury
    return Terms(
        mining_days=stated.mining_days,
        gpu_rental_days=stated.gpu_rental_days,
        rent_due=stated.rent_due,
        rent_days=stated.rent_days,
        power_due=stated.power_due,
        power_days=stated.power_days,
        capex_days=stated.capex_days,
        debt_day_of_month=stated.debt_day_of_month,
        settlement_days=0 if treasury is None else math.ceil(treasury.settlement_days),
        before=tuple((item.days, item.usd) for item in stated.opening_items),
    )


def weekly_page(found: Weekly) -> Iterator[str]:
    """Groups that move cash in some week, a row a week, and how the weeks add up to the plan."""
    names = [name for name in NAMES if any(abs(one.flows_usd[name]) >= LEAST_USD for one in _all(found))]
    pledges = any(abs(week.pledged_btc) >= LEAST_BTC for week in found.weeks)
    head = ["week", "until", *names, "cash", "lowest future", *(["BTC pledged"] if pledges else [])]
    rows = [
        [
            str(week.week),
            str(week.last_day),
            *(money(week.flows_usd[name]) for name in names),
            money(week.closing_usd),
            money(week.lowest_usd),
            *([bitcoins(week.pledged_btc)] if pledges else []),
        ]
        for week in found.weeks
    ]
    blank = [""] * (3 if pledges else 2)
    for word, rest in ((f"to {found.until}", found.rest), ("later", found.later)):
        if any(abs(usd) >= LEAST_USD for usd in rest.flows_usd.values()):
            rows.append(["", word, *(money(rest.flows_usd[name]) for name in names), *blank])
    yield "cash by week, expected, on the days of receipts and payments"
    yield from table(head, rows, right=range(2, len(head)))
    low = found.lowest
    yield f"lowest: week {low.week}, until {low.last_day}, with {money(low.lowest_usd)} in the lowest future"
    total = found.opening_usd + math.fsum(one.change_usd for one in _all(found)) - found.before_usd
    owed = f", and {money(found.before_usd)} of before the plan" if found.before_usd else ""
    plan = f"the plan's cash on {found.until}{owed}"
    yield f"opening {money(found.opening_usd)} and all of these are {money(total)}, {plan}"


def write_csv(found: Weekly, file: Path) -> None:
    """The same as a file of numbers, whole or not at all; rows without a week are those of after the weeks."""
    with written_whole(file) as place, place.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        columns = [f"{name.replace(' ', '_')}_usd" for name in NAMES]
        out.writerow(["week", "first_day", "last_day", *columns, "closing_usd", "lowest_usd", "pledged_btc"])
        for week in found.weeks:
            flows = [week.flows_usd[name] for name in NAMES]
            dates = [week.week, week.first_day, week.last_day]
            out.writerow([*dates, *flows, week.closing_usd, week.lowest_usd, week.pledged_btc])
        for word, rest in (("rest", found.rest), ("later", found.later)):
            out.writerow([word, "", "", *(rest.flows_usd[name] for name in NAMES), "", "", ""])


def _all(found: Weekly) -> list[Flows]:
    return [*found.weeks, found.rest, found.later]
