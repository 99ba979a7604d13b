"""`allocator check`: every fault of a scenario at once, series included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import click

from allocator.cli.machine import print_json
from allocator.cli.text import counted, printable, table
from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.errors import ExitCode
from allocator.scenario.catalogue import bundled_catalogue, in_full
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.load import LoadedScenario, load_scenario
from allocator.scenario.overrides import variant_settings, with_settings
from allocator.scenario.scenario import Scenario

CONFIDENCE = {"H": "high", "M": "medium", "L": "low", "K": "assumed"}
"""Words for the tags of the catalogue, which its README explains."""


@click.command()
@click.argument("scenario")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="Print nothing but faults.")
def command(scenario: str, as_json: bool, quiet: bool) -> int:
    """List every fault of SCENARIO (a folder, a YAML file or a bundled name), without solving it.

    Exit status: 0 no fault, 2 faults.
    """
    loaded = load_scenario(scenario)
    instance = compile_instance(loaded)
    _check_variants(loaded)
    equipment = equipment_sources(loaded.scenario)
    if as_json:
        head = {"exit_code": ExitCode.WITHIN_GAP, "name": instance.name, "input_hash": instance.input_hash}
        size = {f"{noun}s": count for noun, count in _size(instance).items()}
        print_json({**head, **size, "equipment": equipment, "remarks": instance.remarks, "faults": []})
    elif not quiet:
        click.echo("\n".join(_page(instance, equipment)))
    return ExitCode.WITHIN_GAP


def _check_variants(loaded: LoadedScenario) -> None:
    """Raise the faults of every variant; their series are those of the scenario, or are read when one is solved."""
    faults: list[Fault] = []
    for name in loaded.scenario.variants:
        try:
            with_settings(loaded, variant_settings(loaded, name))
        except ScenarioFaults as error:
            faults += error.faults
    if faults:
        raise ScenarioFaults(faults)


def _page(instance: Instance, equipment: Sequence[Mapping[str, str]]) -> Iterator[str]:
    counts = ", ".join(counted(count, noun) for noun, count in _size(instance).items())
    yield f"{printable(instance.name)}: no faults"
    yield f"  {counts}"
    yield f"  hours: {instance.hours.representation}"
    if equipment:
        head = ["equipment", "from the catalogue", "confidence", "stated in the scenario"]
        yield ""
        columns = ("name", "catalogue", "confidence", "stated")
        yield from table(head, [[row[column] for column in columns] for row in equipment], wrapped=3)
    if instance.remarks:
        yield ""
        yield "Remarks"
        yield from (f"- {printable(remark)}" for remark in instance.remarks)


def _size(instance: Instance) -> dict[str, int]:
    return {
        "site": len(instance.sites.names) - len(instance.hosting.names),
        "hall": len(instance.halls.names) - len(instance.hosting.names),
        "model": len(instance.models.names),
        "contract": len(instance.offers.names),
        **({"host": len(instance.hosting.names)} if instance.hosting.names else {}),
        "node": len(instance.tree),
        "hour": int(instance.hours.labels[-1]),
    }


def equipment_sources(scenario: Scenario) -> list[dict[str, str]]:
    """Which figures of each model come from the catalogue, and how sure those are."""
    catalogue = bundled_catalogue()
    technical = ("cooling", "th_per_s", "watts", "modes", "power_kw", "gpus", "air_heat_share", "liquid_heat_share")
    rows = []
    for name, entry in scenario.equipment.items():
        row = catalogue.asics.get(entry.catalogue or "") or catalogue.gpus.get(entry.catalogue or "")
        stated = [field for field in (*technical, "idle_share", "price_usd") if getattr(entry, field) is not None]
        rows.append(
            {
                "name": name,
                "catalogue": row.label if row else "-",
                "stated": ", ".join(stated) or "-",
                "confidence": CONFIDENCE.get(row.confidence, row.confidence) if row else "-",
                "source": in_full(row.source) if row else "-",
            }
        )
    return rows
