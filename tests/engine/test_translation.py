"""What Spark has otherwise is rewritten, and what is not known there is an error; no engine is needed to see it."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from workbench.ask.spark_sql import OTHERWISE, accented, translated
from workbench.errors import NotOnEngine

ROOT = Path(__file__).parents[2]
# A function of ours with what has to be of it in Spark.
REWRITTEN = {
    "any_value(a)": "MAX(`a`)",
    "arg_max(a, b)": "MAX_BY(`a`, CASE WHEN NOT `a` IS NULL THEN `b` END)",
    "arg_min(a, b)": "MIN_BY(`a`, CASE WHEN NOT `a` IS NULL THEN `b` END)",
    "count_star()": "COUNT(*)",
    "date_trunc('month', a)": "CAST(DATE_TRUNC('month', `a`) AS TIMESTAMP_NTZ)",
    "epoch_us(a)": "UNIX_MICROS(CAST(`a` AS TIMESTAMP))",
    "fsum(a)": "SUM(`a`)",
    "hash(a)": "XXHASH64(`a`)",
    "isodow(a)": "(DAYOFWEEK(CAST(`a` AS DATE)) + 5) % 7 + 1",
    "len(a)": "SIZE(`a`)",
    "list(a)": "COLLECT_LIST(`a`)",
    "list_contains(a, b)": "ARRAY_CONTAINS(`a`, `b`)",
    "list_distinct(a)": "ARRAY_DISTINCT(ARRAY_COMPACT(`a`))",
    "list_transform(a, lambda b: upper(b))": "TRANSFORM(`a`, `b` -> UPPER(b))",
    "make_timestamp(a)": "CAST(TIMESTAMP_MICROS(`a`) AS TIMESTAMP_NTZ)",
    "quantile_cont(a, [0.5, 0.9])": "PERCENTILE(`a`, ARRAY(0.5, 0.9))",
    "range(a, b, interval 1 month)": "FILTER(SEQUENCE(`a`, `b`, INTERVAL '1' MONTH), `each` -> `each` < `b`)",
    "string_split(a, ',')": r"SPLIT(`a`, CONCAT('\\Q', ',', '\\E'))",
    "to_days(a)": "MAKE_DT_INTERVAL(`a`)",
    "to_minutes(a)": "MAKE_DT_INTERVAL(0, 0, `a`)",
    "unnest(a)": "EXPLODE(`a`)",
}


def spark_of(expression: str) -> str:
    return translated(f"select {expression} as x from t").removeprefix("SELECT ").removesuffix(" AS `x` FROM `t`")


@pytest.mark.parametrize(("ours", "theirs"), REWRITTEN.items())
def test_what_spark_has_otherwise_is_rewritten(ours: str, theirs: str) -> None:
    assert spark_of(ours).strip("()") == theirs.strip("()")


def test_every_rewritten_function_has_its_test() -> None:
    assert {text.partition("(")[0] for text in (*REWRITTEN, "strip_accents(x)", "list_reduce(x)")} == {
        text.partition("(")[0] for text in OTHERWISE
    }


def test_a_text_is_found_without_its_accents_as_the_database_finds_it() -> None:
    letters, plain = accented()
    table = str.maketrans(dict(zip(letters, [*plain, *[""] * (len(letters) - len(plain))], strict=True)))
    every = [chr(n) for n in range(1, 0x0C00)]  # beyond, their editions of Unicode differ in two signs
    with duckdb.connect() as connection:
        rows = connection.execute("select unnest($1), strip_accents(unnest($1))", [every]).fetchall()
    assert [letter for letter, bare in rows if letter.translate(table) != bare] == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("select a::timestamp from t", "SELECT CAST(`a` AS TIMESTAMP_NTZ) FROM `t`"),
        (
            "with t as (select 1 as a, 2 as b) select * replace (b as a) from t",
            "WITH `t` AS (SELECT 1 AS `a`, 2 AS `b`) SELECT `t`.`b`, `b` AS `a` FROM `t`",
        ),
        (
            "with t as (with t as (select 1 as a, 2 as b) from t) select u.* exclude (a) from (from t) as u",
            "WITH `t` AS (WITH `t` AS (SELECT 1 AS `a`, 2 AS `b`) SELECT * FROM `t`) "
            "SELECT `u`.`b` FROM (SELECT * FROM `t`) AS `u`",
        ),
        ("select l[1], extra['x'] from t", "SELECT `l`[0], `extra`['x'] FROM `t`"),
        (
            "select last_value(a ignore nulls) over (order by b) from t",
            "SELECT LAST_VALUE(`a`) IGNORE NULLS OVER (ORDER BY `b` NULLS LAST) FROM `t`",
        ),
        (
            "with t as (with u as (select 1 as a) from u) select a from (with u as (select 2 as a) from u), t",
            "WITH `t` AS (WITH `u` AS (SELECT 1 AS `a`) SELECT * FROM `u`) "
            "SELECT `a` FROM (WITH `u` AS (SELECT 2 AS `a`) SELECT * FROM `u`), `t`",
        ),
        (
            "select a, b + 1 as c, sum(count(*)) over (partition by a) as s, fsum(d) as e from t group by all",
            "SELECT `a`, `b` + 1 AS `c`, SUM(COUNT(*)) OVER (PARTITION BY `a`) AS `s`, SUM(`d`) AS `e` FROM `t` "
            "GROUP BY 1, 2",
        ),
        (
            "with t as (select 1 as a, 2 as b) select a + 1 as c, c * 2 as d, b as e, a as b, b as f from t",
            "WITH `t` AS (SELECT 1 AS `a`, 2 AS `b`) "
            "SELECT `a` + 1 AS `c`, (`a` + 1) * 2 AS `d`, `b` AS `e`, `a` AS `b`, `b` AS `f` FROM `t`",
        ),
        (
            "with t as (select 1 as a, 2 as b) select a + 1 as c, b as a from t where c > 2 and a = 1",
            "WITH `t` AS (SELECT 1 AS `a`, 2 AS `b`) SELECT `a` + 1 AS `c`, `b` AS `a` FROM `t` "
            "WHERE (`a` + 1) > 2 AND `a` = 1",
        ),
        ("select max(a) as a from t group by all", "SELECT MAX(`a`) AS `a` FROM `t`"),
        ("from main.loads", "SELECT * FROM `lake_loads` AS `loads`"),
        ("select a from t order by a, b desc", "SELECT `a` FROM `t` ORDER BY `a` NULLS LAST, `b` DESC"),
        ("select a from t where b = $from", "SELECT `a` FROM `t` WHERE `b` = CAST(:bound_from AS TIMESTAMP_NTZ)"),
        ("select a from t where b = $name", "SELECT `a` FROM `t` WHERE `b` = :bound_name"),
        ("select 'it costs $from' from t", "SELECT 'it costs $from' FROM `t`"),
        (
            "select (a at time zone z) at time zone 'UTC' as x from t",
            "SELECT CAST(TO_UTC_TIMESTAMP(CAST(`a` AS TIMESTAMP), `z`) AS TIMESTAMP_NTZ) AS `x` FROM `t`",
        ),
        (
            "select (a at time zone 'UTC') at time zone z as x from t",
            "SELECT CAST(FROM_UTC_TIMESTAMP(CAST(`a` AS TIMESTAMP), `z`) AS TIMESTAMP_NTZ) AS `x` FROM `t`",
        ),
    ],
)
def test_a_form_of_sql_that_spark_has_otherwise_is_rewritten(ours: str, theirs: str) -> None:
    assert translated(ours, frozenset({"from"})) == theirs


def test_columns_of_a_table_that_are_left_out_are_left_out_by_name() -> None:
    sql = translated("select users.* exclude (name), users.name as user from main.respondio_users as users")
    assert "`users`.`user_id`" in sql
    assert "*" not in sql
    assert sql.count("`name`") == 1


def test_a_list_is_taken_together_step_by_step_from_a_start() -> None:
    spark = spark_of("list_reduce(range(0, a, 1), lambda so_far, n: so_far + b * n, 1.0)")
    assert spark.startswith("AGGREGATE(FILTER(SEQUENCE(0, `a`, 1), `each` -> `each` < `a`), 1.0, (")
    assert spark.endswith("`so_far` + `b` * `n`)")


def test_a_macro_stands_for_its_formula() -> None:
    assert spark_of("ratio(a, b + 1)").strip("()") == "`a` / NULLIF((`b` + 1), 0"


def test_a_function_that_is_not_known_is_an_error_that_names_it_and_the_tile() -> None:
    with pytest.raises(NotOnEngine, match="contacts totals: the function soundex is not known to the engine"):
        translated("select ratio(soundex(a), 1) from t", of="contacts totals")


def test_without_the_setting_nothing_of_the_engine_is_imported() -> None:
    code = (
        "import sys; from workbench import Workbench; import workbench.cli, workbench.ui.page\n"
        "Workbench.sample().report('contacts').tile('totals')\n"
        "print(sorted({'sqlglot', 'pyspark', 'grpc', 'pyiceberg'} & {name.split('.')[0] for name in sys.modules}))"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WORKBENCH_")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
