"""Tables of deferrable work."""

from __future__ import annotations

from allocator.plan.columns import FIT_OUT, HALL, MODEL, NODE, SITE, UTC, integer, number, table, text

WORK = table(
    "work",
    "node site job",
    "What is done of deferrable work: all work of every site in every node. By node, site, job.",
    {
        "node": NODE,
        "site": SITE,
        "job": text("deferrable work"),
        "due_mwh": number("MWh", "work of the node, critical IT"),
        "done_mwh": number("MWh", "done of it"),
        "pay_usd": number("USD", "paid for what is done"),
        "displaced_usd": number("USD", "rent that the same load would have earned, positive"),
        "penalty_usd": number("USD", "owed for what is not done, positive"),
        "margin_usd": number("USD", "pay - displaced - penalty"),
    },
)

WORKED_LOADS = table(
    "worked_loads",
    "utc job hall fit_out model step",
    "Which load does deferrable work, part of its load in `segments`; only rows with work > 0.",
    {
        "utc": UTC,
        "job": text("deferrable work"),
        "hall": HALL,
        "fit_out": FIT_OUT,
        "model": MODEL,
        "step": integer("", "power-mode step, 0 is the most efficient"),
        "work_mw": number("MW", "critical IT load that works"),
    },
    hourly=True,
)
