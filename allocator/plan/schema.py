"""The one registry of the tables of a plan: keys, columns, types, units, words.

The writer, the reader, the verifier, the reports and the documentation all read this module; a column that
is not here does not exist. Conventions that hold everywhere:

- names (`site`, `hall`, `model`, `contract`, `fit_out`, `node`) are the names of the scenario, as text;
  the empty text stands for "none" (a machine in store has hall ""), never a missing value;
- money out is negative in `cash_flow` and positive where the column's name says cost, price or capex;
- rows that would say nothing (no units, no load) are absent, where the table's description says so;
- rows stand in the order the description gives, so that equal plans are equal files.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from allocator.plan.columns import DTYPES as DTYPES
from allocator.plan.columns import FIT_OUT as _FIT_OUT
from allocator.plan.columns import HALL as _HALL
from allocator.plan.columns import MODEL as _MODEL
from allocator.plan.columns import NODE as _NODE
from allocator.plan.columns import SITE as _SITE
from allocator.plan.columns import Column as Column
from allocator.plan.columns import Kind as Kind
from allocator.plan.columns import Table as Table
from allocator.plan.columns import flag as _flag
from allocator.plan.columns import integer as _integer
from allocator.plan.columns import number as _number
from allocator.plan.columns import table as _table
from allocator.plan.columns import text as _text
from allocator.plan.lines import CAPITAL_LINES as CAPITAL_LINES
from allocator.plan.lines import CREDITED_TO_TENANTS as CREDITED_TO_TENANTS
from allocator.plan.lines import DEPOSIT_LINES as DEPOSIT_LINES
from allocator.plan.lines import EQUITY_LINES as EQUITY_LINES
from allocator.plan.lines import FINANCING_LINES as FINANCING_LINES
from allocator.plan.lines import HEDGE_LINES as HEDGE_LINES
from allocator.plan.lines import HOSTING_LINES as HOSTING_LINES
from allocator.plan.lines import LINES as LINES
from allocator.plan.lines import OPERATING_LINES as OPERATING_LINES
from allocator.plan.lines import PAID_BY_TENANTS as PAID_BY_TENANTS
from allocator.plan.lines import PREPAYMENT_LINES as PREPAYMENT_LINES
from allocator.plan.lines import SHARE_LINES as SHARE_LINES
from allocator.plan.lines import TREASURY_LINES as TREASURY_LINES
from allocator.plan.lines import Line as Line
from allocator.plan.reserve_tables import RESERVES
from allocator.plan.tables_batteries import BATTERIES as _BATTERIES
from allocator.plan.tables_chances import CHANCE_TABLES
from allocator.plan.tables_curtailed import CURTAILED as _CURTAILED
from allocator.plan.tables_hosting import HOSTING_TABLES as _HOSTING
from allocator.plan.tables_hours import HOURLY_TABLES
from allocator.plan.tables_treasury import TREASURY_TABLES
from allocator.plan.tables_work import WORK as _WORK

SCHEMA_VERSION = 1

PLAN_JSON = "plan.json"
RUN_JSON = "run.json"
CERTIFICATE_JSON = "certificate.json"
RELAXATION_NPZ = "relaxation.npz"
TABLES_FOLDER = "tables"
CSV_FOLDER = "csv"
DISPATCH_FOLDER = "dispatch"
SCENARIO_FOLDER = "scenario"
ENTRIES = frozenset(
    {
        PLAN_JSON,
        RUN_JSON,
        CERTIFICATE_JSON,
        RELAXATION_NPZ,
        TABLES_FOLDER,
        CSV_FOLDER,
        DISPATCH_FOLDER,
        SCENARIO_FOLDER,
    }
)
"""What stands in the folder of a plan, and nothing else does."""

LOAD_USES = ("mining", "ai_colocation", "gpu_cloud", "no_load")
"""Uses of power by what runs, in the order tables list them."""

USES = (*LOAD_USES, "battery")
"""All uses: a battery takes energy and gives it to the others."""


_PLANNING = (
    _table(
        "nodes",
        "node",
        "One row a node, parents first.",
        {
            "node": _NODE,
            "parent": _text('parent node, "" at a root'),
            "probability": _number("share", "unconditional probability"),
            "start_month": _text("first calendar month, YYYY-MM"),
            "months": _integer("months", "length of the period"),
            "hours": _number("h", "hours in the period"),
            "decision": _flag("discrete decisions may be taken here"),
        },
    ),
    _table(
        "halls",
        "node hall",
        "One row a node and hall: what the hall is and what stands in it. By node, then hall.",
        {
            "node": _NODE,
            "site": _SITE,
            "hall": _HALL,
            "fit_out": _text('fit-out usable in the period, "" while the hall converts or is closed'),
            "status": _text("operating, converting, or closed (a hosted hall whose agreement is not in force)"),
            "it_limit_mw": _number("MW", "electrical limit of the fit-out, critical IT; 0 unless operating"),
            "firm_mw": _number("MW", "metered tenant load, critical IT"),
            "contracted_mw": _number("MW", "contracted tenant load, critical IT"),
            "installed_mw": _number("MW", "nameplate draw of the machines standing there: units x kW / 1000"),
        },
    ),
    _table(
        "fleets",
        "node model hall fit_out",
        'Machines standing in halls and in store (hall "", fit_out ""); only rows with units > 0. '
        "By node, then model, then hall (store last), then fit-out.",
        {
            "node": _NODE,
            "model": _MODEL,
            "hall": _text('hall, "" for the store'),
            "fit_out": _text('fit-out of the hall, "" for the store'),
            "units": _integer("units", "machines"),
        },
    ),
    _table(
        "moves",
        "node model hall",
        "Machines carried from the store to a hall and back; only rows with units. By node, model, hall.",
        {
            "node": _NODE,
            "model": _MODEL,
            "hall": _HALL,
            "installed_units": _integer("units", "from the store into the hall, in the node"),
            "removed_units": _integer("units", "from the hall into the store, in the node"),
        },
    ),
    _table(
        "trades",
        "node model",
        "Machines bought, delivered and sold; only rows with units. By node, model.",
        {
            "node": _NODE,
            "model": _MODEL,
            "bought_units": _integer("units", "ordered and paid in the node"),
            "delivered_units": _integer("units", "arriving in the store in the node"),
            "sold_units": _integer("units", "sold from the store in the node"),
            "price_usd_per_unit": _number("USD/unit", "purchase price at the node"),
            "resale_usd_per_unit": _number("USD/unit", "resale price at the node"),
        },
    ),
    _table(
        "conversions",
        "hall decided_node ready_node",
        "One row a conversion, and on a branching tree one a node where it becomes ready. By decision, then hall.",
        {
            "hall": _HALL,
            "from_fit_out": _text("fit-out the hall leaves"),
            "to_fit_out": _text("fit-out it becomes"),
            "decided_node": _text("node of the decision"),
            "idle_from_month": _text(
                "first calendar month the hall stands idle; the month it is ready if it never does"
            ),
            "ready_node": _text("first node in which the new fit-out is usable"),
            "capex_usd": _number("USD", "whole cost, undiscounted"),
        },
    ),
    *_HOSTING,
    _table(
        "contracts",
        "contract signed_node",
        "Every contract on offer, in the scenario's order; one row, or on a branching tree one a signing node.",
        {
            "contract": _text("contract"),
            "accepted": _flag("signed"),
            "signed_node": _text('node of signature, "" when refused'),
            "first_service_month": _text('first calendar month of service, YYYY-MM, "" when refused'),
            "critical_it_mw": _number("MW", "contracted critical IT load"),
            "reserved_gross_mw": _number("MW", "claim on the interconnect: critical x gross-up"),
            "reason": _text("what the contract earns if accepted; what does not fit or what its margin lacks if not"),
        },
    ),
    _table(
        "placements",
        "contract signed_node hall fit_out",
        "Where accepted contracts stand; only rows with tranches. By contract, signature, hall, fit-out.",
        {
            "contract": _text("contract"),
            "signed_node": _text("node of signature"),
            "hall": _HALL,
            "fit_out": _FIT_OUT,
            "tranches": _integer("tranches", "equal parts of the contract standing there"),
            "critical_it_mw": _number("MW", "contracted critical IT load standing there"),
        },
    ),
    _table(
        "power",
        "node site use",
        "Energy and margin by use: every use in every node and site, battery only where there is one. "
        "By node, site, use.",
        {
            "node": _NODE,
            "site": _SITE,
            "use": _text(
                "mining, ai_colocation, gpu_cloud, no_load (fit-outs' own draw, serving no machine) or battery"
            ),
            "it_mwh": _number("MWh", "energy of the machines served, critical IT"),
            "gross_mwh": _number("MWh", "energy at the meter, overhead included; of a battery taken less given"),
            "earnings_usd": _number(
                "USD",
                "earnings before power; for ai_colocation rent and power passed through; of a battery its wear and "
                "what only foresight earns, negative",
            ),
            "sla_credits_usd": _number("USD", "credits for firm energy not served, allowed or not, positive"),
            "power_cost_usd": _number(
                "USD", "cost of the energy at the site's price, positive; a battery's is negative where it saves"
            ),
            "margin_usd": _number("USD", "earnings - sla credits - power cost"),
        },
    ),
    _CURTAILED,
    _BATTERIES,
    RESERVES,
    _WORK,
    _table(
        "cash_flow",
        "node site line subject when",
        "Every dollar; the sum of discounted_usd (math.fsum) is the objective. Rows of amount 0 are absent. "
        "By node, line, site, subject.",
        {
            "node": _NODE,
            "site": _text('site, "" for the company'),
            "line": _text("line of the cash flow, see LINES"),
            "subject": _text("what for: model, use, bay (hall/fit_out), contract, service, charge, loan or hedge"),
            "amount_usd": _number("USD", "undiscounted; on the last day of the horizon where when is horizon"),
            "discount_factor": _number("share", "factor of the line's class"),
            "discounted_usd": _number("USD", "amount x factor x probability of the node"),
            "when": _text("period (cash of the node) or horizon (value at the end, no cash)"),
        },
    ),
    _table(
        "cash",
        "node",
        "Cash through the periods: one row a node.",
        {
            "node": _NODE,
            "opening_usd": _number("USD", "closing cash of the parent, opening cash at a root"),
            "flow_usd": _number("USD", "sum of the node's period lines"),
            "closing_usd": _number("USD", "opening + flow"),
            "minimum_usd": _number("USD", "least cash asked for"),
            "shortfall_usd": _number("USD", "cash missing to the minimum, where that may be missing at a price"),
        },
    ),
    _table(
        "paths",
        "leaf",
        "What each way through the tree is worth: one row a leaf.",
        {
            "leaf": _text("last node of the path"),
            "probability": _number("share", "probability of the path"),
            "npv_usd": _number("USD", "sum of amount x discount factor of the lines on the path"),
            "without_terminal_usd": _number("USD", "the same without the lines beyond the horizon"),
            "worst_share": _number("share", "part of it among the worst paths that the risk counts; 0 without a risk"),
        },
    ),
    _table(
        "tail",
        "leaf hall fit_out year",
        "Mining beyond the horizon; only rows with load. By leaf, hall, fit-out, year.",
        {
            "leaf": _text("last node of the path"),
            "hall": _HALL,
            "fit_out": _FIT_OUT,
            "year": _integer("year", "year beyond the horizon, 1 is the first"),
            "mining_mw": _number("MW", "critical IT load"),
            "value_usd": _number("USD", "its value, discounted to the start of the horizon"),
        },
    ),
    _table(
        "marginal_values",
        "subject quantity node",
        "What one more unit of a limit is worth, discounted to the start, integers fixed. Rows of value 0 are "
        'absent; node "" is the whole horizon.',
        {
            "subject": _text("site, hall, bay (hall/fit_out), feeder, plant or company"),
            "quantity": _text(
                "limit raised: site_power, hall_it, cooling_air, cooling_liquid, feeder_power, plant_cooling "
                "(per year of operation), "
                "battery_power (a MW more taken and given), battery_energy (a MWh more stored, its opening MWh kept), "
                "energy_budget (of the node; over the horizon one more MWh in every node), "
                "site_power_tail, hall_it_tail, feeder_power_tail, plant_cooling_tail (beyond the horizon), "
                "cash, capex_budget"
            ),
            "unit": _text("unit of the value, e.g. USD/MW-year"),
            "node": _text('node, "" for the whole horizon'),
            "value_usd_per_unit": _number("USD/unit", "discounted gain of one more unit"),
            "basis": _text("what is held fixed and what the value is counted in"),
        },
    ),
    _table(
        "reserved",
        "node site",
        "Claims of contracts on each interconnect: one row a node and site.",
        {
            "node": _NODE,
            "site": _SITE,
            "reserved_mw": _number("MW", "sum of critical x gross-up of contracts in service"),
            "limit_mw": _number("MW", "gross limit of the site"),
        },
    ),
    *TREASURY_TABLES,
    *CHANCE_TABLES,
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _PLANNING})
"""Tables under tables/, one file each."""

HOURLY: Mapping[str, Table] = MappingProxyType({table.name: table for table in HOURLY_TABLES})
"""Tables under dispatch/<site>/, one file each, with the name of the node before their columns."""


NODE = "node"
"""Column of a file of hours that says which node a row belongs to."""


def partition(name: str) -> str:
    """Folder name of a site: letters, digits, "-" and "_" stay, every other byte is %XX.

    Names come from scenario files; encoded, none can leave the plan's folder, hide or clash.
    """
    safe = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    return "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in name.encode())
