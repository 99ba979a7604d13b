"""Plans on disk for readers, and the registry of the runs that made them."""
