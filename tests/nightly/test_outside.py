"""What a night leaves behind: files in its store alone, nobody else's to read, and no secret anywhere."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from tests.cli import small
from tests.cli.shell import allocator, contents
from tests.nightly.server import Answer, rows, serving

SECRETS = {"PRICE_TOKEN": "s3cret-price", "HOOK_TOKEN": "s3cret-hook"}


def test_a_night_writes_in_its_store_and_beside_its_feeds_alone(tmp_path: Path) -> None:
    """With every other place that a program may write to in sight: home, temporary folder, where it was started."""
    places = {name: tmp_path / name for name in ("home", "tmp", "cwd", "scenario", "desk")}
    for place in places.values():
        place.mkdir()
    series = {"file": "prices/price.csv", "time_column": "time", "column": "usd_per_mwh", "unit": "USD/MWh"}
    places["scenario"].rmdir()
    small.write(places["scenario"], small.changed(("series.price", {**small.SERIES, **series})))
    with serving() as market, serving() as desk:
        hours = [(f"2027-06-{day:02d}T{hour:02d}:00", 40) for day in range(1, 31) for hour in range(24)]
        market.say(rows(*hours), Answer(status=500))
        desk.say(Answer(status=500))
        secret = {"environment": "PRICE_TOKEN", "parameter": "key"}
        feed = {
            "name": "price",
            "http": {"url": market.url, "secret": secret, "tries": 1},
            "rows": {"format": "json", "path": "response.data", "time": "period", "value": "value"},
            "unit": "USD/MWh",
            "gate": {"range": [0, 50], "most_age_h": 1},
            "file": "prices/price.csv",
            "column": "usd_per_mwh",
            "if_bad": "keep",
        }
        feeds = {"version": 1, "hosts": ["127.0.0.1"], "feeds": [feed]}
        token = {"environment": "HOOK_TOKEN", "header": "Authorization"}
        hook = {"name": "desk", "url": desk.url, "secret": token, "tries": 1}
        (places["scenario"] / "feeds.yaml").write_text(json.dumps(feeds))
        told = {"version": 1, "hosts": ["127.0.0.1"], "webhooks": [hook]}
        (places["desk"] / "notify.yaml").write_text(json.dumps(told))
        before = contents(tmp_path)
        done = allocator(
            "nightly", places["scenario"], "--store", tmp_path / "store", "--as-of", "2027-07-01",
            "--feeds", places["scenario"] / "feeds.yaml", "--notify", places["desk"] / "notify.yaml",
            cwd=places["cwd"],
            env={"HOME": str(places["home"]), "TMPDIR": str(places["tmp"]), **SECRETS},
            before=lambda: os.umask(0o022),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        sent = f"{market.asked} {desk.asked}"
    assert all(secret in sent for secret in SECRETS.values())
    assert "delivery_failed" in done.stderr
    after = contents(tmp_path)
    new = {"store" if path.startswith("store/") else path for path in after.keys() - before.keys()}
    assert new == {"store", "scenario/prices", "scenario/prices/price.csv"}
    assert after.items() >= before.items(), "nothing that stood there is otherwise"
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 100
    said = [done.stdout.encode(), done.stderr.encode(), *(path.read_bytes() for path in written)]
    assert not [text for text in said for secret in SECRETS.values() if secret.encode() in text]
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o750
    loose = [path for path in written if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)]
    assert loose == []
