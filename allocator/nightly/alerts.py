"""What somebody should know in the morning, and how urgently."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd


class Severity(StrEnum):
    """How soon somebody should look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Alert:
    """One thing to know.

    Attributes:
        kind: one word for machines. about: what it is about, where its words hold figures that move every night: the
        same kind and severity about the same thing is the same alert. "": its words tell.
    """

    severity: Severity
    kind: str
    message: str
    about: str = ""

    @property
    def identity(self) -> str:
        """The same for alerts that say the same: a hash."""
        parts = (str(self.severity), self.kind, self.about or self.message)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        return {"severity": str(self.severity), "kind": self.kind, "message": self.message}


def margin_alerts(tables: Mapping[str, pd.DataFrame]) -> list[Alert]:
    """Margin calls that the plan foresees: critical where free Bitcoin does not meet them or in the first period."""
    called = tables["collateral"]
    called = called[called["called_usd"] > 0]
    first = tables["nodes"]["node"].iloc[0]
    return [
        Alert(
            Severity.CRITICAL if row["uncured_usd"] > 0 or row["node"] == first else Severity.WARNING,
            "margin_call",
            f"loan {row['loan']}: a margin call of ${row['called_usd']:,.0f} in {row['node']}, "
            f"${row['uncured_usd']:,.0f} of it not met with free Bitcoin",
            about=f"{row['loan']} in {row['node']}",
        )
        for row in called.to_dict("records")
    ]
