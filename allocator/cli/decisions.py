"""`allocator decisions`: what a plan does when, and what it hangs on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.text import line_width, percent, printable
from allocator.pipeline.errors import ExitCode
from allocator.pipeline.solve import instance_in, plan_in
from allocator.studies.decision_tree import Branch, Step, decision_tree

INDENT = "    "


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(folder: Path, as_json: bool) -> int:
    """Print the decisions of the plan in FOLDER as a tree: what is done in each period, and on what market it hangs.

    Exit status: 0 printed, 2 FOLDER is no plan.
    """
    plan = plan_in(folder)
    root = decision_tree(instance_in(folder, plan.meta), plan.tables)
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "scenario": plan.meta.scenario, "decisions": root})
    else:
        click.echo("\n".join(_page(plan.meta.scenario, root)))
    return ExitCode.WITHIN_GAP


def _page(name: str, root: Step) -> Iterator[str]:
    yield printable(f"{name}: what is decided when")
    yield ""
    yield from _lines(root, "") if root.decides else ["nothing is decided"]


def _lines(step: Step, indent: str) -> Iterator[str]:
    yield from _actions(step, step.actions, indent)
    if len(step.branches) == 1:
        yield from _lines(step.branches[0].step, indent)
        return
    common = _common(step.branches)
    if common:
        yield from _actions(step.branches[0].step, [f"in any case: {common[0]}", *common[1:]], indent)
    for branch in step.branches:
        own = replace(branch.step, actions=tuple(words for words in branch.step.actions if words not in common))
        yield printable(f"{indent}{own.period}  if {branch.condition} ({percent(branch.probability)}):")
        yield from _lines(own, indent + INDENT) if own.decides else [f"{indent}{INDENT}nothing more"]


def _common(branches: Sequence[Branch]) -> list[str]:
    """What is done at once after every one of some branches, in order."""
    every = [set(branch.step.actions) for branch in branches]
    return [words for words in branches[0].step.actions if all(words in own for own in every)] if branches else []


def _actions(step: Step, words: Sequence[str], indent: str) -> Iterator[str]:
    if words:
        head = f"{indent}{step.period}  "
        told = printable("; ".join(words))
        yield from textwrap.wrap(told, max(40, line_width()), initial_indent=head, subsequent_indent=" " * len(head))
