"""The margin watch: levels worked by hand, where price and balances come from, and what a night and a command say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.look import WATCH_FAILED
from allocator.nightly.night import NightRequest, night
from allocator.nightly.store.deliveries import NO_KIND, due
from allocator.nightly.store.store import opened, place_of
from allocator.nightly.today import Known, watch_today
from allocator.nightly.watch import CALLED, LIQUIDATED, NEAR, Balances, Price, Watch, watch
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.plan.reader import read_plan
from tests.cli import small
from tests.cli.conftest import Command
from tests.nightly import owing
from tests.nightly.server import Answer, serving
from tests.verify.lien import lien

TABLES = lien().derived()[0]
FIRST_MONTH = str(TABLES["nodes"]["start_month"].iloc[0])
FIRST = datetime(2027, 6, 1, 2, tzinfo=UTC)


def at(price_usd: float, actual: Balances | None = None, near: float = 0.2, month: str = FIRST_MONTH) -> Watch:
    return watch(TABLES, month, Price(price_usd, "said"), actual or Balances(), near)


def test_a_loan_stands_as_its_levels_say() -> None:
    """300,000 USD on ten of twenty Bitcoin, called above 70 %: below 42,857; liquidated above 80 %: below 37,500."""
    (one,) = at(60e3).loans
    assert (one.loan.owed_usd, one.loan.pledged_btc, one.loan.free_btc) == (300e3, 10.0, 10.0)
    assert one.loan.ltv_share[0] == pytest.approx(0.5)
    assert one.fall_to_call_share == pytest.approx(1 - 300 / 7 / 60)
    assert one.fall_to_liquidation_share == pytest.approx(1 - 37.5 / 60)
    assert one.alert is None


@pytest.mark.parametrize(
    ("price_usd", "severity", "kind", "code"),
    [
        (60e3, None, None, ExitCode.WITHIN_GAP),
        (53e3, Severity.WARNING, NEAR, ExitCode.MARGIN_NEAR),
        (42e3, Severity.CRITICAL, CALLED, ExitCode.MARGIN_CALLED),
        (37e3, Severity.CRITICAL, LIQUIDATED, ExitCode.MARGIN_CALLED),
    ],
)
def test_severity_follows_the_price(
    price_usd: float, severity: Severity | None, kind: str | None, code: ExitCode
) -> None:
    found = at(price_usd)
    assert [(alert.severity, alert.kind) for alert in found.alerts] == ([(severity, kind)] if severity else [])
    assert found.exit_code == code


def test_a_call_says_what_the_lender_asks_for() -> None:
    """At 42,000: 0.7 x 42,000 x 10 = 294,000 is carried; 6,000 USD or 6,000 / 29,400 = 0.2041 BTC are asked for."""
    said = at(42e3).alerts[0].message
    assert "asks for 0.2041 BTC more or $6,000 paid back; 10 BTC are free" in said


def test_actual_balances_come_before_those_of_the_plan() -> None:
    (one,) = at(60e3, Balances(2.0, {"line": (400e3, 8.0)}, "today's state")).loans
    assert (one.loan.owed_usd, one.loan.pledged_btc, one.loan.free_btc) == (400e3, 8.0, 2.0)
    assert one.alert is not None
    assert one.alert.kind == LIQUIDATED


def test_later_months_stand_as_the_plan_has_them_then() -> None:
    """After the first month 350,000 USD are owed on ten of 18.6 Bitcoin."""
    second = str(TABLES["nodes"]["start_month"].iloc[1])
    (one,) = at(60e3, month=second).loans
    assert (one.loan.owed_usd, one.loan.free_btc) == pytest.approx((350e3, 8.6))
    assert at(60e3, month="2099-01").node == str(TABLES["nodes"]["node"].iloc[-1])


def test_nothing_owed_asks_for_nothing() -> None:
    (one,) = at(1.0, Balances(loans={"line": (0.0, 0.0)})).loans
    assert (one.fall_to_call_share, one.alert) == (None, None)
    (bare,) = at(60e3, Balances(loans={"line": (1e3, 0.0)})).loans
    assert bare.alert is not None
    assert "nothing behind it" in bare.alert.message


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a job that published a night and kept it the night after. Not to be changed."""
    home = tmp_path_factory.mktemp("watched")
    small.write(home / "scenario", small.changed(*owing.CHANGES))
    place = place_of(str(home / "store"))
    night(NightRequest(str(home / "scenario"), place, FIRST))
    spoiled = small.changed(*owing.CHANGES, ("sites.0.power_limit_mw", -1))
    (home / "scenario" / "scenario.yaml").write_text(json.dumps(spoiled))
    kept = night(NightRequest(str(home / "scenario"), place, FIRST + timedelta(days=1)))
    assert kept.exit_code == ExitCode.KEPT
    return home


def test_a_night_that_keeps_its_plan_watches_loans_all_the_same(store: Path) -> None:
    files = [json.loads((path / "watch.json").read_text()) for path in (store / "store" / "nights").iterdir()]
    assert [one["loans"][0]["loan"] for one in files] == ["vault", "vault"]
    assert {one["loans"][0]["call_usd_per_btc"] for one in files} == {1.2e6 / (0.75 * 40)}
    with opened(place_of(str(store / "store"))) as (held, _):
        events = [event for event in held.registry.events() if event.kind == "price_missing"]
    assert "watched at the plan's, $60,000" in events[-1].message


