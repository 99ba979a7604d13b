"""Fixtures that more than one package of tests needs."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
"""Real series for development; not part of the repository."""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real series; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"development data is not at {SHARED_DATA}")
    return SHARED_DATA
