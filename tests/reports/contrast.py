"""Contrast of colours as the Web Content Accessibility Guidelines 2.2 define it (relative luminance, success criteria
1.4.3 and 1.4.11), and the colours of a style sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping

Colour = tuple[float, float, float]
"""Red, green and blue, 0 to 1."""


def variables(block: str) -> dict[str, Colour]:
    """Custom properties of a block of a style sheet that are colours in hexadecimal."""
    found = re.findall(r"--([a-z0-9]+):\s*#([0-9a-f]{6}|[0-9a-f]{3})\b", block)
    return {name: _colour(digits if len(digits) == 6 else "".join(2 * one for one in digits)) for name, digits in found}


def schemes(css: str) -> Mapping[str, Mapping[str, Colour]]:
    """Colours in light, in dark and on paper."""
    light, dark, paper = (
        re.search(pattern, css, re.DOTALL)
        for pattern in (r":root \{(.*?)\n\}", r"prefers-color-scheme: dark\) \{(.*?)\n\}", r"@media print \{(.*?)\n\}")
    )
    assert light
    assert dark
    assert paper
    base = variables(light[1])
    return {"light": base, "dark": base | variables(dark[1]), "paper": base | variables(paper[1])}


def mixed(colour: Colour, share: float, ground: Colour) -> Colour:
    """A share of a colour in a ground, as color-mix in srgb makes it."""
    red, green, blue = (share * a + (1.0 - share) * b for a, b in zip(colour, ground, strict=True))
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (alike) to 21 (black on white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _colour(digits: str) -> Colour:
    red, green, blue = (int(digits[k : k + 2], 16) / 255.0 for k in (0, 2, 4))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
