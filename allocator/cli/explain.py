"""`allocator explain`: what limits are worth, why and why not, where decisions flip, what does nearly as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from allocator.cli.break_even_page import PriceLines, break_even_page, machine_break_evens, no_progress
from allocator.cli.explain_page import alternatives_page, has_rank, rule_page, why_page
from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.solve import MOST_THREADS
from allocator.cli.worth_page import coincident_page, contracts_page, limits_page, peaks_page
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.pipeline.machine import usable_cores
from allocator.pipeline.method import IN_PARTS, LARGEST_GAP, SolveRequest, suited
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.solve import demand_best_hours
from allocator.studies.compared import Asked, Compared, filled
from allocator.studies.explain.alternatives import Alternative, Alternatives, alternatives, robust
from allocator.studies.explain.break_even import BreakEvens, Range, break_evens, check_levers
from allocator.studies.explain.contracts import contract_worths
from allocator.studies.explain.held import Held
from allocator.studies.explain.levers import LEVERS, stated
from allocator.studies.explain.limits import Free, worths
from allocator.studies.explain.peaks import coincident_worths, peak_worths
from allocator.studies.explain.why import Counterfactual, asked, why, why_not
from allocator.work.executors import Staff, here, processes

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
    "--bracket",
    type=click.FloatRange(1e-4, 1.0),
    default=0.05,
    show_default=True,
    help="How far apart the two prices of a break-even may be, 0.05 for 5 %; half of it takes a solve a decision.",
)
@click.option(
    "--workers",
    type=click.IntRange(0, MOST_THREADS),
    help="Prices solved side by side, by processes; one a core, 0 by this one alone. The answers are the same.",
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
    bracket: float, workers: int | None, count: int | None, within: float, gap: float | None, time_limit: float | None,
    as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Explain the plan in FOLDER: by itself what its limits are worth, otherwise what is asked for.

    Ctrl-C ends it; what is known till then is printed, break-evens as narrow as they are.

    Exit status: 0 printed, 1 ended early, 2 bad input or FOLDER is no plan, 4 no plan found in time.
    """
    asked_range = Range(*_range(between), bracket)
    on_event: OnEvent = ignore if quiet else ProgressLines()
    one = filled(Asked("the plan", None, folder), folder, SolveRequest())
    assert isinstance(one, Compared)
    demand_best_hours(one.plan.meta)
    wanted = one.plan.meta.requested_gap if gap is None else gap
    request = SolveRequest(relative_gap=wanted, time_limit_s=time_limit).remembering()
    questions = [*((why, text) for text in whys), *((why_not, text) for text in why_nots)]
    for question, text in questions:
        asked(one, text, question is why_not)
    check_levers(one, levers, asked_range)
    asking = _Asking(one, request, on_event, as_json)
    asking.tell({}, list(rule_page(one.rule)))
    try:
        if free or not (whys or why_nots or levers or count):
            asking.tell(*_worths(one, request, free, on_event))
        for question, text in questions:
            asking.tell_counterfactual(question(one, text, request, on_event))
        if levers:
            on_price = no_progress if quiet else PriceLines()
            found = break_evens(one, levers, asked_range, request, _staff(one, workers), on_price)
            asking.tell_break_evens(found, asked_range)
        if count:
            asking.tell_alternatives(alternatives(one, count, within, request, on_event), within)
    except KeyboardInterrupt:
        if not asking.told:
            raise
        asking.stopped = True
    return asking.end()


def _staff(one: Compared, workers: int | None) -> Staff:
    """Processes where a solve takes longer than starting one."""
    is_small = suited(one.instance, SolveRequest().backend) != IN_PARTS
    return here if workers == 0 or (workers is None and is_small) else processes(workers or usable_cores())


@dataclass
class _Asking:
    """What has been told, to people as soon as it is known, to machines at the end."""

    one: Compared
    request: SolveRequest
    on_event: OnEvent
    as_json: bool
    told: dict[str, object] = field(default_factory=dict)
    stopped: bool = False

    def tell(self, values: Mapping[str, object], lines: Sequence[str]) -> None:
        """Keep values, print lines."""
        self.told |= values
        if lines and not self.as_json:
            click.echo("\n".join(lines))

    def tell_counterfactual(self, found: Counterfactual) -> None:
        before = self.told.get("counterfactuals", [])
        assert isinstance(before, list)
        self.tell(
            {"counterfactuals": [*before, {**asdict(found), "decision": str(found.decision)}]}, list(why_page(found))
        )

    def tell_break_evens(self, found: Sequence[BreakEvens], between: Range) -> None:
        loaded, ranked = self.one.loaded, has_rank(self.one.plan.meta)
        pages = [x for one in found for x in break_even_page(one, between, stated(loaded, one.lever), ranked)]
        self.tell({"break_evens": [machine_break_evens(each) for each in found]}, pages)
        if any(each.stopped for each in found):
            raise KeyboardInterrupt

    def tell_alternatives(self, found: Alternatives, within: float) -> None:
        pages = alternatives_page(self.one, found, robust(self.one, found.near), within)
        missed = None if found.missed is None else _alternative(found.missed)
        near = [_alternative(other) for other in found.near]
        self.tell({"alternatives": near, "nearest_beyond": missed}, list(pages))

    def end(self) -> ExitCode:
        """Say how it ended."""
        code = ExitCode.FAILED if self.stopped else ExitCode.WITHIN_GAP
        if self.as_json:
            meta = self.one.plan.meta
            head = {"exit_code": code, "objective_usd": meta.objective_usd, "baseline": self.one.rule}
            print_json({**head, **self.told, "stopped": self.stopped})
        elif self.stopped:
            click.echo("ended early: what is printed is all that was known by then", err=True)
        return code


def _worths(
    one: Compared, request: SolveRequest, free: bool, on_event: OnEvent
) -> tuple[Mapping[str, object], Sequence[str]]:  # fmt: skip
    """What limits are worth and contracts add, for machines and as lines."""
    held, anew = Held(one, request, on_event), Free(one, request, on_event) if free else None
    limits = tuple(worths(one, held, anew))
    peaks, coincident = tuple(peak_worths(held)), tuple(coincident_worths(held))
    contracts = tuple(contract_worths(one, held, anew))
    told = {
        "limits": [asdict(limit) for limit in limits],
        "peaks": [asdict(peak) for peak in peaks],
        "coincident_peaks": [asdict(peak) for peak in coincident],
        "contracts": [asdict(contract) for contract in contracts],
    }
    of_peaks = [*peaks_page(peaks), *coincident_page(coincident)]
    return told, [*limits_page(limits, one.plan.meta, free), *of_peaks, *contracts_page(contracts, free)]


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
