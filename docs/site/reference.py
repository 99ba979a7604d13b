"""The API reference: pages that name public objects, whose docstrings mkdocstrings reads."""

from __future__ import annotations

from collections.abc import Mapping

from docs.site.markdown import page

Public = Mapping[str, tuple[str, ...]]

PYTHON: Public = {
    "allocator.scenario.load": ("load_scenario", "LoadedScenario", "bundled_names"),
    "allocator.pipeline.api": ("solve", "verify"),
    "allocator.pipeline.method": ("SolveRequest",),
    "allocator.pipeline.solve": ("Outcome",),
    "allocator.pipeline.errors": (
        "ExitCode",
        "PipelineError",
        "BadInputError",
        "InfeasibleError",
        "NoPlanError",
        "NotVerifiedError",
        "EngineError",
        "WriteError",
    ),
}
PLANS: Public = {
    "allocator.plan.reader": ("read_plan", "read_meta", "read_table", "PlanReadError"),
    "allocator.plan.plan": ("Plan",),
    "allocator.plan.meta": ("PlanMeta", "RunMeta"),
    "allocator.plan.summary": ("summarise", "Summary"),
    "allocator.verify.report": ("VerificationReport", "Violation"),
}
SOLVERS: Public = {
    "solvers.model": ("Model", "Variables", "Expr", "Relation", "Ledger", "lag"),
    "solvers.problem": ("Problem", "Family"),
    "solvers.options": ("SolveOptions", "UnsupportedOptionError"),
    "solvers.registry": ("solve", "get_backend", "available_backends"),
    "solvers.backends.base": ("Backend", "Capability", "ConflictSet"),
    "solvers.result": ("Result", "Reason", "Limit", "Duals", "SolverError"),
    "solvers.certificate": ("Certificate", "certify"),
}
PAGES: Mapping[str, tuple[str, str, Public]] = {
    "python": (
        "Python API",
        "`from allocator import load_scenario, solve, verify` is all that most programs need.",
        PYTHON,
    ),
    "plans": ("Plans in Python", "Plans, their tables and their verification as objects.", PLANS),
    "solvers": (
        "Solvers in Python",
        "Package `solvers` knows nothing of data centers: labelled arrays become a problem, engines stand behind one "
        "protocol, and a bound comes with its evidence.",
        SOLVERS,
    ),
}
"""Page -> title, first sentence, and what is public by module; everything else may change without notice."""


def pages() -> dict[str, str]:
    """Reference pages by path."""
    return {f"reference/{name}.md": _page(*parts) for name, parts in PAGES.items()}


def _page(title: str, intro: str, public: Public) -> str:
    return page(f"# {title}", intro, *[f"::: {module}.{name}" for module, names in public.items() for name in names])
