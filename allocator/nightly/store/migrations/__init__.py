"""Versions of the registry's tables."""
