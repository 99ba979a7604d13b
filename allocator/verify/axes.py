"""Names of the scenario to positions and back: the axes of the instance, as the tables write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocator.instance.tree import Ints
from allocator.instance.types import Instance
from allocator.verify.check import Axis
from allocator.verify.columns import Columns, Words, as_words, positions

Cells = pd.Series | Words
"""A column of texts."""


class Axes:
    """Positions of names (-1 where unknown), and the axes that checks put into places."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._fit_outs = tuple(dict.fromkeys(instance.bays.fit_out))
        self._positions: dict[str, dict[str, int]] = {}

    def node_at(self, cells: Cells) -> Ints:
        return self._at("node", self._instance.tree.name, cells)

    def site_at(self, cells: Cells) -> Ints:
        return self._at("site", self._instance.sites.names, cells)

    def hall_at(self, cells: Cells) -> Ints:
        return self._at("hall", self._instance.halls.names, cells)

    def model_at(self, cells: Cells) -> Ints:
        return self._at("model", self._instance.models.names, cells)

    def contract_at(self, cells: Cells) -> Ints:
        return self._at("contract", self._instance.offers.names, cells)

    def agreement_at(self, cells: Cells) -> Ints:
        return self._at("agreement", self._instance.hosting.names, cells)

    def loan_at(self, cells: Cells) -> Ints:
        debt = self._instance.debt
        return self._at("loan", () if debt is None else debt.loans.names, cells)

    def hedge_at(self, cells: Cells) -> Ints:
        return self._at("hedge", self._instance.hedges.names, cells)

    def _at(self, axis: str, names: Sequence[str], cells: Cells) -> Ints:
        """Position of each cell among the unique names of an axis."""
        if axis not in self._positions:
            self._positions[axis] = positions(names)
        return as_words(cells).at(self._positions[axis])

    def bay_at(self, hall: Cells, fit_out: Cells) -> Ints:
        """Position of a hall in a fit-out; -1 where the hall cannot have it."""
        return _look_up(self._bay_of, self.hall_at(hall), self._at("fit_out", self._fit_outs, fit_out))

    def placement_at(self, model: Cells, bay: Ints) -> Ints:
        """Position of a model in a bay; -1 where it cannot stand there."""
        return _look_up(self._placement_of, self.model_at(model), bay)

    def segment_at(self, placement: Ints, step: Ints) -> Ints:
        """Position of a power-mode step of a placement; -1 where there is none."""
        steps = self._segment_of.shape[1]
        return _look_up(self._segment_of, placement, np.where((step >= 0) & (step < steps), step, -1))

    def segment_of(self, table: Columns) -> Ints:
        """Position of the power-mode step that each row of an hourly table speaks of; -1 where there is none."""
        bay = self.bay_at(table.words("hall"), table.words("fit_out"))
        return self.segment_at(self.placement_at(table.words("model"), bay), table.integers("step"))

    def service_at(self, site: Cells, service: Cells) -> Ints:
        """Position of a service of a site; -1 where the site has none of that name."""
        reserves = self._instance.reserves
        pairs = [
            (self._instance.sites.names[int(s)], name) for s, name in zip(reserves.site, reserves.names, strict=True)
        ]
        at = {pair: position for position, pair in enumerate(pairs)}
        rows = zip(as_words(site).tolist(), as_words(service).tolist(), strict=True)
        return np.array([at.get(pair, -1) for pair in rows], dtype=np.int64)

    def job_at(self, site: pd.Series, job: pd.Series) -> Ints:
        """Position of deferrable work of a site; -1 where the site has none of that name."""
        jobs = self._instance.jobs
        pairs = [(self._instance.sites.names[int(s)], name) for s, name in zip(jobs.site, jobs.names, strict=True)]
        at = {pair: position for position, pair in enumerate(pairs)}
        return np.array([at.get(pair, -1) for pair in zip(site, job, strict=True)], dtype=np.int64)

    @cached_property
    def _bay_of(self) -> Ints:
        bays = self._instance.bays
        table = np.full((len(self._instance.halls.names), len(self._fit_outs)), -1)
        table[bays.hall, [self._fit_outs.index(name) for name in bays.fit_out]] = np.arange(len(bays.names))
        return table

    @cached_property
    def _placement_of(self) -> Ints:
        placements = self._instance.placements
        table = np.full((len(self._instance.models.names), len(self._instance.bays.names)), -1)
        table[placements.model, placements.bay] = np.arange(len(placements.model))
        return table

    @cached_property
    def _segment_of(self) -> Ints:
        segments = self._instance.segments
        steps = int(segments.step.max(initial=0)) + 1
        table = np.full((len(self._instance.placements.model), steps), -1)
        table[segments.placement, segments.step] = np.arange(len(segments.step))
        return table

    @cached_property
    def nodes(self) -> Axis:
        return {"node": self._instance.tree.name}

    @cached_property
    def sites(self) -> Axis:
        return {"site": self._instance.sites.names}

    @cached_property
    def halls(self) -> Axis:
        return {"hall": self._instance.halls.names}

    @cached_property
    def models(self) -> Axis:
        return {"model": self._instance.models.names}

    @cached_property
    def contracts(self) -> Axis:
        return {"contract": self._instance.offers.names}

    @cached_property
    def agreements(self) -> Axis:
        return {"agreement": self._instance.hosting.names}

    @cached_property
    def loans(self) -> Axis:
        debt = self._instance.debt
        return {"loan": () if debt is None else debt.loans.names}

    @cached_property
    def hedges(self) -> Axis:
        return {"hedge": self._instance.hedges.names}

    @cached_property
    def bays(self) -> Axis:
        bays = self._instance.bays
        return {"hall": _pick(self._instance.halls.names, bays.hall), "fit_out": bays.fit_out}

    @cached_property
    def placements(self) -> Axis:
        placements = self._instance.placements
        return {
            **{key: _pick(names, placements.bay) for key, names in self.bays.items()},
            "model": _pick(self._instance.models.names, placements.model),
        }

    @cached_property
    def segments(self) -> Axis:
        segments = self._instance.segments
        places = {key: _pick(names, segments.placement) for key, names in self.placements.items()}
        return {**places, "step": segments.step.tolist()}

    @cached_property
    def services(self) -> Axis:
        """Services of all sites; a name is unique within its site."""
        return {"service": self._instance.reserves.names}

    @cached_property
    def jobs(self) -> Axis:
        """Deferrable work of all sites; a name is unique within its site."""
        return {"job": self._instance.jobs.names}

    @cached_property
    def leaves(self) -> Axis:
        return {"node": _pick(self._instance.tree.name, self._instance.tree.leaves)}


def subset(axis: Axis, positions: Iterable[int]) -> Axis:
    """The axis at some of its positions."""
    chosen = [int(position) for position in positions]
    return {key: [names[position] for position in chosen] for key, names in axis.items()}


def _pick(names: Sequence[object] | pd.DatetimeIndex, positions: NDArray[np.int64]) -> list[object]:
    return [names[int(position)] for position in positions]


def position_of(names: Sequence[str], cells: Cells) -> Ints:
    """Position of each cell among unique names, -1 where it is none of them."""
    return as_words(cells).at(positions(names))


def _look_up(table: Ints, row: Ints, column: Ints) -> Ints:
    if not table.size:
        return np.full(len(row), -1)
    return np.where((row >= 0) & (column >= 0), table[row, column], -1)
