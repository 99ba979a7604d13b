"""Pictures of a report as files: numbered in the order of the report, equal for equal plans."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from allocator.reports.canvas import DOTS_PER_INCH, styled
from allocator.reports.figure import Figure, Section, Timeline
from allocator.reports.pictures import bars_of_time, cells, over_x, steps, swings

if TYPE_CHECKING:
    import matplotlib.figure

_METADATA = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
LONGEST_NAME = 48


def draw(piece: Figure | Timeline) -> matplotlib.figure.Figure:
    """The picture of a piece; call it within `canvas.styled`."""
    if isinstance(piece, Timeline):
        return bars_of_time.draw(piece)
    by_kind = {"waterfall": steps.draw, "heatmap": cells.draw, "swings": swings.draw}
    return by_kind.get(piece.kind, over_x.draw)(piece)


def pictures(sections: Sequence[Section], kind: str) -> Iterator[tuple[str, bytes]]:
    """Each picture of a report as png or svg: the name of its file and what stands in it.

    Raises:
        PicturesMissingError: nothing can draw here.
    """
    for name, piece in _named(sections):
        with styled(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # a box stands for it
            held = BytesIO()
            draw(piece).savefig(held, format=kind, dpi=DOTS_PER_INCH, metadata=_METADATA[kind])
        yield f"{name}.{kind}", held.getvalue()


def _named(sections: Sequence[Section]) -> Iterator[tuple[str, Figure | Timeline]]:
    """Pieces that are drawn, with names that are safe for files."""
    drawn = [p for section in sections for p in section.pieces if isinstance(p, (Figure, Timeline))]
    for number, piece in enumerate(drawn, start=1):
        yield f"{number:02d}_{re.sub(r'[^a-z0-9]+', '_', piece.key.lower())[:LONGEST_NAME].strip('_')}", piece
