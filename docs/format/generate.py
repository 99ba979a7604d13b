"""Writes the pages of docs/format from the schema of scenarios and the registry of tables.

`python docs/format/generate.py`; a test fails when pages and code part ways.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from allocator.plan.schema import CSV_FOLDER, DISPATCH_FOLDER, HOURLY, SCHEMA_VERSION, TABLES, TABLES_FOLDER, Table
from allocator.scenario.actual_state import Outage, StateFile, UnitsDown
from allocator.scenario.actuals import ActualLine
from allocator.scenario.answers import AnswerLine
from allocator.scenario.calibration import Calibration
from allocator.scenario.feeds import Feeds
from allocator.scenario.instructions import Instructions
from allocator.scenario.json_schema import json_schema
from allocator.scenario.notify import Notify
from allocator.scenario.scenario import VERSION
from allocator.studies.sweep.results import columns

HOME = Path(__file__).parent
Schema = Mapping[str, Any]

HEAD = f"""# Scenario file, version {VERSION}

Generated from the schema by `docs/format/generate.py`; `allocator schema` prints the schema itself, for editors.

A scenario is a folder with `scenario.yaml` and the series files it names. The file is YAML 1.2 without anchors, aliases
and tags; a key may stand once. Fields that are not listed here are refused. Text is data: names have at most 80
characters, no slash and no control characters.

