"""What a published plan has decided for good, and how later nights keep to it.

A published plan is taken to be carried out: once the period of a decision has begun, conversions, orders, sales,
contracts and notices of it are committed. They are kept by name in the store, and every later night plans around them,
until somebody says that one was not carried out (`allocator commitments --release`). Only what happens in every future
is committed, and only what is done: a contract that was not signed may still be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from allocator.instance.types import Instance
from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.store.registry import Commitment
from allocator.pipeline.baselines import Restrict
from allocator.pipeline.start import Taken, held_by, taken_by

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "contract": ("sign", "place"),
    "convert": ("convert",),
    "order": ("buy_blocks",),
    "sale": ("sell_blocks",),
    "notice": ("terminate",),
}
"""Families of decisions by the word that a person uses."""
CERTAIN = 1.0 - 1e-9
_BETWEEN = "\t"


def committed(instance: Instance, tables: Mapping[str, pd.DataFrame], as_of: datetime, zone: str) -> list[Commitment]:
    """Decisions of a plan at nodes that have begun and are in every future."""
    families = [family for own in FAMILIES.values() for family in own]
    nodes = tables["nodes"]
    month = as_of.astimezone(ZoneInfo(zone)).strftime("%Y-%m")
    begun = set(nodes["node"][(nodes["start_month"] <= month) & (nodes["probability"] >= CERTAIN)])
    return [
        Commitment(one.family, _BETWEEN.join(one.names), one.node, one.value)
        for one in taken_by(instance, tables, families)
        if one.node in begun
    ]


def kept_to(commitments: Sequence[Commitment], dropped: list[str]) -> Restrict:
    """Restricts to plans that keep to commitments; those that an instance does not know are told in `dropped`."""

    def restrict(instance: Instance) -> Instance:
        if not commitments:
            return instance
        decided, unknown = held_by(instance, [_taken(one) for one in commitments])
        dropped[:] = [word(Commitment(one.family, _BETWEEN.join(one.names), one.node, one.value)) for one in unknown]
        return replace(instance, decided=decided)

    return restrict


def word(one: Commitment) -> str:
    """A commitment as a person writes it, such as contract:lab@2027-06."""
    kind = next(word for word, own in FAMILIES.items() if one.kind in own)
    return f"{kind}:{one.subject.split(_BETWEEN)[0]}@{one.node}"


def forgotten_alert(word: str) -> Alert:
    """What somebody is told of a commitment that the scenario does not know."""
    words = f"{word} is committed, and the scenario knows it no longer: state it there as it stands, or release it"
    return Alert(Severity.WARNING, "commitment_unknown", words)


def as_dicts(commitments: Sequence[Commitment]) -> list[dict[str, object]]:
    """For the file of a night."""
    return [asdict(one) for one in commitments]


def _taken(one: Commitment) -> Taken:
    return Taken(one.kind, tuple(one.subject.split(_BETWEEN)), one.node, one.value)
