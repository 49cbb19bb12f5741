"""Pages of a log: sorted by the database over all rows, by any column, at any depth, and searched."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import pandas as pd

from workbench.ask.engine import frame
from workbench.ask.question import Question
from workbench.ask.relations import Query, cte_sql, in_zone_sql, log_statement, names, query, with_sql
from workbench.errors import BadSelection, UnknownColumn, UnknownName
from workbench.exports import KINDS
from workbench.reports import Log, Report, Tile, labels
from workbench.sql import identifier, literal
from workbench.store.mentions import PERSONAL

DEEP = 5_000  # offset from which on a page is looked for by bracketing its values instead of sorting all rows
# A file's own column whose name could be one of ours is offered with this behind it.
FROM_FILE = " (in the file)"
_OURS = re.compile(r"[a-z][a-z0-9_]*")
SAMPLED = 64  # one row of so many is looked at to find the bracket
MARGIN = 0.01  # how far the bracket reaches to either side of the page, as a share of the rows
BLOCK = 131_072  # rows of one value are looked for in blocks of so many row numbers


@dataclass(frozen=True)
class Page:
    """Which rows of a log: sorted by a column over all, `limit` of them from `offset` (None: all), holding a text.

    And which of its columns, in their order: none are those shown at first, EVERY_COLUMN all that it offers.
    """

    sort: str = ""
    limit: int | None = None
    offset: int = 0
    search: str = ""
    columns: tuple[str, ...] = ()

    def ordered_by(self, tile: Tile, columns: Sequence[str]) -> tuple[str, bool]:
        """Return the column to sort by, and whether downwards. Raises UnknownName."""
        name, _, direction = (self.sort or log_of(tile).sort).partition(":")
        if name not in columns:
            raise UnknownColumn(name, columns)
        if direction not in ("", "asc", "desc"):
            raise UnknownName("direction", direction, ("asc", "desc"))
        return name, direction == "desc"


ALL_ROWS = Page()
EVERY_COLUMN = ("all",)
# What tells who a customer is: columns, by the names that entities give them too, those that no export has, searches.
TELLING = frozenset({*PERSONAL, "exported_customer_id", "extra"})


@dataclass(frozen=True)
class LogLayout:
    """How a log is laid out: the column that sorts it with its direction, the columns shown; empty for its own."""

    sort: str = ""
    columns: tuple[str, ...] = ()

    def as_query(self, tile: Tile) -> dict[str, list[str]]:
        """Return the layout as the parameters of a link."""
        named = {f"{tile.name}.sort": [self.sort] if self.sort else [], f"{tile.name}.columns": list(self.columns)}
        return {key: values for key, values in named.items() if values}


def log_layouts(
    report: Report, query: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Sequence[str]], dict[str, LogLayout]]:
    """Split a link's parameters into those of the selection and the layouts of the report's logs, by name.

    What charts draw is of neither: that is the page's (`drawn_keys`).
    """
    layouts = {
        tile.name: LogLayout(
            next(iter(query.get(f"{tile.name}.sort", ())), ""), tuple(query.get(f"{tile.name}.columns", ()))
        )
        for tile in report.logs
    }
    own = {key for tile in report.logs for key in (f"{tile.name}.sort", f"{tile.name}.columns")} | {*drawn_keys(report)}
    return {key: values for key, values in query.items() if key not in own}, layouts


def drawn_keys(report: Report) -> dict[str, Tile]:
    """Return the parameters of a link that say which of its drawings a chart shows, each with its tile."""
    return {f"{tile.name}.drawn": tile for tile in report.tiles if tile.drawings}


def extra_columns(question: Question, tile: Tile) -> tuple[str, ...]:
    """Return the headers of columns that the loaded files of a log brought and their kind does not know."""
    table = KINDS[tile.entity.kinds[0]].table
    sql = f"select distinct unnest(map_keys(extra)) as name from main.{table} where extra is not null order by name"
    found = frame(question.workspace, Query(sql, of=f"{question.report.name} {tile.name}"))["name"]
    return tuple(f"{name}{FROM_FILE}" if _OURS.fullmatch(name) else name for name in found)


def every_column(question: Question, tile: Tile) -> tuple[str, ...]:
    """Return every column that a log offers, those that only the files know last."""
    return *tile.offered, *extra_columns(question, tile)


def picked_columns(asked: Sequence[str], shown: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that are asked for of those known, each once; without any those `shown`.

    Raises UnknownColumn.
    """
    if tuple(asked) == EVERY_COLUMN:
        return tuple(known)
    for name in asked:
        if name not in known:
            raise UnknownColumn(name, known)
    return tuple(dict.fromkeys(asked)) or tuple(shown)


