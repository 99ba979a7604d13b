"""Nights of the past run again with what was known then, beside simple rules and perfect foresight."""
