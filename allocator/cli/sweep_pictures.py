"""Pictures and sensitivities of a finished sweep, beside its table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.tree import Floats
from allocator.pipeline.errors import WriteError
from allocator.plan.files import written_whole
from allocator.reports import sweep as drawn
from allocator.reports.bars import Measure, Swing
from allocator.reports.canvas import PicturesMissingError, save, styled
from allocator.reports.scales import stated
from allocator.scenario.load import LoadedScenario
from allocator.studies.sweep.design import GRID, HYPERCUBE, ONE_BY_ONE, SOBOL, Design
from allocator.studies.sweep.figures import figures
from allocator.studies.sweep.inputs import as_stated, in_words
from allocator.studies.sweep.results import INPUT
from allocator.studies.sweep.run import Swept
from allocator.studies.sweep.sensitivity import Influence, rank_correlations, swings, told, variance_shares

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES, SENSITIVITY_JSON = "pictures", "sensitivity.json"
SHOWN = (drawn.NPV, drawn.AI)


def tell_sensitivities(found: Swept, folder: Path) -> Mapping[str, object]:
    """Write sensitivity.json, and return what it holds; {} for a grid."""
    base = None if found.base is None else found.base.meta.objective_usd
    data = told(found.design, found.table.to_pandas(), SHOWN, base) if found.design.kind != GRID else {}
    if data:
        try:
            with written_whole(folder / SENSITIVITY_JSON) as path:
                path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="ascii")
        except OSError as error:
            raise WriteError(f"{folder} was not written: {error}") from error
    return data


def draw(loaded: LoadedScenario, found: Swept, folder: Path) -> str:
    """Write the pictures of a sweep; returns in words where they are, or what they need."""
    names = [axis.name for axis in found.design.axes]
    view = drawn.Sweep(
        scenario=loaded.scenario.name,
        table=found.table.to_pandas(),
        names={name: f"{INPUT}{name}" for name in names},
        labels={name: in_words(loaded, name) for name in names},
        stands={name: as_stated(loaded, name) for name in names},
        base=_base(found),
    )
    try:
        with styled():
            made = _pictures(view, found.design)
            files = [file for name, picture in made.items() for file in save(picture, folder / PICTURES, name)]
    except PicturesMissingError as error:
        return str(error)
    except OSError as error:
        raise WriteError(f"{folder / PICTURES} was not written: {error}") from error
    return f"pictures: {', '.join(file.name for file in files if file.suffix == '.png')} in {folder / PICTURES}"


def _base(found: Swept) -> Mapping[str, float | None]:
    if found.base is None:
        return {}
    figure = figures(found.base)
    return {name: value for name in SHOWN if isinstance(value := figure[name], float)}


def _pictures(view: drawn.Sweep, design: Design) -> dict[str, Figure]:
    return {GRID: _maps, ONE_BY_ONE: _tornado, SOBOL: _shares, HYPERCUBE: _cloud}[design.kind](view, design)


def _maps(view: drawn.Sweep, _: Design) -> dict[str, Figure]:
    return drawn.maps(view)


def _tornado(view: drawn.Sweep, design: Design) -> dict[str, Figure]:
    base = view.base.get(drawn.NPV)
    if base is None:
        return {}
    found = [
        Swing(view.labels[one.name], stated(one.low), stated(one.high), one.at_low, one.at_high)
        for one in swings(design, _values(view, drawn.NPV), base)
    ]
    return drawn.swings(view, found)


def _shares(view: drawn.Sweep, design: Design) -> dict[str, Figure]:
    made = {}
    for figure in SHOWN:
        found = variance_shares(design, _values(view, figure))
        if found is not None:
            alone, together = _measure("alone", found.first), _measure("with others", found.total)
            made[f"variance_{figure}"] = drawn.shares(view, figure, alone, together)
    return made


def _measure(name: str, found: Influence) -> Measure:
    return Measure(name, found.value.tolist(), found.low.tolist(), found.high.tolist())


def _cloud(view: drawn.Sweep, design: Design) -> dict[str, Figure]:
    ranks: dict[str, Sequence[float]] = {}
    for figure in SHOWN:
        found = rank_correlations(design, _values(view, figure))
        if found is not None:
            ranks[figure] = found.tolist()
    return drawn.correlations(view, ranks)


def _values(view: drawn.Sweep, column: str) -> Floats:
    return np.asarray(view.table[column], dtype=np.float64)
