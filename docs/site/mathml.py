"""Formulas of the family docstrings as MathML, which browsers draw without a script or a font from elsewhere.

The notation: `name[i,n]` has subscripts, `sum_b`, `sum_{b in h}` are sums, `a(n)` is a function, `x y` a product, and
words that are no symbols are prose. A formula is cut into one `math` element a term, so that long ones wrap.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape

_TOKEN = re.compile(
    r"\s*(?:(?P<sum>sum_(?=[{A-Za-z]))|(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*'?)"
    r"|(?P<operator><=|>=|->|\.\.|[-+*/=<>,;:^(){}\[\]]))"
)
_SIGNS = {"<=": "\u2264", ">=": "\u2265", "->": "\u2192", "..": "\u2026", "-": "\u2212", "*": "\u00b7"}
_GREEK = {"lambda": "\u03bb", "alpha": "\u03b1", "nu": "\u03bd", "inf": "\u221e"}
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_BREAKS = ("<=", ">=", "=", "+", "-", ";")
_PROSE = frozenset({"of", "on", "is", "to", "the", "where", "not", "and", "for", "at", "its", "within", "or"})


class NotationError(ValueError):
    """A formula that is not in the notation."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def inline(text: str, symbols: Collection[str] = ()) -> str:
    """A symbol or a short formula inside a sentence or a cell."""
    return _math("".join(_Parser(text, symbols).parts()), text)


def block(text: str, symbols: Collection[str] = ()) -> str:
    """A formula on lines of its own; wraps before relations, plus and minus outside of brackets."""
    terms = "\n".join(_math(term, "", ' displaystyle="true"') for term in _Parser(text, symbols).terms())
    return f'<div class="formula" role="math" aria-label="{escape(text)}">\n{terms}\n</div>'


def _math(inner: str, text: str, style: str = "") -> str:
    label = f' alttext="{escape(text)}"'.replace("_", "&#95;") if text else ""
    return f"<math{label}{style}>{inner}</math>"


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotationError(f"{text!r}: {text[at:]!r} is not in the notation")
        found.append(_Token(str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


class _Parser:
    """Reads tokens from left to right; brackets and subscripts recurse."""

    def __init__(self, text: str, symbols: Collection[str]) -> None:
        self.text, self.symbols = text, symbols
        self.tokens, self.at, self.was_prose = _tokens(text), 0, False

    def terms(self) -> Iterator[str]:
        """Terms of the formula, each with the sign or relation before it."""
        term: list[str] = []
        while (token := self._peek()) is not None:
            if term and token.text in _BREAKS and not term[-1].startswith("<mo"):
                yield "".join(term)
                term = []
            term.append(self._item())
        yield "".join(term)

    def parts(self) -> Iterator[str]:
        while self._peek() is not None:
            yield self._item()

    def _peek(self, ahead: int = 0) -> _Token | None:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def _take(self) -> _Token:
        token = self._peek()
        if token is None:
            raise NotationError(f"{self.text!r} ends too early")
        self.at += 1
        return token

    def _item(self) -> str:
        """One atom with what hangs on it, or an operator."""
        token = self._take()
        if token.kind == "operator":
            return self._grouped(token.text) if token.text in _CLOSES else self._operator(token.text)
        if token.kind == "sum":
            return self._sum()
        if token.kind == "number":
            return _number(token.text)
        return self._name(token.text)

    def _operator(self, sign: str) -> str:
        self.was_prose = False
        if sign in _CLOSES.values():
            raise NotationError(f"{self.text!r}: {sign!r} closes nothing")
        return f"<mo>{escape(_SIGNS.get(sign, sign))}</mo>"

    def _grouped(self, opening: str) -> str:
        inner = self._until(_CLOSES[opening])
        return f'<mrow><mo stretchy="false">{opening}</mo>{inner}<mo stretchy="false">{_CLOSES[opening]}</mo></mrow>'

    def _until(self, closing: str) -> str:
        parts = []
        while (token := self._peek()) is None or token.text != closing:
            parts.append(self._item())
        self._take()
        self.was_prose = False
        return "".join(parts)

    def _sum(self) -> str:
        token = self._take()
        below = self._until("}") if token.text == "{" else f"<mi>{token.text}</mi>"
        return f'<munder><mo movablelimits="false">\u2211</mo><mrow>{below}</mrow></munder>'

    def _name(self, name: str) -> str:
        following = self._peek()
        if name == "in" and not self.was_prose:
            return "<mo>\u2208</mo>"
        if self._is_prose(name, following):
            self.was_prose = True
            return f"<mtext>\u00a0{name}\u00a0</mtext>"
        self.was_prose = False
        return self._hung(name)

    def _is_prose(self, name: str, following: _Token | None) -> bool:
        if name in _PROSE or (name == "in" and self.was_prose):
            return True
        if len(name) <= 2 or "_" in name or name in _GREEK or name in self.symbols or name == "leaf":
            return False
        return following is None or following.text not in ("[", "(")

    def _hung(self, name: str) -> str:
        """The symbol with its power, subscripts and arguments."""
        letter, below = _symbol(name)
        power = self._item() if self._next_is("^") else ""
        if self._next_is("["):
            below += ("<mo>,</mo>" if below else "") + self._until("]")
        if below and power:
            return f"<msubsup>{letter}<mrow>{below}</mrow>{power}</msubsup>"
        if power:
            return f"<msup>{letter}{power}</msup>"
        return f"<msub>{letter}<mrow>{below}</mrow></msub>" if below else letter

    def _next_is(self, sign: str) -> bool:
        token = self._peek()
        if token is None or token.text != sign:
            return False
        self.at += 1
        return True


def _number(text: str) -> str:
    mantissa, _, power = text.partition("e")
    if not power:
        return f"<mn>{text}</mn>"
    ten = f"<msup><mn>10</mn><mn>{power.replace('-', _SIGNS['-'])}</mn></msup>"
    return ten if mantissa == "1" else f"<mn>{mantissa}</mn><mo>\u00b7</mo>{ten}"


def _symbol(name: str) -> tuple[str, str]:
    """The letter, and what the name itself puts below it: D0 is D with 0. Names with a unit stand upright."""
    if name in _GREEK:
        return f"<mi>{_GREEK[name]}</mi>", ""
    short = re.fullmatch(r"([A-Za-z])(\d|[A-Z])", name)
    if short:
        return f"<mi>{short[1]}</mi>", f"<mi>{short[2]}</mi>"
    if name.rstrip("'") != name or len(name) == 1:
        return f"<mi>{name}</mi>".replace("'", "\u2032"), ""
    return f'<mi mathvariant="normal">{name}</mi>'.replace("_", "&#95;"), ""
