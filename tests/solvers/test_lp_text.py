"""LP text: what it says, and that another reader understands it."""

from __future__ import annotations

from pathlib import Path

import highspy
import numpy as np
import pandas as pd
import pytest

from solvers.backends.highs import HighsSession
from solvers.lp_text import lp_text
from solvers.model import Model
from solvers.problem import Problem


def small() -> Problem:
    """max 3 x0 + 2 x1 - y + 5 with a ranged row, an equation, an integer, a free and a fixed column."""
    model = Model("small", sense="max")
    first = np.array([True, False])
    x = model.variables("x", pd.DataFrame({"k": [0, 1]}), upper=np.array([4.0, 10.0]), integer=first)
    places = pd.DataFrame({"place": ["a b", "c<d"]})
    y = model.variables("y", places, lower=np.array([-np.inf, 2.0]), upper=np.array([np.inf, 2.0]))
    model.rows("LIMIT", x.expr.total(), lower=1.0, upper=7.5)
    model.rows("LINK", y.expr.keep(first).total() - x.expr.keep(first).total() == -1.5)
    model.objective(x.expr * np.array([3.0, 2.0]) + 2.5)
    model.objective(y.expr * -1.0)
    return model.build()


def test_text_names_members_by_family_and_labels() -> None:
    assert lp_text(small()) == (
        "\\ small\n"
        "Maximize\n"
        " obj: + 3 x(0) + 2 x(1) - y(a_b) - y(c_d) + 5\n"
        "Subject To\n"
        " LIMIT: + x(0) + x(1) >= 1\n"
        " LIMIT_upper: + x(0) + x(1) <= 7.5\n"
        " LINK: - x(0) + y(a_b) = -1.5\n"
        "Bounds\n"
        " 0 <= x(0) <= 4\n"
        " 0 <= x(1) <= 10\n"
        " y(a_b) free\n"
        " y(c_d) = 2\n"
        "General\n"
        " x(0)\n"
        "End\n"
    )


def test_chosen_rows_declare_only_the_columns_they_use() -> None:
    text = lp_text(small(), rows=["LINK"], objective=False)
    assert "LIMIT" not in text
    assert "x(1)" not in text
    assert " obj:\n" in text


def test_an_unknown_family_is_an_error() -> None:
    with pytest.raises(KeyError):
        lp_text(small(), rows=["ABSENT"])


def test_another_reader_finds_the_same_optimum(tmp_path: Path) -> None:
    file = tmp_path / "small.lp"
    file.write_text(lp_text(small()), encoding="utf-8")
    other = highspy.Highs()
    other.setOptionValue("output_flag", False)
    assert other.readModel(str(file)) == highspy.HighsStatus.kOk
    other.run()
    assert other.getInfo().objective_function_value == pytest.approx(HighsSession(small()).solve().primal_bound)


def test_long_lines_are_broken() -> None:
    model = Model("wide", sense="min")
    x = model.variables("x", pd.DataFrame({"k": range(100)}))
    model.rows("ALL", x.expr.total(), lower=1.0)
    assert max(map(len, lp_text(model.build()).split("\n"))) <= 120
