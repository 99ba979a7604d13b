"""Where everything that takes part in the hours meets."""

from __future__ import annotations

from dataclasses import dataclass

from solvers.model import Expr


@dataclass
class HourLedger:
    """What takes part adds here; the site's limits close it.

    Attributes:
        it_mw, air_mw, liquid_mw: load and heat of every bay in use, (bay, hour).
        drawn_mw: gross draw at the meter, (hour). margin_usd: value of operation, (site, node).
    """

    it_mw: Expr
    air_mw: Expr
    liquid_mw: Expr
    drawn_mw: Expr
    margin_usd: Expr
