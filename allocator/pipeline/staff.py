"""Who does the work that is asked for on a command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import DEFAULTS, versions_behind
from allocator.work.cluster import cluster
from allocator.work.errors import NoWorkersError
from allocator.work.executors import Staff, Work, Workers


def cluster_at(scheduler: str, workers: int | None = None) -> Staff:
    """The workers behind a scheduler, which solve with the versions of this process; `workers` is for machines alone.

    Raises:
        BadInputError: both are asked for, the extra is not installed, no scheduler answers, or a worker has other
            versions.
    """
    if workers is not None:
        raise BadInputError("--workers and --scheduler exclude each other", ["a cluster has workers of its own"])
    try:
        there = cluster(scheduler, partial(versions_behind, DEFAULTS))
    except NoWorkersError as error:
        raise BadInputError(error.message, error.details) from error

    @contextmanager
    def staff(work: Work) -> Iterator[Workers]:
        try:
            with there(work) as found:
                yield found
        except NoWorkersError as error:
            raise BadInputError(error.message, error.details) from error

    return staff
