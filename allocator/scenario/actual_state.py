"""What `allocator nightly --state` reads: how sites, machines and balances really stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from allocator.scenario.checks.series import trouble_of_file
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.loans import BtcBackedLoan, EquipmentLoan, TermLoan
from allocator.scenario.moments import Moment
from allocator.scenario.places import Places, Quoted, suggestion
from allocator.scenario.record import Name, NonNegative, Number, Positive, PositiveCount, Record
from allocator.scenario.record_file import load_record
from allocator.scenario.record_table import Row, load_table
from allocator.scenario.scenario import Scenario
from allocator.scenario.sites import Site
from allocator.scenario.yaml_reader import read_yaml

FileName = Annotated[str, Field(min_length=1, max_length=400)]


class StateGate(Record):
    """What makes a state believable. What fails is set aside, and what was known before is used."""

    most_age_h: Positive = 36.0
    """Oldest that the state may be at the moment of the run, hours."""
    most_jump_share: Annotated[float, Field(strict=True, gt=0.0, le=1.0)] = 0.5
    """Largest change of cash, Bitcoin, the price, a loan, or a hashrate since the state before, share of the larger of
    both. A level that is reported again is believed the second time; 1: any change."""


class LoanState(Record):
    """A loan as the lender has it."""

    name: Name
    """Loan of the scenario."""
    owed_usd: NonNegative
    """Owed, USD."""
    pledged_btc: NonNegative | None = None
    """Bitcoin behind it, BTC; null: as the scenario has it."""


class PeakState(Record):
    """The highest draw so far in the hours of a demand charge."""

    charge: Name
    """Demand charge of the site."""
    peak_mw: NonNegative
    """Highest draw of this calendar month, gross MW."""


class OutageState(Record):
    """What is left of the hours for which a tenant may go unserved."""

    contract: Name
    """Contract with an outage allowance."""
    left_h: NonNegative
    """Hours at full metered load that are left of this calendar month's allowance."""


class SiteState(Record):
    """A site as it is."""

    site: Name
    """Site of the scenario."""
    drawn_mw: NonNegative | None = None
    """Draw at the meter, gross MW; null: not known."""
    hashrate_ph_per_s: NonNegative | None = None
    """Hashrate of all machines, PH/s; null: not known."""
    battery_stored_mwh: NonNegative | None = None
    """Stored in the battery, MWh; null: not known."""
    peaks: tuple[PeakState, ...] = ()
    """Peaks set this month."""
    energy_left_mwh: NonNegative | None = None
    """What is left of this calendar month's energy budget, gross MWh; null: the share of the days to come."""
    outages: tuple[OutageState, ...] = ()
    """Outage allowances of which something is used this month."""


class StateTables(Record):
    """Tables beside the file, CSV with one line of names."""

    units_down: FileName | None = None
    """Machines that do not work: columns hall, model, units_down."""
    outages: FileName | None = None
    """Calendar of outages: columns site, hall, begins, ends, lost_mw, reason."""


class StateFile(Record):
    """How things stand. Everything but the moment may be left out: then it stands as the scenario has it."""

    version: Literal[1]
    """Version of this format."""
    as_of: Moment
    """Moment at which it was so, with its offset: 2027-06-01T02:00Z."""
    gate: StateGate = StateGate()
    """What makes it believable."""
    btc_price_usd: Positive | None = None
    """Price of one Bitcoin, USD."""
    cash_usd: Number | None = None
    """Cash, USD."""
    free_btc: NonNegative | None = None
    """Bitcoin that no loan has, BTC; what is pledged comes on top."""
    loans: tuple[LoanState, ...] = ()
    """Loans."""
    sites: tuple[SiteState, ...] = ()
    """Sites."""
    tables: StateTables = StateTables()
    """Lists that are long."""


class UnitsDown(Record):
    """Row of the table units_down."""

    hall: Name
    """Hall of the scenario."""
    model: Name
    """Machine, by its name in the section equipment."""
    units_down: PositiveCount
    """Machines that do not work, units."""


