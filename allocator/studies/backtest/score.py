"""What runs of a site are worth against each other, and where what was not earned went.

Gain is the margin over standing still: tenants and what halls draw at no load cost the same whoever runs the machines.
Capture is gain over that of perfect foresight (its bound, where limits leave a gap), both of running machines at the
real-time price: what was bought ahead gains or loses the same whoever runs them how, and stands for itself. Regret of
the nightly run against machines that follow every price at once, in parts that add up exactly:

    restart terms   free - bound of perfect foresight       what stopping and starting costs even who knows all
    limits          bound - perfect foresight               what limits that machines share leave unproven
    approximation   perfect foresight - nightly run told    what weeks decided one by one lose though they know prices
    information     nightly run told - nightly run          what not knowing prices costs, lag included
    day ahead       - gained by energy bought ahead

At a site with a battery all of these are of runs that leave it alone. What the battery gains is the run with it less
the same one without, so that what is lost by it adds to the rest, against machines that follow every price at once and
a battery that gains what it can:

    battery approximation   gain with perfect foresight - gain of the nightly run told
    battery information     gain of the nightly run told - gain of the nightly run
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.studies.backtest import rules
from allocator.studies.backtest.rules import Run
from allocator.studies.backtest.site import Site

COMPONENTS = {
    "restart_terms": "what restart terms cost even who knows all prices",
    "limits": "limits that machines share, left unproven",
    "approximation": "weeks decided one by one, though told the prices",
    "information": "not knowing the prices",
    "battery_approximation": "battery: weeks decided one by one, though told the prices",
    "battery_information": "battery: not knowing the prices",
    "day_ahead": "energy bought ahead (a gain is negative)",
}
"""Parts of regret, in order, with what each is."""


@dataclass(frozen=True)
class Figures:
    """Of one run of one site over some of its hours; money in USD, energy in MWh, both of hours that count.

    Attributes:
        gain_usd: margin less that of standing still. starts, stops: of fleets, or of their pieces that a battery can
            keep running. full_load_share: of what machines could.
    """

    margin_usd: float
    gain_usd: float
    revenue_usd: float
    restart_usd: float
    energy_usd: float
    unserved_usd: float
    wear_usd: float
    services_usd: float
    billed_usd: float
    day_ahead_usd: float
    run_mwh: float
    metered_mwh: float
    full_load_share: float
    starts: int
    stops: int


@dataclass(frozen=True)
class Scored:
    """Runs of a site by rule, in order, and the regret of the nightly run by component, USD; empty without one."""

    site: Site
    runs: Sequence[Run]

    def run(self, rule: str) -> Run | None:
        """The run of a rule; None where it was not asked for."""
        return next((run for run in self.runs if run.rule == rule), None)

    def margin_usd(self, rule: str) -> float:
        """Of a rule that was run."""
        found = self.run(rule)
        assert found is not None
        return float(found.hours.margin.sum())

    @property
    def bound_usd(self) -> float:
        """No run under the terms of machines has more margin, bought ahead left out."""
        found = self.run(rules.PERFECT)
        assert found is not None
        assert found.bound_usd is not None
        return found.bound_usd

    def capture_share(self, rule: str) -> float | None:
        """Gain of running machines, what was bought ahead left out, over the best; None where nobody gains anything."""
        least, most = self.margin_usd(rules.NEVER), self.bound_usd
        return self.gain_usd(rule) / (most - least) if most > least else None

    def gain_usd(self, rule: str) -> float:
        """Margin over standing still, what was bought ahead left out."""
        found = self.run(rule)
        assert found is not None
        return self.margin_usd(rule) - float(found.hours.day_ahead.sum()) - self.margin_usd(rules.NEVER)

    def regret(self) -> dict[str, float]:
        """By component; empty where the nightly run was not replayed."""
        nightly = self.run(rules.NIGHTLY)
        if nightly is None or self.run(rules.TOLD) is None:
            return {}
        free, ahead = self.margin_usd(rules.FREE), float(nightly.hours.day_ahead.sum())
        perfect, knew, did = (self._alone(rule) for rule in (rules.PERFECT, rules.TOLD, rules.NIGHTLY))
        assert perfect.bound_usd is not None
        at_best, at_knew, at_did = (float(run.hours.margin.sum()) for run in (perfect, knew, did))
        parts = {
            "restart_terms": free - perfect.bound_usd,
            "limits": perfect.bound_usd - at_best,
            "approximation": at_best - at_knew,
            "information": at_knew - (at_did - ahead),
        }
        if self.site.around is not None:
            gained = [self.battery_usd(rule) for rule in (rules.PERFECT, rules.TOLD, rules.NIGHTLY)]
            parts["battery_approximation"] = gained[0] - gained[1]
            parts["battery_information"] = gained[1] - gained[2]
        return {**parts, "day_ahead": -ahead}

    @property
    def followed_usd(self) -> float:
        """Gain of machines that follow every price at once, and of a battery with perfect foresight: what regret is a
        share of."""
        stored = 0.0 if self.site.around is None else self.battery_usd(rules.PERFECT)
        return self.margin_usd(rules.FREE) - self.margin_usd(rules.NEVER) + stored

    def battery_usd(self, rule: str) -> float:
        """What the battery adds to a rule that runs it."""
        return self.margin_usd(rule) - float(self._alone(rule).hours.margin.sum())

    def traded_usd(self, rule: str) -> float:
        """What the battery of a rule gives at the price of the hour, less what it takes and wears off."""
        found = self.run(rule)
        assert found is not None
        return float(found.hours.traded.sum())

    def _alone(self, rule: str) -> Run:
        """The run of a rule with the battery left alone; the run itself at a site without one."""
        found = self.run(rules.WITHOUT_BATTERY[rule] if self.site.around is not None else rule)
        assert found is not None
        return found


def figures(scored: Scored, run: Run, hours: slice) -> Figures:
    """Of some of the hours."""
    did, still = run.hours, scored.run(rules.NEVER)
    assert still is not None
    full, counted = scored.site.full[0], scored.site.counted
    could = float((full * counted)[:, hours].sum())
    on = run.operated.on[scored.site.machines.first]
    before = np.concatenate([np.ones_like(on[:, :1]), on[:, :-1]], axis=1)
    return Figures(
        margin_usd=float(did.margin[hours].sum()),
        gain_usd=float((did.margin - still.hours.margin)[hours].sum()),
        revenue_usd=float(did.revenue[hours].sum()),
        restart_usd=float(did.restarts[hours].sum()),
        energy_usd=float(did.energy[hours].sum()),
        unserved_usd=float(did.unserved[hours].sum()),
        wear_usd=float(did.wear[hours].sum()),
        services_usd=float(did.services[hours].sum()),
        billed_usd=float(did.billed[hours].sum()),
        day_ahead_usd=float(did.day_ahead[hours].sum()),
        run_mwh=float(did.run_mwh[hours].sum()),
        metered_mwh=float(did.metered_mwh[hours].sum()),
        full_load_share=float(did.run_mwh[hours].sum()) / could if could else 0.0,
        starts=int(run.operated.started[:, hours].sum()),
        stops=int((before & ~on)[:, hours].sum()),
    )
