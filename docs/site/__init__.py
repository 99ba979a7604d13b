"""Builds the documentation site: pages written by hand, and pages that are generated from code, scenarios and results.

`make docs` runs `python -m docs.site`. Generated pages are written anew by every build, so that none can be stale.
"""
