"""Small lists that an analyst keeps beside the data: each is JSON in a setting of its own, and a file to hand over."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from workbench.errors import BadSelection, WorkbenchError
from workbench.store.workspace import Workspace

MOST = 500  # entries of a list
# What is raised where an entry is not what a workbench writes.
BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
T = TypeVar("T")
Entry = dict[str, Any]


def kept(workspace: Workspace, key: str) -> list[Entry]:
    """Return the entries of a list, as they were kept."""
    return _entries(workspace.setting(key))


def _entries(text: str | None) -> list[Entry]:
    return list(json.loads(text or "[]"))


def understood(entries: Iterable[Entry], made: Callable[[Entry], T]) -> list[T]:
    """Return what is `made` of entries, without those that nobody understands, or does not any more."""
    return [each for entry in entries if (each := _understood(entry, made)) is not None]


def _understood(entry: Entry, made: Callable[[Entry], T]) -> T | None:
    with suppress(WorkbenchError, *BROKEN):
        return made(entry)
    return None


def replace(
    workspace: Workspace, key: str, made: Callable[[Entry], T], is_gone: Callable[[T], bool],
    new: Sequence[Entry] = (),
) -> int:  # fmt: skip
    """Keep a list without some of its entries, by what is `made` of them, and with new ones; return how many are gone.

    The others stay as they are, also those that nobody understands any more. Raises BadSelection for too many.
    """
    gone = 0

    def revised(found: list[Entry]) -> list[Entry]:
        nonlocal gone
        left = [entry for entry in found if (each := _understood(entry, made)) is None or not is_gone(each)]
        gone = len(found) - len(left)
        return [*left, *new]

    revise(workspace, key, revised)
    return gone


def revise(
    workspace: Workspace, key: str, revised: Callable[[list[Entry]], list[Entry]], *, is_of_numbers: bool = False
) -> None:
    """Keep the list that follows from the one that is kept, whatever others do meanwhile.

    One that `is_of_numbers` makes another version of the workspace. Raises BadSelection for too many entries.
    """

    def limited(found: list[Entry]) -> list[Entry]:
        entries = revised(found)
        if len(entries) > MOST:
            raise BadSelection(f"{len(entries):,} {key} are too many. Keep {MOST} at most")
        return entries

    found = kept(workspace, key)
    is_same = limited(found) == found
    workspace.ask("settings")
    if not is_same:
        workspace.record("settings", key=key)
        workspace.revise(
            key, lambda text: json.dumps(limited(_entries(text)), ensure_ascii=False), is_of_numbers=is_of_numbers
        )


def as_text(key: str, entries: Sequence[Entry]) -> str:
    """Return a list as the text of its file."""
    return json.dumps({"format": f"contact-workbench-{key}", key: entries}, indent=2, ensure_ascii=False) + "\n"


def of_text(key: str, text: str, made: Callable[[Entry], T]) -> list[T]:
    """Return what is `made` of the entries of a file. Raises BadSelection and says what is wrong."""
    try:
        return [made(entry) for entry in json.loads(text)[key]]
    except WorkbenchError:
        raise
    except BROKEN:
        raise BadSelection(f"The file holds no {key}. Choose one that was written by: {key} export") from None
