"""The page of a comparison: what each plan does, figures side by side, where the difference comes from, what binds."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence

from allocator.cli.text import bitcoins, line_width, megawatts, money, printable, table
from allocator.pipeline.strike import UNPRICED
from allocator.plan.binding import Binding
from allocator.plan.titles import LIMITS, TITLES, UNITS
from allocator.reports.verdict import verdict
from allocator.studies.compare import Comparison, head
from allocator.studies.compared import Compared
from allocator.studies.comparison import Row, binds, decides, returns_missing

MOST_BESIDE = 3
"""Plans up to which a difference stands beside each value; beyond, in a table of its own."""
MOST_DECISIONS = 14
DEBTS = "debt and cash"
AS_IS = "as_is"
NOTHING_BINDS = "nothing that one more unit would improve"


def _cents(usd: float) -> str:
    return f"{'-' if usd < 0 else ''}${abs(usd):,.2f}"


def _share(value: float) -> str:
    """A percentage to one decimal, so that a row lines up; a gap below what it shows still shows that it is there."""
    size = abs(100 * value)
    if size < 1e-5:
        return "0 %"
    return f"{100 * value:.1f} %" if size >= 0.1 else f"{100 * value:.1g} %"


SHOWN: Mapping[str, Callable[[float], str]] = {
    "USD": money,
    "USD/MW": money,
    "USD/BTC": money,
    "USD/MWh": _cents,
    "USD/PH/day": _cents,
    "share": _share,
    "share/year": _share,
    "MW": megawatts,
    "BTC": bitcoins,
    "EH/s": lambda v: f"{v:,.2f}",
    "months": lambda v: f"{v:,.0f}",
}
IN_TITLE = {
    "MW": "MW",
    "BTC": "BTC",
    "EH/s": "EH/s",
    "USD/PH/day": "per PH/s and day",
    "USD/MWh": "per MWh",
    "months": "months",
}
POINTS = ("share", "share/year")
"""Units whose differences are percentage points."""


def page(found: Comparison) -> Iterator[str]:
    """Lines of the page."""
    yield from _verdict(found)
    yield from (printable(f"{missing.label} has no plan: {missing.reason}") for missing in found.missing)
    yield from ("", "What each plan decides, besides hours, Bitcoin and loans")
    for one in found.plans:
        yield from _decided(one)
    yield from _figures(found)
    yield from ("", f"From {printable(found.labels[0])} to each other plan: net present value, by what changed")
    yield from _bridges(found)
    yield from ("", "What binds: value of one more unit, decisions unchanged")
    for one in found.plans:
        nothing = UNPRICED if UNPRICED in one.plan.meta.remarks else NOTHING_BINDS
        yield from _binding(one.label, binds(one), nothing)
    yield from _notes(found)


def _verdict(found: Comparison) -> Iterator[str]:
    first, *others = verdict(head(found), money)
    yield printable(first)
    for text in others:
        yield from _wrapped(text)


def _decided(one: Compared) -> Iterator[str]:
    done = decides(one)
    shown = [
        *done[:MOST_DECISIONS],
        *([f"and {len(done) - MOST_DECISIONS} more"] if len(done) > MOST_DECISIONS else []),
    ]
    text = printable(f"{one.label}: {'; '.join(shown) or 'nothing'}")
    yield from textwrap.wrap(text, line_width(), initial_indent="- ", subsequent_indent="  ")


def _figures(found: Comparison) -> Iterator[str]:
    beside = len(found.plans) <= MOST_BESIDE
    for section in dict.fromkeys(row.section for row in found.rows):
        rows = [row for row in found.rows if row.section == section and _shows(row)]
        if rows:
            yield ""
            yield from _section(section, found.labels, rows, beside)
    if not beside:
        yield from ("", f"Difference from {printable(found.labels[0])}")
        rows = [row for row in found.rows if any(_is_more(_difference(row, d)) for d in row.differences)]
        cells = [[_title(row), *(_difference(row, d) for d in row.differences[1:])] for row in rows]
        yield from table(["", *found.labels[1:]], cells, right=range(1, len(found.labels)))


def _section(section: str, labels: Sequence[str], rows: Sequence[Row], beside: bool) -> Iterator[str]:
    title = section[0].upper() + section[1:]
    if not beside:
        cells = [[_title(row), *(_value(row, value) for value in row.values)] for row in rows]
        yield from table([title, *labels], cells, right=range(1, len(labels) + 1))
        return
    columns = [title, labels[0], *(text for label in labels[1:] for text in (label, "difference"))]
    cells = [
        [
            _title(row),
            _value(row, row.values[0]),
            *(
                text
                for value, difference in zip(row.values[1:], row.differences[1:], strict=True)
                for text in (_value(row, value), _difference(row, difference))
            ),
        ]
        for row in rows
    ]
    yield from table(columns, cells, right=range(1, len(columns)))


def _shows(row: Row) -> bool:
    """Whether a row says more than nothing, at the digits it is written with; nothing is news where debts are told."""
    told = [_value(row, value) for value in row.values if value is not None]
    return bool(told) if row.section == DEBTS else any(_is_more(shown) for shown in told)


def _is_more(shown: str) -> bool:
    return any(digit in shown for digit in "123456789")


def _title(row: Row) -> str:
    of = TITLES.get(row.of, row.of)
    name = TITLES.get(row.name, row.name)
    unit = f", {IN_TITLE[row.unit]}" if row.unit in IN_TITLE else ""
    return f"{name}{f' {of}' if of else ''}{unit}"


def _value(row: Row, value: float | None) -> str:
    return "-" if value is None else SHOWN[row.unit](value)


def _difference(row: Row, difference: float | None) -> str:
    if difference is None:
        return "-"
    if row.unit in POINTS:
        return f"{100 * difference:+.1f} pt" if abs(difference) >= 5e-5 else "0"
    shown = SHOWN[row.unit](difference)
    if not shown.strip("-$0.,"):
        return shown.removeprefix("-")
    return f"+{shown}" if difference > 0 else shown


def _bridges(found: Comparison) -> Iterator[str]:
    others = found.labels[1:]
    names = list(dict.fromkeys(term.name for terms in found.bridges for term in terms))
    amounts = [{term.name: term.usd for term in terms} for terms in found.bridges]
    start = found.plans[0].plan.meta.objective_usd
    cells = [[f"value of {found.labels[0]}", *(money(start) for _ in others)]]
    cells += [[name, *(money(known[name]) if name in known else "" for known in amounts)] for name in names]
    cells.append(["value of the other plan", *(money(one.plan.meta.objective_usd) for one in found.plans[1:])])
    yield from table(["", *others], cells, right=range(1, len(others) + 1))


def _binding(label: str, limits: Sequence[Binding], nothing: str) -> Iterator[str]:
    told = [f"{limit.subject} {LIMITS.get(limit.quantity, limit.quantity)} {_worth(limit)}" for limit in limits]
    text = printable(f"{label}: {'; '.join(told) or nothing}")
    yield from textwrap.wrap(text, line_width(), initial_indent="- ", subsequent_indent="  ")


def _worth(limit: Binding) -> str:
    worth = f"${limit.value_usd_per_unit:,.2f}" if limit.unit == "USD/USD" else money(limit.value_usd_per_unit)
    return f"{worth} {UNITS.get(limit.unit, limit.unit)}"


def _notes(found: Comparison) -> Iterator[str]:
    yield from ("", "Notes")
    yield from _wrapped("amounts by year are expected and undiscounted; net present values are discounted")
    yield from _wrapped(
        "what several changes do together is shared between their terms by Shapley's rule, which knows no order"
    )
    if AS_IS in found.labels[1:]:
        yield from _wrapped(f"with --first {AS_IS}, returns are those of what each plan lays out beyond doing nothing")
    said: dict[str, list[str]] = {}
    for one in found.plans:
        for text in _of_plan(one):
            said.setdefault(text, []).append(one.label)
    for text, labels in said.items():
        whose = "all" if len(labels) == len(found.plans) else ", ".join(labels)
        yield from _wrapped(f"{whose}: {text}")


def _of_plan(one: Compared) -> Iterator[str]:
    yield from returns_missing(one)
    yield from (text for text in one.plan.meta.remarks if "baseline" in text or "was changed for this plan" in text)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(printable(text), line_width(), initial_indent="- ", subsequent_indent="  ")
