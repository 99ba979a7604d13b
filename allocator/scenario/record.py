"""What every part of a scenario file shares: frozen records, and scalars with their bounds.

Numbers are strict: text, booleans, NaN and infinities are refused wherever a number stands.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Frozen, knows no unknown fields, and takes the docstring under a field as its description."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        validate_default=True,
        str_max_length=2000,
    )


LONGEST_NAME = 80


def _check_name(text: str) -> str:
    """Names are data, but they also stand in tables ("hall/fit_out") and in folder names of the hourly dispatch."""
    if text != text.strip():
        raise ValueError("a name without blanks at its ends")
    if any(not character.isprintable() for character in text):
        raise ValueError("a name without control characters or line breaks")
    if "/" in text or "\\" in text or text.startswith("."):
        raise ValueError("a name without / or \\ and not starting with a dot")
    return text


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_check_name)]
"""A name that other parts of the file refer to, 1 to 80 characters."""

Number = Annotated[float, Field(strict=True)]
"""Any finite number."""

NonNegative = Annotated[float, Field(strict=True, ge=0.0, le=1e18)]
"""A number not below zero."""

Positive = Annotated[float, Field(strict=True, gt=0.0, le=1e18)]
"""A number above zero."""

Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0)]
"""A share between 0 and 1."""

GrowthPerYear = Annotated[float, Field(strict=True, gt=-1.0, le=10.0)]
"""Annual effective growth: 0.03 is +3 % a year."""

Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
"""A whole number not below zero."""

PositiveCount = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
"""A whole number above zero."""

LeadMonths = Annotated[int, Field(strict=True, ge=0, le=600)]
"""Whole months, 0 or more."""

TermMonths = Annotated[int, Field(strict=True, ge=1, le=600)]
"""Whole months, 1 or more."""

Flag = Annotated[bool, Field(strict=True)]
"""true or false."""

UNCERTAIN = Field(json_schema_extra={"uncertain": True})
"""Marks a field whose value may differ from node to node; the format table of the documentation says so."""
