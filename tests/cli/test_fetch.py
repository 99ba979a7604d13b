"""`allocator fetch` as its page tells it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from allocator.scenario.feeds import load_feeds
from tests.cli.conftest import Command
from tests.cli.shell import ROOT
from tests.cli.test_docs import blocks

PAGE = ROOT / "docs" / "how_to" / "feeds.md"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The first example of the page."""
    (tmp_path / "meter.csv").write_text(blocks(PAGE, "text")[0])
    (tmp_path / "feeds.yaml").write_text(blocks(PAGE, "yaml")[0])
    return tmp_path


def test_the_first_example_does_what_the_page_says(home: Path, command: Command) -> None:
    ran = command("fetch", home / "feeds.yaml", "--as-of", "2027-01-01T12:00Z")
    assert ran.code == 0
    assert ran.out == "price: 2 values, 2 new, 1 set aside\n"
    assert "warning: price: 1 rows" in ran.err
    with (home / "price.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [(row["time"], row["usd_per_mwh"]) for row in found] == [
        ("2027-01-01T06:00:00+00:00", "28.4"),
        ("2027-01-01T07:00:00+00:00", "31.0"),
    ]
    assert "outside -300 to 6000" in (home / "price.csv.aside.csv").read_text()


def test_what_is_too_old_and_may_not_be_is_the_exit_status(home: Path, command: Command) -> None:
    file = home / "feeds.yaml"
    file.write_text(file.read_text().replace("if_bad: keep", "if_bad: stop"))
    ran = command("fetch", file, "--as-of", "2027-02-01", "--json")
    assert ran.code == ran.json["exit_code"] == 1
    assert ran.json["feeds"][0]["stops"]
    assert command("fetch", home / "nowhere.yaml").code == 2


def test_the_examples_of_public_sources_are_files_of_feeds(tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(blocks(PAGE, "yaml")[2])
    assert [feed.name for feed in load_feeds(file).feeds] == ["temperature", "btc"]
