"""How SolveOptions read in HiGHS's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ALGORITHMS = ("choose", "simplex", "ipx", "pdlp")
"""hipo is refused: it needs a build of HiGHS that the wheels are not."""

OPTIONS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "time_limit_s": lambda v: {"time_limit": float(v)},
    "relative_gap": lambda v: {"mip_rel_gap": float(v)},
    "threads": lambda v: {"threads": int(v)},
    "seed": lambda v: {"random_seed": int(v)},
    "presolve": lambda v: {"presolve": "on" if v else "off"},
    "work_limit": lambda v: {"mip_max_nodes": int(v)},
    "algorithm": lambda v: {"solver": v} | ({"mip_lp_solver": v} if v in ("simplex", "ipx") else {}),
    "feasibility_tolerance": lambda v: dict.fromkeys(
        ("primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance"), float(v)
    ),
    "log": lambda v: {"output_flag": bool(v), "log_to_console": bool(v)},
}
