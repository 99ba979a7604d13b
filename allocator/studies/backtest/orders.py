"""What a night orders, and the nights of a backtest on disk: whatever stops it loses no more than one.

`asked.json` says what the folder is the backtest of, and is only ever continued by the same one. Each night's orders
are a file of their own, written whole; what follows from them is worked out again, which takes no time.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from allocator.instance.tree import Floats
from allocator.pipeline.errors import BadInputError, WriteError
from allocator.plan.files import written_whole
from allocator.studies.backtest.store import CellPrices
from allocator.studies.study_files import write_head

ASKED, NIGHTS = "asked", "nights"
OFFERED = "offered_mw"
CELLS = ("ends_mwh", "take_below", "give_above")


@dataclass(frozen=True)
class Orders:
    """From one night to the next, h hours; J tiers.

    Attributes:
        run_below, stop_above: strike prices at the meter, (J, h).
        cells: prices of what the battery stores; None without one.
        bought_mw: of hours whose day-ahead bids are decided by this night, gross, from `bought_from` (UTC) on, (b,).
        seconds: what deciding took.
        offered_mw: to ancillary services in the same hours as `bought_mw`, (K, b); None: there are none.
    """

    run_below: Floats
    stop_above: Floats
    bought_mw: Floats
    bought_from: np.datetime64
    seconds: float
    cells: CellPrices | None = None
    offered_mw: Floats | None = None


@dataclass(frozen=True)
class Kept:
    """The orders of one site under one way of deciding."""

    folder: Path

    def read(self, night: np.datetime64) -> Orders | None:
        """Those of a night that was decided before; None where there are none, or no whole ones."""
        return _read(self._path(night))

    def keep(self, night: np.datetime64, orders: Orders) -> Orders:
        """Those orders, now on disk; WriteError where they cannot be written."""
        _write(self._path(night), orders)
        return orders

    def _path(self, night: np.datetime64) -> Path:
        return self.folder / f"{np.datetime_as_string(night, 'h').replace(':', '')}.npz"


def opened(home: Path, identity: Mapping[str, object]) -> None:
    """Make a folder the backtest of an identity, as plain data.

    Raises:
        BadInputError: something else stands there. WriteError: it cannot be written to.
    """
    marker = home / f"{ASKED}.json"
    if not marker.exists():
        if home.exists() and not (home.is_dir() and all(one.name.startswith(".") for one in home.iterdir())):
            raise BadInputError(f"{home} holds files that are no backtest; name a new or empty folder")
        write_head(home, ASKED, identity)
        return
    stands, asked = _plain(marker), json.loads(json.dumps(identity))
    unlike = [name.replace("_", " ") for name in asked if stands.get(name) != asked[name]]
    if unlike:
        raise BadInputError(f"{home} holds another backtest, with other {', '.join(unlike)}", ["name another folder"])


def _plain(path: Path) -> Mapping[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _read(path: Path) -> Orders | None:
    """None where there is no whole file."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            strikes = kept["run_below"], kept["stop_above"], kept["bought_mw"]
            cells = CellPrices(*(kept[name] for name in CELLS)) if CELLS[0] in kept else None
            offered = kept.get(OFFERED)
            begins = np.datetime64(kept["bought_from"].item(), "s")
            return Orders(*strikes, begins, float(kept["seconds"]), cells, offered)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _write(path: Path, orders: Orders) -> None:
    offered: dict[str, Any] = {} if orders.offered_mw is None else {OFFERED: orders.offered_mw}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as beside, beside.open("wb") as stream:
            np.savez(
                stream,
                run_below=orders.run_below,
                stop_above=orders.stop_above,
                bought_mw=orders.bought_mw,
                bought_from=orders.bought_from.astype("datetime64[s]").astype(np.int64),
                seconds=orders.seconds,
                **({} if orders.cells is None else vars(orders.cells)),
                **offered,
            )
    except OSError as error:
        raise WriteError(f"{path} was not written: {error}") from error
