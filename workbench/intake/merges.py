"""Customer merges: every merged customer to the one that stands for it in the end, chains followed."""

import duckdb

from workbench.errors import FileRefused


def settle(cursor: duckdb.DuckDBPyConnection, merges: str, roots: str, file: str) -> None:
    """Recompute the table `roots` (merged_customer_id, customer_id) from the table `merges`.

    Raises FileRefused when the merges of all loads close a cycle, naming it.
    """
    into = dict(cursor.execute(f"select merged_customer_id, customer_id from {merges}").fetchall())
    found: dict[str, str] = {}
    for merged in into:
        chain = [merged]
        while chain[-1] in into and chain[-1] not in found:
            chain.append(into[chain[-1]])
            if chain[-1] in chain[:-1]:
                cycle = " → ".join(chain[chain.index(chain[-1]) :])
                raise FileRefused(f"{file}: closes a cycle of customer merges: {cycle}. Take one of these rows out")
        root = found.get(chain[-1], chain[-1])
        found.update(dict.fromkeys(chain[:-1], root))
    cursor.execute(f"create or replace table {roots} (merged_customer_id varchar, customer_id varchar)")
    if found:
        cursor.execute(f"insert into {roots} select unnest(?), unnest(?)", [list(found), list(found.values())])
