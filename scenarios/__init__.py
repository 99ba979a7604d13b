"""Scenario data that ships with the allocator."""
