"""From what stands in a cell to a plain value of a scenario; what cannot be meant is left for the format to refuse."""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

from allocator.scenario.sheets.leaves import Leaf

_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(?:[,\u00a0\u202f ' ][0-9]{3})+(?:\.[0-9]+)?")
_PLAIN = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_YES, _NO = ("true", "yes"), ("false", "no")
BETWEEN = ";"
"""Between the members of a list in a cell."""


def cell_value(leaf: Leaf, cell: Any) -> Any:
    """The value that a cell means."""
    match leaf.kind:
        case "number":
            return number(cell)
        case "integer":
            return whole(number(cell))
        case "flag":
            return flag(cell)
        case "numbers":
            return [number(member) for member in members(cell)]
        case "texts":
            return [text(member) for member in members(cell)]
        case _:
            return text(cell)


def number(cell: Any) -> Any:
    """Numbers, and text that is one: 1,250,000 or 12.5 %. Anything else as it is."""
    if isinstance(cell, bool) or not isinstance(cell, str):
        return cell
    bare = cell.strip()
    if bare.endswith("%"):
        share = number(bare[:-1])
        return share / 100 if isinstance(share, int | float) else cell
    if _THOUSANDS.fullmatch(bare):
        bare = re.sub(r"[,\u00a0\u202f ']", "", bare)
    if not _PLAIN.fullmatch(bare):
        return cell
    return int(bare) if bare.lstrip("+-").isdigit() else float(bare)


def whole(value: Any) -> Any:
    """A number without a fraction as a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def flag(cell: Any) -> Any:
    """true and false, also as words."""
    word = cell.strip().lower() if isinstance(cell, str) else cell
    return True if word in _YES else False if word in _NO else cell


def text(cell: Any) -> Any:
    """Text; a date is its month, a number its digits."""
    if isinstance(cell, datetime.date):
        return f"{cell.year:04d}-{cell.month:02d}"
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(whole(cell))
    return cell.strip() if isinstance(cell, str) else cell


def members(cell: Any) -> list[Any]:
    """Members of a list in a cell: between semicolons, or as JSON."""
    if not isinstance(cell, str):
        return [cell]
    if cell.lstrip().startswith("["):
        try:
            found = json.loads(cell)
        except json.JSONDecodeError:
            return [cell]
        return found if isinstance(found, list) else [cell]
    return [member.strip() for member in cell.split(BETWEEN) if member.strip()]


def written(value: Any) -> str | float | bool | int:
    """A plain value as a cell holds it; `cell_value` reads it back."""
    if isinstance(value, list):
        texts = [str(member) for member in value]
        simple = texts and not any(BETWEEN in one or one != one.strip() or one.startswith("[") for one in texts)
        return f"{BETWEEN} ".join(texts) if simple else json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str | bool | int | float) else str(value)
