"""The catalogue and the equipment completed from it."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Any

import pytest

from allocator.scenario.catalogue import bundled_catalogue
from allocator.scenario.equipment import Equipment
from allocator.scenario.resolve import EquipmentError, ResolvedAsic, ResolvedGpu, resolve_equipment

TERMS: dict[str, Any] = {
    "block_units": 10,
    "buyable": True,
    "lead_months": 2,
    "resale_usd": 100,
    "price_growth_per_year": -0.2,
    "uptime_share": 0.95,
}


def resolve(**fields: Any) -> ResolvedAsic | ResolvedGpu:
    return resolve_equipment(Equipment.model_validate(TERMS | fields), bundled_catalogue())


def test_the_catalogue_is_large_enough() -> None:
    catalogue = bundled_catalogue()
    assert len(catalogue.asics) >= 25
    assert len(catalogue.gpus) >= 8
    assert not set(catalogue.asics) & set(catalogue.gpus)


@pytest.mark.parametrize("name", ["asics.csv", "gpus.csv"])
def test_every_row_names_its_source_and_its_confidence(name: str) -> None:
    with (files("allocator.scenario.catalogue") / name).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["key"] for row in rows}) == len(rows)
    for row in rows:
        assert row["source"], row["key"]
        assert row["confidence"] in {"H", "M", "L", "K"}, row["key"]
        price = row.get("usd_per_th") or row.get("price_usd")
        assert all(bool(row[field]) == bool(price) for field in ("price_date", "price_confidence", "price_source"))


def test_figures_of_the_catalogue_are_plausible() -> None:
    for asic in bundled_catalogue().asics.values():
        assert 9.0 <= asic.watts / asic.th_per_s <= 31.0, asic.key
    for gpu in bundled_catalogue().gpus.values():
        assert gpu.air_heat_share + gpu.liquid_heat_share == pytest.approx(1.0), gpu.key
        assert 0.4 <= gpu.power_kw / gpu.gpus <= 3.5, gpu.key


@pytest.mark.parametrize(
    ("key", "th_per_s", "watts", "cooling"),
    [
        ("antminer_s19_xp", 140, 3010, "air"),
        ("antminer_s21", 200, 3500, "air"),
        ("antminer_s21_xp", 270, 3645, "air"),
        ("antminer_s21_xp_hyd", 473, 5676, "hydro"),
        ("antminer_s21_xp_imm", 300, 4050, "immersion"),
        ("antminer_s23_hyd_3u", 1160, 11020, "hydro"),
    ],
)
def test_well_known_machines(key: str, th_per_s: float, watts: float, cooling: str) -> None:
    machine = resolve(catalogue=key, price_usd=5000)
    assert isinstance(machine, ResolvedAsic)
    assert machine.modes == ((th_per_s, watts),)
    assert machine.cooling == cooling


def test_what_the_entry_states_wins() -> None:
    machine = resolve(catalogue="antminer_s21", watts=3400, cooling="immersion", price_usd=777)
    assert isinstance(machine, ResolvedAsic)
    assert machine.modes == ((200.0, 3400.0),)
    assert machine.cooling == "immersion"
    assert machine.price_usd == 777.0


def test_power_modes_replace_the_nameplate() -> None:
    machine = resolve(catalogue="antminer_s21", modes=[[140, 2100], [200, 3500]], price_usd=777)
    assert isinstance(machine, ResolvedAsic)
    assert machine.modes == ((140.0, 2100.0), (200.0, 3500.0))


def test_the_catalogue_price_is_used_where_none_is_stated() -> None:
    assert resolve(catalogue="antminer_s19_xp").price_usd == pytest.approx(8.0 * 140)


def test_mining_heat_goes_to_air_or_to_the_liquid_loop_by_cooling() -> None:
    air = resolve(catalogue="antminer_s19_xp")
    hydro = resolve(catalogue="antminer_s21_xp_hyd")
    assert (air.air_heat_share, air.liquid_heat_share, air.fit_out_kinds) == (1.0, 0.0, ("air_mining",))
    assert (hydro.air_heat_share, hydro.liquid_heat_share, hydro.fit_out_kinds) == (0.0, 1.0, ("hydro_mining",))


def test_a_gpu_system_that_needs_liquid_goes_only_where_liquid_is() -> None:
    assert resolve(catalogue="gb200_nvl72", rental_market="x").fit_out_kinds == ("liquid_gpu",)
    assert resolve(catalogue="hgx_h100_8", rental_market="x").fit_out_kinds == ("air_gpu", "liquid_gpu")


def test_a_machine_may_be_defined_without_the_catalogue() -> None:
    machine = resolve(
        kind="gpu",
        power_kw=10,
        gpus=8,
        air_heat_share=0.3,
        liquid_heat_share=0.7,
        idle_share=0.2,
        rental_market="x",
        price_usd=200e3,
    )
    assert isinstance(machine, ResolvedGpu)
    assert (machine.power_kw, machine.gpus, machine.price_usd) == (10.0, 8, 200e3)


def test_every_shortcoming_of_an_entry_is_named_at_once() -> None:
    with pytest.raises(EquipmentError) as caught:
        resolve(kind="asic", gpus=8, rental_market="x")
    fields = [lack.field for lack in caught.value.shortcomings]
    assert fields == ["gpus", "rental_market", "price_usd", "cooling", "th_per_s", "watts"]
