"""What CBC's log proves: why it stopped, and how good a bound its printed digits support.

CBC tells its bound only in the log, rounded. The bound read here is moved outward by half a unit of
the last printed digit, so that it stays valid; where the log has none it is None, and the solve is then
never called optimal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = r"([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)"
_OBJECTIVE = re.compile(rf"^Objective value:\s+{_NUMBER}", re.MULTILINE)
_SIDE_BOUND = re.compile(rf"^(?:Lower|Upper) bound:\s+{_NUMBER}", re.MULTILINE)
_POSSIBLE = re.compile(rf"best possible {_NUMBER}")
_GAP = re.compile(rf"Exiting as integer gap of {_NUMBER}")
_CONTINUOUS = re.compile(rf"^Continuous objective value is {_NUMBER}", re.MULTILINE)
_NODES = re.compile(r"^Enumerated nodes:\s+(\d+)", re.MULTILINE)
_ITERATIONS = re.compile(r"^Total iterations:\s+(\d+)", re.MULTILINE)
_LINEAR = re.compile(rf"^Optimal objective {_NUMBER}", re.MULTILINE)
_STOPS = {
    "time limit": "time",
    "node limit": "work",
    "solution limit": "other",
    "user event": "interrupt",
}

_NO_BOUND = 1e50

CUTOFF = 1e-9
"""The least improvement that CBC is told to look for; the proven optimum is within this of the truth."""


@dataclass(frozen=True)
class CbcEnd:
    """How a run of CBC ended, in the objective's own sense and without its offset.

    Attributes:
        word: "optimal", "infeasible", "unbounded", "infeasible_or_unbounded" or "stopped".
        limit: what stopped it, for "stopped".
        bound: what no point can beat; None when the log does not say.
        statistics: nodes and iterations, where told.
    """

    word: str
    limit: str | None
    bound: float | None
    statistics: dict[str, float]


def read_log(log: str, maximize: bool) -> CbcEnd:
    """Read a whole log of CBC 2.10."""
    word, limit = _word(log)
    bound = None if word in ("infeasible", "unbounded", "infeasible_or_unbounded") else _bound(log, word, maximize)
    found = {"nodes": _NODES.search(log), "simplex_iterations": _ITERATIONS.search(log)}
    return CbcEnd(word, limit, bound, {name: float(match.group(1)) for name, match in found.items() if match})


def _word(log: str) -> tuple[str, str | None]:
    result = re.search(r"^Result - (.*)$", log, re.MULTILINE)
    said = result.group(1) if result else ""
    if said.startswith("Optimal solution found"):
        return "optimal", None
    if said.startswith("Stopped on"):
        return "stopped", next((limit for text, limit in _STOPS.items() if text in said), "other")
    if "unbounded" in said or "Problem is unbounded" in log:
        return "unbounded", None
    if "infeasible" in said or "Problem is infeasible" in log:
        return "infeasible", None
    if "infeasible or unbounded" in log and not _LINEAR.search(log):
        return ("infeasible" if _CONTINUOUS.search(log) else "infeasible_or_unbounded"), None
    if _LINEAR.search(log):
        return "optimal", None
    return "stopped", "other"


def _bound(log: str, word: str, maximize: bool) -> float | None:
    """The tightest bound that some line of the log supports, moved outward by its rounding."""
    outward = 1.0 if maximize else -1.0
    told = _told(log, word, maximize)
    bounds = [value + outward * slack for value, slack in told if abs(value) < _NO_BOUND]
    if not bounds:
        return None
    return min(bounds) if maximize else max(bounds)


def _told(log: str, word: str, maximize: bool) -> Iterator[tuple[float, float]]:
    """(bound, its rounding) for every line that tells one."""
    objective, side, gap = _objective(log), _last(_SIDE_BOUND, log), _last(_GAP, log)
    possible = _last(_POSSIBLE, log)
    if side is not None:
        yield _fixed(side)
    elif word == "optimal" and objective is not None:
        yield objective[0], objective[1] + CUTOFF
    if gap is not None and objective is not None:
        width, slack = _general(gap)
        yield objective[0] + (width if maximize else -width), objective[1] + slack
    if possible is not None and word == "stopped":
        value, slack = _general(possible)
        yield (-value if maximize else value), slack


def _objective(log: str) -> tuple[float, float] | None:
    """The objective and its rounding, from the closing block of a search or the last line of a simplex run."""
    searched, linear = _OBJECTIVE.search(log), _LINEAR.search(log)
    if searched is not None:
        return _fixed(searched.group(1))
    return _general(linear.group(1)) if linear is not None else None


def _last(pattern: re.Pattern[str], log: str) -> str | None:
    found = pattern.findall(log)
    return found[-1] if found else None


def _fixed(text: str) -> tuple[float, float]:
    """A number printed with a fixed count of decimals, and half a unit of the last one."""
    return float(text), 0.5 * 10.0 ** -len(text.partition(".")[2])


def _general(text: str) -> tuple[float, float]:
    """A number printed with 8 significant digits, and half a unit of the last one."""
    value = float(text)
    return value, 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - 7) if value else 0.0
