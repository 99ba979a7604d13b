"""Hourly tables of a plan: what is drawn, runs, is served, stored, offered and worked in each step of a site-node."""

from __future__ import annotations

from allocator.plan.columns import FIT_OUT, HALL, MODEL, UTC, integer, number, table, text
from allocator.plan.reserve_tables import OFFERED_LOADS, OFFERS
from allocator.plan.tables_work import WORKED_LOADS

HOURLY_TABLES = (
    table(
        "hours",
        "utc",
        "One row a step of the site in the node.",
        {
            "utc": UTC,
            "weight_h": number("h", "hours the step stands for"),
            "price_usd_per_mwh": number("USD/MWh", "price of grid energy, adders included"),
            "spot_usd_per_mwh": number("USD/MWh", "spot price"),
            "ambient_c": number("C", "outside temperature"),
            "grid_mw": number("MW", "draw at the meter, gross"),
            "limit_mw": number("MW", "gross limit of the site"),
        },
        hourly=True,
    ),
    table(
        "segments",
        "utc hall fit_out model step",
        "Load of each power-mode step; only rows with load > 0.",
        {
            "utc": UTC,
            "hall": HALL,
            "fit_out": FIT_OUT,
            "model": MODEL,
            "step": integer("", "power-mode step, 0 is the most efficient"),
            "load_mw": number("MW", "critical IT load"),
        },
        hourly=True,
    ),
    table(
        "bays",
        "utc hall fit_out",
        "Tenant load of each fitted hall; only halls usable in the node.",
        {
            "utc": UTC,
            "hall": HALL,
            "fit_out": FIT_OUT,
            "firm_mw": number("MW", "metered tenant load, critical IT"),
            "shed_mw": number("MW", "tenant load not served, critical IT"),
        },
        hourly=True,
    ),
    table(
        "unserved",
        "utc hall fit_out contract",
        "Which contracts go short; only rows with load > 0. By step, in the order of the bays.",
        {
            "utc": UTC,
            "hall": HALL,
            "fit_out": FIT_OUT,
            "contract": text("contract"),
            "shed_mw": number("MW", "its load not served, critical IT"),
        },
        hourly=True,
    ),
    table(
        "storage",
        "utc",
        "The battery of the site: one row a step where it has one in the node, no row elsewhere.",
        {
            "utc": UTC,
            "charge_mw": number("MW", "taken at the meter"),
            "discharge_mw": number("MW", "given at the meter"),
            "stored_mwh": number("MWh", "stored at the end of the step"),
        },
        hourly=True,
    ),
    OFFERS,
    OFFERED_LOADS,
    WORKED_LOADS,
)
