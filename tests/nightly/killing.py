"""Publishes in children that are killed at random instants, and counts what readers found after each kill.

    python -m tests.nightly.killing HOME TRIALS SEED

A program of its own, with nothing loaded but the store, so that a child is a fork of a few milliseconds. Prints one
JSON object: trials, kills that hit between the first and the last step of a publication, the last number published.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from allocator.nightly.store.registry import State
from allocator.nightly.store.store import opened, place_of
from tests.nightly import nights

LONGEST = 4.0
"""Of the time that one publication takes, as busy as the machine is."""


def publish_for_ever(home: Path, number: int, told: int) -> None:
    """Publish night after night; each is told once it is published."""
    with opened(place_of(str(home))) as (store, _):
        while True:
            number += 1
            os.write(told, b"<")
            nights.publish(store, number)
            os.write(told, f"{number}>".encode())


def trial(home: Path, number: int, seconds: float) -> tuple[int, bool]:
    """Publish from `number` on and kill after some time; the last number told, and whether one was under way."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            publish_for_ever(home, number, writing)
        finally:
            os._exit(1)
    os.close(writing)
    head = os.read(reading, 1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child ended by itself"
    with os.fdopen(reading, "rb") as pipe:
        said = (head + pipe.read()).decode()
    whole = [part for part in said.replace("<", "").split(">")[:-1] if part]
    return (int(whole[-1]) if whole else number), said.count("<") > said.count(">")


def check(home: Path, told: int) -> int:
    """The number that readers find: the last one told, or the one after it; the registry agrees once it is opened."""
    found = nights.read(home)
    assert found in (told, told + 1), (found, told)
    with opened(place_of(str(home))) as (store, repairs):
        assert nights.read(home) == found
        assert not any(repair.grave for repair in repairs)
        row = store.registry.run(nights.run_of(found))
        assert row is not None
        assert row.state == State.PUBLISHED
        assert row.published_at is not None
        assert f"contract {found}" in {one.subject for one in store.registry.commitments()}
        assert not list(home.glob(".half-*"))
        states = {one.state for one in store.registry.runs()}
        assert states <= {State.PUBLISHED, State.SOLVED, State.WORKING}
    return found


def main(home: Path, trials: int, seed: int) -> None:
    draw = random.Random(seed)
    with opened(place_of(str(home))) as (store, _):
        began = time.perf_counter()
        nights.publish(store, 0)
        longest_s = LONGEST * (time.perf_counter() - began)
    number = midway = 0
    for _ in range(trials):
        told, cut = trial(home, number, draw.uniform(0.0, longest_s))
        number, midway = check(home, told), midway + cut
    sys.stdout.write(json.dumps({"trials": trials, "midway": midway, "last": number}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
