"""Correlation matrices: checked, and repaired on paper so that a message can say what would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST_EIGENVALUE = -1e-10
"""Rounding of stated figures; below it no series can be correlated so."""


def correlation_matrix(names: Sequence[str], pairs: Mapping[tuple[str, str], float]) -> Floats:
    """Ones on the diagonal, stated figures beside it, zero elsewhere, (D, D)."""
    position = {name: k for k, name in enumerate(names)}
    matrix = np.eye(len(names))
    for (one, other), value in pairs.items():
        matrix[position[one], position[other]] = matrix[position[other], position[one]] = value
    return matrix


def is_possible(matrix: Floats) -> bool:
    """Whether random variables can have this correlation: symmetric, no negative eigenvalue."""
    return smallest_eigenvalue(matrix) >= SMALLEST_EIGENVALUE


def smallest_eigenvalue(matrix: Floats) -> float:
    """The smallest eigenvalue of a symmetric matrix, at most 1; below zero no series can be correlated so."""
    return float(np.linalg.eigvalsh(matrix).min(initial=1.0))


def nearest_possible(matrix: Floats) -> Floats:
    """A possible correlation close to the stated one: negative eigenvalues become zero, the diagonal one again."""
    values, vectors = np.linalg.eigh(matrix)
    made = (vectors * np.maximum(values, 0.0)) @ vectors.T
    scale = np.sqrt(np.diag(made))
    return np.asarray(made / np.outer(scale, scale))
