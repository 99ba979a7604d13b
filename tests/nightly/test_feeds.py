"""Feeds against a server that misbehaves."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allocator.nightly.feeds.fetch import Fetched, fetch_all
from allocator.nightly.feeds.http import dated
from allocator.nightly.night import NightRequest, night
from allocator.nightly.store.store import place_of
from allocator.pipeline.errors import ExitCode, FeedsError
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.feeds import load_feeds
from tests.cli import small
from tests.nightly.certificate import certificate
from tests.nightly.server import Answer, Server, rows, serving

AS_OF = datetime(2027, 6, 1, 6, tzinfo=UTC)
SECRET = "s3cret-token"
FEED: dict[str, Any] = {
    "name": "price",
    "http": {"url": "", "query": {"day": "{as_of_date}"}, "timeout_s": 0.4, "tries": 3, "most_mb": 0.01},
    "rows": {"format": "json", "path": "response.data", "time": "period", "value": "value"},
    "unit": "USD/MWh",
    "gate": {"range": [-300, 6000], "most_age_h": 6, "most_gap_h": 2},
    "file": "series/price.csv",
    "column": "usd_per_mwh",
    "if_bad": "keep",
}
GOOD = (("2027-06-01T04:00", 31.5), ("2027-06-01T05:00", "-2"))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


class Desk:
    """A folder with a file of feeds."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home, self.server, self.waits = home, server, list[float]()

    def write(self, hosts: tuple[str, ...] = ("127.0.0.1",), **changed: Any) -> Path:
        http = None if "local" in changed else {**FEED["http"], "url": self.server.url, **changed.pop("http", {})}
        feed = {**FEED, "http": http, **changed}
        path = self.home / "feeds.yaml"
        path.write_text(json.dumps({"version": 1, "hosts": list(hosts), "feeds": [feed]}))
        return path

    def fetch(self, **changed: Any) -> Fetched:
        self.waits.clear()
        (found,) = fetch_all(load_feeds(self.write(**changed)), self.home, AS_OF, self.waits.append)
        return found

    def kept(self) -> list[dict[str, str]]:
        with (self.home / "series" / "price.csv").open(newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def desk(tmp_path: Path, server: Server) -> Desk:
    return Desk(tmp_path, server)


def said(found: Fetched) -> str:
    return " ".join(alert.message for alert in found.alerts)


def test_values_are_merged_with_where_each_is_from(desk: Desk) -> None:
    desk.server.say(rows(*GOOD))
    found = desk.fetch()
    assert (found.values, found.new, found.aside, found.alerts) == (2, 2, 0, ())
    assert desk.server.asked[0][0] == "/v2/prices?day=2027-06-01"
    first = desk.kept()
    assert [(row["time"], row["usd_per_mwh"]) for row in first] == [
        ("2027-06-01T04:00:00+00:00", "31.5"),
        ("2027-06-01T05:00:00+00:00", "-2.0"),
    ]
    assert {row["source"] for row in first} == {desk.server.url}
    desk.server.say(rows(GOOD[1], ("2027-06-01T06:00", 40)))
    assert desk.fetch().new == 1
    later = desk.kept()
    assert later[:2] == first
    assert later[2]["answer_sha256"] != first[0]["answer_sha256"]


def test_the_same_answer_again_changes_no_byte(desk: Desk) -> None:
    desk.server.say(rows(*GOOD))
    desk.fetch()
    before = (desk.home / "series" / "price.csv").read_bytes()
    assert desk.fetch().new == 0
    assert (desk.home / "series" / "price.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("bad", "waits"),
    [
        (Answer(status=500), 1),
        (Answer(status=429, headers={"Retry-After": "7"}), 7),
        (Answer(b'{"response": ', length=500), 1),
        (Answer(b"{}", wait_s=1.0), 1),
    ],
    ids=["500", "429", "truncated", "slow"],
)
def test_what_may_pass_is_tried_again(desk: Desk, bad: Answer, waits: float) -> None:
    desk.server.say(bad, rows(*GOOD))
    assert desk.fetch().values == 2
    assert desk.waits == [waits]


@pytest.mark.parametrize(
    ("bad", "words", "tries"),
    [
        (Answer(status=503), "status 503, 3 times", 3),
        (Answer(status=404), "status 404", 1),
        (Answer(status=302, headers={"Location": "http://127.0.0.1:1/"}), "status 302", 1),
        (Answer(b"<html>maintenance</html>", content="text/html"), "content of type 'text/html'", 1),
        (Answer(b"<html>maintenance</html>"), "no JSON", 1),
        (Answer(b'{"response": {"data": [{"per'), "no JSON, or one that was cut short", 1),
        (Answer(b'{"answer": []}'), "there is no 'response'", 1),
        (Answer(b'{"response": {"data": [{"time": 1, "value": 2}]}}'), "a row without 'period'", 1),
        (Answer(b'{"response": {"data": []}}'), "without rows", 1),
        (Answer(b" " * 20_000), "more than 0.01 MB", 1),
        (Answer(b"\xff\xfe"), "no UTF-8", 1),
        (rows(("2027-06-01T04:00", 1e9)), "no value passed the gate", 1),
    ],
    ids=["503", "404", "redirect", "html", "html as json", "cut", "schema", "field", "empty", "huge", "bytes", "gate"],
)
def test_what_cannot_be_right_is_refused_and_what_was_known_stays(
    desk: Desk, bad: Answer, words: str, tries: int
) -> None:
    desk.server.say(rows(*GOOD))
    desk.fetch()
    before = desk.kept()
    desk.server.say(bad)
    found = desk.fetch()
    assert words in said(found)
    assert len(desk.server.asked) == tries
    assert not found.stops
    assert "what was known before is used" in said(found)
    assert desk.kept() == before
    assert desk.fetch(if_bad="stop").stops


def test_a_server_that_is_gone_is_told_in_words(desk: Desk) -> None:
    found = desk.fetch(http={"url": "http://127.0.0.1:9/x"})
    assert "the connection failed (ConnectError), 3 times" in said(found)
    assert desk.waits == [1.0, 2.0]


@pytest.mark.parametrize("place", ["header", "parameter"])
def test_secrets_are_sent_and_kept_nowhere(desk: Desk, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    secret = {"environment": "PRICE_TOKEN", place: "X-Key", "prefix": "k "}
    missing = desk.fetch(http={"secret": secret})
    assert "PRICE_TOKEN is not set" in said(missing)
    monkeypatch.setenv("PRICE_TOKEN", SECRET)
    desk.server.say(rows(*GOOD))
    assert desk.fetch(http={"secret": secret}).values == 2
    assert SECRET in str(desk.server.asked)
    desk.server.say(Answer(status=401))
    assert SECRET not in said(desk.fetch(http={"secret": secret}))
    assert not [path for path in desk.home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_secrets_may_stand_in_a_file_that_others_may_not_read(desk: Desk) -> None:
    key = desk.home / "key"
    key.write_text(f"{SECRET}\n")
    http = {"secret": {"file": "key", "header": "X-Key"}}
    desk.server.say(rows(*GOOD))
    key.chmod(0o644)
    assert "key may be read by everybody" in said(desk.fetch(http=http))
    assert desk.server.asked == []
    key.chmod(0o640)
    assert desk.fetch(http=http).values == 2
    assert desk.server.asked[0][1]["X-Key"] == SECRET
    key.write_text("\n")
    assert "key is empty" in said(desk.fetch(http=http))


def test_an_answer_that_has_not_changed_is_not_sent_again(desk: Desk) -> None:
    first = rows(*GOOD, ("2027-06-01T05:00", 9))
    first.headers.update({"ETag": '"one"', "Last-Modified": "Tue, 01 Jun 2027 05:00:00 GMT"})
    desk.server.say(first, Answer(status=304))
    assert desk.fetch().cached == ""
    before = (desk.home / "series" / "price.csv").read_bytes()
    again = desk.fetch()
    assert (again.cached, again.values, again.new, again.aside) == ("not modified", 1, 0, 2)
    assert desk.server.asked[1][1]["If-None-Match"] == '"one"'
    assert desk.server.asked[1][1]["If-Modified-Since"] == "Tue, 01 Jun 2027 05:00:00 GMT"
    assert (desk.home / "series" / "price.csv").read_bytes() == before
    assert len((desk.home / "series" / "price.csv.aside.csv").read_text().splitlines()) == 3
    next((desk.home / ".answers").glob("*[!n]")).write_bytes(b"half")
    desk.server.say(first)
    assert desk.fetch().cached == ""
    assert "If-None-Match" not in desk.server.asked[0][1]


def test_an_answer_that_is_fresh_is_not_asked_for(desk: Desk) -> None:
    for control, asked in (("max-age=600", 1), ("max-age=600, no-cache", 2), ("no-store, max-age=600", 2), ("", 2)):
        answer = rows(*GOOD)
        answer.headers["Cache-Control"] = control
        desk.server.say(answer)
        desk.fetch(http={"query": {"control": control or "none"}})
        found = desk.fetch(http={"query": {"control": control or "none"}})
        assert len(desk.server.asked) == asked, control
        assert found.cached.startswith("fresh until") == (asked == 1)
        assert found.values == 2


def test_an_answer_that_is_no_good_is_asked_for_again(desk: Desk) -> None:
    bad = Answer(b"<html>maintenance</html>", headers={"Cache-Control": "max-age=600"})
    desk.server.say(bad, rows(*GOOD))
    assert "no JSON" in said(desk.fetch())
    assert desk.fetch().values == 2


def test_certificates_that_nobody_vouches_for_are_refused(desk: Desk, tmp_path: Path) -> None:
    with serving(certificate(tmp_path).server) as secure:
        secure.say(rows(*GOOD))
        assert secure.url.startswith("https://")
        found = desk.fetch(http={"url": secure.url, "tries": 1})
        assert "the connection failed" in said(found)
        assert secure.asked == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"http": {"url": "http://example.org/x"}}, "an https address"),
        ({"http": {"url": "https://example.org/x"}}, "a host listed in hosts"),
        ({"http": {"url": f"https://me:{SECRET}@127.0.0.1/x"}}, "no credentials in the file"),
        ({"http": {"url": "file:///etc/passwd"}}, "an https address"),
        ({"file": "../price.csv"}, "a path inside the folder"),
        ({"file": "/price.csv"}, "a path inside the folder"),
        ({"gate": {"range": [5, 1]}}, "lowest before highest"),
        ({"http": {"secret": {"environment": "A"}}}, "header or parameter"),
        ({"http": {"secret": {"environment": "A", "file": "a", "header": "K"}}}, "environment or file"),
        ({"http": {"secret": {"environment": "to ken", "header": "A"}}}, "environment variable"),
        ({"unit": "EUR/MWh"}, "unit"),
    ],
)
def test_faults_of_a_file_of_feeds_are_told(desk: Desk, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioFaults) as error:
        load_feeds(desk.write(**changed))
    assert words in str(error.value)
    if "url" in changed.get("http", {}) and words == "no credentials in the file":
        assert SECRET not in str(error.value)


