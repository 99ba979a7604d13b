"""Pictures of a report as files: numbered in the order of the report, equal for equal plans."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.plan.files import written_whole
from allocator.reports.canvas import DOTS_PER_INCH, styled
from allocator.reports.figure import Figure, Section, Timeline
from allocator.reports.pictures import bars_of_time, cells, over_x, steps

if TYPE_CHECKING:
    import matplotlib.figure

_METADATA = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
LONGEST_NAME = 48


def draw(piece: Figure | Timeline) -> matplotlib.figure.Figure:
    """The picture of a piece; call it within `canvas.styled`."""
    if isinstance(piece, Timeline):
        return bars_of_time.draw(piece)
    by_kind = {"waterfall": steps.draw, "heatmap": cells.draw}
    return by_kind.get(piece.kind, over_x.draw)(piece)


def write(sections: Sequence[Section], folder: Path, kind: str) -> list[Path]:
    """Write each picture of a report into a folder, as png or svg, each file whole; returns the files.

    Raises:
        PicturesMissingError: nothing can draw here. OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    with styled(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # a box stands for it
        for name, piece in _named(sections):
            file = folder / f"{name}.{kind}"
            made = draw(piece)
            with written_whole(file) as beside:
                made.savefig(beside, format=kind, dpi=DOTS_PER_INCH, metadata=_METADATA[kind])
            files.append(file)
    return files


def _named(sections: Sequence[Section]) -> Iterator[tuple[str, Figure | Timeline]]:
    """Pieces that are drawn, with names that are safe for files."""
    drawn = [p for section in sections for p in section.pieces if isinstance(p, (Figure, Timeline))]
    for number, piece in enumerate(drawn, start=1):
        yield f"{number:02d}_{re.sub(r'[^a-z0-9]+', '_', piece.key.lower())[:LONGEST_NAME].strip('_')}", piece
