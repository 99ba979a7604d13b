"""`allocator evaluate`: what a plan is worth on fresh paths, and how often its cash runs short."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from allocator.cli.machine import print_json
from allocator.cli.text import bitcoins, counted, money, percent, table
from allocator.pipeline.errors import ExitCode
from allocator.scenario.load import load_scenario
from allocator.studies.evaluate import COMPANIES, Company, Evaluation, evaluate
from allocator.studies.sample_figures import Interval, mean, share, worst

QUANTILES = (0.05, 0.5, 0.95)
CALLS = {
    "margin_call": "a margin call",
    "margin_call_unmet": "a margin call that free Bitcoin does not meet",
    "liquidation": "a loan at its liquidation level",
}


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--paths", "count", type=click.IntRange(2, 1_000_000), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Of the fresh paths.")
@click.option("--under", help="Scenario whose processes are drawn, where the plan's own scenario states none.")
@click.option(
    "--company",
    type=click.Choice(list(COMPANIES)),
    default="reacts",
    show_default=True,
    help="reacts: its treasury posts, puts off and sells by a stated rule; keeps: it does what the plan says.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(plan: Path, count: int, seed: int, under: str | None, company: Company, as_json: bool) -> int:
    """Follow the decisions of PLAN along fresh paths of its processes: where its tree branches, each path goes to the
    child whose market is nearest. Halls, machines, contracts and hosts are not decided anew; the treasury reacts.

    Exit status: 0 printed, 2 PLAN is no plan, or there are no processes to draw from.
    """
    found = evaluate(plan, count, seed, None if under is None else load_scenario(under), company)
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "seed": seed, **_figures(found)})
    else:
        click.echo("\n".join(_page(found, seed)))
    return ExitCode.WITHIN_GAP


def _figures(found: Evaluation) -> dict[str, object]:
    count, missing = len(found.npv_usd), found.missing_usd
    return {
        "paths": count,
        "company": found.company,
        "mean_sold_beyond_plan_btc": float(found.sold_beyond_btc.sum(axis=1).mean()),
        "npv_usd": mean(found.npv_usd),
        "within_horizon_usd": mean(found.within_usd),
        "tail_level": found.level,
        "mean_of_worst_usd": worst(found.npv_usd, found.level),
        "quantiles_usd": {f"{q:g}": float(np.quantile(found.npv_usd, q)) for q in QUANTILES},
        "plan_npv_usd": found.plan.meta.objective_usd,
        "plan_mean_of_worst_usd": found.tree_worst_usd,
        "npv_below_zero_share": share(int((found.npv_usd < 0).sum()), count),
        "cash_below_minimum_share": share(int((missing > 0).any(axis=1).sum()), count),
        "cash_below_zero_share": share(int((found.cash_usd < 0).any(axis=1).sum()), count),
        **{f"{name}_share": found_share for name, found_share in _calls(found).items()},
        "covenant_breach_shares": _breaches(found),
        "most_missing_usd": float(missing.max()),
        "mean_most_missing_where_short_usd": _where_short(missing.max(axis=1)),
        "periods": [
            {
                "period": name,
                "cash_below_minimum_share": share(int((short > 0).sum()), count),
                "mean_missing_where_short_usd": _where_short(short),
                "lowest_cash_usd": float(cash.min()),
                "median_cash_usd": float(np.median(cash)),
            }
            for name, short, cash in zip(found.periods, missing.T, found.cash_usd.T, strict=True)
        ],
        "hours_loss_share": found.hours_loss_share,
        "hours_looked_at_nodes": found.hours_looked_at,
    }


def _calls(found: Evaluation) -> dict[str, Interval]:
    """Shares of paths with calls of each kind; empty without a loan that is secured by Bitcoin."""
    if found.calls is None:
        return {}
    hits = (found.calls.called, found.calls.unmet, found.calls.liquidated)
    return {name: share(int(hit.any(axis=1).sum()), len(hit)) for name, hit in zip(CALLS, hits, strict=True)}


def _breaches(found: Evaluation) -> dict[str, Interval]:
    """Shares of paths on which each covenant is broken at some test."""
    broken = np.any(found.breaches.broken, axis=2).tolist()
    return {name: share(sum(own), len(own)) for name, own in zip(found.breaches.names, broken, strict=True)}


def _where_short(missing: np.typing.NDArray[np.float64]) -> float:
    return float(missing[missing > 0].mean()) if (missing > 0).any() else 0.0


def _page(found: Evaluation, seed: int) -> Iterator[str]:
    meta, count, missing = found.plan.meta, len(found.npv_usd), found.missing_usd
    leaves = len(found.plan.tables["paths"])
    of_tree = "its one path" if leaves == 1 else f"its tree's {leaves:,} paths"
    yield f"{meta.scenario}: {count:,} fresh paths, seed {seed}; every path follows the nearest node of the plan"
    yield ""
    low, middle, high = (float(np.quantile(found.npv_usd, q)) for q in QUANTILES)
    worst_of = f"mean of the worst {percent(1.0 - found.level)}"
    yield from table(
        ["net present value", "fresh paths", "95 % interval", of_tree],
        [
            ["expected", *_usd(mean(found.npv_usd)), money(meta.objective_usd)],
            ["within the horizon", *_usd(mean(found.within_usd)), money(meta.without_terminal_usd)],
            [worst_of, *_usd(worst(found.npv_usd, found.level)), money(found.tree_worst_usd)],
            ["5 %, 50 %, 95 % of paths", f"{money(low)}, {money(middle)}, {money(high)}", "", ""],
        ],
        right=[1, 2, 3],
    )
    yield ""
    least = f"cash below {money(found.minimum_usd)} at the end of some period"
    yield from table(
        ["share of fresh paths with", "share", "95 % interval"],
        [
            ["net present value below zero", *_share(share(int((found.npv_usd < 0).sum()), count))],
            [least, *_share(share(int((missing > 0).any(axis=1).sum()), count))],
            ["cash below zero", *_share(share(int((found.cash_usd < 0).any(axis=1).sum()), count))],
            *([CALLS[name], *_share(own)] for name, own in _calls(found).items()),
            *([f"covenant {name} broken at some test", *_share(own)] for name, own in _breaches(found).items()),
        ],
        right=[1, 2],
    )
    if (missing > 0).any():
        yield ""
        yield from table(
            ["period", "short of cash", "95 % interval", "missing, mean", "lowest cash", "median cash"],
            [_period(*row) for row in zip(found.periods, missing.T, found.cash_usd.T, strict=True)],
            right=range(1, 6),
        )
    yield ""
    more, looked_at = percent(found.hours_loss_share), counted(found.hours_looked_at, "node")
    yield from _behaviour(found)
    yield f"Dispatching every hour again would add {more} of the operating margin ({looked_at})."


def _behaviour(found: Evaluation) -> Iterator[str]:
    if found.company == "keeps":
        yield "Nothing is decided anew on a path: it keeps the decisions of its nodes, in its own market."
        return
    yield "Halls, machines, contracts and hosts are as its nodes decide. The treasury reacts: it posts free Bitcoin"
    yield "when a lender calls, puts off what need not be paid back yet, and sells free Bitcoin to keep its least cash"
    sold = found.sold_beyond_btc.sum(axis=1)
    yield f"({bitcoins(float(sold.mean()))} BTC on average, on {percent(float((sold > 0).mean()))} of the paths)."


def _usd(found: Interval) -> tuple[str, str]:
    return money(found.value), f"{money(found.low)} .. {money(found.high)}"


def _share(found: Interval) -> tuple[str, str]:
    return percent(found.value), f"{percent(found.low)} .. {percent(found.high)}"


def _period(name: str, short: np.typing.NDArray[np.float64], cash: np.typing.NDArray[np.float64]) -> list[str]:
    hits = share(int((short > 0).sum()), len(short))
    figures = (_where_short(short), float(cash.min()), float(np.median(cash)))
    return [name, *_share(hits), *map(money, figures)]
