"""Edits that end hosting agreements that are over or of which notice was given, and what of them cannot be carried."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit, Gone
from allocator.roll.refusal import Refusal
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario


def host_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Agreements go on by month, deposits with the host; those that are over leave the file. One of which notice was
    given ends with it."""
    until = noticed(at)
    for position, agreement in enumerate(scenario.hosting):
        path = ("hosting", position)
        if agreement.name in over(at):
            yield Edit(path, Gone.OUT, f"the agreement with {agreement.name} is over")
        elif agreement.name in until:
            yield Edit((*path, "last_month"), str(until[agreement.name].plus(-1)), "as notice was given")
            yield Edit((*path, "renewal_months"), 0, "as notice was given")


def host_refusals(at: AtNode) -> Iterator[Refusal]:
    """Notices that have not run out, and machines still at a host whose agreement is over."""
    given = at.earlier("terminations", "notice_node")
    for name in sorted(set(given["agreement"]) - over(at)):
        words = f"hosting {name}: a notice under way cannot be stated"
        yield Refusal(words, "its term ends with the notice, and the fee for that is left out")
    standing = set(at.last("fleets")["hall"]) if at.parent >= 0 else set()
    for name in sorted(standing & over(at)):
        words = f"hosting {name}: the agreement is over, and machines are still to be brought home"
        yield Refusal(words, "they are in the store, and what bringing them home costs is left out")


def noticed(at: AtNode) -> dict[str, Month]:
    """First month after agreements of which notice was given by the start of the node."""
    tree, given = at.instance.tree, at.earlier("terminations", "notice_node").drop_duplicates("agreement")
    first = [int(tree.first_month[tree.name.index(name)]) for name in given["end_node"]]
    ends = [Month.parse(tree.calendar_month(month)) for month in first]
    return {**at.loaded.scenario.moved_on.hosting_until, **dict(zip(given["agreement"], ends, strict=True))}


def over(at: AtNode) -> set[str]:
    """Agreements that are not in force in the node, and will not be."""
    ended = {name for name, end in noticed(at).items() if end <= at.month}
    past = {one.name for one in at.loaded.scenario.hosting if one.end <= at.month}
    return {*at.loaded.scenario.moved_on.hosting_over, *ended, *past & set(at.instance.hosting.names)}