def test_a_link_cannot_lead_a_feed_out_of_its_folder(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (desk.home / "series").symlink_to(outside)
    desk.server.say(rows(*GOOD))
    assert "leads out of the folder" in said(desk.fetch())
    assert list(outside.iterdir()) == []


def test_a_file_that_no_feed_made_is_left_alone(desk: Desk) -> None:
    (desk.home / "series").mkdir()
    (desk.home / "series" / "price.csv").write_text("time,price\n")
    desk.server.say(rows(*GOOD))
    assert "was not made by this feed" in said(desk.fetch())
    assert (desk.home / "series" / "price.csv").read_text() == "time,price\n"


def test_what_is_set_aside_stands_beside_the_series(desk: Desk) -> None:
    desk.server.say(rows(*GOOD, ("=1+1", 5), ("2027-06-01T06:00", 9000)))
    found = desk.fetch()
    assert (found.values, found.aside) == (2, 2)
    aside = (desk.home / "series" / "price.csv.aside.csv").read_text().splitlines()
    assert [line.split(",", 1)[1] for line in aside] == [
        "time,value,reason",
        '\'=1+1,5,"no time, or one that the zone skips"',
        "2027-06-01T06:00,9000,outside -300 to 6000",
    ]


def test_units_are_scaled_before_they_are_judged(desk: Desk) -> None:
    desk.server.say(rows(("2027-06-01T05:00", 3.2)))
    assert desk.fetch(scale=10.0).values == 1
    assert [row["usd_per_mwh"] for row in desk.kept()] == ["32.0"]


def test_gaps_and_age_are_told(desk: Desk) -> None:
    desk.server.say(rows(("2027-05-31T04:00", 1), ("2027-05-31T20:00", 2)))
    found = desk.fetch()
    assert [alert.kind for alert in found.alerts] == ["feed_gap", "feed_stale"]
    assert "of 2027-05-31T20:00:00+00:00, older than 6.0 h" in said(found)
    assert desk.fetch(if_bad="stop").stops


def test_files_are_feeds_too(desk: Desk) -> None:
    (desk.home / "meter.csv").write_text("period,value\n2027-06-01T05:00,7\n")
    found = desk.fetch(local="meter.csv", rows={"format": "csv", "time": "period", "value": "value"})
    assert (found.values, found.alerts) == (1, ())
    assert desk.kept()[0]["source"] == "meter.csv"


def test_dates_in_a_query_are_those_of_the_run() -> None:
    assert dated("{days_ago:2}..{as_of_date}", AS_OF) == "2027-05-30..2027-06-01"


def test_a_night_fetches_first_and_keeps_its_plan_where_a_feed_stops_it(desk: Desk) -> None:
    series = {
        **small.SERIES,
        "file": "series/price.csv",
        "time_column": "time",
        "column": "usd_per_mwh",
        "unit": "USD/MWh",
    }
    small.write(desk.home / "scenario", small.changed(("series.price", series)))
    desk.home = desk.home / "scenario"
    month = [((AS_OF.replace(hour=0) + timedelta(hours=k)).isoformat(), 40) for k in range(30 * 24)]
    request = NightRequest(
        str(desk.home),
        place_of(str(desk.home.parent / "store")),
        AS_OF,
        feeds=desk.write(http={"most_mb": 1}, if_bad="stop"),
    )
    desk.server.say(Answer(status=404))
    with pytest.raises(FeedsError, match="no plan without price"):
        night(request)
    desk.server.say(rows(*month))
    first = night(request)
    assert (first.exit_code, first.alerts) == (ExitCode.WITHIN_GAP, ())
    assert (first.folder / "plan" / "scenario" / "series" / "price.csv").is_file()
    desk.server.say(Answer(status=404))
    stopped = night(NightRequest(request.scenario, request.place, AS_OF + timedelta(hours=1), feeds=request.feeds))
    assert stopped.exit_code == ExitCode.KEPT
    desk.write(if_bad="keep")
    kept_on = night(NightRequest(request.scenario, request.place, AS_OF + timedelta(hours=2), feeds=request.feeds))
    assert kept_on.exit_code == ExitCode.WITHIN_GAP
    assert [alert.kind for alert in kept_on.alerts] == ["feed_failed"]
