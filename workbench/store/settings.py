"""What a user can set: which values each setting takes, what holds until then, and what follows from a change."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb

from workbench.errors import BadSelection, UnknownName, WorkbenchError, shortened
from workbench.exports import KINDS
from workbench.intake import folders, schema
from workbench.intake import limits as limits_of_files
from workbench.intake.limits import Limits
from workbench.intake.recording import write_setting
from workbench.reports.settings import SETTINGS as OF_REPORTS
from workbench.store.database import Database
from workbench.time import zones


@dataclass(frozen=True)
class Quiet:
    """Up to what a change is coloured neither good nor bad: a fraction of what was before, or of a rate its points.

    Points are fractions too: 0.03 are 3 percentage points.
    """

    change: float = 0.1
    points: float = 0.03


WEEK_STARTS = ("monday", "sunday")
FOLDERS = ("folders", "exports_folder")  # which name places of the machine
# Key, values (None: checked elsewhere), and the value that holds until then.
SETTINGS: dict[str, tuple[tuple[str, ...] | None, str | None]] = {
    "reporting_zone": (None, None),
    "week_start": (WEEK_STARTS, "monday"),
    "folders": (None, ""),  # from which files may be loaded by the page, joined by os.pathsep
    "exports_folder": (None, ""),  # to which a file goes that is too large for a browser; Downloads until set
    # Up to what a change has no colour, as fractions; 0 colours every change, 1 those alone that pass 100 %.
    **{f"quiet_{part.name}": (None, str(part.default)) for part in fields(Quiet)},
    # By which the numbers of reports are made, until a question says otherwise.
    **{name: (None, setting.usual) for name, setting in OF_REPORTS.items()},
    # What a spreadsheet or archive may hold, and what reading it may use: whole numbers.
    **{f"limit_{limit.name}": (None, str(limit.default)) for limit in fields(Limits)},
}


def check_stored(stored: Mapping[str, str]) -> None:
    """Raise BadSelection for a stored value that is none, with how to set another; unknown keys mean nothing."""
    for key in SETTINGS.keys() & stored.keys():
        try:
            if key not in FOLDERS:  # one that is gone by now is left out
                _check(key, str(stored[key]))
        except WorkbenchError as error:
            text = str(error).rstrip(".")
            raise BadSelection(f"The setting {key} cannot be used. {text}. Change it by: set {key} VALUE.") from None


def reporting_zone(stored: Mapping[str, str]) -> str:
    """Return the IANA zone in which everything is shown."""
    return stored.get("reporting_zone") or zones.machine_zone()


def week_start(stored: Mapping[str, str]) -> str:
    """Return the first day of the week."""
    return stored.get("week_start") or str(SETTINGS["week_start"][1])


def limits(stored: Mapping[str, str]) -> Limits:
    """Return what spreadsheets and archives may hold, and what reading them may use."""
    names = [limit.name for limit in fields(Limits)]
    return Limits(**{name: int(stored[f"limit_{name}"]) for name in names if f"limit_{name}" in stored})


def quiet(stored: Mapping[str, str]) -> Quiet:
    """Return up to what a change has no colour."""
    names = [part.name for part in fields(Quiet)]
    return Quiet(**{name: float(stored[f"quiet_{name}"]) for name in names if f"quiet_{name}" in stored})


def of_reports(stored: Mapping[str, str]) -> dict[str, str]:
    """Return what is set of that by which the numbers of reports are made."""
    return {name: stored[name] for name in OF_REPORTS if name in stored}


def allowed_folders(stored: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folders from which the page may load files; none until the setting names some."""
    with suppress(BadSelection):  # one of them is gone by now
        return folders.allowed(stored.get("folders") or "")
    return ()


def exports_folder(stored: Mapping[str, str]) -> Path:
    """Return the folder to which a file goes that is too large for a browser."""
    with suppress(BadSelection):  # it is gone by now
        for folder in folders.allowed(stored.get("exports_folder") or ""):
            return folder
    downloads = Path.home() / "Downloads"
    return downloads if downloads.is_dir() else Path.home()


def change(database: Database, key: str, value: str) -> None:
    """Change a setting. A new reporting zone recomputes the stored local times. Raises UnknownName, BadSelection."""
    _check(key, value)
    with database.writing() as cursor:
        write_setting(cursor, key, value)
        if key == "reporting_zone":
            _recompute_local_times(cursor, value)


def _check(key: str, value: str) -> None:
    if key not in SETTINGS:
        raise UnknownName("setting", key, SETTINGS)
    allowed = SETTINGS[key][0]
    if allowed is not None and value not in allowed:
        raise UnknownName(f"value of {key}", value, allowed)
    if key == "reporting_zone":
        zones.zone(value)
    if key == "folders":
        folders.allowed(value)
    if key == "exports_folder" and len(folders.allowed(value)) > 1:
        raise BadSelection(f"'{value}' are several folders. Name one, such as {Path.home()}")
    if key in OF_REPORTS:
        OF_REPORTS[key].read(value)
    if key.startswith("quiet_"):
        _check_fraction(key, value)
    if key.startswith("limit_"):
        limits_of_files.check(key.removeprefix("limit_"), value)


def _check_fraction(key: str, value: str) -> None:
    """Raise BadSelection for a text that is no fraction; a percentage would be a hundred times what is meant."""
    if not (re.fullmatch(r"[0-9]{0,3}\.?[0-9]{1,9}", value) and float(value) <= 1):
        usual = SETTINGS[key][1]
        raise BadSelection(f"{key} is '{shortened(value)}', not a number from 0 to 1. Until set it is {usual}")


def _recompute_local_times(cursor: duckdb.DuckDBPyConnection, zone: str) -> None:
    for table, names in {(kind.table, kind.moments) for kind in KINDS.values() if schema.has_local(kind)}:
        local = ", ".join(f"{name}_local = {zones.to_wall_sql(name, zone)}" for name in names)
        for rows in (table, f"{table}_replaced"):
            cursor.execute(f"update {rows} set {local}")
