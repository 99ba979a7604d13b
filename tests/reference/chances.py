"""CHANCE: events of limited probability, in a month and along paths."""

from __future__ import annotations

import pulp

from tests.reference.draft import USD_PER_MUSD, Draft, Member


def events(d: Draft) -> None:
    """CHANCE.event[e,n], MUSD: what is missing, or called, <= most * happens; where it can be at all."""
    for e, loan in enumerate(d.given.chances.loan):
        family, of = ("shortfall", ()) if loan < 0 else ("call", (loan,))
        found = [n for n in d.nodes if (*of, n) in d.columns.get(family, {})]
        happens = d.add("happens", [(e, n) for n in found], upper=1, whole=True)
        for n in found:
            most = d.given.chances.most_usd[e][n] / USD_PER_MUSD
            d.row("CHANCE.event", (e, n), d.columns[family][(*of, n)] <= most * happens[e, n])


def months(d: Draft) -> None:
    """CHANCE.month[e,m]: probability of the event in the nodes that start in a month; where it is limited."""
    for e, most in enumerate(d.given.chances.by_month):
        found: dict[int, list[Member]] = {}
        for event, n in d.columns.get("happens", ()):
            if event == e and most < 1:
                found.setdefault(d.given.tree.first_month[n], []).append((event, n))
        for month, members in found.items():
            odds = [d.given.tree.probability[n] * d.columns["happens"][e, n] for e, n in members]
            d.row("CHANCE.month", (e, month), pulp.lpSum(odds) <= most)


def paths(d: Draft) -> None:
    """CHANCE.on_path, CHANCE.stays [e,n]; CHANCE.paths[e]: probability that it happens at all; where it is limited."""
    for e, most in enumerate(d.given.chances.of_path):
        if most >= 1:
            continue
        happened = d.add("happened", [(e, n) for n in d.nodes], upper=1)
        for n in d.nodes:
            before = d.parent(n)
            if (e, n) in d.columns["happens"]:
                d.row("CHANCE.on_path", (e, n), happened[e, n] >= d.columns["happens"][e, n])
            if before is not None:
                d.row("CHANCE.stays", (e, n), happened[e, n] >= happened[e, before])
        odds = [d.given.tree.probability[leaf] * happened[e, leaf] for leaf in d.paths]
        d.row("CHANCE.paths", (e,), pulp.lpSum(odds) <= most)
