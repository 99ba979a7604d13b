"""Scenarios that move on with the calendar."""
