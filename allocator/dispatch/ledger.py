"""Where everything that takes part in the hours meets."""

from __future__ import annotations

from dataclasses import dataclass

from solvers.model import Expr


@dataclass
class HourLedger:
    """What takes part adds here; the site's limits close it.

    Attributes:
        load_mw: critical IT load of the segments, over the table of loads.
        it_mw, air_mw, liquid_mw: load and heat of every bay in use, (bay, hour).
        drawn_mw: gross draw at the meter, (hour).
        fed_by_grid_mw: gross load that the grid feeds: all but what a battery gives, (hour).
        margin_usd: value of operation; mined_btc: Bitcoin mined where it counts, (site, node).
    """

    load_mw: Expr
    it_mw: Expr
    air_mw: Expr
    liquid_mw: Expr
    drawn_mw: Expr
    fed_by_grid_mw: Expr
    margin_usd: Expr
    mined_btc: Expr
