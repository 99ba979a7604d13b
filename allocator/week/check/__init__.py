"""The check of a week: every limit, restart and dollar derived again from its tables and from what stands."""
