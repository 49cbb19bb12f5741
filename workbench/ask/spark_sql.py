"""Our SQL, which is DuckDB's, as Spark's: macros expanded, and what Spark has otherwise rewritten by one table.

Every function has to stand in one of two tables here. One that is in neither is an error that names it: passed on, it
could be another one of that name, or none. So sqlglot's own ideas of what functions mean are left aside.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.parsers.spark import SparkParser

from workbench.ask.relations import TOKENS, sql_file
from workbench.errors import NotOnEngine
from workbench.exports import KINDS
from workbench.intake.schema import table_columns

LAKE = "lake_"  # before the name of a table of the workspace, as that of the view that is read in its place
BOUND = "bound_"  # before the name of a parameter, which may be a word of SQL

# Functions of one name and one meaning. Arguments that are missing are left out by the aggregates of both.
SAME = frozenset({
    "abs", "avg", "bool_and", "bool_or", "ceil", "coalesce", "contains", "count", "dense_rank", "first_value", "floor",
    "greatest", "hour", "lag", "last_value", "lead", "least", "lower", "map_keys", "max", "median", "min", "nullif",
    "rank", "replace", "round", "row_number", "split_part", "sum", "trim", "upper",
})  # fmt: skip
# Functions of DuckDB, and what they are in Spark, whose timestamps are without a zone, in a session in UTC.
OTHERWISE = {
    "any_value(x)": "max(x)",  # Spark's own may be missing where there is a value
    "arg_max(x, y)": "max_by(x, case when x is not null then y end)",  # as DuckDB leaves out rows without an x
    "arg_min(x, y)": "min_by(x, case when x is not null then y end)",
    "count_star()": "count(*)",
    "date_trunc(unit, t)": "cast(date_trunc(unit, t) as timestamp_ntz)",
    "epoch_us(t)": "unix_micros(cast(t as timestamp))",
    "fsum(x)": "sum(x)",
    "hash(x)": "xxhash64(x)",  # Spark's `hash` has 32 bits, which different customers share
    "isodow(t)": "(dayofweek(cast(t as date)) + 5) % 7 + 1",  # not by `weekday`, which is -1 on Sundays in Sail
    "len(x)": "size(x)",
    "list(x)": "collect_list(x)",
    "list_contains(x, y)": "array_contains(x, y)",
    "list_distinct(x)": "array_distinct(array_compact(x))",
    "list_transform(x, y)": "transform(x, y)",
    "make_timestamp(micros)": "cast(timestamp_micros(micros) as timestamp_ntz)",
    "quantile_cont(x, share)": "percentile(x, share)",
    "range(a, b, step)": "filter(sequence(a, b, step), each -> each < b)",  # a sequence has its end
    "string_split(x, separator)": r"split(x, concat('\\Q', separator, '\\E'))",  # Spark's own splits by a pattern
    "strip_accents(x)": "translate(x, accented, plain)",
    "to_days(n)": "make_dt_interval(n)",
    "unnest(x)": "explode(x)",
}


class _OurParser(DuckDBParser):
    """Reads a function as a name with arguments."""

    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {"CAST": DuckDBParser.FUNCTION_PARSERS["CAST"]}


class _TheirParser(SparkParser):
    """Reads a function as a name with arguments."""

    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {"CAST": SparkParser.FUNCTION_PARSERS["CAST"]}


class _TheirGenerator(SparkGenerator):
    """Leaves a CTE where it stands: beside others, its name would be that of another."""

    EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar = set()


class _Ours(DuckDB):
    """DuckDB's SQL."""

    Parser = _OurParser


class _Theirs(Spark):
    """Spark's SQL."""

    Parser = _TheirParser
    Generator = _TheirGenerator


