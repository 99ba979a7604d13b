"""The workers of a Dask cluster, behind the same seam as processes of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import DEFAULTS, versions_behind
from allocator.studies.executors import Staff, Work, Workers

CONNECT_S = 20.0
NEEDS = 'a Dask cluster needs the extra `cluster`: pip install "dc-workload-allocator[cluster]"'


class Cluster:
    """Workers behind a Dask scheduler; they may come and go.

    What all tasks share is kept by the scheduler as a task of its own, so that it is made again where the workers that
    held it are gone. A task whose worker dies is given to another one by the scheduler; after a few deaths it says so.
    Deaths are counted for the shared task too, and every task that needs it fails with it: it is sent anew after each.
    """

    def __init__(self, client: Any, work: Work, killed: type[BaseException]) -> None:
        self.died: tuple[type[BaseException], ...] = (killed,)
        self.lost: tuple[type[BaseException], ...] = (CancelledError,)
        self._client, self._work = client, work
        self._executor: Executor = client.get_executor(pure=False)
        self.revive()

    def width(self) -> int:
        return max(1, int(sum(self._client.nthreads().values())))

    def submit(self, item: Any) -> Future[Any]:
        return self._executor.submit(_do, self._shared, item)

    def revive(self) -> None:
        """Send what is shared; workers come back by themselves."""
        self._shared = self._client.submit(_same, self._work, pure=False)

    def describe(self) -> str:
        return f"a Dask cluster, {self.width()} threads at the end"


def cluster(address: str) -> Staff:
    """The workers behind the scheduler at an address, such as tcp://host:8786.

    Raises:
        BadInputError: the extra is not installed, or there is no scheduler at the address.
    """
    try:
        distributed = import_module("distributed")
    except ModuleNotFoundError as error:
        raise BadInputError(NEEDS) from error

    @contextmanager
    def staff(work: Work) -> Iterator[Workers]:
        try:
            client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise BadInputError(f"no Dask scheduler answers at {address}", [str(error)]) from error
        with client:
            _check_versions(client)
            yield Cluster(client, work, distributed.KilledWorker)

    return staff


def _check_versions(client: Any) -> None:
    """BadInputError where a worker would solve with other versions than this process; later ones are not looked at."""
    own = versions_behind(DEFAULTS)
    for worker, found in sorted(client.run(versions_behind, DEFAULTS).items()):
        if found != own:
            lines = [f"{name}: {found.get(name)} there, {version} here" for name, version in own.items()]
            raise BadInputError(f"worker {worker} has other versions", lines)


def _same(work: Work) -> Work:
    return work


def _do(work: Callable[[Any], Any], item: Any) -> Any:
    return work(item)
