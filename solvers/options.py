"""Typed solve options. Every backend states how it translates each of them, or refuses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Algorithm = Literal["choose", "simplex", "ipx", "hipo", "pdlp"]


@dataclass(frozen=True)
class SolveOptions:
    """None means the backend's own default.

    Attributes:
        time_limit_s: wall-clock seconds; enforced by the backend and, for workers, by a kill.
        relative_gap: stop once |bound - incumbent| <= relative_gap * |incumbent|.
        threads: solver threads.
        seed: random seed.
        presolve: True or False.
        work_limit: deterministic limit (nodes of branch and bound) used instead of a clock.
        algorithm: linear-programming algorithm.
        feasibility_tolerance: primal and dual feasibility tolerance.
        log: print the solver's own log.
    """

    time_limit_s: float | None = None
    relative_gap: float | None = None
    threads: int | None = None
    seed: int | None = None
    presolve: bool | None = None
    work_limit: int | None = None
    algorithm: Algorithm | None = None
    feasibility_tolerance: float | None = None
    log: bool = False

    def __post_init__(self) -> None:
        for name in ("time_limit_s", "relative_gap", "feasibility_tolerance"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name} is {value}, expected a number >= 0")
        for name in ("threads", "work_limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}, expected an integer >= 1")

    def asked(self) -> frozenset[str]:
        """Names of the options that differ from 'backend default'."""
        return frozenset(n for n in self.__dataclass_fields__ if self._is_asked(n))

    def _is_asked(self, name: str) -> bool:
        value = getattr(self, name)
        return value is not None and (name != "log" or value)


class UnsupportedOptionError(ValueError):
    """An option that the chosen backend cannot honour."""
