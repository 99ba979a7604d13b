"""Table of coincident peaks."""

from __future__ import annotations

from allocator.plan.columns import NODE, SITE, number, table, text

COINCIDENT_PEAKS = table(
    "coincident_peaks",
    "node site peak due_month",
    "What the draw at peaks of the system adds to charges of a later January: one row a node, peak and January. "
    "By node, site, peak, due_month.",
    {
        "node": NODE,
        "site": SITE,
        "peak": text("coincident peak"),
        "due_month": text("month in which it is paid, YYYY-MM"),
        "expected_mw": number("MW", "draw expected at the peaks of the node, gross"),
        "due_usd": number("USD", "what it adds to the charge, positive"),
        "later_premium_share": number(
            "share", "what the hours gave for a dollar put off beyond its discount; 0 unless cash is short"
        ),
    },
)
