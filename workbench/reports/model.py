"""What a report consists of: declared once, read by the page, the command line and the notebook."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from workbench.errors import BadSelection, UnknownName

MetricFormat = Literal["count", "decimal", "rate", "duration", "money"]
# What a tile is drawn as:
#   metrics            a row of cards                     bars_over_time     counts as bars, other counts as lines
#   lines_over_time    a line, a band up to a second one  stacked_over_time  bars of values on top of each other
#   grouped_over_time  bars of values side by side        bar                horizontal bars
#   bar_and_pie        bars and a ring in their colours   contributions      what explains a change, to the row
#   values_over_time   a line for each value              heat_map           a grid of two dimensions, such as the week
#   lines              a line for each value of the first dimension, over the second one
#   table, log
Shape = Literal[
    "metrics", "bars_over_time", "lines_over_time", "stacked_over_time", "grouped_over_time", "values_over_time", "bar",
    "bar_and_pie",
    "contributions", "heat_map", "lines", "table", "log",
]  # fmt: skip


@dataclass(frozen=True)
class Dimension:
    """A column by which rows are filtered, grouped and pinned. `missing` names the rows without a value.

    `condition` is SQL in which {value} stands for a bound text, for what is not a plain comparison of the column: a
    part of a name, or which column has a value. `cast` is the type of a column that is not text. An enum that
    `is_code` is said as it is stored (USD). `is_typed` says that a filter's value is typed in rather than picked from a
    list. Of one that `is_single` one value can be chosen, and must be where there are several. `offered_from` is SQL
    for the rows whose values are offered, '' for those of the report's first entity in the date range. `labels_beside`
    are labels of a value in rows in which another column has a value: (value, column, its value, label). The values of
    one that `is_ordered` stand in the order of their labels wherever they are drawn, whatever their sizes.
    `coloured_as` are labels that several dimensions share, in the order in which these take their colours: a value has
    the same one in each of them.
    """

    key: str
    label: str
    missing: str
    is_enum: bool = False
    is_code: bool = False
    value_labels: tuple[tuple[str, str], ...] = ()
    condition: str = ""
    cast: str = ""
    is_typed: bool = False
    is_single: bool = False
    offered_from: str = ""
    labels_beside: tuple[tuple[str, str, str, str], ...] = ()
    is_ordered: bool = False
    coloured_as: tuple[str, ...] = ()

    @property
    def has_order(self) -> bool:
        """Whether its values stand in an order of their own, as hours do, whatever their sizes."""
        return self.is_ordered or bool(self.cast)

    def shown(self, value: object, row: Mapping[str, object] = MappingProxyType({})) -> str:
        """Return the label a person would say for a stored value; `None` and '' are the missing value.

        Of a `row` at hand its other values may say more.
        """
        if value is None or value != value or value == "":  # a missing value of pandas differs from itself
            return self.missing
        for own, column, other, label in self.labels_beside:
            if value == own and row.get(column) == other:
                return label
        labels = dict(self.value_labels)
        if str(value) in labels or self.is_code or not self.is_enum:
            return labels.get(str(value), str(value))
        return str(value).replace("_", " ").capitalize()


PERIOD = Dimension("period", "Period", "No period", cast="timestamp")


@dataclass(frozen=True, eq=False)  # each is the only one of its name
class Entity:
    """Rows that tiles are computed from: `queries/entities/<name>.sql`, one relation over everything that is loaded.

    `kinds` are the export kinds whose loads cover it; `periods_by_kind` has the covered periods of each. `anchor` is
    the column that places a row in time, local in the relation; `anchor_utc` the same instant in UTC, None where the
    file has only dates. `timestamps` are the other columns in UTC, shown in the reporting zone. `as_exported` pairs a
    column with the one that holds its value before customer merges. `dimensions` are the columns that filters and pins
    can apply to. `from_anchor` pairs columns with the SQL that computes them from the local time {anchor}, and
    `from_settings` those that SQL computes from settings of the question: a {setting} in it stands for its value.
    Where its rows are of several kinds, `of_kind` is SQL that is true of those of a {kind}; else its rows are of the
    first. `counted_as` names the kind of rows that count beyond the range, as orders after messages. `settled` are
    filters that have their say inside the relation, and narrow none of its rows. `bases` are the entities that its SQL
    selects from, in an order in which each names only those before it: over everything, or, with `_dated` behind the
    name, their rows of the date range before all filters and pins. What its SQL must know of the selection itself
    stands in `chosen`: one row, of the report's settings and of the values of its settled filters.
    `renamed_by` are the kinds whose files say who a value stands for today: of merged customers, of removed users.
    A row that `lasts` has a start and an end, in columns in UTC, and is of a range that it touches. What a pin says of
    time narrows the range of such rows and not the rows: their SQL reads it as `quarter_hours`. One that `rests_on`
    another has its SQL over what filters and pins leave of that one's rows. One that `looks_back` has all rows up to
    the end of a range, from wherever that begins. One that `widens` another has the same rows with a column more, and
    stands in its place where that is named: what it costs is paid for by who asks for it.
    """

    name: str
    kinds: tuple[str, ...]
    anchor: str
    anchor_utc: str | None
    dimensions: frozenset[str]
    timestamps: tuple[str, ...] = ()
    as_exported: tuple[tuple[str, str], ...] = ()
    from_anchor: tuple[tuple[str, str], ...] = ()
    from_settings: tuple[tuple[str, str], ...] = ()
    of_kind: str = ""
    counted_as: str = ""
    settled: frozenset[str] = frozenset()
    bases: tuple["Entity", ...] = ()
    period_utc: tuple[str, str] | None = None  # for rows that are periods themselves: their start and exclusive end
    renamed_by: tuple[str, ...] = ()
    lasts: tuple[str, str] | None = None
    rests_on: "Entity | None" = None
    looks_back: bool = False
    widens: "tuple[Entity, str] | None" = None

    @property
    def times(self) -> frozenset[str]:
        """The dimensions that say when: its period, and what is computed from its anchor."""
        return frozenset({PERIOD.key, *(name for name, _ in self.from_anchor)})

    def renamed(self, as_exported: bool) -> set[str]:
        """Return the kinds whose files change its values, or those of its bases; of merges none if `as_exported`."""
        own = set() if as_exported and self.as_exported else {*self.renamed_by}
        return own.union(*(base.renamed(as_exported) for base in self.bases))


@dataclass(frozen=True)
class Metric:
    """A number with its meaning. `rows` is SQL that is true for the rows it rests on: a rate's denominator.

    `numerator` is SQL for the rows that a rate counts among them. `rest` says in words what the other rows lack
    ("have no customer"), and `among` are parts of its rows whose number is stated: a name, words and SQL. `without` is
    SQL of the figure without the first of these. `log` names the log that shows the rows, '' the report's first one.
    `not_for` are the filters that say nothing about the metric. `good` says which direction is good news (colour), None
    when neither is. `decomposes` says how values add up to it: as a `sum`, as the parts of a `mean`, or as `none`
    (distinct counts, ratios over them, medians, percentiles, peaks). `each` is SQL for what a row of the cards' entity
    adds to a sum or has in a mean, where that is neither its number nor whether the numerator is true of it; a median
    has that of the average that explains it. `between` are the columns that say when a row begins and ends to count in
    a peak, the most rows at once. `is_change` is True for what is shown with its sign: a part of a change,
    namely of the figure that `part_of` is SQL for. `kinds` are the export kinds that it rests on, where these are not
    all of its entity.
    """

    name: str
    label: str
    format: MetricFormat
    definition: str
    formula: str
    rows: str = "true"
    numerator: str = ""
    rows_label: str = "contacts"
    rest: str = ""
    among: tuple[tuple[str, str, str], ...] = ()
    without: str = ""
    log: str = ""
    not_for: frozenset[str] = frozenset()
    good: Literal["up", "down"] | None = None
    decomposes: Literal["sum", "mean", "none"] = "none"
    each: str = ""
    between: tuple[str, str] | None = None
    is_change: bool = False
    part_of: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def is_additive(self) -> bool:
        """Whether it can be summed over rows of a table."""
        return self.decomposes == "sum"

    @cached_property
    def amount(self) -> str:
        """What a row adds to the sum or has in the mean, as SQL; missing in the rows that it does not rest on."""
        own = f"({self.numerator})::int" if self.numerator else "1"
        return self.each or (own if self.rows == "true" else f"case when {self.rows} then {own} end")

    @cached_property
    def parts(self) -> dict[str, str]:
        """The parts of the metric's rows that can be looked at, as SQL: all that it rests on under ''."""
        parts = {"": self.rows}
        if self.numerator:
            parts |= {
                "numerator": f"({self.rows}) and ({self.numerator})",
                "denominator": self.rows,
            }
        parts |= {name: f"({self.rows}) and ({sql})" for name, _, sql in self.among}
        if self.rows != "true":
            parts["rest"] = f"({self.rows}) is not true"
        return parts


