"""Customer merges: every merged customer to the one that stands for it in the end, chains followed."""

from collections.abc import Collection, Sequence
from itertools import dropwhile, groupby

import duckdb

from workbench.errors import FileRefused

# Each table of merges, and the one that has every merged customer with the one that stands for it.
ROOTS = {
    "gladly_customer_merges": "gladly_customer_roots",
    "lexer_customer_merges": "lexer_customer_roots",
}


OTHERS = "…"  # customers of a cycle whom the file does not name


def settle(cursor: duckdb.DuckDBPyConnection, merges: str, file: str, load_id: int | None = None) -> None:
    """Recompute the roots (merged_customer_id, customer_id) of a table of merges.

    Raises FileRefused when the merges of all loads close a cycle. It names of that only who stands in the rows of this
    load: whoever loads the file may be one who does not see other customers.
    """
    into: dict[str, str] = dict(cursor.execute(f"select merged_customer_id, customer_id from {merges}").fetchall())
    found: dict[str, str] = {}
    for merged in into:
        root, chain = merged, dict[str, None]()
        while root in into and root not in found:
            if root in chain:
                raise _refused(file, [*dropwhile(root.__ne__, chain)], _named(cursor, merges, load_id))
            chain[root] = None
            root = into[root]
        last = found.get(root, root)
        found |= dict.fromkeys(chain, last)
    cursor.execute(f"create or replace table {ROOTS[merges]} (merged_customer_id varchar, customer_id varchar)")
    if found:
        cursor.execute(f"insert into {ROOTS[merges]} select unnest(?), unnest(?)", [list(found), list(found.values())])


def _named(cursor: duckdb.DuckDBPyConnection, merges: str, load_id: int | None) -> set[str]:
    """Return who stands in the rows that a load has brought, or has found again."""
    again = f"select key from unchanged_rows where load_id = $1 and table_name = '{merges}'"
    sql = f"from {merges} where load_id = $1 or merged_customer_id in ({again})"
    rows = cursor.execute(f"select merged_customer_id, customer_id {sql}", [load_id]).fetchall()
    return {name for row in rows for name in row}


def _refused(file: str, cycle: Sequence[str], named: Collection[str]) -> FileRefused:
    """Return the error of a cycle, which begins and ends with one who is named, where anybody is."""
    first = next((place for place, each in enumerate(cycle) if each in named), 0)
    turned = [*cycle[first:], *cycle[:first], cycle[first]]
    runs = [(known, [*run]) for known, run in groupby(turned, named.__contains__)]
    shown = [each for known, run in runs for each in (run if known else [OTHERS])]
    if shown == [OTHERS]:  # where a load is taken back there is no file, and its rows are none of the cycle
        return FileRefused(f"{file}: closes a cycle of customer merges. Take back the later loads of merges first")
    return FileRefused(f"{file}: closes a cycle of customer merges: {' → '.join(shown)}. Take one of these rows out")
