"""Options that name a store, and what to say where its packages are missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
EXTRA = 'the store needs more packages: pip install "dc-workload-allocator[store]"'


def store_options(command: Command) -> Command:
    """`--store` and `--plans`, as arguments of a command."""
    words = "Folder of the store, or the URL of its registry: sqlite:///PATH or postgresql://USER@HOST/DATABASE."
    plans = "Folder of plans, where the registry is on a server."
    named = click.option("--store", required=True, envvar="ALLOCATOR_STORE", show_envvar=True, help=words)
    folder = click.option("--plans", type=click.Path(path_type=Path), envvar="ALLOCATOR_PLANS", help=plans)
    return named(folder(command))


def need_store() -> None:
    """Raise a usage error where the extra is not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("sqlalchemy", "alembic")):
        raise click.ClickException(EXTRA)
