"""The result of a run: tables, their registry, how they are derived, written and read."""