def _said(report: Report, name: str) -> dict[str, str]:
    """Return the labels of a column's values that are other words than what is stored, small, by what is stored."""
    found = labels.dimension(report, name)
    known = found.value_labels if found and not found.cast else ()
    return {code: label.lower() for code, label in known if label.lower() != code.lower()}


def _matching(report: Report, log: Log, search: str) -> tuple[str, dict[str, object]]:
    """Return the condition of a log's search, by what is stored and what is shown; case and accents do not count."""
    if not search.strip():
        return "true", {}
    wanted = search.strip().lower()
    said = {name: [code for code, label in _said(report, name).items() if wanted in label] for name in log.search}
    found = " or ".join(
        f"contains(lower(strip_accents({name})), lower(strip_accents($search)))"
        for name in (*log.search, *log.search_only)
    )
    found += "".join(f" or {name} in ({', '.join(map(literal, codes))})" for name, codes in said.items() if codes)
    return f"({found})", {"search": search.strip()}


def log_query(
    question: Question, tile: Tile, page: Page, extras: Sequence[str] = (), *,
    row_ids: Sequence[int] | None = None, has_row_id: bool = True,
) -> Query:  # fmt: skip
    """Return the query of a log's rows, in order, with `row_id` in front; with `row_ids` of those alone.

    Raises UnknownColumn.
    """
    shown = picked_columns(page.columns, tile.columns, (*tile.offered, *extras))
    found, parameters = _matching(question.report, log_of(tile), page.search)
    if row_ids is not None:
        found, parameters = f"{found} and row_id in (select unnest($row_ids))", {**parameters, "row_ids": row_ids}
    named = ("row_id", *shown) if has_row_id else shown
    picked = ", ".join(_picked(question, tile, name, extras) for name in named)
    ends = "" if page.limit is None else "\nlimit $limit offset $offset"
    limits = {} if page.limit is None else {"limit": page.limit, "offset": page.offset}
    sql = f"select {picked}\nfrom log\nwhere {found}\norder by {_order(question.report, tile, page, extras)}{ends}"
    return _of_log(question, tile, sql, {**parameters, **limits})


def _of_log(question: Question, tile: Tile, select: str, parameters: Mapping[str, object]) -> Query:
    """Return a query that selects from `log`: the rows of the tile's own SELECT, its timestamps in UTC."""
    asked = query(question, tile, log_statement(tile, log_of(tile), names(select)), in_utc=True)
    sql = with_sql([cte_sql("log", asked.sql)], select)
    return replace(asked, sql=sql, parameters={**asked.parameters, **parameters})


def log_of(tile: Tile) -> Log:
    """Return what a log tile has besides. Raises BadSelection for another tile."""
    if tile.log is None:
        raise BadSelection(f"{tile.name} is no log")
    return tile.log


def _picked(question: Question, tile: Tile, name: str, extras: Sequence[str]) -> str:
    is_time = name in tile.entity.timestamps
    value = in_zone_sql(name, question.scope.zone) if is_time else _expression(name, extras)
    return f"{value} as {identifier(name)}"


def _sort(report: Report, tile: Tile, page: Page, extras: Sequence[str]) -> tuple[str, str]:
    """Return the SQL that a log is sorted by, and the direction.

    Times are sorted as instants, not as wall times, and values that have labels by these.
    """
    entity = tile.entity
    column, downwards = page.ordered_by(tile, (*tile.offered, *extras))
    key = entity.anchor_utc if column == entity.anchor and entity.anchor_utc else _labelled(report, column, extras)
    return key, "desc" if downwards else "asc"


def _order(report: Report, tile: Tile, page: Page, extras: Sequence[str]) -> str:
    key, direction = _sort(report, tile, page, extras)
    return f"{key} {direction} nulls last, row_id {direction}"


def _labelled(report: Report, name: str, extras: Sequence[str]) -> str:
    """Return the SQL by which a column is sorted: its values, or their labels where these are other words."""
    column, said = _expression(name, extras), {} if name in extras else _said(report, name)
    cases = " ".join(f"when {literal(code)} then {literal(label)}" for code, label in said.items())
    return f"case {column} {cases} else lower(replace({column}, '_', ' ')) end" if said else column


def _expression(name: str, extras: Sequence[str]) -> str:
    return f"extra[{literal(name.removesuffix(FROM_FILE))}]" if name in extras else identifier(name)