@dataclass(frozen=True)
class Log:
    """What a log has besides: the columns that it `offers` after those shown by default, and its order, a column.

    Its SELECT is made of them. Those of them that are no plain columns of the entity have their SQL in `computed`. It
    is searched in the columns `search`, and in the columns `search_only` that are there for nothing else: names as
    they were joined, which takes a quarter of the time of names that stand in for IDs.
    """

    offers: tuple[str, ...]
    search: tuple[str, ...]
    sort: str
    search_only: tuple[str, ...] = ()
    computed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tile:
    """One answer on a page: `queries/<report>/<name>.sql`, or `queries/<sql>.sql` where tiles share a SELECT.

    In a shared one {dimensions} stands for the tile's own; one that was made for a question has its `select` with it.
    `columns` are the columns of its SELECT, in order (for a
    log: those shown by default). `dimensions` are those among them that identify a row, and columns of the entity. A
    tile that `compares_itself` selects from the `_before` relations and returns the comparison's columns by itself.
    `drawn` are the columns that a table draws as bars, a heat map as colours, a line with its band, and contributions
    as part, average and count. All that a chart can draw are `drawings`, by what people call them, `drawn` among them.
    On a page tiles of one `card` share it, with a switch between them, by what each is `picked_as`, or else by its
    first dimension; those that are `is_half` stand two to a row, those `is_folded` are opened by a click. `groups`
    frames metrics.
    `note` is a line under the title, only while `note_when` is true of the range: SQL over its rows before filters and
    pins; {touch} in it stands for the one chosen. `stated` pairs SQL that counts some of its rows with what to say
    about them, {n} being their number, and {0}, {1} the moments or numbers that SQL behind it has.
    `growing` is SQL for where the rows stand whose figures still grow with later loads, `filling` for where the periods
    stand that days before the first loaded ones would change.
    `cells_log` names the log of a cell's rows where the metric's own is not it; a
    {dimension} in it stands for the cell's value. `rows_label` says what a log's rows are where they are not the
    report's. `sheet` is what its sheet in a workbook is called where the title is longer than Excel's 31 letters. A
    The `settings` of the question that its figures follow most are set beside it. A
    tile that `needs` a key is shown while the selection has exactly one value of it; if it `is_history`, neither dates
    nor other filters narrow it.
    """

    name: str
    title: str
    shape: Shape
    entity: Entity
    columns: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    log: Log | None = None
    compares_itself: bool = False
    drawn: tuple[str, ...] = ()
    drawings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    note: str = ""
    note_when: str = "true"
    stated: tuple[tuple[str, ...], ...] = ()
    growing: str = ""
    filling: str = ""
    cells_log: str = ""
    rows_label: str = ""
    settings: tuple[str, ...] = ()
    needs: str = ""
    is_history: bool = False
    sql: str = ""
    select: str = ""
    sheet: str = ""
    optional_kind: str | None = None  # shown only when this kind is loaded
    card: str = ""
    picked_as: str = ""
    is_half: bool = False
    is_folded: bool = False
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def offered(self) -> tuple[str, ...]:
        """Every column that can be looked at: of a log those that it offers besides."""
        return (*self.columns, *(self.log.offers if self.log else ()))


