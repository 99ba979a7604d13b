"""Figures of balance by outside temperature: power drawn against the limit of the site, heat against cooling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.plan.plan import Plan
from allocator.reports.figure import Figure, Series
from allocator.reports.hours import SiteHours, late_nodes, summed
from allocator.reports.scales import Floats
from allocator.reports.words import MINUS

STEP_C = 5.0
TEMPERATURE = "outside temperature, \N{DEGREE SIGN}C"
LOOPS = ("air", "liquid")
LEAST_MW = 1e-6


@dataclass(frozen=True)
class Cooling:
    """What cools one hall in one fit-out, as the scenario states it.

    Attributes:
        limit_mw: heat that a loop ("air", "liquid") removes at outside temperatures (C): (T,) -> (T,) MW; loops that
            are not limited are absent.
        tenant_share: share of tenants' heat by loop. model_share: the same of each equipment model.
    """

    hall: str
    fit_out: str
    limit_mw: Mapping[str, Callable[[Floats], Floats]]
    tenant_share: Mapping[str, float]
    model_share: Mapping[str, Mapping[str, float]]


def power_balance(hours: SiteHours) -> Figure:
    """Draw of a site by outside temperature: average, largest, and the limit of the site."""
    frame = hours.frame
    low = np.floor(frame["ambient_c"].to_numpy() / STEP_C) * STEP_C
    groups = list(frame.assign(low=low).groupby("low"))
    mean = [float(np.average(own["grid_mw"], weights=own["weight_h"])) for _, own in groups]
    shown = (
        Series("average draw", tuple(mean), key="mining"),
        Series("largest draw", tuple(float(own["grid_mw"].max()) for _, own in groups), role="line", key="sold"),
        Series("limit of the site", tuple(float(own["limit_mw"].min()) for _, own in groups), role="limit"),
        Series("hours", tuple(float(own["weight_h"].sum()) for _, own in groups), role="beside"),
    )
    x = tuple(_from_to(float(str(c))) for c, _ in groups)
    about = "Gross megawatts at the meter in the last months of the horizon, by outside temperature."
    key, title = f"ambient_{hours.site}", f"{hours.site}: power by outside temperature"
    return Figure(key, title, about, "bars", "MW", TEMPERATURE, x, shown)


def _from_to(low_c: float) -> str:
    return f"{low_c:.0f}\N{HORIZONTAL ELLIPSIS}{low_c + STEP_C:.0f}".replace("-", MINUS)


def cooling_balance(plan: Plan, site: str, cooling: Sequence[Cooling]) -> Iterator[Figure]:
    """Heat against what cooling removes, by outside temperature, for each limited loop of the halls of a site."""
    known = {(one.hall, one.fit_out): one for one in cooling}
    found: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for node in late_nodes(plan):
        tables = plan.dispatch[site, node]
        hours = tables["hours"]
        for key in dict.fromkeys(zip(tables["bays"]["hall"], tables["bays"]["fit_out"], strict=True)):
            for loop in known[key].limit_mw if key in known else ():
                heat = _heat(tables["segments"], tables["bays"], known[key], loop, hours)
                found.setdefault((key[0] + " / " + key[1], loop), []).append(
                    pd.DataFrame(
                        {
                            "ambient_c": hours["ambient_c"].to_numpy(),
                            "weight_h": hours["weight_h"].to_numpy(),
                            "heat_mw": heat,
                            "limit_mw": known[key].limit_mw[loop](hours["ambient_c"].to_numpy(float)),
                        }
                    )
                )
    for (bay, loop), frames in found.items():
        frame = pd.concat(frames, ignore_index=True)
        if float(frame["heat_mw"].max()) > LEAST_MW:
            yield _balance(bay, loop, frame)


def _heat(segments: pd.DataFrame, bays: pd.DataFrame, known: Cooling, loop: str, hours: pd.DataFrame) -> Floats:
    """Heat of one hall and loop by step, (T,), MW."""
    place = pd.Index(hours["utc"])
    own = segments[(segments["hall"] == known.hall) & (segments["fit_out"] == known.fit_out)]
    share = own["model"].map({model: part[loop] for model, part in known.model_share.items()}).astype(float).fillna(0.0)
    heat = summed(place, own.assign(heat_mw=own["load_mw"] * share), "heat_mw")
    tenants = bays[(bays["hall"] == known.hall) & (bays["fit_out"] == known.fit_out)]
    served = (tenants["firm_mw"] - tenants["shed_mw"]) * known.tenant_share[loop]
    return heat + summed(place, tenants.assign(heat_mw=served), "heat_mw")


def _balance(bay: str, loop: str, frame: pd.DataFrame) -> Figure:
    low = np.floor(frame["ambient_c"].to_numpy() / STEP_C) * STEP_C
    groups = list(frame.assign(low=low).groupby("low"))
    tight = [own.iloc[int((own["limit_mw"] - own["heat_mw"]).to_numpy().argmin())] for _, own in groups]
    shown = (
        Series(
            "average heat", tuple(float(np.average(g["heat_mw"], weights=g["weight_h"])) for _, g in groups), key=loop
        ),
        Series("heat in the tightest hour", tuple(float(g["heat_mw"]) for g in tight), role="line", key="sold"),
        Series("what cooling then removes", tuple(float(g["limit_mw"]) for g in tight), role="limit"),
    )
    x = tuple(_from_to(float(str(c))) for c, _ in groups)
    about = (
        f"Heat that the {loop} side of the hall takes, on average and in the hour nearest to what it can remove, "
        "in the last months of the horizon."
    )
    title = f"{bay}: {loop} cooling by outside temperature"
    return Figure(f"cooling_{loop}_{bay}", title, about, "bars", "MW", TEMPERATURE, x, shown)
