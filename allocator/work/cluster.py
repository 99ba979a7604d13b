"""The workers of a Dask cluster, behind the same seam as processes of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from allocator.work.errors import NoWorkersError
from allocator.work.executors import Staff, Work, Workers

CONNECT_S = 20.0
LOOK_AGAIN_S = 1.0
"""How long what is known of the workers is good for; asking takes as long as a small item."""
NEEDS = 'a Dask cluster needs the extra `cluster`: pip install "dc-workload-allocator[cluster]"'

Versions = Callable[[], Mapping[str, str]]
"""What the answers of a process depend on, by name; can be pickled."""


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
        self._threads: dict[str, int] = {}
        self._at: dict[str, Executor] = {}
        self._looked = -LOOK_AGAIN_S
        self.revive()

    def width(self) -> int:
        self._look()
        return max(1, sum(self._threads.values()))

    def submit(self, item: Any, home: int | None = None) -> Future[Any]:
        executor = self._executor if home is None else self._of_home(home)
        return executor.submit(_do, self._shared, item)

    def revive(self) -> None:
        """Send what is shared; workers come back by themselves."""
        self._shared = self._client.submit(_same, self._work, pure=False)

    def describe(self) -> str:
        return f"a Dask cluster, {self.width()} threads at the end"

    def _look(self) -> None:
        if time.monotonic() - self._looked >= LOOK_AGAIN_S:
            self._threads = dict(sorted(self._client.nthreads().items()))
            self._looked = time.monotonic()

    def _of_home(self, home: int) -> Executor:
        """The worker of a home among those that are there now, or whoever the scheduler takes where it is gone."""
        self._look()
        if not self._threads:
            return self._executor
        address = list(self._threads)[home % len(self._threads)]
        if address not in self._at:
            self._at[address] = self._client.get_executor(pure=False, workers=[address], allow_other_workers=True)
        return self._at[address]


def cluster(address: str, versions: Versions) -> Staff:
    """The workers behind the scheduler at an address, such as tcp://host:8786, which must have the same versions.

    Looks there at once, before anything is computed that they are to go on with, and again when they are to work.

    Raises:
        NoWorkersError: the extra is not installed, no scheduler answers, or a worker has other versions.
    """
    try:
        distributed = import_module("distributed")
    except ModuleNotFoundError as error:
        raise NoWorkersError(NEEDS) from error

    @contextmanager
    def staff(work: Work) -> Iterator[Workers]:
        with _client(distributed, address, versions) as client:
            yield Cluster(client, work, distributed.KilledWorker)

    with _client(distributed, address, versions):
        return staff


@contextmanager
def _client(distributed: Any, address: str, versions: Versions) -> Iterator[Any]:
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoWorkersError(f"no Dask scheduler answers at {address}", [str(error)]) from error
    with client:
        _check_versions(client, versions)
        yield client


def _check_versions(client: Any, versions: Versions) -> None:
    """NoWorkersError where a worker would solve with other versions than this process; later ones are not looked at."""
    own = versions()
    for worker, found in sorted(client.run(versions).items()):
        if found != own:
            lines = [f"{name}: {found.get(name)} there, {version} here" for name, version in own.items()]
            raise NoWorkersError(f"worker {worker} has other versions", lines)


def _same(work: Work) -> Work:
    return work


def _do(work: Callable[[Any], Any], item: Any) -> Any:
    return work(item)
