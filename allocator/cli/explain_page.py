"""Pages of `allocator explain`."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.cli.text import indented, money, percent, printable, table
from allocator.pipeline.baselines import WORDS
from allocator.pipeline.forced import Decision, taken
from allocator.plan.binding import Binding
from allocator.plan.meta import PlanMeta
from allocator.plan.titles import LIMITS, UNITS
from allocator.studies.compared import Compared
from allocator.studies.explain.alternatives import Alternatives
from allocator.studies.explain.why import Counterfactual

LEAST_APART_USD = 0.5
"""Below this a plan's rank is its expected value."""


def has_rank(meta: PlanMeta) -> bool:
    """Whether plans are ranked by another figure than their expected value."""
    return abs(meta.maximised_usd - meta.objective_usd) >= LEAST_APART_USD


def rule_page(rule: str) -> Iterator[str]:
    """What the plan keeps to, and so does everything that is said of it."""
    if rule:
        yield from indented(f"the plan keeps to baseline {rule} ({WORDS[rule]}); it is set beside plans that do too")
        yield ""


def why_page(found: Counterfactual) -> Iterator[str]:
    """What the opposite of a decision would change."""
    asked = f"Why not {found.decision}?" if found.is_forced else f"Why {found.decision}?"
    yield printable(asked)
    if found.reason:
        yield from indented(f"the plan says: {found.reason}")
    done = "with it" if found.is_forced else "without it"
    if found.lost_usd is None or found.value_usd is None:
        yield from indented(f"there is no plan {done}:")
        for line in found.conflict:
            yield from indented(line)
        yield ""
        return
    yield from indented(f"the best plan {done} is worth {money(found.value_usd)}, {_lost(found)}")
    told = (("what goes", found.gone), ("what comes instead", found.new), ("what changes", found.changed))
    for word, texts in told:
        if texts:
            yield from indented(f"{word}: {'; '.join(texts)}")
    terms = [[term.name, money(term.usd)] for term in found.terms]
    in_all = ["in all", money(-found.lost_usd)]
    yield from table(["where the value changes", ""], [*terms, in_all], right=[1])
    if found.binds:
        yield from indented(f"what binds then: {'; '.join(_bound(one) for one in found.binds)}")
    yield ""


def _lost(found: Counterfactual) -> str:
    """What the other plan is worth less, and how plans are ranked where that is another figure."""
    lost, ranked = found.lost_usd or 0.0, found.ranked_lost_usd or 0.0
    change = f"{money(abs(lost))} {'less' if lost >= 0 else 'more'}"
    if abs(ranked - lost) < LEAST_APART_USD:
        return change if lost >= 0 else f"{change}, within the gap"
    side = "less" if ranked >= 0 else "more, within the gap"
    return f"{change}; as plans are ranked, worst paths and broken limits counted, {money(abs(ranked))} {side}"


def _bound(one: Binding) -> str:
    worth = f"${one.value_usd_per_unit:,.2f}" if one.unit == "USD/USD" else money(one.value_usd_per_unit)
    return f"{one.subject} {LIMITS.get(one.quantity, one.quantity)} {worth} {UNITS.get(one.unit, one.unit)}"


def alternatives_page(
    one: Compared,
    found: Alternatives,
    common: tuple[frozenset[Decision], frozenset[Decision]],
    within: float,
) -> Iterator[str]:
    """Plans that do nearly as well."""
    meta = one.plan.meta
    value, is_other = meta.objective_usd, has_rank(meta)
    ranked = ", as plans are ranked" if is_other else ""
    yield f"Other plans within {percent(within)} of {money(meta.maximised_usd)}{ranked}, each verified"
    others = found.near
    if not others:
        yield "none with other contracts or conversions"
        yield from _missed(one, found)
        yield ""
        return
    common_to_all, varies = common
    yield from indented(f"in all of them: {_words(common_to_all) or 'nothing'}")
    rows = [
        [
            money(other.plan.meta.objective_usd),
            money(other.short_usd),
            *([money(other.short_ranked_usd)] if is_other else []),
            _words(other.takes - common_to_all) or "nothing more",
        ]
        for other in others
    ]
    mine = _words(varies & taken(one.plan.tables))
    heads = ["value", "difference", *(["as ranked"] if is_other else [])]
    plan = [money(value), *[""] * (len(heads) - 1), f"{mine or 'nothing more'} (the plan)"]
    yield from table(
        [*heads, "and besides"], [plan, *rows], right=list(range(len(heads))), wrapped=len(heads)
    )  # fmt: skip
    yield from _missed(one, found)
    yield ""


def _missed(one: Compared, found: Alternatives) -> Iterator[str]:
    """The best plan beyond what was asked for, and how it differs."""
    missed = found.missed
    if missed is None:
        return
    best, own = one.plan.meta.maximised_usd, taken(one.plan.tables)
    share = f"{percent(-missed.short_ranked_usd / abs(best))} less, " if best else ""
    turned = ((word, _words(names)) for word, names in (("without", own - missed.takes), ("with", missed.takes - own)))
    differs = "; ".join(f"{word} {names}" for word, names in turned if names)
    yield from indented(
        f"the nearest beyond is worth {money(missed.plan.meta.maximised_usd)}: {share}"
        f"{money(-missed.short_ranked_usd)} ({differs})"
    )


def _words(decisions: frozenset[Decision]) -> str:
    return "; ".join(sorted(str(decision) for decision in decisions))
