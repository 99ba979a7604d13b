"""Every row family of the planning model is verified under its own name."""

from __future__ import annotations

from allocator.plan.schema import LINES
from allocator.planning.families import MODULES, family_doc
from allocator.verify import RULES


def test_every_row_family_has_a_rule_of_its_name() -> None:
    labels = {entry.label for module in MODULES for entry in family_doc(module).constraints if entry.label}
    assert labels
    assert labels - set(RULES) == set()


def test_every_line_of_the_cash_flow_has_a_rule() -> None:
    assert {f"MONEY.{line}" for line in LINES} <= set(RULES)


def test_every_rule_says_what_must_hold() -> None:
    assert [name for name, words in RULES.items() if not words.strip().endswith(".")] == []
