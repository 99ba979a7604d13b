"""Fixtures that more than one package of tests needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.quick import THINNED
from tests.reports.browser import Browser, chromium

settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True, max_examples=100 // THINNED)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
"""The same examples in every run; HYPOTHESIS_PROFILE=explore draws new ones, as `make test-all` does."""

REPOSITORY = Path(__file__).parents[1]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
"""Real series for development; not part of the repository."""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real series; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"development data is not at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests of a process; they are skipped where there is none."""
    with chromium(tmp_path_factory.mktemp("browser")) as started:
        yield started
