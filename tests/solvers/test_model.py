"""Facts of the labelled modelling layer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from solvers.axes import AxisMismatchError
from solvers.model import SCALAR, Expr, Ledger, Model, lag
from tests.quick import examples
from tests.solvers.small import seeds

SITES = pd.DataFrame({"site": ["a", "a", "b"], "node": [0, 1, 0]})
AB = pd.DataFrame({"site": ["b", "a"]})


def values(expr: Expr, x: np.ndarray) -> np.ndarray:
    """The expression at a point of all columns."""
    return np.bincount(expr.row, expr.coefficient * x[expr.column], len(expr)) + expr.constant


@pytest.fixture
def model() -> Model:
    return Model("test", "min")


@pytest.fixture
def x(model: Model) -> Expr:
    return model.variables("x", SITES).expr


POINT = np.array([1.0, 10.0, 100.0])


def test_arithmetic_is_that_of_the_values(x: Expr) -> None:
    factor = np.array([1.0, 2.0, 3.0])
    assert values(2 * x * factor - x / 2 + 1, POINT).tolist() == [2.5, 36.0, 551.0]
    assert values(5.0 - factor * x, POINT).tolist() == [4.0, -15.0, -295.0]
    assert values(-x + pd.Series(factor), POINT).tolist() == [0.0, -8.0, -97.0]
    assert values(pd.Series(factor) * x, POINT).tolist() == [1.0, 20.0, 300.0]


def test_expressions_over_equal_tables_add_whatever_object_holds_the_table(model: Model, x: Expr) -> None:
    y = model.variables("y", SITES.copy()).expr
    assert values(x + y, np.array([1.0, 2, 3, 4, 5, 6])).tolist() == [5.0, 7.0, 9.0]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(AB, id="other axes"),
        pytest.param(SITES[["node", "site"]], id="other order of axes"),
        pytest.param(SITES.iloc[[1, 0, 2]].reset_index(drop=True), id="other order of rows"),
        pytest.param(SITES.iloc[:2], id="fewer rows"),
    ],
)
def test_expressions_over_different_tables_do_not_add(model: Model, x: Expr, other: pd.DataFrame) -> None:
    y = model.variables("y", other).expr
    with pytest.raises(AxisMismatchError):
        x + y


def test_a_scalar_expression_is_not_broadcast(x: Expr) -> None:
    with pytest.raises(AxisMismatchError):
        x + x.total()


def test_expressions_of_two_models_do_not_add(x: Expr) -> None:
    with pytest.raises(AxisMismatchError, match="different models"):
        x + Model("other", "min").variables("x", SITES).expr


def test_rows_of_another_model_are_refused(x: Expr) -> None:
    with pytest.raises(AxisMismatchError, match="another model"):
        Model("other", "min").rows("R", x, upper=1.0)


@pytest.mark.parametrize("data", [np.ones(2), np.ones((3, 1)), pd.Series([1.0, 1.0, 1.0], index=[0, 2, 1])])
def test_data_must_have_the_shape_and_labels_of_the_table(x: Expr, data: object) -> None:
    with pytest.raises(AxisMismatchError):
        x * data
    with pytest.raises(AxisMismatchError):
        x + data


@pytest.mark.parametrize("bad", [np.nan, np.inf, np.array([1.0, np.nan, 1.0]), pd.Series([1.0, 2.0, np.nan])])
def test_nan_and_infinite_coefficients_are_refused(x: Expr, bad: object) -> None:
    for use in (lambda: x * bad, lambda: x + bad):
        with pytest.raises(ValueError, match="holds"):
            use()


def test_nan_bounds_and_sides_are_refused(model: Model, x: Expr) -> None:
    with pytest.raises(ValueError, match="y upper holds nan at position 1"):
        model.variables("y", SITES, upper=np.array([1.0, np.nan, np.inf]))
    with pytest.raises(ValueError, match="R lower holds nan"):
        model.rows("R", x, lower=np.nan)


def test_names_are_used_once(model: Model, x: Expr) -> None:
    with pytest.raises(ValueError, match="x is used twice"):
        model.variables("x", SITES)
    model.rows("R", x, upper=1.0)
    with pytest.raises(ValueError, match="R is used twice"):
        model.rows("R", x, upper=1.0)


def test_an_index_with_a_repeated_row_a_missing_label_or_old_labels_is_refused(model: Model) -> None:
    with pytest.raises(ValueError, match=r"repeats row 1 \{'site': 'a'\}"):
        model.variables("y", SITES[["site"]])
    with pytest.raises(ValueError, match="missing label"):
        model.variables("y", pd.DataFrame({"site": ["a", None]}))
    with pytest.raises(AxisMismatchError, match="reset_index"):
        model.variables("y", SITES.iloc[1:])


def test_rows_without_a_finite_side_are_refused(model: Model, x: Expr) -> None:
    with pytest.raises(ValueError, match="no finite side"):
        model.rows("R", x)


def test_a_chained_comparison_raises(x: Expr) -> None:
    with pytest.raises(TypeError, match="lower=a, upper=b"):
        _ = 0 <= x <= 1


def test_comparisons_move_everything_to_one_side(model: Model, x: Expr) -> None:
    y = model.variables("y", SITES, upper=5.0).expr
    model.rows("LE", 2 * x + 1 <= y)
    model.rows("GE", x >= np.array([1.0, 2.0, 3.0]))
    model.rows("EQ", np.ones(3) == x)
    problem = model.build()
    assert problem.matrix.toarray()[:3].tolist() == [[2, 0, 0, -1, 0, 0], [0, 2, 0, 0, -1, 0], [0, 0, 2, 0, 0, -1]]
    assert problem.row_upper.tolist() == [-1, -1, -1, np.inf, np.inf, np.inf, 1, 1, 1]
    assert problem.row_lower.tolist() == [-np.inf] * 3 + [1, 2, 3, 1, 1, 1]


def test_ranged_rows_move_constants_to_both_sides(model: Model, x: Expr) -> None:
    model.rows("R", x + 3, lower=0.0, upper=np.array([4.0, 5.0, np.inf]))
    problem = model.build()
    assert problem.row_lower.tolist() == [-3.0] * 3
    assert problem.row_upper.tolist() == [1.0, 2.0, np.inf]


def test_families_know_their_ranges(model: Model, x: Expr) -> None:
    model.variables("y", AB, integer=True)
    model.rows("R", x.total(), upper=1.0)
    model.rows("S", x, upper=1.0)
    problem = model.build()
    assert [(f.start, f.stop) for f in problem.columns.values()] == [(0, 3), (3, 5)]
    assert [(f.start, f.stop) for f in problem.rows.values()] == [(0, 1), (1, 4)]
    assert problem.integer.tolist() == [False] * 3 + [True] * 2
    assert problem.row_family(2).name == "S"
    assert problem.column_family(4).name == "y"


def test_repeated_terms_are_summed_and_cancelled_ones_vanish(model: Model, x: Expr) -> None:
    model.rows("R", x + x, upper=1.0)
    model.rows("S", x - x, upper=1.0)
    model.objective(x)
    model.objective(2 * x + 1)
    problem = model.build()
    assert problem.matrix.nnz == 3
    assert problem.matrix.toarray()[0].tolist() == [2.0, 0.0, 0.0]
    assert problem.cost.tolist() == [3.0, 3.0, 3.0]
    assert problem.offset == 3.0


def test_sum_by_groups_members_and_constants(x: Expr) -> None:
    assert values((x + 1).sum_by(AB), POINT).tolist() == [101.0, 13.0]


def test_sum_by_refuses_a_group_without_members_unless_told(x: Expr) -> None:
    wider = pd.DataFrame({"site": ["a", "b", "c"]})
    with pytest.raises(AxisMismatchError, match=r"no member to sum for row 2 \{'site': 'c'\}"):
        x.sum_by(wider)
    assert values(x.sum_by(wider, empty="zero"), POINT).tolist() == [11.0, 100.0, 0.0]


def test_sum_by_refuses_members_without_a_group_unless_told(x: Expr) -> None:
    only_b = pd.DataFrame({"site": ["b"]})
    with pytest.raises(AxisMismatchError, match="matches no row"):
        x.sum_by(only_b)
    assert values((x + 1).sum_by(only_b, drop="unmatched"), POINT).tolist() == [101.0]


def test_sum_by_demands_all_axes_of_the_target(x: Expr) -> None:
    with pytest.raises(AxisMismatchError, match="but the table has the axes"):
        x.sum_by(SITES, on=["site"])


def test_take_looks_members_up_under_other_names(x: Expr) -> None:
    frame = pd.DataFrame({"made": [0, 1, 0], "where": ["b", "a", "b"], "extra": [7, 8, 9]})
    taken = (x + 1).take(frame, on={"where": "site", "made": "node"})
    assert taken.index is frame
    assert values(taken, POINT).tolist() == [101.0, 11.0, 101.0]


def test_take_refuses_absent_members_unless_told(x: Expr) -> None:
    frame = pd.DataFrame({"site": ["b"], "node": [1]})
    with pytest.raises(AxisMismatchError, match="no member found for row 0"):
        x.take(frame, on=["site", "node"])
    assert values((x + 1).take(frame, on=["site", "node"], absent="zero"), POINT).tolist() == [0.0]


def test_take_refuses_axes_that_do_not_identify_a_member(x: Expr) -> None:
    with pytest.raises(AxisMismatchError, match="not identified by"):
        x.take(AB, on=["site"])
    with pytest.raises(AxisMismatchError, match=r"\['hall'\] are missing"):
        x.take(AB, on={"site": "hall"})


def test_a_scalar_is_taken_by_every_row_when_asked(x: Expr) -> None:
    assert values(x.total().take(AB, on=[]), POINT).tolist() == [111.0, 111.0]
    assert x.total().index is SCALAR


def test_pick_by_position_and_keep_by_mask(x: Expr) -> None:
    assert values(x.pick(np.array([2, -1]), AB, absent="zero"), POINT).tolist() == [100.0, 0.0]
    with pytest.raises(AxisMismatchError, match="no member found"):
        x.pick(np.array([2, -1]), AB)
    with pytest.raises(AxisMismatchError, match="positions must be 2 numbers"):
        x.pick(np.array([3, 0]), AB)
    kept = x.keep(np.array([True, False, True]))
    assert values(kept, POINT).tolist() == [1.0, 100.0]
    assert kept.index["site"].tolist() == ["a", "b"]


def test_has_terms_tells_empty_rows(x: Expr) -> None:
    summed = x.sum_by(pd.DataFrame({"site": ["a", "b", "c"]}), empty="zero")
    assert summed.has_terms.tolist() == [True, True, False]


def test_lag_gives_the_parent_and_the_initial_value_at_roots(model: Model) -> None:
    tree = pd.DataFrame({"e": ["p", "p", "p", "q", "q", "q"], "node": [0, 1, 2, 0, 1, 2]})
    stock = model.variables("stock", tree).expr
    before = lag(stock + 1, "node", parent=np.array([-1, 0, 0]), initial=np.arange(6) * 1000.0)
    assert values(before, np.array([1.0, 2, 3, 4, 5, 6])).tolist() == [0.0, 2.0, 2.0, 3000.0, 5.0, 5.0]
    assert before.index is tree


def test_lag_refuses_roots_without_an_initial_value_and_members_without_a_parent(x: Expr) -> None:
    with pytest.raises(AxisMismatchError, match="is a root"):
        lag(x, "node", parent=np.array([-1, 0]))
    ragged = Model("m", "min").variables("y", pd.DataFrame({"node": [1]})).expr
    with pytest.raises(AxisMismatchError, match="no member at its parent"):
        lag(ragged, "node", parent=np.array([-1, 0]))
    assert not lag(ragged, "node", parent=np.array([-1, 0]), absent="zero").has_terms.any()


def test_a_ledger_sums_what_families_add_over_its_own_table(x: Expr) -> None:
    ledger = Ledger(SITES)
    assert values(ledger.total, POINT).tolist() == [0.0, 0.0, 0.0]
    ledger.add(x)
    ledger.add(2 * x + 1)
    assert values(ledger.total, POINT).tolist() == [4.0, 31.0, 301.0]
    with pytest.raises(AxisMismatchError):
        ledger.add(x.sum_by(AB))


def test_a_model_without_rows_or_objective_builds(model: Model, x: Expr) -> None:
    problem = model.build()
    assert problem.shape == (0, 3)
    assert problem.cost.tolist() == [0.0, 0.0, 0.0]


def test_empty_families_are_allowed(model: Model) -> None:
    nothing = SITES.iloc[:0]
    y = model.variables("y", nothing).expr
    model.rows("R", y, upper=0.0)
    model.objective(y)
    assert model.build().shape == (0, 0)


@examples(60)
@given(seeds)
def test_sums_and_look_ups_agree_with_pandas(seed: int) -> None:
    draw = np.random.default_rng(seed)
    table = pd.DataFrame(draw.integers(0, 4, (12, 3)), columns=["a", "b", "c"]).drop_duplicates(ignore_index=True)
    model = Model("m", "min")
    expr = model.variables("x", table).expr * draw.integers(1, 9, len(table)) + draw.integers(0, 5, len(table))
    point = draw.integers(0, 9, len(table)).astype(float)
    frame = table.assign(value=values(expr, point))

    groups = table[["c", "a"]].drop_duplicates(ignore_index=True)
    expected = groups.merge(frame.groupby(["c", "a"], as_index=False)["value"].sum(), how="left")["value"]
    assert values(expr.sum_by(groups), point).tolist() == expected.tolist()

    asked = pd.DataFrame(draw.integers(0, 5, (9, 3)), columns=["b", "c", "a"])
    wanted = asked.merge(frame, how="left", on=["a", "b", "c"])["value"].fillna(0.0)
    assert values(expr.take(asked, on=["a", "b", "c"], absent="zero"), point).tolist() == wanted.tolist()


def test_look_ups_with_many_axes_stay_exact() -> None:
    draw = np.random.default_rng(1)
    axes = [f"axis{k}" for k in range(9)]
    table = pd.DataFrame(draw.integers(0, 200, (3000, 9)), columns=axes).drop_duplicates(ignore_index=True)
    expr = Model("m", "min").variables("x", table).expr
    order = draw.permutation(len(table))
    taken = expr.take(table.iloc[order].reset_index(drop=True), on=axes)
    assert taken.column.tolist() == order.tolist()


def test_the_extent_of_an_expression_is_what_its_columns_let_it_be(model: Model) -> None:
    x = model.variables("x", SITES, lower=[0.0, -2.0, 1.0], upper=[1.0, 3.0, np.inf]).expr
    least, most = model.extent(2.0 - x * np.array([4.0, -1.0, 1.0]))
    assert least.tolist() == [-2.0, 0.0, -np.inf]
    assert most.tolist() == [2.0, 5.0, 1.0]
    assert model.extent(x.total())[0].tolist() == [-1.0]
