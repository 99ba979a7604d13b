"""The suite that every backend must pass: small problems with known answers, and the checks on a Result.

`run_conformance(backend)` in solvers.conformance.runner runs all of it; a case that a backend cannot
pass is listed, with its reason, in solvers.conformance.exclusions.
"""
