"""Decomposition against one whole model with each linear-programming algorithm of HiGHS, every run its own process.

    python -m benchmarks.decomposition SITES MONTHS [--seconds 1800] [--out benchmarks/results/NAME.json]

Both routes solve the same portfolio (see `portfolio`) at full hours to the same relative gap. Simplex, IPX, HiPO
(with the package highspy-extras) and PDLP are timed on the relaxation of the whole model alone, which is a lower limit
on what its integer solve would take.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import machine, versions
from benchmarks.portfolio import write_portfolio
from solvers.options import Algorithm

GAP = 1e-3
RELAXATIONS: dict[str, Algorithm] = {
    "whole relaxed simplex": "simplex",
    "whole relaxed ipx": "ipx",
    "whole relaxed hipo": "hipo",
    "whole relaxed pdlp": "pdlp",
}
ROUTES = ("decomposed", "decomposed again", "whole integer", *RELAXATIONS)
PACKAGES = ("highspy", "numba", "numpy", "pandas", "scipy")


def run_route(route: str, folder: str, seconds: float) -> dict[str, object]:
    """One route on one scenario folder, in this process."""
    from allocator.instance.compile import compile_instance
    from allocator.scenario.load import load_scenario

    instance = compile_instance(load_scenario(folder))
    started = time.perf_counter()
    found = (
        _decomposed(instance, seconds, route) if route.startswith("decomposed") else _whole(instance, seconds, route)
    )
    return {"route": route, "seconds": round(time.perf_counter() - started, 3), **found}


def _decomposed(instance: object, seconds: float, route: str) -> dict[str, object]:
    from allocator.decomposition.benders import solve_decomposed
    from allocator.decomposition.rounds import DecompositionOptions
    from allocator.instance.types import Instance

    assert isinstance(instance, Instance)
    options = DecompositionOptions(relative_gap=GAP, time_limit_s=seconds, workers=2)
    if route.endswith("again"):
        solve_decomposed(instance, options)
        started = time.perf_counter()
    else:
        started = time.perf_counter()
    found = solve_decomposed(instance, options)
    return {
        "solve_seconds": round(time.perf_counter() - started, 3),
        "objective_musd": found.objective_musd,
        "bound_musd": found.bound_musd,
        "reason": found.reason.value,
        "rounds": len(found.rounds),
        "methods": dict(found.methods),
        "shape": list(found.planning.problem.shape),
    }


def _whole(instance: object, seconds: float, route: str) -> dict[str, object]:
    from allocator.instance.types import Instance
    from allocator.planning.build import build_monolithic
    from solvers import solve
    from solvers.duals import relaxed
    from solvers.options import SolveOptions

    assert isinstance(instance, Instance)
    started = time.perf_counter()
    problem = build_monolithic(instance).problem
    built = time.perf_counter()
    if route == "whole integer":
        result = solve(problem, options=SolveOptions(time_limit_s=seconds, relative_gap=GAP))
    else:
        options = SolveOptions(time_limit_s=seconds, algorithm=RELAXATIONS[route])
        result = solve(relaxed(problem), options=options)
    return {
        "build_seconds": round(built - started, 3),
        "solve_seconds": round(time.perf_counter() - built, 3),
        "objective_musd": result.primal_bound,
        "bound_musd": result.dual_bound,
        "reason": result.reason.value,
        "limit": result.limit.value if result.limit else None,
        "shape": list(problem.shape),
    }


def compare(sites: int, months: int, seconds: float, routes: list[str]) -> dict[str, object]:
    """Every route in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        write_portfolio(Path(folder), sites, months)
        runs = [_in_process(route, folder, seconds) for route in routes]
    return {
        "instance": f"{sites} sites x {months} months, full hours",
        "gap": GAP,
        "limit_seconds": seconds,
        "versions": versions(*PACKAGES),
        "machine": machine(),
        "runs": runs,
    }


def _in_process(route: str, folder: str, seconds: float) -> dict[str, object]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.decomposition",
        "--route",
        route,
        "--folder",
        folder,
        "--seconds",
        str(seconds),
    ]
    started = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = round(time.perf_counter() - started, 2)
    if ended.returncode:
        return {"route": route, "process_seconds": wall, "error": ended.stderr.strip().splitlines()[-1:]}
    found: dict[str, object] = json.loads(ended.stdout.splitlines()[-1])
    print(json.dumps({**found, "process_seconds": wall}), flush=True)
    return {**found, "process_seconds": wall}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sites", type=int, nargs="?", default=2)
    parser.add_argument("months", type=int, nargs="?", default=12)
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--routes", default=",".join(ROUTES))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--route")
    parser.add_argument("--folder")
    given = parser.parse_args()
    if given.route:
        print(json.dumps(run_route(given.route, given.folder, given.seconds)))
        return
    found = compare(given.sites, given.months, given.seconds, given.routes.split(","))
    text = json.dumps(found, indent=2) + "\n"
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
