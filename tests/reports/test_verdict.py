"""What a comparison comes to: who is best and by what, at which risk, and who is the same."""

from __future__ import annotations

from typing import Any

import pytest

from allocator.reports.verdict import verdict

TERMS = [("contracts", -8.0), ("conversions", 6.0), ("mining", 3.0), ("tax", -0.5), ("power", 0.3), ("hedges", 0.2)]


def head(first_usd: float = 10.0, **figures: list[float | None]) -> dict[str, Any]:
    """Plans a, b and c, b and c the same; a bridge of TERMS from a to each."""
    values = {"a": first_usd, "b": 11.0, "c": 11.0}
    terms = [{"name": name, "usd": usd} for name, usd in TERMS]
    return {
        "plans": [
            {"label": label, "objective_usd": usd, "ranked_usd": usd, "decides": [] if label == "a" else ["sign x"]}
            for label, usd in values.items()
        ],
        "bridges": [{"first": "a", "second": label, "terms": terms} for label in ("b", "c")],
        "figures": [{"name": name, "values": found} for name, found in figures.items()],
    }


def told(comparison: dict[str, Any]) -> list[str]:
    return list(verdict(comparison, lambda usd: f"${usd:.1f}"))


def test_the_best_is_set_against_the_first_and_plans_that_are_one_are_told() -> None:
    assert told(head()) == [
        "b is worth most, $1.0 more than a: net present value $11.0",
        "worth as much: c",
        "the same plan: b and c",
    ]


def test_why_the_first_is_best_is_its_bridge_to_the_next_best_walked_back() -> None:
    """Gains, losses, and what is left of small terms: they add to the difference. Smaller ones are named no more."""
    first, second, why, *_ = told(head(12.0))
    assert first == "a is worth most: net present value $12.0"
    assert second == "next best: b and c, $1.0 less"
    assert why == "why a beats b: contracts +$8.0; tax +$0.5; mining $-3.0; conversions $-6.0"


@pytest.mark.parametrize(("ranked", "says"), [(9.0, "it comes first too, at $9.0"), (6.0, "b comes first, at $7.0")])
def test_a_best_plan_that_the_scenario_ranks_lower_is_told(ranked: float, says: str) -> None:
    comparison = head(12.0)
    for plan in comparison["plans"]:
        plan["ranked_usd"] = ranked if plan["label"] == "a" else 7.0
    (text,) = [text for text in told(comparison) if "as the scenario ranks plans" in text]
    assert says in text
    assert text.startswith("but") == (ranked < 7.0)


def test_who_fares_best_on_the_worst_paths_and_who_cannot_meet_its_lender() -> None:
    beyond = "of it beyond the horizon: terminal value"
    unmet = "probability of a call that free Bitcoin does not meet"
    lines = told(
        head(
            12.0,
            **{"mean of the worst 10 % of paths": [-5.0, -4.0, None], unmet: [0.25, 0.0, None], beyond: [13.0, 0, 0]},
        )
    )
    assert "a comes to $-1.0 within the horizon and to $13.0 beyond it" in lines
    assert "mean of the worst 10 % of paths: $-5.0; b fares best there, at $-4.0" in lines
    assert f"{unmet}: a 25.0 %" in lines


def test_a_comparison_of_an_older_version_still_names_its_best() -> None:
    plans = [{"label": name, "objective_usd": usd, "decides": [name]} for name, usd in (("a", 1.0), ("b", 2.0))]
    assert told({"plans": plans})[0] == "b is worth most, $1.0 more than a: net present value $2.0"
