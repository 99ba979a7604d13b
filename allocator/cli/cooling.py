"""What cools the halls of a scenario, which tables of a plan do not hold, for reports."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.instance.halls import bay_options
from allocator.instance.types import Instance
from allocator.reports.ambient import Cooling
from allocator.scenario.load import LoadedScenario


def cooling_of(loaded: LoadedScenario, instance: Instance) -> Iterator[Cooling]:
    """What cools each hall in each fit-out, for loops that are limited."""
    bays, segments = instance.bays, instance.segments
    model = instance.placements.model[segments.placement]
    for b, bay in enumerate(bay_options(loaded.scenario)):
        limited = {"air": bay.option.air_heat_limit_mw, "liquid": bay.option.liquid_heat_limit_mw}
        removes = {"air": bay.air_limit_mw, "liquid": bay.liquid_limit_mw}
        own = segments.bay == b
        yield Cooling(
            hall=instance.halls.names[bay.hall],
            fit_out=bay.option.fit_out,
            limit_mw={loop: removes[loop] for loop, most in limited.items() if most is not None},
            tenant_share={"air": float(bays.firm_air_share[b]), "liquid": float(bays.firm_liquid_share[b])},
            model_share={
                instance.models.names[e]: {"air": float(air), "liquid": 1.0 - float(air)}
                for e, air in zip(model[own].tolist(), segments.air_share[own].tolist(), strict=True)
            },
        )
