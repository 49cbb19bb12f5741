"""How a table that this program wrote itself is known again: by its mark, else by a header of our own names alone.

A mark says which tile a table is, and in which time zone its times are shown: `contact_export/log Europe/Berlin`. It
stands in an .xlsx as a property named for the sheet, in a Parquet file as metadata; a CSV has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from workbench.exports import KINDS
from workbench.reports import REPORTS
from workbench.reports.labels import SUFFIXES, column_label
from workbench.reports.model import Report, Tile

STANDS_IN = "~"
SECONDS = " (seconds)"  # behind the label of a duration, for its raw seconds beside it
# What logs call a column as its file has it, where they show something else under its name.
AS_EXPORTED = {
    "exported_customer_id": "customer_id",
    "exported_user": "user_name",
    "exported_previous_assignee": "previous_assignee",
    "exported_assigned_to": "assigned_to",
    "exported_assigned_by": "assigned_by",
    **{
        f"exported_{name}": name
        for name in (
            "assignee",
            "closed_by",
            "first_assignee",
            "last_assignee",
            "first_response_by",
            "opened_channel",
        )
    },
    "primary_contact_id": "contact_id",
    "inbox": "inbox_when_first_queued",
    "agent": "agent_when_ended",
}
# What they show there, merged or under another name: it stands in where nothing better is known of a row.
STAND_INS = {
    "customer_id": "customer_id",
    "user": "user_name",
    "previous_assignee": "previous_assignee",
    "assigned_to": "assigned_to",
    "assigned_by": "assigned_by",
    **{
        name: name
        for name in (
            "assignee",
            "closed_by",
            "first_assignee",
            "last_assignee",
            "first_response_by",
            "opened_channel",
        )
    },
}
# What connected a contact stands in the place of its channel where no row of the dates has one.
COMPUTED_OF = {"respondio_contacts_connected": frozenset({"channel"})}


@dataclass(frozen=True)
class OwnTable:
    """One of our tables: its `title`, the `kind` of a log's rows, and by header the column of the kind that it holds.

    '' is a column that is computed, or that rounds one beside it; one behind STANDS_IN is the column's stand-in. A tile
    that is no log has neither kind nor columns.
    """

    title: str
    kind: str
    headers: Mapping[str, str]
    zone: str = ""  # of its times, where it says so


def mark(report: Report, tile: Tile, zone: str) -> str:
    """Return the mark of a tile whose times are shown in a zone."""
    return f"{report.name}/{tile.name} {zone}"


def marked(text: str, header: Sequence[str]) -> OwnTable | None:
    """Return the table that a mark names, with the columns of its header; None for a mark of no tile of ours."""
    named, _, zone = text.partition(" ")
    report, _, name = named.partition("/")
    tiles = REPORTS[report].tiles if report in REPORTS else ()
    tile = next((tile for tile in tiles if tile.name == name), None)
    if tile is None:
        return None
    known = _known(REPORTS[report], tile)
    return OwnTable(tile.title, _kind(tile), {each: known[each] for each in header if each in known}, zone)


def alike(header: Sequence[str]) -> list[OwnTable]:
    """Return every table whose names or labels alone make up a header; logs first.

    A log may have columns besides that only its files know, behind the names of what identifies its rows.
    """
    seen = [each for each in header if each]
    found = [_with(table, seen) for table in _tables() if seen and _is_of(table, seen)]
    logs = {(table.kind, *table.headers.items()): table for table in found if table.kind}
    return [*logs.values(), *(table for table in found if not table.kind)]


def _is_of(table: OwnTable, seen: Sequence[str]) -> bool:
    if table.headers.keys() >= set(seen):
        return _is_ours(table, seen)
    if not table.kind:
        return False
    named = {table.headers.get(each, "") for each in seen if each == each.lower() and " " not in each}
    kind = KINDS[table.kind]
    constants = dict(kind.constants)
    return {*kind.key, str(kind.anchor)} - constants.keys() <= named and "_" in "".join(
        each for each in seen if each in table.headers
    )


def _is_ours(table: OwnTable, seen: Sequence[str]) -> bool:
    """Tell whether a header is not just as well a vendor's, by its very texts."""
    vendors = [{header for column in kind.columns for header in column.headers} for kind in KINDS.values()]
    return not any(set(seen) <= headers for headers in vendors)


def _with(table: OwnTable, header: Sequence[str]) -> OwnTable:
    return OwnTable(table.title, table.kind, {each: table.headers[each] for each in header if each in table.headers})


@cache
def _tables() -> tuple[OwnTable, ...]:
    tiles = [(report, tile) for report in REPORTS.values() for tile in report.tiles]
    return tuple(OwnTable(tile.title, _kind(tile), _known(report, tile)) for report, tile in tiles)


def _kind(tile: Tile) -> str:
    return tile.entity.kinds[0] if tile.log else ""


@cache
def _known(report: Report, tile: Tile) -> Mapping[str, str]:
    """Return by name and by label what each column of a tile holds; a duration's own label rounds its seconds."""
    known: dict[str, str] = {}
    for name in _names(tile):
        held, label = _held(tile, name), column_label(report, name)
        known |= {name: held, f"{label}{SECONDS}": held}
        known.setdefault(label, "" if _is_duration(tile, name) else held)
    return known


def _is_duration(tile: Tile, name: str) -> bool:
    columns = KINDS[_kind(tile)].columns if tile.log else ()
    return any(column.name == name and column.type == "duration" for column in columns)


def _names(tile: Tile) -> Iterator[str]:
    for name in tile.offered:
        yield name
        if not tile.log:
            yield from (f"{name}{suffix}" for suffix in SUFFIXES)


def _held(tile: Tile, name: str) -> str:
    """Return the column of the kind that a log's column holds as its file had it; '' when it is computed."""
    if not tile.log:
        return ""
    kind = KINDS[_kind(tile)]
    columns = {column.name for column in kind.columns}
    # How its own report was run says nothing of this one; and what is computed is no column of the file.
    others = {kind.zone_column, *(column for column, _ in kind.filter_columns), *COMPUTED_OF.get(kind.name, ())}
    if STAND_INS.get(name) in columns:
        return f"{STANDS_IN}{STAND_INS[name]}"
    if AS_EXPORTED.get(name) in columns:
        return AS_EXPORTED[name]
    return name if name in columns - others else ""
