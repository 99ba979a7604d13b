"""A hand-made chain: specs to frozen arrays, without files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from allocator.instance.battery import SiteBattery
from allocator.instance.hedges import no_hedges
from allocator.instance.hosting import no_hosting
from allocator.instance.hour_store import HourStore
from allocator.instance.market_state import MarketState, Network
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import (
    Bays,
    Compatibility,
    Finance,
    Halls,
    Instance,
    Models,
    Offers,
    PassThrough,
    Placements,
    Segments,
    Service,
    Sites,
    Terminal,
)
from tests.instance.specs import BaySpec, ContractSpec, FeederSpec, HallSpec, ModelSpec, PlantSpec
from tests.instance.tiny_shared_limits import tiny_feeders, tiny_plants

MINING = ("air_mining", "hydro_mining", "immersion_mining")


def tiny_instance(
    *,
    nodes: int = 1,
    months: int = 1,
    steps: int = 2,
    step_hours: float = 1.0,
    site_limit_mw: Sequence[float] = (10.0,),
    fixed_opex_usd: float = 0.0,
    energy_budget_mwh: npt.ArrayLike = np.inf,
    halls: Sequence[HallSpec] = (HallSpec("barn", (BaySpec("barn", "air_mining", 5.0),)),),
    feeders: Sequence[FeederSpec] = (),
    plants: Sequence[PlantSpec] = (),
    models: Sequence[ModelSpec] = (),
    contracts: Sequence[ContractSpec] = (),
    groups: Mapping[str, tuple[Sequence[str], bool]] | None = None,
    price: npt.ArrayLike = 0.0,
    spot: npt.ArrayLike | None = None,
    btc_price_usd: npt.ArrayLike | None = None,
    btc_per_ph_day: npt.ArrayLike = 4e-4,
    shed_usd_per_mwh: float = 5000.0,
    decision: Sequence[bool] | None = None,
    operations_per_year: float = 0.0,
    contracted_per_year: float = 0.0,
    opening_cash_usd: float = 1e9,
    minimum_cash_usd: float = -1e9,
    capex_budget_usd: float = np.inf,
    mining_tail_usd_per_mw: Sequence[float] = (),
    contract_tail_usd: float = 0.0,
    batteries: tuple[SiteBattery | None, ...] = (),
) -> Instance:
    """A chain of `nodes` nodes of `months` months and `steps` steps of `step_hours` hours each.

    `energy_budget_mwh`: of a node, a number or an array broadcastable to (sites, nodes); nothing beyond the horizon.
    `price` and `spot`: a number or an array broadcastable to (sites, nodes, steps); spot defaults to price.
    `btc_price_usd`, `btc_per_ph_day`: a number or one per node; None: a hashprice alone, 50 USD everywhere.
    `groups`: name -> (contract names, required). `mining_tail_usd_per_mw`: one value per tail year, for every
    mining bay. `contract_tail_usd`: value beyond the horizon of every contract, whenever signed.
    """
    tree = _chain(nodes, months, steps * step_hours, decision)
    bays = _bays(halls, nodes, steps)
    compatible = _placements(models, halls, bays)
    placements, segments = _equipment(models, bays, compatible, nodes)
    hall_names = tuple(hall.name for hall in halls)
    return Instance(
        name="tiny",
        tree=tree,
        market=_market(nodes, btc_price_usd, btc_per_ph_day),
        sites=Sites(
            names=tuple(f"site{s}" for s in range(len(site_limit_mw))),
            power_limit_mw=np.asarray(site_limit_mw, float),
            fixed_opex_usd=np.full((len(site_limit_mw), nodes), fixed_opex_usd),
            energy_budget_mwh=_over(energy_budget_mwh, (len(site_limit_mw), nodes)),
        ),
        halls=Halls(
            names=hall_names,
            site=np.array([hall.site for hall in halls]),
            opening_bay=np.cumsum([0, *(len(hall.bays) for hall in halls)])[:-1],
            max_conversions=np.array([hall.max_conversions for hall in halls]),
        ),
        bays=bays,
        hosting=no_hosting(nodes),
        models=_models(models, nodes),
        placements=placements,
        segments=segments,
        offers=_offers(contracts),
        compatibility=_compatibility(contracts, bays, groups or {}),
        service=_service(contracts, tree),
        pass_through=_pass_through(
            halls, bays, price if spot is None else spot, len(site_limit_mw), nodes, steps, step_hours
        ),
        terminal=_terminal(contracts, bays, nodes, len(site_limit_mw), mining_tail_usd_per_mw, contract_tail_usd),
        finance=Finance(
            opening_cash_usd=opening_cash_usd,
            minimum_cash_usd=minimum_cash_usd,
            capex_budget_usd=capex_budget_usd,
            discount_operations=(1 + operations_per_year) ** -tree.mid_years,
            discount_contracted=(1 + contracted_per_year) ** -tree.mid_years,
            discount_horizon=(1 + operations_per_year) ** -tree.horizon_years,
        ),
        hedges=no_hedges(nodes),
        hours=_hours(halls, price, spot, len(site_limit_mw), nodes, steps, step_hours, shed_usd_per_mwh),
        input_hash="0" * 64,
        batteries=batteries,
        feeders=tiny_feeders(feeders, halls, bays),
        plants=tiny_plants(plants, halls, bays, len(site_limit_mw), (nodes, steps)),
    )


def _chain(nodes: int, months: int, hours: float, decision: Sequence[bool] | None) -> NodeTree:
    first = np.arange(nodes) * months
    start = np.datetime64("2027-01", "M")
    return NodeTree(
        name=tuple(str(start + int(m)) for m in first),
        parent=np.arange(nodes) - 1,
        probability=np.ones(nodes),
        first_month=first,
        months=np.full(nodes, months),
        hours=np.full(nodes, float(hours)),
        mid_years=(first + months / 2) / 12,
        decision=np.ones(nodes, bool) if decision is None else np.asarray(decision, bool),
        horizon_years=nodes * months / 12,
        start_month="2027-01",
    )


def _market(nodes: int, btc_price_usd: npt.ArrayLike | None, btc_per_ph_day: npt.ArrayLike) -> MarketState:
    """No fees, no rental market."""
    if btc_price_usd is None:
        return MarketState(np.full(nodes, 50.0), 0.0, 0.0, {})
    price, btc = _over(btc_price_usd, (nodes,)), _over(btc_per_ph_day, (nodes,))
    difficulty = 86_400e15 * 3.125 / (btc * 2.0**32)
    return MarketState(price * btc, 0.0, 0.0, {}, Network(price, difficulty, btc))


def _bays(halls: Sequence[HallSpec], nodes: int, steps: int) -> Bays:
    rows = [(h, hall, i, bay) for h, hall in enumerate(halls) for i, bay in enumerate(hall.bays)]
    specs = [bay for *_, bay in rows]

    def least(limit: npt.ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(limit, float), (nodes * steps,)).reshape(nodes, steps).min(axis=1)

    def most(share: npt.ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(share, float), (nodes * steps,)).reshape(nodes, steps).max(axis=1)

    return Bays(
        names=tuple(f"{hall.name}/{bay.fit_out}" for _, hall, _, bay in rows),
        fit_out=tuple(bay.fit_out for bay in specs),
        kind=tuple(bay.kind for bay in specs),
        hall=np.array([h for h, *_ in rows]),
        site=np.array([hall.site for _, hall, *_ in rows]),
        it_limit_mw=np.array([bay.it_limit_mw for bay in specs]),
        slots=np.array([bay.slots for bay in specs]),
        no_load_mw=np.array([bay.no_load_mw for bay in specs]),
        firm_air_limit_mw=np.array([least(bay.air_limit_mw) for bay in specs]),
        firm_liquid_limit_mw=np.array([least(bay.liquid_limit_mw) for bay in specs]),
        firm_overhead=np.array([most(bay.overhead) for bay in specs]),
        firm_air_share=np.array([bay.tenant_air_share for bay in specs]),
        firm_liquid_share=np.array([1 - bay.tenant_air_share for bay in specs]),
        convertible=np.array([i > 0 for _, _, i, _ in rows]),
        capex_usd=np.repeat([[bay.capex_usd] for bay in specs], nodes, axis=1),
        lead_months=np.array([bay.lead_months for bay in specs]),
        downtime_months=np.array([bay.downtime_months for bay in specs]),
    )


def _models(models: Sequence[ModelSpec], nodes: int) -> Models:
    def by_node(values: list[npt.ArrayLike]) -> Floats:
        return np.array([np.broadcast_to(np.asarray(v, float), nodes) for v in values]).reshape(len(models), nodes)

    return Models(
        names=tuple(m.name for m in models),
        block_units=np.array([m.block_units for m in models], int),
        slots_per_unit=np.array([m.slots for m in models], float),
        price_usd=by_node([m.price_usd for m in models]),
        resale_usd=by_node([m.resale_usd for m in models]),
        install_usd=np.array([m.install_usd for m in models], float),
        lead_months=np.array([m.lead_months for m in models], int),
        refund_share=np.array([m.refund_share for m in models], float),
        purchase_limit_units=np.array([m.limit_units for m in models], float),
        buyable=np.array([m.buyable for m in models], bool),
        opening_stored_units=np.array([m.stored for m in models], float),
        hash_th_per_s=np.array([sum(s.mw_per_unit * s.hash_ph_per_mw * 1e3 for s in m.steps) for m in models], float),
        power_kw=np.array([sum(s.mw_per_unit * 1e3 for s in m.steps) for m in models], float),
        gpus=np.array([m.gpus for m in models], float),
    )


def _placements(models: Sequence[ModelSpec], halls: Sequence[HallSpec], bays: Bays) -> list[tuple[int, int, float]]:
    openings = set(np.cumsum([0, *(len(hall.bays) for hall in halls)])[:-1].tolist())
    return [
        (e, b, model.opening.get(halls[int(bays.hall[b])].name, 0.0) if b in openings else 0.0)
        for b, kind in enumerate(bays.kind)
        for e, model in enumerate(models)
        if kind in model.kinds
    ]


def _equipment(
    models: Sequence[ModelSpec], bays: Bays, compatible: list[tuple[int, int, float]], nodes: int
) -> tuple[Placements, Segments]:
    rows = [(p, e, b, i, s) for p, (e, b, _) in enumerate(compatible) for i, s in enumerate(models[e].steps)]
    air = np.array([models[e].kinds[bays.kind[b]] for _, e, b, _, _ in rows], float)
    bay = np.array([b for _, _, b, _, _ in rows], int)
    placements = Placements(
        model=np.array([e for e, _, _ in compatible], int),
        bay=np.array([b for _, b, _ in compatible], int),
        opening_units=np.array([units for *_, units in compatible], float),
    )
    return placements, Segments(
        placement=np.array([p for p, *_ in rows], int),
        bay=bay,
        site=bays.site[bay],
        step=np.array([i for *_, i, _ in rows], int),
        mw_per_unit=np.array([s.mw_per_unit for *_, s in rows], float),
        hash_ph_per_mw=np.array([s.hash_ph_per_mw for *_, s in rows], float),
        air_share=air,
        liquid_share=1 - air,
        value_usd_per_mwh=np.array(
            [np.broadcast_to(np.asarray(s.value_usd_per_mwh, float), nodes) for *_, s in rows]
        ).reshape(len(rows), nodes),
    )


def _offers(contracts: Sequence[ContractSpec]) -> Offers:
    def column(name: str, kind: type = float) -> npt.NDArray[np.generic]:
        return np.array([getattr(c, name) for c in contracts], kind)

    return Offers(
        names=tuple(c.name for c in contracts),
        critical_it_mw=column("critical_it_mw"),
        tranches=column("tranches", int),
        load_factor=column("load_factor"),
        gross_up=column("gross_up"),
        lead_months=column("lead_months", int),
        term_months=column("term_months", int),
        first_service_month=column("first_service_month", int),
        last_service_month=column("last_service_month", int),
        must_accept=column("must_accept", bool),
        signing_capex_usd=column("signing_capex_usd"),
        credit_probability=column("credit_probability"),
        pass_through_share=column("pass_through_share"),
        outage_h_per_month=column("outage_h_per_month"),
        outage_usd_per_mwh=column("outage_usd_per_mwh"),
    )


def _compatibility(
    contracts: Sequence[ContractSpec], bays: Bays, groups: Mapping[str, tuple[Sequence[str], bool]]
) -> Compatibility:
    rows = [(c, bays.names.index(name)) for c, spec in enumerate(contracts) for name in sorted(spec.bays)]
    position = {spec.name: c for c, spec in enumerate(contracts)}
    return Compatibility(
        contract=np.array([c for c, _ in rows], int),
        bay=np.array([b for _, b in rows], int),
        exclusive=tuple(tuple(position[name] for name in members) for members, _ in groups.values()),
        group_names=tuple(groups),
        group_required=tuple(required for _, required in groups.values()),
    )


def _service(contracts: Sequence[ContractSpec], tree: NodeTree) -> Service:
    rows = []
    for c, spec in enumerate(contracts):
        for m in np.flatnonzero(tree.decision):
            starts = [
                n for n in range(len(tree)) if n >= m and tree.first_month[n] >= tree.first_month[m] + spec.lead_months
            ]
            if not starts:
                continue
            begin = int(tree.first_month[starts[0]])
            if not spec.first_service_month <= begin <= spec.last_service_month:
                continue
            for n in starts:
                served = min(int(tree.months[n]), begin + spec.term_months - int(tree.first_month[n]))
                if served > 0:
                    share = served / float(tree.months[n])
                    rent = spec.critical_it_mw * spec.rent_usd_per_mw_month * served
                    rows.append((c, m, n, spec.critical_it_mw, spec.critical_it_mw * spec.load_factor * share, rent))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    return Service(*(np.array(x, int) for x in columns[:3]), *(np.array(x, float) for x in columns[3:]))


def _over(values: npt.ArrayLike, shape: tuple[int, ...]) -> Floats:
    return np.broadcast_to(np.asarray(values, float), shape).copy()


def _by_bay(halls: Sequence[HallSpec], site: int, steps: int, name: str) -> Floats:
    specs = [bay for hall in halls if hall.site == site for bay in hall.bays]
    return np.array([_over(getattr(bay, name), (steps,)) for bay in specs])


def _pass_through(
    halls: Sequence[HallSpec], bays: Bays, spot: npt.ArrayLike, sites: int, nodes: int, steps: int, step_hours: float
) -> PassThrough:
    energy = _over(spot, (sites, nodes, steps)) * step_hours
    gross = [1 + _by_bay(halls, s, nodes * steps, "overhead").reshape(-1, nodes, steps) for s in range(sites)]
    return PassThrough(np.concatenate([np.einsum("bnt,nt->bn", gross[s], energy[s]) for s in range(sites)]))


def _hours(
    halls: Sequence[HallSpec],
    price: npt.ArrayLike,
    spot: npt.ArrayLike | None,
    sites: int,
    nodes: int,
    steps: int,
    step_hours: float,
    shed_usd_per_mwh: float,
) -> HourStore:
    shape, total = (sites, nodes, steps), nodes * steps
    utc = np.datetime64("2027-01-01T06", "s") + np.arange(total) * np.timedelta64(round(step_hours * 3600), "s")
    return HourStore(
        offset=np.arange(sites * nodes + 1) * steps,
        period=np.arange(nodes),
        utc=np.tile(utc, sites),
        weight_h=np.full(sites * total, step_hours),
        step_h=np.full(sites * total, step_hours),
        opens=np.arange(sites * total) % steps == 0,
        spot_usd_per_mwh=_over(price if spot is None else spot, shape).ravel(),
        price_usd_per_mwh=_over(price, shape).ravel(),
        spot_factor=np.ones((sites, nodes)),
        ambient_c=np.full(sites * total, 20.0),
        overhead=tuple(_by_bay(halls, s, total, "overhead") for s in range(sites)),
        air_limit_mw=tuple(_by_bay(halls, s, total, "air_limit_mw") for s in range(sites)),
        liquid_limit_mw=tuple(_by_bay(halls, s, total, "liquid_limit_mw") for s in range(sites)),
        full=True,
        shed_usd_per_mwh=np.full(sites, shed_usd_per_mwh),
        representation="hand-made steps",
    )


def _terminal(
    contracts: Sequence[ContractSpec], bays: Bays, nodes: int, sites: int, mining: Sequence[float], contract_usd: float
) -> Terminal:
    years, is_mining = len(mining), np.isin(bays.kind, MINING)
    return Terminal(
        years=years,
        contract_usd=np.full((len(contracts), nodes), float(contract_usd)),
        contract_energy_usd_per_mw=np.zeros((len(contracts), nodes, len(bays.kind))),
        contract_mw=np.array(
            [np.full((nodes, years), c.critical_it_mw if contract_usd else 0.0) for c in contracts]
        ).reshape(len(contracts), nodes, years),
        mining_usd_per_mw=np.repeat(
            np.outer(is_mining, np.asarray(mining, float)).reshape(len(bays.kind), years, 1), nodes, axis=2
        ),
        overhead=np.zeros(len(bays.kind)),
        fixed_opex_usd=np.zeros(sites),
        energy_limit_mw=np.full(sites, np.inf),
    )