@dataclass(frozen=True)
class _Macro:
    """A function by what stands in its place, in which its parameters are names of columns."""

    parameters: tuple[str, ...]
    body: exp.Expr

    def applied(self, arguments: list[exp.Expr]) -> exp.Expr:
        """Return the body with arguments in the places of its parameters."""
        given = dict(zip(self.parameters, arguments, strict=False))

        def put(node: exp.Expr) -> exp.Expr:
            return _apart(given[node.name].copy()) if isinstance(node, exp.Column) and node.name in given else node

        return _apart(self.body.transform(put))


def _apart(node: exp.Expr) -> exp.Expr:
    """Return an expression that can stand in any place: in brackets where it is of several parts."""
    return exp.Paren(this=node) if isinstance(node, exp.Binary | exp.Not | exp.Is) else node


@cache
def _macros() -> Mapping[str, _Macro]:
    """Return our own macros, by name."""
    created = [found for found in sqlglot.parse(sql_file("macros.sql"), dialect=_Ours) if found]
    return {_name(each.this.this): _macro(each.this, each.expression) for each in created}


def _macro(declared: exp.Expr, body: exp.Expr) -> _Macro:
    return _Macro(tuple(each.name for each in declared.expressions), body)


def _name(function: exp.Expr) -> str:
    return function.name.lower()


@cache
def _otherwise() -> Mapping[str, _Macro]:
    """Return the functions that Spark has otherwise, by DuckDB's name."""
    return dict(_read_otherwise())


def _read_otherwise() -> Iterator[tuple[str, _Macro]]:
    accents = dict(zip(("accented", "plain"), map(exp.Literal.string, accented()), strict=True))
    for declared, body in OTHERWISE.items():
        function, spark = sqlglot.parse_one(declared, dialect=_Ours), sqlglot.parse_one(body, dialect=_Theirs)
        yield _name(function), _macro(function, _Macro(tuple(accents), spark).applied([*accents.values()]))


@cache
def accented() -> tuple[str, str]:
    """Return the letters that have a mark, with the plain ones in their order; marks of their own have none."""
    letters, plain, marks = [], [], []
    for letter in map(chr, range(128, 1 << 16)):  # beyond are no letters that people search for
        bare = "".join(part for part in unicodedata.normalize("NFD", letter) if unicodedata.category(part)[0] != "M")
        bare = unicodedata.normalize("NFC", bare)
        if not bare:
            marks.append(letter)
        elif bare != letter and len(bare) == 1:
            letters.append(letter)
            plain.append(bare)
    return "".join([*letters, *marks]), "".join(plain)


@lru_cache(maxsize=2_000)
def translated(sql: str, moments: frozenset[str] = frozenset(), of: str = "") -> str:
    """Return our SQL as Spark's, with parameters `:bound_<name>`; those of `moments` are texts there, of timestamps.

    `of` names what it answers in the error. Raises NotOnEngine for a function that has no translation.
    """
    named = TOKENS.sub(lambda token: f"${BOUND}{token[1]}" if token[1] else token[0], sql)
    tree = sqlglot.parse_one(named, dialect=_Ours)
    try:
        spark = tree.transform(_Rewriting(moments).rewritten, copy=False)
    except _Unknown as unknown:
        raise NotOnEngine(
            f"{of}: the function {unknown} is not known to the engine. Ask without WORKBENCH_ENGINE"
        ) from None
    return spark.sql(dialect=_Theirs, identify=True, comments=False)


class _Unknown(Exception):
    """A function that stands in no table here."""


