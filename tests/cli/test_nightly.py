"""The commands around a store: what they print, and the exit status that a job goes by."""

from __future__ import annotations

import json
import os
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from allocator.cli.main import cli
from allocator.nightly import health
from allocator.nightly.store.store import opened, place_of
from tests.cli.conftest import Command
from tests.cli.shell import ROOT
from tests.cli.test_docs import blocks

HOW_TO = ROOT / "docs" / "how_to" / "nightly.md"


def test_a_night_its_repetition_an_approval_and_a_look_at_the_store(
    solved: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, metrics = tmp_path / "store", tmp_path / "nightly.prom"
    night = ("nightly", solved / "scenario", "--store", store, "--json")

    first = command(*night, "--as-of", "2027-06-01T02:00Z", "--metrics", metrics)
    assert first.code == first.json["exit_code"] == 0
    assert first.json["state"] == "published"
    log = [json.loads(line) for line in first.err.splitlines()]
    assert [line["event"] for line in log if line["event"] != "phase"] == [
        "run_started", "plan_verified", "run_finished",
    ]  # fmt: skip
    values = dict(line.rsplit(" ", 1) for line in metrics.read_text().splitlines() if not line.startswith("#"))
    assert float(values["allocator_nightly_last_run_exit_code"]) == 0
    assert float(values["allocator_nightly_objective_usd"]) == pytest.approx(first.json["objective_usd"])

    again = command(*night, "--as-of", "2027-06-01T04:00+02:00")
    assert again.code == 0
    assert again.json["repeated"]
    assert again.json["run"] == first.json["run"]

    waits = command(*night, "--as-of", "2027-06-02", "--approve", "--quiet")
    assert (waits.code, waits.err) == (9, "")
    assert command("approve", waits.json["run"][:10], "--store", store, "--json").json["plan"] == waits.json["plan"]
    assert command("approve", "--store", store).code == 2

    listed = command("commitments", "--store", store)
    assert listed.out.splitlines() == ["contract:lab@2027-06", "contract:edge@2027-06"]
    assert "edge" not in command("commitments", "--store", store, "--release", "contract:edge").out
    refused = command("commitments", "--store", store, "--release", "contract:edge")
    assert refused.code == 2
    assert "contract:lab@2027-06" in refused.err

    monkeypatch.setattr(health, "now", lambda: datetime(2027, 5, 28, tzinfo=UTC))
    ahead = command("health", "--store", store, "--json")
    assert (ahead.code, ahead.json["age_h"], ahead.json["ahead_h"]) == (1, None, 120.0)
    assert "120.0 h ahead: it was run for a later moment" in ahead.json["problems"][0]
    monkeypatch.setattr(health, "now", lambda: datetime(2027, 6, 1, 20, tzinfo=UTC))
    assert command("health", "--store", store).out == "well, as of a moment 4.0 h ahead\n"
    monkeypatch.setattr(health, "now", lambda: datetime(2027, 6, 3, tzinfo=UTC))
    assert command("health", "--store", store).out == "well, as of 24.0 h ago\n"
    assert command("health", "--store", os.path.relpath(store), "--max-age", "1e6").code == 0
    (store / "current").unlink()
    sick = command("health", "--store", store, "--json")
    assert (sick.code, sick.json["problems"]) == (1, ["no plan is published"])


def test_a_second_run_says_so_and_ends(solved: Path, tmp_path: Path, command: Command) -> None:
    metrics = tmp_path / "nightly.prom"
    with opened(place_of(str(tmp_path))):
        ran = command("nightly", solved / "scenario", "--store", tmp_path, "--metrics", metrics)
    assert ran.code == 11
    assert "works on this store" in ran.err
    assert not metrics.exists()


def test_wrong_calls_are_told_before_any_work(solved: Path, tmp_path: Path, command: Command) -> None:
    store = ("--store", tmp_path / "store")
    for wrong in (("--as-of", "tomorrow"), ("--hours", "two"), ("--gap", "7")):
        assert command("nightly", solved / "scenario", *store, *wrong).code == 2
    assert command("nightly", solved / "scenario", "--store", "mysql://host/x").code == 2
    assert command("health", "--store", tmp_path / "nowhere").code == 2
    failed = command("nightly", tmp_path / "nowhere", *store, "--metrics", tmp_path / "m", "--json")
    assert failed.code == failed.json["exit_code"] == 2
    assert "allocator_nightly_last_run_exit_code 2" in (tmp_path / "m").read_text()


def test_every_job_of_the_how_to_is_a_call_that_parses() -> None:
    jobs = [
        line
        for language in ("cron", "ini", "sh", "dockerfile")
        for block in blocks(HOW_TO, language)
        for line in block.splitlines()
    ]
    job = re.compile(r"allocator ((?:nightly|approve|health|watch)\b.*)")
    calls = [match.group(1) for line in jobs if (match := job.search(line))]
    assert len(calls) >= 6
    for call in calls:
        name, *arguments = shlex.split(call.split(" || ")[0].split(" >> ")[0])
        found = cli.get_command(click.Context(cli), name)
        assert found is not None
        found.make_context(name, arguments)
