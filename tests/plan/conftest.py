"""The pivot plan, made once a session: fixtures below never change it."""

from __future__ import annotations

import pytest

from allocator.pipeline.settle import Operation
from allocator.plan.plan import Plan
from tests.plan.factory import pivot, plan_of


@pytest.fixture(scope="session")
def operation() -> Operation:
    return pivot()


@pytest.fixture(scope="session")
def plan(operation: Operation) -> Plan:
    return plan_of(operation)
