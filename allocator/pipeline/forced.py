"""Single decisions, taken or refused by force: the instance with one contract, conversion or notice held in or out.

A decision is written contract:NAME, convert:HALL/FIT_OUT or notice:AGREEMENT, to a host, with @2027-04 or without; the
month is that in which it is decided: every node that starts in it. Without one a decision is refused at all times; a
contract is taken in every future at whatever time suits, and a conversion or a notice cannot be forced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocator.instance.decided import Decided
from allocator.instance.tree import Ints
from allocator.instance.types import Instance
from allocator.pipeline.baselines import Restrict
from allocator.pipeline.errors import BadInputError
from allocator.planning.build import build_master
from allocator.planning.capacity_map import columns_of
from allocator.planning.decided import AXES
from allocator.scenario.places import suggestion

CONTRACT, CONVERT, NOTICE = "contract", "convert", "notice"
FAMILY = {CONTRACT: "sign", CONVERT: "convert", NOTICE: "terminate"}
AXIS = {CONTRACT: "contract", CONVERT: "bay", NOTICE: "agreement"}


@dataclass(frozen=True)
class Decision:
    """A contract (name), a conversion (hall/fit_out) or a notice (agreement), in one month or at any time ("")."""

    kind: str
    name: str
    month: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}{f'@{self.month}' if self.month else ''}"


def decisions_of(instance: Instance) -> list[Decision]:
    """Every contract on offer and every conversion that a hall may have."""
    contracts = [Decision(CONTRACT, name) for name in instance.offers.names]
    bays = [name for bay, name in enumerate(instance.bays.names) if _convertible(instance, bay)]
    return [*contracts, *(Decision(CONVERT, name) for name in bays)]


def notices_of(instance: Instance) -> list[Decision]:
    """Notice to every host that has an agreement."""
    return [Decision(NOTICE, name) for name in instance.hosting.names]


def _convertible(instance: Instance, bay: int) -> bool:
    return bool(instance.bays.convertible[bay]) and bay not in instance.halls.opening_bay


def taken_at(tables: Mapping[str, pd.DataFrame]) -> list[tuple[Decision, str]]:
    """Every decision that the tables of a plan take, at any time, with each node in which it is taken."""
    signed, made, given = tables["contracts"], tables["conversions"], tables["terminations"]
    signed = signed[signed["accepted"]]
    rows = (
        (CONTRACT, signed["contract"], signed["signed_node"]),
        (CONVERT, made["hall"] + "/" + made["to_fit_out"], made["decided_node"]),
        (NOTICE, given["agreement"], given["notice_node"]),
    )
    found = ((Decision(kind, name), node) for kind, *both in rows for name, node in zip(*both, strict=True))
    return list(dict.fromkeys(found))


def taken(tables: Mapping[str, pd.DataFrame]) -> frozenset[Decision]:
    """Contracts and conversions that the tables of a plan decide, at any time and in any future."""
    return frozenset(decision for decision, _ in taken_at(tables) if decision.kind != NOTICE)


def is_taken(tables: Mapping[str, pd.DataFrame], decision: Decision) -> bool:
    """Whether a plan takes it in some future, in its month where it names one."""
    start = dict(zip(tables["nodes"]["node"], tables["nodes"]["start_month"], strict=True))
    return any(decision.month in ("", start[node]) for node in _nodes_taken(tables, decision))


def is_taken_everywhere(instance: Instance, tables: Mapping[str, pd.DataFrame], decision: Decision) -> bool:
    """Whether a plan takes it in every future, in its month where it names one."""
    tree, at = instance.tree, _nodes_taken(tables, decision)
    if decision.month:
        return at >= {tree.name[node] for node in _nodes(instance, decision)}
    return all(at & {tree.name[node] for node in tree.path(leaf)} for leaf in tree.leaves.tolist())


def _nodes_taken(tables: Mapping[str, pd.DataFrame], decision: Decision) -> set[str]:
    """Nodes in which a plan takes it, whatever its month."""
    at_any_time = replace(decision, month="")
    return {node for one, node in taken_at(tables) if one == at_any_time}


def parse_decision(instance: Instance, text: str) -> Decision:
    """The decision that a text names; raises BadInputError where there is none such."""
    kind, _, rest = text.partition(":")
    name, _, month = rest.rpartition("@") if "@" in rest else (rest, "", "")
    if kind not in FAMILY:
        forms = "contract:NAME, convert:HALL/FIT_OUT@YYYY-MM or notice:AGREEMENT@YYYY-MM"
        raise BadInputError(f"{text!r} is no decision", [f"write {forms}"])
    known = [one.name for one in [*decisions_of(instance), *notices_of(instance)] if one.kind == kind]
    if name not in known:
        raise BadInputError(f"{text!r}: there is no such {kind}", [suggestion(name, known)])
    decision = Decision(kind, name, month)
    if month and not len(_nodes(instance, decision)):
        possible = ", ".join(_months(instance, decision)) or "none within the horizon"
        raise BadInputError(f"{text!r} cannot be decided in that month", [f"months in which it can: {possible}"])
    return decision


def is_settled(instance: Instance, decision: Decision) -> bool:
    """Whether what the instance holds already leaves nothing to decide about it."""
    decided = instance.decided
    held = None if decided is None else dict(decided.values).get(FAMILY[decision.kind])
    if held is None:
        return False
    return not np.isnan(held[_names(instance, decision).index(decision.name), _nodes(instance, decision)]).any()


def without(*decisions: Decision) -> Restrict:
    """Restricts to plans that take none of them."""

    def restrict(instance: Instance) -> Instance:
        for one in decisions:
            instance = _with_values(instance, one, 0.0, _nodes(instance, one))
        return instance

    return restrict


def forced(decision: Decision) -> Restrict:
    """Restricts to plans that take it; the restriction raises BadInputError for a conversion without its month."""

    def restrict(instance: Instance) -> Instance:
        if decision.month:
            return _with_values(instance, decision, 1.0, _nodes(instance, decision))
        if decision.kind != CONTRACT:
            possible = ", ".join(_months(instance, decision)) or "none within the horizon"
            raise BadInputError(
                f"{decision}: say when, with @YYYY-MM", [f"months in which it can be decided: {possible}"]
            )
        must = instance.offers.must_accept.copy()
        must[instance.offers.names.index(decision.name)] = True
        return replace(instance, offers=replace(instance.offers, must_accept=must))

    return restrict


def both(*restrictions: Restrict) -> Restrict:
    """All of them, one after the other."""

    def restrict(instance: Instance) -> Instance:
        for one in restrictions:
            instance = one(instance)
        return instance

    return restrict


def _with_values(instance: Instance, decision: Decision, value: float, nodes: Ints) -> Instance:
    family = FAMILY[decision.kind]
    held = instance.decided
    values = dict(held.values) if held is not None else {}
    own = values.get(family, np.full((len(_names(instance, decision)), len(instance.tree)), np.nan)).copy()
    own[_names(instance, decision).index(decision.name), nodes] = value
    values[family] = own
    return replace(instance, decided=Decided(np.arange(len(instance.tree)), AXES, values))


def _names(instance: Instance, decision: Decision) -> Sequence[str]:
    names = {CONTRACT: instance.offers.names, CONVERT: instance.bays.names, NOTICE: instance.hosting.names}
    return names[decision.kind]


def _nodes(instance: Instance, decision: Decision) -> Ints:
    """Nodes at which it can be decided, of its month where it names one."""
    shape = (len(_names(instance, decision)), len(instance.tree))
    axes = (AXIS[decision.kind], "node")
    columns = columns_of(build_master(instance).problem, FAMILY[decision.kind], axes, shape)
    nodes = np.flatnonzero(columns[_names(instance, decision).index(decision.name)] >= 0)
    if not decision.month:
        return nodes
    return nodes[[_month(instance, int(node)) == decision.month for node in nodes]]


def _months(instance: Instance, decision: Decision) -> list[str]:
    """Months in which it can be decided, in order."""
    return sorted({_month(instance, int(node)) for node in _nodes(instance, replace(decision, month=""))})


def _month(instance: Instance, node: int) -> str:
    """Calendar month in which a node starts."""
    return instance.tree.calendar_month(int(instance.tree.first_month[node]))
