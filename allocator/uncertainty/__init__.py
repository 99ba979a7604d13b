"""How markets may move: processes, seeded paths, trees of what can be known, and parameters from history."""
