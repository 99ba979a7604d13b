"""Tables of Bitcoin: what is mined where, and what the company keeps, sells and holds."""

from __future__ import annotations

from allocator.plan.columns import NODE, SITE, number, table
from allocator.plan.tables_blocks import BLOCKS
from allocator.plan.tables_coincident import COINCIDENT_PEAKS
from allocator.plan.tables_covenants import COVENANTS
from allocator.plan.tables_demand import DEMAND_CHARGES
from allocator.plan.tables_equity import EQUITY
from allocator.plan.tables_hashrate import HASHRATE
from allocator.plan.tables_hedges import HEDGES
from allocator.plan.tables_loans import LOAN_TABLES
from allocator.plan.tables_nested import NESTED_VALUES
from allocator.plan.tables_prepayments import PREPAYMENTS
from allocator.plan.tables_tax import TAX

TREASURY_TABLES = (
    HASHRATE,
    table(
        "production",
        "node site",
        "Bitcoin mined: one row a node and site, none where the scenario states no price of Bitcoin.",
        {
            "node": NODE,
            "site": SITE,
            "mined_btc": number("BTC", "production, pool fee deducted"),
            "price_usd_per_btc": number("USD/BTC", "price of one Bitcoin"),
            "premium_usd_per_btc": number(
                "USD/BTC", "what one more mined Bitcoin is worth beyond its price; the hours run as if it earned it"
            ),
        },
    ),
    table(
        "treasury",
        "node",
        "Bitcoin of the company: one row a node, none without a treasury.",
        {
            "node": NODE,
            "price_usd_per_btc": number("USD/BTC", "price of one Bitcoin"),
            "net_usd_per_btc": number("USD/BTC", "what a sale from holdings brings, fee deducted"),
            "opening_btc": number("BTC", "holdings of the parent, opening holdings at a root"),
            "mined_btc": number("BTC", "production of all sites"),
            "retained_btc": number("BTC", "kept of the production; the rest is sold as it is mined"),
            "bought_btc": number("BTC", "bought"),
            "sold_btc": number("BTC", "sold from holdings"),
            "seized_btc": number("BTC", "sold by lenders"),
            "closing_btc": number("BTC", "opening + retained + bought - sold - seized"),
            "market_btc": number("BTC", "sold in the node, production included"),
            "slippage_usd": number("USD", "what the market gives way under that, positive"),
        },
    ),
    *LOAN_TABLES,
    PREPAYMENTS,
    HEDGES,
    EQUITY,
    BLOCKS,
    DEMAND_CHARGES,
    COINCIDENT_PEAKS,
    TAX,
    COVENANTS,
    NESTED_VALUES,
)
