"""What a comparison comes to, in sentences: which plan is worth most, why, at which risk, and which plans are alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Words = Callable[[float], str]
"""Writes USD."""
Head = Mapping[str, Any]
"""What comparison.json says."""

LEAST_USD = 0.5
"""Values that are nearer to each other are one."""
MOST_TERMS = 4
WORST, BEYOND, UNMET, SHORT = (
    "mean of the worst",
    "of it beyond the horizon",
    "probability of a call that free Bitcoin does not meet",
    "probability that cash misses its minimum",
)
"""How names of figures begin."""


def verdict(head: Head, words: Words) -> Iterator[str]:
    """Sentences, the best plan first; a comparison of older versions, without figures in its head, has only that."""
    plans = sorted(head["plans"], key=lambda one: -float(one["objective_usd"]))
    best = plans[0]
    yield _first(head, best, words)
    yield from _next(head, plans, words)
    yield from _beyond(head, best, words)
    yield from _ranked(plans, words)
    yield from _worst(head, best, words)
    yield from _events(head)
    yield from _alike(head)


def _first(head: Head, best: Head, words: Words) -> str:
    first = head["plans"][0]
    ahead = float(best["objective_usd"]) - float(first["objective_usd"])
    said = f"is worth most, {words(ahead)} more than {first['label']}" if best is not first else "is worth most"
    return f"{best['label']} {said}: net present value {words(float(best['objective_usd']))}"


def _next(head: Head, plans: Sequence[Head], words: Words) -> Iterator[str]:
    """The distance to the next best, and where that to the next best or to the first plan comes from."""
    best, second = plans[0], plans[1]
    short = float(best["objective_usd"]) - float(second["objective_usd"])
    same = [one for one in plans[1:] if float(second["objective_usd"]) - float(one["objective_usd"]) < LEAST_USD]
    names = _listed([str(one["label"]) for one in same])
    if short < LEAST_USD:
        yield f"worth as much: {names}"
        return
    yield f"next best: {names}, {words(short)} less"
    first = head["plans"][0]
    other = second if best is first else first
    terms = _terms(head, str(best["label"]), str(other["label"]))
    if terms:
        yield f"why {best['label']} beats {other['label']}: {_told(terms, words)}"


def _terms(head: Head, best: str, other: str) -> list[tuple[str, float]]:
    """From the other plan to the best, the largest first: one of them is the first plan, which all bridges leave."""
    for bridge in head.get("bridges", ()):
        if {bridge["first"], bridge["second"]} == {best, other}:
            sign = 1.0 if bridge["second"] == best else -1.0
            found = [(str(term["name"]), sign * float(term["usd"])) for term in bridge["terms"]]
            return sorted((term for term in found if abs(term[1]) >= LEAST_USD), key=lambda term: -abs(term[1]))
    return []


def _told(terms: Sequence[tuple[str, float]], words: Words) -> str:
    """Gains, then losses, and what the terms that are not named come to together."""
    most = len(terms) if len(terms) <= MOST_TERMS + 1 else MOST_TERMS
    told = sorted(terms[:most], key=lambda term: -term[1])
    rest = math.fsum(usd for _, usd in terms[most:])
    told += [("all else", rest)] if abs(rest) >= LEAST_USD else []
    return "; ".join(f"{name} {'+' if usd > 0 else ''}{words(usd)}" for name, usd in told)


def _beyond(head: Head, best: Head, words: Words) -> Iterator[str]:
    """How much of the value rests on what comes after the horizon."""
    usd = _figure(head, BEYOND)[1].get(str(best["label"]), 0.0)
    if abs(usd) >= LEAST_USD:
        within = words(float(best["objective_usd"]) - usd)
        yield f"{best['label']} comes to {within} within the horizon and to {words(usd)} beyond it"


def _ranked(plans: Sequence[Head], words: Words) -> Iterator[str]:
    """Where the scenario ranks plans by more than expected value: whether the best one is still the best."""
    known = [one for one in plans if one.get("ranked_usd") is not None]
    if len(known) < len(plans) or not any(_is_apart(one) for one in known):
        return
    best = max(known, key=lambda one: float(one["ranked_usd"]))
    as_ranked = "as the scenario ranks plans, worst paths and broken limits counted"
    value = words(float(best["ranked_usd"]))
    if best is plans[0]:
        yield f"{as_ranked}, it comes first too, at {value}"
    else:
        yield f"but {as_ranked}, {best['label']} comes first, at {value} against {words(float(plans[0]['ranked_usd']))}"


def _is_apart(one: Head) -> bool:
    return abs(float(one["ranked_usd"]) - float(one["objective_usd"])) >= LEAST_USD


def _worst(head: Head, best: Head, words: Words) -> Iterator[str]:
    """How the best plan fares on the worst paths, and which fares better there."""
    name, known = _figure(head, WORST)
    if str(best["label"]) not in known:
        return
    own, safest = known[str(best["label"])], max(known, key=lambda label: known[label])
    said = f"{name}: {words(own)}"
    if known[safest] - own < LEAST_USD:
        yield f"{said}, and no other plan fares better there"
    else:
        yield f"{said}; {safest} fares best there, at {words(known[safest])}"


def _events(head: Head) -> Iterator[str]:
    """Calls that cannot be met and cash that runs short, where any plan has them; that no plan has them, otherwise."""
    for row in head.get("figures", ()):
        if str(row["name"]) in (UNMET, SHORT):
            known = _by_label(head, row)
            hit = [f"{label} {100 * value:.1f} %" for label, value in known.items() if value > 0.0]
            yield f"{row['name']}: {', '.join(hit) or 'none in any plan'}"


def _figure(head: Head, begins: str) -> tuple[str, dict[str, float]]:
    """Name of the first figure whose name begins so, and its values by plan; nothing where there is none."""
    found = (row for row in head.get("figures", ()) if str(row["name"]).startswith(begins))
    row = next(found, None)
    return ("", {}) if row is None else (str(row["name"]), _by_label(head, row))


def _by_label(head: Head, row: Head) -> dict[str, float]:
    labels = [str(one["label"]) for one in head["plans"]]
    return {label: float(value) for label, value in zip(labels, row["values"], strict=True) if value is not None}


def _alike(head: Head) -> Iterator[str]:
    """Plans that decide the same and are worth the same to the cent."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for one in head["plans"]:
        key = (tuple(one["decides"]), round(float(one["objective_usd"]), 2))
        groups.setdefault(key, []).append(str(one["label"]))
    for labels in groups.values():
        if len(labels) > 1:
            yield f"the same plan: {_listed(labels)}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
