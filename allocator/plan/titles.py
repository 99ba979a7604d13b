"""What people read for the names that tables use: sources of value, uses of power, limits, units."""

from __future__ import annotations

TITLES = {
    "mining": "Bitcoin mining",
    "ai_colocation": "AI colocation",
    "gpu_cloud": "GPU cloud",
    "no_load": "standing draw",
    "battery": "battery",
    "reserves": "reserve sales, less calls",
    "work": "deferrable work, less rent it displaces",
    "power": "power",
    "machines": "machines",
    "conversions": "conversions",
    "hosting": "hosting, besides energy",
    "fixed_opex": "fixed opex",
    "treasury": "Bitcoin treasury",
    "debt": "debt",
    "tax": "tax on income",
    "equity": "new shares, less what buyers hold",
    "hedges": "hedges",
}
LIMITS = {
    "site_power": "power at the meter",
    "hall_it": "critical IT",
    "cooling_air": "air cooling",
    "cooling_liquid": "liquid cooling",
    "feeder_power": "power behind it",
    "plant_cooling": "heat it takes",
    "battery_power": "power of the battery",
    "battery_energy": "what the battery stores",
    "energy_budget": "energy budget of every period",
    "site_power_tail": "power at the meter, beyond the horizon",
    "hall_it_tail": "critical IT, beyond the horizon",
    "feeder_power_tail": "power behind it, beyond the horizon",
    "plant_cooling_tail": "heat it takes, beyond the horizon",
    "cash": "minimum cash",
    "capex_budget": "capex budget",
    "opening_cash": "dollar of opening cash, beyond that dollar",
    "ltv_headroom": "percentage point of LTV before a call",
    "lead_time": "month less of lead time",
}
UNITS = {
    "USD/MW-year": "a MW and year",
    "USD/MWh-year": "a MWh and year",
    "USD/MW": "a MW",
    "USD/MWh": "a MWh",
    "USD/USD": "a dollar",
}