def log_rows(question: Question, tile: Tile, page: Page) -> pd.DataFrame:
    """Return rows of a log, with `row_id` in front: a row is found again by it in this version of the workspace.

    A page's row numbers are found first, and its wide rows fetched by them: sorting wide rows takes twenty times as
    long. Raises UnknownColumn.
    """
    extras = extra_columns(question, tile)
    picked = page.columns or tile.columns
    searched = ["search"] if page.search else []
    shown = every_column(question, tile) if picked == EVERY_COLUMN else picked
    record_clear_view(question, tile.name, [*searched, *_told(shown, extras)])
    if page.limit is None:
        return frame(question.workspace, log_query(question, tile, page, extras))
    wide = replace(page, limit=None, search="")
    while True:
        version = question.workspace.version
        row_ids = _Finder(question, tile, page, extras).row_ids()
        rows = frame(question.workspace, log_query(question, tile, wide, extras, row_ids=row_ids))
        if question.workspace.version == version:  # in another one, some of the rows may be gone
            return rows


def _told(columns: Iterable[str], extras: Sequence[str]) -> Iterator[str]:
    """Give columns as the record names them: those that no export has as one, as their names are values of a file."""
    return ("extra" if name in extras else name for name in columns)


def record_clear_view(question: Question, what: str, columns: Iterable[str]) -> None:
    """Record for a team that somebody is shown customers as they are: in what, by columns of it, filters and pins."""
    workspace, selection = question.workspace, question.selection
    asked = [*(key for key, _ in selection.filters), *(key for pin in selection.pins for key, _ in pin)]
    names = sorted(TELLING.intersection([*columns, *asked]))
    if names and workspace.actor.is_recorded and not workspace.is_masked:
        workspace.record("clear view", report=question.report.name, tile=what, columns=names)


def log_row(question: Question, tile: Tile, row_id: int) -> pd.DataFrame:
    """Return the row of a log that has this number, with every column, or none."""
    extras = extra_columns(question, tile)
    record_clear_view(question, tile.name, _told(every_column(question, tile), extras))
    asked = log_query(question, tile, Page(columns=EVERY_COLUMN), extras, row_ids=[row_id])
    return frame(question.workspace, asked)


def rows_with(question: Question, tile: Tile, name: str, value: object, limit: int) -> pd.DataFrame:
    """Return the first rows of a log, in its own order, that have a value in a column, with `row_id` in front."""
    record_clear_view(question, tile.name, tile.columns)
    picked = ", ".join(_picked(question, tile, each, ()) for each in ("row_id", *tile.columns))
    found, order = f"{identifier(name)} = $value", _order(question.report, tile, ALL_ROWS, ())
    sql = f"select {picked}\nfrom log\nwhere {found}\norder by {order}\nlimit $limit"
    return frame(question.workspace, _of_log(question, tile, sql, {"value": value, "limit": limit}))


@dataclass(frozen=True)
class _Segment:
    """A stretch of a sorted log: the condition of its rows with its parameters; `is_tied`: all have one value."""

    condition: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    is_tied: bool = False


