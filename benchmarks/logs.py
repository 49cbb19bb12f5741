"""The log over everything: pages by any column, however deep, and the count of a search."""

from benchmarks.exports import header
from benchmarks.measure import Row, medians, seconds
from benchmarks.peers import REPORT, Peers
from workbench import queries
from workbench.exports.gladly import CONTACT_EXPORT
from workbench.queries import Page
from workbench.selection import Selection

ROWS = 100
LIMIT, TARGET = 0.3, "300 ms"
SEARCH_LIMIT, SEARCH_TARGET = 1.0, "1 s"
SORTS = ("queued_at", "contact_id", "contact_handle_seconds", "agent_when_ended")
SEARCHED = "lindqvist"
EVERYTHING = Selection()
KNOWN = {column.name for column in CONTACT_EXPORT.columns} | {"inbox"}


def rows(peers: Peers) -> list[Row]:
    """Measure the first, the middle and the deepest page by some columns, and the worst page by any column."""
    depths = _depths(peers)
    named = [_page(peers, f"{sort}, {depth} page", sort, offset) for sort in SORTS for depth, offset in depths.items()]
    return [*named, _worst(peers, depths)]


def _depths(peers: Peers) -> dict[str, int]:
    """Return where the first, the middle and the last page begin."""
    total = queries.log_count(peers.workspace, peers.asked(EVERYTHING), REPORT, REPORT.log)
    last = (total - 1) // ROWS
    return {"first": 0, "middle": last // 2 * ROWS, "deepest": last * ROWS}


def _worst(peers: Peers, depths: dict[str, int]) -> Row:
    """Look for the slowest page by trying every column once at every depth, then measure that one like the others."""
    tried = {
        (sort, depth): seconds(lambda sort=sort, offset=offset: _here(peers, sort, offset))  # type: ignore[misc]
        for sort in queries.log_columns(REPORT, REPORT.log)
        if _header(sort)
        for depth, offset in depths.items()
    }
    sort, depth = max(tried, key=lambda page: tried[page])
    return _page(peers, f"worst of {len(tried)} pages: {sort}, {depth} page", sort, depths[depth])


def _page(peers: Peers, what: str, sort: str, offset: int) -> Row:
    shown = ", ".join(f'"{_header(name)}"' for name in REPORT.log.columns)
    sql = (
        f'select {shown} from contacts where "Direction" = \'INBOUND\' order by "{_header(sort)}" nulls last'
        f" limit {ROWS} offset {offset}"
    )
    times = medians(
        {
            "here": lambda: _here(peers, sort, offset),
            "floor": lambda: peers.bare.sql(sql).df(),
            "pandas": lambda: _in_pandas(peers, sort, offset),
        }
    )
    return Row(what, times, LIMIT, TARGET)


def _here(peers: Peers, sort: str, offset: int) -> object:
    page = Page(sort, ROWS, offset)
    return queries.log_rows(peers.workspace, peers.asked(EVERYTHING), REPORT, REPORT.log, page)


def _in_pandas(peers: Peers, sort: str, offset: int) -> object:
    inbound = peers.contacts[peers.contacts["Direction"] == "INBOUND"]
    shown = [_header(name) for name in REPORT.log.columns]
    return inbound.sort_values(_header(sort)).iloc[offset : offset + ROWS][shown]


def _header(name: str) -> str:
    """Return the header of a log's column, empty for what the workbench adds to the file's."""
    return header({"inbox": "inbox_when_first_queued"}.get(name, name)) if name in KNOWN else ""


def search(peers: Peers) -> list[Row]:
    """Measure how many rows hold a text, in any of the columns that are searched; case and accents do not count."""
    columns = [_header(name) for name in REPORT.log.search]
    found = " or ".join(f"contains(lower(strip_accents(\"{column}\")), '{SEARCHED}')" for column in columns)
    scope = peers.asked(EVERYTHING)
    times = medians(
        {
            "here": lambda: queries.log_count(peers.workspace, scope, REPORT, REPORT.log, SEARCHED),
            "floor": lambda: peers.bare.sql(
                f"select count(*) from contacts where \"Direction\" = 'INBOUND' and ({found})"
            ).fetchall(),
            "pandas": lambda: _found_in_pandas(peers, columns),
        }
    )
    return [Row(f"rows that hold '{SEARCHED}'", times, SEARCH_LIMIT, SEARCH_TARGET)]


def _found_in_pandas(peers: Peers, columns: list[str]) -> int:
    inbound = peers.contacts[peers.contacts["Direction"] == "INBOUND"]
    held = [inbound[column].str.contains(SEARCHED, case=False, regex=False, na=False) for column in columns]
    return int(sum(held[1:], held[0].astype(int)).gt(0).sum())
