"""Formulas of the docstrings as MathML that a browser accepts."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from allocator.planning.families import family_doc
from docs.site import mathml
from docs.site.formulation import PAGES

FORMULAS = [entry.formula for module in PAGES for entry in family_doc(module).constraints] + [
    entry[0] for module in PAGES for doc in [family_doc(module)] for entry in (*doc.parameters, *doc.variables)
]


def drawn(formula: str) -> str:
    """Text of the formula as a browser shows it, without blanks."""
    tree = ElementTree.fromstring(f"<all>{mathml.block(formula)}</all>")
    return "".join("".join(tree.itertext()).split())


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_formula_is_well_formed(formula: str) -> None:
    assert drawn(formula)
    ElementTree.fromstring(mathml.inline(formula))


def test_nothing_of_a_formula_is_lost() -> None:
    assert drawn("POWER_mw[s,n] <= 2 P[s]") == "POWER_mws,n\N{LESS-THAN OR EQUAL TO}2Ps"


def test_a_sum_stands_over_its_index() -> None:
    sums = ElementTree.fromstring(mathml.inline("sum_{b in h} x[b]")).findall(".//munder")
    assert ["".join(one.itertext()) for one in sums] == ["\N{N-ARY SUMMATION}b\N{ELEMENT OF}h"]


def test_the_number_of_a_letter_and_its_index_are_one_subscript() -> None:
    below = ElementTree.fromstring(mathml.inline("D0[l]")).find("msub/mrow")
    assert below is not None
    assert "".join(below.itertext()) == "0,l"


def test_a_long_formula_can_wrap_before_every_term_outside_of_brackets() -> None:
    assert mathml.block("x[n] = y[n] + 2 (a - b) - z[n]").count("<math") == 4


def test_words_are_prose_and_symbols_are_not() -> None:
    assert "<mtext>\N{NO-BREAK SPACE}where\N{NO-BREAK SPACE}</mtext>" in mathml.inline("x[n] where h = 1")
    assert "<mtext>" not in mathml.inline("prob[n] / prob[m]")


@pytest.mark.parametrize("formula", ["x[b", "x]", "x % y", "sum_{b in h"])
def test_what_is_not_in_the_notation_is_refused(formula: str) -> None:
    with pytest.raises(mathml.NotationError):
        mathml.block(formula)
