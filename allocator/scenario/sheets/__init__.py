"""Parts of a scenario as a workbook that people fill in: contracts, fleets, loans and price paths."""
