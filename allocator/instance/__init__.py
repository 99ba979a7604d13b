"""Scenario and series compiled to frozen arrays on named axes: the last place that knows files and pydantic."""
