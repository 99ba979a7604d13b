"""`allocator fetch`: series files brought up to date."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.nightly import moment_of
from allocator.cli.store_options import need_store
from allocator.cli.text import printable
from allocator.pipeline.errors import ExitCode
from allocator.scenario.feeds import load_feeds


@click.command()
@click.argument("feeds", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as-of", metavar="TIME", help="Moment at which values must be fresh enough; now if not said.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(feeds: Path, as_of: str | None, as_json: bool) -> int:
    """Fetch what FEEDS (a YAML file, see docs/how_to/feeds.md) names, and merge what passes the gate into the series
    files beside it.

    Exit status: 0 every feed is fresh or goes on with what is known, 1 one that may not is missing or too old, 2 FEEDS
    has faults.
    """
    need_store()
    from allocator.nightly.feeds.fetch import fetch_all

    asked = load_feeds(feeds)
    found = fetch_all(asked, feeds.absolute().parent, datetime.now(UTC) if as_of is None else moment_of(as_of))
    code = ExitCode.FAILED if any(one.stops for one in found) else ExitCode.WITHIN_GAP
    if as_json:
        print_json({"exit_code": code, "feeds": found})
        return code
    for one in found:
        cached = f" (answer kept from before: {one.cached})" if one.cached else ""
        click.echo(printable(f"{one.feed}: {one.values:,} values, {one.new:,} new, {one.aside:,} set aside{cached}"))
        for alert in one.alerts:
            click.echo(printable(f"  {alert.severity}: {alert.message}"), err=True)
    return code
