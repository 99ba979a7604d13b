"""Tables of debt: what is owed on each loan, and the Bitcoin behind those that are secured by it."""

from __future__ import annotations

from allocator.plan.columns import NODE, flag, number, table, text

_LOAN = text("loan")

LOAN_TABLES = (
    table(
        "loans",
        "node loan",
        "What is owed and paid: one row a node and loan. By node, then loan.",
        {
            "node": NODE,
            "loan": _LOAN,
            "opening_usd": number("USD", "owed at the parent, opening principal at a root"),
            "drawn_usd": number("USD", "drawn in the node"),
            "repaid_usd": number("USD", "principal paid back in the node"),
            "interest_usd": number("USD", "interest paid, on what the node opens with"),
            "fees_usd": number("USD", "all fees: on what is not drawn or paid back early, upfront, for an extension"),
            "upfront_fee_usd": number("USD", "fee for having the loan: at its first draw, or at a root if it is drawn"),
            "extension_fee_usd": number("USD", "fee for postponing the maturity"),
            "extended": flag("the maturity is postponed in the node"),
            "shares_usd": number("USD", "worth of the shares that pay back what is paid back, for notes; else 0"),
            "closing_usd": number("USD", "opening + drawn - repaid"),
            "limit_usd": number("USD", "most that may be owed at the end of the node, extensions counted"),
        },
    ),
    table(
        "collateral",
        "node loan",
        "Bitcoin behind loans: one row a node and loan secured by Bitcoin. Loan to value is 0 where nothing is owed; "
        "collateral worth less than a dollar counts as a dollar. By node, then loan.",
        {
            "node": NODE,
            "loan": _LOAN,
            "price_usd_per_btc": number("USD/BTC", "price of the node"),
            "lowest_usd_per_btc": number("USD/BTC", "lowest price in the node, at which the loan is tested first"),
            "opening_btc": number("BTC", "pledged at the parent, opening collateral at a root"),
            "posted_btc": number("BTC", "free Bitcoin that meets a call at the lowest price; 0 at a root"),
            "pledged_btc": number("BTC", "newly pledged in the node"),
            "released_btc": number("BTC", "released in the node"),
            "seized_btc": number("BTC", "sold by the lender"),
            "closing_btc": number("BTC", "opening + pledged - released - seized"),
            "ltv_before_share": number(
                "share", "opening principal with interest over opening collateral, lowest price"
            ),
            "ltv_posted_share": number("share", "the same with what is posted"),
            "ltv_after_share": number("share", "what is owed over collateral when the node has acted, at its price"),
            "initial_ltv_share": number("share", "loan to value after which money may be drawn"),
            "call_ltv_share": number("share", "loan to value above which the lender calls for margin"),
            "liquidation_ltv_share": number("share", "loan to value above which the lender sells"),
            "called_usd": number("USD", "owed above the call level before acting, with what is posted; 0 at a root"),
            "uncured_usd": number("USD", "owed above the call level when the node has acted"),
        },
    ),
)
