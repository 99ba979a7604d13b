"""Workbooks as an office program sees them: every formula worked out anew."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook

from tests.installed import program

SECONDS = 120
_KNOWN = re.compile(rb"(</f>)<v>[^<]*</v>")


Cells = dict[tuple[str, str], object]
"""Values by sheet and place."""


def recalculated(paths: Sequence[Path], folder: Path) -> dict[str, Cells]:
    """Cells of workbooks with the values that LibreOffice gives their formulas, by file name.

    Values that were written beside formulas are taken away first.
    """
    office, home = program("libreoffice"), folder / "recalculated"
    blank = [folder / "blank" / path.name for path in paths]
    (folder / "blank").mkdir()
    for path, target in zip(paths, blank, strict=True):
        _without_values(path, target)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    wanted = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(home)]
    command = [office, "--headless", profile, *wanted, *map(str, blank)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    assert sorted(path.name for path in home.iterdir()) == sorted(path.name for path in blank), made.stderr
    return {path.stem: values(load_workbook(home / path.name, data_only=True)) for path in blank}


def _without_values(path: Path, target: Path) -> None:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, _KNOWN.sub(rb"\1", old.read(name)))


def values(book: Workbook) -> Cells:
    """Every cell that holds something, by sheet and place."""
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }
