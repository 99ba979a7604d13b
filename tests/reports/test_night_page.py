"""The page of a night, from files as a night writes them."""

from __future__ import annotations

import json
from pathlib import Path

from allocator.pipeline.errors import ExitCode
from tests.cli.conftest import Command
from tests.cli.conftest import command as command

HOSTILE = "<script>alert(1)</script>"


def row(hour: int, load_mw: float, off: float | None) -> dict[str, object]:
    """One tier in one hour."""
    return {
        "utc": f"2027-06-01T{hour:02}:00:00+00:00", "hours": 1.0, "site": "west", "hall": HOSTILE, "fit_out": "barn",
        "tier": "old step 0", "load_mw": load_mw, "price_usd_per_mwh": 40.0 + hour, "model": "old", "step": 0,
        "strike_usd_per_mwh": 80.0, "strike_off_usd_per_mwh": off, "strike_on_usd_per_mwh": None,
    }  # fmt: skip


def test_a_page_says_what_runs_what_changed_and_what_is_wrong(tmp_path: Path, command: Command) -> None:
    head = {"run": "a" * 64, "plan": "b" * 64, "scenario": "small", "as_of": "2027-06-01T00:00:00+00:00"}
    schedule = {**head, "rung": "solved", "until": "2027-06-01T03:00:00+00:00", "remarks": ["a remark"]}
    schedule["rows"] = [row(0, 3.0, 95.5), row(1, 3.0, None), row(2, 0.0, 91.25)]
    alerts = [{"severity": s, "kind": "margin_call", "message": f"{s} words"} for s in ("info", "critical")]
    (tmp_path / "schedule.json").write_text(json.dumps(schedule))
    (tmp_path / "alerts.json").write_text(json.dumps(alerts))
    (tmp_path / "changes.md").write_text("# Changes\n\n- now: sign lab\\_one\n")
    ran = command("report", tmp_path, "--format", "html", "--out", tmp_path / "night.html")
    assert ran.code == ExitCode.WITHIN_GAP, ran.err
    page = (tmp_path / "night.html").read_text(encoding="utf-8")
    for words in (
        "critical words",
        "margin call",
        "now: sign lab_one",
        "a remark",
        "95.50",
        "80.00",
        "2027-06-01 03:00",
    ):
        assert words in page
    assert HOSTILE not in page
