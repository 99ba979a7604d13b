"""What changed between two plans: values, series, solver; and which of them the value follows."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from allocator.pipeline.method import SolveRequest
from allocator.pipeline.ruled import solve_by_rule
from allocator.scenario.changes import Absent, Change, Kind, apply, changes
from allocator.scenario.load import load_scenario
from allocator.studies.diff import RULE, SOLVER, diff
from tests.cli import small
from tests.cli.conftest import Command

MakePlan = Callable[..., Path]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> MakePlan:
    """Solves the small scenario with some values changed, series of its own, or another gap; each of them once."""
    known: dict[str, Path] = {}

    def made(name: str, *values: tuple[str, Any], usd_per_mwh: int = 40, gap: float = 0.0, rule: str = "") -> Path:
        key = repr((name, values, usd_per_mwh, gap, rule))
        if key not in known:
            home = tmp_path_factory.mktemp("plan")
            series = small.days().replace(",40,", f",{usd_per_mwh},")
            loaded = load_scenario(small.write(home / name, small.changed(*values), series))
            solve_by_rule(loaded, home / f"{name}-plan", SolveRequest(relative_gap=gap), rule=rule)
            known[key] = home / f"{name}-plan"
        return known[key]

    return made


def test_each_cause_has_its_own_share_of_the_difference(plan: MakePlan) -> None:
    """3.5 MW for 720 h: hashprice 12 USD/PH/day higher, power 2 USD/MWh dearer, and a thousand more of fixed cost."""
    first = plan("first")
    second = plan("second", ("bitcoin.usd_per_ph_day", 60), ("sites.0.fixed_opex_usd_per_month", 1000), usd_per_mwh=42)
    found = diff(first, second)
    effects = {effect.name: effect.usd for effect in found.effects}
    assert list(effects) == ["prices", "data", "scenario"]
    assert effects["prices"] == pytest.approx(12 * 200.0 * 30)
    assert effects["data"] == pytest.approx(-2 * 3.5 * 720)
    assert effects["scenario"] == pytest.approx(-1000)
    assert math.fsum(effects.values()) == pytest.approx(found.usd, abs=0.005)
    assert math.fsum(term.usd for term in found.terms) == pytest.approx(found.usd, abs=0.005)
    assert found.files == ("days.csv",)
    assert (found.gone, found.new, found.changed) == ((), (), ())


def test_equal_inputs_leave_the_difference_to_the_solver(plan: MakePlan) -> None:
    found = diff(plan("first"), plan("second", gap=0.5))
    assert (found.inputs, found.files) == ((), ())
    assert ("gap asked for", "0.0", "0.5") in found.solver
    assert [(effect.name, effect.usd) for effect in found.effects] == [(SOLVER, found.usd)]


def test_another_gap_and_another_price_are_told_apart(plan: MakePlan) -> None:
    found = diff(plan("first"), plan("second", ("bitcoin.usd_per_ph_day", 60), gap=1e-6))
    assert [effect.name for effect in found.effects] == [SOLVER, "prices"]
    assert math.fsum(effect.usd for effect in found.effects) == pytest.approx(found.usd, abs=0.005)


def test_plans_of_a_baseline_are_followed_by_its_rule(plan: MakePlan) -> None:
    """3.5 MW for 720 h at 12 USD/PH/day more; the tenants that as_is leaves out have no part in it."""
    first = plan("first", rule="as_is")
    dearer = diff(first, plan("second", ("bitcoin.usd_per_ph_day", 60), gap=1e-6, rule="as_is"))
    assert [(effect.name, effect.usd) for effect in dearer.effects] == [
        (SOLVER, pytest.approx(0.0, abs=0.01)),
        ("prices", pytest.approx(12 * 200.0 * 30)),
    ]
    assert dearer.rules == ("as_is", "as_is")


def test_what_a_baseline_leaves_out_is_told_apart(plan: MakePlan) -> None:
    found = diff(plan("first", rule="as_is"), plan("second", ("bitcoin.usd_per_ph_day", 60)))
    effects = {effect.name: effect.usd for effect in found.effects}
    assert list(effects) == [RULE, "prices"]
    assert effects["prices"] == pytest.approx(12 * 200.0 * 30)
    assert effects[RULE] == pytest.approx(found.usd - effects["prices"])


def test_what_makes_no_scenario_by_itself_goes_with_what_follows(plan: MakePlan) -> None:
    """The site's price names a series that is there only once the data have changed too."""
    series = dict(small.DOCUMENT["series"])
    series["power"] = series.pop("price")
    moved = plan("second", ("series", series), ("sites.0.price", {"series": "power"}), ("contracts.1.tranches", 3))
    effects = diff(plan("first"), moved).effects
    assert [effect.name for effect in effects] == ["prices and data", "scenario"]
    assert [effect.usd for effect in effects] == pytest.approx([0.0, 0.0], abs=0.005)