def test_the_command_needs_no_solve_and_its_status_says_how_it_stands(store: Path, command: Command) -> None:
    call = ("watch", "--store", store / "store", "--as-of", "2027-06-03")
    calm = command(*call, "--price", "61e3", "--json")
    assert (calm.code, calm.json["alerts"]) == (0, [])
    assert calm.json["watch"]["loans"][0]["fall_to_call_share"] == pytest.approx(1 - 40 / 61)
    assert command(*call, "--price", "45e3").code == ExitCode.MARGIN_NEAR
    called = command(*call, "--price", "39e3")
    assert called.code == ExitCode.MARGIN_CALLED
    assert "critical: loan vault: LTV 76.9 % at $39,000" in called.out
    with opened(place_of(str(store / "store"))) as (held, _):
        assert held.registry.events()[-1].kind == CALLED
    assert command("watch", "--store", store / "nowhere").code == 2
    assert command(*call, "--btc-feed", "btc").code == 2


def test_a_feed_gives_the_price_and_a_stale_one_is_said(store: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "prices.csv").write_text("day,usd\n2027-06-02,52000\n2027-06-03,44000\n")
    feed = {
        "name": "btc",
        "local": "prices.csv",
        "rows": {"format": "csv", "time": "day", "value": "usd"},
        "unit": "USD",
        "gate": {"range": [1000, 10000000], "step_h": 24, "most_age_h": 30},
        "file": "btc.csv",
        "column": "usd",
        "if_bad": "keep",
    }
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(json.dumps({"version": 1, "feeds": [feed]}))
    call = ("watch", "--store", store / "store", "--feeds", feeds, "--btc-feed", "btc", "--json")
    fresh = command(*call, "--as-of", "2027-06-03T05:00Z")
    assert (fresh.code, fresh.json["watch"]["price"]["usd_per_btc"]) == (ExitCode.MARGIN_NEAR, 44000)
    stale = command(*call, "--as-of", "2027-06-05T05:00Z")
    assert stale.json["watch"]["price"]["usd_per_btc"] == 60000
    assert [alert["kind"] for alert in stale.json["alerts"]] == ["price_missing"] * 2
    wrong = command("watch", "--store", store / "store", "--feeds", feeds, "--btc-feed", "bct")
    assert "did you mean 'btc'?" in wrong.err


@pytest.mark.parametrize(
    ("said", "dated", "undated", "counts", "gave_way", "alerts"),
    [
        (50e3, [(1, 51e3)], [52e3], 50e3, 0, 0),
        (None, [(3, 51e3), (1, 53e3)], [52e3], 53e3, 2, 0),
        (None, [(40, 51e3)], [52e3], 51e3, 1, 1),
        (None, [], [52e3], 52e3, 0, 0),
        (None, [], [], 60e3, 0, 1),
    ],
    ids=["stated now", "the later one", "an old one", "without a moment", "the plan's"],
)
def test_the_latest_price_counts_and_the_others_are_told(
    store: Path, said: float | None, dated: list[tuple[int, float]], undated: list[float], counts: float,
    gave_way: int, alerts: int,
) -> None:  # fmt: skip
    folder = (store / "store" / "current" / "plan").resolve()
    known = Known(
        None if said is None else Price(said, "said"),
        [(FIRST - timedelta(hours=ago), Price(usd, f"{ago} h ago")) for ago, usd in dated],
        [Price(usd, "the scenario") for usd in undated],
    )
    found, told = watch_today(read_plan(folder), folder, FIRST, known)
    assert found is not None
    assert (found.price.usd_per_btc, len(found.price.rather_than)) == (counts, gave_way)
    assert [one.kind for one in told].count("price_missing") == alerts
    if gave_way:
        assert "rather than $5" in found.price.words


def test_channels_are_told_what_a_watch_finds(store: Path, tmp_path: Path, command: Command) -> None:
    """Once, in spite of a server that fails; what a watch does not look for stays as a night left it."""
    notify = tmp_path / "notify.yaml"
    call = ("watch", "--store", store / "store", "--as-of", "2027-06-04", "--notify", notify)
    with serving() as hook:
        own = {"name": "desk", "url": hook.url, "tries": 1, "timeout_s": 5}
        notify.write_text(json.dumps({"version": 1, "hosts": ["127.0.0.1"], "webhooks": [own]}))
        with opened(place_of(str(store / "store"))) as (held, _):
            due(held.registry, "desk", {"n": Alert(Severity.CRITICAL, "plan_kept", "of the night")}, "", NO_KIND)

        def told(price: str, status: int = 200) -> list[Any]:
            hook.say(Answer(status=status))
            command(*call, "--price", price)
            said = [json.loads(body) for body in hook.taken]
            kinds = [[{one["kind"] for one in each[key]} for key in ("new", "resolved")] for each in said]
            return [(each["event"], each["exit_code"], *own) for each, own in zip(said, kinds, strict=True)]

        assert told("39e3", 500) != [], "asked, and not taken"
        assert told("39e3") == [("watch", 12, {CALLED, "plan_kept"}, set())]
        assert told("38.9e3") == []
        assert told("39e3") == []
        assert told("61e3") == [("watch", 0, set(), {CALLED})]
        hook.say(Answer())
        nowhere = command("watch", "--store", tmp_path / "nowhere", "--notify", notify)
        assert nowhere.code == 2
        assert [one["kind"] for one in json.loads(hook.taken[0])["new"]] == [WATCH_FAILED]
    assert not (tmp_path / "nowhere").exists()


def test_a_feed_of_the_price_needs_its_file(store: Path) -> None:
    request = NightRequest(str(store / "scenario"), place_of(str(store / "store")), FIRST, btc_feed="btc")
    with pytest.raises(BadInputError, match="needs a file of feeds"):
        night(request)
