"""Contracts on offer as columns, where each may stand, and which exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.instance.contracts import Terms
from allocator.instance.halls import BayOption
from allocator.instance.types import Compatibility, Offers
from allocator.scenario.contracts import Colocation, OneOf
from allocator.scenario.fit_outs import GPU_KINDS
from allocator.scenario.months import Month
from allocator.scenario.uncertainty import Sampled, Uncertainty


def terms_of(contract: Colocation, start: Month, uncertainty: Uncertainty | None) -> Terms:
    """The contract with its window counted from the start of the horizon, and the delays it may suffer; none where it
    is signed and its service begins as stated."""
    delay = uncertainty.delivery_delay if isinstance(uncertainty, Sampled) else None
    concerned = delay is None or delay.contracts is None or contract.name in delay.contracts
    concerned = concerned and (contract.signed is None or contract.signed.may_be_late)
    averaged = delay is not None and delay.treatment == "averaged" and concerned
    first, last, lead = _window(contract, start)
    return Terms(
        critical_it_mw=contract.critical_it_mw,
        rent_usd_per_kw_month=contract.rent_usd_per_kw_month,
        term_months=contract.term_months,
        first_service_month=first,
        last_service_month=last,
        lead_months=lead,
        served_months=None if contract.signed is None else max(0, start.since(contract.signed.service_from)),
        escalator_per_year=contract.escalator_per_year,
        ramp=contract.ramp,
        load_factor=contract.load_factor,
        pass_through_share=contract.pass_through_share,
        credit_probability=contract.credit_probability,
        delay=tuple((one.months, one.probability) for one in delay.outcomes) if delay and averaged else ((0, 1.0),),
        waits=concerned,
    )


def _window(contract: Colocation, start: Month) -> tuple[int, int, int]:
    """First and last month of service, and lead, from the start; of one that is signed what is left of them."""
    if contract.signed is None:
        return contract.first_service.since(start), contract.last_service.since(start), contract.lead_months
    begins = max(0, contract.signed.service_from.since(start))
    return begins, begins, begins


def compile_offers(contracts: Sequence[Colocation], start: Month) -> Offers:
    """Contracts in the order of the file. Capex at signature: signing_capex_usd + MW * fit_out_capex_usd_per_mw, paid
    already by those that are signed; these must be accepted."""

    def column(name: str, kind: type = np.float64) -> NDArray[Any]:
        return np.array([getattr(contract, name) for contract in contracts], dtype=kind)

    signed = np.array([contract.signed is not None for contract in contracts], dtype=np.bool_)
    window = np.array([_window(contract, start) for contract in contracts], dtype=np.int64).reshape(-1, 3)
    capex_usd = column("signing_capex_usd") + column("critical_it_mw") * column("fit_out_capex_usd_per_mw")
    return Offers(
        names=tuple(contract.name for contract in contracts),
        critical_it_mw=column("critical_it_mw"),
        tranches=column("tranches", np.int64),
        load_factor=column("load_factor"),
        gross_up=column("gross_up"),
        lead_months=window[:, 2],
        term_months=column("term_months", np.int64),
        first_service_month=window[:, 0],
        last_service_month=window[:, 1],
        must_accept=column("must_accept", np.bool_) | signed,
        signing_capex_usd=np.where(signed, 0.0, capex_usd),
        credit_probability=column("credit_probability"),
        pass_through_share=column("pass_through_share"),
        outage_h_per_month=column("outage_allowance_h_per_month"),
        outage_usd_per_mwh=column("curtailment_credit_usd_per_mwh"),
    )


def compile_compatibility(
    contracts: Sequence[Colocation], groups: Sequence[OneOf], options: Sequence[BayOption], site_names: Sequence[str]
) -> Compatibility:
    """A contract may stand in the GPU bays of its sites whose fit-out it accepts, by name or by kind."""
    rows = [
        (c, b)
        for c, contract in enumerate(contracts)
        for b, bay in enumerate(options)
        if bay.fit_out.kind in GPU_KINDS
        and (bay.option.fit_out in contract.fit_outs or bay.fit_out.kind in contract.fit_outs)
        and (contract.sites is None or site_names[bay.site] in contract.sites)
        and _stands(contract, bay.name)
    ]
    position = {contract.name: c for c, contract in enumerate(contracts)}
    return Compatibility(
        contract=np.array([c for c, _ in rows], dtype=np.int64),
        bay=np.array([b for _, b in rows], dtype=np.int64),
        exclusive=tuple(tuple(position[name] for name in group.contracts) for group in groups),
        group_names=tuple(group.name for group in groups),
        group_required=tuple(group.required for group in groups),
    )


def _stands(contract: Colocation, bay: str) -> bool:
    """Whether tranches of the contract may stand in a bay: those of one that is signed stand where they stand."""
    return contract.signed is None or bay in {f"{at.hall}/{at.fit_out}" for at in contract.signed.placed}


def outage_remarks(contracts: Sequence[Colocation]) -> list[str]:
    """What a reader must know of outage allowances."""
    return [
        f"contract {contract.name}: the outage allowance of a period is used with foresight of all its hours, "
        "so what it spares is an upper bound"
        for contract in contracts
        if contract.outage_allowance_h_per_month > 0
    ]
