"""FLEET: blocks of machines between the market, the store and the halls."""

from __future__ import annotations

import pulp

from tests.reference.draft import FAR_BEYOND, Draft
from tests.reference.hosting import is_over
from tests.reference.relations import ready


def columns(d: Draft) -> None:
    """Blocks: installed[p,n], install, remove[e,h,n], buy, sell, stored, delivered[e,n]; decisions are whole."""
    models = range(len(d.given.models.names))
    had = {e for e in models if d.given.models.opening_stored_units[e] > 0} | set(d.given.opening.model)
    owned = [e for e in models if e in d.given.placements.model or e in had]
    buyable = [e for e in owned if d.given.models.buyable[e]]
    placements = range(len(d.given.placements.model))
    waiting = [n for n in d.nodes if n not in d.decisions]
    d.add("installed", [(p, n) for p in placements for n in d.decisions], whole=True)
    d.add("installed", [(p, n) for p in placements for n in waiting])
    moves = [(e, h, n) for e, h in _standing_in_halls(d) for n in d.decisions]
    d.add("install", moves, whole=True)
    over = [(e, h, n) for e, h in _standing_in_halls(d) for n in waiting if is_over(d, h, n)]
    d.add("remove", [*moves, *over], whole=True)
    d.add("buy", [(e, n) for e in buyable for n in d.decisions], whole=True)
    d.add("sell", [(e, n) for e in owned for n in d.decisions], whole=True)
    d.add("stored", [(e, n) for e in owned for n in d.nodes])
    due = [(e, n) for e in owned for n in d.nodes if (e in buyable and _orders_due(d, e, n)) or _came(d, e, n) > 0]
    d.add("delivered", due)


def _standing_in_halls(d: Draft) -> list[tuple[int, int]]:
    """(model, hall) where the model may stand in some fit-out of the hall."""
    placements = d.given.placements
    return sorted({(e, d.given.bays.hall[b]) for e, b in zip(placements.model, placements.bay, strict=True)})


def _placements_of(d: Draft, model: int, hall: int) -> list[int]:
    placements = d.given.placements
    pairs = zip(placements.model, placements.bay, strict=True)
    return [p for p, (e, b) in enumerate(pairs) if e == model and d.given.bays.hall[b] == hall]


def _orders_due(d: Draft, model: int, node: int) -> list[int]:
    """Decision nodes whose orders arrive at the node."""
    way, lead = d.way_to(node), d.given.models.lead_months[model]
    return [m for m in way if m in d.decisions and ready(d.given.tree, way, m, lead) == node]


def _came(d: Draft, model: int, node: int) -> float:
    """Units on order at the start that arrive at the node: the first on its way not before their month."""
    way, opening, units = d.way_to(node), d.given.opening, 0.0
    for e, month, count in zip(opening.model, opening.month, opening.units, strict=True):
        first = next((n for n in way if d.given.tree.first_month[n] >= month), None)
        units += count if e == model and first == node else 0.0
    return units


def slots(d: Draft) -> None:
    """HALL.slots[b,n]: sum_e slots * block * installed[p,n] <= slots_b * fitted[b,n]."""
    placements, models = d.given.placements, d.given.models
    for b, n in d.columns["fitted"]:
        here = [p for p, at in enumerate(placements.bay) if at == b]
        if here:
            each = {p: models.slots_per_unit[placements.model[p]] * _block(d, p) for p in here}
            taken = pulp.lpSum(each[p] * d.columns["installed"][p, n] for p in here)
            d.row("HALL.slots", (b, n), taken <= d.given.bays.slots[b] * d.columns["fitted"][b, n])


def _block(d: Draft, placement: int) -> int:
    return d.given.models.block_units[d.given.placements.model[placement]]


def balance(d: Draft) -> None:
    """FLEET.balance[e,h,n]: blocks in the hall = those at the parent + install - remove; the opening fleet first."""
    install, remove, installed = (d.columns[name] for name in ("install", "remove", "installed"))
    for e, h in _standing_in_halls(d):
        for n in d.nodes:
            before, here = d.parent(n), _placements_of(d, e, h)
            if before is None:
                was = sum(d.given.placements.opening_units[p] / _block(d, p) for p in here)
            else:
                was = pulp.lpSum(installed[p, before] for p in here)
            moved = install.get((e, h, n), 0) - remove.get((e, h, n), 0)
            d.row("FLEET.balance", (e, h, n), pulp.lpSum(installed[p, n] for p in here) == was + moved)


