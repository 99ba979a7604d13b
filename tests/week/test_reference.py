"""The rows of the week against machines that flow through states, in plain PuLP; and as LP text.

After an intended change of the mathematics, write the text anew and read the difference:

    python -m tests.week.test_reference
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allocator.instance.restarts import Restarts
from allocator.planning.families import row_labels
from allocator.week import moves, program
from allocator.week import restarts as week_restarts
from allocator.week.interface import Opening, WeekOptions
from allocator.week.moves import scheduled_mw
from allocator.week.standing import standing
from solvers.lp_text import lp_text
from tests.quick import quick
from tests.reference.solving import elsewhere
from tests.week.elsewhere import best_usd
from tests.week.sites import Fleet, restarts, settling, site

GOLDEN = Path(__file__).parent / "golden"
FIRM_MW = 5.0


@pytest.mark.parametrize("seed", quick(range(30), first=5))
def test_a_shared_limit_moves_and_restarts_are_worth_what_plain_flows_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fleets = [Fleet((10.0, 4.0), (70.0, 45.0), 0.05), Fleet((6.0,), (50.0,))]
    times = rng.integers(0, 4, (2, 2)).astype(float)
    terms = Restarts(rng.choice([0.0, 0.2, 0.7, 1.3], 2), *times, rng.choice([2.0, 6.0], 2))
    hours = 14
    made = site(fleets, hours, terms, 18.0, firm_mw=FIRM_MW)
    share = rng.choice([0.5, 1.0], (3, hours), p=[0.2, 0.8])
    running = None if rng.random() < 0.3 else rng.choice([0.0, 5.0, 20.0], 3)
    off = None if running is None else rng.uniform(0, 3, 2)
    out = None if rng.random() < 0.5 else rng.uniform(0.0, 10.0, (3, hours))
    opening = Opening(running_mw=running, off_h=off, available_share=share, scheduled_mw=out)
    options = WeekOptions(churn_usd_per_mw=1.5, most_moved_mw=float(rng.choice([4.0, np.inf])))
    opened = standing(made, settling(made, np.exp(rng.normal(4.0, 0.5, hours))), opening)
    solved = program.solve(opened, scheduled_mw(out, opened.available_mw), options)
    plain = elsewhere(best_usd, opened.structure, opening, options, FIRM_MW)
    assert solved.bound_usd == pytest.approx(plain, rel=1e-6, abs=1e-4)


def golden_texts() -> dict[str, str]:
    """Rows of restarts and moves for two fleets, one with two modes, over three hours."""
    terms = Restarts(np.array([1.25, 0.0]), np.array([2.0, 2.0]), np.array([1.0, 2.0]), np.array([3.0, 0.0]))
    made = site([Fleet((10.0, 4.0), (70.0, 45.0)), Fleet((6.0,), (50.0,))], 3, terms)
    opening = Opening(running_mw=np.array([5.0, 0.0, 0.0]), off_h=np.array([0.0, 1.0]))
    opened = standing(made, settling(made, [40.0, 60.0, 80.0]), opening)
    out = np.full((3, 3), 2.0)
    built = program.build(opened, out, WeekOptions(churn_usd_per_mw=1.0, most_moved_mw=5.0))
    modules = {"restarts": week_restarts, "moves": moves}
    return {name: lp_text(built, row_labels(module), objective=True) for name, module in modules.items()}


@pytest.mark.parametrize("name", ["restarts", "moves"])
def test_rows_equal_the_golden_text(name: str) -> None:
    assert golden_texts()[name] == (GOLDEN / f"{name}.lp").read_text(encoding="utf-8")


def test_one_limit_and_one_dear_hour_by_hand() -> None:
    """Two fleets of 10 MW behind a meter of 15; starts cost 4 USD/MW, a machine draws an hour before it earns again.

    Energy costs 30, 80, 30 USD/MWh. The first fleet earns 60, the second 50. Cheap hours: 10 MW at 30 and 5 MW at 20
    USD/MWh of margin are 400 USD. In the dear hour each MW of the first loses 20 USD, of the second 30. To stop and
    come back costs 4, and the hour of the return earns nothing: 60 or 50 USD a MW. So the first runs through, and the
    second, which would lose 30 and earn 20 after, stops for good: 400 - 10 x 20 + 10 x 30 = 500. Were the return at
    once, both would stop and come back: 400 + 400 - 15 x 4 = 740.
    """
    fleets = [Fleet((10.0,), (60.0,)), Fleet((10.0,), (50.0,))]
    for restart_h, value in ((1.0, 500.0), (0.0, 740.0)):
        one = restarts(restart_h, usd=4.0)
        made = site(fleets, 3, one.of(np.array([0, 0])), 15.0)
        opening = Opening(running_mw=np.array([10.0, 5.0]), off_h=np.array([9.0, 9.0]))
        opened = standing(made, settling(made, [30.0, 80.0, 30.0]), opening)
        solved = program.solve(opened, np.full((2, 3), np.nan), WeekOptions())
        assert solved.bound_usd == pytest.approx(value)
        assert elsewhere(best_usd, opened.structure, opening, WeekOptions(), 0.0) == pytest.approx(value)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for stem, text in golden_texts().items():
        (GOLDEN / f"{stem}.lp").write_text(text, encoding="utf-8")
