"""Options that change values of a scenario: `--variant NAME` and `--set PATH=VALUE`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.overrides import Setting, parse_setting, variant_settings, with_settings

Command = TypeVar("Command", bound=Callable[..., Any])


def settings_options(command: Command) -> Command:
    """Both options, as arguments `variant` and `settings` of a command."""
    chosen = click.option("--variant", metavar="NAME", help="A variant that the scenario states.")
    return chosen(set_option(command))


def set_option(command: Command) -> Command:
    """`--set`, as argument `settings` of a command."""
    words = "A value to change, by knob or path; may stand again. Example: finance.opening_cash_usd=5e6."
    return click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help=words)(command)


def changed(loaded: LoadedScenario, variant: str | None, settings: Sequence[str]) -> LoadedScenario:
    """The scenario with a variant and then single values changed; raises ScenarioFaults with every fault."""
    of_variant = () if variant is None else variant_settings(loaded, variant)
    return with_settings(loaded, [*of_variant, *parsed(settings)])


def parsed(settings: Sequence[str]) -> list[Setting]:
    """Every setting of a command line; raises ScenarioFaults with the faults of all of them."""
    found: list[Setting] = []
    faults = []
    for text in settings:
        try:
            found.append(parse_setting(text))
        except ScenarioFaults as error:
            faults += error.faults
    if faults:
        raise ScenarioFaults(faults)
    return found