def compatible(d: Draft) -> None:
    """FLEET.compatible[p,n]: installed[p,n] <= whole blocks the bay racks * fitted[b,n]."""
    for p, n in d.columns["installed"]:
        model, bay = d.given.placements.model[p], d.given.placements.bay[p]
        per_block = d.given.models.slots_per_unit[model] * _block(d, p)
        most = int(d.given.bays.slots[bay] / per_block + 1e-9)
        d.row("FLEET.compatible", (p, n), d.columns["installed"][p, n] <= most * d.columns["fitted"][bay, n])


def store(d: Draft) -> None:
    """FLEET.store[e,n]: stored = stored at the parent + delivered + removed - installed - sold."""
    models = d.given.models
    for e, n in d.columns["stored"]:
        before = d.parent(n)
        was = models.opening_stored_units[e] / models.block_units[e]
        came = [d.columns["stored"][e, before] if before is not None else was]
        came += [d.columns["delivered"][e, n]] if (e, n) in d.columns["delivered"] else []
        went = []
        halls = [h for model, h in _standing_in_halls(d) if model == e]
        came += [d.columns["remove"][e, h, n] for h in halls if (e, h, n) in d.columns["remove"]]
        if n in d.decisions:
            went = [d.columns["install"][e, h, n] for h in halls] + [d.columns["sell"][e, n]]
        d.row("FLEET.store", (e, n), d.columns["stored"][e, n] == pulp.lpSum(came) - pulp.lpSum(went))


def lead_time(d: Draft) -> None:
    """FLEET.lead_time[e,n]: delivered[e,n] = orders that arrive at n."""
    for e, n in d.columns["delivered"]:
        buy = d.columns["buy"]
        ordered = pulp.lpSum(buy[e, m] for m in _orders_due(d, e, n) if (e, m) in buy)
        came = _came(d, e, n) / d.given.models.block_units[e]
        d.row("FLEET.lead_time", (e, n), d.columns["delivered"][e, n] == ordered + came)


def purchase_limit(d: Draft) -> None:
    """FLEET.purchase_limit[e,leaf]: units bought on the way to the leaf <= limit; only where a limit is set."""
    models, buy = d.given.models, d.columns["buy"]
    for e in sorted({e for e, _ in buy}):
        for leaf, way in d.paths.items():
            bought = [models.block_units[e] * buy[e, n] for n in way if (e, n) in buy]
            if bought and models.purchase_limit_units[e] < FAR_BEYOND:
                d.row("FLEET.purchase_limit", (e, leaf), pulp.lpSum(bought) <= models.purchase_limit_units[e])


def money(d: Draft) -> None:
    """Orders are paid when placed, installation when done; sales come in at resale."""
    models = d.given.models
    for (e, n), buy in d.columns["buy"].items():
        d.pay_capital(n, models.block_units[e] * models.price_usd[e][n] * buy)
    for (e, _, n), install in d.columns["install"].items():
        d.pay_capital(n, models.block_units[e] * models.install_usd[e] * install)
    for (e, n), sell in d.columns["sell"].items():
        d.earn(n, d.given.finance.discount_operations, models.block_units[e] * models.resale_usd[e][n] * sell)


def horizon(d: Draft) -> None:
    """Machines owned at a leaf at resale there; orders that have not arrived at their refund."""
    models, placements, discount = d.given.models, d.given.placements, d.given.finance.discount_horizon
    for leaf, way in d.paths.items():
        worth = [discount * models.block_units[e] * models.resale_usd[e][leaf] for e in range(len(models.names))]
        for e, n in d.columns["stored"]:
            if n == leaf:
                d.beyond(leaf, worth[e] * d.columns["stored"][e, leaf])
        for p, e in enumerate(placements.model):
            d.beyond(leaf, worth[e] * d.columns["installed"][p, leaf])
        for (e, m), buy in d.columns["buy"].items():
            if m in way and ready(d.given.tree, way, m, models.lead_months[e]) is None:
                refund = models.refund_share[e] * models.price_usd[e][m] * models.block_units[e]
                d.beyond(leaf, discount * refund * buy)
