"""Fresh values: fetched, read, judged one by one, and merged into the series files of a scenario."""
