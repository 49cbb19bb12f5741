"""Small lists that an analyst keeps beside the data: each is JSON in a setting of its own, and a file to hand over."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from workbench.errors import BadSelection, WorkbenchError
from workbench.store.workspace import Workspace

MOST = 500  # entries of a list
T = TypeVar("T")
Entry = dict[str, Any]


def kept(workspace: Workspace, key: str) -> list[Entry]:
    """Return the entries of a list, as they were kept."""
    return list(json.loads(workspace.setting(key) or "[]"))


def replace(
    workspace: Workspace, key: str, is_gone: Callable[[Entry], bool], new: Sequence[Entry] = (), *,
    is_of_numbers: bool = False,
) -> int:  # fmt: skip
    """Keep a list without some of its entries and with new ones; return how many are gone.

    The others stay as they are, also those that nobody understands any more. A list that `is_of_numbers` makes another
    version of the workspace. Raises BadSelection for too many.
    """
    found = kept(workspace, key)
    left = [entry for entry in found if not is_gone(entry)]
    entries = [*left, *new]
    if len(entries) > MOST:
        raise BadSelection(f"{len(entries):,} {key} are too many. Keep {MOST} at most")
    workspace.ask("settings")
    if entries != found:
        workspace.record("settings", key=key)
        text = json.dumps(entries, ensure_ascii=False)
        keep = workspace.decide if is_of_numbers else workspace.keep
        keep("insert or replace into settings values ($1, $2)", [key, text])
    return len(found) - len(left)


def as_text(key: str, entries: Sequence[Entry]) -> str:
    """Return a list as the text of its file."""
    return json.dumps({"format": f"contact-workbench-{key}", key: entries}, indent=2, ensure_ascii=False) + "\n"


def of_text(key: str, text: str, made: Callable[[Entry], T]) -> list[T]:
    """Return what is `made` of the entries of a file. Raises BadSelection and says what is wrong."""
    try:
        return [made(entry) for entry in json.loads(text)[key]]
    except WorkbenchError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadSelection(f"The file holds no {key}. Choose one that was written by: {key} export") from None