@dataclass(frozen=True)
class _Finder:
    """Finds the row numbers of one page of a log."""

    question: Question
    tile: Tile
    page: Page
    extras: Sequence[str]

    def row_ids(self) -> list[int]:
        """Return the row numbers of the page, in order.

        A deep page is found without sorting everything: a sample tells two values between which the page probably
        lies; the rows in front of them, of each, between and behind them are counted; and only the segments that the
        page touches are sorted. Exact wherever the page lies: a poor sample only makes a segment longer.
        """
        offset, limit = self.page.offset, self.page.limit or 0
        if offset < DEEP:
            return self._slice(_Segment("true"), offset, limit)
        segments = self._segments(*self._bounds())
        tally = self._tally(segments)
        row_ids: list[int] = []
        for number, segment in enumerate(segments):
            blocks = tally[tally["segment"] == number].set_index("block")["rows"]
            wanted, present = limit - len(row_ids), int(blocks.sum())
            if wanted and offset < present:
                narrow, before = self._narrowed(segment, blocks, offset, wanted) if segment.is_tied else (segment, 0)
                row_ids += self._slice(narrow, offset - before, wanted)
            offset = max(0, offset - present)
        return row_ids

    @property
    def _sort(self) -> tuple[str, str]:
        return _sort(self.question.report, self.tile, self.page, self.extras)

    def _ask(
        self, picked: str, condition: str, parameters: dict[str, object], *, ends: str = "", of_it: str = "*"
    ) -> pd.DataFrame:
        """Return what is picked of the matching rows, with clauses at its end, or what is picked `of_it` in turn."""
        matching, more = _matching(self.question.report, log_of(self.tile), self.page.search)
        sql = f"select {of_it} from (select {picked}\nfrom log\nwhere {matching} and ({condition})\n{ends})"
        return frame(self.question.workspace, _of_log(self.question, self.tile, sql, {**more, **parameters}))

    def _slice(self, segment: _Segment, offset: int, limit: int) -> list[int]:
        """Return row numbers from an offset in a segment; rows of one value need no sorting by it."""
        by_all = _order(self.question.report, self.tile, self.page, self.extras)
        order = f"row_id {self._sort[1]}" if segment.is_tied else by_all
        parameters = {**segment.parameters, "limit": limit, "offset": offset}
        ends = f"order by {order} limit $limit offset $offset"
        found = self._ask("row_id", segment.condition, parameters, ends=ends)
        return [int(row_id) for row_id in found["row_id"]]

    def _bounds(self) -> tuple[object, object]:
        """Return the first and the last value, in the log's order, between which the page probably lies.

        An end beyond the sample is None, unless the whole bracket is one value.
        """
        key, direction = self._sort
        # Filtered in the aggregate: the database leaves out the joins that a log does not need only without filters.
        sampled = f"list({key}) filter (row_id % {SAMPLED} = 0 and {key} is not null)"
        picked = f"list_sort({sampled}, '{direction}') as keys"
        keys = self._ask(picked, "true", {}, of_it="unnest(keys) as key")["key"]
        if keys.empty:
            return None, None
        margin = ceil(len(keys) * MARGIN)
        start = self.page.offset // SAMPLED - margin
        end = ceil((self.page.offset + (self.page.limit or 0)) / SAMPLED) + margin
        first, last = (_plain(keys.iloc[min(max(place, 0), len(keys) - 1)]) for place in (start, end))
        if first == last:
            return first, last
        return first if start >= 0 else None, last if end < len(keys) else None

    def _segments(self, first: object, last: object) -> list[_Segment]:
        """Return the segments of the log around two of its values, in its order.

        Every row is in the first whose condition it meets: around one value, some are empty.
        """
        key, direction = self._sort
        ahead, behind = ("<", ">") if direction == "asc" else (">", "<")
        before, between, after = [], [], []
        ends = {name: value for name, value in (("first", first), ("last", last)) if value is not None}
        if "first" in ends:
            at = {"first": first}
            before = [_Segment(f"{key} {ahead} $first", at), _Segment(f"{key} = $first", at, is_tied=True)]
            between += [f"{key} {behind} $first"]
        if "last" in ends:
            at = {"last": last}
            after = [_Segment(f"{key} = $last", at, is_tied=True), _Segment(f"{key} {behind} $last", at)]
            between += [f"{key} {ahead} $last"]
        middle = _Segment(" and ".join(between) or f"{key} is not null", ends)
        return [*before, middle, *after, _Segment(f"{key} is null", is_tied=True)]

    def _tally(self, segments: Sequence[_Segment]) -> pd.DataFrame:
        """Return how many `rows` of each `segment`, by its place, stand in each `block` of the table."""
        cases = " ".join(f"when {segment.condition} then {number}" for number, segment in enumerate(segments))
        picked = f"row_id // {BLOCK} as block, case {cases} end as segment, count(*) as rows"
        parameters = {name: value for segment in segments for name, value in segment.parameters.items()}
        return self._ask(picked, "true", parameters, ends="group by all")

    def _narrowed(self, segment: _Segment, blocks: pd.Series, offset: int, limit: int) -> tuple[_Segment, int]:
        """Return the part of a segment of one value that lies in a page's blocks, and how many rows precede it."""
        ends = blocks.sort_index(ascending=self._sort[1] == "asc").cumsum()
        first = ends[ends > offset].index[0]
        last = ends[ends >= min(offset + limit, ends.iloc[-1])].index[0]
        low, high = sorted((int(first), int(last)))
        condition = f"{segment.condition} and row_id >= {low * BLOCK} and row_id < {(high + 1) * BLOCK}"
        return replace(segment, condition=condition), int(ends[first] - blocks[first])


def _plain(value: Any) -> object:
    """Return a value of a frame as DuckDB binds it."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def log_count(question: Question, tile: Tile, search: str = "") -> int:
    """Return how many rows a log has."""
    condition, parameters = _matching(question.report, log_of(tile), search)
    asked = _of_log(question, tile, f"select count(*) as n from log where {condition}", parameters)
    return int(frame(question.workspace, asked)["n"].iloc[0])
