"""What a workspace says of itself, which nearly every question asks for: read once for each of its versions."""

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from workbench.intake import recording
from workbench.time.coverage import Covered

SETTINGS = "select key, value from settings"


class Facts:
    """The facts of one version; each is read when it is first asked for, and nobody can change it.

    A write makes new ones once it is committed (`Database.writing`). So what was read before a commit is never taken
    for true of the version after it, whichever thread has read it.
    """

    def __init__(self, version: int, rows: Callable[[str], list[tuple[Any, ...]]]) -> None:
        """Remember nothing yet; `rows` returns the rows of a query as they are committed at that moment."""
        self.version, self._rows = version, rows

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """What is set, by key."""
        return MappingProxyType(dict(self._rows(SETTINGS)))

    @cached_property
    def loads(self) -> tuple[tuple[str, str, str | None, str | None], ...]:
        """The kinds of every load, its outcome as JSON, the hash of its file and what was chosen; newest first."""
        return tuple((kind, *others) for kind, *others in self._rows(recording.LOADS))

    @cached_property
    def covered(self) -> Mapping[str, tuple[Covered, ...]]:
        """What the loads cover in UTC, by kind."""
        found: dict[str, list[Covered]] = {}
        for kind, start, end, only in self._rows(recording.COVERED):
            found.setdefault(kind, []).append(Covered((start, end), recording.only_from_json(only)))
        return MappingProxyType({kind: tuple(spans) for kind, spans in found.items()})
