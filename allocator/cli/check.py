"""`allocator check`: every fault of a scenario at once, series included."""

from __future__ import annotations

import json

import click

from allocator.cli.faults import print_faults
from allocator.instance.compile import compile_instance
from allocator.pipeline.errors import ExitCode
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import load_scenario


@click.command()
@click.argument("scenario")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(scenario: str, as_json: bool) -> int:
    """List every fault of SCENARIO (a folder, a YAML file or a bundled name), without solving it."""
    try:
        instance = compile_instance(load_scenario(scenario))
    except ScenarioFaults as faults:
        print_faults(faults, as_json)
        return ExitCode.BAD_INPUT
    size = {
        "sites": len(instance.sites.names),
        "halls": len(instance.halls.names),
        "equipment": len(instance.models.names),
        "contracts": len(instance.offers.names),
        "nodes": len(instance.tree),
        "hours": int(instance.hours.offset[-1]),
    }
    if as_json:
        click.echo(json.dumps({"faults": [], "name": instance.name, "input_hash": instance.input_hash, **size}))
    else:
        click.echo(f"{instance.name}: no faults; " + ", ".join(f"{count} {what}" for what, count in size.items()))
    return ExitCode.WITHIN_GAP
