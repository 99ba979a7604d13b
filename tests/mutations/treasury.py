"""Faults of the BTC family, and of the money of Bitcoin."""

from __future__ import annotations

from collections.abc import Callable

from allocator.plan.schema import LINES, TREASURY_LINES
from tests.mutations.money import CASH, WORTH, paid
from tests.mutations.mutation import Mutation, Spoil, cell, judged, made, put, then
from tests.verify.vault import vault

FIRST, SECOND, LAST = "2027-01", "2027-02", "2027-03"
MINED = 1.2


def also_broken(line: str) -> frozenset[str]:
    """Rules that break with a line's amount: its sum where it is worth something, cash where it is cash."""
    counted = LINES[line].discount != "none"
    return frozenset(
        rule
        for rule in CASH
        if (rule != "CASH.balance" or LINES[line].when == "period") and (rule not in WORTH or counted)
    )


def _more(by: float) -> Callable[[float], float]:
    return lambda old: old + by


def _stated(column: str, by: float, node: str = SECOND) -> Spoil:
    return cell("treasury", column, _more(by), node=node)


MUTATIONS = [
    Mutation(
        "CASH.penalty",
        "shortfalls are stated at no price",
        then(
            made("finance", opening_cash_usd=0.0, minimum_cash_usd=1e6, shortfall_penalty=10.0, risk_free_per_year=0.0),
            lambda draft: draft.head.update(penalty_usd=0.0, bound_usd=None, relative_gap=None, stop_reason="feasible"),
        ),
        amount=10.0 * (904_000.0 + 840_400.0 + 786_400.0),
        base=vault,
    ),
    *(
        Mutation(
            f"MONEY.{line}",
            "another amount is stated",
            paid(line, 250.0, LAST),
            amount=250.0,
            also=also_broken(line),
            base=vault,
        )
        for line in TREASURY_LINES
    ),
    Mutation(
        "BTC.mined",
        "a site states more production than its hours",
        cell("production", "mined_btc", _more(0.25), node=SECOND),
        place={"site": "site0", "node": SECOND},
        amount=0.25,
        base=vault,
    ),
    Mutation(
        "BTC.mined",
        "a site states another price of Bitcoin",
        cell("production", "price_usd_per_btc", _more(5.0), node=SECOND),
        place={"site": "site0", "node": SECOND},
        amount=5.0,
        base=vault,
    ),
    Mutation(
        "BTC.mined",
        "the company states more production than its sites",
        _stated("mined_btc", 0.25),
        place={"node": SECOND},
        amount=0.25,
        base=vault,
    ),
    Mutation(
        "BTC.mined",
        "a premium is stated where a Bitcoin is worth its price",
        cell("production", "premium_usd_per_btc", 5.0, node=LAST),
        place={"site": "site0", "node": LAST},
        amount=5.0,
        base=vault,
    ),
    Mutation(
        "HOURS.at_a_loss",
        "machines run though a Bitcoin is said to be worth far less than its price",
        cell("production", "premium_usd_per_btc", -30_000.0, node=FIRST),
        place={"site": "site0", "node": FIRST},
        amount=360.0 * 2.0 * 5.0,
        base=vault,
    ),
    Mutation(
        "BTC.balance",
        "a node opens with other holdings",
        _stated("opening_btc", 0.5),
        place={"node": SECOND},
        amount=0.5,
        count=2,
        base=vault,
    ),
    Mutation(
        "BTC.balance",
        "a node closes with other holdings",
        _stated("closing_btc", 0.5),
        place={"node": SECOND},
        amount=0.5,
        count=2,
        base=vault,
    ),
    Mutation(
        "BTC.balance",
        "a node states another price",
        _stated("price_usd_per_btc", 7.0),
        place={"node": SECOND},
        amount=7.0,
        base=vault,
    ),
    Mutation(
        "BTC.balance",
        "a sale is said to bring more",
        _stated("net_usd_per_btc", 7.0),
        place={"node": SECOND},
        amount=7.0,
        base=vault,
    ),
    Mutation(
        "BTC.floor",
        "holdings fall below the floor",
        judged("treasury", floor_btc=18.4),
        place={"node": SECOND},
        amount=0.2,
        count=2,
        base=vault,
    ),
    Mutation(
        "BTC.retained",
        "more is kept than may be",
        judged("treasury", keep_most_share=put(0, to=0.4)),
        place={"node": FIRST},
        amount=0.1 * MINED,
        base=vault,
    ),
    Mutation(
        "BTC.kept",
        "less is kept than must be",
        judged("treasury", keep_least_share=put(0, to=0.6), keep_most_share=put(0, to=0.6)),
        place={"node": FIRST},
        amount=0.1 * MINED,
        base=vault,
    ),
    Mutation(
        "BTC.trades",
        "more is sold than may be",
        judged("treasury", sell_most_btc=put(0, to=1.5)),
        place={"node": FIRST},
        amount=0.5,
        base=vault,
    ),
    Mutation(
        "BTC.trades",
        "less is sold than must be",
        judged("treasury", sell_least_btc=put(1, to=1.25), sell_most_btc=put(1, to=1.25)),
        place={"node": SECOND},
        amount=0.25,
        base=vault,
    ),
    Mutation(
        "BTC.volume",
        "more is sold than the market takes",
        judged("treasury", sale_limit_btc=put(0, to=2.5)),
        place={"node": FIRST},
        amount=0.1,
        base=vault,
    ),
    Mutation(
        "BTC.volume",
        "a node states other sales",
        _stated("market_btc", 0.5),
        place={"node": SECOND},
        amount=0.5,
        base=vault,
    ),
    Mutation(
        "BTC.placed",
        "a node states other slippage",
        _stated("slippage_usd", 50.0),
        place={"node": SECOND},
        amount=50.0,
        base=vault,
    ),
]
