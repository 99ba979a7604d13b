"""Pages of `allocator explain`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from allocator.cli.text import counted, line_width, money, percent, printable, table
from allocator.pipeline.forced import Decision, taken
from allocator.plan.summary import Binding
from allocator.plan.titles import LIMITS, UNITS
from allocator.studies.compared import Compared
from allocator.studies.explain.alternatives import Alternative
from allocator.studies.explain.break_even import BreakEvens, Flip
from allocator.studies.explain.limits import Worth
from allocator.studies.explain.why import Counterfactual

LEAST_TOLD_USD = 0.5


def limits_page(limits: Sequence[Worth], free: bool) -> Iterator[str]:
    """What one more unit of each limit is worth."""
    yield "What one more unit of a limit is worth, discounted; the limit itself is given"
    head = ["where", "limit", "a year, decisions held", "beyond the horizon"]
    worth = [limit for limit in limits if _is_worth(limit)]
    rows = [
        [
            limit.subject,
            LIMITS.get(limit.quantity, limit.quantity),
            _per_unit(limit, limit.held_per_year_usd),
            _per_unit(limit, limit.held_beyond_usd),
            *([_per_unit(limit, limit.free_usd)] if free else []),
        ]
        for limit in worth
    ]
    yield from table([*head, *(["in all, decisions free"] if free else [])], rows, right=[2, 3, 4] if free else [2, 3])
    left = len(limits) - len(worth)
    if left:
        yield f"{counted(left, 'other limit')} would bring nothing"
    yield from _wrapped(
        "decisions held: conversions, contracts, machines and notices stay, hours and money are managed anew; "
        "what a unit lets one decide differently shows with decisions free (--free)"
    )
    yield ""


def _is_worth(limit: Worth) -> bool:
    values = (limit.held_per_year_usd, limit.held_beyond_usd, limit.free_usd)
    return any(value is not None and _shows(limit, value) for value in values)


def _shows(limit: Worth, value: float) -> bool:
    """Whether it is more than nothing at the digits it is written with."""
    return abs(value) >= (LEAST_TOLD_USD if limit.unit == "MW" else LEAST_TOLD_USD / 1e3)


def _per_unit(limit: Worth, value: float | None) -> str:
    if value is None or not _shows(limit, value):
        return "-"
    return f"{money(value)} a MW" if limit.unit == "MW" else f"${value:,.3f} a dollar"


def why_page(found: Counterfactual) -> Iterator[str]:
    """What the opposite of a decision would change."""
    asked = f"Why not {found.decision}?" if found.is_forced else f"Why {found.decision}?"
    yield printable(asked)
    if found.reason:
        yield from _wrapped(f"the plan says: {found.reason}")
    done = "with it" if found.is_forced else "without it"
    if found.lost_usd is None or found.value_usd is None:
        yield from _wrapped(f"there is no plan {done}:")
        for line in found.conflict:
            yield from _wrapped(line)
        yield ""
        return
    change = f"{money(abs(found.lost_usd))} {'less' if found.lost_usd >= 0 else 'more, within the gap'}"
    yield from _wrapped(f"the best plan {done} is worth {money(found.value_usd)}, {change}")
    for word, texts in (("what goes", found.gone), ("what comes instead", found.new)):
        if texts:
            yield from _wrapped(f"{word}: {'; '.join(texts)}")
    yield from table(["where the value changes", ""], [[term.name, money(term.usd)] for term in found.terms], right=[1])
    if found.binds:
        yield from _wrapped(f"what binds then: {'; '.join(_bound(one) for one in found.binds)}")
    yield ""


def _bound(one: Binding) -> str:
    worth = f"${one.value_usd_per_unit:,.2f}" if one.unit == "USD/USD" else money(one.value_usd_per_unit)
    return f"{one.subject} {LIMITS.get(one.quantity, one.quantity)} {worth} {UNITS.get(one.unit, one.unit)}"


def break_even_page(found: BreakEvens, low: float, high: float) -> Iterator[str]:
    """Where decisions flip as one price is scaled."""
    yield printable(f"At which {found.lever} decisions flip: times its stated value, from {low:g} to {high:g}")
    if found.flips:
        rows = [_flip(one) for one in sorted(found.flips, key=lambda one: one.flips_at)]
        yield from table(["decision", "in the plan", "still so at", "no longer at"], rows, right=[2, 3])
    yield from _wrapped(f"all else keeps through {counted(len(found.solved), 'factor')} that were solved")
    if found.without_plan:
        yield from _wrapped(f"no plan at {', '.join(f'{factor:.3g}' for factor in found.without_plan)}")
    yield ""


def _flip(one: Flip) -> list[str]:
    return [str(one.decision), "taken" if one.is_taken else "not taken", f"{one.holds_at:.4g}", f"{one.flips_at:.4g}"]


def alternatives_page(
    one: Compared,
    others: Sequence[Alternative],
    common: tuple[frozenset[Decision], frozenset[Decision]],
    within: float,
) -> Iterator[str]:
    """Plans that do nearly as well."""
    value = one.plan.meta.objective_usd
    yield f"Other plans within {percent(within)} of {money(value)}, each verified"
    if not others:
        yield from ("none with other contracts or conversions", "")
        return
    common_to_all, varies = common
    yield from _wrapped(f"in all of them: {_words(common_to_all) or 'nothing'}")
    rows = [
        [
            money(other.plan.meta.objective_usd),
            money(other.short_usd),
            _words(other.takes - common_to_all) or "nothing more",
        ]
        for other in others
    ]
    mine = _words(varies & taken(one.plan.tables))
    yield from table(
        ["value", "difference", "and besides"], [[money(value), "", f"{mine or 'nothing more'} (the plan)"], *rows],
        right=[0, 1], wrapped=2,
    )  # fmt: skip
    yield ""


def _words(decisions: frozenset[Decision]) -> str:
    return "; ".join(sorted(str(decision) for decision in decisions))


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(printable(text), line_width(), initial_indent="  ", subsequent_indent="  ")
