"""`allocator explain`: what limits are worth, why and why not, where decisions flip, what does nearly as well."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from allocator.cli.explain_page import alternatives_page, break_even_page, rule_page, why_page
from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.worth_page import coincident_page, contracts_page, limits_page, peaks_page
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.pipeline.method import LARGEST_GAP, SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.solve import demand_best_hours
from allocator.studies.compared import Asked, Compared, filled
from allocator.studies.explain.alternatives import Alternative, alternatives, robust
from allocator.studies.explain.break_even import LEVERS, break_evens
from allocator.studies.explain.contracts import contract_worths
from allocator.studies.explain.held import Held
from allocator.studies.explain.limits import Free, worths
from allocator.studies.explain.peaks import coincident_worths, peak_worths
from allocator.studies.explain.why import why, why_not

LEVER_NAMES = ", ".join(LEVERS)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--free", is_flag=True, help="Limits and contracts with decisions free again as well: one solve each.")
@click.option("--why", "whys", multiple=True, metavar="DECISION", help="Why the plan takes it: contract:NAME, ...")
@click.option("--why-not", "why_nots", multiple=True, metavar="DECISION", help="Why not: convert:HALL/FIT_OUT@YYYY-MM.")
@click.option(
    "--break-even", "levers", multiple=True, metavar="LEVER", help=f"A price: {LEVER_NAMES}, a knob or a path."
)
@click.option(
    "--range", "between", default="0.5:2", show_default=True, metavar="LOW:HIGH", help="Factors on the lever."
)
@click.option(
    "--tolerance",
    type=click.FloatRange(1e-4, 1.0),
    default=0.02,
    show_default=True,
    help="Width of a bracket, relative.",
)
@click.option("--alternatives", "count", type=click.IntRange(1, 100), help="How many plans that do nearly as well.")
@click.option(
    "--within", type=click.FloatRange(0, 1), default=0.02, show_default=True, help="How nearly, share of the value."
)
@click.option("--gap", type=click.FloatRange(min=0, max=LARGEST_GAP), help="Proven gap of each solve; the plan's own.")
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds of each solve.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    folder: Path, free: bool, whys: tuple[str, ...], why_nots: tuple[str, ...], levers: tuple[str, ...], between: str,
    tolerance: float, count: int | None, within: float, gap: float | None, time_limit: float | None, as_json: bool,
    quiet: bool,
) -> int:  # fmt: skip
    """Explain the plan in FOLDER: by itself what its limits are worth, otherwise what is asked for.

    Exit status: 0 printed, 2 bad input or FOLDER is no plan, 4 no plan found in time.
    """
    on_event: OnEvent = ignore if quiet else ProgressLines()
    one = filled(Asked("the plan", None, folder), folder, SolveRequest())
    assert isinstance(one, Compared)
    demand_best_hours(one.plan.meta)
    wanted = one.plan.meta.requested_gap if gap is None else gap
    request = SolveRequest(relative_gap=wanted, time_limit_s=time_limit).remembering()
    low, high = _range(between)
    told: dict[str, object] = {}
    lines: list[str] = list(rule_page(one.rule))
    if free or not (whys or why_nots or levers or count):
        lines += _worths(one, request, free, on_event, told)
    questions = [
        *(why(one, text, request, on_event) for text in whys),
        *(why_not(one, text, request, on_event) for text in why_nots),
    ]
    for found in questions:
        lines += why_page(found)
    if questions:
        told["counterfactuals"] = [{**asdict(found), "decision": str(found.decision)} for found in questions]
    flips = [break_evens(one, lever, low, high, tolerance, request, on_event) for lever in levers]
    for of_lever in flips:
        lines += break_even_page(of_lever, low, high)
    if flips:
        told["break_evens"] = [asdict(of_lever) for of_lever in flips]
    if count:
        others = alternatives(one, count, within, request, on_event)
        told["alternatives"] = [_alternative(other) for other in others]
        lines += alternatives_page(one, others, robust(one, others), within)
    if as_json:
        head = {"exit_code": ExitCode.WITHIN_GAP, "objective_usd": one.plan.meta.objective_usd, "baseline": one.rule}
        print_json({**head, **told})
    else:
        click.echo("\n".join(lines).rstrip())
    return ExitCode.WITHIN_GAP


def _worths(one: Compared, request: SolveRequest, free: bool, on_event: OnEvent, told: dict[str, object]) -> list[str]:
    """Lines on what limits are worth and contracts add, told to machines too."""
    held, anew = Held(one, request, on_event), Free(one, request, on_event) if free else None
    limits = tuple(worths(one, held, anew))
    peaks, coincident = tuple(peak_worths(held)), tuple(coincident_worths(held))
    contracts = tuple(contract_worths(one, held, anew))
    told["limits"] = [asdict(limit) for limit in limits]
    told["peaks"] = [asdict(peak) for peak in peaks]
    told["coincident_peaks"] = [asdict(peak) for peak in coincident]
    told["contracts"] = [asdict(contract) for contract in contracts]
    of_peaks = [*peaks_page(peaks), *coincident_page(coincident)]
    return [*limits_page(limits, one.plan.meta, free), *of_peaks, *contracts_page(contracts, free)]


def _alternative(other: Alternative) -> dict[str, object]:
    return {
        "objective_usd": other.plan.meta.objective_usd,
        "difference_usd": other.short_usd,
        "ranked_difference_usd": other.short_ranked_usd,
        "takes": sorted(str(decision) for decision in other.takes),
        "verified": other.plan.meta.verified,
    }


def _range(text: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    try:
        found = float(low), float(high)
    except ValueError:
        found = 1.0, 1.0
    if not 0.0 < found[0] < 1.0 < found[1] < 1e3:
        raise BadInputError(
            f"--range {text!r}: expected LOW:HIGH with LOW between 0 and 1 and HIGH above 1, such as 0.5:2"
        )
    return found
