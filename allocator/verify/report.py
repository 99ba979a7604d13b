"""What a verification says: the violations, and how many facts each rule looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One broken fact.

    Attributes:
        rule: name in `allocator.verify.rules.RULES`.
        place: where, by axis, e.g. {"hall": "barn", "node": "2027-01"}; names of the scenario, as text.
        amount: by how much, positive, in `unit`; 1 where a text or a flag is wrong, nan where no number is to be had.
        unit: MW, USD, units, ...; "" for texts, flags and counts.
        message: one sentence: what was found and what was expected.
    """

    rule: str
    place: Mapping[str, str]
    amount: float
    unit: str
    message: str

    def __str__(self) -> str:
        where = ", ".join(f"{axis} {name}" for axis, name in self.place.items())
        return f"{self.rule} [{where}]: {self.message}"


@dataclass(frozen=True)
class VerificationReport:
    """Result of `verify_plan`.

    Attributes:
        violations: every broken fact, by rule in the order of the registry, then by place. Of a rule broken in
            many hours of one site and node, the worst hour stands for all of them and the message counts them.
        checked: facts looked at, by rule; 0 where the plan has nothing the rule applies to.
    """

    violations: tuple[Violation, ...]
    checked: Mapping[str, int]

    @property
    def passed(self) -> bool:
        return not self.violations

    def of(self, rule: str) -> list[Violation]:
        """The violations of one rule."""
        return [violation for violation in self.violations if violation.rule == rule]

    @property
    def broken(self) -> set[str]:
        """Names of the rules that are broken."""
        return {violation.rule for violation in self.violations}
