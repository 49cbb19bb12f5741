"""Our SQL, which is DuckDB's, as Spark's: macros expanded, and what Spark has otherwise rewritten by one table.

Every function has to stand in one of two tables here. One that is in neither is an error that names it: passed on, it
could be another one of that name, or none. So sqlglot's own ideas of what functions mean are left aside.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar, cast

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
from workbench.store.schema import TABLES

# Those of Spark that have one value for many rows.
AGGREGATES = frozenset({
    "avg", "bool_and", "bool_or", "collect_list", "count", "max", "max_by", "median", "min", "min_by", "percentile",
    "sum", "var_samp",
})  # fmt: skip
LAKE = "lake_"  # before the name of a table of the workspace, as that of the view that is read in its place
BOUND = "bound_"  # before the name of a parameter, which may be a word of SQL

# Functions of one name and one meaning. Arguments that are missing are left out by the aggregates of both.
SAME = frozenset({
    "abs", "avg", "bool_and", "bool_or", "ceil", "coalesce", "contains", "count", "dense_rank", "exp", "first_value",
    "floor", "greatest", "hour", "lag", "last_value", "lead", "least", "lower", "map_keys", "max", "median", "min",
    "nullif", "rank", "replace", "round", "row_number", "split_part", "sqrt", "sum", "trim", "upper", "var_samp",
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
    "list_reduce(x, step, start)": "aggregate(x, start, step)",
    "list_distinct(x)": "array_distinct(array_compact(x))",
    "list_transform(x, y)": "transform(x, y)",
    "make_timestamp(micros)": "cast(timestamp_micros(micros) as timestamp_ntz)",
    "quantile_cont(x, share)": "percentile(x, share)",
    "range(a, b, step)": "filter(sequence(a, b, step), each -> each < b)",  # a sequence has its end
    "string_split(x, separator)": r"split(x, concat('\\Q', separator, '\\E'))",  # Spark's own splits by a pattern
    "strip_accents(x)": "translate(x, accented, plain)",
    "to_days(n)": "make_dt_interval(n)",
    "to_minutes(n)": "make_dt_interval(0, 0, n)",
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
    _write_out_stars(tree)
    _write_out_aliases(tree)
    try:
        spark = tree.transform(_Rewriting(moments).rewritten, copy=False)
    except _Unknown as unknown:
        raise NotOnEngine(
            f"{of}: the function {unknown} is not known to the engine. Ask without WORKBENCH_ENGINE"
        ) from None
    _write_out_groups(spark)
    return spark.sql(dialect=_Theirs, identify=True, comments=False, copy=False)


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
        function = exp.Anonymous(this=node.name, expressions=given)
        return exp.IgnoreNulls(this=function.transform(self.rewritten, copy=False))

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


def _write_out_stars(tree: exp.Expr) -> None:
    """Put columns by name in the place of `* replace (x as a)` and `t.* exclude (a)`, which not all of them read."""
    for select in list(tree.find_all(exp.Select)):
        select.set("expressions", [column for each in select.expressions for column in _without_star(select, each)])


def _write_out_aliases(tree: exp.Expr) -> None:
    """Put the formula of a column in the place of its name behind it, and in the condition of the rows.

    Where a source has a column of that name, that one is meant.
    """
    for select in list(tree.find_all(exp.Select)):
        formulas: dict[str, exp.Expr] = {}
        for column in select.expressions:
            for used in [used for used in column.find_all(exp.Column) if not used.table and used.name in formulas]:
                if used.find_ancestor(exp.Select) is select and not _has(select, used.name):
                    used.replace(_apart(formulas[used.name].copy()))
            if isinstance(column, exp.Alias):
                formulas[column.alias] = column.this
        where = select.args.get("where")
        for used in [used for used in where.find_all(exp.Column) if used.name in formulas] if where else []:
            if not used.table and used.find_ancestor(exp.Select) is select and not _has(select, used.name):
                used.replace(_apart(formulas[used.name].copy()))


def _has(select: exp.Select, name: str) -> bool:
    """Tell whether a source of a SELECT has a column of a name; one whose columns are not known may have it."""
    sources = [source.this for source in (select.args.get("from_"), *(select.args.get("joins") or ())) if source]
    try:
        return any(name in _names(source) for source in sources)
    except (KeyError, NotOnEngine):
        return True


def _write_out_groups(tree: exp.Expr) -> None:
    """Put the places of the columns that are grouped by in the place of `group by all`, which not all of them read."""
    for select in tree.find_all(exp.Select):
        if (group := select.args.get("group")) and group.args.get("all"):
            places = [n for n, column in enumerate(select.expressions, start=1) if not _is_aggregate(column)]
            select.set("group", exp.Group(expressions=[exp.Literal.number(n) for n in places]) if places else None)


def _is_aggregate(node: Any) -> bool:
    """Tell whether an expression has one value for many rows; of a window, what is in it does."""
    if isinstance(node, exp.Query):
        return False
    if isinstance(node, exp.Window):
        function = node.this.this if isinstance(node.this, exp.IgnoreNulls) else node.this
        inner = [*function.iter_expressions(), *(each for each in node.iter_expressions() if each is not node.this)]
        return any(map(_is_aggregate, inner))
    if isinstance(node, exp.Func) and _name(node) in AGGREGATES:
        return True
    return any(map(_is_aggregate, node.iter_expressions()))


def _without_star(select: exp.Select, column: exp.Expr) -> list[exp.Expr]:
    """Return a column as it is, or what stands for a star without some columns, those that are replaced behind."""
    star = column.this if isinstance(column, exp.Column) else column
    if not isinstance(star, exp.Star) or not (star.args.get("except_") or star.args.get("replace")):
        return [column]
    kept = [exp.column(name, table=source or None) for source, name in _of_star(select, column)]
    return [*kept, *(star.args.get("replace") or [])]


def _of_star(select: exp.Select, column: exp.Expr) -> Iterator[tuple[str, str]]:
    """Give source and name of the columns of a star that it neither leaves out nor replaces."""
    star = column.this if isinstance(column, exp.Column) else column
    of = column.table if isinstance(column, exp.Column) else ""
    left = {each.alias_or_name for each in (*(star.args.get("except_") or ()), *(star.args.get("replace") or ()))}
    for source in (select.args["from_"], *(select.args.get("joins") or ())):
        if of in ("", source.this.alias_or_name):
            yield from ((source.this.alias_or_name, name) for name in _names(source.this) if name not in left)


def _names(source: exp.Expr) -> list[str]:
    """Return the columns of a table, of a CTE that is in reach, or of a query in brackets."""
    if isinstance(source, exp.Table) and source.args.get("db"):
        return list(_columns()[source.name])
    if isinstance(source, exp.Table):
        return _names(_cte(source))
    while not isinstance(source, exp.Select):  # brackets, and of several that are united the first
        source = source.this
    return [name for each in source.expressions for name in _names_of(source, each)]


def _names_of(select: exp.Select, column: exp.Expr) -> list[str]:
    """Return the names of the columns that one of a SELECT stands for."""
    star = column.this if isinstance(column, exp.Column) else column
    if not isinstance(star, exp.Star):
        return [column.alias_or_name]
    return [*(name for _, name in _of_star(select, column)), *(each.alias for each in star.args.get("replace") or ())]


def _cte(table: exp.Table) -> exp.Expr:
    """Return the nearest CTE of a table's name that does not hold the table itself."""
    node: exp.Expr | None = table
    around: list[exp.Expr] = []
    while node:
        for cte in node.args["with_"].expressions if node.args.get("with_") else ():
            if cte.alias == table.name and not any(each is cte for each in around):
                return cast(exp.Expr, cte)
        around.append(node)
        node = node.parent
    raise NotOnEngine(f"The columns of {table.name} are not known to the engine. Ask without WORKBENCH_ENGINE")


@cache
def _columns() -> Mapping[str, tuple[str, ...]]:
    """Return the columns of every table."""
    created = [found.this for found in sqlglot.parse(TABLES, dialect=_Ours) if found]
    own = {each.this.name: tuple(column.name for column in each.expressions) for each in created}
    return own | {kind.table: tuple(name for name, _ in table_columns(kind)) for kind in KINDS.values()}


def _moment() -> exp.DataType:
    return exp.DataType(this=exp.DataType.Type.TIMESTAMPNTZ)


_REWRITES: Mapping[type, Callable[[_Rewriting, Any], exp.Expr]] = {
    exp.Anonymous: _Rewriting._function,
    exp.AtTimeZone: _Rewriting._at_time_zone,
    exp.DataType: _Rewriting._type,
    exp.Placeholder: _Rewriting._parameter,
    exp.Table: _Rewriting._table,
}
