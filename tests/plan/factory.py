"""Plan points made by hand: decisions are stated, everything they lead to along a chain is worked out here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.instance.types import Instance
from allocator.pipeline.settle import Operation, settle
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import objective_usd, without_terminal_usd
from allocator.plan.extract.dispatch import ScheduleTables
from allocator.plan.marginal import no_marginal_values
from allocator.plan.meta import HoursMeta, PlanMeta
from allocator.plan.plan import Plan
from allocator.plan.reasons import explain
from allocator.planning.point import PlanPoint
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, ModelSpec, StepSpec, tiny_instance


def pivot_instance() -> Instance:
    """One site, a barn that may become a GPU hall after two months (one idle), two miners, one tenant.

    Six monthly nodes of two steps of 365 h; power at 40 USD/MWh; mining at 70 and 55; tail values.
    """
    made = tiny_instance(
        nodes=6,
        steps=2,
        step_hours=365.0,
        site_limit_mw=[12.0],
        fixed_opex_usd=10_000.0,
        halls=[
            HallSpec(
                "barn",
                [
                    BaySpec("air", "air_mining", 5.0, overhead=0.05),
                    BaySpec(
                        "gpu",
                        "liquid_gpu",
                        4.0,
                        overhead=0.2,
                        no_load_mw=0.1,
                        tenant_air_share=0.2,
                        capex_usd=4e6,
                        lead_months=2,
                        downtime_months=1,
                    ),
                ],
            ),
            HallSpec("yard", [BaySpec("air", "air_mining", 6.0, overhead=0.04)]),
        ],
        models=[
            ModelSpec(
                "s21",
                {"air_mining": 1.0},
                [StepSpec(0.5, 70.0), StepSpec(0.25, 55.0)],
                opening={"barn": 4.0, "yard": 4.0},
                stored=2.0,
                block_units=2,
                buyable=True,
                price_usd=1e5,
                resale_usd=6e4,
                install_usd=500.0,
                lead_months=2,
                refund_share=0.5,
            ),
            ModelSpec(
                "rack",
                {"liquid_gpu": 0.1},
                [StepSpec(0.8, 300.0)],
                buyable=True,
                price_usd=2e6,
                resale_usd=1.5e6,
                lead_months=1,
                refund_share=0.5,
                gpus=64.0,
            ),
        ],
        contracts=[
            ContractSpec(
                "tenant",
                2.0,
                ["barn/gpu"],
                rent_usd_per_mw_month=150e3,
                tranches=2,
                lead_months=2,
                load_factor=0.8,
                gross_up=1.4,
                pass_through_share=0.5,
                signing_capex_usd=1e5,
                credit_probability=0.9,
            ),
            ContractSpec("whale", 9.0, ["barn/gpu"], rent_usd_per_mw_month=150e3, gross_up=1.4),
            ContractSpec("penny", 1.0, ["barn/gpu"], rent_usd_per_mw_month=1.0, lead_months=2),
            ContractSpec("rival", 1.0, ["barn/gpu"], rent_usd_per_mw_month=100e3, lead_months=2),
            ContractSpec("late", 1.0, ["barn/gpu"], rent_usd_per_mw_month=100e3, first_service_month=90),
        ],
        groups={"anchor": (["tenant", "rival"], False)},
        price=40.0,
        spot=36.0,
        operations_per_year=0.12,
        contracted_per_year=0.09,
        mining_tail_usd_per_mw=[60e3, 30e3],
        contract_tail_usd=1e6,
    )
    beyond = made.terminal.contract_usd.copy()
    beyond[made.offers.names.index("penny")] = 0.0
    return replace(made, terminal=replace(made.terminal, contract_usd=beyond))


def still_point(instance: Instance) -> PlanPoint:
    """Nothing is decided: halls, machines and the store stay as they open."""
    nodes, bays, models = len(instance.tree), len(instance.bays.names), len(instance.models.names)
    contracts, halls = len(instance.offers.names), len(instance.halls.names)
    fitted = np.zeros((bays, nodes))
    fitted[instance.halls.opening_bay] = 1.0
    return PlanPoint(
        convert=np.zeros((bays, nodes)),
        fitted=fitted,
        installed_units=np.repeat(instance.placements.opening_units[:, None], nodes, axis=1),
        install_units=np.zeros((models, halls, nodes)),
        remove_units=np.zeros((models, halls, nodes)),
        buy_units=np.zeros((models, nodes)),
        sell_units=np.zeros((models, nodes)),
        stored_units=np.repeat(instance.models.opening_stored_units[:, None], nodes, axis=1),
        delivered_units=np.zeros((models, nodes)),
        sign=np.zeros((contracts, nodes)),
        place=np.zeros((contracts, bays, nodes)),
        terminate=np.zeros(instance.hosting.in_term.shape),
        hosted=instance.hosting.in_term.astype(float),
        tail_mw=np.zeros((bays, instance.terminal.years, len(instance.tree.leaves))),
    )


def pivot_point(instance: Instance) -> PlanPoint:
    """Of `pivot_instance`: the barn converts from node 0 (idle in 1, ready in 2) and takes the tenant.

    Its four machines go to the store in node 1 with the two there, two of the six are sold, two more go to the
    yard, in node 1. Two machines are ordered in node 0 (arrive in 2), two in node 5 (never arrive). One GPU rack is
    ordered in node 2, arrives in 3 and is installed there.
    """
    point = still_point(instance)
    air, gpu, _ = (instance.bays.names.index(name) for name in ("barn/air", "barn/gpu", "yard/air"))
    s21_barn, s21_yard, rack_gpu = (_placement(instance, *pair) for pair in ((0, 0), (0, 2), (1, 1)))
    point.convert[gpu, 0] = 1.0
    point.fitted[air, 1:], point.fitted[gpu, 2:] = 0.0, 1.0
    point.installed_units[s21_barn, 1:] = 0.0
    point.remove_units[0, 0, 1] = 4.0
    point.install_units[0, 1, 1], point.installed_units[s21_yard, 1:] = 2.0, 6.0
    point.sell_units[0, 1] = 2.0
    point.buy_units[0, 0], point.buy_units[0, 5], point.delivered_units[0, 2] = 2.0, 2.0, 2.0
    point.stored_units[0] = [2, 2, 4, 4, 4, 4]
    point.buy_units[1, 2], point.delivered_units[1, 3], point.install_units[1, 0, 3] = 1.0, 1.0, 1.0
    point.installed_units[rack_gpu, 3:] = 1.0
    point.sign[0, 0], point.place[0, gpu, 0] = 1.0, 2.0
    return point


def pivot() -> Operation:
    """`pivot_point` with its hours dispatched."""
    instance = pivot_instance()
    return settle(instance, pivot_point(instance))


def plan_of(operation: Operation) -> Plan:
    """The plan of an operation: reasons explained, no prices, a head with a bound 0.05 % above the objective."""
    reasons = {reason.contract: reason.text for reason in explain(operation.settled, operation.cuts)}
    tables = extract_tables(operation.settled, reasons, no_marginal_values())
    objective = objective_usd(tables["cash_flow"])
    instance, bound = operation.settled.instance, objective + 5e-4 * abs(objective)
    meta = PlanMeta(
        scenario=instance.name,
        objective_usd=objective,
        without_terminal_usd=without_terminal_usd(tables["cash_flow"]),
        bound_usd=bound,
        relative_gap=(bound - objective) / max(1.0, abs(objective)),
        requested_gap=1e-3,
        stop_reason="optimal",
        limit=None,
        verified=False,
        method="by hand",
        backend="none",
        seed=None,
        input_hash=instance.input_hash,
        versions={"allocator": "0"},
        hours=HoursMeta(instance.hours.representation, instance.hours.full, "full"),
        dispatch={"merit_order": 1},
    )
    return Plan(tables, ScheduleTables(operation.settled), meta)


def _placement(instance: Instance, model: int, bay: int) -> int:
    found: Sequence[int] = np.flatnonzero(
        (instance.placements.model == model) & (instance.placements.bay == bay)
    ).tolist()
    return found[0]
