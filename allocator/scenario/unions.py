"""Discriminated unions whose branch names cannot be mistaken for a field of the file.

Pydantic puts the branch of a union into the place of an error. Branches are named in angle brackets here, so
that a place can be turned back into a path of the file without guessing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Discriminator, Tag


def branch(name: str) -> Tag:
    """Mark one member of a union; `name` is the value of `kind`, or the field that makes the member out."""
    return Tag(f"<{name}>")


def by_kind(*kinds: str) -> Discriminator:
    """Choose the member by its field `kind`; one of `kinds`."""

    def choose(value: Any) -> str | None:
        kind = value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)
        return f"<{kind}>" if isinstance(kind, str) and kind in kinds else None

    return _discriminator(choose, "kind: " + " or ".join(kinds))


def by_key(scalar: str | None, *keys: str) -> Discriminator:
    """Choose the member by the first of `keys` that it holds; anything that is no mapping goes to `scalar`."""

    def choose(value: Any) -> str | None:
        for key in keys:
            if key in value if isinstance(value, Mapping) else hasattr(value, key):
                return f"<{key}>"
        return None if isinstance(value, Mapping) or scalar is None else f"<{scalar}>"

    expected = " or ".join(([f"a {scalar}"] if scalar else []) + ["{" + key + ": ...}" for key in keys])
    return _discriminator(choose, expected)


def _discriminator(choose: Callable[[Any], str | None], expected: str) -> Discriminator:
    return Discriminator(choose, custom_error_type="unknown_variant", custom_error_message=expected)
