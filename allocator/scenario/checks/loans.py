"""Loans: levels in order, collateral that is there, and terms that can be kept from the first node on."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.bitcoin import Hashprice
from allocator.scenario.checks.context import Context
from allocator.scenario.draft import Part
from allocator.scenario.faults import Fault
from allocator.scenario.finance import Hard
from allocator.scenario.loans import BtcBackedLoan, ConvertibleNotes, ProjectLoan, TermLoan
from allocator.scenario.places import Quoted

LEVELS = (("initial_ltv", "call_ltv"), ("release_ltv", "call_ltv"), ("call_ltv", "liquidation_ltv"))
"""Pairs of levels of loan to value, the lower one first."""


def names(context: Context) -> Iterator[Fault]:
    """Loans have names of their own."""
    yield from context.repeated(context.draft.named("loans"), "loan name")


def levels(context: Context) -> Iterator[Fault]:
    """Money is drawn and collateral released below the call level, which lies below that of liquidation."""
    for part in _secured(context):
        loan = part.value
        for low, high in LEVELS:
            if getattr(loan, low) > getattr(loan, high):
                expected = f"at most {high}, {getattr(loan, high):g}"
                yield context.places.fault((*part.path, low), getattr(loan, low), expected, "put the levels in order")
        if loan.least_headroom_share >= loan.call_ltv:
            expected = f"below call_ltv, {loan.call_ltv:g}"
            path = (*part.path, "least_headroom_share")
            yield context.places.fault(path, loan.least_headroom_share, expected, "ask for less headroom")
        most = 1.0 - loan.liquidation_penalty_share
        if not isinstance(loan.call_rule, Hard) and loan.liquidation_ltv >= most:
            fix = "lower the level: from there on a sale brings less than it has to repay"
            expected = f"below 1 less liquidation_penalty_share, {most:g}"
            yield context.places.fault((*part.path, "liquidation_ltv"), loan.liquidation_ltv, expected, fix)


def collateral(context: Context) -> Iterator[Fault]:
    """Bitcoin pledged is Bitcoin held."""
    treasury, secured = context.draft.treasury, list(_secured(context))
    if secured and treasury is None and context.draft.document.get("treasury") is None:
        found = Quoted("a loan secured by Bitcoin, and no treasury that holds any")
        yield context.places.fault(secured[0].path, found, "a treasury section", "add treasury: {opening_btc: ...}")
    if treasury is None:
        return
    pledged = sum(part.value.opening_pledged_btc for part in secured)
    if pledged > treasury.opening_btc * (1 + 1e-9):
        found = Quoted(f"{pledged:g} BTC pledged by all loans together")
        expected = f"at most treasury.opening_btc, {treasury.opening_btc:g}, of which they are a part"
        path = (*secured[-1].path, "opening_pledged_btc")
        yield context.places.fault(path, found, expected, "count pledged Bitcoin as held, or pledge less")


def limits(context: Context) -> Iterator[Fault]:
    """A limit covers what is owed; a schedule pays no more than that; a loan matures within or beyond the horizon."""
    start = context.draft.horizon.start if context.draft.horizon else None
    for part in context.draft.loans:
        loan, owed = part.value, getattr(part.value, "opening_principal_usd", 0.0)
        if isinstance(loan, BtcBackedLoan) and loan.limit_usd is not None and loan.limit_usd < owed:
            expected = f"at least opening_principal_usd, {owed:g}"
            yield context.places.fault((*part.path, "limit_usd"), loan.limit_usd, expected, "raise it, or leave it out")
        if isinstance(loan, TermLoan) and sum(loan.repay_usd_by_month) > owed * (1 + 1e-9):
            found = Quoted(f"{sum(loan.repay_usd_by_month):g} USD together")
            expected = f"at most opening_principal_usd, {owed:g}"
            path = (*part.path, "repay_usd_by_month")
            yield context.places.fault(path, found, expected, "repay no more than is owed")
        if loan.maturity is not None and start is not None and loan.maturity < start:
            path, found = (*part.path, "maturity"), Quoted(str(loan.maturity))
            yield context.places.fault(path, found, f"{start} or later", "leave out a loan that is repaid")


def extensions(context: Context) -> Iterator[Fault]:
    """What is postponed is a maturity within the horizon's reach; a level of collateral is one below the call."""
    for part in context.draft.loans:
        loan = part.value
        if not isinstance(loan, BtcBackedLoan | TermLoan) or loan.extension is None:
            continue
        path, level = (*part.path, "extension"), loan.extension.most_ltv
        if loan.maturity is None:
            fix = "state the maturity that it postpones, or leave it out"
            yield context.places.fault(path, Quoted("no maturity"), "a loan with a maturity", fix)
        if isinstance(loan, TermLoan) and level is not None:
            expected = "a loan secured by Bitcoin"
            yield context.places.fault((*path, "most_ltv"), level, expected, "leave it out: nothing is pledged")
        if isinstance(loan, BtcBackedLoan) and level is not None and level > loan.call_ltv:
            expected = f"at most call_ltv, {loan.call_ltv:g}"
            yield context.places.fault((*path, "most_ltv"), level, expected, "lower it, or leave it out: calls hold")


