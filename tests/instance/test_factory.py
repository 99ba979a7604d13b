"""Hand-made instances obey the conventions that compiled ones do."""

import numpy as np
import pytest

from allocator.instance.site_node import site_node
from allocator.instance.types import Instance
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, ModelSpec, StepSpec, random_instance, tiny_instance


@pytest.mark.parametrize("seed", range(8))
def test_random_instances_keep_the_order_of_axes(seed: int) -> None:
    check(random_instance(seed))


def test_a_tiny_instance_needs_no_arguments() -> None:
    check(tiny_instance())


def test_a_contract_serves_from_its_first_node_to_its_term() -> None:
    instance = tiny_instance(
        nodes=4,
        months=3,
        halls=[HallSpec("h", [BaySpec("racks", "air_gpu", 5.0)])],
        contracts=[ContractSpec("c", 2.0, ["h/racks"], 1e5, lead_months=1, term_months=4, load_factor=0.5)],
    )
    service = instance.service
    assert list(zip(service.signed, service.node, strict=True)) == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    assert service.rent_usd[:2] == pytest.approx([6e5, 2e5])
    assert service.metered_mw[:2] == pytest.approx([1.0, 1 / 3])


def test_values_and_limits_may_differ_by_node_and_step() -> None:
    instance = tiny_instance(
        nodes=2,
        steps=3,
        halls=[HallSpec("h", [BaySpec("barn", "air_mining", 5.0, air_limit_mw=[5, 4, 3, 2, 5, 5])])],
        models=[ModelSpec("m", {"air_mining": 1.0}, [StepSpec(1.0, [70.0, 60.0])], opening={"h": 3})],
    )
    assert instance.bays.firm_air_limit_mw.tolist() == [[3.0, 2.0]]
    assert site_node(instance, 0, 1).air_limit_mw.tolist() == [[2.0, 5.0, 5.0]]
    assert site_node(instance, 0, 1).segment_value_usd_per_mwh.tolist() == [60.0]


def check(instance: Instance) -> None:
    bays, segments, placements = instance.bays, instance.segments, instance.placements
    assert (np.diff(bays.site) >= 0).all()
    assert (np.diff(bays.hall) >= 0).all()
    assert (np.diff(segments.bay) >= 0).all()
    assert (np.diff(segments.placement) >= 0).all()
    assert np.array_equal(placements.bay[segments.placement], segments.bay)
    assert not bays.convertible[instance.halls.opening_bay].any()
    assert (instance.models.resale_usd < instance.models.price_usd).all()
    for site in range(len(instance.sites.names)):
        for node in range(len(instance.tree)):
            hours = site_node(instance, site, node)
            assert hours.weight_h.sum() == pytest.approx(instance.tree.hours[node])
            assert hours.overhead.shape == hours.air_limit_mw.shape == (hours.bays, hours.hours)
