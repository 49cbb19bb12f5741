"""SELECTs as the trees that the database reads them as: how one is taken apart and another one made of its parts."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from workbench.store.workspace import Workspace

Node = dict[str, Any]


def grouped(workspace: Workspace, select: str, column: str) -> str:
    """Return a SELECT of aggregates, group by group of a column.

    Nothing for one that is not plain: of CTEs or several SELECTs, with groups or a limit of its own, or no SQL at all.
    """
    (nodes,) = read(workspace, [select])
    if len(nodes) != 1 or not _is_plain(nodes[0]):
        return ""
    return written(workspace, nodes[0], [column], nodes[0]["select_list"])


def read(workspace: Workspace, selects: Sequence[str]) -> list[list[Node]]:
    """Return the tree of each statement of each text; of one that is no SQL there are none."""
    found = workspace.rows("select json_serialize_sql(text) from (select unnest($1::varchar[]) as text)", [[*selects]])
    return [[statement["node"] for statement in json.loads(text).get("statements", ())] for (text,) in found]


def written(workspace: Workspace, node: Node, columns: Sequence[str], aggregates: Sequence[Node]) -> str:
    """Return a SELECT of columns and aggregates from what a node selects from, group by group of the columns.

    Behind the columns may stand the condition of its rows, where the node has none.
    """
    ((picked,),) = read(workspace, [f"select {', '.join(columns)}"])
    made = node | {
        "select_list": [*picked["select_list"], *aggregates],
        "where_clause": node["where_clause"] or picked["where_clause"],
        "aggregate_handling": "FORCE_AGGREGATES",  # group by all
        "modifiers": [], "having": None,
    }  # fmt: skip
    text = json.dumps({"error": False, "statements": [{"node": made, "named_param_map": []}]})
    return str(workspace.rows("select json_deserialize_sql($1::json)", [text])[0][0])


def selects(tree: object) -> Iterator[Node]:
    """Yield every SELECT in a tree, those within others too."""
    if isinstance(tree, dict):
        if tree.get("type") == "SELECT_NODE":
            yield tree
        for part in tree.values():
            yield from selects(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from selects(part)


def aggregates(node: Node, entity: str) -> dict[str, Node]:
    """Return by its name what a SELECT computes of all rows of an entity; nothing where it takes only some of them."""
    source = node["from_table"]
    if source.get("table_name") != entity or source["type"] != "BASE_TABLE" or node["where_clause"]:
        return {}
    return {
        part["alias"]: part
        for part in node["select_list"]
        if part["alias"] and part["class"] not in ("COLUMN_REF", "WINDOW") and not _has_window(part)
    }


def _has_window(tree: object) -> bool:
    parts: list[object] = list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    return (isinstance(tree, dict) and tree.get("class") == "WINDOW") or any(map(_has_window, parts))


def _is_plain(node: Node) -> bool:
    """Tell whether a SELECT, as a tree, has neither CTEs nor parts, groups, order or limit."""
    return node["type"] == "SELECT_NODE" and not (
        node["cte_map"]["map"] or node["group_expressions"] or node["modifiers"]
    )
