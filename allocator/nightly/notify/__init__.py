"""Alerts brought to people and programs: webhook and e-mail, told once until they change or are resolved."""