@dataclass(frozen=True, eq=False)  # each is the only one of its name: comparing and hashing all of it is slow
class Report:
    """One page: what it answers, from which exports, with which filters, tiles and metrics.

    The first two filters stand on the page; the others are added on demand. `dimensions` are those that can be pinned
    and are no filters. `main` is the entity that it is about, from which options are offered. `settings` are the
    switches of a selection that change its numbers. `about` are pairs of a heading and a text. A page opens with the
    rows of the metric `opens_with` in its log, '' for all of them.
    """

    name: str
    title: str
    system: str
    icon: str
    purpose: str
    rows_label: str
    kinds: tuple[str, ...]
    main: Entity
    filters: tuple[Dimension, ...]
    metrics: tuple[Metric, ...]
    tiles: tuple[Tile, ...]
    about: tuple[tuple[str, str], ...]
    dimensions: tuple[Dimension, ...] = ()
    settings: tuple[str, ...] = ()
    opens_with: str = ""

    def tile(self, name: str) -> Tile:
        """Return the tile of that name. Raises UnknownName."""
        found = [tile for tile in self.tiles if tile.name == name]
        if not found:
            raise UnknownName(f"tile of {self.name}", name, self.tile_names)
        return found[0]

    @property
    def tile_names(self) -> tuple[str, ...]:
        """The names of the tiles, in the order of the page."""
        return tuple(tile.name for tile in self.tiles)

    @property
    def cards(self) -> Tile:
        """Its row of cards, which stands first."""
        return self.tiles[0]

    @property
    def logs(self) -> tuple[Tile, ...]:
        """The report's logs."""
        return tuple(tile for tile in self.tiles if tile.shape == "log")

    @property
    def log(self) -> Tile:
        """The report's first log."""
        return self.logs[0]

    def log_of(self, metric: Metric) -> Tile:
        """Return the log that shows a metric's rows."""
        return self.tile(metric.log) if metric.log else self.log

    def log_of_cell(self, tile: Tile, metric: Metric, cell: Mapping[str, str]) -> Tile:
        """Return the log that shows the rows of a metric in a cell of a tile, named by values of its dimensions.

        Raises BadSelection where the log depends on a dimension that the cell does not name.
        """
        if not tile.cells_log:
            return self.log_of(metric)
        try:
            return self.tile(tile.cells_log.format(**cell).lower())
        except KeyError as missing:
            raise BadSelection(f"The rows stand in several logs. Name the {missing.args[0]} of the cell") from None

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """The entities that its tiles are computed from, the main one first."""
        return tuple(dict.fromkeys((self.main, *(tile.entity for tile in self.tiles))))

    def entity_of(self, metric: Metric, tile: Tile) -> Entity:
        """Return the entity of a metric's rows in a tile: that of its own log, else the tile's."""
        return self.tile(metric.log).entity if metric.log else tile.entity

    def metric(self, name: str) -> Metric:
        """Return the metric of that name. Raises UnknownName."""
        found = [metric for metric in self.metrics if metric.name == name]
        if not found:
            raise UnknownName(f"metric of {self.name}", name, [metric.name for metric in self.metrics])
        return found[0]

    def sources(self, as_exported: bool) -> tuple[str, ...]:
        """Return the kinds whose files its numbers rest on, are changed by, or stand beside."""
        renamed = {kind for entity in self.entities for kind in entity.renamed(as_exported)}
        beside = [tile.optional_kind for tile in self.tiles if tile.optional_kind]
        return (*self.kinds, *sorted(renamed), *beside)

    @property
    def unit_dimension(self) -> Dimension | None:
        """The dimension that says what its money is in, None for a report without any."""
        return next((dimension for dimension in self.filters if dimension.is_single), None)

    @property
    def pinnable(self) -> tuple[Dimension, ...]:
        """Every dimension that a pin can have, in the order in which links name them."""
        return (PERIOD, *self.filters, *self.dimensions)

    def dimension(self, key: str) -> Dimension:
        """Return the filter or dimension of that key. Raises StopIteration."""
        return next(dimension for dimension in self.pinnable if dimension.key == key)
