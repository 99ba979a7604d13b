"""Contracts: their window lies in the horizon, and some hall and site could hold them."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.contracts import Colocation
from allocator.scenario.draft import Part
from allocator.scenario.faults import Fault
from allocator.scenario.fit_outs import GPU_KINDS
from allocator.scenario.places import Quoted


def windows(context: Context) -> Iterator[Fault]:
    """The service window runs forward, inside the horizon, and can be reached by its lead time."""
    for part in context.draft.contracts:
        contract = part.value
        if contract.signed is not None:
            continue
        if contract.last_service < contract.first_service:
            path, expected = (*part.path, "last_service"), f"not before first_service {contract.first_service}"
            yield context.places.fault(path, Quoted(str(contract.last_service)), expected, "swap or correct the months")
        else:
            yield from _window_in_horizon(context, part)


def _window_in_horizon(context: Context, part: Part[Colocation]) -> Iterator[Fault]:
    horizon, contract = context.draft.horizon, part.value
    if horizon is None:
        return
    span = f"{horizon.start} to {horizon.end.plus(-1)}"
    for field in ("first_service", "last_service"):
        month = getattr(contract, field)
        if not horizon.start <= month < horizon.end:
            expected = f"a month of the horizon, {span}"
            yield context.places.fault(
                (*part.path, field), Quoted(str(month)), expected, "move the month or the horizon"
            )
    earliest = horizon.start.plus(contract.lead_months)
    if horizon.start <= contract.last_service < earliest:
        found = Quoted(f"{contract.last_service}, with {contract.lead_months} months of lead")
        expected = f"{earliest} or later, as nothing is signed before {horizon.start}"
        yield context.places.fault(
            (*part.path, "last_service"), found, expected, "move the window, or shorten the lead"
        )


def signed(context: Context) -> Iterator[Fault]:
    """A contract signed before the start is served within the horizon, all of it, where it may stand."""
    horizon = context.draft.horizon
    fit_outs = {(hall.name, option.value.fit_out): option.value for option, hall, _ in context.draft.options()}
    for part in context.draft.contracts:
        contract, terms, path = part.value, part.value.signed, (*part.path, "signed")
        if terms is None:
            continue
        for position, at in enumerate(terms.placed):
            option = fit_outs.get((at.hall, at.fit_out))
            accepted = option is not None and {at.fit_out, context.kind(option)} & set(contract.fit_outs)
            if context.draft.is_whole("sites") and not accepted:
                found = Quoted(f"{at.fit_out!r} in hall {at.hall!r}")
                expected = "a hall with an option that the contract accepts"
                yield context.places.fault((*path, "placed", position), found, expected, "correct hall or fit_out")
        total = sum(at.tranches for at in terms.placed)
        if total != contract.tranches:
            expected = f"all {contract.tranches} of the contract"
            yield context.places.fault((*path, "placed"), Quoted(f"{total} tranches"), expected, "correct the counts")
        if horizon is not None and not (
            horizon.start < terms.service_from.plus(contract.term_months) and terms.service_from < horizon.end
        ):
            found = Quoted(f"{contract.term_months} months from {terms.service_from}")
            expected = f"some service between {horizon.start} and {horizon.end}"
            yield context.places.fault((*path, "service_from"), found, expected, "leave the contract out")
        yield from _unearned(context, part)


def _unearned(context: Context, part: Part[Colocation]) -> Iterator[Fault]:
    """What of a prepayment is unearned is stated where there is one, and only there."""
    contract, path = part.value, (*part.path, "signed")
    assert contract.signed is not None
    unearned = contract.signed.unearned_usd
    if contract.prepayment is not None and unearned is None:
        found, expected = Quoted("a prepayment, and nothing of what is unearned"), "unearned_usd, owed at the start"
        yield context.places.fault(path, found, expected, "state unearned_usd: 0 where all of it is earned")
    if contract.prepayment is None and (unearned or contract.signed.prepayment_due_usd):
        found, expected = Quoted("money paid ahead, and no prepayment"), "the terms of the prepayment"
        yield context.places.fault(path, found, expected, "state the prepayment, or leave the amounts out")


def kinds(context: Context) -> Iterator[Fault]:
    """A contract stands in fit-outs for GPUs, and some hall it may use has one."""
    for part in context.draft.contracts:
        for position, name in enumerate(part.value.fit_outs):
            fit_out = context.draft.fit_out(name)
            if fit_out is not None and fit_out.kind not in GPU_KINDS:
                found = Quoted(f"{name!r} of kind {fit_out.kind}")
                path = (*part.path, "fit_outs", position)
                yield context.places.fault(path, found, "fit-outs of kind air_gpu or liquid_gpu", "remove it")


def sizes(context: Context) -> Iterator[Fault]:
    """No contract is larger than the halls and sites that may hold it."""
    if not (context.draft.is_whole("sites") and context.draft.is_whole("fit_outs")):
        return  # what is missing could be what fits
    for part in context.draft.contracts:
        halls, limits = _room(context, part.value)
        if halls:
            yield from _size_faults(context, part, halls, limits)
            continue
        found = Quoted("no hall with an option it accepts")
        fix = "add the option to a hall, or widen fit_outs and sites"
        yield context.places.fault((*part.path, "fit_outs"), found, "at least one hall that can hold it", fix)


def _room(context: Context, contract: Colocation) -> tuple[dict[str, float], dict[str, float]]:
    """Critical IT MW by hall and gross MW by site of what may hold the contract."""
    halls: dict[str, float] = {}
    limits: dict[str, float] = {}
    for option, hall, site in context.draft.options():
        names = (option.value.fit_out, context.kind(option.value))
        is_gpu = names[1] in GPU_KINDS
        if is_gpu and any(n in contract.fit_outs for n in names) and site.name in (contract.sites or (site.name,)):
            halls[hall.name] = max(halls.get(hall.name, 0.0), option.value.it_limit_mw)
            limits[site.name] = site.power_limit_mw
    return halls, limits


def _size_faults(
    context: Context, part: Part[Colocation], halls: dict[str, float], limits: dict[str, float]
) -> Iterator[Fault]:
    contract = part.value
    path = (*part.path, "critical_it_mw")
    tranche = contract.critical_it_mw / contract.tranches
    gross = contract.critical_it_mw * contract.gross_up
    bounds = (
        (tranche, max(halls.values()), f"MW in one of {contract.tranches} tranches", "the biggest hall it may use"),
        (contract.critical_it_mw, sum(halls.values()), "MW", "all halls it may use"),
        (tranche * contract.gross_up, max(limits.values()), "gross MW reserved by one tranche", "the biggest site"),
        (gross, sum(limits.values()), "gross MW reserved", "all sites it may use"),
    )
    for size, room, what, holder in bounds:
        if size > room * (1 + 1e-9):
            fix = "lower critical_it_mw, split it into tranches, or widen fit_outs and sites"
            yield context.places.fault(path, Quoted(f"{size:g} {what}"), f"at most {room:g} MW, {holder}", fix)
            return


def groups(context: Context) -> Iterator[Fault]:
    """No two contracts that must be accepted exclude each other, and each required group keeps a free member."""
    must = {part.value.name for part in context.draft.contracts if part.value.must_accept}
    excluded: set[str] = set()
    for group in context.draft.one_of:
        forced = [name for name in group.value.contracts if name in must]
        if len(set(forced)) > 1:
            found = Quoted(" and ".join(repr(name) for name in dict.fromkeys(forced)) + ", which must be accepted")
            fix = "drop must_accept from all but one, or split the group"
            yield context.places.fault((*group.path, "contracts"), found, "at most one that must be accepted", fix)
        elif forced:
            excluded |= set(group.value.contracts) - must
    for group in context.draft.one_of:
        if group.value.required and set(group.value.contracts) <= excluded:
            found = Quoted("only contracts that other groups with a must_accept contract exclude")
            fix = "drop required, or the must_accept that excludes them"
            yield context.places.fault((*group.path, "contracts"), found, "a contract that may still be signed", fix)


def outages(context: Context) -> Iterator[Fault]:
    """A curtailment credit belongs to an allowance, and undercuts what some site owes without one."""
    for part in context.draft.contracts:
        contract, path = part.value, (*part.path, "curtailment_credit_usd_per_mwh")
        credit = contract.curtailment_credit_usd_per_mwh
        if contract.outage_allowance_h_per_month == 0.0:
            if credit > 0.0:
                expected = "an outage_allowance_h_per_month that it is paid within"
                yield context.places.fault(path, Quoted(f"{credit:g} without an allowance"), expected, "add the hours")
            continue
        prices = [
            site.value.sla_shed_usd_per_mwh
            for site in context.draft.sites
            if site.value.name in (contract.sites or (site.value.name,))
        ]
        if prices and credit >= max(prices):
            expected = f"less than the sla_shed_usd_per_mwh of its sites, {max(prices):g}"
            fix = "lower the credit, or drop the allowance: it could never be used"
            yield context.places.fault(path, Quoted(f"{credit:g}"), expected, fix)
