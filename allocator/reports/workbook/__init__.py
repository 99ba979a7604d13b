"""A plan as a workbook: figures of the plan's tables, totals and ratios as live formulas."""
