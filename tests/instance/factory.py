"""Small instances made by hand, without files: `tiny_instance(...)` from a few specs, `random_instance(seed)`.

A spec states only what a test is about; everything else is neutral (no overhead, no heat limit, no cost).

    inst = tiny_instance(
        nodes=3,
        halls=[HallSpec("barn", [BaySpec("barn", "air_mining", 5.0), BaySpec("retrofit", "liquid_gpu", 4.0)])],
        models=[ModelSpec("s21", {"air_mining": 1.0}, opening={"barn": 4}, steps=[StepSpec(1.0, 70.0)])],
        contracts=[ContractSpec("tenant", 2.0, bays=("barn/retrofit",), rent_usd_per_mw_month=150e3)],
        price=40.0,
    )
"""

from tests.instance.random_chain import random_instance
from tests.instance.specs import BaySpec, ContractSpec, FeederSpec, HallSpec, ModelSpec, PlantSpec, StepSpec
from tests.instance.tiny import tiny_instance

__all__ = [
    "BaySpec",
    "ContractSpec",
    "FeederSpec",
    "HallSpec",
    "ModelSpec",
    "PlantSpec",
    "StepSpec",
    "random_instance",
    "tiny_instance",
]
