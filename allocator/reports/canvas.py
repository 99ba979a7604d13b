"""Blank figures in one style, and files of them: equal pictures are equal files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEEDS = 'pictures need the extra `reports`: pip install "dc-workload-allocator[reports]"'
INK, FAINT, GRID = "#1f2933", "#66727f", "#d5dbe1"
LOW, HIGH, SECOND = "#c8702b", "#22618f", "#9fb8cc"
"""Colours that people who see red and green alike tell apart."""
DOTS_PER_INCH = 160
STYLE: dict[Any, object] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRID,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.parse_math": False,  # names of a scenario are text, whatever stands in them
    "svg.hashsalt": "allocator",
    "svg.fonttype": "path",
}


class PicturesMissingError(RuntimeError):
    """The library that draws is not installed."""


@contextmanager
def styled() -> Iterator[None]:
    """Everything drawn and saved within is in one style; PicturesMissingError where nothing can be drawn."""
    try:
        from matplotlib import rc_context
    except ModuleNotFoundError as error:
        raise PicturesMissingError(NEEDS) from error
    with rc_context(STYLE):
        yield


def blank(width_in: float, height_in: float, title: str, subtitle: str) -> tuple[Figure, Axes]:
    """A figure with its words above, and axes without a frame."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0.01, 0.01, 0.98, 1.0 - 0.62 / height_in))
    figure.text(0.12 / width_in, 1.0 - 0.28 / height_in, title, fontsize=13, fontweight="bold", ha="left")
    figure.text(0.12 / width_in, 1.0 - 0.52 / height_in, subtitle, fontsize=9, color=FAINT, ha="left")
    axes = figure.add_subplot()
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure, axes


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write NAME.svg and NAME.png into a folder, which is made; OSError where they cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.svg", folder / f"{name}.png"]
    figure.savefig(files[0], metadata={"Date": None, "Creator": None})
    figure.savefig(files[1], dpi=DOTS_PER_INCH, metadata={"Software": None})
    return files
