"""Tables of what is sold to ancillary services."""

from __future__ import annotations

from allocator.plan.columns import FIT_OUT, HALL, MODEL, NODE, SITE, UTC, integer, number, table, text

RESERVES = table(
    "reserves",
    "node site service",
    "What is sold to ancillary services: every service of every site in every node. By node, site, service.",
    {
        "node": NODE,
        "site": SITE,
        "service": text("ancillary service"),
        "offered_mw_h": number("MW h", "MW offered at the meter, gross, times hours"),
        "called_mwh": number("MWh", "expected energy called, at the meter"),
        "capacity_usd": number("USD", "price of capacity, after deductions for performance and capture"),
        "called_usd": number("USD", "payment for energy called"),
        "saved_energy_usd": number("USD", "energy called and so not bought, at the site's price"),
        "lost_earnings_usd": number("USD", "earnings of the machines called, positive"),
        "margin_usd": number("USD", "capacity + called + saved energy - lost earnings"),
    },
)

OFFERS = table(
    "offers",
    "utc service",
    "Load offered to each ancillary service; only rows with offered_mw > 0.",
    {
        "utc": UTC,
        "service": text("ancillary service"),
        "price_usd_per_mw_hour": number("USD per MW and hour", "price of capacity, before deductions"),
        "offered_mw": number("MW", "offered at the meter, gross"),
    },
    hourly=True,
)

OFFERED_LOADS = table(
    "offered_loads",
    "utc service hall fit_out model step",
    "Which load stands behind each offer; only rows with offered_mw > 0.",
    {
        "utc": UTC,
        "service": text("ancillary service"),
        "hall": HALL,
        "fit_out": FIT_OUT,
        "model": MODEL,
        "step": integer("", "power-mode step, 0 is the most efficient"),
        "offered_mw": number("MW", "offered of this load, gross at the meter"),
    },
    hourly=True,
)
