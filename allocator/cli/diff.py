"""`allocator diff`: what changed from one plan to another, and what that did to its value."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.text import counted, line_width, money, percent, printable, table
from allocator.pipeline.errors import ExitCode
from allocator.pipeline.progress import ignore
from allocator.plan.meta import PlanMeta
from allocator.scenario.changes import Absent, Change
from allocator.scenario.places import path_text, shown
from allocator.studies.diff import Difference, Effect, diff

MOST_CHANGES = 40
"""Values of the scenario that are listed; the JSON has all of them."""


@click.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--solve/--no-solve", default=True, help="Tell causes apart by solving what lies between the two plans.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(first: Path, second: Path, solve: bool, as_json: bool, quiet: bool) -> int:
    """Say what changed from the plan in FIRST to the plan in SECOND: inputs, decisions, value, and what caused it.

    Exit status: 0 printed, 2 a folder is no plan.
    """
    found = diff(first, second, solve, ignore if quiet else ProgressLines())
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, **_machine(found)})
    else:
        click.echo("\n".join(_page(found)))
    return ExitCode.WITHIN_GAP


def _machine(found: Difference) -> dict[str, object]:
    sides = {name: side.plan.meta.objective_usd for name, side in (("first", found.first), ("second", found.second))}
    return {
        **{f"{name}_usd": value for name, value in sides.items()},
        "difference_usd": found.usd,
        "inputs": [
            {
                "path": path_text(one.path),
                "kind": one.kind.value,
                "before": _plain(one.before),
                "after": _plain(one.after),
            }
            for one in found.inputs
        ],
        "files": found.files,
        "baselines": found.rules,
        "solver": [dict(zip(("name", "before", "after"), row, strict=True)) for row in found.solver],
        "gone": found.gone,
        "new": found.new,
        "changed": found.changed,
        "terms": [asdict(term) for term in found.terms],
        "effects": [asdict(effect) for effect in found.effects],
    }


def _plain(value: object) -> object:
    return None if value is Absent.HERE else value


def _page(found: Difference) -> Iterator[str]:
    a, b = found.first.plan.meta, found.second.plan.meta
    change = money(abs(found.usd))
    yield f"net present value {money(a.objective_usd)} -> {money(b.objective_usd)}: {change} {_word(found.usd)}"
    yield ""
    yield from _inputs(found)
    yield from ("", "Decisions")
    yield from _decisions("no longer", found.gone)
    yield from _decisions("now", found.new)
    yield from _decisions("otherwise", found.changed)
    if not (found.gone or found.new or found.changed):
        yield "  the same, but for hours, Bitcoin and loans"
    if found.effects:
        yield from ("", "Why: the value followed from cause to cause, each on top of those before it")
        yield from _effects(found.effects, a, b)
    yield from ("", "Where: the same difference by lines of the cash flow (see allocator compare)")
    yield from table(["", "net present value"], [[term.name, money(term.usd)] for term in found.terms], right=[1])


def _word(usd: float) -> str:
    return "more" if usd > 0 else "less" if usd < 0 else "of difference"


def _inputs(found: Difference) -> Iterator[str]:
    rows = [_row(one) for one in found.inputs[:MOST_CHANGES]]
    rows += [["data", name, "", "other content"] for name in found.files]
    rows += [["solver", *row] for row in found.solver]
    if len(set(found.rules)) > 1:
        rows.append(["baseline", "", *(rule or "none" for rule in found.rules)])
    if not rows:
        yield "The inputs are the same."
        return
    yield from table(["changed", "where", "before", "after"], rows, wrapped=1)
    if len(found.inputs) > MOST_CHANGES:
        yield f"... and {counted(len(found.inputs) - MOST_CHANGES, 'value')} more"


def _row(one: Change) -> list[str]:
    before, after = ("-" if value is Absent.HERE else shown(value) for value in (one.before, one.after))
    return [one.kind.value, path_text(one.path), before, after]


def _decisions(word: str, done: Sequence[str]) -> Iterator[str]:
    for text in done:
        yield from textwrap.wrap(printable(f"  {word}: {text}"), line_width(), subsequent_indent="    ")


def _effects(effects: Sequence[Effect], a: PlanMeta, b: PlanMeta) -> Iterator[str]:
    rows = [[effect.name, money(effect.usd)] for effect in effects]
    yield from table(["", "net present value"], rows, right=[1])
    gap = max(meta.relative_gap if meta.relative_gap is not None else 1.0 for meta in (a, b))
    yield f"each solved value is within {percent(gap)} of the best possible, or the gap asked for"
