"""Edits that take out hosting agreements that are over, and what of the others cannot be carried."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit, Gone
from allocator.scenario.scenario import Scenario


def host_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Agreements go on by month, deposits with the host; those that are over leave the file."""
    for position, agreement in enumerate(scenario.hosting):
        if agreement.name in _over(at):
            yield Edit(("hosting", position), Gone.OUT, f"the agreement with {agreement.name} is over")


def host_refusals(at: AtNode) -> Iterator[str]:
    """Notices that have not run out, and machines still at a host whose agreement is over."""
    notices, ended = at.earlier("terminations", "notice_node"), set(at.earlier("terminations", "end_node")["agreement"])
    for name in sorted(set(notices["agreement"]) - ended - _over(at)):
        yield f"hosting {name}: a notice under way cannot be stated"
    standing = set(at.last("fleets")["hall"]) if at.parent >= 0 else set()
    for name in sorted(standing & _over(at)):
        yield f"hosting {name}: the agreement is over, and machines are still to be brought home"


def _over(at: AtNode) -> set[str]:
    """Agreements that are not in force in the node, and will not be."""
    hosting, node = at.instance.hosting, at.node
    ended = set(at.earlier("terminations", "end_node")["agreement"])
    at_node = at.plan.tables["terminations"]
    ended |= set(at_node["agreement"][at_node["end_node"] == at.instance.tree.name[node]])
    past = [one.name for one in at.loaded.scenario.hosting if one.end <= at.month]
    return ended | set(past) & set(hosting.names)
