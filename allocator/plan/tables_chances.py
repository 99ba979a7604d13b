"""Tables of events whose probability is limited: where they happen, and how likely they are."""

from __future__ import annotations

from allocator.plan.columns import NODE, flag, number, table, text

_EVENT = text("shortfall (of the company's cash) or margin_call (that free Bitcoin does not meet)")
_LOAN = text('loan that is called, "" for a shortfall')

CHANCE_TABLES = (
    table(
        "events",
        "node event loan",
        "Events whose probability is limited: one row a node and event. By node, then event.",
        {
            "node": NODE,
            "event": _EVENT,
            "loan": _LOAN,
            "amiss_usd": number("USD", "missing to the least cash, or owed above the call level before acting"),
            "happens": flag("a dollar or more is amiss"),
            "happened": flag("it happens in the node, or did before it on the path"),
        },
    ),
    table(
        "chances",
        "event loan month",
        "How likely those events are, by month in which nodes start, and in all. By event, then month, all last.",
        {
            "event": _EVENT,
            "loan": _LOAN,
            "month": text('calendar month YYYY-MM; "" for the whole horizon: that it happens at all on a path'),
            "probability": number("share", "of all futures"),
            "most_probability": number("share", "most that the scenario allows, 1: no limit"),
        },
    ),
)
