"""Explanations of a plan: what limits are worth, why and why not, where decisions flip, what does nearly as well."""
