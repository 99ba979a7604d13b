"""Derives every rule and every dollar of a plan again, from its tables and the compiled scenario alone.

Nothing that made the plan (planning, dispatch, solvers, decomposition) is imported here.
"""

from allocator.verify.folder import verify_folder
from allocator.verify.report import VerificationReport, Violation
from allocator.verify.rules import RULES
from allocator.verify.run import verify_plan

__all__ = ["RULES", "VerificationReport", "Violation", "verify_folder", "verify_plan"]
