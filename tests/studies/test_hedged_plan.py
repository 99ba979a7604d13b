"""A plan that has sold all its hashprice ahead earns the same on every fresh path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allocator.pipeline.solve import solve_scenario
from allocator.scenario.load import load_scenario
from allocator.studies.evaluate import evaluate
from tests.studies.conftest import WORST_PATHS, read_scenario, write_scenario


def test_what_is_sold_ahead_no_path_can_take_or_give(tmp_path: Path) -> None:
    """Old machines hash 30 PH/s on free power: 55,800 USD in May, and 30 x 30 x 60 in June, whatever hashprice is."""
    document = read_scenario(WORST_PATHS)
    del document["risk"]
    document["equipment"]["new"]["buyable"] = False
    law = {"kind": "jump_diffusion", "treatment": "branched", "volatility_per_year": 0.9}
    branching = [{"month": 1, "children": 3}]
    document["uncertainty"] = {"kind": "sampled", "seed": 1, "branching": branching, "hashprice": law}
    june = {"first_month": "2027-06", "last_month": "2027-06"}
    forward = {"name": "june", "kind": "hashprice_forward", "fixed_usd_per_ph_day": 60, "opening_ph_per_s": 30, **june}
    document["hedges"] = [forward]
    solve_scenario(load_scenario(write_scenario(document, WORST_PATHS, tmp_path)), tmp_path / "plan")
    found = evaluate(tmp_path / "plan", 400, 7)
    assert found.npv_usd == pytest.approx(np.full(400, 55_800.0 + 54_000.0), rel=1e-9)
    assert found.cash_usd[:, -1] == pytest.approx(np.full(400, 1e6 + 109_800.0), rel=1e-9)