class Outage(Record):
    """Row of the table outages: capacity that is lost for a time."""

    site: Name
    """Site of the scenario."""
    hall: Name | None = None
    """Hall of the site; empty: at the meter of the whole site."""
    begins: Moment
    """When it begins, with its offset."""
    ends: Moment
    """When it ends."""
    lost_mw: Positive
    """What is lost: of a hall its IT MW, of a site gross MW at the meter."""
    reason: Annotated[str, Field(max_length=200)] = ""
    """Why, for the reader."""


@dataclass(frozen=True)
class LoadedState:
    """A state file without faults, its tables, and every file that it is made of, by name."""

    said: StateFile
    units_down: tuple[UnitsDown, ...]
    outages: tuple[Outage, ...]
    files: Mapping[str, FilePath]


def load_state(path: FilePath, scenario: Scenario) -> LoadedState:
    """Read a state of a scenario.

    Raises:
        ScenarioFaults: with every fault of the file and its tables.
    """
    try:
        said, places = load_record(path, StateFile, "a state file")
    except ScenarioFaults as error:
        raise ScenarioFaults([*error.faults, *_of_tables(path, scenario)]) from None
    faults = [*_loans(said, scenario, places), *_sites(said, scenario, places)]
    tables = _Tables(path, scenario, places, said.tables)
    if faults or tables.faults:
        raise ScenarioFaults([*faults, *tables.faults])
    return LoadedState(said, tables.units_down, tables.outages, {path.name: path, **tables.files})


def _of_tables(path: FilePath, scenario: Scenario) -> list[Fault]:
    """Faults of the tables that a file names which has faults itself; none where it does not get so far."""
    try:
        yaml = read_yaml(path.read_bytes(), path.name)
        named = StateTables.model_validate(yaml.data["tables"])
    except (OSError, ScenarioFaults, ValidationError, KeyError, TypeError):
        return []
    return _Tables(path, scenario, Places(path.name, yaml), named).faults


class _Tables:
    """The tables of a state, and every fault of them."""

    def __init__(self, path: FilePath, scenario: Scenario, places: Places, named: StateTables) -> None:
        self.home, self.places = path.parent, places
        self.files: dict[str, FilePath] = {}
        self.faults: list[Fault] = []
        down = self._read("units_down", named.units_down, UnitsDown)
        outages = self._read("outages", named.outages, Outage)
        self.faults += [fault for row in down for fault in _unit(row, scenario)]
        self.faults += [fault for row in outages for fault in _outage(row, scenario)]
        self.units_down: tuple[UnitsDown, ...] = tuple(row.record for row in down)
        self.outages: tuple[Outage, ...] = tuple(row.record for row in outages)

    def _read(self, key: str, name: str | None, kind: type[Any]) -> list[Row[Any]]:
        if name is None:
            return []
        trouble = trouble_of_file(self.home, name)
        if trouble is not None:
            found, expected, fix = trouble
            quoted = Quoted(f"{name[:100]!r}, {found}")
            self.faults.append(self.places.fault(("tables", key), quoted, expected, fix))
            return []
        self.files[name] = self.home / name
        try:
            return load_table(self.home / name, kind, "a table of the state")
        except ScenarioFaults as error:
            self.faults += error.faults
            return []


def _loans(said: StateFile, scenario: Scenario, places: Places) -> Iterator[Fault]:
    known = {loan.name: loan for loan in scenario.loans}
    for position, one in enumerate(said.loans):
        here, loan = ("loans", position), known.get(one.name)
        if loan is None:
            yield places.fault((*here, "name"), one.name, "a loan of the scenario", suggestion(one.name, known))
        elif not isinstance(loan, BtcBackedLoan | TermLoan | EquipmentLoan):
            words = "a loan whose balance the scenario states (btc_backed, term or equipment)"
            yield places.fault((*here, "name"), Quoted(f"{one.name}, kind {loan.kind}"), words, "leave it out")
        elif one.pledged_btc is not None and not isinstance(loan, BtcBackedLoan):
            yield places.fault((*here, "pledged_btc"), one.pledged_btc, "nothing: no Bitcoin secures it", "remove it")
    yield from _twice(("loans", "name"), [one.name for one in said.loans], places)
    if scenario.treasury is None and (said.free_btc is not None or said.btc_price_usd is not None):
        key = "free_btc" if said.free_btc is not None else "btc_price_usd"
        yield places.fault((key,), getattr(said, key), "nothing: the scenario has no treasury", "remove it")


