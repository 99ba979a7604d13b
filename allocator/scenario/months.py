"""Calendar months: the base grid of every scenario."""

from __future__ import annotations

import re
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

_PATTERN = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class Month:
    """One calendar month of the scenario's time zone; ordered, hashable, and countable.

    `ordinal` counts months from year 0, so that differences are whole months.
    """

    __slots__ = ("ordinal",)

    def __init__(self, year: int, month: int) -> None:
        self.ordinal = year * 12 + month - 1

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read "2027-01"; raises ValueError for anything else."""
        match = _PATTERN.fullmatch(text)
        if match is None or int(match[1]) < 1900:
            raise ValueError("a month written YYYY-MM, for example 2027-01")
        return cls(int(match[1]), int(match[2]))

    @property
    def year(self) -> int:
        return self.ordinal // 12

    @property
    def month(self) -> int:
        """1 to 12."""
        return self.ordinal % 12 + 1

    def plus(self, months: int) -> Month:
        """The month that many months later (earlier if negative)."""
        return Month(0, self.ordinal + months + 1)

    def since(self, other: Month) -> int:
        """Whole months from `other` to this month."""
        return self.ordinal - other.ordinal

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def __repr__(self) -> str:
        return f"Month({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Month) and other.ordinal == self.ordinal

    def __hash__(self) -> int:
        return hash(self.ordinal)

    def __lt__(self, other: Month) -> bool:
        return self.ordinal < other.ordinal

    def __le__(self, other: Month) -> bool:
        return self.ordinal <= other.ordinal

    @classmethod
    def _validate(cls, value: Any) -> Month:
        if isinstance(value, Month):
            return value
        if not isinstance(value, str):
            raise ValueError("a month written YYYY-MM, for example 2027-01")
        return cls.parse(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_PATTERN.pattern}$", "examples": ["2027-01"]}
