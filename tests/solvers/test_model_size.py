"""The modelling layer builds a site-year in seconds even on a busy machine."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from solvers.model import Model

HOURS = 8760
SEGMENTS = 40
BAYS = 8
SECONDS = 5.0
"""About ten times what it takes on two idle cores."""


def test_four_hundred_thousand_columns_build_in_seconds() -> None:
    bay_of = [f"bay{k // (SEGMENTS // BAYS)}" for k in range(SEGMENTS)]
    names = [f"site/hall/model{k}" for k in range(SEGMENTS)]
    segments = pd.DataFrame({"segment": names, "bay": bay_of})
    hours = pd.DataFrame({"hour": range(HOURS)})
    load_index = segments.merge(hours, how="cross")
    bay_index = pd.DataFrame({"bay": sorted(set(bay_of))}).merge(hours, how="cross")

    started = time.perf_counter()
    model = Model("site-year", "max")
    load = model.variables("load_mw", load_index).expr
    shed = model.variables("shed_mw", bay_index, upper=1.0).expr
    installed = model.variables("installed", segments, upper=9.0, integer=True).expr
    model.rows("POWER.hall", load.sum_by(bay_index) - shed, upper=30.0)
    model.rows("POWER.site", 1.05 * load.sum_by(hours) - shed.sum_by(hours), upper=100.0)
    model.rows("FLEET.available", load <= 3.0 * installed.take(load_index, on=["segment", "bay"]))
    model.objective(load * np.linspace(0.0, 1.0, len(load_index)))
    problem = model.build()
    seconds = time.perf_counter() - started

    assert problem.shape[1] > 400_000
    assert problem.matrix.nnz > 1_000_000
    assert seconds < SECONDS