def test_the_page_names_values_decisions_and_causes(plan: MakePlan, command: Command) -> None:
    first, second = plan("first"), plan("second", ("contracts.1.rent_usd_per_kw_month", 1))
    shown = command("diff", first, second, "--quiet")
    assert shown.code == 0
    assert "contracts.lab.rent_usd_per_kw_month" in shown.out
    assert "no longer: sign lab (3 MW, from 2027-06)" in shown.out
    assert "scenario" in shown.out
    told = command("diff", first, second, "--no-solve", "--json").json
    assert told["effects"] == []
    assert told["inputs"][0] == {
        "path": "contracts.lab.rent_usd_per_kw_month",
        "kind": "scenario",
        "before": 120,
        "after": 1,
    }
    assert command("diff", first, first, "--quiet").out.count("The inputs are the same.") == 1
    assert command("diff", first, first / "tables", "--quiet").code == 2


PAIRS: list[tuple[Mapping[str, Any], Mapping[str, Any], list[Change]]] = [
    ({"finance": {"a": 1}}, {"finance": {"a": 2}}, [Change(("finance", "a"), 1, 2)]),
    ({"finance": {}}, {"finance": {"a": 2}}, [Change(("finance", "a"), Absent.HERE, 2)]),
    ({"finance": {"a": 1}}, {"finance": {}}, [Change(("finance", "a"), 1, Absent.HERE)]),
    (
        {"sites": [{"name": "w", "x": 1}, {"name": "e", "x": 1}]},
        {"sites": [{"name": "e", "x": 2}, {"name": "n"}]},
        [
            Change(("sites", "e", "x"), 1, 2),
            Change(("sites", "n"), Absent.HERE, {"name": "n"}),
            Change(("sites", "w"), {"name": "w", "x": 1}, Absent.HERE),
        ],
    ),
    ({"bitcoin": {"by_month": [1, 2]}}, {"bitcoin": {"by_month": [1]}}, [Change(("bitcoin", "by_month"), [1, 2], [1])]),
    ({"name": "a", "knobs": {}}, {"name": "b"}, []),
]


@pytest.mark.parametrize(("before", "after", "wanted"), PAIRS)
def test_changes_are_values_by_path_and_make_the_one_into_the_other(
    before: Mapping[str, Any], after: Mapping[str, Any], wanted: list[Change]
) -> None:
    found = changes(before, after)
    assert found == wanted
    document = copy.deepcopy(dict(before))
    for change in found:
        apply(document, change)
    assert changes(document, after) == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("bitcoin", "usd_per_ph_day"), Kind.PRICES),
        (("equipment", "s21", "price_usd"), Kind.PRICES),
        (("equipment", "s21", "buyable"), Kind.SCENARIO),
        (("sites", "west", "price", "adder_usd_per_mwh"), Kind.PRICES),
        (("series", "price", "file"), Kind.DATA),
        (("contracts", "a", "rent_usd_per_kw_month"), Kind.SCENARIO),
    ],
)
def test_changes_are_of_prices_of_data_or_of_the_scenario(path: tuple[str, ...], kind: Kind) -> None:
    assert Change(path, 1, 2).kind is kind
