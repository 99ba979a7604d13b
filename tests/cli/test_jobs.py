"""The jobs of the how-to, run as cron, systemd and a container run them: only their paths are others."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli import small
from tests.cli.shell import ROOT, SECONDS
from tests.cli.test_docs import blocks
from tests.cli.test_nightly import HOW_TO

PLAIN = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LANG": "C"}
"""All of the environment that cron gives a job, and more than systemd does."""


class Machine:
    """A folder that stands for the machine of the how-to."""

    def __init__(self, home: Path) -> None:
        self.home = home
        program = home / "opt" / "allocator" / "bin" / "allocator"
        for place in (program.parent, home / "srv", home / "var" / "log", home / "var" / "lib" / "node_exporter"):
            place.mkdir(parents=True, exist_ok=True)
        words = shlex.join(["exec", "env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "allocator"])
        program.write_text(f'#!/bin/sh\n{words} "$@"\n')
        program.chmod(0o755)
        small.write(home / "srv" / "scenario")

    def here(self, command: str) -> str:
        """A command with its paths below this folder."""
        return re.sub(r"(?<![\w.])/(opt|srv|var|scenario|store)\b", rf"{self.home}/\1", command)

    def run(self, command: str | Sequence[str], umask: int = 0o022) -> subprocess.CompletedProcess[str]:
        """As a daemon starts it: a small environment, nobody at the terminal."""
        words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        return subprocess.run(
            words, cwd="/", env=PLAIN, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
            umask=umask,
        )  # fmt: skip


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def test_the_line_of_cron_runs(machine: Machine) -> None:
    (line,) = (block for block in blocks(HOW_TO, "cron") if " nightly " in block)
    minute, hour, *_, user, command = re.split(r"\s+", line.strip(), maxsplit=6)
    assert (minute, hour, user) == ("15", "2", "planner")
    assert "%" not in command, "cron takes it for the end of the command"
    done = machine.run(machine.here(command), umask=0o077)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    *log, last = (machine.home / "var" / "log" / "allocator.jsonl").read_text().splitlines()
    assert last == "0 alerts"
    events = [json.loads(text)["event"] for text in log if text.startswith("{")]
    assert (events[0], events[-1]) == ("run_started", "run_finished")
    metrics = machine.home / "var" / "lib" / "node_exporter" / "allocator.prom"
    assert "allocator_nightly_last_run_published 1" in metrics.read_text()
    assert metrics.stat().st_mode & 0o777 == 0o644, "the exporter is another user"


def units() -> dict[str, str]:
    """The files of the page's block, by name."""
    (block,) = blocks(HOW_TO, "ini")
    parts = re.split(r"^# (\S+\.(?:service|timer))\n", block, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.slow
def test_the_service_of_systemd_runs_and_is_known_to_it(machine: Machine, tmp_path: Path) -> None:
    service = configparser.ConfigParser(interpolation=None)
    service.optionxform = str  # type: ignore[assignment,method-assign]
    service.read_string(units()["allocator.service"])
    own = service["Service"]
    done = machine.run(shlex.split(machine.here(own["ExecStart"])), umask=int(own["UMask"], 8))
    assert done.returncode in (0, *map(int, own["SuccessExitStatus"].split())), done.stderr
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed")
    for name, text in units().items():
        (tmp_path / name).write_text(machine.here(text).replace("User=planner", "User=root"))
    checked = machine.run([analyse, "verify", "--man=no", *(str(tmp_path / name) for name in units())])
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.slow
def test_the_container_s_commands_run(machine: Machine) -> None:
    (block,) = blocks(HOW_TO, "dockerfile")
    steps = dict(line.split(" ", 1) for line in block.splitlines() if not line.startswith("#"))
    assert steps["RUN"] == 'pip install "dc-workload-allocator[store]"'
    assert "store =" in (ROOT / "setup.cfg").read_text().partition("[options.extras_require]")[2]
    (entry,) = json.loads(steps["ENTRYPOINT"])
    volumes, arguments = re.findall(r"-v (\S+):(/\w+)", block), block.split("IMAGE ")[1].splitlines()[0]
    for outside, inside in volumes:
        (machine.home / inside.strip("/")).symlink_to(machine.here(outside.removesuffix(":ro")))
    program = str(machine.home / "opt" / "allocator" / "bin" / entry)
    done = machine.run([program, *shlex.split(machine.here(arguments))])
    assert done.returncode == 0, done.stderr
    word, *health = shlex.split(machine.here(steps["HEALTHCHECK"].removeprefix("CMD ")))
    assert word == entry
    looked = machine.run([program, *health])
    assert looked.stdout.startswith("well, as of "), (looked.stdout, datetime.now(UTC))
