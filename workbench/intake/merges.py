"""Customer merges: every merged customer to the one that stands for it in the end, chains followed."""

from itertools import dropwhile

import duckdb

from workbench.errors import FileRefused

# Each table of merges, and the one that has every merged customer with the one that stands for it.
ROOTS = {
    "gladly_customer_merges": "gladly_customer_roots",
    "lexer_customer_merges": "lexer_customer_roots",
}


def settle(cursor: duckdb.DuckDBPyConnection, merges: str, file: str) -> None:
    """Recompute the roots (merged_customer_id, customer_id) of a table of merges.

    Raises FileRefused when the merges of all loads close a cycle, naming it.
    """
    into: dict[str, str] = dict(cursor.execute(f"select merged_customer_id, customer_id from {merges}").fetchall())
    found: dict[str, str] = {}
    for merged in into:
        root, chain = merged, dict[str, None]()
        while root in into and root not in found:
            if root in chain:
                cycle = " → ".join([*dropwhile(root.__ne__, chain), root])
                raise FileRefused(f"{file}: closes a cycle of customer merges: {cycle}. Take one of these rows out")
            chain[root] = None
            root = into[root]
        last = found.get(root, root)
        found |= dict.fromkeys(chain, last)
    cursor.execute(f"create or replace table {ROOTS[merges]} (merged_customer_id varchar, customer_id varchar)")
    if found:
        cursor.execute(f"insert into {ROOTS[merges]} select unnest(?), unnest(?)", [list(found), list(found.values())])
