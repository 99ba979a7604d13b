"""What `allocator explain` says by itself: what one more unit of each limit is worth, and what each contract adds."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from allocator.cli.text import counted, line_width, money, percent, printable, table
from allocator.plan.meta import PlanMeta
from allocator.plan.titles import LIMITS
from allocator.studies.explain.contracts import ContractWorth
from allocator.studies.explain.limits import Worth
from allocator.studies.explain.peaks import CoincidentWorth, PeakWorth
from allocator.studies.explain.raisable import MW, USD

LEAST_TOLD_USD = {MW: 0.5, USD: 0.0005}
"""What one more unit must be worth to be told, else LEAST_USD."""
LEAST_USD = 0.5
ONLY_FREE = "only decisions use it"


def limits_page(limits: Sequence[Worth], meta: PlanMeta, free: bool) -> Iterator[str]:
    """What one more unit of each limit is worth."""
    yield "What one more unit of a limit is worth, discounted; the limit itself is given"
    told = [limit for limit in limits if _is_told(limit, free)]
    in_mw, others = ([one for one in told if (one.unit == MW) is wanted] for wanted in (True, False))
    if in_mw:
        yield from _megawatts(in_mw, meta, free)
    if others:
        yield from ([""] if in_mw else [])
        yield from _money_and_time(others, free)
    left = len([limit for limit in limits if limit.held_usd is not None or free]) - len(told)
    if left:
        yield f"{counted(left, 'other limit')} would bring nothing"
    yield from _notes(meta, free)
    yield ""


def _megawatts(limits: Sequence[Worth], meta: PlanMeta, free: bool) -> list[str]:
    ranked = _ranks_otherwise(meta)
    head = ["where", "one MW more", "a year, decisions held", "beyond the horizon"]
    head += [*(["in all, as plans are ranked"] if ranked else []), *(["in all, decisions free"] if free else [])]
    rows = [
        [
            limit.subject,
            LIMITS.get(limit.quantity, limit.quantity),
            _usd(limit.held_per_year_usd, limit.unit),
            _usd(limit.held_beyond_usd, limit.unit),
            *([_usd(limit.held_usd, limit.unit)] if ranked else []),
            *([_free(limit.free_usd, limit.free_within_usd, limit.unit)] if free else []),
        ]
        for limit in limits
    ]
    return table(head, rows, right=range(2, len(head)))


def _money_and_time(limits: Sequence[Worth], free: bool) -> list[str]:
    head = ["where", "one more", "decisions held", *(["decisions free"] if free else [])]
    rows = [
        [
            limit.subject,
            LIMITS.get(limit.quantity, limit.quantity),
            ONLY_FREE if limit.held_usd is None else _usd(limit.held_usd, limit.unit),
            *([_free(limit.free_usd, limit.free_within_usd, limit.unit)] if free else []),
        ]
        for limit in limits
    ]
    return table(head, rows, right=range(2, len(head)))


def peaks_page(peaks: Sequence[PeakWorth]) -> Iterator[str]:
    """What one more MW at a billed peak earns, and what it costs."""
    if not peaks:
        return
    yield "What one more MW at a billed peak earns and costs, a year, discounted, decisions held"
    head = ["where", "demand charge", "the hours earn", "it is billed"]
    rows = [
        [one.site, one.charge, _usd(one.earned_per_year_usd, MW), _usd(one.billed_per_year_usd, MW)] for one in peaks
    ]
    yield from table(head, rows, right=(2, 3))
    yield from _wrapped("a MW more in every hour that counts")
    yield ""


def coincident_page(peaks: Sequence[CoincidentWorth]) -> Iterator[str]:
    """What a MW at a peak of the system earns, and what it is charged in January."""
    if not peaks:
        return
    yield "What a MW at a coincident peak earns and costs, a year, discounted, decisions held"
    head = ["where", "coincident peak", "a MW more earns", "it is charged", "a MW less loses"]
    rows = [
        [
            one.site,
            one.peak,
            _usd(one.earned_per_year_usd, MW),
            _usd(one.charged_per_year_usd, MW),
            "nothing drawn" if one.lost_per_year_usd is None else _usd(one.lost_per_year_usd, MW),
        ]
        for one in peaks
    ]
    yield from table(head, rows, right=(2, 3, 4))
    yield from _wrapped(
        "a MW more, or less, in every hour that may be the peak; the charge is paid in January and stands at what it "
        "is worth when it is caused; a MW that is drawn loses more than its charge, one that is not earns less"
    )
    yield ""


def contracts_page(contracts: Sequence[ContractWorth], free: bool) -> Iterator[str]:
    """What each contract adds."""
    if not contracts:
        return
    yield "What each contract adds to the value, discounted, beyond the horizon included"
    head = ["contract", "in the plan", "all else as it is", *(["all else decided anew"] if free else [])]
    rows = [
        [
            one.contract,
            "signed" if one.signed else "refused",
            _added(one, one.held_usd, "does not fit"),
            *([_free(one.free_usd, one.free_within_usd, MW)] if free else []),
        ]
        for one in contracts
    ]
    yield from table(head, rows, right=range(2, len(head)))
    yield from _wrapped(
        "all else as it is: a signed contract falls away, in every future, and nothing takes its place; a refused one "
        "is taken in every future among halls and machines as they stand"
    )
    yield ""


def _added(one: ContractWorth, value: float | None, missing: str) -> str:
    if value is None:
        return "cannot go" if one.signed else missing
    return _usd(value, MW)


def _is_told(limit: Worth, free: bool) -> bool:
    if limit.held_usd is None and not free:
        return False
    values = (limit.held_per_year_usd, limit.held_beyond_usd, limit.held_usd, limit.free_usd)
    return any(value is not None and _shows(value, limit.unit) for value in values)


def _shows(value: float, unit: str) -> bool:
    """Whether it is more than nothing at the digits it is written with."""
    return abs(value) >= LEAST_TOLD_USD.get(unit, LEAST_USD)


def _usd(value: float | None, unit: str) -> str:
    if value is None or not _shows(value, unit):
        return "-"
    return f"${value:,.3f}" if unit == USD else money(value)


def _free(value: float | None, within: float | None, unit: str) -> str:
    """A value and how far it may lie from the truth; only the latter where it is no more."""
    if value is None or within is None:
        return "-"
    if not _shows(within, unit):
        return _usd(value, unit)
    return f"{_usd(value, unit) if abs(value) > within else 'nothing'} ± {_usd(within, unit)}"


def _ranks_otherwise(meta: PlanMeta) -> bool:
    """Whether plans are ranked by something else than expected value."""
    return abs(meta.maximised_usd - meta.objective_usd) > LEAST_USD


def _notes(meta: PlanMeta, free: bool) -> Iterator[str]:
    yield from _wrapped(
        "decisions held: conversions, contracts, machines and notices stay, hours and money are managed anew; "
        + ("" if free else "what a unit lets one decide differently, capital and lead times show with --free")
    )
    if free:
        yield from _wrapped(
            "decisions free: everything is solved again, with a lead time a month shorter; ± is what the gaps of both "
            "solves leave open (--gap)"
        )
    if _ranks_otherwise(meta):
        worst = f"the worst paths weigh {percent(meta.tail_weight)}" if meta.tail_weight else "limits broken are priced"
        yield from _wrapped(
            f"as plans are ranked: {worst}; all values but those a year and beyond the horizon are meant so"
        )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(printable(text), line_width(), initial_indent="  ", subsequent_indent="  ")
