"""The master problem in a warm session: relaxed, with some or all integers, or with integers held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from allocator.decomposition.cut_rows import CutRows
from allocator.instance.tree import Floats, Ints
from solvers.backends.highs import HighsSession
from solvers.backends.highs_basis import BASIC, Basis, Statuses
from solvers.options import SolveOptions
from solvers.problem import Family, Problem
from solvers.result import Limit, Result

CUT = "MARGIN.cut"
"""Row family of the cuts."""
SLACK_TO_PURGE_MUSD = 1e-4
"""A cut this far from binding at the last relaxed optimum is dropped; if it is needed again it comes back."""


class Master:
    """Keeps the cuts and the basis between solves."""

    def __init__(self, problem: Problem, options: SolveOptions) -> None:
        self.problem = problem
        self._options = options
        self._session = HighsSession(problem, options)
        self.integer = np.flatnonzero(problem.integer)
        self._first_cut = problem.shape[0]
        self._cuts: list[CutRows] = []
        self._lower, self._upper = problem.lower.copy(), problem.upper.copy()
        self._root_duals: Floats | None = None

    def columns(self, families: Collection[str]) -> Ints:
        """Positions of the integer columns of some families."""
        named = [np.arange(f.start, f.stop) for name, f in self.problem.columns.items() if name in families]
        return np.intersect1d(self.integer, np.concatenate([np.empty(0, dtype=np.int64), *named]))

    @property
    def cuts(self) -> int:
        """How many cuts the master holds."""
        return sum(len(block.upper) for block in self._cuts)

    def bounded(self) -> Problem:
        """The planning problem with every cut held now as a row of the family MARGIN.cut."""
        held, problem = self._held(), self.problem
        cuts = Family(CUT, self._first_cut, pd.DataFrame({"cut": np.arange(len(held.upper))}))
        return replace(
            problem,
            matrix=sp.csc_matrix(sp.vstack([problem.matrix, held.matrix])),
            row_lower=np.append(problem.row_lower, np.full(len(held.upper), -np.inf)),
            row_upper=np.append(problem.row_upper, held.upper),
            rows={**problem.rows, CUT: cuts},
        )

    def add(self, rows: CutRows) -> None:
        """Add cuts."""
        if len(rows.upper):
            lower = np.full(len(rows.upper), -np.inf)
            self._session.add_rows(rows.matrix, lower, rows.upper, CUT)
            self._cuts.append(rows)

    def slack(self, x: Floats) -> Ints:
        """The cuts that are far from binding at a relaxed optimum x, by their position among those held now."""
        return np.flatnonzero(self._held().violation(x) < -SLACK_TO_PURGE_MUSD)

    def drop(self, cuts: Ints) -> None:
        """Drop cuts, and what the root's prices say of them."""
        held = self._held()
        self._session.remove_rows(self._first_cut + cuts)
        self._cuts = [held.keep(np.setdiff1d(np.arange(len(held.upper)), cuts))]
        if self._root_duals is not None:
            self._root_duals = np.delete(self._root_duals, self._first_cut + cuts)

    def basis(self) -> Basis:
        """Of the linear program just solved."""
        return self._session.basis()

    def start_from(self, columns: Statuses, rows: Statuses) -> bool:
        """Let the next linear program start from a basis; rows added since are basic. False where it is none."""
        every = np.append(rows, np.full(self._first_cut + self.cuts - len(rows), BASIC, dtype=np.uint8))
        if (columns == BASIC).sum() + (every == BASIC).sum() != len(every):
            return False
        self._session.start_from(Basis.of(columns, every))
        return True

    def price_root(self) -> None:
        """Keep the prices of the relaxation just solved: they prove its bound."""
        self._root_duals = self._session.duals().row

    def root_duals(self) -> Floats | None:
        """Prices kept of the relaxation, one a row of `bounded`; cuts added since have none. None: none were kept."""
        if self._root_duals is None:
            return None
        return np.pad(self._root_duals, (0, self._first_cut + self.cuts - len(self._root_duals)))

    def relax(self) -> None:
        """Treat integers as continuous, within their own bounds."""
        self._session.set_integrality(self.integer, integer=False)
        self._free()

    def ask_whole(self, columns: Ints) -> None:
        """Ask for integers in some columns, within their own bounds; the other ones are continuous."""
        self.relax()
        self._session.set_integrality(columns, integer=True)

    def complete(self, x: Floats, columns: Ints) -> None:
        """Hold some integers at their rounded values in x, ask for integers in all the other ones."""
        self.ask_whole(np.setdiff1d(self.integer, columns))
        self._hold(x, columns)

    def relax_within(self, x: Floats, columns: Ints) -> None:
        """Hold some integers at their rounded values in x, relax all the other ones."""
        self.relax()
        self._hold(x, columns)

    def fix(self, x: Floats) -> None:
        """Hold every integer at its rounded value in x; the rest is a linear program."""
        self._session.set_integrality(self.integer, integer=False)
        self._hold(x, self.integer)

    def hold(self, columns: Ints, values: Floats) -> None:
        """Hold some columns at values."""
        self._bound(columns, values, values)

    def release(self, columns: Ints) -> None:
        """Give some columns their own bounds back."""
        self._bound(columns, self.problem.lower[columns], self.problem.upper[columns])

    def solve(self, options: SolveOptions | None = None, hint: Floats | None = None) -> Result:
        """Solve what the master is now; a solve that Ctrl-C ended early ends the run."""
        if hint is not None:
            hint = np.clip(hint, self._lower, self._upper)  # HiGHS refuses a start outside, be it by a tolerance
        result = self._session.solve(options or self._options, hint)
        if result.limit is Limit.INTERRUPT:
            raise KeyboardInterrupt
        return result

    def _held(self) -> CutRows:
        none = sp.csr_matrix((0, self.problem.shape[1]))
        matrix = sp.vstack([none, *(block.matrix for block in self._cuts)]).tocsr()
        return CutRows(matrix, np.concatenate([np.empty(0), *(block.upper for block in self._cuts)]))

    def _hold(self, x: Floats, columns: Ints) -> None:
        whole = np.round(x[columns])
        self._bound(columns, whole, whole)

    def _free(self) -> None:
        self.release(self.integer)

    def _bound(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        self._session.set_bounds(columns, lower, upper)
        self._lower[columns], self._upper[columns] = lower, upper
