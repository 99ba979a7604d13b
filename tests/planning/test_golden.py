"""The rows of every family as LP text, compared with tests/golden/<module>.lp.

After an intended change of the mathematics, write them anew and read the difference:

    python -m tests.planning.test_golden
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from allocator.planning import families, nested_risk
from allocator.planning.build import build_master, build_monolithic
from solvers.lp_text import lp_text
from tests.planning.cases import golden_instance, golden_nested

FOLDER = Path(__file__).parents[1] / "golden"


def short_name(module: ModuleType) -> str:
    """Name of the module's golden file, without its ending."""
    return module.__name__.split(".")[-1]


@cache
def golden_texts() -> dict[str, str]:
    """File name -> text: the rows of each family module, the objective, and the columns of the master."""
    instance = golden_instance()
    whole, master = build_monolithic(instance).problem, build_master(instance).problem
    of_module = dict.fromkeys(families.MODULES, whole) | {nested_risk: build_monolithic(golden_nested()).problem}
    texts = {
        short_name(module): lp_text(problem, rows=families.row_labels(module), objective=module is nested_risk)
        for module, problem in of_module.items()
    }
    return {**texts, "objective": lp_text(whole, rows=()), "master_objective": lp_text(master, rows=())}


@pytest.mark.parametrize("name", [*map(short_name, families.MODULES), "objective", "master_objective"])
def test_rows_equal_the_golden_text(name: str) -> None:
    assert golden_texts()[name] == (FOLDER / f"{name}.lp").read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_family() -> None:
    assert {path.stem for path in FOLDER.glob("*.lp")} == set(golden_texts())


def test_every_family_has_rows_in_its_golden_text() -> None:
    texts = golden_texts()
    for module in families.MODULES:
        for label in families.row_labels(module):
            assert f" {label}(" in texts[short_name(module)], f"{label} has no row in the golden instance"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for stem, text in golden_texts().items():
        (FOLDER / f"{stem}.lp").write_text(text, encoding="utf-8")
