"""What was, beside what the plans of the store had for it."""
