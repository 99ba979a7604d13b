"""What it costs to lift a limit, for the repairs that an infeasible scenario is told."""

from __future__ import annotations

from pydantic import Field

from allocator.scenario.record import Name, NonNegative, Record


class RepairCosts(Record):
    """Price of each limit that could be lifted where no plan meets every requirement. Only the search for the cheapest
    repair uses them; no plan's value does. Money that is missing counts at par. The defaults are orders of magnitude
    and assumptions: state your own."""

    site_power_usd_per_mw: NonNegative = 350_000.0
    """One MW more at the interconnect of a site, USD per MW. Default: a mining site with substation and land is built
    for 0.30 to 0.35 million USD per MW (statement of a builder, 2024)."""
    feeder_power_usd_per_mw: NonNegative = 350_000.0
    """One MW more on a feeder, USD per MW. Default: assumed as for the interconnect."""
    hall_power_usd_per_mw: NonNegative = 3_600_000.0
    """One MW more of critical IT in a hall, USD per MW. Default: a mining hall converted for a tenant, 3.6 million USD
    per MW (Riot and AMD, 2026)."""
    air_cooling_usd_per_mw: NonNegative = 3_000_000.0
    """One MW more of heat that air removes in the hottest hour, USD per MW. Default: up to 3 million USD per MW for
    another cooling of a hall (estimate of little certainty)."""
    liquid_cooling_usd_per_mw: NonNegative = 3_000_000.0
    """One MW more of heat that liquid removes in the hottest hour, USD per MW. Default: as for air."""
    hosting_usd_per_mw: NonNegative = 390_000.0
    """One MW more at a host, USD per MW. Default: an operating mining site was bought for 0.39 million USD per MW
    (Cango, 2025)."""
    energy_budget_usd_per_mwh_per_month: NonNegative = 480.0
    """One MWh a month more of an energy budget, USD per MWh a month. Default: a MW of site power over 730 hours."""
    slot_usd: NonNegative = 600.0
    """One slot more in a hall, USD per slot. Default: a container for 240 machines at 140,000 USD (listed)."""
    conversion_usd: NonNegative = 1_000_000.0
    """One conversion more of a hall than it allows, apart from its capex, USD. Default: an assumption."""
    probability_usd: NonNegative = 10_000_000.0
    """Raising a probability that is allowed from 0 to 1, USD; parts of it in proportion. Default: an assumption."""
    dropped_contract_usd: dict[Name, NonNegative] = Field(default_factory=dict)
    """Going back on a contract that must be accepted, by its name, USD: a penalty, or what is lost with it. Default for
    contracts left out: all rent over their term, not discounted. A group counts as the cheapest of its contracts."""
    later_month_usd: dict[Name, NonNegative] = Field(default_factory=dict)
    """One month later than its start window allows, by contract, USD per month: what the tenant asks for it, or rent
    put off. Default for contracts left out: a month of its rent in the first year."""
