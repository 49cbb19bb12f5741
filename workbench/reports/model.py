"""What a report consists of: declared once, read by the page, the command line and the notebook."""

from dataclasses import dataclass
from typing import Literal

from workbench.errors import UnknownName

Format = Literal["count", "decimal", "rate", "duration"]
Shape = Literal["metrics", "bars_over_time", "bar_and_pie", "bar", "table", "log"]


@dataclass(frozen=True)
class Entity:
    """Rows that tiles are computed from: `queries/entities/<name>.sql`, one relation over everything that is loaded.

    `kind` is the export kind whose loads cover it. `anchor` is the column that places a row in time, local in the
    relation; `anchor_utc` the same instant in UTC, None where the file has only dates. `timestamps` are the
    other columns in UTC, shown in the reporting zone. `as_exported` pairs a column with the one that holds its value
    before customer merges. `dimensions` are the columns that filters and pins can apply to.
    """

    name: str
    kind: str
    anchor: str
    anchor_utc: str | None
    dimensions: frozenset[str]
    timestamps: tuple[str, ...] = ()
    as_exported: tuple[tuple[str, str], ...] = ()
    period_end: str | None = None  # for rows that are periods themselves: SQL for their exclusive end


@dataclass(frozen=True)
class Metric:
    """A number with its meaning. `rows` is SQL that is true for the rows it rests on.

    `good` says which direction is good news (colour), None when neither is. `is_additive` is False for what must
    not be summed over rows of a table (distinct counts, ratios).
    """

    name: str
    label: str
    format: Format
    definition: str
    formula: str
    rows: str = "true"
    rows_label: str = "contacts"
    good: Literal["up", "down"] | None = None
    is_additive: bool = False


@dataclass(frozen=True)
class Dimension:
    """A column by which rows are filtered, grouped and pinned. `missing` names the rows without a value."""

    key: str
    label: str
    missing: str
    is_enum: bool = False
    value_labels: tuple[tuple[str, str], ...] = ()

    def shown(self, value: object) -> str:
        """Return the label a person would say for a stored value; `None` and '' are the missing value."""
        if value is None or value != value or value == "":  # a missing value of pandas differs from itself
            return self.missing
        labels = dict(self.value_labels)
        return labels.get(str(value), str(value).replace("_", " ").capitalize() if self.is_enum else str(value))


@dataclass(frozen=True)
class Tile:
    """One answer on a page: `queries/<report>/<name>.sql`.

    `columns` are the columns of its SELECT, in order (for a log: those shown by default). `dimensions` are those among
    them that identify a row, and columns of the entity.
    """

    name: str
    title: str
    shape: Shape
    entity: str
    columns: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    sort: str = ""
    optional_kind: str | None = None  # shown only when this kind is loaded


@dataclass(frozen=True)
class Report:
    """One page: what it answers, from which exports, with which filters, tiles and metrics.

    The first two filters stand on the page; the others are added on demand. `about` are pairs of a heading and a text.
    """

    name: str
    title: str
    system: str
    icon: str
    purpose: str
    rows_label: str
    kinds: tuple[str, ...]
    entities: tuple[Entity, ...]
    filters: tuple[Dimension, ...]
    metrics: tuple[Metric, ...]
    tiles: tuple[Tile, ...]
    about: tuple[tuple[str, str], ...]

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
    def log(self) -> Tile:
        """The report's first log."""
        return next(tile for tile in self.tiles if tile.shape == "log")

    def entity(self, name: str) -> Entity:
        """Return the entity of that name. Raises StopIteration."""
        return next(entity for entity in self.entities if entity.name == name)

    @property
    def main(self) -> Entity:
        """The entity that the report is about: the first."""
        return self.entities[0]

    def metric(self, name: str) -> Metric:
        """Return the metric of that name. Raises StopIteration."""
        return next(metric for metric in self.metrics if metric.name == name)

    def dimension(self, key: str) -> Dimension:
        """Return the filter or dimension of that key. Raises StopIteration."""
        return next(dimension for dimension in self.filters if dimension.key == key)
