"""What the registry of tables is made of: columns with kind, unit and words, and tables of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["text", "integer", "number", "flag", "time"]

DTYPES: Mapping[Kind, str] = MappingProxyType(
    {"text": "str", "integer": "int64", "number": "float64", "flag": "bool", "time": "datetime64[ms, UTC]"}
)
"""pandas dtype of each kind."""


@dataclass(frozen=True)
class Column:
    """One column: `kind` of value, `unit` ("" for text, counts of nothing and flags), what it says."""

    kind: Kind
    unit: str
    description: str

    @property
    def dtype(self) -> str:
        return DTYPES[self.kind]


@dataclass(frozen=True, eq=False)
class Table:
    """One table: columns in order, the ones that identify a row, what a row is; equal to itself alone.

    Attributes:
        hourly: True for the tables of one site in one node, under dispatch/.
    """

    name: str
    keys: tuple[str, ...]
    columns: Mapping[str, Column]
    description: str
    hourly: bool = False

    @property
    def dtypes(self) -> dict[str, str]:
        return {name: column.dtype for name, column in self.columns.items()}


def text(description: str) -> Column:
    """A column of texts."""
    return Column("text", "", description)


def number(unit: str, description: str) -> Column:
    """A column of numbers in a unit."""
    return Column("number", unit, description)


def integer(unit: str, description: str) -> Column:
    """A column of whole numbers in a unit."""
    return Column("integer", unit, description)


def flag(description: str) -> Column:
    """A column of true and false."""
    return Column("flag", "", description)


NODE = text("node of the tree")
SITE = text("site")
HALL = text("hall")
FIT_OUT = text("fit-out of the hall")
MODEL = text("equipment model")
UTC = Column("time", "", "start of the step, UTC")


def table(name: str, keys: str, description: str, columns: Mapping[str, Column], hourly: bool = False) -> Table:
    """A table; `keys` are column names separated by blanks."""
    return Table(name, tuple(keys.split()), MappingProxyType(dict(columns)), description, hourly)
