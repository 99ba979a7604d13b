"""Stepwise migration: an older file becomes the current version one step at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.places import Places, Quoted
from allocator.scenario.scenario import VERSION

Document = dict[str, Any]


def _from_0(document: Document) -> Document:
    """Version 0, before the first release, named the interconnection limit `limit_mw`."""
    sites = [
        {("power_limit_mw" if key == "limit_mw" else key): value for key, value in site.items()}
        if isinstance(site, dict)
        else site
        for site in _list(document.get("sites"))
    ]
    return {**document, "sites": sites} if "sites" in document else document


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


STEPS: dict[int, Callable[[Document], Document]] = {0: _from_0}
"""From version k to version k + 1. A step renames and reshapes; it never checks."""


def migrate(document: Document, places: Places) -> Document:
    """The document in the current version; raises ScenarioFaults where its version is missing, odd or newer."""
    version = _version(document, places)
    while version < VERSION:
        document = {**STEPS[version](document), "version": version + 1}
        version += 1
    return document


def _version(document: Document, places: Places) -> int:
    expected = f"version: {VERSION}"
    if "version" not in document:
        fix = f"add version: {VERSION} as the first line"
        raise ScenarioFaults([places.fault((), Quoted("no 'version'"), expected, fix)])
    version = document["version"]
    if not isinstance(version, int) or isinstance(version, bool) or version < min(STEPS):
        fix = f"write version: {VERSION}, without quotes"
        raise ScenarioFaults([places.fault(("version",), version, expected, fix)])
    if version > VERSION:
        fix = "use a newer release of the allocator, or a file of this version"
        raise ScenarioFaults([places.fault(("version",), version, f"at most version {VERSION}", fix)])
    return version
