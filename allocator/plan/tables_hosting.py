"""Tables of hosting agreements."""

from __future__ import annotations

from allocator.plan.columns import NODE, Table, flag, number, table, text

HOSTING_TABLES: tuple[Table, ...] = (
    table(
        "hosting",
        "node agreement",
        "One row an agreement and node that lies within its term. By node, then agreement.",
        {
            "node": NODE,
            "agreement": text("hosting agreement, the name of its site and hall"),
            "in_force": flag("neither ended early nor left without renewal"),
            "capacity_mw": number("MW", "contracted power of machines, critical IT; 0 when not in force"),
            "installed_mw": number("MW", "nameplate draw of the machines standing there"),
            "energy_mwh": number("MWh", "energy billed, overhead included"),
            "untaken_mwh": number("MWh", "energy paid for and not drawn, of what the host asks to be taken"),
            "curtailed_h": number("h", "hours in which the host gives no power"),
            "tariff_usd_per_mwh": number("USD/MWh", "average price of the node, before management fee and relief"),
            "relief_usd_per_mwh": number(
                "USD/MWh", "fall of the price by a low hashprice; our part of it where the margin is shared"
            ),
            "energy_usd": number(
                "USD",
                "cost of the energy: tariff less relief, management fee a MWh included; our part where it is shared",
            ),
            "management_usd": number("USD", "management fee by the month"),
            "deposit_held_usd": number("USD", "deposit in the hands of the host at the end of the node"),
        },
    ),
    table(
        "terminations",
        "agreement notice_node end_node",
        "Hosting agreements ended by notice, one row a node with whose start one ends. By agreement, notice, end.",
        {
            "agreement": text("hosting agreement"),
            "notice_node": text("node in which notice is given"),
            "end_node": text("node with whose start it is no longer in force"),
            "fee_usd": number("USD", "fee for ending it early, 0 where it is only not renewed"),
        },
    ),
)
