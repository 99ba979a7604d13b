"""What plans are held against: optima worked out by hand, refusals, cases, measurements.

Read from the files, never typed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from docs.site.markdown import page, plain, table, title_of

ROOT = Path(__file__).parents[2]
SCENARIOS, RESULTS = ROOT / "scenarios", ROOT / "benchmarks" / "results"
HOME = "validation"
CASES = ("texas_pivot", "cango_2026")
MOST_COLUMNS = 16
"""Columns of a table that a reader can follow; records with more stand side by side."""

INTRO = """# Validation

A plan is trusted because independent routes arrive at the same numbers:

- **By hand.** {hand} scenarios have their optimum worked out with pencil and paper. Tests solve each by every route
  (one whole model, decomposition, closed form, a re-statement in plain PuLP) and take
  each named row family away to see the optimum change.
- **Refusals.** {infeasible} scenarios have no plan. Tests ask that the refusal names what is in conflict, that the
  restored scenario solves, and that one restored by less does not.
- **Verifier.** Every plan is derived again, rule by rule and dollar by dollar, from its tables and the scenario
  alone, by code that shares nothing with the model. Planted faults in tables must be found, each by its rule.
- **Cases.** [{cases}]. Realistic figures with sources; the second is set beside what a company did.
- **Backtests.** What the nightly run would have earned in years of the past, [below](#backtests), beside simple rules
  and whoever had known every price.
- **Measurements.** [Benchmarks](benchmarks.md) with machine and versions.

## Optima worked out by hand

"""


def hand_cases() -> dict[str, Mapping[str, Any]]:
    """expected.yaml of the hand scenarios by name."""
    return _expected(SCENARIOS / "hand")


def decided_by() -> dict[str, list[str]]:
    """Row family -> hand scenarios that depend on it."""
    found: dict[str, list[str]] = {}
    for name, case in hand_cases().items():
        for family in (*case.get("families", ()), *case.get("tightens", ()), *case.get("states", ())):
            found.setdefault(family, []).append(name)
    return found


def pages(anchors: Mapping[str, str]) -> dict[str, str]:
    """Pages by path. `anchors`: row family -> page and anchor where it is stated."""
    hand, refused = hand_cases(), _expected(SCENARIOS / "infeasible")
    found = {f"{HOME}/index.md": _index(hand, refused, anchors), f"{HOME}/benchmarks.md": _benchmarks()}
    found |= {f"{HOME}/hand/{name}.md": _hand(name, case, anchors) for name, case in hand.items()}
    found |= {f"{HOME}/infeasible/{name}.md": _refused(name, case, anchors) for name, case in refused.items()}
    return found | {f"{HOME}/cases/{name}.md": _readme(SCENARIOS / name) for name in CASES}


def sources() -> dict[str, str]:
    """File of the repository -> generated page that shows it."""
    found = {f"benchmarks/results/{file.name}": f"{HOME}/benchmarks.md" for file in RESULTS.glob("*.json")}
    found |= {f"scenarios/{name}/README.md": f"{HOME}/cases/{name}.md" for name in CASES}
    for kind in ("hand", "infeasible"):
        found |= {f"scenarios/{kind}/{n}/README.md": f"{HOME}/{kind}/{n}.md" for n in _expected(SCENARIOS / kind)}
    return found


def _expected(folder: Path) -> dict[str, Mapping[str, Any]]:
    yaml = YAML(typ="safe", pure=True)
    files = sorted(folder.glob("*/expected.yaml"))
    return {file.parent.name: yaml.load(file.read_text("utf-8")) for file in files}


def _readme(folder: Path) -> str:
    return (folder / "README.md").read_text("utf-8")


def _usd(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00").replace("-", "\N{MINUS SIGN}")


def _families(names: Sequence[str], anchors: Mapping[str, str], up: str) -> str:
    return ", ".join(f"[`{name}`]({up}{anchors[name]})" for name in names)


def _index(
    hand: Mapping[str, Mapping[str, Any]], refused: Mapping[str, Mapping[str, Any]], anchors: Mapping[str, str]
) -> str:
    cases = "](cases/{}.md), [".join(CASES).format(*CASES) + f"](cases/{CASES[-1]}.md)"
    intro = INTRO.format(hand=len(hand), infeasible=len(refused), cases=cases).replace(".md)].", ".md).")
    rows = [
        [
            f"[{plain(title_of(_readme(SCENARIOS / 'hand' / name)))}](hand/{name}.md)",
            _usd(case["objective_usd"]),
            _families(case.get("families", ()), anchors, "../"),
        ]
        for name, case in hand.items()
    ]
    others = [
        [
            f"[{plain(title_of(_readme(SCENARIOS / 'infeasible' / name)))}](infeasible/{name}.md)",
            plain(_listed(case["names"])),
        ]
        for name, case in refused.items()
    ]
    return page(
        intro,
        table(["scenario", "optimum, USD", "without any of these rows it would be higher"], rows, numbers=[1]),
        "## Scenarios that have no plan",
        table(["scenario", "the refusal names"], others),
        *_backtests(),
    )


BACKTESTS = """## Backtests

Shares of what perfect foresight gains over standing still, on {data}; each site-year replayed night by night with what
was known then. [How it is replayed and what it cannot tell](../how_to/backtest.md); all of it under
[benchmarks](benchmarks.md#backtest)."""
_ENDS = ("perfect_foresight", "stand_still", "no_restart_terms", "nightly_told")
"""Rules that are the ends of the scale, beyond it, or told what came."""


def _backtests() -> Iterator[str]:
    """What the nightly run and simple rules captured, one row a replayed year of a site."""
    result = json.loads((RESULTS / "backtest.json").read_text("utf-8"))
    cases = result["cases"]
    every = dict.fromkeys(name for case in cases for name in case["rules"])
    rules = [rule for rule in every if rule not in _ENDS and not rule.endswith("without_battery")]
    rows = [
        [
            plain(_words(str(case["site"]))),
            str(case["year"]),
            f"{case['lag_hours']} h",
            *(_percent(case["rules"].get(rule, {}).get("capture_share")) for rule in rules),
        ]
        for case in cases
    ]
    heads = ["site", "year", "machines act after", *(plain(_words(rule)) for rule in rules)]
    yield BACKTESTS.format(data=result["data"])
    yield table(heads, rows, numbers=range(2, len(heads)))


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"


def _listed(values: Sequence[object]) -> str:
    return "; ".join(str(value) for value in values)


def _hand(name: str, case: Mapping[str, Any], anchors: Mapping[str, str]) -> str:
    facts = [["optimum", f"{_usd(case['objective_usd'])} USD"]]
    facts += [[says, f"{_usd(case[key])} USD"] for key, says in _AMOUNTS.items() if key in case]
    facts += [[says, _families(case[key], anchors, "../../")] for key, says in _ROLES.items() if case.get(key)]
    unique = [
        [f"`{one['table']}`", plain(_pairs(one.get("where", {}))), plain(_pairs(one["values"]))]
        for one in case.get("unique", ())
    ]
    shared = ["## What every optimal plan shares", table(["table", "row", "values"], unique)] if unique else []
    return page(
        _readme(SCENARIOS / "hand" / name),
        "## What the tests expect",
        table(["what", "value"], facts),
        *shared,
        _try(f"scenarios/hand/{name}"),
    )


_AMOUNTS = {"penalty_usd": "priced breaches, outside the value", "ranked_usd": "with the weight on the worst paths"}
_ROLES = {
    "families": "without any of these the optimum would be higher",
    "tightens": "without any of these the relaxation would be weaker",
    "states": "without any of these a plan that breaks them would be allowed",
}


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {_cell(value)}" for key, value in values.items())


def _refused(name: str, case: Mapping[str, Any], anchors: Mapping[str, str]) -> str:
    facts = [
        ["rows in conflict", _families(case["families"], anchors, "../../")],
        ["the refusal names", plain(_listed(case["names"]))],
        ["to restore, it says", plain(_listed(case["repairs"]))],
        ["restored by", "; or ".join(_changes(change) for change in case["restored_by"])],
        ["not by", "; nor ".join(_changes(change) for change in case["not_by"])],
    ]
    facts = [fact for fact in facts if fact[1]]
    return page(
        _readme(SCENARIOS / "infeasible" / name),
        "## What the tests expect",
        table(["what", "value"], facts),
        _try(f"scenarios/infeasible/{name}"),
    )


def _changes(change: Mapping[str, object]) -> str:
    return ", ".join(f"`{path}`: {plain(str(value))}" for path, value in change.items())


def _try(scenario: str) -> str:
    return f"    allocator solve {scenario} --out out/plan"


def _benchmarks() -> str:
    intro = """# Benchmarks

Results as the programs of `benchmarks/` wrote them, each with its machine and versions; the name of the file is the
heading. Seconds are of that machine and of nothing else.
"""
    parts = [intro]
    for file in sorted(RESULTS.glob("*.json")):
        parts += [f"## {file.stem}", *_told(json.loads(file.read_text("utf-8")))]
    return page(*parts)


def _told(result: Mapping[str, Any]) -> Iterator[str]:
    """Single values as one table, a list of records as a table of its own, records by name as columns."""
    single = {key: value for key, value in _flat(result).items() if not isinstance(value, list)}
    compared = {key: value for key, value in result.items() if _is_compared(value)}
    facts = [[plain(_words(k)), plain(_cell(v))] for k, v in single.items() if k.split(".")[0] not in compared]
    yield table(["what", "value"], facts)
    for key, value in compared.items():
        yield f"**{plain(_words(key))}**"
        yield _side_by_side({name: _flat(record) for name, record in value.items()})
    for key, value in result.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"**{plain(_words(key))}**"
            yield _records([_flat(record) for record in value])


def _side_by_side(records: Mapping[str, Mapping[str, Any]]) -> str:
    lines = list(dict.fromkeys(line for record in records.values() for line in record))
    rows = [[plain(_words(line)), *[plain(_cell(r.get(line, ""))) for r in records.values()]] for line in lines]
    return table(["", *[plain(_words(name)) for name in records]], rows)


def _records(records: Sequence[Mapping[str, Any]]) -> str:
    heads = list(dict.fromkeys(head for record in records for head in record))
    if len(heads) > MOST_COLUMNS:
        return _side_by_side({f"{k}": record for k, record in enumerate(records, start=1)})
    rows = [[plain(_cell(record.get(head, ""))) for head in heads] for record in records]
    return table([plain(_words(head)) for head in heads], rows)


def _is_compared(value: object) -> bool:
    """Records by name, each of them with parts of its own."""
    return (
        isinstance(value, Mapping)
        and len(value) > 1
        and all(isinstance(v, Mapping) and any(isinstance(w, Mapping) for w in v.values()) for v in value.values())
    )


def _flat(record: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Nested names joined by points; an interval with its value in one cell."""
    if set(record) == {"value", "low", "high"}:
        return {
            before.removesuffix("."): f"{_cell(record['value'])} ({_cell(record['low'])} to {_cell(record['high'])})"
        }
    found: dict[str, Any] = {}
    for key, value in record.items():
        found |= _flat(value, f"{before}{key}.") if isinstance(value, Mapping) else {before + key: value}
    return found


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", ", ")


def _cell(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, list):
        return " x ".join(_cell(one) for one in value)
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)
