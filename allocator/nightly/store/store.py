"""The store of one company: the folder that readers trust, and the registry beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from allocator.nightly.store.database import SQLITE, Patience, database_url, open_database
from allocator.nightly.store.lock import Renew, locked
from allocator.nightly.store.reconcile import Repair, facts_of, reconcile
from allocator.nightly.store.registry import Commitment, HandedOut, Registry, State, now
from allocator.nightly.store.shelf import Publication, Shelf
from allocator.pipeline.errors import BadInputError, StoreError

COMMITMENTS_JSON, SET_POINTS_JSON = "commitments.json", "setpoints.json"


@dataclass(frozen=True)
class Place:
    """Where a store is: the folder of its plans and the URL of its registry."""

    home: Path
    url: URL


def place_of(store: str, plans: Path | None = None) -> Place:
    """From what a user names; the plans of a SQLite registry stand beside it unless said otherwise.

    Raises:
        BadInputError: no folder for the plans of a database server, or an unknown kind of database.
    """
    url = database_url(store)
    if plans is not None:
        return Place(plans.absolute(), url)
    if url.get_backend_name() != SQLITE:
        raise BadInputError("a registry on a server needs a folder for plans", ["name one with --plans"])
    return Place(Path(str(url.database)).absolute().parent, url)


class Store:
    """See the module. Made by `opened`, which holds the lock."""

    def __init__(self, shelf: Shelf, registry: Registry, renew: Renew) -> None:
        self.shelf, self.registry, self._renew = shelf, registry, renew

    def keep_plan(self, folder: Path) -> str:
        """Take a verified plan folder in; returns the name of the plan."""
        name = self.shelf.add_plan(folder)
        self.registry.record_plan(name, facts_of(self.shelf.plan(name)))
        return name

    def prepare(self, run: str, as_of: datetime, plan: str, rung: str, files: Mapping[str, str]) -> Publication:
        """Write the files of a night beside its plan; nothing is published."""
        current = self.shelf.current()
        publication = Publication(
            run=run,
            plan=plan,
            previous=current.run if current else "",
            as_of=as_of.isoformat(),
            published_at=now().isoformat(),
            rung=rung,
        )
        self.shelf.prepare(publication, files)
        return publication

    def publish(self, run: str, as_of: datetime, plan: str, rung: str, files: Mapping[str, str]) -> Publication:
        """Make a night the current one. A kill at any moment leaves either the one before or this one, whole.

        Raises:
            LockHeldError: the registry's server was away, and another machine's run has taken it since.
        """
        self._renew()
        self.registry.advance(run, State.PUBLISHING, plan=plan, rung=rung)
        publication = self.prepare(run, as_of, plan, rung, files)
        self.shelf.point(run)
        committed = commitments_in(files.get(COMMITMENTS_JSON, "[]"))
        handed_out = handed_out_in(files.get(SET_POINTS_JSON, "{}"))
        self.registry.published(run, datetime.fromisoformat(publication.published_at), committed, handed_out)
        return publication


@contextmanager
def opened(place: Place, patience_s: float = 0.0) -> Iterator[tuple[Store, tuple[Repair, ...]]]:
    """The store, held by this run alone, with folder and registry reconciled; and what was repaired.

    A database that is gone is waited for `patience_s` seconds, now and at every transaction.

    Raises:
        LockHeldError: another run holds it. StoreError: the folder or the registry cannot be used.
    """
    try:
        shelf = Shelf(place.home)
    except OSError as error:
        raise StoreError(f"the store's folder cannot be used: {error}") from error
    patience = Patience(patience_s)
    engine = open_database(place.url, patience)
    try:
        with locked(place.home, engine) as renew:
            registry = Registry(engine, patience)
            shelf.sweep()
            yield Store(shelf, registry, renew), reconcile(shelf, registry, committed_by, handed_out_by)
    finally:
        engine.dispose()


def committed_by(shelf: Shelf, run: str) -> list[Commitment]:
    """What the files of a night say is committed with it."""
    try:
        return commitments_in((shelf.night(run) / COMMITMENTS_JSON).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []


def handed_out_by(shelf: Shelf, run: str) -> list[HandedOut]:
    """Set-points in the files of a night."""
    try:
        return handed_out_in((shelf.night(run) / SET_POINTS_JSON).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []


def handed_out_in(text: str) -> list[HandedOut]:
    """Set-points as a night's file lists them."""
    moment = datetime.fromisoformat
    return [
        HandedOut(one["id"], moment(one["begins"]), moment(one["ends"]), json.dumps(one, sort_keys=True))
        for one in json.loads(text).get("set_points", ())
    ]


def commitments_in(text: str) -> list[Commitment]:
    """Commitments as a night's file lists them."""
    return [Commitment(**one) for one in json.loads(text)]
