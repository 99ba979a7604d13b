"""`allocator`: the group of commands, and the one place where errors become exit codes."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

from allocator.pipeline.errors import ExitCode

COMMANDS = {
    "solve": "Decide: solve a scenario, prove the answer and write the plan.",
    "verify": "Derive every rule and every dollar of a plan again from its tables.",
    "show": "Print how megawatts, cash and Bitcoin of a plan move, in rows of small bars.",
    "metrics": "Print EBITDA, free cash flow, rate of return, payback and yield on cost of a plan.",
    "decisions": "Print what a plan does when, and on what market it hangs, as a tree.",
    "evaluate": "Follow a plan along fresh paths of the market: its value, its worst paths, cash that runs short.",
    "investor": "Print by month what miners publish: Bitcoin produced and held, hashrate, power cost net of credits.",
    "report": "Write a plan as a workbook: monthly P&L and cash flow with live formulas, treasury, halls, checks.",
    "treasury": "Print Bitcoin, debt and cash of a plan, loan to value at falling prices, runway, sources and uses.",
    "compare": "Set plans side by side: variants of a scenario, simple rules, and where the difference comes from.",
    "diff": "Say what changed from one plan to another, and what that did to its value.",
    "explain": "Say what limits are worth, why and why not, where decisions flip, and what does nearly as well.",
    "value-of-tree": "Say what planning on a tree is worth, and what knowing the future would be, as intervals.",
    "frontier": "Show what caution costs: expected value against the worst paths or LTV headroom.",
    "sweep": "Solve a scenario at many values of its inputs: one table, pictures, sensitivities.",
    "roll": "Move a scenario on to a later month, with the opening state that its plan leads to.",
    "backtest": "Replay the nightly run over days of the past, beside simple rules and perfect foresight.",
    "nightly": "Run a night: solve, verify, and publish in a store, or fall back to the plan before.",
    "week": "Decide the hours of the next seven days of a plan again, at today's prices; nothing is published.",
    "notify": "Send a message on trial to the webhooks and mailboxes that a night would tell.",
    "fetch": "Fetch fresh values by feeds, and merge what passes the gate into series files.",
    "approve": "Publish a plan of a night that waits for approval.",
    "commitments": "List what published plans have committed to, and release what was not carried out.",
    "acknowledge": "Keep what those who run machines answer to set-points: accepted, or rejected and why.",
    "reconcile": "Set meter, pool and invoice beside what was planned: terms that add up, factors for the scenario.",
    "watch": "Say how far loans secured by Bitcoin stand from a margin call at today's price.",
    "health": "Say whether a store serves a whole and fresh plan, for monitors.",
    "check": "List every fault of a scenario, without solving it.",
    "tree": "Show the tree of an uncertain scenario, and how far it is from its processes.",
    "calibrate": "Fit the processes of an uncertain scenario to series of the past, beside market and views.",
    "init": "Write a commented starter scenario that solves.",
    "template-xlsx": "Write a workbook to fill in: contracts, fleets, loans and price paths of a scenario, or empty.",
    "import-xlsx": "Read such a workbook into a scenario; every fault at once, with its sheet and cell.",
    "schema": "Print the JSON Schema of scenario files, for editors.",
    "solvers": "Show which solvers are installed and whether they answer known problems right.",
}
DISTRIBUTION = "dc-workload-allocator"
PROGRAM = "allocator"


class LazyCommands(click.Group):
    """Loads a command's module when it is asked for, so that --help and --version are quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"allocator.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "not installed"


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(_version(), prog_name=PROGRAM)
def cli() -> None:
    """Split scarce power and cooling between Bitcoin mining and AI hosting, and prove how good the split is."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its status."""
    _end_like_ctrl_c("SIGTERM", "SIGHUP")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status instead of exiting. Only SystemExit can leave it."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        status = cli.main(args=given, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        return _told(error, "--json" in given)
    return status if isinstance(status, int) else int(ExitCode.WITHIN_GAP)


def _told(error: BaseException, as_json: bool) -> int:
    from allocator.cli.failures import tell

    try:
        return int(tell(error, as_json))
    except OSError:
        return int(ExitCode.FAILED)  # there is nobody left to tell


def _end_like_ctrl_c(*names: str) -> None:
    """Have signals that would end the process at once clean up first, as Ctrl-C does; ignored ones stay ignored."""
    for name in names:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