- **unit or type**: what stands there, with its bounds. A *value* is a number or one of the forms under
  [Values that change](#values-that-change).
- **default**: what holds where the field is left out; *required* where it may not be.
- **uncertain**: whether the field may differ between nodes of a tree. A plan of one path knows one future of it.
"""

SWEEP_HEAD = """# Table of a sweep

`allocator sweep` writes `results.parquet`, and the same for people as `results.csv`. One row a point, in the order of
the design; a figure that does not exist is missing. Beside it: `sweep.json` (what was asked), `run.json` (seconds),
`base` (the plan of the scenario as it stands) and `points` (what is finished, so that a stopped sweep can go on). This
page is written by `docs/format/generate.py`.
"""

PLAN_HEAD = f"""# Plan folder, version {SCHEMA_VERSION}

Generated from the registry of tables by `docs/format/generate.py`.

`allocator solve SCENARIO --out DIR` writes DIR whole or not at all:

- `plan.json`: what the plan is worth, the bound that no plan can beat, the gap between them, why the solver stopped,
  versions and a hash of the inputs. It holds no timings: equal inputs give equal files.
- `run.json`: seconds by phase, memory, machine.
- `certificate.json`: evidence of the bound, where the engine gives it.
- `relaxation.npz`: from where a solve that starts from this plan begins (capacities at which hours were priced, a basis
  of the engine), where the plan was solved in parts. It claims nothing, and may be lost: the next solve takes longer.
- `{TABLES_FOLDER}/*.parquet`: the planning tables below. They are the plan; `{CSV_FOLDER}/*.csv` shows the same to
  people, with an apostrophe before text that a spreadsheet could take for a formula.
- `{DISPATCH_FOLDER}/<site>/*.parquet`: the hours, one row group a node, whose name stands in a first column `node`.
- `scenario/`: a copy of the inputs, so that `allocator verify DIR` needs nothing else.

Names are those of the scenario; the empty text means "none". In `cash_flow` money out is negative; elsewhere a column
called cost, price or capex is positive. Rows that would say nothing are absent.
"""

CALIBRATION_HEAD = """# Request to calibrate, version 1

Generated from the schema by `docs/format/generate.py`.

`allocator calibrate REQUEST` reads a YAML file of this form, with its series beside it, and prints a fragment of a
scenario; [Plan under uncertainty](../how_to/uncertainty.md) has an example.
"""

FEEDS_HEAD = """# File of feeds, version 1

Generated from the schema by `docs/format/generate.py`.

`allocator fetch FEEDS` and `allocator nightly --feeds FEEDS` read a YAML file of this form;
[Fetch fresh values](../how_to/feeds.md) has examples.
"""

NOTIFY_HEAD = """# File of channels, version 1

Generated from the schema by `docs/format/generate.py`.

`allocator nightly --notify FILE`, `allocator watch --notify FILE` and `allocator notify FILE` read a YAML file of this
form;
[Be told of alerts](../how_to/alerts.md) has examples.
"""

STATE_HEAD = """# State of sites and balances, version 1

Generated from the schema by `docs/format/generate.py`.

`allocator nightly --state STATE` reads a YAML file of this form, and the CSV tables beside it that it names;
[Say how things stand](../how_to/state.md) has an example. Moments carry their offset from UTC.
"""

INSTRUCTIONS_HEAD = """# File of instructions, version 1

Generated from the schema by `docs/format/generate.py`.

`allocator nightly --instructions FILE` reads a YAML file of this form; [Hand set-points out](../how_to/hand_off.md) has
an example. Moments carry their offset from UTC.
"""

ANSWERS_HEAD = """# Table of answers to set-points

Generated from the schema by `docs/format/generate.py`.

`allocator acknowledge FILE` reads a CSV table with one line of names; [Hand set-points out](../how_to/hand_off.md) has
an example. Moments carry their offset from UTC.
"""

ACTUALS_HEAD = """# Table of actuals

Generated from the schema by `docs/format/generate.py`.

`allocator reconcile --actuals FILE` reads a CSV table with one line of names;
[Set what was beside what was planned](../how_to/reconcile.md) has an example.
"""

UNBOUNDED = 1e18
"""From here on a bound only keeps out nonsense."""

VALUES = ("ByMonth", "Growing", "FromSeries")
"""The forms a value takes beside a plain number; told once, at the end."""

UNITS = {
    "usd_per_kw_month": "USD per kW and month",
    "usd_per_mwh": "USD/MWh",
    "usd_per_mwh_per_usd": "USD/MWh per USD",
    "usd_per_mw": "USD/MW",
    "usd_per_mw_hour": "USD per MW and hour",
    "usd_per_month": "USD per month",
    "usd_per_month_left": "USD per month",
    "usd_per_unit": "USD per unit",
    "mwh_per_month": "MWh per month",
    "usd_per_ph_day": "USD per PH/s and day",
    "usd_per_gpu_hour": "USD per GPU and hour",
    "btc_per_block": "BTC per block",
    "jumps_per_year": "count per year",
    "per_year": "share per year",
    "share_per_hour": "share per hour",
    "th_per_s": "TH/s",
    "usd": "USD",
    "mw": "MW",
    "mwh": "MWh",
    "kw": "kW",
    "watts": "W",
    "c": "degrees C",
    "months": "months",
    "minutes": "minutes",
    "hours": "hours",
    "years": "years",
    "share": "share",
    "factor": "share",
    "probability": "share",
    "units": "units",
}
"""Unit of a field by how its name ends; the longest ending counts."""


def scenario_page() -> str:
    """The page on scenario files."""
    schema = json_schema()
    parts = [HEAD, *_records(schema)]
    parts.append("## Values that change\n\nWhere a *value* is asked for, a plain number holds throughout, or:\n")
    for name in VALUES:
        parts += _section(_title(name), "", schema["$defs"][name], level=3)
    return "\n".join(parts)


def calibration_page() -> str:
    """The page on what `allocator calibrate` reads."""
    return "\n".join([CALIBRATION_HEAD, *_records(Calibration.model_json_schema(mode="validation"))])


def notify_page() -> str:
    """Channels that are told of alerts."""
    return "\n".join([NOTIFY_HEAD, *_records(Notify.model_json_schema(mode="validation"))])


def feeds_page() -> str:
    """The page on what `allocator fetch` reads."""
    return "\n".join([FEEDS_HEAD, *_records(Feeds.model_json_schema(mode="validation"))])


def state_page() -> str:
    """The page on what `allocator nightly --state` reads."""
    tables = [
        line
        for name, row in (("units_down", UnitsDown), ("outages", Outage))
        for line in _section(f"Table {name}", "", row.model_json_schema(mode="validation"))
    ]
    return "\n".join([STATE_HEAD, *_records(StateFile.model_json_schema(mode="validation")), *tables])


def instructions_page() -> str:
    """The page on what `allocator nightly --instructions` reads."""
    return "\n".join([INSTRUCTIONS_HEAD, *_records(Instructions.model_json_schema(mode="validation"))])


def answers_page() -> str:
    """The page on what `allocator acknowledge` reads."""
    return "\n".join([ANSWERS_HEAD, *_section("Columns", "", AnswerLine.model_json_schema(mode="validation"))])


def actuals_page() -> str:
    """The page on what `allocator reconcile` reads."""
    return "\n".join([ACTUALS_HEAD, *_section("Columns", "", ActualLine.model_json_schema(mode="validation"))])


def _records(schema: Schema) -> list[str]:
    """The whole file, then every record in it but the forms of a value."""
    parts = _section("The file", "", schema)
    for name, where in _places(schema).items():
        if name not in VALUES:
            parts += _section(_title(name), where, schema["$defs"][name])
    return parts


def _places(schema: Schema) -> dict[str, str]:
    """Definitions in the order in which a reader meets them, with the path of the file where each stands."""
    found: dict[str, str] = {}

    def visit(path: str, part: Schema) -> None:
        for key, field in part["properties"].items():
            for name, step in _refs(field):
                if name not in found:
                    found[name] = f"{path}.{key}{step}".removeprefix(".")
                    visit(found[name], schema["$defs"][name])

    visit("", schema)
    return found


def _refs(field: Schema, step: str = "") -> Iterator[tuple[str, str]]:
    """Names of the definitions a field refers to, each with the step from the field to it."""
    if "$ref" in field:
        yield field["$ref"].removeprefix("#/$defs/"), step
    for inner in (*field.get("oneOf", ()), *field.get("anyOf", ())):
        yield from _refs(inner, step)
    if "items" in field:
        yield from _refs(field["items"], step + "[]")
    if isinstance(field.get("additionalProperties"), dict):
        yield from _refs(field["additionalProperties"], step + ".<name>")


def _section(title: str, where: str, part: Schema, level: int = 2) -> list[str]:
    """Heading, place, description and table of one record."""
    required = set(part.get("required", ()))
    rows = [_row(key, field, key in required) for key, field in part["properties"].items()]
    told = _text(part.get("description", ""))
    place = f"At `{where}`. " if where else ""
    head = ["| key | unit or type | default | uncertain | meaning |", "|---|---|---|---|---|"]
    return [f"{'#' * level} {title}\n", f"{place}{told}\n", *head, *rows, ""]


def _row(key: str, field: Schema, is_required: bool) -> str:
    default = "*required*" if is_required else _default(field)
    uncertain = "yes" if '"uncertain": true' in json.dumps(field) else ""
    cells = [f"`{key}`", _kind(key, field), default, uncertain, _text(field.get("description", ""))]
    return "| " + " | ".join(cells) + " |"


def _default(field: Schema) -> str:
    if "default" not in field:
        return "`{}`"
    return f"`{json.dumps(field['default'])}`"


def _kind(key: str, field: Schema) -> str:
    """Unit and bounds of a number, or the type of anything else."""
    branches = [branch for branch in (*field.get("oneOf", ()), *field.get("anyOf", ())) if branch.get("type") != "null"]
    is_optional = any(branch.get("type") == "null" for branch in field.get("anyOf", ()))
    if any(branch.get("$ref", "").split("/")[-1] in VALUES for branch in branches):
        number = next(branch for branch in branches if branch.get("type") == "number")
        return f"{_number(key, number)}, a *value*"
    names = [_kind(key, branch) for branch in branches] or [_plain(key, field)]
    return " or ".join(names) + (" or null" if is_optional else "")


def _plain(key: str, field: Schema) -> str:
    for name, step in _refs(field):
        link = f"[{_title(name)}](#{_title(name).lower().replace(' ', '-')})"
        return {"": link, "[]": f"list of {link}"}.get(step, f"by name: {_by_name(field)}")
    if "const" in field or "enum" in field:
        return " or ".join(f"`{word}`" for word in field.get("enum", [field.get("const")]))
    kind = field.get("type")
    if kind in ("number", "integer"):
        return _number(key, field)
    if kind == "array":
        return _list(key, field)
    if kind == "object":
        return "text by name"
    if kind == "boolean":
        return "`true` or `false`"
    if field.get("format") == "date-time":
        return "moment, `2027-06-01T02:00Z`"
    return "month, `YYYY-MM`" if "pattern" in field else "any" if kind is None else "text"


def _by_name(field: Schema) -> str:
    names = [name for name, _ in _refs(field)]
    return " or ".join(f"[{_title(name)}](#{_title(name).lower().replace(' ', '-')})" for name in names)


def _list(key: str, field: Schema) -> str:
    if "prefixItems" in field:
        return "[" + ", ".join("number" for _ in field["prefixItems"]) + "]"
    item = field["items"]
    if item.get("format") == "date":
        return "list of dates, `YYYY-MM-DD`"
    if item.get("type") == "string":
        return "list of texts"
    return "list of " + _kind(key, item).replace("number", "numbers", 1)


def _number(key: str, field: Schema) -> str:
    endings = [ending for ending in UNITS if key == ending or key.endswith("_" + ending)]
    what = UNITS[max(endings, key=len)] if endings else "whole number" if field.get("type") == "integer" else "number"
    above, least = field.get("exclusiveMinimum"), field.get("minimum")
    bounds = []
    if least is not None and (above is None or least > above):
        bounds.append(f">= {_digits(least)}")
    elif above is not None:
        bounds.append(f"> {_digits(above)}")
    if field.get("maximum", UNBOUNDED) < UNBOUNDED:
        bounds.append(f"<= {_digits(field['maximum'])}")
    return ", ".join([what, *bounds])


def _digits(number: float) -> str:
    return f"{number:,.10g}"


def _title(name: str) -> str:
    """FromSeries -> From series."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _text(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def plan_page() -> str:
    """The page on the tables of a plan."""
    return "\n".join([PLAN_HEAD, *[line for table in (*TABLES.values(), *HOURLY.values()) for line in _table(table)]])


def _table(table: Table) -> list[str]:
    keys = ", ".join(f"`{key}`" for key in table.keys)
    folder = f"{DISPATCH_FOLDER}/<site>" if table.hourly else TABLES_FOLDER
    rows = [
        f"| `{name}` | {column.unit or column.kind} | {_text(column.description)} |"
        for name, column in table.columns.items()
    ]
    head = f"## {table.name}\n\n`{folder}/{table.name}.parquet`, keyed by {keys}. {_text(table.description)}\n"
    return [head, "| column | unit or type | meaning |", "|---|---|---|", *rows, ""]


def sweep_page() -> str:
    """The page on the table of a sweep."""
    rows = [
        f"| `{name}` | {column.unit or column.kind} | {_text(column.description)} |"
        for name, column in columns(["NAME"]).items()
    ]
    return "\n".join([SWEEP_HEAD, "| column | unit or type | meaning |", "|---|---|---|", *rows, ""])


PAGES = {
    "scenario.md": scenario_page,
    "plan.md": plan_page,
    "calibration.md": calibration_page,
    "feeds.md": feeds_page,
    "notify.md": notify_page,
    "state.md": state_page,
    "instructions.md": instructions_page,
    "answers.md": answers_page,
    "actuals.md": actuals_page,
    "sweep.md": sweep_page,
}

if __name__ == "__main__":
    for file, write in PAGES.items():
        (HOME / file).write_text(write(), encoding="utf-8")
