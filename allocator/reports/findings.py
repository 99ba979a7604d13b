"""What a figure says, in one line of words and numbers: the title of its picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import singledispatch

from allocator.reports.figure import Figure, Series, Timeline
from allocator.reports.time_axis import HOURS, MONTHS
from allocator.reports.words import unit_words, written

NEAR_SHARE = 0.02
"""A change that is smaller, as a share of the largest number of a figure, is none."""
MOST_NAMED = 3
FUTURES = "share of futures"
INPUTS = "input"
"""What bars stand for that have no order."""


@singledispatch
def finding(piece: object) -> str:
    """The finding of a figure or a timeline."""
    raise TypeError(f"nothing is found in {piece!r}")


@finding.register
def _(figure: Figure) -> str:
    return "; ".join(_FINDERS[figure.kind](figure)) or figure.title


@finding.register
def _(timeline: Timeline) -> str:
    changing = [row.name for row in timeline.rows if len({span.state for span in row.spans}) > 1]
    if not changing:
        return "No hall changes"
    more = "" if len(changing) <= MOST_NAMED else ", ..."
    verb = "changes" if len(changing) == 1 else "change"
    return f"{len(changing)} of {len(timeline.rows)} halls {verb}: {', '.join(changing[:MOST_NAMED])}{more}"


def _number(value: float, unit: str) -> str:
    """A number with its unit."""
    words = "" if unit.startswith(("USD", "share")) else f" {unit_words(unit)}"
    return f"{written(value, unit)}{' ' + unit if unit.startswith('USD/') else ''}{words}"


def _known(series: Series) -> list[tuple[int, float]]:
    return [(k, value) for k, value in enumerate(series.numbers) if value is not None]


def _stacked(figure: Figure) -> Iterator[str]:
    amounts = [series for series in figure.series if series.role == "amount" and len(_known(series)) > 1]
    if figure.x_name == HOURS:
        totals = [math.fsum(series.numbers[k] or 0.0 for series in amounts) for k in range(len(figure.x))]
        yield f"{figure.title}: {written(min(totals), figure.unit)} to {_number(max(totals), figure.unit)} drawn"
    elif figure.unit == "USD":
        yield from _shares(figure.title, amounts)
    else:
        yield from _changes(figure.title, amounts, figure.unit)


def _changes(title: str, amounts: Sequence[Series], unit: str) -> Iterator[str]:
    """What rises and falls most from the first period to the last."""
    ends = [(series, _known(series)[0][1], _known(series)[-1][1]) for series in amounts]
    most = max((abs(value) for series in amounts for _, value in _known(series)), default=0.0)
    moved = [one for one in ends if abs(one[2] - one[1]) > NEAR_SHARE * most]
    moved = sorted(moved, key=lambda one: -abs(one[2] - one[1]))[:2]
    before = "" if ends and all(series.key for series, _, _ in ends) else f"{title}: "
    if moved:
        said = [f"{one.name} from {written(first, unit)} to {_number(last, unit)}" for one, first, last in moved]
        yield before + _begun("; ".join(said), not before)
    elif ends:
        steady = max(ends, key=lambda one: one[2])
        yield before + _begun(f"{steady[0].name} stays near {_number(steady[2], unit)}", not before)


def _begun(said: str, as_sentence: bool) -> str:
    """Names of a scenario keep their small letters; words of the report begin a sentence."""
    return said[:1].upper() + said[1:] if as_sentence else said


def _shares(title: str, amounts: Sequence[Series]) -> Iterator[str]:
    """How the mix changes: periods differ in length, so that amounts do not compare."""
    first, last = (math.fsum(series.numbers[k] or 0.0 for series in amounts) for k in (0, -1))
    if not first or not last:
        return
    ends = [(s.name, (s.numbers[0] or 0.0) / first, (s.numbers[-1] or 0.0) / last) for s in amounts]
    name, before, after = max(ends, key=lambda one: (one[2] - one[1], one[2]))
    before, after = round(before, 2), round(after, 2)
    if before == after:
        yield f"{title}: {name} is {written(after, 'share')} throughout"
    else:
        yield f"{title}: {name} goes from {written(before, 'share')} to {written(after, 'share')}"


def _steps(figure: Figure) -> Iterator[str]:
    steps = [(name, value or 0.0) for name, value in zip(figure.x, figure.series[0].numbers, strict=True)]
    *parts, (what, total) = steps
    yield f"{_begun(what, True)} {_number(total, figure.unit)}"
    if not parts:
        return
    gain, loss = max(parts, key=lambda one: one[1]), min(parts, key=lambda one: one[1])
    if gain[1] > 0:
        yield f"most from {gain[0]}, {_number(gain[1], figure.unit)}"
    if loss[1] < 0:
        yield f"least from {loss[0]}, {_number(loss[1], figure.unit)}"


def _lines(figure: Figure) -> Iterator[str]:
    """The first line: its lowest and its last number; of a share also the highest, which is what lenders watch."""
    line = next((series for series in figure.series if series.role == "line" and _known(series)), None)
    if line is None:
        return
    known = _known(line)
    if figure.x_name == FUTURES:
        yield from _tails(figure, known)
        return
    low, high = min(known, key=lambda one: one[1]), max(known, key=lambda one: one[1])
    name = _begun(_named(figure.title, line.name), True)
    if low[1] == high[1]:
        yield f"{name}: {_number(low[1], figure.unit)} throughout"
    elif figure.unit == "share":
        yield f"{name}: at most {_number(high[1], figure.unit)} ({figure.x[high[0]]})"
        yield f"{_number(known[-1][1], figure.unit)} at the end"
    else:
        yield f"{name}: least {_number(low[1], figure.unit)} ({figure.x[low[0]]})"
        yield f"{_number(known[-1][1], figure.unit)} at the end"


def _tails(figure: Figure, known: Sequence[tuple[int, float]]) -> Iterator[str]:
    """Values that the worst and the best futures end at; x are shares of futures at or below a value."""
    yield f"{figure.x[known[0][0]]} of futures end at or below {_number(known[0][1], figure.unit)}"
    yield f"{figure.x[known[-1][0]]} at or below {_number(known[-1][1], figure.unit)}"


def _named(title: str, name: str) -> str:
    """A series beside the title of its figure, without saying a word twice."""
    first, _, rest = name.partition(",")
    if title.casefold() in name.casefold():
        return name
    return f"{title},{rest}" if rest and first.casefold() in title.casefold() else f"{title}, {name}"


def _bars(figure: Figure) -> Iterator[str]:
    series = next((one for one in figure.series if one.role == "amount" and _known(one)), None)
    if series is None:
        return
    known, name = _known(series), _begun(series.name, True)
    first, last, most = known[0], known[-1], max(known, key=lambda one: one[1])
    if figure.x_name == INPUTS:
        at, value = max(known, key=lambda one: abs(one[1]))
        yield f"{figure.title}: most by {figure.x[at]}, {series.name} {_number(value, figure.unit)}"
    elif figure.x_name in MONTHS:
        yield f"{name}: at most {_number(most[1], figure.unit)} ({figure.x[most[0]]})"
    elif len(known) == 1:
        yield f"{name} {_number(first[1], figure.unit)} ({figure.x[first[0]]})"
    else:
        ends = [f"{_number(value, figure.unit)} ({figure.x[k]})" for k, value in (first, last)]
        yield f"{name} from {ends[0]} to {ends[1]}"


def _swings(figure: Figure) -> Iterator[str]:
    """What moves it most, and how far."""
    rows = zip(*(series.numbers for series in figure.series if series.role == "amount"), strict=True)
    widest = [max(abs(value or 0.0) for value in row) for row in rows]
    if widest:
        most = widest.index(max(widest))
        yield f"{figure.title}: most from {figure.x[most]}, up to {_number(widest[most], figure.unit)}"


def _cells(figure: Figure) -> Iterator[str]:
    """The sum of what adds up over cells, of anything else its least and its most."""
    known = [value for series in figure.series for _, value in _known(series)]
    if figure.unit == "MW":
        count = len(figure.x)
        yield f"{figure.title}: {_number(math.fsum(known), figure.unit)} in {count} {_many(figure.x_name, count)}"
    elif known and min(known) == max(known):
        yield f"{figure.title}: {_number(known[0], figure.unit)} throughout"
    elif known:
        yield f"{figure.title}: {written(min(known), figure.unit)} to {_number(max(known), figure.unit)}"


def _many(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


_FINDERS: Mapping[str, Callable[[Figure], Iterator[str]]] = {
    "stacked": _stacked,
    "waterfall": _steps,
    "lines": _lines,
    "bars": _bars,
    "swings": _swings,
    "heatmap": _cells,
}
