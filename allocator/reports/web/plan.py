"""The page of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from allocator.plan.plan import Plan
from allocator.reports.ambient import Cooling
from allocator.reports.assumptions import Assumptions
from allocator.reports.catalogue import sections
from allocator.reports.money import metrics_of, summary_of
from allocator.reports.periods import periods_of
from allocator.reports.treasury import months_of
from allocator.reports.web.proof import facts, gap_words, surety, warnings
from allocator.reports.web.report import Decision, Report, Tile
from allocator.reports.words import written


def plan_report(plan: Plan, assumptions: Assumptions, cooling: Sequence[Cooling], decisions: Decision | None) -> Report:
    """The report of a plan; `cooling` and `decisions` are what its tables do not hold, see `Cooling` and `Decision`."""
    meta = plan.meta
    return Report(
        title=meta.scenario,
        kind="Plan",
        lead=_lead(plan),
        tiles=tuple(_tiles(plan)),
        surety=tuple(surety(meta)),
        warnings=tuple(warnings(meta)),
        remarks=meta.remarks,
        sections=sections(plan, cooling),
        decisions=decisions,
        assumptions=assumptions,
        facts=facts(meta),
    )


def _lead(plan: Plan) -> str:
    """What is decided, in a sentence."""
    found = summary_of(plan)
    halls = len({line.hall for line in found.conversions})
    signed = {line.contract: line.critical_it_mw for line in found.accepted}
    refused = {line.contract for line in found.refused} - set(signed)
    done = [f"converts {_counted(halls, 'hall')}" if halls else "converts no hall"]
    offers = len(signed) + len(refused)
    if offers:
        done.append(f"signs {len(signed)} of {_counted(offers, 'contract')} on offer ({sum(signed.values()):,.0f} MW)")
    worth = f"is worth {written(plan.meta.objective_usd, 'USD')}"
    futures = len(plan.tables["paths"])
    over = "" if futures == 1 else f", on average over {futures:,} futures"
    some = " in some futures" if futures > 1 and (halls or signed) else ""
    return f"The plan {' and '.join(done)}{some}; it {worth}{over}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _tiles(plan: Plan) -> Iterator[Tile]:
    meta, found = plan.meta, metrics_of(plan)
    yield Tile(
        "Net present value",
        written(meta.objective_usd, "USD"),
        f"{written(meta.without_terminal_usd, 'USD')} within the horizon",
    )
    if meta.mean_of_worst_usd is not None:
        yield Tile(
            "Mean of the worst paths",
            written(meta.mean_of_worst_usd, "USD"),
            f"weight {written(meta.tail_weight, 'share')}",
        )
    yield Tile(
        "Proven gap",
        gap_words(meta.relative_gap),
        f"asked for: {written(meta.requested_gap, 'share')}",
        "" if meta.within_gap else "bad",
    )
    yield Tile(
        "Verified", "yes" if meta.verified else "no", "every rule and every dollar", "good" if meta.verified else "bad"
    )
    capex = sum(year.capex_usd for year in found.years)
    yield Tile("Capital", written(capex, "USD"), "undiscounted")
    last = found.years[-1]
    yield Tile(
        f"EBITDA {last.year}",
        written(last.ebitda_usd, "USD"),
        "" if last.ebitda_margin_share is None else f"margin {written(last.ebitda_margin_share, 'share')}",
    )
    yield _ai(plan)
    yield from _treasury(plan)


def _ai(plan: Plan) -> Tile:
    when = periods_of(plan)
    energy = when.expected_by(plan.tables["power"], "gross_mwh", "use")
    ai = sum(float(energy[use][-1]) for use in ("ai_colocation", "gpu_cloud") if use in energy)
    both = ai + float(energy["mining"][-1]) if "mining" in energy else ai
    return Tile(
        "AI share of power at the end",
        written(ai / both, "share") if both > 0 else "none",
        f"{written(ai / when.hours[-1], 'MW')} MW",
    )


def _treasury(plan: Plan) -> Iterator[Tile]:
    if plan.tables["treasury"].empty:
        return
    found = months_of(plan)
    yield Tile(
        "Bitcoin at the end", f"{found[-1].held_btc:,.0f} BTC", f"{found[0].held_btc:,.0f} after {found[0].month}"
    )
    if not plan.tables["collateral"].empty and len(found) > 1:
        worst = max(found[1:], key=lambda month: month.call_probability)
        yield Tile(
            "Most likely margin call",
            written(worst.call_probability, "share"),
            worst.month,
            "bad" if worst.call_probability > 0 else "good",
        )