def projects(context: Context) -> Iterator[Fault]:
    """A project loan pays for conversions of halls that exist, and no conversion is paid for by two of them."""
    by_site = {site.value.name: [hall.name for hall in site.value.halls] for site in context.draft.sites}
    own = {name for _, name in context.draft.named_in_sites("halls")}
    known, paid_by = {"sites": {name for _, name in context.draft.named("sites")}, "halls": own}, dict[str, str]()
    for part in context.draft.loans:
        loan = part.value
        if not isinstance(loan, ProjectLoan):
            continue
        if not loan.sites + loan.halls:
            fix = "name sites or halls whose conversions it pays for"
            yield context.places.fault(part.path, Quoted("neither sites nor halls"), "at least one of them", fix)
        for section, names in (("sites", loan.sites), ("halls", loan.halls)):
            for position, name in enumerate(names):
                if name not in known[section]:
                    path, expected = (*part.path, section, position), f"one of the company's {section}"
                    yield context.places.fault(path, name, expected, "correct the name, or leave it out")
        for hall in {*loan.halls, *(hall for site in loan.sites for hall in by_site.get(site, ()))}:
            if hall in paid_by:
                found = Quoted(f"conversions of {hall!r}, which {paid_by[hall]!r} pays for")
                yield context.places.fault(part.path, found, "one project loan a hall", "leave it out of one of them")
            paid_by[hall] = loan.name


def notes(context: Context) -> Iterator[Fault]:
    """Notes are put before they mature; a share price that follows Bitcoin has a price of Bitcoin to follow."""
    start = context.draft.horizon.start if context.draft.horizon else None
    for part in context.draft.loans:
        note = part.value
        if not isinstance(note, ConvertibleNotes):
            continue
        put, path = note.put_month, (*part.path, "put_month")
        if put is not None and put >= note.maturity:
            fix = "put it earlier, or leave it out"
            yield context.places.fault(path, Quoted(str(put)), f"a month before the maturity, {note.maturity}", fix)
        elif put is not None and start is not None and put < start:
            yield context.places.fault(path, Quoted(str(put)), f"{start} or later", "leave out a right that is gone")
        if note.btc_elasticity > 0 and isinstance(context.draft.bitcoin, Hashprice):
            path, expected = (*part.path, "btc_elasticity"), "0, or bitcoin of kind network with a price"
            fix = "state the price of Bitcoin, or leave it out"
            yield context.places.fault(path, note.btc_elasticity, expected, fix)


def _secured(context: Context) -> Iterator[Part[BtcBackedLoan]]:
    for part in context.draft.loans:
        if isinstance(part.value, BtcBackedLoan):
            yield Part(part.path, part.value)
