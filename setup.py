"""Packages: everything under allocator and solvers, and the folder of scenarios as allocator.bundled.

`setup.cfg` holds the rest; it can either find packages or list them, not both.
"""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["allocator", "allocator.*", "solvers", "solvers.*"]), "allocator.bundled"])
