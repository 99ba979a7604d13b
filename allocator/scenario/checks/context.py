"""What every check looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from allocator.scenario.catalogue import Catalogue
from allocator.scenario.draft import Draft
from allocator.scenario.faults import Fault
from allocator.scenario.fit_outs import FitOutKind
from allocator.scenario.places import Places, Quoted, suggestion
from allocator.scenario.resolve import EquipmentError, ResolvedAsic, ResolvedGpu, resolve_equipment
from allocator.scenario.sites import HallOption
from allocator.scenario.yaml_reader import Path


@dataclass(frozen=True)
class Context:
    """The valid parts of a scenario, the catalogue, the scenario's folder, and the builder of faults."""

    draft: Draft
    catalogue: Catalogue
    folder: FilePath
    places: Places

    def unknown(self, path: Path, name: str, known: Iterable[str], what: str) -> Iterator[Fault]:
        """A fault if `name` at `path` is not among `known`; `what` says what it should name."""
        names = list(known)
        if name not in names:
            yield self.places.fault(path, name, what, suggestion(name, names))

    def repeated(self, names: Sequence[tuple[Path, str]], what: str) -> Iterator[Fault]:
        """A fault for each name that stands a second time."""
        first: dict[str, Path] = {}
        for path, name in names:
            if name in first:
                found = Quoted(f"{name!r} a second time")
                line = self.places.yaml.line(first[name])
                fix = "rename one of them" + (f"; the first stands on line {line}" if line else "")
                yield self.places.fault(path, found, f"each {what} once", fix)
            first.setdefault(name, path)

    def kind(self, option: HallOption) -> FitOutKind | None:
        """Kind of an option's fit-out, if that is valid."""
        fit_out = self.draft.fit_out(option.fit_out)
        return fit_out.kind if fit_out else None

    def resolved(self, name: str) -> ResolvedAsic | ResolvedGpu | None:
        """The equipment of that name, completed from the catalogue; None where it has faults of its own."""
        entry = next((part.value for part in self.draft.equipment if part.path[-1] == name), None)
        if entry is None:
            return None
        try:
            return resolve_equipment(entry, self.catalogue)
        except EquipmentError:
            return None


Check = Callable[[Context], Iterator[Fault]]
"""Yields every fault of one kind."""