def _sites(said: StateFile, scenario: Scenario, places: Places) -> Iterator[Fault]:
    known = {site.name: site for site in scenario.sites}
    for position, one in enumerate(said.sites):
        here, site = ("sites", position), known.get(one.site)
        if site is None:
            yield places.fault((*here, "site"), one.site, "a site of the scenario", suggestion(one.site, known))
            continue
        if one.battery_stored_mwh is not None and site.battery is None:
            found = one.battery_stored_mwh
            yield places.fault((*here, "battery_stored_mwh"), found, "nothing: no battery is there", "remove it")
        charges = [charge.name for charge in site.demand_charges]
        for k, peak in enumerate(one.peaks):
            if peak.charge not in charges:
                fix = suggestion(peak.charge, charges)
                path = (*here, "peaks", k, "charge")
                yield places.fault(path, peak.charge, "a demand charge of the site", fix)
        yield from _allowances(one, site, scenario, here, places)
    yield from _twice(("sites", "site"), [one.site for one in said.sites], places)


def _allowances(
    one: SiteState, site: Site, scenario: Scenario, here: tuple[str | int, ...], places: Places
) -> Iterator[Fault]:  # fmt: skip
    if one.energy_left_mwh is not None and site.energy_budget_mwh_per_month is None:
        path = (*here, "energy_left_mwh")
        yield places.fault(path, one.energy_left_mwh, "nothing: the site has no energy budget", "remove it")
    allowed = {
        contract.name: contract.outage_allowance_h_per_month
        for contract in scenario.contracts
        if contract.outage_allowance_h_per_month > 0.0
    }
    for k, outage in enumerate(one.outages):
        if outage.contract not in allowed:
            path, expected = (*here, "outages", k, "contract"), "a contract with an outage allowance"
            yield places.fault(path, outage.contract, expected, suggestion(outage.contract, allowed))
        elif outage.left_h > allowed[outage.contract]:
            expected = f"at most its allowance of {allowed[outage.contract]:g} h"
            yield places.fault((*here, "outages", k, "left_h"), outage.left_h, expected, "correct the hours")


def _twice(where: tuple[str, str], names: list[str], places: Places) -> Iterator[Fault]:
    for position, name in enumerate(names):
        if name in names[:position]:
            yield places.fault((where[0], position, where[1]), name, "each once", "remove one")


def _unit(row: Row[UnitsDown], scenario: Scenario) -> Iterator[Fault]:
    halls = [hall.name for site in scenario.sites for hall in site.halls]
    for key, name, known in (("hall", row.record.hall, halls), ("model", row.record.model, list(scenario.equipment))):
        if name not in known:
            yield row.places.fault((key,), name, f"a {key} of the scenario", suggestion(name, known))


def _outage(row: Row[Outage], scenario: Scenario) -> Iterator[Fault]:
    one, sites = row.record, {site.name: [hall.name for hall in site.halls] for site in scenario.sites}
    if one.site not in sites:
        yield row.places.fault(("site",), one.site, "a site of the scenario", suggestion(one.site, sites))
    elif one.hall is not None and one.hall not in sites[one.site]:
        fix = suggestion(one.hall, sites[one.site])
        yield row.places.fault(("hall",), one.hall, f"a hall of {one.site}", fix)
    if not one.begins < one.ends:
        found = Quoted(f"{one.begins.isoformat()} to {one.ends.isoformat()}")
        yield row.places.fault(("ends",), found, "a beginning before the end", "swap them")
