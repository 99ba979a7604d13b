"""The planning problem: one module a row family, `build` puts them together."""
