"""`allocator week`: the hours of the coming days of a plan again, at other prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from allocator.cli.machine import print_json
from allocator.cli.nightly import moment_of
from allocator.cli.text import counted, money, printable, table
from allocator.pipeline.errors import ExitCode, WriteError
from allocator.plan.files import written_whole


@click.command()
@click.argument("plan", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the files.")
@click.option("--as-of", metavar="TIME", help="Moment from which hours are decided; last midnight (UTC) if not said.")
@click.option("--prices", type=click.Path(path_type=Path, dir_okay=False), help="CSV of prices expected instead.")
@click.option("--schedule", type=click.Path(path_type=Path, dir_okay=False), help="The schedule.json that is out.")
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False), help="How sites and machines really stand.")
@click.option(
    "--instructions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What people and the grid have ordered, each for a time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(
    plan: Path, out: Path, as_of: str | None, prices: Path | None, schedule: Path | None, state: Path | None,
    instructions: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Decide the next seven days of PLAN again, as a night does, and write the files of their hours.

    --prices has the columns time, site, usd_per_mwh and, if wanted, day_ahead_usd_per_mwh; hours that it lacks are
    expected as at night. --schedule says what runs already, and what was bought; the state and the orders of its night,
    which stand beside it, hold until --state and --instructions say otherwise, as with `nightly`.

    Exit status: 0, or 7 where the hours of some site are those of the plan, since its week was not to be had.
    """
    from allocator.nightly.again import Asked, decide_again

    found = decide_again(plan, moment_of(as_of), Asked(prices, schedule, state, instructions))
    _write(out, found.files)
    failed = [alert for alert in found.alerts if alert.kind == "week_failed"]
    code = ExitCode.FALLBACK_PUBLISHED if failed else ExitCode.WITHIN_GAP
    if as_json:
        told = {"sites": found.sites, "alerts": [alert.as_dict() for alert in found.alerts], "folder": out}
        print_json({"exit_code": code, **told})
    else:
        lines = [*_page(found.sites), *(alert.message for alert in found.alerts), f"written to {out}"]
        click.echo("\n".join(printable(line) for line in lines))
    return code


def _write(out: Path, files: Mapping[str, str]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with written_whole(out / name) as beside:
                beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"{out} cannot be written: {error}") from error


def _page(sites: list[dict[str, Any]]) -> Iterator[str]:
    yield f"the week of {counted(len(sites), 'site')}"
    head = ["site", "worth, rents left out", "restarts", "bought ahead", "decided by"]
    rows = [
        [
            one["site"],
            money(one["value_usd"]),
            money(one["restarts_usd"]),
            f"{one['day_ahead_mwh']:,.0f} MWh",
            one["method"],
        ]
        for one in sites
    ]
    yield from table(head, rows, right=range(1, 4))