@dataclass(frozen=True)
class _Rewriting:
    """The rewriting of one text."""

    moments: frozenset[str]

    def rewritten(self, node: exp.Expr) -> exp.Expr:
        """Return what a node is in Spark; where that is another node, all in it is rewritten already."""
        rewrite = _REWRITES.get(type(node))
        return rewrite(self, node) if rewrite else node

    def _function(self, node: exp.Expr) -> exp.Expr:
        name = _name(node)
        if macro := _macros().get(name):
            return macro.applied(node.expressions).transform(self.rewritten, copy=False)
        if other := _otherwise().get(name):
            return other.applied([each.transform(self.rewritten, copy=False) for each in node.expressions])
        if name not in SAME:
            raise _Unknown(name)
        return self._ignoring_nulls(node) if any(isinstance(e, exp.IgnoreNulls) for e in node.expressions) else node

    def _ignoring_nulls(self, node: exp.Expr) -> exp.Expr:
        """Rewrite `f(x ignore nulls)` as `f(x) ignore nulls`."""
        given = [each.this if isinstance(each, exp.IgnoreNulls) else each for each in node.expressions]
        return exp.IgnoreNulls(this=exp.Anonymous(this=node.name, expressions=given).transform(self.rewritten, copy=False))

    def _parameter(self, node: exp.Expr) -> exp.Expr:
        is_moment = node.name.removeprefix(BOUND) in self.moments
        return exp.Cast(this=node, to=_moment()) if is_moment else node

    def _type(self, node: exp.Expr) -> exp.Expr:
        return _moment() if node.this == exp.DataType.Type.TIMESTAMP else node

    def _table(self, node: exp.Expr) -> exp.Expr:
        if node.args.get("db") is None:
            return node
        return exp.alias_(exp.to_table(f"{LAKE}{node.name}"), node.alias_or_name, table=True)

    def _at_time_zone(self, node: exp.Expr) -> exp.Expr:
        """Rewrite one of both ways: (wall at a zone) at UTC, or (instant at UTC) at a zone."""
        inner = node.this.unnest()
        to_utc = isinstance(node.args["zone"], exp.Literal)
        zone = inner.args["zone"] if to_utc else node.args["zone"]
        time = exp.Cast(this=inner.this.transform(self.rewritten, copy=False), to=exp.DataType.build("timestamptz"))
        name = "to_utc_timestamp" if to_utc else "from_utc_timestamp"
        moved = exp.Anonymous(this=name, expressions=[time, zone.transform(self.rewritten, copy=False)])
        return exp.Cast(this=moved, to=_moment())

    def _select(self, node: exp.Select) -> exp.Expr:
        """Rewrite what Spark has otherwise of a star; the order of its columns is nobody's."""
        node.set("expressions", [column for each in node.expressions for column in _without_star(node, each)])
        return node


def _without_star(select: exp.Select, column: exp.Expr) -> list[exp.Expr]:
    """Return `* replace (x as a)` as `* except (a), x as a`, and `t.* exclude (a)` as the table's other columns."""
    star = column.this if isinstance(column, exp.Column) else column
    if not isinstance(star, exp.Star):
        return [column]
    if isinstance(column, exp.Column) and star.args.get("except_"):
        (table,) = (t.name for t in select.find_all(exp.Table) if t.alias == column.table and t.args.get("db"))
        left = [name for name in _columns()[table] if name not in {out.name for out in star.args["except_"]}]
        return [exp.column(name, table=column.table) for name in left]
    replaced = star.args.get("replace") or []
    if replaced:
        star.set("replace", None)
        star.set("except_", [exp.to_identifier(each.alias) for each in replaced])
    return [column, *replaced]


@cache
def _columns() -> Mapping[str, tuple[str, ...]]:
    """Return the columns of every table of rows."""
    return {kind.table: tuple(name for name, _ in table_columns(kind)) for kind in KINDS.values()}


def _moment() -> exp.DataType:
    return exp.DataType(this=exp.DataType.Type.TIMESTAMPNTZ)


_REWRITES: Mapping[type, Callable[[_Rewriting, Any], exp.Expr]] = {
    exp.Anonymous: _Rewriting._function,
    exp.AtTimeZone: _Rewriting._at_time_zone,
    exp.DataType: _Rewriting._type,
    exp.Placeholder: _Rewriting._parameter,
    exp.Select: _Rewriting._select,
    exp.Table: _Rewriting._table,
}
