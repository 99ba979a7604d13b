"""The page of a night, from files as a night writes them."""

from __future__ import annotations

import json
from pathlib import Path

from allocator.pipeline.errors import ExitCode
from allocator.plan.reader import read_meta
from allocator.reports.words import written
from tests.cli.conftest import Command
from tests.cli.conftest import command as command
from tests.cli.conftest import solved as solved

HOSTILE = "<script>alert(1)</script>"


def row(hour: int, load_mw: float, off: float | None) -> dict[str, object]:
    """One tier in one hour."""
    return {
        "utc": f"2027-06-01T{hour:02}:00:00+00:00", "hours": 1.0, "site": "west", "hall": HOSTILE, "fit_out": "barn",
        "tier": "old step 0", "load_mw": load_mw, "price_usd_per_mwh": 40.0 + hour, "model": "old", "step": 0,
        "site_grid_mw": 5.0, "site_day_ahead_mw": 4.0,
        "strike_usd_per_mwh": 80.0, "strike_off_usd_per_mwh": off, "strike_on_usd_per_mwh": None,
    }  # fmt: skip


def week(site: str) -> dict[str, object]:
    """What a night says of a site's days."""
    stored = {"utc": "2027-06-01T00:00:00+00:00", "charge_mw": 2.0, "discharge_mw": 0.0, "stored_mwh": 1.75}
    return {
        "site": site, "method": "merit order", "value_usd": 4_000.0, "bound_usd": 4_100.0, "day_ahead_mwh": 5.0,
        "storage": [stored],
    }  # fmt: skip


def test_a_page_says_what_runs_what_changed_and_what_is_wrong(tmp_path: Path, solved: Path, command: Command) -> None:
    head = {"run": "a" * 64, "plan": "b" * 64, "scenario": "small", "as_of": "2027-06-01T00:00:00+00:00"}
    schedule = {**head, "rung": "solved", "until": "2027-06-01T03:00:00+00:00", "remarks": ["a remark"]}
    schedule["rows"] = [row(0, 3.0, 95.5), row(1, 3.0, None), row(2, 0.0, 91.25)]
    schedule["sites"] = [week("west")]
    schedule["loans"] = [{"node": "2027-06", "loan": HOSTILE, "drawn_usd": 0.0, "repaid_usd": 250_000.0}]
    alerts = [{"severity": s, "kind": "margin_call", "message": f"{s} words"} for s in ("info", "critical")]
    (tmp_path / "plan").symlink_to(solved / "plan")
    (tmp_path / "schedule.json").write_text(json.dumps(schedule))
    (tmp_path / "alerts.json").write_text(json.dumps(alerts))
    (tmp_path / "changes.md").write_text(
        "# Changes\n\n## Decisions\n\n- now: sign lab\\_one\n\n## Inputs\n\n"
        "| changed | where | before | now |\n|---|---|---|---|\n| price | a\\|b | 1 | 2 |\n"
    )
    ran = command("report", tmp_path, "--format", "html", "--out", tmp_path / "night.html")
    assert ran.code == ExitCode.WITHIN_GAP, ran.err
    page = (tmp_path / "night.html").read_text(encoding="utf-8")
    meta = read_meta(solved / "plan")
    for words in (
        "critical words",
        "margin call",
        "now: sign lab_one",
        "changed price; where a|b; before 1; now 2",
        "a remark",
        "95.50",
        "80.00",
        "03:00 UTC",
        "No plan can be worth more than",
        written(meta.objective_usd, "USD"),
        f"(gap {written(100.0 / 4_100.0, 'share')})",
        written(250_000.0, "USD"),
        "Bought a day ahead".lower(),
        meta.input_hash,
    ):
        assert words in page
    assert HOSTILE not in page


def test_a_week_that_was_decided_again_has_a_page_too(tmp_path: Path, command: Command) -> None:
    found = {"scenario": "small", "as_of": "2027-06-01T00:00:00+00:00", "until": "2027-06-01T01:00:00+00:00"}
    found |= {"remarks": [], "rows": [row(0, 3.0, 95.5)], "sites": []}
    (tmp_path / "schedule.json").write_text(json.dumps(found))
    assert command("report", tmp_path, "--format", "html", "--out", tmp_path / "week.html").code == 0
    assert "its bound is not known here" in (tmp_path / "week.html").read_text(encoding="utf-8")
    (tmp_path / "schedule.json").write_text("{}")
    ran = command("report", tmp_path, "--format", "html", "--out", tmp_path / "week.html")
    assert (ran.code, "no 'scenario' in it" in ran.err) == (ExitCode.BAD_INPUT, True)
